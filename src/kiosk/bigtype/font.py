"""Big type: text that is read at two metres, from three rows of character cells upwards.

`fit` chooses the largest size that shows a text whole; nothing is ever clipped or squeezed. The
widgets call `fit` while painting, tests read the lines back. Two glyph sets: half blocks for
terminal emulators, full blocks for the Linux console, whose fonts lack ▀ and ▄.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from kiosk.bigtype.outlines import OUTLINES, draw
from kiosk.bigtype.pen import Nib
from kiosk.bigtype.small import LINES, PIXELS


class GlyphSet(StrEnum):
    """Which block characters the terminal's font has."""

    HALF = "half"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class BigSize:
    """One size of type: its height in rows, the gap between letters in cells, and its nib.

    Without a nib the letters come from the hand-drawn three-row tables.
    """

    rows: int
    gap: int
    nib: Nib | None = None


def _size(  # noqa: PLR0917 (one line of a table)
    rows: int, pixels: int, width: int, across: int, down: int, gap: int, cut: int = 1
) -> BigSize:
    nib = Nib(height=pixels, width=width, across=across, down=down, cut_across=cut, cut_down=min(cut, down), gap=gap)
    return BigSize(rows=rows, gap=gap, nib=nib)


_SMALL: Final = BigSize(rows=3, gap=1)

SIZES: Final[dict[GlyphSet, tuple[BigSize, ...]]] = {
    GlyphSet.HALF: (
        _size(16, 32, 21, 6, 6, 5, cut=4),
        _size(14, 28, 18, 5, 5, 4, cut=3),
        _size(12, 24, 16, 5, 4, 4, cut=3),
        _size(10, 20, 13, 4, 4, 3, cut=2),
        _size(9, 18, 12, 4, 3, 3, cut=2),
        _size(8, 16, 11, 3, 3, 2, cut=2),
        _size(7, 14, 10, 3, 2, 2),
        _size(6, 12, 8, 2, 2, 2),
        _size(5, 10, 7, 2, 2, 2),
        _size(4, 8, 6, 2, 1, 1),
        _size(4, 8, 4, 1, 1, 1),
        _size(3, 6, 6, 2, 1, 1),
        _SMALL,
    ),
    GlyphSet.FULL: (
        _size(12, 12, 16, 4, 2, 4, cut=2),
        _size(10, 10, 13, 4, 2, 3),
        _size(9, 9, 11, 3, 1, 2),
        _size(8, 8, 10, 3, 1, 2),
        _size(7, 7, 9, 2, 1, 2),
        _size(6, 6, 8, 2, 1, 2),
        _size(5, 5, 7, 2, 1, 2),
        _size(5, 5, 6, 2, 1, 1),
        _SMALL,
    ),
}
"""Every size of each glyph set, largest first."""


@dataclass(frozen=True, slots=True)
class BigText:
    """A text in big type: its lines, all `width` cells wide."""

    text: str
    width: int
    lines: tuple[str, ...]
    size: BigSize

    @property
    def rows(self) -> int:
        """How many rows of character cells it takes."""
        return len(self.lines)


def has_shapes(text: str) -> bool:
    """Whether every character of `text`, in capitals, has a big shape at every size."""
    return bool(text) and all(character in OUTLINES for character in text.upper())


def has_small_shapes(text: str) -> bool:
    """Whether every character of `text`, in capitals, has a three-row shape."""
    return bool(text) and all(character in PIXELS for character in text.upper())


@lru_cache(maxsize=4096)
def glyph(character: str, size: BigSize, glyphs: GlyphSet) -> tuple[str, ...]:
    """The rows of one character. Raises KeyError where it has no shape at this size."""
    if size.nib is None:
        if glyphs is GlyphSet.FULL:
            return LINES[character]
        return _half_blocks([[dot == "#" for dot in row] for row in PIXELS[character].split()])
    bitmap = draw(character, size.nib)
    if glyphs is GlyphSet.HALF:
        return _half_blocks([list(row) for row in bitmap])
    return tuple("".join("█" if ink else " " for ink in row) for row in bitmap)


def _half_blocks(pixels: list[list[bool]]) -> tuple[str, ...]:
    if len(pixels) % 2:
        pixels = [*pixels, [False] * len(pixels[0])]
    return tuple(
        "".join(
            "█" if above and below else "▀" if above else "▄" if below else " "
            for above, below in zip(*pair, strict=True)
        )
        for pair in zip(pixels[::2], pixels[1::2], strict=True)
    )


@lru_cache(maxsize=1024)
def set_big(text: str, size: BigSize, glyphs: GlyphSet, tighter: int = 0) -> BigText:
    """Set `text` in capitals at one size, letters `size.gap - tighter` cells apart.

    Raises KeyError where a character has no shape at this size.
    """
    shapes = [glyph(character, size, glyphs) for character in text.upper()]
    gap = " " * (size.gap - tighter)
    lines = tuple(gap.join(shape[row] for shape in shapes) for row in range(size.rows))
    return BigText(text.upper(), len(lines[0]), lines, size)


@lru_cache(maxsize=1024)
def fit(text: str, columns: int, rows: int, glyphs: GlyphSet = GlyphSet.HALF) -> BigText | None:
    """The largest setting of `text` within `columns` by `rows` cells.

    None where a character has no shape, or where even the smallest size would be clipped: the
    caller then shows plain text. A size set one cell tighter is preferred to a smaller size.
    """
    all_fit = fit_all((text,), columns, rows, glyphs)
    return all_fit[0] if all_fit else None


@lru_cache(maxsize=1024)
def fit_all(
    texts: tuple[str, ...], columns: int, rows: int, glyphs: GlyphSet = GlyphSet.HALF
) -> tuple[BigText, ...] | None:
    """The largest setting that shows every one of `texts` whole, all at one size; else None."""
    letters = "".join(texts)
    for size in SIZES[glyphs]:
        if size.rows > rows or not (has_shapes(letters) if size.nib else has_small_shapes(letters)):
            continue
        for tighter in (0, 1) if size.gap > 1 else (0,):
            set_texts = tuple(set_big(text, size, glyphs, tighter) for text in texts)
            if all(big.width <= columns for big in set_texts):
                return set_texts
    return None
