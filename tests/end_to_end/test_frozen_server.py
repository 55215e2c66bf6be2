"""A shop of one machine whose own server is frozen: its stations begin without it, its commands say what is wrong."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from store.embedded import EmbeddedServer, ensure_server
from store.migrations import migrate
from tests.core.shop import OPERATOR
from tests.end_to_end.shop import write_config
from tests.end_to_end.terminal import open_terminal
from tests.end_to_end.test_terminal import JOB, furnish
from tests.support.servers import TEST_SETTINGS, frozen, server_folder
from tests.support.waiting import wait_until

EMBEDDED = ""
"""No dsn: the server of this machine."""


@pytest.fixture
def server() -> Generator[EmbeddedServer]:
    """The shop's own server, with three sheets to print."""
    with server_folder() as folder, ensure_server(folder, settings=TEST_SETTINGS) as running:
        asyncio.run(migrate(running.dsn))
        asyncio.run(furnish(running.dsn))
        yield running


@pytest.fixture
def config(tmp_path: Path, server: EmbeddedServer) -> Path:
    """The shop's kiosk.toml, which names the folder of its server."""
    path = write_config(tmp_path)
    path.write_text(f'{path.read_text(encoding="utf-8")}\n[database]\nfolder = "{server.folder}"\n', encoding="utf-8")
    return path


def test_a_terminal_begins_offline_while_its_own_server_is_frozen(config: Path, server: EmbeddedServer) -> None:
    """Given a frozen server, when a station that it knew starts, then it takes scans and delivers later."""
    with open_terminal(config, "PRESS-1", EMBEDDED, is_its_own=False) as press:
        press.sees("nobody is logged on", "online")
        (spool,) = (config.parent / "state" / "kiosk" / "spool").glob("*.db")
        wait_until(lambda: b"stations" in spool.read_bytes(), 20)
        press.vanish()
        press.process.wait(20)
    with frozen(server.folder) as go_on, open_terminal(config, "PRESS-1", EMBEDDED) as press:
        press.sees("nobody is logged on", "OFFLINE")
        press.scan(OPERATOR, "LOGGED ON")
        press.scan(f"{JOB}-S001", "S001 ≠ kept")
        # From here on the station alone keeps the server.
        server.close()
        go_on()
        press.sees("online", "S001", seconds=60)
        assert press.end() == 0


def test_a_terminal_that_remembers_nothing_says_that_its_server_does_not_answer(
    config: Path, server: EmbeddedServer
) -> None:
    """Given a frozen server, when a station is started for the first time, then it says what is wrong and goes on."""
    with frozen(server.folder) as go_on, open_terminal(config, "PRESS-1", EMBEDDED, columns=160, rows=45) as press:
        press.sees("runs but does not answer")
        go_on()
        press.sees("nobody is logged on", "online")


@pytest.mark.parametrize("words", [("where", f"{JOB}-S001"), ("doctor",)])
def test_a_command_says_in_seconds_that_the_server_does_not_answer(
    config: Path, server: EmbeddedServer, words: tuple[str, ...]
) -> None:
    """Given a frozen server, when something is asked, then the wait is told, and then what is wrong."""
    environment = {name: said for name, said in os.environ.items() if not name.startswith("KIOSK_")}
    with frozen(server.folder):
        said = subprocess.run(
            [sys.executable, "-m", "kiosk", "--config", str(config), *words],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            timeout=40,
        )
    told = " ".join((said.stdout + said.stderr).split())
    assert "Waiting for the database server of this machine" in said.stderr
    assert "runs but does not answer" in told
    assert "did not start" not in told
    assert said.returncode != 0
