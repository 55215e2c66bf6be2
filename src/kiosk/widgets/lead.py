"""The lead's floor and its drill-downs: job, sheet, card.

Exceptions come first, then four numbers for the wall, then where the load is, then where each
job's cards are. Columns that a narrow screen has no room for are left out whole, never cut.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from rich.style import Style

from kiosk.bigtype import GlyphSet, fit, fit_all
from kiosk.snapshots.leads import (
    BadgeView,
    JobRowView,
    LeadCardView,
    LeadJobView,
    LeadSection,
    LeadSheetView,
    LeadView,
    SegmentView,
    SheetMapView,
    SheetRowView,
    StationRowView,
)
from kiosk.snapshots.tone import Tone
from kiosk.themes import Palette
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.painted import Painted
from kiosk.widgets.sections import Section, heading, history_rows, paint_sections
from kiosk.widgets.slots import paint_slots
from kiosk.widgets.symbols import TONE_SYMBOLS

_SPARKS = "▁▁▂▃▄▅▆▇"
# Without the full block: rows stand close, and their columns must not run into one another.
_LEFT = 2
_BETWEEN = " · "
"""Stands between two facts of one line."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of a board: heading, width in cells, and whether words end at its right edge."""

    title: str
    width: int
    right: bool = False


class LeadFloor(Painted[LeadView]):
    """The whole floor on one screen."""

    def paint(self, canvas: Canvas, view: LeadView) -> None:
        """The boards share what the exceptions and numbers leave; each shows "+n more"."""
        y = self._exceptions(canvas, view, 1 if canvas.height >= 24 else 0)
        y = self._numbers(canvas, view, y)
        room = canvas.height - y
        stations, jobs = len(view.stations) + 1, len(view.jobs) + 1
        rules = 2 if room >= 16 else 0
        pitch = 2 if rules + 2 * (stations + jobs) - 3 <= room else 1
        if stations + jobs + 1 + rules > room:
            stations = max(min(stations, 4), min(stations, room - rules - 1 - min(jobs, max(4, room // 3))))
        y = self._stations(canvas, view, y, stations, (pitch, bool(rules))) + 2 - pitch
        self._jobs(canvas, view, y, canvas.height - y, (pitch, bool(rules)))

    def _exceptions(self, canvas: Canvas, view: LeadView, y: int) -> int:
        palette = self.palette
        badges = [f" {TONE_SYMBOLS[trouble.tone]} {trouble.words} " for trouble in view.exceptions]
        spare = canvas.width - 2 - sum(cells(badge) + 2 for badge in badges)
        details = _details([trouble.detail for trouble in view.exceptions], spare)
        x = 1
        for index, (trouble, badge) in enumerate(zip(view.exceptions, badges, strict=True)):
            if x + cells(badge) > canvas.width - 1:
                canvas.right(canvas.width - 1, y, f"+{len(badges) - index} more", palette.quiet())
                break
            x = canvas.text(x, y, badge, palette.badges[trouble.tone].style())
            if details[index]:
                x = canvas.text(x + 1, y, details[index], palette.text())
            x += 2
        return y + (2 if canvas.height >= 24 else 1)

    def _numbers(self, canvas: Canvas, view: LeadView, y: int) -> int:
        palette = self.palette
        if not view.numbers:
            return y
        if canvas.height < 26:
            x = _LEFT
            for number in view.numbers:
                x = canvas.text(x, y, number.value, palette.tone(_loud(number.tone)), canvas.width - x) + 1
                x = canvas.text(x, y, number.caption, palette.quiet(), canvas.width - x) + 3
            return y + 2
        share = (canvas.width - _LEFT) // len(view.numbers)
        rows = 5 if canvas.height >= 40 else 3
        bigs = fit_all(tuple(number.value for number in view.numbers), share - 3, rows, canvas.glyphs)
        height = bigs[0].rows if bigs else 1
        for index, number in enumerate(view.numbers):
            x = _LEFT + index * share
            style = palette.tone(_loud(number.tone))
            if bigs:
                canvas.big(x, y, bigs[index], style)
            else:
                canvas.text(x, y, number.value, style, share - 2)
            after = canvas.text(x, y + height, number.caption, palette.tone(Tone.STRONG), share - 2)
            if cells(number.target) <= x + share - after - 4:
                canvas.text(after + 2, y + height, number.target, palette.quiet(), max(0, x + share - after - 4))
        return y + height + 2

    def _stations(self, canvas: Canvas, view: LeadView, y: int, rows: int, look: tuple[int, bool]) -> int:
        palette = self.palette
        pitch, ruled = look
        width = canvas.width
        wide, narrow = width >= 140, width < 96
        longest = max((cells(row.station) for row in view.stations), default=0)
        columns = [
            _Column("STATION", max(10 if narrow else 14, min(22 if wide else 14, longest))),
            _Column("STATE", 13),
        ]
        if wide:
            columns += [_Column("OPERATOR", 13), _Column("NOW", 24)]
        columns += [_Column("QUEUE", 5, right=True), _Column("LOAD", 0), _Column("", 5, right=True)]
        columns += [_Column("OLDEST", 7, right=True)]
        columns += [_Column("PER H", 7, right=True)]
        if wide:
            columns += [_Column("LAST HOURS", 10)]
        if not narrow:
            columns += [_Column("SCAN", 6, right=True)]
        places = _places(columns, _LEFT, width - 2)
        y = _board_head(canvas, palette, columns, places, y, ruled=ruled)
        fits = rows - 1
        shown = view.stations if len(view.stations) <= fits else view.stations[: fits - 1]
        for index, row in enumerate(shown):
            chosen = view.section is LeadSection.STATIONS and index == view.selected
            self._station(canvas, row, columns, places, y, chosen=chosen)
            y += pitch
        if len(shown) < len(view.stations):
            canvas.text(_LEFT, y, f"+{len(view.stations) - len(shown)} more", palette.quiet())
            y += 1
        return y

    def _station(
        self,
        canvas: Canvas,
        row: StationRowView,
        columns: Sequence[_Column],
        places: Sequence[tuple[int, int]],
        y: int,
        *,
        chosen: bool,
    ) -> None:
        palette = self.palette
        paper = _selection(canvas, palette, y, chosen=chosen)
        strong = palette.on(palette.tones[Tone.STRONG], paper, bold=True)
        loud = row.tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE}
        tone = palette.tone(row.tone, paper=paper) if loud else palette.on(palette.base.quiet, paper)
        over = row.load_percent > 100
        heavy = palette.tone(Tone.ATTENTION, paper=paper) if over else palette.on(palette.base.quiet, paper)
        normal = palette.on(palette.base.ink, paper)
        texts = {
            "STATION": (row.station, strong),
            "STATE": (f"{row.marker} {row.state}", tone),
            "OPERATOR": (row.operator or "—", normal),
            "NOW": (row.now, tone if loud else palette.on(palette.base.quiet, paper)),
            "QUEUE": (str(row.queue), palette.tone(Tone.ATTENTION, paper=paper) if over else strong),
            "": (f"{row.load_percent}%", heavy),
            "OLDEST": (row.oldest, heavy),
            "PER H": (f"{row.per_hour} {row.trend or ' '}", palette.on(palette.base.quiet, paper)),
            "LAST HOURS": (_spark(row.history), palette.on(palette.bar.quiet, paper)),
            "SCAN": (row.last_scan, tone if row.tone is Tone.OFFLINE else palette.on(palette.base.quiet, paper)),
        }
        for column, (x, width) in zip(columns, places, strict=True):
            if column.title == "LOAD":
                _load_bar(canvas, palette, (x, y, width), row.load_percent, paper)
                continue
            text, style = texts[column.title]
            if column.right:
                canvas.right(x + width, y, text, style, width)
            else:
                canvas.text(x, y, text, style, width)

    def _jobs(self, canvas: Canvas, view: LeadView, y: int, rows: int, look: tuple[int, bool]) -> None:
        palette = self.palette
        pitch, ruled = look
        title = "JOBS AT RISK" if view.at_risk_only else "JOB"
        job = max(6, min(12, max((cells(row.job) for row in view.jobs), default=6)))
        name = min(
            22 if canvas.width >= 140 else 18 if canvas.width >= 96 else 15,
            max((cells(row.name) for row in view.jobs), default=4),
        )
        due, ready, slack, risk = (
            max(least, min(10, max((cells(text) for text in column), default=0)))
            for least, column in (
                (5, [row.due for row in view.jobs]),
                (6, [row.ready for row in view.jobs]),
                (6, [row.slack for row in view.jobs]),
                (8, [_risk(row) for row in view.jobs]),
            )
        )
        columns = [_Column(title if cells(title) <= job else "JOB", job + 1), _Column("NAME", max(name, 4))]
        columns += [
            _Column("WHERE THE CARDS ARE" if canvas.width >= 96 else "CARDS", 0),
            _Column("DUE", due),
            _Column("READY", ready),
        ]
        columns += [_Column("SLACK", slack, right=True), _Column("RISK", risk)]
        places = _places(columns, _LEFT, canvas.width - 2)
        y = _board_head(canvas, palette, columns, places, y, ruled=ruled)
        fits = rows - (2 if ruled else 1)
        first = 0
        if view.section is LeadSection.JOBS and view.selected >= fits - 1 and len(view.jobs) > fits:
            # The selected job is always on the screen; what is above it counts as "more".
            first = min(view.selected - (fits - 2), len(view.jobs) - (fits - 1))
        shown = view.jobs[first : first + (fits if len(view.jobs) <= fits else fits - 1)]
        for index, row in enumerate(shown, first):
            chosen = view.section is LeadSection.JOBS and index == view.selected
            self._job(canvas, row, places, y, chosen=chosen)
            y += pitch
        if len(shown) < len(view.jobs):
            canvas.text(_LEFT, y, f"+{len(view.jobs) - len(shown)} more", palette.quiet())

    def _job(self, canvas: Canvas, row: JobRowView, places: Sequence[tuple[int, int]], y: int, *, chosen: bool) -> None:
        palette = self.palette
        paper = _selection(canvas, palette, y, chosen=chosen)
        strong = palette.on(palette.tones[Tone.STRONG], paper, bold=True)
        quiet = palette.on(palette.base.quiet, paper)
        tone = palette.tone(row.tone, paper=paper) if row.tone in _LOUD else quiet
        canvas.text(places[0][0], y, row.job, strong, places[0][1])
        canvas.text(places[1][0], y, row.name, palette.on(palette.base.ink, paper), places[1][1])
        x, width = places[2]
        paint_segments(canvas, palette, (x, y, width), row.segments)
        canvas.text(places[3][0], y, row.due, strong, places[3][1])
        canvas.text(places[4][0], y, row.ready, palette.on(palette.base.ink, paper), places[4][1])
        canvas.right(places[5][0] + places[5][1], y, row.slack, tone, places[5][1])
        canvas.text(places[6][0], y, _risk(row), tone, places[6][1])


class LeadJob(Painted[LeadJobView]):
    """A job: its id in big type, its state, and its sheets."""

    def paint(self, canvas: Canvas, view: LeadJobView) -> None:
        """The sheets are a list; the selected one is always in sight."""
        palette = self.palette
        y = _headline(canvas, palette, view.job, name=view.name, badge=view.badge, facts=view.facts)
        width = canvas.width - 2 * _LEFT
        paint_segments(canvas, palette, (_LEFT, y, width), view.segments)
        y += 2
        heading(canvas, palette, (_LEFT, y, width), "SHEETS", str(len(view.sheets)), "where the cards are")
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
            canvas.text(_LEFT, y, f"+{len(view.sheets) - len(shown)} more", palette.quiet())

    def _sheet(self, canvas: Canvas, row: SheetRowView, widths: tuple[int, int], y: int, *, chosen: bool) -> None:
        palette = self.palette
        paper = _selection(canvas, palette, y, chosen=chosen)
        loud = row.tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE}
        tone = palette.tone(row.tone, paper=paper) if loud else palette.on(palette.base.quiet, paper)
        sheet, state = widths
        canvas.text(_LEFT, y, row.sheet, palette.on(palette.tones[Tone.STRONG], paper, bold=True), sheet)
        canvas.text(_LEFT + sheet, y, row.state, tone, state)
        bar = max(10, canvas.width * 4 // 10)
        x = _LEFT + sheet + state
        end = canvas.width - _LEFT
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
        width = canvas.width - side - 2 * _LEFT
        room = canvas.height - y
        pitch = max(1, min(room // max(1, view.grid.rows), 6))
        paint_slots(canvas, palette, view.grid, (_LEFT, y, width, pitch * view.grid.rows), view.selected)
        rows = history_rows(palette, view.history, spaced=2 * len(view.history) + 2 <= room)
        x = _LEFT + width + 3
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
        width = canvas.width - side - _LEFT - (4 if side else 2)
        room = canvas.height - y - 2
        lines = view.history
        spaced = len(lines) * 2 - 1 <= room
        hidden = 0 if spaced or len(lines) <= room else len(lines) - (room - 1)
        heading(canvas, palette, (_LEFT, y, width), "HISTORY", "", f"+{hidden} earlier" if hidden else "")
        for offset, paint in enumerate(history_rows(palette, lines[hidden:], spaced=spaced)):
            paint(canvas, _LEFT, y + 2 + offset, width)

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
    done = 0
    start = x
    shades = _shades([segment.count for segment in segments], len(palette.stages))
    for segment, shade in zip(segments, shades, strict=True):
        if segment.count <= 0:
            continue
        done += segment.count
        end = x + round(width * done / total)
        pair = palette.stages[shade]
        canvas.fill(start, y, end - start, 1, pair.style())
        words = f" {segment.stage} {segment.count}"
        for text in (words, f" {segment.count}"):
            if cells(text) < end - start:
                canvas.text(start, y, text, pair.style(), end - start)
                break
        start = end


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
    big = fit(text, canvas.width - 2 * _LEFT, rows, canvas.glyphs)
    y = 1
    strong = palette.tone(Tone.STRONG)
    if big is None:
        canvas.text(_LEFT, y, text, strong)
        y += 1
    else:
        canvas.big(_LEFT, y, big, strong)
        if name and big.width + cells(name) + 5 < canvas.width:
            canvas.text(_LEFT + big.width + 3, y + big.rows - 1, name, strong)
        y += big.rows
    y += 1 if canvas.height >= 22 else 0
    marker = f"{badge.marker} " if badge.marker else ""
    x = canvas.text(_LEFT, y, f" {marker}{badge.words} ", palette.badges[badge.tone].style()) + 2
    room = max(0, canvas.width - x - 1)
    for offset, line in enumerate(_whole_parts(facts, room)[:2]):
        canvas.text(x, y + offset, line, palette.text(), room)
    return y + 2


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


def _details(texts: Sequence[str], spare: int) -> list[str]:
    """As many whole words of each text as fit in `spare` cells together, each text's first word first."""
    words = [text.split() for text in texts]
    shown = [""] * len(texts)
    for step in range(max((len(each) for each in words), default=0)):
        for index, each in enumerate(words):
            if step < len(each) and len(shown[index].split()) == step and cells(each[step]) + 1 <= spare:
                shown[index] = f"{shown[index]} {each[step]}".strip()
                spare -= cells(each[step]) + 1
    return shown


_LOUD = frozenset({Tone.ATTENTION, Tone.BAD, Tone.OFFLINE})
"""Tones that say their words with a symbol."""


def _risk(row: JobRowView) -> str:
    return f"{TONE_SYMBOLS[row.tone]} {row.risk}" if row.tone in _LOUD else row.risk


def _loud(tone: Tone) -> Tone:
    return Tone.STRONG if tone in {Tone.NORMAL, Tone.DIM} else tone


def _selection(canvas: Canvas, palette: Palette, y: int, *, chosen: bool) -> str:
    if not chosen:
        return palette.base.paper
    canvas.fill(0, y, canvas.width, 1, palette.selected.style())
    canvas.text(0, y, "▶", palette.selected.style())
    return palette.selected.paper


def _places(columns: Sequence[_Column], left: int, right: int) -> list[tuple[int, int]]:
    """Where each column stands; the one of width 0 takes what the others leave."""
    gap = 2
    fixed = sum(column.width for column in columns) + gap * (len(columns) - 1)
    spare = max(4, right - left - fixed)
    places: list[tuple[int, int]] = []
    x = left
    for column in columns:
        width = column.width or spare
        places.append((x, width))
        x += width + gap
    return places


def _board_head(
    canvas: Canvas,
    palette: Palette,
    columns: Sequence[_Column],
    places: Sequence[tuple[int, int]],
    y: int,
    *,
    ruled: bool,
) -> int:
    style = Style(color=palette.base.quiet, bgcolor=palette.base.paper, bold=True)
    for column, (x, width) in zip(columns, places, strict=True):
        if column.right:
            canvas.right(x + width, y, column.title, style)
        else:
            canvas.text(x, y, column.title, style, width)
    if not ruled:
        return y + 1
    canvas.rule(_LEFT, y + 1, canvas.width - 2 * _LEFT, palette.on(palette.rule))
    return y + 2


def _load_bar(canvas: Canvas, palette: Palette, place: tuple[int, int, int], percent: int, paper: str) -> None:
    x, y, width = place
    bar = width - 1
    filled = min(bar, round(bar * min(percent, 100) / 100))
    ink = palette.badges[Tone.ATTENTION].paper if percent > 100 else palette.bar.quiet
    half = palette.glyphs is GlyphSet.HALF
    canvas.fill(x, y, filled, 1, palette.on(ink, paper), "▄" if half else "■")
    canvas.fill(x + filled, y, bar - filled, 1, palette.on(palette.rule, paper), "▁" if half else "·")
    canvas.text(x + bar, y, "│", palette.on(palette.base.quiet, paper))


def _spark(history: Sequence[int]) -> str:
    top = max(history, default=0)
    if top <= 0:
        return "▁" * len(history)
    return "".join(_SPARKS[min(7, value * 7 // top)] for value in history)
