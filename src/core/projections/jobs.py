"""rm_jobs: each job's product, urgency and state.

Folded from the job's own stream. How far its cards are is counted from the cards'
rows, never kept here: no scan may write a row that another kiosk writes as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
)
from core.domain.streams import AggregateType
from core.domain.values import JobStatus
from core.identity.ids import JobId, ProductionOrderId, SpecCode
from core.projections.folding import Arms, Begins, fold_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job as it is now.

    ``spec_code`` and ``spec_version`` name the product as it was when the job was
    made; ``rows`` × ``columns`` is its sheet's layout of ``n_up`` cards, ``run_of`` the
    size of its numbered run, None where cards are not numbered. ``priority`` is 1 (most
    urgent) to 9. ``status_reason`` is why it is held or cancelled, ``status_since``
    when it came into its state. ``version`` is its stream's, corrections included.
    """

    job_id: JobId
    order_id: ProductionOrderId
    order_line: int
    customer: str
    spec_code: SpecCode
    spec_version: int
    product_name: str
    sheet_count: int
    n_up: int
    rows: int
    columns: int
    run_of: int | None
    priority: int
    promise_at: datetime
    status: JobStatus
    status_reason: str | None
    status_since: datetime
    sets_packed: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    version: int


@dataclass(slots=True)
class _Job:
    """The job so far."""

    created: JobCreated
    priority: int
    promise_at: datetime
    status_since: datetime
    status: JobStatus = JobStatus.CREATED
    status_reason: str | None = None
    sets_packed: int | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


def _begin(event: JobCreated) -> _Job:
    return _Job(event, event.priority, event.promise_at, event.occurred_at)


def _become(job: _Job, status: JobStatus, since: datetime, reason: str | None = None) -> None:
    job.status = status
    job.status_since = since
    job.status_reason = reason


def _started(job: _Job, event: JobStarted) -> None:
    _become(job, JobStatus.STARTED, event.occurred_at)
    job.started_at = event.occurred_at


def _held(job: _Job, event: JobHeld) -> None:
    _become(job, JobStatus.ON_HOLD, event.occurred_at, event.reason)


def _resumed(job: _Job, event: JobResumed) -> None:
    _become(job, JobStatus.STARTED, event.occurred_at)


def _cancelled(job: _Job, event: JobCancelled) -> None:
    _become(job, JobStatus.CANCELLED, event.occurred_at, event.reason)


def _priority_changed(job: _Job, event: JobPriorityChanged) -> None:
    job.priority = event.now


def _promise_changed(job: _Job, event: PromiseDateChanged) -> None:
    job.promise_at = event.now


def _completed(job: _Job, event: JobCompleted) -> None:
    _become(job, JobStatus.COMPLETED, event.occurred_at)
    job.completed_at = event.occurred_at
    job.sets_packed = event.sets_packed


JOB_BEGINS: Begins[_Job] = {JobCreated: _begin}

JOB_ARMS: Arms[_Job] = {
    JobStarted: _started,
    JobHeld: _held,
    JobResumed: _resumed,
    JobCancelled: _cancelled,
    JobPriorityChanged: _priority_changed,
    PromiseDateChanged: _promise_changed,
    JobCompleted: _completed,
}


def fold_job(events: Sequence[Event]) -> JobRow | None:
    """Return the row of a job from its whole stream, or None where it was never made."""
    folded = fold_stream(AggregateType.JOB, JOB_BEGINS, JOB_ARMS, events)
    if folded is None:
        return None
    job, updated_at = folded
    created = job.created
    spec = created.spec
    return JobRow(
        job_id=created.job_id,
        order_id=created.order_id,
        order_line=created.order_line,
        customer=created.customer,
        spec_code=spec.code,
        spec_version=spec.version,
        product_name=spec.name,
        sheet_count=created.sheet_count,
        n_up=spec.n_up,
        rows=spec.rows,
        columns=spec.columns,
        run_of=spec.run_of,
        priority=job.priority,
        promise_at=job.promise_at,
        status=job.status,
        status_reason=job.status_reason,
        status_since=job.status_since,
        sets_packed=job.sets_packed,
        created_at=created.occurred_at,
        started_at=job.started_at,
        completed_at=job.completed_at,
        updated_at=updated_at,
        version=len(events),
    )
