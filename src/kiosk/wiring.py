"""The composition root: the one place where configuration, store and kiosk are put together.

`open_store` opens the configured database: a Postgres named by a dsn, or the embedded server, which
is started, and set up the first time, where it is needed. Called by `kiosk.cli` and by the apps.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kiosk.background import server_in
from kiosk.config.choosing import database_dsn, embedded_folder
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from store.connecting import READER_ROLE, STATION_ROLE
from store.embedded import EmbeddedServer, join_unasked
from store.errors import SchemaMissing, StorePermissionDenied
from store.migrations import migrate
from store.store import Store

__all__ = ["Database", "open_database", "open_store"]


@dataclass(frozen=True, slots=True)
class Database:
    """Where the log is kept. `server` is the embedded server while this process uses it, else None."""

    dsn: str = field(repr=False)
    server: EmbeddedServer | None = None

    def close(self) -> None:
        """Say that this process uses the embedded server no longer; the last user of it stops it."""
        if self.server is not None:
            self.server.close()


async def open_database(config: Config, environ: Mapping[str, str] | None = None, *, wait: bool = True) -> Database:
    """Return the configured database; starts the embedded server where no dsn is named.

    Raises EmbeddedServerError with a sentence. Does not look at the schema. Without ``wait`` an embedded
    server that runs already is not asked whether it answers.
    """
    dsn = database_dsn(config, environ)
    if dsn is not None:
        return Database(dsn)
    folder = embedded_folder(config)
    server = (None if wait else join_unasked(folder)) or await server_in(folder)
    return Database(server.dsn, server)


@asynccontextmanager
async def open_store(
    config: Config,
    *,
    station: StationStanza | None = None,
    environ: Mapping[str, str] | None = None,
    wait: bool = True,
) -> AsyncGenerator[Store]:
    """Open the store of the configured database, for a station or for the office (None).

    A fresh embedded database is set up; any other has to be set up by `kiosk db init`. Raises
    EmbeddedServerError, StoreUnavailable, PostgresTooOld, SchemaMissing, SchemaTooOld, SchemaTooNew. Without
    ``wait`` the store of a database that is named by a dsn, or whose embedded server runs already, is there at
    once, see ``Store.open``.
    """
    database = await open_database(config, environ, wait=wait)
    try:
        asked = database.server is not None and database.server.version is not None
        store = await _opened(database, config, station, wait=wait or asked)
        try:
            yield store
        finally:
            await store.close()
    finally:
        database.close()


async def _opened(database: Database, config: Config, station: StationStanza | None, *, wait: bool) -> Store:
    policy = config.policy(station)

    async def opened_as(role: str) -> Store:
        return await Store.open(
            database.dsn,
            station_id=station.id if station else None,
            policy=policy,
            overdue_minutes=float(config.shop.assembly_overdue_minutes),
            role=role,
            wait=wait,
        )

    async def opened() -> Store:
        try:
            return await opened_as(STATION_ROLE)
        except StorePermissionDenied:
            # Whoever only looks has a login that is no more than a reader's.
            if station is not None:
                raise
            return await opened_as(READER_ROLE)

    try:
        return await opened()
    except SchemaMissing:
        if database.server is None:
            raise
        await migrate(database.dsn)
        return await opened()
