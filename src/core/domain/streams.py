"""Streams: which aggregate a fact belongs to, and what a decision asks to be written.

The pure half of the contract with the store, which writes a ``Change`` whole or not at all;
what it reads is in ``core.domain.histories``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from core.domain.immutable import immutable_in_order

if TYPE_CHECKING:
    from core.domain.events import Event


class AggregateType(StrEnum):
    """The kinds of stream; stable names, stored in the log."""

    ORDER = "order"
    JOB = "job"
    SHEET = "sheet"
    CARD_UNIT = "card_unit"
    ASSEMBLY = "assembly"
    PACK = "pack"
    STATION = "station"
    OPERATOR = "operator"
    PRODUCT_SPEC = "product_spec"


class StreamKey(NamedTuple):
    """One stream of the log. A tuple, because the write path hashes it all day."""

    aggregate_type: AggregateType
    aggregate_id: str


class ClaimKind(StrEnum):
    """What must be unique across units, besides the ids themselves."""

    SEQUENTIAL_NUMBER = "sequential_number"
    MEMORABILIA_SERIAL = "memorabilia_serial"


@immutable_in_order
class Claim:
    """``key`` is taken by ``holder`` for good, or the whole change is refused.

    Claiming again for the same holder is no conflict: a reworked card keeps its number.
    """

    kind: ClaimKind
    key: str
    holder: str


@immutable_in_order
class Append:
    """Events for the end of one stream, if it still is at ``expected_version``."""

    stream: StreamKey
    expected_version: int
    events: tuple[Event, ...]

    @property
    def new_version(self) -> int:
        """The version of the last of the events."""
        return self.expected_version + len(self.events)


@immutable_in_order
class Change:
    """What a decision wants written, in one transaction, or not at all.

    ``releases`` are claims given up by a correction; only their holder's are freed.
    """

    appends: tuple[Append, ...]
    claims: tuple[Claim, ...] = ()
    releases: tuple[Claim, ...] = ()

    @property
    def events(self) -> tuple[Event, ...]:
        """The facts, once each, in the order they were decided.

        A fact that concerns several streams is one object in several appends.
        """
        seen: dict[int, Event] = {}
        for append in self.appends:
            for event in append.events:
                seen.setdefault(id(event), event)
        return tuple(seen.values())
