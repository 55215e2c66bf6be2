"""The lead's screens: the floor, and drill-down to a job, a sheet and a card."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from textual.widget import Widget

from kiosk.screens.base import FramedScreen
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.leads import ExceptionView, LeadView
from kiosk.snapshots.station import StationSnapshot, WorkView
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import VerdictState
from kiosk.widgets.floor import LeadFloor
from kiosk.widgets.lead import LeadCard, LeadJob, LeadSheet
from kiosk.widgets.painted import Painted
from kiosk.widgets.verdict import VerdictLine


class LeadScreen(FramedScreen):
    """One of the lead's boards between header and footer."""

    def __init__(self, board: Painted[Any]) -> None:
        super().__init__()
        self.board = board
        self.verdict_line = VerdictLine()
        self.verdict_line.display = False

    def body(self) -> Iterable[Widget]:
        """The board is everything, but for what came of the lead's own decision."""
        yield self.board
        yield self.verdict_line

    def update_snapshot(self, snapshot: StationSnapshot) -> None:
        """Show the board and the frame."""
        self.board.show(_as_it_was(snapshot))
        spoken = snapshot.verdict.state is not VerdictState.READY
        if self.verdict_line.display != spoken:
            self.verdict_line.display = spoken
        if spoken:
            self.verdict_line.show(snapshot.verdict)
        super().update_snapshot(snapshot)


def _as_it_was(snapshot: StationSnapshot) -> WorkView:
    """The work; a floor that is not heard of says since when, and not that all is well."""
    work, header = snapshot.work, snapshot.header
    if not isinstance(work, LeadView) or header.connection is ConnectionState.ONLINE:
        return work
    since = f"AS IT WAS {header.offline_for} AGO" if header.offline_for else "NOT READ YET"
    known = tuple(trouble for trouble in work.exceptions if trouble.tone is not Tone.GOOD)
    return replace(work, exceptions=(ExceptionView(words=since, tone=Tone.OFFLINE), *known))


def floor_screen() -> LeadScreen:
    """Exceptions, numbers, stations and jobs."""
    return LeadScreen(LeadFloor())


def job_screen() -> LeadScreen:
    """One job and its sheets."""
    return LeadScreen(LeadJob())


def sheet_screen() -> LeadScreen:
    """One sheet and its cards."""
    return LeadScreen(LeadSheet())


def card_screen() -> LeadScreen:
    """One card and its life."""
    return LeadScreen(LeadCard())
