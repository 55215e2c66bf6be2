"""Which kiosk processes live, as each of them says itself, and which are gone."""

from store import Presence
from tests.core.shop import INSPECTOR
from tests.support.database import owner_connection
from tests.support.floor import Floor


async def test_presence_tells_who_is_there(floor: Floor) -> None:
    """A process says what it does, again and again, and says when it ends."""
    await floor.store.beat(Presence(station_id="QA-BENCH-1", process="a", state="ready", version="1"))
    await floor.store.beat(
        Presence(station_id="QA-BENCH-1", process="a", state="busy", version="1", operator_id=INSPECTOR, scans_held=3)
    )
    await floor.store.beat(Presence(station_id="QA-BENCH-1", process="b", state="ready", version="1"))
    rows = {row.process: row for row in await floor.store.presences()}
    assert (rows["a"].state, rows["a"].operator_id, rows["a"].scans_held) == ("busy", INSPECTOR, 3)
    assert rows["a"].silent_seconds < 60
    await floor.store.leave("QA-BENCH-1", "b")
    assert [row.process for row in await floor.store.presences()] == ["a"]
    assert await floor.store.presences(max_silent_seconds=-1) == ()


async def test_a_process_that_ends_takes_those_with_it_that_died_before(floor: Floor, database_dsn: str) -> None:
    """Given killed processes of a station, then those of the same machine go with the next one that is ended."""
    for process in ("desk:1", "desk:2", "wall:1", "desk:3"):
        await floor.store.beat(Presence(station_id="QA-BENCH-1", process=process, state="ready", version="1"))
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            "UPDATE station_presence SET beat_at = now() - interval '1 minute' WHERE process IN ('desk:1', 'wall:1')"
        )
    await floor.store.leave("QA-BENCH-1", "desk:3")
    assert [row.process for row in await floor.store.presences()] == ["desk:2", "wall:1"]
