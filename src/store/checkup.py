"""A look at the database for ``kiosk doctor``: is it there, is it ours, is the log safe, is its clock right.

Uses a connection of its own, as whoever logs in, and changes nothing.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from store import errors
from store.connecting import STATION_ROLE, ConnectionSettings, connect
from store.migrations import check
from store.translating import translated

__all__ = ["Checkup", "check_up"]

_ROLES_ARE_SET_SINCE = 160000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What was found on a database that answers.

    ``schema_fault`` is None where the schema is the one that this program needs.
    ``log_only_grows`` says whether removing an event was refused just now; None where
    there is no log yet. ``clock_ahead_seconds`` is the server's clock against this
    machine's. ``may_work_as_station`` says whether whoever logs in may do a kiosk's work,
    ``may_change_the_schema`` whether far more than that: a superuser, or the owner of the log.
    ``tls`` is the protocol of the connection, such as TLSv1.3; empty where it is not encrypted,
    None where it does not leave this machine.
    """

    server_version: int
    database: str
    login: str
    round_trip_ms: float
    clock_ahead_seconds: float
    schema_fault: errors.StoreError | None
    log_only_grows: bool | None
    may_work_as_station: bool
    may_change_the_schema: bool
    tls: str | None


async def check_up(dsn: str) -> Checkup:
    """Look at the database; raises StoreUnavailable and PostgresTooOld. Changes nothing."""
    connection = await connect(ConnectionSettings(dsn=dsn, application_name="kiosk doctor", role=None))
    try:
        fault: errors.StoreError | None = None
        try:
            await check(connection)
        except (errors.SchemaMissing, errors.SchemaTooOld, errors.SchemaTooNew, errors.SchemaChanged) as found:
            fault = found
        # From Postgres 16 on a member need not be allowed to take the role on, which is what a kiosk does.
        membership = "SET" if connection.info.server_version >= _ROLES_ARE_SET_SINCE else "MEMBER"
        began, asked = time.monotonic(), datetime.now(UTC)
        cursor = await connection.execute(
            b"SELECT clock_timestamp(), session_user::text, to_regclass('public.production_events') IS NOT NULL,"
            b" EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
            b" AND pg_has_role(session_user, coalesce((SELECT oid FROM pg_roles WHERE rolname = $1), 0), $2),"
            b" (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)"
            b" OR EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('public.production_events')"
            b" AND pg_has_role(session_user, relowner, 'MEMBER')),"
            b" (SELECT CASE WHEN ssl THEN version ELSE '' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()),"
            b" coalesce(inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1', true)",
            (STATION_ROLE, membership),
        )
        row = await cursor.fetchone()
        took = time.monotonic() - began
        if row is None:
            raise errors.DatabaseFault("", "it gave no answer")
        now, login, has_log, may_work, may_change, tls, is_local = row
        return Checkup(
            server_version=connection.info.server_version,
            database=connection.info.dbname,
            login=login,
            round_trip_ms=took * 1_000,
            # The server read its clock about half a round trip after it was asked.
            clock_ahead_seconds=(now - asked).total_seconds() - took / 2,
            schema_fault=fault,
            log_only_grows=await _log_only_grows(connection) if has_log else None,
            may_work_as_station=bool(may_work),
            may_change_the_schema=bool(may_change),
            tls=None if is_local and not tls else tls or "",
        )
    except psycopg.Error as error:
        raise translated(error, sent=False) from error
    finally:
        await connection.close()


async def _log_only_grows(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
    """Try to remove no event at all: whoever may not remove one is refused even that."""
    try:
        await connection.execute(b"DELETE FROM production_events WHERE false")
    except psycopg.Error as error:
        refused = translated(error, sent=False)
        if isinstance(refused, errors.LogOnlyGrows | errors.StorePermissionDenied):
            return True
        raise
    return False
