"""QA: the card under inspection, the codes typed for it, and what happened to it before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.commands import RecordQAResult
from core.domain.effective import effective_events
from core.domain.events import (
    CardUnitEnteredStation,
    Event,
    EventCorrected,
    QAResultRecorded,
)
from core.domain.readings import ControlRead, ControlVerb, Reading, VerdictAsked
from core.domain.values import OperationType, QAOutcome, QAResult
from core.identity.ids import CardUnitId, JobId, job_of, sheet_number, sheet_of
from core.production.barcodes import CardBarcode, read_barcode
from core.production.requests import Request
from core.production.scan import Scan
from core.projections import CardUnitRow, JobRow, OperatorRow
from kiosk.printable import shown
from kiosk.qa_entry import Fail, Pass, QaCatalogue, QaEntry, Verdict, entry_view, press
from kiosk.snapshots.verdicts import VerdictView
from kiosk.snapshots.work import QaView
from kiosk.station_session.queues import QUEUE_LIMIT, queue_view
from kiosk.station_session.unit_views import history_lines
from kiosk.station_session.work import Desk, Surroundings, Work
from kiosk.wording.spoken import short_card
from store.event_log import RecordedEvent
from store.read_models.station_queues import StationQueue

UNDO_SECONDS = 10.0
"""How long an inspector may take back a verdict without a lead."""

_BEFORE = 8

_FINISHING = frozenset({"enter", "backspace", "escape"})
"""The keys that answer whether a verdict that was begun is meant: every other one may be meant for another card."""


class QaWork(Work):
    """One inspection bench."""

    def __init__(self, around: Surroundings, desk: Desk, catalogue: QaCatalogue) -> None:
        """Begin with no card; ``catalogue`` holds the shop's codes."""
        super().__init__(around, desk)
        self._catalogue = catalogue
        self._card: CardUnitId | None = None
        self._left: CardUnitId | None = None
        self._row: CardUnitRow | None = None
        self._job_id: JobId | None = None
        self._job: JobRow | None = None
        self._before: tuple[RecordedEvent, ...] = ()
        self._people: dict[str, OperatorRow] = {}
        self._entry = QaEntry()
        self._is_asked_to_finish = False
        self._queue: StationQueue | None = None
        self._has_failed = False

    # -- what is open ----------------------------------------------------------

    def unit_in_hand(self) -> str | None:
        """Return the card under inspection."""
        return self._card

    def logged_off(self) -> None:
        """Leave the card at the bench, without a verdict.

        A terminal that is started anew has no card either: a key would judge a card that
        nobody scanned. The queue shows what is at the bench.
        """
        self._put_away()

    def _put_away(self) -> None:
        self._card, self._left, self._row, self._before = None, None, None, ()
        self._entry = QaEntry()
        self._is_asked_to_finish = False

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
        self._ask_to_finish(self._card)
        return True

    def _ask_to_finish(self, card: CardUnitId) -> None:
        self._is_asked_to_finish = True
        entry = self._entry
        # What is half typed comes before the codes that are taken: Enter is about that first.
        is_typing = bool(entry.typed) and not entry.is_stray
        begun = entry.typed if is_typing else " ".join(entry.chips)
        cure = "Enter takes it, Esc drops it" if is_typing else "Enter fails it, Backspace takes it back"
        self.desk.attention(f"FINISH CARD {short_card(card)} FIRST", f"{shown(begun, 16)}: {cure}.")

    def hurried(self, text: str) -> bool:
        """Keep the card in hand where its codes came as fast as a scan: no label is made of digits alone."""
        if self._card is None or not (text.isascii() and text.isdigit()):
            return False
        self.desk.attention("TYPE IT AGAIN", f"{shown(text, 16)} came as fast as a scan: nothing is taken.")
        return True

    def accepted(self, events: Sequence[Event]) -> None:
        """Take a card that was checked in, put it away with its verdict, take it back with its verdict."""
        self._has_failed = False
        for event in events:
            match event:
                case CardUnitEnteredStation(work=OperationType.QA):
                    self._take(event.card_unit_id)
                case QAResultRecorded():
                    self._put_away()
                    self._has_failed = event.outcome is QAOutcome.FAIL
                case EventCorrected(corrected_event=QAResultRecorded.__name__):
                    self._take(CardUnitId(event.aggregate_id))
                case EventCorrected() if event.aggregate_id == self._card:
                    self._put_away()
                case _:
                    pass
        self.desk.wake()

    def kept(self, request: Request) -> None:
        """Take a card that was scanned, put it away with its verdict."""
        barcode = read_barcode(request.text) if isinstance(request, Scan) else None
        if isinstance(barcode, CardBarcode):
            self._take(barcode.card_unit_id)
        elif isinstance(request, RecordQAResult):
            self._put_away()

    def undone(self, request: Request) -> None:
        """Put away a card whose check-in was refused: there is nothing to judge, and a key would be refused too."""
        barcode = read_barcode(request.text) if isinstance(request, Scan) else None
        if not isinstance(barcode, CardBarcode):
            return
        if barcode.card_unit_id == self._card:
            self._put_away()
            self._job_id = None
        elif barcode.card_unit_id == self._left:
            self._left = None
        self.desk.wake()

    def _take(self, card: CardUnitId) -> None:
        # Scanned once more it is the card that is meant: its codes go on.
        self._is_asked_to_finish = False
        if card != self._card:
            left = self._card
            self._put_away()
            self._card, self._left, self._job_id = card, left, job_of(card)

    async def read(self, reading: Reading) -> bool:
        """Take the card under inspection."""
        if not isinstance(reading, VerdictAsked):
            return False
        self._take(reading.card_unit_id)
        self.desk.inspect()
        self.desk.wake()
        return True

    def scan_refused(self) -> None:
        """Put the card away whose verdict was not begun: the next key would be meant for another one.

        One that was begun is not lost, and takes no key that does not finish it.
        """
        if self._entry.pending:
            self._is_asked_to_finish = True
        else:
            self._put_away()

    async def control(self, control: ControlRead) -> bool:
        """Pass or fail by wall card."""
        match control.verb:
            case ControlVerb.FAIL if control.argument and self._is_asked_to_finish and self._card is not None:
                self._ask_to_finish(self._card)
            case ControlVerb.PASS:
                await self.qa_key("+")
                if self._entry.pending and not self._is_asked_to_finish:
                    self.desk.attention("CODES ARE TAKEN", "Enter fails the card, Backspace takes a code back.")
            case ControlVerb.FAIL if control.argument:
                # The same code twice is one fault.
                codes = dict.fromkeys((*self._entry.chips, control.argument))
                await self._judge(Fail(codes=tuple(codes)))
            case ControlVerb.FAIL if self._entry.chips:
                await self._judge(Fail(codes=self._entry.chips))
            case ControlVerb.FAIL:
                self.desk.attention("WHY?", "Type a code, or scan a FAIL card that names one.")
            case _:
                return False
        return True

    async def qa_key(self, key: str) -> None:
        """Type at the code entry; a verdict that comes of it is recorded."""
        if self._card is None:
            if key == "+":
                self.desk.attention("NO CARD", "Scan the card first, then pass or fail it.")
            return
        if self._is_asked_to_finish and key not in _FINISHING:
            self._ask_to_finish(self._card)
            return
        self._is_asked_to_finish = False
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
        """Read the card in hand first if it is not known yet, then the queue."""
        store, card = self.around.store, self._card
        if card is not None and (self._row is None or changed is None or card in changed):
            row, found = await store.card(card), await store.history(card)
            if card == self._card:
                self._row = row
                self._before = () if found is None else found.events
        if self._job_id is not None and (self._job is None or self._job.job_id != self._job_id):
            self._job = await store.job(self._job_id)
        self._queue = await store.station_queue(self.around.station, QUEUE_LIMIT)
        if changed is None or not self._people:
            self._people = {person.operator_id: person for person in await store.operators()}

    def view(self, now: datetime) -> QaView:
        """Return the code entry, the card's past and the queue."""
        words = self.around.words
        past = history_lines(before_now(self._before), words, self._people)
        # Of a card that was scanned while the database is away nobody here knows what happened to it.
        note = "" if self._card is None else "not read yet"
        if self._row is not None:
            reworked = f"reworked {self._row.rework} time{'' if self._row.rework == 1 else 's'}"
            note = f"inspection {self._row.qa_attempts + 1} · {reworked}"
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
        queue = self._queue
        waiting = 0 if queue is None else queue.ready_total + queue.at_station_total
        grey = replace(grey, counter=str(waiting), counter_caption="waiting")
        if self._card is None:
            return grey
        return replace(
            grey,
            big=self._card.split("-", 2)[2],
            words="INSPECT, THEN PASS OR FAIL",
            instruction=self._left_words() or self._card,
        )

    def _left_words(self) -> str:
        """Say which card was here before this one and got no verdict."""
        return "" if self._left is None else f"{self._left} lies here without a verdict."

    def instruction(self) -> str:
        """Return what to do after a check-in or a verdict."""
        if self._card is None:
            return "to the lead's shelf" if self._has_failed else "scan the next card"
        return self._left_words() or "inspect it: + passes, a code fails"

    def job_line(self) -> str:
        """Return the job of the card in hand or, until the next one is scanned, of the last."""
        return "" if self._job_id is None else f"JOB {self._job_id}"

    def details(self) -> tuple[str, ...]:
        """Return the job's product, and the sheet of the card in hand."""
        job = self._job
        name = () if job is None or job.job_id != self._job_id else (shown(job.product_name, 30),)
        return name if self._card is None else (*name, f"sheet {sheet_number(sheet_of(self._card))}")

    def typing_is_keys(self) -> bool:
        """Say whether a card is in hand: then characters are codes and keys, no ids."""
        return self._card is not None


def before_now(life: Sequence[RecordedEvent]) -> tuple[RecordedEvent, ...]:
    """Return a card's life without the check-in for the inspection that is under way: that is no past of it."""
    now = None
    for version, event in effective_events([entry.event for entry in life]):
        match event:
            case CardUnitEnteredStation(work=OperationType.QA):
                now = version
            case QAResultRecorded():
                now = None
            case _:
                pass
    return tuple(entry for entry in life if entry.version != now)
