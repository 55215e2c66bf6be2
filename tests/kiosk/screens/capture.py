"""Reading a running app's screen as plain text, and recording what its screens say."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.style import Style
from textual.message import Message

from kiosk.bigtype import SIZES, GlyphSet, set_big
from kiosk.screens import (
    CodeTyped,
    FindRequested,
    OperatorPressed,
    PinEntered,
    QaKeyPressed,
    QuestionAnswered,
    ScreenHost,
)

GOLDENS = Path(__file__).parent / "goldens"
SIZES_OF_TERMINALS = ((80, 24), (100, 30), (160, 45))


class RecordingApp(ScreenHost):
    """An app that only remembers what its screens said."""

    def __init__(self, *, theme_name: str = "night") -> None:
        super().__init__(theme_name=theme_name)
        self.said: list[Message] = []

    def on_operator_pressed(self, message: OperatorPressed) -> None:
        """Remember it."""
        self.said.append(message)

    def on_qa_key_pressed(self, message: QaKeyPressed) -> None:
        """Remember it."""
        self.said.append(message)

    def on_find_requested(self, message: FindRequested) -> None:
        """Remember it."""
        self.said.append(message)

    def on_question_answered(self, message: QuestionAnswered) -> None:
        """Remember it."""
        self.said.append(message)

    def on_code_typed(self, message: CodeTyped) -> None:
        """Remember it."""
        self.said.append(message)

    def on_pin_entered(self, message: PinEntered) -> None:
        """Remember it."""
        self.said.append(message)


def strips_of(app: ScreenHost) -> list[list[tuple[str, Style | None]]]:
    """What is on the terminal now, row by row, as stretches of text and their style."""
    compositor = app.screen._compositor
    return [[(segment.text, segment.style) for segment in strip] for strip in compositor.render_strips()]


def text_of(app: ScreenHost) -> list[str]:
    """What is on the terminal now without any colour, row by row, blanks at the ends cut off."""
    return ["".join(text for text, _ in row).rstrip() for row in strips_of(app)]


def check_golden(name: str, lines: Sequence[str]) -> None:
    """Compare with the golden of that name; UPDATE_GOLDENS=1 writes it instead."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert path.exists(), f"no golden {path.name}: write it with UPDATE_GOLDENS=1 and look at it"
    assert list(lines) == path.read_text(encoding="utf-8").splitlines()


CONSOLE_GLYPHS = frozenset("°·×—›←↑→↓≠─│═║╔╗╚╝╠╣╦╩╬█░▒■▲▶●✗")
"""What every one of Debian's Lat15 and Uni2 console fonts has, beyond ASCII, of what screens are made of."""


def missing_on_the_console(lines: Sequence[str]) -> set[str]:
    """The characters that the fonts of the Linux console have no glyph for."""
    return {character for line in lines for character in line if not character.isascii()} - CONSOLE_GLYPHS


def find_big(lines: Sequence[str], text: str, glyphs: GlyphSet = GlyphSet.HALF) -> tuple[int, int, int] | None:
    """Where `text` stands whole in big type: column, row and height; None where it does not."""
    width = max(len(line) for line in lines)
    padded = [line.ljust(width) for line in lines]
    for size in SIZES[glyphs]:
        for tighter in (0, 1) if size.gap > 1 else (0,):
            big = set_big(text, size, glyphs, tighter)
            for top in range(len(padded) - big.rows + 1):
                column = padded[top].find(big.lines[0])
                while column >= 0:
                    if all(padded[top + row][column : column + big.width] == big.lines[row] for row in range(big.rows)):
                        return column, top, big.rows
                    column = padded[top].find(big.lines[0], column + 1)
    return None
