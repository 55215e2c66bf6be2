"""The session of one station: works off its inputs in order and says what is to be shown.

One input at a time: a scan gets its verdict before the next one is looked at, so a
scan that follows a wrong card too quickly falls under the stop. The verdict is
published as soon as it is known; what the screen shows besides is read afterwards,
on a connection of its own.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from core.domain.commands import CallForHelp, Command
from core.domain.readings import (
    BadgeRead,
    ControlRead,
    ControlVerb,
    Reading,
)
from core.domain.rejections import NothingChanged, NothingToUndo, Refusal, Rejection
from core.domain.values import OperatorRole
from core.identity.ids import OperatorId, canonical
from core.production.corrections import Recorded, undo_of
from core.production.scan import BadgeBarcode, ControlBarcode, Scan, plain, read_barcode
from kiosk.printable import shown
from kiosk.snapshots import (
    ConnectionState,
    FooterKey,
    FooterView,
    HeaderView,
    Intent,
    LastScansView,
    NextScanView,
    PinView,
    QuestionView,
    ScanLine,
    ScannerState,
    StationRole,
    StationSnapshot,
    VerdictState,
    VerdictView,
    WorkView,
)
from kiosk.station_session.asking import Asking, Lateness
from kiosk.station_session.inputs import (
    Answered,
    Found,
    Input,
    PinGiven,
    Pressed,
    QaKey,
    ScanDamaged,
    Scanned,
)
from kiosk.station_session.showing import FAULT, header_of, log_on_view, verdict_of
from kiosk.station_session.verdicts import (
    ACCEPTED_SECONDS,
    Stop,
    VerdictBand,
)
from kiosk.station_session.work import Desk, Surroundings, Work
from kiosk.wording.events import Accepted as SaidAccepted
from kiosk.wording.events import accepted as say_accepted
from kiosk.wording.rejections import spoken
from kiosk.wording.spoken import Severity
from store.commands import Accepted
from store.errors import StoreError, StoreUnavailable
from store.read_models.presence import Presence

_LOG = logging.getLogger(__name__)

_LAST_SCANS = 24
_BEAT_SECONDS = 5.0
_TICK_SECONDS = 0.25
_RETRY_SECONDS = 1.0
_LEAVE_SECONDS = 1.0

_BADGE_FIRST = "Scan your badge first."
_RELEASE_FOOTER = FooterView(keys=(FooterKey(key="R", label="Clear the stop", intent=Intent.RELEASE_STOP),))
_NO_FOOTER = FooterView()

END_DEMO = FooterKey(key="Ctrl+Q", label="End", intent=Intent.END)
"""The one way out, on the footer of demos only."""

WorkFactory = Callable[[Surroundings, Desk], Work]


class StationSession:
    """One station at work. ``publish`` is called whenever there is something new to show."""

    def __init__(
        self,
        around: Surroundings,
        make_work: WorkFactory,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], UUID],
        publish: Callable[[], None],
        process: str,
        version: str,
        may_end: bool = False,
    ) -> None:
        """Begin with nobody logged on; ``clock`` is UTC, ``new_id`` makes command ids."""
        self._around = around
        self._clock = clock
        self._publish = publish
        self._asking = Asking(around.store, clock=clock, new_id=new_id, changed=self._connection_changed)
        self._process = process
        self._version = version
        self._may_end = may_end
        self._beat_now = asyncio.Event()
        self._inputs: asyncio.Queue[Input] = asyncio.Queue()
        self._scans_behind = 0
        self._band = VerdictBand()
        self._stop: Stop | None = None
        self._stops = 0
        self._behind_stop = 0
        self._operator: BadgeRead | None = None
        self._log_on_problem = ""
        self._scans: deque[ScanLine] = deque(maxlen=_LAST_SCANS)
        self._undoable: tuple[Recorded, ...] = ()
        self._undoable_at: datetime | None = None
        self._undoable_line: ScanLine | None = None
        self._question: QuestionView | PinView | None = None
        self._questions = 0
        self._is_late = False
        self._scanner = ScannerState.KEYBOARD
        self._typed = ""
        self._next_scan: NextScanView | None = None
        self._changed: set[str] | None = None
        self._wake = asyncio.Event()
        self._moved = ("", "", False)
        self.work = make_work(around, self)

    # -- inputs ----------------------------------------------------------------

    def put(self, happened: Input) -> None:
        """Take an input; it is worked off after those before it."""
        self._inputs.put_nowait(happened)
        if isinstance(happened, Scanned):
            self._scans_behind += 1
            if self._is_late:
                self._band.count()
                self._publish()

    def scanner_is(self, state: ScannerState) -> None:
        """Take note of how the scanner is."""
        if state is not self._scanner:
            self._scanner = state
            self._publish()

    def typed(self, text: str) -> None:
        """Echo what is typed as a code so far; ``text`` is escaped already."""
        if text != self._typed:
            self._typed = text
            self._publish()

    def suggest(self, next_scan: NextScanView | None) -> None:
        """Show what could be scanned next; the demo's hint."""
        if next_scan != self._next_scan:
            self._next_scan = next_scan
            self._publish()

    # -- running ---------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled: inputs, changes of other stations, the clock, the heartbeat."""
        self._changed = None
        self._wake.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._work_off_inputs())
            tasks.create_task(self._follow_changes())
            tasks.create_task(self._refresh_when_woken())
            tasks.create_task(self._tick())
            tasks.create_task(self._beat())

    async def settled(self) -> None:
        """Return when every input so far has had its verdict."""
        await self._inputs.join()

    async def _work_off_inputs(self) -> None:
        while True:
            happened = await self._inputs.get()
            if isinstance(happened, Scanned):
                self._scans_behind -= 1
            try:
                await self._handle(happened)
            except StoreUnavailable as error:
                # Something was only looked up: what is to be recorded is asked for until it is answered.
                _LOG.warning("could not be looked up: %s", error)
                self._asking.missed()
                self.attention("NO ANSWER", "The database does not answer. Try again.")
            except StoreError:
                _LOG.exception("the database refused to answer")
                self._band.say(
                    VerdictState.ATTENTION,
                    big="AGAIN",
                    words="NOT RECORDED",
                    instruction="The database reported a fault. Scan again; if it stays, call the lead.",
                )
            except Exception:  # noqa: BLE001 - the last guard: a defect must not stop the line, and the log has it
                _LOG.exception("an input could not be worked off")
                self._band.say(
                    VerdictState.ATTENTION,
                    big="AGAIN",
                    words="SOMETHING WENT WRONG",
                    instruction="Nothing was shown as accepted. Scan again; if it stays, call the lead.",
                )
            finally:
                self._inputs.task_done()
                self._publish()

    async def _handle(self, happened: Input) -> None:
        if self._stop is not None:
            await self._while_stopped(self._stop, happened)
            return
        match happened:
            case Scanned(text, at):
                if self._question is None or not await self._answered_by_card(self._question, text):
                    await self._scanned(text, at)
            case ScanDamaged(why):
                self.work.scan_refused()
                self._band.say(VerdictState.ATTENTION, big="AGAIN", words="SCAN AGAIN", instruction=why)
            case Pressed(intent):
                await self._pressed(intent)
            case QaKey(key, card):
                # A key pressed for a card that is no longer in hand is a key for no card.
                if self._operator is not None and card in {"", self.work.unit_in_hand()}:
                    await self.work.qa_key(key)
            case Found(text):
                await self.work.found(text)
            case Answered(serial, value):
                if self._is_asked(serial):
                    self._question = None
                    self._publish()
                    await self.work.answered(value)
            case PinGiven(serial, pin):
                if self._is_asked(serial):
                    self._question = None
                    self._publish()
                    await self.work.pin_given(pin)
            case other:
                assert_never(other)

    def _is_asked(self, serial: int) -> bool:
        return self._question is not None and self._question.serial == serial

    async def _answered_by_card(self, question: QuestionView | PinView, text: str) -> bool:
        """Take a wall card as the answer; any other scan leaves the question and is worked off."""
        barcode = read_barcode(text)
        verb = barcode.verb if isinstance(barcode, ControlBarcode) else None
        choices = question.choices if isinstance(question, QuestionView) else ()
        only = choices[0].value if len(choices) == 1 else ""
        if verb is ControlVerb.YES and not only:
            self.attention("CHOOSE", "YES is no answer to this. Press one of the keys shown.")
            return True
        self._question = None
        self._publish()
        await self.work.answered(only if verb is ControlVerb.YES else "")
        return verb in {ControlVerb.YES, ControlVerb.NO}

    # -- scans -----------------------------------------------------------------

    async def _scanned(self, text: str, at: datetime) -> None:
        if await self.work.before_scan(text):
            return
        is_open = self.work.open()
        scan = Scan(
            text=text,
            station=self._around.station,
            operator_id=self.operator_id,
            at=at,
            open_assembly=is_open.assembly,
            tray_brought=is_open.tray_brought,
            open_pack=is_open.pack,
            awaited=is_open.awaited,
        )
        outcome = await self._asking.run(scan)
        if isinstance(outcome, Accepted):
            self._record(text, outcome)
            await self._ask_after(outcome)
        elif isinstance(outcome, Refusal):
            self.work.scan_refused()
            self._refuse(text, outcome)
        else:
            await self._act_on(outcome)

    async def _ask_after(self, outcome: Accepted) -> None:
        """Let the role ask what it needs to know of what was just recorded."""
        try:
            await self.work.ask_after(outcome.events)
        except StoreUnavailable as error:
            # The same code scanned again asks as well; green stays green.
            _LOG.warning("could not be asked: %s", error)
            self._asking.missed()

    def _record(self, text: str, outcome: Accepted) -> None:
        now = self.now()
        said = say_accepted(outcome.events, self._around.words)
        self.work.accepted(outcome.events)
        self._undoable = tuple(
            Recorded(stream=each.stream, version=each.version, event=each.event) for each in outcome.appended
        )
        self._undoable_at = now
        self._undoable_line = None
        if said is not None:
            fades = now + timedelta(seconds=ACCEPTED_SECONDS)
            self._band.accepted(said, self.work.instruction(), fades)
            line = self._note(text, VerdictState.ACCEPTED, said.short)
            self._undoable_line = line if self._undo_command() is not None else None
        # The verdict is out before anything is read again or asked: it is what is waited for.
        self._publish()

    def _refuse(self, text: str, rejection: Rejection) -> None:
        words = spoken(rejection, self._around.words)
        if words.severity is Severity.STOP:
            self._stops += 1
            self._stop = Stop(spoken=words, number=self._stops, at=self.now())
            # What waits behind it was scanned by somebody who had not seen it: a RESET among it clears nothing.
            self._behind_stop = self._inputs.qsize()
            self._beat_now.set()
            self._question = None
            self._band.clear()
            self._note(text, VerdictState.REJECTED, words.noun.lower())
        else:
            if self._operator is None:
                self._log_on_problem = words.text
            self._band.attention(words)
            self._note(text, VerdictState.ATTENTION, words.noun.lower())
        self._publish()

    def _note(self, text: str, state: VerdictState, words: str) -> ScanLine:
        # The header names the job; a unit of another one is told in full.
        job = f"{self.work.job_line().removeprefix('JOB ')}-"
        what = shown(canonical(plain(text)).removeprefix(job), 24)
        line = ScanLine(what=what, state=state, words=words, at=self._second())
        self._scans.appendleft(line)
        return line

    def _second(self) -> str:
        return self.now().astimezone(self._around.words.zone).strftime("%H:%M:%S")

    # -- readings --------------------------------------------------------------

    async def _act_on(self, reading: Reading) -> None:
        match reading:
            case BadgeRead():
                if self._operator is None or not await self.work.badge(reading):
                    self._log_on(reading)
            case ControlRead():
                await self._control(reading)
            case _:
                # A code that was understood ends an amber verdict, whatever the role makes of it.
                self._band.clear()
                await self.work.read(reading)

    def _log_on(self, person: BadgeRead) -> None:
        if self._operator is not None and self._operator.operator_id == person.operator_id:
            self._band.say(
                VerdictState.ACCEPTED,
                big=person.operator_id,
                words="LOGGED ON",
                instruction="You are logged on here already.",
                until=self.now() + timedelta(seconds=ACCEPTED_SECONDS),
            )
            return
        if self._operator is not None:
            self.work.logged_off()
        self._operator = person
        self._log_on_problem = ""
        self._question = None
        self._forget_undo()
        self._beat_now.set()
        self.work.logged_on(person)
        self._band.say(
            VerdictState.ACCEPTED,
            big=person.operator_id,
            words="LOGGED ON",
            instruction=shown(person.name, 40) if person.name != person.operator_id else "",
            until=self.now() + timedelta(seconds=ACCEPTED_SECONDS),
        )
        self.wake()

    def _log_off(self) -> None:
        if self._operator is None:
            return
        self.work.logged_off()
        self._operator = None
        self._forget_undo()
        self._beat_now.set()
        self._question = None
        self._band.clear()
        self._scans.clear()
        self._log_on_problem = ""

    def _forget_undo(self) -> None:
        self._undoable, self._undoable_line = (), None

    async def _control(self, control: ControlRead) -> None:
        match control.verb:
            case ControlVerb.RESET:
                self._band.clear()
            case ControlVerb.LOGOFF:
                self._log_off()
            case ControlVerb.HELP:
                await self._pressed(Intent.CALL_LEAD)
            case ControlVerb.UNDO:
                await self._pressed(Intent.UNDO)
            case _ if self._operator is None and not self.work.is_public:
                self._log_on_problem = _BADGE_FIRST
            case ControlVerb.YES | ControlVerb.NO:
                self.attention("NO QUESTION", "Nothing was asked here.")
            case _:
                if not await self.work.control(control):
                    self.attention("NOT HERE", f"The wall card {control.verb} does nothing at this station.")

    # -- keys ------------------------------------------------------------------

    async def _pressed(self, intent: Intent) -> None:
        match intent:
            case Intent.LOG_OFF:
                self._log_off()
            case Intent.UNDO:
                await self._undo()
            case Intent.CALL_LEAD:
                await self._call_lead()
            case _ if self._operator is None and not self.work.is_public:
                self._log_on_problem = _BADGE_FIRST
            case _:
                await self.work.pressed(intent)

    def _undo_is_late(self, now: datetime) -> bool:
        limit = self.work.undo_seconds()
        if limit is None or self._undoable_at is None:
            return False
        # A clock that was set back tells nothing: then it is late.
        return not 0 <= (now - self._undoable_at).total_seconds() <= limit

    def _undo_command(self) -> Command | None:
        if self._operator is None:
            return None
        return undo_of(
            self._undoable,
            at=self.now(),
            operator_id=self._operator.operator_id,
            station_id=self._around.station.station_id,
            reason="undone at the station",
        )

    async def _undo(self) -> None:
        if self._operator is None:
            self._log_on_problem = _BADGE_FIRST
            return
        command = self._undo_command()
        if command is None:
            self._refuse("F2", NothingToUndo(station_id=self._around.station.station_id))
            return
        limit = self.work.undo_seconds()
        if limit is not None and self._undo_is_late(self.now()):
            self.attention("TOO LATE", f"Undo works for {limit:.0f} seconds. A lead can correct it later.")
            return
        undone = await self.do(command, name="F2" if self._undoable_line is None else self._undoable_line.what)
        self._forget_undo()
        if undone:
            self.wake()

    async def _call_lead(self) -> None:
        command = CallForHelp(
            at=self.now(),
            operator_id=self.operator_id,
            station_id=self._around.station.station_id,
            at_station=self._around.station.station_id,
        )
        outcome = await self._asking.run(command)
        if isinstance(outcome, Refusal) and not isinstance(outcome, NothingChanged):
            self._refuse("F8", outcome)
            return
        words = "The lead sees your call." if isinstance(outcome, Accepted) else "You have called already."
        self._band.say(
            VerdictState.ACCEPTED,
            big="CALLED",
            words="LEAD CALLED",
            instruction=words,
            until=self.now() + timedelta(seconds=ACCEPTED_SECONDS * 2),
        )

    # -- while stopped ---------------------------------------------------------

    async def _while_stopped(self, stop: Stop, happened: Input) -> None:
        """Let nothing through but what clears the stop; count and log what was ignored."""
        if self._behind_stop > 0:
            self._behind_stop -= 1
            if isinstance(happened, Scanned):
                self._stop = stop.ignoring()
                _LOG.warning("stop %d: ignored an earlier scan of %s", stop.number, shown(happened.text, 64))
            return
        match happened:
            case Scanned(text, at):
                barcode = read_barcode(text)
                if isinstance(barcode, ControlBarcode) and barcode.verb is ControlVerb.RESET:
                    self._cleared(stop, "RESET")
                    return
                is_badge = isinstance(barcode, BadgeBarcode)
                if is_badge and stop.may_be_released(self.now()) and await self._is_lead(text, at):
                    self._stop = stop.with_lead()
                    return
                self._stop = stop.ignoring()
                _LOG.warning("stop %d: ignored a scan of %s", stop.number, shown(text, 64))
            case Pressed(Intent.RELEASE_STOP) if stop.lead_is_here:
                self._cleared(stop, "lead")
            case _:
                pass

    async def _is_lead(self, text: str, at: datetime) -> bool:
        scan = Scan(text=text, station=self._around.station, operator_id=None, at=at)
        person = await self._asking.run(scan)
        leads = {OperatorRole.LEAD, OperatorRole.MANAGER}
        return isinstance(person, BadgeRead) and bool(person.roles & leads)

    def _cleared(self, stop: Stop, how: str) -> None:
        self._stop = None
        self._beat_now.set()
        self._band.clear()
        words = f"stop {stop.number:04d} cleared"
        self._scans.appendleft(ScanLine(what=how, state=VerdictState.READY, words=words, at=self._second()))

    # -- asking the store ------------------------------------------------------

    async def do(self, command: Command, *, name: str = "") -> bool:
        """Run a command of the station's own and give its verdict; say whether it was accepted."""
        outcome = await self._asking.run(command)
        self.tell(outcome, name=name or type(command).__name__)
        return isinstance(outcome, Accepted)

    async def run_quietly(self, command: Command) -> Accepted | Reading | Rejection:
        """Run a command of the station's own; ``tell`` gives its verdict."""
        return await self._asking.run(command)

    def tell(self, outcome: Accepted | Reading | Rejection, *, name: str) -> None:
        """Give the verdict on a command of the station's own."""
        if isinstance(outcome, Accepted):
            self._record(name, outcome)
        elif isinstance(outcome, Refusal):
            self._refuse(name, outcome)

    def _connection_changed(self) -> None:
        """Number a database that fell silent, so that it sounds once, and show how it is."""
        late = self._asking.lateness is Lateness.WAITING or self._asking.state is ConnectionState.OFFLINE
        if late and not self._is_late:
            self._band.count()
        self._is_late = late
        self._publish()

    # -- what else goes on -----------------------------------------------------

    def wake(self, changed: frozenset[str] | None = None) -> None:
        """Read again what is shown; ``changed`` names ids, None means everything."""
        if changed is None or self._changed is None:
            self._changed = None
        else:
            self._changed |= changed
        self._wake.set()

    async def _refresh_when_woken(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed = None if self._changed is None else frozenset(self._changed)
            self._changed = set()
            try:
                await self.work.refresh(changed)
            except Exception as error:  # noqa: BLE001 - an old view for a second is better than a dead station
                if isinstance(error, StoreUnavailable):
                    self._asking.missed()
                else:
                    _LOG.exception("what is shown could not be read")
                self._changed = None
                await asyncio.sleep(_RETRY_SECONDS)
                self._wake.set()
                continue
            self._asking.reached()
            self._publish()
            await asyncio.sleep(self.work.refresh_seconds)

    async def _follow_changes(self) -> None:
        async for changes in self._around.store.changes():
            if not changes.reachable:
                self._asking.missed()
                continue
            self._asking.reached()
            ids = frozenset(stream.aggregate_id for stream in changes.streams)
            self.wake(None if changes.everything else ids)

    async def _tick(self) -> None:
        """Fade verdicts and move the clock; nothing else moves by itself."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self.now()
            if self._undoable_line is not None and self._undo_is_late(now):
                self._undoable_line = None
                self._publish()
            stop_may_end = self._stop is not None and self._stop.may_be_released(now)
            moved = (self._around.words.clock(now), self._asking.offline_for(now), stop_may_end)
            if self._band.fade(now) or moved != self._moved:
                self._moved = moved
                self._publish()

    async def _beat(self) -> None:
        while True:
            self._beat_now.clear()
            with contextlib.suppress(StoreError):
                await self._around.store.beat(
                    Presence(
                        station_id=self._around.station.station_id,
                        process=self._process,
                        state="STOPPED" if self._stop is not None else "READY",
                        version=self._version,
                        operator_id=self.operator_id,
                        unit_in_hand=self.work.unit_in_hand(),
                    )
                )
            # Not wait_for: up to Python 3.11 it can swallow a cancellation that comes with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_SECONDS):
                    await self._beat_now.wait()

    async def leave(self) -> None:
        """Say to the leads that this kiosk is gone on purpose; the last thing that a session does."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._around.store.leave(self._around.station.station_id, self._process)

    # -- what roles ask of the session -----------------------------------------

    @property
    def operator_id(self) -> OperatorId | None:
        """Who is logged on."""
        return None if self._operator is None else self._operator.operator_id

    @property
    def operator(self) -> BadgeRead | None:
        """Who is logged on, with roles."""
        return self._operator

    def now(self) -> datetime:
        """The present moment, UTC."""
        return self._clock()

    def attention(self, noun: str, sentence: str) -> None:
        """Say amber that something must be done first."""
        self._band.say(VerdictState.ATTENTION, big="AGAIN", words=noun, instruction=sentence)

    def say(self, said: SaidAccepted, instruction: str = "") -> None:
        """Say green what was done without a record, such as opening a tray."""
        fades = self.now() + timedelta(seconds=ACCEPTED_SECONDS)
        self._band.accepted(said, instruction, fades)

    def remark(self, instruction: str) -> None:
        """Say with the verdict that is shown what to do next."""
        self._band.remark(instruction)

    def inspect(self) -> None:
        """Let the band show what is in hand; the green of its check-in fades into it by itself."""
        if not self._band.is_accepted:
            self._band.clear()
            self._band.count()

    def ask(self, question: QuestionView | PinView | None) -> None:
        """Open a question over the work, or close it."""
        self._question = question

    def next_serial(self) -> int:
        """Return a number for a question."""
        self._questions += 1
        return self._questions

    # -- what is shown ---------------------------------------------------------

    def snapshot(self) -> StationSnapshot:
        """Return everything that is to be shown now. Reads nothing, and never fails."""
        try:
            return self._snapshot()
        except Exception:  # noqa: BLE001 - the last guard: a view that cannot be made must not end the app
            _LOG.exception("a view could not be made")
            return self._fault_snapshot()

    def _snapshot(self) -> StationSnapshot:
        now, stop = self.now(), self._stop
        off = self._operator is None and not self.work.is_public
        view: WorkView = (
            log_on_view(self._around, self._asking, now, self._log_on_problem) if off else self.work.view(now)
        )
        return StationSnapshot(
            role=StationRole(self._around.station.role.value),
            header=self._header(now, None if off else self.work),
            verdict=verdict_of(self._asking, self._band, self.work, now, behind=self._scans_behind),
            work=view,
            scans=LastScansView(lines=self._last_scans()),
            footer=self._footer(off=off),
            stop=None if stop is None else stop.view(now, self._around.words.clock(stop.at)),
            question=self._question,
            next_scan=self._next_scan,
            typed=self._typed,
            typing_is_keys=self._typing_is_keys(off=off),
        )

    def _header(self, now: datetime, work: Work | None) -> HeaderView:
        return header_of(self._around, self._asking, now, work=work, scanner=self._scanner, operator=self._operator)

    def _footer(self, *, off: bool) -> FooterView:
        if self._stop is not None:
            return _RELEASE_FOOTER if self._stop.lead_is_here else _NO_FOOTER
        footer = self.work.presentation.logged_off_footer if off else self.work.footer()
        # A kiosk is never left; a demo must be.
        return FooterView(keys=(*footer.keys, END_DEMO)) if self._may_end else footer

    def _typing_is_keys(self, *, off: bool) -> bool:
        if self._stop is not None:
            # R is a key only while a lead stands there; until then the RESET card may be typed by hand.
            return self._stop.lead_is_here
        return isinstance(self._question, QuestionView) or (not off and self.work.typing_is_keys())

    def _last_scans(self) -> tuple[ScanLine, ...]:
        """Return the last scans; the one that F2 takes back says so."""
        newest = self._undoable_line
        return tuple(replace(line, undo=True) if line is newest else line for line in self._scans)

    def _fault_snapshot(self) -> StationSnapshot:
        now, stop = self.now(), self._stop
        return StationSnapshot(
            role=StationRole(self._around.station.role.value),
            header=self._header(now, None),
            verdict=self._band.view(VerdictView(state=VerdictState.READY)),
            work=FAULT,
            footer=self._footer(off=True),
            stop=None if stop is None else stop.view(now, self._around.words.clock(stop.at)),
        )
