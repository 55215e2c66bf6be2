"""What an operator sees, as values: the only thing the screens are ever given.

This module owns the frozen view dataclasses of every screen. The headless station session
builds a new `StationSnapshot` whenever something changed; `kiosk.screens` renders it. No view
fetches, formats a time or knows a rule: every text arrives ready to be read, in local time and
with canonical ids, and is shown literally (never read as markup). Nothing here imports Textual,
the store or the core.

Lists hold as many lines as the builder has; a screen shows what fits and adds "+n more", where
n counts the lines that did not fit and the view's own `more`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class StationRole(StrEnum):
    """The kind of work a kiosk shows; chosen by the station's role in kiosk.toml."""

    PRESS = "PRESS"
    EMBELLISH = "EMBELLISH"
    CUTTER = "CUTTER"
    CARDOPS = "CARDOPS"
    QA = "QA"
    ASSEMBLY = "ASSEMBLY"
    PACKING = "PACKING"
    LEAD = "LEAD"


class Tone(StrEnum):
    """How much a line asks for the eye. Grey is normal; saturation is exception."""

    DIM = "dim"
    NORMAL = "normal"
    STRONG = "strong"
    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"
    OFFLINE = "offline"


class ConnectionState(StrEnum):
    """Whether the station can reach the database."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONNECTING = "connecting"


class ScannerState(StrEnum):
    """Where this station's scans come from, and whether that works."""

    READY = "ready"
    KEYBOARD = "keyboard"
    MISSING = "missing"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderView:
    """The top line, always in the same place.

    `job` is what is open ("JOB J1044"), `details` further words in reading order; where there
    is no room the first of `details` is dropped first. `offline_for` is an age such as "0:42";
    `kept` counts the scans that wait on this terminal; `clock_off` says by how much this machine's
    own clock is wrong ("+3 m"), where that is worth telling.
    """

    station: str
    job: str = ""
    details: tuple[str, ...] = ()
    connection: ConnectionState = ConnectionState.ONLINE
    offline_for: str = ""
    scanner: ScannerState = ScannerState.READY
    operator: str = ""
    clock: str = ""
    kept: int = 0
    clock_off: str = ""


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
    """Work AT the station and work READY for it, each already in order of urgency."""

    title: str = "QUEUE"
    summary: str = ""
    right_title: str = ""
    at_station: tuple[QueueLine, ...] = ()
    ready: tuple[QueueLine, ...] = ()
    more: int = 0


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


class SlotState(StrEnum):
    """What a position of a sheet holds."""

    IN = "in"
    NEW = "new"
    ELSEWHERE = "elsewhere"
    HOLD = "hold"
    REMAKE = "remake"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """One position of the sheet. `caption` says it in words ("in", "QA BENCH", "HOLD").

    `short` is the caption in at most 8 characters, used where a slot is narrow.
    """

    position: int
    state: SlotState
    caption: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyGridView:
    """A sheet's own layout, `rows` by `columns`, slots in reading order (row by row)."""

    rows: int
    columns: int
    slots: tuple[SlotView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingLine:
    """One missing unit: which ("05" or a set id), where it is now, and when it can be here.

    A line may stand for several units ("3 sheets not cut yet"); `stands_for` says how many.
    """

    what: str
    where: str
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
    """One set that can be gathered next: its sheet, "16 of 18 here", and what it waits for."""

    sheet: str
    here: str
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

    `problem` is a sentence on the last key where it did nothing ("no code 299"), else empty.
    """

    typed: str = ""
    hint: str = ""
    problem: str = ""
    suggestions: tuple[SuggestionLine, ...] = ()
    chips: tuple[ChipView, ...] = ()


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
    """The work area of ASSEMBLY. `grid` is None while no set is open."""

    grid: AssemblyGridView | None
    missing: MissingView
    next_trays: NextTraysView


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionView:
    """One kind of trouble on the floor: "1 STOPPED" and which. GOOD tone means there is none."""

    words: str
    detail: str = ""
    tone: Tone = Tone.BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class BigNumberView:
    """One of the lead's four numbers, read at 2 m, with its caption and target."""

    value: str
    caption: str
    target: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRowView:
    """One station on the load board.

    `load_percent` is the queue against the station's limit (over 100 is overload);
    `history` is the work of the last hours, oldest first, in units per hour.
    """

    station: str
    state: str
    marker: str = "●"
    operator: str = ""
    now: str = ""
    queue: int = 0
    load_percent: int = 0
    oldest: str = ""
    per_hour: str = ""
    trend: str = ""
    history: tuple[int, ...] = ()
    last_scan: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """How many cards of a job are in one stage; stages come in route order, `stage` short."""

    stage: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRowView:
    """One job on the lead's board, with where its cards are and when it is due and ready."""

    job: str
    name: str
    segments: tuple[SegmentView, ...] = ()
    due: str = ""
    ready: str = ""
    slack: str = ""
    risk: str = "ok"
    tone: Tone = Tone.NORMAL


class LeadSection(StrEnum):
    """Which list of the lead's floor the arrow keys move in."""

    STATIONS = "stations"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadView:
    """The lead's floor: exceptions first, four big numbers, stations, jobs, and the selection."""

    exceptions: tuple[ExceptionView, ...]
    numbers: tuple[BigNumberView, ...]
    stations: tuple[StationRowView, ...]
    jobs: tuple[JobRowView, ...]
    section: LeadSection = LeadSection.JOBS
    selected: int = 0
    at_risk_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeView:
    """A state in a filled badge ("REWORK") with its symbol."""

    words: str
    marker: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRowView:
    """One sheet in a job's drill-down: its state, where its cards are, and what is wrong."""

    sheet: str
    state: str
    segments: tuple[SegmentView, ...] = ()
    note: str = ""
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadJobView:
    """Drill-down of a job: its facts and its sheets."""

    job: str
    name: str
    badge: BadgeView
    facts: str
    segments: tuple[SegmentView, ...]
    sheets: tuple[SheetRowView, ...]
    selected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMapView:
    """A small map of a sheet: slots with short captions, the selected position, and a legend."""

    title: str
    grid: AssemblyGridView
    selected: int = 0
    legend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSheetView:
    """Drill-down of a sheet: its layout with every card, and the sheet's own history."""

    sheet: str
    badge: BadgeView
    facts: str
    grid: AssemblyGridView
    history: tuple[HistoryLine, ...]
    selected: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCardView:
    """Drill-down of a card: its whole life, and where it stands on its sheet."""

    card: str
    badge: BadgeView
    facts: str
    history: tuple[HistoryLine, ...]
    sheet_map: SheetMapView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOnView:
    """Nobody is logged on: a big imperative, a sentence, and what went wrong if something did."""

    big: str = "SCAN YOUR BADGE"
    sentence: str = ""
    problem: str = ""
    lines: tuple[str, ...] = ()


WorkView: TypeAlias = (
    BatchView
    | CutterView
    | QaView
    | AssemblyView
    | PackingView
    | LeadView
    | LeadJobView
    | LeadSheetView
    | LeadCardView
    | LogOnView
)
"""What the work area shows; each has exactly one screen."""


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
    RELEASE_HOLD = "release-hold"
    REMAKE = "remake"
    REWORK = "rework"
    AUTHORIZE = "authorize"
    ANSWER_HELP = "answer-help"
    SETTLE = "settle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterKey:
    """One key of the footer and the intent it posts.

    `key` is what is printed: "F2", "+", "Enter", "Esc", "S", or an arrow. A pair of arrows
    ("↑↓", "←→") is two keys: the first posts `intent`, the second `second_intent`.
    """

    key: str
    label: str
    intent: Intent
    second_intent: Intent | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FooterView:
    """The bottom line: every key that does something, and nothing else."""

    keys: tuple[FooterKey, ...] = ()


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
    """A PIN is asked for; digits are never shown. `problem` says why the last one was refused."""

    title: str
    lines: tuple[str, ...] = ()
    problem: str = ""
    longest: int = 8
    serial: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NextScanView:
    """The demo's hint: what could be scanned next here, and how to do it without a scanner."""

    code: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One line above the footer that stays until somebody acts on it: what it is, and the newest of it."""

    words: str
    detail: str = ""
    tone: Tone = Tone.ATTENTION


@dataclass(frozen=True, slots=True, kw_only=True)
class TooSmallView:
    """The terminal is smaller than the smallest layout, in character cells; scans have their effect all the same.

    `verdict` is what is said now, `last` the newest of the last scans.
    """

    columns: int
    rows: int
    verdict: VerdictView | None = None
    last: ScanLine | None = None
    needed_columns: int = 80
    needed_rows: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSnapshot:
    """Everything one kiosk shows at one moment.

    `work` chooses the screen. A `stop` covers it all; a `question` opens a dialog over it.
    `typed` echoes characters typed as a scan so far (the wedge, or a person at the demo).
    `typing_is_keys` says that slow characters are the screen's own keys, not a code typed by hand.
    """

    role: StationRole
    header: HeaderView
    verdict: VerdictView
    work: WorkView
    scans: LastScansView = field(default_factory=LastScansView)
    footer: FooterView = field(default_factory=FooterView)
    stop: StopView | None = None
    question: QuestionView | PinView | None = None
    next_scan: NextScanView | None = None
    notice: NoticeView | None = None
    typed: str = ""
    typing_is_keys: bool = False
