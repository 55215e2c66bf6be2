"""Value objects and closed sets of the domain: no identity, compared by value.

Used by commands, events, states and read models alike. Nothing here decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from core.domain.immutable import immutable_in_order
from core.identity.ids import CardUnitId, OperationCode, PackId, SpecCode, StationId


class OperationType(StrEnum):
    """What kind of work is done; a station is equipped for one or more kinds."""

    PRINT = "PRINT"
    FOIL = "FOIL"
    UV = "UV"
    DIE_CUT = "DIE_CUT"
    EMBOSS = "EMBOSS"
    GLUE = "GLUE"
    CUT = "CUT"
    NUMBER = "NUMBER"
    MEMORABILIA = "MEMORABILIA"
    QA = "QA"
    GATE = "GATE"
    ASSEMBLE = "ASSEMBLE"
    PACK = "PACK"


class StationRole(StrEnum):
    """Which full-screen app a station runs."""

    PRESS = "PRESS"
    EMBELLISH = "EMBELLISH"
    CUTTER = "CUTTER"
    CARDOPS = "CARDOPS"
    QA = "QA"
    ASSEMBLY = "ASSEMBLY"
    PACKING = "PACKING"
    LEAD = "LEAD"


EMBELLISHMENTS = frozenset(
    {
        OperationType.FOIL,
        OperationType.UV,
        OperationType.DIE_CUT,
        OperationType.EMBOSS,
        OperationType.GLUE,
    }
)

WORK_OF_ROLE: dict[StationRole, frozenset[OperationType]] = {
    StationRole.PRESS: frozenset({OperationType.PRINT}),
    StationRole.EMBELLISH: EMBELLISHMENTS,
    StationRole.CUTTER: frozenset({OperationType.CUT}),
    StationRole.CARDOPS: frozenset({OperationType.NUMBER, OperationType.MEMORABILIA}),
    StationRole.QA: frozenset({OperationType.QA}),
    StationRole.ASSEMBLY: frozenset({OperationType.ASSEMBLE}),
    StationRole.PACKING: frozenset({OperationType.PACK}),
    StationRole.LEAD: frozenset({OperationType.GATE}),
}
"""The kinds of work that a station of each role may be defined for."""

FAN_IN = frozenset({OperationType.ASSEMBLE, OperationType.PACK})
"""Work on a whole set: it ends every route and never stands in one."""


class UnitKind(StrEnum):
    """What a route operation works on."""

    SHEET = "sheet"
    CARD = "card"


class OperatorRole(StrEnum):
    """What a person may decide."""

    OPERATOR = "operator"
    INSPECTOR = "inspector"
    LEAD = "lead"
    MANAGER = "manager"


class SheetStatus(StrEnum):
    """Where a sheet is in its life."""

    CREATED = "CREATED"
    IN_PROGRESS = "IN_PROGRESS"
    READY_TO_CUT = "READY_TO_CUT"
    CUT = "CUT"
    VOIDED = "VOIDED"


class CardUnitStatus(StrEnum):
    """Where a card is in its life."""

    CREATED = "CREATED"
    IN_PROGRESS = "IN_PROGRESS"
    QA_PASSED = "QA_PASSED"
    QA_FAILED = "QA_FAILED"
    ASSEMBLED = "ASSEMBLED"
    PACKED = "PACKED"
    VOIDED = "VOIDED"


class AssemblyStatus(StrEnum):
    """How far the gathering of a set is."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETE = "COMPLETE"
    PACKED = "PACKED"


class JobStatus(StrEnum):
    """Where a job is in its life."""

    CREATED = "CREATED"
    STARTED = "STARTED"
    ON_HOLD = "ON_HOLD"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class OrderStatus(StrEnum):
    """Where a production order is in its life."""

    PLACED = "PLACED"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"


class PackStatus(StrEnum):
    """Where a box, case or pallet is in its life."""

    OPEN = "OPEN"
    SEALED = "SEALED"
    SHIPPED = "SHIPPED"


class PackKind(StrEnum):
    """The shipping containers; boxes go into cases, cases onto pallets."""

    BOX = "box"
    CASE = "case"
    PALLET = "pallet"


class QAOutcome(StrEnum):
    """The verdict of one inspection."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"


class VoidReason(StrEnum):
    """Why a unit left production for good."""

    LOST = "LOST"
    DAMAGED = "DAMAGED"
    QA_FAILED = "QA_FAILED"
    MISPRINT = "MISPRINT"
    OTHER = "OTHER"


class StopClearedBy(StrEnum):
    """What ended a stop: the RESET card, or a lead who stood before it."""

    RESET_CARD = "RESET_CARD"
    LEAD = "LEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbellishmentSpec:
    """How a card is decorated: kind, colour, die and side."""

    kind: OperationType
    colour: str | None = None
    die: str | None = None
    side: str = "front"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStep:
    """One operation of a product's route.

    ``after`` names the operations that must be done first. ``minutes`` is the
    standard time for one unit, 0 where the shop has not measured it.
    """

    operation: OperationCode
    work: OperationType
    unit: UnitKind
    after: tuple[OperationCode, ...] = ()
    embellishment: EmbellishmentSpec | None = None
    minutes: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Route:
    """The operation DAG of a product, in the order its author wrote it.

    Without slots: what follows from the steps alone is asked at every scan, so the route works it out once.
    """

    steps: tuple[RouteStep, ...]

    @cached_property
    def by_unit(self) -> Mapping[UnitKind, tuple[RouteStep, ...]]:
        """The steps that work on each kind of unit; the CUT is the sheet's last."""
        return MappingProxyType({unit: tuple(step for step in self.steps if step.unit is unit) for unit in UnitKind})

    @cached_property
    def predecessors(self) -> Mapping[OperationCode, tuple[RouteStep, ...]]:
        """Per operation the steps of the same kind of unit that must be done before it.

        The CUT waits for every other step of the sheet; what a card's step says about
        the sheet's steps is fulfilled by the card's existence.
        """
        return MappingProxyType(
            {
                step.operation: tuple(
                    before
                    for before in self.by_unit[step.unit]
                    if (
                        before.operation != step.operation
                        if step.work is OperationType.CUT
                        else before.operation in step.after
                    )
                )
                for step in self.steps
            }
        )

    @cached_property
    def prerequisites(self) -> Mapping[OperationCode, frozenset[OperationCode]]:
        """Per operation those that must be done before it."""
        return MappingProxyType(
            {operation: frozenset(step.operation for step in before) for operation, before in self.predecessors.items()}
        )


@immutable_in_order
class StepRef:
    """An operation that a unit is ready for: its code and the kind of work."""

    operation: OperationCode
    work: OperationType


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """The newest card of a void one's place: in which state it is, where, and what it is ready for.

    ``station_id`` is where it is being worked on, ``pack_id`` the box that it lies in; None where neither is so.
    """

    card_unit_id: CardUnitId
    status: CardUnitStatus
    station_id: StationId | None
    ready: tuple[StepRef, ...]
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSpec:
    """What is made and how: layout, route and policies of one product version.

    ``rows`` × ``columns`` is the sheet's layout and holds ``n_up`` cards, filled
    row by row from position 1. ``run_of`` is the size of the numbered run of one
    job (99 for 07/99), None where cards are not numbered. ``rework_limit`` is how
    often one card may be reworked. ``replacement_starts_at`` names the card
    operation at which a replacement joins the route; None is the first one.
    """

    code: SpecCode
    version: int
    name: str
    n_up: int
    rows: int
    columns: int
    route: Route
    run_of: int | None = None
    rework_limit: int = 2
    replacement_starts_at: OperationCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDefinition:
    """A physical place where one kind of work is done.

    ``operations`` are those of its kinds of work that are done here, where a shop tells
    apart a station for gold foil and one for silver; empty where all of them are.
    ``single_scan`` completes an operation with the scan that checks the unit in.
    ``units_per_hour`` and ``queue_limit`` (units) say when the lead calls it
    overloaded; None where the shop has not set them.
    """

    station_id: StationId
    name: str
    role: StationRole
    work: tuple[OperationType, ...]
    operations: tuple[OperationCode, ...] = ()
    single_scan: bool = False
    units_per_hour: float | None = None
    queue_limit: int | None = None

    def does(self, step: RouteStep | StepRef) -> bool:
        """Say whether this operation of a route is done here."""
        return step.work in self.work and (not self.operations or step.operation in self.operations)


@dataclass(frozen=True, slots=True)
class SequentialNumber:
    """A card's number in the numbered run of its job, e.g. 7 of 99 for 07/99."""

    value: int
    run_of: int

    def __str__(self) -> str:
        """Return it as it is printed on the card, padded to the run's width."""
        width = max(2, len(str(self.run_of)))
        return f"{self.value:0{width}d}/{self.run_of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QAResult:
    """One inspection of one card."""

    outcome: QAOutcome
    codes: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A quantity of sets of one product within an order, numbered from 1."""

    line: int
    spec_code: SpecCode
    sets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a corrected event: what it said and what it says now."""

    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class PinSecret:
    """A salted scrypt hash of a person's PIN, both as hexadecimal text."""

    salt: str
    digest: str
