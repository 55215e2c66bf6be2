"""One open input device of the kernel, through evdev: the only place that imports that library.

The reader thread opens, reads and closes it; tests hand in a device of their own with the same methods.
"""

import array
import errno
import os
import struct
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Final, NamedTuple, Protocol, cast

__all__ = ["InputEvent", "KeyDevice", "missing_support", "open_device"]

_EVIOCSCLOCKID: Final = 0x400445A0
_EVIOCSMASK: Final = 0x40104593
_CLOCK_MONOTONIC: Final = 1
_EV_MSC: Final = 4
# struct input_event: two longs of time, type, code, value. Read whole, without an object for each event.
_EVENT: Final = struct.Struct("@llHHi")
_READ_BYTES: Final = 1024 * _EVENT.size


class InputEvent(NamedTuple):
    """One event of the kernel; `at` is in seconds of the monotonic clock."""

    type: int
    code: int
    value: int
    at: float


class KeyDevice(Protocol):
    """What the reader thread needs of a device. Every method may raise OSError; ENODEV means unplugged."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        ...

    def read(self) -> Sequence[InputEvent]:
        """Return all that is there now without waiting, empty for nothing."""
        ...

    def held_keys(self) -> Collection[int]:
        """Return the codes of the keys that are down."""
        ...

    def grab(self) -> None:
        """Take the device for this process alone; EBUSY when another has it."""
        ...

    def close(self) -> None:
        """Give the device back; never raises, and ends a grab."""
        ...


def missing_support() -> str | None:
    """Return why scanners of this machine cannot be read at all, None where they can."""
    if sys.platform != "linux":
        return f"scanners are read through Linux input devices, and this is {sys.platform}"
    if find_spec("evdev") is None:
        return "the library evdev is not installed (pip install evdev-binary)"
    return None


def open_device(path: str) -> KeyDevice:
    """Open the input device at `path`; raises OSError, of which PermissionError and ENODEV are to be expected."""
    return _EvdevDevice(path)


class _EvdevDevice:
    def __init__(self, path: str) -> None:
        from evdev import InputDevice  # noqa: PLC0415 - the package must load where evdev is missing

        # Read-only: opening for writing makes some scanners set their lamps again.
        self._device: InputDevice[str] = InputDevice(path, readonly=True)
        self._stamped = self._ask_for_monotonic_times()
        self._leave_out_scan_codes()

    def _ask_for_monotonic_times(self) -> bool:
        return self._control(_EVIOCSCLOCKID, struct.pack("i", _CLOCK_MONOTONIC))

    def _leave_out_scan_codes(self) -> None:
        # The kernel keeps 64 events for a reader that is late. Without the scan code that comes with each
        # key that is half as many characters again. Kernels before 4.4 cannot, and need not.
        none = array.array("B", bytes(8))
        self._control(_EVIOCSMASK, struct.pack("IIQ", _EV_MSC, len(none), none.buffer_info()[0]))

    def _control(self, request: int, argument: bytes) -> bool:
        from fcntl import ioctl  # noqa: PLC0415 - not on Windows, where this package must still load

        try:
            ioctl(self._device.fd, request, argument)
        except OSError:
            return False
        return True

    def fileno(self) -> int:
        return self._device.fd

    def read(self) -> Sequence[InputEvent]:
        try:
            raw = os.read(self._device.fd, _READ_BYTES)
        except BlockingIOError:
            return ()
        now = None if self._stamped else time.monotonic()
        return [
            InputEvent(kind, code, value, seconds + micros / 1e6 if now is None else now)
            for seconds, micros, kind, code, value in _EVENT.iter_unpack(raw)
        ]

    def held_keys(self) -> Collection[int]:
        try:
            return cast("list[int]", self._device.active_keys())
        except SystemError as error:
            # evdev's way to say that the device is gone.
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from error

    def grab(self) -> None:
        self._device.grab()

    def close(self) -> None:
        with suppress(OSError):
            self._device.close()
