"""Who may have the file of a spool open: one process at a time, and its own station's kiosk before every other.

Two locks stand beside the file. Whoever has the file open holds the one. The other, the claim, is the
own kiosk's for as long as it is at work: a neighbour that delivers what it finds there sees it and lets
go. The system takes both from a process that ends, however it ends.

Into the first lock is written how many requests wait in the file. It is not flushed: what it says is old after
a power cut, and still tells that a file is gone, or is not the one that was there last.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, TypeVar

from store import errors
from store.spool_tables import digest

__all__ = ["Claim", "is_in_place", "let_go", "locked", "note", "noted", "taken"]

T = TypeVar("T")

_LOOKS: Final = 3
_LOOK_SECONDS: Final = 0.01
"""A look at a claim lasts microseconds; one that stands in the way of another is over by then."""

_LONGEST: Final = 200
"""Of what a lock says of its holder."""

_COUNT_AT: Final = 256
_COUNT_LENGTH: Final = 96
"""Where in a lock the count stands, and how long that is."""

_BEYOND: Final = 2**53
"""No terminal keeps so many requests in its life; the next positions are still numbers that SQLite can write."""


class Claim:
    """A kiosk's word that it is at work as a station on this machine."""

    def __init__(self, lock: int) -> None:
        """Hold a claim that was taken by ``of``."""
        self._lock = lock

    @classmethod
    async def of(cls, path: Path) -> Self:
        """Take the claim on a file; raises SpoolBusy where another kiosk of its station is at work, or SpoolBroken."""
        return cls(await taken(lambda: _claimed(path), let_go))

    @staticmethod
    async def is_on(path: Path) -> bool:
        """Say whether the kiosk that a file belongs to is at work here, or wants to be."""
        return await asyncio.to_thread(_is_claimed, path)

    def let_go(self) -> None:
        """Give the claim up; nobody holds it then."""
        let_go(self._lock)


async def taken(take: Callable[[], T], give_back: Callable[[T], object]) -> T:
    """Take something in a thread. Who is cancelled meanwhile leaves nothing taken that nobody could let go of."""
    taking = asyncio.ensure_future(asyncio.to_thread(take))

    def unwanted(done: "asyncio.Future[T]") -> None:
        if not done.cancelled() and done.exception() is None:
            give_back(done.result())

    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        taking.add_done_callback(unwanted)
        raise


def locked(path: Path, holder: str) -> int:
    """Take the file itself, as ``holder``, the station of this kiosk; return what ``let_go`` takes.

    Raises SpoolLent where another process has it, and says whose; SpoolBroken where the disk refuses.
    """
    return _taken(path, ".lock", holder, errors.SpoolLent)


def let_go(lock: int) -> None:
    """Give a lock up."""
    os.close(lock)


def is_in_place(path: Path, lock: int) -> bool:
    """Say whether a lock on a file is still the one that everybody finds; one that was deleted keeps nobody out."""
    try:
        there = _beside(path, ".lock").stat()
    except OSError:
        return False
    held = os.fstat(lock)
    return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)


def note(lock: int, newest: int, waiting: int) -> None:
    """Write into the lock of a file which position was given last there, and how many requests wait."""
    said = f"{newest} {waiting} {digest((newest, waiting)).hex()}"
    with suppress(OSError):
        os.pwrite(lock, said.encode().ljust(_COUNT_LENGTH), _COUNT_AT)


def noted(path: Path) -> tuple[int, int] | None:
    """Return what was noted last of a file, whether it is there or not; None where nothing is known.

    What no spool can have come to is not believed, whoever wrote it.
    """
    try:
        # What stands there may be anything: a pipe, of which the opening waits for nobody, or longer than the memory.
        look = os.open(_beside(path, ".lock"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            said = os.pread(look, _COUNT_LENGTH, _COUNT_AT)
        finally:
            os.close(look)
        newest, waiting, written = said.decode("ascii").split()
        count = int(newest), int(waiting)
    except (OSError, ValueError):
        return None
    return count if 0 <= count[1] <= count[0] < _BEYOND and digest(count).hex() == written else None


def _claimed(path: Path) -> int:
    for _ in range(_LOOKS - 1):
        with suppress(errors.SpoolBusy):
            return _taken(path, ".claim", path.stem, errors.SpoolBusy)
        time.sleep(_LOOK_SECONDS)
    return _taken(path, ".claim", path.stem, errors.SpoolBusy)


def _is_claimed(path: Path) -> bool:
    try:
        look = os.open(_beside(path, ".claim"), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(look, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(look)
    return False


def _taken(path: Path, end: str, holder: str, busy: type[errors.SpoolBusy]) -> int:
    lock = -1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(_beside(path, end), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        process, _, station = _said(lock).partition(" ")
        os.close(lock)
        raise busy(str(path), process=process, station=station) from error
    except OSError as error:
        if lock >= 0:
            os.close(lock)
        raise errors.SpoolBroken(str(path), error.strerror or str(error)) from error
    # Only to be told: on a full disk a lock is as good without it.
    with suppress(OSError):
        os.pwrite(lock, f"{os.getpid()} {holder}".encode("utf-8", "replace")[:_LONGEST].ljust(_COUNT_AT), 0)
    return lock


def _said(lock: int) -> str:
    with suppress(OSError):
        said = os.pread(lock, _LONGEST, 0).decode("utf-8", "replace")
        return "".join(letter for letter in said if letter.isprintable()).strip()
    return ""


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
