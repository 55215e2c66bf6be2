"""The chain through each stream: every event carries a hash over itself and over the hash before it.

Written with the event (``store.write_statement``; by the server itself, ``store.births``), looked over by
``store.evidence``. Who changes, removes, inserts or reorders events behind the log's trigger breaks the chain of that
stream at that event, or has to forge everything after it, which the signed head of the log then shows.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

GENESIS: Final = b""
"""What stands before the first event of a stream."""

_encode: Final = msgspec.json.Encoder().encode
_sorted: Final = msgspec.json.Encoder(order="sorted").encode


class ChainedEvent(msgspec.Struct, array_like=True, frozen=True):
    """What the chain protects of an event: all that its writer says, in one order for ever.

    ``payload`` is canonical JSON: keys sorted, no blanks. What the database adds when it records the event
    (its number, transaction and time) is covered by the head of the log.
    """

    stream: tuple[str, str]
    version: int
    event_type: str
    schema_version: int
    payload: msgspec.Raw
    occurred_at: datetime
    operator_id: str | None
    station_id: str | None
    correlation_id: UUID | str | None
    causation_id: UUID | str | None
    command_id: UUID | str


def link(previous: bytes, event: ChainedEvent) -> bytes:
    """Return the 32 bytes that chain the event to what came before it in its stream."""
    return sha256(previous + _encode(event)).digest()


Named = tuple[tuple[str, str], int, str, int]
"""The stream of an event, its version, type and schema version."""

SaidBy = tuple[datetime, str | None, str | None]
"""When an event occurred, to which operator and at which station."""


class Links:
    """Makes the links of one command's events, as ``link`` would: what all of them have in common is said once."""

    __slots__ = ("_common", "_ids", "_said_by")

    def __init__(self, correlation_id: UUID | None, causation_id: UUID | None, command_id: UUID) -> None:
        self._ids = (correlation_id, causation_id, command_id)
        self._said_by: SaidBy | None = None
        self._common = b""

    def around(self, named: Named, said_by: SaidBy) -> tuple[bytes, bytes]:
        """Return what is chained before and behind the payload of an event."""
        if said_by != self._said_by:
            at, operator_id, station_id = self._said_by = said_by
            self._common = b"," + _encode((in_utc(at), operator_id, station_id, *self._ids))[1:]
        return _encode(named)[:-1] + b",", self._common

    def link(self, previous: bytes, named: Named, payload: bytes, said_by: SaidBy) -> bytes:
        """Return the link of an event."""
        before, behind = self.around(named, said_by)
        return sha256(b"%b%b%b%b" % (previous, before, payload, behind)).digest()


def canonical_payload(stored: bytes) -> bytes:
    """Return a payload as the chain takes it, from the database's own way to write the same JSON."""
    return _sorted(msgspec.json.decode(stored))


def in_utc(moment: datetime) -> datetime:
    """Return a moment as the chain takes it: one spelling, whatever zone it was given in."""
    return moment.astimezone(UTC)
