"""rm_sheets: where each sheet is before the cut and what it waits for.

Folded from the sheet's own stream. Read by the queues of press, embellishment and cutter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.events import (
    Event,
    GateApproved,
    PrintCompleted,
    SheetCreated,
    SheetCut,
    SheetEnteredStation,
    SheetExitedStation,
    SheetOperationCompleted,
    SheetVoided,
)
from core.domain.immutable import immutable
from core.domain.streams import AggregateType
from core.domain.values import OperationType, SheetStatus, VoidReason
from core.identity.ids import (
    AssemblyId,
    JobId,
    OperationCode,
    OperatorId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)
from core.projections.folding import Arms, Begins, fold_stream, operations_of, works_of
from core.projections.whereabouts import Whereabouts, enter, leave, leave_worked_on, pass_gate


@immutable
class SheetRow:
    """One sheet as it is now.

    ``number`` counts from 1 to ``sheet_count`` within the job. ``station_id`` is where
    it is checked in, with ``operation`` and ``work`` in hand and ``operator_id`` who
    checked it in; all four are None between stations. ``last_station_id`` is where it
    was last seen at work. ``ready`` is the work it waits for (kinds, sorted, joined by
    ``+``), empty while it waits for none; ``ready_operations`` the operations. ``since``
    is when it came into its present place or state, ``waiting_since`` when it began to
    wait. ``assembly_id`` and ``cut_at`` are set by the cut. ``version`` is its
    stream's, corrections included.
    """

    sheet_id: SheetId
    job_id: JobId
    order_id: ProductionOrderId
    spec_code: SpecCode
    product_name: str
    number: int
    sheet_count: int
    n_up: int
    rows: int
    columns: int
    status: SheetStatus
    station_id: StationId | None
    last_station_id: StationId | None
    operation: OperationCode | None
    work: OperationType | None
    operator_id: OperatorId | None
    since: datetime
    ready: str
    ready_operations: str
    waiting_since: datetime | None
    assembly_id: AssemblyId | None
    cut_at: datetime | None
    void_reason: VoidReason | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(slots=True, kw_only=True)
class _Sheet(Whereabouts):
    """The sheet so far."""

    created: SheetCreated
    status: SheetStatus = SheetStatus.CREATED
    assembly_id: AssemblyId | None = None
    cut_at: datetime | None = None
    void_reason: VoidReason | None = None


def _begin(event: SheetCreated) -> _Sheet:
    to_cut = all(step.work is OperationType.CUT for step in event.ready)
    return _Sheet(
        created=event,
        steps=event.ready,
        since=event.occurred_at,
        waiting_since=event.occurred_at,
        status=SheetStatus.READY_TO_CUT if to_cut else SheetStatus.CREATED,
    )


def _entered(sheet: _Sheet, event: SheetEnteredStation) -> None:
    enter(sheet, event)
    # At the cutter it is still ready to cut: checking in is not working on it.
    if sheet.status is not SheetStatus.READY_TO_CUT:
        sheet.status = SheetStatus.IN_PROGRESS


def _exited(sheet: _Sheet, event: SheetExitedStation) -> None:
    leave(sheet, event)
    sheet.last_station_id = event.left


def _completed(sheet: _Sheet, event: SheetOperationCompleted | PrintCompleted) -> None:
    leave_worked_on(sheet, event)
    sheet.steps = event.ready
    sheet.status = SheetStatus.READY_TO_CUT if event.ready_to_cut else SheetStatus.IN_PROGRESS


def _gate_approved(sheet: _Sheet, event: GateApproved) -> None:
    pass_gate(sheet, event)
    sheet.status = SheetStatus.READY_TO_CUT if event.ready_to_cut else SheetStatus.IN_PROGRESS


def _cut(sheet: _Sheet, event: SheetCut) -> None:
    leave_worked_on(sheet, event)
    sheet.status = SheetStatus.CUT
    sheet.assembly_id = event.assembly_id
    sheet.cut_at = event.occurred_at


def _voided(sheet: _Sheet, event: SheetVoided) -> None:
    leave(sheet, event)
    sheet.status = SheetStatus.VOIDED
    sheet.void_reason = event.reason


SHEET_BEGINS: Begins[_Sheet] = {SheetCreated: _begin}

SHEET_ARMS: Arms[_Sheet] = {
    SheetEnteredStation: _entered,
    SheetExitedStation: _exited,
    SheetOperationCompleted: _completed,
    PrintCompleted: _completed,
    GateApproved: _gate_approved,
    SheetCut: _cut,
    SheetVoided: _voided,
}

_ENDED = frozenset({SheetStatus.CUT, SheetStatus.VOIDED})


def fold_sheet(events: Sequence[Event]) -> SheetRow | None:
    """Return the row of a sheet from its whole stream, or None where it was never made."""
    folded = fold_stream(AggregateType.SHEET, SHEET_BEGINS, SHEET_ARMS, events)
    if folded is None:
        return None
    sheet, updated_at = folded
    ready = ready_operations = ""
    if sheet.station_id is None and sheet.status not in _ENDED:
        ready = works_of(sheet.steps)
        ready_operations = operations_of(sheet.steps)
    created = sheet.created
    return SheetRow(
        sheet_id=created.sheet_id,
        job_id=created.job_id,
        order_id=created.order_id,
        spec_code=created.spec_code,
        product_name=created.product_name,
        number=created.number,
        sheet_count=created.sheet_count,
        n_up=created.n_up,
        rows=created.rows,
        columns=created.columns,
        status=sheet.status,
        station_id=sheet.station_id,
        last_station_id=sheet.last_station_id,
        operation=sheet.operation,
        work=sheet.work,
        operator_id=sheet.operator_id,
        since=sheet.since,
        ready=ready,
        ready_operations=ready_operations,
        waiting_since=sheet.waiting_since if ready else None,
        assembly_id=sheet.assembly_id,
        cut_at=sheet.cut_at,
        void_reason=sheet.void_reason,
        created_at=created.occurred_at,
        updated_at=updated_at,
        version=len(events),
    )
