"""What a terminal remembers of the shop, as texts that its spool keeps: to start and go on without the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from core.domain.readings import BadgeRead
from core.domain.values import StationDefinition
from core.identity.ids import OperatorId
from store.codec import encode
from store.held_requests import UNREADABLE

__all__ = ["KnownStop", "badges_in", "said_badges", "said_stations", "said_stop", "stations_in", "stop_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStop:
    """How many stops of the station are over, and the one that stands; ``stop`` is empty where none does.

    ``answer`` is the refusal as the store writes it, ``at`` when it was scanned (UTC). A stop that ``is_not_logged`` is
    none by the log: its scan could not be delivered, or had a milder answer then.
    """

    cleared: int
    stop: str = ""
    refusal: str = ""
    answer: str = ""
    at: datetime | None = None
    ignored: int = 0
    is_not_logged: bool = False


def said_badges(badges: Iterable[BadgeRead]) -> bytes:
    """Return the people who may log on, without any secret."""
    return encode(tuple(badges))


def badges_in(said: bytes | None) -> Mapping[OperatorId, BadgeRead]:
    """Return the people of ``said_badges``; none where another version of the program wrote it."""
    try:
        known = msgspec.json.decode(said or b"[]", type=tuple[BadgeRead, ...])
    except UNREADABLE:
        return {}
    return {badge.operator_id: badge for badge in known}


def said_stations(stations: Iterable[StationDefinition]) -> bytes:
    """Return the stations of the shop."""
    return encode(tuple(stations))


def stations_in(said: bytes | None) -> tuple[StationDefinition, ...]:
    """Return the stations of ``said_stations``; none where another version of the program wrote it."""
    try:
        return msgspec.json.decode(said or b"[]", type=tuple[StationDefinition, ...])
    except UNREADABLE:
        return ()


def said_stop(stop: KnownStop) -> bytes:
    """Return the stop that stands at a station, or that none does."""
    return encode(stop)


def stop_in(said: bytes) -> KnownStop | None:
    """Return the stop of ``said_stop``; None where nothing or something unreadable was kept."""
    try:
        return msgspec.json.decode(said, type=KnownStop)
    except UNREADABLE:
        return None
