"""Why a command or scan was refused: values with data, never generic errors.

A refusal changed nothing. It carries what the operator must be told: what the
unit is, which set it belongs to, where it should go, what is missing. The words
are the kiosk's; the facts are here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.streams import ClaimKind
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    JobStatus,
    OperationType,
    OperatorRole,
    OrderStatus,
    PackKind,
    PackStatus,
    SequentialNumber,
    SheetStatus,
    StationRole,
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


class BarcodeProblem(StrEnum):
    """Why a text is no barcode of this shop."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    MALFORMED = "malformed"
    FOREIGN = "foreign"
    UNKNOWN_CONTROL = "unknown_control"


# -- barcodes, people ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownBarcode:
    """The scanned text is no code of this shop; ``text`` is raw and may hold anything."""

    text: str
    problem: BarcodeProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLoggedOn:
    """Somebody must scan a badge first."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOperator:
    """No person has this badge."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPermitted:
    """The person lacks every one of the roles that may do this."""

    operator_id: OperatorId | None
    needed: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinNotSet:
    """The person has no PIN yet."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class PinWrong:
    """The PIN is not this person's."""

    operator_id: OperatorId


# -- units ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownUnit:
    """A well-formed id of nothing that exists."""

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotRunning:
    """The unit's job is held, cancelled, completed or not started."""

    job_id: JobId
    status: JobStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongKindOfUnit:
    """This station works on something else: a card came where sheets are due, say."""

    unit_id: str
    station_role: StationRole


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongStep:
    """The unit is not ready for what this station does; ``ready`` says for what it is.

    ``missing`` are the operations that must be done before this station's.
    """

    unit_id: str
    station_id: StationId
    work: tuple[OperationType, ...]
    ready: tuple[StepRef, ...]
    missing: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDone:
    """This station's operation was done on the unit before."""

    unit_id: str
    operation: OperationCode
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedScan:
    """The same code again so soon that it was hardly meant as the next step."""

    unit_id: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetGone:
    """The sheet is cut or voided; what is on the floor are its cards, if any."""

    sheet_id: SheetId
    status: SheetStatus
    n_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVoided:
    """The card left production; ``replaced_by`` names the card to use instead."""

    card_unit_id: CardUnitId
    reason: VoidReason | None
    replaced_by: CardUnitId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGathered:
    """The card lies in its set's tray (or is packed) and takes no more work."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    status: CardUnitStatus
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFailed:
    """The card failed QA and waits for a lead: rework or void."""

    card_unit_id: CardUnitId
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAtStation:
    """A verdict or completion for a unit that is not checked in here."""

    unit_id: str
    station_id: StationId
    at_station: StationId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongUnitState:
    """The command does not fit the state that the card is in."""

    unit_id: str
    status: CardUnitStatus | SheetStatus
    needed: tuple[CardUnitStatus | SheetStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonMissing:
    """A failure, void or correction needs at least one code or a reason."""

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOperation:
    """The route of this product has no such operation for this kind of unit."""

    unit_id: str
    operation: OperationCode
    known: tuple[OperationCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkLimitReached:
    """The card was reworked as often as its product allows; it can only be voided."""

    card_unit_id: CardUnitId
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyReplaced:
    """The voided card has a replacement already."""

    card_unit_id: CardUnitId
    replaced_by: CardUnitId


# -- numbers and inserts -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeeded:
    """Numbering needs the number that is on the card."""

    card_unit_id: CardUnitId
    run_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutOfRun:
    """The run has no such number."""

    card_unit_id: CardUnitId
    value: int
    run_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialNeeded:
    """Memorabilia needs the insert's serial."""

    card_unit_id: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAlreadyApplied:
    """The card has a number, and a card has only one."""

    card_unit_id: CardUnitId
    number: SequentialNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyClaimed:
    """The number or serial belongs to another card."""

    kind: ClaimKind
    key: str
    holder: str


# -- gathering -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSet:
    """The card belongs to another set than the one whose tray is open: full stop.

    ``missing`` are the positions that the open tray still needs.
    """

    card_unit_id: CardUnitId
    belongs_to: AssemblyId
    open_assembly: AssemblyId
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCard:
    """The card is in this tray already."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTaken:
    """Another card holds the position."""

    card_unit_id: CardUnitId
    held_by: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExpectedInSet:
    """The set expects another card at this position: the latest replacement."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    expected: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPassedQA:
    """Only cards that passed QA are gathered; ``ready`` says what is left."""

    card_unit_id: CardUnitId
    status: CardUnitStatus
    ready: tuple[StepRef, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGathered:
    """The card is in no tray."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetIncomplete:
    """Positions of the set are missing; ``missing`` names the cards that are awaited."""

    assembly_id: AssemblyId
    missing: tuple[CardUnitId, ...]
    gathered: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsAuthorization:
    """The set holds replacements that no manager has authorized."""

    assembly_id: AssemblyId
    replacements: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToAuthorize:
    """The set holds no replacement, is not complete, or is authorized already."""

    assembly_id: AssemblyId
    status: AssemblyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizerGathered:
    """The manager gathered cards of this set; somebody else must authorize it."""

    assembly_id: AssemblyId
    manager: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClosed:
    """The set is packed; nothing is gathered into or taken out of it."""

    assembly_id: AssemblyId
    status: AssemblyStatus
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOverdue:
    """The set is not open past the limit, or was flagged before."""

    assembly_id: AssemblyId


# -- packing -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPackOpen:
    """Scan a box first: nothing is open at this station."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTheSet:
    """A single card was scanned where whole sets are packed: scan the set's label."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackExists:
    """A container of this id was opened before."""

    pack_id: PackId
    status: PackStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNotOpen:
    """Only an open container takes anything."""

    pack_id: PackId
    status: PackStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNotSealed:
    """Only a sealed container is nested or shipped."""

    pack_id: PackId
    status: PackStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEmpty:
    """An empty container is not sealed."""

    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackAlreadyNested:
    """The container lies in another one."""

    pack_id: PackId
    inside: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJobForPack:
    """A box holds sets of its own job only: full stop."""

    assembly_id: AssemblyId
    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPackKind:
    """Boxes go into cases, cases onto pallets; sets go into boxes."""

    pack_id: PackId
    kind: PackKind
    needed: tuple[PackKind, ...]


# -- catalogue, orders, jobs ---------------------------------------------------


class DefinitionFault(StrEnum):
    """What can be wrong with a definition."""

    EMPTY_NAME = "empty_name"
    N_UP_OUT_OF_RANGE = "n_up_out_of_range"
    LAYOUT_DOES_NOT_FIT = "layout_does_not_fit"
    NO_STEPS = "no_steps"
    DUPLICATE_OPERATION = "duplicate_operation"
    UNKNOWN_PREDECESSOR = "unknown_predecessor"
    CYCLE = "cycle"
    CUT_COUNT = "cut_count"
    FAN_IN_IN_ROUTE = "fan_in_in_route"
    WRONG_UNIT = "wrong_unit"
    SHEET_AFTER_CUT = "sheet_after_cut"
    NOT_BEFORE_CUT = "not_before_cut"
    NO_FINAL_QA = "no_final_qa"
    RUN_MISSING = "run_missing"
    RUN_OUT_OF_RANGE = "run_out_of_range"
    REWORK_LIMIT_OUT_OF_RANGE = "rework_limit_out_of_range"
    REPLACEMENT_START_UNKNOWN = "replacement_start_unknown"
    WORK_NOT_OF_ROLE = "work_not_of_role"
    NO_WORK = "no_work"
    NO_ROLES = "no_roles"
    NEGATIVE_TIME = "negative_time"
    PRIORITY_OUT_OF_RANGE = "priority_out_of_range"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    NO_LINES = "no_lines"
    DUPLICATE_LINE = "duplicate_line"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a definition: which, where (a field or operation), what was found."""

    fault: DefinitionFault
    where: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidDefinition:
    """A product spec, station, person or order that cannot be; all its faults at once."""

    of: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownSpec:
    """No such product is defined."""

    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownStation:
    """No such station is defined."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrder:
    """No such order was placed."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrderLine:
    """The order has no such line, or the line is for another product."""

    order_id: ProductionOrderId
    line: int
    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExists:
    """An order of this id was placed before."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotOpen:
    """The order is fulfilled or cancelled."""

    order_id: ProductionOrderId
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseInPast:
    """A promise must lie ahead."""

    of: str
    promise_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownJob:
    """No such job was created."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobExists:
    """A job of this id was created before."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJobState:
    """The job's state does not allow this."""

    job_id: JobId
    status: JobStatus
    needed: tuple[JobStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotDone:
    """Not every set of the job is packed."""

    job_id: JobId
    packed: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotDone:
    """Not every line of the order is produced."""

    order_id: ProductionOrderId


# -- stations and corrections --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingChanged:
    """It is as asked already: help called, downtime ended, the same definition."""

    of: str


class CorrectionFault(StrEnum):
    """Why an event cannot be corrected."""

    NO_SUCH_EVENT = "no_such_event"
    NOT_THE_NEWEST = "not_the_newest"
    NOT_RETRACTABLE = "not_retractable"
    FIELD_NOT_CORRECTABLE = "field_not_correctable"
    FIELD_SAYS_OTHERWISE = "field_says_otherwise"
    ALREADY_RETRACTED = "already_retracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCorrectable:
    """The event stays as it is; ``fault`` says why, ``event`` what it is."""

    aggregate_id: str
    version: int
    event: str
    fault: CorrectionFault


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToUndo:
    """This station did nothing that could be taken back."""

    station_id: StationId


Rejection = (
    UnknownBarcode
    | NotLoggedOn
    | UnknownOperator
    | NotPermitted
    | PinNotSet
    | PinWrong
    | UnknownUnit
    | JobNotRunning
    | WrongKindOfUnit
    | WrongStep
    | AlreadyDone
    | RepeatedScan
    | SheetGone
    | CardVoided
    | CardGathered
    | CardFailed
    | NotAtStation
    | WrongUnitState
    | ReasonMissing
    | UnknownOperation
    | ReworkLimitReached
    | AlreadyReplaced
    | NumberNeeded
    | NumberOutOfRun
    | SerialNeeded
    | NumberAlreadyApplied
    | AlreadyClaimed
    | WrongSet
    | DuplicateCard
    | PositionTaken
    | NotExpectedInSet
    | NotPassedQA
    | NotGathered
    | SetIncomplete
    | NeedsAuthorization
    | NothingToAuthorize
    | AuthorizerGathered
    | SetClosed
    | NotOverdue
    | NoPackOpen
    | ScanTheSet
    | PackExists
    | PackNotOpen
    | PackNotSealed
    | PackEmpty
    | PackAlreadyNested
    | WrongJobForPack
    | WrongPackKind
    | InvalidDefinition
    | UnknownSpec
    | UnknownStation
    | UnknownOrder
    | UnknownOrderLine
    | OrderExists
    | OrderNotOpen
    | PromiseInPast
    | UnknownJob
    | JobExists
    | WrongJobState
    | JobNotDone
    | OrderNotDone
    | NothingChanged
    | NotCorrectable
    | NothingToUndo
)
"""Every way in which a command or scan can be refused."""
