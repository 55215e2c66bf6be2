"""Why a station that is stopped does not do what it is told."""

from dataclasses import dataclass

from core.domain.rejections.base import Refusal
from core.identity.ids import (
    CommandId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredUnderStop(Refusal):
    """A code was scanned while a stop covered the station; ``stop`` is the command id that raised it."""

    stop: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToClear(Refusal):
    """The stop was cleared before."""

    at_station: StationId
    stop: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToSettle(Refusal):
    """The held scan was dealt with before, or never refused."""

    at_station: StationId
    held: CommandId
