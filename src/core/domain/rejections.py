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


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What every rejection is: nothing was changed, and this is why."""


# -- barcodes, people ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownBarcode(Refusal):
    """The scanned text is no code of this shop; ``text`` is raw and may hold anything."""

    text: str
    problem: BarcodeProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLoggedOn(Refusal):
    """Somebody must scan a badge first."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOperator(Refusal):
    """No person has this badge."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPermitted(Refusal):
    """The person lacks every one of the roles that may do this."""

    operator_id: OperatorId | None
    needed: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinNotSet(Refusal):
    """The person has no PIN yet."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class PinWrong(Refusal):
    """The PIN is not this person's."""

    operator_id: OperatorId


# -- units ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownUnit(Refusal):
    """A well-formed id of nothing that exists."""

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotRunning(Refusal):
    """The unit's job is held, cancelled, completed or not started."""

    job_id: JobId
    status: JobStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongKindOfUnit(Refusal):
    """This station works on something else: a card came where sheets are due, say."""

    unit_id: str
    station_role: StationRole


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongStep(Refusal):
    """The unit is not ready for what this station does; ``ready`` says for what it is.

    ``missing`` are the operations that must be done before this station's;
    ``station_id`` is None where a gate was approved from no station.
    """

    unit_id: str
    station_id: StationId | None
    work: tuple[OperationType, ...]
    ready: tuple[StepRef, ...]
    missing: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDone(Refusal):
    """This station's operation was done on the unit before."""

    unit_id: str
    operation: OperationCode
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedScan(Refusal):
    """The same code again so soon that it was hardly meant as the next step."""

    unit_id: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetGone(Refusal):
    """The sheet is cut or voided; what is on the floor are its cards, if any."""

    sheet_id: SheetId
    status: SheetStatus
    n_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVoided(Refusal):
    """The card left production; ``replaced_by`` names the card to use instead."""

    card_unit_id: CardUnitId
    reason: VoidReason | None
    replaced_by: CardUnitId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGathered(Refusal):
    """The card lies in its set's tray (or is packed) and takes no more work."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    status: CardUnitStatus
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFailed(Refusal):
    """The card failed QA and waits for a lead: rework or void."""

    card_unit_id: CardUnitId
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAtStation(Refusal):
    """A verdict or completion for a unit that is not checked in here."""

    unit_id: str
    station_id: StationId
    at_station: StationId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongUnitState(Refusal):
    """The command does not fit the state that the card is in."""

    unit_id: str
    status: CardUnitStatus | SheetStatus
    needed: tuple[CardUnitStatus | SheetStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonMissing(Refusal):
    """A failure, void or correction needs at least one code or a reason."""

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOperation(Refusal):
    """The route of this product has no such operation for this kind of unit."""

    unit_id: str
    operation: OperationCode
    known: tuple[OperationCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkLimitReached(Refusal):
    """The card was reworked as often as its product allows; it can only be voided."""

    card_unit_id: CardUnitId
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyReplaced(Refusal):
    """The voided card has a replacement already."""

    card_unit_id: CardUnitId
    replaced_by: CardUnitId


# -- numbers and inserts -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeeded(Refusal):
    """Numbering needs the number that is on the card."""

    card_unit_id: CardUnitId
    run_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutOfRun(Refusal):
    """The run has no such number."""

    card_unit_id: CardUnitId
    value: int
    run_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialNeeded(Refusal):
    """Memorabilia needs the insert's serial."""

    card_unit_id: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAlreadyApplied(Refusal):
    """The card has a number, and a card has only one."""

    card_unit_id: CardUnitId
    number: SequentialNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyClaimed(Refusal):
    """The number or serial belongs to another card."""

    kind: ClaimKind
    key: str
    holder: str


# -- gathering -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSet(Refusal):
    """The card belongs to another set than the one whose tray is open: full stop.

    ``missing`` are the positions that the open tray still needs.
    """

    card_unit_id: CardUnitId
    belongs_to: AssemblyId
    open_assembly: AssemblyId
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCard(Refusal):
    """The card is in this tray already."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTaken(Refusal):
    """Another card holds the position."""

    card_unit_id: CardUnitId
    held_by: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExpectedInSet(Refusal):
    """The set expects another card at this position: the latest replacement."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    expected: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPassedQA(Refusal):
    """Only cards that passed QA are gathered; ``ready`` says what is left."""

    card_unit_id: CardUnitId
    status: CardUnitStatus
    ready: tuple[StepRef, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayElsewhere(Refusal):
    """The set's tray stands at another station: two trays of one set would be two piles.

    Take the card there, or bring the tray and scan the set's label here.
    """

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    at_station: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGathered(Refusal):
    """The card is in no tray."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetIncomplete(Refusal):
    """Positions of the set are missing; ``missing`` names the cards that are awaited."""

    assembly_id: AssemblyId
    missing: tuple[CardUnitId, ...]
    gathered: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsAuthorization(Refusal):
    """The set holds replacements that no manager has authorized."""

    assembly_id: AssemblyId
    replacements: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToAuthorize(Refusal):
    """The set holds no replacement, is not complete, or is authorized already."""

    assembly_id: AssemblyId
    status: AssemblyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizerGathered(Refusal):
    """The manager gathered cards of this set; somebody else must authorize it."""

    assembly_id: AssemblyId
    manager: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClosed(Refusal):
    """The set is packed; nothing is gathered into or taken out of it."""

    assembly_id: AssemblyId
    status: AssemblyStatus
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOverdue(Refusal):
    """The set is not open past the limit, or was flagged before."""

    assembly_id: AssemblyId


# -- packing -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPackOpen(Refusal):
    """Scan a box first: nothing is open at this station."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTheSet(Refusal):
    """A single card was scanned where whole sets are packed: scan the set's label."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackExists(Refusal):
    """A container of this id was opened before."""

    pack_id: PackId
    status: PackStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNotOpen(Refusal):
    """Only an open container takes anything."""

    pack_id: PackId
    status: PackStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNotSealed(Refusal):
    """Only a sealed container is nested or shipped."""

    pack_id: PackId
    status: PackStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEmpty(Refusal):
    """An empty container is not sealed."""

    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackAlreadyNested(Refusal):
    """The container lies in another one."""

    pack_id: PackId
    inside: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJobForPack(Refusal):
    """A box holds sets of its own job only: full stop."""

    assembly_id: AssemblyId
    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPackKind(Refusal):
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
    NO_FINAL_QA = "no_final_qa"
    RUN_MISSING = "run_missing"
    RUN_OUT_OF_RANGE = "run_out_of_range"
    REWORK_LIMIT_OUT_OF_RANGE = "rework_limit_out_of_range"
    REPLACEMENT_START_UNKNOWN = "replacement_start_unknown"
    REPLACEMENT_SKIPS_MARK = "replacement_skips_mark"
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
class InvalidDefinition(Refusal):
    """A product spec, station, person or order that cannot be; all its faults at once."""

    of: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownSpec(Refusal):
    """No such product is defined."""

    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownStation(Refusal):
    """No such station is defined."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrder(Refusal):
    """No such order was placed."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrderLine(Refusal):
    """The order has no such line, or the line is for another product."""

    order_id: ProductionOrderId
    line: int
    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExists(Refusal):
    """An order of this id was placed before."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotOpen(Refusal):
    """The order is fulfilled or cancelled."""

    order_id: ProductionOrderId
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseInPast(Refusal):
    """A promise must lie ahead."""

    of: str
    promise_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownJob(Refusal):
    """No such job was created."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobExists(Refusal):
    """A job of this id was created before."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJobState(Refusal):
    """The job's state does not allow this."""

    job_id: JobId
    status: JobStatus
    needed: tuple[JobStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotDone(Refusal):
    """Not every set of the job is packed."""

    job_id: JobId
    packed: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotDone(Refusal):
    """Not every line of the order is produced."""

    order_id: ProductionOrderId


# -- stations and corrections --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingChanged(Refusal):
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
class NotCorrectable(Refusal):
    """The event stays as it is; ``fault`` says why, ``event`` what it is."""

    aggregate_id: str
    version: int
    event: str
    fault: CorrectionFault


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToUndo(Refusal):
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
    | TrayElsewhere
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
