"""The shop before the storm: every kiosk's job brought as far as its station is to take it on."""

from dataclasses import dataclass, replace

from core.domain.commands import DefineStation
from core.domain.values import OperationType, Route, StationDefinition, StationRole, UnitKind
from core.identity.ids import StationId, assembly_of, sheet_id
from store import Store
from tests.core.shop import ASSEMBLY, CUTTER, FOIL, PRESS, spec, step
from tests.support.floor import Floor
from tests.torture.plan import KioskPlan, Plan

_STATIONS = {
    StationRole.PRESS: PRESS,
    StationRole.CUTTER: CUTTER,
    StationRole.EMBELLISH: FOIL,
    StationRole.ASSEMBLY: ASSEMBLY,
}
_FOILED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, after="PRINT"),
        step("FOIL", OperationType.FOIL, after="CUT"),
        step("QA", OperationType.QA, after="FOIL"),
    )
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A kiosk's station, and what its operator is going to scan."""

    station: StationDefinition
    codes: list[str]


async def prepared(store: Store, plan: Plan) -> list[Prepared]:
    """Furnish the shop and prepare every kiosk's job."""
    floor = await Floor(store).furnish()
    return [await _prepared(floor, kiosk) for kiosk in plan.kiosks]


async def _prepared(floor: Floor, kiosk: KioskPlan) -> Prepared:
    kind = _STATIONS[kiosk.role]
    # One scan an operation: what was scanned again after a kill is then known to be done, and nothing else.
    station = replace(
        kind,
        station_id=StationId(f"{kiosk.role.value}-{100 + kiosk.number}"),
        name=f"{kiosk.role.value} {kiosk.number}",
        single_scan=True,
    )
    await floor.accept(DefineStation(at=floor.now, operator_id=None, station_id=None, station=station))
    product = spec("FOILED", route=_FOILED) if kiosk.role is StationRole.EMBELLISH else spec("PLAIN")
    job = await floor.start(product, sets=kiosk.sheets, job=kiosk.job, order=f"PO2026-{1000 + kiosk.number}")
    sheets = [sheet_id(job, number) for number in range(1, kiosk.sheets + 1)]
    match kiosk.role:
        case StationRole.PRESS:
            return Prepared(station, list(sheets))
        case StationRole.CUTTER:
            for sheet in sheets:
                await floor.scan(PRESS, sheet)
                await floor.scan(PRESS, sheet)
            return Prepared(station, list(sheets))
        case StationRole.EMBELLISH:
            return Prepared(
                station, [card for number in range(1, kiosk.sheets + 1) for card in await floor.cut(job, number)]
            )
        case _:
            codes: list[str] = []
            for number, sheet in enumerate(sheets, start=1):
                cards = await floor.cut(job, number)
                for card in cards:
                    await floor.inspect(card)
                codes += [assembly_of(sheet), *cards]
            return Prepared(station, codes)
