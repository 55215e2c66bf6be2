"""The terminal that a kiosk is shown in, which may vanish under it without a signal.

A window that is closed, a line that breaks: the kernel says so by SIGHUP only to the session that the terminal
belongs to. Everybody else reads an endless end of input and cannot write. Textual's driver would read it for
ever and wait for a writer that is dead; this one tells its app, once.
"""

import contextlib
import os
import select
import sys
from collections.abc import Callable
from typing import Any, TextIO, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

__all__ = ["TerminalDriver", "TerminalGone", "is_gone", "put_nothing_in_its_place"]

_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
_STANDARD_STREAMS = (0, 1, 2)


class TerminalGone(Message):
    """The terminal can be read from, or drawn on, no more; ``why`` is the system's own word for it."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal that may vanish: its threads outlive it, and its app gets `TerminalGone`."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)  # pyright: ignore[reportUnknownMemberType]
        if sys.__stderr__ is not None:
            self._file = cast("TextIO", _Output(sys.__stderr__, self._failed))

    def run_input_thread(self) -> None:
        """Read keys until the app ends or the terminal does."""
        try:
            super().run_input_thread()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        put_nothing_in_its_place()
        self.send_message(TerminalGone(error.strerror or type(error).__name__))

    def read_no_more(self) -> None:
        """Let the thread that reads keys end; of a terminal that is gone it would read an end without an end."""
        self.exit_event.set()


class _Output:
    """What the driver's writer writes to. A writer that died of a fault would stop the app at its next words."""

    def __init__(self, file: TextIO, failed: Callable[[OSError], None]) -> None:
        self._file = file
        self._failed = failed

    def write(self, text: str) -> None:
        """Write, or say that it cannot be done."""
        try:
            self._file.write(text)
        except OSError as error:
            self._failed(error)

    def flush(self) -> None:
        """Flush, or say that it cannot be done."""
        try:
            self._file.flush()
        except OSError as error:
            self._failed(error)

    def fileno(self) -> int:
        """The terminal's own number."""
        return self._file.fileno()


def is_gone(stream: int = 0) -> bool:
    """Whether what is open as ``stream`` has been hung up; standard input where nothing is said."""
    asked = select.poll()
    asked.register(stream, 0)
    return any(events & _GONE for _, events in asked.poll(0))


def put_nothing_in_its_place() -> None:
    """Open /dev/null as every standard stream that is gone: what is said while the program ends must not fail."""
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        for stream in _STANDARD_STREAMS:
            with contextlib.suppress(OSError):
                if is_gone(stream):
                    os.dup2(nothing, stream)
    finally:
        if nothing not in _STANDARD_STREAMS:
            os.close(nothing)
