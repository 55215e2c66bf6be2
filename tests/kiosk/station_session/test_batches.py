"""Presses, embellishing and card operations say what is to be done next with the piece in hand."""

from collections.abc import Callable
from dataclasses import replace

from core.domain.commands import DefineStation
from core.domain.values import OperationType, Route, UnitKind
from core.identity.ids import StationId
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import BatchView
from kiosk.wording.spoken import short_card
from tests.core.shop import CUTTER, NUMBERING, OPERATOR, PRESS, QA, QA_2, UV, spec, step
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, listed
from tests.support.floor import Floor

NUMBERED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("QA", OperationType.QA, after="NUMBER"),
    )
)

NUMBERED_THEN_INSERT = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("RELIC", OperationType.MEMORABILIA, after="NUMBER"),
        step("QA", OperationType.QA, after="RELIC"),
    )
)


async def test_a_sheet_that_is_done_is_said_to_go_where_it_goes(floor: Floor, open_station: OpenStation) -> None:
    """Given a sheet at the press, when it is scanned the second time, then the band names the cutter."""
    job = await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    assert (await press.scan(f"{job}-S001")).instruction == "scan it again when it is done"
    assert (await press.scan(f"{job}-S001")).instruction == f"it goes to {CUTTER.station_id}"


async def test_a_card_that_is_numbered_is_said_to_go_where_it_goes(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that waits for its number, when it has it, then the band names the bench and asks for no scan."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    await numbering.scan(cards[0])
    verdict = await numbering.scan("7")
    assert verdict.words.endswith(" NUMBERED")
    assert verdict.instruction == f"it goes to {QA.station_id} or {QA_2.station_id}"


async def test_a_card_whose_next_step_is_done_at_the_same_station_is_said_to_stay_there(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a station that numbers and places inserts, when a card has its number, then it is scanned again there."""
    both = replace(NUMBERING, work=(OperationType.NUMBER, OperationType.MEMORABILIA))
    await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=both))
    cards = await floor.cut(await floor.start(spec(route=NUMBERED_THEN_INSERT)))
    bench = await open_station(both, by=OPERATOR)
    await bench.scan(cards[0])
    assert (await bench.scan("7")).instruction == "it stays here: scan it again for RELIC"


async def test_of_a_check_in_that_is_taken_back_it_is_said_what_the_unit_waits_for(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a sheet that was just checked in, when that is undone, then it waits for that check-in again."""
    job = await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    await press.scan(f"{job}-S001")
    verdict = await press.press(Intent.UNDO)
    assert (verdict.big, verdict.words) == ("UNDONE", "CHECK-IN TAKEN BACK")
    assert verdict.instruction == f"{job}-S001 waits for PRINT: scan it to check it in"


async def test_a_card_whose_number_was_taken_back_is_asked_for_it_again(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a card that was numbered, when that is undone, then the next number is this card's."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    await numbering.scan_all(cards[0], "7")
    verdict = await numbering.press(Intent.UNDO)
    assert (verdict.big, verdict.instruction) == ("UNDONE", "type its number, 1 to 99, Enter")
    numbering.pass_time(60)
    await numbering.shows(lambda shown: shown.verdict.words == "NUMBER OF CARD 01")
    assert (await numbering.scan("8")).words == f"{cards[0]} NUMBERED"


async def test_a_sheet_whose_work_was_taken_back_is_named(floor: Floor, open_station: OpenStation) -> None:
    """Given a printed sheet, when that is undone, then the band says that it is here still."""
    job = await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    await press.scan_all(f"{job}-S001", f"{job}-S001")
    verdict = await press.press(Intent.UNDO)
    assert verdict.instruction == f"{job}-S001 is here still: scan it when it is done"


async def test_a_card_that_was_left_without_its_number_is_named_until_it_has_it(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a card that waits for its number, when another is scanned, then both bands say which one has none yet."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    await numbering.scan(cards[0])
    verdict = await numbering.scan(cards[1])
    assert verdict.instruction == "type its number, 1 to 99, Enter; 01 has none yet"
    assert (await numbering.scan("7")).words.endswith(" NUMBERED")
    numbering.pass_time(60)
    await numbering.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    assert numbering.verdict.instruction == f"{cards[0]} has no number yet: scan it"
    verdict = await numbering.scan(cards[0])
    assert (verdict.words, verdict.instruction) == ("NUMBER OF CARD 01", "type its number, 1 to 99, Enter")
    await numbering.scan("8")
    numbering.pass_time(60)
    await numbering.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    assert cards[0] not in numbering.verdict.instruction


async def test_a_number_after_a_card_that_was_refused_numbers_nothing_and_asks_for_the_card(
    floor: Floor, open_station: OpenStation
) -> None:
    """Whose number it is nobody knows: the card in hand was refused, and the one before was put down."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    await numbering.scan_all(cards[0], "J9999-S001-01")
    verdict = await numbering.scan("7")
    assert (verdict.words, verdict.instruction) == ("WHICH CARD?", "Scan the card first, then its number")
    row = await floor.store.card(cards[0])
    assert row is not None
    assert row.number is None


async def test_the_number_of_a_kept_card_waits_and_the_card_is_named_until_it_has_it(
    floor: Floor, terminal: Terminal
) -> None:
    """Offline the card is to be laid aside, not scanned again; delivered, each is asked for until it has its number."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await terminal.start(NUMBERING, by=OPERATOR)
    terminal.cable_out()
    await numbering.scan_all(*cards[:3])
    numbering.pass_time(5)
    await numbering.shows(lambda shown: shown.verdict.instruction == "3 cards wait: lay them aside")
    verdict = await numbering.scan("7")
    assert (verdict.state, verdict.big, verdict.words) == (VerdictState.ATTENTION, "ASIDE", "ITS NUMBER WAITS")
    assert verdict.instruction == "Lay 03 aside, and scan it again when online"
    await terminal.cable_in()
    await delivered(numbering)
    assert not await listed(floor, NUMBERING)
    for number, card in enumerate(reversed(cards[:3]), start=1):
        more = f"; {3 - number} more" if number < 3 else ""
        await numbering.shows(lambda shown: shown.verdict.instruction == f"{card} is not done yet: scan it{more}")  # noqa: B023
        assert (await numbering.scan(card)).words == f"NUMBER OF CARD {short_card(card)}"
        assert (await numbering.scan(str(number))).words == f"{card} NUMBERED"
        numbering.pass_time(60)
    await numbering.shows(lambda shown: shown.verdict.state is VerdictState.READY and not shown.verdict.instruction)


async def test_a_kept_card_that_was_scanned_as_done_without_its_number_is_listed(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a card that was scanned twice offline, when it is delivered, then it is here and on the list."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await terminal.start(NUMBERING, by=OPERATOR)
    terminal.cable_out()
    await numbering.scan_all(cards[0], cards[0])
    await terminal.cable_in()
    await delivered(numbering)
    assert [each.refusal for each in await listed(floor, NUMBERING)] == ["NumberNeeded"]
    assert (await numbering.scan(cards[0])).words == "NUMBER OF CARD 01"


async def test_a_torn_code_instead_of_a_number_is_said_to_be_none(floor: Floor, open_station: OpenStation) -> None:
    """It is told that the code was no number and whose number is asked for; the question stands."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    verdict = await numbering.scan_all(cards[0], "J1044-S0")
    assert (verdict.words, verdict.instruction) == (
        "THAT IS NO NUMBER",
        "Type 01's number, 1 to 99, or scan another card",
    )
    assert (await numbering.scan("7")).words.endswith(" NUMBERED")


async def test_a_card_that_was_left_and_taken_elsewhere_is_not_looked_for(
    floor: Floor, open_station: OpenStation
) -> None:
    """It has its number from another station by now, so nobody is sent to look for it here."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    elsewhere = replace(NUMBERING, station_id=StationId("NUM-2"))
    await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=elsewhere))
    numbering, other = await open_station(NUMBERING, by=OPERATOR), await open_station(elsewhere, by=OPERATOR)
    await numbering.scan_all(cards[0], cards[1], "7")
    numbering.pass_time(60)
    await numbering.shows(lambda shown: cards[0] in shown.verdict.instruction)
    await other.scan_all(cards[0], "8")
    await numbering.shows(lambda shown: cards[0] not in shown.verdict.instruction)


async def test_of_several_cards_that_were_left_the_newest_is_named_first_and_none_is_forgotten(
    floor: Floor, open_station: OpenStation
) -> None:
    """A card of another sheet is told by its whole id: by its position alone it would be one of the sheet in hand."""
    job = await floor.start(spec(route=NUMBERED), sets=2)
    first, second = await floor.cut(job), await floor.cut(job, 2)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    await numbering.scan_all(first[0], first[1])
    assert (await numbering.scan(second[0])).instruction.endswith(f"; {first[1]} has none yet")
    await numbering.scan_all("1", first[1], "2")
    numbering.pass_time(60)
    await numbering.shows(lambda shown: shown.verdict.instruction == f"{first[0]} has no number yet: scan it")


async def test_progress_counts_what_the_station_has_in_hand(floor: Floor, open_station: OpenStation) -> None:
    """Given UV on sheets and foil on cards at one station, then it counts sheets, and cards while those come."""
    route = Route(
        steps=(
            step("PRINT", OperationType.PRINT, UnitKind.SHEET),
            step("UV", OperationType.UV, UnitKind.SHEET, "PRINT"),
            step("CUT", OperationType.CUT, UnitKind.SHEET, "UV"),
            step("FOIL", OperationType.FOIL, after="CUT"),
            step("QA", OperationType.QA, after="FOIL"),
        )
    )
    both = replace(UV, station_id=StationId("BOTH-1"), work=(OperationType.FOIL, OperationType.UV))
    await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=both))
    sheet = f"{await floor.start(spec(route=route))}-S001"
    for _ in range(2):
        await floor.scan(PRESS, sheet)
    station = await open_station(both, by=OPERATOR)

    def counts(caption: str) -> Callable[[StationSnapshot], bool]:
        return lambda shown: (
            isinstance(shown.work, BatchView)
            and shown.work.progress is not None
            and shown.work.progress.caption.startswith(caption)
        )

    await station.shows(counts("0 of 1 sheets done"))
    await station.scan_all(sheet, sheet)
    await station.shows(counts("1 of 1 sheets done"))
    await floor.scan(CUTTER, sheet)
    card = f"{sheet}-01"
    await station.scan_all(card, card)
    await station.shows(counts("1 of 4 cards done"))
