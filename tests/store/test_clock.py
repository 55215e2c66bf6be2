"""The time of all stations is the database's: measured, carried on, and compared with the machine's own clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import Accepted, Presence, Store
from store.clock import CLOSE_SECONDS, ServerClock, TimeQuestion
from store.pool import Lane
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

    def asking(self, there: float, back: float, connecting: float = 0.0) -> TimeQuestion:
        """A question that takes so many seconds to the server and back, once the server is reached."""

        async def answered(leaves: Callable[[], None]) -> datetime:
            self.elapsed += connecting
            leaves()
            self.elapsed += there
            moment = self.server()
            self.elapsed += back
            return moment

        return answered

    async def measure(self, there: float = 0.0, back: float = 0.0, connecting: float = 0.0) -> None:
        """Let the kiosk ask."""
        await self.clock.measure(self.asking(there, back, connecting))

    def dated(self, seconds: float = 0.0) -> datetime:
        """What the kiosk says that the time is, so many seconds before something else happens."""
        moment = self.clock.now()
        self.elapsed += seconds
        return moment

    def put_right(self, moment: datetime) -> Callable[[], datetime]:
        """Keep what was dated so; once the server is better known its moment can be asked for."""
        reading = self.clock.reading(moment)
        return lambda: moment + self.clock.wrong_by(reading)

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


async def _an_hour_ago(leaves: Callable[[], None]) -> datetime:
    leaves()
    return datetime.now(UTC) - timedelta(hours=1)


async def test_every_heartbeat_measures_again(store: Store) -> None:
    """A clock that drifts, or a server that was replaced, is noticed within seconds."""
    await store.clock.measure(_an_hour_ago)
    assert abs(store.clock.own_ahead_seconds) > 60
    await store.beat(Presence(station_id="PRESS-1", process="here:1", state="READY", version="1"))
    assert abs(store.clock.own_ahead_seconds) < 2


async def test_reaching_the_server_is_no_part_of_the_question() -> None:
    """A connection takes several ways to the server and back, all of them before it reads its clock."""
    wires = Wires(own_ahead=90)
    await wires.measure(0.01, 0.01, connecting=2.0)
    assert wires.off() == pytest.approx(0, abs=1e-5)
    assert wires.clock.error_seconds == pytest.approx(0.01)


async def test_a_lane_says_when_it_asks_after_it_has_reached_the_server(store: Store) -> None:
    """The first question on a connection waits until that is made, and the statement is prepared."""
    made: list[int] = []
    await store._reading.close()
    lane = Lane(store._reading.settings)
    await lane.run(b"SELECT 1", on_sending=lambda: made.append(lane.made))
    assert made == [1]
    await lane.close()


async def test_what_was_dated_before_the_server_was_heard_is_put_right_afterwards() -> None:
    """A kiosk that starts offline an hour ahead, and whose clock is set meanwhile: both moments come out true."""
    wires = Wires(own_ahead=3600)
    first = wires.put_right(wires.dated())
    wires.elapsed += 60
    wires.own_ahead = -5
    second = wires.put_right(wires.dated())
    wires.elapsed += 60
    await wires.measure()
    assert first() == NOON
    assert second() == NOON + timedelta(seconds=60)


@pytest.mark.parametrize("own_ahead", [-86_400.0, -7_200.0, -0.5, 0.0, 0.5, 45.0, 86_400.0])
async def test_what_is_kept_after_the_server_was_heard_is_dated_by_what_it_was_made_by(own_ahead: float) -> None:
    """A scan under way while the kiosk finds its server: kept a second later, its moment is the machine's still."""
    wires = Wires(own_ahead)
    scanned = wires.dated(seconds=0.7)
    await wires.measure()
    wires.elapsed += 0.3
    apart = wires.put_right(scanned)() - NOON
    assert abs(apart.total_seconds()) <= 0.7 if 0 < own_ahead < 1 else apart == timedelta()


@given(
    own_ahead=st.floats(-1e6, 1e6),
    first=st.tuples(st.floats(0, 2), st.floats(0, 2)),
    second=st.tuples(st.floats(0, 0.05), st.floats(0, 0.05)),
    waits=st.tuples(st.floats(0, 2), st.floats(0, 2), st.floats(0, 2)),
)
async def test_whatever_was_kept_while_the_time_was_badly_known_is_put_right_once_it_is_known_closely(
    own_ahead: float, first: tuple[float, float], second: tuple[float, float], waits: tuple[float, float, float]
) -> None:
    """Dated before the server was heard or after a slow answer, kept before or after a good one: true in the end."""
    wires = Wires(own_ahead)
    true: list[datetime] = []
    kept: list[Callable[[], datetime]] = []
    dated: list[datetime] = []

    def keep() -> None:
        kept.extend(wires.put_right(moment) for moment in dated)
        dated.clear()

    async def scan(wait: float, *, kept_at_once: bool) -> None:
        for _ in range(2):
            true.append(wires.server())
            dated.append(wires.dated(wait))
        if kept_at_once:
            keep()

    await scan(waits[0], kept_at_once=True)
    await wires.measure(*first)
    await scan(waits[1], kept_at_once=False)
    await wires.measure(*second)
    keep()
    await scan(waits[2], kept_at_once=True)
    assert wires.clock.is_close
    for moment, when in zip(kept, true, strict=True):
        assert abs((moment() - when).total_seconds()) <= wires.clock.error_seconds + max(first) / 2 + 2e-3
    # What was known to be badly dated when it was kept is as exact as the best measurement.
    if not sum(first) / 2 <= CLOSE_SECONDS:
        assert all(
            abs((moment() - when).total_seconds()) <= wires.clock.error_seconds + 2e-3
            for moment, when in zip(kept[:2], true[:2], strict=True)
        )


async def test_what_was_dated_by_the_servers_time_is_never_moved() -> None:
    """Neither by a later measurement, nor after a start of the machine."""
    wires = Wires(own_ahead=90)
    await wires.measure()
    moment = wires.put_right(wires.dated())
    wires.elapsed += 60
    wires.server_ahead = 5
    await wires.measure()
    assert moment() == NOON


async def test_a_server_that_is_set_moves_nothing_that_was_dated_before() -> None:
    """What is kept only after the server's clock was set was dated closely all the same."""
    wires = Wires(own_ahead=90)
    await wires.measure()
    scanned = wires.dated(0.5)
    wires.server_ahead = 3_600
    await wires.measure()
    assert wires.put_right(scanned)() == scanned


async def test_a_machine_whose_clock_is_set_between_a_scan_and_its_keeping_dates_it_as_kept() -> None:
    """Nobody knows any more what its moment meant, but that it was just now."""
    wires = Wires(own_ahead=90)
    scanned = wires.dated(0.5)
    wires.own_ahead = -7_200
    kept = wires.put_right(scanned)
    await wires.measure()
    assert kept() == NOON + timedelta(seconds=0.5)


async def test_before_a_start_of_the_machine_nobody_can_know_how_wrong_its_clock_was() -> None:
    """The count of seconds began anew: what was kept stays as it was dated."""
    wires = Wires(own_ahead=90)
    scanned = wires.dated()
    kept = wires.put_right(scanned)
    assert kept() == scanned
    wires.boot = "the next run"
    await wires.measure()
    assert kept() == scanned
