"""Screens that cover others: log-on, the stop, help, and the dialogs with their typed results."""

from collections.abc import Iterable
from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widget import Widget

from kiosk.screens.base import FramedScreen, KeyTaker, KioskScreen
from kiosk.screens.intents import CodeTyped
from kiosk.snapshots.dialogs import LogOnView, PinView, QuestionView
from kiosk.snapshots.frame import NextScanView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import StopView
from kiosk.widgets.painted import app_of
from kiosk.widgets.panels import (
    AnswerView,
    DialogPanel,
    FindPanel,
    FindView,
    HelpPanel,
    HelpView,
    LogOnPanel,
)
from kiosk.widgets.stop import StopPanel, StopScreenView

_LONGEST_ID = 64
_RESET = "CMD-RESET"


class LogOnScreen(FramedScreen):
    """Nobody is logged on; a badge scan is all there is to do."""

    def __init__(self) -> None:
        super().__init__()
        self.panel = LogOnPanel()

    def body(self) -> Iterable[Widget]:
        """One big imperative."""
        yield self.panel

    def update_snapshot(self, snapshot: StationSnapshot) -> None:
        """Show the imperative and the frame."""
        if isinstance(snapshot.work, LogOnView):
            self.panel.show(snapshot.work)
        super().update_snapshot(snapshot)


class StopScreen(KioskScreen):
    """The stop fills the terminal, whatever its size; the footer's keys work only where it names one."""

    CSS_PATH = "../styles/screens.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.panel = StopPanel()

    def compose(self) -> ComposeResult:
        """Nothing but the stop."""
        yield self.panel

    def update_snapshot(self, snapshot: StationSnapshot) -> None:
        """Show the stop of the snapshot, if it has one, and what is typed over it."""
        if snapshot.stop is not None:
            self.panel.show(StopScreenView(_with_code(snapshot.stop, snapshot.next_scan), snapshot.typed))
        super().update_snapshot(snapshot)


def _with_code(stop: StopView, next_scan: NextScanView | None) -> StopView:
    """Say in a demo, where no card hangs on the wall and no line names a code, what to type: first on the last line."""
    if next_scan is None or next_scan.code != _RESET:
        return stop
    return replace(stop, footnote=f"Type {_RESET}. {stop.footnote}".strip())


class HelpScreen(KioskScreen):
    """F1: any key goes back."""

    CSS_PATH = "../styles/screens.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.panel = HelpPanel()

    def compose(self) -> ComposeResult:
        """Help on one screen."""
        yield self.panel

    def show(self, view: HelpView) -> None:
        """Show the help of a role."""
        self.panel.show(view)

    def own_key(self, event: events.Key) -> bool:  # noqa: ARG002 (any key)
        """Whatever is pressed, the work comes back."""
        if self.is_current:
            app_of(self).pop_screen()
        return True


class QuestionScreen(ModalScreen[str], inherit_bindings=False):
    """A question; gives the value of the choice whose key was pressed, or "" for Esc and F2."""

    CSS_PATH = "../styles/screens.tcss"
    AUTO_FOCUS = None
    ALLOW_SELECT = False

    def __init__(self, question: QuestionView) -> None:
        super().__init__()
        self.question = question
        self.panel = DialogPanel()

    def compose(self) -> ComposeResult:
        """The dialog alone, over the work."""
        self.panel.styles.height = DialogPanel.rows_of(self.question)
        self.panel.show(AnswerView(self.question))
        yield self.panel

    def on_key(self, event: events.Key) -> None:
        """A scan may answer too, so the app looks first."""
        event.stop()
        app = app_of(self)
        if isinstance(app, KeyTaker) and app.take_key(event):
            return
        for choice in self.question.choices:
            named = choice.key.lower()
            pressed = event.key == {"esc": "escape"}.get(named, named)
            typed = event.character is not None and event.character.lower() == named
            if pressed or typed:
                self.dismiss(choice.value)
                return
        # Whoever takes something back does not want what is asked.
        if event.key in {"escape", "f2"}:
            self.dismiss("")


class PinScreen(ModalScreen[str | None], inherit_bindings=False):
    """Asks for a PIN; gives the digits, or None when it was cancelled. Nothing shows them.

    What is typed there and is no PIN is told as a code, and the question stays.
    """

    CSS_PATH = "../styles/screens.tcss"
    AUTO_FOCUS = None
    ALLOW_SELECT = False

    def __init__(self, question: PinView) -> None:
        super().__init__()
        self.question = question
        self.panel = DialogPanel()
        self._typed = ""

    def compose(self) -> ComposeResult:
        """The dialog alone, over the work."""
        self.panel.styles.height = DialogPanel.rows_of(self.question)
        self.panel.show(AnswerView(self.question))
        yield self.panel

    def on_key(self, event: events.Key) -> None:
        """What is typed is kept here and nowhere else until Enter; a scanner that types ends its codes so too."""
        event.stop()
        match event.key:
            case "escape":
                self.dismiss(None)
                return
            case "enter" | "tab":
                if self._is_pin:
                    self.dismiss(self._typed)
                    return
                if self._typed:
                    self.post_message(CodeTyped(self._typed))
                self._typed = ""
            case "backspace":
                self._typed = self._typed[:-1]
            case _:
                character = event.character or ""
                longest = self.question.longest if self._is_pin and character.isdigit() else _LONGEST_ID
                if character.isprintable() and len(self._typed) < longest:
                    self._typed += character
        self.panel.show(AnswerView(self.question, len(self._typed)))

    @property
    def _is_pin(self) -> bool:
        return self._typed.isascii() and self._typed.isdigit()


class FindScreen(ModalScreen[str | None], inherit_bindings=False):
    """Asks what to find; gives the text as typed, or None."""

    CSS_PATH = "../styles/screens.tcss"
    AUTO_FOCUS = None
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.panel = FindPanel()
        self._typed = ""

    def compose(self) -> ComposeResult:
        """The dialog alone, over the floor."""
        self.panel.styles.height = 6
        self.panel.show(FindView())
        yield self.panel

    def on_key(self, event: events.Key) -> None:
        """A scanner's keys land here too and end in Enter, so a scan finds as well."""
        event.stop()
        match event.key:
            case "escape":
                self.dismiss(None)
                return
            case "enter":
                self.dismiss(self._typed.strip() or None)
                return
            case "backspace":
                self._typed = self._typed[:-1]
            case _:
                character = event.character or ""
                if character.isprintable() and len(self._typed) < _LONGEST_ID:
                    self._typed += character
        self.panel.show(FindView(self._typed.upper()))
