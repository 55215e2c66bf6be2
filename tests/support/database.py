"""Databases for tests: made, cloned from a template, looked into, removed."""

import contextlib
from collections.abc import AsyncGenerator

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


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
