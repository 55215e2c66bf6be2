"""The full-screen screens of the kiosk: frozen snapshots in, small messages out; no store, no rules."""

from kiosk.screens.host import ScreenHost
from kiosk.screens.intents import (
    CodeTyped,
    FindRequested,
    OperatorPressed,
    PinEntered,
    QaKeyPressed,
    QuestionAnswered,
    QuestionSeen,
)

__all__ = [
    "CodeTyped",
    "FindRequested",
    "OperatorPressed",
    "PinEntered",
    "QaKeyPressed",
    "QuestionAnswered",
    "QuestionSeen",
    "ScreenHost",
]
