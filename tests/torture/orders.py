"""What a kiosk's process is told, and the files by which it and whoever torments it know of each other."""

import contextlib
from pathlib import Path

import msgspec

from core.domain.values import StationDefinition
from tests.torture.plan import Errand

NEVER_OVERDUE = 1e6
"""Minutes: which sets are flagged as overdue is a matter of time, and two runs of one seed are to say the same."""

_LINES_A_PAGE = 100


class KioskOrders(msgspec.Struct):
    """What a kiosk process is told when it is started.

    The first errand is due at ``begins``, seconds of the machine's monotonic clock, and then one ``every`` so many.
    """

    dsn: str
    station: StationDefinition
    errands: list[Errand]
    begins: float
    every: float
    folder: str

    def journal(self, number: int) -> Path:
        """Where the person writes down what became of an errand, a line each, flushed.

        Many small files: whatever limits a kiosk's files to stand for a full disk is not to stop its person's pen.
        """
        return Path(self.folder) / f"journal-{number // _LINES_A_PAGE:05d}"

    @property
    def weather(self) -> Path:
        """What befalls this machine now."""
        return Path(self.folder) / "weather.json"

    @property
    def arrived(self) -> Path:
        """How many of the errands, from the first on, have before them what they need."""
        return Path(self.folder) / "arrived"

    @property
    def done(self) -> Path:
        """Made when everything was scanned and nothing is kept here any more."""
        return Path(self.folder) / "done"


class Weather(msgspec.Struct):
    """How the machine of a kiosk is: how far its clock is off, in seconds, and whether its disk is full."""

    clock: float = 0.0
    disk_full: bool = False


def seen(orders: KioskOrders) -> list[str]:
    """Return the verdicts that the person wrote down, one a code; a line that was cut off was never seen."""
    pages = sorted(Path(orders.folder).glob("journal-*"))
    return [line for page in pages for line in page.read_text(encoding="utf-8").split("\n")[:-1]]


def arrived(orders: KioskOrders) -> int:
    """Return how many of the errands can be done; none before anybody said so."""
    with contextlib.suppress(OSError, ValueError):
        return int(orders.arrived.read_text(encoding="ascii"))
    return 0


def say(path: Path, content: bytes) -> None:
    """Write a file that is never seen half written."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
