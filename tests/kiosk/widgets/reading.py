"""Reads big type back as text, as an eye would: shape by shape, from the left."""

from collections.abc import Sequence

from kiosk.bigtype.font import BigSize, GlyphSet, glyph
from kiosk.bigtype.outlines import OUTLINES
from kiosk.bigtype.small import PIXELS


def read_back(lines: Sequence[str], size: BigSize, gap: int, glyphs: GlyphSet) -> str:
    """The text of `lines`, or "?" where a shape is none of the font's."""
    known = {character: glyph(character, size, glyphs) for character in (OUTLINES if size.nib else PIXELS)}
    text = ""
    x = 0
    while x < len(lines[0]):
        fitting = [
            character
            for character, shape in known.items()
            if all(line[x : x + len(shape[0])] == row for line, row in zip(lines, shape, strict=True))
            and all(not line[x + len(shape[0]) : x + len(shape[0]) + gap].strip() for line in lines)
        ]
        if not fitting:
            return text + "?"
        # A dot is also the beginning of nothing else; where two shapes fit, the wider one was meant.
        found = max(fitting, key=lambda character: len(known[character][0]))
        text += found
        x += len(known[found][0]) + gap
    return text
