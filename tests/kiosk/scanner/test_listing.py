"""What `kiosk scanners test` shows, and that the package loads where evdev is not."""

import json
import subprocess
import sys
import time

import pytest

from kiosk.scanner import listing
from kiosk.scanner.__main__ import main
from kiosk.scanner.listing import message_json, message_line, watch_scans
from kiosk.scanner.messages import DeviceStatus, ScannerState, ScannerStateChanged, ScanRead, ScanRefused
from kiosk.scanner.selection import ScannerInput, ScannerSelection
from kiosk.scanner.verdicts import FaultReason, ScanFault

MESSAGES = (
    ScanRead("A\x1b[2J", "Fake", 1.0, 1.02),
    ScanRefused(ScanFault(FaultReason.UNKNOWN_KEY, "J10", 2.0, "F5 (key 63)"), "Fake"),
    ScannerStateChanged(
        ScannerState.NO_PERMISSION, "why", (DeviceStatus("Fake", "/dev/input/event4", ScannerState.NO_PERMISSION),)
    ),
)


def test_messages_as_lines_are_harmless() -> None:
    """One line each, with nothing of the code interpreted."""
    scan, refused, state = map(message_line, MESSAGES)
    assert scan == "SCAN     A\\x1b[2J  (5 characters in 20 ms, Fake)"
    assert refused.startswith("AGAIN    refused: the layout has no character for F5 (key 63)")
    assert state == "SCANNER  NO PERMISSION  why"


def test_messages_as_json_keep_the_text() -> None:
    """For scripts the code is exact."""
    scan, refused, state = (json.loads(json.dumps(message_json(message))) for message in MESSAGES)
    assert scan["text"] == "A\x1b[2J"
    assert refused["reason"] == "unknown_key"
    assert state["devices"][0]["state"] == "no_permission"


def test_watching_ends_after_its_time() -> None:
    """With nothing to read it says why and counts nothing."""
    lines: list[str] = []
    started = time.monotonic()
    assert watch_scans(ScannerSelection(input=ScannerInput.WEDGE), lines.append, seconds=0.05) == 0
    assert time.monotonic() - started < 5
    assert lines == ["SCANNER  WEDGE  this station is set up for typed text (input = wedge)"]


def test_watching_counts_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends after as many scans as were asked for, read or refused, and gives the scanners back."""
    stopped: list[bool] = []

    class Fake:
        def __init__(self, selection: object, deliver: object, *, tree: object) -> None:
            self._deliver = deliver

        def start(self) -> None:
            for message in MESSAGES:
                self._deliver(message)  # type: ignore[operator]

        def stop(self) -> None:
            stopped.append(True)

    monkeypatch.setattr(listing, "Scanners", Fake)
    lines: list[str] = []
    assert watch_scans(ScannerSelection(), lines.append, as_json=True, count=2) == 1
    assert [json.loads(line)["event"] for line in lines] == ["scan", "refused"]
    assert stopped == [True]


def test_the_probe_refuses_a_rule_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """With the sentence of the rule."""
    with pytest.raises(SystemExit, match="2"):
        main(["list", "--device", "/dev/input/event4"])
    assert "changes at every plug" in capsys.readouterr().err


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_package_loads_without_evdev(platform: str) -> None:
    """On any system, and it says why scans are typed there."""
    program = f"""
import sys
sys.modules["evdev"] = None
if {platform!r} == "win32":
    sys.modules["fcntl"] = sys.modules["grp"] = None
import kiosk.scanner.listing, kiosk.scanner.wedge
sys.platform = {platform!r}
import importlib.util
importlib.util.find_spec = lambda name: None
import kiosk.scanner.input_device as seam
seam.find_spec = lambda name: None
from kiosk.scanner.selection import ScannerSelection
print(kiosk.scanner.listing.list_scanners(ScannerSelection()).why)
assert not [name for name in sys.modules if name.startswith("evdev") and sys.modules[name]]
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert answer.startswith("Scans are read as typed text: ")
    assert ("evdev is not installed" if platform == "linux" else platform) in answer
