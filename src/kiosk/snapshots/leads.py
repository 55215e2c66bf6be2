"""The work areas of the leads' screen: the floor, and the drill-down from a job to a card's life."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.snapshots.panes import HistoryLine
from kiosk.snapshots.slots import AssemblyGridView
from kiosk.snapshots.tone import Tone


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

    `load_percent` is the queue against the station's limit (over 100 is overload), None where none is known;
    `history` is the work of the last hours, oldest first, in units per hour.
    """

    station: str
    state: str
    marker: str = "●"
    operator: str = ""
    now: str = ""
    queue: int = 0
    load_percent: int | None = None
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
