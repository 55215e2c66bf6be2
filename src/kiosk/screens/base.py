"""What all screens share: keys become messages by way of the footer, and small terminals are told so."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from kiosk.screens.intents import OperatorPressed
from kiosk.snapshots.keys import FooterView, Intent
from kiosk.snapshots.station import StationSnapshot, TooSmallView
from kiosk.widgets.frame import FooterLine, FooterLineView, HeaderLine, HintLine, HintView, NoticeLine
from kiosk.widgets.painted import app_of
from kiosk.widgets.panels import TooSmallPanel

SMALLEST = TooSmallView(columns=0, rows=0)
"""The smallest terminal that is served, in its `needed_…` fields."""

_KEY_NAMES = {
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
    "Enter": "enter",
    "Esc": "escape",
    "Space": "space",
    "Backspace": "backspace",
}


def is_too_small(size: Size) -> bool:
    """Whether a terminal has less room than the smallest layout."""
    return size.width < SMALLEST.needed_columns or size.height < SMALLEST.needed_rows


@runtime_checkable
class KeyTaker(Protocol):
    """An app that looks at keys before the screens do, for scans typed by a wedge scanner."""

    def take_key(self, event: events.Key) -> bool:
        """Whether the key belongs to a scan; the screens then leave it alone."""
        ...

    def show_overlay(self, intent: Intent) -> None:
        """Show what the host itself answers with: help, or the find dialog."""
        ...


class Frame(Vertical):
    """A container that is wholly covered by what it holds, and so never has to be painted itself."""

    BLANK = True


class Area(Horizontal):
    """The same, side by side."""

    BLANK = True


class KioskScreen(Screen[Any], inherit_bindings=False):
    """A screen installed once and fed snapshots."""

    AUTO_FOCUS = None
    ALLOW_SELECT = False
    BLANK = True

    def __init__(self) -> None:
        super().__init__()
        self._footer_view = FooterView()

    def update_snapshot(self, snapshot: StationSnapshot) -> None:
        """Show another snapshot; what did not change costs nothing."""
        self._footer_view = snapshot.footer

    def on_key(self, event: events.Key) -> None:
        """A wedge scan first, then the screen's own keys, then the footer's; others do nothing."""
        event.stop()
        event.prevent_default()
        app = app_of(self)
        if isinstance(app, KeyTaker) and app.take_key(event):
            return
        if self.own_key(event):
            return
        intent = intent_of(event, self._footer_view)
        if intent is not None:
            self.press(intent)

    def own_key(self, event: events.Key) -> bool:  # noqa: ARG002 (for screens to override)
        """Handle a key that is this screen's own; says whether it was."""
        return False

    def press(self, intent: Intent) -> None:
        """Say that a key of the footer was pressed."""
        if intent in {Intent.HELP, Intent.FIND}:
            app = app_of(self)
            if isinstance(app, KeyTaker):
                app.show_overlay(intent)
            return
        self.post_message(OperatorPressed(intent))


def intent_of(event: events.Key, footer: FooterView) -> Intent | None:
    """What the footer says about a key; None where it does not show it."""
    for key in footer.keys:
        if not (key.enabled or key.says_why):
            continue
        if key.second_intent is not None and len(key.key) == 2:
            pairs: tuple[tuple[str, Intent], ...] = ((key.key[0], key.intent), (key.key[1], key.second_intent))
        else:
            pairs = ((key.key, key.intent),)
        for printed, intent in pairs:
            if _is_pressed(printed, event):
                return intent
    return None


def _is_pressed(printed: str, event: events.Key) -> bool:
    if len(printed) == 1 and printed not in _KEY_NAMES:
        return event.character is not None and event.character.upper() == printed.upper()
    return event.key == _KEY_NAMES.get(printed, printed.lower())


class FramedScreen(KioskScreen):
    """A screen with the header, the footer, the notice and the demo's hint; subclasses fill what is between."""

    CSS_PATH = "../styles/screens.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.header_line = HeaderLine()
        self.hint_line = HintLine()
        self.notice_line = NoticeLine()
        self.footer_line = FooterLine()
        self._too_small = TooSmallPanel()
        self._small: TooSmallView | None = None
        self._shown: StationSnapshot | None = None
        self._frame = Frame(classes="frame")

    def body(self) -> Iterable[Widget]:
        """The widgets between header and footer, top to bottom."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Everything is built once; snapshots only change what is shown."""
        yield self._too_small
        with self._frame:
            yield self.header_line
            yield from self.body()
            yield self.notice_line
            yield self.hint_line
            yield self.footer_line

    def update_snapshot(self, snapshot: StationSnapshot) -> None:
        """Header, hint and footer; subclasses add their own."""
        super().update_snapshot(snapshot)
        self._shown = snapshot
        if self._small is not None:
            self._show_small(self._small)
        self.header_line.show(snapshot.header)
        noticed = snapshot.notice is not None
        if self.notice_line.display != noticed:
            self.notice_line.display = noticed
        if snapshot.notice is not None:
            self.notice_line.show(snapshot.notice)
        hinted = snapshot.next_scan is not None
        if self.hint_line.display != hinted:
            self.hint_line.display = hinted
        if snapshot.next_scan is not None:
            self.hint_line.show(HintView(snapshot.next_scan, snapshot.typed))
        self.footer_line.show(FooterLineView(snapshot.footer, "" if hinted else snapshot.typed))

    def on_mount(self) -> None:
        """The notice is there while there is something to act on, the hint in the demo only."""
        self.notice_line.display = self.notice_line.view is not None
        self.hint_line.display = self.hint_line.view is not None
        self._too_small.display = False

    def on_resize(self, event: events.Resize) -> None:
        """Settle the sizes of the parts, or say that the terminal is too small."""
        columns, rows = event.size
        small = is_too_small(event.size)
        self._too_small.display = small
        self._frame.display = not small
        self._small = TooSmallView(columns=columns, rows=rows) if small else None
        if self._small is not None:
            self._show_small(self._small)
        else:
            self.lay_out(columns, rows)

    def _show_small(self, small: TooSmallView) -> None:
        """Say what is needed, and the answer to a scan: it has its effect whether or not it can be seen."""
        if self._shown is not None:
            last = next(iter(self._shown.scans.lines), None)
            small = replace(small, verdict=self._shown.verdict, last=last)
        self._too_small.show(small)

    def lay_out(self, columns: int, rows: int) -> None:
        """Settle the sizes of the parts for a terminal of `columns` by `rows` cells."""
