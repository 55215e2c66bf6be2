"""The schema: ordered SQL files, applied once each, and the checks that a store makes before it works.

Called by ``kiosk db init`` and ``kiosk db migrate`` and by the tests' template
database; ``check`` is called by every store that opens.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import psycopg

from store import errors
from store.connecting import ConnectionSettings, answering_within, connect
from store.evidence import chain_recorded_events
from store.translating import translated
from store.wire import Row

POSTGRES_NEEDED = 150000
"""The oldest server, as libpq numbers versions."""

_FILE = re.compile(r"(\d{4})_([a-z_]+)\.sql")
_LOCK = 0x6B696F736B  # "kiosk": all who migrate one database wait for each other

_MIGRATIONS_TABLE = b"""
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""

_FINISHED_BY: Mapping[str, Callable[[psycopg.AsyncConnection[Row]], Awaitable[None]]] = {
    "chain": chain_recorded_events,
}
"""What a migration does to what is there already, where SQL alone cannot; in the same transaction."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What the database remembers, to notice a file that was changed after it was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@cache
def migrations() -> tuple[Migration, ...]:
    """Return every migration in order; numbers run from 1 without a gap."""
    found: list[Migration] = []
    for entry in resources.files("store").joinpath("schema").iterdir():
        named = _FILE.fullmatch(entry.name)
        if named:
            found.append(Migration(int(named[1]), named[2], entry.read_text("utf-8")))
    found.sort(key=lambda migration: migration.version)
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise errors.DatabaseFault("", "the migrations are not numbered from 1 without a gap")
    return tuple(found)


def schema_known() -> int:
    """Return the schema version that this program works with."""
    return len(migrations())


async def migrate(dsn: str, *, up_to: int | None = None) -> tuple[Migration, ...]:
    """Bring a database to this program's schema and return what was applied; safe to run twice, or by two at once.

    ``up_to`` stops at an earlier schema, which is what a restore of an old backup begins with.
    """
    settings = ConnectionSettings(
        dsn=dsn, application_name="kiosk-migrate", role=None, statement_seconds=0, lock_seconds=30
    )
    connection = await connect(settings)
    try:
        check_server(connection.info.server_version)
        encoding = connection.pgconn.parameter_status(b"server_encoding")
        if encoding != b"UTF8":
            raise errors.DatabaseNotUtf8(connection.info.dbname, (encoding or b"").decode())
        await connection.execute(b"SELECT pg_advisory_lock($1::bigint)", (_LOCK,))
        await connection.execute(_MIGRATIONS_TABLE)
        applied = await _applied(connection)
        _compare(applied)
        missing = migrations()[len(applied) : up_to]
        for migration in missing:
            await _apply(connection, migration)
        return missing
    except psycopg.Error as error:
        raise translated(error, sent=False) from error
    finally:
        await connection.close()


async def _apply(connection: psycopg.AsyncConnection[Row], migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql.encode(), prepare=False)
        finish = _FINISHED_BY.get(migration.name)
        if finish is not None:
            await finish(connection)
        await connection.execute(
            b"INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            (migration.version, migration.name, migration.checksum),
        )


async def check_database(settings: ConnectionSettings) -> None:
    """Raise what stands between this program and a database, asking as whoever logs in: roles may not exist yet."""
    connection = await connect(replace(settings, role=None))
    try:
        with answering_within(connection, settings.answer_seconds):
            await check(connection)
    finally:
        await connection.close()


async def check(connection: psycopg.AsyncConnection[Row]) -> None:
    """Raise what stands between this program and this database: its version, or its schema's."""
    check_server(connection.info.server_version)
    cursor = await connection.execute(b"SELECT to_regclass('public.schema_migrations') IS NOT NULL")
    row = await cursor.fetchone()
    if row is None or not row[0]:
        raise errors.SchemaMissing(connection.info.dbname)
    applied = await _applied(connection)
    _compare(applied)
    if len(applied) < schema_known():
        raise errors.SchemaTooOld(len(applied), schema_known())


def check_server(version: int) -> None:
    """Raise PostgresTooOld for a server that the product cannot use."""
    if version < POSTGRES_NEEDED:
        raise errors.PostgresTooOld(version, POSTGRES_NEEDED)


async def _applied(connection: psycopg.AsyncConnection[Row]) -> list[tuple[int, str, str]]:
    cursor = await connection.execute(b"SELECT version, name, checksum FROM schema_migrations ORDER BY version")
    return [(int(version), str(name), str(checksum)) for version, name, checksum in await cursor.fetchall()]


def _compare(applied: list[tuple[int, str, str]]) -> None:
    known = migrations()
    if len(applied) > len(known):
        raise errors.SchemaTooNew(applied[-1][0], len(known))
    for (version, name, checksum), migration in zip(applied, known, strict=False):
        if (version, checksum) != (migration.version, migration.checksum):
            raise errors.SchemaChanged(version, name)
