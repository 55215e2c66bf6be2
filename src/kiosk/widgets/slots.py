"""A sheet's own layout, slot by slot: how ASSEMBLY, CUTTER and LEAD draw it.

`paint_slots` fills any area: the numbers are as big as the slots allow, at one size for the whole
sheet; where slots are low, number and caption are plain words. A caption is never left out.
"""

from rich.style import Style

from kiosk.bigtype import BigText, fit_all
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.tone import Tone
from kiosk.themes import Palette
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
        _paint_slot(
            canvas,
            palette,
            slot,
            (left, top, slot_width, pitch),
            number=(bigs.get(slot.position), block),
            selected=slot.position == selected,
        )
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


def _paint_slot(
    canvas: Canvas,
    palette: Palette,
    slot: SlotView,
    area: tuple[int, int, int, int],
    *,
    number: tuple[BigText | None, int],
    selected: bool,
) -> None:
    x, y, width, pitch = area
    big, block = number
    pair = palette.slots[slot.state]
    ink, quiet = pair.style(), pair.style(quiet=True)
    if selected:
        chosen = palette.badges[Tone.ATTENTION]
        ink = quiet = chosen.style()
    edged = pitch >= 2
    top, inner = (y + 1, pitch - 1) if edged else (y, pitch)
    if edged:
        canvas.upper_edge(x, y, width, ink)
    canvas.fill(x, top, width, inner, ink)
    here = slot.state in {SlotState.IN, SlotState.NEW, SlotState.REPLACED}
    if big is not None and (pitch >= 5 or here):
        _big_slot(canvas, slot, (x, top, width, inner), big=big, inks=(ink, quiet), block=block)
        return
    pad = 1 if width >= 6 else 0
    digits = f"{slot.position:02d}"
    if inner >= 2:
        canvas.text(x + pad, top + (inner - 2) // 2, digits, ink, width - pad)
        canvas.text(x + pad, top + (inner - 2) // 2 + 1, _caption(slot, width - pad), quiet, width - pad)
    else:
        after = canvas.text(x + pad, top, f"{digits} ", ink, width - pad)
        room = x + width - after
        caption = SLOT_SYMBOLS[slot.state] if here and room < 6 else _caption(slot, room)
        canvas.text(after, top, caption, quiet, room)


def _big_slot(
    canvas: Canvas,
    slot: SlotView,
    area: tuple[int, int, int, int],
    *,
    big: BigText,
    inks: tuple[Style, Style],
    block: int,
) -> None:
    x, top, width, inner = area
    ink, quiet = inks
    captioned = inner > big.rows
    air = 1 if inner >= big.rows + 3 else 0
    taken = big.rows + air + (1 if captioned else 0)
    top += (inner - taken) // 2
    left = x + (width - block + 1) // 2
    canvas.big(left, top, big, ink)
    if captioned:
        # A caption keeps a cell of air on its right; one that is too long for that is the short one.
        room = x + width - 1 - left
        caption = _caption(slot, room)
        if cells(caption) > room:
            left, caption = x + 1, _caption(slot, width - 1)
        canvas.text(left, top + big.rows + air, caption, quiet, x + width - left)


def _caption(slot: SlotView, width: int) -> str:
    symbol = SLOT_SYMBOLS[slot.state]
    for words in (slot.caption, slot.short):
        text = f"{symbol} {words}".strip()
        if words and cells(text) <= width:
            return text
    words = slot.short or slot.caption
    return symbol if symbol and cells(words) > width else words[: max(0, width)]
