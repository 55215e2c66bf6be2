"""ASSEMBLY: trays at several stations, a manager's consent, cards that are to be taken out."""

from core.domain.commands import CreateReplacement, VoidCardUnit
from core.domain.events import ReplacementSetAuthorized
from core.domain.values import AssemblyStatus, VoidReason
from core.identity.ids import CardUnitId, assembly_of_card
from kiosk.snapshots.dialogs import PinView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.slots import SlotState
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView
from tests.core.shop import (
    ASSEMBLY,
    ASSEMBLY_2,
    INSPECTOR,
    LEAD,
    MANAGER,
    OPERATOR,
    OTHER_MANAGER,
    PIN,
    QA,
    spec,
)
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor


async def inspected(floor: Floor, *, sets: int = 1) -> list[tuple[CardUnitId, ...]]:
    """A job's cards, sheet by sheet, all passed."""
    job = await floor.start(spec(), sets=sets)
    sheets = [await floor.cut(job, number) for number in range(1, sets + 1)]
    for cards in sheets:
        for card in cards:
            await floor.inspect(card)
    return sheets


async def remade(floor: Floor, card: CardUnitId) -> CardUnitId:
    """Void a card that was lost and inspect the one that was made for it."""
    at, by, where = floor.now, LEAD, QA.station_id
    void = VoidCardUnit(at=at, operator_id=by, station_id=where, card_unit_id=card, reason=VoidReason.LOST, note="")
    await floor.accept(void)
    await floor.accept(CreateReplacement(at=at, operator_id=by, station_id=where, card_unit_id=card))
    made = CardUnitId(f"{card}-R1")
    await floor.scan(QA, made, by=INSPECTOR)
    await floor.accept(floor.verdict(made))
    return made


async def void_in_tray(floor: Floor, card: CardUnitId) -> None:
    """A lead voids a card that lies in its tray."""
    await floor.accept(
        VoidCardUnit(
            at=floor.now,
            operator_id=LEAD,
            station_id="LEAD-1",  # pyright: ignore[reportArgumentType]
            card_unit_id=card,
            reason=VoidReason.DAMAGED,
            note="",
        )
    )


def slots(shown: StationSnapshot) -> list[SlotState]:
    """What the grid shows, position by position."""
    assert isinstance(shown.work, AssemblyView)
    return [] if shown.work.grid is None else [slot.state for slot in shown.work.grid.slots]


async def test_a_set_fills_and_the_next_card_opens_the_next(floor: Floor, open_station: OpenStation) -> None:
    """A complete tray stays in sight, and claims no further card."""
    first, second = await inspected(floor, sets=2)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    verdict = await station.scan_all(*first)
    assert verdict.words == "SET COMPLETE"
    assert verdict.counter == "4/4"
    await station.shows(lambda shown: SlotState.ELSEWHERE not in (slots(shown) or [SlotState.ELSEWHERE]))
    assert (await station.scan(second[0])).counter == "1/4"
    assert station.shown.stop is None


async def test_an_empty_slot_says_where_its_card_is(floor: Floor, open_station: OpenStation) -> None:
    """What is not here is named with where it is."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    await floor.inspect(cards[0])
    await floor.scan(QA, cards[1], by=INSPECTOR)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(cards[0])

    def names_the_bench(shown: StationSnapshot) -> bool:
        work = shown.work
        return isinstance(work, AssemblyView) and any(QA.station_id in line.where for line in work.missing.lines)

    shown = await station.shows(names_the_bench)
    assert isinstance(shown.work, AssemblyView)
    assert shown.work.missing.count == 3


async def test_a_tray_is_filled_live_at_two_screens_of_its_station(floor: Floor, open_station: OpenStation) -> None:
    """Both show the same, whichever of them its label was scanned at."""
    (cards,) = await inspected(floor)
    here = await open_station(ASSEMBLY, by=OPERATOR)
    there = await open_station(ASSEMBLY, by=INSPECTOR)
    await here.scan(cards[0])
    assert "3 MISSING" in (await there.scan("J1044-S001-SET")).words
    await here.scan(cards[1])
    await there.shows(lambda shown: slots(shown).count(SlotState.IN) == 2)
    assert here.session.work.unit_in_hand() == "J1044-S001-SET"


async def test_a_tray_that_stands_elsewhere_is_not_filled_from_here(floor: Floor, open_station: OpenStation) -> None:
    """A card is not laid into a tray that is not here; once its label was scanned here, it is."""
    (cards,) = await inspected(floor)
    here = await open_station(ASSEMBLY, by=OPERATOR)
    there = await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(cards[0])
    await there.scan(cards[1])
    shown = there.shown
    assert ASSEMBLY.station_id in repr((shown.stop, shown.verdict))
    if shown.stop is not None:
        await there.scan("CMD-RESET")
    await there.scan("J1044-S001-SET")
    assert (await there.scan(cards[1])).words == "IN THE TRAY"


async def test_a_complete_tray_s_label_brings_no_other_tray(floor: Floor, open_station: OpenStation) -> None:
    """The next card belongs to a set whose tray stands at another station: it stays one tray."""
    one, two = await inspected(floor, sets=2)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await there.scan_all(*two[:2])
    await there.press(Intent.PARK_TRAY)
    await here.scan_all(*one, assembly_of_card(one[0]))
    assert ASSEMBLY_2.station_id in (await here.scan(two[2])).words
    row = await floor.store.assembly(assembly_of_card(two[0]))
    assert row is not None
    assert row.gathered == two[:2]


async def test_a_complete_tray_claims_no_card_whatever_becomes_of_it(floor: Floor, open_station: OpenStation) -> None:
    """It went on to packing, where a lead voids a card of it: the next set is begun here all the same."""
    one, two = await inspected(floor, sets=2)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*one)
    await void_in_tray(floor, one[0])
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.big == "OUT 01")
    assert (await station.scan(two[0])).words == "IN THE TRAY"
    assert station.shown.stop is None


async def test_a_terminal_started_anew_does_not_open_a_tray_that_was_complete(
    floor: Floor, open_station: OpenStation
) -> None:
    """Nobody knows where it is; its label opens it where it is, and then a card of another set stops the line."""
    one, two = await inspected(floor, sets=2)
    await floor.gather(one, assembly_of_card(one[0]))
    await void_in_tray(floor, one[0])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    assert station.session.work.open().assembly is None
    await station.scan(assembly_of_card(one[0]))
    assert station.session.work.open().assembly == assembly_of_card(one[0])
    await station.scan(two[0])
    assert station.stop.noun == "WRONG CARD"


async def test_a_card_is_taken_back_by_key_for_a_minute(floor: Floor, open_station: OpenStation) -> None:
    """Hours later the tray is anywhere, and complete."""
    (cards,) = await inspected(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*cards)
    station.pass_time(61)
    assert (await station.press(Intent.UNDO)).words == "TOO LATE"
    row = await floor.store.assembly(assembly_of_card(cards[0]))
    assert row is not None
    assert row.status is AssemblyStatus.COMPLETE


async def test_a_card_of_a_tray_that_was_filled_on_elsewhere_is_not_taken_back(
    floor: Floor, open_station: OpenStation
) -> None:
    """F2 is about what lies before whoever presses it: there is nothing to undo here any more."""
    (cards,) = await inspected(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=INSPECTOR)
    await here.scan(cards[0])
    await there.scan(assembly_of_card(cards[0]), after=1)
    await there.scan(cards[1], after=1)
    await here.shows(lambda shown: not any(line.undo for line in shown.scans.lines))
    assert (await here.press(Intent.UNDO)).state is VerdictState.ATTENTION
    row = await floor.store.assembly(assembly_of_card(cards[0]))
    assert row is not None
    assert row.gathered == cards[:2]


async def test_a_void_card_stays_in_no_finished_tray(floor: Floor, open_station: OpenStation) -> None:
    """Its replacement is taken when it was scanned out: first the paper, then the next card at its place."""
    (cards,) = await inspected(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*cards)
    await void_in_tray(floor, cards[1])
    again = CreateReplacement(at=floor.now, operator_id=LEAD, station_id=QA.station_id, card_unit_id=cards[1])
    await floor.accept(again)
    made = CardUnitId(f"{cards[1]}-R1")
    await floor.scan(QA, made, by=INSPECTOR)
    await floor.accept(floor.verdict(made))
    refused = await station.scan(made)
    assert (refused.words, refused.big) == ("VOID CARD IN TRAY", "OUT 02")
    assert "OUT" in (await station.scan(cards[1])).words
    await station.scan(made)
    row = await floor.store.assembly(assembly_of_card(cards[0]))
    assert row is not None
    assert (row.status, row.void_in_tray) == (AssemblyStatus.COMPLETE, ())


async def test_a_card_is_taken_out_again_by_undo(floor: Floor, open_station: OpenStation) -> None:
    """F2 takes the newest card out of its tray, once, and asks for the paper to be taken out."""
    (cards,) = await inspected(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(cards[0], cards[1])
    verdict = await station.press(Intent.UNDO)
    assert (verdict.state, verdict.instruction) == (VerdictState.ACCEPTED, "take 02 out of the tray")
    row = await floor.store.assembly("J1044-S001-SET")
    assert row is not None
    assert row.gathered_count == 1
    assert (await station.press(Intent.UNDO)).state is VerdictState.ATTENTION
    assert (await station.scan(cards[1])).instruction == "now scan the next card"


async def test_a_parked_tray_is_opened_by_its_label(floor: Floor, open_station: OpenStation) -> None:
    """F4 or the PARK card puts a tray away; another set may then be gathered."""
    first, second = await inspected(floor, sets=2)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    assert (await station.press(Intent.PARK_TRAY)).words == "NO TRAY OPEN"
    await station.scan(first[0])
    assert "PARKED" in (await station.scan("CMD-PARK")).words
    assert (await station.scan(second[0])).words == "IN THE TRAY"
    await station.press(Intent.PARK_TRAY)
    await station.scan("J1044-S001-SET")
    assert (await station.scan(first[1])).counter == "2/4"


async def needing_consent(floor: Floor, open_station: OpenStation, by: str = OPERATOR) -> Station:
    """A complete set with a replacement in it, at the station where it was gathered."""
    (cards,) = await inspected(floor)
    replacement = await remade(floor, cards[3])
    station = await open_station(ASSEMBLY, by=by)
    await station.scan_all(*cards[:3], replacement)
    await station.shows(lambda shown: slots(shown).count(SlotState.IN) >= 2)
    return station


async def test_a_replacement_is_authorized_by_badge_and_pin(floor: Floor, open_station: OpenStation) -> None:
    """A wrong PIN is asked for again, the right one lets the set be packed; the gatherer stays logged on."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    asked = station.shown.question
    assert isinstance(asked, PinView)
    assert "04" in repr(asked.lines)
    await station.give_pin("1357")
    again = station.shown.question
    assert isinstance(again, PinView)
    assert again.problem
    assert (await station.give_pin(PIN)).state is VerdictState.ACCEPTED
    history = await floor.store.history("J1044-S001-SET")
    assert history is not None
    newest = history.events[-1].event
    assert isinstance(newest, ReplacementSetAuthorized)
    assert newest.manager == MANAGER
    assert station.shown.header.operator == OPERATOR
    assert station.shown.question is None


async def test_a_set_that_needs_a_manager_is_amber_however_its_label_is_read(
    floor: Floor, open_station: OpenStation
) -> None:
    """Where its tray is open nothing was done, and nothing is green; brought, it is told what it is, then amber too."""
    station = await needing_consent(floor, open_station)
    await station.scan_all("J1044-S001-SET", "J1044-S001-SET")
    assert (station.verdict.state, station.verdict.big) == (VerdictState.ATTENTION, "MANAGER")
    assert station.verdict.instruction == "A manager who gathered none of it scans a badge here."
    other = await open_station(ASSEMBLY_2, by=INSPECTOR)
    brought = await other.scan("J1044-S001-SET")
    assert (brought.state, brought.words) == (VerdictState.ACCEPTED, "SET COMPLETE")
    other.pass_time(5)
    await other.shows(lambda shown: shown.verdict.big == "MANAGER")
    assert other.verdict.state is VerdictState.ATTENTION


async def test_three_wrong_pins_end_the_question(floor: Floor, open_station: OpenStation) -> None:
    """Nobody guesses a PIN at the station; the badge has to be scanned again."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    for pin in ("1111", "2222", "3333"):
        await station.give_pin(pin)
    assert station.shown.question is None
    assert await needs_authorization(floor)


async def test_a_question_that_is_left_changes_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Esc, the NO card or any other scan leaves the set as it is."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    await station.give_pin(None)
    assert station.shown.question is None
    await station.scan(MANAGER)
    await station.scan("CMD-NO")
    assert station.shown.question is None
    await station.scan(MANAGER)
    await station.scan("J1044-S001-SET")
    assert station.shown.question is None
    assert await needs_authorization(floor)


async def test_whoever_gathered_cannot_authorize(floor: Floor, open_station: OpenStation) -> None:
    """A manager who gathered the set needs another manager."""
    station = await needing_consent(floor, open_station, by=MANAGER)
    await station.scan(MANAGER)
    await station.give_pin(PIN)
    assert await needs_authorization(floor)
    if station.shown.stop is not None:
        await station.scan("CMD-RESET")
    await station.scan(OTHER_MANAGER)
    await station.give_pin(PIN)
    assert not await needs_authorization(floor)


async def needs_authorization(floor: Floor) -> bool:
    """Whether the set still waits for a manager."""
    row = await floor.store.assembly("J1044-S001-SET")
    assert row is not None
    return row.needs_authorization


async def test_a_card_voided_in_the_tray_is_to_be_taken_out(floor: Floor, open_station: OpenStation) -> None:
    """The slot, the band and the list say so, with a sound, until the card is scanned out; then it is to be remade."""
    (cards,) = await inspected(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*cards[:3])
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY and slots(shown))
    serial = station.verdict.serial
    await void_in_tray(floor, cards[1])
    shown = await station.shows(lambda shown: shown.verdict.big == "OUT 02")
    assert shown.verdict.state is VerdictState.ATTENTION
    assert shown.verdict.serial > serial
    assert cards[1] in shown.verdict.words
    work = shown.work
    assert isinstance(work, AssemblyView)
    assert work.grid is not None
    slot = work.grid.slots[1]
    assert (slot.state, slot.caption, slot.short) == (SlotState.REMAKE, "TAKE OUT", "OUT")
    assert "TAKE IT OUT" in [line.where for line in work.missing.lines]
    assert "02" in (await station.scan(cards[3])).instruction
    assert (await station.scan(cards[1])).words == "OUT, NOW INTO THE RED BOX"
    station.pass_time(5)
    shown = await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    assert isinstance(shown.work, AssemblyView)
    assert shown.work.grid is not None
    assert "REMAKE" in shown.work.grid.slots[1].caption
    await station.scan(cards[1])
    assert station.stop.noun == "VOID CARD"


async def test_a_replacement_at_its_place_ends_the_call_to_take_a_card_out(
    floor: Floor, open_station: OpenStation
) -> None:
    """Of a lost card there is nothing to scan; made and on its way, the replacement changes nothing yet."""
    (cards,) = await inspected(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*cards)
    newer = await remade(floor, cards[0])
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.big == "OUT 01")
    assert slots(station.shown)[0] is SlotState.REMAKE
    await station.scan(newer)
    await station.shows(lambda shown: slots(shown)[:1] != [SlotState.REMAKE])
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.big == "MANAGER")


async def test_a_terminal_started_anew_says_what_is_to_be_taken_out(floor: Floor, open_station: OpenStation) -> None:
    """It is in the log, not only on the screen that saw the void."""
    (cards,) = await inspected(floor)
    await floor.gather(cards[:2], assembly_of_card(cards[0]))
    await void_in_tray(floor, cards[0])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.big == "OUT 01")


# -- what waits for a manager ------------------------------------------------------
