"""A machine whose own clock is wrong: its screen says so, and what happens there is dated right all the same."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.events import PrintCompleted
from core.domain.rejections import FaultReason
from core.domain.values import StationRole
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from kiosk.running import kiosk_app
from kiosk.snapshots.frame import HeaderView
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import ScanDamaged, Scanned
from kiosk.station_session.showing import clock_off
from store import Presence, Store, StoreUnavailable
from store.clock import ServerClock, steady_seconds
from store.read_models.scan_log import ScanRecord
from tests.core.shop import OPERATOR, PRESS, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, offline
from tests.support.floor import Floor
from tests.support.waiting import eventually


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


# -- what happens at a terminal that was started without the database -------------------------------


def off_by(hours: float) -> ServerClock:
    """The clock of a machine that is wrong by so much, and has not heard of the database's."""
    return ServerClock(own=lambda: datetime.now(UTC) + timedelta(hours=hours))


async def started_alone(terminal: Terminal, clock: ServerClock) -> Station:
    """A press that was started without the database, with somebody logged on."""
    await terminal.start(PRESS, by=OPERATOR)
    await terminal.kill()
    terminal.cable_out()
    return await (await terminal.start(PRESS, wait=False, clock=clock)).log_on(OPERATOR)


async def newest(floor: Floor, unit: str) -> datetime:
    """When the last thing happened to a unit, as the log has it."""
    found = await floor.store.history(unit)
    assert found is not None
    return found.events[-1].event.occurred_at


def is_close(moment: datetime, to: datetime) -> bool:
    """Whether two moments are of one minute: the clocks of these tests are off by hours."""
    return abs(moment - to) < timedelta(minutes=1)


async def test_a_terminal_that_starts_offline_with_a_wrong_clock_dates_what_it_kept_right_in_the_end(
    floor: Floor, terminal: Terminal
) -> None:
    """Its clock is two hours ahead, and it had not heard of the database's when it kept the scan."""
    job = await floor.start(spec())
    station = await started_alone(terminal, off_by(2))
    before = datetime.now(UTC)
    await station.scan(f"{job}-S001")
    assert not is_close(station.session.now(), before)
    await terminal.cable_in()
    await delivered(station)
    assert is_close(await newest(floor, f"{job}-S001"), before)


@pytest.mark.parametrize("hours", [-2, 24])
@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_scan_that_waits_while_the_databases_time_is_first_heard_is_dated_right(
    floor: Floor, terminal: Terminal, hours: int, *, is_kept: bool
) -> None:
    """Made by the wrong clock of a terminal that started alone, then kept or recorded when that knows better."""
    job = await floor.start(spec())
    clock = off_by(hours)
    station = await started_alone(terminal, clock)
    before, scanned_at = datetime.now(UTC), clock.now()
    await terminal.cable_in()
    await delivered(station)
    await eventually(lambda: clock.is_close)
    if is_kept:
        terminal.cable_out()
        await offline(station)
    station.session.put(Scanned(f"{job}-S001", scanned_at))
    await station.session.settled()
    assert station.verdict.state is (VerdictState.OFFLINE if is_kept else VerdictState.ACCEPTED)
    if is_kept:
        await terminal.cable_in()
        await delivered(station)
    assert is_close(await newest(floor, f"{job}-S001"), before)


async def test_nothing_is_recorded_before_it_is_known_what_time_it_is(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever first reaches the database of a terminal that started alone: here a scan, before every heartbeat."""

    async def lost(store: Store, presence: Presence) -> None:
        raise StoreUnavailable(f"{store}: {presence} was lost")

    refused: list[ScanRecord] = []

    async def misread() -> bool:
        refused[:] = await floor.store.refused_scans(PRESS.station_id)
        return bool(refused)

    job = await floor.start(spec())
    monkeypatch.setattr(Store, "beat", lost)
    clock = off_by(-50_000)
    station = await started_alone(terminal, clock)
    await terminal.cable_in()
    await delivered(station)
    assert not clock.is_heard
    before = datetime.now(UTC)
    station.session.put(ScanDamaged(FaultReason.UNFINISHED, "J10", clock.now()))
    station.session.put(Scanned(f"{job}-S001", clock.now()))
    await station.session.settled()
    assert is_close(await newest(floor, f"{job}-S001"), before)
    await eventually(misread)
    assert is_close(refused[0].occurred_at, before)


async def test_nothing_that_is_delivered_was_done_later_than_now(floor: Floor, terminal: Terminal) -> None:
    """What a wrong clock dated and nothing can put right any more is dated by its delivery, not years ahead."""
    job = await floor.start(spec())
    wrong = ServerClock(own=lambda: datetime(2099, 1, 1, tzinfo=UTC), boot=lambda: "")
    station = await started_alone(terminal, wrong)
    assert (await station.scan(f"{job}-S001")).big == "SAVED"
    await terminal.cable_in()
    await delivered(station)
    assert (await newest(floor, f"{job}-S001")).year < 2099


async def test_steps_of_an_earlier_run_of_the_machine_whose_clock_was_ahead_are_not_taken_for_one(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a power cut before the database was back, when all is delivered, then it is as far apart as it was."""
    sheet = f"{await floor.start(spec())}-S001"
    since = timedelta()
    first = ServerClock(
        own=lambda: datetime.now(UTC) + timedelta(hours=2) + since,
        steady=lambda: steady_seconds() + since.total_seconds(),
        boot=lambda: "first",
    )
    station = await started_alone(terminal, first)
    for text in (sheet, sheet):
        since += timedelta(minutes=5)
        assert (await station.scan(text)).big == "SAVED"
    await terminal.kill()
    await terminal.cable_in()
    await delivered(await terminal.start(PRESS, clock=ServerClock(boot=lambda: "second")))
    found = await floor.store.history(sheet)
    assert found is not None
    entered, done = (each.event for each in found.events[-2:])
    assert isinstance(done, PrintCompleted)
    assert is_close(done.occurred_at, datetime.now(UTC))
    assert is_close(entered.occurred_at, done.occurred_at - timedelta(minutes=5))
