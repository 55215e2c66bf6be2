"""Key events in, whole codes or refusals out: the rule by which no damaged scan ever becomes a code.

Pure: no device, no clock; every time is handed in, in seconds of one monotonic clock. The reader thread
of each scanner owns one decoder; nothing here is safe to share between threads.

Two rules carry the promise that a wrong code is never delivered:

- Only the end of a code starts the next one. Whatever puts a code in doubt (lost events, a press
  without its release, an unknown key, a pause within it) refuses everything up to the next end.
- The kernel alternates press and release of each key strictly, so a release without a press proves that
  events are missing, even where the kernel did not say so.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.printable import shown
from kiosk.scanner.layouts import KEYPAD, LAYOUTS, Key, Layout, key_name
from kiosk.scanner.verdicts import FaultReason, Scan, ScanFault, Verdict

__all__ = ["LONGEST_CODE", "CapsLock", "DecoderSettings", "KeyDecoder", "Suffix"]

LONGEST_CODE: Final = 64
"""Characters. The longest code of the shop has 25; a code of several hundred is someone else's DataMatrix."""


class Suffix(StrEnum):
    """What the scanner sends after each code. Each also covers both of its keys (Enter and keypad Enter)."""

    CR = "cr"
    CRLF = "crlf"
    LF = "lf"
    TAB = "tab"
    ETX = "etx"
    NONE = "none"
    """Nothing: a pause of `gap_s` ends the code, or an Enter should one come after all."""


class CapsLock(StrEnum):
    """What a Caps Lock key sent by the scanner means; the kernel itself does not apply it."""

    IGNORE = "ignore"
    APPLY = "apply"
    """It inverts letters until pressed again, and must be off again before the code ends."""
    REFUSE = "refuse"


_ENDS: Final[Mapping[Suffix, frozenset[str]]] = {
    Suffix.CR: frozenset("\r"),
    Suffix.CRLF: frozenset("\r\n"),
    Suffix.LF: frozenset("\n"),
    Suffix.TAB: frozenset("\t"),
    Suffix.ETX: frozenset("\x03"),
    Suffix.NONE: frozenset("\r"),
}
_LINE_CHARACTERS: Final = frozenset("\r\n\t")
_NAMED: Final[Mapping[int, str]] = {
    Key.ENTER: "\r",
    Key.KPENTER: "\r",
    Key.LINEFEED: "\n",
    Key.TAB: "\t",
    Key.ESC: "\x1b",
    Key.BACKSPACE: "\b",
}
_KEYPAD_DECIMAL: Final = 83
# On every PC layout these three positions give ESC, GS and FS with Ctrl, whatever is printed on them.
_CONTROL_POSITIONS: Final[dict[int, str]] = {26: "\x1b", 27: "\x1d", 43: "\x1c"}
_LOCKS: Final = frozenset({Key.NUMLOCK, Key.SCROLLLOCK})
_MODIFIERS: Final = frozenset({Key.LEFTSHIFT, Key.RIGHTSHIFT, Key.LEFTCTRL, Key.RIGHTCTRL, Key.LEFTALT, Key.RIGHTALT})
_MOST_ALT_DIGITS: Final = 4
_ASCII: Final = 0x7F
_BYTE: Final = 0xFF


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderSettings:
    """How one scanner is set up. Raises ValueError, with a sentence, for settings that cannot work.

    `gap_s`: a pause of this many seconds within a code puts it in doubt (or ends it, with Suffix.NONE).
    `prefix` is taken off each code, and a code without it is refused. `ignored_keys` are key codes that a
    scanner sends beside its codes, such as that of its trigger.
    """

    layout: str = "us"
    suffix: Suffix = Suffix.CR
    prefix: str = ""
    longest: int = LONGEST_CODE
    gap_s: float = 0.3
    caps_lock: CapsLock = CapsLock.IGNORE
    ignored_keys: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(f"there is no scanner layout {self.layout!r}; there are {', '.join(LAYOUTS)}")
        if self.longest < 1:
            raise ValueError(f"the longest code must have at least 1 character, not {self.longest}")
        if not self.gap_s > 0:
            raise ValueError(f"the pause that ends a code must be longer than 0 s, not {self.gap_s}")
        if _ENDS[self.suffix] & set(self.prefix):
            raise ValueError(f"the prefix {self.prefix!r} contains the suffix {self.suffix.value}")


def _control_characters(layout: Layout) -> dict[int, str]:
    table: dict[int, str] = {}
    for level in (layout.plain, layout.shift):
        for code, character in level.items():
            sign = character.upper()
            if len(sign) == 1 and "@" <= sign <= "_":
                table[code] = chr(ord(sign) - ord("@"))
    return table | _CONTROL_POSITIONS


class KeyDecoder:
    """Turns the keys of one scanner into codes.

    Feed it every key event with `key`, every SYN_DROPPED with `dropped`, and call `expire` when `deadline`
    has passed without an event. Each scan gives exactly one verdict: what was read, or why it was refused.
    """

    def __init__(self, settings: DecoderSettings) -> None:
        layout = LAYOUTS[settings.layout]
        self._settings = settings
        self._ends = _ENDS[settings.suffix]
        self._end_keys = frozenset(code for code, character in _NAMED.items() if character in self._ends)
        self._gap_s = settings.gap_s
        self._longest = settings.longest + len(settings.prefix)
        self._dead_characters = layout.dead
        self._keypad: Mapping[int, str] = {**KEYPAD, _KEYPAD_DECIMAL: layout.decimal}
        self._plain: Mapping[int, str] = {**layout.plain, **self._keypad, **_NAMED}
        self._shift: Mapping[int, str] = {**layout.shift, **_NAMED}
        self._altgr: Mapping[int, str] = {**layout.altgr, **_NAMED}
        self._control: Mapping[int, str] = {**_control_characters(layout), **_NAMED}
        self._held: set[int] = set()
        self._opened_at: float | None = None
        self._ended_at: float | None = None
        self._last = 0.0
        self._start_code()

    def _start_code(self) -> None:
        self._characters: list[str] = []
        self._began = 0.0
        self._fault: FaultReason | None = None
        self._detail = ""
        self._announced = False
        self._dead = ""
        self._alt_digits = ""
        self._caps = False

    @property
    def pending(self) -> bool:
        """True while a code is under way or being refused, so that an end is awaited."""
        return bool(self._characters or self._fault or self._dead or self._alt_digits)

    @property
    def deadline(self) -> float | None:
        """The time from which `expire` has something to say, None while no code is under way."""
        return self._last + self._gap_s if self.pending and not self._announced else None

    def opened(self, at: float) -> None:
        """Forget everything: the device was opened at `at`, and a code may be under way in it."""
        self._held.clear()
        self._start_code()
        self._ended_at = None
        self._opened_at = at

    def dropped(self, at: float) -> None:
        """Note that events were lost at `at` (SYN_DROPPED): everything up to the next end is refused."""
        # No `expire` first: the lost keys may have followed the last one without any pause.
        # Which keys are held is unknown now; a shift pressed before the loss may long be released.
        self._held.clear()
        self._dead = self._alt_digits = ""
        self._refuse(FaultReason.DROPPED)
        self._last = at

    def unplugged(self, at: float) -> tuple[Verdict, ...]:
        """Note that the device went away at `at`; a code under way is refused."""
        under_way = self.pending and not self._announced
        fault = self._fault_of(self._fault or FaultReason.UNPLUGGED, at)
        self.opened(at)
        return (fault,) if under_way else ()

    def expire(self, now: float) -> tuple[Verdict, ...]:
        """Tell what the silence since the last key means, if it has lasted `gap_s` by `now`."""
        if not self.pending or self._announced or now - self._last < self._gap_s:
            return ()
        if self._settings.suffix is Suffix.NONE:
            return self._finish(self._last)
        self._fault = self._fault or FaultReason.UNFINISHED
        self._announced = True
        return (self._fault_of(self._fault, now),)

    def key(self, code: int, value: int, at: float) -> tuple[Verdict, ...]:
        """Take one key event (`value` 1 press, 0 release, 2 repeat) that happened at `at`; mostly gives ()."""
        verdicts: tuple[Verdict, ...] = ()
        if at - self._last >= self._gap_s and self.pending:
            verdicts = self.expire(at)
        self._last = at
        if value not in (0, 1) or code in self._settings.ignored_keys:
            return verdicts
        if self._opened_at is not None:
            if at - self._opened_at < self._gap_s:
                self._refuse(FaultReason.STARTED_MID_CODE)
            self._opened_at = None
        if value == 0:
            return verdicts + self._released(code, at)
        if code in self._held:
            self._refuse(FaultReason.BROKEN_KEYS, key_name(code))
        self._held.add(code)
        return verdicts + self._pressed(code, at)

    def _released(self, code: int, at: float) -> tuple[Verdict, ...]:
        if code not in self._held:
            self._refuse(FaultReason.BROKEN_KEYS, key_name(code))
            # The press that was lost was an end: what follows it is a new code.
            return self._finish(at) if code in self._end_keys else ()
        self._held.remove(code)
        if code == Key.LEFTALT and self._alt_digits:
            return self._alt_character(at)
        return ()

    def _pressed(self, code: int, at: float) -> tuple[Verdict, ...]:
        if code in self._end_keys:
            if not _MODIFIERS.isdisjoint(self._held):
                # A scanner lets go before the end; a modifier still held lost its release, we know not when.
                self._held.difference_update(_MODIFIERS)
                if self.pending:
                    self._refuse(FaultReason.BROKEN_KEYS, "a modifier held at the end")
            return self._finish(at)
        if code in _MODIFIERS or code in _LOCKS:
            return ()
        if code == Key.CAPSLOCK:
            self._caps_pressed()
            return ()
        held = self._held
        shift = Key.LEFTSHIFT in held or Key.RIGHTSHIFT in held
        control = Key.LEFTCTRL in held or Key.RIGHTCTRL in held
        if Key.RIGHTALT in held or (control and Key.LEFTALT in held):
            # Windows layouts take Ctrl+Alt for AltGr, and scanners imitate Windows.
            character = self._altgr.get(code)
        elif Key.LEFTALT in held:
            self._alt_digit(code)
            return ()
        elif control:
            character = self._control.get(code)
        elif shift:
            character = self._shift.get(code)
        else:
            character = self._plain.get(code)
        if character is None:
            self._refuse(FaultReason.UNKNOWN_KEY, key_name(code))
            return ()
        if self._caps and character.isalpha():
            character = _other_case(character)
        return self._take(character, at)

    def _take(self, character: str, at: float, *, by_number: bool = False) -> tuple[Verdict, ...]:
        if character in self._ends:
            return self._finish(at)
        if self._ended_at is not None:
            # CR+LF, or Tab+CR, is one end: its second half starts no code.
            if character in _LINE_CHARACTERS and at - self._ended_at < self._gap_s and not self.pending:
                return ()
            self._ended_at = None
        if self._fault:
            self._go_on_refusing()
        elif self._dead:
            if character == " " and not by_number:
                self._append(self._dead, at)
                self._dead = ""
            else:
                self._refuse(FaultReason.UNKNOWN_KEY, f"{self._dead} before {shown(character)}")
        elif character in self._dead_characters and not by_number:
            self._dead = character
        else:
            self._append(character, at)
        return ()

    def _append(self, character: str, at: float) -> None:
        if len(self._characters) >= self._longest:
            self._refuse(FaultReason.TOO_LONG)
            return
        if not self._characters:
            self._began = at
        self._characters.append(character)

    def _caps_pressed(self) -> None:
        if self._settings.caps_lock is CapsLock.APPLY:
            self._caps = not self._caps
        elif self._settings.caps_lock is CapsLock.REFUSE:
            self._refuse(FaultReason.CAPS_LOCK)

    def _alt_digit(self, code: int) -> None:
        digit = KEYPAD.get(code, "")
        if digit.isdigit() and len(self._alt_digits) < _MOST_ALT_DIGITS:
            self._alt_digits += digit
        else:
            self._refuse(FaultReason.UNKNOWN_KEY, f"Alt and {key_name(code)}")

    def _alt_character(self, at: float) -> tuple[Verdict, ...]:
        digits, self._alt_digits = self._alt_digits, ""
        number = int(digits)
        # Above ASCII, Alt+nnn means a code page that depends on the country; only Alt+0nnn is the same everywhere.
        if 0 < number <= _ASCII:
            return self._take(chr(number), at, by_number=True)
        if number <= _BYTE and digits.startswith("0") and number:
            character = bytes([number]).decode("cp1252", errors="replace")
            if character != "\N{REPLACEMENT CHARACTER}":
                return self._take(character, at, by_number=True)
        self._refuse(FaultReason.UNKNOWN_KEY, f"Alt and {digits}")
        return ()

    def _refuse(self, reason: FaultReason, detail: str = "") -> None:
        if self._fault:
            self._go_on_refusing()
        else:
            self._fault, self._detail = reason, detail

    def _go_on_refusing(self) -> None:
        if self._announced:
            # Another attempt after the silence: it gets a verdict of its own.
            self._announced = False
            if self._fault is FaultReason.UNFINISHED:
                self._fault = FaultReason.INTERRUPTED

    def _finish(self, at: float) -> tuple[Verdict, ...]:
        text, prefix = "".join(self._characters), self._settings.prefix
        fault = self._fault
        if not fault:
            if self._dead or self._alt_digits:
                fault = FaultReason.BROKEN_KEYS
            elif text and self._caps:
                fault = FaultReason.CAPS_LOCK
            elif text and not text.startswith(prefix):
                fault = FaultReason.NO_PREFIX
        verdict: tuple[Verdict, ...] = ()
        if fault and not self._announced:
            verdict = (self._fault_of(fault, at),)
        elif not fault and len(text) > len(prefix):
            verdict = (Scan(text[len(prefix) :], self._began, at),)
        self._start_code()
        self._ended_at = at
        return verdict

    def _fault_of(self, reason: FaultReason, at: float) -> ScanFault:
        return ScanFault(reason, shown("".join(self._characters)), at, self._detail)


def _other_case(letter: str) -> str:
    other = letter.swapcase()
    # The capital of ß is two letters; Caps Lock leaves it alone.
    return other if len(other) == 1 and unicodedata.category(other).startswith("L") else letter
