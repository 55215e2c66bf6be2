"""The delivery of what was kept: nothing holds it up unseen, and nothing is both done and listed as not done."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from core.domain.commands import DefineStation, ReportHeldScan, VoidCardUnit
from core.domain.values import AssemblyStatus, CardUnitStatus, VoidReason
from core.identity.ids import StationId
from core.production.requests import Request
from core.production.scan import Scan
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.work import AssemblyView
from kiosk.station_session.inputs import Pressed
from kiosk.station_session.keeping import Keeping
from store import Accepted, Answer, Store, StoreTimeout
from store.errors import DatabaseFault, SchemaTooNew, SpoolBroken
from store.spool import Spool
from tests.core.shop import ASSEMBLY, INSPECTOR, LEAD, OFFICE, OPERATOR, PRESS, QA, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.outage import Terminal, delivered, facts, kept, listed, offline, recorded
from tests.support.floor import Floor
from tests.support.waiting import eventually

# -- what cannot be delivered -----------------------------------------------------------


Run = Callable[..., Awaitable[Answer]]


def fails_with(monkeypatch: pytest.MonkeyPatch, text: str, fail: Callable[[Run], Awaitable[Answer]]) -> None:
    """Let every delivery of the scan of a text fail so; everything else is run as ever."""
    run: Run = Store.run

    async def failing(store: Store, request: Request, *, command_id: UUID | None = None) -> Answer:
        async def as_ever() -> Answer:
            return await run(store, request, command_id=command_id)

        is_the_one = isinstance(request, Scan) and request.text == text
        return await fail(as_ever) if is_the_one else await as_ever()

    monkeypatch.setattr(Store, "run", failing)
    monkeypatch.setattr("kiosk.station_session.replaying.pause", lambda _: 0.01)


async def three_kept(floor: Floor, terminal: Terminal) -> tuple[Station, list[str]]:
    """A press that kept three sheets, of which the second is the one that meets the fault."""
    job = await floor.start(spec(), sets=4)
    sheets = [f"{job}-S00{number}" for number in (1, 2, 3)]
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(*sheets)
    return station, sheets


async def test_a_request_that_meets_a_defect_is_listed_and_those_behind_it_are_delivered(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in the rules must not end the station, at every start anew, with everything behind it."""
    station, sheets = await three_kept(floor, terminal)

    async def defect(_: Run) -> Answer:
        raise KeyError("a bug")

    fails_with(monkeypatch, sheets[1], defect)
    await terminal.cable_in()
    await delivered(station)
    (refused,) = await listed(floor, PRESS)
    assert (refused.scanned, refused.refusal, refused.operator_id) == (sheets[1], "fault", OPERATOR)
    assert await facts(floor, sheets[1]) == ["SheetCreated"]
    assert await facts(floor, sheets[2]) == ["SheetCreated", "SheetEnteredStation"]


async def test_a_request_that_is_never_answered_is_told_and_then_listed(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database answers all others: the screen says what holds them up, and that does not last for ever."""
    station, sheets = await three_kept(floor, terminal)
    told: list[str] = []

    async def silent(_: Run) -> Answer:
        told.append("" if station.shown.notice is None else station.shown.notice.words)
        raise StoreTimeout("canceling statement due to statement timeout", outcome_unknown=False)

    fails_with(monkeypatch, sheets[1], silent)
    await terminal.cable_in()
    await delivered(station)
    assert "DELIVERY IS HELD UP" in told
    (refused,) = await listed(floor, PRESS)
    assert "statement timeout" in refused.reason
    assert await facts(floor, sheets[2]) == ["SheetCreated", "SheetEnteredStation"]
    await station.shows(lambda shown: shown.notice is not None and "REFUSED" in shown.notice.words)


async def test_what_is_listed_as_not_done_cannot_be_done_later(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery that the server still had on its way comes too late: the list and the log never say both."""
    station, sheets = await three_kept(floor, terminal)
    on_its_way: list[Run] = []

    async def late(run: Run) -> Answer:
        on_its_way.append(run)
        raise DatabaseFault("XX000", "for the time being")

    fails_with(monkeypatch, sheets[1], late)
    await terminal.cable_in()
    await delivered(station)
    assert len(await listed(floor, PRESS)) == 1
    answer = await on_its_way[0]()
    assert isinstance(answer, Accepted)
    assert answer.repeated
    assert await facts(floor, sheets[1]) == ["SheetCreated"]


async def test_what_was_done_in_spite_of_its_faults_is_not_listed(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer was lost on its way: the log has it, so the list does not."""
    station, sheets = await three_kept(floor, terminal)

    async def lost(run: Run) -> Answer:
        await run()
        raise DatabaseFault("XX000", "the answer cannot be read")

    fails_with(monkeypatch, sheets[1], lost)
    await terminal.cable_in()
    await delivered(station)
    assert await facts(floor, sheets[1]) == ["SheetCreated", "SheetEnteredStation"]
    assert not await listed(floor, PRESS)


async def test_a_program_that_is_too_old_waits_for_its_update_and_lists_nothing(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database came back with a newer schema: that is no fault of any scan, and all are delivered afterwards."""
    station, sheets = await three_kept(floor, terminal)
    attempts = 0

    async def too_old(run: Run) -> Answer:
        nonlocal attempts
        attempts += 1
        if attempts > 40:
            return await run()
        raise SchemaTooNew(9, 6)

    fails_with(monkeypatch, sheets[0], too_old)
    await terminal.cable_in()
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert shown.notice.words == "DELIVERY IS HELD UP"
    assert "update the program" in shown.notice.detail
    await delivered(station)
    assert not await listed(floor, PRESS)
    assert station.shown.notice is None
    for sheet in sheets:
        assert await facts(floor, sheet) == ["SheetCreated", "SheetEnteredStation"]


async def test_a_server_that_came_back_read_only_is_told_and_takes_nothing(
    floor: Floor, terminal: Terminal, database_dsn: str
) -> None:
    """A standby, or one that was fenced: it can be read, so the screen says why nothing is delivered."""
    station, sheets = await three_kept(floor, terminal)
    with psycopg.connect(database_dsn, autocommit=True) as owner:
        name = sql.Identifier(owner.info.dbname)
        owner.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        await terminal.cable_in()
        shown = await station.shows(lambda shown: shown.notice)
        assert shown.notice is not None
        assert (shown.notice.words, shown.header.kept) == ("DELIVERY IS HELD UP", 3)
        assert "read-only" in shown.notice.detail
        assert (await station.scan("J1044-S004")).words == "SAVED, 4 KEPT HERE"
        owner.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    terminal.line.cut()
    await delivered(station)
    for sheet in (*sheets, "J1044-S004"):
        assert await facts(floor, sheet) == ["SheetCreated", "SheetEnteredStation"]
    assert not await listed(floor, PRESS)


async def test_a_list_that_cannot_be_written_lets_the_request_be_delivered_after_all(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was wrong is over before anything stands on the list: then it is done, and not listed."""
    station, sheets = await three_kept(floor, terminal)
    run: Run = Store.run
    is_broken = True

    async def broken(store: Store, request: Request, *, command_id: UUID | None = None) -> Answer:
        nonlocal is_broken
        is_broken = is_broken and not isinstance(request, ReportHeldScan)
        if is_broken or isinstance(request, ReportHeldScan):
            raise DatabaseFault("XX000", "for the time being")
        return await run(store, request, command_id=command_id)

    monkeypatch.setattr(Store, "run", broken)
    monkeypatch.setattr("kiosk.station_session.replaying.pause", lambda _: 0.01)
    await terminal.cable_in()
    await delivered(station)
    assert not await listed(floor, PRESS)
    for sheet in sheets:
        assert await facts(floor, sheet) == ["SheetCreated", "SheetEnteredStation"]


async def test_a_station_that_the_log_does_not_know_yet_lists_what_was_refused_once_it_does(
    floor: Floor, terminal: Terminal
) -> None:
    """A database that was set up anew: the word of the refusal waits, and does not wait for ever."""
    new = replace(QA, station_id=StationId("QA-BENCH-9"), name="QA-BENCH-9")
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(new, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    await station.scan(cards[0])
    await floor.accept(
        VoidCardUnit(
            at=floor.now, operator_id=LEAD, station_id=OFFICE.station_id, card_unit_id=cards[0],
            reason=VoidReason.LOST, note="",
        )
    )  # fmt: skip
    await terminal.cable_in()
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert "does not know QA-BENCH-9" in shown.notice.detail
    await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=new))
    await delivered(station)
    assert [each.scanned for each in await listed(floor, new)] == [cards[0]]


# -- what was sent, and nobody answered ----------------------------------------------------


async def test_an_undo_that_nobody_answers_does_not_hold_up_the_bench(floor: Floor, terminal: Terminal) -> None:
    """It was sent, so it is kept in its place; the bench inspects on, and the log has the order of the bench."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    await station.scan(cards[0])
    await station.type("+")
    terminal.line.go_dead()
    station.pass_time(2)
    assert (await station.press(Intent.UNDO)).words == "SAVED, 1 KEPT HERE"
    await station.scan(cards[0])
    assert (await station.type("2", "0", "1", "enter")).words == "SAVED, 3 KEPT HERE"
    terminal.line.come_alive()
    await delivered(station)
    assert (await facts(floor, cards[0]))[-2:] == ["EventCorrected", "QAResultRecorded"]
    row = await floor.store.card(cards[0])
    assert row is not None
    assert row.status is CardUnitStatus.QA_FAILED
    assert not await listed(floor, QA)


async def test_an_undo_whose_answer_was_lost_is_done_once(floor: Floor, terminal: Terminal) -> None:
    """The server did it, the bench does not know: delivered again under its id it does nothing more."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    await station.scan(cards[0])
    await station.type("+")
    terminal.line.lose_answers()
    station.session.put(Pressed(Intent.UNDO))
    await station.shows(kept(1))
    terminal.line.cut()
    terminal.line.come_alive()
    await delivered(station)
    assert (await facts(floor, cards[0])).count("EventCorrected") == 1
    assert not await listed(floor, QA)


# -- what the disk does not let go ------------------------------------------------------------


async def test_what_was_answered_leaves_the_disk_as_soon_as_the_disk_lets_it(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left there it would be delivered again by a later start, when it may mean something else."""
    station, sheets = await three_kept(floor, terminal)
    answered = Spool.answered

    async def broken(self: Spool, _: int) -> None:
        raise SpoolBroken(str(self.path), "disk I/O error")

    monkeypatch.setattr(Spool, "answered", broken)
    await terminal.cable_in()
    await delivered(station)
    monkeypatch.setattr(Spool, "answered", answered)
    await station.shows(lambda shown: shown.notice is None)
    await terminal.kill()
    spool = await Spool.open(terminal.spool)
    assert await spool.count() == 0
    await spool.close()
    assert await facts(floor, sheets[2]) == ["SheetCreated", "SheetEnteredStation"]


async def test_a_file_that_was_removed_while_it_was_empty_is_made_anew(floor: Floor, terminal: Terminal) -> None:
    """Somebody cleaned up: the next outage finds a file, and what is in it is delivered."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    await terminal.cable_in()
    await delivered(station)
    terminal.cable_out()
    await offline(station)
    terminal.spool.unlink()
    assert (await station.scan(f"{job}-S002")).words == "SAVED, 1 KEPT HERE"
    assert terminal.spool.exists()
    terminal.spool.unlink()
    station.scan_at_once(f"{job}-S003")
    await station.shows(lambda shown: shown.stop)
    assert any("Do not restart the kiosk" in step for step in station.stop.steps)
    await terminal.cable_in()
    await delivered(station)
    assert station.shown.stop is None
    # The one in hand is recorded or kept once more, and then delivered a little after the others.
    for number in (1, 2, 3):
        await recorded(floor, f"{job}-S00{number}", "SheetCreated", "SheetEnteredStation")


async def test_a_spool_that_is_opened_by_two_at_once_is_no_other_kiosk(tmp_path: Path) -> None:
    """What remembers and what keeps both find it closed: none takes the other for a second process."""
    keeping = Keeping(tmp_path / "kept.db")
    await asyncio.gather(*(keeping.remember(f"name {number}", b"said") for number in range(8)))
    assert not keeping.problem
    assert await keeping.remembered("name 7") == b"said"
    await keeping.close()


async def test_what_a_terminal_kept_under_another_name_is_delivered_too(floor: Floor, terminal: Terminal) -> None:
    """It was PRESS-1, died in an outage, and somebody made it QA-BENCH-1: its scans are not forgotten on its disk."""
    _, sheets = await three_kept(floor, terminal)
    await terminal.kill()
    await terminal.cable_in()
    terminal.spool.rename(terminal.spool.with_name("PRESS-1.db"))
    again = await terminal.start(QA)

    async def all_delivered() -> bool:
        return "SheetEnteredStation" in await facts(floor, sheets[-1])

    await eventually(all_delivered)
    for sheet in sheets:
        assert await facts(floor, sheet) == ["SheetCreated", "SheetEnteredStation"]
    await again.shows(lambda shown: any(line.words == "3 delivered" for line in shown.scans.lines))


async def test_a_terminal_that_died_before_it_showed_saved_shows_afterwards_what_it_kept(
    floor: Floor, terminal: Terminal
) -> None:
    """The scan was on the disk and the screen never said so: whoever sees it there does not scan it a second time."""
    _, sheets = await three_kept(floor, terminal)
    await terminal.kill()
    again = await terminal.start(PRESS, wait=False)
    lines = [line for line in again.shown.scans.lines if line.words == "kept"]
    assert [line.what[-4:] for line in lines] == ["S003", "S002", "S001"]
    assert again.session.work.unit_in_hand() == sheets[-1]


async def test_a_bench_that_is_started_anew_has_no_card_in_hand_whatever_it_kept(
    floor: Floor, terminal: Terminal
) -> None:
    """A key would judge a card that nobody scanned at this start."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    await station.scan(cards[0])
    await terminal.kill()
    again = await terminal.start(QA, wait=False)
    assert again.shown.scans.lines
    assert again.session.work.unit_in_hand() is None


# -- what the world did meanwhile ----------------------------------------------------------


async def test_a_server_that_answers_too_late_has_the_scan_once(floor: Floor, terminal: Terminal) -> None:
    """It takes a second and a half: the scan is kept, and recorded by the first delivery as well; the log has one."""
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.line.go_dead()
    station.scan_at_once(f"{job}-S001")
    await station.shows(kept(1))
    # The line was slow and lost nothing: what was sent first arrives after all, beside the second delivery.
    terminal.line.come_alive()
    await delivered(station)
    assert await facts(floor, f"{job}-S001") == ["SheetCreated", "SheetEnteredStation"]
    assert not await listed(floor, PRESS)


async def test_each_kept_scan_is_the_scan_of_whoever_was_logged_on(floor: Floor, terminal: Terminal) -> None:
    """One logs off and another on in the middle of the outage, and the station is given another name meanwhile."""
    job = await floor.start(spec(), sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    await station.press(Intent.LOG_OFF)
    await station.log_on(LEAD)
    await station.scan(f"{job}-S002")
    renamed = replace(PRESS, name="THE OLD PRESS", single_scan=True)
    await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=renamed))
    await terminal.cable_in()
    await delivered(station)
    for sheet, person in ((f"{job}-S001", OPERATOR), (f"{job}-S002", LEAD)):
        found = await floor.store.history(sheet)
        assert found is not None
        assert [type(each.event).__name__ for each in found.events] == ["SheetCreated", "SheetEnteredStation"]
        assert found.events[-1].event.operator_id == person


async def test_a_card_that_was_voided_meanwhile_completes_no_set(floor: Floor, terminal: Terminal) -> None:
    """It was laid into the tray in the outage: the list names it, and the set lacks it."""
    cards = await floor.cut(await floor.start(spec()))
    for card in cards:
        await floor.inspect(card)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(cards[0])
    await station.shows(lambda shown: isinstance(shown.work, AssemblyView) and shown.work.grid)
    terminal.cable_out()
    await station.scan_all(*cards[1:])
    await floor.accept(
        VoidCardUnit(
            at=floor.now, operator_id=LEAD, station_id=OFFICE.station_id, card_unit_id=cards[2],
            reason=VoidReason.LOST, note="",
        )
    )  # fmt: skip
    await terminal.cable_in()
    await delivered(station)
    assert [(each.scanned, each.refusal) for each in await listed(floor, ASSEMBLY)] == [(cards[2], "CardVoided")]
    row = await floor.store.assembly(f"{cards[0][:10]}-SET")
    assert row is not None
    assert row.status is AssemblyStatus.IN_PROGRESS


async def test_nothing_is_delivered_before_whoever_scanned_it_was_told_that_it_is_kept(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a card whose scan takes long to be given up, when it is refused and in order later, then it is scanned."""
    cards = await floor.cut(await floor.start(spec()))
    await floor.inspect(cards[0])
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(cards[0])
    sendings = 0

    async def slow_to_give_up(run: Run) -> Answer:
        nonlocal sendings
        sendings += 1
        if sendings > 1:
            return await run()
        try:
            await asyncio.Event().wait()
        finally:
            # So long the delivery has, if it begins at all.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await station.session._keeping.drained()
        raise AssertionError

    fails_with(monkeypatch, cards[1], slow_to_give_up)
    await station.scan(cards[1])
    await delivered(station)
    assert [each.in_tray for each in await listed(floor, ASSEMBLY)] == [cards[1]]
    await floor.inspect(cards[1])
    assert (await station.scan(cards[1])).words == "IN THE TRAY"
