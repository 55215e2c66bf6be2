"""The queue and the load of stations that do some operations of their kind of work only."""

from core.domain.commands import DefineStation
from core.identity.ids import sheet_id
from tests.core.production.test_station_operations import GOLD, SILVER, TWO_FOILS
from tests.core.shop import FOIL, PRESS, spec
from tests.support.floor import Floor


async def test_a_station_queues_what_it_does_and_nothing_else(floor: Floor) -> None:
    """A sheet that has its silver waits for gold only; the load that the leads see is counted alike."""
    for station in (GOLD, SILVER):
        await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=station))
    job = await floor.start(spec(route=TWO_FOILS), sets=3)
    first, second, _ = (sheet_id(job, number) for number in (1, 2, 3))
    for sheet in (first, second):
        for _ in range(2):
            await floor.scan(PRESS, sheet)
    for _ in range(2):
        await floor.scan(SILVER, first)
    expected = {GOLD: {first, second}, SILVER: {second}, FOIL: {first, second}}
    loads = {load.station_id: load for load in await floor.store.station_loads()}
    for station, sheets in expected.items():
        queue = await floor.store.station_queue(station)
        assert {entry.unit_id for entry in queue.ready} == sheets
        assert queue.ready_total == len(sheets) == loads[station.station_id].units_ready
        assert queue.oldest_ready is not None
    row = await floor.store.station(SILVER.station_id)
    assert row is not None
    assert row.definition == SILVER
    assert (await floor.store.verify()).is_sound
