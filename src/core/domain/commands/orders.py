"""Customers' orders and the jobs made of them."""

from datetime import datetime

from core.domain.commands.base import Order
from core.domain.immutable import immutable
from core.domain.values import (
    OrderLine,
)
from core.identity.ids import (
    JobId,
    ProductionOrderId,
)


@immutable
class PlaceOrder(Order):
    """Take on a customer's order; priority 1 (most urgent) to 9."""

    order_id: ProductionOrderId
    customer: str
    lines: tuple[OrderLine, ...]
    promise_at: datetime
    priority: int = 5


@immutable
class CancelOrder(Order):
    """Give an order up, and with it its jobs that are not started.

    ``with_running_jobs`` cancels those on the floor as well; without it they refuse the
    command, for paper is being printed and cut for them. What is packed stays packed.
    """

    order_id: ProductionOrderId
    reason: str
    with_running_jobs: bool = False


@immutable
class FulfilOrder(Order):
    """Automation: the order's last job is completed."""

    order_id: ProductionOrderId


@immutable
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


@immutable
class StartJob(Order):
    """Release a job to the floor: its sheets come into being."""

    job_id: JobId


@immutable
class HoldJob(Order):
    """Stop work on a job."""

    job_id: JobId
    reason: str


@immutable
class ResumeJob(Order):
    """Let work on a held job go on."""

    job_id: JobId


@immutable
class CancelJob(Order):
    """Give a job up."""

    job_id: JobId
    reason: str


@immutable
class ChangePriority(Order):
    """Move a job in every queue; 1 is the most urgent, 9 the least."""

    job_id: JobId
    priority: int


@immutable
class ChangePromiseDate(Order):
    """Agree another moment for a job."""

    job_id: JobId
    promise_at: datetime


@immutable
class CompleteJob(Order):
    """Automation: the job's last set is packed."""

    job_id: JobId
