"""Reading the event log: streams, histories at a moment, and everything in commit order.

Writing is ``store.commands``; what a kiosk remembers of streams is ``store.stream_reader``.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.domain.events import Event
from core.domain.histories import History
from core.domain.streams import AggregateType, StreamKey
from store import errors
from store.chain import GENESIS
from store.codec import decode_event
from store.connecting import READER_ROLE
from store.pool import Lane
from store.wire import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event with everything that the log knows about it."""

    sequence_num: int
    transaction_id: int
    stream: StreamKey
    version: int
    event_type: str
    schema_version: int
    event: Event
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    command_id: UUID


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in commit order."""

    transaction_id: int
    sequence_num: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far somebody has read the log of one cluster; elsewhere transaction ids mean something else."""

    system_identifier: int
    position: Position


BEGINNING = Position(0, 0)


@dataclass(frozen=True, slots=True)
class StoredHistory(History):
    """A stream as the log keeps it; ``chain`` is the hash that its next event is chained to."""

    chain: bytes = GENESIS

    def grown(self, events: Sequence[Event], chain: bytes) -> "StoredHistory":
        """Return the stream with these events at its end, the last of them with this hash."""
        return StoredHistory((*self.events, *events), chain).going_on_from(self)


_COLUMNS = """sequence_num, transaction_id::text::bigint, aggregate_type, aggregate_id, aggregate_version, event_type,
    schema_version, event_payload, recorded_at, correlation_id, causation_id, command_id"""

_TYPES = {str(kind): kind for kind in AggregateType}


def recorded(row: Row) -> RecordedEvent:
    """Return the event of one row of the log."""
    sequence, transaction, kind, aggregate_id, version, event_type, schema, payload, at, correlation, cause, command = (
        row
    )
    return RecordedEvent(
        sequence_num=sequence,
        transaction_id=transaction,
        stream=StreamKey(_TYPES[kind], aggregate_id),
        version=version,
        event_type=event_type,
        schema_version=schema,
        event=decode_event(event_type, schema, payload, of=aggregate_id),
        recorded_at=at,
        correlation_id=correlation,
        causation_id=cause,
        command_id=command,
    )


# -- streams -------------------------------------------------------------------


def log_for(lane: Lane) -> str:
    """Return where a lane's role finds the log: readers find it without what PINs are checked against."""
    return "events_for_readers" if lane.settings.role == READER_ROLE else "production_events"


# A history is for people, who need no secret of a PIN to read it.
_HISTORY = f"""SELECT {_COLUMNS} FROM events_for_readers
    WHERE aggregate_type = $1 AND aggregate_id = $2
      AND ($3::timestamptz IS NULL OR occurred_at <= $3) AND ($4::timestamptz IS NULL OR recorded_at <= $4)
    ORDER BY aggregate_version""".encode()


async def read_history(
    lane: Lane, key: StreamKey, *, occurred_by: datetime | None = None, recorded_by: datetime | None = None
) -> tuple[RecordedEvent, ...]:
    """Return a stream's events in order, optionally only those that had happened, or were known, at a moment."""
    rows = await lane.run(_HISTORY, (key.aggregate_type.value, key.aggregate_id, occurred_by, recorded_by))
    return tuple([recorded(row) for row in rows])


# -- commit order --------------------------------------------------------------

# Below the oldest transaction that still runs nothing can appear any more; sequence numbers are handed out
# before the commit, so a reader of "greater than the last number" misses whoever commits late.
_IN_COMMIT_ORDER = f"""SELECT {_COLUMNS} FROM production_events
    WHERE (transaction_id, sequence_num) > ($1::text::xid8, $2::bigint)
      AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction_id, sequence_num LIMIT $3""".encode()

_HORIZON = b"""SELECT (SELECT system_identifier FROM pg_control_system()),
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint"""


async def read_in_commit_order(lane: Lane, after: Position, limit: int = 1000) -> tuple[RecordedEvent, ...]:
    """Return the next events that nothing can precede any more, at most ``limit``."""
    rows = await lane.run(_IN_COMMIT_ORDER, (str(after.transaction_id), after.sequence_num, limit))
    return tuple([recorded(row) for row in rows])


async def follow(lane: Lane, after: Position = BEGINNING, limit: int = 1000) -> AsyncIterator[Sequence[RecordedEvent]]:
    """Yield the log in commit order, batch by batch, up to where it stands."""
    while batch := await read_in_commit_order(lane, after, limit):
        yield batch
        after = Position(batch[-1].transaction_id, batch[-1].sequence_num)


async def horizon(lane: Lane) -> Checkpoint:
    """Return the place in commit order before which everything is read from now on."""
    ((system, transaction),) = await lane.run(_HORIZON)
    return Checkpoint(system, Position(transaction, 0))


_LOAD_CHECKPOINT = b"""SELECT f.system_identifier, f.transaction_id::text::bigint, f.sequence_num,
    (SELECT system_identifier FROM pg_control_system()) FROM log_followers f WHERE f.follower = $1"""

_SAVE_CHECKPOINT = b"""INSERT INTO log_followers (follower, system_identifier, transaction_id, sequence_num)
    VALUES ($1, $2, $3::text::xid8, $4) ON CONFLICT (follower) DO UPDATE SET
    system_identifier = EXCLUDED.system_identifier, transaction_id = EXCLUDED.transaction_id,
    sequence_num = EXCLUDED.sequence_num, moved_at = now()"""


async def load_checkpoint(lane: Lane, follower: str) -> Position:
    """Return how far a follower has read; raises CheckpointForeign after a restore into another cluster."""
    rows = await lane.run(_LOAD_CHECKPOINT, (follower,))
    if not rows:
        return BEGINNING
    system, transaction, sequence, here = rows[0]
    if system != here:
        raise errors.CheckpointForeign(follower)
    return Position(transaction, sequence)


async def save_checkpoint(lane: Lane, follower: str, checkpoint: Checkpoint) -> None:
    """Remember how far a follower has read."""
    at = checkpoint.position
    await lane.run(_SAVE_CHECKPOINT, (follower, checkpoint.system_identifier, str(at.transaction_id), at.sequence_num))
