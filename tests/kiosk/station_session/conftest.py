"""Stations that are opened on the floor."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from core.domain.values import StationDefinition
from core.identity.ids import OperatorId
from tests.kiosk.station_session.bench import Station, at_work
from tests.kiosk.station_session.outage import Terminal
from tests.support.floor import Floor
from tests.support.proxy import line_to

OpenStation = Callable[..., Awaitable[Station]]


@pytest.fixture
async def open_station(floor: Floor) -> AsyncIterator[OpenStation]:
    """Open a station, with somebody logged on where a badge is given; it works until the test ends."""
    async with contextlib.AsyncExitStack() as closing:

        async def opened(definition: StationDefinition, by: OperatorId | None = None, **more: object) -> Station:
            station = Station(floor, definition, **more)  # pyright: ignore[reportArgumentType]
            await closing.enter_async_context(at_work(station))
            if by is not None:
                await station.log_on(by)
            return station

        yield opened


@pytest.fixture
async def terminal(floor: Floor, database_dsn: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    """A terminal whose line to the database can be cut."""
    async with line_to(database_dsn) as line:
        made = Terminal(floor, line, tmp_path)
        yield made
        await made.kill()
