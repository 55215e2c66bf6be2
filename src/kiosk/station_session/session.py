"""The session of one station: works off its inputs in order and says what is to be shown.

One input at a time: a scan gets its verdict before the next one is looked at, so a
scan that follows a wrong card too quickly falls under the stop. A request whose
answer did not come is asked again under its own command id until it is answered,
so that it is recorded once and its verdict is never guessed.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from core.domain.commands import CallForHelp, Command
from core.domain.readings import (
    BadgeRead,
    ControlRead,
    ControlVerb,
    Meaning,
    Reading,
)
from core.domain.rejections import NothingToUndo, Refusal, Rejection
from core.domain.values import OperatorRole
from core.identity.ids import OperatorId, canonical
from core.production.corrections import Recorded, undo_of
from core.production.decisions import Request
from core.production.scan import ControlBarcode, Scan, plain, read_barcode
from kiosk.printable import shown
from kiosk.snapshots import (
    ConnectionState,
    HeaderView,
    Intent,
    LastScansView,
    LogOnView,
    NextScanView,
    PinView,
    QuestionView,
    ScanLine,
    ScannerState,
    StationRole,
    StationSnapshot,
    VerdictState,
    WorkView,
)
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
from kiosk.station_session.verdicts import (
    ACCEPTED_SECONDS,
    CHECKING_SECONDS,
    OFFLINE_SECONDS,
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
_RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
_BEAT_SECONDS = 5.0
_TICK_SECONDS = 0.25

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
    ) -> None:
        """Begin with nobody logged on; ``clock`` is UTC, ``new_id`` makes command ids."""
        self._around = around
        self._clock = clock
        self._new_id = new_id
        self._publish = publish
        self._process = process
        self._version = version
        self._beat_now = asyncio.Event()
        self._inputs: asyncio.Queue[Input] = asyncio.Queue()
        self._band = VerdictBand()
        self._stop: Stop | None = None
        self._stops = 0
        self._operator: BadgeRead | None = None
        self._log_on_problem = ""
        self._scans: deque[ScanLine] = deque(maxlen=_LAST_SCANS)
        self._undoable: tuple[Recorded, ...] = ()
        self._undoable_at: datetime | None = None
        self._question: QuestionView | PinView | None = None
        self._questions = 0
        self._connection = ConnectionState.CONNECTING
        self._offline_since: datetime | None = None
        self._scanner = ScannerState.KEYBOARD
        self._typed = ""
        self._next_scan: NextScanView | None = None
        self._changed: set[str] | None = None
        self._wake = asyncio.Event()
        self._minute = ""
        self.work = make_work(around, self)

    # -- inputs ----------------------------------------------------------------

    def put(self, happened: Input) -> None:
        """Take an input; it is worked off after those before it."""
        self._inputs.put_nowait(happened)

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
            try:
                await self._handle(happened)
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
                await self._scanned(text, at)
            case ScanDamaged(why):
                self._band.say(VerdictState.ATTENTION, big="AGAIN", words="SCAN AGAIN", instruction=why)
            case Pressed(intent):
                await self._pressed(intent)
            case QaKey(key):
                if self._operator is not None:
                    await self.work.qa_key(key)
            case Found(text):
                await self.work.found(text)
            case Answered(serial, value):
                if self._is_asked(serial):
                    self._question = None
                    await self.work.answered(value)
            case PinGiven(serial, pin):
                if self._is_asked(serial):
                    self._question = None
                    await self.work.pin_given(pin)
            case other:
                assert_never(other)

    def _is_asked(self, serial: int) -> bool:
        return self._question is not None and self._question.serial == serial

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
        outcome = await self._ask(scan)
        if isinstance(outcome, Accepted):
            self._record(text, outcome)
            await self._follow_up(scan, outcome)
        elif isinstance(outcome, Refusal):
            self._refuse(text, outcome, at)
        else:
            await self._act_on(outcome)

    async def _follow_up(self, scan: Scan, outcome: Accepted) -> None:
        """Ask at once what the station needs to know of a card that was just checked in.

        The same scan again reads as a question where there is one; it never records
        anything, because it is only asked where a question must follow.
        """
        if not self.work.asks_after(outcome.events):
            return
        reading = await self._ask(scan)
        if isinstance(reading, Meaning):
            await self.work.read(reading)

    def _record(self, text: str, outcome: Accepted) -> None:
        now = self.now()
        said = say_accepted(outcome.events, self._around.words)
        self.work.accepted(outcome.events)
        self._undoable = tuple(
            Recorded(stream=each.stream, version=each.version, event=each.event) for each in outcome.appended
        )
        self._undoable_at = now
        if said is None:
            return
        fades = now + timedelta(seconds=ACCEPTED_SECONDS)
        self._band.accepted(said, self.work.instruction(), fades)
        self._note(text, VerdictState.ACCEPTED, said.short)

    def _refuse(self, text: str, rejection: Rejection, at: datetime) -> None:
        words = spoken(rejection, self._around.words)
        if words.severity is Severity.STOP:
            self._stops += 1
            self._stop = Stop(spoken=words, number=self._stops, at=at)
            self._beat_now.set()
            self._question = None
            self._band.clear()
            self._note(text, VerdictState.REJECTED, words.noun.lower())
            return
        if self._operator is None:
            self._log_on_problem = words.sentence
        self._band.attention(words)
        self._note(text, VerdictState.ATTENTION, words.noun.lower())

    def _note(self, text: str, state: VerdictState, words: str) -> None:
        clock = self.now().astimezone(self._around.words.zone).strftime("%H:%M:%S")
        # The header names the job; a unit of another one is told in full.
        job = f"{self.work.job_line().removeprefix('JOB ')}-"
        what = shown(canonical(plain(text)).removeprefix(job), 24)
        self._scans.appendleft(ScanLine(what=what, state=state, words=words, at=clock))

    # -- readings --------------------------------------------------------------

    async def _act_on(self, reading: Reading) -> None:
        match reading:
            case BadgeRead():
                if self._operator is None or not await self.work.badge(reading):
                    self._log_on(reading)
            case ControlRead():
                await self._control(reading)
            case _:
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
        self._undoable = ()
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
        self._undoable = ()
        self._question = None
        self._band.clear()
        self._scans.clear()
        self._log_on_problem = ""

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
            case _ if self._operator is None:
                self._log_on_problem = "Scan your badge first."
            case ControlVerb.YES | ControlVerb.NO if self._question is not None:
                self._question = None
                await self.work.answered("yes" if control.verb is ControlVerb.YES else "")
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
            case _:
                await self.work.pressed(intent)

    async def _undo(self) -> None:
        if self._operator is None:
            return
        limit = self.work.undo_seconds()
        too_late = (
            limit is not None
            and self._undoable_at is not None
            and (self.now() - self._undoable_at).total_seconds() > limit
        )
        command = undo_of(
            self._undoable,
            at=self.now(),
            operator_id=self._operator.operator_id,
            station_id=self._around.station.station_id,
            reason="undone at the station",
        )
        if too_late and limit is not None:
            self.attention("TOO LATE", f"Undo works for {limit:.0f} seconds. A lead can correct it later.")
            return
        if command is None:
            nothing = NothingToUndo(station_id=self._around.station.station_id)
            self._refuse("F2", nothing, self.now())
            return
        undone = await self.do(command, name="undo")
        self._undoable = ()
        if undone:
            self.wake()

    async def _call_lead(self) -> None:
        command = CallForHelp(
            at=self.now(),
            operator_id=self.operator_id,
            station_id=self._around.station.station_id,
            at_station=self._around.station.station_id,
        )
        outcome = await self._ask(command)
        words = "The lead sees your call." if isinstance(outcome, Accepted) else "The call is open."
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
        match happened:
            case Scanned(text, at):
                barcode = read_barcode(text)
                if isinstance(barcode, ControlBarcode) and barcode.verb is ControlVerb.RESET:
                    self._cleared(stop, "RESET")
                    return
                if stop.may_be_released(self.now()) and await self._is_lead(text, at):
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
        person = await self._ask(scan)
        leads = {OperatorRole.LEAD, OperatorRole.MANAGER}
        return isinstance(person, BadgeRead) and bool(person.roles & leads)

    def _cleared(self, stop: Stop, how: str) -> None:
        self._stop = None
        self._beat_now.set()
        self._band.clear()
        clock = self.now().astimezone(self._around.words.zone).strftime("%H:%M:%S")
        words = f"stop {stop.number:04d} cleared"
        self._scans.appendleft(ScanLine(what=how, state=VerdictState.READY, words=words, at=clock))

    # -- asking the store ------------------------------------------------------

    async def do(self, command: Command, *, name: str = "") -> bool:
        """Run a command of the station's own and give its verdict; say whether it was accepted."""
        outcome = await self._ask(command)
        label = name or type(command).__name__
        if isinstance(outcome, Accepted):
            self._record(label, outcome)
            return True
        if isinstance(outcome, Refusal):
            self._refuse(label, outcome, self.now())
        return False

    async def _ask(self, request: Request) -> Accepted | Reading | Rejection:
        """Run a request until it is answered, always under the same command id."""
        command_id = self._new_id()
        loop = asyncio.get_running_loop()
        checking = loop.call_later(CHECKING_SECONDS, self._say_checking)
        waiting = loop.call_later(OFFLINE_SECONDS, self._say_waiting)
        try:
            for attempt in range(1_000_000):
                try:
                    outcome = await self._around.store.run(request, command_id=command_id)
                except StoreUnavailable:
                    self._is_offline()
                    pause = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                    await asyncio.sleep(pause)
                else:
                    self._is_online()
                    return outcome
            raise AssertionError  # a million attempts are weeks
        finally:
            checking.cancel()
            waiting.cancel()

    def _say_checking(self) -> None:
        self._band.say(VerdictState.CHECKING, big="…", words="CHECKING", instruction="")
        self._publish()

    def _say_waiting(self) -> None:
        self._band.say(
            VerdictState.OFFLINE,
            big="WAIT",
            words="NO ANSWER FROM THE DATABASE",
            instruction="The last scan is not recorded yet. Leave it here until this screen answers.",
        )
        self._publish()

    def _is_offline(self) -> None:
        if self._connection is not ConnectionState.OFFLINE:
            self._connection = ConnectionState.OFFLINE
            self._offline_since = self._offline_since or self.now()
            self._publish()

    def _is_online(self) -> None:
        if self._connection is not ConnectionState.ONLINE:
            self._connection = ConnectionState.ONLINE
            self._offline_since = None
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
            except StoreError:
                self._is_offline()
                self._changed = None
                await asyncio.sleep(1.0)
                self._wake.set()
                continue
            self._is_online()
            self._publish()
            await asyncio.sleep(self.work.refresh_seconds)

    async def _follow_changes(self) -> None:
        async for changes in self._around.store.changes():
            if not changes.reachable:
                self._is_offline()
                continue
            self._is_online()
            ids = frozenset(stream.aggregate_id for stream in changes.streams)
            self.wake(None if changes.everything else ids)

    async def _tick(self) -> None:
        """Fade verdicts and move the clock; nothing else moves by itself."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self.now()
            minute = self._around.words.clock(now)
            stop_may_end = self._stop is not None and self._stop.may_be_released(now)
            if self._band.fade(now) or minute != self._minute or stop_may_end:
                self._minute = minute
                self._publish()

    async def _beat(self) -> None:
        while True:
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
            self._beat_now.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._beat_now.wait(), _BEAT_SECONDS)

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

    def inspect(self) -> None:
        """Let the band show what is in hand rather than that it was checked in."""
        self._band.clear()

    def ask(self, question: QuestionView | PinView | None) -> None:
        """Open a question over the work, or close it."""
        self._question = question

    def next_serial(self) -> int:
        """Return a number for a question."""
        self._questions += 1
        return self._questions

    # -- what is shown ---------------------------------------------------------

    def snapshot(self) -> StationSnapshot:
        """Return everything that is to be shown now."""
        now = self.now()
        words = self._around.words
        station = self._around.station
        off = self._operator is None and not self.work.is_public
        view: WorkView = self._log_on_view() if off else self.work.view(now)
        offline_for = ""
        if self._offline_since is not None:
            seconds = int((now - self._offline_since).total_seconds())
            offline_for = f"{seconds // 60}:{seconds % 60:02d}"
        return StationSnapshot(
            role=StationRole(station.role.value),
            header=HeaderView(
                station=shown(station.name, 24),
                job="" if off else self.work.job_line(),
                details=() if off else self.work.details(),
                connection=self._connection,
                offline_for=offline_for,
                scanner=self._scanner,
                operator="" if self._operator is None else shown(self._operator.name, 20),
                clock=words.clock(now),
            ),
            verdict=self._band.view(self.work.ready()),
            work=view,
            scans=LastScansView(lines=tuple(self._scans)),
            footer=self.work.presentation.logged_off_footer if off else self.work.footer(),
            stop=None if self._stop is None else self._stop.view(now, words.clock(self._stop.at)),
            question=self._question,
            next_scan=self._next_scan,
            typed=self._typed,
            typing_is_keys=not off and self.work.typing_is_keys(),
        )

    def _log_on_view(self) -> LogOnView:
        return LogOnView(
            sentence=f"{shown(self._around.station.name, 40)} · nobody is logged on",
            problem=self._log_on_problem,
        )
