"""The program in a terminal of its own: a pseudo-terminal, and an emulator that reads its screen."""

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pyte

_STEP = 0.005
_PATIENCE = 2.0
"""After this long without an answer a person scans again, in seconds."""


class Terminal:
    """One process of the program and its screen."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], columns: int, rows: int, *, is_its_own: bool = True
    ) -> None:
        """Start the program on a terminal of so many columns and rows.

        Where it ``is_its_own`` the system sends it SIGHUP when the terminal is closed, else nothing.
        """
        self._master, slave = os.openpty()
        self._slave = slave
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self._text = ""
        self.written = b""
        self._is_there = True
        self._set_size(columns, rows)
        self.settings = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
            # Only so has the program a terminal that could send it Ctrl+C; no thread of ours holds a lock here.
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if is_its_own else None,  # noqa: PLW1509
        )
        self._closing, self._close = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while self._closing not in select.select((self._master, self._closing), (), ())[0]:
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                return
            if not piece:
                return
            with self._lock:
                self.written += piece
                self._stream.feed(piece)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # -- the eye ---------------------------------------------------------------

    def text(self) -> str:
        """Everything that the screen shows."""
        # Put together when something was drawn only: it is asked for two hundred times a second.
        with self._lock:
            if self.screen.dirty:
                self.screen.dirty.clear()
                self._text = "\n".join(self._line(row) for row in range(self.screen.lines))
            return self._text

    def _line(self, row: int) -> str:
        # The second cell of a wide character is empty.
        cells = self.screen.buffer[row]
        return "".join([cells[column].data for column in range(self.screen.columns)]).rstrip()

    def sees(self, *words: str, seconds: float = 30.0) -> str:
        """Wait until the screen shows all of these words; return it whole."""
        deadline = time.monotonic() + seconds
        while True:
            text = self.text()
            if all(word in text for word in words):
                return text
            assert self.process.poll() is None, f"the program ended with {self.process.returncode}:\n{text}"
            assert time.monotonic() < deadline, f"{words} is not on the screen:\n{text}"
            time.sleep(_STEP)

    # -- the hand --------------------------------------------------------------

    def type(self, keys: str) -> None:
        """Send keys to the program, all at once as a wedge scanner does."""
        os.write(self._master, keys.encode())

    def scan(self, code: str, *words: str, seconds: float = 30.0) -> str:
        """Scan a code and wait for these words; scan again where a key or a busy machine tore the typing."""
        deadline = time.monotonic() + seconds
        again = 0.0
        while True:
            text = self.text()
            if all(word in text for word in words):
                return text
            now = time.monotonic()
            assert now < deadline, f"{words} is not on the screen:\n{text}"
            if now >= again:
                self.type(f"{code}\r")
                again = now + _PATIENCE
            time.sleep(_STEP)

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size, as a window manager does."""
        with self._lock:
            self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def end(self) -> int:
        """Ask the program to end as a service manager does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was: echo, lines, cursor, and the screen that was there before."""
        with self._lock:
            tail = self.written[-4000:]
        shown = tail.rfind(b"\x1b[?1049l") > tail.rfind(b"\x1b[?1049h")
        cursor = tail.rfind(b"\x1b[?25h") > tail.rfind(b"\x1b[?25l")
        return shown and cursor and termios.tcgetattr(self._slave) == self.settings

    def vanish(self) -> None:
        """Close the terminal under the program."""
        os.write(self._close, b"x")
        self._reader.join(5)
        for descriptor in (self._slave, self._master, self._closing, self._close):
            os.close(descriptor)
        self._is_there = False

    def close(self) -> None:
        """End whatever still runs, and the terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._is_there:
            self.vanish()


@contextlib.contextmanager
def open_terminal(
    config: Path, station: str, dsn: str, *, columns: int = 100, rows: int = 30, is_its_own: bool = True
) -> Generator[Terminal]:
    """Run a station's app in a terminal, which sends it SIGHUP when it is closed where it ``is_its_own``."""
    arguments = ["run", "--station", station, "--wedge", "--config", str(config)]
    # What a terminal keeps and remembers is its own: another test's shop has stations of the same names.
    environment = {"KIOSK_DSN": dsn, "XDG_STATE_HOME": str(config.parent / "state")}
    terminal = Terminal(arguments, environment, columns, rows, is_its_own=is_its_own)
    try:
        yield terminal
    finally:
        terminal.close()
