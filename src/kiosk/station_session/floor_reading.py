"""Reads the leads' floor: one look at stations, queues, people and jobs. Called by ``lead_work`` once a second."""

from datetime import datetime, timedelta

from core.domain.values import CardUnitStatus
from kiosk.station_session.floor_view import HISTORY_HOURS, Floor
from store.read_models.job_progress import StageCount
from store.read_models.quality import FirstPass
from store.store import Store

NOTHING = Floor(
    stations=(),
    loads={},
    presences={},
    rates={},
    last_asked={},
    jobs=(),
    progress={},
    stages={},
    first_pass=FirstPass(inspected=0, passed_first=0),
    people={},
    failed=0,
)
"""The floor before it was first read."""


async def read_floor(store: Store, now: datetime) -> Floor:
    """Read the floor as it is; ``now`` (UTC) says which hours its paces are of."""
    stations = await store.stations()
    jobs = await store.jobs(on_the_floor=True)
    ids = [job.job_id for job in jobs]
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HISTORY_HOURS)
    rates = await store.hourly_rates([station.station_id for station in stations], since)
    progress = await store.jobs_progress(ids)
    failed = sum(row.cards_failed for row in progress)
    longest = await store.cards_in(CardUnitStatus.QA_FAILED, 1) if failed else ()
    return Floor(
        stations=stations,
        loads={load.station_id: load for load in await store.station_loads()},
        # Newest last wins: the rows come newest first for each station.
        presences={each.station_id: each for each in reversed(await store.presences())},
        rates={station.station_id: [r for r in rates if r.station_id == station.station_id] for station in stations},
        last_asked=await store.last_asked([station.station_id for station in stations]),
        jobs=jobs,
        progress={row.job_id: row for row in progress},
        stages=_by_job(await store.stages(ids)),
        first_pass=await store.first_pass(ids),
        people={person.operator_id: person for person in await store.operators()},
        failed=failed,
        failed_longest=longest[0].card_unit_id if longest else "",
        refused={each.station_id: each for each in await store.stations_with_refused_held_scans()},
    )


def _by_job(stages: tuple[StageCount, ...]) -> dict[str, list[StageCount]]:
    found: dict[str, list[StageCount]] = {}
    for stage in stages:
        found.setdefault(stage.job_id, []).append(stage)
    return found
