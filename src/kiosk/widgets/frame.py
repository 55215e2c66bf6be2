"""What every screen has in the same place: the header line, the demo's hint, and the footer of keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.snapshots.frame import ConnectionState, HeaderView, NextScanView, NoticeView, ScannerState
from kiosk.snapshots.keys import FooterKey, FooterView
from kiosk.snapshots.tone import Tone
from kiosk.themes import Palette
from kiosk.widgets.canvas import Canvas, cells, clip, clip_at_words
from kiosk.widgets.painted import Painted
from kiosk.widgets.symbols import TONE_SYMBOLS

_OPERATOR_ROOM = 18


class HeaderLine(Painted[HeaderView]):
    """Station, job, connection, scanner, operator and clock, in one row."""

    def paint(self, canvas: Canvas, view: HeaderView) -> None:
        """Right to left first: what is on the right is never pushed off by a long job."""
        palette = self.palette
        panel = palette.panel
        canvas.fill(0, 0, canvas.width, 1, panel.style())
        end = canvas.width - 1
        if view.clock:
            end = canvas.right(end, 0, view.clock, panel.style()) - 3
        if view.clock_off:
            words = f" ▲ OWN CLOCK {view.clock_off} "
            end = canvas.right(end, 0, words, palette.badges[Tone.ATTENTION].style()) - 2
        if view.operator:
            end = canvas.right(end, 0, view.operator, panel.style(), _OPERATOR_ROOM) - 3
        end = self._connection(canvas, view, end)
        end = self._scanner(canvas, view, end)
        station = clip(view.station.upper(), canvas.width // 3)
        x = canvas.text(0, 0, f" {station} ", palette.label.style()) + 2
        if view.job:
            x = canvas.text(x, 0, view.job, panel.style(), end - x) + 2
        details = view.details
        while details and x + cells(" · ".join(details)) > end:
            details = details[1:]
        canvas.text(x, 0, " · ".join(details), panel.style(bold=False, quiet=True), max(0, end - x))

    def _connection(self, canvas: Canvas, view: HeaderView, end: int) -> int:
        panel = self.palette.panel
        if view.kept:
            # Beside an age the word for the state is the first to go.
            away = f"{view.offline_for} · " if view.connection is ConnectionState.OFFLINE and view.offline_for else ""
            return canvas.right(end, 0, f" ≠ {away}{view.kept} KEPT ", self.palette.badges[Tone.OFFLINE].style()) - 2
        match view.connection:
            case ConnectionState.ONLINE:
                return canvas.right(end, 0, "● online", panel.style(bold=False, quiet=True)) - 2
            case ConnectionState.CONNECTING:
                return canvas.right(end, 0, " ○ CONNECTING ", self.palette.badges[Tone.ATTENTION].style()) - 2
            case ConnectionState.OFFLINE:
                words = f" ≠ OFFLINE {view.offline_for} " if view.offline_for else " ≠ OFFLINE "
                return canvas.right(end, 0, words, self.palette.badges[Tone.OFFLINE].style()) - 2

    def _scanner(self, canvas: Canvas, view: HeaderView, end: int) -> int:
        match view.scanner:
            case ScannerState.READY:
                return end
            case ScannerState.KEYBOARD:
                if canvas.width < 120:
                    return end
                return canvas.right(end, 0, "scans by keyboard", self.palette.panel.style(bold=False, quiet=True)) - 2
            case ScannerState.MISSING:
                return canvas.right(end, 0, " ▲ NO SCANNER ", self.palette.badges[Tone.ATTENTION].style()) - 2
            case ScannerState.FAULT:
                return canvas.right(end, 0, " ▲ SCANNER FAULT ", self.palette.badges[Tone.ATTENTION].style()) - 2


@dataclass(frozen=True, slots=True)
class FooterLineView:
    """The footer's keys, and what has been typed as a scan so far."""

    footer: FooterView
    typed: str = ""


class FooterLine(Painted[FooterLineView]):
    """Every key that does something here, and at the right what is being typed."""

    def paint(self, canvas: Canvas, view: FooterLineView) -> None:
        """Spaced widely where there is room, closely where there is not."""
        palette = self.palette
        panel = palette.panel
        canvas.fill(0, 0, canvas.width, 1, panel.style())
        end = canvas.width
        if view.typed:
            end = canvas.right(canvas.width - 1, 0, f" {view.typed}▌", palette.selected.style()) - 1
        keys = _fitting(view.footer.keys, end)
        spare = end - sum(cells(cap) + cells(label) for cap, label, _ in keys)
        gap = max(0, min(2, spare // max(1, len(keys) - 1)))
        x = 0
        for cap, label, enabled in keys:
            x = canvas.text(x, 0, cap, palette.key.style(quiet=not enabled, bold=enabled))
            ink = panel.style(bold=False, quiet=True) if enabled else palette.on(palette.faint, panel.paper)
            x = canvas.text(x, 0, label, ink, max(0, end - x)) + gap


_SPEAKING: Final = frozenset({"↑↓", "←→"})
"""Keys that say by themselves what they do; their words are the first to go."""


def _fitting(keys: Sequence[FooterKey], width: int) -> list[tuple[str, str, bool]]:
    """Caps, words and whether a key does something now, as widely as they stand apart in `width` cells."""
    wide = [(f" {key.key} ", f" {key.label}", key.enabled) for key in keys]
    close = [(key.key, f" {key.label}", key.enabled) for key in keys]
    closest = [(cap, "" if cap in _SPEAKING else label, enabled) for cap, label, enabled in close]
    for look in (wide, close):
        if sum(cells(cap) + cells(label) + 1 for cap, label, _ in look) - 1 <= width:
            return look
    return closest


class NoticeLine(Painted[NoticeView]):
    """What stays until somebody acts on it, above the footer: how many, and the newest of them."""

    def paint(self, canvas: Canvas, view: NoticeView) -> None:
        """A badge with the words, then the newest."""
        palette = self.palette
        canvas.fill(0, 0, canvas.width, 1, palette.text())
        words = f" {TONE_SYMBOLS[view.tone]} {view.words} "
        x = canvas.text(1, 0, words, palette.badges[view.tone].style(), canvas.width - 2) + 1
        canvas.text(x, 0, view.detail, palette.tone(Tone.STRONG), max(0, canvas.width - x - 1))


@dataclass(frozen=True, slots=True)
class HintView:
    """The demo's next scan and what has been typed towards it."""

    next_scan: NextScanView
    typed: str = ""


class HintLine(Painted[HintView]):
    """The demo's hint: what to scan next, above the footer."""

    def paint(self, canvas: Canvas, view: HintView) -> None:
        """A label, the code as it would be typed, why, and what has been typed."""
        palette: Palette = self.palette
        selected = palette.selected
        canvas.fill(0, 0, canvas.width, 1, palette.text())
        x = canvas.text(1, 0, " SCAN NEXT ", palette.label.style()) + 1
        x = canvas.text(x, 0, view.next_scan.code, palette.tone(Tone.STRONG), canvas.width - x) + 2
        end = canvas.width - 1
        if view.typed:
            end = canvas.right(end, 0, f" {view.typed}▌", selected.style(), max(0, end - x)) - 2
        canvas.text(x, 0, clip_at_words(view.next_scan.why, end - x), palette.quiet(), max(0, end - x))
