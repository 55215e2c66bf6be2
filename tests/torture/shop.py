"""The shop before the storm: its people and stations, and every job started with nothing of it printed."""

from dataclasses import replace

from core.domain.commands import DefineStation
from core.domain.values import OperationType, Route, StationDefinition, StationRole, UnitKind
from core.identity.ids import StationId
from store import Store
from tests.core.shop import ASSEMBLY, CUTTER, FOIL, PACKING, PRESS, QA, spec, step
from tests.support.floor import Floor
from tests.torture.plan import Plan

_STATIONS = {
    StationRole.PRESS: PRESS,
    StationRole.CUTTER: CUTTER,
    StationRole.EMBELLISH: FOIL,
    StationRole.QA: QA,
    StationRole.ASSEMBLY: ASSEMBLY,
    StationRole.PACKING: PACKING,
}
_FOILED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, after="PRINT"),
        step("FOIL", OperationType.FOIL, after="CUT"),
        step("QA", OperationType.QA, after="FOIL"),
    )
)


async def prepared(store: Store, plan: Plan) -> list[StationDefinition]:
    """Furnish the shop, start every job, and return the kiosks' stations."""
    floor = await Floor(store).furnish()
    stations: list[StationDefinition] = []
    for kiosk in plan.kiosks:
        # One scan an operation: what was scanned again after a kill is then known to be done, and nothing else.
        station = replace(
            _STATIONS[kiosk.role],
            station_id=StationId(f"{kiosk.role.value}-{100 + kiosk.number}"),
            name=f"{kiosk.role.value} {kiosk.number}",
            single_scan=True,
        )
        await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=station))
        stations.append(station)
    foiled, plain = spec("FOILED", route=_FOILED), spec("PLAIN")
    for number, planned in enumerate(plan.jobs):
        product = foiled if planned.is_foiled else plain
        await floor.start(product, sets=len(planned.sheets), job=planned.job, order=f"PO2026-{1000 + number}")
    return stations
