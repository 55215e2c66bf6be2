"""The program as people meet it: in a real terminal, at the sizes that panels have."""

import asyncio
import os
import re
import signal
import time
from pathlib import Path

import pytest

from kiosk.station_session.keeping import Keeping
from kiosk.station_session.replaying import scanned_in
from store import Store
from store.spool import Spool
from tests.core.shop import OPERATOR, spec
from tests.end_to_end.shop import write_config
from tests.end_to_end.terminal import Terminal, open_terminal
from tests.support.floor import Floor
from tests.support.proxy import line_to
from tests.support.waiting import eventually, wait_until

JOB = "J1044"
CONTROL_KEYS = "\x03\x11\x1a\x1c"
"""Ctrl+C, Ctrl+Q, Ctrl+Z and Ctrl+\\, which end or stop other programs."""


F1, F10 = "\x1bOP", "\x1b[21~"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shop's kiosk.toml."""
    return write_config(tmp_path)


@pytest.fixture
def shop(database_dsn: str) -> str:
    """The connection string of a shop with three sheets of four cards to print."""
    asyncio.run(furnish(database_dsn))
    return database_dsn


@pytest.fixture
def inspected(database_dsn: str) -> str:
    """The same shop when every card has passed."""
    asyncio.run(furnish(database_dsn, inspected=True))
    return database_dsn


WAITED = re.compile(r"\b0:(?:0[2-9]|[1-5][0-9])\b")
"""A wait of at least two seconds, as the header tells it."""


async def furnish(dsn: str, *, inspected: bool = False) -> None:
    """Furnish the shop and start its job; print, cut and inspect all of it where that is asked for."""
    async with await Store.open(dsn) as store:
        floor = await Floor(store).furnish()
        job = await floor.start(spec(), sets=3)
        for number in (1, 2, 3) if inspected else ():
            for card in await floor.cut(job, number):
                await floor.inspect(card)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 45)])
def test_a_station_is_worked_and_never_left(config: Path, shop: str, columns: int, rows: int) -> None:
    """Badge, sheet, wrong code and wrong sheet are answered; no key ends the app, SIGTERM restores the terminal."""
    with open_terminal(config, "PRESS-1", shop, columns=columns, rows=rows) as press:
        press.sees("PRESS-1", "nobody is logged on", "online")
        press.scan(OPERATOR, "LOGGED ON")
        press.type(F1)
        press.sees("Scan each sheet as it comes off")
        press.type(F1)
        press.sees("LAST SCANS")
        press.scan("4006381333931", "UNKNOWN CODE")
        for number, key in enumerate(CONTROL_KEYS[1:], start=1):
            press.type(key)
            press.scan(f"{JOB}-S00{number}", f"S00{number} ✓ in")
        press.type(CONTROL_KEYS[0])
        for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGQUIT):
            press.process.send_signal(number)
        press.scan(f"{JOB}-S001", "1 of 3 sheets done")
        assert press.process.poll() is None
        press.resize(60, 20)
        press.sees("80", "24", "60")
        press.resize(columns, rows)
        press.sees("LAST SCANS", "printed")
        press.type(F10)
        press.sees("nobody is logged on")
        assert press.end() == 0
        wait_until(lambda: press.is_restored)
    log = config.parent / "kiosk.log"
    assert "Traceback" not in (log.read_text() if log.exists() else "")


def test_a_wrong_card_covers_the_smallest_screen(config: Path, inspected: str) -> None:
    """At 80 by 24 the stop says which set the card is of, and RESET clears it."""
    with open_terminal(config, "ASSY-1", inspected, columns=80, rows=24) as assembly:
        assembly.sees("nobody is logged on")
        assembly.scan(OPERATOR, "LOGGED ON")
        assembly.scan(f"{JOB}-S001-01", "IN THE TRAY")
        assembly.scan(f"{JOB}-S002-01", "RESET card", "SHEET 001", "SHEET 002")
        assembly.scan(f"{JOB}-S001-02", "1 scan ignored")
        assembly.scan("cmd-reset", "SCAN A CARD")
        assembly.scan(f"{JOB}-S001-02", "MISSING  2")


def test_two_kiosks_on_one_job_agree_within_a_second(config: Path, inspected: str) -> None:
    """What one brings the other lets go at once; while both work, neither is ever shown a conflict."""
    with (
        open_terminal(config, "ASSY-1", inspected, columns=80, rows=24) as first,
        open_terminal(config, "ASSY-2", inspected, columns=160, rows=45) as second,
    ):
        for kiosk in (first, second):
            kiosk.sees("nobody is logged on", "online")
            kiosk.scan(OPERATOR, "LOGGED ON")
        first.scan(f"{JOB}-S001-01", "IN THE TRAY")
        delays: list[float] = []
        for position, here, there in ((2, second, first), (3, first, second)):
            here.scan(f"{JOB}-S001-SET", f"MISSING  {5 - position}")
            seen_here = time.monotonic()
            there.sees("TRAY IS AT ASSY-")
            delays.append(time.monotonic() - seen_here)
            here.scan(f"{JOB}-S001-{position:02d}", f"MISSING  {4 - position}")
        assert min(delays) < 1.0, delays
        first.scan(f"{JOB}-S001-04", "SET COMPLETE")
        gather_at_once(first, second)
    refused = asyncio.run(refusals(inspected))
    assert refused == [], refused


def gather_at_once(first: Terminal, second: Terminal) -> None:
    """Gather a set of one job at each kiosk, both at the same time."""
    for position in range(1, 5):
        first.type(f"{JOB}-S002-{position:02d}\r")
        second.type(f"{JOB}-S003-{position:02d}\r")
        words = f"MISSING  {4 - position}" if position < 4 else "SET COMPLETE"
        first.sees(words)
        second.sees(words)


async def refusals(dsn: str) -> list[str]:
    """Whatever was refused at either kiosk."""
    async with await Store.open(dsn) as store:
        return [type(each.rejection).__name__ for each in await store.refused_scans()]


def test_a_database_that_is_away_is_waited_for(config: Path, tmp_path: Path) -> None:
    """A kiosk that starts before its database says so on the screen, and can be ended."""
    nowhere = f"host={tmp_path} user=kiosk dbname=kiosk connect_timeout=2"
    with open_terminal(config, "QA-BENCH-1", nowhere, columns=80, rows=24) as kiosk:
        kiosk.sees("waiting for the database")
        kiosk.type(CONTROL_KEYS)
        os.kill(kiosk.process.pid, signal.SIGINT)
        wait_until(lambda: WAITED.search(kiosk.text()), 30)
        assert kiosk.end() == 0
        wait_until(lambda: kiosk.is_restored)


@pytest.mark.parametrize("is_its_own", [True, False])
def test_a_kiosk_whose_terminal_vanishes_ends_by_itself(config: Path, shop: str, *, is_its_own: bool) -> None:
    """Given a station at work, when its terminal is closed, with a signal or without, then it ends well and says so."""
    with open_terminal(config, "PRESS-1", shop, is_its_own=is_its_own) as press:
        press.sees("nobody is logged on", "online")
        press.scan(OPERATOR, "LOGGED ON")
        press.scan(f"{JOB}-S001", "S001 ✓ in")
        press.vanish()
        assert press.process.wait(10) == 0
    log = (config.parent / "kiosk.log").read_text()
    assert "the terminal is gone" in log
    assert "Traceback" not in log


async def test_what_a_kiosk_kept_is_kept_when_its_terminal_vanishes(config: Path, database_dsn: str) -> None:
    """Given a scan that is kept because the database is away, when the terminal is closed, then it is still kept."""
    await furnish(database_dsn)
    async with line_to(database_dsn) as line:
        with open_terminal(config, "PRESS-1", line.dsn, is_its_own=False) as press:
            await asyncio.to_thread(press.sees, "nobody is logged on", "online")
            await asyncio.to_thread(press.scan, OPERATOR, "LOGGED ON")
            line.refuse()
            line.cut()
            await asyncio.to_thread(press.sees, "OFFLINE")
            await asyncio.to_thread(press.scan, f"{JOB}-S001", "S001 ≠ kept")
            press.vanish()
            assert await asyncio.to_thread(press.process.wait, 10) == 0
    (spool,) = (config.parent / "state" / "kiosk" / "spool").glob("*.db")
    keeping = await Keeping.opened(spool)
    try:
        assert [scanned_in(held) for held in await keeping.newest(1)] == [f"{JOB}-S001"]
    finally:
        await keeping.close()


async def test_a_kiosk_whose_file_a_neighbour_has_begins_without_the_database_once_it_is_let_go_of(
    config: Path, database_dsn: str
) -> None:
    """Given a neighbour that hangs with the file, when the kiosk starts offline, then it says whose, and goes on."""
    await furnish(database_dsn)
    async with line_to(database_dsn) as line:
        with open_terminal(config, "PRESS-1", line.dsn, is_its_own=False) as press:
            await asyncio.to_thread(press.sees, "nobody is logged on", "online")
            (path,) = (config.parent / "state" / "kiosk" / "spool").glob("*.db")
            await eventually(lambda: b"stations" in path.read_bytes())
            press.vanish()
            assert await asyncio.to_thread(press.process.wait, 10) == 0
        line.refuse()
        line.cut()
        hangs = await Spool.open(path, holder="QA-BENCH-1")
        with open_terminal(config, "PRESS-1", line.dsn, is_its_own=False) as press:
            await asyncio.to_thread(press.sees, "No answer for", "the kiosk of QA-BENCH-1 here has its file")
            await hangs.close()
            await asyncio.to_thread(press.sees, "nobody is logged on", "OFFLINE")
            press.vanish()
            assert await asyncio.to_thread(press.process.wait, 10) == 0


def test_a_kiosk_without_a_terminal_does_not_wait_for_its_database(config: Path, tmp_path: Path) -> None:
    """Given a kiosk whose database is away, when its terminal is closed without a signal, then it ends as well."""
    nowhere = f"host={tmp_path} user=kiosk dbname=kiosk connect_timeout=2"
    with open_terminal(config, "QA-BENCH-1", nowhere, is_its_own=False) as kiosk:
        kiosk.sees("waiting for the database")
        kiosk.vanish()
        assert kiosk.process.wait(10) == 0
