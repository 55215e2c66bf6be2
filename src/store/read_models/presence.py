"""station_presence: which kiosk processes live, who works there and what is in hand.

Written by each process for itself every few seconds; unlogged, so that a heartbeat
costs no flush.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from store.pool import Lane
from store.read_models.tables import RowQuery, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a kiosk process says of itself; ``process`` tells two processes of one station apart."""

    station_id: str
    process: str
    state: str
    version: str
    operator_id: str | None = None
    unit_in_hand: str | None = None
    scans_held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceRow:
    """A kiosk process as last heard of; ``silent_seconds`` is by the database's own clock."""

    station_id: str
    process: str
    state: str
    version: str
    operator_id: str | None
    unit_in_hand: str | None
    scans_held: int
    started_at: datetime
    beat_at: datetime
    silent_seconds: float


_BEAT = b"""INSERT INTO station_presence (station_id, process, state, version, operator_id, unit_in_hand, scans_held)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (station_id, process) DO UPDATE SET
    state = EXCLUDED.state, version = EXCLUDED.version, operator_id = EXCLUDED.operator_id,
    unit_in_hand = EXCLUDED.unit_in_hand, scans_held = EXCLUDED.scans_held, beat_at = now()
    RETURNING clock_timestamp()"""

# With it go those of its station that crashed on its machine before: one that was ended on purpose is not shown as one
# that died. A silent one of another machine may be cut off, and stays for the leads to see. A process is "machine:pid".
_GONE = b"""DELETE FROM station_presence WHERE station_id = $1 AND (process = $2 OR
    (split_part(process, ':', 1) = split_part($2, ':', 1) AND beat_at < now() - interval '15 seconds'))"""

REMEMBERED_SECONDS = 86_400.0
"""A process that crashed or was cut off leaves its row; after a day nobody asks for it."""

_SWEEP = b"DELETE FROM station_presence WHERE beat_at < now() - interval '1 day'"

PRESENCES = RowQuery(
    PresenceRow,
    f"""SELECT {columns_of(PresenceRow)} FROM (
        SELECT p.*, extract(epoch FROM clock_timestamp() - p.beat_at)::float8 AS silent_seconds
        FROM station_presence p
    ) s WHERE silent_seconds <= $1 ORDER BY station_id, beat_at DESC""",
)


async def beat(lane: Lane, presence: Presence, leaves: Callable[[], None]) -> datetime:
    """Say that this process lives and what it does; return what the server's clock says.

    ``leaves`` is called when the question goes off.
    """
    ((moment,),) = await lane.run(
        _BEAT,
        (
            presence.station_id, presence.process, presence.state, presence.version,
            presence.operator_id, presence.unit_in_hand, presence.scans_held,
        ),
        on_sending=leaves,
    )  # fmt: skip
    return moment


async def leave(lane: Lane, station_id: str, process: str) -> None:
    """Say that this process ends."""
    await lane.run(_GONE, (station_id, process))
    await lane.run(_SWEEP)
