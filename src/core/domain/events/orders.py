"""The facts of orders and jobs."""

from datetime import datetime

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.values import (
    OrderLine,
    ProductSpec,
)
from core.identity.ids import (
    JobId,
    ProductionOrderId,
)


@immutable
class OrderPlaced(Fact):
    """A customer's order was taken on."""

    order_id: ProductionOrderId
    customer: str
    lines: tuple[OrderLine, ...]
    promise_at: datetime
    priority: int


@immutable
class OrderCancelled(Fact):
    """The order will not be produced."""

    order_id: ProductionOrderId
    reason: str


@immutable
class OrderFulfilled(Fact):
    """Every line of the order is produced and packed."""

    order_id: ProductionOrderId
    job_ids: tuple[JobId, ...]


@immutable
class JobCreated(Fact):
    """A work unit was made from an order line; it keeps the spec as it was then.

    Recorded in the job's stream and the order's. ``overs`` of its sheets are spare: made
    on purpose beyond what the line asks for.
    """

    job_id: JobId
    order_id: ProductionOrderId
    order_line: int
    customer: str
    spec: ProductSpec
    sheet_count: int
    overs: int
    priority: int
    promise_at: datetime


@immutable
class JobStarted(Fact):
    """The job was released to the floor; its sheets exist from here on."""

    job_id: JobId
    sheet_count: int


@immutable
class JobHeld(Fact):
    """Work on the job was stopped for a reason."""

    job_id: JobId
    reason: str


@immutable
class JobResumed(Fact):
    """Work on the job goes on."""

    job_id: JobId


@immutable
class JobCancelled(Fact):
    """The job will not be finished."""

    job_id: JobId
    reason: str


@immutable
class JobPriorityChanged(Fact):
    """The job moved in every queue; 1 is the most urgent, 9 the least."""

    job_id: JobId
    was: int
    now: int


@immutable
class PromiseDateChanged(Fact):
    """The job is due at another moment."""

    job_id: JobId
    was: datetime
    now: datetime


@immutable
class JobCompleted(Fact):
    """Every set of the job is packed."""

    job_id: JobId
    order_id: ProductionOrderId
    sets_packed: int
