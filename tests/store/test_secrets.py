"""No password of a database's address is shown anywhere: not in errors, logs, representations or process lists."""

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from kiosk.cli.program import main
from kiosk.wiring import Database
from store import Store, StoreError, StoreUnavailable, migrate
from store.address import DatabaseAddress
from store.checkup import check_up
from store.connecting import ConnectionSettings
from store.errors import DatabaseAddressWrong
from store.folding import connect_blocking
from store.pool import Lane
from tests.support.floor import Floor
from tests.support.proxy import line_to
from tests.support.waiting import wait_until

SECRET = "geheim-unsaid"
HALVES = ("geheim", "-unsaid")

WRONG = {
    "refused": f"postgresql://kiosk:{SECRET}@127.0.0.1:1/kiosk",
    "refused twice": f"postgresql://kiosk:{SECRET}@127.0.0.1:1,127.0.0.1:2/kiosk",
    "no such host": f"postgresql://kiosk:{SECRET}@nowhere.invalid/kiosk",
    "no such socket": f"host=/nonexistent user=kiosk password={SECRET}",
    "a slash in the password": "postgresql://kiosk:geheim/-unsaid@db.invalid/kiosk",
    "an at in the password": "postgresql://kiosk:geheim@-unsaid@db.invalid/kiosk",
    "a colon in the password": "postgresql://kiosk:geheim:-unsaid@127.0.0.1:1/kiosk",
    "a blank in the password": "postgresql://kiosk:geheim -unsaid@db.invalid/kiosk",
    "a percent in the password": "postgresql://kiosk:geheim%-unsaid@db.invalid/kiosk",
    "a hash in the password": "postgresql://kiosk:geheim#-unsaid@127.0.0.1:1/kiosk",
    "a question mark in the password": "postgresql://kiosk:geheim?-unsaid@127.0.0.1:1/kiosk",
    "an unclosed bracket": f"postgresql://kiosk:{SECRET}@[::1/kiosk",
    "nothing but the password": SECRET,
    "a key that does not exist": f"host=127.0.0.1 passwort={SECRET}",
    "a quote in the password": f"host=127.0.0.1 port=1 password='{SECRET}",
    "a blank in an unquoted password": "host=127.0.0.1 port=1 password=x geheim-unsaid",
    "a wrong port": f"host=127.0.0.1 port=none password={SECRET}",
    "too many ports": f"host=127.0.0.1 port=1,2,3 password={SECRET}",
    "a timeout that is none": f"host=127.0.0.1 port=1 connect_timeout=soon password={SECRET}",
    "a mode that is none": f"host=127.0.0.1 port=1 sslmode=please password={SECRET}",
    "a key file's password": f"host=127.0.0.1 port=1 sslpassword={SECRET}",
    "NUL": f"host=127.0.0.1 port=1 password={SECRET}\0",
    "half a character": f"host=127.0.0.1 port=1 password={SECRET}\udcff",
    "nothing": "",
}

IN_AN_ENVIRONMENT = {what: dsn for what, dsn in WRONG.items() if dsn and "\0" not in dsn}
"""Those that an environment variable can hold; an empty one names no address."""

ENTRANCES: dict[str, Callable[[str], Awaitable[object]]] = {
    "a store": Store.open,
    "a migration": migrate,
    "the doctor": check_up,
    "a rebuild": lambda dsn: asyncio.to_thread(connect_blocking, ConnectionSettings(dsn=dsn)),
    "a lane": lambda dsn: Lane(ConnectionSettings(dsn=dsn)).run(b"SELECT 1"),
}


def hides(text: str) -> None:
    """Fail where any part of the secret is in a text."""
    for half in HALVES:
        assert half not in text, text


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the address says where the database is."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PGHOST", "/nonexistent")


@pytest.mark.parametrize("entrance", ENTRANCES.values(), ids=ENTRANCES)
@pytest.mark.parametrize("dsn", WRONG.values(), ids=WRONG)
async def test_no_error_of_connecting_tells_the_password(
    dsn: str, entrance: Callable[[str], Awaitable[object]], caplog: pytest.LogCaptureFixture
) -> None:
    """Nor its traceback with all its causes, nor what is logged on the way at the most talkative."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreError) as failed:
        await entrance(dsn)
    hides("".join(traceback.format_exception(failed.value)))
    hides(repr(failed.value) + repr(vars(failed.value)))
    hides(caplog.text)


@pytest.mark.parametrize("dsn", IN_AN_ENVIRONMENT.values(), ids=IN_AN_ENVIRONMENT)
@pytest.mark.parametrize("words", [("db", "status"), ("doctor",), ("--debug", "where", "J1")], ids=" ".join)
def test_no_command_prints_the_password(
    dsn: str,
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """It ends with a sentence and a code, also with --debug; the log file holds nothing either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("KIOSK_DSN", dsn)
    code = main(list(words))
    printed = capsys.readouterr()
    assert code, printed
    hides(printed.out + printed.err)
    for written in tmp_path.rglob("*"):
        if written.is_file():
            hides(written.read_text())


async def test_a_wrong_password_is_told_without_it(postgres_dsn: str) -> None:
    """Which user was refused is enough to mend it."""
    async with line_to(postgres_dsn) as line:
        dsn = make_conninfo(line.dsn, user="nobody_here", password=SECRET)
        with pytest.raises(StoreUnavailable) as refused:
            await Store.open(dsn)
    hides("".join(traceback.format_exception(refused.value)))
    assert "nobody_here" in str(refused.value)


def test_an_address_that_cannot_be_read_says_how_to_write_one() -> None:
    """The sentence is whole though it must not show what is wrong."""
    with pytest.raises(DatabaseAddressWrong, match=r"postgresql://user@host/database .* %40"):
        DatabaseAddress.of(WRONG["an at in the password"])


async def test_no_representation_shows_the_password(database_dsn: str) -> None:
    """Representations end up in logs, in assertions and in bug reports."""
    dsn = make_conninfo(database_dsn, password=SECRET)
    settings = ConnectionSettings(dsn=dsn)
    lane = Lane(settings)
    async with await Store.open(dsn) as store:
        await lane.prepare()
        for shown in (
            settings,
            lane,
            lane._connection,
            store,
            Database(dsn),
            DatabaseAddress.of(dsn),
            replace(settings),
        ):
            hides(repr(shown) + str(shown))
    await lane.close()


def _command_lines() -> Iterator[str]:
    """What a list of processes shows of those that this test started."""
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            if (place / "stat").read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                yield (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


async def test_no_process_of_a_rebuild_shows_the_password(
    floor: Floor, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may list the processes of a machine may not read its passwords there."""
    monkeypatch.setattr("store.rebuild._bounds", lambda log, parts: ["J5"])  # so small a log is not worth two
    seen: set[str] = set()
    async with await Store.open(make_conninfo(database_dsn, password=SECRET), role=None) as store:
        rebuilding = asyncio.create_task(store.rebuild(processes=2))
        while not rebuilding.done():
            seen.update(await asyncio.to_thread(list, _command_lines()))
        await rebuilding
    assert any("multiprocessing" in line for line in seen), seen
    hides("\n".join(seen))


def test_a_kiosk_is_started_without_the_password_in_its_command_line(tmp_path: Path) -> None:
    """The address comes from the environment, which only the same user can read; the screen shows none of it."""
    log = tmp_path / "screen"
    config = tmp_path / "kiosk.toml"
    config.write_text('[[station]]\nid = "PRESS-1"\nrole = "PRESS"\n')
    with log.open("wb") as screen:
        kiosk = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--config", str(config), "--wedge"],
            env={**os.environ, "KIOSK_DSN": WRONG["refused"], "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: log.stat().st_size or kiosk.poll() is not None, 20)
            hides("\n".join(_command_lines()))
        finally:
            kiosk.terminate()
            kiosk.wait(10)
    for written in tmp_path.rglob("*"):
        if written.is_file():
            hides(written.read_bytes().decode(errors="replace"))
