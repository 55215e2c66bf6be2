"""Why a station or a correction is refused."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.rejections.base import Refusal
from core.identity.ids import (
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingChanged(Refusal):
    """It is as asked already: help called, downtime ended, the same definition."""

    of: str


class CorrectionFault(StrEnum):
    """Why an event cannot be corrected."""

    NO_SUCH_EVENT = "no_such_event"
    NOT_THE_NEWEST = "not_the_newest"
    NOT_RETRACTABLE = "not_retractable"
    FIELD_NOT_CORRECTABLE = "field_not_correctable"
    FIELD_SAYS_OTHERWISE = "field_says_otherwise"
    ALREADY_RETRACTED = "already_retracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCorrectable(Refusal):
    """The event stays as it is; ``fault`` says why, ``event`` what it is."""

    aggregate_id: str
    version: int
    event: str
    fault: CorrectionFault


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToUndo(Refusal):
    """This station did nothing that could be taken back."""

    station_id: StationId
