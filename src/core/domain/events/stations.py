"""The facts of stations: downtime and calls."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.events.base import Fact
from core.domain.values import StopClearedBy
from core.identity.ids import (
    CommandId,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStopCleared(Fact):
    """A stop that covered the station's screen was cleared.

    ``stop`` is the command id of the scan whose refusal raised it at ``raised_at``,
    ``refusal`` names that refusal. ``number`` counts the station's stops from 1;
    ``ignored`` scans came under it.
    """

    at_station: StationId
    number: int
    stop: CommandId
    refusal: str
    raised_at: datetime
    cleared_by: StopClearedBy
    ignored: int
