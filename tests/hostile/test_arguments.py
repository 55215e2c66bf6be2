"""The command line with hostile arguments: it ends with a code and a sentence, and what is printed steers nothing."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.cli.exits import Exit
from kiosk.cli.program import main
from tests.fuzz.targets import steers_no_terminal
from tests.hostile.texts import NASTY, hostile

_COMMANDS = (
    ("where", "{}"),
    ("history", "{}"),
    ("history", "J1044-S001", "--at", "{}"),
    ("job", "show", "{}"),
    ("job", "create", "{}", "--order", "{}", "--line", "1"),
    ("job", "hold", "J1044", "{}"),
    ("order", "show", "{}"),
    ("order", "load", "{}"),
    ("operator", "load", "{}"),
    ("spec", "show", "{}"),
    ("labels", "sheets", "{}"),
    ("--config", "{}", "where", "J1"),
    ("doctor", "--station", "{}"),
    ("card", "void", "{}", "--why", "lost", "--note", "{}", "--as", "OP-7"),
    ("card", "replace", "{}", "--as", "{}"),
    ("set", "authorize", "{}", "--as", "OP-7"),
    ("pack", "open", "{}"),
    ("station", "show", "{}"),
    ("{}",),
)


@pytest.fixture
def shop(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with nothing in it, and a database."""
    monkeypatch.setenv("KIOSK_DSN", database_dsn)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def _ends_well(words: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([word.replace("{}", text) for word in words])
    printed = capsys.readouterr()
    assert code != Exit.FAULT, printed
    assert "Traceback" not in printed.err
    steers_no_terminal(printed.out + printed.err, lines=True)


@pytest.mark.parametrize("words", _COMMANDS, ids=" ".join)
def test_every_argument_is_taken_or_refused_in_words(
    words: tuple[str, ...], shop: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A good part of the attacks at every command that takes a text."""
    for text in NASTY[::3]:
        _ends_well(words, text, capsys)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.sampled_from(_COMMANDS), text=hostile)
def test_generated_arguments_are_no_different(
    shop: None, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], text: str
) -> None:
    """Any text at any command."""
    _ends_well(words, text, capsys)
