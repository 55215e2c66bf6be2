"""The shop of the end-to-end tests: its kiosk.toml, its product, and its order."""

from pathlib import Path

from core.domain.values import OperationType, Route, UnitKind
from core.identity.ids import JobId
from kiosk.config.choosing import station_named
from kiosk.config.file import Config, load_config
from kiosk.config.stations import StationStanza
from tests.core.shop import spec, step
from tests.support.floor import Floor

STATIONS = {
    "PRESS-1": 'role = "PRESS"',
    "UV-1": 'role = "EMBELLISH"\nwork = ["UV"]',
    "CUT-1": 'role = "CUTTER"\nsingle_scan = true',
    "NUM-1": 'role = "CARDOPS"\nwork = ["NUMBER"]',
    "QA-BENCH-1": 'role = "QA"',
    "ASSY-1": 'role = "ASSEMBLY"',
    "ASSY-2": 'role = "ASSEMBLY"',
    "PACK-1": 'role = "PACKING"',
    "LEAD-1": 'role = "LEAD"',
}

_QA_CODES = """
[[qa.code]]
code = "F-201"
words = "foil misregistered"
favourite = 1

[[qa.code]]
code = "C-301"
words = "edge damaged"
"""

ROUTE = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("UV", OperationType.UV, after="CUT"),
        step("NUMBER", OperationType.NUMBER, after="UV"),
        step("QA", OperationType.QA, after="NUMBER"),
    )
)


def write_config(folder: Path) -> Path:
    """Write the shop's kiosk.toml into a folder and return its path."""
    stations = "\n".join(
        f'[[station]]\nid = "{station}"\nrepeat_guard_seconds = 0\n{rest}\n' for station, rest in STATIONS.items()
    )
    log = folder / "kiosk.log"
    settings = f'[shop]\ntimezone = "UTC"\n[display]\nsound = false\n[log]\nfile = "{log}"\n'
    path = folder / "kiosk.toml"
    path.write_text(f"{settings}{_QA_CODES}{stations}", encoding="utf-8")
    return path


def read_config(folder: Path) -> Config:
    """Return the shop's configuration as the program reads it."""
    return load_config(write_config(folder))


def stanza(config: Config, station: str) -> StationStanza:
    """Return a station's table of the configuration."""
    found = station_named(config, station)
    assert found is not None
    return found


async def order_dragons(floor: Floor, *, sets: int) -> JobId:
    """Furnish the shop, order sets of four cards of one product, and start the job."""
    await floor.furnish()
    return await floor.start(spec(n_up=4, route=ROUTE), sets=sets)
