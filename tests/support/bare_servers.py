"""Real servers in folders of their own, reached over TCP, that tests start, kill and configure as they like."""

import os
import signal
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from store.embedded_binaries import (
    PostgresBinaries,
    ServerUser,
    postgres_binaries,
    run_as,
    server_environment,
    server_user,
)
from tests.support.servers import server_folder
from tests.support.waiting import wait_until

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # the machine does not crash here, the servers do
    "full_page_writes": "off",
    "max_connections": "60",
    "max_wal_size": "128MB",
}


class Server:
    """One server in a folder of its own, reached over TCP by its superuser."""

    def __init__(
        self, folder: Path, binaries: PostgresBinaries, user: ServerUser, options: Mapping[str, str] | None = None
    ) -> None:
        """Take a free port; nothing runs yet. ``options`` are of postgresql.conf."""
        self.folder = folder
        self._options = options or {}
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

    def initialize(self) -> None:
        """Make the cluster; whoever connects over loopback is trusted."""
        self.folder.mkdir(mode=0o700)
        self.own(self.folder)
        made = run_as(
            self._user,
            [
                self._binaries.folder / "initdb", "-D", self.folder, "-U", "postgres", "--auth=trust", "--no-sync",
                "--locale=C", "--encoding=UTF8",
            ],
            timeout=60,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr

    def own(self, path: Path) -> None:
        """Give a file or a folder, with all in it, to the user that the server runs as."""
        if self._user.switched:
            for entry in (path, *path.rglob("*")):
                os.chown(entry, self._user.uid, self._user.gid, follow_symlinks=False)

    def start(self) -> None:
        """Run the server, and return when it answers.

        A backend that was born while its server was killed lives a moment longer, and no other server may
        start beside it: it is tried again until it may.
        """
        self._spawn()
        wait_until(self._answers, 30)

    def _spawn(self) -> None:
        log = self.folder.with_suffix(".log").open("ab")
        options = _OPTIONS | {"port": str(self.port), **self._options}
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

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            said = self.folder.with_suffix(".log").read_text()[-2000:]
            assert "is still in use" in said, said
            self._spawn()
            return False
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
            for pid in (self._process.pid, *_children(self._process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            wait_until(self._is_deserted)
            self._process = None

    def _is_deserted(self) -> bool:
        """Kill what was born meanwhile: it may wait for ever for what one of the dead holds, and keeps others out."""
        left = [pid for pid in _processes() if _folder_of(pid) == self.folder.resolve() and _lives(pid)]
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    def promote(self) -> None:
        """Make a standby the one that takes writes."""
        assert self.run("SELECT pg_promote()") == [(True,)]


def _state(pid: int) -> tuple[str, int]:
    """A process's state, and its parent; "Z" and nobody where it is gone."""
    with suppress(OSError):
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return state, int(parent)
    return "Z", 0


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _children(parent: int) -> list[int]:
    return [pid for pid in _processes() if _state(pid)[1] == parent]


def _folder_of(pid: int) -> Path | None:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink()
    return None


def _lives(pid: int) -> bool:
    return _state(pid)[0] not in {"Z", "X"}


@contextmanager
def single_server() -> Generator[Server]:
    """A server of its own with an empty database ``kiosk``, killed and removed at the end."""
    user = server_user()
    with server_folder("only") as folder:
        server = Server(folder, postgres_binaries(user), user)
        server.initialize()
        try:
            server.start()
            server.run("CREATE DATABASE kiosk")
            yield server
        finally:
            server.freeze(frozen=False)
            server.kill()
