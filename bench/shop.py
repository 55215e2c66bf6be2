"""The shop that is measured: jobs whose cards go through five operations each, by the product's own commands."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from core.domain.commands import (
    CreateJob,
    DefineProductSpec,
    DefineStation,
    PlaceOrder,
    RegisterOperator,
    StartJob,
)
from core.domain.values import (
    EMBELLISHMENTS,
    OperationType,
    OperatorRole,
    OrderLine,
    ProductSpec,
    Route,
    RouteStep,
    StationDefinition,
    StationRole,
    UnitKind,
)
from core.identity.ids import (
    JobId,
    OperationCode,
    OperatorId,
    ProductionOrderId,
    SpecCode,
    StationId,
)
from core.production.requests import Request
from core.production.scan import Scan
from store import Store
from store.commands import Accepted, Answer

Run = Callable[[Request], Awaitable[Answer]]
"""A kiosk's way of having a request carried out."""

N_UP = 18
SCANS_OF_A_CARD = 2 * len(EMBELLISHMENTS)
OPERATOR = OperatorId("OP-42")
_SPEC = SpecCode("BENCH")
_ORDER = ProductionOrderId("PO2026-0001")
_OPENED = datetime(2026, 1, 5, tzinfo=UTC)
_MOMENT = timedelta(seconds=5)


def station(number: int, role: StationRole, work: tuple[OperationType, ...], *, single_scan: bool) -> StationDefinition:
    """One of the shop's stations."""
    name = f"{role.value}-{number}"
    return StationDefinition(station_id=StationId(name), name=name, role=role, work=work, single_scan=single_scan)


PRESS = station(1, StationRole.PRESS, (OperationType.PRINT,), single_scan=True)
CUTTER = station(1, StationRole.CUTTER, (OperationType.CUT,), single_scan=True)


def embellisher(number: int) -> StationDefinition:
    """A station that does all the cards' operations, each with two scans: in, and done."""
    return station(number, StationRole.EMBELLISH, tuple(sorted(EMBELLISHMENTS)), single_scan=False)


def _route() -> Route:
    printed = OperationCode("PRINT")
    steps = [
        RouteStep(operation=printed, work=OperationType.PRINT, unit=UnitKind.SHEET),
        RouteStep(
            operation=OperationCode("CUT"), work=OperationType.CUT, unit=UnitKind.SHEET, after=(OperationCode("PRINT"),)
        ),
    ]
    for work in (*sorted(EMBELLISHMENTS), OperationType.QA):
        before = steps[-1].operation
        steps.append(RouteStep(operation=OperationCode(work.value), work=work, unit=UnitKind.CARD, after=(before,)))
    return Route(steps=tuple(steps))


@asynccontextmanager
async def kiosks(dsn: str, numbers: Iterable[int]) -> AsyncGenerator[list[Run]]:
    """A kiosk for each number, each with a store and connections of its own, that announce what they change as always.

    They do not listen: here many of them share one process, whose time is not the database's.
    """
    async with AsyncExitStack() as stack:
        runs: list[Run] = []
        for number in numbers:
            store = await Store.open(dsn, station_id=f"BENCH-{number}")
            runs.append((await stack.enter_async_context(store)).run)
        yield runs


@dataclass(slots=True)
class Shop:
    """Makes jobs and brings their sheets as far as a measurement needs them."""

    runs: list[Run]
    moments: Iterator[int] = field(default_factory=count)
    """Where its time stands, in steps."""
    _job_numbers: Iterator[int] = field(default_factory=lambda: count(1000))
    _lines: int = 0

    def now(self) -> datetime:
        """The next moment of the shop's own time, in which nobody scans twice by accident."""
        return _OPENED + next(self.moments) * _MOMENT

    async def open(self, jobs: int, sheets: int) -> None:
        """Define the product, its stations and an operator, and take on an order of so many jobs of so many sheets."""
        spec = ProductSpec(code=_SPEC, version=1, name="Bench", n_up=N_UP, rows=3, columns=6, route=_route())
        run = self.runs[0]
        await self.must(run, DefineProductSpec(at=self.now(), operator_id=None, station_id=None, spec=spec))
        for definition in (PRESS, CUTTER, *(embellisher(number) for number in range(1, 65))):
            await self.must(run, DefineStation(at=self.now(), operator_id=None, station_id=None, station=definition))
        await self.must(
            run,
            RegisterOperator(
                at=self.now(), operator_id=None, station_id=None,
                badge=OPERATOR, name="Operator", roles=(OperatorRole.OPERATOR,),
            ),
        )  # fmt: skip
        lines = tuple(OrderLine(line=line, spec_code=_SPEC, sets=sheets) for line in range(1, jobs + 1))
        await self.must(
            run,
            PlaceOrder(
                at=self.now(), operator_id=None, station_id=None,
                order_id=_ORDER, customer="Bench", lines=lines, promise_at=datetime(2030, 1, 1, tzinfo=UTC),
            ),
        )  # fmt: skip

    async def start_job(self, sheets: int) -> JobId:
        """Create and start one more job of the order, and print all its sheets."""
        self._lines += 1
        job = JobId(f"J{next(self._job_numbers)}")
        run = self.runs[0]
        await self.must(
            run,
            CreateJob(
                at=self.now(), operator_id=None, station_id=None, job_id=job, order_id=_ORDER,
                order_line=self._lines, spec_code=_SPEC, sheet_count=sheets,
            ),
        )  # fmt: skip
        await self.must(run, StartJob(at=self.now(), operator_id=None, station_id=None, job_id=job))
        await self.scan_all(_sheets(job, sheets), PRESS)
        return job

    async def print_job(self, sheets: int) -> list[str]:
        """Create, start and print one more job; the ids of its sheets."""
        return _sheets(await self.start_job(sheets), sheets)

    async def cut_all(self, job: JobId, sheets: int) -> list[str]:
        """Cut all sheets of a job; the ids of its cards."""
        names = _sheets(job, sheets)
        await self.scan_all(names, CUTTER)
        return [f"{name}-{position:02d}" for name in names for position in range(1, N_UP + 1)]

    async def scan_all(self, codes: list[str], at: StationDefinition) -> None:
        """Scan many codes at a station, by several kiosks at once, as this is not what is measured."""
        waiting = iter(codes)

        async def worker(run: Run) -> None:
            for code in waiting:
                await self.must(run, self.scan(code, at))

        async with asyncio.TaskGroup() as group:
            for run in self.runs[:16]:
                group.create_task(worker(run))

    def scan(self, code: str, at: StationDefinition) -> Scan:
        """A scan at a station, by somebody who is logged on."""
        return Scan(text=code, station=at, operator_id=OPERATOR, at=self.now())

    async def must(self, run: Run, request: Request) -> None:
        """Have a request carried out; anything else stops the measurement."""
        answer = await run(request)
        assert type(answer) is Accepted, f"{request} was answered {answer}"


def _sheets(job: JobId, number: int) -> list[str]:
    return [f"{job}-S{sheet:03d}" for sheet in range(1, number + 1)]


def scanning(shop: Shop, run: Run, at: StationDefinition, cards: Iterator[str]) -> Callable[[], Awaitable[None]]:
    """A kiosk that takes one card after another through all its operations, one scan a call."""
    card, left = "", 0

    async def scan() -> None:
        nonlocal card, left
        if not left:
            card, left = next(cards), SCANS_OF_A_CARD
        answer = await run(shop.scan(card, at))
        assert type(answer) is Accepted, f"{card} at {at.station_id} was answered {answer}"
        left -= 1

    return scan


def first_sights(shop: Shop, run: Run, at: StationDefinition, cards: Iterator[str]) -> Callable[[], Awaitable[None]]:
    """A kiosk that checks one card after another in, none of which it saw before: its memory is of no use."""

    async def scan() -> None:
        await shop.must(run, shop.scan(next(cards), at))

    return scan
