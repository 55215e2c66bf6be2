"""Orders: what may be promised, and when a promise is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.commands import (
    CancelJob,
    CancelOrder,
    CompleteJob,
    CreateJob,
    DefineProductSpec,
    FulfilOrder,
    HoldJob,
    PlaceOrder,
    SealPack,
    ShipPack,
    StartJob,
    VoidSheet,
)
from core.domain.events import JobCancelled, JobCreated, OrderCancelled, OrderFulfilled, OrderPlaced
from core.domain.histories import History
from core.domain.rejections import (
    DefinitionFault,
    InvalidDefinition,
    JobNotRunning,
    LineCovered,
    OrderExists,
    OrderNotDone,
    OrderNotOpen,
    OrderOnFloor,
    PromiseInPast,
    PromiseTooFar,
    ReasonMissing,
    UnknownOrder,
    UnknownSpec,
    WrongJobState,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import AssemblyStatus, JobStatus, OrderLine, OrderStatus, VoidReason
from core.identity.ids import JobId, ProductionOrderId, SpecCode, box_id, sheet_id
from core.production.promises import FARTHEST_DAYS
from tests.core.line import Line
from tests.core.shop import LEAD, PACKING, PRESS, Outcome, done, refused, spec

ORDER = ProductionOrderId("PO2026-0117")
LINE = OrderLine(line=1, spec_code=SpecCode("DRAGONS"), sets=2)


def place(line: Line, **said: Any) -> Outcome:
    """Order two sets of a known product for next week, unless something else is said."""
    line.run(DefineProductSpec(at=line.now, operator_id=None, station_id=None, spec=spec()))
    asked: dict[str, Any] = {
        "order_id": ORDER,
        "customer": "A customer",
        "lines": (LINE,),
        "promise_at": line.now + timedelta(days=7),
    }
    return line.ask(PlaceOrder, by=None, **(asked | said))


def status(line: Line) -> OrderStatus:
    """How the order stands."""
    order = line.loaded.order(ORDER)
    assert order is not None
    return order.status


def test_an_order_for_known_products_due_ahead_is_placed(line: Line) -> None:
    """The order stands as it was asked for."""
    (placed,) = done(place(line, priority=2))
    assert isinstance(placed, OrderPlaced)
    assert (placed.customer, placed.lines, placed.priority) == ("A customer", (LINE,), 2)


def test_an_order_id_is_used_once(line: Line) -> None:
    """A second order under the same number would be a second promise nobody sees."""
    done(place(line))
    assert refused(place(line), OrderExists).order_id == ORDER


def test_an_order_names_known_products(line: Line) -> None:
    """Nobody can make what is not described."""
    unknown = OrderLine(line=1, spec_code=SpecCode("GHOSTS"), sets=1)
    assert refused(place(line, lines=(unknown,)), UnknownSpec).spec_code == "GHOSTS"


def test_a_promise_lies_ahead(line: Line) -> None:
    """A date in the past was mistyped."""
    said = refused(place(line, promise_at=line.now), PromiseInPast)
    assert said.promise_at == said.now == line.now


@pytest.mark.parametrize("promise_at", [datetime.max.replace(tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)])
def test_a_promise_lies_within_a_hundred_years(line: Line, promise_at: datetime) -> None:
    """A date that stands for "never" has no clock in some zone of the world, and no screen could show it."""
    said = refused(place(line, promise_at=promise_at), PromiseTooFar)
    assert (said.promise_at, said.now) == (promise_at, line.now)
    done(place(line, promise_at=line.now + timedelta(days=FARTHEST_DAYS)))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"customer": " "}, DefinitionFault.EMPTY_NAME),
        ({"customer": "x" * 121}, DefinitionFault.TOO_LONG),
        ({"lines": ()}, DefinitionFault.NO_LINES),
        ({"lines": (LINE, LINE)}, DefinitionFault.DUPLICATE_LINE),
        ({"lines": (OrderLine(line=1, spec_code=SpecCode("DRAGONS"), sets=0),)}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
        ({"priority": 0}, DefinitionFault.PRIORITY_OUT_OF_RANGE),
        ({"priority": 10}, DefinitionFault.PRIORITY_OUT_OF_RANGE),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_its_fault(
    line: Line, said: dict[str, Any], fault: DefinitionFault
) -> None:
    """What was found is named, so that it can be set right."""
    assert fault in {found.fault for found in refused(place(line, **said), InvalidDefinition).faults}


def test_all_faults_of_an_order_are_said_at_once(line: Line) -> None:
    """Nobody corrects a file one fault at a time."""
    said = refused(place(line, customer="", lines=(), priority=99), InvalidDefinition)
    assert len(said.faults) == 3


def test_an_open_order_is_cancelled_for_a_reason(line: Line) -> None:
    """The reason stands in the log."""
    done(place(line))
    refused(line.ask(CancelOrder, by=LEAD, order_id=ORDER, reason="  "), ReasonMissing)
    (cancelled,) = done(line.ask(CancelOrder, by=LEAD, order_id=ORDER, reason="customer gone"))
    assert isinstance(cancelled, OrderCancelled)
    assert status(line) is OrderStatus.CANCELLED


def cancel(line: Line, **said: Any) -> Outcome:
    """Give the order up."""
    return line.ask(CancelOrder, by=LEAD, order_id=ORDER, reason="customer gone", **said)


def job_of(line: Line, job: str, **said: Any) -> JobId:
    """Make a further job of the order's first line."""
    asked: dict[str, Any] = {"job_id": JobId(job), "order_id": ORDER, "order_line": 1, "spec_code": "DRAGONS"}
    done(line.ask(CreateJob, by=None, **(asked | said)))
    return JobId(job)


def test_an_order_is_cancelled_with_its_jobs_that_are_not_started(line: Line) -> None:
    """Nothing was printed for them, and nothing shall be; in one change, for one reason."""
    done(place(line))
    first, second = job_of(line, "J1044", sheet_count=1), job_of(line, "J1045")
    order, *jobs = done(cancel(line))
    assert isinstance(order, OrderCancelled)
    assert [(type(job), job.job_id, job.reason) for job in jobs if isinstance(job, JobCancelled)] == [
        (JobCancelled, first, "customer gone"),
        (JobCancelled, second, "customer gone"),
    ]
    assert {line.job(job).status for job in (first, second)} == {JobStatus.CANCELLED}
    refused(line.ask(StartJob, by=None, job_id=first), WrongJobState)


def test_an_order_with_jobs_on_the_floor_is_not_cancelled_by_the_way(line: Line) -> None:
    """Paper is printed for them, held or not: somebody must mean it."""
    running, held = line.start(spec(), sets=3), JobId("J1045")
    line.run(VoidSheet(at=line.now, operator_id=LEAD, station_id=None, sheet_id=sheet_id(running, 1),
                       reason=VoidReason.MISPRINT))  # fmt: skip
    job_of(line, held)
    done(line.ask(StartJob, by=None, job_id=held))
    done(line.ask(HoldJob, by=LEAD, job_id=held, reason="wrong foil"))
    assert refused(cancel(line), OrderOnFloor).job_ids == (running, held)
    assert status(line) is OrderStatus.PLACED
    done(cancel(line, with_running_jobs=True))
    assert status(line) is OrderStatus.CANCELLED
    assert {line.job(job).status for job in (running, held)} == {JobStatus.CANCELLED}
    refused(line.scan(PRESS, sheet_id(running, 2)), JobNotRunning)


def test_what_is_packed_stays_packed_when_its_order_is_cancelled(line: Line) -> None:
    """A completed job was done, whatever the customer wants now."""
    first = line.start(spec(n_up=1, rows=1), sets=2)
    line.complete(sheet_id(first, 1))
    done(line.pack(sheet_id(first, 1)))
    done(line.ask(VoidSheet, by=LEAD, sheet_id=sheet_id(first, 2), reason=VoidReason.MISPRINT))
    done(line.ask(CompleteJob, by=None, job_id=first))
    second = job_of(line, "J1045")
    done(line.ask(StartJob, by=None, job_id=second))
    line.complete(sheet_id(second, 1))
    done(line.pack(sheet_id(second, 1)))
    _, *jobs = done(cancel(line, with_running_jobs=True))
    assert [job.job_id for job in jobs if isinstance(job, JobCancelled)] == [second]
    assert line.job(first).status is JobStatus.COMPLETED
    assert {line.tray(sheet_id(job, 1)).status for job in (first, second)} == {AssemblyStatus.PACKED}


def test_an_order_of_an_older_log_is_cancelled_with_its_jobs(line: Line) -> None:
    """Its stream does not name them; the shop's jobs do, and they must not run on."""
    job = line.start(spec(), sets=2)
    key = StreamKey(AggregateType.ORDER, ORDER)
    line.streams[key] = History(tuple(e for e in line.streams[key].events if not isinstance(e, JobCreated)))
    assert refused(cancel(line), OrderOnFloor).job_ids == (job,)
    done(cancel(line, with_running_jobs=True))
    assert line.job(job).status is JobStatus.CANCELLED
    refused(line.scan(PRESS, sheet_id(job, 1)), JobNotRunning)


def test_a_job_that_was_cancelled_before_is_left_as_it_is(line: Line) -> None:
    """Its own reason stands."""
    job = line.start(spec())
    done(line.ask(CancelJob, by=LEAD, job_id=job, reason="misprinted"))
    assert len(done(cancel(line))) == 1
    assert line.job(job).reason == "misprinted"


def test_a_cancelled_order_takes_no_jobs_and_is_not_cancelled_again(line: Line) -> None:
    """Terminal states stay terminal."""
    done(place(line))
    done(line.ask(CancelOrder, by=LEAD, order_id=ORDER, reason="customer gone"))
    job: dict[str, Any] = {"job_id": JobId("J1044"), "order_id": ORDER, "order_line": 1, "spec_code": "DRAGONS"}
    refused(line.ask(CreateJob, by=None, **job), OrderNotOpen)
    refused(line.ask(CancelOrder, by=LEAD, order_id=ORDER, reason="again"), OrderNotOpen)
    refused(line.ask(FulfilOrder, by=None, order_id=ORDER), OrderNotOpen)


def test_what_was_never_ordered_is_neither_cancelled_nor_fulfilled(line: Line) -> None:
    """An id of nothing is said to be one."""
    refused(line.ask(CancelOrder, by=LEAD, order_id=ORDER, reason="x"), UnknownOrder)
    refused(line.ask(FulfilOrder, by=None, order_id=ORDER), UnknownOrder)


def test_an_order_is_fulfilled_once_every_line_is_packed(line: Line) -> None:
    """Not while a job of it is open, and with the jobs that did it."""
    job = line.start(spec(n_up=2, rows=1), sets=2)
    line.pack_all(job)
    refused(line.ask(FulfilOrder, by=None, order_id=ORDER), OrderNotDone)
    done(line.ask(CompleteJob, by=None, job_id=job))
    (fulfilled,) = done(line.ask(FulfilOrder, by=None, order_id=ORDER))
    assert isinstance(fulfilled, OrderFulfilled)
    assert fulfilled.job_ids == (job,)
    assert status(line) is OrderStatus.FULFILLED


def test_what_a_cancelled_job_packed_is_delivered_and_not_made_again(line: Line) -> None:
    """Its box is sealed and shipped like any other; only what it did not pack is owed."""
    first = line.start(spec(n_up=1, rows=1), sets=3)
    line.complete(sheet_id(first, 1))
    done(line.pack(sheet_id(first, 1)))
    done(line.ask(CancelJob, by=LEAD, job_id=first, reason="misprinted"))
    box: dict[str, Any] = {"pack_id": box_id(first, 1)}
    done(line.ask(SealPack, at=PACKING, **box))
    done(line.ask(ShipPack, at=PACKING, carrier="A carrier", tracking_reference="1Z", **box))
    second = JobId("J1045")
    said: dict[str, Any] = {"job_id": second, "order_id": ORDER, "order_line": 1, "spec_code": "DRAGONS"}
    covered = refused(line.ask(CreateJob, by=None, sheet_count=3, **said), LineCovered)
    assert (covered.ordered, covered.covered, covered.asked) == (3, 1, 3)
    done(line.ask(CreateJob, by=None, **said))
    assert line.job(second).sheet_count == 2
    done(line.ask(StartJob, by=None, job_id=second))
    line.pack_all(second)
    done(line.ask(CompleteJob, by=None, job_id=second))
    (fulfilled,) = done(line.ask(FulfilOrder, by=None, order_id=ORDER))
    assert isinstance(fulfilled, OrderFulfilled)
    assert fulfilled.job_ids == (first, second)


def test_a_cancelled_job_leaves_its_line_to_another_job(line: Line) -> None:
    """What a cancelled job did not pack is still owed."""
    first = line.start(spec(n_up=1, rows=1), sets=1)
    done(line.ask(CancelJob, by=LEAD, job_id=first, reason="misprinted"))
    refused(line.ask(FulfilOrder, by=None, order_id=ORDER), OrderNotDone)
    second = JobId("J1045")
    done(line.ask(CreateJob, by=None, job_id=second, order_id=ORDER, order_line=1, spec_code="DRAGONS"))
    done(line.ask(StartJob, by=None, job_id=second))
    line.pack_all(second)
    done(line.ask(CompleteJob, by=None, job_id=second))
    done(line.ask(FulfilOrder, by=None, order_id=ORDER))
