"""Scans held on this terminal's own disk while the database cannot be reached: kept in order, delivered once.

One SQLite file a station, every write flushed before it is confirmed. What is held keeps its command id, so
that a second delivery is harmless; it leaves the file only when the database has answered it. Nothing is ever
dropped: a full disk refuses the next scan instead, and what this program cannot read stays and is told.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self, TypeVar, get_args
from uuid import UUID

import msgspec

from core.domain.commands import Command
from core.domain.values import StationDefinition
from core.identity.ids import AssemblyId, CommandId, OperatorId, PackId
from core.production.requests import Request
from core.production.scan import Awaited, Scan
from store import errors

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE held (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    request    BLOB NOT NULL,
    held_at    TEXT NOT NULL
) STRICT;
CREATE TABLE remembered (
    name TEXT PRIMARY KEY,
    said BLOB NOT NULL
) STRICT;
"""

_KINDS: Final[dict[str, type[Command]]] = {kind.__name__: kind for kind in get_args(Command)}
_SECRET: Final = frozenset({"SetOperatorPin", "AuthorizeReplacementSet"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """One request that waits to be delivered; ``request`` is None where this program cannot read ``said``.

    ``held_at`` is this terminal's time of keeping, UTC; the request says when it happened.
    """

    position: int
    command_id: UUID
    kind: str
    request: Request | None
    held_at: datetime
    said: bytes = b""


class Spool:
    """The file of one station. Every method raises SpoolFull or SpoolBroken where the disk refuses."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        # One thread, so that a slow flush holds up no screen and what is kept stays in order.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, or make it; raises SpoolBusy where another process holds it, SpoolBroken where it is none."""
        return await asyncio.to_thread(cls._open, path)

    @classmethod
    def _open(cls, path: Path) -> Self:
        lock = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise errors.SpoolBusy(str(path)) from error
        except OSError as error:
            raise errors.SpoolBroken(str(path), error.strerror or str(error)) from error
        try:
            return cls(path, _connected(path), lock)
        except BaseException:
            os.close(lock)
            raise

    async def close(self) -> None:
        """Let go of the file; what is held stays in it."""
        await self._run(self._connection.close)
        self._thread.shutdown(wait=False)
        os.close(self._lock)

    # -- what is held ----------------------------------------------------------

    async def keep(self, request: Request, command_id: UUID, at: datetime) -> None:
        """Keep a request behind those before it; when this returns, it is on the disk.

        Keeping the same command id again changes nothing. Raises ValueError for a
        request that carries a secret, which is never written to a terminal's disk.
        """
        kind = type(request).__name__
        if kind in _SECRET:
            raise ValueError(f"{kind} carries a PIN and is never held")
        said = _encoded(request)
        await self._run(
            lambda: self._connection.execute(
                "INSERT INTO held (command_id, kind, request, held_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (command_id) DO NOTHING",
                (str(command_id), kind, said, at.isoformat()),
            )
        )

    async def next(self, after: int = 0) -> Held | None:
        """Return what is to be delivered first, of what stands behind position ``after``; None where nothing waits."""
        row = await self._run(
            lambda: self._connection.execute(
                "SELECT position, command_id, kind, request, held_at FROM held WHERE position > ?"
                " ORDER BY position LIMIT 1",
                (after,),
            ).fetchone()
        )
        return None if row is None else _held(row)

    async def answered(self, command_id: UUID) -> None:
        """Let go of a request that the database has answered."""
        await self._run(lambda: self._connection.execute("DELETE FROM held WHERE command_id = ?", (str(command_id),)))

    async def count(self) -> int:
        """Return how many requests wait."""
        (number,) = await self._run(lambda: self._connection.execute("SELECT count(*) FROM held").fetchone())
        return int(number)

    # -- what a terminal must know to start without the database -----------------------

    async def remember(self, name: str, said: bytes) -> None:
        """Keep a text under a name, in place of what was there."""
        await self._run(
            lambda: self._connection.execute(
                "INSERT INTO remembered (name, said) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET said = excluded.said WHERE said <> excluded.said",
                (name, said),
            )
        )

    async def remembered(self, name: str) -> bytes | None:
        """Return what was kept under a name, None where nothing was."""
        row = await self._run(
            lambda: self._connection.execute("SELECT said FROM remembered WHERE name = ?", (name,)).fetchone()
        )
        return None if row is None else bytes(row[0])

    # -- the disk -----------------------------------------------------------------------

    async def _run(self, work: Callable[[], T]) -> T:
        # Shielded: who is cancelled leaves, but what was begun is written or not, never half known.
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)
        return await asyncio.shield(future)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error as error:
            raise _translated(self.path, error) from error


def _connected(path: Path) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        # Made by hand, so that nobody else on this machine can read it from its first moment on.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode only FULL flushes at every commit; a scan that the operator saw kept must be on the disk.
        connection.execute("PRAGMA synchronous = FULL")
        ((found,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if found != "ok":
            raise errors.SpoolBroken(str(path), str(found))
        ((version,),) = connection.execute("PRAGMA user_version").fetchall()
        if version > _VERSION:
            raise errors.SpoolBroken(str(path), f"it was written by a newer program (version {version})")
        if version == 0:
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    except (sqlite3.Error, OSError, errors.StoreError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, errors.StoreError):
            raise
        if isinstance(error, sqlite3.Error):
            raise _translated(path, error) from error
        raise errors.SpoolBroken(str(path), error.strerror or str(error)) from error
    return connection


def _translated(path: Path, error: sqlite3.Error) -> errors.StoreError:
    if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}:
        return errors.SpoolFull(str(path))
    return errors.SpoolBroken(str(path), str(error))


# -- requests as text ---------------------------------------------------------------


class _HeldScan(msgspec.Struct):
    """A scan as it is kept: what it answers goes apart, with its kind, which msgspec does not tell by itself."""

    scan: msgspec.Raw
    awaited: dict[str, Any] | None = None
    awaited_kind: str | None = None


class _PlainScan(msgspec.Struct):
    text: str
    station: StationDefinition
    operator_id: OperatorId | None
    at: datetime
    open_assembly: AssemblyId | None = None
    tray_brought: bool = False
    open_pack: PackId | None = None
    under_stop: CommandId | None = None


_AWAITED: Final[dict[str, type[Awaited]]] = {kind.__name__: kind for kind in get_args(Awaited)}


def _encoded(request: Request) -> bytes:
    try:
        if not isinstance(request, Scan):
            return msgspec.json.encode(request)
        awaited = request.awaited
        return msgspec.json.encode(
            _HeldScan(
                msgspec.Raw(msgspec.json.encode(replace(request, awaited=None))),
                None if awaited is None else msgspec.to_builtins(awaited),
                None if awaited is None else type(awaited).__name__,
            )
        )
    except UnicodeEncodeError as error:
        # Half a surrogate: no text of Postgres or SQLite, and no code of this shop.
        raise errors.UnstorableText from error


def _decoded(kind: str, said: bytes) -> Request:
    if kind != Scan.__name__:
        return msgspec.json.decode(said, type=_KINDS[kind])
    held = msgspec.json.decode(said, type=_HeldScan)
    plain = msgspec.json.decode(held.scan, type=_PlainScan)
    awaited = (
        None
        if held.awaited is None or held.awaited_kind is None
        else msgspec.convert(held.awaited, _AWAITED[held.awaited_kind])
    )
    return Scan(**msgspec.structs.asdict(plain), awaited=awaited)


def _held(row: tuple[int, str, str, bytes, str]) -> Held:
    position, command_id, kind, said, held_at = row
    request: Request | None
    try:
        request = _decoded(kind, said)
    except (KeyError, msgspec.MsgspecError):
        request = None
    return Held(position, UUID(command_id), kind, request, datetime.fromisoformat(held_at), said)
