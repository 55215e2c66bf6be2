"""Stations that are opened on the floor."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from core.domain.values import StationDefinition
from core.identity.ids import OperatorId
from tests.kiosk.station_session.bench import Station, at_work
from tests.support.floor import Floor

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
