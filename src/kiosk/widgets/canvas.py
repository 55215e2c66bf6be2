"""A sheet of character cells that widgets paint on and hand to Textual as strips.

The one seam where text from outside reaches the screen: it is put down character by character,
with control characters shown escaped, and is never read as markup. Everything is clipped to the
canvas; words that do not fit end in "…". Big type is placed as ready-made lines and is never cut.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Final
from unicodedata import category, normalize

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kiosk.bigtype import BigText, GlyphSet

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_CONSOLE_GLYPHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "✓": "■",
        "○": "·",
        "▌": "█",
        "▐": "█",
        "◌": "·",
        "▁": " ",
        "▂": "░",
        "▃": "░",
        "▄": "░",
        "▅": "▒",
        "▆": "▒",
        "▇": "█",
        "…": "›",
    }
)
# Some of Debian's console fonts (Lat15 and Uni2) lack the keys of this table; all have the values.
_INK: Final = re.compile("[^ ]+")
_LONGEST: Final = 512
# No line is wider; cutting first keeps a barcode of 10,000 characters from costing a frame.


def literal(text: str) -> str:
    """`text` as it can be shown: composed, cut at 512 characters, control characters escaped."""
    if text.isascii() and text.isprintable():
        return text[:_LONGEST]
    return _escaped(text[:_LONGEST])


@lru_cache(maxsize=1024)
def _escaped(text: str) -> str:
    shown: list[str] = []
    for character in normalize("NFC", text):
        if category(character) in _UNSAFE:
            shown.append(character.encode("unicode_escape", "backslashreplace").decode("ascii"))
        else:
            shown.append(character)
    return "".join(shown)[:_LONGEST]


def cells(text: str) -> int:
    """How many cells `text` takes when shown."""
    return cell_len(literal(text))


def clip(text: str, width: int) -> str:
    """`text` as shown, at most `width` cells; where it is cut it ends in "…"."""
    shown = literal(text)
    if cell_len(shown) <= width:
        return shown
    return _cut(shown, width) if width > 0 else ""


def clip_at_words(text: str, width: int) -> str:
    """As many whole words of `text` as have room in `width` cells, and "…" for the rest; nothing without a word."""
    shown = literal(text)
    while cell_len(shown) > width:
        kept = shown.removesuffix(" …").rpartition(" ")[0].rstrip(",;:")
        if not kept:
            return ""
        shown = f"{kept} …"
    return shown


@lru_cache(maxsize=1024)
def _cut(shown: str, width: int) -> str:
    kept = ""
    room = width - 1
    for character in shown:
        room -= cell_len(character)
        if room < 0:
            break
        kept += character
    return kept.rstrip() + "…"


@lru_cache(maxsize=256)
def _edge_style(paper: Style, under: Style) -> Style:
    return Style(color=paper.bgcolor, bgcolor=under.bgcolor)


@lru_cache(maxsize=4096)
def _plain(shown: str) -> bool:
    """Whether every character takes exactly one cell."""
    return shown.isascii() or all(cell_len(character) == 1 for character in shown)


@lru_cache(maxsize=1024)
def _runs(lines: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    """The stretches of ink in big type: row, column, and the ink."""
    return tuple((row, match.start(), match[0]) for row, line in enumerate(lines) for match in _INK.finditer(line))


class Canvas:
    """`width` by `height` cells, each a character and a style. Positions are from the top left."""

    def __init__(self, width: int, height: int, style: Style, glyphs: GlyphSet = GlyphSet.HALF) -> None:
        self.width = width
        self.height = height
        self.glyphs = glyphs
        self._characters = [[" "] * width for _ in range(height)]
        self._styles = [[style] * width for _ in range(height)]

    def text(self, x: int, y: int, text: str, style: Style, width: int | None = None) -> int:
        """Put words down at (x, y), clipped to `width` cells; returns the column after them."""
        room = self.width - x if width is None else min(width, self.width - x)
        if not 0 <= y < self.height or room <= 0 or x < 0:
            return x
        shown = clip(text, room)
        characters, styles = self._characters[y], self._styles[y]
        swap = self.glyphs is GlyphSet.FULL
        if not swap and _plain(shown):
            characters[x : x + len(shown)] = shown
            styles[x : x + len(shown)] = [style] * len(shown)
            return x + len(shown)
        for character in shown:
            size = cell_len(character)
            if size == 0:
                continue
            characters[x] = _CONSOLE_GLYPHS.get(character, character) if swap else character
            styles[x] = style
            if size == 2:
                characters[x + 1] = ""
                styles[x + 1] = style
            x += size
        return x

    def right(self, end: int, y: int, text: str, style: Style, width: int | None = None) -> int:
        """Put words down so that they end before column `end`; returns the column they start at."""
        room = end if width is None else min(width, end)
        shown = clip(text, max(0, room))
        start = end - cell_len(shown)
        self.text(start, y, shown, style)
        return start

    def centre(self, y: int, text: str, style: Style) -> None:
        """Put words down in the middle of a row."""
        shown = clip(text, self.width)
        self.text((self.width - cell_len(shown)) // 2, y, shown, style)

    def fill(  # noqa: PLR0917 (a rectangle, then its ink)
        self, x: int, y: int, width: int, height: int, style: Style, character: str = " "
    ) -> None:
        """Fill a rectangle with one character."""
        left, right = max(0, x), min(self.width, x + width)
        if right <= left:
            return
        for row in range(max(0, y), min(self.height, y + height)):
            self._characters[row][left:right] = [character] * (right - left)
            self._styles[row][left:right] = [style] * (right - left)

    def rule(self, x: int, y: int, width: int, style: Style) -> None:
        """A thin line under a heading."""
        self.fill(x, y, width, 1, style, "─")

    def upper_edge(self, x: int, y: int, width: int, paper: Style) -> None:
        """Half a row of paper above a filled area, where the font has half blocks; else nothing."""
        self._edge(x, y, width, paper, "▄")

    def lower_edge(self, x: int, y: int, width: int, paper: Style) -> None:
        """Half a row of paper below a filled area, where the font has half blocks; else nothing."""
        self._edge(x, y, width, paper, "▀")

    def _edge(self, x: int, y: int, width: int, paper: Style, character: str) -> None:
        if self.glyphs is GlyphSet.FULL or not 0 <= y < self.height:
            return
        left, right = max(0, x), min(self.width, x + width)
        if right <= left:
            return
        self._characters[y][left:right] = [character] * (right - left)
        styles = self._styles[y]
        under = styles[left:right]
        alike = under.count(under[0]) == len(under)
        styles[left:right] = (
            [_edge_style(paper, under[0])] * len(under) if alike else [_edge_style(paper, each) for each in under]
        )

    def big(self, x: int, y: int, big: BigText, style: Style) -> None:
        """Put big type down with its top left corner at (x, y). It must lie wholly on the canvas."""
        for row, column, ink in _runs(big.lines):
            left = x + column
            self._characters[y + row][left : left + len(ink)] = ink
            self._styles[y + row][left : left + len(ink)] = [style] * len(ink)

    def paste(self, x: int, y: int, other: "Canvas") -> None:
        """Put another canvas down with its top left corner at (x, y); what does not fit on this one is left out."""
        width = min(other.width, self.width - x)
        if x < 0 or width <= 0:
            return
        for row in range(max(0, -y), min(other.height, self.height - y)):
            characters, styles = other._characters[row], other._styles[row]  # noqa: SLF001 (its like)
            self._characters[y + row][x : x + width] = characters[:width]
            self._styles[y + row][x : x + width] = styles[:width]

    def rows_changed_since(self, before: "Canvas") -> list[tuple[int, int]]:
        """Where this canvas differs from another of its size: the first row, and how many, of every stretch."""
        stretches: list[tuple[int, int]] = []
        first = count = 0
        for y in range(self.height):
            if self._characters[y] == before._characters[y] and self._styles[y] == before._styles[y]:  # noqa: SLF001 (its like)
                continue
            if count and y == first + count:
                count += 1
                continue
            if count:
                stretches.append((first, count))
            first, count = y, 1
        if count:
            stretches.append((first, count))
        return stretches

    def strip(self, y: int) -> Strip:
        """One row as a Textual strip."""
        return self._strip(self._characters[y], self._styles[y])

    def strips(self) -> list[Strip]:
        """The rows as Textual strips."""
        return [
            self._strip(characters, styles) for characters, styles in zip(self._characters, self._styles, strict=True)
        ]

    def _strip(self, characters: list[str], styles: list[Style]) -> Strip:
        segments: list[Segment] = []
        start = 0
        for style, alike in groupby(styles):
            end = start + len(list(alike))
            segments.append(Segment("".join(characters[start:end]), style))
            start = end
        return Strip(segments, self.width)
