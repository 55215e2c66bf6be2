"""Headed lists: what fits is shown, what does not is counted in a "+n more"; nobody scrolls.

A `Section` is a heading and rows that know how to paint themselves; `paint_sections` shares the
height of a column among several. The panes of all roles build their columns from the functions
here, so that a scan, a missing card or a queued sheet looks the same everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from rich.style import Style

from kiosk.snapshots.panes import (
    HistoryLine,
    LastScansView,
    MissingLine,
    MissingView,
    NextTraysView,
    QueueLine,
    QueueView,
    ScanLine,
    TrayLine,
)
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.work import BoxLine
from kiosk.themes import Palette
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.symbols import TONE_SYMBOLS, VERDICT_SYMBOLS, VERDICT_TONES

RowPainter: TypeAlias = Callable[[Canvas, int, int, int], None]
"""Paints one row of a list at (x, y), `width` cells wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with words on its right, and rows. `more` counts what was never sent.

    `least` is how many rows it must have; where there is no room for them, it goes.
    """

    title: str
    summary: str = ""
    right_title: str = ""
    rows: Sequence[RowPainter] = field(default_factory=tuple)
    stands_for: Sequence[int] = ()
    """What each row counts for where it does not fit; 1 where nothing is said."""
    more: int = 0
    least: int = 3
    empty: str = ""
    counted: bool = True
    """Whether what does not fit is counted; a list of the past has no end to count."""


def paint_sections(
    canvas: Canvas, palette: Palette, area: tuple[int, int, int, int], sections: Sequence[Section]
) -> int:
    """Paint sections one below the other in `area` (x, y, width, height); returns the row below them.

    Where they do not all fit, the last section gives up rows first, and then goes.
    """
    x, y, width, height = area
    kept = list(sections)
    while kept:
        shown = _share(kept, height)
        if shown is not None:
            break
        kept.pop()
    else:
        return y
    for section, rows in zip(kept, shown, strict=True):
        y = _paint_section(canvas, palette, (x, y, width, rows), section) + 1
    return y - 1


def _share(sections: Sequence[Section], height: int) -> list[int] | None:
    wanted = [max(len(section.rows) + (1 if section.more else 0), 1 if section.empty else 0) for section in sections]
    fixed = 3 * len(sections) - 1
    for index in reversed(range(len(sections))):
        excess = fixed + sum(wanted) - height
        if excess <= 0:
            break
        wanted[index] = max(min(wanted[index], sections[index].least), wanted[index] - excess)
    return wanted if fixed + sum(wanted) <= height else None


def _paint_section(canvas: Canvas, palette: Palette, area: tuple[int, int, int, int], section: Section) -> int:
    x, y, width, rows = area
    heading(canvas, palette, (x, y, width), section.title, section.summary, section.right_title)
    y += 2
    if not section.rows and not section.more and section.empty and rows:
        canvas.text(x, y, section.empty, palette.on(palette.faint), width)
        return y + rows
    fits = rows if rows >= len(section.rows) + (1 if section.more else 0) or not section.counted else rows - 1
    for offset, paint in enumerate(section.rows[:fits]):
        paint(canvas, x, y + offset, width)
    unseen = section.stands_for[fits:] if section.stands_for else (1,) * max(0, len(section.rows) - fits)
    hidden = sum(unseen) + section.more
    if hidden and rows and section.counted:
        canvas.text(x, y + rows - 1, f"+{hidden} more", palette.quiet(), width)
    return y + rows


def heading(  # noqa: PLR0917 (in the order it is read)
    canvas: Canvas, palette: Palette, place: tuple[int, int, int], title: str, summary: str = "", right: str = ""
) -> None:
    """A heading at (x, y), `width` cells wide, with a thin rule in the row below it."""
    x, y, width = place
    strong = palette.tone(Tone.STRONG)
    end = x + width
    after = canvas.text(x, y, title, strong, width)
    if summary:
        after = canvas.text(after + 2, y, summary, strong, max(0, end - after - 2))
    if right and end - after > 2:
        canvas.right(end, y, right, palette.quiet(), end - after - 2)
    canvas.rule(x, y + 1, width, palette.on(palette.rule))


def _short_time(at: str) -> str:
    """14:32:05 without the seconds, where a line is narrow: what is left must read as a time of day."""
    return at[:5] if len(at) == 8 and at[2] == at[5] == ":" else at


def scan_rows(palette: Palette, line: ScanLine, width: int) -> list[RowPainter]:
    """A past scan: the unit, its symbol, words, and when; what has no room beside a long id stands below it whole."""
    room = width - cells(line.what) - 1
    marker = f"{VERDICT_SYMBOLS[line.state]} {line.words}"
    if cells(marker) <= room:
        return [_told(palette, line, line.what, marker)]
    if room < 1:
        return [_told(palette, line, line.what, ""), _told(palette, line, "", marker)]
    # The sign stays beside the unit, for the row below may be the first that has no room.
    return [
        _told(palette, line, line.what, VERDICT_SYMBOLS[line.state], is_first=True),
        _told(palette, line, "", line.words),
    ]


def _told(palette: Palette, line: ScanLine, what: str, words: str, *, is_first: bool = False) -> RowPainter:
    """One row of a past scan; when it was stands in its last row, where there is room."""

    def paint(canvas: Canvas, x: int, y: int, width: int) -> None:
        tone = VERDICT_TONES[line.state]
        loud = tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE}
        end = x + width
        after = canvas.text(x, y, what, palette.tone(Tone.STRONG), width) + 1 if what else x + 2
        spare = end - after - cells(words)
        undo = (f"{line.at} F2 undo", "F2 undo") if line.undo else ()
        for text in () if is_first else (*undo, line.at, _short_time(line.at)):
            if cells(text) + 1 <= spare:
                end = canvas.right(end, y, text, palette.quiet()) - 1
                break
        canvas.text(after, y, words, palette.tone(tone) if loud else palette.quiet(), max(0, end - after))

    return paint


def scans_section(palette: Palette, view: LastScansView, width: int) -> Section:
    """The station's last scans, in a column of `width` cells."""
    rows = [row for line in view.lines for row in scan_rows(palette, line, width)]
    return Section(title=view.title, rows=rows, empty="none yet", counted=False)


_LEAST_CUT = 6
"""Cells of a word that must be left where it is cut: of less nobody reads what it was."""


def columns_row(
    cells_of_row: Sequence[tuple[str, int, Style]],
    right: tuple[str, Style] | None = None,
    *,
    right_gives_way: bool = False,
) -> RowPainter:
    """A row of words at fixed widths, the last one taking what is left, and words at the right end.

    Where the last words and those at the right do not both fit, one of them goes whole; so do words of
    which next to nothing would be left.
    """

    def paint(canvas: Canvas, x: int, y: int, width: int) -> None:
        end = x + width
        row = cells_of_row
        if right is not None and right[0]:
            needed = sum(size for _, size, _ in row[:-1]) + cells(row[-1][0])
            tight = needed + 1 + cells(right[0]) > width
            if not (tight and right_gives_way):
                end = canvas.right(end, y, right[0], right[1], max(0, width - 4)) - 1
                row = row[:-1] if tight and len(row) > 1 else row
        for index, (text, size, style) in enumerate(row):
            room = end - x if index == len(row) - 1 else min(size, end - x)
            if room <= 0 or (index and room < min(_LEAST_CUT, cells(text))):
                return
            canvas.text(x, y, text, style, room)
            x += size

    return paint


def missing_section(palette: Palette, view: MissingView, width: int) -> Section:
    """What is missing, where it is, and when it can be here, in a column of `width` cells."""
    widest = max((cells(line.what) for line in view.lines), default=0)
    lines = [replace(line, where=_told_place(line, width)) for line in view.lines]
    # Words over a column of which no row has room would be said of something else.
    is_told = any(line.when and widest + cells(line.where) + cells(line.when) + 4 <= width for line in lines)
    rows: list[RowPainter] = []
    for line in lines:
        quiet = line.tone in {Tone.DIM, Tone.NORMAL}
        tone = palette.tone(Tone.STRONG) if quiet else palette.tone(line.tone)
        where = palette.text() if quiet else tone
        rows.append(
            columns_row(
                (
                    (TONE_SYMBOLS[line.tone], 2, tone),
                    # A place that has no room beside the longest name stands nearer to its own.
                    (
                        line.what,
                        max(cells(line.what) + 1, min(widest + 1, width - 2 - cells(line.where))),
                        palette.tone(Tone.STRONG),
                    ),
                    (line.where, 0, where),
                ),
                (line.when, palette.quiet() if quiet else tone),
                right_gives_way=True,
            )
        )
    return Section(
        title=view.title,
        summary=str(view.count),
        right_title=view.right_title if is_told else "",
        rows=rows,
        stands_for=tuple(line.stands_for for line in view.lines),
        more=max(0, view.count - sum(line.stands_for for line in view.lines)),
        least=5,
        empty="nothing is missing",
    )


def _told_place(line: MissingLine, width: int) -> str:
    """Return where a missing unit is in as many words as have room beside its name: a word that is cut says nothing."""
    room = width - 2 - cells(line.what) - 1
    return next(
        (words for words in (line.where, *line.shorter) if cells(words) <= room), (line.where, *line.shorter)[-1]
    )


def trays_section(palette: Palette, view: NextTraysView) -> Section:
    """The sets to gather next."""
    widest = max((cells(line.sheet) for line in view.lines), default=0)
    rows = [_tray_row(palette, line, widest) for line in view.lines]
    return Section(title="NEXT SETS", rows=rows, more=view.more, least=2)


def _tray_row(palette: Palette, line: TrayLine, widest: int) -> RowPainter:
    """A set to gather: half its name would be no name, so beside it stands only what leaves it whole."""

    def paint(canvas: Canvas, x: int, y: int, width: int) -> None:
        note = next((words for words in (line.note, line.count) if widest + 1 + cells(words) <= width), "")
        columns_row(
            (
                (line.sheet, widest + 2, palette.tone(Tone.STRONG)),
                (line.here if note == line.note else "", 0, palette.text()),
            ),
            (note, palette.quiet() if line.tone in {Tone.DIM, Tone.NORMAL} else palette.tone(line.tone)),
        )(canvas, x, y, width)

    return paint


def queue_section(palette: Palette, view: QueueView, least: int = 3) -> Section:
    """Work at the station (●) and work ready for it (○), in order of urgency."""
    lines = (*view.at_station, *view.ready)
    what = max((cells(line.what) for line in lines), default=0) + 2
    name = max((cells(line.name) for line in lines), default=0)
    here = [_queue_row(palette, line, "●", what, name) for line in view.at_station]
    ready = [_queue_row(palette, line, "○", what, name) for line in view.ready]
    return Section(
        title=view.title,
        summary=view.summary,
        right_title=view.right_title,
        rows=[*here, *ready],
        more=view.more,
        least=least,
        empty=view.empty,
    )


def _queue_row(palette: Palette, line: QueueLine, marker: str, what: int, name: int) -> RowPainter:
    loud = line.tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE}
    tone = palette.tone(line.tone)
    symbol = TONE_SYMBOLS[line.tone] if loud else marker
    return columns_row(
        (
            (symbol, 2, tone if loud else palette.quiet()),
            (line.what, what, tone if loud else palette.tone(Tone.STRONG)),
            (line.name, name + 2 if name else 0, palette.text()),
            (line.note, 0, tone if loud else palette.quiet()),
        ),
        (line.right, palette.quiet()),
    )


def boxes_section(palette: Palette, boxes: Sequence[BoxLine]) -> Section:
    """The packs of the open job."""
    widest = max((cells(box.pack) for box in boxes), default=0) + 2
    rows = [
        columns_row(
            ((box.pack, widest, palette.tone(Tone.STRONG)), (box.holds, 0, palette.text())),
            (box.state, palette.quiet() if box.tone in {Tone.DIM, Tone.NORMAL} else palette.tone(box.tone)),
        )
        for box in boxes
    ]
    return Section(title="BOXES", rows=rows, least=2)


def history_rows(palette: Palette, lines: Sequence[HistoryLine], *, spaced: bool = False) -> list[RowPainter]:
    """A unit's life, line by line; `spaced` gives each a second row, with an upright to the next marker."""
    station = max((cells(line.station) for line in lines), default=0) + 1
    what = max((cells(line.what) for line in lines), default=0) + 2
    who = max((cells(line.who) for line in lines), default=0)
    when = max((cells(line.at) for line in lines), default=5) + 1
    held = max((cells(line.held) for line in lines), default=0)
    rows: list[RowPainter] = []
    widths = (when, station, what, who, held)
    for line in lines:
        rows.append(_history_row(palette, line, widths))
        if spaced:
            rows.append(_between_history(palette, line, widths, goes_on=line is not lines[-1]))
    return rows


def _fits(line: HistoryLine, widths: tuple[int, int, int, int, int], width: int) -> bool:
    """Whether a detail has room in its own row."""
    when, station, what, who, held = widths
    beside = (held + 1 if held else 0) + (who + 1 if who and width >= 64 else 0)
    return cells(line.detail) <= width - beside - when - 2 - station - what


def _between_history(
    palette: Palette, line: HistoryLine, widths: tuple[int, int, int, int, int], *, goes_on: bool
) -> RowPainter:
    """The upright to the next marker, and beside it the detail that the row above had no room for."""
    when, station = widths[:2]

    def paint(canvas: Canvas, x: int, y: int, width: int) -> None:
        if goes_on:
            canvas.text(x + when, y, "│", palette.on(palette.rule))
        if not _fits(line, widths, width):
            left = when + 2 + station
            style = palette.on(palette.faint) if line.tone is Tone.DIM else palette.text()
            canvas.text(x + left, y, line.detail, style, max(0, width - left))

    return paint


def _history_row(palette: Palette, line: HistoryLine, widths: tuple[int, int, int, int, int]) -> RowPainter:
    when, station, what, who, held = widths
    loud = line.tone in {Tone.ATTENTION, Tone.BAD, Tone.OFFLINE, Tone.GOOD}
    faint = palette.on(palette.faint)
    dim = line.tone is Tone.DIM

    def paint(canvas: Canvas, x: int, y: int, width: int) -> None:
        end = x + width
        if line.held:
            canvas.right(end, y, line.held, palette.tone(line.tone) if loud else palette.quiet())
        end -= held + 1 if held else 0
        if who and width >= 64:
            canvas.text(end - who, y, line.who, palette.quiet(), who)
            end -= who + 1
        canvas.text(x, y, line.at, faint if dim else palette.text(), when)
        x += when
        canvas.text(x, y, line.marker, palette.tone(line.tone) if loud else palette.quiet(), 2)
        canvas.text(x + 2, y, line.station, faint if dim else palette.tone(Tone.STRONG), max(0, end - x - 2))
        x += 2 + station
        canvas.text(x, y, line.what, palette.tone(line.tone) if loud else palette.quiet(), max(0, end - x))
        x += what
        if _fits(line, widths, width):
            canvas.text(x, y, line.detail, faint if dim else palette.text(), max(0, end - x))

    return paint
