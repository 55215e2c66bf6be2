"""Several kiosks of one machine: what one of them kept is delivered by a neighbour, and is its own again at once."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from store.errors import SpoolLent
from store.spool import Spool
from tests.core.shop import OPERATOR, PRESS, QA, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.outage import Terminal, delivered, facts, kept
from tests.support.floor import Floor
from tests.support.proxy import line_to
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Killed:
    """A press that was killed in an outage that goes on, with the first three of four sheets kept.

    The log takes no event before ``held_up`` is rolled back: whoever delivers has the press's file for as long.
    """

    floor: Floor
    terminal: Terminal
    sheets: list[str]
    dsn: str
    held_up: psycopg.AsyncConnection

    @property
    def file(self) -> Path:
        """Where it kept them."""
        return self.terminal.spool

    async def held_by(self, process: int) -> None:
        """Wait until a process has the file open."""

        async def is_held() -> bool:
            return await _holder_of(self.file) == str(process)

        await eventually(is_held, seconds=20)

    async def held_by_nobody(self) -> None:
        """Wait until nobody has the file, at three looks one after the other: now and then it is only counted."""

        async def is_free() -> bool:
            return not any([await _holder_of(self.file) for _ in range(3)])

        await eventually(is_free, seconds=20)

    async def goes_on(self, station: Station, *, may_be_delivered: bool = False) -> None:
        """Keep the fourth, and see all in the log in their order, each once, when the database is there again."""
        await eventually(lambda: station.shown.stop is None)
        await station.session.settled()
        left = station.shown.header.kept
        # A neighbour that goes on may deliver what it was about to before it lets go.
        assert left <= 3 if may_be_delivered else left == 3
        await station.log_on(OPERATOR)
        assert (await station.scan(self.sheets[3])).words == f"SAVED, {left + 1} KEPT HERE"
        await self.terminal.cable_in()
        await delivered(station)
        await self.are_in_the_log(4)
        scans = [each.scanned for each in reversed(await self.floor.store.last_scans(PRESS.station_id))]
        assert [each for each in scans if each in self.sheets] == self.sheets

    async def are_in_the_log(self, number: int) -> None:
        """See so many of the sheets in the log, each once, and the others not."""
        for place, sheet in enumerate(self.sheets):
            entered = ["SheetEnteredStation"] if place < number else []
            assert await facts(self.floor, sheet) == ["SheetCreated", *entered]


async def _holder_of(path: Path) -> str:
    """Return the number of the process that has a file open; empty where none has."""
    try:
        await (await Spool.open(path)).close()
    except SpoolLent as lent:
        return lent.process
    return ""


@pytest.fixture
async def press(floor: Floor, terminal: Terminal, database_dsn: str) -> AsyncIterator[Killed]:
    """The press that was killed."""
    job = await floor.start(spec(), sets=4)
    sheets = [f"{job}-S00{number}" for number in (1, 2, 3, 4)]
    terminal.spool = terminal.spool.with_name(f"{PRESS.station_id}.db")
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(*sheets[:3])
    await terminal.kill()
    async with await psycopg.AsyncConnection.connect(database_dsn) as owner:
        await owner.execute("LOCK TABLE production_events IN SHARE MODE")
        yield Killed(floor, terminal, sheets, database_dsn, owner)
        await owner.rollback()


@asynccontextmanager
async def neighbour(dsn: str, folder: Path) -> AsyncGenerator[Process]:
    """The kiosk of QA at work in the same folder, with a line of its own to the database."""
    module = "tests.kiosk.station_session.neighbour"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, dsn, str(folder), stdout=PIPE)
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"at work\n"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_a_kiosk_that_starts_has_its_file_from_a_neighbour_at_once(press: Killed) -> None:
    """Given a neighbour in the middle of a delivery, when the kiosk starts offline, then it goes on, never red."""
    async with neighbour(press.dsn, press.file.parent) as other:
        await press.held_by(other.pid)
        station = await press.terminal.start(PRESS, wait=False)
        assert not any(shown.stop for shown in station.published)
        await press.held_up.rollback()
        await press.goes_on(station)


@pytest.mark.parametrize("end", ["killed", "thawed"])
async def test_a_neighbour_that_hangs_with_a_file_is_named_and_the_file_taken_as_soon_as_it_is_free(
    press: Killed, end: str
) -> None:
    """Given a frozen neighbour, when the kiosk starts, then red names that process, until it is ended or goes on."""
    async with neighbour(press.dsn, press.file.parent) as other:
        await press.held_by(other.pid)
        other.send_signal(signal.SIGSTOP)
        station = await press.terminal.start(PRESS, wait=False, settle=False)
        await station.shows(lambda shown: shown.stop)
        assert station.stop.noun == "KEPT SCANS NOT READ"
        assert station.stop.steps == (
            "Do not work here: what this terminal kept comes before new scans",
            f"Wait: the kiosk of {QA.station_id} here has the file open, and lets go of it in a moment",
            f"If this stays, call a lead: that kiosk hangs and has to be ended, process {other.pid}",
        )
        station.scan_at_once(press.sheets[3])
        assert station.stop.ignored == 1
        await press.held_up.rollback()
        other.send_signal(signal.SIGKILL if end == "killed" else signal.SIGCONT)
        await press.goes_on(station, may_be_delivered=end == "thawed")


async def test_a_neighbour_lets_go_of_a_file_while_the_database_is_away_and_delivers_it_afterwards(
    press: Killed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a neighbour with a file, when its database falls silent, then nobody has it, and it is counted still."""
    monkeypatch.setattr("kiosk.station_session.beside._AGAIN_SECONDS", 0.2)
    monkeypatch.setattr("kiosk.station_session.beside._AWAY_SECONDS", 0.2)
    async with line_to(press.dsn) as line:
        other = Terminal(press.floor, line, press.file.parent)
        other.spool = press.file.with_name(f"{QA.station_id}.db")
        station = await other.start(QA)
        await press.held_by(os.getpid())
        await station.shows(kept(3))
        other.cable_out()
        await press.held_by_nobody()
        assert station.shown.header.kept == 3
        await press.held_up.rollback()
        await press.are_in_the_log(0)
        await other.cable_in()
        await station.shows(kept(0))
        await press.are_in_the_log(3)
        await other.kill()
