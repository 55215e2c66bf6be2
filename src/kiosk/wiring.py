"""The composition root: the one place where configuration, store and kiosk are put together.

`open_store` opens the configured database: a Postgres named by a dsn, or the embedded server, which
is started where it is needed, and made only for whoever may begin a shop. Called by `kiosk.cli` and by the apps.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.background import server_in
from kiosk.config.choosing import database_dsn, embedded_folder
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from kiosk.printable import shown
from store.connecting import READER_ROLE, STATION_ROLE
from store.embedded import EmbeddedServer, EmbeddedServerError, default_folder, is_made, join_unasked
from store.errors import SchemaMissing, StorePermissionDenied
from store.migrations import migrate
from store.store import Store

__all__ = ["Database", "NoShopError", "open_database", "open_store"]


class NoShopError(EmbeddedServerError):
    """The embedded server's folder holds no shop, and whoever asked may not begin one."""

    def __init__(self, folder: Path | None) -> None:
        place = shown(str((folder or default_folder()).expanduser().resolve()), 300)
        super().__init__(
            f"There is no shop in {place}. kiosk db init begins one there; "
            "[database] in kiosk.toml, or KIOSK_DSN, names one that is elsewhere."
        )


@dataclass(frozen=True, slots=True)
class Database:
    """Where the log is kept. `server` is the embedded server while this process uses it, else None."""

    dsn: str = field(repr=False)
    server: EmbeddedServer | None = None

    def close(self) -> None:
        """Say that this process uses the embedded server no longer; the last user of it stops it."""
        if self.server is not None:
            self.server.close()


async def open_database(
    config: Config, environ: Mapping[str, str] | None = None, *, wait: bool = True, may_begin: bool = False
) -> Database:
    """Return the configured database; starts the embedded server where no dsn is named.

    Raises EmbeddedServerError with a sentence: NoShopError where that server was never made, unless the caller
    ``may_begin`` a shop. Does not look at the schema. Without ``wait`` an embedded server that runs already is not
    asked whether it answers.
    """
    dsn = database_dsn(config, environ)
    if dsn is not None:
        return Database(dsn)
    folder = embedded_folder(config)
    if not may_begin and not is_made(folder):
        raise NoShopError(folder)
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

    A station on an embedded server begins its shop; any other is begun by `kiosk db init`, for a question or an
    order to a shop that is not there must not make an empty one. Raises EmbeddedServerError, StoreUnavailable,
    PostgresTooOld, SchemaMissing, SchemaTooOld, SchemaTooNew. Without ``wait`` the store of a database that is named
    by a dsn, or whose embedded server runs already, is there at once, see ``Store.open``.
    """
    database = await open_database(config, environ, wait=wait, may_begin=station is not None)
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
        if database.server is None or station is None:
            raise
        await migrate(database.dsn)
        return await opened()
