"""The file of a spool: made, upgraded from every earlier version, and saved from where the disk damaged it."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from store import errors

__all__ = ["COLUMNS", "LEFT", "HeldRow", "connected", "digest", "translated"]

VERSION: Final = 2
"""Written into every file. A file of a newer version is refused and left as it is."""

COLUMNS: Final = "position, command_id, kind, request, held_at, boot, steady, digest"

LEFT: Final = "DamagedFile"
"""Kept among the requests where a file was damaged, in place of those that could not be read out of it any more."""

HeldRow = tuple[int, str, str, bytes, str, str, float, bytes]
"""One held request, as COLUMNS name its fields."""

_HELD: Final = """CREATE TABLE held (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    request    BLOB NOT NULL,
    held_at    TEXT NOT NULL,
    boot       TEXT NOT NULL DEFAULT '',
    steady     REAL NOT NULL DEFAULT 0,
    digest     BLOB NOT NULL DEFAULT x''
) STRICT"""
_REMEMBERED: Final = "CREATE TABLE remembered (name TEXT PRIMARY KEY, said BLOB NOT NULL) STRICT"

_NO_SPOOL: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_SAVED: Final = "it is damaged, or no spool. Move it to another folder, keep it there, and nothing in it is lost"

_TO_VERSION_2: Final = (
    "ALTER TABLE held ADD COLUMN boot TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE held ADD COLUMN steady REAL NOT NULL DEFAULT 0",
    "ALTER TABLE held ADD COLUMN digest BLOB NOT NULL DEFAULT x''",
)


def digest(fields: Sequence[object]) -> bytes:
    """Return what shows that a held request is still what was written: SQLite looks at the pages, not at the words."""
    return sha256(repr(tuple(fields)).encode("utf-8", "surrogatepass")).digest()[:16]


def translated(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> errors.StoreError:
    """Return the store's error for one of SQLite's."""
    if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}:
        return errors.SpoolFull(str(path))
    return errors.SpoolBroken(str(path), str(error))


def connected(path: Path) -> sqlite3.Connection:
    """Open the file of a spool, or make it; raises SpoolBroken, SpoolFull.

    A spool that the disk damaged is copied beside itself; what can still be read of it goes on in a
    new file, and what cannot is told like a request that this program cannot read.
    """
    try:
        try:
            return _opened(path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT:
                raise
            _save(path, str(error))
            return _opened(path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # SQLite repeats names out of a damaged file, which may be no text at all.
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) in _NO_SPOOL:
            raise errors.SpoolBroken(str(path), _NOT_SAVED) from error
        raise translated(path, error) from error
    except OSError as error:
        raise errors.SpoolBroken(str(path), error.strerror or str(error)) from error


def _opened(path: Path) -> sqlite3.Connection:
    is_new = not path.exists()
    # Made by hand, so that nobody else on this machine can read it from its first moment on.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode only FULL flushes at every commit; a scan that the operator saw kept must be on the disk.
        connection.execute("PRAGMA synchronous = FULL")
        version = _version_of_a_sound(path, connection)
        if version < VERSION:
            _upgrade(connection, version)
    except BaseException:
        connection.close()
        raise
    if is_new:
        _flush_folders(path.parent)
    return connection


def _text(said: bytes) -> str:
    """Return a text as it was written; what a disk made of one is another text, and no error that hides the row."""
    return said.decode("utf-8", "backslashreplace")


def _version_of_a_sound(path: Path, connection: sqlite3.Connection) -> int:
    ((found,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if found != "ok":
        damage = sqlite3.DatabaseError(str(found))
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if version > VERSION:
        detail = f"it was written by a newer program (version {version}). Update this one, or start that one again"
        raise errors.SpoolBroken(str(path), detail)
    return int(version)


def _flush_folders(folder: Path) -> None:
    """Let the file's name, and that of a folder that was made for it, outlast the power."""
    for each in (folder, folder.parent):
        descriptor = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file to the present version, whole or not at all; 0 is an empty one."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version == 0:
            connection.execute(_HELD)
            connection.execute(_REMEMBERED)
        else:
            for statement in _TO_VERSION_2:
                connection.execute(statement)
            for position, *fields, _ in connection.execute(f"SELECT {COLUMNS} FROM held").fetchall():  # noqa: S608
                connection.execute("UPDATE held SET digest = ? WHERE position = ?", (digest(fields), position))
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


# -- what a disk damaged ------------------------------------------------------------


def _save(path: Path, damage: str) -> None:
    """Put a sound file in the place of a damaged one, a copy of which stays beside it as it was found."""
    number = 1
    while (beside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    log = path.with_name(f"{path.name}-wal")
    beside.mkdir(mode=0o700)
    try:
        for each in (path, log):
            if each.exists():
                shutil.copy2(each, beside / each.name)
        sound = _rescued(path, f"{beside}: {damage}")
    except BaseException:
        # It is tried again at every use, and must not fill the disk with copies.
        shutil.rmtree(beside, ignore_errors=True)
        raise
    log.unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    sound.replace(path)
    _flush_folders(path.parent)


def _rescued(path: Path, said: str) -> Path:
    """Return a sound file beside a damaged one, with all of it that can be read and word of the rest."""
    sound = path.with_name(f"{path.name}.sound")
    sound.unlink(missing_ok=True)
    with closing(_opened(sound)) as connection:
        held, remembered = _readable(path)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?)", held)
        connection.executemany("INSERT OR IGNORE INTO remembered VALUES (?, ?)", remembered)
        # No digest fits it, so it is told as what cannot be read, and stays on the list until somebody looked.
        connection.execute(
            "INSERT INTO held (command_id, kind, request, held_at) VALUES (?, ?, ?, ?)",
            (said, LEFT, said.encode("utf-8", "backslashreplace"), ""),
        )
        connection.execute("COMMIT")
    return sound


def _readable(path: Path) -> tuple[list[HeldRow], list[tuple[str, bytes]]]:
    """Return what can still be read of a damaged file, from both of its ends."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.text_factory = _text
        ((version,),) = connection.execute("PRAGMA user_version").fetchall()
        columns = COLUMNS if version >= VERSION else "position, command_id, kind, request, held_at, '', 0.0, x''"
        held: dict[int, HeldRow] = {}
        for order in ("ASC", "DESC"):
            query = f"SELECT {columns} FROM held ORDER BY position {order}"  # noqa: S608 - constants
            for place, *fields, written in _until_damage(connection, query):
                held[place] = (place, *fields, written if version >= VERSION else digest(fields))
        remembered = [(name, said) for name, said in _until_damage(connection, "SELECT name, said FROM remembered")]
    return [held[place] for place in sorted(held)], remembered


def _until_damage(connection: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    try:
        yield from connection.execute(query)
    except sqlite3.Error:
        return
