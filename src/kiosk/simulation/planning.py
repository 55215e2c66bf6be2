"""What a simulated station does next, given what it sees: pure, so that it can be tested by values.

`plan` is called by `workers` with a sight from `floor`; all chance comes from the generator that is
handed in, so a seed gives the same decisions for the same sights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from core.domain.values import (
    OperationType,
    ProductSpec,
    StationRole,
    UnitKind,
    VoidReason,
)
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperatorId,
    PackId,
    SheetId,
    box_id,
    job_of,
    job_of_pack,
    parse_card_unit_id,
)
from core.production.routes import steps_for
from kiosk.simulation import errands
from kiosk.simulation.errands import Bench, Deed, Errand
from kiosk.simulation.sights import FailedSeen, Sight, TraySeen, UnitSeen

__all__ = ["Habits", "Knowledge", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often what happens, as shares from 0 to 1, and how much an operator takes at once.

    ``fails`` is the share of inspections that fail, ``reworked`` the share of failed cards that go
    back instead of being voided, ``lost`` the share of a lead's looks at which a card turns out to be
    lost. ``wrong_card``, ``duplicate`` and ``stray`` are mistakes per unit of work. ``strange_trays``
    is how often a gatherer fetches a tray that stands at another station, ``undone`` how often an
    inspector takes a verdict back.
    """

    fails: float = 0.05
    fail_codes: tuple[str, ...] = ("F-201",)
    reworked: float = 0.7
    lost: float = 0.02
    wrong_card: float = 0.01
    duplicate: float = 0.01
    stray: float = 0.005
    strange_trays: float = 0.05
    undone: float = 0.02
    units_at_once: int = 6
    sets_in_a_box: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What a station knows besides what it sees: each job's product, and who may authorize with which PIN."""

    specs: Mapping[JobId, ProductSpec]
    managers: tuple[tuple[OperatorId, str], ...] = ()
    habits: Habits = field(default_factory=Habits)


def plan(bench: Bench, sight: Sight, knowledge: Knowledge, chance: Random, at: datetime) -> tuple[Errand, ...]:
    """Return the next errands of a station in order, none where nothing waits for it.

    The requests say ``at``; whoever carries an errand out says the real moment instead.
    """
    match bench.station.role:
        case StationRole.PRESS | StationRole.EMBELLISH | StationRole.CUTTER | StationRole.CARDOPS:
            done = _work(bench, sight, knowledge, at)
        case StationRole.QA:
            done = _inspections(bench, sight, knowledge, chance, at)
        case StationRole.ASSEMBLY:
            done = _gathering(bench, sight, knowledge, chance, at)
        case StationRole.PACKING:
            done = _packing(bench, sight, knowledge, at)
        case StationRole.LEAD:
            return _leading(bench, sight, knowledge, chance, at)
    return tuple(_with_slips(bench, errand, sight, knowledge, chance) for errand in done)


# -- sheets and cards -----------------------------------------------------------


def _work(bench: Bench, sight: Sight, knowledge: Knowledge, at: datetime) -> tuple[Errand, ...]:
    """First what is here already, then the most urgent that could be."""
    found = [_one(bench, unit, knowledge, at, is_here=True) for unit in sight.at_station]
    found += [_one(bench, unit, knowledge, at) for unit in sight.ready]
    return tuple(errand for errand in found if errand is not None)[: knowledge.habits.units_at_once]


def _one(bench: Bench, unit: UnitSeen, knowledge: Knowledge, at: datetime, *, is_here: bool = False) -> Errand | None:
    if parse_card_unit_id(unit.unit_id) is None:
        return errands.sheet_work(bench, SheetId(unit.unit_id), at, is_here=is_here)
    spec = knowledge.specs.get(unit.job_id)
    # A card of a product that is not known here cannot be numbered rightly: somebody else does it.
    return None if spec is None else errands.card_work(bench, unit, spec, at, is_here=is_here)


def _inspections(bench: Bench, sight: Sight, knowledge: Knowledge, chance: Random, at: datetime) -> tuple[Errand, ...]:
    habits = knowledge.habits
    waiting = [(unit, True) for unit in sight.at_station] + [(unit, False) for unit in sight.ready]
    return tuple(
        errands.inspection(bench, CardUnitId(unit.unit_id), _verdict(habits, chance), at, is_here=is_here)
        for unit, is_here in waiting[: habits.units_at_once]
    )


def _verdict(habits: Habits, chance: Random) -> tuple[str, ...]:
    return (chance.choice(habits.fail_codes),) if chance.random() < habits.fails else ()


# -- sets -----------------------------------------------------------------------


def _gathering(bench: Bench, sight: Sight, knowledge: Knowledge, chance: Random, at: datetime) -> tuple[Errand, ...]:
    """Take the tray that can be filled furthest, one of this station's own first, and fill it as far as it goes."""
    fetches = chance.random() < knowledge.habits.strange_trays
    trays = [tray for tray in sight.trays if tray.waiting and (fetches or _may_take(bench, tray))]
    if not trays:
        return ()
    tray = min(trays, key=lambda tray: tray.expected - len(tray.gathered) - len(tray.waiting))
    slips: list[tuple[int, CardUnitId]] = []
    wrong = [card for card in sight.foreign if not card.startswith(tray.assembly_id.removesuffix("SET"))]
    for place in range(1, len(tray.waiting) + 1):
        if wrong and chance.random() < knowledge.habits.wrong_card:
            slips.append((place - 1, chance.choice(wrong)))
        if chance.random() < knowledge.habits.duplicate:
            slips.append((place, tray.waiting[place - 1]))
    return (errands.gathering(bench, tray.assembly_id, tray.waiting, at, slips),)


def _may_take(bench: Bench, tray: TraySeen) -> bool:
    return not tray.gathered or tray.stands_at in {None, bench.station_id}


def _packing(bench: Bench, sight: Sight, knowledge: Knowledge, at: datetime) -> tuple[Errand, ...]:
    open_boxes = {box.job_id: box for box in reversed(sight.boxes)}
    limit = knowledge.habits.sets_in_a_box
    for ready in sight.sets:
        if ready.needs_authorization:
            continue
        box = open_boxes.get(ready.job_id)
        if box is not None:
            packed = errands.packing(bench, ready.assembly_id, box.pack_id, at, seals=box.sets + 1 >= limit)
        else:
            fresh = next_box(ready.job_id, sight)
            packed = errands.packing(bench, ready.assembly_id, fresh, at, seals=limit == 1)
        return (packed,)
    full = next((box for box in sight.boxes if box.sets >= limit), None)
    return () if full is None else (errands.sealing(bench, full.pack_id, at),)


def next_box(job: JobId, sight: Sight) -> PackId:
    """The label that the job opens next; its first where none is in sight."""
    return next((label for label in sight.next_boxes if job_of_pack(label) == job), box_id(job, 1))


# -- mistakes -------------------------------------------------------------------


def _with_slips(bench: Bench, errand: Errand, sight: Sight, knowledge: Knowledge, chance: Random) -> Errand:
    """Add the mistakes of every floor: a code that has no business here, a sheet scanned once more."""
    habits = knowledge.habits
    deeds = list(errand.deeds)
    at = deeds[0].request.at
    if sight.strays and chance.random() < habits.stray:
        deeds.insert(0, Deed(request=bench.scan(chance.choice(sight.strays), at), share=0.0, is_slip=True))
    prints_or_cuts = bench.station.role in {StationRole.PRESS, StationRole.CUTTER}
    if prints_or_cuts and chance.random() < habits.duplicate:
        # There is no second print and no second cut, whatever became of the sheet since.
        deeds.append(Deed(request=errand.deeds[-1].request, share=0.0, is_slip=True))
    return Errand(units=errand.units, deeds=tuple(deeds))


# -- leads ----------------------------------------------------------------------


def _leading(bench: Bench, sight: Sight, knowledge: Knowledge, chance: Random, at: datetime) -> tuple[Errand, ...]:
    found: list[Errand] = []
    for gate in sight.gates:
        spec = knowledge.specs.get(gate.job_id)
        kind = UnitKind.SHEET if parse_card_unit_id(gate.unit_id) is None else UnitKind.CARD
        steps = () if spec is None else steps_for(spec.route, kind)
        found += [
            errands.approval(bench, gate.unit_id, step.operation, at)
            for step in steps
            if step.work is OperationType.GATE
        ][:1]
    found += [_decision(bench, card, knowledge, chance, at) for card in sight.failed]
    found += [errands.replacing(bench, card, None, at) for card in sight.gaps]
    for ready in sight.sets:
        able = [one for one in knowledge.managers if one[0] not in ready.gatherers]
        if ready.needs_authorization and able:
            manager, pin = able[0]
            found.append(errands.authorization(bench, ready.assembly_id, manager, pin, at))
    if sight.lost and chance.random() < knowledge.habits.lost:
        found.append(errands.replacing(bench, chance.choice(sight.lost), VoidReason.LOST, at))
    return tuple(found)


def _decision(bench: Bench, card: FailedSeen, knowledge: Knowledge, chance: Random, at: datetime) -> Errand:
    """Send a failed card back while its product allows it and the day is good, else have another one made."""
    spec = knowledge.specs.get(job_of(card.card_unit_id))
    targets = () if spec is None else errands.rework_targets(spec)
    if targets and spec is not None and card.rework < spec.rework_limit and chance.random() < knowledge.habits.reworked:
        back_to = targets[0] if chance.random() < 0.5 else chance.choice(targets)
        return errands.rework(bench, card.card_unit_id, back_to, "can be mended", at)
    return errands.replacing(bench, card.card_unit_id, VoidReason.QA_FAILED, at, "beyond repair")
