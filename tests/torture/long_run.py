"""A kiosk that is never started anew: fifty thousand scans through one app on a terminal, with outages among them.

Run as `python -m tests.torture.long_run [--scans N]`; exit code 1 where it grew, was slow, or the log is not right.
The kiosk is a process of its own on a pseudo-terminal; it plays scans to itself and says what it measures.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import psycopg

from core.identity.ids import JobId, sheet_id
from kiosk.config.file import load_config
from kiosk.running import kiosk_app, run_app
from kiosk.snapshots.frame import NextScanView
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import Scanned
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.session import StationSession
from store import Store
from store.migrations import migrate
from tests.core.shop import OPERATOR, spec
from tests.end_to_end.shop import stanza, write_config
from tests.support.bare_servers import single_server
from tests.support.floor import Floor
from tests.support.proxy import ServerLine

_STATION = "PRESS-1"
_SHEETS_PER_JOB = 100
_TOLD_EVERY = 1_000
_OUTAGE_SECONDS = 4.0
_BACKLOG = 200
"""So many are kept before the person waits for their delivery: whoever scans faster than that never sees its end."""

_MOST_MB = 100
_MOST_GROWTH_MB = 2
_MOST_P99_MS = 100
"""Bars: memory, its growth over the last fifth of the scans, and from a scan to its verdict, database included."""


def codes(scans: int) -> Iterator[str]:
    """Sheets that are checked in, each scanned once more by accident, and every fifth a code that no shop knows."""
    for number in range(scans // 5):
        job = JobId(f"J{1000 + number * 2 // _SHEETS_PER_JOB}")
        first = number * 2 % _SHEETS_PER_JOB + 1
        for place in (first, first, first + 1, first + 1):
            yield sheet_id(job, place)
        yield f"NOBODYS-{number}"


# -- the kiosk -----------------------------------------------------------------------


async def _play(dsn: str, config_path: Path, telling_to: int, scans: int) -> None:
    config = load_config(config_path)
    station = stanza(config, _STATION)
    telling = os.fdopen(telling_to, "w", buffering=1, encoding="utf-8")

    async with AsyncExitStack() as closing:
        keeping = await Keeping.opened(config_path.parent / "spool" / f"{_STATION}.db")
        closing.push_async_callback(keeping.close)
        store = await closing.enter_async_context(await Store.open(dsn, station_id=_STATION))

        async def scanning(session: StationSession) -> AsyncIterator[NextScanView | None]:
            yield None
            await session.settled()
            session.put(Scanned(OPERATOR, session.now()))
            await session.settled()
            took: list[float] = []
            kept = 0
            for number, code in enumerate(codes(scans), start=1):
                if keeping.count >= _BACKLOG:
                    while not await keeping.drained(1.0):
                        pass
                begun = time.perf_counter()
                session.put(Scanned(code, session.now()))
                await session.settled()
                took.append(time.perf_counter() - begun)
                kept += session.snapshot().verdict.state is VerdictState.OFFLINE
                if number % _TOLD_EVERY == 0:
                    print(json.dumps({"scans": number, "rss": _rss(), "kept": kept, "ms": _p99(took)}), file=telling)
                    took.clear()
                    # The screen too is to be painted.
                    await asyncio.sleep(0.05)
            while not await keeping.drained(1.0):
                pass
            app.exit(0)

        app = await kiosk_app(config, station, store, selection=None, suggest=scanning, keeping=keeping)
        await run_app(app)


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.99 * (len(seconds) - 1))] * 1000


# -- around it -------------------------------------------------------------------------


async def _watch(dsn: str, folder: Path, scans: int) -> list[dict[str, float]]:
    """Run the kiosk, cut its line four times, and return what it said."""
    line = ServerLine(dsn)
    await line.open()
    terminal, its_end = os.openpty()
    reading, writing = os.pipe()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.torture.long_run", "--scans", str(scans),
        "--play", line.dsn, str(folder / "kiosk.toml"), str(writing),
        stdin=its_end, stdout=its_end, stderr=its_end, pass_fds=(writing,), start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    )  # fmt: skip
    os.close(its_end)
    os.close(writing)
    shown = bytearray()
    threading.Thread(target=_swallow, args=(terminal, shown), daemon=True).start()
    said: list[dict[str, float]] = []
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(reading, "rb", buffering=0)
    )
    cuts = {scans * fifth // 5 for fifth in (1, 2, 3, 4)}
    while told := await lines.readline():
        said.append(json.loads(told))
        print("  {scans:6.0f} scans, {rss:5.1f} MB, p99 {ms:5.1f} ms, {kept:.0f} kept so far".format(**said[-1]))
        if said[-1]["scans"] in cuts:
            line.refuse()
            line.cut()
            await asyncio.sleep(_OUTAGE_SECONDS)
            await line.open()
    if await child.wait():
        print(shown.decode("utf-8", "replace"))
    await line.close()
    return said


def _swallow(terminal: int, shown: bytearray) -> None:
    """Read the screen away; ``shown`` is the last of it."""
    try:
        while piece := os.read(terminal, 1 << 16):
            shown += piece
            del shown[:-4000]
    except OSError:
        return


async def _furnished(dsn: str, scans: int) -> None:
    async with await Store.open(dsn) as store:
        floor = await Floor(store).furnish()
        for number in range(scans * 2 // 5 // _SHEETS_PER_JOB):
            await floor.start(
                spec(), sets=_SHEETS_PER_JOB, job=JobId(f"J{1000 + number}"), order=f"PO2026-{1000 + number}"
            )


def _judged(said: list[dict[str, float]], dsn: str, scans: int) -> list[str]:
    wrong: list[str] = []
    if not said:
        return ["the kiosk said nothing"]
    last, before = said[-1], said[len(said) * 4 // 5 - 1]
    # What an outage costs is another figure: the bar is for a database that answers.
    answered = [now["ms"] for past, now in pairwise(said) if now["kept"] == past["kept"]] or [
        each["ms"] for each in said
    ]
    growth, slowest = last["rss"] - before["rss"], max(answered)
    print(f"{scans} scans, {last['kept']:.0f} of them kept")
    print(f"memory {last['rss']:.1f} MB, {growth:+.2f} MB over the last fifth")
    print(f"p99 of a thousand scans {sorted(answered)[len(answered) // 2]:.1f} ms, {slowest:.1f} ms at most")
    if last["rss"] > _MOST_MB:
        wrong.append(f"memory: {last['rss']:.1f} MB")
    if growth > _MOST_GROWTH_MB:
        wrong.append(f"growth over the last fifth: {growth:.2f} MB")
    if slowest > _MOST_P99_MS:
        wrong.append(f"p99: {slowest:.1f} ms")
    with psycopg.connect(dsn) as connection:
        done = [
            str(unit)
            for (unit,) in connection.execute(
                "SELECT aggregate_id FROM production_events WHERE event_type = 'SheetEnteredStation'"
                " AND aggregate_type = 'sheet' ORDER BY sequence_num"
            )
        ]
    asked = [code for place, code in enumerate(codes(scans)) if place % 5 in {0, 2}]
    if done != asked:
        wrong.append(f"the log has {len(done)} sheets of {len(asked)}, or another order")
    return wrong


def main() -> int:
    """Run it, or be the kiosk of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.long_run", description=__doc__)
    parser.add_argument("--scans", type=int, default=50_000, help="how many scans (50000)")
    parser.add_argument("--play", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.play:
        dsn, config, telling_to = options.play
        asyncio.run(_play(dsn, Path(config), int(telling_to), options.scans))
        return 0
    with single_server() as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(migrate(server.dsn()))
        write_config(Path(folder))
        asyncio.run(_furnished(server.dsn(), options.scans))
        said = asyncio.run(_watch(server.dsn(), Path(folder), options.scans))
        wrong = _judged(said, server.dsn(), options.scans)
    for each in wrong:
        print(f"WRONG {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
