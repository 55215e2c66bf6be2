"""What covers the whole terminal keeps a log of what it cannot show."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
