"""Holds the screens for an app: installs each once, shows snapshots on them, and passes messages on.

The app is `class KioskApp(ScreenHost)`. It calls `show_snapshot` with every snapshot and handles
the messages of `kiosk.screens.intents`. A stop covers everything; a question covers the work.
"""

from typing import Final

from textual import events
from textual.screen import Screen

from kiosk.garbage import GarbageAtRest
from kiosk.lockdown import LockedDownApp
from kiosk.roles import presentation_of
from kiosk.screens.base import KioskScreen
from kiosk.screens.intents import FindRequested, PinEntered, QuestionAnswered
from kiosk.screens.lead import card_screen, floor_screen, job_screen, sheet_screen
from kiosk.screens.overlays import FindScreen, HelpScreen, LogOnScreen, PinScreen, QuestionScreen, StopScreen
from kiosk.screens.station import AssemblyScreen, BatchScreen, CutterScreen, PackingScreen, QaScreen
from kiosk.service import service_manager
from kiosk.snapshots.dialogs import LogOnView, PinView, QuestionView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadCardView, LeadJobView, LeadSheetView, LeadView
from kiosk.snapshots.station import StationSnapshot, WorkView
from kiosk.snapshots.work import AssemblyView, BatchView, CutterView, PackingView, QaView
from kiosk.themes import NIGHT, install_themes

_STOP: Final = "stop"
_HELP: Final = "help"

_SCREENS: Final = {
    LogOnView: ("log-on", LogOnScreen),
    BatchView: ("batch", BatchScreen),
    CutterView: ("cutter", CutterScreen),
    QaView: ("qa", QaScreen),
    AssemblyView: ("assembly", AssemblyScreen),
    PackingView: ("packing", PackingScreen),
    LeadView: ("floor", floor_screen),
    LeadJobView: ("job", job_screen),
    LeadSheetView: ("sheet", sheet_screen),
    LeadCardView: ("card", card_screen),
}


class ScreenHost(LockedDownApp):
    """An app that shows station snapshots. `theme_name` is "night", "day" or "console"."""

    def __init__(self, *, theme_name: str = NIGHT.name) -> None:
        super().__init__()
        install_themes(self)
        self.theme = theme_name
        self._kiosk_screens: dict[str, KioskScreen] = {}
        self._work_screen = ""
        self._snapshot: StationSnapshot | None = None
        self._dialog: QuestionScreen | PinScreen | None = None
        self._local: Screen[str | None] | None = None
        self._manager = service_manager()
        self.garbage: GarbageAtRest | None = None
        """Set where the app has a process to itself, whose memory it may then look after."""

    def on_mount(self) -> None:
        """Tell the service manager that this app is up, and from then on that it works."""
        if self._manager is None:
            return
        self._manager.ready()
        if self._manager.every is not None:
            # By the app's own timer: a message pump that hangs gives no sign of life.
            self.set_interval(self._manager.every, self._give_a_sign_of_life)

    def _give_a_sign_of_life(self) -> None:
        if self._manager is not None and self.is_well:
            self._manager.alive()

    @property
    def is_well(self) -> bool:
        """Whether what is behind the screens works; for apps to override."""
        return True

    @property
    def snapshot(self) -> StationSnapshot | None:
        """What is shown now; None before the first snapshot."""
        return self._snapshot

    def take_key(self, event: events.Key) -> bool:  # noqa: ARG002 (for apps to override)
        """Look at a key before the screens do; True keeps it from them. For wedge scanners."""
        return False

    def show_snapshot(self, snapshot: StationSnapshot) -> None:
        """Show a snapshot: its work, and over it its stop or its question. Call it on the app's own thread."""
        before, self._snapshot = self._snapshot, snapshot
        self._look_after_memory(before, snapshot)
        self._show_work(snapshot)
        stop = self._kiosk_screens.get(_STOP)
        stopped = stop is not None and stop in self.screen_stack
        if snapshot.stop is not None:
            stop = self._screen_named(_STOP, StopScreen)
            stop.update_snapshot(snapshot)
            if not stopped:
                self._close_local()
                self._close_dialog()
                self.push_screen(stop)
            return
        if stopped:
            self.pop_screen()
        self._show_question(snapshot.question)

    def _look_after_memory(self, before: StationSnapshot | None, now: StationSnapshot) -> None:
        if self.garbage is None:
            return
        if before is None:
            self.call_after_refresh(self.garbage.begin)
        elif before.verdict.serial != now.verdict.serial:
            self.garbage.verdict_shown()

    def show_overlay(self, intent: Intent) -> None:
        """Help or find: answered here, without the app."""
        if self._snapshot is None or self._snapshot.stop is not None or self._local is not None:
            return
        if intent is Intent.HELP:
            screen = self._screen_named(_HELP, HelpScreen)
            if isinstance(screen, HelpScreen):
                screen.show(presentation_of(self._snapshot.role).help_view(self._snapshot.footer, self._snapshot.work))
                self.push_screen(screen)
        elif intent is Intent.FIND:
            self._local = FindScreen()
            self.push_screen(self._local, self._found)

    def _show_work(self, snapshot: StationSnapshot) -> None:
        name, factory = _screen_for(snapshot.work)
        screen = self._screen_named(name, factory)
        screen.update_snapshot(snapshot)
        if name == self._work_screen:
            return
        self._close_local()
        self._close_dialog()
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if self._work_screen:
            self.switch_screen(screen)  # pyright: ignore[reportUnknownMemberType] (Screen's result is left open)
        else:
            self.push_screen(screen)
        self._work_screen = name

    def _show_question(self, question: QuestionView | PinView | None) -> None:
        if self._dialog is not None:
            if question == self._dialog.question:
                return
            self._close_dialog()
        match question:
            case None:
                return
            case QuestionView():
                self._close_local()
                dialog = QuestionScreen(question)
                self._dialog = dialog
                self.push_screen(dialog, lambda value: self._answered(question.serial, value or ""))
            case PinView():
                self._close_local()
                pin = PinScreen(question)
                self._dialog = pin
                self.push_screen(pin, lambda digits: self._pin_entered(question.serial, digits))

    def _answered(self, serial: int, value: str) -> None:
        self._dialog = None
        self.post_message(QuestionAnswered(serial, value))

    def _pin_entered(self, serial: int, pin: str | None) -> None:
        self._dialog = None
        self.post_message(PinEntered(serial, pin))

    def _found(self, text: str | None) -> None:
        self._local = None
        if text:
            self.post_message(FindRequested(text))

    def _close_dialog(self) -> None:
        """Take a dialog away without an answer: what it asked is no longer the question."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None and dialog is self.screen_stack[-1]:
            self.pop_screen()

    def _close_local(self) -> None:
        local, self._local = self._local, None
        if local is not None and local is self.screen_stack[-1]:
            self.pop_screen()
        self.close_help()

    @property
    def is_helping(self) -> bool:
        """Whether help covers the work."""
        return isinstance(self.screen_stack[-1], HelpScreen)

    def close_help(self) -> None:
        """Let the work be seen again, where help covers it."""
        if self.is_helping:
            self.pop_screen()

    def _screen_named(self, name: str, factory: type[KioskScreen] | object) -> KioskScreen:
        screen = self._kiosk_screens.get(name)
        if screen is None:
            if not callable(factory):
                raise TypeError(name)
            made = factory()
            if not isinstance(made, KioskScreen):
                raise TypeError(name)
            screen = made
            self.install_screen(screen, name)  # pyright: ignore[reportUnknownMemberType] (as above)
            self._kiosk_screens[name] = screen
        return screen


def _screen_for(work: WorkView) -> tuple[str, object]:
    return _SCREENS[type(work)]
