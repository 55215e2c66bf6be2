"""What can happen to a station: the one stream of inputs that its session works off in order."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.rejections import FaultReason
from kiosk.snapshots.keys import Intent


@dataclass(frozen=True, slots=True)
class Scanned:
    """A whole code was read; ``at`` is the moment of the scan (UTC).

    ``is_typed`` says that it came by the keyboard, from a wedge scanner or a hand.
    """

    text: str
    at: datetime
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class ScanDamaged:
    """A scan was refused by the decoder at ``at`` (UTC); ``read`` is what was read of it, escaped.

    ``detail`` names the key that was at fault, where one was.
    """

    reason: FaultReason
    read: str
    at: datetime
    detail: str = ""
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key of the footer."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class QaKey:
    """A key of the code entry at QA: a character, or enter, space, backspace, escape.

    ``card`` is the card that the screen showed when it was pressed, empty where none.
    """

    key: str
    card: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An id that the lead typed to be shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a question; empty where it was left without one."""

    serial: int
    value: str


@dataclass(frozen=True, slots=True)
class PinGiven:
    """The PIN that was asked for; None where it was refused."""

    serial: int
    pin: str | None

    def __repr__(self) -> str:
        """Never show the PIN, not even in a log."""
        return f"PinGiven(serial={self.serial})"


@dataclass(frozen=True, slots=True)
class BadgeChanged:
    """Who is logged on was given other roles, or none any more."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The database answers, and has been told everything that was kept."""


Input = Scanned | ScanDamaged | Pressed | QaKey | Found | Answered | PinGiven | BadgeChanged | Returned
