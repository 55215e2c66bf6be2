"""The units of a terminal: what makes systemd start a kiosk again that hangs, and leave one alone that works."""

from configparser import RawConfigParser
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).resolve().parents[3] / "deploy" / "systemd").glob("*.service"))


def _unit(path: Path) -> RawConfigParser:
    unit = RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] (the names of a unit have capitals)
    unit.read(path, encoding="utf-8")
    return unit


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_waits_for_signs_of_life_and_starts_the_kiosk_again_for_ever(path: Path) -> None:
    """Ready and watched by what the kiosk says, killed when it hangs, and never given up."""
    unit = _unit(path)
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["WatchdogSec"] == "20"
    assert service["WatchdogSignal"] == "SIGKILL"
    assert service["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_hears_the_kiosk(path: Path) -> None:
    """A session by PAM moves the kiosk out of its unit, which then hears no word of it."""
    service = _unit(path)["Service"]
    is_main = service["ExecStart"].startswith("/opt/kiosk/bin/kiosk ")
    assert service["NotifyAccess"] == ("main" if is_main else "all")
    assert "PAMName" not in service


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_leaves_time_to_read_why_a_station_cannot_start(path: Path) -> None:
    """What stays on the screen for fifteen seconds is not ended before by the limit of the start."""
    assert int(_unit(path)["Service"]["TimeoutStartSec"]) >= 60


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_gives_nobody_at_the_terminal_a_shell(path: Path) -> None:
    """Whoever has one there may say to be anybody: the user has none, and no key leads to another console."""
    service = _unit(path)["Service"]
    assert service["User"] == "kiosk"
    assert "-s" not in service["ExecStart"].split()
    made = next(line for line in path.read_text(encoding="utf-8").splitlines() if "adduser" in line).split("(")[0]
    # A user of the system has /usr/sbin/nologin unless another shell is named.
    assert "--system" in made
    assert "--shell" not in made
    assert "spawn-terminal=none" in (path.parents[1] / "foot" / "foot.ini").read_text(encoding="utf-8").splitlines()
