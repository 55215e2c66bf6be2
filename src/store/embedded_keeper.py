"""The process that keeps one embedded server: starts it, restarts it after a crash, stops it after its last user.

Started by store.embedded as a script of its own, detached from whoever was first. Only the standard library is
imported, so that it is there in a few hundredths of a second and stays small.

Who uses the server holds `users.lock` shared; the kernel lets go of it for a killed process too, so nothing leaks.
Order of the locks: `start.lock`, then `users.lock`; `keeper.lock` belongs to the one keeper for its whole life.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

START_LOCK = "start.lock"
USERS_LOCK = "users.lock"
KEEPER_LOCK = "keeper.lock"
LOG = "server.log"
CLUSTER = "cluster"

_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self" / "cmdline").exists()
_WATCH_SECONDS = 0.1
_STOP_SECONDS = 20.0
_LINGER_SECONDS = 5.0
_RESTARTS = 5
_RESTART_SECONDS = 60.0
_LOG_BYTES = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperOrders:
    """What the keeper is told on its standard input, as JSON."""

    folder: str
    postgres: str
    title: str
    """The server's cluster_name: every one of its processes shows it."""
    options: tuple[str, ...]
    environment: dict[str, str]
    socket_folder: str
    uid: int | None
    """The user to become, when it is not this one."""
    gid: int | None

    def to_json(self) -> str:
        """The text that `from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "KeeperOrders":
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(**(fields | {"options": tuple(fields["options"])}))


class Lock:
    """An advisory lock on a file, held until it is released or its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self, *, shared: bool = False) -> None:
        """Wait for the lock for as long as it takes."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def try_acquire(self, *, shared: bool = False, seconds: float = 0.0) -> bool:
        """Take the lock within so many seconds; False when another process keeps it."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.01)
            else:
                return True

    def release(self) -> None:
        """Let go of the lock; it can be acquired again."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the lock and of its file, once and for all."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def server_processes(title: str) -> list[int]:
    """The ids of all processes of the server with this cluster_name, its orphans included."""
    if _HAS_PROC:
        running = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())
        return [pid for pid in running if is_server_process(pid, title)]
    listing = subprocess.run(["ps", "-axo", "pid=,command="], check=False, capture_output=True)  # noqa: S607
    rows = (line.split(maxsplit=1) for line in listing.stdout.splitlines())
    return [int(pid) for pid, *command in rows if command and _is_server(command[0], title)]


def is_server_process(pid: int, title: str) -> bool:
    """Whether a process runs and belongs to the server with this cluster_name."""
    if not _HAS_PROC:
        return pid in server_processes(title)
    try:
        return _is_server((_PROC / str(pid) / "cmdline").read_bytes(), title)
    except OSError:
        return False


def _is_server(command: bytes, title: str) -> bool:
    return title.encode() in command and b"postgres" in command


def postmaster_pid(cluster: Path, title: str) -> int | None:
    """The process id of the running postmaster of a data folder, or None when what is noted there is stale."""
    try:
        noted = int((cluster / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return noted if is_server_process(noted, title) else None


def clear_remains(cluster: Path, title: str, socket_folder: Path) -> None:
    """After a crash: wait for orphaned backends to end, then remove the notes of the dead postmaster.

    Postgres itself would refuse to start while one is left, or while a process that has nothing to do with it has
    got the old number. Call it only with the start lock or the keeper lock held, and no postmaster alive.
    """
    deadline = time.monotonic() + _LINGER_SECONDS
    while orphans := server_processes(title):
        if time.monotonic() > deadline:
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
        time.sleep(0.02)
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for note in socket_folder.glob(".s.PGSQL.*"):
        note.unlink(missing_ok=True)


class _Keeper:
    """One server from its start to its end."""

    def __init__(self, orders: KeeperOrders) -> None:
        self._orders = orders
        self._folder = Path(orders.folder)
        self._cluster = self._folder / CLUSTER
        self._process: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._unused = threading.Event()
        self._told_to_stop = False

    def adopt_or_start(self) -> None:
        """Take over a server whose keeper was killed, or start one."""
        self._pid = postmaster_pid(self._cluster, self._orders.title)
        if self._pid is None:
            clear_remains(self._cluster, self._orders.title, Path(self._orders.socket_folder))
            self._start()

    def _start(self) -> None:
        orders = self._orders
        log = self._folder / LOG
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [orders.postgres, "-D", str(self._cluster), *orders.options],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=orders.environment,
                user=orders.uid,
                group=orders.gid,
                extra_groups=None if orders.uid is None else [],
                umask=0o077,
            )
        self._pid = self._process.pid

    def _alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        return self._pid is not None and postmaster_pid(self._cluster, self._orders.title) == self._pid

    def _was_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return "ready" in (self._cluster / "postmaster.pid").read_text(encoding="utf-8")
        return False

    def run(self) -> None:
        """Keep the server until nobody uses it or somebody tells the keeper to end."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        watcher = threading.Thread(target=self._watch_users, daemon=True)
        watcher.start()
        ready = False
        restarts: list[float] = []
        while True:
            if self._told_to_stop or self._unused.is_set():
                if self._finish(forced=self._told_to_stop):
                    return
                self._unused.clear()
                watcher = threading.Thread(target=self._watch_users, daemon=True)
                watcher.start()
            # The note stays behind when the server is killed, however soon after its start that was.
            ready = ready or self._was_ready()
            if not self._alive():
                now = time.monotonic()
                restarts = [moment for moment in restarts if now - moment < _RESTART_SECONDS]
                if not ready or len(restarts) >= _RESTARTS:
                    return  # it cannot start; whoever asked for it reads why in the log
                restarts.append(now)
                clear_remains(self._cluster, self._orders.title, Path(self._orders.socket_folder))
                self._start()
            self._unused.wait(_WATCH_SECONDS)

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def _watch_users(self) -> None:
        """Wait in the kernel until no process holds the users' lock."""
        users = Lock(self._folder / USERS_LOCK)
        users.acquire()
        users.close()
        self._unused.set()

    def _finish(self, *, forced: bool) -> bool:
        """Stop the server unless somebody has come back for it; whether it was stopped."""
        start = Lock(self._folder / START_LOCK)
        users = Lock(self._folder / USERS_LOCK)
        if not forced:
            start.acquire()
        if not (forced or users.try_acquire()):
            users.close()
            start.close()
            return False
        self._stop()
        with contextlib.suppress(OSError):
            Path(self._orders.socket_folder).rmdir()
        return True  # both locks end with this process, after the keeper's own

    def _stop(self) -> None:
        ways = ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, _LINGER_SECONDS), (signal.SIGKILL, _LINGER_SECONDS))
        for number, seconds in ways:
            if self._pid is None or not self._alive():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)
            _wait_until(lambda: not self._alive(), seconds)


def _wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)


def main() -> None:
    """Read the orders, become a process of one's own, keep the server, end."""
    orders = KeeperOrders.from_json(sys.stdin.read())
    lock = Lock(Path(orders.folder) / KEEPER_LOCK)
    # The keeper before this one lets go of its lock a moment after the server has stopped.
    if not lock.try_acquire(seconds=10.0):
        sys.exit("Another process keeps this server already.")
    # The lock goes to the child; when the parent ends, its caller knows that the keeper is there.
    if os.fork():
        os._exit(0)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    keeper = _Keeper(orders)
    keeper.adopt_or_start()
    keeper.run()
    lock.close()


if __name__ == "__main__":
    main()
