"""A real Postgres server of one's own, for the demo, the tests and shops of one machine.

`ensure_server` starts the server of a data folder, or joins it when another process has: all of them share it, and it
stops after the last one. Called by the composition root and the tests. store.embedded_keeper is the process that holds
the server, store.embedded_cluster makes its folder, store.embedded_binaries finds its programs.

Nobody else on the machine gets in: the socket lies in a folder of the server's user only, the server asks the kernel
who is calling (peer), and TCP is off unless asked for, then on loopback and with a generated password.
"""

import contextlib
import errno
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from store import embedded_keeper
from store.embedded_binaries import (
    EmbeddedServerError,
    ServerUser,
    postgres_binaries,
    server_environment,
)
from store.embedded_cluster import (
    SUPERUSER,
    initialize,
    major_of,
    prepare_folder,
    socket_folder,
    title_of,
    write_access,
)
from store.embedded_keeper import (
    CLUSTER,
    KEEPER_LOCK,
    START_LOCK,
    USERS_LOCK,
    KeeperOrders,
    Lock,
    postmaster_pid,
)
from store.embedded_sentences import log_since, log_size, said_not_started, said_of_folder, said_silent

__all__ = [
    "DATABASE",
    "EmbeddedServer",
    "EmbeddedServerError",
    "SilentServerError",
    "default_folder",
    "ensure_server",
    "is_made",
    "is_running",
    "join_unasked",
    "wait_until_stopped",
]

DATABASE = "kiosk"
"""The database that `EmbeddedServer.dsn` names; it is there, and empty, after the first start."""

_PASSWORDS = "passwords"
_START_SECONDS = 60.0
_RECOVERY_SECONDS = 600.0
_SILENCE_SECONDS = 5.0
"""How long a server that runs already may say nothing at all; libpq's own patience is in whole seconds."""


class SilentServerError(EmbeddedServerError):
    """The server runs and does not answer, as one that is frozen: it may go on, and then it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    """Where a running server listens, as it notes in its own postmaster.pid."""

    port: int
    socket_folder: str
    loopback: bool


class EmbeddedServer:
    """A running server that this process uses; it keeps running at least until `close` or the end of the process."""

    def __init__(self, *, folder: Path, dsn: str, tcp_dsn: str | None, version: int | None, users: Lock) -> None:
        self.folder = folder
        """The data folder."""
        self.dsn = dsn
        """The connection string of the database `kiosk`, over the local socket, as the server's superuser."""
        self.tcp_dsn = tcp_dsn
        """The same over loopback TCP, when it was asked for; the password is in a file that it names."""
        self.version = version
        """The server's version as libpq numbers it, such as 180006; None where the server was not asked."""
        self._users = users

    def close(self) -> None:
        """Say that this process uses the server no longer; the last one to say so stops it. Twice does no harm."""
        self._users.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def default_folder() -> Path:
    """Where the data of this user's embedded server is kept unless a folder is named."""
    named = os.environ.get("XDG_DATA_HOME")
    if named:
        return Path(named) / "kiosk" / "postgres"
    if os.geteuid() == 0:
        # Root's home is closed to the unprivileged user that the server has to run as.
        return Path("/var/lib/kiosk/postgres")
    return Path.home() / ".local" / "share" / "kiosk" / "postgres"


def ensure_server(
    folder: Path | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    tcp: bool = False,
) -> EmbeddedServer:
    """Join the server of a data folder, starting it, and making the folder, when needed. Blocks; 1 s the first time.

    `settings` (of postgresql.conf) and `environment` count for whoever starts the server; who joins takes it as it is.
    Raises EmbeddedServerError with a sentence that says what is wrong and what to do: within seconds where the server
    runs and says nothing (SilentServerError), after a minute where it does not start, after ten where it does not end
    recovering.
    """
    place = (folder or default_folder()).expanduser().resolve()
    user = prepare_folder(place)
    try:
        start = Lock(place / START_LOCK)
        users = Lock(place / USERS_LOCK)
    except OSError as error:
        raise EmbeddedServerError(said_of_folder(place, error)) from error
    try:
        _take(start, place)
        users.acquire(shared=True)
        joined = _is_kept(place)
        log_start = log_size(place)
        if not joined:
            _start(place, user, settings or {}, environment or {}, tcp=tcp)
        elif not tcp:
            # It runs until this user has left, and others need not wait for its answer. The password is made once.
            start.release()
        try:
            return _connect(place, users, log_start, joined=joined, tcp=tcp)
        except EmbeddedServerError:
            if not joined or _is_kept(place):
                raise
        # Its keeper was killed in just this moment. Whoever was first to see it has started it anew.
        _take(start, place)
        if not _is_kept(place):
            _start(place, user, settings or {}, environment or {}, tcp=tcp)
        return _connect(place, users, log_start, joined=False, tcp=tcp)
    except OSError as error:
        users.close()
        raise EmbeddedServerError(said_of_folder(place, error)) from error
    except BaseException:
        users.close()
        raise
    finally:
        start.close()


def _take(start: Lock, place: Path) -> None:
    """Take the start lock; who keeps it for long is no reason to wait for ever."""
    if not start.try_acquire(seconds=_START_SECONDS):
        raise EmbeddedServerError(f"Another process has been starting or stopping the server in {place} for long.")


def is_made(folder: Path | None = None) -> bool:
    """Whether a data folder holds a server's data: nothing is made or started to find out.

    Raises EmbeddedServerError where this user cannot look.
    """
    place = (folder or default_folder()).expanduser().resolve()
    try:
        return (place / CLUSTER).is_dir()
    except OSError as error:
        raise EmbeddedServerError(said_of_folder(place, error)) from error


def is_running(folder: Path | None = None) -> bool:
    """Whether somebody keeps the server of a data folder running, or is starting or stopping it just now."""
    with contextlib.suppress(OSError):
        return _is_kept((folder or default_folder()).expanduser().resolve())
    return False


def join_unasked(folder: Path | None = None) -> EmbeddedServer | None:
    """Become a user of the server of a data folder without a word from it, which may be frozen or in recovery.

    None where no server runs, or it is being stopped: `ensure_server` starts it. The database `kiosk` may be missing
    where the server has just been started for the first time. Blocks no longer than reading a file.
    """
    place = (folder or default_folder()).expanduser().resolve()
    try:
        users = Lock(place / USERS_LOCK)
    except OSError:
        return None
    # Without the start lock, which who starts the server has until it answers: a keeper that stops its server has the
    # users' lock for itself until its own is free, so what is kept while this user is one stays.
    address = _address(place / CLUSTER) if users.try_acquire(shared=True) and _is_kept(place) else None
    if address is None:
        users.close()
        return None
    return EmbeddedServer(folder=place, dsn=_dsn(address, DATABASE), tcp_dsn=None, version=None, users=users)


def wait_until_stopped(folder: Path, *, seconds: float = 20.0) -> bool:
    """Wait until the server of a folder has stopped because nobody uses it any more; False if it still runs.

    It does not take the server from anybody: call it after `close`, before removing the folder.
    """
    deadline = time.monotonic() + seconds
    title = title_of(folder.resolve())
    while _is_kept(folder) or embedded_keeper.server_processes(title):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


# ---------------------------------------------------------------- the folder


def _is_kept(place: Path) -> bool:
    """Whether a keeper holds the server of this folder."""
    try:
        lock = Lock(place / KEEPER_LOCK)
    except FileNotFoundError:
        return False
    try:
        return not lock.try_acquire(shared=True)
    finally:
        lock.close()


# ---------------------------------------------------------------- starting


def _start(
    place: Path, user: ServerUser, settings: Mapping[str, str], environment: Mapping[str, str], *, tcp: bool
) -> None:
    """Make the cluster if there is none, and start the keeper, which starts the server."""
    cluster = place / CLUSTER
    binaries = postgres_binaries(user, major_of(cluster))
    if not cluster.is_dir():
        initialize(place, user, binaries, sync=settings.get("fsync", "on") != "off")
    write_access(cluster, user, binaries)
    title = title_of(place)
    sockets = socket_folder(title, user)
    port = _free_port() if tcp else 5432
    options = {
        "cluster_name": title,
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "listen_addresses": "127.0.0.1" if tcp else "",
        "port": str(port),
        "max_connections": "250",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "jit": "off",
        **settings,
    }
    orders = KeeperOrders(
        folder=str(place),
        postgres=str(binaries.folder / "postgres"),
        title=title,
        options=tuple(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        environment=server_environment() | dict(environment),
        socket_folder=str(sockets),
        uid=user.uid if user.switched else None,
        gid=user.gid if user.switched else None,
    )
    started = subprocess.run(
        [sys.executable, "-I", "-S", embedded_keeper.__file__],
        check=False,
        input=orders.to_json(),
        capture_output=True,
        text=True,
        cwd="/",
        timeout=_START_SECONDS,
    )
    if started.returncode != 0:
        reason = started.stderr.strip().splitlines()
        raise EmbeddedServerError(f"The server in {place} could not be started: {reason[-1] if reason else 'unknown'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ---------------------------------------------------------------- connecting


def _connect(place: Path, users: Lock, log_start: int, *, joined: bool, tcp: bool) -> EmbeddedServer:
    """Wait until the server answers a real connection, and make the database on the first one.

    One that was joined may be silent for some seconds only; one that is starting, or says that it recovers, for longer.
    """
    deadline = time.monotonic() + _START_SECONDS
    recovery_deadline = time.monotonic() + _RECOVERY_SECONDS
    heard = time.monotonic()
    reason = ""
    while True:
        address = _address(place / CLUSTER)
        if address is not None:
            try:
                with psycopg.connect(_dsn(address, SUPERUSER), autocommit=True) as connection:
                    _ensure_database(connection)
                    tcp_dsn = _open_tcp(place, connection, address) if tcp else None
                    return EmbeddedServer(
                        folder=place,
                        dsn=_dsn(address, DATABASE),
                        tcp_dsn=tcp_dsn,
                        version=connection.info.server_version,
                        users=users,
                    )
            except psycopg.OperationalError as error:
                reason = str(error)
                if not _is_silence(error):
                    heard = time.monotonic()
        kept = _is_kept(place)
        if kept and joined and time.monotonic() > heard + _SILENCE_SECONDS and address is not None:
            raise SilentServerError(said_silent(place, postmaster_pid(place / CLUSTER, title_of(place))))
        recovering = "starting up" in reason or "recovery" in reason
        if not kept or time.monotonic() > (recovery_deadline if recovering else deadline):
            raise EmbeddedServerError(said_not_started(place, log_since(place, log_start) or reason))
        time.sleep(0.01)


def _is_silence(error: psycopg.OperationalError) -> bool:
    """Whether the server took the call and said nothing, or has so many calls waiting that it can take no more."""
    return isinstance(error, psycopg.errors.ConnectionTimeout) or os.strerror(errno.EAGAIN) in str(error)


def _dsn(address: _Address, database: str) -> str:
    return make_conninfo(
        host=address.socket_folder,
        port=address.port,
        user=SUPERUSER,
        dbname=database,
        connect_timeout=int(_SILENCE_SECONDS),
    )


def _address(cluster: Path) -> _Address | None:
    """Where the server listens; None until it has written that down."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    if len(lines) < 6 or not lines[3].strip().isdigit():  # noqa: PLR2004 - pid, folder, start, port, socket, address
        return None
    return _Address(port=int(lines[3]), socket_folder=lines[4].strip(), loopback=bool(lines[5].strip()))


def _ensure_database(connection: psycopg.Connection) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
    if found is None:
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _open_tcp(place: Path, connection: psycopg.Connection, address: _Address) -> str:
    """The connection string over loopback; the password is made on first use and kept in a file of mode 0600."""
    if not address.loopback:
        msg = f"The server in {place} was started without TCP; it can be had after all its users have ended."
        raise EmbeddedServerError(msg)
    passwords = place / _PASSWORDS
    if not passwords.exists():
        password = secrets.token_urlsafe(32)
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(SUPERUSER), sql.Literal(password)))
        fresh = passwords.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(f"*:*:*:{SUPERUSER}:{password}\n", encoding="ascii")
        fresh.replace(passwords)
    return make_conninfo(host="127.0.0.1", port=address.port, user=SUPERUSER, dbname=DATABASE, passfile=str(passwords))
