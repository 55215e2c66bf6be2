"""A primary and its synchronous standby, two real servers, that tests kill and promote."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from store.embedded_binaries import (
    EmbeddedServerError,
    PostgresBinaries,
    ServerUser,
    _candidates,
    postgres_binaries,
    run_as,
    server_environment,
    server_user,
)
from tests.support.servers import server_folder
from tests.support.waiting import wait_until

_STANDBY_NAME = "second"
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # the machine does not crash here, the servers do
    "full_page_writes": "off",
    "max_connections": "60",
    "max_wal_size": "128MB",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "100ms",
}


class Server:
    """One server in a folder of its own, reached over TCP by its superuser."""

    def __init__(self, folder: Path, binaries: PostgresBinaries, user: ServerUser) -> None:
        """Take a free port; nothing runs yet."""
        self.folder = folder
        self._binaries = binaries
        self._user = user
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self, database: str = "kiosk") -> str:
        """The connection string of this server alone."""
        return make_conninfo(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, connect_timeout=2, sslmode="disable"
        )

    def start(self) -> None:
        """Run the server, and return when it answers."""
        log = self.folder.with_suffix(".log").open("ab")
        options = _OPTIONS | {"port": str(self.port)}
        with log:
            self._process = subprocess.Popen(
                [self._binaries.folder / "postgres", "-D", self.folder]
                + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=server_environment(),
                start_new_session=True,
                user=self._user.uid if self._user.switched else None,
                group=self._user.gid if self._user.switched else None,
                extra_groups=[] if self._user.switched else None,
            )
        wait_until(self._answers, 30)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.folder.with_suffix(".log").read_text()[-2000:]
        with suppress(psycopg.OperationalError), psycopg.connect(self.dsn("postgres")):
            return True
        return False

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as the superuser and return its rows."""
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def is_running(self) -> bool:
        """Whether it was started and not killed since."""
        return self._process is not None

    def freeze(self, *, frozen: bool) -> None:
        """Stop every process of the server where it is, or let it go on."""
        if self._process is not None:
            for pid in (self._process.pid, *_children(self._process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def kill(self) -> None:
        """Kill every process of the server with SIGKILL, at once."""
        if self._process is not None:
            children = _children(self._process.pid)
            for pid in (self._process.pid, *children):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            wait_until(lambda: not any(map(_lives, children)))
            self._process = None

    def promote(self) -> None:
        """Make a standby the one that takes writes."""
        assert self.run("SELECT pg_promote()") == [(True,)]


def _state(pid: int) -> tuple[str, int]:
    """A process's state, and its parent; "Z" and nobody where it is gone."""
    with suppress(OSError):
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return state, int(parent)
    return "Z", 0


def _children(parent: int) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if _state(pid)[1] == parent]


def _lives(pid: int) -> bool:
    return _state(pid)[0] not in {"Z", "X"}


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


def _owned(path: Path, user: ServerUser) -> None:
    if user.switched:
        for entry in (path, *path.rglob("*")):
            os.chown(entry, user.uid, user.gid, follow_symlinks=False)


def _make(folder: Path, binaries: PostgresBinaries, user: ServerUser) -> None:
    folder.mkdir(mode=0o700)
    _owned(folder, user)
    made = run_as(
        user,
        [
            binaries.folder / "initdb", "-D", folder, "-U", "postgres", "--auth=trust", "--no-sync", "--locale=C",
            "--encoding=UTF8",
        ],
        timeout=60,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr


@contextmanager
def single_server() -> Generator[Server]:
    """A server of its own with an empty database ``kiosk``, killed and removed at the end."""
    user = server_user()
    binaries = postgres_binaries(user)
    with server_folder("only") as folder:
        server = Server(folder, binaries, user)
        _make(folder, binaries, user)
        try:
            server.start()
            server.run("CREATE DATABASE kiosk")
            yield server
        finally:
            server.freeze(frozen=False)
            server.kill()


@contextmanager
def replicated_servers() -> Generator[Replicated]:
    """Two servers with an empty database ``kiosk``; both are killed and removed at the end."""
    user = server_user()
    binaries = postgres_binaries(user)
    with server_folder("first") as folder:
        primary, standby = (Server(folder.with_name(name), binaries, user) for name in ("first", _STANDBY_NAME))
        _make(folder, binaries, user)
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
            _owned(standby.folder, user)
            standby.start()
            primary.run(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY_NAME}'")
            primary.run("SELECT pg_reload_conf()")
            wait_until(lambda: primary.run("SELECT sync_state FROM pg_stat_replication") == [("sync",)])
            yield Replicated(primary, standby)
        finally:
            standby.kill()
            primary.kill()
            shutil.rmtree(standby.folder, ignore_errors=True)
