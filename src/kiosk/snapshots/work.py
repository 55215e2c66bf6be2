"""The work areas of the stations on the line: one view for each kind of work."""

from dataclasses import dataclass, field

from kiosk.snapshots.panes import HistoryLine, MissingView, NextTraysView, ProgressView, QueueView
from kiosk.snapshots.slots import AssemblyGridView
from kiosk.snapshots.tone import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """The work area of PRESS, EMBELLISH and CARDOPS: the open batch, then the queue."""

    progress: ProgressView | None
    queue: QueueView


@dataclass(frozen=True, slots=True, kw_only=True)
class CutterView:
    """The work area of CUTTER: the sheet last cut or to be cut, laid out as it lies, and the queue."""

    title: str
    plan: str
    grid: AssemblyGridView | None
    queue: QueueView


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionLine:
    """One code offered while typing. `favourite` is 1 to 9 for `*1`..`*9`, else 0."""

    code: str
    words: str
    note: str = ""
    favourite: int = 0
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipView:
    """A code taken for the card under inspection."""

    code: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QaEntryView:
    """What the inspector has typed, what is offered for it, and the codes taken so far.

    `problem` is a sentence on the last key where it did nothing ("no code 299"), else empty; `more`
    counts the codes that answer as well and were never sent.
    """

    typed: str = ""
    hint: str = ""
    problem: str = ""
    suggestions: tuple[SuggestionLine, ...] = ()
    more: int = 0
    chips: tuple[ChipView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QaView:
    """The work area of QA. `card` is empty while no card is under inspection."""

    card: str
    entry: QaEntryView
    before: tuple[HistoryLine, ...] = ()
    before_note: str = ""
    queue: QueueView = field(default_factory=QueueView)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyView:
    """The work area of ASSEMBLY. `grid` is None while no set is open.

    `unread` stands in its place while the database has not said how things are.
    """

    grid: AssemblyGridView | None
    missing: MissingView
    next_trays: NextTraysView
    unread: QueueView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxLine:
    """One open or sealed pack: its id, what it holds, and its state in words."""

    pack: str
    holds: str
    state: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingView:
    """The work area of PACKING: the job's progress, its boxes, and the sets that are missing."""

    progress: ProgressView | None
    boxes: tuple[BoxLine, ...]
    missing: MissingView
    queue: QueueView = field(default_factory=QueueView)
