"""How a simulated station looks around: the store's queries, made into a `Sight`.

The only part of the simulation that reads; called by `workers` and by the demo's adviser. What one
process learns once (a job's product, whose hands hold what) its stations share through `Floor`.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.domain.values import (
    CardUnitStatus,
    OperationType,
    ProductSpec,
    StationDefinition,
    StationRole,
    UnitKind,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    PackId,
    SheetId,
    next_box_id,
    parse_pack_id,
    sheet_of_assembly,
)
from kiosk.simulation.sights import BoxSeen, FailedSeen, GateSeen, SetSeen, Sight, TraySeen, UnitSeen, keeping_back
from store.read_models.station_queues import QueueEntry
from store.store import Store

__all__ = ["Floor", "look"]

_REMEMBERED = 2000

_SHEET_WORK = frozenset({StationRole.PRESS, StationRole.EMBELLISH, StationRole.CUTTER})
_FOREIGN_CODE = "4006381333931"
"""The barcode of a bottle of water: no code of this shop."""


@dataclass(slots=True)
class Floor:
    """What the stations of one process share: whose hands hold what, and what anybody has learned.

    Two people cannot hold one card; between processes the database says who was first. ``put_down``
    is when units left somebody's hands, on the clock of whoever keeps it.
    """

    taken: set[str] = field(default_factory=set[str])
    put_down: dict[str, float] = field(default_factory=dict[str, float])
    specs: dict[JobId, ProductSpec] = field(default_factory=dict[JobId, ProductSpec])
    sheets_seen: deque[str] = field(default_factory=lambda: deque[str](maxlen=40))
    cards_seen: deque[str] = field(default_factory=lambda: deque[str](maxlen=40))

    def take(self, units: Iterable[str]) -> bool:
        """Take all these units in hand, or none where somebody holds one of them."""
        wanted = tuple(units)
        if not self.taken.isdisjoint(wanted):
            return False
        self.taken.update(wanted)
        return True

    def put(self, units: Iterable[str], moment: float) -> None:
        """Put units down again."""
        for unit in units:
            if unit in self.taken:
                self.taken.remove(unit)
                self.put_down[unit] = moment
        if len(self.put_down) > _REMEMBERED:
            for unit in tuple(self.put_down)[: _REMEMBERED // 2]:
                del self.put_down[unit]

    def out_of_sight(self, looked: float) -> set[str]:
        """The units of which a look that began at ``looked`` says nothing certain: held, or put down since."""
        return self.taken | {unit for unit, moment in self.put_down.items() if moment >= looked}

    async def learn(self, store: Store, jobs: Iterable[str]) -> None:
        """Get to know the products of these jobs."""
        for job in {JobId(job) for job in jobs} - self.specs.keys():
            spec = await store.job_spec(job)
            if spec is not None:
                self.specs[job] = spec


async def look(store: Store, floor: Floor, station: StationDefinition, *, limit: int = 60, keep: int = 0) -> Sight:
    """Return what the station sees now, without the ``keep`` most urgent pieces, which are somebody else's."""
    match station.role:
        case StationRole.ASSEMBLY:
            return await _trays(store, floor, station, limit, keep)
        case StationRole.PACKING:
            return keeping_back(await _sets(store, floor, station, limit), keep)
        case StationRole.LEAD:
            return keeping_back(await _decisions(store, floor, station, limit), keep)
        case _:
            return keeping_back(await _units(store, floor, station, limit), keep)


# -- work on sheets and cards -----------------------------------------------------


async def _units(store: Store, floor: Floor, station: StationDefinition, limit: int) -> Sight:
    queue = await store.station_queue(station, limit)
    entries = (*queue.at_station, *queue.ready)
    await floor.learn(store, (entry.job_id for entry in entries))
    marks = await _marks(store, entries) if station.role is StationRole.CARDOPS else {}
    for entry in queue.ready[:3]:
        (floor.sheets_seen if entry.unit_kind == "sheet" else floor.cards_seen).append(entry.unit_id)
    return Sight(
        at_station=tuple(_seen(floor, station, entry, marks) for entry in queue.at_station if not entry.on_hold),
        ready=tuple(_seen(floor, station, entry, marks) for entry in queue.ready),
        strays=_strays(floor, station),
    )


async def _marks(store: Store, entries: Sequence[QueueEntry]) -> dict[str, tuple[str | None, str | None]]:
    """The numbers and serials that reworked cards carry already."""
    cards = [entry.unit_id for entry in entries if entry.unit_kind == "card"]
    rows = await store.cards(cards) if cards else ()
    return {row.card_unit_id: (row.number, row.serial) for row in rows}


def _seen(
    floor: Floor,
    station: StationDefinition,
    entry: QueueEntry,
    marks: dict[str, tuple[str | None, str | None]],
) -> UnitSeen:
    job = JobId(entry.job_id)
    number, serial = marks.get(entry.unit_id, (None, None))
    return UnitSeen(
        unit_id=SheetId(entry.unit_id) if entry.unit_kind == "sheet" else CardUnitId(entry.unit_id),
        job_id=job,
        work=_work_of(floor.specs.get(job), station, entry.operation),
        number=number,
        serial=serial,
        since=entry.since,
    )


def _work_of(spec: ProductSpec | None, station: StationDefinition, operations: str) -> OperationType:
    """The kind of work that the station does on a unit that is ready for these operations."""
    if spec is not None:
        steps = {step.operation: step.work for step in spec.route.steps}
        for operation in operations.split("+"):
            work = steps.get(OperationCode(operation))
            if work is not None and work in station.work:
                return work
    return station.work[0]


def _strays(floor: Floor, station: StationDefinition) -> tuple[str, ...]:
    """Codes that this station can never use, whatever state their units are in."""
    wrong = floor.sheets_seen if station.role not in _SHEET_WORK else floor.cards_seen
    if station.role is StationRole.EMBELLISH:
        # Embellishing is done on sheets and on cards alike: only a foreign code is surely wrong.
        return (_FOREIGN_CODE,)
    if station.role is StationRole.PACKING:
        wrong = floor.cards_seen
    return (_FOREIGN_CODE, *list(wrong)[-3:])


# -- sets -------------------------------------------------------------------------


async def _trays(store: Store, floor: Floor, station: StationDefinition, limit: int, keep: int) -> Sight:
    """The nearest-to-complete trays in detail; the rest is not looked into."""
    queue = await store.station_queue(station, limit)
    worth = [entry for entry in queue.ready[keep:] if entry.cards_waiting and entry.unit_id not in floor.taken]
    worth.sort(key=lambda entry: entry.cards_total - entry.cards_in - entry.cards_waiting)
    trays = [tray for entry in worth[:3] if (tray := await tray_of(store, AssemblyId(entry.unit_id))) is not None]
    return Sight(
        trays=tuple(trays),
        foreign=tuple(card for tray in trays for card in tray.waiting),
        strays=_strays(floor, station),
    )


async def tray_of(store: Store, assembly: AssemblyId) -> TraySeen | None:
    """A set's tray in detail; None where there is no such set."""
    row = await store.assembly(assembly)
    if row is None:
        return None
    cards = await store.cards_of(sheet_of_assembly(assembly))
    return TraySeen(
        assembly_id=assembly,
        expected=row.expected_count,
        gathered=row.gathered,
        waiting=tuple(card.card_unit_id for card in cards if card.status is CardUnitStatus.QA_PASSED),
        stands_at=row.last_station_id if row.gathered else None,
        needs_authorization=row.needs_authorization,
    )


async def _sets(store: Store, floor: Floor, station: StationDefinition, limit: int) -> Sight:
    queue = await store.station_queue(station, limit)
    ready = [entry for entry in queue.ready if not entry.needs_authorization and entry.unit_id not in floor.taken]
    jobs = dict.fromkeys(JobId(entry.job_id) for entry in ready[:4])
    boxes: list[BoxSeen] = []
    labels: list[PackId] = []
    for job in jobs:
        packs = await store.packs_of(job)
        # A box that somebody in this process is about to open counts already.
        claimed = (pack for unit in floor.taken if (pack := parse_pack_id(unit)) is not None)
        labels.append(next_box_id(job, (*(pack.pack_id for pack in packs), *claimed)))
        boxes += [
            BoxSeen(pack_id=pack.pack_id, job_id=job, sets=len(pack.sets))
            for pack in packs
            if pack.status == "OPEN" and pack.station_id == station.station_id
        ]
    return Sight(
        sets=tuple(SetSeen(assembly_id=AssemblyId(entry.unit_id), job_id=JobId(entry.job_id)) for entry in ready),
        boxes=tuple(boxes),
        next_boxes=tuple(labels),
        strays=_strays(floor, station),
    )


# -- decisions --------------------------------------------------------------------


async def _decisions(store: Store, floor: Floor, station: StationDefinition, limit: int) -> Sight:
    failed = await store.cards_in(CardUnitStatus.QA_FAILED, limit)
    passed = await store.cards_in(CardUnitStatus.QA_PASSED, 10)
    voided = await store.cards_in(CardUnitStatus.VOIDED, 500)
    gates = await store.station_queue(station, limit)
    packing = StationDefinition(
        station_id=station.station_id, name=station.name, role=StationRole.PACKING, work=(OperationType.PACK,)
    )
    complete = await store.station_queue(packing, limit)
    await floor.learn(store, [*(row.job_id for row in failed), *(entry.job_id for entry in gates.ready)])
    on_the_floor = {row.job_id for row in await store.jobs(on_the_floor=True) if row.status == "STARTED"}
    return Sight(
        failed=tuple(
            FailedSeen(card_unit_id=row.card_unit_id, rework=row.rework) for row in failed if row.job_id in on_the_floor
        ),
        gates=tuple(
            GateSeen(unit_id=_unit_id(entry), job_id=JobId(entry.job_id))
            for entry in gates.ready
            if OperationType.GATE in station.work
        ),
        gaps=tuple(row.card_unit_id for row in voided if row.replaced_by is None and row.job_id in on_the_floor),
        sets=tuple([await _unauthorized(store, entry) for entry in complete.ready if entry.needs_authorization]),
        lost=tuple(row.card_unit_id for row in passed if row.job_id in on_the_floor),
    )


def _unit_id(entry: QueueEntry) -> SheetId | CardUnitId:
    kind = UnitKind.SHEET if entry.unit_kind == "sheet" else UnitKind.CARD
    return SheetId(entry.unit_id) if kind is UnitKind.SHEET else CardUnitId(entry.unit_id)


async def _unauthorized(store: Store, entry: QueueEntry) -> SetSeen:
    row = await store.assembly(entry.unit_id)
    return SetSeen(
        assembly_id=AssemblyId(entry.unit_id),
        job_id=JobId(entry.job_id),
        needs_authorization=True,
        gatherers=() if row is None else row.gatherers,
        stands_at=None if row is None else row.last_station_id,
    )
