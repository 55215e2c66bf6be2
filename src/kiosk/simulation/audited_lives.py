"""The life of one sheet, card or set, read from its facts alone, with everything that was wrong in it.

Used by `audit`. Deliberately no code of `core.production`: what decides must not be its own witness.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.domain.events import (
    AssemblyCompleted,
    AssemblyOpened,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitOperationCompleted,
    CardUnitPacked,
    CardUnitSentToRework,
    CardUnitVoided,
    Event,
    GateApproved,
    MemorabiliaPlaced,
    PrintCompleted,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    ReplacementSetAuthorized,
    SequentialNumberApplied,
    SetPacked,
    SheetCut,
    SheetOperationCompleted,
    TrayBrought,
    TrayParked,
)
from core.domain.values import CardUnitStatus, OperationType, ProductSpec, QAOutcome, UnitKind
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    StationId,
    assembly_of_card,
    job_of_assembly,
    position_of,
    replacement_number,
)

__all__ = ["CardLife", "SetLife", "SheetLife", "card_life", "set_life", "sheet_life"]


def _wanted_before(spec: ProductSpec, operation: OperationCode) -> frozenset[OperationCode]:
    """Every operation on the same kind of unit that the route puts before this one; all of a sheet's for its cut."""
    steps = {step.operation: step for step in spec.route.steps}
    step = steps.get(operation)
    if step is None:
        return frozenset()
    if step.work is OperationType.CUT:
        return frozenset(s.operation for s in steps.values() if s.unit is UnitKind.SHEET and s is not step)
    found: set[OperationCode] = set()
    pending = list(step.after)
    while pending:
        before = pending.pop()
        # What a card's step says of the sheet is fulfilled by the card's being there.
        if before not in found and steps[before].unit is step.unit:
            found.add(before)
            pending.extend(steps[before].after)
    return frozenset(found)


# -- sheets ---------------------------------------------------------------------


@dataclass(slots=True)
class SheetLife:
    """A sheet's operations, and what came too early."""

    operations: int = 0
    faults: list[str] = field(default_factory=list[str])


def sheet_life(events: Iterable[Event], spec: ProductSpec | None) -> SheetLife:
    """Read a sheet's stream."""
    life = SheetLife()
    done: set[OperationCode] = set()
    for event in events:
        if isinstance(event, SheetOperationCompleted | PrintCompleted | GateApproved | SheetCut):
            unit = event.unit_id if isinstance(event, GateApproved) else event.sheet_id
            life.operations += 1
            missing = () if spec is None else _wanted_before(spec, event.operation) - done
            if missing:
                life.faults.append(f"{unit}: {event.operation} before {', '.join(sorted(missing))}")
            done.add(event.operation)
    return life


# -- cards ----------------------------------------------------------------------


@dataclass(slots=True)
class CardLife:
    """What became of a card: its state at the end, where it lies, its marks, and what was wrong on the way."""

    status: CardUnitStatus = CardUnitStatus.CREATED
    assembly_id: AssemblyId | None = None
    number: str | None = None
    serial: str | None = None
    operations: int = 0
    faults: list[str] = field(default_factory=list[str])
    route_faults: list[str] = field(default_factory=list[str])


def card_life(events: Iterable[Event], spec: ProductSpec | None) -> CardLife:
    """Read a card's stream."""
    life = CardLife()
    done: set[OperationCode] = set()
    card = CardUnitId("")
    for event in events:
        match event:
            case ReplacementCardUnitCreated(replaces=replaces) if replaces == card:
                # Its successor: nothing happened to this card.
                continue
            case ReplacementCardUnitCreated():
                card = event.card_unit_id
                done.update(event.done)
                continue
            case CardUnitOperationCompleted() | QAResultRecorded() | GateApproved():
                _operation(life, done, spec, event)
            case CardUnitSentToRework():
                done.difference_update(event.undone)
                life.status = CardUnitStatus.IN_PROGRESS
            case SequentialNumberApplied():
                life.number = str(event.number)
            case MemorabiliaPlaced():
                life.serial = event.serial
            case CardScannedForAssembly():
                _gathered(life, done, spec, event)
            case CardRemovedFromAssembly():
                life.status, life.assembly_id = CardUnitStatus.QA_PASSED, None
            case CardUnitPacked():
                if life.status is not CardUnitStatus.ASSEMBLED:
                    life.faults.append(f"{event.card_unit_id}: packed while {life.status}")
                life.status = CardUnitStatus.PACKED
            case CardUnitVoided():
                if life.status is CardUnitStatus.PACKED:
                    life.faults.append(f"{event.card_unit_id}: voided after it was packed")
                life.status, life.assembly_id = CardUnitStatus.VOIDED, None
            case _:
                card = getattr(event, "card_unit_id", card)
                if type(event).__name__ == "CardUnitEnteredStation":
                    life.status = CardUnitStatus.IN_PROGRESS
    return life


def _operation(
    life: CardLife,
    done: set[OperationCode],
    spec: ProductSpec | None,
    event: CardUnitOperationCompleted | QAResultRecorded | GateApproved,
) -> None:
    life.operations += 1
    unit = event.unit_id if isinstance(event, GateApproved) else event.card_unit_id
    missing = () if spec is None else _wanted_before(spec, event.operation) - done
    if missing:
        life.route_faults.append(f"{unit}: {event.operation} before {', '.join(sorted(missing))}")
    if isinstance(event, QAResultRecorded):
        if event.outcome is QAOutcome.FAIL:
            life.status = CardUnitStatus.QA_FAILED
            return
        done.add(event.operation)
        life.status = CardUnitStatus.QA_PASSED if event.cleared else CardUnitStatus.IN_PROGRESS
        return
    done.add(event.operation)
    life.status = CardUnitStatus.IN_PROGRESS


def _gathered(
    life: CardLife, done: set[OperationCode], spec: ProductSpec | None, event: CardScannedForAssembly
) -> None:
    card = event.card_unit_id
    if life.status is not CardUnitStatus.QA_PASSED:
        life.faults.append(f"{card}: gathered while {life.status}")
    left = (
        ()
        if spec is None
        else [step.operation for step in spec.route.steps if step.unit is UnitKind.CARD and step.operation not in done]
    )
    if left:
        life.faults.append(f"{card}: gathered with {', '.join(left)} not done")
    if event.assembly_id != assembly_of_card(card):
        life.faults.append(f"{card}: gathered into {event.assembly_id}")
    life.status, life.assembly_id = CardUnitStatus.ASSEMBLED, event.assembly_id


# -- sets -----------------------------------------------------------------------


@dataclass(slots=True)
class SetLife:
    """What became of a set: what lies in its tray at the end, its box, and what was wrong on the way.

    ``brought_to`` is the station where the tray's label was read last, until it is parked.
    """

    job_id: JobId
    opened_with: tuple[CardUnitId, ...] = ()
    expected: dict[int, CardUnitId] = field(default_factory=dict[int, CardUnitId])
    gathered: dict[int, CardUnitId] = field(default_factory=dict[int, CardUnitId])
    gaps: set[int] = field(default_factory=set[int])
    people: dict[int, OperatorId | None] = field(default_factory=dict[int, OperatorId | None])
    is_complete: bool = False
    is_authorized: bool = False
    brought_to: StationId | None = None
    pack_id: PackId | None = None
    gatherings: int = 0
    authorizations: int = 0
    faults: list[str] = field(default_factory=list[str])
    packing_faults: list[str] = field(default_factory=list[str])


def set_life(assembly: AssemblyId, events: Iterable[Event]) -> SetLife:
    """Read a set's stream."""
    life = SetLife(job_id=job_of_assembly(assembly))
    for event in events:
        if life.pack_id is not None:
            life.packing_faults.append(f"{assembly}: {type(event).__name__} after it was packed")
        match event:
            case AssemblyOpened():
                life.opened_with = event.expected
                life.expected = {position_of(card): card for card in event.expected}
            case CardScannedForAssembly():
                _into_tray(life, assembly, event)
            case TrayBrought():
                life.brought_to = event.station_id
            case TrayParked():
                life.brought_to = None
            case CardRemovedFromAssembly():
                life.gathered.pop(event.position, None)
                life.people.pop(event.position, None)
                life.is_complete = life.is_authorized = False
            case CardUnitVoided():
                if life.gathered.pop(event.position, None) is not None:
                    life.is_complete = life.is_authorized = False
                life.people.pop(event.position, None)
                life.gaps.add(event.position)
            case ReplacementCardUnitCreated():
                life.expected[event.position] = event.card_unit_id
                life.gaps.discard(event.position)
            case AssemblyCompleted():
                if life.gaps or life.gathered != life.expected:
                    life.faults.append(f"{assembly}: complete with {_held(life)}")
                if sorted(event.card_unit_ids) != sorted(life.gathered.values()):
                    life.faults.append(f"{assembly}: names other cards than lie in it")
                life.is_complete = True
            case ReplacementSetAuthorized():
                life.authorizations += 1
                if event.manager in life.people.values():
                    life.packing_faults.append(f"{assembly}: authorized by {event.manager}, who gathered it")
                life.is_authorized = True
            case SetPacked():
                _into_box(life, assembly, event)
            case _:
                pass
    if (life.gathered == life.expected and not life.gaps) != life.is_complete:
        life.faults.append(f"{assembly}: holds {_held(life)} and is {'' if life.is_complete else 'not '}complete")
    return life


def _held(life: SetLife) -> str:
    return f"{len(life.gathered)} of {len(life.expected)}"


def _into_tray(life: SetLife, assembly: AssemblyId, event: CardScannedForAssembly) -> None:
    life.gatherings += 1
    card, place = event.card_unit_id, event.position
    if assembly_of_card(card) != assembly:
        life.faults.append(f"{assembly}: took {card} of another sheet")
    if place in life.gathered:
        life.faults.append(f"{assembly}: took {card} where {life.gathered[place]} lies")
    if life.expected.get(place) != card:
        life.faults.append(f"{assembly}: took {card}, expected {life.expected.get(place)}")
    if life.brought_to not in {None, event.station_id}:
        life.faults.append(f"{assembly}: took {card} at {event.station_id}, its tray stands at {life.brought_to}")
    life.gathered[place] = card
    life.people[place] = event.operator_id


def _into_box(life: SetLife, assembly: AssemblyId, event: SetPacked) -> None:
    if not life.is_complete:
        life.packing_faults.append(f"{assembly}: packed with {_held(life)}")
    if any(replacement_number(card) for card in life.gathered.values()) and not life.is_authorized:
        life.packing_faults.append(f"{assembly}: packed with a replacement that nobody authorized")
    if sorted(event.card_unit_ids) != sorted(life.gathered.values()):
        life.packing_faults.append(f"{assembly}: other cards packed than lay in the tray")
    life.pack_id = event.pack_id
