"""What comes out of a decoder: a code that was read whole, or a refusal that says why.

Made by the decoder and the wedge, carried by the messages, put into words by whoever shows them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

__all__ = ["FaultReason", "Scan", "ScanFault", "Verdict", "cure", "explain"]


class FaultReason(StrEnum):
    """Why a scan was refused. Whatever the reason, the cure is to scan again."""

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


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that was read whole, exactly as sent: control characters and AIM identifiers are still in it.

    `began` and `ended` are seconds of the monotonic clock, of its first key and of its end.
    """

    text: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class ScanFault:
    """A scan that was refused whole.

    `shown` is what was read of it, escaped and cut for display, never to be used as a code.
    `detail` names the offending key where there is one. `at` is in seconds of the monotonic clock.
    """

    reason: FaultReason
    shown: str
    at: float
    detail: str = ""


Verdict = Scan | ScanFault


_OF_THE_SETTING = frozenset(
    {FaultReason.UNFINISHED, FaultReason.UNKNOWN_KEY, FaultReason.CAPS_LOCK, FaultReason.NO_PREFIX}
)
"""Why a scan may be refused again and again: the scanner and the station are not set up for one another."""


def cure(fault: ScanFault) -> str:
    """Return what the operator is to do about `fault`; why it was refused is for the log, see `explain`."""
    if fault.reason is FaultReason.SEVERAL_CODES:
        return "Scan one code at a time."
    if fault.reason in _OF_THE_SETTING:
        return "Scan it again. If it stays so, call a lead: the scanner's settings."
    return "Scan it again."


def explain(fault: ScanFault) -> str:
    """Return one plain sentence about `fault`, for the command line and for logs."""
    match fault.reason:
        case FaultReason.DROPPED:
            what = "keys were lost on the way, because this program was too busy to read them"
        case FaultReason.BROKEN_KEYS:
            what = "a key press or a release was missing"
        case FaultReason.UNFINISHED:
            what = "the code came without the end key this scanner is set up for (check its suffix)"
        case FaultReason.INTERRUPTED:
            what = "it followed an unfinished code and may be the rest of it"
        case FaultReason.STARTED_MID_CODE:
            what = "the scanner was opened in the middle of a code"
        case FaultReason.UNPLUGGED:
            what = "the scanner was unplugged in the middle of a code"
        case FaultReason.TOO_LONG:
            what = "the code is too long"
        case FaultReason.UNKNOWN_KEY:
            what = f"the layout has no character for {fault.detail or 'one of its keys'} (check the layout)"
        case FaultReason.CAPS_LOCK:
            what = "Caps Lock leaves upper and lower case in doubt (check the caps lock setting)"
        case FaultReason.NO_PREFIX:
            what = "the code does not start with the prefix this scanner is set up for"
        case FaultReason.MIXED:
            what = "typed and scanned characters ran into one another"
        case FaultReason.SEVERAL_CODES:
            what = "several codes were pasted at once"
        case _:
            assert_never(fault.reason)
    read = f", read so far: {fault.shown}" if fault.shown else ""
    return f"refused: {what}{read}; scan again"
