"""A sheet's own layout, slot by slot: how ASSEMBLY, CUTTER and LEAD draw it.

`paint_slots` fills any area: the numbers are as big as the slots allow, at one size for the whole
sheet; where slots are low, number and caption are plain words. A caption is never left out.
"""

from functools import lru_cache
from typing import NamedTuple

from rich.style import Style

from kiosk.bigtype import BigText, GlyphSet, fit_all
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.tone import Tone
from kiosk.themes import Palette, palette_of
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.painted import Painted
from kiosk.widgets.symbols import SLOT_SYMBOLS

_WIDEST = 28


class SlotGrid(Painted[AssemblyGridView]):
    """The sheet of an assembly, filling live."""

    def paint(self, canvas: Canvas, view: AssemblyGridView) -> None:
        """The whole widget is the sheet."""
        paint_slots(canvas, self.palette, view, (1, 0, canvas.width - 1, canvas.height))


def paint_slots(
    canvas: Canvas,
    palette: Palette,
    grid: AssemblyGridView,
    area: tuple[int, int, int, int],
    selected: int = 0,
) -> int:
    """Draw the sheet in `area` (x, y, width, height in cells); returns the row below it.

    `selected` is a position to mark, or 0.
    """
    x, y, width, height = area
    columns, rows = max(1, grid.columns), max(1, grid.rows)
    gap = 1 if width // columns >= 4 else 0
    slot_width = min((width + gap) // columns - gap, _WIDEST)
    pitch = max(1, min(height // rows, 14))
    bigs = _numbers(grid, slot_width, pitch, canvas)
    # Numbers stand left-aligned in a block as wide as the widest, so that columns of slots line up.
    block = max((big.width for big in bigs.values()), default=0)
    for index, slot in enumerate(grid.slots[: columns * rows]):
        left = x + index % columns * (slot_width + gap)
        top = y + index // columns * pitch
        form = _Form(palette.name, canvas.glyphs, slot_width, pitch, block)
        canvas.paste(left, top, _painted(form, slot, bigs.get(slot.position), selected=slot.position == selected))
    return y + rows * pitch


def _numbers(grid: AssemblyGridView, slot_width: int, pitch: int, canvas: Canvas) -> dict[int, BigText]:
    rows = pitch - 2 if pitch < 8 else pitch - 3
    if pitch == 4:
        rows = 3
    texts = tuple(f"{slot.position:02d}" for slot in grid.slots)
    # 00 is as wide as any number, so the size does not hang on which positions there are.
    sizes = None
    if rows >= 3:
        sizes = fit_all((*texts, "00"), slot_width - 2, rows, canvas.glyphs)
        sizes = sizes or fit_all((*texts, "00"), slot_width - 1, rows, canvas.glyphs)
    if sizes is None:
        return {}
    return {slot.position: big for slot, big in zip(grid.slots, sizes, strict=False)}


class _Form(NamedTuple):
    """What all slots of a sheet have in common: theme, glyphs, size in cells, and the width of the widest number."""

    theme: str
    glyphs: GlyphSet
    width: int
    pitch: int
    block: int


@lru_cache(maxsize=512)
def _painted(form: _Form, slot: SlotView, big: BigText | None, *, selected: bool) -> Canvas:
    """Return one slot; a scan changes one or two of a sheet, and the others are as they were painted before."""
    palette = palette_of(form.theme)
    _, glyphs, width, pitch, block = form
    canvas = Canvas(width, pitch, palette.text(), glyphs)
    pair = palette.slots[slot.state]
    ink, quiet = pair.style(), pair.style(quiet=True)
    if selected:
        chosen = palette.badges[Tone.ATTENTION]
        ink = quiet = chosen.style()
    edged = pitch >= 2
    top, inner = (1, pitch - 1) if edged else (0, pitch)
    if edged:
        canvas.upper_edge(0, 0, width, ink)
    canvas.fill(0, top, width, inner, ink)
    here = slot.state in {SlotState.IN, SlotState.NEW, SlotState.KEPT, SlotState.REPLACED}
    if big is not None and (pitch >= 5 or here):
        _big_slot(canvas, slot, (top, inner), big=big, inks=(ink, quiet), block=block)
        return canvas
    pad = 1 if width >= 6 else 0
    digits = f"{slot.position:02d}"
    if inner >= 2:
        canvas.text(pad, top + (inner - 2) // 2, digits, ink)
        canvas.text(pad, top + (inner - 2) // 2 + 1, _caption(slot, width - pad), quiet)
    else:
        after = canvas.text(pad, top, f"{digits} ", ink)
        caption = SLOT_SYMBOLS[slot.state] if here and width - after < 6 else _caption(slot, width - after)
        canvas.text(after, top, caption, quiet)
    return canvas


def _big_slot(
    canvas: Canvas,
    slot: SlotView,
    rows: tuple[int, int],
    *,
    big: BigText,
    inks: tuple[Style, Style],
    block: int,
) -> None:
    (top, inner), (ink, quiet), width = rows, inks, canvas.width
    captioned = inner > big.rows
    air = 1 if inner >= big.rows + 3 else 0
    taken = big.rows + air + (1 if captioned else 0)
    top += (inner - taken) // 2
    left = (width - block + 1) // 2
    canvas.big(left, top, big, ink)
    if captioned:
        # A caption keeps a cell of air on its right; one that is too long for that is the short one.
        room = width - 1 - left
        caption = _caption(slot, room)
        if cells(caption) > room:
            left, caption = 1, _caption(slot, width - 1)
        canvas.text(left, top + big.rows + air, caption, quiet)


def _caption(slot: SlotView, width: int) -> str:
    symbol = SLOT_SYMBOLS[slot.state]
    for words in (slot.caption, slot.short):
        text = f"{symbol} {words}".strip()
        if words and cells(text) <= width:
            return text
    words = slot.short or slot.caption
    return symbol if symbol and cells(words) > width else words[: max(0, width)]
