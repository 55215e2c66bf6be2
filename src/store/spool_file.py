"""The file of a spool: made, upgraded from every earlier version, and saved from where the disk damaged it.

A file comes to its place whole, by a change of its name. It counts what is in it, so that
what is missing is noticed whatever took it.
"""

import filecmp
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final
from uuid import uuid4

from store import errors
from store.spool_log import is_read_to_its_end
from store.spool_tables import (
    COLUMNS,
    HELD,
    INSERT_HELD,
    REMEMBERED,
    changing,
    check_the_count,
    count_is,
    counted,
    damage,
    digest,
    make_counted,
    make_tables,
    remember_as_found,
    version_of_tables,
)

__all__ = ["GONE", "LEFT", "VERSION", "connected", "holds_nothing", "translated"]

VERSION: Final = 4
"""Written into every file. A file of a newer version is refused and left as it is."""

_COUNTS_SINCE: Final = 3
"""From this version on a file counts what is in it, and its tables are known by their words."""

LEFT: Final = "DamagedFile"
"""Kept among the requests where a file was damaged, in place of those that could not be read out of it any more."""

GONE: Final = "MissingFile"
"""Kept in a new file where the one before was removed, in place of those that waited in it: their number, its path."""

_REMEMBERED_COLUMNS: Final = (2, 3)
"""How many what is remembered had until version 3, and has."""

_ANY_PLACE: Final = 2**63 - 1
_HEADER: Final = 100
_LARGEST_PAGE: Final = 65_536
_MISSING_PAGES: Final = 64
"""More than the power takes in the middle of a write; what says that it lacks more says anything."""

_BESIDE: Final = ("-wal", "-journal")
"""What belongs to a file besides itself, and is nothing without it."""

_KIND: Final = 0xFF
"""What of SQLite's codes says what kind of error it is; the rest says more of it."""

_NO_SPOOL: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_SAVED: Final = "it is damaged, or no spool. Move it to another folder, keep it there, and nothing in it is lost"


def translated(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> errors.StoreError:
    """Return the store's error for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}:
        return errors.SpoolFull(str(path))
    if code & _KIND in {sqlite3.SQLITE_ERROR, *_NO_SPOOL}:
        # All that SQLite is asked is right, so an error without a name is one of the file: it lacks its tables.
        return errors.SpoolDamaged(str(path), str(error))
    return errors.SpoolBroken(str(path), str(error))


def connected(path: Path, noted: tuple[int, int] | None = None) -> sqlite3.Connection:
    """Open the file of a spool, or make it; raises SpoolBroken, SpoolFull.

    A spool that the disk damaged is copied beside itself; what can still be read of it goes on in a
    new file, and what cannot is told like a request that this program cannot read. ``noted`` is the position
    that was given last and how many requests waited, where somebody took note of it: a file that lacks them is
    damaged, too.
    """
    try:
        _put_in_place(path)
        if path.exists() and not path.is_file():
            # Of a pipe the opening waits for who never comes.
            raise errors.SpoolBroken(str(path), _NOT_SAVED)
        if not path.exists() and not _remains(path):
            _make_anew(path, noted)
        return _opened_or_saved(path, noted)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & _KIND in _NO_SPOOL:
            raise errors.SpoolBroken(str(path), _NOT_SAVED) from error
        raise translated(path, error) from error
    except OSError as error:
        raise errors.SpoolBroken(str(path), error.strerror or str(error)) from error


def _make_anew(path: Path, noted: tuple[int, int] | None) -> None:
    if noted is None or not _waited(noted):
        _make(path)
        return
    newest, waiting = noted
    _save(path, GONE, f"{waiting} {path}", newest)


def _waited(noted: tuple[int, int] | None) -> int:
    return 0 if noted is None else noted[1]


def _opened_or_saved(path: Path, noted: tuple[int, int] | None) -> sqlite3.Connection:
    # SQLite takes back what the power cut in the middle, by what lies beside the file: by rubbish, if that is damaged.
    as_found = _copied(path) if _remains(path) else None
    try:
        try:
            connection = _opened(path, noted)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            # SQLite repeats names out of a damaged file, which may be no text at all.
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & _KIND != sqlite3.SQLITE_CORRUPT:
                raise
            as_found = as_found or _copied(path)
            _save(path, LEFT, f"{as_found}: {error}", 0 if noted is None else noted[0])
        else:
            if as_found is not None:
                shutil.rmtree(as_found, ignore_errors=True)
            return connection
    except BaseException:
        # It is tried again at every use, and must not fill the disk with copies. But once a
        # sound file is whole it takes the place of the damaged one, and the copy is all that is left of that.
        if as_found is not None and not _sound_beside(path).exists():
            _put_back(as_found, path)
            shutil.rmtree(as_found, ignore_errors=True)
        raise
    return _opened(path)


def holds_nothing(path: Path, noted: tuple[int, int] | None = None) -> bool:
    """Say whether it is sure that nothing waits in a file, be it that there is none; changes nothing, never fails.

    ``noted`` is what ``connected`` takes.
    """
    try:
        if _sound_beside(path).exists() or _remains(path):
            return False
        if not S_ISREG(path.stat().st_mode):
            return False
    except FileNotFoundError:
        return not _waited(noted)
    except OSError:
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as only:
            if _version_of_a_sound(path, only) != VERSION:
                return False
            _is_the_one(only, noted)
            return counted(only)[1] == 0
    except (sqlite3.Error, UnicodeDecodeError, errors.SpoolBroken):
        return False


def _remains(path: Path) -> list[Path]:
    """Return what of a spool lies beside its file and is not empty."""
    beside = [path.with_name(path.name + end) for end in _BESIDE]
    return [each for each in beside if each.exists() and each.stat().st_size]


def _opened(path: Path, noted: tuple[int, int] | None = None) -> sqlite3.Connection:
    if not path.exists():
        raise damage("the file is gone, and what belonged to it is there")
    if not path.stat().st_size:
        raise damage("the file is empty")
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and not is_read_to_its_end(log.read_bytes()):
        # SQLite takes what is damaged there for the end, and forgets the rest.
        raise damage("the log beside it is damaged")
    connection = _plain(path)
    try:
        version = _version_of_a_sound(path, connection)
        if version < VERSION:
            _upgrade(connection, version)
        _is_the_one(connection, noted)
    except BaseException:
        connection.close()
        raise
    return connection


def _plain(path: Path) -> sqlite3.Connection:
    """Open a file so that what is committed is on the disk, in the one file that everybody sees."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text
    try:
        # A write-ahead log would hold what was confirmed beside the file, where damage to it is no damage to SQLite.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = EXTRA")
    except BaseException:
        connection.close()
        raise
    return connection


def _text(said: bytes) -> str:
    """Return a text as it was written; what a disk made of one is another text, and no error that hides the row."""
    return said.decode("utf-8", "backslashreplace")


def _version_of_a_sound(path: Path, connection: sqlite3.Connection) -> int:
    ((found,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if found != "ok":
        raise damage(str(found))
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if version > VERSION:
        detail = f"it was written by a newer program (version {version}). Update this one, or start that one again"
        raise errors.SpoolBroken(str(path), detail)
    if version < 1:
        raise damage("there is nothing in the file, not even its tables")
    if version_of_tables(connection) != (version if version >= _COUNTS_SINCE else 0):
        raise damage("its tables are not what they were")
    if version >= _COUNTS_SINCE:
        check_the_count(connection)
    return int(version)


def _is_the_one(connection: sqlite3.Connection, noted: tuple[int, int] | None) -> None:
    """Raise sqlite3.DatabaseError for a file that is as it was before the last of the requests came that waited."""
    if noted is not None and _waited(noted) and counted(connection)[0] < noted[0]:
        raise damage(f"the file is as it was at another time, and {_waited(noted)} scans waited in it")


# -- a file's first moment, and its upgrades -------------------------------------------


def _make(path: Path) -> None:
    with closing(_begun(path)):
        pass
    _is_complete(path)
    _put_in_place(path)


def _begun(path: Path) -> sqlite3.Connection:
    """Begin an empty file under a name of its own."""
    begun = path.with_name(f"{path.name}.new")
    for each in (begun, *(begun.with_name(begun.name + end) for end in _BESIDE)):
        each.unlink(missing_ok=True)
    # Made by hand, so that nobody else on this machine can read it from its first moment on.
    os.close(os.open(begun, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = _plain(begun)
    try:
        with changing(connection):
            make_tables(connection)
            connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _sound_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sound")


def _is_complete(path: Path) -> None:
    """Take note on the disk that what was begun is whole: from now on it counts, and not what stands in its place."""
    begun = path.with_name(f"{path.name}.new")
    begun.replace(_sound_beside(path))
    for end in _BESIDE:
        begun.with_name(begun.name + end).unlink(missing_ok=True)
    _flush_folders(path.parent)


def _put_in_place(path: Path) -> None:
    """Put a complete file in the place of what is there; goes on where an earlier attempt was ended."""
    sound = _sound_beside(path)
    if not sound.exists():
        return
    # A journal that is left would be taken for the new file's, and written into it.
    for end in ("", *_BESIDE, "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    _flush_folders(path.parent)
    sound.replace(path)
    _flush_folders(path.parent)


def _flush_folders(folder: Path) -> None:
    """Let the file's name, and those of all folders that were made for it, outlast the power."""
    _flush(folder)
    device = folder.stat().st_dev
    for above in folder.absolute().parents:
        if above.stat().st_dev != device:
            return
        # What may only be passed through was there before: nobody makes a folder in it.
        with suppress(PermissionError):
            _flush(above)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of an earlier version to the present one, whole or not at all."""
    with changing(connection):
        if version < _COUNTS_SINCE:
            _count_the_held(connection)
        memory = connection.execute("SELECT * FROM remembered").fetchall()
        connection.execute("DROP TABLE remembered")
        connection.execute(REMEMBERED)
        for row in memory:
            remember_as_found(connection, row)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _count_the_held(connection: sqlite3.Connection) -> None:
    rows = [_of_today(row) for row in connection.execute("SELECT * FROM held ORDER BY position").fetchall()]
    given = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'held'").fetchall()
    connection.execute("DROP TABLE held")
    connection.execute(HELD)
    connection.executemany(INSERT_HELD, rows)
    make_counted(connection, max([0, *(seq for (seq,) in given), *(row[0] for row in rows)]), len(rows))


def _of_today(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a held request of any version as the present one writes it; what does not fit its digest still does not.

    Version 1 had no count of seconds and no digest, version 2 a digest that did not know the position.
    """
    if len(row) < len(COLUMNS.split(",")):
        fields = (*row, "", 0.0)
        return (*fields, digest(fields))
    *fields, written = row
    return (*fields, digest(fields)) if written == digest(fields[1:]) else (*fields, written)


# -- what a disk damaged ------------------------------------------------------------


def _copied(path: Path) -> Path:
    """Return a folder beside a file with a copy of it and of what belongs to it, as they are."""
    number = 1
    while (beside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    beside.mkdir(mode=0o700)
    try:
        for each in (path, *_remains(path)):
            if each.exists():
                _flush(Path(shutil.copy2(each, beside / each.name)))
        _flush(beside)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return beside


def _put_back(as_found: Path, path: Path) -> None:
    """Make a file and what belongs to it again what they were before anybody tried to open them.

    By a change of names, which needs no room and leaves no half of a file; what belongs to it
    first, for with that SQLite does to the file only once more what it did.
    """
    for copy in sorted(as_found.iterdir(), key=lambda copy: copy.name == path.name):
        place = path.with_name(copy.name)
        if not place.exists() or not filecmp.cmp(copy, place, shallow=False):
            copy.replace(place)
            _flush(path.parent)


def _save(path: Path, kind: str, said: str, given: int) -> None:
    """Put a sound file in the place of a damaged one, with all of it that can be read and ``said`` for the rest."""
    _rescue(path, kind, said, given)
    _is_complete(path)
    _put_in_place(path)


def _rescue(path: Path, kind: str, said: str, given: int) -> None:
    """Begin a sound file beside a damaged one, with all of it that can be read and word of the rest behind that.

    ``given`` is the last position that is known to have been given, so that the new file is no older one.
    """
    with closing(_begun(path)) as connection:
        held, remembered, newest = _readable(path) if path.exists() else ([], [], 0)
        with changing(connection):
            for row in held:
                # What has become of another type is no request any more; that some is missing is told below.
                with suppress(sqlite3.IntegrityError):
                    connection.execute(INSERT_HELD, row)
            for each in remembered:
                with suppress(sqlite3.IntegrityError):
                    remember_as_found(connection, each)
            ((found, last),) = connection.execute("SELECT count(*), coalesce(max(position), 0) FROM held").fetchall()
            place = max(newest, last, given) + 1
            # No digest fits it, so it is told as what cannot be read, and stays on the list until somebody looked.
            # Its id is its own: the same words may have been said of another damage, here or on another terminal.
            word = (place, str(uuid4()), kind, said.encode("utf-8", "backslashreplace"), "", "", 0.0, b"")
            connection.execute(INSERT_HELD, word)
            count_is(connection, place, found + 1)


def _readable(path: Path) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int]:
    """Return what can still be read of a damaged file, held and remembered, and the position given last."""
    _is_as_long_as_it_says(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.text_factory = _text
        # By their places, for of a damaged file the names of the columns may be others.
        found = _from_both_ends(connection, "*", "held")
        held = [_of_today((place, *row[1:])) for place, row in sorted(found.items())]
        remembered = {row[0]: row for row in _from_both_ends(connection, "*", "remembered").values()}
        for name, *_ in _from_both_ends(connection, "name", "remembered").values():
            # Of a long text the rest is on other pages. That it cannot be read is told, under its name.
            remembered.setdefault(name, (name, b"", b""))
        newest = 0
        with suppress(sqlite3.Error, UnicodeDecodeError):
            newest = counted(connection)[0]
    return held, [row for row in remembered.values() if len(row) in _REMEMBERED_COLUMNS], newest


def _is_as_long_as_it_says(path: Path) -> None:
    """Make good a few pages that are missing behind the end: SQLite reads nothing at all of a file that lacks them."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    pages, says = int.from_bytes(header[28:32], "big"), int.from_bytes(header[16:18], "big")
    size = says if says > 1 else _LARGEST_PAGE
    if 0 < pages * size - path.stat().st_size <= _MISSING_PAGES * size:
        os.truncate(path, pages * size)


def _from_both_ends(connection: sqlite3.Connection, columns: str, table: str) -> dict[int, tuple[Any, ...]]:
    """Return what can be read of some columns of a table, by its place there."""
    found: dict[int, tuple[Any, ...]] = {}
    for beyond, order, end in ((">", "ASC", -_ANY_PLACE), ("<", "DESC", _ANY_PLACE)):
        # One at a time: asked for together, the last one before the damage would be lost with it.
        query = f"SELECT rowid, {columns} FROM {table} WHERE rowid {beyond} ? ORDER BY rowid {order} LIMIT 1"  # noqa: S608
        last = end
        with suppress(sqlite3.Error, UnicodeDecodeError):
            while (row := connection.execute(query, (last,)).fetchone()) is not None and row[0] not in found:
                last = row[0]
                found[last] = tuple(row[1:])
    return found
