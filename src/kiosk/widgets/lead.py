"""What a lead drills down to from the floor (`kiosk.widgets.floor`): a job, a sheet, a card."""

import itertools
from collections.abc import Iterable, Sequence
from textwrap import wrap

from kiosk.bigtype import fit
from kiosk.snapshots.leads import (
    BadgeView,
    LeadCardView,
    LeadJobView,
    LeadSheetView,
    SegmentView,
    SheetMapView,
    SheetRowView,
)
from kiosk.snapshots.tone import Tone
from kiosk.themes import Palette
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.painted import Painted
from kiosk.widgets.sections import Section, heading, history_rows, paint_sections
from kiosk.widgets.slots import paint_slots
from kiosk.widgets.symbols import TONE_SYMBOLS

LEFT = 2
"""The column that rows of a lead's board begin at; the marker of the chosen one stands before it."""
_BETWEEN = " · "
"""Stands between two facts of one line."""


class LeadJob(Painted[LeadJobView]):
    """A job: its id in big type, its state, and its sheets."""

    def paint(self, canvas: Canvas, view: LeadJobView) -> None:
        """The sheets are a list; the selected one is always in sight."""
        palette = self.palette
        y = _headline(canvas, palette, view.job, name=view.name, badge=view.badge, facts=view.facts)
        width = canvas.width - 2 * LEFT
        paint_segments(canvas, palette, (LEFT, y, width), view.segments)
        y += 2
        heading(canvas, palette, (LEFT, y, width), "SHEETS", str(len(view.sheets)), "where the cards are")
        y += 2
        fits = max(1, canvas.height - y)
        whole = len(view.sheets) <= fits
        first = 0 if whole else max(0, min(view.selected - (fits - 2), len(view.sheets) - (fits - 1)))
        shown = view.sheets[first : first + (fits if whole else fits - 1)]
        sheet = max((cells(row.sheet) for row in view.sheets), default=0) + 2
        state = max((cells(row.state) for row in view.sheets), default=0) + 2
        for index, row in enumerate(shown, first):
            self._sheet(canvas, row, (sheet, state), y, chosen=index == view.selected)
            y += 1
        if not whole:
            hidden = (*view.sheets[:first], *view.sheets[first + len(shown) :])
            paint_more(canvas, palette, (LEFT, y), [row.tone for row in hidden])

    def _sheet(self, canvas: Canvas, row: SheetRowView, widths: tuple[int, int], y: int, *, chosen: bool) -> None:
        palette = self.palette
        paper = selection(canvas, palette, y, chosen=chosen)
        loud = row.tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE}
        tone = palette.tone(row.tone, paper=paper) if loud else palette.on(palette.base.quiet, paper)
        sheet, state = widths
        canvas.text(LEFT, y, row.sheet, palette.on(palette.tones[Tone.STRONG], paper, bold=True), sheet)
        canvas.text(LEFT + sheet, y, row.state, tone, state)
        bar = max(10, canvas.width * 4 // 10)
        x = LEFT + sheet + state
        end = canvas.width - LEFT
        note = f"{TONE_SYMBOLS[row.tone]} {row.note}" if loud and row.note else row.note
        canvas.text(x, y, note, tone, max(0, end - bar - 2 - x))
        paint_segments(canvas, palette, (end - bar, y, bar), row.segments)


class LeadSheet(Painted[LeadSheetView]):
    """A sheet: every card on its place, and the sheet's own history."""

    def paint(self, canvas: Canvas, view: LeadSheetView) -> None:
        """Layout left, history right; below each other they would need scrolling."""
        palette = self.palette
        y = _headline(canvas, palette, view.sheet, badge=view.badge, facts=view.facts)
        side = max(34, canvas.width * 4 // 10)
        width = canvas.width - side - 2 * LEFT
        room = canvas.height - y
        pitch = max(1, min(room // max(1, view.grid.rows), 6))
        paint_slots(canvas, palette, view.grid, (LEFT, y, width, pitch * view.grid.rows), view.selected)
        rows = history_rows(palette, view.history, spaced=2 * len(view.history) + 2 <= room)
        x = LEFT + width + 3
        paint_sections(
            canvas,
            palette,
            (x, y, canvas.width - x - 1, room),
            [Section(title="SHEET'S HISTORY", rows=rows, empty="none")],
        )


class LeadCard(Painted[LeadCardView]):
    """A card: its whole life from the press to the box, and where it stands on its sheet."""

    def paint(self, canvas: Canvas, view: LeadCardView) -> None:
        """The newest facts stay in sight where a long life does not fit."""
        palette = self.palette
        y = _headline(canvas, palette, view.card, badge=view.badge, facts=view.facts)
        side = 0
        if view.sheet_map is not None:
            side = min(max(24, canvas.width // 4), 40)
            self._map(canvas, view.sheet_map, (canvas.width - side - 1, y, side, canvas.height - y))
        width = canvas.width - side - LEFT - (4 if side else 2)
        room = canvas.height - y - 2
        lines = view.history
        spaced = len(lines) * 2 - 1 <= room
        hidden = 0 if spaced or len(lines) <= room else len(lines) - (room - 1)
        heading(canvas, palette, (LEFT, y, width), "HISTORY", "", f"+{hidden} earlier" if hidden else "")
        for offset, paint in enumerate(history_rows(palette, lines[hidden:], spaced=spaced)):
            paint(canvas, LEFT, y + 2 + offset, width)

    def _map(self, canvas: Canvas, view: SheetMapView, area: tuple[int, int, int, int]) -> None:
        palette = self.palette
        x, y, width, height = area
        heading(canvas, palette, (x, y, width), view.title)
        rows = view.grid.rows
        room = height - 2 - len(view.legend) - 1
        pitch = 3 if room >= rows * 3 else 2 if room >= rows * 2 else 1
        below = paint_slots(canvas, palette, view.grid, (x, y + 2, width, pitch * rows), view.selected)
        words = [line for each in view.legend for line in wrap(each, width)]
        for offset, line in enumerate(words):
            canvas.text(x, below + 1 + offset, line, palette.quiet(), width)


def paint_segments(
    canvas: Canvas, palette: Palette, place: tuple[int, int, int], segments: Sequence[SegmentView]
) -> None:
    """Where a job's cards are: a bar in which each stage is as wide as its share, later stages brighter."""
    x, y, width = place
    total = sum(segment.count for segment in segments)
    if total <= 0 or width <= 0:
        canvas.text(x, y, "no cards yet", palette.on(palette.faint), width)
        return
    start = x
    shades = _shades([segment.count for segment in segments], len(palette.stages))
    ends = _ends(segments, width)
    for segment, shade, stop in zip(segments, shades, ends, strict=True):
        if segment.count <= 0:
            continue
        end = x + stop
        pair = palette.stages[shade]
        canvas.fill(start, y, end - start, 1, pair.style())
        if cells(_named(segment)) <= end - start:
            canvas.text(start, y, _named(segment), pair.style(), end - start)
        start = end


def _named(segment: SegmentView) -> str:
    return f" {segment.stage} {segment.count}"


def _ends(segments: Sequence[SegmentView], width: int) -> list[int]:
    """Where each stage's part of a bar ends: as wide as its share, or at least as its name needs.

    A number without its stage tells nobody anything, so names come before exact shares. Where there is no room for
    all of them, the stages with the most cards have theirs, and the others are a cell at the least.
    """
    shares = [max(0, segment.count) for segment in segments]
    ends = [round(width * done / sum(shares)) for done in itertools.accumulate(shares)]
    widths = [end - start for start, end in itertools.pairwise((0, *ends))]
    least = [min(1, share) for share in shares]
    spare = width - sum(least)
    for index in sorted(range(len(shares)), key=lambda index: shares[index], reverse=True):
        more = cells(_named(segments[index])) - 1
        if shares[index] and more <= spare:
            least[index] += more
            spare -= more
    if spare < 0 or all(given >= needed for given, needed in zip(widths, least, strict=True)):
        return ends
    wider = [max(0, given - needed) for given, needed in zip(widths, least, strict=True)]
    over = [round(spare * done / max(1, sum(wider))) for done in itertools.accumulate(wider)]
    return [kept + extra for kept, extra in zip(itertools.accumulate(least), over, strict=True)]


def _shades(counts: Sequence[int], shades: int) -> list[int]:
    """Which shade each stage has: brighter the further along the route, and never its neighbour's."""
    chosen = [index * (shades - 1) // max(1, len(counts) - 1) for index in range(len(counts))]
    shown = [index for index, count in enumerate(counts) if count > 0]
    for before, after in itertools.pairwise(shown):
        chosen[after] = max(chosen[after], chosen[before] + 1)
    ceiling = shades
    for index in reversed(shown):
        # More stages than shades: the last keep theirs, the first share the darkest.
        ceiling = max(0, min(chosen[index], ceiling - 1))
        chosen[index] = ceiling
    return chosen


def _headline(canvas: Canvas, palette: Palette, text: str, *, name: str = "", badge: BadgeView, facts: str) -> int:
    """A big id, a badge and the facts; returns the row below them."""
    rows = 5 if canvas.height >= 26 else 3
    big = fit(text, canvas.width - 2 * LEFT, rows, canvas.glyphs)
    y = 1
    strong = palette.tone(Tone.STRONG)
    if big is None:
        canvas.text(LEFT, y, text, strong)
        y += 1
    else:
        canvas.big(LEFT, y, big, strong)
        if name and big.width + cells(name) + 5 < canvas.width:
            canvas.text(LEFT + big.width + 3, y + big.rows - 1, name, strong)
        y += big.rows
    y += 1 if canvas.height >= 22 else 0
    marker = f"{badge.marker} " if badge.marker else ""
    x = canvas.text(LEFT, y, f" {marker}{badge.words} ", palette.badges[badge.tone].style()) + 2
    room = max(0, canvas.width - x - 1)
    lines = _whole_parts(facts, room)[:2]
    for offset, line in enumerate(lines):
        canvas.text(x, y + offset, line, palette.text(), room)
    return y + max(1, len(lines)) + 1


def _whole_parts(facts: str, width: int) -> list[str]:
    """Facts over as many lines as they need, broken where one ends and the next begins."""
    lines: list[str] = []
    for part in facts.split(_BETWEEN):
        longer = f"{lines[-1]}{_BETWEEN}{part}" if lines else part
        if lines and cells(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


LOUD = frozenset({Tone.ATTENTION, Tone.BAD, Tone.OFFLINE})
"""Tones that say their words with a symbol."""


def paint_more(canvas: Canvas, palette: Palette, place: tuple[int, int], hidden: Iterable[Tone]) -> None:
    """How many rows there was no room for, of these tones; and how many of them are in trouble, if any is."""
    tones = tuple(hidden)
    loud = [tone for tone in (Tone.BAD, Tone.ATTENTION, Tone.OFFLINE) for each in tones if each is tone]
    words, style = f"+{len(tones)} more", palette.quiet()
    if loud:
        words, style = f"{TONE_SYMBOLS[loud[0]]} {words}, {len(loud)} in trouble", palette.tone(loud[0])
    canvas.text(*place, words, style)


def selection(canvas: Canvas, palette: Palette, y: int, *, chosen: bool) -> str:
    """Mark a row as the chosen one; returns the paper of the row."""
    if not chosen:
        return palette.base.paper
    canvas.fill(0, y, canvas.width, 1, palette.selected.style())
    canvas.text(0, y, "▶", palette.selected.style())
    return palette.selected.paper
