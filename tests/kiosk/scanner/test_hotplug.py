"""Scanners come and go: a folder stands for /dev/input, pipes for the devices."""

import errno
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.scanner import input_device
from kiosk.scanner.devices import InputTree
from kiosk.scanner.hotplug import Scanners
from kiosk.scanner.input_device import KeyDevice
from kiosk.scanner.messages import ScannerMessage, ScannerState, ScannerStateChanged, ScanRead
from kiosk.scanner.selection import ScannerInput, ScannerSelection, parse_rule
from tests.kiosk.scanner.fakes import FakeDevice, FakeTree, Heard
from tests.kiosk.scanner.typist import ENDS, strokes

BY_MODEL = ScannerSelection(rules=(parse_rule("0c2e:0b61"),))


@dataclass
class Bench:
    """A machine whose scanners the test plugs."""

    fake: FakeTree
    heard: Heard[ScannerMessage]
    scanners: Scanners
    devices: dict[str, list[FakeDevice]] = field(default_factory=dict)

    def plug(self, number: int, serial: str = "", *, model: str = "0c2e:0b61") -> FakeDevice:
        """Plug a scanner in."""
        device = FakeDevice()
        self.devices.setdefault(str(self.fake.nodes / f"event{number}"), []).append(device)
        self.fake.plug(number, serial=serial, model=model)
        return device

    def unplug(self, number: int, device: FakeDevice) -> None:
        """Pull it out: the node goes, and reading fails."""
        self.fake.unplug(number)
        device.unplug()

    def state(self, state: ScannerState, ready: int | None = None) -> ScannerStateChanged:
        """Wait until the last state told is this one."""

        def holds(messages: list[ScannerMessage]) -> bool:
            last = [message for message in messages if isinstance(message, ScannerStateChanged)][-1:]
            return bool(last) and last[0].state is state and ready in (None, last[0].ready)

        return [m for m in self.heard.wait_for(holds) if isinstance(m, ScannerStateChanged)][-1]

    def read(self, device: FakeDevice, text: str) -> None:
        """Scan a code and wait for it."""
        device.type(strokes(text) + ENDS["enter"], time.monotonic() + 10)
        self.heard.wait_for(lambda heard: any(isinstance(m, ScanRead) and m.text == text for m in heard))


@contextmanager
def bench(tmp_path: Path, selection: ScannerSelection = BY_MODEL) -> Generator[Bench]:
    """Start the scanners over an empty folder; checks at the end that every thread has ended."""
    fake = FakeTree(tmp_path)
    fake.nodes.mkdir()
    devices: dict[str, list[FakeDevice]] = {}

    def open_device(path: str) -> KeyDevice:
        if not devices.get(path):
            raise OSError(errno.ENODEV, "No such device")
        return devices[path].pop()

    heard: Heard[ScannerMessage] = Heard()
    scanners = Scanners(
        selection,
        heard,
        tree=InputTree(fake.nodes, fake.sysfs),
        open_device=open_device,
        look_every_s=0.01,
        permission_grace_s=0.05,
    )
    scanners.start()
    try:
        yield Bench(fake, heard, scanners, devices)
    finally:
        assert scanners.stop(10)


def test_with_no_scanner_there_is_a_state_at_once(tmp_path: Path) -> None:
    """The screen never waits for a scanner to be plugged to say something."""
    with bench(tmp_path) as shop:
        assert "no scanner is plugged in" in shop.state(ScannerState.NONE).why


def test_a_scanner_is_read_when_it_is_plugged_lost_and_back(tmp_path: Path) -> None:
    """Plug, scan, unplug, plug under the same number, scan."""
    with bench(tmp_path) as shop:
        shop.state(ScannerState.NONE)
        device = shop.plug(4, "SN1")
        shop.state(ScannerState.READY, 1)
        shop.read(device, "ONE")
        shop.unplug(4, device)
        lost = shop.state(ScannerState.LOST, 0)
        assert lost.why == "Fake Scanner SN1: it was unplugged"
        again = shop.plug(4, "SN1")
        shop.state(ScannerState.READY, 1)
        shop.read(again, "TWO")
    assert again.closed


def test_a_number_may_come_back_as_another_device(tmp_path: Path) -> None:
    """Event numbers are reused: the new device is read as itself, and takes the place of the lost one."""
    with bench(tmp_path) as shop:
        device = shop.plug(4, "SN1")
        shop.state(ScannerState.READY, 1)
        shop.unplug(4, device)
        shop.plug(4, "SN2")
        shop.heard.wait_for(
            lambda heard: (
                isinstance(heard[-1], ScannerStateChanged)
                and [(d.label, d.state) for d in heard[-1].devices] == [("Fake Scanner SN2", ScannerState.READY)]
            )
        )


def test_of_two_scanners_one_may_be_lost(tmp_path: Path) -> None:
    """The state says that one is missing while the other still reads."""
    with bench(tmp_path) as shop:
        one, two = shop.plug(4, "SN1"), shop.plug(5, "SN2")
        shop.state(ScannerState.READY, 2)
        shop.unplug(4, one)
        assert shop.state(ScannerState.LOST, 1).why.startswith("Fake Scanner SN1")
        shop.read(two, "STILL")
        shop.plug(6, "SN1")
        shop.state(ScannerState.READY, 2)


def test_other_devices_are_never_opened(tmp_path: Path) -> None:
    """A keyboard that no rule names stays free."""
    with bench(tmp_path) as shop:
        keyboard = shop.plug(0, model="0001:0001")
        status = shop.heard.wait_for(lambda heard: any("plugged in; codes" in str(m) for m in heard))[-1]
        assert isinstance(status, ScannerStateChanged)
        shop.plug(4)
        shop.state(ScannerState.READY, 1)
        assert not keyboard.grabbed
        assert not keyboard.closed


def test_no_permission_is_told_only_when_it_lasts(
    tmp_path: Path, unreadable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system opens the node a moment after it appears; until then nothing is wrong, and after it all is well."""
    with bench(tmp_path) as shop:
        shop.plug(4)
        assert "may not open it" in shop.state(ScannerState.NO_PERMISSION).why
        monkeypatch.undo()
        shop.state(ScannerState.READY, 1)


def test_a_wedge_station_says_so_and_looks_for_nothing(tmp_path: Path) -> None:
    """The why is for the screen's status line."""
    with bench(tmp_path, ScannerSelection(input=ScannerInput.WEDGE)) as shop:
        assert "typed text" in shop.state(ScannerState.WEDGE).why
        assert shop.scanners.status is not None


@pytest.mark.parametrize(
    ("wanted", "state"), [(ScannerInput.AUTO, ScannerState.WEDGE), (ScannerInput.EVDEV, ScannerState.NONE)]
)
def test_without_evdev_the_wedge_is_chosen_and_the_reason_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: ScannerInput, state: ScannerState
) -> None:
    """On another system, or where the library is missing."""
    monkeypatch.setattr(input_device, "missing_support", lambda: "the library evdev is not installed")
    with bench(tmp_path, ScannerSelection(input=wanted)) as shop:
        assert "not installed" in shop.state(state).why


def test_a_callback_that_raises_does_not_end_the_reading(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An app that is closing may refuse a message; the scanner stays alive."""
    fake = FakeTree(tmp_path)
    fake.plug(4)
    device = FakeDevice()
    heard: Heard[ScannerMessage] = Heard()

    def deliver(message: ScannerMessage) -> None:
        heard(message)
        raise RuntimeError("closing")

    scanners = Scanners(
        BY_MODEL, deliver, tree=InputTree(fake.nodes, fake.sysfs), open_device=lambda _: device, look_every_s=0.01
    )
    scanners.start()
    heard.wait_for(lambda messages: any(isinstance(m, ScannerStateChanged) and m.ready for m in messages))
    for text in ("ONE", "TWO"):
        device.type(strokes(text) + ENDS["enter"], time.monotonic() + 10)
        heard.wait_for(lambda messages, text=text: any(isinstance(m, ScanRead) and m.text == text for m in messages))
    assert scanners.stop(10)
    assert "could not be handed over" in caplog.text


def test_stopping_twice_or_before_the_start_is_harmless(tmp_path: Path) -> None:
    """An app that fails while starting still stops everything."""
    scanners = Scanners(BY_MODEL, lambda _: None, tree=InputTree(tmp_path, tmp_path))
    assert scanners.stop()
    with bench(tmp_path) as shop:
        assert shop.scanners.stop(10)
