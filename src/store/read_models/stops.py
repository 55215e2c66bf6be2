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


# What is accepted at a station shows that no stop stood there, but for a screen that had not heard of it: nobody is
# kept from the database for a week. So neither what was refused nor what was cleared before counts any more, and the
# reading stays as short as a week, however old the shop is. The station's stream is walked back as far as that.
# A refusal's own words may hold anything, so its JSON is only ever taken apart where it holds nothing but an id.
_STANDING = b"""WITH RECURSIVE since AS (
        SELECT coalesce((
            SELECT recorded_at FROM commands WHERE station_id = $1 AND outcome = 'accepted'
            ORDER BY recorded_at DESC LIMIT 1
        ) - interval '7 days', '-infinity') AS moment
    ), said AS (
        (SELECT aggregate_version, event_type, event_payload, recorded_at FROM production_events
        WHERE aggregate_type = 'station' AND aggregate_id = $1 ORDER BY aggregate_version DESC LIMIT 1)
        UNION ALL
        SELECT e.aggregate_version, e.event_type, e.event_payload, e.recorded_at FROM said
        JOIN production_events e ON e.aggregate_type = 'station' AND e.aggregate_id = $1
        AND e.aggregate_version = said.aggregate_version - 1
        WHERE said.recorded_at >= (SELECT moment FROM since)
    ), over AS (
        SELECT event_payload ->> CASE event_type WHEN 'StationStopCleared' THEN 'stop' ELSE 'held' END AS stop
        FROM said WHERE event_type IN ('StationStopCleared', 'HeldScanRefused')
    )
    SELECT c.command_id, c.refusal, c.answer, c.occurred_at,
        extract(epoch FROM clock_timestamp() - c.recorded_at)::float8, (
            SELECT count(*) FROM commands i WHERE i.outcome = 'refused' AND i.station_id = $1
            AND i.refusal = 'IgnoredUnderStop' AND i.recorded_at >= c.recorded_at
            AND convert_from(i.answer, 'UTF8')::json -> 1 ->> 'stop' = c.command_id::text
        )
    FROM commands c WHERE c.outcome = 'refused' AND c.station_id = $1 AND c.refusal = ANY($2::text[])
    AND c.recorded_at >= (SELECT moment FROM since)
    AND NOT EXISTS (SELECT FROM over WHERE over.stop = c.command_id::text)
    ORDER BY c.recorded_at, c.command_id"""


def read_rejection(answer: bytes) -> Rejection | None:
    """Return a stored refusal, None where this version of the program cannot read it."""
    try:
        return decode_rejection(answer)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError):
        return None


async def standing_stops(lane: Lane, station_id: str, kinds: Collection[str]) -> tuple[StandingStop, ...]:
    """Return what was refused at a station with one of these kinds of rejection and not cleared, oldest first.

    What was refused more than a week before the last accepted work there stops nobody: work went on.
    """
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
