"""Durations are not the clock's: one that is set back or forward changes nothing that lasts."""

from datetime import timedelta

import pytest

from core.domain.values import QAOutcome
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from tests.core.shop import ASSEMBLY, INSPECTOR, LEAD, OPERATOR, PRESS, QA, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.test_silence import Wire
from tests.kiosk.station_session.test_stops import stopped
from tests.support.floor import Floor
from tests.support.waiting import eventually

SETTINGS = pytest.mark.parametrize("by", [timedelta(hours=-2), timedelta(hours=2)], ids=["back", "forward"])


@SETTINGS
async def test_green_lasts_as_long_as_ever(floor: Floor, open_station: OpenStation, by: timedelta) -> None:
    """Not an instant, and not two hours."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan(f"{job}-S001")
    station.clock_set_by = by
    ticks = len(station.published)
    station.pass_time(1)
    await eventually(lambda: len(station.published) > ticks)
    assert station.verdict.state is VerdictState.ACCEPTED
    station.pass_time(1)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)


@SETTINGS
async def test_a_verdict_is_taken_back_within_ten_seconds(
    floor: Floor, open_station: OpenStation, by: timedelta
) -> None:
    """Nine are early enough and eleven too late, whatever the clock says meanwhile."""
    job = await floor.start(spec())
    card, *_ = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(card)
    await station.type("+")
    station.clock_set_by = by
    station.pass_time(9)
    assert (await station.press(Intent.UNDO)).words == "VERDICT TAKEN BACK"
    await station.type("+")
    station.clock_set_by = timedelta()
    station.pass_time(11)
    assert (await station.press(Intent.UNDO)).words == "TOO LATE"
    row = await floor.store.card(card)
    assert row is not None
    assert row.last_outcome is QAOutcome.PASS


@SETTINGS
async def test_a_lead_waits_half_a_minute(floor: Floor, open_station: OpenStation, by: timedelta) -> None:
    """No clock shortens it or draws it out."""
    station, _ = await stopped(floor, open_station)
    station.clock_set_by = by
    await station.scan(LEAD)
    assert station.stop.ignored == 1
    assert not station.stop.release
    station.pass_time(21)
    await station.scan(LEAD)
    await station.press(Intent.RELEASE_STOP)
    assert station.shown.stop is None
    assert station.definition == ASSEMBLY


@SETTINGS
async def test_silence_is_told_in_seconds_that_passed(floor: Floor, open_station: OpenStation, by: timedelta) -> None:
    """The header counts from when the database fell silent."""
    wire = Wire(floor.store)
    station = await open_station(PRESS, by=OPERATOR, store=wire)
    wire.open.clear()
    station.scan_at_once("CMD-RESET")
    await station.shows(lambda shown: shown.header.offline_for == "0:00")
    station.clock_set_by = by
    station.pass_time(61)
    assert station.shown.header.offline_for == "1:01"
    wire.open.set()
    await station.session.settled()


async def test_a_session_that_stands_still_is_not_well(floor: Floor, open_station: OpenStation) -> None:
    """Whoever watches it starts it again."""
    station = await open_station(QA, by=INSPECTOR)
    await eventually(lambda: station.session.is_well)
    await station.die()
    station.pass_time(60)
    assert not station.session.is_well
