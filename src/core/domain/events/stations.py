"""The facts of stations: downtime and calls."""

from dataclasses import dataclass

from core.domain.events.base import Fact
from core.identity.ids import (
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDowntimeStarted(Fact):
    """The station stopped working for a reason."""

    at_station: StationId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDowntimeEnded(Fact):
    """The station works again."""

    at_station: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCalled(Fact):
    """Somebody at the station asked for a lead."""

    at_station: StationId
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswered(Fact):
    """A lead took the call."""

    at_station: StationId
