"""Databases for tests: made, cloned from a template, looked into, removed."""

import contextlib
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@dataclass
class Databases:
    """Makes and removes the databases of one server, all by one connection: making one takes as long as a clone."""

    dsn: str
    connection: psycopg.Connection

    @classmethod
    @contextlib.contextmanager
    def of(cls, dsn: str) -> "Generator[Databases]":
        """Connect to the server of ``dsn``, whose user may create databases."""
        with psycopg.connect(dsn, autocommit=True) as connection:
            yield cls(dsn, connection)

    def create(self, name: str, template: str | None = None) -> str:
        """Create a database and return its connection string."""
        if template is None:
            self._run(sql.SQL("CREATE DATABASE {}"), name)
        else:
            # A server that flushes nothing copies files in half the time that it takes to log every page of them.
            self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"), name, template)
        return make_conninfo(self.dsn, dbname=name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        self.connection.execute(statement.format(*map(sql.Identifier, names)))


def create_database(dsn: str, name: str, template: str | None = None) -> str:
    """Create a database on the server of ``dsn`` and return its connection string."""
    with Databases.of(dsn) as databases:
        return databases.create(name, template)


def drop_database(dsn: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    with Databases.of(dsn) as databases:
        databases.drop(name)


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
