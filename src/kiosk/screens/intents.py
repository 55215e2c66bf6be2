"""What screens tell the app: a person pressed something. They never say what is to come of it.

Textual fills in private fields of a message after it is made, so these cannot be frozen; treat
them as if they were.
"""

from dataclasses import dataclass

from textual.message import Message

from kiosk.snapshots.keys import Intent


@dataclass(eq=False)
class OperatorPressed(Message):
    """A key of the footer was pressed. Help and find are answered by the host and never arrive here."""

    intent: Intent


@dataclass(eq=False)
class QaKeyPressed(Message):
    """A key for the code entry at QA: one character, or "enter", "space", "backspace", "escape"."""

    key: str


@dataclass(eq=False)
class FindRequested(Message):
    """The lead asked for an id; `text` is as it was typed."""

    text: str


@dataclass(eq=False)
class QuestionAnswered(Message):
    """The question with this serial was answered; `value` is its choice's value, "" when it was left by Esc."""

    serial: int
    value: str


@dataclass(eq=False)
class QuestionSeen(Message):
    """Whether the question with this serial has room on the terminal now; what nobody can read takes no answer."""

    serial: int
    is_seen: bool


@dataclass(eq=False)
class CodeTyped(Message):
    """Something that is no PIN was typed where one is asked for: a badge by a scanner that types, as a rule."""

    text: str


@dataclass(eq=False)
class PinEntered(Message):
    """A PIN was entered for the question with this serial; None when it was cancelled."""

    serial: int
    pin: str | None
