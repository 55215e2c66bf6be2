"""A primary and its synchronous standby, two real servers, that tests kill and promote."""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

from store.embedded_binaries import (
    EmbeddedServerError,
    PostgresBinaries,
    _candidates,
    postgres_binaries,
    server_user,
)
from tests.support.bare_servers import Server
from tests.support.servers import server_folder
from tests.support.waiting import wait_until

_STANDBY_NAME = "second"
_OPTIONS = {"wal_receiver_status_interval": "1s", "wal_retrieve_retry_interval": "100ms"}


class Replicated:
    """A primary whose every commit waits for its standby."""

    def __init__(self, primary: Server, standby: Server) -> None:
        """Both run, and the standby follows."""
        self.primary = primary
        self.standby = standby

    @property
    def dsn(self) -> str:
        """The connection string that kiosks get: both servers, nothing said of which is which."""
        return make_conninfo(
            self.primary.dsn(), host="127.0.0.1,127.0.0.1", port=f"{self.primary.port},{self.standby.port}"
        )


def why_not() -> str:
    """Say why two servers cannot be had on this machine; empty where they can."""
    try:
        _basebackup(postgres_binaries(server_user()))
    except EmbeddedServerError as error:
        return str(error)
    except StopIteration:
        return "no pg_basebackup is installed beside the server (package postgresql, or the extra `embedded`)"
    return ""


def _basebackup(binaries: PostgresBinaries) -> Path:
    """The program that copies a server, of the server's own major version."""
    for folder in _candidates():
        program = folder / "pg_basebackup"
        if program.is_file():
            said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
            if f"(PostgreSQL) {binaries.major}." in said:
                return program
    raise StopIteration


@contextmanager
def replicated_servers() -> Generator[Replicated]:
    """Two servers with an empty database ``kiosk``; both are killed and removed at the end."""
    user = server_user()
    binaries = postgres_binaries(user)
    with server_folder("first") as folder:
        primary, standby = (
            Server(folder.with_name(name), binaries, user, _OPTIONS) for name in ("first", _STANDBY_NAME)
        )
        primary.initialize()
        try:
            primary.start()
            primary.run("CREATE DATABASE kiosk")
            copied = subprocess.run(
                [
                    _basebackup(binaries), "--pgdata", standby.folder, "--write-recovery-conf", "--checkpoint=fast",
                    "--no-sync", "--dbname", make_conninfo(primary.dsn("postgres"), application_name=_STANDBY_NAME),
                ],
                check=False,
                capture_output=True,
                text=True,
            )  # fmt: skip
            assert copied.returncode == 0, copied.stderr
            standby.own(standby.folder)
            standby.start()
            primary.run(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY_NAME}'")
            primary.run("SELECT pg_reload_conf()")
            wait_until(lambda: primary.run("SELECT sync_state FROM pg_stat_replication") == [("sync",)])
            yield Replicated(primary, standby)
        finally:
            standby.kill()
            primary.kill()
            shutil.rmtree(standby.folder, ignore_errors=True)
