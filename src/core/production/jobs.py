"""Jobs: the work units made of order lines, and the sheets that they start with."""

from core.domain.commands import (
    CancelJob,
    ChangePriority,
    ChangePromiseDate,
    CompleteJob,
    CreateJob,
    HoldJob,
    ResumeJob,
    StartJob,
)
from core.domain.events import (
    Event,
    JobCancelled,
    JobCompleted,
    JobCreated,
    JobHeld,
    JobPriorityChanged,
    JobResumed,
    JobStarted,
    PromiseDateChanged,
    SheetCreated,
)
from core.domain.models import Job, ProductionOrder, changed
from core.domain.rejections import (
    DefinitionFault,
    Fault,
    InvalidDefinition,
    JobExists,
    JobNotDone,
    JobNotRunning,
    LineCovered,
    NothingChanged,
    OrderNotOpen,
    ReasonMissing,
    Rejection,
    UnknownJob,
    UnknownOrder,
    UnknownOrderLine,
    UnknownSpec,
    WrongJobState,
)
from core.domain.state_machines import JOB
from core.domain.values import JobStatus, OrderStatus, ProductSpec, UnitKind
from core.identity.ids import SpecCode, sheet_id
from core.production.facts import JobProgress, OrderedJob
from core.production.orders import priority_faults
from core.production.promises import promise_refusal
from core.production.routes import is_numbered, ready_refs

MAX_SHEETS = 2_000
"""Starting a job creates its sheets in one statement; larger orders take several jobs."""


def evolve_job(state: Job | None, event: Event) -> Job | None:
    """Return the job after the event; its first event creates it."""
    if isinstance(event, JobCreated):
        return Job(
            job_id=event.job_id,
            order_id=event.order_id,
            spec=event.spec,
            sheet_count=event.sheet_count,
            status=JobStatus.CREATED,
            priority=event.priority,
            promise_at=event.promise_at,
        )
    if state is None:
        return None
    match event:
        case JobStarted() | JobResumed():
            status = JOB.advance(state.status, JobStatus.STARTED)
            return changed(state, status=status, reason=None)
        case JobHeld():
            status = JOB.advance(state.status, JobStatus.ON_HOLD)
            return changed(state, status=status, reason=event.reason)
        case JobCancelled():
            status = JOB.advance(state.status, JobStatus.CANCELLED)
            return changed(state, status=status, reason=event.reason)
        case JobCompleted():
            return changed(state, status=JOB.advance(state.status, JobStatus.COMPLETED))
        case JobPriorityChanged():
            return changed(state, priority=event.now)
        case PromiseDateChanged():
            return changed(state, promise_at=event.now)
        case _:
            return state


def running(job: Job) -> JobNotRunning | None:
    """Refuse work on a job that is not started, held, cancelled or completed."""
    return None if job.status is JobStatus.STARTED else _not_running(job)


def not_held(job: Job) -> JobNotRunning | None:
    """Refuse to move what a held job has packed already: what is wrong with it may be in the box."""
    return _not_running(job) if job.status is JobStatus.ON_HOLD else None


def _not_running(job: Job) -> JobNotRunning:
    return JobNotRunning(job_id=job.job_id, status=job.status, reason=job.reason)


def create_job(
    command: CreateJob,
    known: Job | None,
    order: ProductionOrder | None,
    spec: ProductSpec | None,
    others: tuple[OrderedJob, ...],
) -> JobCreated | Rejection:
    """Make a job of an open order's line, with the product's newest spec.

    It makes no more of the line than the ``others``, the order's jobs so far, leave to be
    made, except for sheets that are said to be spare.
    """
    if known is not None:
        return JobExists(job_id=command.job_id)
    if order is None:
        return UnknownOrder(order_id=command.order_id)
    if order.status is not OrderStatus.PLACED:
        return OrderNotOpen(order_id=order.order_id, status=order.status)
    if spec is None:
        return UnknownSpec(spec_code=SpecCode(command.spec_code))
    line = next((line for line in order.lines if line.line == command.order_line), None)
    if line is None or line.spec_code != spec.code:
        return UnknownOrderLine(order_id=order.order_id, line=command.order_line, spec_code=spec.code)
    of_line = [job for job in others if job.line == line.line]
    # What a cancelled job had packed is not made again.
    covered = sum(job.sets_packed if job.status is JobStatus.CANCELLED else job.sets for job in of_line)
    lacking = max(0, line.sets - covered)
    sheets = lacking + command.overs if command.sheet_count is None else command.sheet_count
    priority = order.priority if command.priority is None else command.priority
    faults = list(priority_faults(priority))
    if not 1 <= sheets <= MAX_SHEETS:
        found = f"{sheets} sheets, 1 to {MAX_SHEETS} allowed"
        faults.append(Fault(fault=DefinitionFault.QUANTITY_OUT_OF_RANGE, where="sheet_count", found=found))
    elif is_numbered(spec.route) and sheets * spec.n_up > (spec.run_of or 0):
        # The last cards could never get a number, and their sets never be packed.
        found = f"{sheets} sheets × {spec.n_up} cards in a numbered run of {spec.run_of}"
        faults.append(Fault(fault=DefinitionFault.QUANTITY_OUT_OF_RANGE, where="sheet_count", found=found))
    if not 0 <= command.overs <= max(0, sheets):
        found = f"{command.overs} spare of {sheets} sheets"
        faults.append(Fault(fault=DefinitionFault.QUANTITY_OUT_OF_RANGE, where="overs", found=found))
    elif sheets - command.overs > lacking or (sheets == 0 and command.sheet_count is None):
        asked = 0 if command.sheet_count is None else sheets - command.overs
        return LineCovered(order_id=order.order_id, line=line.line, ordered=line.sets, covered=covered, asked=asked)
    if faults:
        return InvalidDefinition(of=command.job_id, faults=tuple(faults))
    promise_at = command.promise_at or order.promise_at
    refused = promise_refusal(command.job_id, promise_at, command.at)
    if refused is not None:
        return refused
    return JobCreated(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=command.job_id,
        order_id=order.order_id,
        order_line=line.line,
        customer=order.customer,
        spec=spec,
        sheet_count=sheets,
        overs=command.overs,
        priority=priority,
        promise_at=promise_at,
    )


def start_job(command: StartJob, job: Job | None) -> tuple[JobStarted, tuple[SheetCreated, ...]] | Rejection:
    """Release a created job: one sheet comes into being for every set."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    if job.status is not JobStatus.CREATED:
        return WrongJobState(job_id=job.job_id, status=job.status, needed=(JobStatus.CREATED,))
    spec = job.spec
    ready = ready_refs(spec.route, UnitKind.SHEET, frozenset())
    sheets = tuple(
        SheetCreated(
            occurred_at=command.at,
            operator_id=command.operator_id,
            station_id=command.station_id,
            sheet_id=sheet_id(job.job_id, number),
            job_id=job.job_id,
            spec_code=spec.code,
            order_id=job.order_id,
            product_name=spec.name,
            number=number,
            sheet_count=job.sheet_count,
            n_up=spec.n_up,
            rows=spec.rows,
            columns=spec.columns,
            ready=ready,
        )
        for number in range(1, job.sheet_count + 1)
    )
    started = JobStarted(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
        sheet_count=job.sheet_count,
    )
    return started, sheets


def hold_job(command: HoldJob, job: Job | None) -> JobHeld | Rejection:
    """Stop a running job for a reason."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    if job.status is not JobStatus.STARTED:
        return WrongJobState(job_id=job.job_id, status=job.status, needed=(JobStatus.STARTED,))
    if not command.reason.strip():
        return ReasonMissing(unit_id=job.job_id)
    return JobHeld(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
        reason=command.reason,
    )


def resume_job(command: ResumeJob, job: Job | None) -> JobResumed | Rejection:
    """Let a held job go on."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    if job.status is not JobStatus.ON_HOLD:
        return WrongJobState(job_id=job.job_id, status=job.status, needed=(JobStatus.ON_HOLD,))
    return JobResumed(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
    )


def cancel_job(command: CancelJob, job: Job | None) -> JobCancelled | Rejection:
    """Give up a job that is not finished, with a reason."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    open_states = (JobStatus.CREATED, JobStatus.STARTED, JobStatus.ON_HOLD)
    if job.status not in open_states:
        return WrongJobState(job_id=job.job_id, status=job.status, needed=open_states)
    if not command.reason.strip():
        return ReasonMissing(unit_id=job.job_id)
    return JobCancelled(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
        reason=command.reason,
    )


def _closed(job: Job) -> WrongJobState | None:
    if job.status in JOB.terminal():
        needed = (JobStatus.CREATED, JobStatus.STARTED, JobStatus.ON_HOLD)
        return WrongJobState(job_id=job.job_id, status=job.status, needed=needed)
    return None


def change_priority(command: ChangePriority, job: Job | None) -> JobPriorityChanged | Rejection:
    """Move an unfinished job in the queues."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    faults = tuple(priority_faults(command.priority))
    if faults:
        return InvalidDefinition(of=job.job_id, faults=faults)
    if job.priority == command.priority:
        return NothingChanged(of=job.job_id)
    return _closed(job) or JobPriorityChanged(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
        was=job.priority,
        now=command.priority,
    )


def change_promise(command: ChangePromiseDate, job: Job | None) -> PromiseDateChanged | Rejection:
    """Agree another date for an unfinished job, which must lie ahead."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    refused = promise_refusal(job.job_id, command.promise_at, command.at)
    if refused is not None:
        return refused
    if job.promise_at == command.promise_at:
        return NothingChanged(of=job.job_id)
    return _closed(job) or PromiseDateChanged(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
        was=job.promise_at,
        now=command.promise_at,
    )


def complete_job(command: CompleteJob, job: Job | None, progress: JobProgress | None) -> JobCompleted | Rejection:
    """Close a running job once a set is packed for every sheet that was not voided."""
    if job is None:
        return UnknownJob(job_id=command.job_id)
    if job.status is not JobStatus.STARTED:
        return WrongJobState(job_id=job.job_id, status=job.status, needed=(JobStatus.STARTED,))
    if progress is None:
        return JobNotDone(job_id=job.job_id, packed=0, expected=job.sheet_count)
    if progress.sets_packed == 0 or progress.sets_packed < progress.sheets:
        return JobNotDone(job_id=job.job_id, packed=progress.sets_packed, expected=progress.sheets)
    return JobCompleted(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        job_id=job.job_id,
        order_id=job.order_id,
        sets_packed=progress.sets_packed,
    )
