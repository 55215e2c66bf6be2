"""The facts of sheets, from creation to the cut, and of gates."""

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.values import (
    OperationType,
    StepRef,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)


@immutable
class SheetFact(Fact):
    """A fact about one sheet."""

    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode


@immutable
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


@immutable
class SheetEnteredStation(SheetFact):
    """The sheet was checked in for an operation."""

    operation: OperationCode
    work: OperationType


@immutable
class SheetExitedStation(SheetFact):
    """The sheet left a station with its operation there not done."""

    left: StationId
    operation: OperationCode


@immutable
class SheetOperationCompleted(SheetFact):
    """An operation on the sheet is done; ``ready_to_cut`` once none is left before the cut."""

    operation: OperationCode
    work: OperationType
    ready: tuple[StepRef, ...]
    ready_to_cut: bool


@immutable
class PrintCompleted(SheetFact):
    """The press printed the sheet."""

    operation: OperationCode
    work: OperationType
    ready: tuple[StepRef, ...]
    ready_to_cut: bool


@immutable
class SheetCut(SheetFact):
    """The sheet ended as a tracked unit and became its cards."""

    operation: OperationCode
    n_up: int
    card_unit_ids: tuple[CardUnitId, ...]
    assembly_id: AssemblyId


@immutable
class SheetVoided(SheetFact):
    """The sheet left production before it was cut."""

    reason: VoidReason
    note: str


@immutable
class GateApproved(Fact):
    """A lead let a sheet or card past a gate of its route."""

    unit_id: str
    job_id: JobId
    spec_code: SpecCode
    operation: OperationCode
    ready: tuple[StepRef, ...]
    ready_to_cut: bool
