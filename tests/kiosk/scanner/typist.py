"""Plays a scanner: the key events that type a text in a layout. Shared by the tests of this room."""

from collections.abc import Iterable

from kiosk.scanner.decoder import KeyDecoder
from kiosk.scanner.layouts import LAYOUTS, Key
from kiosk.scanner.verdicts import Verdict

KEY_S = 0.001
"""Seconds between two events, as a real scanner has them."""

Keystroke = tuple[int, int]
"""Key code, and 1 for a press or 0 for a release."""

ENDS: dict[str, list[Keystroke]] = {
    "enter": [(Key.ENTER, 1), (Key.ENTER, 0)],
    "keypad enter": [(Key.KPENTER, 1), (Key.KPENTER, 0)],
    "tab": [(Key.TAB, 1), (Key.TAB, 0)],
    "linefeed": [(Key.LEFTCTRL, 1), (36, 1), (36, 0), (Key.LEFTCTRL, 0)],
    "none": [],
}
ENDS["enter and linefeed"] = ENDS["enter"] + ENDS["linefeed"]

_KEYPAD_DIGITS = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)


def stroke(code: int, *modifiers: int) -> list[Keystroke]:
    """Press and release one key while the modifiers are held."""
    down: list[Keystroke] = [(modifier, 1) for modifier in modifiers]
    up: list[Keystroke] = [(modifier, 0) for modifier in reversed(modifiers)]
    return [*down, (code, 1), (code, 0), *up]


def strokes(text: str, layout: str = "us") -> list[Keystroke]:
    """Type `text`; raises LookupError for a character that the layout does not have."""
    typed: list[Keystroke] = []
    for character in text:
        typed += _one(character, layout)
    return typed


def typeable(layout: str) -> str:
    """Every character that a scanner set to `layout` can type."""
    table = LAYOUTS[layout]
    return "".join(sorted({*table.plain.values(), *table.shift.values(), *table.altgr.values()}))


def _one(character: str, layout: str) -> list[Keystroke]:
    table = LAYOUTS[layout]
    for level, modifiers in ((table.plain, ()), (table.shift, (Key.LEFTSHIFT,)), (table.altgr, (Key.RIGHTALT,))):
        for code, typed in level.items():
            if typed == character:
                return stroke(code, *modifiers) + (stroke(Key.SPACE) if character in table.dead else [])
    raise LookupError(character)


def alt_strokes(text: str, digits: int = 3) -> list[Keystroke]:
    """Type `text` as Alt and the number of each character on the keypad."""
    typed: list[Keystroke] = []
    for character in text:
        typed.append((Key.LEFTALT, 1))
        for digit in f"{ord(character):0{digits}d}":
            typed += stroke(_KEYPAD_DIGITS[int(digit)])
        typed.append((Key.LEFTALT, 0))
    return typed


def keypad_strokes(digits: str) -> list[Keystroke]:
    """Type digits on the keypad."""
    return [key for digit in digits for key in stroke(_KEYPAD_DIGITS[int(digit)])]


def play(decoder: KeyDecoder, keys: Iterable[Keystroke], start: float = 100.0) -> list[Verdict]:
    """Feed keys at a scanner's pace and return what the decoder said."""
    at = start
    verdicts: list[Verdict] = []
    for code, value in keys:
        at += KEY_S
        verdicts += decoder.key(code, value, at)
    return verdicts
