"""Connections to Postgres: how they are made, kept alive, bounded in time, and how they fail.

A ``Lane`` is one connection that runs one autocommit statement at a time and is
made again after it was lost. A kiosk holds two: one for commands, one for reading,
announcing and listening. This is the one seam where the driver's exceptions become
the store's errors.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.raw_cursor import AsyncRawCursor

from store import errors

STATION_ROLE: Final = "kiosk_station"
READER_ROLE: Final = "kiosk_reader"

Row = tuple[Any, ...]

_UNREACHABLE_CLASSES = ("08", "57P")
_FULL_CLASSES = ("53",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """How to reach the database, and how long anything may take, in seconds.

    ``role`` is the database role that every statement runs as, None for the role
    that logs in. ``answer_seconds`` is when a statement that the server has not
    answered is given up and its connection closed; it is longer than the server's
    own ``statement_seconds``, so that the server speaks first where it can.
    ``first_statement`` is said on every new connection, such as LISTEN.
    """

    dsn: str
    application_name: str = "kiosk"
    role: str | None = STATION_ROLE
    connect_seconds: int = 3
    statement_seconds: float = 5.0
    lock_seconds: float = 2.0
    idle_in_transaction_seconds: float = 5.0
    answer_seconds: float = 8.0
    first_statement: bytes = b""


class _RawJson(Loader):
    """Hand JSON over as bytes: msgspec decodes it into its own type."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def conninfo(settings: ConnectionSettings) -> str:
    """Return the connection string with everything that makes a dead connection noticed.

    What the DSN itself says about these wins.
    """
    named = conninfo_to_dict(settings.dsn)
    return make_conninfo(
        "",
        **{
            "application_name": settings.application_name,
            "connect_timeout": settings.connect_seconds,
            "keepalives": 1,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 8000,
            **{key: value for key, value in named.items() if value is not None},
        },
    )


def _session(settings: ConnectionSettings) -> bytes:
    lines = [
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO'",
        # A statement of a scan is far too small for compiling to pay.
        "SET jit = off",
        f"SET statement_timeout = {int(settings.statement_seconds * 1000)}",
        f"SET lock_timeout = {int(settings.lock_seconds * 1000)}",
        f"SET idle_in_transaction_session_timeout = {int(settings.idle_in_transaction_seconds * 1000)}",
    ]
    if settings.role is not None:
        quoted = settings.role.replace('"', '""')
        lines.append(f'SET ROLE "{quoted}"')
    if settings.first_statement:
        lines.append(settings.first_statement.decode())
    return "; ".join(lines).encode()


async def connect(settings: ConnectionSettings) -> psycopg.AsyncConnection[Row]:
    """Open one autocommit connection, set up; raises the store's errors."""
    try:
        connection = await psycopg.AsyncConnection.connect(
            conninfo(settings), autocommit=True, cursor_factory=AsyncRawCursor
        )
    except psycopg.Error as error:
        raise translated(error, sent=False) from error
    try:
        for name in ("json", "jsonb"):
            connection.adapters.register_loader(name, _RawJson)
        await connection.execute(_session(settings), prepare=False)
        # Every statement of the store has a stable text, so each is prepared at its first use and kept.
        connection.prepare_threshold = 0
        connection.prepared_max = None
    except psycopg.Error as error:
        await connection.close()
        raise translated(error, sent=False) from error
    return connection


def translated(error: psycopg.Error, *, sent: bool, timed_out: bool = False) -> errors.StoreError:
    """Return the store's error for one of the driver's; ``sent`` where a statement was on its way."""
    state = error.sqlstate or ""
    constraint = error.diag.constraint_name or ""
    detail = (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
    match state, constraint:
        case "23505", "production_events_one_of_a_version":
            return errors.VersionConflict(detail)
        case "23505", "commands_pkey":
            return errors.CommandRepeated(detail)
        case "23514", "claims_have_one_holder":
            return errors.ClaimContested(detail)
        case (("40001" | "40P01"), _):
            return errors.TransactionConflict(detail)
        case "KE001", _:
            return errors.LogOnlyGrows()
        case "42501", _:
            return errors.StorePermissionDenied(detail)
        case (("57014" | "55P03"), _):
            # The server itself stopped the statement, so nothing of it was written.
            return errors.StoreTimeout(detail, outcome_unknown=False)
        case (("22P05" | "22021"), _):
            return errors.UnstorableText()
        case _ if state.startswith((*_UNREACHABLE_CLASSES, *_FULL_CLASSES, "28", "3D", "25P03", "58")):
            return errors.StoreUnavailable(detail, outcome_unknown=sent and not state.startswith(_FULL_CLASSES))
        case "", _ if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            if timed_out:
                return errors.StoreTimeout("it did not answer in time", outcome_unknown=sent)
            return errors.StoreUnavailable(detail, outcome_unknown=sent)
        case "", _ if isinstance(error, psycopg.DataError):
            return errors.UnstorableText()
        case _:
            return errors.DatabaseFault(state, detail)


class Lane:
    """One connection, one statement at a time; lost connections are made again at the next statement."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self.settings = settings
        self._lock = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._cursor: AsyncRawCursor[Row] | None = None
        self._timed_out = False
        self._closed = False
        self.made = 0
        """How many connections this lane has made; a change means that the last one was lost."""
        self.on_connected: list[Callable[[psycopg.AsyncConnection[Row]], None]] = []
        """Called with every new connection, before its first statement."""
        self.on_lost: list[Callable[[], None]] = []
        """Called when a connection was found to be lost."""

    @property
    def is_connected(self) -> bool:
        """Whether a connection stands, as far as the last statement could tell."""
        return self._connection is not None

    @property
    def is_busy(self) -> bool:
        """Whether a statement is under way."""
        return self._lock.locked()

    @property
    def connection(self) -> psycopg.AsyncConnection[Row] | None:
        """The connection that stands, if any."""
        return self._connection

    async def run(self, statement: bytes, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one statement with ``$1`` parameters and return its rows; raises the store's errors."""
        async with self._lock:
            cursor = self._cursor or await self._connect()
            loop = asyncio.get_running_loop()
            watch = loop.call_later(self.settings.answer_seconds, self._give_up)
            try:
                await cursor.execute(statement, parameters)
                return await cursor.fetchall() if cursor.description else []
            except psycopg.Error as error:
                timed_out = self._timed_out
                failure = translated(error, sent=True, timed_out=timed_out)
                await self._drop_if_lost()
                raise failure from error
            except asyncio.CancelledError:
                await self._drop_if_lost()
                raise
            finally:
                watch.cancel()

    async def prepare(self) -> None:
        """Connect now, if no connection stands."""
        async with self._lock:
            if self._cursor is None:
                await self._connect()

    async def lose(self) -> None:
        """Drop a connection that was noticed to be dead from outside a statement."""
        async with self._lock:
            if self._connection is not None:
                with contextlib.suppress(psycopg.Error):
                    await self._connection.close()
            await self._drop_if_lost()

    async def close(self) -> None:
        """Close the connection for good."""
        async with self._lock:
            self._closed = True
            if self._connection is not None:
                with contextlib.suppress(psycopg.Error):
                    await self._connection.close()
                self._connection = self._cursor = None
                for listener in self.on_lost:
                    listener()

    async def _connect(self) -> AsyncRawCursor[Row]:
        if self._closed:
            raise errors.StoreUnavailable("the store is closed")
        self._timed_out = False
        connection = await connect(self.settings)
        self._connection = connection
        self._cursor = AsyncRawCursor(connection)
        self.made += 1
        for listener in self.on_connected:
            listener(connection)
        return self._cursor

    async def _drop_if_lost(self) -> None:
        if self._connection is not None and (self._timed_out or self._connection.closed or self._connection.broken):
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
            self._connection = self._cursor = None
            for listener in self.on_lost:
                listener()

    def _give_up(self) -> None:
        """Wake the driver by closing the socket below it: a frozen server cannot even be asked to cancel."""
        self._timed_out = True
        if self._connection is not None and not self._connection.closed:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as twin:
                twin.shutdown(socket.SHUT_RDWR)
