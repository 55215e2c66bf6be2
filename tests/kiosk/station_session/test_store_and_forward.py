"""Store and forward: what a station keeps while the database is away is in the log once, in order; the rest waits."""

from dataclasses import replace

import pytest

from core.domain.values import StationDefinition
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import QaView
from tests.core.shop import ASSEMBLY, CUTTER, INSPECTOR, OPERATOR, PACKING, PRESS, QA, spec
from tests.kiosk.station_session.bench import two_passed_sheets
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

# -- what is kept -----------------------------------------------------------------------


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
    assert station.shown.scans.lines[0].words == "kept"
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


# -- what waits -------------------------------------------------------------------------


async def test_packing_waits_and_says_so(floor: Floor, terminal: Terminal) -> None:
    """Nothing is kept of it, and nothing happens later."""
    await floor.start(spec())
    station = await terminal.start(PACKING, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    said = await station.scan("J1044-BX001")
    assert (said.state, said.big, said.words) == (VerdictState.ATTENTION, "NOT NOW", "PACKING WAITS")
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
    """A badge that is not known here is given up after a second; the next answer to anything ends that."""
    mine, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    terminal.line.go_dead()
    assert (await station.scan("OP-99")).words == "THIS BADGE WAITS"
    assert station.shown.header.connection is ConnectionState.OFFLINE
    terminal.line.come_alive()
    await delivered(station)
    assert (await station.scan(f"{mine[0][:10]}-SET")).state is VerdictState.ACCEPTED


async def test_a_tray_s_label_that_was_sent_is_asked_for_until_it_is_answered(floor: Floor, terminal: Terminal) -> None:
    """Nobody knows whether the log has the tray here: it waits in blue, and is brought once."""
    mine, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    terminal.line.go_dead()
    station.scan_at_once(f"{mine[0][:10]}-SET")
    shown = await station.shows(lambda shown: shown.verdict.words == "TRAYS WAIT")
    assert (shown.verdict.state, shown.verdict.big) == (VerdictState.OFFLINE, "WAIT")
    terminal.line.come_alive()
    await delivered(station)
    await station.session.settled()
    assert station.session.work.unit_in_hand() == f"{mine[0][:10]}-SET"
    assert (await facts(floor, f"{mine[0][:10]}-SET")).count("TrayBrought") == 1


async def test_no_tray_is_opened_and_nothing_is_undone_offline(floor: Floor, terminal: Terminal) -> None:
    """A set's label, a card without an open tray and F2 wait; F2 does not reach past what was kept."""
    mine, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.instruction == "No tray opens offline: lay cards aside.")
    assert station.verdict.big == "NOT NOW"
    said = await station.scan(mine[0])
    assert (said.state, said.big, said.words) == (VerdictState.ATTENTION, "NOT NOW", "TRAYS WAIT")
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


async def test_a_verdict_that_is_kept_says_which_one_it_is(floor: Floor, terminal: Terminal) -> None:
    """Given a silent database, when a card passes and another fails, then band and last scans tell them apart."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    await station.scan(cards[0])
    passed = await station.type("+")
    assert (passed.words, passed.instruction) == ("SAVED, 2 KEPT HERE", "S001-01 PASSED")
    await station.scan(cards[1])
    failed = await station.type("2", "0", "1", "enter")
    assert failed.instruction == "S001-02 FAILED F-201"
    told = [line.words for line in station.shown.scans.lines][:4]
    assert told == ["kept F-201", "kept", "kept pass", "kept"]
    await terminal.kill()
    again = await terminal.start(QA, wait=False)
    assert [line.words for line in again.shown.scans.lines][:4] == told


# -- what was refused when it was delivered -------------------------------------------------


async def test_a_card_whose_kept_scan_was_refused_leaves_the_inspectors_hand(floor: Floor, terminal: Terminal) -> None:
    """Given a card that no log knows, when its kept scan is refused, then no key judges it and the next one is asked.

    Also where its verdict was begun, and where it was put down for another one without a verdict.
    """
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    await station.scan("J2000-S001-01")
    await station.type("2", "0", "1")
    assert station.session.work.unit_in_hand() == "J2000-S001-01"
    await terminal.cable_in()
    await delivered(station)
    assert station.session.work.unit_in_hand() is None
    await station.shows(lambda shown: shown.notice is not None and "J2000-S001-01" in shown.notice.detail)
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.words == "SCAN THE NEXT CARD")
    assert not station.shown.header.job
    terminal.cable_out()
    await offline(station)
    await station.scan_all("J2000-S001-02", cards[0])
    await terminal.cable_in()
    await delivered(station)
    assert station.session.work.unit_in_hand() == cards[0]
    station.pass_time(5)
    shown = await station.shows(lambda shown: "PASS OR FAIL" in shown.verdict.words)
    assert shown.verdict.instruction == cards[0]


@pytest.mark.parametrize("definition", [PRESS, CUTTER], ids=["press", "cutter"])
async def test_a_sheet_whose_kept_scan_was_refused_is_in_hand_no_more(
    floor: Floor, terminal: Terminal, definition: StationDefinition
) -> None:
    """Given a sheet that no log knows, when its kept scan is refused, then no station says that it works on it."""
    await floor.start(spec())
    station = await terminal.start(definition, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    await station.scan("J2000-S001")
    assert station.session.work.unit_in_hand() == "J2000-S001"
    await terminal.cable_in()
    await delivered(station)
    assert station.session.work.unit_in_hand() is None
    assert "J2000" not in station.shown.header.job


@pytest.mark.parametrize("single_scan", [True, False])
async def test_a_sheet_is_kept_as_cut_once(floor: Floor, terminal: Terminal, single_scan: bool) -> None:
    """Given a sheet that was kept as cut, when it is scanned again offline, then it is not kept to be refused later."""
    sheet = f"{await floor.start(spec())}-S001"
    await floor.scan(PRESS, sheet)
    await floor.scan(PRESS, sheet)
    station = await terminal.start(replace(CUTTER, single_scan=single_scan), by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    scans = 1 if single_scan else 2
    for _ in range(scans):
        assert (await station.scan(sheet)).big == "SAVED"
    assert (await station.scan(sheet)).words == "KEPT ALREADY"
    assert station.shown.header.kept == scans
    await terminal.cable_in()
    await delivered(station)
    assert not await listed(floor, CUTTER)
    assert "SheetCut" in await facts(floor, sheet)


async def test_a_sheet_that_was_checked_in_before_the_outage_is_kept_as_cut_by_one_scan(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a sheet under the knife, when it is cut offline, then a further scan of it is not kept."""
    sheet = f"{await floor.start(spec())}-S001"
    await floor.scan(PRESS, sheet)
    await floor.scan(PRESS, sheet)
    station = await terminal.start(replace(CUTTER, single_scan=False), by=OPERATOR)
    await station.scan(sheet)
    terminal.cable_out()
    await offline(station)
    assert (await station.scan(sheet)).big == "SAVED"
    assert (await station.scan(sheet)).words == "KEPT ALREADY"
    await terminal.cable_in()
    await delivered(station)
    assert not await listed(floor, CUTTER)
