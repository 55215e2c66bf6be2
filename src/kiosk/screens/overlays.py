"""Screens that cover others: log-on, the stop, help, and the dialogs with their typed results."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from kiosk.screens.base import FramedScreen, KeyTaker, KioskScreen, is_too_small
from kiosk.screens.intents import CodeTyped, QuestionSeen
from kiosk.snapshots.dialogs import LogOnView, PinView, QuestionView
from kiosk.snapshots.frame import NextScanView
from kiosk.snapshots.station import StationSnapshot, TooSmallView
from kiosk.snapshots.verdicts import StopView, VerdictState, VerdictView
from kiosk.widgets.painted import app_of
from kiosk.widgets.panels import (
    DIALOG_WIDTH,
    AnswerView,
    DialogPanel,
    FindPanel,
    FindView,
    HelpPanel,
    HelpView,
    LogOnPanel,
    TooSmallPanel,
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
        self._too_small = TooSmallPanel()

    def compose(self) -> ComposeResult:
        """Help on one screen."""
        yield self._too_small
        yield self.panel

    def on_resize(self, event: events.Resize) -> None:
        """Help is whole, or the terminal is said to be too small for it."""
        small = is_too_small(event.size)
        self.panel.display, self._too_small.display = not small, small
        if small:
            self._too_small.show(_unseen(event.size, "HELP HAS NO ROOM", "Any key goes back."))

    def show(self, view: HelpView) -> None:
        """Show the help of a role."""
        self.panel.show(view)

    def own_key(self, event: events.Key) -> bool:  # noqa: ARG002 (any key)
        """Whatever is pressed, the work comes back."""
        if self.is_current:
            app_of(self).pop_screen()
        return True


def _unseen(size: Size, words: str, instruction: str) -> TooSmallView:
    """What a terminal without room for it says instead of what covers the work."""
    verdict = VerdictView(state=VerdictState.ATTENTION, words=words, instruction=instruction)
    return TooSmallView(columns=size.width, rows=size.height, verdict=verdict)


Answer = TypeVar("Answer")


class DialogScreen(ModalScreen[Answer], inherit_bindings=False):
    """A dialog over the work: whole, or not there; what it asks and nobody could read is not answered then."""

    CSS_PATH = "../styles/screens.tcss"
    AUTO_FOCUS = None
    ALLOW_SELECT = False

    def __init__(self, panel: Widget, title: str) -> None:
        super().__init__()
        self._panel = panel
        self._title = title
        self._too_small = TooSmallPanel()
        self.is_seen = True

    def compose(self) -> ComposeResult:
        """The dialog alone, over the work."""
        yield self._too_small
        yield self._panel

    def size_in(self, columns: int) -> tuple[int, int]:
        """Return how many columns and rows the dialog takes, or needs, in a terminal of so many columns."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """Settle its size, or say that the terminal is too small."""
        columns, rows = self.size_in(event.size.width)
        self._panel.styles.width, self._panel.styles.height = columns, rows
        self.is_seen = columns <= event.size.width and rows <= event.size.height
        self._panel.display, self._too_small.display = self.is_seen, not self.is_seen
        if not self.is_seen:
            self._too_small.show(_unseen(event.size, self._title, "Esc leaves it."))
        self.settled()

    def settled(self) -> None:
        """Called when it is known whether the dialog has room."""


class QuestionScreen(DialogScreen[str], inherit_bindings=False):
    """A question; gives the value of the choice whose key was pressed, or "" for Esc and F2."""

    def __init__(self, question: QuestionView) -> None:
        self.question = question
        self.panel = DialogPanel()
        super().__init__(self.panel, question.title)
        self.panel.show(AnswerView(question))

    def size_in(self, columns: int) -> tuple[int, int]:
        """Return what the question and its answers need."""
        return DialogPanel.size_of(self.question, columns)

    def settled(self) -> None:
        """Tell whether it can be read: a wall card answers it, too, and that never comes by here."""
        self.post_message(QuestionSeen(self.question.serial, self.is_seen))

    def on_key(self, event: events.Key) -> None:
        """A scan may answer too, so the app looks first."""
        event.stop()
        app = app_of(self)
        if isinstance(app, KeyTaker) and app.take_key(event):
            return
        for choice in self.question.choices if self.is_seen else ():
            named = choice.key.lower()
            pressed = event.key == {"esc": "escape"}.get(named, named)
            typed = event.character is not None and event.character.lower() == named
            if pressed or typed:
                self.dismiss(choice.value)
                return
        # Whoever takes something back does not want what is asked.
        if event.key in {"escape", "f2"}:
            self.dismiss("")


class PinScreen(DialogScreen[str | None], inherit_bindings=False):
    """Asks for a PIN; gives the digits, or None when it was cancelled. Nothing shows them.

    What is typed there and is no PIN is told as a code, and the question stays.
    """

    def __init__(self, question: PinView) -> None:
        self.question = question
        self.panel = DialogPanel()
        super().__init__(self.panel, question.title)
        self._typed = ""
        self.panel.show(AnswerView(question))

    def size_in(self, columns: int) -> tuple[int, int]:
        """Return what the question, its dots and its keys need."""
        return DialogPanel.size_of(self.question, columns)

    def on_key(self, event: events.Key) -> None:
        """What is typed is kept here and nowhere else until Enter; a scanner that types ends its codes so too."""
        event.stop()
        match event.key:
            case "escape":
                self.dismiss(None)
                return
            case "enter" | "tab":
                if self._is_pin and self.is_seen:
                    self.dismiss(self._typed)
                    return
                if self._typed and not self._is_pin:
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


class FindScreen(DialogScreen[str | None], inherit_bindings=False):
    """Asks what to find; gives the text as typed, or None."""

    def __init__(self) -> None:
        self.panel = FindPanel()
        super().__init__(self.panel, "FIND")
        self._typed = ""
        self.panel.show(FindView())

    def size_in(self, columns: int) -> tuple[int, int]:
        """Return what its one line and its keys need."""
        return max(FindPanel.COLUMNS, min(DIALOG_WIDTH, columns)), FindPanel.ROWS

    def on_key(self, event: events.Key) -> None:
        """A scanner's keys land here too and end in Enter, so a scan finds as well, seen or not: it changes nothing."""
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
