"""PRESS, EMBELLISH and CARDOPS: units one after the other, and how far their job is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.effective import effective_events
from core.domain.events import (
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    Event,
    EventCorrected,
    MemorabiliaPlaced,
    PrintCompleted,
    ReplacementCardUnitCreated,
    SequentialNumberApplied,
    SheetEnteredStation,
    SheetOperationCompleted,
)
from core.domain.readings import NumberAsked, Reading, SerialAsked
from core.domain.rejections import Rejection, ScanTheCard
from core.domain.values import OperationType, SequentialNumber, StationRole, StepRef, UnitKind
from core.identity.ids import (
    CardUnitId,
    JobId,
    SheetId,
    job_of,
    job_of_sheet,
    parse_card_unit_id,
    sheet_number,
    sheet_of,
)
from core.production.barcodes import CardBarcode, SheetBarcode, read_barcode
from core.production.requests import Request
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited
from kiosk.printable import shown
from kiosk.snapshots.panes import ProgressView
from kiosk.snapshots.verdicts import VerdictView
from kiosk.snapshots.work import BatchView
from kiosk.station_session.durations import due
from kiosk.station_session.progress import JobAtStation, JobsAtStation
from kiosk.station_session.queues import QUEUE_LIMIT, checked_in_last, queue_view
from kiosk.station_session.work import Desk, Open, Surroundings, Work
from kiosk.wording.holding import ASIDE, mark_waits
from kiosk.wording.spoken import Spoken, short_card
from store.read_models.station_queues import StationQueue

_DONE = frozenset(kind.__name__ for kind in (CardUnitOperationCompleted, SheetOperationCompleted, PrintCompleted))
_BEGUN = frozenset(kind.__name__ for kind in (CardUnitEnteredStation, SheetEnteredStation))
_ASKING = frozenset({OperationType.NUMBER, OperationType.MEMORABILIA})


class BatchWork(Work):
    """A station that works on one unit after the other."""

    _job_id: JobId | None = None
    _unit: SheetId | CardUnitId | None = None
    _awaited: Awaited | None = None
    _left: tuple[Awaited, ...] = ()
    _unasked: tuple[CardUnitId, ...] = ()
    _answer_of: Awaited | None = None
    _job: JobAtStation | None = None
    _queue: StationQueue | None = None
    _next_step = ""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with nothing in hand."""
        super().__init__(around, desk)
        self._progress = JobsAtStation(around.store)

    # -- what is open ----------------------------------------------------------

    def open(self) -> Open:
        """Return what was asked for: a number or an insert's serial."""
        return Open(awaited=self._awaited)

    def unit_in_hand(self) -> str | None:
        """Return the unit that was scanned last."""
        return self._unit

    async def resume(self) -> None:
        """Find the unit that was checked in here last; what was asked for it is asked when it is scanned again."""
        queue = await self.around.store.station_queue(self.around.station, QUEUE_LIMIT)
        last = checked_in_last(queue)
        if last is not None:
            self._job_id = JobId(last.job_id)
            self._unit = SheetId(last.unit_id) if last.unit_kind == "sheet" else CardUnitId(last.unit_id)

    def logged_off(self) -> None:
        """Leave the unit where it is; whoever comes scans it again."""
        self._leave()

    def _leave(self) -> None:
        """Wait no longer for what was asked, and remember for which card it was."""
        if self._awaited is not None:
            self._left = (*self._left_without(self._awaited.card_unit_id), self._awaited)
            self._awaited = None

    def _answered(self, card: CardUnitId) -> None:
        asked, self._awaited = self._awaited, None
        self._answer_of = asked if asked is not None and asked.card_unit_id == card else None
        self._is_left_no_more(card)

    def _await(self, awaited: Awaited) -> None:
        self._awaited = awaited
        self._is_left_no_more(awaited.card_unit_id)

    def _is_left_no_more(self, card: CardUnitId) -> None:
        self._left = self._left_without(card)
        self._unasked = tuple(each for each in self._unasked if each != card)

    def _left_without(self, card: CardUnitId) -> tuple[Awaited, ...]:
        return tuple(left for left in self._left if left.card_unit_id != card)

    # -- what happens ----------------------------------------------------------

    async def before_scan(self, text: str) -> bool:
        """Drop the question where a unit is scanned instead of an answer: the card that it was for is left."""
        if isinstance(read_barcode(text), CardBarcode | SheetBarcode):
            self._leave()
        return False

    def accepted(self, events: Sequence[Event]) -> None:
        """Follow the unit that is being worked on, and where it goes from here."""
        words = self.around.words
        self._next_step = ""
        for event in events:
            match event:
                case SheetEnteredStation():
                    self._unit, self._job_id = event.sheet_id, event.job_id
                    self._next_step = "scan it again when it is done"
                case SheetOperationCompleted() | PrintCompleted():
                    self._unit, self._job_id = event.sheet_id, event.job_id
                    self._next_step = (
                        f"it goes to {words.place(OperationType.CUT)}"
                        if event.ready_to_cut
                        else self._goes_on_with(event.ready)
                    )
                case CardUnitEnteredStation():
                    self._unit, self._job_id = event.card_unit_id, event.job_id
                    self._next_step = "scan it again when it is done"
                case CardUnitOperationCompleted():
                    self._unit, self._job_id = event.card_unit_id, event.job_id
                    self._next_step = self._goes_on_with(event.ready)
                    self._answered(event.card_unit_id)
                case EventCorrected(corrected_event=corrected) if corrected in _DONE:
                    self._taken_back(event.aggregate_id)
                case EventCorrected(corrected_event=corrected) if corrected in _BEGUN:
                    self._answered(CardUnitId(event.aggregate_id))
                case _:
                    pass
        self.desk.wake()

    def _goes_on_with(self, ready: Sequence[StepRef]) -> str:
        """Return what is next for a unit with these ready operations: one of this station's, or a way to another."""
        here = next((step for step in ready if self.around.station.does(step)), None)
        if here is None:
            return f"it goes to {self.around.words.places_of(ready)}"
        return f"it stays here: scan it again for {here.operation}"

    def _taken_back(self, unit: str) -> None:
        """Go on with the unit whose work was taken back: it is checked in here still."""
        asked, self._answer_of = self._answer_of, None
        if asked is not None and asked.card_unit_id == unit:
            self._await(asked)
            self._next_step = self._question()
        else:
            self._next_step = f"{unit} is here still: scan it when it is done"

    def kept(self, request: Request) -> None:
        """Follow the unit that was scanned; what was asked is answered."""
        self._next_step = ""
        barcode = read_barcode(request.text) if isinstance(request, Scan) and request.under_stop is None else None
        match barcode:
            case CardBarcode(card):
                self._unit, self._job_id = card, job_of(card)
                if _ASKING.intersection(self.around.station.work):
                    self._is_left_no_more(card)
                    self._unasked = (*self._unasked, card)
            case SheetBarcode(sheet):
                self._unit, self._job_id = sheet, job_of_sheet(sheet)
            case None:
                pass
            case _:
                self._awaited = None

    def undone(self, request: Request) -> None:
        """Put away a unit whose scan was refused, with what was asked for it."""
        barcode = read_barcode(request.text) if isinstance(request, Scan) else None
        if isinstance(barcode, CardBarcode):
            self._is_left_no_more(barcode.card_unit_id)
        match barcode:
            case CardBarcode(card_unit_id=unit) | SheetBarcode(sheet_id=unit) if unit == self._unit:
                self._unit, self._job_id, self._next_step = None, None, ""
                self.desk.wake()
            case _:
                pass

    async def ask_after(self, events: Sequence[Event]) -> None:
        """Ask for the number or serial of a card that was just checked in, unless it has it from before a rework."""
        last = events[-1]
        if not isinstance(last, CardUnitEnteredStation) or last.work not in _ASKING:
            return
        found = await self.around.store.history(last.card_unit_id)
        takes_number = None
        for _, fact in effective_events([] if found is None else [entry.event for entry in found.events]):
            if isinstance(fact, ReplacementCardUnitCreated) and fact.card_unit_id == last.card_unit_id:
                takes_number = fact.takes_number
            if isinstance(fact, SequentialNumberApplied | MemorabiliaPlaced) and fact.operation == last.operation:
                return
        if last.work is OperationType.NUMBER:
            spec = await self._progress.spec_of(last.job_id)
            run_of = 0 if spec is None else spec.run_of or 0
            self._await(
                NumberAwaited(
                    card_unit_id=last.card_unit_id, operation=last.operation, run_of=run_of, takes_number=takes_number
                )
            )
        else:
            self._await(SerialAwaited(card_unit_id=last.card_unit_id, operation=last.operation))
        self.desk.remark(self._question())

    def _question(self) -> str:
        """Say what is asked and, where another card lies here without its answer, which."""
        match self._awaited:
            case NumberAwaited(takes_number=SequentialNumber() as number):
                asked = f"it takes over {number}: type {number.value}, Enter"
            case NumberAwaited(run_of=run_of):
                asked = f"type its number, 1 to {run_of}, Enter"
            case SerialAwaited():
                asked = "scan the insert's own serial"
            case None:
                return ""
        if not self._left:
            return asked
        left = self._left[-1]
        card = left.card_unit_id
        here = sheet_of(card) == sheet_of(self._awaited.card_unit_id)
        # Of two questions, which one the other card waits for has to be said.
        lacks = "none" if type(left) is type(self._awaited) else f"no {_what_lacks(left)}"
        return f"{asked}; {short_card(card) if here else card} has {lacks} yet"

    def _left_words(self) -> str:
        """Say which card was left here last without what it is asked for, and how many more were."""
        number = len(self._left) + len(self._unasked)
        if not number:
            return ""
        if self.desk.is_keeping:
            return "1 card waits: lay it aside" if number == 1 else f"{number} cards wait: lay them aside"
        more = f"; {number - 1} more" if number > 1 else ""
        if not self._left:
            return f"{self._unasked[-1]} is not done yet: scan it{more}"
        left = self._left[-1]
        return f"{left.card_unit_id} has no {_what_lacks(left)} yet: scan it{more}"

    def as_said_here(self, refusal: Rejection, words: Spoken) -> Spoken:
        """Say of the number or insert of a card that was kept that it waits: to scan the card again helps nobody."""
        if isinstance(refusal, ScanTheCard) and self._unasked and self.desk.is_keeping:
            return mark_waits(self._unasked[-1], refusal.work)
        return words

    async def read(self, reading: Reading) -> bool:
        """Ask where a card that waits for its number or serial is scanned once more."""
        match reading:
            case NumberAsked():
                self._await(
                    NumberAwaited(
                        card_unit_id=reading.card_unit_id,
                        operation=reading.operation,
                        run_of=reading.run_of,
                        takes_number=reading.takes_number,
                    )
                )
            case SerialAsked():
                self._await(SerialAwaited(card_unit_id=reading.card_unit_id, operation=reading.operation))
            case _:
                return False
        self._unit = reading.card_unit_id
        self.desk.inspect()
        return True

    def delivered(self) -> None:
        """Say no more that the number of a kept card waits: from now on it is asked for."""
        self.desk.withdraw(ASIDE)

    # -- what is shown ---------------------------------------------------------

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read the queue and the open job again."""
        del changed
        store, station = self.around.store, self.around.station
        known, is_whole = self._known_to_be_here(), not self.desk.is_keeping
        self._queue = await store.station_queue(station, QUEUE_LIMIT)
        self._forget_who_left(self._queue, known, is_whole=is_whole and not self.desk.is_keeping)
        if self._job_id is None and self._queue is not None:
            entries = (*self._queue.at_station, *self._queue.ready)
            self._job_id = JobId(entries[0].job_id) if entries else None
        job = self._job_id
        self._job = None if job is None else await self._progress.of(job, station, self._handled(job))

    def _handled(self, job: JobId) -> UnitKind | None:
        """Return what this station has in hand of a job or, where it has nothing of it, what waits first."""
        unit, queue = self._unit, self._queue
        if unit is not None and unit.startswith(f"{job}-"):
            return UnitKind.CARD if parse_card_unit_id(unit) else UnitKind.SHEET
        entries = () if queue is None else (*queue.at_station, *queue.ready)
        return next((UnitKind(entry.unit_kind) for entry in entries if entry.job_id == job), None)

    def _known_to_be_here(self) -> frozenset[CardUnitId]:
        return frozenset({*(left.card_unit_id for left in self._left), *self._unasked})

    def _forget_who_left(self, queue: StationQueue, known: frozenset[CardUnitId], *, is_whole: bool) -> None:
        """Look no longer for a card that was left here and taken elsewhere since.

        The queue tells that of the cards that were ``known`` when it was asked for: one that came while it was
        read is not in it yet. Of what was kept here it tells that where it was read after the delivery, ``is_whole``.
        """
        gone = known.difference(entry.unit_id for entry in queue.at_station)
        if len(queue.at_station) == queue.at_station_total:
            self._left = tuple(left for left in self._left if left.card_unit_id not in gone)
            if is_whole:
                self._unasked = tuple(card for card in self._unasked if card not in gone)

    def _units(self) -> str:
        if self.around.station.role is StationRole.PRESS:
            return "sheets"
        queue = self._queue
        kinds = set[str]() if queue is None else {entry.unit_kind for entry in (*queue.at_station, *queue.ready)}
        return "pieces" if len(kinds) > 1 else "sheets" if "sheet" in kinds else "cards"

    def view(self, now: datetime) -> BatchView:
        """Return how far the open job is at this station, and the queue."""
        words = self.around.words
        queue = queue_view(self._queue, now, words, unit=self._units())
        job = self._job
        if job is None:
            return BatchView(progress=None, queue=queue)
        text, _ = due(job.promise_at, now, words)
        left = job.total - job.done
        return BatchView(
            progress=ProgressView(
                title=f"JOB {job.job_id}",
                name=shown(job.product_name, 30),
                note=f"due {text}",
                done=job.done,
                total=job.total,
                caption=f"{job.done} of {job.total} {job.unit}s done · {left} to come",
            ),
            queue=queue,
        )

    def ready(self) -> VerdictView:
        """Return the imperative, or the question that the station waits on."""
        grey = super().ready()
        job = self._job
        if job is not None and job.job_id == self._job_id:
            grey = replace(grey, counter=f"{job.done}/{job.total}", counter_caption=f"{job.unit}s done here")
        match self._awaited:
            case NumberAwaited(card_unit_id=card):
                return replace(
                    grey,
                    big="NUMBER",
                    words=f"NUMBER OF CARD {short_card(card)}",
                    instruction=self._question(),
                )
            case SerialAwaited(card_unit_id=card):
                return replace(
                    grey,
                    big="INSERT",
                    words=f"INSERT FOR CARD {short_card(card)}",
                    instruction=self._question(),
                )
            case None:
                return replace(grey, instruction=self._left_words() or grey.instruction)

    def instruction(self) -> str:
        """Return what to do after an accepted scan: work on it, or take it where it goes."""
        return self._next_step

    def job_line(self) -> str:
        """Return the open job."""
        return "" if self._job_id is None else f"JOB {self._job_id}"

    def details(self) -> tuple[str, ...]:
        """Return the product, and the sheet in hand."""
        job = self._job
        # What was read of the job before is not about the one that is named.
        if job is None or job.job_id != self._job_id:
            return ()
        product = shown(job.product_name, 30)
        if self._unit is None or not self._unit.startswith(f"{job.job_id}-"):
            return (product,)
        number = sheet_number(SheetId("-".join(self._unit.split("-")[:2])))
        return (product, f"sheet {number} of {job.sheet_count}")


def _what_lacks(left: Awaited) -> str:
    return "number" if isinstance(left, NumberAwaited) else "insert"
