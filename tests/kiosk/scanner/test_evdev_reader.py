"""The reader thread of one scanner, against a device that comes through a pipe."""

import errno
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import pytest

from kiosk.scanner.decoder import DecoderSettings, Suffix
from kiosk.scanner.evdev_reader import DeviceReader
from kiosk.scanner.input_device import InputEvent, KeyDevice
from kiosk.scanner.messages import ScannerMessage, ScannerState, ScanRead, ScanRefused
from kiosk.scanner.verdicts import FaultReason
from tests.kiosk.scanner.fakes import FakeDevice, Heard
from tests.kiosk.scanner.typist import ENDS, strokes

ENTER = ENDS["enter"]
LONG_SINCE = 10.0
"""Far enough behind the opening that no code can be under way."""


@contextmanager
def reading(
    device: KeyDevice | OSError, settings: DecoderSettings | None = None, *, grab: bool = True
) -> Generator[tuple[DeviceReader, Heard[ScannerMessage], Heard[tuple[ScannerState, str]]]]:
    """Run a reader on `device`; ends it and checks that its thread is gone."""
    messages: Heard[ScannerMessage] = Heard()
    states: Heard[tuple[ScannerState, str]] = Heard()

    def open_device(path: str) -> KeyDevice:
        if isinstance(device, OSError):
            raise device
        return device

    reader = DeviceReader(
        "/dev/input/event7",
        "Fake",
        settings=settings or DecoderSettings(),
        grab=grab,
        open_device=open_device,
        deliver=messages,
        report=lambda state, why: states((state, why)),
    )
    reader.start()
    try:
        yield reader, messages, states
    finally:
        reader.stop()
        assert reader.join(10)


def is_ready(states: list[tuple[ScannerState, str]]) -> bool:
    """The scanner can be used."""
    return (ScannerState.READY, "") in states


def test_a_scan_is_handed_over_by_the_reader() -> None:
    """Typed into the device, it arrives as a message with the scanner's name."""
    device = FakeDevice()
    with reading(device) as (_, messages, states):
        states.wait_for(is_ready)
        assert device.grabbed
        began = time.monotonic() + LONG_SINCE
        ended = device.type(strokes("J1044-S003-07") + ENTER, began)
        [scan] = messages.wait_for(lambda heard: len(heard) == 1)
        assert isinstance(scan, ScanRead)
        assert (scan.text, scan.scanner) == ("J1044-S003-07", "Fake")
        assert began < scan.began < scan.ended < ended
    assert device.closed


def test_a_drop_is_refused_and_the_next_scan_read() -> None:
    """SYN_DROPPED within a code."""
    device = FakeDevice()
    with reading(device) as (_, messages, states):
        states.wait_for(is_ready)
        at = device.type(strokes("J10"), time.monotonic() + LONG_SINCE)
        device.drop(at)
        at = device.type(strokes("3-07") + ENTER, at)
        device.type(strokes("AB") + ENTER, at)
        refused, read = messages.wait_for(lambda heard: len(heard) == 2)
        assert isinstance(refused, ScanRefused)
        assert refused.fault.reason is FaultReason.DROPPED
        assert isinstance(read, ScanRead)
        assert read.text == "AB"


def test_without_a_suffix_the_pause_is_noticed_without_a_further_key() -> None:
    """The reader waits out the pause itself."""
    device = FakeDevice()
    settings = DecoderSettings(suffix=Suffix.NONE, gap_s=0.05)
    with reading(device, settings) as (_, messages, states):
        states.wait_for(is_ready)
        ready_since = time.monotonic()
        # The pause after opening must have passed in the kernel's time, too.
        device.type(strokes("AB"), ready_since + 0.1)
        [scan] = messages.wait_for(lambda heard: len(heard) == 1)
        assert isinstance(scan, ScanRead)
        assert scan.text == "AB"


def test_unplugging_within_a_code_refuses_it_and_ends_the_reader() -> None:
    """A partial code is told, the state is LOST, and the thread ends by itself."""
    device = FakeDevice()
    with reading(device) as (reader, messages, states):
        states.wait_for(is_ready)
        device.type(strokes("J10"), time.monotonic() + LONG_SINCE)
        device.unplug()
        states.wait_for(lambda heard: heard[-1] == (ScannerState.LOST, "it was unplugged"))
        [refused] = messages.wait_for(lambda heard: len(heard) == 1)
        assert isinstance(refused, ScanRefused)
        assert refused.fault.reason is FaultReason.UNPLUGGED
        assert reader.join(10)
        assert not reader.alive
    assert device.closed


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), ScannerState.NO_PERMISSION),
        (PermissionError(errno.EPERM, "Operation not permitted"), ScannerState.NO_PERMISSION),
        (OSError(errno.ENODEV, "No such device"), ScannerState.LOST),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), ScannerState.LOST),
        (OSError(errno.EMFILE, "Too many open files"), ScannerState.LOST),
    ],
)
def test_a_device_that_cannot_be_opened_is_told(error: OSError, state: ScannerState) -> None:
    """Each error of the system becomes a state, never a traceback."""
    with reading(error) as (reader, _, states):
        [(told, why)] = states.wait_for(lambda heard: len(heard) == 1)
        assert told is state
        assert why
        assert reader.join(10)


def test_a_scanner_that_another_program_holds_is_busy_until_it_lets_go() -> None:
    """EBUSY is told once it lasts, and retried until the grab succeeds."""
    device = FakeDevice(grab_errors=[OSError(errno.EBUSY, "Device or resource busy") for _ in range(40)])
    with reading(device) as (_, _, states):
        heard = states.wait_for(lambda heard: len(heard) == 1)
        assert heard == [(ScannerState.BUSY, "another program has taken it")]
        device.grab_errors.clear()
        assert states.wait_for(is_ready)[-1] == (ScannerState.READY, "")


def test_nothing_is_grabbed_while_a_key_is_down() -> None:
    """The console would never see its release; the reader waits for it, and what came before is not a code."""
    device = FakeDevice(held=[42])
    with reading(device) as (_, messages, states):
        device.type(strokes("BEFORE") + ENTER, time.monotonic() + LONG_SINCE)
        states.wait_for(lambda heard: heard == [(ScannerState.BUSY, "one of its keys is held down")])
        assert not device.grabbed
        device.held.clear()
        states.wait_for(is_ready)
        device.type(strokes("AFTER") + ENTER, time.monotonic() + LONG_SINCE)
        [scan] = messages.wait_for(lambda heard: len(heard) == 1)
        assert isinstance(scan, ScanRead)
        assert scan.text == "AFTER"


def test_a_code_under_way_at_the_grab_is_refused() -> None:
    """Its first half went to the console."""
    device = FakeDevice()
    with reading(device) as (_, messages, states):
        states.wait_for(is_ready)
        device.type(strokes("3-07") + ENTER, time.monotonic())
        [refused] = messages.wait_for(lambda heard: len(heard) == 1)
        assert isinstance(refused, ScanRefused)
        assert refused.fault.reason is FaultReason.STARTED_MID_CODE


def test_a_reader_without_grab_leaves_the_keys_to_others() -> None:
    """For a developer's desk."""
    device = FakeDevice(held=[42])
    with reading(device, grab=False) as (_, _, states):
        states.wait_for(is_ready)
        assert not device.grabbed


def test_a_reader_can_be_stopped_from_its_own_callback() -> None:
    """Stopping on a scan neither deadlocks nor raises."""
    device = FakeDevice()
    stopped = threading.Event()
    ready = threading.Event()

    def stop_at_once(_: ScannerMessage) -> None:
        reader.stop()
        assert not reader.join(1)
        stopped.set()

    reader = DeviceReader(
        "/dev/input/event7",
        "Fake",
        settings=DecoderSettings(),
        grab=True,
        open_device=lambda _: device,
        deliver=stop_at_once,
        report=lambda *_: ready.set(),
    )
    reader.start()
    assert ready.wait(10)
    device.type(strokes("AB") + ENTER, time.monotonic() + LONG_SINCE)
    assert stopped.wait(10)
    assert reader.join(10)


def test_a_fault_of_the_reader_itself_is_a_state(caplog: pytest.LogCaptureFixture) -> None:
    """Even a bug leaves no scanner silently dead: the state says so and the traceback is in the log."""

    class Broken(FakeDevice):
        def read(self) -> Sequence[InputEvent]:
            raise ZeroDivisionError

    with reading(Broken()) as (_, _, states):
        [(state, why)] = states.wait_for(lambda heard: len(heard) == 1)
    assert (state, why) == (ScannerState.LOST, "its reader failed and is started again")
    assert "ZeroDivisionError" in caplog.text
