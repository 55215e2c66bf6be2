"""The Postgres that is measured: an embedded one with its real flushes or with slower ones, or any by its address."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from store.embedded import ensure_server, wait_until_stopped

SETTINGS = {"max_connections": "400", "shared_buffers": "256MB", "max_wal_size": "4GB", "autovacuum_naptime": "10min"}
"""Nothing that makes a commit cheaper: only no checkpoint and no vacuum in the middle of a round."""

CONNECTIONS_NEEDED = 300
"""As many a server named by its address must take: 64 kiosks of two shops at once, and what measures them."""


class NoCompilerError(Exception):
    """The slow flush has to be compiled, and there is nothing to compile it with."""


class ServerUnfitError(Exception):
    """A server named by its address cannot be measured; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class MeasuredServer:
    """A server that databases are made on; those made for one run are dropped when it is left."""

    address: str
    """Of any database there, which is left as it is."""
    _made: list[str] = field(default_factory=list[str])

    def fresh_database(self, template: str | None = None) -> str:
        """Make a database of this run's own, as a copy where a template is named; return its address."""
        name = f"kiosk_bench_{secrets.token_hex(4)}"
        self._made.append(name)
        if template is None:
            return create_database(self.address, name)
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        _run(self.address, copied.format(sql.Identifier(name), sql.Identifier(template)))
        return make_conninfo(self.address, dbname=name)

    def drop(self, name: str) -> None:
        """Drop a database that may be there."""
        drop_database(self.address, name)

    def rename(self, name: str, to: str) -> None:
        """Give a database another name."""
        _run(self.address, sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))

    def drop_made(self) -> None:
        """Drop what was made."""
        for name in self._made:
            drop_database(self.address, name)
        self._made.clear()


@contextmanager
def measured_server(
    flush_milliseconds: float | None = None, *, dsn: str | None = None, folder: Path | None = None
) -> Generator[MeasuredServer]:
    """A server to make databases on.

    Without a `dsn` it is an embedded one, in a folder that is removed at the end unless one is named, and
    `flush_milliseconds` are added to every flush. A server that is named by `dsn` is taken as it is.
    Raises NoCompilerError, ServerUnfitError.
    """
    if dsn is not None:
        _check(dsn)
        with _left(MeasuredServer(dsn)) as server:
            yield server
        return
    base = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    base.chmod(0o711)
    place = base / "postgres" if folder is None else folder
    try:
        environment: dict[str, str] = {}
        if flush_milliseconds is not None:
            environment = {
                "LD_PRELOAD": str(_compile_shim(base)),
                "BENCH_FLUSH_MICROSECONDS": str(round(flush_milliseconds * 1000)),
            }
        with (
            ensure_server(place, settings=SETTINGS, environment=environment) as embedded,
            _left(MeasuredServer(embedded.dsn)) as server,
        ):
            yield server
    finally:
        wait_until_stopped(place)
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def _left(server: MeasuredServer) -> Generator[MeasuredServer]:
    try:
        yield server
    finally:
        server.drop_made()


def _check(dsn: str) -> None:
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            found = connection.execute(
                "SELECT current_setting('max_connections')::integer, current_setting('fsync'), rolcreatedb OR rolsuper"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        raise ServerUnfitError(f"The server to be measured cannot be reached: {error}") from error
    assert found is not None
    connections, fsync, may_create = found
    if not may_create:
        raise ServerUnfitError("Who logs in there may not create databases: ALTER ROLE … CREATEDB CREATEROLE.")
    if connections < CONNECTIONS_NEEDED:
        raise ServerUnfitError(f"It takes {connections} connections; set max_connections to {CONNECTIONS_NEEDED}.")
    if fsync != "on":
        raise ServerUnfitError("It does not flush (fsync is off), so nothing measured on it would be true.")


def has_database(dsn: str, name: str) -> bool:
    """Say whether there is a database of this name on the server of an address."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def create_database(dsn: str, name: str) -> str:
    """Make a database on the server of an address, and return its own."""
    _run(dsn, sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    return make_conninfo(dsn, dbname=name)


def drop_database(dsn: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    _run(dsn, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _run(dsn: str, statement: sql.Composed) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def _compile_shim(base: Path) -> Path:
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompilerError("The slow flush needs a C compiler (cc, gcc or clang), and there is none.")
    shim = base / "slow_flush.so"
    source = Path(__file__).with_name("slow_flush.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"], check=True)
    shim.chmod(0o755)
    return shim
