"""The lists that the work areas are made of: queues, last scans, what is missing, progress, histories.

Lists hold as many lines as the builder has; a screen shows what fits and adds "+n more", where
n counts the lines that did not fit and the view's own `more`.
"""

from dataclasses import dataclass

from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import VerdictState


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One unit or batch that waits: what it is, a word on it, and how long or until when."""

    what: str
    name: str = ""
    note: str = ""
    right: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """Work AT the station and work READY for it, by urgency; `empty` is said where there is none."""

    title: str = "QUEUE"
    summary: str = ""
    right_title: str = ""
    at_station: tuple[QueueLine, ...] = ()
    ready: tuple[QueueLine, ...] = ()
    more: int = 0
    empty: str = "nothing waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    """One past scan or verdict: the unit, how it ended, in words, and when or how long ago."""

    what: str
    state: VerdictState
    words: str
    at: str
    undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScansView:
    """The station's last scans, newest first."""

    lines: tuple[ScanLine, ...] = ()
    title: str = "LAST SCANS"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingLine:
    """One missing unit: which ("05" or a set id), where it is now, and when it can be here.

    A line may stand for several units ("3 sheets not cut yet"); `stands_for` says how many.
    `shorter` says where in ever fewer words, for where those before them have no room.
    """

    what: str
    where: str
    shorter: tuple[str, ...] = ()
    when: str = ""
    tone: Tone = Tone.NORMAL
    stands_for: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingView:
    """What is missing and where it is. `count` counts all of it, shown or not."""

    count: int
    lines: tuple[MissingLine, ...] = ()
    title: str = "MISSING"
    right_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayLine:
    """One set that can be gathered next: its sheet, "16 of 18 here", and what it waits for.

    `count` is how many are here in a few cells, "16/18", for where the words have no room.
    """

    sheet: str
    here: str
    count: str = ""
    note: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTraysView:
    """The sets to gather next, most urgent first."""

    lines: tuple[TrayLine, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressView:
    """How far the open work is: a title, a note on its right, a bar and a line below it."""

    title: str
    name: str = ""
    note: str = ""
    done: int = 0
    total: int = 0
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One fact of a unit's life. `held` is how long it took or waits; `marker` is the state's symbol."""

    at: str
    marker: str
    station: str
    what: str
    detail: str = ""
    who: str = ""
    held: str = ""
    tone: Tone = Tone.NORMAL
