"""A terminal that is started anew is what it was: its stop stands, its tray and its box are open."""

from core.domain.events import StationStopCleared
from core.domain.rejections import NothingToClear, WrongSet
from core.domain.values import StationDefinition, StopClearedBy
from core.identity.ids import OperatorId
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView, BatchView, CutterView
from kiosk.station_session.inputs import QaKey
from kiosk.station_session.keeping import WORK, Keeping
from tests.core.shop import (
    ASSEMBLY,
    ASSEMBLY_2,
    CUTTER,
    INSPECTOR,
    LEAD,
    OPERATOR,
    PACKING,
    PRESS,
    QA,
    spec,
)
from tests.kiosk.station_session.bench import Sheets, Station, two_passed_sheets
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal
from tests.kiosk.station_session.test_silence import Wire
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def begun_anew(
    station: Station, open_station: OpenStation, by: OperatorId | None = None, **more: object
) -> Station:
    """Kill the station's process and start another one."""
    await station.die()
    another = await open_station(station.definition, by=by, **more)
    await another.session.settled()
    return another


async def stopped(floor: Floor, open_station: OpenStation) -> tuple[Station, Sheets]:
    """A station that is stopped by a foreign card."""
    sheets = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(sheets[0][0], sheets[1][0])
    return station, sheets


async def clearings(floor: Floor, where: StationDefinition = ASSEMBLY) -> list[StationStopCleared]:
    """The clearings in the station's history, as the leads read it."""
    history = await floor.store.history(where.station_id)
    assert history is not None
    return [entry.event for entry in history.events if isinstance(entry.event, StationStopCleared)]


# -- the stop ------------------------------------------------------------------


async def test_a_stop_stands_after_a_restart(floor: Floor, open_station: OpenStation) -> None:
    """In the same words, with its time, its number and the scans that were ignored under it."""
    station, (mine, _) = await stopped(floor, open_station)
    await station.scan_all(mine[1], "CMD-UNDO")
    before = station.stop
    assert before.ignored == 2
    again = await begun_anew(station, open_station)
    assert again.stop == before
    assert isinstance(again.shown.work, LogOnView)
    again.session.put(QaKey("+"))
    await again.scan(OPERATOR)
    assert again.stop.ignored == 3
    assert not again.shown.header.operator


async def test_a_stop_that_nobody_saw_stands(floor: Floor, open_station: OpenStation) -> None:
    """The terminal died between the refusal and the screen: the log has the refusal, and that is the stop."""
    mine, foreign = await two_passed_sheets(floor)
    await floor.scan(ASSEMBLY, mine[0])
    refusal = await floor.scan(ASSEMBLY, foreign[0], open_assembly=f"{mine[0][:10]}-SET")
    assert isinstance(refusal, WrongSet)
    station = await open_station(ASSEMBLY)
    await station.session.settled()
    assert station.stop.noun == "WRONG CARD"
    await station.scan("CMD-RESET")
    assert station.shown.stop is None


async def test_a_reset_scanned_before_the_terminal_was_ready_clears_nothing(
    floor: Floor, open_station: OpenStation
) -> None:
    """Whoever scanned it had not seen which stop stands."""
    station, _ = await stopped(floor, open_station)
    await station.die()
    wire = Wire(floor.store)
    wire.readable.clear()
    again = await open_station(ASSEMBLY, store=wire)
    again.scan_at_once("CMD-RESET")
    wire.readable.set()
    await again.session.settled()
    assert again.stop.ignored == 1
    await again.scan("CMD-RESET")
    assert again.shown.stop is None


async def test_a_reset_scanned_after_the_stop_is_shown_clears_it_at_once(floor: Floor, terminal: Terminal) -> None:
    """Given a kiosk that was killed under a stop, when it is started anew, then the first RESET counts."""
    mine, foreign = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], foreign[0])
    assert station.shown.stop is not None
    await terminal.kill()
    again = await terminal.start(ASSEMBLY)
    assert again.stop.noun == "WRONG CARD"
    await again.scan("CMD-RESET")
    assert again.shown.stop is None
    await again.log_on(OPERATOR)
    assert (await again.scan(mine[1])).state is VerdictState.ACCEPTED


async def test_nothing_is_worked_off_before_it_is_known_whether_a_stop_stands(
    floor: Floor, open_station: OpenStation
) -> None:
    """A database that is away at the start is waited for; scans made meanwhile wait too."""
    station, (mine, _) = await stopped(floor, open_station)
    await station.die()
    wire = Wire(floor.store)
    wire.unreadable = 3
    again = await open_station(ASSEMBLY, store=wire)
    again.scan_at_once(OPERATOR)
    again.scan_at_once(mine[1])
    await again.session.settled()
    assert again.stop.ignored == 2
    row = await floor.store.assembly(f"{mine[0][:10]}-SET")
    assert row is not None
    assert row.gathered == (mine[0],)


async def test_a_cleared_stop_is_over_for_good_and_the_leads_see_how(floor: Floor, open_station: OpenStation) -> None:
    """What raised it, how many scans it ignored, who ended it: all in the station's history."""
    station, (mine, foreign) = await stopped(floor, open_station)
    await station.scan(mine[1])
    await station.scan("CMD-RESET")
    (cleared,) = await clearings(floor)
    assert (cleared.number, cleared.refusal, cleared.ignored) == (1, "WrongSet", 1)
    assert cleared.unit_id == foreign[0]
    assert (cleared.operator_id, cleared.cleared_by) == (OPERATOR, StopClearedBy.RESET_CARD)
    again = await begun_anew(station, open_station, by=OPERATOR)
    assert again.shown.stop is None
    assert (await again.scan(mine[1])).counter == "2/4"
    await again.scan(foreign[0])
    assert again.stop.serial == 2


async def test_a_lead_who_clears_a_stop_is_named(floor: Floor, open_station: OpenStation) -> None:
    """Half a minute is reckoned from when the stop was raised, also across a restart."""
    station, _ = await stopped(floor, open_station)
    again = await begun_anew(station, open_station)
    assert not again.stop.release
    again.pass_time(31)
    await again.scan(LEAD)
    await again.press(Intent.RELEASE_STOP)
    assert again.shown.stop is None
    (cleared,) = await clearings(floor)
    assert (cleared.operator_id, cleared.cleared_by) == (LEAD, StopClearedBy.LEAD)


async def test_a_stop_stays_until_its_clearing_is_in_the_log(floor: Floor, open_station: OpenStation) -> None:
    """With the database away a RESET is taken and said to wait; it clears when the answer comes, once."""
    mine, foreign = await two_passed_sheets(floor)
    wire = Wire(floor.store)
    station = await open_station(ASSEMBLY, by=OPERATOR, store=wire)
    await station.scan_all(mine[0], foreign[0])
    wire.open.clear()
    station.scan_at_once("CMD-RESET")
    await station.shows(lambda shown: shown.stop is not None and "CHECKING" in shown.stop.footnote)
    shown = await station.shows(lambda shown: shown.stop is not None and "CLEARING" in shown.stop.footnote)
    assert shown.header.connection is ConnectionState.OFFLINE
    assert not await clearings(floor)
    wire.lost_after = 2
    wire.open.set()
    await station.session.settled()
    assert station.shown.stop is None
    assert len(await clearings(floor)) == 1


async def test_a_stop_that_cannot_be_cleared_says_so(floor: Floor, open_station: OpenStation) -> None:
    """A fault of the database leaves it standing, with a word; the next RESET ends it."""
    mine, foreign = await two_passed_sheets(floor)
    wire = Wire(floor.store)
    station = await open_station(ASSEMBLY, by=OPERATOR, store=wire)
    await station.scan_all(mine[0], foreign[0])
    wire.faults = 1
    await station.scan("CMD-RESET")
    assert "fault" in station.stop.footnote
    await station.scan("CMD-RESET")
    assert station.shown.stop is None


async def test_a_scan_under_a_stop_counts_before_it_is_kept(floor: Floor, open_station: OpenStation) -> None:
    """Who scans on under a stop hears it at once, whatever the database does."""
    mine, foreign = await two_passed_sheets(floor)
    wire = Wire(floor.store)
    station = await open_station(ASSEMBLY, by=OPERATOR, store=wire)
    await station.scan_all(mine[0], foreign[0])
    wire.open.clear()
    station.scan_at_once(mine[1])
    await station.shows(lambda shown: shown.stop is not None and shown.stop.ignored == 1)
    station.scan_at_once("CMD-RESET")
    await station.shows(lambda shown: shown.stop is not None and "silent" in shown.stop.footnote)
    assert "1 more waits" in station.stop.footnote
    wire.open.set()
    await station.session.settled()
    assert station.shown.stop is None
    (kept,) = await floor.store.refused_scans(ASSEMBLY.station_id, limit=1)
    assert kept.scanned == mine[1]


async def test_two_processes_of_one_station_show_and_clear_one_stop(floor: Floor, open_station: OpenStation) -> None:
    """A terminal that hangs and its successor: one RESET at either ends it at both."""
    old, (mine, _) = await stopped(floor, open_station)
    new = await open_station(ASSEMBLY)
    await new.session.settled()
    assert new.stop == old.stop
    await new.scan("CMD-RESET")
    assert new.shown.stop is None
    await old.shows(lambda shown: shown.stop is None)
    assert old.shown.scans.lines[0].words == "0001 ended"
    assert (await old.scan(mine[1])).state is VerdictState.ACCEPTED


async def test_two_resets_at_two_screens_clear_a_stop_once(floor: Floor, open_station: OpenStation) -> None:
    """The second finds nothing to clear, which is what was wanted."""
    mine, foreign = await two_passed_sheets(floor)
    wire = Wire(floor.store)
    old = await open_station(ASSEMBLY, by=OPERATOR, store=wire)
    await old.scan_all(mine[0], foreign[0])
    new = await open_station(ASSEMBLY)
    await new.session.settled()
    wire.open.clear()
    old.scan_at_once("CMD-RESET")
    await eventually(lambda: wire.delivered[-1:] != wire.answered[-1:])
    await new.scan("CMD-RESET")
    wire.open.set()
    await old.session.settled()
    assert old.shown.stop is None
    assert new.shown.stop is None
    assert len(await clearings(floor)) == 1
    kept = await floor.store.refused_scans(ASSEMBLY.station_id, limit=1)
    assert isinstance(kept[0].rejection, NothingToClear)


async def test_stops_are_looked_for_at_the_start_and_not_with_every_scan(
    floor: Floor, open_station: OpenStation
) -> None:
    """What is read again after a scan is the work; news of the station, and what is refused there, ask for stops."""
    mine, _ = await two_passed_sheets(floor)
    wire = Wire(floor.store)
    station = await open_station(ASSEMBLY, by=OPERATOR, store=wire)
    refresh, changes_read = station.session.work.refresh, list[object]()

    async def counted(changed: frozenset[str] | None) -> None:
        await refresh(changed)
        changes_read.append(changed)

    station.session.work.refresh = counted
    for card in (*mine, *mine):
        before = len(changes_read)
        await station.scan(card)
        station.session.wake()
        await eventually(lambda before=before: len(changes_read) > before)
    # At the start, with the first news of everything, perhaps with the news that the station was set up, and with
    # every card that was scanned a second time.
    assert wire.looked_for_stops <= 3 + len(mine)


async def test_the_stop_of_another_station_is_not_this_one_s(floor: Floor, open_station: OpenStation) -> None:
    """Every station has its own."""
    await stopped(floor, open_station)
    other = await open_station(ASSEMBLY_2)
    await other.session.settled()
    assert other.shown.stop is None


async def test_an_amber_refusal_stops_nothing_after_a_restart(floor: Floor, open_station: OpenStation) -> None:
    """Only what was a stop is one again."""
    mine, _ = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], mine[0], "nonsense")
    again = await begun_anew(station, open_station)
    assert again.shown.stop is None


# -- what is open --------------------------------------------------------------


async def remembers(keeping: Keeping, tray: str) -> None:
    """Wait until a terminal remembers on its disk that this tray is open."""

    async def says_so() -> bool:
        return await keeping.remembered(WORK) == tray.encode()

    await eventually(says_so)


async def test_the_tray_that_was_filled_last_is_open_again(floor: Floor, open_station: OpenStation) -> None:
    """The operator logs on and goes on where the tray lies; a foreign card stops as before."""
    mine, foreign = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], mine[1])
    again = await begun_anew(station, open_station)
    assert isinstance(again.shown.work, LogOnView)
    assert again.session.work.open().assembly == f"{mine[0][:10]}-SET"
    await again.log_on(OPERATOR)
    work = again.shown.work
    assert isinstance(work, AssemblyView)
    assert work.grid is not None
    assert (await again.scan(mine[2])).counter == "3/4"
    await again.scan(foreign[0])
    assert again.shown.stop is not None


async def test_a_complete_tray_is_shown_again_and_claims_no_card(floor: Floor, open_station: OpenStation) -> None:
    """It is not put away until it is packed or parked."""
    mine, foreign = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*mine)
    again = await begun_anew(station, open_station, by=OPERATOR)
    assert again.session.work.unit_in_hand() == f"{mine[0][:10]}-SET"
    assert (await again.scan(foreign[0])).counter == "1/4"


async def test_a_parked_tray_stays_parked(floor: Floor, open_station: OpenStation) -> None:
    """It was put aside, and the next card may be another set's."""
    mine, foreign = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    assert (await station.press(Intent.PARK_TRAY)).big == "PARKED"
    assert "set label" in station.verdict.instruction
    again = await begun_anew(station, open_station, by=OPERATOR)
    assert again.session.work.unit_in_hand() is None
    assert (await again.scan(foreign[0])).counter == "1/4"
    assert (await again.scan(f"{mine[0][:10]}-SET")).words == "TRAY OPEN, 3 MISSING"


async def test_a_tray_that_was_only_looked_at_is_parked(floor: Floor, open_station: OpenStation) -> None:
    """Opened by its label and empty, it is put aside as any other."""
    mine, _ = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(f"{mine[0][:10]}-SET")
    assert (await station.scan("CMD-PARK")).big == "PARKED"
    assert station.session.work.unit_in_hand() is None
    assert (await station.scan("CMD-PARK")).words == "NO TRAY OPEN"


async def test_an_empty_tray_that_was_opened_by_its_label_is_open_again(floor: Floor, terminal: Terminal) -> None:
    """Of the trays that the log has open here the terminal remembers which one it opened last."""
    mine, other = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], f"{other[0][:10]}-SET")
    keeping = station.keeping
    assert keeping is not None
    await remembers(keeping, f"{other[0][:10]}-SET")
    await terminal.kill()
    again = await terminal.start(ASSEMBLY, by=OPERATOR)
    assert again.session.work.unit_in_hand() == f"{other[0][:10]}-SET"
    assert (await again.scan(other[0])).words == "IN THE TRAY"


async def test_a_screen_without_memory_opens_the_tray_that_was_scanned_last(
    floor: Floor, open_station: OpenStation
) -> None:
    """By its label, though a card was laid into another one later than into this: its cards are no foreign ones."""
    one, two = await two_passed_sheets(floor)
    elsewhere, here = await open_station(ASSEMBLY_2, by=OPERATOR), await open_station(ASSEMBLY, by=OPERATOR)
    await elsewhere.scan(two[0])
    await here.scan_all(one[0], f"{two[0][:10]}-SET")
    another = await open_station(ASSEMBLY, by=OPERATOR)
    assert another.session.work.unit_in_hand() == f"{two[0][:10]}-SET"
    assert (await another.scan(two[1])).words == "IN THE TRAY"


async def test_a_screen_without_memory_opens_an_empty_tray_that_was_scanned_last(
    floor: Floor, open_station: OpenStation
) -> None:
    """Nothing was gathered in it yet, and the log has its label."""
    one, two = await two_passed_sheets(floor)
    here = await open_station(ASSEMBLY, by=OPERATOR)
    await here.scan_all(one[0], f"{two[0][:10]}-SET")
    another = await open_station(ASSEMBLY, by=OPERATOR)
    assert another.session.work.unit_in_hand() == f"{two[0][:10]}-SET"
    assert (await another.scan(two[0])).words == "IN THE TRAY"


async def test_an_empty_tray_that_was_carried_on_meanwhile_is_not_open_again(floor: Floor, terminal: Terminal) -> None:
    """It is not here any more."""
    mine, other = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], f"{other[0][:10]}-SET")
    keeping = station.keeping
    assert keeping is not None
    await remembers(keeping, f"{other[0][:10]}-SET")
    await terminal.kill()
    await floor.scan(ASSEMBLY_2, f"{other[0][:10]}-SET")
    again = await terminal.start(ASSEMBLY, by=OPERATOR)
    assert again.session.work.unit_in_hand() == f"{mine[0][:10]}-SET"


async def test_a_tray_that_was_carried_on_is_open_where_it_was_filled_last(
    floor: Floor, open_station: OpenStation
) -> None:
    """The station that had it before begins without one."""
    mine, _ = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(mine[0])
    await there.scan_all(f"{mine[0][:10]}-SET", mine[1])
    assert (await begun_anew(here, open_station)).session.work.unit_in_hand() is None
    assert (await begun_anew(there, open_station)).session.work.unit_in_hand() == f"{mine[0][:10]}-SET"


async def test_the_box_that_was_filled_last_is_open_again(floor: Floor, open_station: OpenStation) -> None:
    """Until it is sealed."""
    mine, foreign = await two_passed_sheets(floor)
    await floor.gather(mine, f"{mine[0][:10]}-SET")  # pyright: ignore[reportArgumentType]
    await floor.gather(foreign, f"{foreign[0][:10]}-SET")  # pyright: ignore[reportArgumentType]
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all("J1044-BX001", f"{mine[0][:10]}-SET")
    again = await begun_anew(station, open_station, by=OPERATOR)
    assert "J1044-BX001" in again.shown.header.details or again.session.work.unit_in_hand() == "J1044-BX001"
    assert (await again.scan(f"{foreign[0][:10]}-SET")).big == "PACKED"
    await again.press(Intent.CLOSE_BOX)
    once_more = await begun_anew(again, open_station)
    assert once_more.session.work.unit_in_hand() is None


async def test_the_sheet_that_was_checked_in_last_is_in_hand_again(floor: Floor, open_station: OpenStation) -> None:
    """At the press as at the cutter."""
    job = await floor.start(spec(), sets=2)
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan_all(f"{job}-S001", f"{job}-S002")
    again = await begun_anew(station, open_station, by=OPERATOR)
    assert again.session.work.unit_in_hand() == f"{job}-S002"
    shown = await again.shows(lambda shown: "sheet 2 of 2" in shown.header.details)
    assert isinstance(shown.work, BatchView)
    await again.scan(f"{job}-S002")
    careful = StationDefinition(
        station_id=CUTTER.station_id, name=CUTTER.name, role=CUTTER.role, work=CUTTER.work, single_scan=False
    )
    cutter = await open_station(careful, by=OPERATOR)
    await cutter.scan(f"{job}-S002")
    cutter = await begun_anew(cutter, open_station, by=OPERATOR)
    shown = await cutter.shows(lambda shown: isinstance(shown.work, CutterView) and shown.work.grid is not None)
    assert isinstance(shown.work, CutterView)
    assert "not cut yet" in shown.work.plan


async def test_a_bench_has_no_card_in_hand_after_a_restart(floor: Floor, open_station: OpenStation) -> None:
    """A key would judge a card that nobody scanned; the queue shows what is at the bench."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    again = await begun_anew(station, open_station, by=INSPECTOR)
    await again.type("+")
    row = await floor.store.card(cards[0])
    assert row is not None
    assert row.last_outcome is None
    assert (await again.scan(cards[0])).words == "INSPECT, THEN PASS OR FAIL"
