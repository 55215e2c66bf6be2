"""The Postgres that a run of the tests uses: one embedded server for all, or another one named by KIOSK_TEST_DSN."""

import hashlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from store.embedded import EmbeddedServer, ensure_server, wait_until_stopped
from store.embedded_keeper import server_processes

TEST_DSN_VARIABLE = "KIOSK_TEST_DSN"

TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # The log may lie in memory, where a gigabyte of it would be missed.
    "max_wal_size": "128MB",
}
"""A crash of the machine in the middle of a test loses nothing that anybody wants."""

MEMORY = Path("/dev/shm")
ROOM_IN_MEMORY = 2 * 2**30
"""Bytes: a few servers at once with their databases."""


def _base() -> Path | None:
    """Where servers are put: in memory where there is room, for a database takes ten times as long on a disk.

    None, wherever temporary files are, where that folder is missing, small, closed, or runs no programs.
    """
    try:
        state = os.statvfs(MEMORY)
    except OSError:
        return None
    room = state.f_bavail * state.f_frsize >= ROOM_IN_MEMORY
    usable = room and not state.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK | os.X_OK)
    return MEMORY if usable else None


@contextmanager
def server_folder(name: str = "postgres") -> Generator[Path]:
    """A folder for a server's data that its unprivileged user can pass through, removed at the end."""
    base = Path(tempfile.mkdtemp(prefix="kiosk-test-", dir=_base()))
    base.chmod(0o711)
    try:
        yield base / name
    finally:
        wait_until_stopped(base / name)
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def frozen(folder: Path) -> Generator[Callable[[], None]]:
    """Stop every process of the running server of a folder where it is, until what this gives is called, or the end."""
    title = f"kiosk-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]}"
    stopped = server_processes(title)
    assert stopped

    def go_on() -> None:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    try:
        for pid in stopped:
            # One that just served somebody may be gone by now.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        yield go_on
    finally:
        go_on()


@contextmanager
def running_server(name: str = "postgres") -> Generator[EmbeddedServer]:
    """An embedded server that flushes nothing, stopped and removed at the end."""
    with server_folder(name) as folder, ensure_server(folder, settings=TEST_SETTINGS) as server:
        yield server


@contextmanager
def postgres_for_tests() -> Generator[str]:
    """The connection string of a database whose user may create databases and roles."""
    named = os.environ.get(TEST_DSN_VARIABLE)
    if named:
        yield named
        return
    with running_server() as server:
        yield server.dsn
