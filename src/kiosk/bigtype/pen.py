"""The pen that big letters are drawn with: a nib that says how thick, and a sheet of pixels.

Called by `kiosk.bigtype.outlines`, which knows the letters, and by `kiosk.bigtype.font`, which
knows the sizes.
"""

from dataclasses import dataclass
from typing import TypeAlias

Bitmap: TypeAlias = tuple[tuple[bool, ...], ...]
"""Pixels of one glyph, row by row, top first; every row has the glyph's width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nib:
    """How a size is drawn, in pixels: the box of a digit, bar thickness, corner cut, gaps."""

    height: int
    width: int
    across: int
    """Thickness of upright bars."""
    down: int
    """Thickness of level bars."""
    cut_across: int
    cut_down: int
    gap: int


class Sheet:
    """The pixels of one glyph while it is drawn."""

    def __init__(self, nib: Nib, width: int) -> None:
        self.nib = nib
        self.width = width
        self.height = nib.height
        self.middle = (nib.height - nib.down) // 2
        self._pixels = [[False] * width for _ in range(nib.height)]

    def block(self, left: int, top: int, width: int, height: int, *, ink: bool = True) -> None:
        """Fill a rectangle, as far as it lies on the sheet."""
        for y in range(max(0, top), min(self.height, top + height)):
            for x in range(max(0, left), min(self.width, left + width)):
                self._pixels[y][x] = ink

    def top(self) -> None:
        """The level bar at the top."""
        self.block(0, 0, self.width, self.nib.down)

    def mid(self, left: int = 0, right: int = 0) -> None:
        """The level bar in the middle, `left` and `right` cells short of the sides."""
        self.block(left, self.middle, self.width - left - right, self.nib.down)

    def bottom(self) -> None:
        """The level bar at the bottom."""
        self.block(0, self.height - self.nib.down, self.width, self.nib.down)

    def left(self, *, upper: bool = True, lower: bool = True) -> None:
        """The upright at the left, whole or its upper or lower half."""
        self._upright(0, upper=upper, lower=lower)

    def right(self, *, upper: bool = True, lower: bool = True) -> None:
        """The upright at the right, whole or its upper or lower half."""
        self._upright(self.width - self.nib.across, upper=upper, lower=lower)

    def centre(self, *, upper: bool = True, lower: bool = True) -> None:
        """The upright in the middle, whole or its upper or lower half."""
        self._upright((self.width - self.nib.across) // 2, upper=upper, lower=lower)

    def _upright(self, x: int, *, upper: bool, lower: bool) -> None:
        start = 0 if upper else self.middle
        end = self.height if lower else self.middle + self.nib.down
        self.block(x, start, self.nib.across, end - start)

    def diagonal(self, x_top: float, x_bottom: float, top: int, bottom: int, thick: float) -> None:
        """A slanted bar from row `top` to row `bottom` (exclusive); `x_…` are its left edges."""
        rows = max(1, bottom - top)
        for step in range(rows):
            share = step / max(1, rows - 1)
            left = x_top + (x_bottom - x_top) * share
            self.block(round(left), top + step, round(left + thick) - round(left), 1)

    def round_off(self, *corners: str, at: tuple[int, int] | None = None) -> None:
        """Cut outer corners: "tl", "tr", "bl", "br"; `at` gives other rows (top, bottom) than the box's."""
        first, last = (0, self.height - 1) if at is None else at
        for corner in corners:
            for step in range(self.nib.cut_down):
                share = (self.nib.cut_down - step) / self.nib.cut_down
                cells = max(1, round(self.nib.cut_across * share))
                y = first + step if corner[0] == "t" else last - step
                x = 0 if corner[1] == "l" else self.width - cells
                self.block(x, y, cells, 1, ink=False)

    def bitmap(self) -> Bitmap:
        """The pixels as drawn so far."""
        return tuple(tuple(row) for row in self._pixels)
