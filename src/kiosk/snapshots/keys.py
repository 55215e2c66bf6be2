"""What an operator can ask for with a key, and the footer that names every key."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What an operator asks for with a key. Only keys of the footer post one: no hidden keys."""

    HELP = "help"
    UNDO = "undo"
    CALL_LEAD = "call-lead"
    LOG_OFF = "log-off"
    PARK_TRAY = "park-tray"
    CLOSE_BOX = "close-box"
    PASS_CARD = "pass-card"  # noqa: S105 (a verdict, no password)
    FAIL_CARD = "fail-card"
    RELEASE_STOP = "release-stop"
    PREVIOUS = "previous"
    NEXT = "next"
    OPEN = "open"
    BACK = "back"
    STATIONS = "stations"
    AT_RISK = "at-risk"
    FIND = "find"
    REMAKE = "remake"
    REWORK = "rework"
    APPROVE = "approve"
    SETTLE = "settle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterKey:
    """One key of the footer and the intent it posts.

    `key` is what is printed: "F2", "+", "Enter", "Esc", "S", or an arrow. A pair of arrows
    ("↑↓", "←→") is two keys: the first posts `intent`, the second `second_intent`. One that is not
    `enabled` is dim and posts nothing, unless whoever presses it is told why (`says_why`).
    """

    key: str
    label: str
    intent: Intent
    second_intent: Intent | None = None
    enabled: bool = True
    says_why: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterView:
    """The bottom line: every key that does something, and nothing else."""

    keys: tuple[FooterKey, ...] = ()
