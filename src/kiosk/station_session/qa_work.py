"""QA: the card under inspection, the codes typed for it, and what happened to it before."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.commands import RecordQAResult
from core.domain.events import (
    CardUnitEnteredStation,
    Event,
    EventCorrected,
    QAResultRecorded,
)
from core.domain.readings import ControlRead, ControlVerb, Reading, VerdictAsked
from core.domain.values import OperationType, QAOutcome, QAResult
from core.identity.ids import CardUnitId, SheetId, job_of, position_of, sheet_number, sheet_of
from core.production.scan import CardBarcode, read_barcode
from core.projections import CardUnitRow, JobRow, OperatorRow
from kiosk.printable import shown
from kiosk.qa_entry import Fail, Pass, QaCatalogue, QaEntry, Verdict, entry_view, press
from kiosk.snapshots import (
    Intent,
    QaView,
    VerdictState,
    VerdictView,
)
from kiosk.station_session.lead_views import history_lines
from kiosk.station_session.queues import QUEUE_LIMIT, queue_view
from kiosk.station_session.work import Desk, Surroundings, Work
from store.event_log import RecordedEvent
from store.read_models.station_queues import StationQueue

UNDO_SECONDS = 10.0
"""How long an inspector may take back a verdict without a lead."""

_BEFORE = 8


class QaWork(Work):
    """One inspection bench."""

    def __init__(self, around: Surroundings, desk: Desk, catalogue: QaCatalogue) -> None:
        """Begin with no card; ``catalogue`` holds the shop's codes."""
        super().__init__(around, desk)
        self._catalogue = catalogue
        self._card: CardUnitId | None = None
        self._row: CardUnitRow | None = None
        self._job: JobRow | None = None
        self._before: tuple[RecordedEvent, ...] = ()
        self._people: dict[str, OperatorRow] = {}
        self._entry = QaEntry()
        self._queue: StationQueue | None = None
        self._judged: deque[CardUnitId] = deque(maxlen=1)

    # -- what is open ----------------------------------------------------------

    def unit_in_hand(self) -> str | None:
        """Return the card under inspection."""
        return self._card

    def logged_off(self) -> None:
        """Leave the card at the bench, without a verdict."""
        self._put_away()

    def _put_away(self) -> None:
        self._card, self._row, self._before = None, None, ()
        self._entry = QaEntry()

    def undo_seconds(self) -> float | None:
        """Return how long a verdict may be taken back."""
        return UNDO_SECONDS

    # -- what happens ----------------------------------------------------------

    async def before_scan(self, text: str) -> bool:
        """Ask to finish the card in hand first where its verdict was begun."""
        barcode = read_barcode(text)
        if self._card is None or not isinstance(barcode, CardBarcode):
            return False
        if barcode.card_unit_id == self._card or not self._entry.pending:
            return False
        codes = " ".join(self._entry.chips) or self._entry.typed
        self.desk.attention(
            f"FINISH CARD {position_of(self._card):02d} FIRST",
            f"{shown(codes, 24)} is begun for {self._card}: Enter fails it, Backspace takes back.",
        )
        return True

    def asks_after(self, events: Sequence[Event]) -> bool:
        """Ask for the verdict as soon as a card is checked in."""
        last = events[-1]
        return isinstance(last, CardUnitEnteredStation) and last.work is OperationType.QA

    def accepted(self, events: Sequence[Event]) -> None:
        """Put the card away once it has its verdict; take it back with its verdict."""
        for event in events:
            match event:
                case QAResultRecorded():
                    self._judged.append(event.card_unit_id)
                    self._put_away()
                case EventCorrected() if self._judged:
                    # The verdict was taken back: the card lies at the bench again.
                    self._card = self._judged.pop()
                case _:
                    pass
        self.desk.wake()

    async def read(self, reading: Reading) -> bool:
        """Take the card under inspection."""
        if not isinstance(reading, VerdictAsked):
            return False
        if reading.card_unit_id != self._card:
            self._put_away()
            self._card = reading.card_unit_id
        self.desk.inspect()
        await self._read_card()
        return True

    async def control(self, control: ControlRead) -> bool:
        """Pass or fail by wall card."""
        match control.verb:
            case ControlVerb.PASS:
                await self._judge(Pass())
            case ControlVerb.FAIL if control.argument:
                await self._judge(Fail(codes=(*self._entry.chips, control.argument)))
            case ControlVerb.FAIL if self._entry.chips:
                await self._judge(Fail(codes=self._entry.chips))
            case ControlVerb.FAIL:
                self.desk.attention("WHY?", "Type a code, or scan a FAIL card that names one.")
            case _:
                return False
        return True

    async def pressed(self, intent: Intent) -> None:
        """Pass or fail by key."""
        if intent is Intent.PASS_CARD:
            await self.qa_key("+")
        elif intent is Intent.FAIL_CARD:
            await self.qa_key("enter")

    async def qa_key(self, key: str) -> None:
        """Type at the code entry; a verdict that comes of it is recorded."""
        if self._card is None:
            return
        entry, verdict = press(self._entry, key, self._catalogue)
        if verdict is None:
            self._entry = entry
            return
        await self._judge(verdict)

    async def _judge(self, verdict: Verdict) -> None:
        card = self._card
        if card is None:
            self.desk.attention("NO CARD", "Scan the card first, then pass or fail it.")
            return
        codes = () if isinstance(verdict, Pass) else verdict.codes
        unknown = [code for code in codes if self._catalogue.find(code) is None]
        if unknown:
            self.desk.attention("NO SUCH CODE", f"{shown(unknown[0], 20)} is no code of this shop.")
            return
        outcome = QAOutcome.PASS if isinstance(verdict, Pass) else QAOutcome.FAIL
        await self.desk.do(
            RecordQAResult(
                at=self.desk.now(),
                operator_id=self.desk.operator_id,
                station_id=self.around.station.station_id,
                card_unit_id=card,
                station=self.around.station,
                result=QAResult(outcome=outcome, codes=codes),
            ),
            name=card,
        )

    # -- what is shown ---------------------------------------------------------

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read the queue, and the card in hand if it is not known yet."""
        store = self.around.store
        self._queue = await store.station_queue(self.around.station, QUEUE_LIMIT)
        if changed is None or not self._people:
            self._people = {person.operator_id: person for person in await store.operators()}
        if self._card is not None and (self._row is None or changed is None or self._card in changed):
            await self._read_card()

    async def _read_card(self) -> None:
        card, store = self._card, self.around.store
        if card is None:
            return
        self._row = await store.card(card)
        found = await store.history(card)
        self._before = () if found is None else found.events
        if self._job is None or self._job.job_id != job_of(card):
            self._job = await store.job(job_of(card))

    def view(self, now: datetime) -> QaView:
        """Return the code entry, the card's past and the queue."""
        words = self.around.words
        past = history_lines(self._before, words, self._people)
        note = ""
        if self._row is not None:
            note = f"inspection {self._row.qa_attempts + 1} · reworked {self._row.rework} times"
        return QaView(
            card=self._card or "",
            entry=entry_view(self._entry, self._catalogue),
            before=tuple(reversed(past))[:_BEFORE],
            before_note=note,
            queue=queue_view(self._queue, now, words, unit="cards"),
        )

    def ready(self) -> VerdictView:
        """Return the card to inspect, or the imperative."""
        grey = super().ready()
        waiting = 0 if self._queue is None else self._queue.ready_total
        grey = replace(grey, counter=str(waiting), counter_caption="waiting")
        if self._card is None:
            return grey
        return replace(
            grey,
            state=VerdictState.ATTENTION,
            big=self._card.split("-", 2)[2],
            words="INSPECT, THEN PASS OR FAIL",
            instruction=self._card,
        )

    def instruction(self) -> str:
        """Return what to do after a verdict."""
        return "scan the next card"

    def job_line(self) -> str:
        """Return the job of the card in hand."""
        return "" if self._card is None else f"JOB {job_of(self._card)}"

    def details(self) -> tuple[str, ...]:
        """Return product and sheet of the card in hand."""
        if self._card is None:
            return ()
        sheet: SheetId = sheet_of(self._card)
        name = (shown(self._job.product_name, 30),) if self._job is not None else ()
        return (*name, f"sheet {sheet_number(sheet)}")

    def typing_is_keys(self) -> bool:
        """Say whether a card is in hand: then characters are codes and keys, no ids."""
        return self._card is not None
