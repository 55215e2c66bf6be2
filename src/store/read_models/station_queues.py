"""What is at a station and what is ready for it, in the order in which it should be done.

Ordered by priority, promise date, age. Units of jobs on hold are shown where they
stand but are not ready for anybody. For an assembly station the queue is of sets to
gather, for a packing station of complete sets.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.values import FAN_IN, OperationType, StationDefinition
from store.pool import Lane
from store.read_models.tables import RowQuery, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """One unit that is at a station or ready for it.

    ``unit_kind`` is sheet, card or set. ``operation`` is what is in hand, or the
    operations it is ready for, joined by ``+``. ``since`` is when it came here or
    began to wait. For a set, ``cards_total`` are expected, ``cards_in`` lie in the
    tray and ``cards_waiting`` have passed and wait to be gathered; 0 for others. ``tray_at``
    is where its tray was seen last, None where none was begun.
    """

    unit_id: str
    unit_kind: str
    job_id: str
    product_name: str
    status: str
    operation: str
    operator_id: str | None
    since: datetime
    priority: int
    promise_at: datetime
    on_hold: bool
    cards_total: int
    cards_in: int
    cards_waiting: int
    needs_authorization: bool
    tray_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationQueue:
    """A station's queue; the totals count what the lists leave out as well."""

    at_station: tuple[QueueEntry, ...]
    at_station_total: int
    ready: tuple[QueueEntry, ...]
    ready_total: int
    oldest_ready: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationLoad:
    """How much a station has and could have; one row of the view rm_station_load."""

    station_id: str
    units_at_station: int
    oldest_at_station: datetime | None
    units_ready: int
    oldest_ready: datetime | None


_COLUMNS = columns_of(QueueEntry)

_UNIT_ALIKE = """j.priority, j.promise_at, j.status = 'ON_HOLD' AS on_hold, 0 AS cards_total, 0 AS cards_in,
    0 AS cards_waiting, false AS needs_authorization, NULL::text AS tray_at"""

AT_STATION = RowQuery(
    QueueEntry,
    f"""SELECT {_COLUMNS} FROM (
        SELECT c.card_unit_id AS unit_id, 'card' AS unit_kind, c.job_id, c.product_name, c.status,
            coalesce(c.operation, '') AS operation, c.operator_id, c.since, {_UNIT_ALIKE}
        FROM rm_card_units c JOIN rm_jobs j ON j.job_id = c.job_id WHERE c.station_id = $1
        UNION ALL
        SELECT s.sheet_id, 'sheet', s.job_id, s.product_name, s.status, coalesce(s.operation, ''), s.operator_id,
            s.since, {_UNIT_ALIKE}
        FROM rm_sheets s JOIN rm_jobs j ON j.job_id = s.job_id WHERE s.station_id = $1
    ) u ORDER BY priority, promise_at, since, unit_id LIMIT $2""",
)


def _kinds(name: str, table: str) -> str:
    """Name the different values of ``ready`` that fit the station's work: one index probe for each value."""
    return f"""{name}_all AS (
        (SELECT ready FROM {table} WHERE ready <> '' ORDER BY ready LIMIT 1)
        UNION ALL
        SELECT (SELECT x.ready FROM {table} x WHERE x.ready <> '' AND x.ready > k.ready ORDER BY x.ready LIMIT 1)
        FROM {name}_all k WHERE k.ready IS NOT NULL
    ), {name} AS MATERIALIZED (
        SELECT ready FROM {name}_all WHERE ready IS NOT NULL AND string_to_array(ready, '+') && $1::text[]
    )"""


def _ready(kinds: str, table: str, key: str, unit_kind: str) -> str:
    """The most urgent waiting units of each job that the station does, by the index on (ready, job, since when)."""
    return f"""SELECT x.{key} AS unit_id, '{unit_kind}' AS unit_kind, x.job_id, x.product_name, x.status,
            x.ready_operations AS operation, NULL::text AS operator_id, x.waiting_since AS since, {_UNIT_ALIKE}
        FROM rm_jobs j CROSS JOIN {kinds} k CROSS JOIN LATERAL (
            SELECT y.* FROM {table} y WHERE y.ready = k.ready AND y.ready <> '' AND y.job_id = j.job_id
                AND ($3::text[] = '{{}}' OR string_to_array(y.ready_operations, '+') && $3::text[])
            ORDER BY y.waiting_since LIMIT $2
        ) x WHERE j.status = 'STARTED'"""


_READY_UNITS = RowQuery(
    QueueEntry,
    f"""SELECT {_COLUMNS} FROM (
        WITH RECURSIVE {_kinds("card_kinds", "rm_card_units")}, {_kinds("sheet_kinds", "rm_sheets")}
        SELECT * FROM (
            {_ready("card_kinds", "rm_card_units", "card_unit_id", "card")}
            UNION ALL
            {_ready("sheet_kinds", "rm_sheets", "sheet_id", "sheet")}
        ) u ORDER BY priority, promise_at, since, unit_id LIMIT $2
    ) q ORDER BY priority, promise_at, since, unit_id""",
)

_SETS = f"""SELECT {_COLUMNS} FROM (
        SELECT a.assembly_id AS unit_id, 'set' AS unit_kind, a.job_id, a.product_name, a.status, '' AS operation,
            NULL::text AS operator_id, coalesce(a.completed_at, a.opened_at) AS since, j.priority, j.promise_at,
            j.status = 'ON_HOLD' AS on_hold, a.expected_count AS cards_total, a.gathered_count AS cards_in,
            a.sheet_id, a.status = 'COMPLETE' AND cardinality(a.replacements) > 0 AND a.authorized_by IS NULL
            AS needs_authorization,
            CASE WHEN a.gathered_count > 0 OR cardinality(a.void_in_tray) > 0 THEN a.last_station_id ELSE a.open_at END
            AS tray_at
        FROM rm_assemblies a JOIN rm_jobs j ON j.job_id = a.job_id
        WHERE a.status = ANY($1::text[]) AND a.status <> 'PACKED' AND j.status = 'STARTED'
        ORDER BY j.priority, j.promise_at, since, a.assembly_id LIMIT $2
    ) s CROSS JOIN LATERAL (
        SELECT count(*)::integer AS cards_waiting FROM rm_card_units c
        WHERE c.card_unit_id >= s.sheet_id || '-' AND c.card_unit_id < s.sheet_id || '.' AND c.status = 'QA_PASSED'
    ) w ORDER BY priority, promise_at, since, unit_id"""

_READY_SETS = RowQuery(QueueEntry, _SETS)

_SETS_TOTAL = b"""SELECT count(*), min(coalesce(a.completed_at, a.opened_at)) FROM rm_assemblies a
    JOIN rm_jobs j ON j.job_id = a.job_id AND j.status = 'STARTED'
    WHERE a.status = ANY($1::text[]) AND a.status <> 'PACKED'"""

_LOADS = f"SELECT {columns_of(StationLoad)} FROM rm_station_load"

STATION_LOADS = RowQuery(StationLoad, f"{_LOADS} ORDER BY station_id")
_STATION_LOAD = RowQuery(StationLoad, f"{_LOADS} WHERE station_id = $1")

_SET_STATES = {OperationType.ASSEMBLE: ("PENDING", "IN_PROGRESS"), OperationType.PACK: ("COMPLETE",)}


async def station_queue(lane: Lane, station: StationDefinition, limit: int) -> StationQueue:
    """Return a station's queue, at most ``limit`` entries of each part."""
    here = await AT_STATION.all(lane, station.station_id, limit)
    load = await _STATION_LOAD.one(lane, station.station_id)
    at_total = len(here) if load is None else load.units_at_station
    if FAN_IN & set(station.work):
        ready, total, oldest = await _sets(lane, station.work, limit)
    else:
        kinds = [kind.value for kind in station.work]
        ready = await _READY_UNITS.all(lane, kinds, limit, list(station.operations))
        total = len(ready) if load is None else load.units_ready
        oldest = load.oldest_ready if load else min((entry.since for entry in ready), default=None)
    return StationQueue(
        at_station=here,
        at_station_total=max(at_total, len(here)),
        ready=ready,
        ready_total=max(total, len(ready)),
        oldest_ready=oldest,
    )


async def _sets(
    lane: Lane, work: Sequence[OperationType], limit: int
) -> tuple[tuple[QueueEntry, ...], int, datetime | None]:
    states = [state for kind in work for state in _SET_STATES.get(kind, ())]
    ready = await _READY_SETS.all(lane, states, limit)
    ((total, oldest),) = await lane.run(_SETS_TOTAL, (states,))
    return ready, total, oldest
