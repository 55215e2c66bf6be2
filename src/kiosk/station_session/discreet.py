"""Typed digits that may be a PIN: typed a moment too late they are a scan, and a scan is shown and kept.

No code of ours begins with a digit, and a scanner that is read by its device types no PIN.
So only what came by the keyboard is looked at, and only where no digits are ever typed for the work:
where cards get numbers or inserts, and at QA, whose codes are digits, no PIN is asked for.
"""

import re
from dataclasses import replace

from core.domain.values import OperationType, StationDefinition
from core.production.pins import MAX_PIN_DIGITS
from kiosk.station_session.inputs import Input, ScanDamaged, Scanned

__all__ = ["MASKED", "discreet", "echoed"]

MASKED = "••••"
"""Stands for digits that are neither shown nor kept; it does not tell how many they were."""

_TYPED = frozenset({OperationType.NUMBER, OperationType.MEMORABILIA, OperationType.QA})
_MAY_BE_PIN = re.compile(rf"[0-9]{{1,{MAX_PIN_DIGITS}}}(?![0-9])")


def discreet(happened: Input, station: StationDefinition) -> Input:
    """Return an input without what may be a PIN in it; the PIN that was asked for stays as it is."""
    if _TYPED & set(station.work):
        return happened
    match happened:
        case Scanned(text, is_typed=True) if _MAY_BE_PIN.match(text):
            return replace(happened, text=_MAY_BE_PIN.sub(MASKED, text, count=1))
        case ScanDamaged(read=read, is_typed=True) if _MAY_BE_PIN.match(read):
            return replace(happened, read=_MAY_BE_PIN.sub(MASKED, read, count=1))
        case _:
            return happened


def echoed(typed: str, station: StationDefinition) -> str:
    """Return what is typed so far as it may be seen: a dot for each digit that may be of a PIN."""
    found = None if _TYPED & set(station.work) else _MAY_BE_PIN.match(typed)
    return typed if found is None else "•" * found.end() + typed[found.end() :]
