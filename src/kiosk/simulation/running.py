"""A run of a simulated shop, from an empty or simulated database to the audited end.

`simulate` is the run itself, for tests and benchmarks; `run_simulation` is `kiosk simulate`.
"""

import asyncio
import contextlib
import os
import shutil
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from core.domain.commands import DefineProductSpec
from core.domain.values import ProductSpec, StationRole
from core.identity.ids import JobId
from core.production.facts import ShopPolicy
from kiosk.config.choosing import database_dsn
from kiosk.config.file import Config
from kiosk.demo_shop import demo_products
from kiosk.simulation.audit import Finding
from kiosk.simulation.auditing import audited
from kiosk.simulation.eyes import Floor
from kiosk.simulation.office import NotSetUp, Office, set_up, set_up_commands
from kiosk.simulation.planning import Habits
from kiosk.simulation.reporting import Reporter
from kiosk.simulation.shop_of_stations import MANAGER, SimulatedShop, shop_of
from kiosk.simulation.tally import Tally
from kiosk.simulation.workers import Pace, Worker, now
from store.embedded import default_folder, ensure_server, wait_until_stopped
from store.migrations import migrate
from store.store import Store

__all__ = ["Outcome", "Progress", "Run", "run_simulation", "simulate"]

_MOST_STORES = 32
"""Two connections each; a server with its usual limit of a hundred still has room for others."""

_PIN = "9001"
_FEED_SECONDS = 0.25
_PROGRESS_SECONDS = 1.0
_SETS_A_JOB = 8
_CARDS_A_BENCH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to run. ``orders`` None keeps taking orders; a number ends the run once so many are packed.

    ``pace`` is for every person. ``stores`` is how many pairs of connections the kiosks share.
    """

    kiosks: int
    seconds: float
    seed: int = 1
    pace: Pace = field(default_factory=Pace)
    orders: int | None = None
    sets_a_job: int = _SETS_A_JOB
    stores: int = _MOST_STORES
    habits: Habits = field(default_factory=lambda: Habits(fail_codes=("F-201", "C-110", "P-305"), units_at_once=10))
    redelivers: float = 0.01
    products: tuple[ProductSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is."""

    elapsed: float
    tally: Tally
    orders_taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run."""

    kiosks: int
    elapsed: float
    tally: Tally
    orders_taken: int
    jobs_completed: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every invariant holds."""
        return all(finding.holds for finding in self.findings)


async def simulate(dsn: str, run: Run, progress: Callable[[Progress], None] = lambda _: None) -> Outcome:
    """Run a shop of kiosks on a migrated database and audit what they left. Raises NotSetUp and the store's errors."""
    shop = shop_of(run.kiosks)
    products = run.products or demo_products(now())
    stores = await _stores(dsn, min(run.stores, len(shop.benches)))
    try:
        office = await _open_shop(stores[0], shop, products, run)
        workers = _workers(stores, shop, run)
        stop = asyncio.Event()
        began = time.monotonic()

        def report() -> Progress:
            return Progress(elapsed=time.monotonic() - began, tally=_total(workers), orders_taken=office.taken)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_stop_after(run.seconds, stop))
            tasks.create_task(_feed(office, shop, run, stop))
            tasks.create_task(_report(report, progress, stop))
            for worker in workers:
                tasks.create_task(worker.work(stop))
        elapsed = time.monotonic() - began
        # Whatever the last answers led to is done now, not in the background of a store that is about to close.
        await stores[0].sweep()
        completed = sum(row.status == "COMPLETED" for row in await stores[0].jobs())
    finally:
        for store in stores:
            await store.close()
    tally = _total(workers)
    return Outcome(
        kiosks=len(shop.benches),
        elapsed=elapsed,
        tally=tally,
        orders_taken=office.taken,
        jobs_completed=completed,
        findings=(*_own_findings(tally), *await audited(dsn)),
    )


async def _stores(dsn: str, count: int) -> list[Store]:
    # The guard against a code that is read twice by accident counts seconds; these people need none.
    policy = ShopPolicy(repeat_guard_seconds=0.0)
    stores: list[Store] = []
    try:
        for number in range(1, count + 1):
            stores.append(await Store.open(dsn, station_id=f"simulated {number}", policy=policy))  # noqa: PERF401
    except BaseException:
        for store in stores:
            await store.close()
        raise
    return stores


async def _open_shop(store: Store, shop: SimulatedShop, products: Sequence[ProductSpec], run: Run) -> Office:
    """Set the shop up, or refuse a database that holds a real one."""
    ours = {bench.station_id for bench in shop.benches}
    others = sorted({row.station_id for row in await store.stations()} - ours)
    if others:
        named = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")
        raise NotSetUp(
            f"This database holds a shop already ({named}). What is simulated stays in the log for ever:"
            " name an empty database, or none for a server of the simulation's own."
        )
    at = now()
    specs = [DefineProductSpec(at=at, operator_id=None, station_id=None, spec=spec) for spec in products]
    salts = (Random(run.seed).randbytes(16),)  # noqa: S311 - the PIN is printed here; its salt protects nothing
    await set_up(store, set_up_commands((*specs, *shop.commands(at)), ((MANAGER, _PIN),), salts, at))
    office = Office(store=store, specs=tuple(products), chance=Random(f"{run.seed} office"))  # noqa: S311 - load
    await office.continue_numbers()
    return office


def _workers(stores: Sequence[Store], shop: SimulatedShop, run: Run) -> list[Worker]:
    floor = Floor()
    return [
        Worker(
            bench=bench,
            store=stores[place % len(stores)],
            floor=floor,
            chance=Random(f"{run.seed} {bench.station_id}"),  # noqa: S311 - the same seed makes the same mistakes
            habits=run.habits,
            managers=((MANAGER, _PIN),),
            pace=run.pace,
            redelivers=run.redelivers,
        )
        for place, bench in enumerate(shop.benches)
    ]


def _total(workers: Sequence[Worker]) -> Tally:
    total = Tally()
    for worker in workers:
        total.add(worker.tally)
    return total


async def _stop_after(seconds: float, stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    stop.set()


async def _report(report: Callable[[], Progress], progress: Callable[[Progress], None], stop: asyncio.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PROGRESS_SECONDS):
                await stop.wait()
        progress(report())


async def _feed(office: Office, shop: SimulatedShop, run: Run, stop: asyncio.Event) -> None:
    """Keep everybody in work; with a number of orders, end the run when all of them are packed."""
    roles = Counter(bench.station.role for bench in shop.benches)
    mine: set[JobId] = set()
    while not stop.is_set():
        while await _takes_one_more(office, run, roles):
            order = office.next(run.sets_a_job, now())
            refused = await office.take(order, now())
            if refused is not None:
                raise NotSetUp(f"an order was refused: {refused}")
            mine.add(order.job_id)
        if run.orders is not None and not {row.job_id for row in await office.store.jobs(on_the_floor=True)} & mine:
            stop.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FEED_SECONDS):
                await stop.wait()


async def _takes_one_more(office: Office, run: Run, roles: Mapping[StationRole, int]) -> bool:
    """Whether the run's number of orders is not reached; without a number, whether somebody runs dry."""
    if run.orders is not None:
        return office.taken < run.orders
    return await _runs_dry(office.store, roles)


async def _runs_dry(store: Store, roles: Mapping[StationRole, int]) -> bool:
    """Whether the presses have little to do, and nobody after them more than they can see."""
    ready = {load.station_id: load.units_ready for load in await store.station_loads()}
    if ready.get("PRESS-1", 0) >= 4 * roles[StationRole.PRESS]:
        return False
    cards = {StationRole.CARDOPS: "OPS-1", StationRole.QA: "QA-BENCH-1"}
    return all(ready.get(station, 0) < _CARDS_A_BENCH * roles[role] for role, station in cards.items())


def _own_findings(tally: Tally) -> tuple[Finding, ...]:
    slips = sum(tally.slips.values())
    return (
        Finding("every mistake refused", slips + len(tally.slipped), "mistakes", tuple(tally.slipped)),
        Finding("delivered twice, answered alike", tally.redelivered, "delivered again", tuple(tally.unlike)),
    )


# -- kiosk simulate ---------------------------------------------------------------


async def run_simulation(
    config: Config,
    *,
    kiosks: int,
    seconds: float,
    seed: int = 1,
    pace: float | None = None,
    orders: int | None = None,
    as_json: bool = False,
) -> int:
    """Run, print and audit a simulated shop; 0 where every invariant holds, 1 where one does not.

    On the database that is configured by a dsn, else on an embedded server of the simulation's own,
    which is removed afterwards. ``pace`` is seconds before each scan, None for flat out.
    """
    run = Run(kiosks=kiosks, seconds=seconds, seed=seed, pace=Pace(scan_seconds=pace or 0.0), orders=orders)
    reporter = Reporter(as_json=as_json)
    dsn = database_dsn(config)
    try:
        if dsn is not None:
            reporter.begin(len(shop_of(run.kiosks).benches), run.seconds, run.seed, "the configured database")
            outcome = await simulate(dsn, run, reporter.progress)
        else:
            async with _server_of_its_own() as own:
                reporter.begin(len(shop_of(run.kiosks).benches), run.seconds, run.seed, "an embedded server of its own")
                outcome = await simulate(own, run, reporter.progress)
    except NotSetUp as refused:
        reporter.refused(str(refused))
        return 1
    reporter.end(outcome)
    return 0 if outcome.is_sound else 1


@asynccontextmanager
async def _server_of_its_own() -> AsyncGenerator[str]:
    folder = default_folder().with_name(f"simulation-{os.getpid()}")
    server = await asyncio.to_thread(ensure_server, folder)
    try:
        await migrate(server.dsn)
        yield server.dsn
    finally:
        server.close()
        await asyncio.to_thread(_remove, folder)


def _remove(folder: Path) -> None:
    if wait_until_stopped(folder):
        shutil.rmtree(folder, ignore_errors=True)
