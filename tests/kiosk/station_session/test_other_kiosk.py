"""Two processes at work as one station, as happens when a kiosk is started by hand beside the service's own."""

import subprocess
import sys

import psycopg
import pytest

from kiosk.snapshots.keys import Intent
from store.read_models.presence import Presence
from tests.core.shop import OPERATOR, PRESS
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, offline
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def test_a_station_says_that_another_kiosk_is_at_work_as_it(floor: Floor, open_station: OpenStation) -> None:
    """On whose machine, before anybody logs on and after; not any more once that one has gone."""
    other = Presence(station_id=PRESS.station_id, process="hall-2:4711", state="READY", version="0")
    await floor.store.beat(other)
    station = await open_station(PRESS)
    shown = await station.shows(lambda shown: shown.notice is not None)
    assert shown.notice is not None
    assert (shown.notice.words, shown.notice.detail) == (
        f"ANOTHER KIOSK IS AT WORK AS {PRESS.station_id}",
        "on hall-2",
    )
    await station.log_on(OPERATOR)
    assert station.shown.notice == shown.notice
    await floor.store.leave(other.station_id, other.process)
    await station.press(Intent.LOG_OFF)
    await station.shows(lambda shown: shown.notice is None)


def killed() -> int:
    """The id of a process that is gone."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


async def test_a_kiosk_of_this_machine_that_was_killed_is_not_at_work(floor: Floor, open_station: OpenStation) -> None:
    """Given the last sign of life of a process that is gone, then its successor warns of living ones only."""
    # The newest is named where there are several.
    for process in ("hall-2:4711", f"test:{killed()}"):
        await floor.store.beat(Presence(station_id=PRESS.station_id, process=process, state="READY", version="0"))
    station = await open_station(PRESS)
    shown = await station.shows(lambda shown: shown.notice is not None)
    assert shown.notice is not None
    assert shown.notice.detail == "on hall-2"


async def test_a_kiosk_alone_at_its_station_says_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Its own sign of life is not another's, nor is another station's."""
    await floor.store.beat(Presence(station_id="QA-BENCH-9", process="hall-2:4711", state="READY", version="0"))
    station = await open_station(PRESS, by=OPERATOR)

    async def is_heard_of() -> bool:
        return len(await floor.store.presences()) == 2

    await eventually(is_heard_of)
    await station.press(Intent.LOG_OFF)
    assert station.shown.notice is None


async def test_a_server_that_forgot_who_was_there_is_told_as_soon_as_it_is_back(
    floor: Floor, terminal: Terminal, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a server that crashed, when it is back, then the wall need not wait for the next sign of life."""
    monkeypatch.setattr("kiosk.station_session.upkeep._BEAT_SECONDS", 600.0)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await offline(station)
    with psycopg.connect(database_dsn, autocommit=True) as server:
        server.execute("DELETE FROM station_presence")
    await terminal.cable_in()

    async def is_heard_of() -> bool:
        return [row.station_id for row in await floor.store.presences()] == [PRESS.station_id]

    await eventually(is_heard_of, seconds=20)
