"""Where there is no shop yet, no command but those that begin one makes an empty one."""

from collections.abc import Generator
from pathlib import Path

import pytest

from kiosk.cli.program import main
from tests.kiosk.command_line.conftest import DOCS
from tests.support.servers import server_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """The folder of an embedded server that nobody has made."""
    for variable in ("KIOSK_CONFIG", "KIOSK_STATION", "KIOSK_OPERATOR", "KIOSK_DSN"):
        monkeypatch.delenv(variable, raising=False)
    with server_folder("shop") as folder:
        _configure(tmp_path, folder)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield folder


def _configure(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "kiosk.toml").write_text(f'[database]\nembedded = true\nfolder = "{folder}"\n', encoding="utf-8")
    (tmp_path / "people.toml").write_text(
        '[[operator]]\nbadge = "OP-7"\nname = "Manager 7"\nroles = "manager"\n', encoding="utf-8"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["where", "J1044-S003-07"],
        ["where", "J1044-S003-07", "--json"],
        ["history", "J1044"],
        ["job", "list"],
        ["labels", "badges", "--output", "badges.html"],
        ["db", "migrate"],
        ["db", "status"],
        ["db", "verify"],
        ["db", "rebuild"],
        ["db", "backup", "kiosk.zip"],
        ["card", "void", "J1044-S003-07", "--reason", "lost", "--as", "OP-7"],
        ["operator", "load", "people.toml"],
    ],
    ids=" ".join,
)
def test_no_question_and_no_order_to_a_shop_makes_one(
    words: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says that there is none, where it looked, and how one is begun."""
    assert main(words) == 3
    said = capsys.readouterr().err
    assert f"There is no shop in {place}." in said
    assert "kiosk db init" in said
    assert not place.exists()


def test_doctor_says_that_there_is_no_shop_and_makes_none(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is broken where nothing was begun."""
    assert main(["doctor"]) == 0
    assert "There is no shop in" in capsys.readouterr().out
    assert not place.exists()


def test_a_shop_is_begun_by_its_own_command_and_then_asked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The question is answered from then on, and the first people are let in."""
    assert main(["db", "init"]) == 0
    assert place.exists()
    assert main(["operator", "load", "people.toml"]) == 0
    assert main(["where", "OP-7"]) == 0
    assert "Manager 7" in capsys.readouterr().out


def test_no_shop_is_begun_for_a_backup_that_cannot_be_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Given a wrong name, then that is said, and nothing stands there that would answer the next question."""
    assert main(["db", "restore", "no-such.zip"]) == 2
    assert "no-such.zip cannot be restored" in capsys.readouterr().err
    assert not place.exists()


def test_the_page_that_sets_a_shop_up_begins_with_the_command_that_begins_it() -> None:
    """Whoever follows it line by line is not told at the first that there is no shop."""
    (first, *_) = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("    kiosk")]
    assert first.split("#")[0].strip() == "kiosk db init"
