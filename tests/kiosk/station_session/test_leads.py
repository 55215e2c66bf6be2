"""LEAD: down to the life of a card, and what only a lead decides; CARDOPS: what a station asks for."""

import pytest

from core.domain.values import CardUnitStatus, OperationType, QAOutcome, Route, UnitKind
from core.identity.ids import OperatorId, assembly_of_card
from kiosk.snapshots.dialogs import QuestionView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadCardView, LeadJobView, LeadSection, LeadSheetView, LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import Found
from store import Presence
from tests.core.shop import (
    ASSEMBLY,
    CUTTER,
    INSERTS,
    INSPECTOR,
    LEAD,
    MANAGER,
    NUMBERING,
    OFFICE,
    OPERATOR,
    PRESS,
    spec,
    step,
)
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.database import owner_connection
from tests.support.floor import Floor
from tests.support.waiting import eventually

MARKED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("RELIC", OperationType.MEMORABILIA, after="NUMBER"),
        step("QA", OperationType.QA, after="RELIC"),
    )
)


def knows_jobs(shown: StationSnapshot) -> bool:
    """Whether the floor was read."""
    return isinstance(shown.work, LeadView) and bool(shown.work.jobs)


async def find(station: Station, text: str) -> StationSnapshot:
    """Ask for an id, as after /."""
    station.session.put(Found(text))
    await station.session.settled()
    return station.shown


async def test_the_floor_is_seen_by_anybody_and_opens_down_to_a_card(floor: Floor, open_station: OpenStation) -> None:
    """Enter goes from floor to job, sheet and card, Esc back; nobody has to log on to look."""
    job = await floor.start(spec())
    await floor.cut(job)
    station = await open_station(OFFICE)
    await station.shows(knows_jobs)
    places = [LeadJobView, LeadSheetView, LeadCardView]
    for place in places:
        await station.press(Intent.OPEN)
        assert isinstance(station.shown.work, place)
    await station.press(Intent.NEXT)
    assert station.shown.header.job == f"CARD {job}-S001-02"
    for place in (LeadSheetView, LeadJobView, LeadView):
        await station.press(Intent.BACK)
        assert isinstance(station.shown.work, place)


async def test_any_id_is_found_by_typing_or_by_scanning(floor: Floor, open_station: OpenStation) -> None:
    """A card, a set, a job; what is not there is said, and nothing else is shown."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(OFFICE)
    assert isinstance((await find(station, f" {cards[2].lower()} ")).work, LeadCardView)
    assert isinstance((await find(station, f"{job}-S001-SET")).work, LeadSheetView)
    await station.scan(job)
    assert isinstance(station.shown.work, LeadJobView)
    shown = await find(station, "[b]J9999\x1b")
    assert shown.verdict.words == "NOT FOUND"
    assert shown.verdict.instruction.isprintable()
    assert isinstance(shown.work, LeadJobView)


async def test_a_failed_card_is_sent_back_by_a_lead_only(floor: Floor, open_station: OpenStation) -> None:
    """W asks for the operation; without a lead's badge it is refused, with one the card is in work again."""
    job = await floor.start(spec())
    card = (await floor.cut(job))[0]
    await floor.inspect(card, QAOutcome.FAIL)
    station = await open_station(OFFICE)
    await find(station, card)
    await station.press(Intent.REWORK)
    assert (await station.answer(station.question.choices[0].value)).state is VerdictState.ATTENTION
    await station.log_on(LEAD)
    await station.press(Intent.REWORK)
    assert (await station.answer(station.question.choices[0].value)).state is VerdictState.ACCEPTED
    row = await floor.store.card(card)
    assert row is not None
    assert row.status is CardUnitStatus.IN_PROGRESS


async def test_keys_that_a_card_does_not_allow_are_off(floor: Floor, open_station: OpenStation) -> None:
    """Only a card on hold goes to rework."""
    job = await floor.start(spec())
    card = (await floor.cut(job))[0]
    station = await open_station(OFFICE, by=LEAD)
    await find(station, card)
    enabled = {key.intent: key.enabled for key in station.shown.footer.keys}
    assert not enabled[Intent.REWORK]
    assert enabled[Intent.REMAKE]


async def test_a_lost_card_is_made_again_in_one_go(floor: Floor, open_station: OpenStation) -> None:
    """X asks why, voids the card and makes its replacement."""
    job = await floor.start(spec())
    card = (await floor.cut(job))[0]
    station = await open_station(OFFICE, by=LEAD)
    await find(station, card)
    await station.press(Intent.REMAKE)
    await station.answer("LOST")
    row = await floor.store.card(card)
    assert row is not None
    assert (row.status, row.replaced_by) == (CardUnitStatus.VOIDED, f"{card}-R1")


async def test_who_voids_a_gathered_card_is_told_where_it_lies(floor: Floor, open_station: OpenStation) -> None:
    """Its tray is at a station, and so is the paper; that stays in sight after the remake."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    await floor.inspect(cards[1])
    await floor.gather([cards[1]], assembly_of_card(cards[1]))
    station = await open_station(OFFICE, by=LEAD)
    await find(station, cards[1])
    await station.press(Intent.REMAKE)
    verdict = await station.answer("DAMAGED")
    assert (verdict.state, verdict.big) == (VerdictState.ATTENTION, "OUT 02")
    assert ASSEMBLY.station_id in verdict.words


async def test_looking_elsewhere_drops_the_question(floor: Floor, open_station: OpenStation) -> None:
    """What was asked about one card is never answered for another."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(OFFICE, by=LEAD)
    await find(station, cards[0])
    await station.press(Intent.REMAKE)
    await station.scan(cards[1])
    assert station.shown.question is None
    assert station.shown.header.job == f"CARD {cards[1]}"
    for card in cards[:2]:
        row = await floor.store.card(card)
        assert row is not None
        assert row.status is CardUnitStatus.CREATED


async def not_cut_yet(floor: Floor, open_station: OpenStation) -> Station:
    """A lead asks for a card of a sheet that is not cut, and is told so in amber."""
    job = await floor.start(spec())
    station = await open_station(OFFICE, by=LEAD)
    await find(station, f"{job}-S001")
    assert (await station.press(Intent.OPEN)).words == "NOT CUT YET"
    return station


async def test_what_was_said_to_a_lead_leaves_with_the_next_look(floor: Floor, open_station: OpenStation) -> None:
    """An amber word about one thing does not stand under the next one."""
    station = await not_cut_yet(floor, open_station)
    assert (await station.press(Intent.BACK)).state is VerdictState.READY


async def test_what_was_said_to_a_lead_leaves_after_its_time(floor: Floor, open_station: OpenStation) -> None:
    """Nothing is scanned at a board, so its amber leaves by itself; what is to be done in a tray stays."""
    station = await not_cut_yet(floor, open_station)
    station.pass_time(30)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    await station.press(Intent.UNDO)
    assert station.verdict.state is VerdictState.ATTENTION
    station.pass_time(30)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)


async def test_a_lead_is_never_told_to_call_a_lead(floor: Floor, open_station: OpenStation) -> None:
    """A rework after which the card went on stays, and the words say what a lead can do about it."""
    job = await floor.start(spec())
    card = (await floor.cut(job))[0]
    await floor.inspect(card, QAOutcome.FAIL)
    station = await open_station(OFFICE, by=LEAD)
    await find(station, card)
    await station.press(Intent.REWORK)
    await station.answer(station.question.choices[0].value)
    await floor.inspect(card)
    verdict = await station.press(Intent.UNDO)
    assert verdict.state is VerdictState.ATTENTION
    assert "history" in verdict.instruction
    assert "F8" not in verdict.instruction


async def test_enter_on_a_station_that_calls_nobody_says_what_to_do_instead(
    floor: Floor, open_station: OpenStation
) -> None:
    """Another one calls, or none does."""
    office = await open_station(OFFICE, by=LEAD)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and shown.work.stations)
    await office.press(Intent.STATIONS)
    said = await office.press(Intent.OPEN)
    assert (said.words, said.instruction) == ("NO CALL", "PRESS-1 calls nobody. No station does: S, the jobs.")
    await (await open_station(CUTTER, by=OPERATOR)).press(Intent.CALL_LEAD)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and "CALLS YOU" in shown.work.stations[0].state)
    said = await office.press(Intent.OPEN)
    assert said.instruction == "PRESS-1 calls nobody. CUT-1 needs you: ↑↓ goes there."


async def test_a_call_is_seen_first_and_answered(floor: Floor, open_station: OpenStation) -> None:
    """A station that calls stands among the exceptions until somebody says that a lead came; looking ends nothing."""
    await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    office = await open_station(OFFICE, by=LEAD)
    await press.press(Intent.CALL_LEAD)

    def is_called(shown: StationSnapshot) -> bool:
        work = shown.work
        return isinstance(work, LeadView) and any("CALLS" in each.words for each in work.exceptions)

    await office.shows(is_called)
    await office.press(Intent.STATIONS)
    shown = office.shown.work
    assert isinstance(shown, LeadView)
    assert shown.section is LeadSection.STATIONS
    assert shown.stations[0].station == PRESS.station_id
    assert [key.label for key in office.shown.footer.keys if key.key == "Enter"] == ["Call"]
    await office.press(Intent.OPEN)
    question = office.shown.question
    assert isinstance(question, QuestionView)
    assert question.title == f"CALL FROM {PRESS.station_id}"
    await office.answer("")
    assert is_called(office.shown)
    await office.press(Intent.OPEN)
    await office.answer(question.choices[0].value)
    await office.shows(lambda shown: not is_called(shown))


async def test_numbers_and_inserts_are_asked_for_and_used_once(floor: Floor, open_station: OpenStation) -> None:
    """The station waits for the number, refuses what is none, and takes each only once."""
    job = await floor.start(spec(route=MARKED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    verdict = await numbering.scan(cards[0])
    assert verdict.state is VerdictState.ACCEPTED
    assert "1 to 99" in verdict.instruction
    numbering.pass_time(5)
    await numbering.shows(lambda shown: shown.verdict.big == "NUMBER")
    for wrong in ("abc", "100/99", "7/50", "4006381333931"):
        assert (await numbering.scan(wrong)).state is not VerdictState.ACCEPTED, wrong
    assert (await numbering.scan("7")).words.endswith(" NUMBERED")
    await numbering.scan(cards[1])
    await numbering.scan("07/99")
    row = await floor.store.card(cards[1])
    assert row is not None
    assert row.number is None
    if numbering.shown.stop is not None:
        await numbering.scan("CMD-RESET")
    inserts = await open_station(INSERTS, by=OPERATOR)
    assert "serial" in (await inserts.scan(cards[0])).instruction
    assert (await inserts.scan(cards[1])).state is not VerdictState.ACCEPTED
    if inserts.shown.stop is not None:
        await inserts.scan("CMD-RESET")
    await inserts.scan(cards[0])
    assert (await inserts.scan("PSA-77120")).words == "INSERT PLACED"


async def test_undo_takes_a_number_back(floor: Floor, open_station: OpenStation) -> None:
    """The number is free again, and the card waits for one."""
    job = await floor.start(spec(route=MARKED))
    cards = await floor.cut(job)
    station = await open_station(NUMBERING, by=OPERATOR)
    await station.scan_all(cards[0], "7")
    await station.press(Intent.UNDO)
    row = await floor.store.card(cards[0])
    assert row is not None
    assert row.number is None
    await station.scan_all(cards[1], "7")
    other = await floor.store.card(cards[1])
    assert other is not None
    assert str(other.number).startswith("7") or "07" in str(other.number)


def on_hold(shown: StationSnapshot) -> list[tuple[str, str]]:
    """What the leads' board says of cards that failed QA."""
    work = shown.work
    assert isinstance(work, LeadView)
    return [(trouble.words, trouble.detail) for trouble in work.exceptions if "ON HOLD" in trouble.words]


async def test_a_card_on_hold_is_named(floor: Floor, open_station: OpenStation) -> None:
    """Given cards that failed, then the board names the one that has waited longest, and counts the others."""
    cards = await floor.cut(await floor.start(spec()))
    office = await open_station(OFFICE, by=LEAD)
    await floor.inspect(cards[2], QAOutcome.FAIL)
    await office.shows(lambda shown: on_hold(shown) == [("1 ON HOLD", f"{cards[2]} failed QA")])
    await floor.inspect(cards[0], QAOutcome.FAIL)
    await office.shows(lambda shown: on_hold(shown) == [("2 ON HOLD", f"{cards[2]} +1 failed QA")])


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (OPERATOR, "This badge decides nothing here: a lead's does"),
        (INSPECTOR, "This badge approves nothing here: a lead's does"),
        (LEAD, ""),
        (MANAGER, ""),
    ],
)
async def test_a_badge_that_decides_nothing_here_is_told_so_as_it_logs_on(
    open_station: OpenStation, by: OperatorId, said: str
) -> None:
    """Whoever may only look learns it before the first decision is refused."""
    office = await open_station(OFFICE, by=by)
    assert office.verdict.words == "LOGGED ON"
    assert ("nothing here" in office.verdict.instruction) == bool(said)
    assert office.verdict.instruction.endswith(said)


async def test_the_wall_goes_by_time_where_nothing_happens(floor: Floor, open_station: OpenStation) -> None:
    """Given a quiet shop, when a kiosk comes to life or is heard no more, then the wall shows it without any event."""
    await floor.start(spec())
    office = await open_station(OFFICE, by=LEAD)

    def state() -> str:
        work = office.shown.work
        stations = {each.station: each.state for each in work.stations} if isinstance(work, LeadView) else {}
        return stations.get(PRESS.station_id, "")

    await office.caught_up()
    before = state()
    alive = Presence(station_id=PRESS.station_id, process="x", state="READY", version="1", operator_id=OPERATOR)
    await floor.store.beat(alive)
    await eventually(lambda: state() != before)
    await floor.store.leave(alive.station_id, alive.process)
    await eventually(lambda: state() == before)


async def test_a_kiosk_that_is_cut_off_is_shown_so_for_a_day(
    floor: Floor, open_station: OpenStation, database_dsn: str
) -> None:
    """Given a kiosk that was heard of hours ago, then its station is not one without any: it may keep scans all day."""
    await floor.store.beat(Presence(station_id=PRESS.station_id, process="desk:1", state="READY", version="1"))
    async with owner_connection(database_dsn) as owner:
        await owner.execute("UPDATE station_presence SET beat_at = now() - interval '20 hours'")
    office = await open_station(OFFICE)

    def state(shown: StationSnapshot) -> str:
        stations = shown.work.stations if isinstance(shown.work, LeadView) else ()
        return next((each.state for each in stations if each.station == PRESS.station_id), "")

    await office.shows(state)
    assert state(office.shown) == "OFFLINE"
