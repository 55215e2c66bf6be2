"""The program without a database: help, usage errors, faults, broken pipes, interrupts."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.state_machines import MACHINES
from kiosk.cli import states
from kiosk.cli.call import Call
from kiosk.cli.program import main
from store.errors import TablesInUse


@pytest.fixture(autouse=True)
def _quiet_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    monkeypatch.delenv("KIOSK_DSN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "argv",
    [[], ["job"], ["job", "create"], ["history"], ["labels", "cards"], ["db", "verify"], ["simulate"], ["demo"]],
    ids=lambda argv: " ".join(argv) or "kiosk",
)
def test_help_names_exit_codes_or_examples(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for help finds what to type and how it ends."""
    assert main([*argv, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: kiosk")
    assert "exit codes:" in said or "examples:" in said


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["jbo"], 'Did you mean "job"?'),
        (["job", "crate", "J1044"], 'Did you mean "create"?'),
        ([], "required: COMMAND"),
        (["job", "start", "1044"], '"1044" is not a job such as J1044'),
        (["job", "start", "J10"], "J and four digits or more: J0010, not J10"),
        (["order", "show", "PO17"], "PO, the year, - and four digits or more"),
        (["job", "start", "J1044\x1b[2J"], "\\x1b[2J"),
        (["job", "priority", "J1044", "0"], "a priority, 1 (most urgent) to 9"),
        (["order", "place", "PO2026-0001", "--customer", "c", "--promise", "x", "--line", "X"], "write PRODUCT=SETS"),
        (["demo", "assembyl"], 'did you mean "assembly"?'),
        (["simulate", "--kiosks", "0"], "1 to 500"),
        (["simulate", "--seconds", "nan"], "above 0"),
        (["states", "Card"], 'Did you mean "CardUnit"?'),
        (["card", "replace", "J1044-S003-07", "--why", "x"], "kiosk card replace --help says more."),
        (["doctor", "--why", "x\x1b[2J"], "kiosk doctor: unrecognized arguments: --why"),
    ],
    ids=lambda value: " ".join(value).encode("unicode_escape").decode()[:30] if isinstance(value, list) else None,
)
def test_a_slip_of_the_keyboard_is_exit_code_2_with_a_cure(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was meant is guessed, and never run."""
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "\x1b" not in said


def test_a_wrong_kiosk_toml_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file, the key, what was found and what is allowed."""
    (tmp_path / "kiosk.toml").write_text('[shop]\nnmae = "x"\n', encoding="utf-8")
    assert main(["labels", "control-card"]) == 2
    said = capsys.readouterr().err
    assert "kiosk.toml" in said
    assert "shop.nmae" in said
    assert 'did you mean "name"?' in said
    for argv in (["run", "--config", "nowhere.toml"], ["--config", "nowhere.toml", "run"]):
        assert main(argv) == 2
        assert "nowhere.toml: there is no such file" in capsys.readouterr().err


def test_run_without_a_known_station_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is drawn before it is clear which station this is."""
    stations = '[[station]]\nid = "QA-1"\nrole = "QA"\n[[station]]\nid = "QA-2"\nrole = "QA"\n'
    (tmp_path / "kiosk.toml").write_text(stations, encoding="utf-8")
    assert main(["run"]) == 2
    assert "QA-1, QA-2" in capsys.readouterr().err
    assert main(["run", "--station", "QA-3"]) == 2
    assert 'has no station "QA-3", which --station names.' in capsys.readouterr().err


def test_a_wrong_station_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mistyped an option looks for nothing in a file that is well; who named it, and the cure, are said."""
    stations = "".join(f'[[station]]\nid = "QA-{number}"\nrole = "QA"\n' for number in range(1, 200))
    (tmp_path / "kiosk.toml").write_text(stations, encoding="utf-8")
    asked = {"--station": ["--station", "QA1\x1b[2J\u202e"], "KIOSK_STATION": []}
    monkeypatch.setenv("KIOSK_STATION", "QA1\x1b[2J\u202e")
    for source, words in asked.items():
        assert main(["run", *words]) == 2
        said = capsys.readouterr().err
        assert "cannot be used" not in said
        assert f'kiosk.toml has no station "QA1\\x1b[2J\\u202e", which {source} names.' in said
        assert "It has QA-1, QA-2, " in said
        assert "and 187 more" in said
        assert "\x1b" not in said


def test_a_station_is_looked_for_in_no_file_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is said names no file as if it were there, but the folders that were looked into."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert main(["run", "--station", "QA-3"]) == 2
    said = capsys.readouterr().err
    assert 'There is no station "QA-3", which --station names: there is no kiosk.toml' in said
    assert str(tmp_path / "home" / ".config" / "kiosk") in said
    assert "/etc/kiosk" in said


def test_a_fault_inside_is_a_sentence_and_its_traceback_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """People see a sentence and where the details are; --debug shows them."""

    def broken(call: Call) -> int:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(states, "_states", broken)
    assert main(["states"]) == 70
    said = capsys.readouterr().err
    assert "Something went wrong inside kiosk (ZeroDivisionError)." in said
    assert "Traceback" not in said
    assert "a fault of ours" in (tmp_path / "state" / "kiosk" / "kiosk.log").read_text(encoding="utf-8")
    assert main(["states", "--debug"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_tables_that_others_use_are_no_outage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever watches over a log by exit codes is not told that the database is away when a rebuild found no moment."""

    def in_use(call: Call) -> int:
        raise TablesInUse("The tables were in use.")

    monkeypatch.setattr(states, "_states", in_use)
    assert main(["states"]) == 1
    assert capsys.readouterr().err == "The tables were in use.\n"


def test_every_command_that_a_document_names_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A family without its command is none: whoever types what kiosk.toml says gets an answer and no usage error."""
    root = Path(__file__).parents[3]
    documents = [
        root / "kiosk.toml",
        root / "README.md",
        *(root / "docs").glob("*.md"),
        *(root / "deploy").rglob("*.*"),
    ]
    named = {found for file in documents for found in re.findall(r"`kiosk ([a-z][a-z -]*)`", file.read_text("utf-8"))}
    assert "scanners list" in named
    for command in sorted(named):
        assert main([*command.split(), "--help"]) == 0
        said = capsys.readouterr().out
        assert said.startswith(f"usage: kiosk {command} ")
        assert "COMMAND ..." not in said.splitlines()[0]


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends a command without a word."""

    def interrupted(call: Call) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(states, "_states", interrupted)
    assert main(["states"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_broken_pipe_is_quiet() -> None:
    """`kiosk … | head -1` says nothing on standard error."""
    script = f'"{sys.executable}" -m kiosk labels control-card | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}'
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert ended.stderr == ""
    assert ended.returncode in {0, 141}


def test_output_survives_a_terminal_without_utf_8() -> None:
    """A question mark is better than no history."""
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", "states"],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert ended.returncode == 0
    assert b"PLACED" in ended.stdout
    assert ended.stderr == b""


def test_states_prints_every_transition_of_every_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """The picture in the documents is printed from the tables that the code goes through."""
    assert main(["states", "--mermaid"]) == 0
    said = capsys.readouterr().out
    assert said.count("stateDiagram-v2") == len(MACHINES)
    for machine in MACHINES:
        for state, after in machine.transitions.items():
            assert all(f"    {state} --> {target}" in said for target in after)
    assert main(["states", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {machine.name for machine in MACHINES}


def test_the_program_starts_without_the_screens_and_the_driver() -> None:
    """`kiosk --help` must not wait for Textual and psycopg."""
    code = (
        "import sys; from kiosk.cli.program import build_parser; build_parser();"
        "print([name for name in ('textual', 'psycopg', 'msgspec', 'evdev') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_doctor_without_a_kiosk_toml_speaks_of_no_file_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says where one goes, and that the demo needs none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    monkeypatch.setenv("KIOSK_DSN", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    main(["doctor"])
    said = capsys.readouterr().out
    assert "kiosk demo needs none" in said
    assert "none is defined, since there is no kiosk.toml" in said
