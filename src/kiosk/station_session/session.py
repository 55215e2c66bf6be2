"""The session of one station: works off its inputs in order and says what is to be shown.

One input at a time: a scan gets its verdict before the next one is looked at, so a
scan that follows a wrong card too quickly falls under the stop. A terminal that is
started anew first finds again what it was: the stop that stands, and what is open.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from core.domain.readings import BadgeRead, ControlRead, ControlVerb, Reading
from core.domain.rejections import Refusal
from core.identity.ids import OperatorId, StationId
from core.production.barcodes import ControlBarcode, read_barcode
from core.production.damaged import DamagedScan, refuse_damaged
from core.production.holding import MustWait, WholeTruth
from core.production.scan import Scan
from kiosk.printable import shown
from kiosk.snapshots.dialogs import PinView, QuestionView
from kiosk.snapshots.frame import NextScanView, ScannerState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.asking import Asking, Kept
from kiosk.station_session.beside import Beside
from kiosk.station_session.controls import Controls
from kiosk.station_session.desk import Signals, StationDesk, name_of
from kiosk.station_session.discreet import discreet, echoed
from kiosk.station_session.exceptions import Exceptions
from kiosk.station_session.inputs import (
    Answered,
    BadgeChanged,
    Found,
    Input,
    PinGiven,
    Pressed,
    QaKey,
    Returned,
    ScanDamaged,
    Scanned,
)
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.misreads import Misreads
from kiosk.station_session.replaying import Replay
from kiosk.station_session.resuming import Resuming
from kiosk.station_session.showing import Screen, snapshot_of
from kiosk.station_session.upkeep import Upkeep
from kiosk.station_session.work import Desk, Surroundings, Work
from kiosk.wording.holding import cannot_keep
from kiosk.wording.rejections import spoken
from store.commands import Accepted
from store.errors import StoreError, StoreUnavailable

_LOG = logging.getLogger(__name__)


def _is_right_on_any_page(happened: Input) -> bool:
    """Say whether an input means no page: whoever logged off must not be logged on any more."""
    return isinstance(happened, Returned | BadgeChanged) or happened == Pressed(Intent.LOG_OFF)


WorkFactory = Callable[[Surroundings, Desk], Work]


class StationSession:
    """One station at work. ``publish`` is called whenever there is something new to show."""

    def __init__(
        self,
        around: Surroundings,
        make_work: WorkFactory,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        new_id: Callable[[], UUID],
        publish: Callable[[], None],
        process: str,
        version: str,
        may_end: bool = False,
        keeping: Keeping | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Begin with nobody logged on.

        ``clock`` is UTC and may be set; ``monotonic`` counts seconds and may not.
        ``new_id`` makes command ids. ``keeping`` holds scans while the database is away;
        ``prepare`` is awaited before the first of them is delivered.
        """
        self._keeping = keeping or Keeping()
        self._prepare = prepare
        self._monotonic = monotonic
        self._ignored = 0
        self._unseen: int | None = None
        """The question that the terminal has no room for."""
        self._halts = 0
        self._around = around
        self._publish = publish
        self._inputs: asyncio.Queue[tuple[int, Input]] = asyncio.Queue()
        self._made = self._outrun = 0
        self._scans_behind = 0
        self._was_late = self._fell_silent = False
        self._asking = Asking(
            around.store,
            monotonic=monotonic,
            new_id=new_id,
            changed=self._connection_changed,
            keeping=self._keeping,
        )
        self._keeping.changed = publish
        self._beside = Beside(around.store, self._asking, clock=clock, drained=self._delivered_beside)
        self._upkeep = Upkeep(
            around,
            self._asking,
            monotonic=monotonic,
            publish=publish,
            changed=lambda: self.put(BadgeChanged()),
            read=self._was_read,
            process=process,
            version=version,
        )
        signals = Signals(
            publish=publish,
            wake=self._upkeep.news.add,
            beat=self._upkeep.beat,
            waiting=lambda: self._scans_behind,
            newest=lambda: self._made,
        )
        self._desk = StationDesk(around, self._asking, signals, clock=clock, monotonic=monotonic)
        self._exceptions = Exceptions(around, self._desk)
        self._upkeep.attend(self._desk, self._exceptions)
        self._resuming = Resuming(
            self._asking, self._desk, self._exceptions, everything_is_news=self._upkeep.everything_is_news
        )
        self._misreads = Misreads(around.store, monotonic=monotonic, new_id=new_id)
        self._controls = Controls(around, self._asking, self._desk, self._exceptions, beat=self._upkeep.beat)
        self._screen = Screen(may_end=may_end)
        self.work = self._desk.sit_down(make_work(around, self._desk))
        self._replay = Replay(
            around.store,
            around.station.station_id,
            self._asking,
            self._keeping,
            clock=clock,
            drained=self._all_delivered,
            undone=self.work.undone,
            stops_nobody=self._desk.stops.is_not_logged,
        )

    # -- inputs ----------------------------------------------------------------

    def put(self, happened: Input) -> None:
        """Take an input; it is worked off after those before it, or ignored while the line stands."""
        happened = discreet(happened, self._around.station)
        if self._asking.halted is not None and not isinstance(happened, Returned):
            if isinstance(happened, Scanned):
                _LOG.warning("the line stands: ignored a scan of %s", shown(happened.text, 64))
                self._ignored += 1
                self._publish()
            return
        self._made += 1
        self._inputs.put_nowait((self._made, happened))
        if isinstance(happened, Scanned):
            self._scans_behind += 1
            if self._was_late and (self._asking.waits_for is not None or not self._asking.is_keeping):
                self._desk.band.count()
                self._publish()

    def scanner_is(self, state: ScannerState) -> None:
        """Take note of how the scanner is."""
        if state is not self._screen.scanner:
            self._screen.scanner = state
            self._publish()

    def typed(self, text: str) -> None:
        """Echo what is typed as a code so far; ``text`` is escaped already."""
        text = echoed(text, self._around.station)
        if text != self._screen.typed:
            self._screen.typed = text
            self._publish()

    def suggest(self, next_scan: NextScanView | None) -> None:
        """Show what could be scanned next; the demo's hint."""
        if next_scan != self._screen.next_scan:
            self._screen.next_scan = next_scan
            self._publish()

    def wake(self) -> None:
        """Read again what is shown."""
        self._desk.wake()

    # -- running ---------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled: inputs, changes of other stations, the clock, the heartbeat."""
        if self._prepare is not None:
            # Whoever started this without the database has asked it already, in vain.
            self._asking.silent()
        self._desk.wake()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._work())
            tasks.create_task(self._upkeep.follow_changes())
            tasks.create_task(self._upkeep.keep_reading())
            tasks.create_task(self._upkeep.tick())
            tasks.create_task(self._upkeep.keep_beating())
            tasks.create_task(self._upkeep.keep_knowing())
            tasks.create_task(self._misreads.run())
            if self._keeping.is_on:
                tasks.create_task(self._deliver_what_was_kept())
                tasks.create_task(self._beside.run())
                tasks.create_task(self._upkeep.keep_remembering())

    async def settled(self) -> None:
        """Return when the station is what it was, and every input so far has had its verdict."""
        await self._resuming.over.wait()
        await self._inputs.join()

    async def leave(self) -> None:
        """Say to the leads that this kiosk is gone on purpose; the last thing that a session does."""
        await self._upkeep.leave()

    async def _work(self) -> None:
        # Nothing is worked off before it is known whether a stop stands, and what is open.
        await self._resuming.run()
        self._upkeep.may_remember = True
        self._upkeep.beat()
        self._publish()
        while True:
            number, happened = await self._inputs.get()
            if isinstance(happened, Scanned):
                self._scans_behind -= 1
            try:
                if number > self._outrun or _is_right_on_any_page(happened):
                    await self._in_time(happened, number)
            finally:
                self._inputs.task_done()
                self._publish()

    async def _in_time(self, happened: Input, number: int) -> None:
        """Work off an input; on pages, what was put in while the database was silent over it is dropped."""
        self._fell_silent = False
        await self._guarded(happened, number)
        if self.work.turns_pages and self._fell_silent and self._made > number:
            _LOG.warning("dropped what was scanned or pressed on a page while the database was silent")
            self._outrun = self._made

    async def _deliver_what_was_kept(self) -> None:
        if self._prepare is not None:
            await self._asking.look_up(self._prepare)
        await self._keeping.known.wait()
        if not self._keeping.count:
            self.put(Returned())
        await self._replay.run()

    def _was_read(self) -> None:
        """Find again what was looked for in vain, now that the database answers."""
        if self._resuming.is_due():
            self.put(Returned())

    def _delivered_beside(self, station_id: StationId, delivered: int, refused: int) -> None:
        words = f"{delivered} delivered" + (f", {refused} refused" if refused else "")
        self._desk.note(station_id, VerdictState.ATTENTION if refused else VerdictState.ACCEPTED, words)
        self._publish()

    def _all_delivered(self, delivered: int, refused: int) -> None:
        """Go on as ever; called when nothing is kept any more."""
        desk = self._desk
        if refused:
            self._resuming.list_is_longer()
            desk.note("KEPT HERE", VerdictState.ATTENTION, f"{refused} refused")
        if delivered:
            desk.note("KEPT HERE", VerdictState.ACCEPTED, f"{delivered} delivered")
        self.work.delivered()
        self._upkeep.everything_is_news()
        self._upkeep.beat()
        self.put(Returned())
        self._publish()

    async def _guarded(self, happened: Input, number: int) -> None:
        desk = self._desk
        try:
            await self._handle(happened, number)
        except StoreUnavailable as error:
            # Something was only looked up: what is to be recorded is asked for until it is answered.
            _LOG.warning("could not be looked up: %s", error)
            self._asking.missed()
            if self.work.turns_pages:
                desk.waits(MustWait(WholeTruth.FLOOR))
            else:
                desk.attention("NO ANSWER", "The database does not answer. Try again.", until_back=True)
        except StoreError:
            _LOG.exception("the database refused to answer")
            desk.attention("NOT RECORDED", "The database reported a fault. Scan again; if it stays, call the lead.")
        except Exception:  # noqa: BLE001 - the last guard: a defect must not stop the line, and the log has it
            _LOG.exception("an input could not be worked off")
            desk.attention(
                "SOMETHING WENT WRONG", "Nothing was shown as accepted. Scan again; if it stays, call the lead."
            )

    async def _handle(self, happened: Input, number: int) -> None:
        desk = self._desk
        if isinstance(happened, Returned):
            await self._resuming.catch_up()
            return
        if isinstance(happened, BadgeChanged):
            self._controls.badge_is(self._upkeep.badge_here)
            return
        if isinstance(happened, ScanDamaged):
            self._misreads.take(self._damaged(happened))
        if desk.stops.standing is not None:
            await desk.stops.meanwhile(desk.stops.standing, happened, number, desk.operator_id)
            return
        match happened:
            case Scanned(text, is_typed=True) | ScanDamaged(read=text, is_typed=True) if self.work.hurried(text):
                pass
            case Scanned(text, at):
                if desk.goes_on_asking(happened):
                    return
                if desk.question is None or not await self._answered_by_card(desk.question, text):
                    await self._scanned(text, at)
            case ScanDamaged(read=read):
                self.work.scan_refused()
                words = spoken(refuse_damaged(self._damaged(happened)), self._around.words)
                if desk.person is None:
                    desk.log_on_problem = words.text
                desk.band.attention(words)
                desk.note(read or "a scan", VerdictState.ATTENTION, "not read whole")
            case Pressed(intent):
                await self._controls.pressed(intent)
            case QaKey(key, card):
                in_hand = self.work.unit_in_hand() or ""
                if desk.person is not None and card != in_hand:
                    # Pressed for what the screen showed then: it judges no other card, and says so.
                    now = f"{in_hand} is in hand: look at it, then press again." if in_hand else "Scan the card first."
                    desk.attention("KEY NOT TAKEN", now)
                elif desk.person is not None:
                    await self.work.qa_key(key)
            case Found(text):
                await self.work.found(text)
            case Answered(serial, value):
                if self._is_asked(serial):
                    self._close_question()
                    if self._exceptions.is_asked(serial):
                        await self._exceptions.answered(value)
                    else:
                        await self.work.answered(value)
            case PinGiven(serial, pin):
                if self._is_asked(serial):
                    self._close_question()
                    await self.work.pin_given(pin)
            case other:
                assert_never(other)

    def _damaged(self, happened: ScanDamaged) -> DamagedScan:
        return DamagedScan(
            read=happened.read,
            reason=happened.reason,
            detail=happened.detail,
            station=self._around.station,
            operator_id=self._desk.operator_id,
            at=happened.at,
        )

    # -- questions ---------------------------------------------------------------

    def question_seen(self, serial: int, *, is_seen: bool) -> None:
        """Take note whether the terminal has room for a question; one that is not seen takes no YES."""
        self._unseen = None if is_seen else serial

    def _is_asked(self, serial: int) -> bool:
        return self._desk.question is not None and self._desk.question.serial == serial

    def _close_question(self) -> None:
        self._desk.question = None
        self._publish()

    async def _answered_by_card(self, question: QuestionView | PinView, text: str) -> bool:
        """Take a wall card as the answer; any other scan leaves the question and is worked off."""
        barcode = read_barcode(text)
        verb = barcode.verb if isinstance(barcode, ControlBarcode) else None
        choices = question.choices if isinstance(question, QuestionView) else ()
        only = choices[0].value if len(choices) == 1 else ""
        if verb is ControlVerb.YES and question.serial == self._unseen:
            self._desk.attention(
                "NOT READ", "This terminal is too small for what is asked: make it larger, or press Esc."
            )
            return True
        if verb is ControlVerb.YES and not only:
            self._desk.attention("CHOOSE", "YES is no answer to this. Press one of the keys shown.")
            return True
        self._close_question()
        value = only if verb is ControlVerb.YES else ""
        if self._exceptions.is_asked(question.serial):
            await self._exceptions.answered(value)
        else:
            await self.work.answered(value)
        return verb in {ControlVerb.YES, ControlVerb.NO}

    # -- scans -----------------------------------------------------------------

    async def _scanned(self, text: str, at: datetime) -> None:
        if await self.work.before_scan(text):
            return
        is_open = self.work.open()
        scan = Scan(
            text=text,
            station=self._around.station,
            operator_id=self._desk.operator_id,
            at=at,
            open_assembly=is_open.assembly,
            open_pack=is_open.pack,
            awaited=is_open.awaited,
        )
        asked = await self._asking.run(scan)
        answer = asked.answer
        if isinstance(answer, Accepted):
            self._desk.tell(asked, name=name_of(scan))
            await self._ask_after(answer)
        elif isinstance(answer, Kept | MustWait):
            self._desk.tell(asked, name=name_of(scan))
        elif isinstance(answer, Refusal):
            self.work.scan_refused()
            self._desk.tell(replace(asked, answer=self.work.as_known(answer)), name=name_of(scan))
        else:
            await self._act_on(answer)

    async def _ask_after(self, outcome: Accepted) -> None:
        """Let the role ask what it needs to know of what was just recorded."""
        try:
            await self._desk.look_up(lambda: self.work.ask_after(outcome.events))
        except StoreUnavailable as error:
            # The same code scanned again asks as well; green stays green.
            _LOG.warning("could not be asked: %s", error)
            self._asking.missed()

    async def _act_on(self, reading: Reading) -> None:
        match reading:
            case BadgeRead():
                await self._controls.badge(reading)
            case ControlRead():
                await self._controls.wall_card(reading)
            case _:
                # A code that was understood ends an amber verdict, whatever the role makes of it.
                self._desk.band.clear()
                await self.work.read(reading)

    # -- what is shown ---------------------------------------------------------

    @property
    def operator_id(self) -> OperatorId | None:
        """Who is logged on."""
        return self._desk.operator_id

    def now(self) -> datetime:
        """The present moment, UTC."""
        return self._desk.now()

    @property
    def is_well(self) -> bool:
        """Whether the session goes on; False once it has stood still for seconds."""
        return self._upkeep.is_ticking

    def snapshot(self) -> StationSnapshot:
        """Return everything that is to be shown now. Reads nothing, and never fails."""
        halted = None
        if self._asking.halted is not None:
            clock = self._around.words.clock(self._desk.now())
            halted = cannot_keep(self._asking.halted, ignored=self._ignored, stamp=clock, serial=self._halts)
        return snapshot_of(
            self._around,
            self._asking,
            self._desk,
            self._screen,
            self._exceptions,
            behind=self._scans_behind,
            halted=halted,
            other_kiosk=self._upkeep.other_kiosk,
        )

    def _connection_changed(self) -> None:
        """Number a database that fell silent, so that it sounds once, and show how it is."""
        if self._asking.halted is None:
            self._ignored = 0
        if self._asking.is_late and not self._was_late:
            self._desk.band.count()
            if self._keeping.is_on:
                # Read until an answer comes: what was given up here would never tell that the database is back.
                self._upkeep.everything_is_news()
        self._was_late = self._asking.is_late
        self._fell_silent |= self._was_late
        self._publish()
