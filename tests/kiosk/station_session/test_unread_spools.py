"""Files of kept scans that cannot be opened, or from which something is missing: none is overtaken, all is told."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from core.production.scan import Scan
from kiosk.station_session.keeping import Keeping
from store.clock import ClockReading
from store.errors import SpoolBroken
from store.spool import Spool
from store.spool_claim import Claim
from store.spool_file import GONE, LEFT, VERSION
from tests.core.shop import OPERATOR, PRESS, QA, START, spec
from tests.kiosk.station_session.outage import Terminal, delivered, facts, kept, listed
from tests.support.floor import Floor
from tests.support.waiting import eventually


@contextmanager
def unopened(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Let a disk open no file to write into it."""

    def broken(path: Path, _: object) -> sqlite3.Connection:
        raise SpoolBroken(str(path), "disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr("store.spool.connected", broken)
        yield


async def sheets_kept(floor: Floor, terminal: Terminal) -> list[str]:
    """Keep the first of three sheets at a press, and let the kiosk die; the database is there again."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    sheets = [f"{job}-S00{number}" for number in (1, 2, 3)]
    await station.scan(sheets[0])
    await terminal.kill()
    await terminal.cable_in()
    return sheets


async def test_nothing_overtakes_what_a_file_may_hold_that_was_not_opened_yet(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red from the start, scans are ignored and counted; when the file opens, what was kept is in the log first."""
    first, second, _ = await sheets_kept(floor, terminal)
    with unopened(monkeypatch):
        station = await terminal.start(PRESS, settle=False)
        await station.shows(lambda shown: shown.stop)
        assert station.stop.noun == "KEPT SCANS NOT READ"
        assert "Disk I/O error" in station.stop.footnote
        station.scan_at_once(OPERATOR)
        station.scan_at_once(second)
        assert station.stop.ignored == 2
        assert await facts(floor, second) == ["SheetCreated"]
    await station.session.settled()
    await delivered(station)
    assert station.shown.stop is None
    await station.log_on(OPERATOR)
    await station.scan(second)
    scans = [each.scanned for each in await floor.store.last_scans(PRESS.station_id)]
    assert [each for each in reversed(scans) if each in {first, second}] == [first, second]


async def test_a_terminal_that_surely_kept_nothing_goes_on_without_its_file(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts what it holds and can be read: work goes on, and the screen says that nothing can be kept."""
    job = await floor.start(spec())
    await (await Spool.open(terminal.spool)).close()
    with unopened(monkeypatch):
        station = await terminal.start(PRESS, wait=False)
        await station.log_on(OPERATOR)
        await station.scan(f"{job}-S001")
        assert await facts(floor, f"{job}-S001") == ["SheetCreated", "SheetEnteredStation"]
        assert station.shown.notice is not None
        assert station.shown.notice.words == "NOTHING CAN BE KEPT HERE"


async def test_a_file_whose_count_cannot_be_read_is_not_taken_for_empty(tmp_path: Path) -> None:
    """Only what is sound and says so holds nothing, or what was never there."""
    path = tmp_path / "QA-1.db"
    assert await Spool.holds_nothing(path)
    await (await Spool.open(path)).close()
    assert await Spool.holds_nothing(path)
    whole = path.read_bytes()
    for left in (b"", whole[: len(whole) // 2], b"rubbish" * 1000):
        path.write_bytes(left)
        assert not await Spool.holds_nothing(path)
    path.unlink()
    path.with_name("QA-1.db-journal").write_bytes(b"what is to be taken back")
    assert not await Spool.holds_nothing(path)


async def test_a_second_kiosk_waits_for_what_the_first_one_kept(floor: Floor, terminal: Terminal) -> None:
    """It may be delivering it in this moment: nothing is scanned past it, and it ends by itself."""
    await sheets_kept(floor, terminal)
    other = await Keeping.opened(terminal.spool)
    station = await terminal.start(PRESS, settle=False)
    await station.shows(lambda shown: shown.stop)
    assert "another kiosk of this station has it open" in station.stop.steps[1]
    assert f"(process {os.getpid()})" in station.stop.footnote
    held = await other.next()
    assert held is not None
    await other.answered(held)
    await station.session.settled()
    await station.log_on(OPERATOR)
    await other.close()


async def left_by_another(terminal: Terminal, name: str) -> Path:
    """Keep three scans as another station in the same folder."""
    path = terminal.spool.with_name(name)
    spool = await Spool.open(path)
    for number in (1, 2, 3):
        await spool.keep(_seen(number), UUID(int=number), ClockReading(START))
    await spool.close()
    return path


def _seen(number: int) -> Scan:
    return Scan(text=f"J9-S00{number}", station=PRESS, operator_id=OPERATOR, at=START)


def _version_is(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


async def test_what_was_kept_under_another_name_and_cannot_be_read_is_shown_and_counted(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the screen, in the header and to the leads, until it can be; then it is delivered without a restart."""
    monkeypatch.setattr("kiosk.station_session.beside._AGAIN_SECONDS", 0.1)
    path = await left_by_another(terminal, "PRESS-1.db")
    _version_is(path, VERSION + 1)
    station = await terminal.start(QA)
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert shown.notice.words == "KEPT HERE UNDER ANOTHER NAME"
    assert shown.notice.detail.startswith("PRESS-1: ")
    assert "newer program" in shown.notice.detail
    assert shown.header.kept == 1
    station.beat()

    async def is_told() -> bool:
        return any(row.scans_held == 1 for row in await floor.store.presences(60.0) if row.station_id == QA.station_id)

    await eventually(is_told)
    _version_is(path, VERSION)
    await station.shows(lambda shown: any(line.what == "PRESS-1" for line in shown.scans.lines))
    await station.shows(kept(0))
    assert station.shown.notice is None


async def test_what_another_kiosk_at_work_has_kept_is_its_own_to_tell(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Two kiosks on one machine: neither speaks of the other's, nor its log; once it is gone, it is delivered here."""
    monkeypatch.setattr("kiosk.station_session.beside._AGAIN_SECONDS", 0.1)
    path = await left_by_another(terminal, "PRESS-1.db")
    other = await Keeping.opened(path)
    looked = asyncio.Event()
    is_on = Claim.is_on

    async def watched(each: Path) -> bool:
        if each == path:
            looked.set()
        return await is_on(each)

    monkeypatch.setattr(Claim, "is_on", watched)
    station = await terminal.start(QA)
    await looked.wait()
    looked.clear()
    await looked.wait()
    assert (station.shown.header.kept, station.shown.notice) == (0, None)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    await other.close()
    await station.shows(lambda shown: any(line.what == "PRESS-1" for line in shown.scans.lines))


async def test_a_kept_scan_that_goes_missing_under_a_kiosk_is_listed(floor: Floor, terminal: Terminal) -> None:
    """What is left is delivered, and the line that some of it may be lost stands for the leads."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(f"{job}-S001", f"{job}-S002", f"{job}-S003")
    with closing(sqlite3.connect(terminal.spool, isolation_level=None)) as connection:
        connection.execute("DELETE FROM held WHERE position = 2")
    await terminal.cable_in()
    await delivered(station)
    assert [each.kind for each in await listed(floor, PRESS)] == [LEFT]
    for number, more in ((1, ["SheetEnteredStation"]), (2, []), (3, ["SheetEnteredStation"])):
        assert await facts(floor, f"{job}-S00{number}") == ["SheetCreated", *more]


async def test_a_file_of_another_station_that_is_gone_is_told_where_its_note_says_that_scans_waited(
    floor: Floor, terminal: Terminal
) -> None:
    """Given scans kept under another name and their file removed, when a station starts, then its list tells of it."""
    (await left_by_another(terminal, f"{QA.station_id}.db")).unlink()
    await terminal.start(PRESS, by=OPERATOR)

    async def is_listed() -> bool:
        return [(told.kind, told.scanned[:2]) for told in await listed(floor, QA)] == [(GONE, "3 ")]

    await eventually(is_listed, seconds=20)


async def test_a_file_of_another_station_that_is_gone_is_nobodys_concern_where_nothing_waited(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a file removed in which nothing waited, when a station looks beside its own, then it finds none."""
    path = terminal.spool.with_name(f"{QA.station_id}.db")
    await (await Spool.open(path)).close()
    path.unlink()
    station = await terminal.start(PRESS, by=OPERATOR)
    assert station.keeping is not None
    assert await station.keeping.beside() == []
