"""A terminal that is started anew in an outage: what it kept, its tray and its stop are there."""

import contextlib
import sqlite3

import pytest

from core.projections import PackRow
from kiosk.snapshots.frame import ConnectionState, NoticeView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.slots import SlotState
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView, BatchView
from kiosk.station_session.keeping import Keeping
from store import Store, StoreError, StoreUnavailable
from store.spool_file import LEFT
from tests.core.shop import ASSEMBLY, OPERATOR, PACKING, PRESS, spec
from tests.kiosk.station_session.bench import Station, at_work, two_passed_sheets
from tests.kiosk.station_session.outage import (
    Terminal,
    delivered,
    facts,
    listed,
)
from tests.support.floor import Floor
from tests.support.waiting import eventually


def _facts_of(station: Station) -> list[tuple[str, str]]:
    return [(fact.label, fact.value) for fact in station.stop.facts]


async def test_what_a_killed_kiosk_kept_is_delivered_by_the_next_one(floor: Floor, terminal: Terminal) -> None:
    """It starts without the database, knows the badge, keeps further scans behind, and delivers all of it."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(f"{job}-S001", f"{job}-S002")
    await terminal.kill()
    again = await terminal.start(PRESS, wait=False)
    assert again.shown.header.connection is ConnectionState.OFFLINE
    assert again.shown.header.kept == 2
    await again.log_on(OPERATOR)
    assert (await again.scan("OP-999")).words == "THIS BADGE WAITS"
    assert (await again.scan(f"{job}-S003")).words == "SAVED, 3 KEPT HERE"
    await terminal.cable_in()
    await delivered(again)
    for number in (1, 2, 3):
        assert await facts(floor, f"{job}-S00{number}") == ["SheetCreated", "SheetEnteredStation"]
    assert (await again.scan(f"{job}-S001")).state is VerdictState.ACCEPTED


@pytest.mark.parametrize("error", [StoreUnavailable("it is silent"), StoreError("it has a fault")])
async def test_what_could_not_be_found_again_at_the_start_is_found_as_soon_as_it_can_be_read(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, error: StoreError
) -> None:
    """Given a database that fails just after the kiosk was started, when it answers, then its box is open."""
    job = await floor.start(spec())
    station = await terminal.start(PACKING, by=OPERATOR)
    await station.scan(f"{job}-BX001")
    await terminal.kill()
    open_pack, fails = Store.open_pack, True

    async def failing(store: Store, station_id: str) -> PackRow | None:
        if fails:
            raise error
        return await open_pack(store, station_id)

    monkeypatch.setattr(Store, "open_pack", failing)
    station = await terminal.start(PACKING)
    assert station.session.work.unit_in_hand() is None
    assert station.verdict.words != "NOT RECORDED"
    fails = False
    await eventually(lambda: station.session.work.unit_in_hand() == f"{job}-BX001")


async def test_the_tray_and_the_stop_are_there_after_a_start_without_the_database(
    floor: Floor, terminal: Terminal
) -> None:
    """A foreign card stops a station that is offline as ever, over a restart, and the log has it all in the end."""
    mine, foreign = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    await station.shows(lambda shown: isinstance(shown.work, AssemblyView) and shown.work.grid)
    terminal.cable_out()
    assert (await station.scan(mine[1])).words == "SAVED, 1 KEPT HERE"
    work = station.shown.work
    assert isinstance(work, AssemblyView)
    assert work.grid is not None
    assert (work.grid.slots[1].state, work.grid.slots[1].caption) == (SlotState.KEPT, "KEPT")
    await station.scan(foreign[0])
    assert station.stop.noun == "WRONG CARD"
    assert ("MISSING", "in this tray: 03 04") in _facts_of(station)
    await station.scan(mine[2])
    assert station.stop.ignored == 1
    await eventually_remembered(terminal)
    await terminal.kill()
    again = await terminal.start(ASSEMBLY, wait=False)
    assert again.stop.noun == "WRONG CARD"
    assert ("MISSING", "in this tray: 03 04") in _facts_of(again)
    await again.scan("CMD-RESET")
    assert again.shown.stop is None
    await again.log_on(OPERATOR)
    assert (await again.scan(mine[2])).big == "SAVED"
    await terminal.cable_in()
    await delivered(again)
    assert again.shown.stop is None
    row = await floor.store.assembly(f"{mine[0][:10]}-SET")
    assert row is not None
    assert row.gathered_count == 3
    assert not await listed(floor, ASSEMBLY)
    refusals = [type(each.rejection).__name__ for each in await floor.store.refused_scans(ASSEMBLY.station_id)]
    assert sorted(refusals) == ["IgnoredUnderStop", "WrongSet"]
    assert "StationStopCleared" in await facts(floor, ASSEMBLY.station_id)


async def test_the_tray_that_is_open_is_told_after_a_start_without_the_database(
    floor: Floor, terminal: Terminal
) -> None:
    """Given an open tray, when the terminal starts offline, then it names the tray and what was kept."""
    mine, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], mine[1])
    sheet = mine[0][:10]
    disk = terminal.spool.parent
    await eventually(
        lambda: f"{sheet}-SET".encode() in b"".join(each.read_bytes() for each in disk.glob(f"{terminal.spool.name}*"))
    )
    terminal.cable_out()
    await terminal.kill()
    again = await terminal.start(ASSEMBLY, by=OPERATOR, wait=False)
    work = again.shown.work
    assert isinstance(work, AssemblyView)
    assert work.grid is None
    assert work.unread is not None
    assert work.unread.title == f"TRAY {sheet}"
    assert work.unread.empty == "its cards are shown when the database answers"
    again.pass_time(5)
    await again.shows(lambda shown: sheet in shown.verdict.instruction)
    await again.scan(mine[2])
    work = again.shown.work
    assert isinstance(work, AssemblyView)
    assert work.unread is not None
    newest = work.unread.ready[0]
    assert (newest.what, newest.name) == ("03", "kept here")
    await terminal.cable_in()
    await delivered(again)
    await again.shows(lambda shown: isinstance(shown.work, AssemblyView) and shown.work.grid and not shown.work.unread)


async def test_a_terminal_that_had_no_answer_since_its_start_never_says_that_it_is_online(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a server that hangs, when a terminal starts, then it is offline after a second and was never online."""
    await terminal.start(PRESS, by=OPERATOR)
    await terminal.kill()
    terminal.line.go_dead()
    again = await terminal.start(PRESS, by=OPERATOR, wait=False)
    said = [shown.header.connection for shown in again.published]
    assert ConnectionState.OFFLINE in said
    assert ConnectionState.ONLINE not in said
    terminal.line.come_alive()
    await delivered(again)


async def test_a_terminal_that_begins_without_the_database_says_so_from_its_first_moment(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a start that asked in vain, when the session begins, then all that it shows is offline."""
    await terminal.start(PRESS, by=OPERATOR)
    await terminal.kill()
    terminal.line.go_dead()

    async def prepare() -> None:
        assert again.store is not None
        await again.store.ask_the_time()

    async with contextlib.AsyncExitStack() as closing:
        keeping = await Keeping.opened(terminal.spool)
        closing.push_async_callback(keeping.close)
        store = await closing.enter_async_context(
            await Store.open(terminal.line.dsn, station_id=PRESS.station_id, wait=False)
        )
        again = Station(floor, PRESS, store=store, keeping=keeping, prepare=prepare)
        await closing.enter_async_context(at_work(again))
        await again.session.settled()
        await again.log_on(OPERATOR)
        assert {shown.header.connection for shown in again.published} == {ConnectionState.OFFLINE}
        terminal.line.come_alive()
        await delivered(again)


async def test_a_queue_that_was_never_read_is_not_said_to_be_empty(floor: Floor, terminal: Terminal) -> None:
    """Given a start without the database, when no queue was read yet, then it is not said that nothing waits."""
    for definition in (PRESS, ASSEMBLY):
        station = await terminal.start(definition, by=OPERATOR)
        await terminal.kill()
        terminal.cable_out()
        station = await terminal.start(definition, by=OPERATOR, wait=False)
        work = station.shown.work
        queue = work.unread if isinstance(work, AssemblyView) else work.queue if isinstance(work, BatchView) else None
        assert queue is not None
        assert queue.empty == "shown when the database answers"
        await terminal.kill()
        await terminal.cable_in()


async def eventually_remembered(terminal: Terminal) -> None:
    """Wait until the terminal's disk has the stop that stands."""
    await eventually(lambda: b"WrongSet" in terminal.spool.read_bytes())


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        ("stop", "whether the line stood"),
        ("work", "what was open"),
        ("both", "whether the line stood and what was open"),
    ],
)
async def test_what_the_disk_changed_of_a_terminals_memory_is_not_believed_and_told(
    floor: Floor, terminal: Terminal, caplog: pytest.LogCaptureFixture, damaged: str, told: str
) -> None:
    """Given a stop and a tray that the disk changed, when it starts offline, then neither is there, and it is told."""
    mine, foreign = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    await station.shows(lambda shown: isinstance(shown.work, AssemblyView) and shown.work.grid)
    terminal.cable_out()
    await station.scan(mine[1])
    await station.scan(foreign[0])
    assert station.stop.noun == "WRONG CARD"
    await eventually_remembered(terminal)
    await terminal.kill()
    names = ("stop", "work") if damaged == "both" else (damaged,)
    with contextlib.closing(sqlite3.connect(terminal.spool, isolation_level=None)) as connection:
        for name in names:
            # One letter of it is another, and it can be read as before.
            changed = "UPDATE remembered SET said = CAST(replace(said, '1', '2') AS BLOB) WHERE name = ?"
            assert connection.execute(changed, (name,)).rowcount == 1
    again = await terminal.start(ASSEMBLY, wait=False)
    assert (again.shown.stop is None) == ("stop" in names)
    if again.shown.stop is not None:
        await again.scan("CMD-RESET")
    assert again.session.work.memory() == (b"" if "work" in names else f"{mine[0][:10]}-SET".encode())
    assert again.shown.notice == NoticeView(words="MEMORY DAMAGED", detail=f"Ask a lead {told}")
    assert all(f"remembered as '{name}'" in caplog.text for name in names)
    await terminal.cable_in()
    await delivered(again)
    row = await floor.store.assembly(f"{mine[0][:10]}-SET")
    assert row is not None
    assert row.gathered_count == 2
    assert not await listed(floor, ASSEMBLY)
    assert again.shown.notice is None


async def test_what_is_missing_of_a_memory_in_a_damaged_file_is_told(floor: Floor, terminal: Terminal) -> None:
    """Given a file that lost a scan and its memory, when its terminal starts offline, then both are told."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(f"{job}-S001", f"{job}-S002")
    await terminal.kill()
    with contextlib.closing(sqlite3.connect(terminal.spool, isolation_level=None)) as connection:
        connection.execute("DELETE FROM held WHERE position = 1")
        connection.execute("DELETE FROM remembered WHERE name IN ('stop', 'work')")
    again = await terminal.start(PRESS, wait=False)
    assert again.shown.notice is not None
    assert again.shown.notice.words == "MEMORY DAMAGED"
    await terminal.cable_in()
    await delivered(again)
    await again.shows(lambda shown: shown.notice and shown.notice.words != "MEMORY DAMAGED")
    assert [each.kind for each in await listed(floor, PRESS)] == [LEFT]


async def test_what_was_refused_at_once_is_not_said_to_be_saved_after_a_start_without_the_database(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a card that a press refused, when it starts anew offline, then the sheet before it is in hand."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    assert (await station.scan("J1045-S001-01")).words == "THIS IS A CARD"
    assert station.shown.header.kept == 2
    await terminal.kill()
    again = await terminal.start(PRESS, wait=False)
    assert again.session.work.unit_in_hand() == f"{job}-S001"
    assert [line.what for line in again.shown.scans.lines if line.words == "kept"] == ["S001"]


async def test_what_a_tray_lacks_is_not_said_where_the_terminal_does_not_know_it(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a tray found again without the database, when a foreign card is scanned, then its stop names no number."""
    mine, foreign = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    await eventually(lambda: f"{mine[0][:10]}-SET".encode() in terminal.spool.read_bytes())
    await terminal.kill()
    terminal.cable_out()
    again = await terminal.start(ASSEMBLY, wait=False)
    await again.log_on(OPERATOR)
    await again.scan(foreign[0])
    assert again.stop.noun == "WRONG CARD"
    assert ("MISSING", "in this tray: not known without the database") in _facts_of(again)


async def test_a_call_that_was_kept_is_named_in_words_after_a_start_offline(floor: Floor, terminal: Terminal) -> None:
    """Given a lead who was called offline, when the kiosk starts anew, then its last scans say so in words."""
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    await station.press(Intent.CALL_LEAD)
    await terminal.kill()
    again = await terminal.start(PRESS, wait=False)
    assert [line.what for line in again.shown.scans.lines if line.words == "kept"] == ["CALL FOR A LEAD", "S001"]
