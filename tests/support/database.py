"""Databases for tests: a template that is migrated once a run, and a clone of it for each test that asks.

No test is rolled back: commit order, conflicts and lost connections are what many of them are about.
"""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from store import Store
from store.migrations import migrate

_NUMBERS = itertools.count(1)


def _run(dsn: str, *statements: sql.Composed) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def create_database(dsn: str, name: str, template: str | None = None) -> str:
    """Create a database on the server of ``dsn`` and return its connection string."""
    using = sql.SQL("") if template is None else sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _run(dsn, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + using)
    return make_conninfo(dsn, dbname=name)


def drop_database(dsn: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    _run(dsn, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def template_database(postgres_dsn: str) -> Iterator[str]:
    """The name of a migrated database that nobody connects to, so that it can be cloned."""
    name = f"kiosk_template_{os.getpid()}_{uuid4().hex[:8]}"
    dsn = create_database(postgres_dsn, name)
    asyncio.run(migrate(dsn))
    yield name
    drop_database(postgres_dsn, name)


@pytest.fixture
def empty_database_dsn(postgres_dsn: str) -> Iterator[str]:
    """The connection string of a database that nothing was ever done to."""
    name = f"kiosk_empty_{os.getpid()}_{next(_NUMBERS)}"
    yield create_database(postgres_dsn, name)
    drop_database(postgres_dsn, name)


@pytest.fixture
def database_dsn(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """The connection string of a migrated database for one test."""
    name = f"kiosk_test_{os.getpid()}_{next(_NUMBERS)}"
    yield create_database(postgres_dsn, name, template_database)
    drop_database(postgres_dsn, name)


@pytest.fixture
async def store(database_dsn: str) -> AsyncIterator[Store]:
    """A store on a database of the test's own."""
    opened = await Store.open(database_dsn, station_id="TEST-1")
    try:
        yield opened
    finally:
        await opened.close()


@contextlib.asynccontextmanager
async def owner_connection(dsn: str) -> AsyncGenerator[psycopg.AsyncConnection]:
    """A plain autocommit connection as the server's own user, who owns every table."""
    connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()


def database_name(dsn: str) -> str:
    """The database that a connection string names."""
    return str(conninfo_to_dict(dsn)["dbname"])
