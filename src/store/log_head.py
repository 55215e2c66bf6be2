"""The head of the whole log: what it held up to a moment, in one digest a thousand events.

Signed (``store.head_signature``) and kept away from the database, it shows what the chain of each stream
cannot: a stream rewritten with all its links, an event removed together with the answer to its command,
events put in another order, other times.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec
import psycopg

from store.connecting import ConnectionSettings
from store.folding import Connection, connect_blocking, guarded
from store.translating import translated

SEGMENT: Final = 1000
"""So many events share a digest: near enough to find what was changed, few enough to carry about."""

HEAD_FORMAT: Final = 1
"""What this program writes; a head of a later format is not read."""


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """The events up to ``last``, after those of the segment before; the digest covers all from the first on."""

    last: int
    recorded_at: datetime
    digest: str


class LogHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a log held when its head was taken. ``last`` is the number of its newest event, 0 for none."""

    format: int = HEAD_FORMAT
    database: str
    events: int
    last: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class HeadMismatch:
    """Events that are not those of a signed head: those numbered ``after`` + 1 to ``last``, as they were then.

    ``events`` and ``expected_events`` count the whole log up to the head.
    """

    after: int
    last: int
    since: datetime | None
    until: datetime | None
    events: int
    expected_events: int


# Nothing that is being written may come to lie below the head: every number up to it is settled.
_SETTLE: Final = b"LOCK TABLE production_events IN SHARE MODE"
_LAST: Final = b"SELECT coalesce(max(sequence_num), 0), current_database()::text FROM production_events"
_EVENTS: Final = b"""COPY (SELECT sequence_num, recorded_at, aggregate_type, aggregate_id, aggregate_version, chain
    FROM production_events WHERE sequence_num <= %s ORDER BY sequence_num) TO STDOUT"""


async def take_head(settings: ConnectionSettings) -> LogHead:
    """Return the head of the log as it is now, asking as the tables' owner; the line waits for milliseconds."""
    return await asyncio.to_thread(_take_head, settings)


def _take_head(settings: ConnectionSettings) -> LogHead:
    with connect_blocking(settings) as connection:
        try:
            guarded(connection, b"BEGIN")
            guarded(connection, b"SET LOCAL lock_timeout = '5s'")
            guarded(connection, _SETTLE)
            ((last, database),) = guarded(connection, _LAST)
            guarded(connection, b"COMMIT")
            events, segments = _digest(connection, int(str(last)))
        except psycopg.Error as error:
            raise translated(error, sent=False) from error
    return LogHead(database=str(database), events=events, last=int(str(last)), segments=segments)


def _digest(connection: Connection, last: int) -> tuple[int, tuple[Segment, ...]]:
    """Return how many events there are up to ``last``, and a digest over all so far after each thousand of them."""
    segments: list[Segment] = []
    events = 0
    number = at = b""
    digest = sha256()
    with connection.cursor() as cursor, cursor.copy(_EVENTS, (last,)) as copy:
        for line in copy:
            number, at, _ = bytes(line).split(b"\t", 2)
            digest.update(line)
            events += 1
            if events % SEGMENT == 0:
                segments.append(_segment(number, at, digest.hexdigest()))
    if events % SEGMENT:
        segments.append(_segment(number, at, digest.hexdigest()))
    return events, tuple(segments)


def _segment(number: bytes, at: bytes, digest: str) -> Segment:
    return Segment(int(number), datetime.fromisoformat(at.decode()), digest)


# -- comparing ---------------------------------------------------------------------


async def compare_with_head(settings: ConnectionSettings, head: LogHead) -> HeadMismatch | None:
    """Return the first events that are not what the head says, None where all are."""
    return await asyncio.to_thread(_compare_with_head, settings, head)


def _compare_with_head(settings: ConnectionSettings, head: LogHead) -> HeadMismatch | None:
    with connect_blocking(settings) as connection:
        try:
            events, found = _digest(connection, head.last)
        except psycopg.Error as error:
            raise translated(error, sent=False) from error
    before: Segment | None = None
    for place, signed in enumerate(head.segments):
        if place >= len(found) or found[place] != signed:
            return HeadMismatch(
                after=0 if before is None else before.last,
                last=signed.last,
                since=None if before is None else before.recorded_at,
                until=signed.recorded_at,
                events=events,
                expected_events=head.events,
            )
        before = signed
    if events != head.events:
        # Only a head of an empty log gets here: something was put in before it.
        return HeadMismatch(after=0, last=head.last, since=None, until=None, events=events, expected_events=head.events)
    return None
