"""CUTTER: the sheet under the knife is shown in its own layout, and as cut once it is."""

import asyncio
from dataclasses import replace

import pytest

from core.identity.ids import JobId, sheet_id
from core.projections.sheets import SheetRow
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.work import CutterView
from tests.core.shop import CUTTER, OPERATOR, PRESS, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, facts, listed, offline
from tests.support.floor import Floor

TWO_SCANS = replace(CUTTER, single_scan=False)


def plan(shown: StationSnapshot) -> str:
    """What is said of the sheet under the knife."""
    assert isinstance(shown.work, CutterView)
    return shown.work.plan


async def printed(floor: Floor, job: JobId, number: int = 1) -> str:
    """A sheet of a job, printed."""
    sheet = sheet_id(job, number)
    for _ in range(2):
        await floor.scan(PRESS, sheet)
    return sheet


async def test_a_sheet_that_was_cut_without_the_database_is_shown_cut_once_that_is_delivered(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a sheet whose cut was kept, when it is delivered, then its cards are shown as made."""
    sheet = await printed(floor, await floor.start(spec()))
    station = await terminal.start(CUTTER, by=OPERATOR)
    terminal.cable_out()
    await station.scan(sheet)
    assert "cards made" not in plan(station.session.snapshot())
    await terminal.cable_in()
    await station.shows(lambda shown: "all 4 cards made" in plan(shown))


async def test_a_sheet_is_shown_in_its_own_layout_and_not_in_that_of_the_one_before(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a sheet that is still being read, when another is laid down, then that is shown as its own cards lie."""
    small = await printed(floor, await floor.start(spec()))
    large = await printed(floor, await floor.start(spec("KNIGHTS", n_up=6), job="J1055", order="PO2026-0200"))
    station = await open_station(TWO_SCANS, by=OPERATOR)
    has_answer, may_arrive, reads = asyncio.Event(), asyncio.Event(), floor.store.sheet

    async def slowly(sheet: str) -> SheetRow | None:
        row = await reads(sheet)
        has_answer.set()
        await may_arrive.wait()
        return row

    monkeypatch.setattr(floor.store, "sheet", slowly)
    await station.scan(small)
    await has_answer.wait()
    await station.scan(large)
    may_arrive.set()
    await station.shows(lambda shown: plan(shown) == "2 × 3 cards · not cut yet")


@pytest.mark.parametrize("is_here", [True, False])
async def test_a_sheet_that_is_read_twice_by_one_scan_offline_is_not_kept_as_cut(
    floor: Floor, terminal: Terminal, *, is_here: bool
) -> None:
    """Given a scan that follows too soon to be meant, then the one that says that the sheet is cut is kept as well."""
    sheet = await printed(floor, await floor.start(spec()))
    station = await terminal.start(TWO_SCANS, by=OPERATOR)
    if is_here:
        await station.scan(sheet)
    terminal.cable_out()
    await offline(station)
    if not is_here:
        await station.scan(sheet)
    await station.scan(sheet, after=0.5)
    assert (await station.scan(sheet)).big == "SAVED"
    assert (await station.scan(sheet)).words == "KEPT ALREADY"
    await terminal.cable_in()
    await delivered(station)
    assert "SheetCut" in await facts(floor, sheet)
    assert not await listed(floor, CUTTER)


async def test_a_sheet_whose_check_in_was_taken_back_is_kept_as_cut_by_two_scans(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a check-in that F2 took back, when the sheet is scanned offline, then that only checks it in."""
    sheet = await printed(floor, await floor.start(spec()))
    station = await terminal.start(TWO_SCANS, by=OPERATOR)
    await station.scan(sheet)
    assert (await station.press(Intent.UNDO)).words == "CHECK-IN TAKEN BACK"
    terminal.cable_out()
    await offline(station)
    assert (await station.scan(sheet)).big == "SAVED"
    assert (await station.scan(sheet)).big == "SAVED"
    await terminal.cable_in()
    await delivered(station)
    assert "SheetCut" in await facts(floor, sheet)


async def test_each_of_several_sheets_under_the_knife_is_kept_as_cut_by_one_scan(
    floor: Floor, terminal: Terminal
) -> None:
    """Given two sheets that were checked in before the outage, then neither is kept twice."""
    job = await floor.start(spec(), sets=2)
    sheets = [await printed(floor, job, number) for number in (1, 2)]
    station = await terminal.start(TWO_SCANS, by=OPERATOR)
    await station.scan_all(*sheets)
    terminal.cable_out()
    await offline(station)
    for sheet in sheets:
        assert (await station.scan(sheet)).big == "SAVED"
        assert (await station.scan(sheet)).words == "KEPT ALREADY"
    await terminal.cable_in()
    await delivered(station)
    assert not await listed(floor, CUTTER)
