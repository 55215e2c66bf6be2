"""The facts of the shop: immutable, past tense, self-contained for ever.

Every event carries what its reader needs without a lookup: its lineage, who,
where, when, and, where it changes what a unit may do next, the operations that
are ready from then on. A fact that concerns several streams (a card gathered into
a set) is appended to each of them, so that every state and every read-model row
is the fold of exactly one stream.

``operator_id`` is None where the product itself acted (an automation) and
``station_id`` is None where it happened at no station (the office's commands).
``occurred_at`` is UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import get_args

from core.domain.streams import AggregateType
from core.domain.values import (
    FieldChange,
    OperationType,
    OperatorRole,
    OrderLine,
    PackKind,
    PinSecret,
    ProductSpec,
    QAOutcome,
    SequentialNumber,
    StationDefinition,
    StepRef,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every event says: when it happened, who did it, where."""

    occurred_at: datetime
    operator_id: OperatorId | None
    station_id: StationId | None


# -- catalogue -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSpecDefined(Fact):
    """A product was described, or described anew as the next version."""

    spec: ProductSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDefined(Fact):
    """A station was set up, or set up anew."""

    station: StationDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRegistered(Fact):
    """A person got a badge and roles, or new roles."""

    badge: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPinSet(Fact):
    """A person chose the PIN that proves approvals."""

    badge: OperatorId
    secret: PinSecret


# -- orders and jobs -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Fact):
    """A customer's order was taken on."""

    order_id: ProductionOrderId
    customer: str
    lines: tuple[OrderLine, ...]
    promise_at: datetime
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Fact):
    """The order will not be produced."""

    order_id: ProductionOrderId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFulfilled(Fact):
    """Every line of the order is produced and packed."""

    order_id: ProductionOrderId
    job_ids: tuple[JobId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCreated(Fact):
    """A work unit was made from an order line; it keeps the spec as it was then."""

    job_id: JobId
    order_id: ProductionOrderId
    order_line: int
    customer: str
    spec: ProductSpec
    sheet_count: int
    priority: int
    promise_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStarted(Fact):
    """The job was released to the floor; its sheets exist from here on."""

    job_id: JobId
    sheet_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHeld(Fact):
    """Work on the job was stopped for a reason."""

    job_id: JobId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResumed(Fact):
    """Work on the job goes on."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancelled(Fact):
    """The job will not be finished."""

    job_id: JobId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPriorityChanged(Fact):
    """The job moved in every queue; 1 is the most urgent, 9 the least."""

    job_id: JobId
    was: int
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseDateChanged(Fact):
    """The job is due at another moment."""

    job_id: JobId
    was: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCompleted(Fact):
    """Every set of the job is packed."""

    job_id: JobId
    order_id: ProductionOrderId
    sets_packed: int


# -- sheets --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFact(Fact):
    """A fact about one sheet."""

    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCreated(SheetFact):
    """A sheet exists as a tracked unit; ``number`` counts from 1 within its job."""

    order_id: ProductionOrderId
    product_name: str
    number: int
    sheet_count: int
    n_up: int
    rows: int
    columns: int
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetEnteredStation(SheetFact):
    """The sheet was checked in for an operation."""

    operation: OperationCode
    work: OperationType


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetExitedStation(SheetFact):
    """The sheet left a station with its operation there not done."""

    left: StationId
    operation: OperationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOperationCompleted(SheetFact):
    """An operation on the sheet is done; ``ready_to_cut`` once none is left before the cut."""

    operation: OperationCode
    work: OperationType
    ready: tuple[StepRef, ...]
    ready_to_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintCompleted(SheetFact):
    """The press printed the sheet."""

    operation: OperationCode
    work: OperationType
    ready: tuple[StepRef, ...]
    ready_to_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCut(SheetFact):
    """The sheet ended as a tracked unit and became its cards."""

    operation: OperationCode
    n_up: int
    card_unit_ids: tuple[CardUnitId, ...]
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetVoided(SheetFact):
    """The sheet left production before it was cut."""

    reason: VoidReason
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateApproved(Fact):
    """A lead let a sheet or card past a gate of its route."""

    unit_id: str
    job_id: JobId
    spec_code: SpecCode
    operation: OperationCode
    ready: tuple[StepRef, ...]
    ready_to_cut: bool


# -- cards ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFact(Fact):
    """A fact about one card."""

    card_unit_id: CardUnitId
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnitCreated(CardFact):
    """The cut made the card."""

    order_id: ProductionOrderId
    product_name: str
    n_up: int
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnitEnteredStation(CardFact):
    """The card was checked in for an operation; it left where it was before."""

    operation: OperationCode
    work: OperationType


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnitOperationCompleted(CardFact):
    """An operation on the card is done."""

    operation: OperationCode
    work: OperationType
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialNumberApplied(CardFact):
    """The card got its number in the job's run."""

    operation: OperationCode
    number: SequentialNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorabiliaPlaced(CardFact):
    """An insert with a serial of its own was placed into the card."""

    operation: OperationCode
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QAResultRecorded(CardFact):
    """The card was inspected; ``attempt`` counts its inspections from 1.

    ``cleared`` says that it has passed and that nothing is left of its route.
    """

    operation: OperationCode
    attempt: int
    outcome: QAOutcome
    reason: str | None
    codes: tuple[str, ...]
    cleared: bool
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnitSentToRework(CardFact):
    """A failed card goes back to an operation; what came after it is undone."""

    back_to: OperationCode
    undone: tuple[OperationCode, ...]
    rework: int
    reason: str
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnitVoided(CardFact):
    """The card left production for good; recorded in its own stream and its set's."""

    assembly_id: AssemblyId
    reason: VoidReason
    note: str
    was_gathered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementCardUnitCreated(CardFact):
    """A card was made for a voided one of its position.

    Recorded in the new card's stream, the replaced card's and the set's.
    ``done`` are the operations that the replacement need not repeat.
    """

    assembly_id: AssemblyId
    order_id: ProductionOrderId
    product_name: str
    n_up: int
    replaces: CardUnitId
    done: tuple[OperationCode, ...]
    ready: tuple[StepRef, ...]


# -- gathering -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFact(Fact):
    """A fact about the gathering of one set."""

    assembly_id: AssemblyId
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyOpened(SetFact):
    """The cards of a cut sheet are expected to be reunited."""

    order_id: ProductionOrderId
    product_name: str
    rows: int
    columns: int
    expected: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardScannedForAssembly(SetFact):
    """A card was gathered; recorded in the set's stream and the card's."""

    card_unit_id: CardUnitId
    position: int
    gathered: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRemovedFromAssembly(SetFact):
    """A gathered card was taken out again; recorded in the set's stream and the card's."""

    card_unit_id: CardUnitId
    position: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyCompleted(SetFact):
    """Every expected position is held by its original or its latest replacement."""

    card_unit_ids: tuple[CardUnitId, ...]
    replacements: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementSetAuthorized(SetFact):
    """A manager who gathered none of it let a set with replacements be packed."""

    manager: OperatorId
    replacements: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyOverdueFlagged(SetFact):
    """A set was open past the shop's limit; flagged once."""

    missing: tuple[CardUnitId, ...]
    open_since: datetime


# -- packing -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PackOpened(Fact):
    """A box, case or pallet may be filled; ``job_id`` only for a box."""

    pack_id: PackId
    kind: PackKind
    job_id: JobId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPacked(SetFact):
    """A complete set was put into a box; recorded in the set's stream and the box's."""

    pack_id: PackId
    card_unit_ids: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUnitPacked(CardFact):
    """The card left the floor inside its set."""

    assembly_id: AssemblyId
    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSealed(Fact):
    """Nothing is added to the container any more."""

    pack_id: PackId
    kind: PackKind
    contents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNested(Fact):
    """A sealed container was put into a larger one; recorded in both streams."""

    pack_id: PackId
    into: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackShipped(Fact):
    """The container left the house."""

    pack_id: PackId
    carrier: str
    tracking_reference: str


# -- stations ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDowntimeStarted(Fact):
    """The station stopped working for a reason."""

    at_station: StationId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDowntimeEnded(Fact):
    """The station works again."""

    at_station: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCalled(Fact):
    """Somebody at the station asked for a lead."""

    at_station: StationId
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAnswered(Fact):
    """A lead took the call."""

    at_station: StationId


# -- corrections ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCorrected(Fact):
    """What an earlier event of the same stream said was wrong.

    ``retracted`` takes the event back as a whole (a verdict undone); otherwise
    ``changes`` say per field what it was and is now. The earlier event stays in the
    log as it was; states and read models are folded as if it had said it right.
    """

    aggregate_type: AggregateType
    aggregate_id: str
    corrected_version: int
    corrected_event: str
    changes: tuple[FieldChange, ...]
    retracted: bool
    reason: str


Event = (
    ProductSpecDefined
    | StationDefined
    | OperatorRegistered
    | OperatorPinSet
    | OrderPlaced
    | OrderCancelled
    | OrderFulfilled
    | JobCreated
    | JobStarted
    | JobHeld
    | JobResumed
    | JobCancelled
    | JobPriorityChanged
    | PromiseDateChanged
    | JobCompleted
    | SheetCreated
    | SheetEnteredStation
    | SheetExitedStation
    | SheetOperationCompleted
    | PrintCompleted
    | SheetCut
    | SheetVoided
    | GateApproved
    | CardUnitCreated
    | CardUnitEnteredStation
    | CardUnitOperationCompleted
    | SequentialNumberApplied
    | MemorabiliaPlaced
    | QAResultRecorded
    | CardUnitSentToRework
    | CardUnitVoided
    | ReplacementCardUnitCreated
    | AssemblyOpened
    | CardScannedForAssembly
    | CardRemovedFromAssembly
    | AssemblyCompleted
    | ReplacementSetAuthorized
    | AssemblyOverdueFlagged
    | PackOpened
    | SetPacked
    | CardUnitPacked
    | PackSealed
    | PackNested
    | PackShipped
    | StationDowntimeStarted
    | StationDowntimeEnded
    | HelpCalled
    | HelpAnswered
    | EventCorrected
)
"""Everything that the log can hold."""

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {event_type.__name__: event_type for event_type in get_args(Event)}
)
"""Every event class under the stable name it has in the log."""
