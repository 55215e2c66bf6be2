"""The demo's shop at work: `python -m kiosk.demo.live FOLDER`, started by `playing`.

Loads the shop where it is new, says so on standard output, then works at every station that nobody
plays, until its standard input ends. Several demos on one folder share one shop: the first works,
the others wait for it to end and go on.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import Final

from core.domain.values import StationRole
from core.production.facts import ShopPolicy
from kiosk.background import server_awaited
from kiosk.demo.loading import is_loaded, load_shop
from kiosk.demo.parts import MANAGER, MANAGER_PIN, READY, again, cast
from kiosk.demo_shop import demo_config, demo_products
from kiosk.simulation.errands import Bench
from kiosk.simulation.eyes import Floor
from kiosk.simulation.office import NotSetUp, Office
from kiosk.simulation.planning import Habits
from kiosk.simulation.workers import Pace, Worker, now
from store.embedded import EmbeddedServerError
from store.errors import SchemaChanged, SchemaTooNew, StoreError, StoreUnavailable
from store.migrations import migrate
from store.read_models.presence import Presence
from store.store import Store

_LOG = logging.getLogger(__name__)

_PROCESS: Final = "demo:"
_STORES: Final = 6
_FEED_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 1.0
_BEAT_SECONDS: Final = 5.0
_PLAYED_SECONDS: Final = 15.0
_LOCK_SECONDS: Final = 1.0
_LEAVING_SECONDS: Final = 2.0

_UNIT_SECONDS: Final = {
    StationRole.PRESS: 35.0,
    StationRole.EMBELLISH: 20.0,
    StationRole.CUTTER: 12.0,
    StationRole.CARDOPS: 4.0,
    StationRole.QA: 3.0,
    StationRole.ASSEMBLY: 14.0,
    StationRole.PACKING: 20.0,
    StationRole.LEAD: 15.0,
}
"""How long one piece of work takes: quick enough to watch, slow enough to follow."""

_KEPT: Final = {
    StationRole.PRESS: 2,
    StationRole.EMBELLISH: 2,
    StationRole.CUTTER: 2,
    StationRole.CARDOPS: 6,
    StationRole.QA: 8,
    StationRole.ASSEMBLY: 2,
    StationRole.PACKING: 2,
    StationRole.LEAD: 2,
}
"""How many of the most urgent pieces are left to whoever plays a role."""

_SHOWN: Final = {StationRole.LEAD: 1}
"""How many are left lying though nobody plays: a card on hold and a set that needs a manager, to be seen."""

_HABITS: Final = Habits(
    fails=0.06,
    fail_codes=("F-201", "C-110", "P-305", "S-120", "E-410"),
    reworked=0.75,
    lost=0.002,
    wrong_card=0.01,
    duplicate=0.005,
    stray=0.003,
    strange_trays=0.0,
    undone=0.005,
    units_at_once=1,
)

_FEW_SHEETS: Final = 3
_MANY_CARDS: Final = 150


class Players:
    """Which stations somebody plays: the one that this shop was opened for, and all with a real kiosk's heartbeat."""

    def __init__(self, store: Store, benches: Sequence[Bench], opened_for: str) -> None:
        self._store = store
        self._roles = {str(bench.station_id): bench.station.role for bench in benches}
        self._opened_for = opened_for
        self.stations = frozenset({opened_for})

    def may_work(self, station: str) -> bool:
        """Whether nobody plays at the station."""
        return station not in self.stations

    def kept(self, role: StationRole) -> int:
        """How many pieces of a role's work are left to players."""
        is_played = any(self._roles.get(station) is role for station in self.stations)
        return _KEPT[role] if is_played else _SHOWN.get(role, 0)

    async def look(self) -> None:
        """Read who is there."""
        present = await self._store.presences(_PLAYED_SECONDS)
        real = {row.station_id for row in present if not row.process.startswith(_PROCESS)}
        self.stations = frozenset({self._opened_for, *real})


# -- the shop -----------------------------------------------------------------------


async def run_shop(dsn: str, opened_for: str, ended: asyncio.Event, say_ready: Callable[[], None]) -> None:
    """Load the shop if it is new, then work in it until ``ended``."""
    config = demo_config()
    stores = [await _open(dsn, number) for number in range(1, _STORES + 1)]
    try:
        if not await is_loaded(stores[0]):

            async def playable() -> None:
                say_ready()

            refused = await load_shop(stores, config, now(), playable)
            for refusal in refused:
                _LOG.warning("a part of the history was refused: %s", refusal)
        else:
            say_ready()
        await _work(stores, cast(config), opened_for, ended)
    finally:
        for store in stores:
            await store.close()


async def _open(dsn: str, number: int) -> Store:
    return await Store.open(dsn, station_id=f"demo {number}", policy=ShopPolicy(repeat_guard_seconds=0.0))


async def _work(stores: Sequence[Store], benches: Sequence[Bench], opened_for: str, ended: asyncio.Event) -> None:
    players = Players(stores[0], benches, opened_for)
    floor = Floor()
    workers = [_worker(bench, stores[place % len(stores)], floor, players) for place, bench in enumerate(benches)]
    office = Office(
        store=stores[0],
        specs=demo_products(now()),
        chance=Random(),  # noqa: S311 - what customers order is no secret
        next_job=1050,
        next_order=130,
    )
    await office.continue_numbers()
    stores[0].start_automations()
    process = f"{_PROCESS}{os.getpid()}"
    async with asyncio.TaskGroup() as tasks:
        for worker in workers:
            tasks.create_task(worker.work(ended))
        tasks.create_task(_again_and_again(players.look, _LOOK_SECONDS, ended))
        tasks.create_task(_again_and_again(lambda: _beat(stores[0], workers, players, process), _BEAT_SECONDS, ended))
        tasks.create_task(_again_and_again(lambda: _feed(office), _FEED_SECONDS, ended))
    with contextlib.suppress(StoreUnavailable):
        for bench in benches:
            await stores[0].leave(bench.station_id, process)


def _worker(bench: Bench, store: Store, floor: Floor, players: Players) -> Worker:
    role = bench.station.role
    return Worker(
        bench=bench,
        store=store,
        floor=floor,
        chance=Random(),  # noqa: S311 - the demo is never twice the same
        habits=_HABITS,
        managers=((MANAGER, MANAGER_PIN),),
        pace=Pace(unit_seconds=_UNIT_SECONDS[role]),
        keep=lambda: players.kept(role),
        spared=lambda: players.stations,
        may_work=lambda: players.may_work(bench.station_id),
    )


async def _again_and_again(act: Callable[[], Awaitable[None]], seconds: float, ended: asyncio.Event) -> None:
    while not ended.is_set():
        with contextlib.suppress(StoreUnavailable):
            await act()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await ended.wait()


async def _beat(store: Store, workers: Sequence[Worker], players: Players, process: str) -> None:
    """Let the leads' wall see who works where, and that we left where somebody plays."""
    for worker in workers:
        station = worker.bench.station_id
        if not players.may_work(station):
            await store.leave(station, process)
            continue
        await store.beat(
            Presence(
                station_id=station,
                process=process,
                state="READY",
                version="demo",
                operator_id=worker.bench.operator_id,
                unit_in_hand=worker.in_hand,
            )
        )


async def _feed(office: Office) -> None:
    """Take an order whenever the presses run dry and the benches can keep up."""
    loads = {load.station_id: load for load in await office.store.station_loads()}
    sheets, cards = loads["PRESS-1"].units_ready, loads["QA-BENCH-1"].units_ready
    if sheets < _FEW_SHEETS and cards < _MANY_CARDS:
        order = office.next(office.chance.randint(3, 5), now(), hours=office.chance.uniform(6, 30))
        refused = await office.take(order, now())
        if refused is not None:
            _LOG.warning("an order was refused: %s", refused)


# -- the process --------------------------------------------------------------------


async def _until_input_ends(ended: asyncio.Event) -> None:
    """Whoever opened the shop keeps our standard input open for as long as they live."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    ended.set()


async def _alone(place: Path, ended: asyncio.Event) -> int | None:
    """Wait until no other process works in this shop; its lock, or None where the input ended before."""
    descriptor = os.open(place.with_name(f"{place.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    while not ended.is_set():
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say(READY)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOCK_SECONDS):
                    await ended.wait()
        else:
            return descriptor
    os.close(descriptor)
    return None


_said: set[str] = set()


def _say(text: str) -> None:
    """Say a line to whoever opened the shop, once."""
    if text not in _said:
        _said.add(text)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


async def _main(place: Path, opened_for: str) -> None:
    ended = asyncio.Event()
    watch = asyncio.create_task(_until_input_ends(ended))
    joining = asyncio.create_task(server_awaited(place))
    # Whoever plays may leave before the server has answered.
    await asyncio.wait((joining, watch), return_when=asyncio.FIRST_COMPLETED)
    if not joining.done():
        # One that is gone from the start is still told what is wrong with the folder.
        await asyncio.wait((joining,), timeout=_LEAVING_SECONDS)
    if not joining.done():
        return
    server = joining.result()
    try:
        await migrate(server.dsn)
        lock = await _alone(place, ended)
        if lock is not None:
            try:
                await run_shop(server.dsn, opened_for, ended, lambda: _say(READY))
            finally:
                os.close(lock)
    finally:
        watch.cancel()
        await asyncio.to_thread(server.close)


def main(arguments: Sequence[str]) -> int:
    """Work in the shop of a folder until standard input ends."""
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(_main(Path(arguments[0]), arguments[1]))
    except (SchemaChanged, SchemaTooNew) as failure:
        _say(f"{failure} It is from another version of this program: `{again(fresh=True)}` begins anew.")
        return 1
    except (EmbeddedServerError, StoreError, NotSetUp) as failure:
        _say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
