"""The time of all stations is the database's: measured, carried on, and compared with the machine's own clock."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import Accepted, Presence, Store
from store.clock import ServerClock
from tests.core.shop import PRESS, spec
from tests.support.floor import Floor

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Wires:
    """A kiosk and a server whose clocks differ, with a network that takes its time; nothing passes by itself."""

    def __init__(self, own_ahead: float = 0.0) -> None:
        """Begin at noon by the server's clock."""
        self.elapsed = 0.0
        self.own_ahead = own_ahead
        self.server_ahead = 0.0
        self.boot = "this run"
        self.clock = ServerClock(
            own=lambda: NOON + timedelta(seconds=self.elapsed + self.own_ahead),
            steady=lambda: self.elapsed,
            boot=lambda: self.boot,
        )

    def server(self) -> datetime:
        """What the server's clock says."""
        return NOON + timedelta(seconds=self.elapsed + self.server_ahead)

    def asking(self, there: float, back: float) -> Callable[[], Awaitable[datetime]]:
        """A question that takes so many seconds to the server and back."""

        async def answered() -> datetime:
            self.elapsed += there
            moment = self.server()
            self.elapsed += back
            return moment

        return answered

    async def measure(self, there: float = 0.0, back: float = 0.0) -> None:
        """Let the kiosk ask."""
        await self.clock.measure(self.asking(there, back)())

    def off(self) -> float:
        """By how many seconds the kiosk is wrong about the server's time."""
        return (self.clock.now() - self.server()).total_seconds()


async def test_until_the_server_was_heard_the_machines_clock_counts() -> None:
    """A kiosk that starts offline knows no better."""
    wires = Wires(own_ahead=90)
    assert wires.off() == 90
    assert wires.clock.own_ahead_seconds == 0


@pytest.mark.parametrize("own_ahead", [-86_400.0, -3.0, 0.0, 2.5, 3_600.0])
async def test_a_measurement_corrects_the_time_and_tells_how_wrong_the_machine_is(own_ahead: float) -> None:
    """Over an even network exactly, for half of the round trip is taken off."""
    wires = Wires(own_ahead)
    await wires.measure(0.2, 0.2)
    assert wires.off() == pytest.approx(0, abs=1e-5)
    assert wires.clock.own_ahead_seconds == pytest.approx(own_ahead, abs=1e-5)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3), st.floats(0, 100)), min_size=1, max_size=10))
async def test_the_time_is_never_wrong_by_more_than_half_a_round_trip(trips: list[tuple[float, float, float]]) -> None:
    """However uneven the network is, and the best of several measurements stands."""
    wires = Wires(own_ahead=-500)
    for there, back, pause in trips:
        await wires.measure(there, back)
        wires.elapsed += pause
        assert abs(wires.off()) <= wires.clock.error_seconds + 1e-4
    assert wires.clock.error_seconds <= min(there + back for there, back, _ in trips) / 2 + 1e-4


async def test_setting_the_machines_clock_changes_no_time_but_is_told() -> None:
    """Somebody sets the kiosk's clock by an hour while it works."""
    wires = Wires()
    await wires.measure(0.01, 0.01)
    wires.own_ahead = 3_600
    wires.elapsed += 5
    assert wires.off() == pytest.approx(0, abs=1e-5)
    assert wires.clock.own_ahead_seconds == pytest.approx(3_600, abs=1e-5)


async def test_the_time_does_not_tremble_with_the_network() -> None:
    """A slower answer that agrees with what is known already moves nothing."""
    wires = Wires()
    await wires.measure(0.001, 0.001)
    wires.elapsed += 5
    expected = wires.off()
    await wires.measure(0.0, 1.0)
    assert wires.off() == pytest.approx(expected, abs=1e-6)
    assert wires.clock.error_seconds == pytest.approx(0.001)


async def test_a_server_whose_clock_is_set_is_followed() -> None:
    """Also by a slower answer, once it cannot be explained by the network."""
    wires = Wires()
    await wires.measure(0.001, 0.001)
    wires.server_ahead = 30
    await wires.measure(0.4, 0.4)
    assert wires.off() == pytest.approx(0, abs=1e-5)


def test_seconds_that_are_counted_cannot_be_set() -> None:
    """The product's own count goes on and never back."""
    from store.clock import steady_seconds

    first = steady_seconds()
    assert steady_seconds() >= first


async def test_a_kiosk_with_a_wrong_clock_dates_its_scans_as_the_others_do(floor: Floor, database_dsn: str) -> None:
    """Measured when the store opens, before the first scan; the history tells what came first."""
    job = await floor.start(spec())
    wrong = ServerClock(own=lambda: datetime.now(UTC) + timedelta(hours=1))
    async with await Store.open(database_dsn, station_id="TEST-2", clock=wrong) as store:
        assert store.clock.own_ahead_seconds == pytest.approx(3_600, abs=2)
        kiosk = Floor(store, store.clock.now())
        answer = await kiosk.scan(PRESS, f"{job}-S001")
        assert isinstance(answer, Accepted)
        history = await store.history(f"{job}-S001")
        assert history is not None
        last = history.events[-1]
        apart = (last.event.occurred_at - last.recorded_at).total_seconds()
        assert apart == pytest.approx(10, abs=5)  # a scan of the floor is ten seconds later than the one before


async def test_every_heartbeat_measures_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that drifts, or a server that was replaced, is noticed within seconds."""
    monkeypatch.setattr(store.clock, "_moment", NOON)
    assert abs(store.clock.own_ahead_seconds) > 60
    await store.beat(Presence(station_id="PRESS-1", process="here:1", state="READY", version="1"))
    assert abs(store.clock.own_ahead_seconds) < 2


async def test_what_was_dated_before_the_server_was_heard_is_put_right_afterwards() -> None:
    """A kiosk that starts offline an hour ahead, and whose clock is set meanwhile: both moments come out true."""
    wires = Wires(own_ahead=3600)
    first = wires.clock.reading()
    wires.elapsed += 60
    wires.own_ahead = -5
    second = wires.clock.reading()
    wires.elapsed += 60
    await wires.measure()
    assert first.moment + wires.clock.wrong_by(first) == NOON
    assert second.moment + wires.clock.wrong_by(second) == NOON + timedelta(seconds=60)


async def test_what_was_dated_by_the_servers_time_is_never_moved() -> None:
    """Neither by a later measurement, nor after a start of the machine."""
    wires = Wires(own_ahead=90)
    await wires.measure()
    reading = wires.clock.reading()
    wires.elapsed += 60
    wires.server_ahead = 5
    await wires.measure()
    assert wires.clock.wrong_by(reading) == timedelta()


async def test_before_a_start_of_the_machine_nobody_can_know_how_wrong_its_clock_was() -> None:
    """The count of seconds began anew: what was kept stays as it was dated."""
    wires = Wires(own_ahead=90)
    reading = wires.clock.reading()
    assert wires.clock.wrong_by(reading) == timedelta()
    wires.boot = "the next run"
    await wires.measure()
    assert wires.clock.wrong_by(reading) == timedelta()
