"""What a simulated station sees before it decides what to do next: values, no queries.

Made by `floor` from the store's read models, and by tests by hand; read by `planning`.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.values import OperationType
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperatorId,
    PackId,
    SheetId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSeen:
    """A sheet or card that is here or could be taken.

    ``work`` is what is to be done on it here; ``number`` and ``serial`` are what it carries already
    (a reworked card keeps both), None where it has none. ``since`` is when it came here or began to wait.
    """

    unit_id: SheetId | CardUnitId
    job_id: JobId
    work: OperationType
    number: str | None = None
    serial: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraySeen:
    """A set that is being gathered.

    ``gathered`` lie in the tray, ``waiting`` have passed QA and could go into it. ``stands_at`` is
    where a tray that holds cards stands.
    """

    assembly_id: AssemblyId
    expected: int
    gathered: tuple[CardUnitId, ...]
    waiting: tuple[CardUnitId, ...]
    stands_at: StationId | None = None
    needs_authorization: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeen:
    """A complete set that waits to be packed, for a manager first where it holds a replacement.

    ``stands_at`` is where it was gathered, as far as that was looked into.
    """

    assembly_id: AssemblyId
    job_id: JobId
    needs_authorization: bool = False
    gatherers: tuple[OperatorId, ...] = ()
    stands_at: StationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSeen:
    """An open box and how many sets lie in it."""

    pack_id: PackId
    job_id: JobId
    sets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSeen:
    """A card that failed QA and waits for a lead; ``rework`` is how often it was sent back before."""

    card_unit_id: CardUnitId
    rework: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSeen:
    """A sheet or card that waits for a lead's approval."""

    unit_id: SheetId | CardUnitId
    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Everything that one station sees, each list in order of urgency.

    ``next_boxes`` are the labels that the jobs in sight open next, ``boxes`` those that stand open here. ``strays`` are
    codes that do not belong at this station at all, ``foreign`` passed cards of any set, ``lost``
    cards on the floor that nobody is working on.
    """

    at_station: tuple[UnitSeen, ...] = ()
    ready: tuple[UnitSeen, ...] = ()
    trays: tuple[TraySeen, ...] = ()
    sets: tuple[SetSeen, ...] = ()
    boxes: tuple[BoxSeen, ...] = ()
    next_boxes: tuple[PackId, ...] = ()
    failed: tuple[FailedSeen, ...] = ()
    gates: tuple[GateSeen, ...] = ()
    gaps: tuple[CardUnitId, ...] = ()
    strays: tuple[str, ...] = ()
    foreign: tuple[CardUnitId, ...] = ()
    lost: tuple[CardUnitId, ...] = ()


def without(sight: Sight, taken: Collection[str]) -> Sight:
    """The same sight without what somebody else has in hand."""
    if not taken:
        return sight
    return replace(
        sight,
        at_station=tuple(unit for unit in sight.at_station if unit.unit_id not in taken),
        ready=tuple(unit for unit in sight.ready if unit.unit_id not in taken),
        trays=tuple(
            replace(tray, waiting=tuple(card for card in tray.waiting if card not in taken))
            for tray in sight.trays
            if tray.assembly_id not in taken
        ),
        sets=tuple(ready for ready in sight.sets if ready.assembly_id not in taken),
        boxes=tuple(box for box in sight.boxes if box.pack_id not in taken),
        failed=tuple(card for card in sight.failed if card.card_unit_id not in taken),
        gates=tuple(gate for gate in sight.gates if gate.unit_id not in taken),
        gaps=tuple(card for card in sight.gaps if card not in taken),
        foreign=tuple(card for card in sight.foreign if card not in taken),
        lost=tuple(card for card in sight.lost if card not in taken),
    )


def sparing(sight: Sight, stations: Collection[str]) -> Sight:
    """The same sight without the sets that stand at these stations: whoever is there sees to them."""
    if not stations:
        return sight
    return replace(sight, sets=tuple(each for each in sight.sets if each.stands_at not in stations))


def keeping_back(sight: Sight, units: int) -> Sight:
    """The same sight without the ``units`` most urgent pieces of work, which are left to a person.

    Trays are kept back where they are counted, before the fullest of them are looked into.
    """
    if units <= 0:
        return sight
    return replace(
        sight,
        ready=sight.ready[units:],
        sets=sight.sets[units:],
        failed=sight.failed[units:],
        gates=sight.gates[units:],
        gaps=sight.gaps[units:],
    )
