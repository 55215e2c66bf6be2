"""The screens of the stations: header, verdict band, work area left, lists right, footer.

One class per kind of work; they differ in the pane on the left only. Installed once each by
`kiosk.screens.host`.
"""

from collections.abc import Iterable
from typing import Any

from textual import events
from textual.widget import Widget

from kiosk.screens.base import Area, FramedScreen
from kiosk.screens.intents import QaKeyPressed
from kiosk.snapshots.panes import QueueLine, QueueView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.work import AssemblyView, BatchView, CutterView, PackingView, QaView
from kiosk.widgets.painted import Painted
from kiosk.widgets.panes import BatchPane, CutterPane, PackingPane, QaPane, SideColumn, SideView
from kiosk.widgets.slots import SlotGrid
from kiosk.widgets.verdict import VerdictBand


def band_rows(rows: int, *, is_crowded: bool = False) -> int:
    """How high the verdict band is on a terminal of `rows` rows: never less than five rows of big type.

    Where a line stands above the footer a middling one spares its lower edge, for else the work would touch that line.
    """
    if rows < 28:
        return 7
    if rows < 40:
        return 8 if is_crowded else 9
    return 14


class StationScreen(FramedScreen):
    """A station's screen; `pane` is its work area."""

    SIDE_WIDTHS = (26, 34, 47)
    """Width of the right column at 80, 100 and 160 columns."""

    def __init__(self, pane: Painted[Any]) -> None:
        super().__init__()
        self.band = VerdictBand()
        self.pane = pane
        self.side = SideColumn()
        self._area = Area(classes="area")
        self._rows = 0
        self._is_crowded = False

    def body(self) -> Iterable[Widget]:
        """The verdict, then the work beside its lists."""
        yield self.band
        with self._area:
            yield self.pane
            yield self.side

    def lay_out(self, columns: int, rows: int) -> None:
        """Heights and widths change at 28 and 40 rows, and at 96 and 140 columns."""
        self._rows = rows
        self.band.styles.height = band_rows(rows, is_crowded=self._is_crowded)
        narrow, middle, wide = self.SIDE_WIDTHS
        self.side.styles.width = narrow if columns < 96 else middle if columns < 140 else wide
        self.pane.styles.margin = (0, 1 if columns < 96 else 2, 0, 0 if columns < 96 else 1)

    def update_snapshot(self, snapshot: StationSnapshot) -> None:
        """The band first: it is what is waited for."""
        is_crowded = snapshot.notice is not None or snapshot.next_scan is not None
        if is_crowded != self._is_crowded:
            self._is_crowded = is_crowded
            self.band.styles.height = band_rows(self._rows, is_crowded=is_crowded)
        self.band.show(snapshot.verdict)
        self.show_work(snapshot)
        super().update_snapshot(snapshot)

    def show_work(self, snapshot: StationSnapshot) -> None:
        """Show the work area and the column beside it."""
        self.pane.show(snapshot.work)
        self.side.show(SideView(snapshot.scans))


class BatchScreen(StationScreen):
    """PRESS, EMBELLISH and CARDOPS."""

    def __init__(self) -> None:
        super().__init__(BatchPane())

    def show_work(self, snapshot: StationSnapshot) -> None:
        """Progress and queue left, last scans right."""
        if isinstance(snapshot.work, BatchView):
            super().show_work(snapshot)


class CutterScreen(StationScreen):
    """CUTTER."""

    def __init__(self) -> None:
        super().__init__(CutterPane())

    def show_work(self, snapshot: StationSnapshot) -> None:
        """The sheet as it lies and the queue left, last scans right."""
        if isinstance(snapshot.work, CutterView):
            super().show_work(snapshot)


class AssemblyScreen(StationScreen):
    """ASSEMBLY: the sheet fills live."""

    SIDE_WIDTHS = (20, 25, 38)

    def __init__(self) -> None:
        super().__init__(SlotGrid())
        self._queue_pane = BatchPane()
        # Not when it is mounted, for the first work is shown before that.
        self._queue_pane.display = False

    def body(self) -> Iterable[Widget]:
        """While no set is open, the sets to gather stand where the sheet will be."""
        yield self.band
        with self._area:
            yield self.pane
            yield self._queue_pane
            yield self.side

    def lay_out(self, columns: int, rows: int) -> None:
        """The sheet needs the width more than its margin does."""
        super().lay_out(columns, rows)
        self.pane.styles.margin = (0, 0 if columns < 96 else 1, 0, 0 if columns < 96 else 1)
        self._queue_pane.styles.margin = self.pane.styles.margin

    def show_work(self, snapshot: StationSnapshot) -> None:
        """The sheet and what is missing of it."""
        work = snapshot.work
        if not isinstance(work, AssemblyView):
            return
        opened = work.grid is not None
        if self.pane.display != opened:
            self.pane.display = opened
            self._queue_pane.display = not opened
        if work.grid is not None:
            self.pane.show(work.grid)
            self.side.show(SideView(snapshot.scans, work))
        else:
            self._queue_pane.show(_sets_to_gather(work))
            self.side.show(SideView(snapshot.scans))


def _sets_to_gather(work: AssemblyView) -> BatchView:
    if work.unread is not None:
        return BatchView(progress=None, queue=work.unread)
    lines = tuple(
        QueueLine(what=tray.sheet, name=tray.here, right=tray.note, tone=tray.tone) for tray in work.next_trays.lines
    )
    return BatchView(progress=None, queue=QueueView(title="SETS TO GATHER", ready=lines, more=work.next_trays.more))


class PackingScreen(StationScreen):
    """PACKING."""

    def __init__(self) -> None:
        super().__init__(PackingPane())

    def show_work(self, snapshot: StationSnapshot) -> None:
        """Progress, missing sets and boxes left; last scans and what is ready right."""
        if isinstance(snapshot.work, PackingView):
            self.pane.show(snapshot.work)
            self.side.show(SideView(snapshot.scans, snapshot.work))


class QaScreen(StationScreen):
    """QA: every printable key belongs to the code entry while a card is under inspection."""

    def __init__(self) -> None:
        super().__init__(QaPane())
        self._inspecting = False

    def show_work(self, snapshot: StationSnapshot) -> None:
        """Code entry left; the card's past and the last verdicts right."""
        if isinstance(snapshot.work, QaView):
            self._inspecting = bool(snapshot.work.card)
            self.pane.show(snapshot.work)
            self.side.show(SideView(snapshot.scans, snapshot.work))

    def own_key(self, event: events.Key) -> bool:
        """Characters, Enter, Space, Backspace and Esc go to the code entry."""
        if not self._inspecting:
            return False
        if event.key in {"enter", "space", "backspace", "escape"}:
            self.post_message(QaKeyPressed(event.key))
            return True
        if event.character is not None and event.character.isprintable() and len(event.character) == 1:
            self.post_message(QaKeyPressed(event.character))
            return True
        return False
