"""What is asked of a person before the work goes on: who it is, a choice, or a PIN."""

from dataclasses import dataclass

from kiosk.snapshots.tone import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOnView:
    """Nobody is logged on: a big imperative, a sentence, and what went wrong if something did."""

    big: str = "SCAN YOUR BADGE"
    sentence: str = ""
    problem: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    """One answer to a question: the key that gives it ("Enter"), the words, and the value returned."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """A question that needs one of a few answers before the work goes on."""

    title: str
    lines: tuple[str, ...]
    choices: tuple[ChoiceView, ...]
    tone: Tone = Tone.ATTENTION
    serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PinView:
    """A PIN is asked for; digits are never shown. `problem` says why the last one was refused, `person` whose it is."""

    title: str
    lines: tuple[str, ...] = ()
    problem: str = ""
    longest: int = 8
    person: str = ""
    serial: int = 0
