"""An embedded server that does not answer at start: the terminal says so at once, and goes on by itself."""

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.domain.values import StationRole
from kiosk.background import in_background
from kiosk.config.stations import StationStanza
from kiosk.waiting import WaitingApp
from store import Store, StoreUnavailable
from store.embedded_keeper import START_LOCK, Lock
from tests.kiosk.screens.capture import text_of
from tests.support.servers import server_folder
from tests.support.waiting import eventually, wait_until

CONFIG = """
[database]
folder = "{folder}"

[[station]]
id = "PRESS-1"
role = "PRESS"
"""


class Shown:
    """A program on a terminal of its own, and everything that it wrote there."""

    def __init__(self, process: "subprocess.Popen[bytes]", terminal: int) -> None:
        """Read what the program writes for as long as it lives."""
        self.process = process
        self._written = bytearray()
        self._terminal = terminal
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while chunk := os.read(self._terminal, 65536):
                self._written += chunk

    def says(self, words: str) -> bool:
        """Whether it has written these words in one piece."""
        return words.encode() in bytes(self._written)


@contextmanager
def on_a_terminal(*words: str, **environment: str) -> Generator[Shown]:
    """Run the program in a terminal of 100 by 30."""
    terminal, inside = os.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    known = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", *words],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env=known | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
        start_new_session=True,
    )
    os.close(inside)
    try:
        yield Shown(process, terminal)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        os.close(terminal)


@contextmanager
def silent_server() -> Generator[tuple[Path, Lock]]:
    """A data folder whose server cannot be started before the lock is given back."""
    with server_folder() as folder:
        folder.mkdir(parents=True, exist_ok=True)
        start = Lock(folder / START_LOCK)
        start.acquire()
        try:
            yield folder, start
        finally:
            start.close()


def test_a_terminal_whose_own_server_is_silent_says_so_and_goes_on_by_itself(tmp_path: Path) -> None:
    """Given a server that does not answer, then it says what it waits for, how long and what to do; then works."""
    with silent_server() as (folder, start):
        config = tmp_path / "kiosk.toml"
        config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
        words = ("--config", str(config), "run", "--station", "PRESS-1", "--wedge")
        with on_a_terminal(*words, XDG_STATE_HOME=str(tmp_path)) as shown:
            wait_until(lambda: shown.says("waiting for the database server of this machine"), 20)
            wait_until(lambda: shown.says("goes on by itself; if this stays, call the lead."), 20)
            assert not shown.says("nobody is logged on")
            start.release()
            wait_until(lambda: shown.says("nobody is logged on"), 60)


def test_a_terminal_that_waits_for_a_silent_server_can_be_stopped(tmp_path: Path) -> None:
    """Given a SIGTERM while nothing answers, then it ends at once and not when the server does."""
    with silent_server() as (folder, _):
        config = tmp_path / "kiosk.toml"
        config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
        words = ("--config", str(config), "run", "--station", "PRESS-1", "--wedge")
        with on_a_terminal(*words, XDG_STATE_HOME=str(tmp_path)) as shown:
            wait_until(lambda: shown.says("waiting for the database server"), 20)
            shown.process.send_signal(signal.SIGTERM)
            shown.process.wait(60)


def test_the_demo_says_what_it_waits_for_and_can_be_left(tmp_path: Path) -> None:
    """Given a silent server, then the demo tells for how long it has waited, and Ctrl+C ends it."""
    with silent_server() as (folder, _):
        place = tmp_path / "kiosk" / "demo"
        place.parent.mkdir()
        place.symlink_to(folder)
        with on_a_terminal("demo", XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path)) as shown:
            wait_until(lambda: shown.says("Waiting for the demo's database server, 0:0"), 20)
            wait_until(lambda: shown.says("Ctrl+C leaves."), 20)
            shown.process.send_signal(signal.SIGINT)
            shown.process.wait(60)


async def test_a_silent_database_is_told_of_while_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given no answer at all, not even a refusal, then the screen goes on counting; an answer ends the waiting."""
    monkeypatch.setattr("kiosk.waiting._TELLING_SECONDS", 0.01)
    answers = asyncio.Event()
    made = Store.__new__(Store)

    async def opened() -> Store:
        await answers.wait()
        return made

    app = WaitingApp(StationStanza(id="PRESS-1", role=StationRole.PRESS), opened, theme_name="night", zone=None)
    async with app.run_test(size=(80, 24)):
        await eventually(lambda: "No answer for 0:00" in "".join(text_of(app)))
        await eventually(lambda: "No answer for 0:01" in "".join(text_of(app)))
        answers.set()
        await eventually(lambda: app.store is made)


async def test_a_terminal_that_can_work_without_the_database_waits_only_so_long() -> None:
    """Given patience, then it gives up after that, whether the database is silent or refuses."""

    async def can() -> None:
        pass

    silence = asyncio.Event()

    async def silent() -> Store:
        await silence.wait()
        raise StoreUnavailable("never")

    async def refusing() -> Store:
        raise StoreUnavailable("connection refused")

    for opened in (silent, refusing):
        station = StationStanza(id="PRESS-1", role=StationRole.PRESS)
        app = WaitingApp(station, opened, theme_name="night", zone=None, without=can, patience=0.05)
        async with app.run_test(size=(80, 24)):
            await eventually(lambda app=app: app.gave_up)
        assert app.store is None
        assert app.failure is None


async def test_a_terminal_that_cannot_begin_without_the_database_says_why_until_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a file that another kiosk has, then whoever waits is told so, and it goes on when that one let go of it."""
    monkeypatch.setattr("kiosk.waiting._RETRY_SECONDS", 0.01)
    why: str | None = "Call a lead: the kiosk of PRESS-2 here has its file"

    async def refusing() -> Store:
        raise StoreUnavailable("connection refused")

    async def without() -> str | None:
        return why

    station = StationStanza(id="PRESS-1", role=StationRole.PRESS)
    app = WaitingApp(station, refusing, theme_name="night", zone=None, without=without)
    async with app.run_test(size=(80, 24)):
        await eventually(lambda: "the kiosk of PRESS-2 here has its file" in " ".join("".join(text_of(app)).split()))
        assert not app.gave_up
        why = None
        await eventually(lambda: app.gave_up)


async def test_what_is_answered_too_late_is_given_back() -> None:
    """Given a call that was given up, then its answer is handed over when it comes."""
    goes_on, late = threading.Event(), list[int]()

    def call() -> int:
        goes_on.wait(10)
        return 7

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await in_background(call, too_late=late.append)
    goes_on.set()
    await eventually(lambda: late == [7])
