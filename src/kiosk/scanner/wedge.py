"""Codes that arrive as typed text: from a keyboard-wedge scanner through the terminal, a paste, or by hand.

The fallback where the scanner's device cannot be read (ssh, a browser, another system). The app feeds it
the terminal's keys; it knows no screen and no clock. A terminal loses nothing and says nothing about time
beyond the moment a key arrives, so speed is all that tells a scanner from a hand: what comes in a burst
and what is typed slowly both end on Enter, and where the two run into one another the code is refused.
"""

from dataclasses import dataclass
from typing import Final

from kiosk.printable import shown
from kiosk.scanner.decoder import DecoderSettings, Suffix
from kiosk.scanner.verdicts import FaultReason, Scan, ScanFault, Verdict

__all__ = ["TypedKeys", "Wedge"]

_BURST_GAP_S: Final = 0.05
"""Nobody types four keys with less than this between them; no scanner, nor a network, takes longer as a rule."""
_BURST_KEYS: Final = 4
_HAND_KEYS: Final = 2
_STALL_S: Final = 1.0
"""A burst that stops for this long has lost its end."""
_FORGET_S: Final = 3.0
_NEVER: Final = -1e9
_NEVER_IN_CODES: Final = frozenset("+ \x1b")
"""Keys that stand in no code: one that was pressed before a burst took nothing of it away.

Escape among them: it closes the help, and whoever does so scans next.
"""

_LINE_ENDS: Final = frozenset("\r\n")
_BY_NAME: Final = {
    "enter": "\r", "return": "\r", "ctrl+m": "\r", "ctrl+j": "\n", "tab": "\t", "ctrl+i": "\t",
}  # fmt: skip
_EXTRA_ENDS: Final = {Suffix.TAB: frozenset("\t"), Suffix.ETX: frozenset("\x03")}


@dataclass(frozen=True, slots=True)
class TypedKeys:
    """Keys that are no part of a code, by their names, in order: the screen's own keys."""

    names: tuple[str, ...]


class Wedge:
    """Turns the keys of a terminal into codes and hands back what is none of its business.

    With `keep_typing` (the default) slow characters stay in `entry` until Enter, so that an id can be typed
    by hand; Backspace takes one back and Escape all. A screen whose own keys are characters, such as QA,
    turns it off: then slow keys come back as TypedKeys once it is sure that no burst follows, which takes
    0.05 s. Call `expire` when `deadline` has passed. Times are seconds of one monotonic clock, and a key's is
    the moment at which it came from the terminal: one worked off late is not one typed late.
    """

    def __init__(self, settings: DecoderSettings | None = None, *, keep_typing: bool = True) -> None:
        self._settings = settings or DecoderSettings()
        self._ends = _LINE_ENDS | _EXTRA_ENDS.get(self._settings.suffix, frozenset())
        self._apart = _LINE_ENDS | (_NEVER_IN_CODES - frozenset(self._settings.prefix))
        self._longest = self._settings.longest + len(self._settings.prefix)
        self.keep_typing = keep_typing
        self._last = self._ended_at = self._released_at = _NEVER
        self.clear()

    def clear(self) -> None:
        """Forget what was typed so far."""
        self._keys: list[tuple[str, str]] = []
        self._runs: list[int] = []
        self._began = 0.0
        self._stalled = False
        self._fault: FaultReason | None = None
        self._announced = False

    @property
    def entry(self) -> str:
        """What was typed so far, safe to show; empty when nothing awaits its Enter."""
        return shown("".join(character for _, character in self._keys))

    @property
    def deadline(self) -> float | None:
        """When to call `expire`, None for not at all."""
        if self._fault:
            return self._last + (_FORGET_S if self._announced else _STALL_S)
        if not self._keys or self._stalled:
            return None
        if self._is_burst:
            return self._last + (self._settings.gap_s if self._settings.suffix is Suffix.NONE else _STALL_S)
        return self._last + _BURST_GAP_S if self._only_control or not self.keep_typing else None

    @property
    def _is_burst(self) -> bool:
        return any(run >= _BURST_KEYS for run in self._runs)

    def key(self, name: str, character: str | None, at: float) -> tuple[Verdict | TypedKeys, ...]:
        """Take one key of the terminal: its name, and its character where it types one."""
        before = self.expire(at)
        typed = _BY_NAME.get(name, character if character and len(character) == 1 else None)
        if typed in self._ends:
            return before + self._end(name, str(typed), at)
        if typed is None or (self.keep_typing and name in {"backspace", "escape"}):
            return before + self._other_key(name, at)
        if typed == "\t" and not self._keys and not self._fault and at - self._ended_at < _BURST_GAP_S:
            return before  # the second half of CR+Tab
        if self._is_shortcut(typed, at):
            return (*before, TypedKeys((name,)))
        self._append(name, typed, at)
        return before

    def _is_shortcut(self, typed: str, at: float) -> bool:
        # A hand pressed Ctrl and a key; within a scan, control characters come at the pace of the scan.
        by_hand = self.keep_typing and self._keys and not self._is_burst and at - self._last >= _BURST_GAP_S
        return bool(by_hand and _is_control(typed) and not self._only_control)

    @property
    def _only_control(self) -> bool:
        return all(_is_control(character) for _, character in self._keys)

    def paste(self, text: str, at: float) -> tuple[Verdict, ...]:
        """Take a bracketed paste: one code, with or without its end."""
        lines = [line for line in text.replace("\r", "\n").split("\n") if line]
        if self._keys or self._fault:
            fault = ScanFault(FaultReason.MIXED, shown("".join(lines)), at)
            self.clear()
            return (fault,)
        self._ended_at = at
        if not lines:
            return ()
        if len(lines) > 1:
            return (ScanFault(FaultReason.SEVERAL_CODES, shown(lines[0]), at),)
        return (self._verdict(lines[0], None, at, at),)

    def expire(self, now: float) -> tuple[Verdict | TypedKeys, ...]:
        """Tell what the silence since the last key means, if anything."""
        deadline = self.deadline
        if deadline is None or now < deadline:
            return ()
        if self._fault or (self._is_burst and self._settings.suffix is not Suffix.NONE):
            return self._expire_burst(now)
        if self._is_burst:
            return self._finish(self._last)
        return self._release()

    def _expire_burst(self, now: float) -> tuple[Verdict, ...]:
        if self.keep_typing and not self._fault:
            # It stays in sight, to be ended by hand or wiped; a burst on top of it will be refused.
            self._stalled = True
            return ()
        if self._announced:
            self.clear()
            return ()
        self._announced = True
        self._fault = self._fault or FaultReason.UNFINISHED
        return (ScanFault(self._fault, self.entry, now),)

    def _append(self, name: str, character: str, at: float) -> None:
        if not self._keys:
            self._began = at
            self._runs = [0]
            self._stalled = False
        elif at - self._last >= _BURST_GAP_S:
            self._runs.append(0)
        if self._stalled and at - self._last >= _STALL_S:
            self._fault = self._fault or FaultReason.INTERRUPTED
        self._last = at
        self._runs[-1] += 1
        if self._announced:
            self._announced = False
        if self._fault:
            return
        if len(self._keys) >= self._longest:
            self._fault = FaultReason.TOO_LONG
            return
        self._keys.append((name, character))
        if self._is_burst and self._began - self._released_at < _STALL_S:
            # Its first characters may be among the keys that were taken for typing.
            self._fault = FaultReason.MIXED

    def _other_key(self, name: str, at: float) -> tuple[Verdict | TypedKeys, ...]:
        if self.keep_typing and name in {"backspace", "escape"} and (self._keys or self._fault):
            if name == "escape" or len(self._keys) <= 1 or self._fault:
                self.clear()
            else:
                self._keys.pop()
                # Whoever takes a character back is typing by hand.
                self._runs, self._stalled, self._last = [1], False, at
            return ()
        if self._is_burst and at - self._last < _BURST_GAP_S:
            self._fault = self._fault or FaultReason.UNKNOWN_KEY
            return ()
        released = () if self.keep_typing or self._is_burst or self._fault else self._release()
        return (*released, TypedKeys((name,)))

    def _release(self) -> tuple[TypedKeys, ...]:
        names = tuple(name for name, _ in self._keys)
        if names:
            self._released_at = _NEVER if self._keys[-1][1] in self._apart else self._last
        self.clear()
        return (TypedKeys(names),) if names else ()

    def _end(self, name: str, character: str, at: float) -> tuple[Verdict | TypedKeys, ...]:
        if not self._keys and not self._fault:
            if at - self._ended_at < _BURST_GAP_S:
                return ()  # the second half of CR+LF
            self._released_at = _NEVER
            return (TypedKeys((name,)),)
        if (self._only_control or not self.keep_typing) and not self._is_burst and not self._fault:
            self._keys.append((name, character))
            return self._release()
        return self._finish(at)

    def _finish(self, at: float) -> tuple[Verdict, ...]:
        text = "".join(character for _, character in self._keys)
        fault = self._fault
        if not fault and self._is_burst and any(run <= _HAND_KEYS for run in self._runs):
            fault = FaultReason.MIXED
        announced, began = self._announced, self._began
        self.clear()
        self._ended_at = at
        return () if announced else (self._verdict(text, fault, began, at),)

    def _verdict(self, text: str, fault: FaultReason | None, began: float, at: float) -> Verdict:
        code = text.removeprefix(self._settings.prefix)
        if not fault and len(code) > self._settings.longest:
            fault = FaultReason.TOO_LONG
        if fault or not code:
            return ScanFault(fault or FaultReason.UNFINISHED, shown(text), at)
        return Scan(code, began, at)


def _is_control(character: str) -> bool:
    return character < " " or character == "\x7f"
