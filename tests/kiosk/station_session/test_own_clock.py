"""A machine whose own clock is wrong: its screen says so, and what happens there is dated right all the same."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.values import StationRole
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from kiosk.running import kiosk_app
from kiosk.snapshots.frame import HeaderView
from kiosk.station_session.showing import clock_off
from store import Store
from store.clock import ServerClock
from tests.core.shop import OPERATOR, PRESS, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, ""), (2.0, ""), (-2.0, ""), (2.6, "+3 s"), (-90.0, "-90 s"), (133.0, "+2 m"), (-3_600.0, "-60 m"),
        (7_300.0, "+2 h"), (-200_000.0, "-2 d"),
    ],
)  # fmt: skip
def test_what_is_worth_telling_of_a_clock(seconds: float, said: str) -> None:
    """A trifle is not; what is said is short enough for the header."""
    assert clock_off(seconds) == said


async def test_the_header_tells_that_the_machines_clock_is_wrong(
    floor: Floor, open_station: OpenStation, database_dsn: str
) -> None:
    """While the station goes on working."""
    job = await floor.start(spec())
    ahead = ServerClock(own=lambda: datetime.now(UTC) + timedelta(minutes=3, seconds=10))
    async with await Store.open(database_dsn, clock=ahead) as store:
        station = await open_station(PRESS, by=OPERATOR, store=store)
        await station.scan(f"{job}-S001")
        assert station.shown.header.clock_off == "+3 m"


async def test_a_station_app_is_dated_by_the_databases_clock(store: Store, floor: Floor) -> None:
    """Whoever starts it gives no clock."""
    stanza = StationStanza(id="PRESS-1", role=StationRole.PRESS)
    store.clock = ServerClock(own=lambda: datetime(2031, 1, 1, tzinfo=UTC))
    app = await kiosk_app(Config(), stanza, store, selection=None)
    assert app.session._desk.now().year == 2031


def test_a_right_clock_is_not_mentioned() -> None:
    """The header has little room."""
    assert not HeaderView(station="PRESS-1").clock_off
