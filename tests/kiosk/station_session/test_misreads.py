"""Damaged scans are kept for the leads, beside the work and not at its expense."""

from datetime import timedelta
from typing import cast
from uuid import uuid4

import pytest

from core.domain.rejections import DamagedCode, FaultReason
from core.production.damaged import DamagedScan
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import ScanDamaged
from kiosk.station_session.misreads import AT_ONCE, SECONDS_EACH, Misreads
from store import Store, StoreUnavailable
from store.clock import ClockReading, ServerClock
from store.read_models.scan_log import ScanRecord
from tests.core.shop import ASSEMBLY, OPERATOR, PRESS, START, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.test_silence import Wire
from tests.support.floor import Floor
from tests.support.waiting import eventually


def misread(station: Station, read: str = "J1044-S0", *, detail: str = "") -> None:
    """A scan of which only so much came."""
    station.pass_time(1)
    station.session.put(ScanDamaged(FaultReason.UNKNOWN_KEY, read, station.session.now(), detail))


async def kept(floor: Floor, number: int, where: str = PRESS.station_id) -> list[ScanRecord]:
    """The damaged scans in the scan log, oldest first, once there are so many."""
    found: list[ScanRecord] = []

    async def there() -> bool:
        refused = await floor.store.refused_scans(where, 500)
        found[:] = [each for each in reversed(refused) if isinstance(each.rejection, DamagedCode)]
        return len(found) >= number

    await eventually(there)
    return found


async def test_a_damaged_scan_is_in_the_scan_log(floor: Floor, open_station: OpenStation) -> None:
    """What was read, where, by whom, when, and why: amber on the screen, and one refusal for the leads."""
    station = await open_station(PRESS, by=OPERATOR)
    misread(station, "J1044-S0", detail="F5 (key 63)")
    await station.session.settled()
    assert (station.verdict.state, station.verdict.words) == (VerdictState.ATTENTION, "SCAN AGAIN")
    assert "the scanner's settings" in station.verdict.instruction
    (found,) = await kept(floor, 1)
    assert (found.scanned, found.station_id, found.operator_id) == ("J1044-S0", "PRESS-1", OPERATOR)
    assert found.occurred_at == station.session.now()
    assert found.rejection == DamagedCode(
        read="J1044-S0", reason=FaultReason.UNKNOWN_KEY, detail="F5 (key 63)", unkept=0
    )


async def test_a_damaged_scan_under_a_stop_is_kept_and_clears_nothing(floor: Floor, open_station: OpenStation) -> None:
    """A torn RESET is no RESET; that the scanner tore it is what a lead wants to know."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (mine[0], foreign[0]):
        await floor.inspect(card)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], foreign[0])
    misread(station, "CMD-RESET")
    await station.session.settled()
    assert station.stop.ignored == 0
    (found,) = await kept(floor, 1, ASSEMBLY.station_id)
    assert found.scanned == "CMD-RESET"


async def test_nobody_waits_for_a_damaged_scan_to_be_kept(floor: Floor, open_station: OpenStation) -> None:
    """With the database silent its verdict is there at once, the station is not kept up, and it is kept later."""
    wire = Wire(floor.store)
    station = await open_station(PRESS, by=OPERATOR, store=wire)
    wire.open.clear()
    misread(station)
    await station.session.settled()
    assert station.verdict.words == "SCAN AGAIN"
    wire.lost_after = 1
    wire.open.set()
    (found,) = await kept(floor, 1)
    await eventually(lambda: found.command_id in wire.answered)
    assert wire.delivered.count(found.command_id) == 2


class ScanLog:
    """A store that only keeps damaged scans, or is away."""

    def __init__(self) -> None:
        """Begin with none."""
        self.scans: list[DamagedScan] = []
        self.away = False
        self.clock = ServerClock()

    async def in_time(self, request: DamagedScan, made: ClockReading) -> DamagedScan:
        """Let everything be as it is dated."""
        del made
        return request

    async def run(self, request: DamagedScan, *, command_id: object) -> None:
        """Keep one."""
        del command_id
        if self.away:
            raise StoreUnavailable("nobody there")
        self.scans.append(request)


def scan(number: int) -> DamagedScan:
    """One of many."""
    return DamagedScan(
        read=str(number), reason=FaultReason.UNFINISHED, detail="", station=PRESS, operator_id=None, at=START
    )


async def test_a_flood_of_noise_is_a_trickle_in_the_log() -> None:
    """An hour of a scanner that sends noise every tenth of a second: some two hundred rows, and every scan counted."""
    log, now = ScanLog(), START
    misreads = Misreads(cast("Store", log), monotonic=lambda: (now - START) / timedelta(seconds=1), new_id=uuid4)
    for number in range(36_000):
        misreads.take(scan(number))
        await misreads.keep()
        now += timedelta(seconds=0.1)
    most = AT_ONCE + 3600 / SECONDS_EACH
    assert AT_ONCE <= len(log.scans) <= most
    now += timedelta(seconds=AT_ONCE * SECONDS_EACH)
    await misreads.keep()
    assert sum(1 + each.unkept for each in log.scans) == 36_000
    assert log.scans[-1].read == "35999"


async def test_the_first_of_many_are_kept_one_by_one() -> None:
    """A handful shows what a scanner does wrong; none of them stands for another."""
    log = ScanLog()
    misreads = Misreads(cast("Store", log), monotonic=lambda: 1_000.0, new_id=uuid4)
    for number in range(AT_ONCE + 5):
        misreads.take(scan(number))
        await misreads.keep()
    assert [each.read for each in log.scans] == [str(number) for number in range(AT_ONCE)]
    assert {each.unkept for each in log.scans} == {0}


async def test_damaged_scans_wait_in_memory_while_the_database_is_away_and_no_more_than_a_handful() -> None:
    """The first are kept as they were, the newest says how many it stands for."""
    log = ScanLog()
    misreads = Misreads(cast("Store", log), monotonic=lambda: 1_000.0, new_id=uuid4)
    log.away = True
    for number in range(1_000):
        misreads.take(scan(number))
    with pytest.raises(StoreUnavailable):
        await misreads.keep()
    log.away = False
    await misreads.keep()
    assert [each.read for each in log.scans] == [*map(str, range(AT_ONCE - 1)), "999"]
    assert sum(1 + each.unkept for each in log.scans) == 1_000
