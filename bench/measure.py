"""Load and its figures: how many a second, how long each took, and medians of interleaved rounds."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain

Once = Callable[[], Awaitable[None]]
"""One thing that a client does; it is called again and again."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of some clients gave."""

    seconds: float
    """How long the run took."""
    latencies: tuple[float, ...]
    """Seconds of every single call, sorted."""

    @property
    def throughput(self) -> float:
        """Calls a second over all clients."""
        return len(self.latencies) / self.seconds

    @property
    def p50(self) -> float:
        """The median of the latencies, in seconds."""
        return self.percentile(0.50)

    @property
    def p99(self) -> float:
        """What 99 of 100 calls stay below, in seconds."""
        return self.percentile(0.99)

    def percentile(self, share: float) -> float:
        """What this share of the calls stays below, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


async def flat_out(clients: Sequence[Once], seconds: float) -> Load:
    """Let every client call as fast as it can for so long."""
    latencies: list[float] = []
    started = time.perf_counter()
    deadline = started + seconds

    async def client(call: Once) -> None:
        while (begun := time.perf_counter()) < deadline:
            await call()
            latencies.append(time.perf_counter() - begun)

    async with asyncio.TaskGroup() as group:
        for call in clients:
            group.create_task(client(call))
    return _load(started, latencies)


async def paced(clients: Sequence[Once], calls_per_second: float, seconds: float, *, late: float = 0.0) -> Load:
    """Let all clients together make so many calls a second, spread evenly over them and over time.

    The first of them begins ``late`` seconds after it is asked to.
    """
    latencies: list[float] = []
    started = time.perf_counter()
    interval = len(clients) / calls_per_second

    async def client(call: Once, offset: float) -> None:
        due = started + offset
        while due < started + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            begun = time.perf_counter()
            await call()
            latencies.append(time.perf_counter() - begun)
            due += interval

    async with asyncio.TaskGroup() as group:
        for number, call in enumerate(clients):
            group.create_task(client(call, late + interval * number / len(clients)))
    return _load(started, latencies)


async def times(call: Once, number: int) -> Load:
    """Let one client call so many times, one after the other."""
    latencies: list[float] = []
    started = time.perf_counter()
    for _ in range(number):
        begun = time.perf_counter()
        await call()
        latencies.append(time.perf_counter() - begun)
    return _load(started, latencies)


def together(loads: Sequence[Load]) -> Load:
    """What several runs at the same time gave, as one."""
    return Load(
        max(load.seconds for load in loads), tuple(sorted(chain.from_iterable(load.latencies for load in loads)))
    )


def _load(started: float, latencies: list[float]) -> Load:
    assert latencies, "nothing was done in this run"
    return Load(time.perf_counter() - started, tuple(sorted(latencies)))


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over rounds: its median, and how far the rounds were apart."""

    median: float
    lowest: float
    highest: float


def spread(values: Sequence[float]) -> Spread:
    """The median, the lowest and the highest of the rounds' figures."""
    return Spread(statistics.median(values), min(values), max(values))
