"""The floor that is measured: its kiosks, and what stands beside them, in processes of their own.

On a floor no kiosk shares its process with another. Here they share the machine, so there is one process for each
core, as there is for the clients of the library that stands beside them.
"""

import asyncio
import signal
import traceback
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from itertools import count
from multiprocessing import Pipe, get_context
from multiprocessing.context import SpawnProcess
from typing import Any, Protocol

from bench.baseline import bare_inserts
from bench.lean import lean_clients
from bench.machine import cores
from bench.measure import Load, Once, flat_out, paced, times, together
from bench.shop import CUTTER, SCANS_OF_A_CARD, Shop, embellisher, first_sights, kiosks, scanning


class _End(Protocol):
    """One end of a pipe between processes, whichever kind the platform has."""

    def send(self, obj: object, /) -> None: ...

    def recv(self) -> Any: ...

    def poll(self, timeout: float, /) -> bool: ...

    def close(self) -> None: ...


class Work(Enum):
    """What clients do, one thing a call."""

    BARE = "a bare INSERT"
    LEAN_SCANS = "a scan by the lean path"
    LEAN_CUTS = "a cut by the lean path"
    ONE_JOB = "a scan; all kiosks work on one job, each on the next card of it, so that no sheet is anybody's"
    OWN_JOBS = "a scan; each kiosk works on a job of its own"
    FIRST_SIGHTS = "a scan of a card that the kiosk never scanned, sheet by sheet: the sisters of two are fetched"
    CUTS = "a cut, at a terminal that does nothing else"


@dataclass(frozen=True, slots=True)
class FlatOut:
    """Every client as fast as it can, for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Paced:
    """All clients together so many calls a second, for so long; ``late`` is how long after the others they begin."""

    calls_per_second: float
    seconds: float
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Times:
    """One client, so many times."""

    number: int


Pace = FlatOut | Paced | Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What there is to work on: cards, and sheets that are printed."""

    one_job: Sequence[str]
    own_jobs: Sequence[Sequence[str]]
    """The cards of a job for each kiosk."""
    unseen: Sequence[str]
    to_cut: Sequence[str]

    def share(self, place: int, of: int) -> "Stock":
        """Return what one of so many processes works on; who works alone is in the first of them."""
        return Stock(
            one_job=self.one_job[place::of],
            own_jobs=self.own_jobs[place::of],
            unseen=() if place else self.unseen,
            to_cut=() if place else self.to_cut,
        )


class Floor:
    """Has its processes work; each call returns when all of them are done."""

    def __init__(self, processes: Sequence[_End]) -> None:
        self._processes = processes

    def run(self, work: Work, pace: Pace, clients: int = 1) -> Load:
        """Let so many clients work; what all of them did, as one run. Raises FloorError with what went wrong."""
        asked: list[_End] = []
        for place, process in enumerate(self._processes):
            share = len(range(place, clients, len(self._processes)))
            if share:
                process.send((work, _share(pace, place, share / clients), share))
                asked.append(process)
        limit = _ANSWER_SECONDS + (0.0 if isinstance(pace, Times) else pace.seconds)
        return together([_answer(process, limit) for process in asked])


class FloorError(Exception):
    """What went wrong in one of the processes, as it was told there."""


def _share(pace: Pace, place: int, share: float) -> Pace:
    if isinstance(pace, Paced):
        return Paced(pace.calls_per_second * share, pace.seconds, late=place / pace.calls_per_second)
    return pace


_ANSWER_SECONDS = 300.0
"""So long a process may take beyond its work, or to begin: one that hangs ends the run with a sentence."""


def _answer(process: _End, limit: float = _ANSWER_SECONDS) -> Load:
    try:
        if not process.poll(limit):
            raise FloorError(f"one of the processes did not answer within {limit:.0f} s")
        answer: Load | str = process.recv()
    except (EOFError, OSError) as error:
        raise FloorError("one of the processes ended in the middle of its work") from error
    if isinstance(answer, Load):
        return answer
    raise FloorError(answer)


@contextmanager
def floor(dsn: str, number: int, stock: Stock, moment: int) -> Generator[Floor]:
    """So many kiosks, and so many clients of each other kind, warmed up; the shop's time stands at ``moment``."""
    context = get_context("spawn")
    processes = min(number, cores())
    ends: list[_End] = []
    started: list[SpawnProcess] = []
    try:
        for place in range(processes):
            ours, theirs = Pipe()
            numbers = range(place, number, processes)
            process = context.Process(
                target=_process, args=(theirs, dsn, numbers, stock.share(place, processes), moment), daemon=True
            )
            process.start()
            theirs.close()
            ends.append(ours)
            started.append(process)
        for end in ends:
            _answer(end)
        yield Floor(ends)
    finally:
        for end in ends:
            end.close()
        for process in started:
            process.join(_ENDING_SECONDS)
            process.kill()


_ENDING_SECONDS = 10.0


# -- in each process -----------------------------------------------------------------------


def _process(end: _End, dsn: str, numbers: range, stock: Stock, moment: int) -> None:
    # Whoever asks is interrupted, and ends these by closing its ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve(end, dsn, numbers, stock, moment))


async def _serve(end: _End, dsn: str, numbers: range, stock: Stock, moment: int) -> None:
    """Work as is asked until nobody asks any more; what goes wrong is told to whoever asked."""
    try:
        async with _clients(dsn, numbers, stock, moment) as clients:
            end.send(await _warm_up(clients))
            while True:
                work, pace, share = await asyncio.to_thread(end.recv)
                at_work = clients[work][:share]
                assert len(at_work) == share, (
                    f"{share} clients were asked for, {len(at_work)} can do this: {work.value}"
                )
                end.send(await _run(at_work, pace))
    except (EOFError, ConnectionResetError):
        pass
    except Exception:  # noqa: BLE001 - whatever it was
        with suppress(OSError):
            end.send(traceback.format_exc())


_CUTTERS = 1_000
"""From here on terminals are numbered that only cut: no other station's work is in their memory."""


@asynccontextmanager
async def _clients(dsn: str, numbers: range, stock: Stock, moment: int) -> AsyncGenerator[dict[Work, list[Once]]]:
    async with (
        kiosks(dsn, [*numbers, _CUTTERS + numbers[0]]) as (*runs, cutter),
        bare_inserts(dsn, len(numbers)) as inserts,
        lean_clients(dsn, numbers) as (lean_scans, lean_cut),
    ):
        shop = Shop([*runs, cutter], count(moment))
        stations = [embellisher(number + 1) for number in numbers]
        one_job, to_cut = _until_none_is_left(stock.one_job), _until_none_is_left(stock.to_cut)

        async def cut() -> None:
            await shop.must(cutter, shop.scan(next(to_cut), CUTTER))

        clients = {
            Work.BARE: inserts,
            Work.LEAN_SCANS: lean_scans,
            Work.LEAN_CUTS: [lean_cut],
            Work.ONE_JOB: [scanning(shop, run, at, one_job) for run, at in zip(runs, stations, strict=True)],
            Work.OWN_JOBS: [
                scanning(shop, run, at, _until_none_is_left(job))
                for run, at, job in zip(runs, stations, stock.own_jobs, strict=True)
            ],
        }
        if stock.unseen:
            clients[Work.FIRST_SIGHTS] = [first_sights(shop, runs[0], stations[0], _until_none_is_left(stock.unseen))]
        if stock.to_cut:
            clients[Work.CUTS] = [cut]
        yield clients


def _until_none_is_left(units: Sequence[str]) -> Iterator[str]:
    yield from units
    raise RuntimeError("the measured work was so quick that the shop ran out of it; make it larger")


WARMING_CALLS = 2 * SCANS_OF_A_CARD
"""How often each client works before anything counts."""


async def _warm_up(clients: Mapping[Work, Sequence[Once]]) -> Load:
    """Let every client prepare its statements, and the server settle on their plans.

    It does so at the sixth use of a statement, which a terminal has behind it after its first cards.
    """
    return together([await times(client, WARMING_CALLS) for of_a_kind in clients.values() for client in of_a_kind])


async def _run(clients: Sequence[Once], pace: Pace) -> Load:
    match pace:
        case FlatOut(seconds):
            return await flat_out(clients, seconds)
        case Paced(calls_per_second, seconds, late):
            return await paced(clients, calls_per_second, seconds, late=late)
        case Times(number):
            (client,) = clients
            return await times(client, number)
