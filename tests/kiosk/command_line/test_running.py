"""What covers the whole terminal keeps a log of what it cannot show."""

import logging
from pathlib import Path

import pytest

from kiosk.cli.program import main


def test_the_demo_writes_down_what_it_cannot_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault ends the demo with "the log says which"; so there is a log, as for a station."""

    def fails(*_: object, **__: object) -> int:
        logging.getLogger("kiosk.app").critical("the screen failed")
        return 1

    monkeypatch.setattr("kiosk.demo.run_demo", fails)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 1
    assert "the screen failed" in (tmp_path / "kiosk" / "kiosk.log").read_text(encoding="utf-8")
