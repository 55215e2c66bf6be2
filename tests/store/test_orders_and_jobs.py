"""An order and the jobs that are made of it, while several desks decide about them at once."""

import asyncio
from datetime import timedelta

import pytest

from core.domain.commands import CancelOrder, Command, CreateJob, PlaceOrder, StartJob, VoidSheet
from core.domain.rejections import LineCovered, OrderOnFloor, WrongJobState
from core.domain.values import JobStatus, OrderLine, OrderStatus, VoidReason
from core.identity.ids import JobId, ProductionOrderId, sheet_id
from store import Accepted, Store
from tests.core.shop import LEAD, spec
from tests.support.floor import Floor

ORDER = ProductionOrderId("PO2026-0118")
PRODUCT = spec()


@pytest.fixture
async def order(floor: Floor) -> ProductionOrderId:
    """An order of three sets of which nothing is made yet."""
    await floor.start(PRODUCT)
    await floor.accept(
        PlaceOrder(
            at=floor.now,
            operator_id=None,
            station_id=None,
            order_id=ORDER,
            customer="A customer",
            lines=(OrderLine(line=1, spec_code=PRODUCT.code, sets=3),),
            promise_at=floor.now + timedelta(days=7),
        )
    )
    return ORDER


def create(floor: Floor, order: ProductionOrderId, job: str, sheets: int | None = None, overs: int = 0) -> CreateJob:
    """A job of the order's one line."""
    return CreateJob(
        at=floor.now,
        operator_id=None,
        station_id=None,
        job_id=JobId(job),
        order_id=order,
        order_line=1,
        spec_code=PRODUCT.code,
        sheet_count=sheets,
        overs=overs,
    )


def cancel(floor: Floor, order: ProductionOrderId) -> CancelOrder:
    """Give the order up, but not what is on the floor."""
    return CancelOrder(at=floor.now, operator_id=LEAD, station_id=None, order_id=order, reason="withdrawn")


async def test_of_jobs_made_of_one_line_at_once_no_more_are_made_than_was_ordered(
    floor: Floor, order: ProductionOrderId, database_dsn: str
) -> None:
    """Every later one is decided anew by what the earlier ones left."""
    async with await Store.open(database_dsn) as other:
        answers = await asyncio.gather(
            *(
                store.run(create(floor, order, f"J20{number:02d}", 2))
                for number in range(6)
                for store in (floor.store if number % 2 else other,)
            )
        )
    assert [type(answer) for answer in answers].count(Accepted) == 1
    (said, *_) = [answer for answer in answers if isinstance(answer, LineCovered)]
    assert (said.ordered, said.covered, said.asked) == (3, 2, 2)
    row = await floor.store.order(order)
    assert row is not None
    assert len(row.job_ids) == 1
    assert (await floor.store.verify()).is_sound


async def test_what_a_line_lacks_is_counted_by_its_sheets(floor: Floor, order: ProductionOrderId) -> None:
    """Of a job not started all that are planned, of a started one all that are not void."""
    job = JobId("J2000")
    await floor.accept(create(floor, order, job))
    assert isinstance(await floor.store.run(create(floor, order, "J2001", 1)), LineCovered)
    await floor.accept(StartJob(at=floor.now, operator_id=None, station_id=None, job_id=job))
    assert isinstance(await floor.store.run(create(floor, order, "J2001", 1)), LineCovered)
    await floor.accept(
        VoidSheet(
            at=floor.now, operator_id=LEAD, station_id=None, sheet_id=sheet_id(job, 1), reason=VoidReason.MISPRINT
        )
    )
    await floor.accept(create(floor, order, "J2001"))
    made = await floor.store.job("J2001")
    assert made is not None
    assert made.sheet_count == 1
    await floor.accept(create(floor, order, "J2002", overs=2))


@pytest.mark.parametrize("first", ["cancel", "start"])
async def test_no_job_is_started_of_an_order_that_is_cancelled_in_the_same_moment(
    floor: Floor, order: ProductionOrderId, database_dsn: str, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Whoever comes second hears what the first did: an order goes with all of its jobs or not at all."""
    job = JobId("J2000")
    await floor.accept(create(floor, order, job))
    start = StartJob(at=floor.now, operator_id=None, station_id=None, job_id=job)
    given_up = cancel(floor, order)
    sooner, later = (given_up, start) if first == "cancel" else (start, given_up)
    async with await Store.open(database_dsn) as other:
        write = floor.store._runner._write
        came_between: list[Command] = []

        async def slow_write(*arguments: object) -> Accepted:
            if not came_between:
                came_between.append(sooner)
                assert isinstance(await other.run(sooner), Accepted)
            return await write(*arguments)  # pyright: ignore[reportArgumentType]

        monkeypatch.setattr(floor.store._runner, "_write", slow_write)
        answer = await floor.store.run(later)
    row, made = await floor.store.order(order), await floor.store.job(job)
    assert row is not None
    assert made is not None
    if first == "cancel":
        assert isinstance(answer, WrongJobState)
        assert (row.status, made.status) == (OrderStatus.CANCELLED, JobStatus.CANCELLED)
    else:
        assert isinstance(answer, OrderOnFloor)
        assert (row.status, made.status) == (OrderStatus.PLACED, JobStatus.STARTED)
