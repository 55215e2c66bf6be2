"""A backup is the log and what was answered, in one file; a restore makes everything else of it again.

The file is a zip of what COPY says of each table, all of one moment, with a manifest that counts and digests
it. Read models are not in it: they are folded anew, as proof that the log is whole. Transaction numbers are
not either, because they mean nothing in another cluster: what is restored is one transaction, in the log's
own order. A backup of any earlier schema can be restored; it is brought to today's on the way.
"""

import asyncio
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

import msgspec
import psycopg
from psycopg import sql

from store import errors
from store.connecting import ConnectionSettings
from store.folding import Connection, connect_blocking, guarded
from store.migrations import migrate, migrations
from store.rebuild import rebuild
from store.translating import translated

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1 << 20
_ORDER: Final = {
    "production_events": ("sequence_num",),
    "commands": ("recorded_at", "command_id"),
    "claims": ("kind", "key"),
}
"""The tables that a backup holds, each in one order; everything else is made of them."""

_NOT_KEPT: Final = frozenset({"transaction_id"})


class BackedUpTable(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a backup: its columns in the order of the file, its rows, and the digest of what COPY said."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


class BackupManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, and of when. ``schema_version`` is the one that it was written at."""

    format: int = _FORMAT
    database: str
    schema_version: int
    taken_at: datetime
    events: int
    tables: tuple[BackedUpTable, ...]


# -- taking ----------------------------------------------------------------------


async def back_up(settings: ConnectionSettings, path: Path) -> BackupManifest:
    """Write a backup of this moment while the line runs.

    The file appears under its name only when it is whole and flushed. Raises FileExistsError
    rather than overwrite one, OSError where there is no writing.
    """
    return await asyncio.to_thread(_back_up, settings, path)


def _back_up(settings: ConnectionSettings, path: Path) -> BackupManifest:
    if path.exists():
        raise FileExistsError(17, "File exists", str(path))
    # A name of its own: two backups to one name at once must not take each other's file away.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".unfinished", dir=path.parent)
    unfinished = Path(name)
    try:
        with connect_blocking(settings) as connection, os.fdopen(descriptor, "wb") as file:
            try:
                guarded(connection, b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                manifest = _write(connection, file)
            except psycopg.Error as error:
                raise translated(error, sent=False) from error
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never takes the place of a file that has appeared meanwhile.
        os.link(unfinished, path)
        _flush_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(connection: Connection, file: IO[bytes]) -> BackupManifest:
    ((schema, database, now),) = guarded(
        connection, b"SELECT max(version), current_database()::text, now() FROM schema_migrations"
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        tables = tuple([_write_table(connection, archive, name) for name in _ORDER])
        manifest = BackupManifest(
            database=str(database),
            schema_version=int(str(schema)),
            taken_at=datetime.fromisoformat(str(now)),
            events=tables[0].rows,
            tables=tables,
        )
        archive.writestr(_MANIFEST, json.dumps(msgspec.to_builtins(manifest), indent=1))
    return manifest


def _write_table(connection: Connection, archive: zipfile.ZipFile, name: str) -> BackedUpTable:
    columns = tuple([column for column in _columns_of(connection, name) if column not in _NOT_KEPT])
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(name),
        sql.SQL(", ").join(map(sql.Identifier, _ORDER[name])),
    )
    digest, rows = sha256(), 0
    with (
        archive.open(_member(name), "w", force_zip64=True) as member,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for line in copy:
            digest.update(line)
            member.write(line)
            rows += 1
    return BackedUpTable(name=name, columns=columns, rows=rows, sha256=digest.hexdigest())


def _columns_of(connection: Connection, table: str) -> list[str]:
    return [
        str(name)
        for (name,) in guarded(
            connection,
            b"SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            b" ORDER BY attnum",
            (table,),
        )
    ]


def _member(table: str) -> str:
    return f"{table}.copy"


# -- restoring -----------------------------------------------------------------------


async def restore(settings: ConnectionSettings, path: Path) -> BackupManifest:
    """Make an empty database hold what a backup holds, at today's schema, with its read models folded anew.

    Works as who owns the tables. All of it or nothing: a restore that fails leaves the database as
    empty as it was. Raises BackupUnusable for a file that is none or was damaged, RestoreIntoUsed for a database with
    tables in it.
    """
    manifest = await asyncio.to_thread(read_manifest, path)
    if manifest.schema_version > len(migrations()):
        raise errors.BackupUnusable(str(path), "it is of a newer program: update this one")
    await asyncio.to_thread(_refuse_used, settings)
    await migrate(settings.dsn, up_to=manifest.schema_version)
    try:
        await asyncio.to_thread(_fill, settings, path, manifest)
        await migrate(settings.dsn)
        await rebuild(settings)
    except BaseException:
        await asyncio.to_thread(_empty, settings)
        raise
    return manifest


def read_manifest(path: Path) -> BackupManifest:
    """Return what a backup says that it holds; raises BackupUnusable."""
    with _opened(path) as archive:
        manifest = msgspec.json.decode(archive.read(_MANIFEST), type=BackupManifest)
    if manifest.format != _FORMAT:
        raise errors.BackupUnusable(str(path), "it is of a newer program: update this one")
    return manifest


@contextmanager
def _opened(path: Path) -> Generator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, zipfile.LargeZipFile, msgspec.MsgspecError) as error:
        raise errors.BackupUnusable(str(path), "it is no backup, or only a part of one") from error
    except OSError as error:
        raise errors.BackupUnusable(str(path), f"it cannot be read: {error.strerror or error}") from error


# Whatever somebody may have put there: a restore that fails takes everything away again that is there then.
_FOUND: Final = b"""SELECT 'TABLE', oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f')
    UNION ALL SELECT 'VIEW', oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
    UNION ALL SELECT 'SEQUENCE', oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
    UNION ALL SELECT 'MATERIALIZED VIEW', oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'm'
    UNION ALL SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'TYPE', oid::regtype::text FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')"""


def _refuse_used(settings: ConnectionSettings) -> None:
    with connect_blocking(settings) as connection:
        found = guarded(connection, _FOUND)
        if found:
            raise errors.RestoreIntoUsed(str(found[0][1]))


def _fill(settings: ConnectionSettings, path: Path, manifest: BackupManifest) -> None:
    with _opened(path) as archive, connect_blocking(settings) as connection:
        try:
            with connection.transaction():
                for table in manifest.tables:
                    _fill_table(connection, archive, table, path)
                guarded(
                    connection,
                    b"SELECT setval('production_events_sequence_num_seq', greatest(max(sequence_num), 1),"
                    b" max(sequence_num) IS NOT NULL) FROM production_events",
                )
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise errors.BackupUnusable(str(path), "what is in it is not what was written") from error
        except psycopg.Error as error:
            raise translated(error, sent=False) from error


def _fill_table(connection: Connection, archive: zipfile.ZipFile, table: BackedUpTable, path: Path) -> None:
    if table.name not in _ORDER or not set(table.columns) <= set(_columns_of(connection, table.name)):
        raise errors.BackupUnusable(str(path), f"its table {table.name} is none of this product")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    digest = sha256()
    with archive.open(_member(table.name)) as member, connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        if (cursor.rowcount, digest.hexdigest()) != (table.rows, table.sha256):
            raise errors.BackupUnusable(str(path), f"its table {table.name} was changed or is only a part")


def _empty(settings: ConnectionSettings) -> None:
    """Take away what the migrations made, which is all that a failed restore leaves."""
    with suppress(errors.StoreError), connect_blocking(settings) as connection:
        for kind, name in guarded(connection, _FOUND):
            guarded(connection, f"DROP {kind} IF EXISTS {name} CASCADE".encode())
