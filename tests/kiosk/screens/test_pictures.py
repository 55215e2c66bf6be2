"""The pictures are drawn with what they need, or not at all: letters of another width would show another screen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import FONT, lacks, main


def programs(folder: Path, font: str | None, *, draws: bool = True) -> str:
    """A path with nothing on it but a drawing program and one that says which font the machine would take."""
    if draws:
        _program(folder / "rsvg-convert", "exit 0")
    if font is not None:
        _program(folder / "fc-match", f"echo '{font}'")
    return str(folder)


def _program(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("font", "draws", "named"),
    [
        (FONT, True, []),
        (f"{FONT},{FONT} ExtraBold", True, []),
        ("DejaVu Sans", True, ["fonts-jetbrains-mono"]),
        (None, True, ["fontconfig"]),
        ("DejaVu Sans", False, ["librsvg2-bin", "fonts-jetbrains-mono"]),
    ],
)
def test_what_the_pictures_need_and_is_not_there_is_named(
    font: str | None, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, draws: bool
) -> None:
    """With the package that brings it; a machine without the font would take another, and say nothing."""
    monkeypatch.setenv("PATH", programs(tmp_path, font, draws=draws))
    said = lacks()
    assert [each for each, name in zip(said, named, strict=True) if name not in each] == []


def test_nothing_is_drawn_where_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No database is started and no folder made for it."""
    monkeypatch.setenv("PATH", programs(tmp_path, "DejaVu Sans"))
    pictures = tmp_path / "pictures"
    assert main([str(pictures)]) == 2
    assert f"the font {FONT}" in capsys.readouterr().err
    assert not pictures.exists()


def test_whoever_types_the_command_gets_its_exit_code(tmp_path: Path) -> None:
    """A script notices, too."""
    folder = tmp_path / "programs"
    folder.mkdir()
    environment = {**os.environ, "PATH": programs(folder, "DejaVu Sans", draws=False)}
    asked = [sys.executable, "-m", "tests.pictures", str(tmp_path / "pictures")]
    ended = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "apt install librsvg2-bin" in ended.stderr


def test_an_option_is_taken_for_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor are two folders: how it is called is said, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", programs(tmp_path, FONT))
    before = sorted(tmp_path.iterdir())
    assert [main(["--help"]), main(["one", "two"])] == [2, 2]
    assert capsys.readouterr().err.splitlines() == ["python -m tests.pictures [FOLDER]"] * 2
    assert sorted(tmp_path.iterdir()) == before
