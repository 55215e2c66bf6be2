"""A terminal of its own: its disk, the line to the database that can be cut, and the kiosk that runs on it."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.domain.events import HeldScanRefused
from core.domain.values import StationDefinition
from core.identity.ids import OperatorId
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.station import StationSnapshot
from kiosk.station_session.keeping import Keeping
from store import Store
from store.clock import ServerClock
from store.pool import ConnectionSettings
from tests.kiosk.station_session.bench import Station, at_work
from tests.support.floor import Floor
from tests.support.proxy import ServerLine
from tests.support.waiting import eventually


def _hasty(settings: ConnectionSettings) -> ConnectionSettings:
    return replace(settings, answer_seconds=2.0)


class Terminal:
    """One terminal: its disk, the line that leads to the database, and the kiosk that runs on it."""

    def __init__(self, floor: Floor, line: ServerLine, folder: Path) -> None:
        """Begin with nothing running; ``folder`` is on its disk."""
        self.floor = floor
        self.line = line
        self.spool = folder / "kept.db"
        self._running: contextlib.AsyncExitStack | None = None

    async def start(
        self,
        definition: StationDefinition,
        by: OperatorId | None = None,
        *,
        wait: bool = True,
        settle: bool = True,
        clock: ServerClock | None = None,
    ) -> Station:
        """Start the kiosk, as the program does: at once, even where the database is away.

        What happens is dated by ``clock``, as in the program, where one is given, otherwise by the floor's.
        Unless it is to ``settle``, the line may stand from the start.
        """
        stack = contextlib.AsyncExitStack()
        keeping = await Keeping.opened(self.spool)
        stack.push_async_callback(keeping.close)
        store = await Store.open(
            self.line.dsn, station_id=definition.station_id, settings=_hasty, wait=wait, clock=clock
        )
        await stack.enter_async_context(store)
        station = Station(self.floor, definition, store=store, keeping=keeping)
        if clock is not None:
            station.session = station.made(clock.now)
        await stack.enter_async_context(at_work(station))
        self._running = stack
        if not settle:
            return station
        await station.session.settled()
        if by is not None:
            await station.log_on(by)
        await eventually(lambda: keeping.badges or not wait)
        return station

    async def kill(self) -> None:
        """End the kiosk without telling anybody."""
        if self._running is not None:
            stack, self._running = self._running, None
            await stack.aclose()

    def cable_out(self) -> None:
        """Cut the line: connections are reset, and none is taken."""
        self.line.refuse()
        self.line.cut()

    async def cable_in(self) -> None:
        """Carry again."""
        self.line.come_alive()
        await self.line.open()


def kept(number: int) -> Callable[[StationSnapshot], bool]:
    """What is shown says that so many are kept."""
    return lambda shown: shown.header.kept == number


async def offline(station: Station) -> None:
    """Wait until the station says that the database is away."""
    await station.shows(lambda shown: shown.header.connection is ConnectionState.OFFLINE)


async def delivered(station: Station) -> None:
    """Wait until nothing is kept any more and the station says that it is online."""
    await eventually(
        lambda: not station.shown.header.kept and station.shown.header.connection is ConnectionState.ONLINE,
        seconds=20,
    )
    await station.session.settled()


async def facts(floor: Floor, unit: str) -> list[str]:
    """The names of what the log says of a unit."""
    found = await floor.store.history(unit)
    return [] if found is None else [type(entry.event).__name__ for entry in found.events]


async def listed(floor: Floor, where: StationDefinition) -> list[HeldScanRefused]:
    """What was put on the station's list."""
    found = await floor.store.history(where.station_id)
    assert found is not None
    return [entry.event for entry in found.events if isinstance(entry.event, HeldScanRefused)]


async def eventually_in_log(floor: Floor, unit: str, fact: str) -> None:
    """Wait until the log says so of a unit."""

    async def is_there() -> bool:
        return fact in await facts(floor, unit)

    await eventually(is_there)


async def recorded(floor: Floor, unit: str, *names: str) -> None:
    """Wait until the log says exactly this of a unit."""

    async def is_so() -> bool:
        return await facts(floor, unit) == list(names)

    await eventually(is_so, seconds=20)
