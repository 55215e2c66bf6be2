"""Everything one kiosk shows at one moment: what the station session hands to the screens."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from kiosk.snapshots.dialogs import LogOnView, PinView, QuestionView
from kiosk.snapshots.frame import HeaderView, NextScanView, NoticeView
from kiosk.snapshots.keys import FooterView
from kiosk.snapshots.leads import LeadCardView, LeadJobView, LeadSheetView, LeadView
from kiosk.snapshots.panes import LastScansView, ScanLine
from kiosk.snapshots.verdicts import StopView, VerdictView
from kiosk.snapshots.work import AssemblyView, BatchView, CutterView, PackingView, QaView


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
