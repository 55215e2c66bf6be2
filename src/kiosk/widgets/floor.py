"""The leads' floor: what is wrong first, then four numbers for the wall, where the load is, where each job's cards are.

Columns that a narrow screen has no room for are left out whole, never cut. Every station is to be seen: those
that have no row of their own stand in few words below the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from kiosk.bigtype import GlyphSet, fit_all
from kiosk.snapshots.leads import JobRowView, LeadSection, LeadView, StationRowView
from kiosk.snapshots.tone import Tone
from kiosk.themes import Palette
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.lead import LEFT, LOUD, paint_more, paint_segments, selection
from kiosk.widgets.painted import Painted
from kiosk.widgets.symbols import TONE_SYMBOLS

_SPARKS = "▁▁▂▃▄▅▆▇"
# Without the full block: rows stand close, and their columns must not run into one another.
_LEAST_ROWS = 3
"""Stations that have a row of their own however many there are: the worst, for those stand first."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of a board: heading, width in cells, and whether words end at its right edge."""

    title: str
    width: int
    right: bool = False


class LeadFloor(Painted[LeadView]):
    """The whole floor on one screen."""

    def paint(self, canvas: Canvas, view: LeadView) -> None:
        """The boards share what the exceptions and numbers leave; what has no room is counted."""
        y = self._exceptions(canvas, view, 1 if canvas.height >= 24 else 0)
        y = self._numbers(canvas, view, y)
        room = canvas.height - y
        stations, jobs = len(view.stations) + 1, len(view.jobs) + 1
        rules = 2 if room >= 16 else 0
        pitch = 2 if rules + 2 * (stations + jobs) - 3 <= room else 1
        if stations + jobs + 1 + rules > room:
            # A job that is not shown is one of those that are well; of a station one wants to see that it is.
            left = room - rules - 1
            shared = min(stations, left - min(jobs, max(4, room // 3)))
            if _Share.of(view.stations, shared - 1, canvas.width - 2 * LEFT, -1).hidden:
                shared = min(stations, left - min(jobs, 4))
            stations = max(min(stations, 4), shared)
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
            x = LEFT
            for number in view.numbers:
                x = canvas.text(x, y, number.value, palette.tone(_loud(number.tone)), canvas.width - x) + 1
                x = canvas.text(x, y, number.caption, palette.quiet(), canvas.width - x) + 3
            return y + 2
        share = (canvas.width - LEFT) // len(view.numbers)
        rows = 5 if canvas.height >= 40 else 3
        bigs = fit_all(tuple(number.value for number in view.numbers), share - 3, rows, canvas.glyphs)
        height = bigs[0].rows if bigs else 1
        for index, number in enumerate(view.numbers):
            x = LEFT + index * share
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
            _Column("STATION", max(10 if narrow else 14, min(14 if narrow else 22, longest))),
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
        places = _places(columns, LEFT, width - 2)
        y = _board_head(canvas, palette, columns, places, y, ruled=ruled)
        chosen_row = view.selected if view.section is LeadSection.STATIONS else -1
        share = _Share.of(view.stations, rows - 1, width - 2 * LEFT, chosen_row)
        for index in range(share.first, share.first + share.rows):
            self._station(canvas, view.stations[index], columns, places, y, chosen=index == chosen_row)
            y += pitch
        for line in share.brief:
            self._brief(canvas, line, y)
            y += 1
        if share.hidden:
            paint_more(canvas, palette, (LEFT, y), [row.tone for row in share.hidden])
            y += 1
        return y

    def _brief(self, canvas: Canvas, rows: Sequence[StationRowView], y: int) -> None:
        """Stations in few words, side by side: the sign of the state, the name, and how much waits there."""
        palette = self.palette
        x = LEFT
        for row in rows:
            loud = row.tone in LOUD
            tone = palette.tone(row.tone) if loud else palette.quiet()
            after = canvas.text(x, y, row.marker, tone) + 1
            after = canvas.text(after, y, f"{row.station}:", tone if loud else palette.text(), canvas.width - after)
            heavy = palette.tone(Tone.ATTENTION) if (row.load_percent or 0) > 100 else palette.quiet()
            canvas.text(after + 1, y, str(row.queue), heavy)
            x += _brief_width(row) + _BRIEF_GAP

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
        paper = selection(canvas, palette, y, chosen=chosen)
        strong = palette.on(palette.tones[Tone.STRONG], paper, bold=True)
        loud = row.tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE}
        tone = palette.tone(row.tone, paper=paper) if loud else palette.on(palette.base.quiet, paper)
        load = row.load_percent
        over = load is not None and load > 100
        heavy = palette.tone(Tone.ATTENTION, paper=paper) if over else palette.on(palette.base.quiet, paper)
        normal = palette.on(palette.base.ink, paper)
        texts = {
            "STATION": (row.station, strong),
            "STATE": (f"{row.marker} {row.state}", tone),
            "OPERATOR": (row.operator or "—", normal),
            "NOW": (row.now, tone if loud else palette.on(palette.base.quiet, paper)),
            "QUEUE": (str(row.queue), palette.tone(Tone.ATTENTION, paper=paper) if over else strong),
            "": ("—" if load is None else f"{load}%", heavy),
            "OLDEST": (row.oldest, heavy),
            "PER H": (f"{row.per_hour} {row.trend or ' '}", palette.on(palette.base.quiet, paper)),
            "LAST HOURS": (_spark(row.history), palette.on(palette.bar.quiet, paper)),
            "SCAN": (row.last_scan, tone if row.tone is Tone.OFFLINE else palette.on(palette.base.quiet, paper)),
        }
        for column, (x, width) in zip(columns, places, strict=True):
            if column.title == "LOAD":
                if load is not None:
                    _load_bar(canvas, palette, (x, y, width), load, paper)
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
        places = _places(columns, LEFT, canvas.width - 2)
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
            hidden = (*view.jobs[:first], *view.jobs[first + len(shown) :])
            paint_more(canvas, palette, (LEFT, y), [row.tone for row in hidden])

    def _job(self, canvas: Canvas, row: JobRowView, places: Sequence[tuple[int, int]], y: int, *, chosen: bool) -> None:
        palette = self.palette
        paper = selection(canvas, palette, y, chosen=chosen)
        strong = palette.on(palette.tones[Tone.STRONG], paper, bold=True)
        quiet = palette.on(palette.base.quiet, paper)
        tone = palette.tone(row.tone, paper=paper) if row.tone in LOUD else quiet
        canvas.text(places[0][0], y, row.job, strong, places[0][1])
        canvas.text(places[1][0], y, row.name, palette.on(palette.base.ink, paper), places[1][1])
        x, width = places[2]
        paint_segments(canvas, palette, (x, y, width), row.segments)
        canvas.text(places[3][0], y, row.due, strong, places[3][1])
        canvas.text(places[4][0], y, row.ready, palette.on(palette.base.ink, paper), places[4][1])
        canvas.right(places[5][0] + places[5][1], y, row.slack, tone, places[5][1])
        canvas.text(places[6][0], y, _risk(row), tone, places[6][1])


@dataclass(frozen=True, slots=True)
class _Share:
    """Which stations have a row of their own, from the ``first`` on; lines of those in few words; and all others."""

    first: int
    rows: int
    brief: Sequence[Sequence[StationRowView]] = ()
    hidden: Sequence[StationRowView] = ()

    @classmethod
    def of(cls, stations: Sequence[StationRowView], room: int, width: int, chosen: int) -> "_Share":
        """As many rows, of ``room``, as leave all others a place in few words; the chosen one has a row."""
        if len(stations) <= room:
            return cls(0, len(stations))
        for rows in range(room - 1, 0, -1):
            first, others = _apart(stations, rows, chosen)
            brief = _side_by_side(others, width)
            if len(brief) <= room - rows:
                return cls(first, rows, brief)
        rows = min(_LEAST_ROWS, max(1, room - 1))
        first, others = _apart(stations, rows, chosen)
        kept = _side_by_side(others, width)[: max(0, room - rows - 1)]
        return cls(first, rows, kept, others[sum(len(line) for line in kept) :])


def _apart(stations: Sequence[StationRowView], rows: int, chosen: int) -> tuple[int, Sequence[StationRowView]]:
    """The first station of those that have a row, the chosen one among them, and the stations that have none."""
    first = max(0, min(chosen, len(stations) - 1) - rows + 1)
    return first, (*stations[:first], *stations[first + rows :])


_BRIEF_GAP = 3


def _brief_width(row: StationRowView) -> int:
    return 2 + cells(row.station) + 2 + cells(str(row.queue))


def _side_by_side(rows: Sequence[StationRowView], width: int) -> list[list[StationRowView]]:
    """As many stations in a line as it has room for, at least one."""
    lines: list[list[StationRowView]] = []
    spare = 0
    for row in rows:
        needed = _brief_width(row) + _BRIEF_GAP
        if not lines or needed > spare:
            lines.append([])
            spare = width + _BRIEF_GAP
        lines[-1].append(row)
        spare -= needed
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


def _risk(row: JobRowView) -> str:
    return f"{TONE_SYMBOLS[row.tone]} {row.risk}" if row.tone in LOUD else row.risk


def _loud(tone: Tone) -> Tone:
    return Tone.STRONG if tone in {Tone.NORMAL, Tone.DIM} else tone


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
    canvas.rule(LEFT, y + 1, canvas.width - 2 * LEFT, palette.on(palette.rule))
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
