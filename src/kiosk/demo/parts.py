"""Who plays what in the demo: the station and badge of each role, and who works at all the others."""

import os
from dataclasses import dataclass
from typing import Final

from core.domain.values import StationRole
from core.identity.ids import OperatorId, StationId
from kiosk.config.file import Config
from kiosk.simulation.errands import Bench

__all__ = ["MANAGER", "MANAGER_PIN", "PARTS", "READY", "Part", "again", "cast"]

READY: Final = "ready"
"""What the shop's process says on its standard output once the first screen has something to show."""

MANAGER: Final = OperatorId("OP-70")
MANAGER_PIN: Final = "2468"
"""Said on the demo's help: whoever plays a manager has to know it."""


def again(*, fresh: bool = False) -> str:
    """Return what to type to open the demo again, as it was started: by make, or by the program itself."""
    if os.environ.get("KIOSK_STARTED_BY") == "make":
        return "make demo ARGS=--fresh" if fresh else "make demo"
    return "kiosk demo --fresh" if fresh else "kiosk demo"


@dataclass(frozen=True, slots=True)
class Part:
    """The station that whoever plays a role works at, and the badge to log on with."""

    station_id: StationId
    badge: OperatorId


_PLAYER: Final = OperatorId("OP-41")

PARTS: Final = {
    StationRole.PRESS: Part(StationId("PRESS-1"), _PLAYER),
    StationRole.EMBELLISH: Part(StationId("UV-1"), _PLAYER),
    StationRole.CUTTER: Part(StationId("CUT-1"), _PLAYER),
    StationRole.CARDOPS: Part(StationId("NUM-1"), _PLAYER),
    StationRole.QA: Part(StationId("QA-BENCH-1"), _PLAYER),
    StationRole.ASSEMBLY: Part(StationId("ASSY-1"), _PLAYER),
    StationRole.PACKING: Part(StationId("PACK-1"), _PLAYER),
    StationRole.LEAD: Part(StationId("LEAD-1"), OperatorId("OP-60")),
}
"""Where each role is played."""

_FIRST_BADGE: Final = 42
_LEADS: Final = (OperatorId("OP-60"), OperatorId("OP-61"))


def cast(config: Config) -> tuple[Bench, ...]:
    """Return every station of the demo's shop with the person who works there when nobody plays it."""
    benches: list[Bench] = []
    leads = iter(_LEADS)
    number = _FIRST_BADGE
    for stanza in config.stations:
        if stanza.role is StationRole.LEAD:
            benches.append(Bench(station=stanza.definition(), operator_id=next(leads)))
        else:
            benches.append(Bench(station=stanza.definition(), operator_id=OperatorId(f"OP-{number}")))
            number += 1
    return tuple(benches)
