"""The kiosk as a full-screen app: scans and keys go to the session, its snapshots to the screens.

Holds no rule and no words. ``kiosk.wiring`` makes it; everything it needs comes in
as arguments.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from textual import events, on
from textual.message import Message
from textual.timer import Timer

from kiosk.scanner.decoder import DecoderSettings
from kiosk.scanner.hotplug import Scanners
from kiosk.scanner.messages import (
    ScannerMessage,
    ScannerStateChanged,
    ScanRead,
    ScanRefused,
)
from kiosk.scanner.messages import ScannerState as DeviceState
from kiosk.scanner.selection import ScannerSelection
from kiosk.scanner.verdicts import Scan, ScanFault, Verdict, explain
from kiosk.scanner.wedge import TypedKeys, Wedge
from kiosk.screens.base import KioskScreen
from kiosk.screens.host import ScreenHost
from kiosk.screens.intents import (
    CodeTyped,
    FindRequested,
    OperatorPressed,
    PinEntered,
    QaKeyPressed,
    QuestionAnswered,
    QuestionSeen,
)
from kiosk.screens.overlays import FindScreen, PinScreen, QuestionScreen
from kiosk.snapshots.frame import NextScanView, ScannerState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.work import QaView
from kiosk.sounds.cues import STOP_REPEATS_EVERY, Cue, cue_for
from kiosk.sounds.player import SILENT, SoundPlayer, Sounds
from kiosk.station_session.inputs import (
    Answered,
    Found,
    PinGiven,
    Pressed,
    QaKey,
    ScanDamaged,
    Scanned,
)
from kiosk.station_session.session import StationSession

_LOG = logging.getLogger(__name__)

_STATES = {
    DeviceState.READY: ScannerState.READY,
    DeviceState.LOST: ScannerState.MISSING,
    DeviceState.NO_PERMISSION: ScannerState.FAULT,
    DeviceState.BUSY: ScannerState.FAULT,
    DeviceState.NONE: ScannerState.MISSING,
    DeviceState.WEDGE: ScannerState.KEYBOARD,
}


_LATE_S = 0.02
"""A timer that is later than this says that the loop was busy."""
_GRACE_S = 0.1
"""How long keys then have to come out of the terminal and its queues."""

_VERDICT_KEYS = {Intent.PASS_CARD: "+", Intent.FAIL_CARD: "enter"}
"""What the keys of QA's footer are at the code entry."""


@dataclass(eq=False)
class FromScanner(Message):
    """What a reader thread says, carried to the app's own loop."""

    said: ScannerMessage


SuggestNextScan = Callable[[StationSession], AsyncIterator[NextScanView | None]]
"""The demo's adviser: yields what could be scanned next, whenever that changes."""


class KioskApp(ScreenHost):
    """One station's app.

    ``make_session`` gets the callback that says there is something new to show.
    ``selection`` is None where only the terminal is read, ``volume`` (percent) where
    nothing is to be heard.
    """

    def __init__(
        self,
        make_session: Callable[[Callable[[], None]], StationSession],
        *,
        selection: ScannerSelection | None,
        decoder: DecoderSettings | None = None,
        theme_name: str,
        volume: int | None = None,
        suggest: SuggestNextScan | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(theme_name=theme_name)
        self.session = make_session(self._something_new)
        self._selection = selection
        self._scanners: Scanners | None = None
        self._wedge = Wedge(decoder)
        self._prefix = (decoder or DecoderSettings()).prefix
        self._wedge_timer: Timer | None = None
        self._was_late = self._looking_for_keys = False
        self._characters: dict[str, str | None] = {}
        self._replaying = False
        self._closes_help = False
        """Whether the keys that the wedge holds back closed the help: they mean nothing, unless they are a scan."""
        self._suggest = suggest
        self._clock = clock
        self._sounds: Sounds = SILENT if volume is None else SoundPlayer(self.bell, volume=volume)
        self._show_is_due = False
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life ------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the first screen, then start the session and the scanners.

        Textual calls the handlers of the classes below by itself.
        """
        self._show()
        self.set_interval(STOP_REPEATS_EVERY, self._repeat_stop)
        self._start(self.session.run())
        if self._suggest is not None:
            self._start(self._follow_suggestions(self._suggest))
        if self._selection is not None:
            self._scanners = Scanners(self._selection, self._from_reader)
            self._scanners.start()

    @property
    def is_well(self) -> bool:
        """Whether the session works as well; one that hangs is as bad as none."""
        return self.session.is_well

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # A session that ended is a dead kiosk: end the app, so that it is started again.
            _LOG.critical("the station session ended", exc_info=task.exception())
            self.exit(1)

    @on(events.Unmount)
    async def _put_down(self) -> None:
        """Let go of the scanners first: no scan may arrive that nobody works off."""
        if self._scanners is not None:
            await asyncio.to_thread(self._scanners.stop)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.session.leave()
        self._sounds.close()

    def _fatal_error(self) -> None:
        """Write a fault down and end with a sentence: an operator is never shown a traceback, nor a PIN in one."""
        _LOG.critical("the screen failed", exc_info=self._exception)
        self._exit_renderables.append("The kiosk has stopped because of a fault. The log says which.")
        self._close_messages_no_wait()

    # -- showing ---------------------------------------------------------------

    def _something_new(self) -> None:
        """Show the newest snapshot once, however often the session says so in between."""
        if not self._show_is_due and self.is_running:
            self._show_is_due = True
            self.call_next(self._show)

    def _show(self) -> None:
        self._show_is_due = False
        before, after = self.snapshot, self.session.snapshot()
        self.show_snapshot(after)
        cue = cue_for(before, after)
        if cue is not None:
            # Starting a player costs milliseconds, and the eye comes first.
            self.call_after_refresh(self._sounds.play, cue)

    def _repeat_stop(self) -> None:
        """Sound the stop until it is cleared: whoever walks away from it must hear it."""
        shown = self.snapshot
        if shown is not None and shown.stop is not None:
            self._sounds.play(Cue.REJECTED)

    async def _follow_suggestions(self, suggest: SuggestNextScan) -> None:
        async for view in suggest(self.session):
            self.session.suggest(view)

    # -- scanners --------------------------------------------------------------

    def _from_reader(self, said: ScannerMessage) -> None:
        """Take a message on a reader's thread; post_message never blocks it."""
        self.post_message(FromScanner(said))

    def on_from_scanner(self, message: FromScanner) -> None:
        """Hand what a scanner read to the session."""
        match message.said:
            case ScanRead(text=text, ended=ended):
                self.close_help()
                self.session.put(Scanned(text, self._moment(ended)))
            case ScanRefused(fault=fault):
                self._damaged(fault, is_typed=False)
            case ScannerStateChanged(state=state):
                by_choice = self._selection is None or not self._selection.rules
                keyboard = state is DeviceState.NONE and by_choice
                self.session.scanner_is(ScannerState.KEYBOARD if keyboard else _STATES[state])

    def _damaged(self, fault: ScanFault, *, is_typed: bool) -> None:
        self.close_help()
        # What is typed may be a PIN.
        _LOG.warning("a scan was %s", explain(replace(fault, shown="") if is_typed else fault))
        self.session.put(ScanDamaged(fault.reason, fault.shown, self._moment(fault.at), fault.detail, is_typed))

    def _moment(self, monotonic: float) -> datetime:
        """Return when a moment of the monotonic clock was, by the wall clock."""
        return self._clock() - timedelta(seconds=max(0.0, time.monotonic() - monotonic))

    # -- typed codes -----------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Let the wedge look at a key first; what is no code comes back as a key of the screen."""
        if self._replaying or isinstance(self.screen, PinScreen | FindScreen):
            return False
        if event.character == "+" and not self._wedge.entry and not self._keys_are_letters():
            # Passing a card twice would leave a + before the next code; no code of ours begins with one.
            return False
        if self.is_helping:
            # It may begin a scan, whose answer is to be seen.
            self.close_help()
            self._closes_help = True
        self._characters[event.key] = event.character
        self._wedge.keep_typing = not self._keys_are_letters() and not self._closes_help
        # The driver's thread dated it: a screen that is slow to draw does not turn a scan into typing.
        self._worked_off(self._wedge.key(event.key, event.character, event.time))
        return True

    def show_overlay(self, intent: Intent) -> None:
        """Show help or the find dialog; under help nothing half-typed waits for its end."""
        super().show_overlay(intent)
        if self.is_helping:
            self._wedge.clear()

    def on_paste(self, event: events.Paste) -> None:
        """Take a pasted code: terminals deliver some wedge scanners' codes so."""
        event.stop()
        self.close_help()
        self._worked_off(self._wedge.paste(event.text, event.time))

    @property
    def is_holding_keys(self) -> bool:
        """Whether typed characters are held back until it is sure that they are no code."""
        return self._wedge_timer is not None or self._looking_for_keys

    def _keys_are_letters(self) -> bool:
        """Say whether the screen's own keys are characters, so that typing is not a code."""
        shown = self.snapshot
        return shown is not None and shown.typing_is_keys

    def _worked_off(self, results: tuple[Verdict | TypedKeys, ...]) -> None:
        for result in results:
            match result:
                case Scan(text=text, ended=ended):
                    self.session.put(Scanned(text, self._moment(ended), is_typed=True))
                case ScanFault():
                    self._damaged(result, is_typed=True)
                case TypedKeys() if self._closes_help:
                    pass
                case TypedKeys(names=names):
                    self._replay(names)
        if self._closes_help and (results or not self._wedge.entry):
            self._closes_help = False
            self._wedge.keep_typing = not self._keys_are_letters()
        self.session.typed(self._wedge.entry if self._wedge.keep_typing else "")
        if self._wedge_timer is not None:
            self._wedge_timer.stop()
            self._wedge_timer = None
        deadline = self._wedge.deadline
        if deadline is not None:
            self._await_silence(deadline - time.monotonic())

    def _await_silence(self, seconds: float) -> None:
        self._wedge_timer = self.set_timer(max(0.001, seconds), self._silence_is_over)

    def _silence_is_over(self) -> None:
        self._wedge_timer = None
        now, deadline = time.monotonic(), self._wedge.deadline
        if deadline is None:
            return
        if now - deadline > _LATE_S and not self._was_late:
            # The loop was busy: keys that came in time may not even have been read from the terminal.
            self._was_late = True
            self._await_silence(_GRACE_S)
            return
        self._was_late = False
        # What waits in the queues came before now, and is looked at before the silence counts.
        self._looking_for_keys = True
        self.call_later(lambda: self.screen.call_later(self._wedge_expired, now))

    def _wedge_expired(self, now: float) -> None:
        self._looking_for_keys = False
        self._worked_off(self._wedge.expire(now))

    def _replay(self, names: tuple[str, ...]) -> None:
        """Give the screen the keys that were no code, as if they had just been pressed."""
        self._replaying = True
        try:
            for name in names:
                # Asked anew for each: a key may have closed the screen that took it.
                screen = self.screen
                if isinstance(screen, KioskScreen | QuestionScreen | FindScreen):
                    screen.on_key(events.Key(name, self._characters.get(name)))
        finally:
            self._replaying = False

    # -- what screens say ------------------------------------------------------

    def on_operator_pressed(self, message: OperatorPressed) -> None:
        """Hand a key of the footer to the session; the key that ends a demo is the app's own."""
        if message.intent is Intent.END:
            self.exit(0)
            return
        if message.intent in _VERDICT_KEYS:
            self._qa_key(_VERDICT_KEYS[message.intent])
            return
        self.session.put(Pressed(message.intent))

    def on_qa_key_pressed(self, message: QaKeyPressed) -> None:
        """Hand a key of the code entry to the session."""
        self._qa_key(message.key)

    def _qa_key(self, key: str) -> None:
        # A verdict is given on what was on the screen, whichever way it was pressed.
        work = None if self.snapshot is None else self.snapshot.work
        self.session.put(QaKey(key, work.card if isinstance(work, QaView) else ""))

    def on_find_requested(self, message: FindRequested) -> None:
        """Hand an id that was asked for to the session."""
        self.session.put(Found(message.text))

    def on_question_answered(self, message: QuestionAnswered) -> None:
        """Hand the answer to a question to the session."""
        self.session.put(Answered(message.serial, message.value))

    def on_question_seen(self, message: QuestionSeen) -> None:
        """Tell the session whether anybody can read what is asked."""
        self.session.question_seen(message.serial, is_seen=message.is_seen)

    def on_code_typed(self, message: CodeTyped) -> None:
        """Hand a code that was typed where a PIN is asked for to the session."""
        self.session.put(Scanned(message.text.removeprefix(self._prefix), self._clock(), is_typed=True))

    def on_pin_entered(self, message: PinEntered) -> None:
        """Hand a PIN to the session."""
        self.session.put(PinGiven(message.serial, message.pin))
