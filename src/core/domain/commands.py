"""Orders to do something. They may be refused; what was done is an event.

Every command says who asks, where, and when (UTC); the core knows no clock.
"""

from dataclasses import dataclass
from datetime import datetime

from core.domain.streams import StreamKey
from core.domain.values import (
    FieldChange,
    OperatorRole,
    OrderLine,
    PinSecret,
    ProductSpec,
    QAResult,
    StationDefinition,
    StopClearedBy,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    CommandId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What every command says.

    ``operator_id`` is None for the product's own automations, ``station_id`` for
    whatever is asked from no station.
    """

    at: datetime
    operator_id: OperatorId | None
    station_id: StationId | None


# -- catalogue -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineProductSpec(Order):
    """Describe a product; the version in ``spec`` is ignored, the stream gives it."""

    spec: ProductSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineStation(Order):
    """Set up a station, or change it."""

    station: StationDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOperator(Order):
    """Give a person a badge and roles, or new ones."""

    badge: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOperatorPin(Order):
    """Store the hash of a person's PIN; see ``core.production.pins``."""

    badge: OperatorId
    secret: PinSecret


# -- orders and jobs -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Order):
    """Take on a customer's order; priority 1 (most urgent) to 9."""

    order_id: ProductionOrderId
    customer: str
    lines: tuple[OrderLine, ...]
    promise_at: datetime
    priority: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Order):
    """Give an order up, and with it its jobs that are not started.

    ``with_running_jobs`` cancels those on the floor as well; without it they refuse the
    command, for paper is being printed and cut for them. What is packed stays packed.
    """

    order_id: ProductionOrderId
    reason: str
    with_running_jobs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilOrder(Order):
    """Automation: the order's last job is completed."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJob(Order):
    """Make a job of an order line; None takes date or priority from the order.

    ``sheet_count`` are the sheets in all; None is what the line still lacks, and the
    ``overs``. ``overs`` are how many of the sheets are spare, made on purpose beyond
    what the line asks for.
    """

    job_id: JobId
    order_id: ProductionOrderId
    order_line: int
    spec_code: str
    sheet_count: int | None = None
    overs: int = 0
    priority: int | None = None
    promise_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartJob(Order):
    """Release a job to the floor: its sheets come into being."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldJob(Order):
    """Stop work on a job."""

    job_id: JobId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeJob(Order):
    """Let work on a held job go on."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJob(Order):
    """Give a job up."""

    job_id: JobId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePriority(Order):
    """Move a job in every queue; 1 is the most urgent, 9 the least."""

    job_id: JobId
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePromiseDate(Order):
    """Agree another moment for a job."""

    job_id: JobId
    promise_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteJob(Order):
    """Automation: the job's last set is packed."""

    job_id: JobId


# -- sheets and cards ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterStation(Order):
    """Check a sheet or card in at a station for the operation that is done there."""

    unit_id: SheetId | CardUnitId
    station: StationDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteOperation(Order):
    """Say that the operation of this station is done on a sheet or card.

    Checks the unit in first where it was not. ``number`` is its number in the
    job's run for numbering, ``serial`` the insert's serial for memorabilia.
    ``operation`` is the one that the station asked these for: no other is completed by them.
    """

    unit_id: SheetId | CardUnitId
    station: StationDefinition
    operation: OperationCode | None = None
    number: int | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveGate(Order):
    """Let a sheet or card past a gate of its route."""

    unit_id: SheetId | CardUnitId
    gate: OperationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSheet(Order):
    """Cut a sheet into its cards."""

    sheet_id: SheetId
    station: StationDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidSheet(Order):
    """Take a sheet out of production before it is cut."""

    sheet_id: SheetId
    reason: VoidReason
    note: str = ""


# -- QA ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQAResult(Order):
    """Record an inspection of a card that is at the bench."""

    card_unit_id: CardUnitId
    station: StationDefinition
    result: QAResult


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToRework(Order):
    """Send a failed card back to an operation of its route."""

    card_unit_id: CardUnitId
    back_to: OperationCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidCardUnit(Order):
    """Take a card out of production for good."""

    card_unit_id: CardUnitId
    reason: VoidReason
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReplacement(Order):
    """Make a card for a voided one: same sheet, same position, next ``-R`` number."""

    card_unit_id: CardUnitId


# -- gathering -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCardForAssembly(Order):
    """Gather a card into the set whose tray is open at the station.

    ``tray_brought`` says that the tray itself was brought here since it was last
    filled: its label was scanned at this station.
    """

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    tray_brought: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCardFromAssembly(Order):
    """Take a gathered card out of its set again."""

    card_unit_id: CardUnitId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutVoidedCard(Order):
    """Say that a card that was voided in its tray was taken out of it."""

    card_unit_id: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkTray(Order):
    """Put the open tray of a set aside."""

    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeReplacementSet(Order):
    """Let a complete set with replacements be packed; ``pin`` proves the manager's badge."""

    assembly_id: AssemblyId
    manager: OperatorId
    pin: str

    def __repr__(self) -> str:
        """Name the set and the manager, never the PIN."""
        return f"AuthorizeReplacementSet({self.assembly_id}, {self.manager})"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagOverdueAssembly(Order):
    """Automation: the set has been open for longer than ``limit_minutes``."""

    assembly_id: AssemblyId
    limit_minutes: float


# -- packing -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPack(Order):
    """Begin to fill a box, case or pallet; its id tells which of them."""

    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSet(Order):
    """Put a set into an open box."""

    assembly_id: AssemblyId
    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPack(Order):
    """Close a container for good."""

    pack_id: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class NestPack(Order):
    """Put a sealed container into an open larger one."""

    pack_id: PackId
    into: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipPack(Order):
    """Hand a sealed container to the carrier."""

    pack_id: PackId
    carrier: str
    tracking_reference: str


# -- stations ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDowntime(Order):
    """Say that a station stands still."""

    at_station: StationId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDowntime(Order):
    """Say that a station works again."""

    at_station: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForHelp(Order):
    """Ask for a lead at a station."""

    at_station: StationId
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHelp(Order):
    """Take a station's call."""

    at_station: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearStop(Order):
    """End the stop that the refused command ``stop`` raised at ``raised_at``; ``ignored`` scans came under it.

    ``unit_id`` is what was refused, None where nobody can tell any more.
    """

    at_station: StationId
    stop: CommandId
    refusal: str
    raised_at: datetime
    cleared_by: StopClearedBy
    ignored: int
    unit_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHeldScan(Order):
    """Say that what a station held while the database was away was refused when it was delivered.

    ``held`` is its command id, ``kind`` what it was, ``scanned`` the code or unit, ``operator_id``
    who scanned it at ``scanned_at``. ``refusal`` names why and ``reason`` says it with its data, as
    the store writes refusals; both are empty for what the program could not read. ``in_tray`` is the
    card that was laid into its set's open tray by it, None where none was.
    """

    at_station: StationId
    held: CommandId
    kind: str
    scanned: str
    scanned_at: datetime
    refusal: str
    reason: str
    in_tray: CardUnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleHeldScan(Order):
    """Say that a held scan that was refused has been dealt with."""

    at_station: StationId
    held: CommandId
    note: str = ""


# -- corrections ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectEvent(Order):
    """Say that an event of a stream was wrong.

    Without ``changes`` the event is taken back as a whole, which only the newest
    effective event of a sheet's or card's stream allows. With ``changes`` the
    named fields are amended, which only descriptive fields allow.
    """

    stream: StreamKey
    version: int
    reason: str
    changes: tuple[FieldChange, ...] = ()


Command = (
    DefineProductSpec
    | DefineStation
    | RegisterOperator
    | SetOperatorPin
    | PlaceOrder
    | CancelOrder
    | FulfilOrder
    | CreateJob
    | StartJob
    | HoldJob
    | ResumeJob
    | CancelJob
    | ChangePriority
    | ChangePromiseDate
    | CompleteJob
    | EnterStation
    | CompleteOperation
    | ApproveGate
    | CutSheet
    | VoidSheet
    | RecordQAResult
    | SendToRework
    | VoidCardUnit
    | CreateReplacement
    | ScanCardForAssembly
    | RemoveCardFromAssembly
    | TakeOutVoidedCard
    | ParkTray
    | AuthorizeReplacementSet
    | FlagOverdueAssembly
    | OpenPack
    | PackSet
    | SealPack
    | NestPack
    | ShipPack
    | StartDowntime
    | EndDowntime
    | CallForHelp
    | AnswerHelp
    | ClearStop
    | ReportHeldScan
    | SettleHeldScan
    | CorrectEvent
)
"""Everything that can be asked of the core."""
