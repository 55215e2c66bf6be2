"""What comes out of a decoder: a code that was read whole, or a refusal that says why.

Made by the decoder and the wedge, carried by the messages, put into words by whoever shows them.
"""

from dataclasses import dataclass
from typing import assert_never

from core.domain.rejections import FaultReason

__all__ = ["FaultReason", "Scan", "ScanFault", "Verdict", "cure_of", "explain", "what_happened"]


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


def cure_of(reason: FaultReason) -> str:
    """Return what the operator is to do about a fault; what happened is for logs, see `what_happened`."""
    if reason is FaultReason.SEVERAL_CODES:
        return "Scan one code at a time"
    if reason in _OF_THE_SETTING:
        return "Scan again. If it stays so, a lead checks the scanner's settings"
    return "Scan it again"


def what_happened(reason: FaultReason, detail: str) -> str:
    """Return in plain words, without a capital or a full stop, why a scan was refused."""
    match reason:
        case FaultReason.DROPPED:
            return "keys were lost on the way, because this program was too busy to read them"
        case FaultReason.BROKEN_KEYS:
            return "a key press or a release was missing"
        case FaultReason.UNFINISHED:
            return "the code came without the end key this scanner is set up for (check its suffix)"
        case FaultReason.INTERRUPTED:
            return "it followed an unfinished code and may be the rest of it"
        case FaultReason.STARTED_MID_CODE:
            return "the scanner was opened in the middle of a code"
        case FaultReason.UNPLUGGED:
            return "the scanner was unplugged in the middle of a code"
        case FaultReason.TOO_LONG:
            return "the code is too long"
        case FaultReason.UNKNOWN_KEY:
            return f"the layout has no character for {detail or 'one of its keys'} (check the layout)"
        case FaultReason.CAPS_LOCK:
            return "Caps Lock leaves upper and lower case in doubt (check the caps lock setting)"
        case FaultReason.NO_PREFIX:
            return "the code does not start with the prefix this scanner is set up for"
        case FaultReason.MIXED:
            return "typed and scanned characters ran into one another"
        case FaultReason.SEVERAL_CODES:
            return "several codes were pasted at once"
        case _:
            assert_never(reason)


def explain(fault: ScanFault) -> str:
    """Return one plain sentence about `fault`, for the command line and for logs."""
    read = f", read so far: {fault.shown}" if fault.shown else ""
    return f"refused: {what_happened(fault.reason, fault.detail)}{read}; scan again"
