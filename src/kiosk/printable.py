"""Text of foreign origin (barcodes, names, files) made safe to show: owns the escaping, knows no screen.

Every screen, log line and command prints such text through `shown`. The answer holds only characters
that take a cell and do nothing else, so no terminal can be steered by a barcode. It is plain text: a
widget must still be told not to read `[markup]` in it.
"""

import unicodedata

__all__ = ["ELLIPSIS", "counted", "shown"]

ELLIPSIS = "…"

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"}
_COMBINING = frozenset({"Mn", "Me"})
_HARMLESS_SEPARATOR = " "
_MOST_MARKS = 2
"""Combining marks left on one character; more only serve to draw over the lines above and below."""


def shown(text: str, limit: int = 80) -> str:
    r"""Return `text` for display, at most `limit` characters long (1 or more).

    Control, format, bidirectional, private, unassigned and surrogate characters, line and paragraph
    separators, and blanks other than the plain space appear as `\n`, `\x1d`, `\u202e` or `\U000e0001`;
    a backslash is doubled, so no two texts look the same unless they are cut. What does not fit ends
    with an ellipsis, and an escape is never cut in two. Never raises for any text.
    """
    room = max(limit, 1)
    pieces: list[str] = []
    used = 0
    marks = _MOST_MARKS  # a mark at the very start has nothing to stand on
    # One character past the limit is enough to know that something was cut.
    for character in text[: room + 1]:
        category = unicodedata.category(character)
        if category in _COMBINING and marks < _MOST_MARKS:
            marks += 1
            piece = character
        else:
            piece = _one(character, category)
            marks = 0 if piece == character else _MOST_MARKS
        pieces.append(piece)
        used += len(piece)
    if used <= room:
        return "".join(pieces)
    while pieces and used > room - 1:
        used -= len(pieces.pop())
    return "".join(pieces) + ELLIPSIS


def counted(number: int, word: str) -> str:
    """So many of them, "1 label", "1,204 labels"; `word` is the singular of a regular plural."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _one(character: str, category: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    # C* are control, format, surrogate, private and unassigned; Z* are separators.
    if category[0] not in "CZ" and category not in _COMBINING:
        return character
    if character == _HARMLESS_SEPARATOR:
        return character
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    return f"\\U{number:08x}"
