"""What the station says of a scan: the verdict band, and the stop that covers the whole screen."""

from dataclasses import dataclass
from enum import StrEnum


class VerdictState(StrEnum):
    """The state of the one verdict band; the feedback contract gives each colour, symbol and sound."""

    READY = "ready"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ATTENTION = "attention"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """The verdict band.

    `big` is read at 2 m ("07", "SCAN", "CUT"); only A-Z, 0-9 and `✓→▲≠✗-/·.%:+ ` have big shapes,
    anything else falls back to plain bold text. `counter` is big on the right ("13/18") above
    `counter_caption`. `words` follow the state's symbol ("ACCEPTED"), then `instruction` says
    what to do now. `serial` grows with every scan: the same verdict twice is two verdicts.
    """

    state: VerdictState
    big: str = ""
    counter: str = ""
    counter_caption: str = ""
    words: str = ""
    instruction: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IdPart:
    """One part of a compared id, such as "JOB J1044"; shown inverted where it differs."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedId:
    """One line of the comparison in a stop: a label ("THIS CARD") and the id in parts."""

    label: str
    parts: tuple[IdPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFact:
    """One fact of a stop: "IT IS", "ITS SET", "GOES TO", "MISSING HERE", and the answer."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """The full-screen stop. It blocks until a RESET card, or a lead's badge and a key.

    `noun` is big ("WRONG CARD"). `footnote` says what was not done. `stamp` is when and which
    stop ("14:32:09 · stop 0417"). `release` says how a lead can clear it once that is allowed,
    else it is empty. `ignored` counts the scans ignored while stopped.
    """

    noun: str
    compared: tuple[ComparedId, ...] = ()
    facts: tuple[StopFact, ...] = ()
    steps: tuple[str, ...] = ()
    footnote: str = ""
    stamp: str = ""
    release: str = ""
    ignored: int = 0
    serial: int = 0
