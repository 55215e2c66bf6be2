"""What covers the whole terminal keeps a log of what it cannot show."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from kiosk.cli import program
from kiosk.cli.program import main
from kiosk.demo.parts import again


def test_the_demo_writes_down_what_it_cannot_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault ends the demo with "the log says which"; so there is a log, as for a station."""

    def fails(*_: object, **__: object) -> int:
        logging.getLogger("kiosk.app").critical("the screen failed")
        return 1

    monkeypatch.setattr("kiosk.demo.run_demo", fails)
    monkeypatch.setattr("kiosk.cli.running._is_terminal", lambda _: True)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 1
    assert "the screen failed" in (tmp_path / "kiosk" / "kiosk.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["demo", "qa"], ["run", "--station", "ASSY-1"]])
def test_an_app_that_nobody_can_see_is_refused(words: list[str], tmp_path: Path) -> None:
    """Without a terminal it would stand at the station for ever, beside the real one."""
    (tmp_path / "kiosk.toml").write_text(
        '[[station]]\nid = "ASSY-1"\nname = "Assembly"\nrole = "assembly"\n', encoding="utf-8"
    )
    environment = {**os.environ, "KIOSK_CONFIG": str(tmp_path / "kiosk.toml"), "XDG_DATA_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert f"kiosk {words[0]} needs a terminal" in ended.stderr


def test_the_demo_names_what_was_typed_to_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever typed make has no kiosk on the path."""
    monkeypatch.setenv("KIOSK_STARTED_BY", "make")
    assert (again(), again(fresh=True)) == ("make demo", "make demo ARGS=--fresh")
    monkeypatch.delenv("KIOSK_STARTED_BY")
    assert (again(), again(fresh=True)) == ("kiosk demo", "kiosk demo --fresh")


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[socket.socket]:
    """The socket of the service manager that started this process."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield heard


@pytest.fixture
def unit(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[float]]:
    """What the journal got, and how long the screen was left as it was."""
    journal, pauses = list[str](), list[float]()
    monkeypatch.setattr("kiosk.service.write_to_journal", journal.append)
    monkeypatch.setattr(program.time, "sleep", pauses.append)
    return journal, pauses


def test_a_station_that_cannot_start_says_why_to_its_unit_and_stays_legible(
    tmp_path: Path,
    manager: socket.socket,
    unit: tuple[list[str], list[float]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What it draws goes to no journal, its unit starts it anew at once, and blanks the screen for that."""
    (tmp_path / "kiosk.toml").write_text('[display]\ntheme = "nihgt"\n', encoding="utf-8")
    assert main(["run", "--config", str(tmp_path / "kiosk.toml")]) == 2
    journal, pauses = unit
    assert len(journal) == 1
    assert '"nihgt"' in journal[0]
    assert "\n" not in journal[0]
    assert manager.recv(5000).decode() == f"STATUS={journal[0]}"
    assert pauses == [15.0]
    assert "tries again every 15 seconds" in capsys.readouterr().err


def test_a_station_with_a_fault_says_so_to_its_unit_and_is_started_anew_at_once(
    tmp_path: Path, manager: socket.socket, unit: tuple[list[str], list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault may never come again; the line waits for no reader."""
    monkeypatch.setattr("kiosk.cli.running.choose_station", lambda *_, **__: 1 / 0)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["run"]) == 70
    journal, pauses = unit
    assert "Something went wrong inside kiosk (ZeroDivisionError)" in journal[0]
    assert manager.recv(5000).decode() == f"STATUS={journal[0]}"
    assert pauses == []


def test_another_command_ends_at_once_and_is_no_units_affair(
    tmp_path: Path, manager: socket.socket, unit: tuple[list[str], list[float]]
) -> None:
    """A command that somebody types where a unit's environment was inherited."""
    (tmp_path / "kiosk.toml").write_text('[display]\ntheme = "nihgt"\n', encoding="utf-8")
    assert main(["where", "J1044-S003-07", "--config", str(tmp_path / "kiosk.toml")]) == 2
    assert unit == ([], [])
    with pytest.raises(BlockingIOError):
        manager.recv(5000)
