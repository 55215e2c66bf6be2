"""Scans held on this terminal's own disk while the database cannot be reached: kept in order, delivered once.

One SQLite file a station, every write flushed before it is confirmed. What is held keeps its command id, so
that a second delivery is harmless; it leaves the file only when the database has answered it. Nothing is ever
dropped: a full disk refuses the next scan instead, and what this program cannot read stays and is told.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from core.production.requests import Request
from store import errors
from store.clock import ClockReading
from store.held_requests import decoded, encoded, is_secret
from store.spool_claim import is_in_place, let_go, locked, note, noted, taken
from store.spool_file import connected, holds_nothing, translated
from store.spool_tables import (
    COLUMNS,
    HeldRow,
    added,
    changing,
    check_the_count,
    counted,
    digest,
    remember,
    remembered,
    removed,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """One request that waits to be delivered; ``request`` is None where this program cannot read ``said``.

    ``held_at`` is when it was made, by the clock that dated it, and how that can be put right (of what earlier programs
    kept, when it was kept, by the same clock). What was changed on the disk by anybody but this program is not read.
    """

    position: int
    command_id: UUID
    kind: str
    request: Request | None
    held_at: ClockReading
    said: bytes = b""


_STEP_SECONDS: Final = 0.05
"""Between two attempts to take a file that another process has."""

_NO_NUMBERS: Final = (OverflowError, MemoryError)
"""What a file leads to of which the numbers or the length are none that a spool can have come to."""

_SAYS_ANYTHING: Final = "it says what no spool can say. Move it to another folder, keep it there, and nothing is lost"

_NEXT: Final = f"SELECT {COLUMNS} FROM held WHERE position > ? ORDER BY position LIMIT 1"  # noqa: S608 - constants
_NEWEST: Final = f"SELECT {COLUMNS} FROM held ORDER BY position DESC LIMIT ?"  # noqa: S608 - constants
_NEWEST_OF: Final = f"SELECT {COLUMNS} FROM held WHERE boot = ? ORDER BY position DESC LIMIT 1"  # noqa: S608 - constants
_PLACE: Final = "SELECT position FROM held WHERE command_id = ?"


class Spool:
    """The file of one station. Every method raises SpoolFull or SpoolBroken where the disk refuses."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int, holder: str = "") -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._holder = holder
        self._file = path.stat()
        self._is_closed = False
        # One thread, so that a slow flush holds up no screen and what is kept stays in order.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    @classmethod
    async def open(cls, path: Path, *, holder: str = "", patience: float = 0.0) -> Self:
        """Open the file, or make it; SpoolBroken where it is none, SpoolLent where another process has it.

        For that one to let go this waits, in short steps, for ``patience`` in seconds. ``holder`` is the station of the
        kiosk that opens it, which is told whoever comes next.
        """
        until = time.monotonic() + patience
        while True:
            try:
                return await taken(lambda: cls._open(path, holder), cls._close_unused)
            except errors.SpoolLent:
                if time.monotonic() >= until:
                    raise
            await asyncio.sleep(_STEP_SECONDS)

    @classmethod
    def _open(cls, path: Path, holder: str) -> Self:
        lock = locked(path, holder)
        try:
            connection = connected(path, noted(path))
            try:
                note(lock, *counted(connection))
                return cls(path, connection, lock, holder)
            except BaseException:
                connection.close()
                raise
        except OSError as error:
            let_go(lock)
            raise errors.SpoolBroken(str(path), error.strerror or str(error)) from error
        except _NO_NUMBERS as error:
            let_go(lock)
            raise errors.SpoolBroken(str(path), _SAYS_ANYTHING) from error
        except BaseException:
            let_go(lock)
            raise

    @staticmethod
    async def holds_nothing(path: Path) -> bool:
        """Say whether it is sure that nothing waits in a file, although it cannot be opened to keep anything."""
        return await asyncio.to_thread(lambda: holds_nothing(path, noted(path)))

    async def close(self) -> None:
        """Let go of the file; what is held stays in it."""
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, self._let_go)
        self._is_closed = True
        self._thread.shutdown(wait=False)
        await asyncio.shield(closing)

    def _close_unused(self) -> None:
        self._is_closed = True
        self._thread.shutdown(wait=False)
        self._let_go()

    def _let_go(self) -> None:
        # The lock last, and whoever waits for this or does not: else this process would be another kiosk to itself.
        try:
            self._connection.close()
        finally:
            let_go(self._lock)

    # -- what is held ----------------------------------------------------------

    async def keep(self, request: Request, command_id: UUID, at: ClockReading) -> int:
        """Keep a request behind those before it, return its position; when this returns, it is on the disk.

        ``at`` is when it was made, by the clock that dated the request. Keeping the same command id again changes
        nothing. Raises ValueError for a request that carries a secret, which is never written to a terminal's disk.
        """
        kind = type(request).__name__
        if is_secret(request):
            raise ValueError(f"{kind} carries a PIN and is never held")
        fields = (str(command_id), kind, encoded(request), at.moment.isoformat(), at.boot, at.steady)

        def write() -> int:
            self._look_for_the_file()
            with changing(self._connection):
                before = self._connection.execute(_PLACE, (str(command_id),)).fetchone()
                position = added(self._connection, fields) if before is None else int(before[0])
                count = counted(self._connection)
            note(self._lock, *count)
            return position

        return await self._run(write)

    def _look_for_the_file(self) -> None:
        # SQLite writes on into a file that was taken away, and nobody finds there what it wrote.
        try:
            there = self.path.stat()
        except OSError:
            there = None
        if there is None or (there.st_dev, there.st_ino) != (self._file.st_dev, self._file.st_ino):
            raise errors.SpoolTaken(str(self.path))
        if not is_in_place(self.path, self._lock):
            # Whoever came meanwhile may have the file as well, and is told of: then nothing more is kept here.
            lock = locked(self.path, self._holder)
            let_go(self._lock)
            self._lock = lock

    async def next(self, after: int = 0) -> Held | None:
        """Return what is to be delivered first, of what stands behind position ``after``; None where nothing waits."""

        def read() -> HeldRow | None:
            row = self._connection.execute(_NEXT, (after,)).fetchone()
            if row is None:
                check_the_count(self._connection)
            return row

        row = await self._run(read)
        return None if row is None else _held(row)

    async def newest(self, limit: int) -> tuple[Held, ...]:
        """Return what was kept last, newest first."""
        rows = await self._run(lambda: self._connection.execute(_NEWEST, (limit,)).fetchall())
        return tuple(_held(row) for row in rows)

    async def newest_of(self, boot: str) -> Held | None:
        """Return what was kept last in one run of the machine."""
        row = await self._run(lambda: self._connection.execute(_NEWEST_OF, (boot,)).fetchone())
        return None if row is None else _held(row)

    async def answered(self, position: int) -> int:
        """Let go of a request that the database has answered; return how many wait then, as the file says."""

        def write() -> int:
            with changing(self._connection):
                removed(self._connection, position)
                newest, waiting = counted(self._connection)
            note(self._lock, newest, waiting)
            return waiting

        return await self._run(write)

    async def count(self) -> int:
        """Return how many requests wait, having counted them: the longer, the more there are."""
        return await self._run(lambda: check_the_count(self._connection))

    # -- what a terminal must know to start without the database -----------------------

    async def remember(self, name: str, said: bytes) -> None:
        """Keep a text under a name, in place of what was there."""
        await self._run(lambda: remember(self._connection, name, said))

    async def remembered(self, name: str) -> bytes | None:
        """Return what was kept under a name, None where nothing was, or where it is not what was written."""
        return (await self._run(lambda: remembered(self._connection)))[0].get(name)

    async def unbelieved(self) -> tuple[str, ...]:
        """Return under which names something stands that is not what was written there, whatever changed it."""
        return (await self._run(lambda: remembered(self._connection)))[1]

    # -- the disk -----------------------------------------------------------------------

    async def _run(self, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise errors.SpoolBroken(str(self.path), "it is being opened anew")
        # Shielded: who is cancelled leaves, but what was begun is written or not, never half known.
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)
        return await asyncio.shield(future)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise translated(self.path, error) from error
        except _NO_NUMBERS as error:
            raise errors.SpoolBroken(str(self.path), _SAYS_ANYTHING) from error


def _held(row: HeldRow) -> Held:
    position, command_id, kind, said, held_at, boot, steady, written = row
    if digest(row[:-1]) == written:
        # What was damaged before it had a digest (version 1 had none) fits the one that it was given as it was found.
        with suppress(ValueError):
            reading = ClockReading(_aware(datetime.fromisoformat(held_at)), boot, steady)
            return Held(position, UUID(command_id), kind, decoded(kind, said), reading, said)
    # Nothing of it is sure any more, but what is told of it must have an id, and the same one every time.
    return Held(position, _id_of(command_id), kind, None, ClockReading(_moment_of(held_at)), said)


def _id_of(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        return uuid5(NAMESPACE_OID, said)


def _moment_of(said: str) -> datetime:
    try:
        # One at the end of the calendar has no UTC, and the list that tells it could not be read any more.
        return _aware(datetime.fromisoformat(said)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
