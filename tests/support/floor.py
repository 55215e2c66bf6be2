"""A shop on a real store: people, stations, jobs and scans, for the tests of store and kiosk."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from core.domain.commands import (
    Command,
    CreateJob,
    DefineProductSpec,
    DefineStation,
    PlaceOrder,
    RecordQAResult,
    RegisterOperator,
    SetOperatorPin,
    StartJob,
)
from core.domain.values import OperatorRole, OrderLine, ProductSpec, QAOutcome, QAResult, StationDefinition
from core.identity.ids import AssemblyId, CardUnitId, JobId, OperatorId, PackId, ProductionOrderId, sheet_id
from core.production.pins import hash_pin
from core.production.requests import Request
from core.production.scan import Scan
from store import Accepted, Answer, Store
from tests.core.shop import (
    ASSEMBLY,
    CUTTER,
    INSPECTOR,
    MANAGER,
    OPERATOR,
    OTHER_MANAGER,
    PIN,
    PRESS,
    QA,
    ROLES,
    START,
    STATIONS,
)


@dataclass
class Floor:
    """What the people of a shop do, one after the other, on a clock that only they move."""

    store: Store
    now: datetime = field(default=START)

    async def run(self, request: Request, *, command_id: UUID | None = None) -> Answer:
        """Ask the store."""
        return await self.store.run(request, command_id=command_id)

    async def accept(self, request: Request) -> Accepted:
        """Ask for what must be accepted."""
        answer = await self.run(request)
        assert isinstance(answer, Accepted), answer
        return answer

    def scan_of(
        self,
        where: StationDefinition,
        text: str,
        *,
        by: OperatorId | None = OPERATOR,
        open_assembly: str | None = None,
        open_pack: str | None = None,
    ) -> Scan:
        """A scan, ten seconds after whatever was before."""
        self.now += timedelta(seconds=10)
        return Scan(
            text=text,
            station=where,
            operator_id=by,
            at=self.now,
            open_assembly=None if open_assembly is None else AssemblyId(open_assembly),
            open_pack=None if open_pack is None else PackId(open_pack),
        )

    async def scan(
        self,
        where: StationDefinition,
        text: str,
        *,
        by: OperatorId | None = OPERATOR,
        open_assembly: str | None = None,
        open_pack: str | None = None,
        command_id: UUID | None = None,
    ) -> Answer:
        """Scan a code at a station."""
        scan = self.scan_of(where, text, by=by, open_assembly=open_assembly, open_pack=open_pack)
        return await self.run(scan, command_id=command_id)

    async def register(self, badge: OperatorId, *roles: OperatorRole) -> None:
        """Give somebody just these roles; a known badge without any is withdrawn."""
        await self.accept(
            RegisterOperator(at=self.now, operator_id=None, station_id=None, badge=badge, name=badge, roles=roles)
        )

    async def furnish(self) -> "Floor":
        """Register the people and the stations."""
        commands: list[Command] = [
            RegisterOperator(at=self.now, operator_id=None, station_id=None, badge=badge, name=badge, roles=roles)
            for badge, roles in ROLES.items()
        ]
        commands += [
            SetOperatorPin(
                at=self.now,
                operator_id=badge,
                station_id=None,
                badge=badge,
                secret=hash_pin(PIN, b"0123456789abcdef"),
            )
            for badge in (MANAGER, OTHER_MANAGER)
        ]
        commands += [
            DefineStation(at=self.now, operator_id=None, station_id=None, station=definition) for definition in STATIONS
        ]
        for command in commands:
            await self.accept(command)
        return self

    async def start(
        self, product: ProductSpec, *, sets: int = 1, job: str = "J1044", order: str = "PO2026-0117", priority: int = 5
    ) -> JobId:
        """Define a product, order it, and start its job."""
        await self.run(DefineProductSpec(at=self.now, operator_id=None, station_id=None, spec=product))
        await self.accept(
            PlaceOrder(
                at=self.now,
                operator_id=None,
                station_id=None,
                order_id=ProductionOrderId(order),
                customer="A customer",
                lines=(OrderLine(line=1, spec_code=product.code, sets=sets),),
                promise_at=self.now + timedelta(days=7),
                priority=priority,
            )
        )
        job_id = JobId(job)
        await self.accept(
            CreateJob(
                at=self.now,
                operator_id=None,
                station_id=None,
                job_id=job_id,
                order_id=ProductionOrderId(order),
                order_line=1,
                spec_code=product.code,
            )
        )
        await self.accept(StartJob(at=self.now, operator_id=None, station_id=None, job_id=job_id))
        return job_id

    async def cut(self, job: JobId, number: int = 1) -> tuple[CardUnitId, ...]:
        """Print and cut a sheet of the plain route; return its cards."""
        sheet = sheet_id(job, number)
        await self.scan(PRESS, sheet)
        await self.scan(PRESS, sheet)
        answer = await self.scan(CUTTER, sheet)
        assert isinstance(answer, Accepted), answer
        return tuple(CardUnitId(card.card_unit_id) for card in await self.store.cards_of(sheet))

    async def inspect(self, card: CardUnitId, outcome: QAOutcome = QAOutcome.PASS) -> Accepted:
        """Check a card in at the bench and record its verdict."""
        await self.scan(QA, card, by=INSPECTOR)
        return await self.accept(self.verdict(card, outcome))

    def verdict(self, card: CardUnitId, outcome: QAOutcome = QAOutcome.PASS) -> RecordQAResult:
        """An inspector's verdict on a card that is at the bench."""
        self.now += timedelta(seconds=10)
        return RecordQAResult(
            at=self.now,
            operator_id=INSPECTOR,
            station_id=QA.station_id,
            card_unit_id=card,
            station=QA,
            result=QAResult(outcome=outcome, codes=() if outcome is QAOutcome.PASS else ("F-201",)),
        )

    async def gather(self, cards: Sequence[CardUnitId], assembly: AssemblyId) -> Answer:
        """Scan cards into their open tray; return the last answer."""
        answer: Answer | None = None
        for card in cards:
            answer = await self.scan(ASSEMBLY, card, open_assembly=assembly)
        assert answer is not None
        return answer


async def furnish(dsn: str) -> None:
    """Register the people and the stations in a database."""
    async with await Store.open(dsn) as store:
        await Floor(store).furnish()


@asynccontextmanager
async def another_kiosk(dsn: str, floor: Floor) -> AsyncGenerator[Floor]:
    """The same shop through a store of its own."""
    async with await Store.open(dsn, station_id="TEST-2") as store:
        yield Floor(store, floor.now)
