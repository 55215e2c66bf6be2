"""Where one scan's time goes: in the kiosk, between kiosk and server, in the server, on the disk."""

import statistics
import time
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from bench.report import Report
from bench.shop import N_UP, SCANS_OF_A_CARD, Shop, embellisher, kiosks, scanning
from store import commands
from store.connecting import ConnectionSettings
from store.migrations import migrate
from store.pool import Lane

_SCANS = 1500
_SHEETS = 30
_EMPTY = b"SELECT 1"


@dataclass(slots=True)
class _Spent:
    """Seconds of every call, by what was called; of statements separately for reading and writing."""

    seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)

    def a_scan(self, name: str, scans: int) -> float:
        """Milliseconds of one scan: the usual call, as often as a scan makes it."""
        calls = self.seconds.get(name, [0.0])
        return 1000 * statistics.median(calls) * len(calls) / scans


async def measure(report: Report, dsn: str) -> None:
    """Let one kiosk scan, alone, and tell where the time of a scan goes."""
    report.heading("One scan, one kiosk, nobody else at work: where its time goes")
    await migrate(dsn)
    async with kiosks(dsn, range(16)) as runs:
        shop = Shop(runs)
        await shop.open(1, _SHEETS)
        cards = await shop.cut_all(await shop.start_job(_SHEETS), _SHEETS)
    assert len(cards) * SCANS_OF_A_CARD >= 3 * _SCANS, f"{_SHEETS} sheets of {N_UP} are too few"
    waiting = iter(cards)
    # Without its flush the server does everything else that it does for a commit.
    unflushed = await _scans(make_conninfo(dsn, options="-c synchronous_commit=off"), shop, waiting)
    flushed = await _scans(dsn, shop, waiting)
    report.figure("a scan", [flushed.wall], "ms")
    kiosk = flushed.rules + flushed.words + flushed.rest
    report.figure("  kiosk: the rules (decide)", [flushed.rules], "ms")
    report.figure("  kiosk: rows, events, chain, parameters", [flushed.words], "ms")
    report.figure("  kiosk: everything else in Python", [flushed.rest], "ms")
    report.figure(f"  {flushed.trips:.2f} statements: there and back, nothing done", [flushed.way], "ms")
    report.figure("  server: reads streams", [flushed.reading], "ms")
    report.figure("  server: writes, without the flush", [min(unflushed.writing, flushed.writing)], "ms")
    report.figure("  server: the flush", [max(0.0, flushed.writing - unflushed.writing)], "ms")
    report.figure("  kiosk's share of all", [100 * kiosk / flushed.wall], "%")
    report.figure("log of the server written ahead, a scan", [flushed.wal_bytes], "bytes")


@dataclass(frozen=True, slots=True)
class _Parts:
    """Milliseconds of one scan; ``way`` is what its statements would take if the server did nothing."""

    wall: float
    rules: float
    words: float
    rest: float
    way: float
    reading: float
    writing: float
    trips: float
    wal_bytes: float


async def _scans(dsn: str, shop: Shop, cards: Iterator[str]) -> _Parts:
    spent = _Spent()
    async with (
        kiosks(dsn, range(1)) as runs,
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as watcher,
    ):
        call = scanning(shop, runs[0], embellisher(1), cards)
        for _ in range(3 * SCANS_OF_A_CARD):
            await call()
        way = await _there_and_back(dsn)
        wall: list[float] = []
        before = await _wal(watcher)
        with _watched(spent):
            for _ in range(_SCANS):
                begun = time.perf_counter()
                await call()
                wall.append(time.perf_counter() - begun)
        written = await _wal(watcher) - before
    whole = 1000 * statistics.median(wall)
    reads, writes = (len(spent.seconds.get(name, ())) / _SCANS for name in ("read", "write"))
    rules = spent.a_scan("decide", _SCANS)
    words = spent.a_scan("prepare_write", _SCANS)
    asked = spent.a_scan("read", _SCANS) + spent.a_scan("write", _SCANS)
    return _Parts(
        wall=whole,
        rules=rules,
        words=words,
        rest=max(0.0, whole - rules - words - asked),
        way=way * (reads + writes),
        reading=max(0.0, spent.a_scan("read", _SCANS) - way * reads),
        writing=max(0.0, spent.a_scan("write", _SCANS) - way * writes),
        trips=reads + writes,
        wal_bytes=written / _SCANS,
    )


async def _there_and_back(dsn: str) -> float:
    """Milliseconds of a statement that does nothing."""
    lane = Lane(ConnectionSettings(dsn=dsn))
    try:
        took: list[float] = []
        for _ in range(_SCANS):
            begun = time.perf_counter()
            await lane.run(_EMPTY)
            took.append(time.perf_counter() - begun)
    finally:
        await lane.close()
    return 1000 * statistics.median(took)


async def _wal(watcher: psycopg.AsyncConnection) -> int:
    found = await (await watcher.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def _watched(spent: _Spent) -> Generator[None]:
    """Time the steps of a command where ``store.commands`` calls them."""
    with ExitStack() as stack:
        for name in ("decide", "prepare_write"):
            stack.enter_context(_replaced(commands, name, _timed(spent, name, getattr(commands, name))))
        stack.enter_context(_replaced(Lane, "run", _statements(spent, Lane.run)))
        yield


def _timed(spent: _Spent, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def run(*given: Any) -> Any:
        begun = time.perf_counter()
        try:
            return step(*given)
        finally:
            spent.add(name, time.perf_counter() - begun)

    return run


def _statements(spent: _Spent, run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def timed(lane: Lane, statement: bytes, parameters: Sequence[object] = (), **others: Any) -> Any:
        begun = time.perf_counter()
        try:
            return await run(lane, statement, parameters, **others)
        finally:
            if b"pg_notify" not in statement:
                name = "write" if b"INSERT INTO events_to_record" in statement else "read"
                spent.add(name, time.perf_counter() - begun)

    return timed


@contextmanager
def _replaced(place: Any, name: str, by: Any) -> Generator[None]:
    before = getattr(place, name)
    setattr(place, name, by)
    try:
        yield
    finally:
        setattr(place, name, before)
