"""Which character a key of a scanner stands for: tables of keyboard layouts, and nothing else.

The kernel reports positions on a US keyboard, whatever layout the scanner believes in, so the layout set
in the scanner's manual decides what a key means. The decoder reads these tables; adding a layout is
adding rows here. Codes are those of linux/input-event-codes.h, written out because the decoder must
work where evdev is not installed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["KEYPAD", "LAYOUTS", "Key", "Layout", "key_name"]


class Key:
    """Key codes of the kernel that the decoder names."""

    ESC: Final = 1
    BACKSPACE: Final = 14
    TAB: Final = 15
    ENTER: Final = 28
    LEFTCTRL: Final = 29
    LEFTSHIFT: Final = 42
    RIGHTSHIFT: Final = 54
    LEFTALT: Final = 56
    SPACE: Final = 57
    CAPSLOCK: Final = 58
    NUMLOCK: Final = 69
    SCROLLLOCK: Final = 70
    KPENTER: Final = 96
    RIGHTCTRL: Final = 97
    RIGHTALT: Final = 100
    LINEFEED: Final = 101
    LEFTMETA: Final = 125
    RIGHTMETA: Final = 126


@dataclass(frozen=True, slots=True)
class Layout:
    """One keyboard layout: key code to character on each of three levels.

    `dead` holds the characters that this layout types by a dead key and a space.
    """

    name: str
    title: str
    plain: Mapping[int, str]
    shift: Mapping[int, str]
    altgr: Mapping[int, str]
    dead: frozenset[str]
    decimal: str


# The printing keys of a US keyboard in reading order; 86 is the extra key of ISO keyboards, left of Z.
_NUMBER_ROW = (41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
_UPPER_ROW = (16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27)
_HOME_ROW = (30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43)
_LOWER_ROW = (86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53)
_ROWS = (_NUMBER_ROW, _UPPER_ROW, _HOME_ROW, _LOWER_ROW)

_NOTHING = "\N{NO-BREAK SPACE}"
"""Stands in a row for a key that types nothing on that level."""


def _level(rows: tuple[str, str, str, str]) -> Iterator[tuple[int, str]]:
    for codes, characters in zip(_ROWS, rows, strict=True):
        for code, character in zip(codes, characters, strict=True):
            if character != _NOTHING:
                yield code, character


def _layout(
    name: str,
    title: str,
    *,
    plain: tuple[str, str, str, str],
    shift: tuple[str, str, str, str],
    altgr: Mapping[int, str] | None = None,
    dead: str = "",
    decimal: str = ".",
) -> Layout:
    blank = {Key.SPACE: " "}
    return Layout(
        name=name,
        title=title,
        plain=MappingProxyType(dict(_level(plain)) | blank),
        shift=MappingProxyType(dict(_level(shift)) | blank),
        altgr=MappingProxyType(dict(altgr or {})),
        dead=frozenset(dead),
        decimal=decimal,
    )


_US = _layout(
    "us",
    "English (US)",
    plain=("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "\N{NO-BREAK SPACE}zxcvbnm,./"),
    shift=("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', "\N{NO-BREAK SPACE}ZXCVBNM<>?"),
)
_GB = _layout(
    "gb",
    "English (UK)",
    plain=("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"),
    shift=('¬!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"),
    altgr={41: "¦", 5: "€"},
)
_DE = _layout(
    "de",
    "German",
    plain=("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
    shift=('°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
    altgr={
        3: "²", 4: "³", 8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~", 50: "µ", 86: "|",
    },
    dead="^´`",
    decimal=",",
)  # fmt: skip
_FR = _layout(
    "fr",
    "French",
    plain=("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
    shift=("\N{NO-BREAK SPACE}1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
    altgr={
        3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}", 18: "€", 27: "¤",
    },
    dead="^¨~`",
)  # fmt: skip

LAYOUTS: Mapping[str, Layout] = MappingProxyType({layout.name: layout for layout in (_US, _GB, _DE, _FR)})
"""Every layout a scanner may be set to, by the name that kiosk.toml uses."""

KEYPAD: Mapping[int, str] = MappingProxyType(
    {
        55: "*", 71: "7", 72: "8", 73: "9", 74: "-", 75: "4", 76: "5", 77: "6", 78: "+", 79: "1", 80: "2", 81: "3",
        82: "0", 98: "/", 117: "=", 121: ",",
    }
)  # fmt: skip
"""The numeric keypad, the same in every layout. Its decimal key (83) is the layout's own."""

_NAMES: Mapping[int, str] = MappingProxyType(
    {
        Key.ESC: "Esc", Key.BACKSPACE: "Backspace", Key.TAB: "Tab", Key.ENTER: "Enter", Key.LEFTCTRL: "Ctrl",
        Key.RIGHTCTRL: "Ctrl", Key.LEFTSHIFT: "Shift", Key.RIGHTSHIFT: "Shift", Key.LEFTALT: "Alt",
        Key.RIGHTALT: "AltGr", Key.SPACE: "Space", Key.CAPSLOCK: "Caps Lock", Key.NUMLOCK: "Num Lock",
        Key.SCROLLLOCK: "Scroll Lock", Key.KPENTER: "keypad Enter", Key.LEFTMETA: "Super", Key.RIGHTMETA: "Super",
        **{58 + n: f"F{n}" for n in range(1, 11)}, 87: "F11", 88: "F12",
        99: "Print", 102: "Home", 103: "Up", 104: "Page Up", 105: "Left", 106: "Right", 107: "End", 108: "Down",
        109: "Page Down", 110: "Insert", 111: "Delete", 113: "Mute", 114: "Volume Down", 115: "Volume Up",
        116: "Power", 119: "Pause", 127: "Menu",
    }
)  # fmt: skip


def key_name(code: int) -> str:
    """Return what is printed on the key with this code, such as `F5 (key 63)`, or `key 240`."""
    for characters in (_US.plain, KEYPAD):
        if code in characters:
            return f"{characters[code].upper()} (key {code})"
    return f"{_NAMES[code]} (key {code})" if code in _NAMES else f"key {code}"
