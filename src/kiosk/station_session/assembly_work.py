"""ASSEMBLY: the tray that is open, where its missing cards are, and the trays to come.

The open tray is the set of the last card gathered here, or of the label last
scanned here, until it is parked or the log has it at another station. A complete
tray stays on the screen and claims no card any more, whatever becomes of it later:
it may be anywhere. Its label opens it again where it is.
A card that was voided in the tray lies there still: the station says so until the
card was scanned out, or its replacement lies at its place.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.commands import ParkTray
from core.domain.events import (
    AssemblyCompleted,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    Event,
    ReplacementSetAuthorized,
    TrayBrought,
    TrayParked,
    VoidedCardTakenOut,
)
from core.domain.readings import BadgeRead, ControlRead, ControlVerb, Reading, TrayRead
from core.domain.rejections import DuplicateCard, NothingChanged, Rejection, WrongSet
from core.domain.values import AssemblyStatus, CardUnitStatus, OperatorRole
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    assembly_of_card,
    job_of_assembly,
    parse_assembly_id,
    sheet_number,
    sheet_of_assembly,
)
from core.production.barcodes import CardBarcode, read_barcode
from core.production.holding import kept_at_its_place, laid_in_tray
from core.production.requests import Request
from core.projections import AssemblyRow, CardUnitRow, JobRow
from kiosk.printable import shown
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.snapshots.work import AssemblyView
from kiosk.station_session.authorizing import Authorizing
from kiosk.station_session.tray_views import Tray, grid_view, missing_view, next_trays_view, unread_view
from kiosk.station_session.work import Desk, Open, Surroundings, Work
from kiosk.wording.events import Accepted, tray_open
from kiosk.wording.holding import is_kept_already, place_is_kept
from kiosk.wording.spoken import Spoken, short_card
from store.read_models.station_queues import QueueEntry

_NEXT_TRAYS = 12

UNDO_SECONDS = 60.0
"""How long a gathered card may be taken back by key: as long as its tray surely stands before whoever filled it."""

_GONE = "GONE"

_HOW_TO_OPEN = "Scan its set label to open it again."


class AssemblyWork(Work):
    """One assembly station."""

    _tray: AssemblyId | None = None
    _tray_done = False
    _lacks_again = False
    _deed_in: AssemblyId | None = None
    _put_aside: AssemblyId | None = None
    _told_gone: AssemblyId | None = None
    _unauthorized = False
    _moves = 0
    _row: AssemblyRow | None = None
    _cards: tuple[CardUnitRow, ...] = ()
    _job: JobRow | None = None
    _newest: CardUnitId | None = None
    _taken_back: CardUnitId | None = None
    _next: tuple[QueueEntry, ...] = ()
    _next_total = 0
    _is_remembered = False
    _is_read = False

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with no tray open."""
        super().__init__(around, desk)
        self._kept: set[CardUnitId] = set()
        self._authorizing = Authorizing(around, desk)

    # -- what is open ----------------------------------------------------------

    def open(self) -> Open:
        """Return the open tray, unless it is complete: then the next card opens its own."""
        return Open(assembly=None if self._tray_done else self._tray)

    def unit_in_hand(self) -> str | None:
        """Return the set in the open tray."""
        return self._tray

    async def resume(self) -> None:
        """Open the tray again that was filled or scanned here last and is neither parked nor packed."""
        row = await self.around.store.open_tray(self.around.station.station_id)
        if row is not None:
            cards, was_completed = await self.around.store.cards_of(row.sheet_id), await self._was_completed(row)
            # Whole or not at all: a start is cut off where the database is slow, and half a tray would stay.
            self._open_tray(row.assembly_id)
            self._row, self._cards, self._tray_done = row, cards, was_completed
            self._is_as_in(row)

    async def reopen(self, said: bytes) -> None:
        """Open the tray that this screen had open, where the log has several open at this station."""
        tray = parse_assembly_id(said.decode("ascii", "replace"))
        row = None if tray is None or tray == self._tray else await self.around.store.assembly(tray)
        is_here = row is not None and row.open_at == self.around.station.station_id
        if row is not None and is_here and row.status in {AssemblyStatus.PENDING, AssemblyStatus.IN_PROGRESS}:
            cards = await self.around.store.cards_of(row.sheet_id)
            self._open_tray(row.assembly_id)
            self._row, self._cards = row, cards

    async def _was_completed(self, row: AssemblyRow) -> bool:
        """Say whether the tray was complete since anything was laid in or taken out here: nobody knows where it is."""
        found = await self.around.store.history(row.assembly_id)
        for entry in reversed(() if found is None else found.events):
            match entry.event:
                case AssemblyCompleted():
                    return True
                case CardScannedForAssembly():
                    return False
                case TrayBrought(status=status):
                    return status is AssemblyStatus.COMPLETE
                case CardRemovedFromAssembly(station_id=where) if where == self.around.station.station_id:
                    return False
                case _:
                    pass
        return False

    def _is_as_in(self, row: AssemblyRow) -> None:
        is_done = row.status in {AssemblyStatus.COMPLETE, AssemblyStatus.PACKED}
        # It may have gone on to packing: that it lacks a card again does not bring it back here.
        self._tray_done = self._tray_done or is_done
        self._lacks_again = self._tray_done and not is_done
        self._unauthorized = row.needs_authorization

    def undo_seconds(self) -> float | None:
        """Return how long a card that was gathered here may be taken back by key."""
        return UNDO_SECONDS

    def logged_off(self) -> None:
        """Leave the tray where it stands; a manager who was about to authorize is gone."""
        self._authorizing.forget()

    # -- what happens ----------------------------------------------------------

    def accepted(self, events: Sequence[Event]) -> None:
        """Fill the tray at once with what was just gathered or taken out."""
        # What is being read now was true before this.
        self._moves += 1
        self._put_aside = self._told_gone = self._taken_back = None
        for event in events:
            match event:
                case CardScannedForAssembly():
                    if event.assembly_id != self._tray:
                        self._open_tray(event.assembly_id)
                    self._deed_in = event.assembly_id
                    self._tray_done = self._lacks_again = self._unauthorized = False
                    self._newest = event.card_unit_id
                    self._patch(event.card_unit_id, CardUnitStatus.ASSEMBLED)
                case CardRemovedFromAssembly():
                    self._taken_back = event.card_unit_id
                    if event.assembly_id == self._tray:
                        self._newest = None
                        self._tray_done = self._lacks_again = self._unauthorized = False
                        self._patch(event.card_unit_id, CardUnitStatus.QA_PASSED)
                case AssemblyCompleted() if event.assembly_id == self._tray:
                    self._tray_done = True
                    self._unauthorized = bool(event.replacements)
                case ReplacementSetAuthorized() if event.assembly_id == self._tray:
                    self._unauthorized = False
                case VoidedCardTakenOut() if self._row is not None:
                    left = tuple(card for card in self._row.void_in_tray if card != event.card_unit_id)
                    self._row = replace(self._row, void_in_tray=left)
                case TrayBrought():
                    self._opened_by_label(event.assembly_id, event.status, unauthorized=event.needs_authorization)
                case TrayParked() if event.assembly_id == self._tray:
                    self._close_tray()
                case _:
                    pass
        self.desk.wake()

    def _open_tray(self, assembly: AssemblyId) -> None:
        self._tray = assembly
        self._moves += 1
        self._tray_done = self._lacks_again = self._unauthorized = False
        self._row, self._cards, self._newest, self._is_remembered = None, (), None, False
        self._job = None if self._job and self._job.job_id != job_of_assembly(assembly) else self._job

    def _opened_by_label(self, assembly: AssemblyId, status: AssemblyStatus, *, unauthorized: bool) -> None:
        # What is being read now was true before this: it may have the tray complete, and so closed.
        self._moves += 1
        self._told_gone = self._taken_back = None
        was_open = None if self._tray_done else self._tray
        self._put_aside = None if was_open == assembly else was_open
        if assembly != self._tray:
            self._open_tray(assembly)
        self._lacks_again = False
        self._tray_done = status in {AssemblyStatus.COMPLETE, AssemblyStatus.PACKED}
        self._unauthorized = unauthorized

    def _patch(self, card: CardUnitId, status: CardUnitStatus) -> None:
        self._cards = tuple(replace(row, status=status) if row.card_unit_id == card else row for row in self._cards)

    def kept(self, request: Request) -> None:
        """Show a card that was kept as lying in the tray; the log says later whether it does."""
        card = laid_in_tray(request)
        if card is not None:
            self._kept.add(card)
            self._newest = None

    async def before_scan(self, text: str) -> bool:
        """Stop a second card for the place of one that was kept: delivered, only one of them can be right.

        The same card again is harmless, and not kept twice: it may be out of the tray again when that is delivered.
        """
        barcode = read_barcode(text)
        card = barcode.card_unit_id if isinstance(barcode, CardBarcode) else None
        if card is not None and card in self._kept:
            self.desk.attention(*is_kept_already(card), until_back=True)
            return True
        kept = None if card is None else kept_at_its_place(card, sorted(self._kept))
        if kept is not None:
            self.desk.attention(*place_is_kept(kept), until_back=True)
        return kept is not None

    def delivered(self) -> None:
        """Show the tray as the log has it."""
        self._kept.clear()
        self.desk.wake()

    def as_known(self, refusal: Rejection) -> Rejection:
        """Say of a card of another sheet what the open tray lacks, as it was last read here."""
        tray = self._seen()
        if not isinstance(refusal, WrongSet) or refusal.missing or tray is None:
            return refusal
        return replace(refusal, missing=tray.missing)

    def as_said_here(self, refusal: Rejection, words: Spoken) -> Spoken:
        """Say of a card of a complete set that needs a manager what the set waits for: no tray goes on before."""
        is_of_it = isinstance(refusal, DuplicateCard) and refusal.assembly_id == self._tray and not refusal.missing
        return replace(words, cure=self._authorize_words()) if is_of_it and self._needs_manager() else words

    def memory(self) -> bytes:
        """Return which tray is open, and whether it takes cards."""
        return b"" if self._tray is None or self._tray_done else self._tray.encode()

    def remember(self, said: bytes) -> None:
        """Open the tray again that was open before, unless another is open by now."""
        tray = parse_assembly_id(said.decode("ascii", "replace"))
        if tray is not None and self._tray is None:
            self._open_tray(tray)
            self._is_remembered = True

    async def read(self, reading: Reading) -> bool:
        """Show the tray whose label was scanned where it is open already, or a packed set's."""
        if not isinstance(reading, TrayRead):
            return False
        self._opened_by_label(reading.assembly_id, reading.status, unauthorized=reading.needs_authorization)
        self.desk.wake()
        if reading.needs_authorization:
            # Nothing was done, and the set goes no further: what is asked for is amber, until it was done.
            self.desk.put_away()
            self.desk.inspect()
            return True
        said = tray_open(reading.assembly_id, missing=len(reading.missing), status=reading.status)
        self.desk.say(said, self._told_aside("") if reading.status is AssemblyStatus.PACKED else self.instruction())
        return True

    async def control(self, control: ControlRead) -> bool:
        """Park the tray by wall card."""
        if control.verb is not ControlVerb.PARK:
            return False
        await self._park()
        return True

    async def pressed(self, intent: Intent) -> None:
        """Park the tray."""
        if intent is Intent.PARK_TRAY:
            await self._park()

    async def _park(self) -> None:
        tray = self._tray
        if tray is None:
            self.desk.attention("NO TRAY OPEN", "Scan a card or a set's label to open one.")
            return
        command = ParkTray(
            at=self.desk.now(),
            operator_id=self.desk.operator_id,
            station_id=self.around.station.station_id,
            assembly_id=tray,
        )
        asked = await self.desk.run_quietly(command)
        if isinstance(asked.answer, NothingChanged):
            # Others parked it here, or have it: it was open on this screen only.
            self._close_tray()
            said = Accepted(big="CLOSED", words=f"TRAY {sheet_of_assembly(tray)} IS OPEN HERE NO MORE", short="closed")
            self.desk.say(said, _HOW_TO_OPEN)
            self.desk.wake()
            return
        self.desk.tell(asked, name=tray)
        if self._tray is None:
            self.desk.remark(_HOW_TO_OPEN)

    def _close_tray(self) -> None:
        self._tray, self._row, self._cards, self._newest = None, None, (), None
        self._moves += 1
        self._tray_done = self._lacks_again = self._unauthorized = False

    # -- authorization ---------------------------------------------------------

    def _needs_manager(self) -> bool:
        return self._tray is not None and self._tray_done and self._unauthorized

    def _authorize_words(self) -> str:
        return "A manager who gathered none of it scans a badge here."

    async def badge(self, person: BadgeRead) -> bool:
        """Take a manager's badge as the first half of an authorization, where one is due."""
        if not self._needs_manager() or OperatorRole.MANAGER not in person.roles:
            return False
        tray = self._tray
        row = self._row
        if row is None and tray is not None:
            row = await self.desk.look_up(lambda: self.around.store.assembly(tray))
            if tray == self._tray:
                self._row = row
        await self._authorizing.begin(person, row)
        return True

    async def pin_given(self, pin: str | None) -> None:
        """Authorize the set, or leave it as it is."""
        await self._authorizing.pin_given(pin)

    async def answered(self, value: str) -> None:
        """Leave the set as it is: the manager went away without a PIN."""
        del value
        self._authorizing.forget()

    # -- what is shown ---------------------------------------------------------

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read the open tray and the trays to come again."""
        store, tray, moves = self.around.store, self._tray, self._moves
        del changed
        if tray is not None:
            row = await store.assembly(tray)
            cards = await store.cards_of(sheet_of_assembly(tray))
            job = self._job
            if job is None or job.job_id != job_of_assembly(tray):
                job = await store.job(job_of_assembly(tray))
            # A card that went in meanwhile is newer than what was read; that is read again at once.
            if moves == self._moves and row is not None:
                known = () if self._row is None else self._row.void_in_tray
                self._row, self._cards, self._job = row, cards, job
                self._is_as_in(row)
                if self._has_left(row):
                    self._let_go(row)
                elif set(row.void_in_tray) - set(known):
                    # Whoever stands here must look up: somebody else voided a card of this tray.
                    self.desk.inspect()
        if self._told_gone is not None:
            await self._withdraw_if_over(self._told_gone)
        queue = await store.station_queue(self.around.station, _NEXT_TRAYS)
        self._next, self._next_total, self._is_read = queue.ready, queue.ready_total, True

    def _has_left(self, row: AssemblyRow) -> bool:
        """Say whether the log has the tray at another station, where its label was scanned or a card laid into it."""
        is_elsewhere = row.last_station_id not in {None, self.around.station.station_id}
        return is_elsewhere and row.status is not AssemblyStatus.PACKED

    def _let_go(self, row: AssemblyRow) -> None:
        """Close a tray that others carried away; whoever stands here must look up where it was being filled."""
        was_done = self._tray_done
        if row.assembly_id == self._deed_in:
            # F2 is about what lies before whoever presses it.
            self._deed_in = None
            self.desk.forget()
        self._close_tray()
        if not was_done:
            sheet = sheet_of_assembly(row.assembly_id)
            self._told_gone = row.assembly_id
            self.desk.attention(
                f"TRAY IS AT {shown(row.last_station_id or '', 16)}",
                f"Tray {sheet} is open there, not here.",
                big=_GONE,
            )

    async def _withdraw_if_over(self, tray: AssemblyId) -> None:
        """Say no more where a tray is that was carried away: its set is complete, so nobody looks for it."""
        row = await self.around.store.assembly(tray)
        if self._told_gone == tray and (row is None or row.status in {AssemblyStatus.COMPLETE, AssemblyStatus.PACKED}):
            self._told_gone = None
            self.desk.withdraw(_GONE)

    def _seen(self) -> Tray | None:
        """Return the open tray as it was last read, None where it was not yet."""
        if self._row is None:
            return None
        return Tray(row=self._row, cards=self._cards, newest=self._newest, kept=self._kept)

    def view(self, now: datetime) -> AssemblyView:
        """Return the tray as it lies, what it lacks, and the trays to come."""
        tray, words = self._seen(), self.around.words
        # A tray that was opened just now is read in a moment, and not worth a word.
        is_unread = tray is None and (self._is_remembered or not self._is_read)
        return AssemblyView(
            unread=unread_view(self._tray, self._kept) if is_unread else None,
            grid=None if tray is None else grid_view(tray, words),
            missing=missing_view(tray, now, words),
            next_trays=next_trays_view(self._next, self._next_total, self._tray, self.around.station.station_id),
        )

    def ready(self) -> VerdictView:
        """Return the imperative with how full the tray is."""
        tray = self._seen()
        grey = super().ready()
        if tray is not None:
            counter = f"{tray.held}/{tray.row.expected_count}"
            grey = replace(grey, counter=counter, counter_caption=f"in tray {tray.row.sheet_id}")
            for card in tray.void.values():
                return replace(
                    grey,
                    state=VerdictState.ATTENTION,
                    big=f"OUT {short_card(card)}",
                    words=f"{card} IS VOID",
                    instruction="take it out of the tray, then scan it",
                )
        if self._needs_manager():
            return replace(
                grey,
                state=VerdictState.ATTENTION,
                big="MANAGER",
                words="SET HOLDS A REPLACEMENT",
                instruction=self._authorize_words(),
            )
        if tray is None and self._tray is not None:
            return replace(grey, instruction=f"Tray {sheet_of_assembly(self._tray)} is open: scan its next card.")
        if tray is None:
            if self.desk.is_keeping:
                return replace(grey, big="NOT NOW", instruction="No tray opens offline: lay cards aside.")
            return replace(grey, instruction="The first card opens its set.")
        if self._lacks_again:
            return replace(
                grey,
                big="OPEN",
                words="SET LACKS A CARD AGAIN",
                instruction="Scan its label where the tray is, or the next card.",
            )
        if self._tray_done:
            then = "lay further cards aside" if self.desk.is_keeping else "then scan the next card"
            return replace(grey, big="DONE", words="SET COMPLETE", instruction=f"Pass the tray to packing, {then}.")
        return grey

    def instruction(self) -> str:
        """Return what to do after a card went in or came out, and which tray a label put away."""
        return self._told_aside(self._next_step())

    def _told_aside(self, step: str) -> str:
        if self._put_aside is None:
            return step
        return f"{sheet_of_assembly(self._put_aside)} put aside; {step}".removesuffix("; ")

    def _next_step(self) -> str:
        tray = self._seen()
        if self._taken_back is not None:
            # The log has it out of the tray; it lies there until somebody lifts it.
            is_open = assembly_of_card(self._taken_back) == self._tray
            return f"take {short_card(self._taken_back) if is_open else self._taken_back} out of the tray"
        for card in tray.void.values() if tray is not None else ():
            return f"take card {short_card(card)} out of the tray: it is void"
        if self._needs_manager():
            return self._authorize_words()
        if self._tray_done:
            return "Pass the tray to packing."
        return "now scan the next card"

    def job_line(self) -> str:
        """Return the job of the open tray."""
        return "" if self._tray is None else f"JOB {job_of_assembly(self._tray)}"

    def details(self) -> tuple[str, ...]:
        """Return product and sheet of the open tray."""
        if self._tray is None:
            return ()
        number = sheet_number(sheet_of_assembly(self._tray))
        if self._job is None:
            return (f"sheet {number}",)
        return (shown(self._job.product_name, 30), f"sheet {number} of {self._job.sheet_count}")
