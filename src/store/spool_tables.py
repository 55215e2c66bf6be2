"""What stands in the file of a spool: tables of which every row has a digest, and a count of the requests that wait.

SQLite guards its pages and not the words in them. A digest knows the place of its row, too: the
position of a request, the name of what is remembered.
"""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

__all__ = [
    "COLUMNS",
    "HELD",
    "INSERT_HELD",
    "REMEMBERED",
    "HeldRow",
    "added",
    "changing",
    "check_the_count",
    "count_is",
    "counted",
    "damage",
    "digest",
    "make_counted",
    "make_tables",
    "remember",
    "remember_as_found",
    "remembered",
    "removed",
    "version_of_tables",
]

COLUMNS: Final = "position, command_id, kind, request, held_at, boot, steady, digest"

HeldRow = tuple[int, str, str, bytes, str, str, float, bytes]
"""One held request, as COLUMNS name its fields."""

HELD: Final = """CREATE TABLE held (
    position   INTEGER PRIMARY KEY,
    command_id TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    request    BLOB NOT NULL,
    held_at    TEXT NOT NULL,
    boot       TEXT NOT NULL,
    steady     REAL NOT NULL,
    digest     BLOB NOT NULL
) STRICT"""
REMEMBERED: Final = """CREATE TABLE remembered (
    name   TEXT PRIMARY KEY,
    said   BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT"""
_COUNTED: Final = """CREATE TABLE counted (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    newest  INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    digest  BLOB NOT NULL
) STRICT"""
"""The position that was given last, and how many requests wait."""

_REMEMBERED_UNTIL_3: Final = "CREATE TABLE remembered (name TEXT PRIMARY KEY, said BLOB NOT NULL) STRICT"

INSERT_HELD: Final = f"INSERT INTO held ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_INSERT_REMEMBERED: Final = "INSERT INTO remembered (name, said, digest) VALUES (?, ?, ?)"


def digest(fields: Sequence[object]) -> bytes:
    """Return what shows that fields are still what was written: SQLite looks at the pages, not at the words."""
    return sha256(repr(tuple(fields)).encode("utf-8", "surrogatepass")).digest()[:16]


def damage(said: str) -> sqlite3.DatabaseError:
    """Return SQLite's own error for a damaged file, with a sentence of ours."""
    error = sqlite3.DatabaseError(said)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


@contextmanager
def changing(connection: sqlite3.Connection) -> Generator[None]:
    """Change a file whole or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


# -- the tables ------------------------------------------------------------------


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of today, with nothing in them; within a change."""
    connection.execute(HELD)
    connection.execute(REMEMBERED)
    make_counted(connection, 0, 0)


def make_counted(connection: sqlite3.Connection, newest: int, waiting: int) -> None:
    """Make the table that counts, with what it says; within a change."""
    connection.execute(_COUNTED)
    count_is(connection, newest, waiting)


def version_of_tables(connection: sqlite3.Connection) -> int:
    """Return of which version the tables of a file are, by their own words; 0 where of none from 3 on."""
    said = {
        _without_blanks(sql)
        for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE typeof(sql) = 'text'").fetchall()
    }
    return next((version for version, tables in _TABLES.items() if said >= tables), 0)


def _without_blanks(sql: str) -> str:
    """Return what a table says of itself in the same words, however its program had set them."""
    return "".join(sql.split())


_TABLES: Final = {
    3: frozenset(map(_without_blanks, (HELD, _REMEMBERED_UNTIL_3, _COUNTED))),
    4: frozenset(map(_without_blanks, (HELD, REMEMBERED, _COUNTED))),
}


# -- the requests that wait, and their count ---------------------------------------


def counted(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the position that was given last, and how many requests wait."""
    rows = connection.execute("SELECT newest, waiting, digest FROM counted").fetchall()
    if len(rows) != 1 or digest(rows[0][:2]) != rows[0][2]:
        raise damage("how many scans it held is not known any more")
    return int(rows[0][0]), int(rows[0][1])


def count_is(connection: sqlite3.Connection, newest: int, waiting: int) -> None:
    """Write down the position that was given last, and how many requests wait; within a change."""
    row = (newest, waiting, digest((newest, waiting)))
    connection.execute("INSERT OR REPLACE INTO counted (only, newest, waiting, digest) VALUES (1, ?, ?, ?)", row)


def check_the_count(connection: sqlite3.Connection) -> int:
    """Return how many requests wait; raises sqlite3.DatabaseError where some of them are missing, or one too many."""
    newest, waiting = counted(connection)
    ((found, last),) = connection.execute("SELECT count(*), coalesce(max(position), 0) FROM held").fetchall()
    if found != waiting or last > newest:
        raise damage(f"{found} scans are in it, and {waiting} ought to be")
    return waiting


def added(connection: sqlite3.Connection, fields: Sequence[object]) -> int:
    """Add a request behind all others, within a change; return its position. ``fields`` follow it in COLUMNS."""
    newest, waiting = counted(connection)
    position = newest + 1
    connection.execute(INSERT_HELD, (position, *fields, digest((position, *fields))))
    count_is(connection, position, waiting + 1)
    return position


def removed(connection: sqlite3.Connection, position: int) -> None:
    """Remove the request at a position, within a change; nothing where it is gone."""
    newest, waiting = counted(connection)
    gone = connection.execute("DELETE FROM held WHERE position = ?", (position,)).rowcount
    count_is(connection, newest, waiting - gone)


# -- what a terminal remembers ------------------------------------------------------


def remember(connection: sqlite3.Connection, name: str, said: bytes) -> None:
    """Write a text under a name, in place of what stands there; nothing where it stands there already."""
    connection.execute(
        f"{_INSERT_REMEMBERED} ON CONFLICT (name) DO UPDATE SET said = excluded.said, digest = excluded.digest"
        " WHERE said <> excluded.said OR digest <> excluded.digest",
        (name, said, digest((name, said))),
    )


def remember_as_found(connection: sqlite3.Connection, row: Sequence[Any]) -> None:
    """Write what was remembered in a file of any version; what does not fit its digest still does not.

    Before version 4 there was none: such a row fits the one that it is given as it is found.
    """
    name, said, *written = row
    connection.execute(_INSERT_REMEMBERED, (name, said, *(written or (digest((name, said)),))))


def remembered(connection: sqlite3.Connection) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return what is remembered by its name, and under which names something stands that was not written so."""
    # Not asked for by name: that goes by SQLite's index, and a disk may change that as well.
    rows = connection.execute("SELECT name, said, digest FROM remembered").fetchall()
    fits = {name: said for name, said, written in rows if digest((name, said)) == written}
    return fits, tuple(sorted({name for name, *_ in rows}.difference(fits)))
