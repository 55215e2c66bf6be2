"""What every rejection is."""

from dataclasses import dataclass
from enum import StrEnum


class BarcodeProblem(StrEnum):
    """Why a text is no barcode of this shop."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    MALFORMED = "malformed"
    FOREIGN = "foreign"
    UNKNOWN_CONTROL = "unknown_control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What every rejection is: nothing was changed, and this is why."""
