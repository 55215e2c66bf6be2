"""QA: one key for a pass, four for a fail, and nothing is judged by accident."""

from core.domain.commands import SendToRework
from core.domain.rejections import FaultReason
from core.domain.values import QAOutcome
from core.identity.ids import CardUnitId, OperationCode, job_of
from core.projections import CardUnitRow
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import QaView
from kiosk.station_session.inputs import ScanDamaged
from tests.core.shop import INSPECTOR, LEAD, QA, QA_2, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor


async def bench(floor: Floor, open_station: OpenStation) -> tuple[Station, tuple[CardUnitId, ...]]:
    """An inspector at the bench, and four cards that were just cut."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    return await open_station(QA, by=INSPECTOR), cards


async def row_of(floor: Floor, card: CardUnitId) -> CardUnitRow:
    """A card as it is."""
    row = await floor.store.card(card)
    assert row is not None
    return row


def entry_of(station: Station) -> tuple[tuple[str, ...], str]:
    """The codes that are taken for the card in hand, and what is typed of another."""
    work = station.shown.work
    assert isinstance(work, QaView)
    return tuple(chip.code for chip in work.entry.chips), work.entry.typed


async def test_a_card_passes_with_one_key(floor: Floor, open_station: OpenStation) -> None:
    """Scan and +; the card is put away, the next one is asked for."""
    station, cards = await bench(floor, open_station)
    assert (await station.scan(cards[0])).words == "CHECKED IN FOR QA"
    assert station.shown.typing_is_keys
    assert (await station.type("+")).words == f"{cards[0]} PASSED"
    assert not station.shown.typing_is_keys
    assert (await row_of(floor, cards[0])).last_outcome is QAOutcome.PASS


async def test_a_card_fails_with_four_keys(floor: Floor, open_station: OpenStation) -> None:
    """Three digits make a chip, Enter commits it."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("2", "0", "1")
    shown = station.shown.work
    assert isinstance(shown, QaView)
    assert [chip.code for chip in shown.entry.chips] == ["F-201"]
    said = await station.type("enter")
    assert (said.big, said.words) == ("F-201", f"{cards[0]} FAILED · F-201 foil misregistered")
    assert (await row_of(floor, cards[0])).last_codes == ("F-201",)


async def test_a_card_that_fails_is_sent_to_its_place_at_once(floor: Floor, open_station: OpenStation) -> None:
    """Given a card, when it fails, then the band says where it goes; after a pass it asks for the next one."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("2", "0", "1")
    said = await station.type("enter")
    assert said.instruction == "to the lead's shelf"
    # Nothing of it is cut on the narrowest screen, for a replacement's longer id neither.
    assert 3 + len(f"✗ {said.words}   {said.instruction}") + len("-R1") <= 77
    await station.scan(cards[1])
    assert (await station.type("+")).instruction == "scan the next card"


async def test_a_begun_verdict_is_finished_before_the_next_card(floor: Floor, open_station: OpenStation) -> None:
    """The next card is not begun, the codes stay, and nothing is committed."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("2", "0", "1")
    assert "FINISH CARD 01" in (await station.scan(cards[1])).words
    assert station.session.work.unit_in_hand() == cards[0]
    assert (await row_of(floor, cards[0])).last_outcome is None
    assert (await station.type("backspace")).state is VerdictState.ATTENTION
    await station.scan(cards[1])
    assert station.session.work.unit_in_hand() == cards[1]


async def test_text_that_no_code_answers_to_holds_nothing_up(floor: Floor, open_station: OpenStation) -> None:
    """Nothing of it has to be taken back by hand: not for a code, not for the next card, nor for a pass."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("q", "x", "2", "0", "1")
    shown = station.shown.work
    assert isinstance(shown, QaView)
    assert [chip.code for chip in shown.entry.chips] == ["F-201"]
    assert (await station.type("enter")).big == "F-201"
    await station.scan(cards[1])
    await station.type("q", "x")
    await station.scan(cards[2])
    assert station.session.work.unit_in_hand() == cards[2]
    await station.type("q", "+")
    assert (await row_of(floor, cards[2])).last_outcome is None
    assert (await station.type("+")).words == f"{cards[2]} PASSED"


async def test_a_code_that_is_half_typed_asks_for_its_end(floor: Floor, open_station: OpenStation) -> None:
    """The next card is never begun over a verdict that was; Escape drops what is typed."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("2", "0")
    assert "FINISH CARD 01" in (await station.scan(cards[1])).words
    assert "Esc" in station.verdict.instruction
    await station.type("escape")
    await station.scan(cards[1])
    assert station.session.work.unit_in_hand() == cards[1]


async def test_a_key_that_follows_another_cards_scan_is_no_code_of_the_card_in_hand(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a begun verdict, when another card was scanned, then only what finishes it counts: the rest is not its."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("2", "0", "1", "3", "0")
    for scanned in (cards[1], "4006381333931"):
        await station.scan(scanned)
        said = await station.type("3", "0", "1", "space", "*", "+")
        assert (said.words, said.state) == ("FINISH CARD 01 FIRST", VerdictState.ATTENTION)
        assert said.instruction == "30: Enter takes it, Esc drops it."
        assert (await station.scan("CMD-FAIL-C-301")).words == "FINISH CARD 01 FIRST"
        assert entry_of(station) == (("F-201",), "30")
    await station.type("escape")
    said = await station.scan(cards[1])
    assert said.instruction == "F-201: Enter fails it, Backspace takes it back."
    assert (await station.type("enter")).big == "F-201"
    assert (await row_of(floor, cards[0])).last_codes == ("F-201",)
    await station.scan(cards[1])
    assert entry_of(station) == ((), "")
    assert (await station.type("+")).words == f"{cards[1]} PASSED"


async def test_a_begun_verdict_goes_on_when_its_card_is_scanned_again(floor: Floor, open_station: OpenStation) -> None:
    """Given a begun verdict that another card ran into, when its own is scanned, or a key is taken back, then it is."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("2", "0")
    await station.scan_all(cards[1], cards[0])
    await station.type("1")
    assert entry_of(station) == (("F-201",), "")
    await station.scan(cards[1])
    await station.type("backspace", "3", "0", "1")
    assert entry_of(station) == (("C-301",), "")


async def test_codes_as_fast_as_a_scan_leave_the_card_in_hand(floor: Floor, open_station: OpenStation) -> None:
    """Given a code taken or none, when more come in a burst, then they are told, and nothing is taken or lost."""
    station, cards = await bench(floor, open_station)
    for begun in ((), ("2", "0", "1")):
        await station.scan(cards[0])
        await station.type(*begun)
        station.session.put(ScanDamaged(FaultReason.UNFINISHED, "201301", floor.now, is_typed=True))
        await station.session.settled()
        assert (station.verdict.words, station.verdict.state) == ("TYPE IT AGAIN", VerdictState.ATTENTION)
        assert station.verdict.instruction.startswith("201301 ")
        assert (await station.type_code("301201")).instruction.startswith("301201 ")
        assert station.session.work.unit_in_hand() == cards[0]
    assert (await station.type("enter")).big == "F-201"


async def test_a_damaged_label_leaves_no_card_in_hand(floor: Floor, open_station: OpenStation) -> None:
    """Given what no code is made of, when it is typed as fast as a scan, then nobody knows what was meant."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    station.session.put(ScanDamaged(FaultReason.UNFINISHED, "J1044-S0", floor.now, is_typed=True))
    await station.session.settled()
    assert station.verdict.words == "SCAN AGAIN"
    assert station.session.work.unit_in_hand() is None


async def test_a_card_scanned_again_is_in_hand_again(floor: Floor, open_station: OpenStation) -> None:
    """The second scan of a card at the bench asks for its verdict and records nothing."""
    station, cards = await bench(floor, open_station)
    await station.scan_all(cards[0], cards[1], cards[0])
    assert station.verdict.words == "INSPECT, THEN PASS OR FAIL"
    assert station.session.work.unit_in_hand() == cards[0]


async def test_a_verdict_is_taken_back_for_ten_seconds(floor: Floor, open_station: OpenStation) -> None:
    """F2 corrects it, and the card lies at the bench again; later only a lead can."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("+")
    station.pass_time(5)
    assert (await station.press(Intent.UNDO)).words == "VERDICT TAKEN BACK"
    assert station.session.work.unit_in_hand() == cards[0]
    assert (await row_of(floor, cards[0])).last_outcome is None
    await station.type("+")
    station.pass_time(11)
    assert (await station.press(Intent.UNDO)).words == "TOO LATE"
    assert (await row_of(floor, cards[0])).last_outcome is QAOutcome.PASS
    assert (await station.press(Intent.UNDO)).state is VerdictState.ATTENTION


async def test_taking_back_a_check_in_takes_back_no_other_card(floor: Floor, open_station: OpenStation) -> None:
    """After F2 on a card that was only checked in, the card judged before it is not in hand."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("+")
    await station.scan(cards[1], after=2)
    await station.press(Intent.UNDO)
    assert station.session.work.unit_in_hand() is None
    assert (await row_of(floor, cards[0])).last_outcome is QAOutcome.PASS
    assert (await row_of(floor, cards[1])).station_id is None


async def test_a_check_in_that_is_taken_back_names_where_the_card_is_in_hand_again(
    floor: Floor, open_station: OpenStation
) -> None:
    """It was at another bench before, and is there now."""
    station, cards = await bench(floor, open_station)
    await floor.scan(QA_2, cards[0])
    await station.scan(cards[0])
    verdict = await station.press(Intent.UNDO)
    assert (verdict.words, verdict.instruction) == ("CHECK-IN TAKEN BACK", f"{cards[0]} is at QA-BENCH-2 again, for QA")


async def test_wall_cards_judge_as_keys_do(floor: Floor, open_station: OpenStation) -> None:
    """PASS and FAIL by scanner; a code that is no code of the shop, or no card, or codes and a pass are refused."""
    station, cards = await bench(floor, open_station)
    assert (await station.scan("CMD-PASS")).words == "NO CARD"
    await station.scan(cards[0])
    assert (await station.scan("CMD-FAIL-Z-999")).words == "NO SUCH CODE"
    assert (await station.scan("CMD-FAIL")).words == "WHY?"
    await station.type("3", "0", "1")
    assert (await station.scan("CMD-PASS")).words == "CODES ARE TAKEN"
    assert (await station.scan("CMD-FAIL-F-201")).state is VerdictState.ACCEPTED
    assert (await row_of(floor, cards[0])).last_codes == ("C-301", "F-201")
    await station.scan(cards[1])
    assert (await station.scan("CMD-PASS")).words == f"{cards[1]} PASSED"
    assert (await station.scan("CMD-UNDO", after=2)).words == "VERDICT TAKEN BACK"


async def test_keys_without_a_card_do_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Enter on nothing does nothing; + asks for a card."""
    station, _ = await bench(floor, open_station)
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    assert (await station.type("enter", "2", "0", "1", "enter")).state is VerdictState.READY
    assert (await station.type("+")).words == "NO CARD"


def past_of(station: Station) -> list[str]:
    """What is said to have happened to the card in hand before, newest first."""
    work = station.shown.work
    return [line.what for line in work.before] if isinstance(work, QaView) else []


async def test_the_cards_past_is_shown_beside_it(floor: Floor, open_station: OpenStation) -> None:
    """Whoever inspects sees what happened to the card before, and not that it was scanned just now."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.shows(lambda _: past_of(station) == ["cut"])


async def test_an_earlier_inspection_is_past(floor: Floor, open_station: OpenStation) -> None:
    """Given a verdict that was taken back, then it is told with its correction; the check-in under way is not."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.type("+")
    await station.press(Intent.UNDO)
    await station.shows(lambda _: past_of(station) == ["taken back", "passed", "cut"])


async def test_a_card_that_comes_again_shows_its_first_check_in(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that failed and was reworked, when it is scanned, then its first inspection is past as a whole."""
    station, cards = await bench(floor, open_station)
    await floor.inspect(cards[0], QAOutcome.FAIL)
    await floor.accept(
        SendToRework(
            at=floor.now,
            operator_id=LEAD,
            station_id=None,
            card_unit_id=cards[0],
            back_to=OperationCode("QA"),
            reason="dust",
        )
    )
    await station.scan(cards[0])
    await station.shows(lambda _: past_of(station) == ["to rework", "failed", "checked in", "cut"])


async def test_the_header_names_the_job_until_the_next_card(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that passed, then the header names its job still, but no sheet: no card is in hand."""
    station, cards = await bench(floor, open_station)
    await station.scan(cards[0])
    await station.shows(lambda shown: shown.header.details[-1:] == ("sheet 1",))
    await station.type("+")
    header = station.shown.header
    assert header.job == f"JOB {job_of(cards[0])}"
    assert not any("sheet" in words for words in header.details)
