"""What scanners tell the kiosk. Made on the reader threads, handed to one callback, read on the event loop.

All are frozen values, so they may cross threads. Times are seconds of the monotonic clock.
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.scanner.verdicts import ScanFault

__all__ = [
    "DeviceStatus",
    "ScanRead",
    "ScanRefused",
    "ScannerMessage",
    "ScannerState",
    "ScannerStateChanged",
]


class ScannerState(StrEnum):
    """How a scanner is, or how all of the station's scanners are."""

    READY = "ready"
    LOST = "lost"
    """It was there and is gone: unplugged, or its cable failed."""
    NO_PERMISSION = "no_permission"
    BUSY = "busy"
    """Another program holds it, or one of its keys is held down."""
    NONE = "none"
    """No scanner is there yet."""
    WEDGE = "wedge"
    """No scanner is read; codes are typed, or come through the terminal."""


@dataclass(frozen=True, slots=True)
class ScanRead:
    """A code was read whole. `text` is as sent; show it only through `kiosk.printable.shown`."""

    text: str
    scanner: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class ScanRefused:
    """A scan may be damaged and was refused whole: tell the operator to scan again."""

    fault: ScanFault
    scanner: str


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One scanner of the station. `why` is a sentence where something is wrong, empty where not."""

    label: str
    path: str
    state: ScannerState
    why: str = ""


@dataclass(frozen=True, slots=True)
class ScannerStateChanged:
    """The station's scanners changed. `state` is the worst that is true of any, `why` the sentence for it."""

    state: ScannerState
    why: str
    devices: tuple[DeviceStatus, ...] = ()

    @property
    def ready(self) -> int:
        """How many scanners can be used now."""
        return sum(device.state is ScannerState.READY for device in self.devices)


ScannerMessage = ScanRead | ScanRefused | ScannerStateChanged
