"""Store and forward: what a station keeps while the database is away is in the log once, in order, or on the list."""

from uuid import UUID

import pytest

from core.domain.commands import VoidCardUnit
from core.domain.values import VoidReason
from core.identity.ids import CardUnitId
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView, BatchView, QaView
from store.errors import SpoolFull
from store.spool import Spool
from store.spool_file import added, changing
from tests.core.shop import ASSEMBLY, INSPECTOR, LEAD, OFFICE, OPERATOR, PACKING, PRESS, QA, START, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import (
    Terminal,
    delivered,
    eventually_in_log,
    facts,
    kept,
    listed,
    offline,
)
from tests.support.floor import Floor
from tests.support.waiting import eventually

# -- an outage --------------------------------------------------------------------------


async def test_scans_in_the_middle_of_an_outage_are_kept_and_delivered_in_order(
    floor: Floor, terminal: Terminal
) -> None:
    """Blue and counted while the database is away; in the log once each, as they were scanned, when it is back."""
    job = await floor.start(spec(), sets=4)
    station = await terminal.start(PRESS, by=OPERATOR)
    assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED
    terminal.cable_out()
    for number, text in enumerate((f"{job}-S001", f"{job}-S002", f"{job}-S003", f"{job}-S002"), start=1):
        said = await station.scan(text)
        assert (said.state, said.big, said.words) == (VerdictState.OFFLINE, "SAVED", f"SAVED, {number} KEPT HERE")
        assert station.shown.header.kept == number
    assert station.shown.scans.lines[0].words == "kept here"
    assert await facts(floor, f"{job}-S002") == ["SheetCreated"]
    await terminal.cable_in()
    await delivered(station)
    assert "PrintCompleted" in await facts(floor, f"{job}-S001")
    assert "PrintCompleted" in await facts(floor, f"{job}-S002")
    assert "PrintCompleted" not in await facts(floor, f"{job}-S003")
    scans = [each for each in await floor.store.last_scans(PRESS.station_id) if each.scanned and "-S" in each.scanned]
    assert [each.scanned for each in reversed(scans)] == [
        f"{job}-S001", f"{job}-S001", f"{job}-S002", f"{job}-S003", f"{job}-S002",
    ]  # fmt: skip
    assert all(each.is_accepted and each.operator_id == OPERATOR for each in scans)
    assert not await listed(floor, PRESS)
    assert (await station.scan(f"{job}-S003")).state is VerdictState.ACCEPTED


async def test_a_database_that_hangs_is_offline_after_a_second(floor: Floor, terminal: Terminal) -> None:
    """Nothing refuses, nothing answers: the scan is kept under the id that was sent, and counts once."""
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.line.go_dead()
    station.scan_at_once(f"{job}-S001")
    await station.shows(lambda shown: shown.verdict.state is VerdictState.CHECKING)
    await station.shows(kept(1))
    await station.session.settled()
    assert station.verdict.big == "SAVED"
    terminal.line.come_alive()
    await delivered(station)
    assert await facts(floor, f"{job}-S001") == ["SheetCreated", "SheetEnteredStation"]


async def test_a_commit_whose_answer_was_lost_counts_once(floor: Floor, terminal: Terminal) -> None:
    """The server has it, the station does not know: kept under the same id, its second delivery adds nothing."""
    job = await floor.start(spec(), sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    # What the station remembers of a sheet, and the statement that it has prepared, make the next scan one message.
    await station.scan_all(f"{job}-S001", f"{job}-S001", f"{job}-S002")
    before = len(await facts(floor, f"{job}-S002"))
    terminal.line.lose_answers()
    station.scan_at_once(f"{job}-S002")
    await eventually_in_log(floor, f"{job}-S002", "PrintCompleted")
    recorded = await facts(floor, f"{job}-S002")
    assert len(recorded) > before
    await station.shows(kept(1))
    terminal.line.cut()
    terminal.line.come_alive()
    await delivered(station)
    assert await facts(floor, f"{job}-S002") == recorded
    assert not await listed(floor, PRESS)


async def test_a_live_scan_during_the_delivery_does_not_overtake(floor: Floor, terminal: Terminal) -> None:
    """It is kept behind those before it: the order of a station is the order of its log."""
    job = await floor.start(spec(), sets=30)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    for number in range(1, 21):
        await station.scan(f"{job}-S{number:03d}")
    await terminal.cable_in()
    await station.shows(lambda shown: 0 < shown.header.kept < 20)
    said = await station.scan(f"{job}-S021")
    assert said.state in {VerdictState.OFFLINE, VerdictState.ACCEPTED}
    await delivered(station)
    scans = await floor.store.last_scans(PRESS.station_id, 100)
    sheets = [each.scanned for each in reversed(scans) if each.scanned and "-S" in each.scanned]
    assert sheets == [f"{job}-S{number:03d}" for number in range(1, 22)]


# -- a terminal that dies ---------------------------------------------------------------


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


async def two_passed_sheets(floor: Floor) -> tuple[tuple[CardUnitId, ...], tuple[CardUnitId, ...]]:
    """Two sheets of one job, cut and passed."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (*mine, *foreign):
        await floor.inspect(card)
    return mine, foreign


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
    assert work.grid.slots[1].caption == "KEPT"
    await station.scan(foreign[0])
    assert station.stop.noun == "WRONG CARD"
    await station.scan(mine[2])
    assert station.stop.ignored == 1
    await eventually_remembered(terminal)
    await terminal.kill()
    again = await terminal.start(ASSEMBLY, wait=False)
    assert again.stop.noun == "WRONG CARD"
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


# -- what waits -------------------------------------------------------------------------


async def test_packing_waits_and_says_so(floor: Floor, terminal: Terminal) -> None:
    """Nothing is kept of it, and nothing happens later."""
    await floor.start(spec())
    station = await terminal.start(PACKING, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    said = await station.scan("J1044-BX001")
    assert (said.state, said.big, said.words) == (VerdictState.ATTENTION, "WAIT", "PACKING WAITS")
    assert not station.shown.header.kept
    await terminal.cable_in()
    await delivered(station)
    assert await floor.store.pack("J1044-BX001") is None


async def test_what_had_to_wait_is_not_said_to_wait_any_longer(floor: Floor, terminal: Terminal) -> None:
    """Given a band that says WAIT, when the database is back, then it is READY and says so, and that fades."""
    await floor.start(spec())
    station = await terminal.start(PACKING, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    await station.scan("J1044-BX001")
    await terminal.cable_in()
    await delivered(station)
    back = await station.shows(lambda shown: shown.verdict.words != "PACKING WAITS")
    assert (back.verdict.state, back.verdict.words) == (VerdictState.READY, "THE DATABASE IS BACK")
    station.pass_time(30)
    await station.shows(lambda shown: shown.verdict.words != "THE DATABASE IS BACK")
    assert station.verdict.state is VerdictState.READY


async def test_a_badge_that_had_to_wait_is_not_said_to_wait_any_longer(floor: Floor, terminal: Terminal) -> None:
    """Given an unknown badge offline, when the database is back, then the log-on screen says no more of it."""
    station = await terminal.start(PACKING)
    terminal.cable_out()
    await offline(station)
    assert (await station.scan("OP-99")).words == "THIS BADGE WAITS"
    await terminal.cable_in()
    await delivered(station)
    await station.shows(lambda shown: shown.verdict.words == "THE DATABASE IS BACK")
    assert isinstance(station.shown.work, LogOnView)
    assert not station.shown.work.problem


async def test_what_was_sent_and_must_not_be_kept_is_asked_for_until_it_is_answered(
    floor: Floor, terminal: Terminal
) -> None:
    """Nobody knows whether it was done: it is said to be neither, waits in blue, and counts once."""
    await floor.start(spec())
    station = await terminal.start(PACKING, by=OPERATOR)
    terminal.line.go_dead()
    station.scan_at_once("J1044-BX001")
    shown = await station.shows(lambda shown: shown.verdict.words == "PACKING WAITS")
    assert (shown.verdict.state, shown.verdict.big) == (VerdictState.OFFLINE, "WAIT")
    station.scan_at_once("J1044-BX002")
    await station.shows(lambda shown: "1 more" in shown.verdict.instruction)
    terminal.line.come_alive()
    await delivered(station)
    assert await facts(floor, "J1044-BX001") == ["PackOpened"]


async def test_a_look_that_nobody_answers_does_not_leave_the_station_offline(floor: Floor, terminal: Terminal) -> None:
    """The label of a tray is given up after a second; the next answer to anything says that the database is back."""
    mine, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    terminal.line.go_dead()
    assert (await station.scan(f"{mine[0][:10]}-SET")).words == "TRAYS WAIT"
    assert station.shown.header.connection is ConnectionState.OFFLINE
    terminal.line.come_alive()
    await delivered(station)
    assert (await station.scan(f"{mine[0][:10]}-SET")).state is VerdictState.ACCEPTED


async def test_no_tray_is_opened_and_nothing_is_undone_offline(floor: Floor, terminal: Terminal) -> None:
    """A set's label, a card without an open tray and F2 wait; F2 does not reach past what was kept."""
    mine, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    assert (await station.scan(mine[0])).words == "TRAYS WAIT"
    assert (await station.scan(f"{mine[0][:10]}-SET")).words == "TRAYS WAIT"
    assert (await station.press(Intent.UNDO)).words == "UNDO WAITS"
    assert not station.shown.header.kept


async def test_a_bench_inspects_on_without_the_database(floor: Floor, terminal: Terminal) -> None:
    """A card that was kept is in hand, its verdict is kept, a call for a lead as well."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    for card in cards[:2]:
        await station.scan(card)
        work = station.shown.work
        assert isinstance(work, QaView)
        assert work.card == card
        assert (await station.type("+")).big == "SAVED"
    assert (await station.press(Intent.CALL_LEAD)).words == "SAVED, 5 KEPT HERE"
    await terminal.cable_in()
    await delivered(station)
    for card in cards[:2]:
        assert "QAResultRecorded" in await facts(floor, card)
    assert "HelpCalled" in await facts(floor, QA.station_id)


# -- what is refused on delivery --------------------------------------------------------


async def voided_meanwhile(floor: Floor, terminal: Terminal) -> tuple[Station, CardUnitId]:
    """A bench that kept a card which a lead voided before the bench was back."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    await station.scan_all(cards[0], cards[1])
    await floor.accept(
        VoidCardUnit(
            at=floor.now, operator_id=LEAD, station_id=OFFICE.station_id, card_unit_id=cards[0],
            reason=VoidReason.LOST, note="",
        )
    )  # fmt: skip
    await terminal.cable_in()
    await delivered(station)
    return station, cards[0]


async def test_what_the_world_overtook_is_listed_until_somebody_deals_with_it(floor: Floor, terminal: Terminal) -> None:
    """It is in the station's history with its refusal, on its screen, and off both lists with a key and a yes."""
    station, card = await voided_meanwhile(floor, terminal)
    (refused,) = await listed(floor, QA)
    assert (refused.scanned, refused.refusal, refused.operator_id) == (card, "CardVoided", INSPECTOR)
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert shown.notice.words == "1 KEPT SCAN REFUSED"
    assert card in shown.notice.detail
    assert shown.stop is None
    await station.press(Intent.SETTLE)
    assert card in station.question.title
    await station.answer("")
    assert station.shown.notice is not None
    await station.scan("CMD-SETTLE")
    assert (await station.scan("CMD-YES")).state is VerdictState.ACCEPTED
    assert station.shown.notice is None
    assert "HeldScanSettled" in await facts(floor, QA.station_id)


async def test_the_list_stands_after_a_restart(floor: Floor, terminal: Terminal) -> None:
    """It is in the log, not in a process."""
    _, card = await voided_meanwhile(floor, terminal)
    await terminal.kill()
    again = await terminal.start(QA)
    shown = await again.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert card in shown.notice.detail


async def test_what_this_program_cannot_read_is_listed_too(floor: Floor, terminal: Terminal) -> None:
    """A spool of another version of the program loses nothing either."""
    spool = await Spool.open(terminal.spool)
    with changing(spool._connection):
        said = b'{"card": "J1044-S001-01"}'
        added(spool._connection, (str(UUID(int=7)), "Teleport", said, START.isoformat(), "", 0.0))
    await spool.close()
    station = await terminal.start(QA)
    await delivered(station)
    (refused,) = await listed(floor, QA)
    assert (refused.kind, refused.refusal, refused.held) == ("Teleport", "", str(UUID(int=7)))
    assert "J1044-S001-01" in refused.scanned
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert "could not be read" in shown.notice.detail


async def test_the_leads_see_what_was_refused_and_settle_it_on_the_stations_line(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """It stands among the exceptions, and on the line of its station; Enter there asks, and a yes takes it off."""
    _, card = await voided_meanwhile(floor, terminal)
    wall = await open_station(OFFICE, by=LEAD)

    def is_told(shown: StationSnapshot) -> bool:
        return isinstance(shown.work, LeadView) and any(
            each.words == "1 REFUSED" and card in each.detail for each in shown.work.exceptions
        )

    await wall.shows(is_told)
    await wall.press(Intent.STATIONS)
    shown = await wall.shows(lambda shown: isinstance(shown.work, LeadView) and shown.work.stations)
    assert isinstance(shown.work, LeadView)
    assert shown.work.stations[shown.work.selected].state == "REFUSED"
    await wall.press(Intent.OPEN)
    assert card in wall.question.title
    await wall.answer(wall.question.choices[0].value)
    await wall.shows(lambda shown: not is_told(shown))
    assert "HeldScanSettled" in await facts(floor, QA.station_id)


# -- a disk that keeps nothing ----------------------------------------------------------


async def test_a_full_disk_stops_the_line_before_a_scan_is_lost(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loud until the scan is safe: scans meanwhile are ignored and counted, and the one at hand is kept in the end."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    keep = Spool.keep

    async def full(self: Spool, *_: object) -> None:
        raise SpoolFull(str(self.path))

    monkeypatch.setattr(Spool, "keep", full)
    station.scan_at_once(f"{job}-S002")
    await station.shows(lambda shown: shown.stop)
    assert station.stop.noun == "DISK FULL"
    station.scan_at_once(f"{job}-S003")
    assert station.stop.ignored == 1
    monkeypatch.setattr(Spool, "keep", keep)
    await station.shows(kept(2))
    await station.session.settled()
    assert station.shown.stop is None
    await terminal.cable_in()
    await delivered(station)
    for number, more in ((1, ["SheetEnteredStation"]), (2, ["SheetEnteredStation"]), (3, [])):
        assert await facts(floor, f"{job}-S00{number}") == ["SheetCreated", *more]


async def test_a_full_disk_ends_its_stop_when_the_database_takes_the_scan(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Green, for it is recorded; and the screen says from then on that nothing can be kept here."""
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)

    async def full(self: Spool, *_: object) -> None:
        raise SpoolFull(str(self.path))

    monkeypatch.setattr(Spool, "keep", full)
    terminal.cable_out()
    station.scan_at_once(f"{job}-S001")
    await station.shows(lambda shown: shown.stop)
    await terminal.cable_in()
    await station.shows(lambda shown: not shown.stop)
    await station.session.settled()
    assert station.verdict.state is VerdictState.ACCEPTED
    assert station.shown.notice is not None
    assert station.shown.notice.words == "NOTHING CAN BE KEPT HERE"
    assert await facts(floor, f"{job}-S001") == ["SheetCreated", "SheetEnteredStation"]


async def test_work_goes_on_without_the_spool_while_the_database_answers(floor: Floor, terminal: Terminal) -> None:
    """Another kiosk process has it: green as ever, and the screen says that nothing can be kept here."""
    other = await Spool.open(terminal.spool)
    try:
        job = await floor.start(spec())
        station = await terminal.start(PRESS, by=OPERATOR)
        assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED
        assert station.shown.notice is not None
        assert "Another kiosk" in station.shown.notice.detail
    finally:
        await other.close()
    await station.shows(lambda shown: shown.notice is None)
