"""PACKING: with every set that goes into a box the band says how many of its job are packed."""

import pytest

from core.identity.ids import JobId, assembly_of_card
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.snapshots.work import PackingView
from tests.core.shop import OPERATOR, PACKING, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.late_reading import LateReading
from tests.support.floor import Floor


async def gathered(floor: Floor, job: JobId, sets: int) -> list[str]:
    """So many sets of a job, cut, passed and gathered; their labels."""
    labels: list[str] = []
    for number in range(1, sets + 1):
        cards = await floor.cut(job, number)
        for card in cards:
            await floor.inspect(card)
        await floor.gather(cards, assembly_of_card(cards[0]))
        labels.append(assembly_of_card(cards[0]))
    return labels


async def has_read(station: Station, job: JobId) -> None:
    """Wait until the station knows how far the job is."""
    await station.shows(
        lambda shown: (
            isinstance(shown.work, PackingView)
            and shown.work.progress is not None
            and shown.work.progress.title == f"JOB {job}"
        )
    )


def count(verdict: VerdictView) -> tuple[VerdictState, str, str]:
    """The band's colour, counter and caption."""
    return verdict.state, verdict.counter, verdict.counter_caption


async def test_the_band_counts_the_sets_of_the_job_with_the_one_just_packed(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given three sets of a job, when each is packed, then green counts it at once: 1/3, 2/3, 3/3."""
    job = await floor.start(spec(), sets=3)
    labels = await gathered(floor, job, 3)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan(f"{job}-BX001")
    await has_read(station, job)
    for number, label in enumerate(labels, start=1):
        assert count(await station.scan(label)) == (VerdictState.ACCEPTED, f"{number}/3", "sets packed")


async def test_a_set_of_a_job_that_was_not_read_yet_is_packed_without_a_count(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a box of another job, when its label and its set come at once, then no wrong count is shown for it."""
    job, other = await floor.start(spec(), sets=2), await floor.start(spec(), job="J1055", order="PO2026-0200")
    mine, others = await gathered(floor, job, 2), await gathered(floor, other, 1)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan(f"{job}-BX001")
    await has_read(station, job)
    await station.scan(mine[0])
    for text in (f"{other}-BX001", others[0]):
        station.scan_at_once(text)
    await station.session.settled()
    assert count(station.verdict)[1:] in {("", "in J1055-BX001"), ("1/1", "sets packed")}


async def test_a_set_that_is_packed_before_the_job_was_read_is_not_counted_wrongly(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a box whose job is still being read, when a set is packed, then there is no count rather than 0/2."""
    job = await floor.start(spec(), sets=2)
    labels = await gathered(floor, job, 2)
    station = await open_station(PACKING, by=OPERATOR)
    await station.session.settled()
    reading = LateReading(floor.store, monkeypatch, "assemblies_of")
    await station.scan(f"{job}-BX001")
    await reading.has_answer.wait()
    assert count(await station.scan(labels[0])) == (VerdictState.ACCEPTED, "", f"in {job}-BX001")
    reading.may_arrive.set()
    await has_read(station, job)
    assert count(await station.scan(labels[1])) == (VerdictState.ACCEPTED, "2/2", "sets packed")


async def test_a_set_that_is_packed_while_its_job_is_read_stays_counted(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given sets as they were read before one was packed, when that reading arrives, then the set is not missing."""
    job = await floor.start(spec(), sets=3)
    labels = await gathered(floor, job, 3)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan(f"{job}-BX001")
    await has_read(station, job)
    reading = LateReading(floor.store, monkeypatch, "assemblies_of")
    await station.scan(labels[0])
    await reading.has_answer.wait()
    await station.scan(labels[1])
    seen = len(station.published)
    reading.may_arrive.set()
    await station.shows(
        lambda shown: (
            isinstance(shown.work, PackingView) and shown.work.progress is not None and len(station.published) > seen
        )
    )
    assert count(await station.scan(labels[2])) == (VerdictState.ACCEPTED, "3/3", "sets packed")
