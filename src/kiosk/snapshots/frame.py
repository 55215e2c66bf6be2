"""What stands around the work area whatever the role is: the header, a notice, and the demo's hint."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.snapshots.tone import Tone


class ConnectionState(StrEnum):
    """Whether the station can reach the database."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONNECTING = "connecting"


class ScannerState(StrEnum):
    """Where this station's scans come from, and whether that works."""

    READY = "ready"
    KEYBOARD = "keyboard"
    MISSING = "missing"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderView:
    """The top line, always in the same place.

    `job` is what is open ("JOB J1044"), `details` further words in reading order; where there
    is no room the first of `details` is dropped first. `offline_for` is an age such as "0:42";
    `kept` counts the scans that wait on this terminal; `clock_off` says by how much this machine's
    own clock is wrong ("+3 m"), where that is worth telling.
    """

    station: str
    job: str = ""
    details: tuple[str, ...] = ()
    connection: ConnectionState = ConnectionState.ONLINE
    offline_for: str = ""
    scanner: ScannerState = ScannerState.READY
    operator: str = ""
    clock: str = ""
    kept: int = 0
    clock_off: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One line above the footer that stays until somebody acts on it: what it is, and the newest of it."""

    words: str
    detail: str = ""
    tone: Tone = Tone.ATTENTION


@dataclass(frozen=True, slots=True, kw_only=True)
class NextScanView:
    """The demo's hint: what could be scanned next here, and how to do it without a scanner."""

    code: str
    why: str = ""
