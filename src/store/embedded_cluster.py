"""The folder of an embedded server: made, with the cluster in it, and closed to everybody but the server's user.

Called by `store.embedded` and by nothing else, which lets one process at a time make a cluster.
"""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from store.embedded_binaries import EmbeddedServerError, PostgresBinaries, ServerUser, run_as, server_user
from store.embedded_keeper import CLUSTER
from store.embedded_sentences import said_not_started, said_of_folder

__all__ = ["SUPERUSER", "initialize", "major_of", "prepare_folder", "socket_folder", "title_of", "write_access"]

SUPERUSER = "postgres"
"""Who owns everything in the cluster; the server knows by the kernel who may call themselves so."""

_INITIALIZE_SECONDS = 60.0
_SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux and 103 on macOS
_PEER_MAP_ALL_MAJOR = 16  # the first version whose pg_ident.conf can say "any role"


def prepare_folder(place: Path) -> ServerUser:
    """Make the data folder if it is missing, and say which user its server runs as."""
    cluster = place / CLUSTER
    try:
        owner = cluster.stat().st_uid if cluster.is_dir() else None
        user = server_user(owner)
        if owner is not None and owner != user.uid:
            msg = f"The data in {place} belongs to another user; run this as that user or name another folder."
            raise EmbeddedServerError(msg)
        missing = [path for path in (place, *place.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            # The server's own user has to pass through, but not to look around.
            path.chmod(0o711 if user.switched else 0o700)
    except OSError as error:
        raise EmbeddedServerError(said_of_folder(place, error)) from error
    if user.switched:
        _check_passable(place, user)
    return user


def _check_passable(place: Path, user: ServerUser) -> None:
    for path in reversed((place, *place.parents)):
        state = path.stat()
        needed = stat.S_IXUSR if state.st_uid == user.uid else stat.S_IXOTH
        if not state.st_mode & needed:
            msg = (
                f"Postgres refuses to run as root, and the user '{user.name}', whom it runs as instead, cannot pass "
                f"through {path}. Name a data folder elsewhere, such as /var/lib/kiosk/postgres."
            )
            raise EmbeddedServerError(msg)


def title_of(place: Path) -> str:
    """The server's cluster_name: every process of the server shows it, and no other server's does."""
    return f"kiosk-{hashlib.sha256(os.fsencode(place)).hexdigest()[:12]}"


def major_of(cluster: Path) -> int | None:
    """The major version that wrote a cluster; None when there is none yet."""
    if not cluster.is_dir():
        return None
    try:
        text = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        return int(text)
    except (OSError, ValueError):
        msg = f"The folder {cluster} is not the data of a Postgres server; move it away or name another folder."
        raise EmbeddedServerError(msg) from None


def initialize(place: Path, user: ServerUser, binaries: PostgresBinaries, *, sync: bool) -> None:
    """Make a cluster beside its place and move it there whole, so that a half made one is never found."""
    unfinished = place / f"{CLUSTER}.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if user.switched:
        os.chown(unfinished, user.uid, user.gid)
    made = run_as(
        user,
        [
            binaries.folder / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth-local=peer",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions",
            *([] if sync else ["--no-sync"]),
        ],
        timeout=_INITIALIZE_SECONDS,
    )
    if made.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise EmbeddedServerError(said_not_started(place, made.stderr))
    unfinished.rename(place / CLUSTER)


def write_access(cluster: Path, user: ServerUser, binaries: PostgresBinaries) -> None:
    """Say who may connect: over the socket this user and nobody else, over loopback whoever has the password."""
    if binaries.major >= _PEER_MAP_ALL_MAJOR:
        local, role = "local all all peer map=kiosk\n", "all"
    else:
        local, role = f"local all {SUPERUSER} peer map=kiosk\nlocal all all scram-sha-256\n", SUPERUSER
    own_name = server_user().name if os.geteuid() else "root"
    people = dict.fromkeys((own_name, user.name))
    contents = {
        "pg_hba.conf": f"{local}host all all 127.0.0.1/32 scram-sha-256\n",
        "pg_ident.conf": "".join(f'kiosk "{name}" {role}\n' for name in people),
    }
    for name, text in contents.items():
        fresh = cluster / f"{name}.new"
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o600)
        if user.switched:
            os.chown(fresh, user.uid, user.gid)
        fresh.replace(cluster / name)


def socket_folder(title: str, user: ServerUser) -> Path:
    """A folder for the socket, short enough for the kernel and closed to all others."""
    runtime = "/run" if user.switched else os.environ.get("XDG_RUNTIME_DIR", "")
    for base in (runtime, tempfile.gettempdir(), "/tmp"):  # noqa: S108 - made below, with owner and mode checked
        place = Path(base) / title
        path_bytes = len(os.fsencode(place / ".s.PGSQL.65535"))
        # Postgres reads a comma-separated list here, and libpq takes a host that starts with / for a folder.
        if not re.fullmatch(r"/[\w./-]+", str(place)) or path_bytes > _SOCKET_PATH_BYTES:
            continue
        if not Path(base).is_dir() or not os.access(base, os.W_OK | os.X_OK):
            continue
        try:
            place.mkdir(mode=0o700)
            if user.switched:
                os.chown(place, user.uid, user.gid)
        except FileExistsError:
            pass
        except OSError:
            continue
        state = place.lstat()
        if stat.S_ISDIR(state.st_mode) and state.st_uid == user.uid and not state.st_mode & 0o077:
            return place
    raise EmbeddedServerError("No folder was found where the server could put its socket; /tmp must be writable.")
