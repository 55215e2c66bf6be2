"""A shop for the command line: the real `main`, on a database of the test's own."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.cli.program import main

DOCS = Path(__file__).parents[3] / "docs" / "shop-files.md"
EXAMPLE = Path(__file__).parents[3] / "kiosk.toml"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a database of the test's own; gives exit code, standard output, standard error."""
    for variable in ("KIOSK_CONFIG", "KIOSK_STATION", "KIOSK_OPERATOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("KIOSK_DSN", database_dsn)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kiosk.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    for block in re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL):
        name = re.match(r"# (\S+\.toml)", block)
        assert name is not None
        (tmp_path / name[1]).write_text(block, encoding="utf-8")

    def called(*argv: str, typed: str | None = None) -> tuple[int, str, str]:
        if typed is not None:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(argv)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, captured.err

    return called


@pytest.fixture
def shop(run: Run) -> Run:
    """A shop with people, stations, a product, an order and a started job J1044 of two sheets."""
    for argv in (
        ("operator", "load", "people.toml"),
        ("station", "load"),
        ("spec", "load", "products.toml"),
        ("order", "load", "orders.toml"),
        ("job", "create", "J1044", "--order", "PO2026-0117", "--sheets", "2"),
        ("job", "start", "J1044"),
    ):
        code, _, err = run(*argv)
        assert (code, err) == (0, "")
    return run
