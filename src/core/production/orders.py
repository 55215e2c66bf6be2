"""Production orders: what was promised to whom, by when."""

from collections.abc import Iterable, Mapping, Sequence

from core.domain.commands import CancelOrder, FulfilOrder, PlaceOrder
from core.domain.events import Event, JobCancelled, JobCreated, OrderCancelled, OrderFulfilled, OrderPlaced
from core.domain.models import Job, ProductionOrder, changed
from core.domain.rejections import (
    DefinitionFault,
    Fault,
    InvalidDefinition,
    OrderExists,
    OrderNotDone,
    OrderNotOpen,
    OrderOnFloor,
    ReasonMissing,
    Rejection,
    UnknownOrder,
    UnknownSpec,
)
from core.domain.state_machines import JOB, ORDER
from core.domain.values import JobStatus, OrderStatus, ProductSpec
from core.identity.ids import SpecCode
from core.production.facts import OrderedJob
from core.production.promises import promise_refusal

MIN_PRIORITY = 1
MAX_PRIORITY = 9
MAX_SETS = 100_000
MAX_CUSTOMER_LENGTH = 120


def evolve_order(state: ProductionOrder | None, event: Event) -> ProductionOrder | None:
    """Return the order after the event; its first event places it."""
    if isinstance(event, OrderPlaced):
        return ProductionOrder(
            order_id=event.order_id,
            customer=event.customer,
            lines=event.lines,
            promise_at=event.promise_at,
            priority=event.priority,
            status=OrderStatus.PLACED,
        )
    if state is None:
        return None
    match event:
        case JobCreated():
            return changed(state, jobs=(*state.jobs, event.job_id))
        case OrderFulfilled():
            return changed(state, status=ORDER.advance(state.status, OrderStatus.FULFILLED))
        case OrderCancelled():
            return changed(state, status=ORDER.advance(state.status, OrderStatus.CANCELLED))
        case _:
            return state


def place_order(
    command: PlaceOrder,
    known: ProductionOrder | None,
    specs: Mapping[SpecCode, ProductSpec | None],
) -> OrderPlaced | Rejection:
    """Take on an order for known products, due in the future."""
    if known is not None:
        return OrderExists(order_id=command.order_id)
    faults = tuple(_order_faults(command))
    if faults:
        return InvalidDefinition(of=command.order_id, faults=faults)
    for line in command.lines:
        if specs.get(line.spec_code) is None:
            return UnknownSpec(spec_code=line.spec_code)
    refused = promise_refusal(command.order_id, command.promise_at, command.at)
    if refused is not None:
        return refused
    return OrderPlaced(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        order_id=command.order_id,
        customer=command.customer,
        lines=command.lines,
        promise_at=command.promise_at,
        priority=command.priority,
    )


def _order_faults(command: PlaceOrder) -> Iterable[Fault]:
    if not command.customer.strip():
        yield Fault(fault=DefinitionFault.EMPTY_NAME, where="customer", found=command.customer)
    if len(command.customer) > MAX_CUSTOMER_LENGTH:
        found = f"{len(command.customer)} characters, at most {MAX_CUSTOMER_LENGTH}"
        yield Fault(fault=DefinitionFault.TOO_LONG, where="customer", found=found)
    if not command.lines:
        yield Fault(fault=DefinitionFault.NO_LINES, where="lines", found="none")
    numbers = [line.line for line in command.lines]
    for line in command.lines:
        where = f"line {line.line}"
        if numbers.count(line.line) > 1:
            yield Fault(fault=DefinitionFault.DUPLICATE_LINE, where=where, found="twice")
        if not 1 <= line.sets <= MAX_SETS:
            found = f"{line.sets} sets, 1 to {MAX_SETS} allowed"
            yield Fault(fault=DefinitionFault.QUANTITY_OUT_OF_RANGE, where=where, found=found)
    yield from priority_faults(command.priority)


def priority_faults(priority: int) -> Iterable[Fault]:
    """Say whether a priority is outside 1 (most urgent) to 9."""
    if not MIN_PRIORITY <= priority <= MAX_PRIORITY:
        found = f"{priority}, {MIN_PRIORITY} to {MAX_PRIORITY} allowed"
        yield Fault(fault=DefinitionFault.PRIORITY_OUT_OF_RANGE, where="priority", found=found)


def cancel_order(
    command: CancelOrder, order: ProductionOrder | None, jobs: Sequence[Job]
) -> tuple[OrderCancelled, tuple[JobCancelled, ...]] | Rejection:
    """Give up an open order and its open ``jobs``, for one reason.

    Jobs on the floor refuse it unless the command says that they are cancelled too.
    """
    if order is None:
        return UnknownOrder(order_id=command.order_id)
    if order.status is not OrderStatus.PLACED:
        return OrderNotOpen(order_id=order.order_id, status=order.status)
    if not command.reason.strip():
        return ReasonMissing(unit_id=order.order_id)
    on_floor = tuple(job.job_id for job in jobs if job.status in {JobStatus.STARTED, JobStatus.ON_HOLD})
    if on_floor and not command.with_running_jobs:
        return OrderOnFloor(order_id=order.order_id, job_ids=on_floor)
    cancelled = OrderCancelled(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        order_id=order.order_id,
        reason=command.reason,
    )
    return cancelled, tuple(
        JobCancelled(
            occurred_at=command.at,
            operator_id=command.operator_id,
            station_id=command.station_id,
            job_id=job.job_id,
            reason=command.reason,
        )
        for job in jobs
        if JOB.allows(job.status, JobStatus.CANCELLED) and job.status is not JobStatus.CANCELLED
    )


def fulfil_order(
    command: FulfilOrder, order: ProductionOrder | None, jobs: tuple[OrderedJob, ...]
) -> OrderFulfilled | Rejection:
    """Close an order once every line's sets are packed and no job of it is open.

    What a job had packed before it was cancelled is delivered like any other set.
    """
    if order is None:
        return UnknownOrder(order_id=command.order_id)
    if order.status is not OrderStatus.PLACED:
        return OrderNotOpen(order_id=order.order_id, status=order.status)
    closed = {JobStatus.COMPLETED, JobStatus.CANCELLED}
    packed = {
        line.line: sum(job.sets_packed for job in jobs if job.line == line.line and job.status in closed)
        for line in order.lines
    }
    if any(job.status not in closed for job in jobs) or any(packed[line.line] < line.sets for line in order.lines):
        return OrderNotDone(order_id=order.order_id)
    return OrderFulfilled(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        order_id=order.order_id,
        job_ids=tuple(job.job_id for job in jobs if job.status is JobStatus.COMPLETED or job.sets_packed),
    )
