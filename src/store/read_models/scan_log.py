"""What was asked of the product and what came of it: a station's last scans, and all that was refused."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.domain.rejections import Rejection
from store.codec import decode_rejection
from store.pool import Lane
from store.read_models.tables import RowQuery, columns_of
from store.wire import Row

WORK_DONE = (
    "PrintCompleted",
    "SheetOperationCompleted",
    "SheetCut",
    "CardUnitOperationCompleted",
    "QAResultRecorded",
    "CardScannedForAssembly",
    "SetPacked",
)
"""The kinds of fact that count as a unit's work done at a station."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRecord:
    """One request that was answered for good.

    ``rejection`` is None where it was accepted; ``event_types`` are the kinds of fact
    that it made. ``scanned`` is the code, control characters escaped, None for what
    was not a scan.
    """

    command_id: UUID
    command_type: str
    event_types: tuple[str, ...]
    unit_id: str | None
    rejection: Rejection | None
    station_id: str | None
    operator_id: str | None
    scanned: str | None
    occurred_at: datetime
    recorded_at: datetime

    @property
    def is_accepted(self) -> bool:
        """Whether it was carried out."""
        return self.rejection is None


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyRate:
    """How much work a station did in the hour that began at ``hour``."""

    station_id: str
    hour: datetime
    units: int
    refused: int


_COLUMNS = """command_id, command_type, event_types, unit_id,
    CASE outcome WHEN 'refused' THEN answer END, station_id, operator_id, scanned, occurred_at, recorded_at"""

_LAST_SCANS = f"""SELECT {_COLUMNS} FROM commands WHERE station_id = $1
    ORDER BY recorded_at DESC LIMIT $2""".encode()

_REFUSED = f"""SELECT {_COLUMNS} FROM commands WHERE outcome = 'refused' AND ($1::text IS NULL OR station_id = $1)
    ORDER BY recorded_at DESC LIMIT $2""".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAsked:
    """When a station last asked for anything, by the database's clock."""

    station_id: str
    asked_at: datetime


LAST_ASKED = RowQuery(
    LastAsked,
    """SELECT s.station_id, c.recorded_at AS asked_at FROM unnest($1::text[]) AS s(station_id)
    CROSS JOIN LATERAL (
        SELECT recorded_at FROM commands WHERE commands.station_id = s.station_id ORDER BY recorded_at DESC LIMIT 1
    ) c""",
)

# An hour's work is what happened in it, however late it was recorded; nothing is recorded before it happens, so
# the index on recorded_at still finds all of it.
_RATES = RowQuery(
    HourlyRate,
    f"""SELECT {columns_of(HourlyRate)} FROM (
        SELECT station_id, date_trunc('hour', occurred_at) AS hour,
            count(*) FILTER (WHERE event_types && $2::text[]) AS units,
            count(*) FILTER (WHERE outcome = 'refused') AS refused
        FROM commands WHERE station_id = ANY($3::text[]) AND recorded_at >= $1 AND occurred_at >= $1
        GROUP BY station_id, date_trunc('hour', occurred_at)
    ) h ORDER BY station_id, hour""",
)


def _record(row: Row) -> ScanRecord:
    command_id, command_type, event_types, unit_id, answer, station, operator, scanned, occurred_at, recorded_at = row
    return ScanRecord(
        command_id=command_id,
        command_type=command_type,
        event_types=tuple(event_types),
        unit_id=unit_id,
        rejection=None if answer is None else decode_rejection(answer),
        station_id=station,
        operator_id=operator,
        scanned=scanned,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
    )


async def last_scans(lane: Lane, station_id: str, limit: int) -> tuple[ScanRecord, ...]:
    """Return a station's last requests, newest first, accepted and refused alike."""
    return tuple([_record(row) for row in await lane.run(_LAST_SCANS, (station_id, limit))])


async def refused_scans(lane: Lane, station_id: str | None, limit: int) -> tuple[ScanRecord, ...]:
    """Return what was refused, newest first, at one station or at all."""
    return tuple([_record(row) for row in await lane.run(_REFUSED, (station_id, limit))])


async def hourly_rates(
    lane: Lane, station_ids: list[str], since: datetime, work: tuple[str, ...] = WORK_DONE
) -> tuple[HourlyRate, ...]:
    """Return the work of each full or begun hour since a moment; hours without any are left out."""
    begin = since.replace(minute=0, second=0, microsecond=0)
    return await _RATES.all(lane, begin, list(work), station_ids)
