"""Which refusals still stop a station: those that no StationStopCleared of its stream names.

What was held and refused on delivery stops nobody: the unit is long gone, and it stands on a list of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from core.domain.rejections import Rejection
from store.codec import decode_rejection
from store.pool import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingStop:
    """A refused request that may stop its station, and that nobody cleared.

    ``refusal`` names the kind of its ``rejection``, which is None where another version
    of the program wrote it so that this one cannot read it. ``occurred_at`` is the scan;
    it was recorded ``seconds_ago`` by the database's clock. ``ignored`` scans came under
    it since.
    """

    command_id: UUID
    refusal: str
    rejection: Rejection | None
    occurred_at: datetime
    seconds_ago: float
    ignored: int


# A refusal's own words may hold anything, so its JSON is only ever taken apart where it holds nothing but an id.
_STANDING = b"""SELECT c.command_id, c.refusal, c.answer, c.occurred_at,
        extract(epoch FROM clock_timestamp() - c.recorded_at)::float8, (
            SELECT count(*) FROM commands i WHERE i.outcome = 'refused' AND i.station_id = $1
            AND i.refusal = 'IgnoredUnderStop' AND i.recorded_at >= c.recorded_at
            AND convert_from(i.answer, 'UTF8')::json -> 1 ->> 'stop' = c.command_id::text
        )
    FROM commands c WHERE c.outcome = 'refused' AND c.station_id = $1 AND c.refusal = ANY($2::text[])
    AND NOT EXISTS (
        SELECT FROM production_events e WHERE e.aggregate_type = 'station' AND e.aggregate_id = $1
        AND e.event_type = 'StationStopCleared' AND e.event_payload ->> 'stop' = c.command_id::text
    )
    AND NOT EXISTS (
        SELECT FROM production_events e WHERE e.aggregate_type = 'station' AND e.aggregate_id = $1
        AND e.event_type = 'HeldScanRefused' AND e.event_payload ->> 'held' = c.command_id::text
    )
    ORDER BY c.recorded_at, c.command_id"""


def read_rejection(answer: bytes) -> Rejection | None:
    """Return a stored refusal, None where this version of the program cannot read it."""
    try:
        return decode_rejection(answer)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError):
        return None


async def standing_stops(lane: Lane, station_id: str, kinds: Collection[str]) -> tuple[StandingStop, ...]:
    """Return what was refused at a station with one of these kinds of rejection and not cleared, oldest first."""
    return tuple(
        [
            StandingStop(
                command_id=command_id,
                refusal=refusal,
                rejection=read_rejection(answer),
                occurred_at=occurred_at,
                seconds_ago=seconds_ago,
                ignored=ignored,
            )
            for command_id, refusal, answer, occurred_at, seconds_ago, ignored in await lane.run(
                _STANDING, (station_id, list(kinds))
            )
        ]
    )
