"""rm_orders: each customer's order, its lines and its state.

Folded from the order's own stream. Read by the office's commands and the lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.events import Event, JobCreated, OrderCancelled, OrderFulfilled, OrderPlaced
from core.domain.streams import AggregateType
from core.domain.values import OrderLine, OrderStatus
from core.identity.ids import JobId, ProductionOrderId
from core.projections.folding import Arms, Begins, fold_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order as it is now.

    ``sets`` is what its lines ask for together. ``job_ids`` are all jobs that were made
    of it, cancelled ones too, in the order in which they were made.
    ``closed_at`` is when it was fulfilled or cancelled, ``cancel_reason`` why.
    ``version`` is its stream's, corrections included.
    """

    order_id: ProductionOrderId
    customer: str
    lines: tuple[OrderLine, ...]
    sets: int
    promise_at: datetime
    priority: int
    status: OrderStatus
    job_ids: tuple[JobId, ...]
    cancel_reason: str | None
    placed_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    version: int


@dataclass(slots=True)
class _Order:
    """The order so far."""

    placed: OrderPlaced
    status: OrderStatus = OrderStatus.PLACED
    job_ids: tuple[JobId, ...] = ()
    cancel_reason: str | None = None
    closed_at: datetime | None = None


def _cancelled(order: _Order, event: OrderCancelled) -> None:
    order.status = OrderStatus.CANCELLED
    order.cancel_reason = event.reason
    order.closed_at = event.occurred_at


def _fulfilled(order: _Order, event: OrderFulfilled) -> None:
    order.status = OrderStatus.FULFILLED
    order.closed_at = event.occurred_at


def _job_made(order: _Order, event: JobCreated) -> None:
    order.job_ids = (*order.job_ids, event.job_id)


ORDER_BEGINS: Begins[_Order] = {OrderPlaced: _Order}

ORDER_ARMS: Arms[_Order] = {
    JobCreated: _job_made,
    OrderCancelled: _cancelled,
    OrderFulfilled: _fulfilled,
}


def fold_order(events: Sequence[Event]) -> OrderRow | None:
    """Return the row of an order from its whole stream, or None where it was never placed."""
    folded = fold_stream(AggregateType.ORDER, ORDER_BEGINS, ORDER_ARMS, events)
    if folded is None:
        return None
    order, updated_at = folded
    placed = order.placed
    return OrderRow(
        order_id=placed.order_id,
        customer=placed.customer,
        lines=placed.lines,
        sets=sum([line.sets for line in placed.lines]),
        promise_at=placed.promise_at,
        priority=placed.priority,
        status=order.status,
        job_ids=order.job_ids,
        cancel_reason=order.cancel_reason,
        placed_at=placed.occurred_at,
        closed_at=order.closed_at,
        updated_at=updated_at,
        version=len(events),
    )
