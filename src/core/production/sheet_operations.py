"""Sheets: printed, embellished, let past gates, and cut exactly once into cards."""

from core.domain.commands import (
    ApproveGate,
    CompleteOperation,
    CutSheet,
    EnterStation,
    VoidSheet,
)
from core.domain.events import (
    AssemblyOpened,
    CardUnitCreated,
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
from core.domain.models import CheckIn, Completion, Job, Sheet, changed
from core.domain.rejections import (
    NothingChanged,
    ReasonMissing,
    Rejection,
    SheetGone,
    UnknownOperation,
)
from core.domain.state_machines import SHEET
from core.domain.values import OperationType, RouteStep, SheetStatus, StationDefinition, UnitKind, VoidReason
from core.identity.ids import assembly_of, card_unit_id
from core.production import gates
from core.production.headers import of_sheet
from core.production.jobs import running
from core.production.routes import (
    cut_step,
    is_ready_to_cut,
    ready_refs,
    steps_for,
)
from core.production.stations import choose_step, is_checked_in

SheetWork = SheetExitedStation | SheetEnteredStation | SheetOperationCompleted | PrintCompleted


def evolve_sheet(state: Sheet | None, event: Event) -> Sheet | None:
    """Return the sheet after the event; its first event creates it."""
    if isinstance(event, SheetCreated):
        to_cut = all(step.work is OperationType.CUT for step in event.ready)
        return Sheet(
            sheet_id=event.sheet_id,
            job_id=event.job_id,
            spec_code=event.spec_code,
            order_id=event.order_id,
            product_name=event.product_name,
            n_up=event.n_up,
            rows=event.rows,
            columns=event.columns,
            status=SheetStatus.READY_TO_CUT if to_cut else SheetStatus.CREATED,
        )
    if state is None:
        return None
    match event:
        case SheetEnteredStation():
            check_in = CheckIn(event.station_id, event.operation, event.occurred_at)
            # At the cutter a sheet stays READY_TO_CUT: checking in is not working on it.
            waits_for_cut = state.status is SheetStatus.READY_TO_CUT
            return _to(state, state.status if waits_for_cut else SheetStatus.IN_PROGRESS, check_in=check_in)
        case SheetExitedStation():
            return changed(state, check_in=None)
        case SheetOperationCompleted() | PrintCompleted():
            completion = Completion(event.station_id, event.occurred_at, by_label=True)
            return _done(state, event, check_in=None, completion=completion)
        case GateApproved():
            return _done(state, event)
        case SheetCut():
            return _to(state, SheetStatus.CUT, check_in=None)
        case SheetVoided():
            return _to(state, SheetStatus.VOIDED, check_in=None)
        case _:
            return state


def _to(state: Sheet, status: SheetStatus, **fields: object) -> Sheet:
    return changed(state, status=SHEET.advance(state.status, status), **fields)


def _done(state: Sheet, event: SheetOperationCompleted | PrintCompleted | GateApproved, **fields: object) -> Sheet:
    status = SheetStatus.READY_TO_CUT if event.ready_to_cut else SheetStatus.IN_PROGRESS
    return _to(state, status, done=state.done | {event.operation}, **fields)


def _gone(sheet: Sheet) -> SheetGone | None:
    if sheet.status in {SheetStatus.CUT, SheetStatus.VOIDED}:
        return SheetGone(sheet_id=sheet.sheet_id, status=sheet.status, n_up=sheet.n_up)
    return None


def _workable(sheet: Sheet, job: Job, station: StationDefinition) -> RouteStep | Rejection:
    """Return the step that this station may do on the sheet now, or why it may not."""
    refused = _gone(sheet) or running(job)
    if refused is not None:
        return refused
    return choose_step(
        unit_id=sheet.sheet_id,
        unit=UnitKind.SHEET,
        route=job.spec.route,
        done=sheet.done,
        check_in=sheet.check_in,
        station=station,
    )


def enter_station(command: EnterStation, sheet: Sheet, job: Job) -> tuple[SheetWork, ...] | Rejection:
    """Check the sheet in for this station's operation; it leaves where it was before."""
    step = _workable(sheet, job, command.station)
    if not isinstance(step, RouteStep):
        return step
    if is_checked_in(sheet.check_in, command.station, step):
        return NothingChanged(of=sheet.sheet_id)
    return _entering(command, sheet, step)


def _entering(
    command: EnterStation | CompleteOperation | CutSheet, sheet: Sheet, step: RouteStep
) -> tuple[SheetWork, ...]:
    entered = SheetEnteredStation(
        **of_sheet(command, sheet),
        operation=step.operation,
        work=step.work,
    )
    before = sheet.check_in
    if before is None or before.station_id is None:
        return (entered,)
    exited = SheetExitedStation(
        **of_sheet(command, sheet),
        left=before.station_id,
        operation=before.operation,
    )
    return (exited, entered)


def complete_operation(command: CompleteOperation, sheet: Sheet, job: Job) -> tuple[SheetWork, ...] | Rejection:
    """Say that this station's operation is done on the sheet, checking it in if need be."""
    step = _workable(sheet, job, command.station)
    if not isinstance(step, RouteStep):
        return step
    if step.work in {OperationType.CUT, OperationType.GATE}:
        # A cut makes cards and a gate is a lead's approval; each has a command of its own.
        known = tuple(s.operation for s in steps_for(job.spec.route, UnitKind.SHEET))
        return UnknownOperation(unit_id=sheet.sheet_id, operation=step.operation, known=known)
    events: tuple[SheetWork, ...] = ()
    if not is_checked_in(sheet.check_in, command.station, step):
        events = _entering(command, sheet, step)
    done = sheet.done | {step.operation}
    completed = PrintCompleted if step.work is OperationType.PRINT else SheetOperationCompleted
    return (
        *events,
        completed(
            **of_sheet(command, sheet),
            operation=step.operation,
            work=step.work,
            ready=ready_refs(job.spec.route, UnitKind.SHEET, done),
            ready_to_cut=is_ready_to_cut(job.spec.route, done),
        ),
    )


def approve_gate(command: ApproveGate, sheet: Sheet, job: Job) -> GateApproved | Rejection:
    """Let the sheet past a gate whose predecessors are done."""
    return _gone(sheet) or running(job) or gates.approve(command, sheet, job)


def cut_sheet(
    command: CutSheet, sheet: Sheet, job: Job
) -> tuple[SheetCut, tuple[CardUnitCreated, ...], AssemblyOpened] | Rejection:
    """End the sheet and make its n_up cards and the set in which they are awaited.

    Source: domain.md, invariant 1: exactly once, exactly n_up cards, positions 1..n_up.
    """
    step = _workable(sheet, job, command.station)
    if not isinstance(step, RouteStep):
        return step
    cut = cut_step(job.spec.route)
    if step.operation != cut.operation:
        known = (cut.operation,)
        return UnknownOperation(unit_id=sheet.sheet_id, operation=step.operation, known=known)
    cards = tuple([card_unit_id(sheet.sheet_id, place) for place in range(1, sheet.n_up + 1)])
    assembly = assembly_of(sheet.sheet_id)
    ready = ready_refs(job.spec.route, UnitKind.CARD, frozenset())
    at, who, where = command.at, command.operator_id, command.station.station_id
    sheet_cut = SheetCut(
        occurred_at=at,
        operator_id=who,
        station_id=where,
        sheet_id=sheet.sheet_id,
        job_id=sheet.job_id,
        spec_code=sheet.spec_code,
        operation=cut.operation,
        n_up=sheet.n_up,
        card_unit_ids=cards,
        assembly_id=assembly,
    )
    created = tuple(
        [
            CardUnitCreated(
                occurred_at=at,
                operator_id=who,
                station_id=where,
                card_unit_id=card,
                sheet_id=sheet.sheet_id,
                job_id=sheet.job_id,
                spec_code=sheet.spec_code,
                position=place,
                order_id=sheet.order_id,
                product_name=sheet.product_name,
                n_up=sheet.n_up,
                ready=ready,
            )
            for place, card in enumerate(cards, start=1)
        ]
    )
    opened = AssemblyOpened(
        occurred_at=at,
        operator_id=who,
        station_id=where,
        assembly_id=assembly,
        sheet_id=sheet.sheet_id,
        job_id=sheet.job_id,
        spec_code=sheet.spec_code,
        order_id=sheet.order_id,
        product_name=sheet.product_name,
        rows=sheet.rows,
        columns=sheet.columns,
        expected=cards,
    )
    return sheet_cut, created, opened


def void_sheet(command: VoidSheet, sheet: Sheet) -> SheetVoided | Rejection:
    """Take an uncut sheet out of production; its job may be in any state."""
    refused = _gone(sheet)
    if refused is not None:
        return refused
    if command.reason is VoidReason.OTHER and not command.note.strip():
        return ReasonMissing(unit_id=sheet.sheet_id)
    return SheetVoided(
        **of_sheet(command, sheet),
        reason=command.reason,
        note=command.note,
    )
