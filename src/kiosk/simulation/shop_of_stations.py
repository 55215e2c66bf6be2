"""A shop of any number of kiosks for the simulation: stations in proportion to the work, each with its person."""

from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice

from core.domain.commands import DefineStation, RegisterOperator
from core.domain.values import WORK_OF_ROLE, OperatorRole, StationDefinition, StationRole
from core.identity.ids import OperatorId, StationId
from kiosk.simulation.errands import Bench

__all__ = ["MANAGER", "SimulatedShop", "shop_of"]

MANAGER = OperatorId("OP-9001")
"""The manager of a simulated shop; works at no station, so has gathered nothing."""

# One of each first, so that even eight kiosks are a whole shop; then in proportion to the scans of a card's life.
_FIRST = tuple(StationRole)
_THEN = (
    StationRole.QA,
    StationRole.ASSEMBLY,
    StationRole.CARDOPS,
    StationRole.QA,
    StationRole.EMBELLISH,
    StationRole.CARDOPS,
    StationRole.ASSEMBLY,
    StationRole.QA,
    StationRole.PACKING,
    StationRole.CARDOPS,
    StationRole.QA,
    StationRole.PRESS,
    StationRole.ASSEMBLY,
    StationRole.CUTTER,
)

_PREFIX = {
    StationRole.PRESS: "PRESS",
    StationRole.EMBELLISH: "EMB",
    StationRole.CUTTER: "CUT",
    StationRole.CARDOPS: "OPS",
    StationRole.QA: "QA-BENCH",
    StationRole.ASSEMBLY: "ASSY",
    StationRole.PACKING: "PACK",
    StationRole.LEAD: "LEAD",
}

_ROLES = {
    StationRole.QA: (OperatorRole.OPERATOR, OperatorRole.INSPECTOR),
    StationRole.LEAD: (OperatorRole.OPERATOR, OperatorRole.LEAD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedShop:
    """The benches, and the commands that set them up."""

    benches: tuple[Bench, ...]

    def commands(self, at: datetime) -> tuple[DefineStation | RegisterOperator, ...]:
        """Define every station and register every person, the manager too."""
        stations = [
            DefineStation(at=at, operator_id=None, station_id=None, station=bench.station) for bench in self.benches
        ]
        people = [
            _registered(bench.operator_id, _ROLES.get(bench.station.role, (OperatorRole.OPERATOR,)), at)
            for bench in self.benches
        ]
        return (*stations, *people, _registered(MANAGER, (OperatorRole.MANAGER,), at))


def _registered(badge: OperatorId, roles: tuple[OperatorRole, ...], at: datetime) -> RegisterOperator:
    return RegisterOperator(at=at, operator_id=None, station_id=None, badge=badge, name=badge, roles=roles)


def shop_of(kiosks: int) -> SimulatedShop:
    """Return a shop of so many kiosks, 8 at least: one of each role, then in proportion to the work."""
    roles = tuple(islice((*_FIRST, *islice(cycle(_THEN), max(0, kiosks - len(_FIRST)))), max(kiosks, len(_FIRST))))
    counted: dict[StationRole, int] = {}
    benches: list[Bench] = []
    for place, role in enumerate(roles, 1):
        number = counted[role] = counted.get(role, 0) + 1
        station = StationDefinition(
            station_id=StationId(f"{_PREFIX[role]}-{number}"),
            name=f"{_PREFIX[role].title()} {number}",
            role=role,
            work=tuple(sorted(WORK_OF_ROLE[role])),
            single_scan=role is StationRole.CUTTER,
        )
        benches.append(Bench(station=station, operator_id=OperatorId(f"OP-{1000 + place}")))
    return SimulatedShop(benches=tuple(benches))
