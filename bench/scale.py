"""What millions of events cost: scans, reads, a rebuild and a proof beside a log of ten thousand, in the same run."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import psycopg
from psycopg.conninfo import make_conninfo

from bench.long_log import make_long_log
from bench.measure import Load, Once, flat_out, paced, times
from bench.report import Report, at_least, at_most
from bench.scans import KIOSKS, SCANS_PER_SECOND, Rounds
from bench.server import MeasuredServer, create_database, has_database
from bench.shop import N_UP, SCANS_OF_A_CARD, Shop, embellisher, kiosks, scanning
from core.identity.ids import JobId
from kiosk.station_session.floor_reading import read_floor
from kiosk.station_session.lead_places import InJob, read_place
from store import Store

_SHORT = 10_000
_READS = 200
_FLOORS = 20
_WINDOW_SECONDS = 5.0
_SCANS_EXPECTED = 3_000
"""A second, flat out."""
_LEAST_REBUILT = 20_000
"""Events a second that a rebuild beside the line makes at the very least."""
_WARM_UP = 2 * SCANS_OF_A_CARD


@dataclass(frozen=True, slots=True)
class LongLogWanted:
    """How many events the long log has, and whether it is kept for another run."""

    events: int
    keep: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A shop whose kiosks scan: each call is one scan of one kiosk."""

    dsn: str
    scans: list[Once]


async def measure(report: Report, server: MeasuredServer, wanted: LongLogWanted, rounds: Rounds) -> None:
    """Make a short log and a long one, and compare."""
    report.heading(f"Scale: a log of {wanted.events / 1e6:g} million events beside one of ten thousand")
    short_dsn = server.fresh_database()
    await make_long_log(short_dsn, _SHORT, ends=datetime.now(UTC).date())
    long_dsn = await _long_log(report, server, wanted)
    await _size(report, long_dsn)
    async with AsyncExitStack() as stack:
        short = await _line(stack, short_dsn, rounds, meanwhile=0.0)
        long = await _line(stack, long_dsn, rounds, meanwhile=wanted.events / _LEAST_REBUILT)
        await _one_kiosk(report, short, long, rounds)
        await _flat_out(report, short, long, rounds)
        await _reads(report, short, long)
        await _rebuild(report, long)
    await _verify(report, long_dsn)


async def _long_log(report: Report, server: MeasuredServer, wanted: LongLogWanted) -> str:
    """Return the address of a long log that may be written to; one that is kept is copied."""
    kept = f"kiosk_scale_{wanted.events}"
    if not wanted.keep:
        return await _made(report, server.fresh_database(), wanted.events)
    if not has_database(server.address, kept):
        # Under another name until it is whole: a run that is broken off leaves nothing that looks like it.
        unfinished = f"{kept}_unfinished"
        server.drop(unfinished)
        await _made(report, create_database(server.address, unfinished), wanted.events)
        server.rename(unfinished, kept)
    return server.fresh_database(template=kept)


async def _made(report: Report, dsn: str, events: int) -> str:
    began = time.perf_counter()
    made = await make_long_log(dsn, events, ends=datetime.now(UTC).date())
    report.note(
        f"made in {time.perf_counter() - began:.0f} s: {made.events:,} events of {made.commands:,} requests,"
        f" {len(made.jobs):,} jobs, {made.lives} lives"
    )
    return dsn


async def _size(report: Report, dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        found = await (await connection.execute(_SIZES)).fetchone()
    assert found is not None
    events, log, answers, rows = found
    report.figure("on disk, an event with its indexes", [log / events], "bytes")
    report.figure("on disk, answers and read models, per event", [(answers + rows) / events], "bytes")


_SIZES = """
    SELECT (SELECT count(*) FROM production_events), pg_total_relation_size('production_events'),
        pg_total_relation_size('commands') + pg_total_relation_size('claims'),
        (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'rm\\_%' AND relkind = 'r')
"""


# -- scans -----------------------------------------------------------------------------


async def _line(stack: AsyncExitStack, dsn: str, rounds: Rounds, *, meanwhile: float) -> _Line:
    """Open a line with cards enough for all rounds, and for so many seconds at the usual pace."""
    runs = await stack.enter_async_context(kiosks(dsn, range(KIOSKS)))
    shop = Shop(runs)
    scans_expected = 2 * _SCANS_EXPECTED * rounds.seconds * rounds.number + SCANS_PER_SECOND * meanwhile
    cards = scans_expected / SCANS_OF_A_CARD
    sheets = KIOSKS + int(cards / N_UP) + KIOSKS
    await shop.open(1, sheets)
    waiting = _cards(await shop.cut_all(await shop.start_job(sheets), sheets))
    scans = [scanning(shop, run, embellisher(number + 1), waiting) for number, run in enumerate(runs)]
    for call in scans:
        for _ in range(_WARM_UP):
            await call()
    return _Line(dsn, scans)


def _cards(cards: list[str]) -> Iterator[str]:
    yield from cards
    raise RuntimeError("the measured scans were so quick that the shop ran out of cards; make it larger")


async def _one_kiosk(report: Report, short: _Line, long: _Line, rounds: Rounds) -> None:
    await _compared(report, "1 kiosk", rounds, (short, long), lambda line: flat_out(line.scans[:1], rounds.seconds))


async def _flat_out(report: Report, short: _Line, long: _Line, rounds: Rounds) -> None:
    await _compared(
        report, f"{KIOSKS} flat out", rounds, (short, long), lambda line: flat_out(line.scans, rounds.seconds)
    )


async def _compared(
    report: Report, name: str, rounds: Rounds, lines: tuple[_Line, _Line], run: Callable[[_Line], Awaitable[Load]]
) -> None:
    short, long = lines
    runs: list[tuple[Load, Load]] = []
    for number in range(rounds.number):
        # In turns, and each first as often as the other: the second may find the machine warmer.
        if number % 2:
            after = await run(long)
            runs.append((await run(short), after))
        else:
            before = await run(short)
            runs.append((before, await run(long)))
    report.figure(f"scan, {name}, long log, p50", [1000 * after.p50 for _, after in runs], "ms")
    ratios = [after.p50 / before.p50 for before, after in runs]
    report.figure(f"scan, {name}, long vs short log, p50", ratios, "×", at_most(1.2))
    ratios = [after.p99 / before.p99 for before, after in runs]
    report.figure(f"scan, {name}, long vs short log, p99", ratios, "×", at_most(1.2))


# -- reads -----------------------------------------------------------------------------


async def _reads(report: Report, short: _Line, long: _Line) -> None:
    async with await Store.open(short.dsn) as few, await Store.open(long.dsn) as many:
        asked_of_few, asked_of_many = await _questions(few), await _questions(many)

        for name, number, milliseconds in (
            ("a card's history", _READS, 1.0),
            ("a job's board", _READS, 20.0),
            ("a station's queue", _READS, None),
            ("the leads' floor, all of it", _FLOORS, None),
        ):
            bar = None if milliseconds is None else at_most(milliseconds)
            usual = await times(asked_of_few[name], number)
            load = await times(asked_of_many[name], number)
            report.figure(f"{name}, p50", [1000 * load.p50], "ms", bar)
            report.figure(f"{name}, p99", [1000 * load.p99], "ms")
            report.figure(f"{name}, long vs short log, p50", [load.p50 / usual.p50], "×")


async def _questions(store: Store) -> dict[str, Once]:
    """What people ask all day, each time of another unit of the whole log; every question is asked once beforehand."""
    chance = Random(1)
    jobs = [job.job_id for job in await store.jobs()]
    stations = await store.stations()
    found = [await store.cards_of(job) for job in chance.choices(jobs, k=_READS)]
    cards = [chance.choice(of_job).card_unit_id for of_job in found if of_job]

    async def history() -> None:
        assert await store.history(chance.choice(cards)) is not None

    async def board() -> None:
        assert await read_place(store, InJob(job_id=JobId(chance.choice(jobs)))) is not None

    async def queue() -> None:
        await store.station_queue(chance.choice(stations).definition)

    async def floor() -> None:
        await read_floor(store, datetime.now(UTC))

    asked: dict[str, Once] = {
        "a card's history": history,
        "a job's board": board,
        "a station's queue": queue,
        "the leads' floor, all of it": floor,
    }
    for question in asked.values():
        await question()
    return asked


# -- rebuild and proof -----------------------------------------------------------------


async def _rebuild(report: Report, line: _Line) -> None:
    events = await _events(line.dsn)
    before = [await _window(line) for _ in range(3)]
    under_way = asyncio.create_task(_command(line.dsn, "rebuild"))
    meanwhile: list[Load] = []
    while not under_way.done():
        meanwhile.append(await _window(line))
    at_work = await under_way
    # The last window saw the end of it.
    whole = meanwhile[:-1] or meanwhile
    report.figure("rebuild while the line runs", [events / at_work.seconds], "/s")
    report.note(f"it took {at_work.seconds:.0f} s and {at_work.megabytes:.0f} MB")
    usual = sorted(load.p50 for load in before)[1]
    ratios = [load.p50 / usual for load in whole]
    report.figure(f"{KIOSKS} kiosks, {SCANS_PER_SECOND:g} scans/s, p50 meanwhile vs before", ratios, "×", at_most(1.5))
    report.figure("the same, p99 before", [1000 * load.p99 for load in before], "ms")
    report.figure("the same, p99 meanwhile", [1000 * load.p99 for load in whole], "ms")
    alone = await _command(line.dsn, "rebuild")
    report.figure("rebuild, nobody at work", [events / alone.seconds], "/s")
    two = await _command(line.dsn, "rebuild", "--processes", "2")
    report.figure("rebuild, two processes vs one", [alone.seconds / two.seconds], "×", at_least(1.3))


async def _window(line: _Line) -> Load:
    return await paced(line.scans, SCANS_PER_SECOND, _WINDOW_SECONDS)


async def _verify(report: Report, dsn: str) -> None:
    done = await _command(dsn, "verify")
    report.figure("verify", [await _events(dsn) / done.seconds], "/s")
    report.note(f"it took {done.seconds:.0f} s and {done.megabytes:.0f} MB, and found nothing")


async def _events(dsn: str) -> int:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        found = await (await connection.execute("SELECT count(*) FROM production_events")).fetchone()
    assert found is not None
    return int(found[0])


@dataclass(frozen=True, slots=True)
class _Done:
    """What a run of ``kiosk db`` took."""

    seconds: float
    megabytes: float


async def _command(dsn: str, *words: str) -> _Done:
    """Run the product's own command as a process of its own, as an administrator would."""
    return await asyncio.to_thread(_run, dsn, words)


def _run(dsn: str, words: tuple[str, ...]) -> _Done:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "db", *words], env={**os.environ, "KIOSK_DSN": make_conninfo(dsn)}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"kiosk db {' '.join(words)} ended with {process.returncode}"
    return _Done(time.perf_counter() - began, usage.ru_maxrss / 1024)
