"""Two processes at work as one station, as happens when a kiosk is started by hand beside the service's own."""

from kiosk.snapshots.keys import Intent
from store.read_models.presence import Presence
from tests.core.shop import OPERATOR, PRESS
from tests.kiosk.station_session.conftest import OpenStation
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


async def test_a_kiosk_alone_at_its_station_says_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Its own sign of life is not another's, nor is another station's."""
    await floor.store.beat(Presence(station_id="QA-BENCH-9", process="hall-2:4711", state="READY", version="0"))
    station = await open_station(PRESS, by=OPERATOR)

    async def is_heard_of() -> bool:
        return len(await floor.store.presences()) == 2

    await eventually(is_heard_of)
    await station.press(Intent.LOG_OFF)
    assert station.shown.notice is None
