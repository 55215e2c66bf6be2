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


class FaultReason(StrEnum):
    """Why a scan was not read whole, and so was refused whole. Whatever the reason, the cure is to scan again."""

    DROPPED = "dropped"
    """The kernel threw events away because they were not read in time."""
    BROKEN_KEYS = "broken_keys"
    """A press or a release is missing, so a character may be missing too."""
    UNFINISHED = "unfinished"
    """Characters came, but the end of the code did not."""
    INTERRUPTED = "interrupted"
    """Characters came after a code that was left unfinished, so this may be the rest of it."""
    STARTED_MID_CODE = "started_mid_code"
    """The scanner was opened while a code was under way."""
    UNPLUGGED = "unplugged"
    """The scanner went away within a code."""
    TOO_LONG = "too_long"
    """More characters than a code may have."""
    UNKNOWN_KEY = "unknown_key"
    """A key that stands for no character in the scanner's layout."""
    CAPS_LOCK = "caps_lock"
    """Caps Lock was used in a way that leaves upper and lower case in doubt."""
    NO_PREFIX = "no_prefix"
    """The prefix that the scanner is set to send was not there."""
    MIXED = "mixed"
    """Typed and scanned characters ran into one another."""
    SEVERAL_CODES = "several_codes"
    """More than one code was pasted at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What every rejection is: nothing was changed, and this is why."""


_UNITS = ("card_unit_id", "unit_id", "sheet_id", "assembly_id", "pack_id")


def unit_of(refusal: Refusal) -> str | None:
    """Return the card, sheet, set or box that was refused; None where the refusal is about none."""
    return next((unit for name in _UNITS if (unit := getattr(refusal, name, None)) is not None), None)
