"""Gates: a lead lets a sheet or card past a step of its route. One rule for both; what else refuses each is its own."""

from core.domain.commands import ApproveGate
from core.domain.events import GateApproved
from core.domain.models import CardUnit, Job, Sheet
from core.domain.rejections import AlreadyDone, Rejection, UnknownOperation, WrongStep
from core.domain.values import OperationType, UnitKind
from core.production.routes import is_ready_to_cut, missing_before, ready_refs, step_of, steps_for


def approve(command: ApproveGate, unit: Sheet | CardUnit, job: Job) -> GateApproved | Rejection:
    """Let a unit that may be worked on past a gate whose predecessors are done."""
    is_sheet = isinstance(unit, Sheet)
    kind, unit_id = (UnitKind.SHEET, unit.sheet_id) if is_sheet else (UnitKind.CARD, unit.card_unit_id)
    route, done = job.spec.route, unit.done
    gate = step_of(route, command.gate)
    if gate is None or gate.work is not OperationType.GATE or gate.unit is not kind:
        known = tuple(step.operation for step in steps_for(route, kind) if step.work is OperationType.GATE)
        return UnknownOperation(unit_id=unit_id, operation=command.gate, known=known)
    ready = ready_refs(route, kind, done)
    if gate.operation in done:
        return AlreadyDone(unit_id=unit_id, operation=gate.operation, ready=ready)
    missing = missing_before(route, gate, done)
    if missing:
        return WrongStep(
            unit_id=unit_id, station_id=None, work=(gate.work,), operations=(), ready=ready, missing=missing
        )
    passed = done | {gate.operation}
    return GateApproved(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        unit_id=unit_id,
        job_id=unit.job_id,
        spec_code=unit.spec_code,
        operation=gate.operation,
        ready=ready_refs(route, kind, passed),
        ready_to_cut=is_sheet and is_ready_to_cut(route, passed),
    )
