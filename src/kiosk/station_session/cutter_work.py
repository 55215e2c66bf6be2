"""CUTTER: the sheet that lies under the knife, as its cards will lie."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.events import AssemblyOpened, Event, EventCorrected, SheetCut, SheetEnteredStation
from core.domain.values import SheetStatus
from core.identity.ids import JobId, SheetId, job_of_sheet, sheet_number, sheet_of_assembly
from core.production.barcodes import SheetBarcode, read_barcode
from core.production.requests import Request
from core.production.scan import Scan
from kiosk.printable import shown
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.verdicts import VerdictView
from kiosk.snapshots.work import CutterView
from kiosk.station_session.progress import JobAtStation, JobsAtStation
from kiosk.station_session.queues import QUEUE_LIMIT, checked_in_last, queue_view
from kiosk.station_session.work import Desk, Surroundings, Work
from kiosk.wording.holding import is_cut_already
from store.read_models.station_queues import StationQueue


class CutterWork(Work):
    """One cutting station."""

    _sheet: SheetId | None = None
    _moves = 0
    _job_id: JobId | None = None
    _layout: tuple[int, int] | None = None
    _is_cut = False
    _job: JobAtStation | None = None
    _queue: StationQueue | None = None

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with no sheet."""
        super().__init__(around, desk)
        self._progress = JobsAtStation(around.store)
        self._entered: dict[SheetId, datetime] = {}
        self._kept: dict[SheetId, tuple[datetime, ...]] = {}

    def unit_in_hand(self) -> str | None:
        """Return the sheet that was scanned last."""
        return self._sheet

    async def resume(self) -> None:
        """Find the sheet that lies under the knife."""
        queue = await self.around.store.station_queue(self.around.station, QUEUE_LIMIT)
        self._lie_here(queue)
        last = checked_in_last(queue)
        if last is not None:
            self._sheet, self._job_id = SheetId(last.unit_id), JobId(last.job_id)

    def _lie_here(self, queue: StationQueue) -> None:
        self._entered = {SheetId(entry.unit_id): entry.since for entry in queue.at_station}

    def accepted(self, events: Sequence[Event]) -> None:
        """Lay the cut sheet out as its cards lie."""
        # What is being read now was true before this.
        self._moves += 1
        for event in events:
            match event:
                case SheetEnteredStation():
                    self._sheet, self._job_id = event.sheet_id, event.job_id
                    self._entered[event.sheet_id] = event.occurred_at
                    self._is_cut, self._layout = False, None
                case SheetCut():
                    self._sheet, self._job_id = event.sheet_id, event.job_id
                    self._entered.pop(event.sheet_id, None)
                    self._is_cut = True
                case EventCorrected(corrected_event=SheetEnteredStation.__name__):
                    self._entered.pop(SheetId(event.aggregate_id), None)
                case AssemblyOpened():
                    self._sheet = sheet_of_assembly(event.assembly_id)
                    self._layout = (event.rows, event.columns)
                case _:
                    pass
        self.desk.wake()

    def kept(self, request: Request) -> None:
        """Follow the sheet; whether it is cut is known when the database answers."""
        barcode = read_barcode(request.text) if isinstance(request, Scan) and request.under_stop is None else None
        if isinstance(barcode, SheetBarcode):
            self._count(barcode.sheet_id, request.at)
            self._sheet, self._job_id = barcode.sheet_id, job_of_sheet(barcode.sheet_id)
            self._is_cut, self._layout = False, None

    def _count(self, sheet: SheetId, at: datetime) -> None:
        """Count a kept scan, but for one that follows too soon: when it is delivered it says nothing new."""
        steps = self._kept.get(sheet, ())
        before = steps[-1] if steps else self._entered.get(sheet)
        guard = self.around.store.policy.repeat_guard_seconds
        if before is None or abs((at - before).total_seconds()) >= guard:
            self._kept[sheet] = (*steps, at)

    async def before_scan(self, text: str) -> bool:
        """Keep no sheet that is kept as cut already: one scan too many would be refused when it is delivered."""
        barcode = read_barcode(text)
        if not isinstance(barcode, SheetBarcode) or not self.desk.is_keeping or self.desk.operator is None:
            return False
        is_cut_by_one = self.around.station.single_scan or barcode.sheet_id in self._entered
        is_kept = len(self._kept.get(barcode.sheet_id, ())) >= (1 if is_cut_by_one else 2)
        if is_kept:
            self.desk.attention(*is_cut_already(barcode.sheet_id), until_back=True)
        return is_kept

    def delivered(self) -> None:
        """Go by the log: nothing is kept any more."""
        self._kept.clear()
        self._entered.clear()
        self._moves += 1

    def undone(self, request: Request) -> None:
        """Put away a sheet whose scan was refused."""
        barcode = read_barcode(request.text) if isinstance(request, Scan) else None
        if isinstance(barcode, SheetBarcode):
            self._kept.pop(barcode.sheet_id, None)
        if isinstance(barcode, SheetBarcode) and barcode.sheet_id == self._sheet:
            self._sheet, self._job_id = None, None
            self._is_cut, self._layout = False, None
            self.desk.wake()

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read the queue and the sheet's layout again."""
        del changed
        store, station = self.around.store, self.around.station
        moves, is_whole = self._moves, not self.desk.is_keeping
        self._queue = await store.station_queue(station, QUEUE_LIMIT)
        if is_whole and not self.desk.is_keeping and moves == self._moves:
            # While anything is kept, a sheet that is read here may be one whose check-in was just delivered.
            self._lie_here(self._queue)
        entries = (*self._queue.at_station, *self._queue.ready)
        if self._job_id is None and entries:
            self._job_id = JobId(entries[0].job_id)
        if self._job_id is not None:
            self._job = await self._progress.of(self._job_id, station)
        lies_here = self._sheet
        if lies_here is not None and (self._layout is None or not self._is_cut):
            sheet = await store.sheet(lies_here)
            # Of two sheets that are laid down one after the other, each has its own layout.
            if sheet is not None and lies_here == self._sheet:
                self._layout = (sheet.rows, sheet.columns)
                self._is_cut = self._is_cut or sheet.status is SheetStatus.CUT

    def view(self, now: datetime) -> CutterView:
        """Return the sheet as its cards lie, and the queue."""
        queue = queue_view(self._queue, now, self.around.words, unit="sheets")
        if self._sheet is None or self._layout is None:
            return CutterView(title="NO SHEET YET", plan="", grid=None, queue=queue)
        rows, columns = self._layout
        state = SlotState.NEW if self._is_cut else SlotState.ELSEWHERE
        caption = "new" if self._is_cut else ""
        made = f" · all {rows * columns} cards made" if self._is_cut else " · not cut yet"
        return CutterView(
            title=f"SHEET {self._sheet}",
            plan=f"{rows} × {columns} cards{made}",
            grid=AssemblyGridView(
                rows=rows,
                columns=columns,
                slots=tuple(
                    SlotView(position=place, state=state, caption=caption, short=caption)
                    for place in range(1, rows * columns + 1)
                ),
            ),
            queue=queue,
        )

    def ready(self) -> VerdictView:
        """Return the imperative with how many sheets of the job are cut."""
        grey = super().ready()
        job = self._shown_job()
        return grey if job is None else replace(grey, counter=f"{job.done}/{job.total}", counter_caption="sheets cut")

    def _shown_job(self) -> JobAtStation | None:
        """Return how far the job is that is named; what was read of the one before it is not about it."""
        return self._job if self._job is not None and self._job.job_id == self._job_id else None

    def instruction(self) -> str:
        """Return what to do after a cut."""
        return "stack as shown, scan the next sheet" if self._is_cut else "cut it, then scan it again"

    def job_line(self) -> str:
        """Return the open job."""
        return "" if self._job_id is None else f"JOB {self._job_id}"

    def details(self) -> tuple[str, ...]:
        """Return product and sheet."""
        job = self._shown_job()
        if job is None:
            return ()
        product = shown(job.product_name, 30)
        if self._sheet is None:
            return (product,)
        return (product, f"sheet {sheet_number(self._sheet)} of {job.sheet_count}")
