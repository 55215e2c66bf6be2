"""The work areas of the stations and the columns beside them: one widget per kind of work."""

from dataclasses import dataclass, replace
from textwrap import wrap

from kiosk.bigtype import GlyphSet, fit
from kiosk.snapshots.panes import LastScansView, ProgressView, QueueView
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.work import AssemblyView, BatchView, ChipView, CutterView, PackingView, QaView, SuggestionLine
from kiosk.widgets.canvas import Canvas, cells, clip
from kiosk.widgets.painted import Painted
from kiosk.widgets.sections import (
    RowPainter,
    Section,
    boxes_section,
    columns_row,
    heading,
    missing_section,
    paint_sections,
    queue_section,
    scans_section,
    trays_section,
)
from kiosk.widgets.slots import paint_slots

_LEFT = 1


class _Pane(Painted[object]):
    """Shared drawing of work areas."""

    def progress(self, canvas: Canvas, view: ProgressView, area: tuple[int, int, int], thick: int) -> int:
        """A heading, a bar `thick` rows high and a caption; returns the row below them."""
        x, y, width = area
        palette = self.palette
        # When it is due is worth more than what it is called.
        room = width - cells(view.title) - 2 - (cells(view.note) + 2 if view.note else 0)
        heading(canvas, palette, (x, y, width), view.title, clip(view.name, room), view.note)
        y += 2
        share = min(1.0, view.done / view.total) if view.total > 0 else 0.0
        done = round(width * share)
        if 0 < view.done < view.total:
            done = min(max(1, done), width - 1)
        canvas.fill(x, y, done, thick, palette.bar.style(), "█")
        canvas.fill(x + done, y, width - done, thick, palette.on(palette.rule, palette.bar.paper), "░")
        y += thick
        percent = f"{share * 100:.0f} %" if view.total > 0 else ""
        end = canvas.right(x + width, y, percent, palette.quiet()) - 2
        canvas.text(x, y, view.caption, palette.text(), max(0, end - x))
        return y + 1


class BatchPane(_Pane):
    """PRESS, EMBELLISH and CARDOPS: how far the batch is, then the queue."""

    def paint(self, canvas: Canvas, view: object) -> None:
        """The bar is thicker where there is room."""
        if not isinstance(view, BatchView):
            return
        width = canvas.width - _LEFT
        y = 1
        if view.progress is not None:
            y = self.progress(canvas, view.progress, (_LEFT, y, width), 3 if canvas.height >= 26 else 1) + 1
        paint_sections(
            canvas, self.palette, (_LEFT, y, width, canvas.height - y), [queue_section(self.palette, view.queue)]
        )


class CutterPane(_Pane):
    """CUTTER: the sheet as it lies after the cut, and the queue."""

    def paint(self, canvas: Canvas, view: object) -> None:
        """The queue keeps five rows; the sheet takes what it can use of the rest."""
        if not isinstance(view, CutterView):
            return
        palette = self.palette
        width = canvas.width - _LEFT
        y = 1
        if view.grid is not None:
            heading(canvas, palette, (_LEFT, y, width), view.title, "", view.plan)
            y += 2
            reserve = 6 if canvas.height >= 14 else 4
            room = max(view.grid.rows, canvas.height - y - reserve)
            if room >= view.grid.rows * 5:
                room = min(room, view.grid.rows * 7)
            else:
                room = view.grid.rows * (3 if room >= view.grid.rows * 3 else 2 if room >= view.grid.rows * 2 else 1)
            y = paint_slots(canvas, palette, view.grid, (_LEFT, y, width, room)) + 1
        paint_sections(
            canvas, palette, (_LEFT, y, width, canvas.height - y), [queue_section(palette, view.queue, least=1)]
        )


class PackingPane(_Pane):
    """PACKING: how far the job is, which sets are missing and where, and the boxes."""

    def paint(self, canvas: Canvas, view: object) -> None:
        """Missing sets come before boxes: a box can be seen, a missing set cannot."""
        if not isinstance(view, PackingView):
            return
        palette = self.palette
        width = canvas.width - _LEFT
        y = 1
        if view.progress is not None:
            y = self.progress(canvas, view.progress, (_LEFT, y, width), 3 if canvas.height >= 26 else 1) + 1
        sections = [missing_section(palette, view.missing, width)] if view.progress is not None else []
        if view.boxes:
            sections.append(boxes_section(palette, view.boxes))
        if not sections:
            sections.append(queue_section(palette, view.queue))
        paint_sections(canvas, palette, (_LEFT, y, width, canvas.height - y), sections)


class QaPane(_Pane):
    """QA: the code as it is typed, what is offered for it, and the codes taken."""

    def paint(self, canvas: Canvas, view: object) -> None:
        """While no card is under inspection, the queue stands here instead."""
        if not isinstance(view, QaView):
            return
        palette = self.palette
        width = canvas.width - _LEFT
        if not view.card:
            paint_sections(canvas, palette, (_LEFT, 1, width, canvas.height - 1), [queue_section(palette, view.queue)])
            return
        y = self._typed(canvas, view, width)
        entry = view.entry
        chips = self._chip_lines(entry.chips, width)
        below = 2 + max(1, len(chips)) + 3
        offered = len(entry.suggestions) + entry.more
        room = max(1, min(len(entry.suggestions) + (1 if entry.more else 0), canvas.height - y - below - 1))
        shown = entry.suggestions if offered <= room else entry.suggestions[: max(1, room - 1)]
        for offset, line in enumerate(shown):
            self._suggestion(canvas, line, y + offset, width, chosen=line.first and bool(entry.typed))
        if len(shown) < min(room, offered):
            canvas.text(_LEFT, y + len(shown), f"+{offered - len(shown)} more", palette.quiet(), width)
        y += room + 1
        count = len(entry.chips)
        codes = "" if not count else f"{count} code{'s' if count > 1 else ''}"
        heading(canvas, palette, (_LEFT, y, width), "THIS CARD", codes, "Backspace takes one back" if count else "")
        y += 2
        for chip_line in chips:
            x = _LEFT
            for chip in chip_line:
                x = canvas.text(x, y, f" ✗ {chip.code} {chip.words} ".replace("  ", " "), palette.key.style()) + 1
            y += 1
        if not chips:
            canvas.text(_LEFT, y, "no codes yet", palette.on(palette.faint))
            y += 1
        self._choices(canvas, y + 1, count)

    def _typed(self, canvas: Canvas, view: QaView, width: int) -> int:
        palette = self.palette
        entry = view.entry
        big = fit(entry.typed or "-", width // 2, 3, canvas.glyphs) if canvas.height >= 17 else None
        rows = big.rows if big else 1
        y = 1
        x = canvas.text(_LEFT, y + rows // 2, " CODE ", palette.label.style()) + 2
        if big is None:
            x = canvas.text(x, y, entry.typed, palette.tone(Tone.STRONG)) if entry.typed else x
            canvas.text(x, y, "▌", palette.tone(Tone.STRONG))
            x += 2
        else:
            if entry.typed:
                canvas.big(x, y, big, palette.tone(Tone.STRONG))
                x += big.width + 1
            # A line below, for an upright one beside a 2 would make it 21.
            canvas.text(x, y + rows - 1, "▄▄▄" if canvas.glyphs is GlyphSet.HALF else "___", palette.tone(Tone.STRONG))
            x += 4
        words, style = (
            (f"▲ {entry.problem}", palette.tone(Tone.ATTENTION)) if entry.problem else (entry.hint, palette.quiet())
        )
        room = max(1, _LEFT + width - x - 2)
        lines = wrap(words, room) if rows > 1 else [words]
        # As many as stand beside the big type; one alone stands in its middle.
        top = y + (rows - min(rows, len(lines))) // 2
        for offset, line in enumerate(lines[:rows]):
            canvas.text(x + 2, top + offset, line, style, room)
        y += rows
        canvas.rule(_LEFT, y, width, palette.on(palette.rule))
        return y + 1

    def _suggestion(self, canvas: Canvas, line: SuggestionLine, y: int, width: int, *, chosen: bool) -> None:
        palette = self.palette
        paper = palette.selected.paper if chosen else palette.base.paper
        if chosen:
            canvas.fill(_LEFT, y, width, 1, palette.selected.style())
        end = canvas.right(_LEFT + width, y, line.note, palette.on(palette.base.quiet, paper)) - 2
        if line.favourite:
            canvas.text(_LEFT, y, f"*{line.favourite}", palette.on(palette.base.quiet, paper, bold=True))
        x = canvas.text(_LEFT + 3, y, line.code, palette.on(palette.tones[Tone.STRONG], paper, bold=True)) + 2
        canvas.text(x, y, line.words, palette.on(palette.base.ink, paper), max(0, end - x))

    @staticmethod
    def _chip_lines(chips: tuple[ChipView, ...], width: int) -> list[list[ChipView]]:
        lines: list[list[ChipView]] = []
        room = 0
        for chip in chips:
            size = cells(chip.code) + cells(chip.words) + 6
            if not lines or size > room:
                lines.append([])
                room = width
            lines[-1].append(chip)
            room -= size
        return lines

    def _choices(self, canvas: Canvas, y: int, count: int) -> None:
        palette = self.palette
        if count:
            # A pass over codes is refused, so it is not offered.
            x = canvas.text(_LEFT, y, " Enter ", palette.key.style())
            canvas.text(x + 1, y, f"FAIL with {count} code{'s' if count > 1 else ''}", palette.tone(Tone.STRONG))
            return
        x = canvas.text(_LEFT, y, " + ", palette.key.style(bold=True))
        x = canvas.text(x + 1, y, "PASS", palette.tone(Tone.STRONG)) + 4
        canvas.text(x, y, "or type three digits to fail", palette.quiet())


def _not_told(work: PackingView) -> QueueView:
    """The sets that wait, without those that stand among what is to be packed of the open job; nothing without one."""
    if work.progress is None:
        return QueueView()
    told = {line.what for line in work.missing.lines}
    at_station = tuple(line for line in work.queue.at_station if line.what.removesuffix("-SET") not in told)
    ready = tuple(line for line in work.queue.ready if line.what.removesuffix("-SET") not in told)
    return replace(work.queue, title="OTHER SETS", summary="", at_station=at_station, ready=ready)


@dataclass(frozen=True, slots=True)
class SideView:
    """What stands beside a station's work area."""

    scans: LastScansView
    work: AssemblyView | QaView | PackingView | None = None
    queue: QueueView | None = None


class SideColumn(Painted[SideView]):
    """What is missing, the card's past, or the next sets; then the last scans."""

    def paint(self, canvas: Canvas, view: SideView) -> None:
        """The last section gives up its rows first."""
        palette = self.palette
        width = canvas.width - 2
        scans = scans_section(palette, view.scans, width)
        sections: list[Section] = []
        match view.work:
            case AssemblyView():
                if view.work.grid is not None:
                    sections.append(missing_section(palette, view.work.missing, width))
                sections.append(scans)
                if view.work.next_trays.lines:
                    sections.append(trays_section(palette, view.work.next_trays))
            case QaView():
                sections.extend((self._before(view.work, width), scans) if view.work.card else (scans,))
            case PackingView():
                others = _not_told(view.work)
                if others.at_station or others.ready:
                    # Work before history: sets that wait are named where past scans would fill the column.
                    sections.append(queue_section(palette, others))
                sections.append(scans)
            case None:
                sections.append(scans)
        paint_sections(canvas, palette, (1, 1, width, canvas.height - 1), sections)

    def _before(self, view: QaView, width: int) -> Section:
        """What was done to the card; where a row has no room for all, who did it goes first, then when."""
        palette = self.palette
        rows: list[RowPainter] = []
        for line in view.before:
            what = (
                (line.station, cells(line.station) + 1, palette.tone(Tone.STRONG)),
                (line.what, 0, palette.tone(line.tone, bold=False)),
            )
            when = (line.at, cells(line.at) + 1, palette.text())
            is_tight = cells(line.at) + cells(line.station) + cells(line.what) + 2 > width
            who = (line.who, palette.quiet())
            rows.append(columns_row(what if is_tight else (when, *what), who, right_gives_way=True))
        note = view.before_note
        parts = (note,) if cells(note) <= width else note.split(" · ")
        rows += [columns_row(((part, 0, palette.quiet()),)) for part in parts if part]
        return Section(title="BEFORE", rows=rows, least=2, empty="nothing yet")
