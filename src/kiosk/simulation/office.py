"""The office of a simulated shop: sets it up, takes orders and starts jobs, so that nobody runs dry.

Everything goes through commands, like the rest. Used by `running` and by the demo.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from core.domain.commands import (
    Command,
    CreateJob,
    DefineProductSpec,
    DefineStation,
    PlaceOrder,
    RegisterOperator,
    SetOperatorPin,
    StartJob,
)
from core.domain.rejections import NothingChanged, Refusal
from core.domain.values import OrderLine, ProductSpec
from core.identity.ids import JobId, OperatorId, ProductionOrderId, parse_job_id, parse_order_id
from core.production.pins import hash_pin
from store.store import Store

__all__ = ["NotSetUp", "Office", "OrderTaken", "set_up", "set_up_commands"]

SetUp = DefineProductSpec | DefineStation | RegisterOperator | SetOperatorPin

_CUSTOMERS = ("Harbour Games", "Northlight Cards", "Old Mill Hobby", "Quay Street Comics")


class NotSetUp(Exception):  # noqa: N818 - named like the sentence it is printed as
    """The shop could not be set up; says which command was refused."""


def set_up_commands(
    commands: Iterable[DefineProductSpec | DefineStation | RegisterOperator],
    pins: Iterable[tuple[OperatorId, str]],
    salts: Iterable[bytes],
    at: datetime,
) -> tuple[tuple[SetUp, ...], ...]:
    """Return the commands in two waves: what is there, then the PINs of people who are."""
    secrets = tuple(
        SetOperatorPin(at=at, operator_id=badge, station_id=None, badge=badge, secret=hash_pin(pin, salt))
        for (badge, pin), salt in zip(pins, salts, strict=False)
    )
    return tuple(commands), secrets


async def set_up(store: Store, waves: Iterable[Iterable[SetUp]]) -> None:
    """Run the waves one after the other; what is as it should be already changes nothing. Raises NotSetUp."""
    for wave in waves:
        answers = await asyncio.gather(*(store.run(command) for command in wave))
        for command, answer in zip(wave, answers, strict=True):
            if isinstance(answer, Refusal) and not isinstance(answer, NothingChanged):
                raise NotSetUp(f"{type(command).__name__} was refused: {answer}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTaken:
    """An order for so many sets of one product, made as one job."""

    order_id: ProductionOrderId
    job_id: JobId
    spec: ProductSpec
    sets: int
    promise_at: datetime
    customer: str
    priority: int = 5

    def commands(self, at: datetime, by: OperatorId | None = None) -> tuple[Command, ...]:
        """Place the order, make its job and start it."""
        line = OrderLine(line=1, spec_code=self.spec.code, sets=self.sets)
        return (
            PlaceOrder(
                at=at,
                operator_id=by,
                station_id=None,
                order_id=self.order_id,
                customer=self.customer,
                lines=(line,),
                promise_at=self.promise_at,
                priority=self.priority,
            ),
            CreateJob(
                at=at,
                operator_id=by,
                station_id=None,
                job_id=self.job_id,
                order_id=self.order_id,
                order_line=1,
                spec_code=self.spec.code,
            ),
            StartJob(at=at, operator_id=by, station_id=None, job_id=self.job_id),
        )


def most_sets(spec: ProductSpec) -> int:
    """How many sets one job of the product can have: its run must have a number for every card."""
    return 200 if spec.run_of is None else max(1, spec.run_of // spec.n_up)


@dataclass(slots=True, kw_only=True)
class Office:
    """Takes orders, one product after the other, numbered on from what the shop has already."""

    store: Store
    specs: Sequence[ProductSpec]
    chance: Random
    next_job: int = 1001
    next_order: int = 1
    taken: int = 0

    async def continue_numbers(self) -> None:
        """Number on from the shop's newest job and order."""
        jobs = [int(row.job_id[1:]) for row in await self.store.jobs() if parse_job_id(row.job_id)]
        orders = [
            int(row.order_id.rpartition("-")[2]) for row in await self.store.orders() if parse_order_id(row.order_id)
        ]
        self.next_job = max([self.next_job - 1, *jobs]) + 1
        self.next_order = max([self.next_order - 1, *orders]) + 1

    def next(self, sets: int, at: datetime, hours: float = 48.0) -> OrderTaken:
        """The next order, promised in ``hours``."""
        spec = self.specs[self.taken % len(self.specs)]
        self.taken += 1
        order = ProductionOrderId(f"PO{at.year}-{self.next_order:04d}")
        job = JobId(f"J{self.next_job:04d}")
        self.next_order += 1
        self.next_job += 1
        return OrderTaken(
            order_id=order,
            job_id=job,
            spec=spec,
            sets=min(sets, most_sets(spec)),
            promise_at=at + timedelta(hours=hours * self.chance.uniform(0.8, 1.2)),
            customer=self.chance.choice(_CUSTOMERS),
            priority=self.chance.choice((3, 4, 5, 5, 5, 6)),
        )

    async def take(self, order: OrderTaken, at: datetime) -> Refusal | None:
        """Run an order's commands one after the other; return the first refusal."""
        for command in order.commands(at):
            answer = await self.store.run(command)
            if isinstance(answer, Refusal):
                return answer
        return None
