"""How a connection to Postgres is made: where to, as whom, how values are spoken on it, and how long it may take."""

import asyncio
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.raw_cursor import AsyncRawCursor

from store import errors
from store.address import DatabaseAddress
from store.translating import not_connected, translated
from store.wire import Row

STATION_ROLE: Final = "kiosk_station"
READER_ROLE: Final = "kiosk_reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """How to reach the database, and how long anything may take, in seconds.

    ``role`` is the database role that every statement runs as, None for the role
    that logs in. ``answer_seconds`` is when a statement that the server has not
    answered is given up and its connection closed; it is longer than the server's
    own ``statement_seconds``, so that the server speaks first where it can.
    """

    dsn: str = field(repr=False)
    application_name: str = "kiosk"
    role: str | None = STATION_ROLE
    connect_seconds: int = 3
    statement_seconds: float = 5.0
    lock_seconds: float = 2.0
    idle_in_transaction_seconds: float = 5.0
    answer_seconds: float = 8.0


def conninfo(settings: ConnectionSettings) -> str:
    """Return the connection string with everything that makes a dead connection noticed.

    Of several hosts the one is taken that can be written to: the others are its standbys. What the
    DSN itself says about any of these wins. Raises DatabaseAddressWrong.
    """
    address = DatabaseAddress.of(settings.dsn)
    several = {"target_session_attrs": "read-write"} if len(address.servers) > 1 else {}
    return make_conninfo(
        "",
        **{
            **several,
            "application_name": settings.application_name,
            "connect_timeout": settings.connect_seconds,
            "keepalives": 1,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 8000,
            **address.named,
            # What the product sends and reads is UTF-8, whatever a shell's environment says.
            "client_encoding": "utf8",
        },
    )


SPOKEN_ALIKE: Final = (
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'iso_8601'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
    "SET standard_conforming_strings = on",
    "SET default_transaction_isolation = 'read committed'",
    "SET default_transaction_deferrable = off",
)
"""How values are written and read on every connection of the store, whatever a database or a login has set."""


def _session(settings: ConnectionSettings) -> bytes:
    lines = [
        *SPOKEN_ALIKE,
        # A statement of a scan is far too small for compiling to pay.
        "SET jit = off",
        # Every query has its index. A plan made while the tables were young and small would be kept as they grow.
        "SET enable_seqscan = off",
        f"SET statement_timeout = {int(settings.statement_seconds * 1000)}",
        f"SET lock_timeout = {int(settings.lock_seconds * 1000)}",
        f"SET idle_in_transaction_session_timeout = {int(settings.idle_in_transaction_seconds * 1000)}",
    ]
    if settings.role is not None:
        quoted = settings.role.replace('"', '""')
        lines.append(f'SET ROLE "{quoted}"')
    return "; ".join(lines).encode()


async def connect(settings: ConnectionSettings) -> psycopg.AsyncConnection[Row]:
    """Open one autocommit connection, set up; raises the store's errors.

    Takes ``connect_seconds`` for each server that the DSN names and ``answer_seconds`` at most: a server may take a
    connection and then say nothing.
    """
    address = DatabaseAddress.of(settings.dsn)
    patience = int(address.named.get("connect_timeout", "")) if "connect_timeout" in address.named else 0
    servers = len(address.servers)
    try:
        async with asyncio.timeout((patience or settings.connect_seconds) * servers + settings.answer_seconds):
            connection = await psycopg.AsyncConnection.connect(
                conninfo(settings), autocommit=True, cursor_factory=AsyncRawCursor
            )
    except TimeoutError as error:
        raise errors.StoreTimeout("it did not answer in time", outcome_unknown=False) from error
    except psycopg.Error as error:
        raise not_connected(error, address) from None
    try:
        with answering_within(connection, settings.answer_seconds):
            await connection.execute(_session(settings), prepare=False)
    except BaseException:
        # Also when cancelled: a store that is closed while it connects must not leave a session behind.
        await connection.close()
        raise
    return connection


@contextmanager
def answering_within(connection: psycopg.AsyncConnection[Row], seconds: float) -> Generator[None]:
    """Hang up on a server that has not answered all that is asked inside; raises the store's errors.

    Cancelling would not end it: the driver then waits for the server to say that it was cancelled.
    """
    is_late = False

    def hang_up() -> None:
        nonlocal is_late
        is_late = True
        with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line, suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = asyncio.get_running_loop().call_later(seconds, hang_up)
    try:
        yield
    except psycopg.Error as error:
        raise translated(error, sent=False, timed_out=is_late) from error
    finally:
        timer.cancel()
