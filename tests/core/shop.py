"""A whole shop in memory: the core's rules over plain dictionaries, for tests.

Runs requests just as the store does (needs, facts, decide, append) and keeps the
streams, so that a rule can be tested by what happened before and what comes of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

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
from core.domain.events import Event, JobCreated, OperatorPinSet
from core.domain.histories import Evolve, History
from core.domain.models import Assembly, CardUnit, Job, Sheet
from core.domain.readings import Meaning, Reading
from core.domain.rejections import AlreadyClaimed, PinWrong, Refusal, Rejection
from core.domain.streams import AggregateType, Change, Claim, StreamKey
from core.domain.values import (
    AssemblyStatus,
    JobStatus,
    OperationType,
    OperatorRole,
    OrderLine,
    ProductSpec,
    Route,
    RouteStep,
    SheetStatus,
    StationDefinition,
    StationRole,
    UnitKind,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
    assembly_of,
)
from core.production.assembly import evolve_assembly
from core.production.card_unit_operations import evolve_card
from core.production.corrections import Recorded
from core.production.decisions import Decided, decide
from core.production.facts import (
    Facts,
    JobProgress,
    JobProgressNeeded,
    OrderedJob,
    OrderedJobsNeeded,
    ShopPolicy,
    WrongPinsNeeded,
)
from core.production.loaded import Loaded
from core.production.pins import hash_pin
from core.production.requests import Request, facts_needed, needs
from core.production.scan import Awaited, Scan
from core.production.sheet_operations import evolve_sheet

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

OPERATOR = OperatorId("OP-42")
INSPECTOR = OperatorId("OP-43")
LEAD = OperatorId("OP-44")
MANAGER = OperatorId("OP-45")
OTHER_MANAGER = OperatorId("OP-46")
PIN = "2468"

ROLES = {
    OPERATOR: (OperatorRole.OPERATOR,),
    INSPECTOR: (OperatorRole.INSPECTOR,),
    LEAD: (OperatorRole.OPERATOR, OperatorRole.LEAD),
    MANAGER: (OperatorRole.OPERATOR, OperatorRole.MANAGER),
    OTHER_MANAGER: (OperatorRole.MANAGER,),
}


def step(operation: str, work: OperationType, unit: UnitKind = UnitKind.CARD, after: str = "") -> RouteStep:
    """A route step; ``after`` names its predecessors, separated by blanks."""
    before = tuple(OperationCode(code) for code in after.split())
    return RouteStep(operation=OperationCode(operation), work=work, unit=unit, after=before)


PLAIN_ROUTE = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("QA", OperationType.QA, after="CUT"),
    )
)

FULL_ROUTE = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("PROOF", OperationType.GATE, UnitKind.SHEET, "PRINT"),
        step("FOIL-SHEET", OperationType.FOIL, UnitKind.SHEET, "PROOF"),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "FOIL-SHEET"),
        step("UV", OperationType.UV, after="CUT"),
        step("NUMBER", OperationType.NUMBER, after="UV"),
        step("RELIC", OperationType.MEMORABILIA, after="UV"),
        step("QA", OperationType.QA, after="NUMBER RELIC"),
    )
)


def spec(code: str = "DRAGONS", *, n_up: int = 4, rows: int = 2, route: Route = PLAIN_ROUTE) -> ProductSpec:
    """A product of ``n_up`` cards in ``rows`` rows."""
    numbered = any(s.work is OperationType.NUMBER for s in route.steps)
    return ProductSpec(
        code=SpecCode(code),
        version=0,
        name=code.title(),
        n_up=n_up,
        rows=rows,
        columns=n_up // rows,
        route=route,
        run_of=99 if numbered else None,
    )


def station(station_id: str, role: StationRole, *work: OperationType, single_scan: bool = False) -> StationDefinition:
    """A station of the shop."""
    return StationDefinition(
        station_id=StationId(station_id),
        name=station_id,
        role=role,
        work=work,
        single_scan=single_scan,
    )


PRESS = station("PRESS-1", StationRole.PRESS, OperationType.PRINT)
FOIL = station("FOIL-1", StationRole.EMBELLISH, OperationType.FOIL)
UV = station("UV-1", StationRole.EMBELLISH, OperationType.UV)
CUTTER = station("CUT-1", StationRole.CUTTER, OperationType.CUT, single_scan=True)
NUMBERING = station("NUM-1", StationRole.CARDOPS, OperationType.NUMBER)
INSERTS = station("RELIC-1", StationRole.CARDOPS, OperationType.MEMORABILIA)
QA = station("QA-BENCH-1", StationRole.QA, OperationType.QA)
QA_2 = station("QA-BENCH-2", StationRole.QA, OperationType.QA)
ASSEMBLY = station("ASSY-1", StationRole.ASSEMBLY, OperationType.ASSEMBLE)
ASSEMBLY_2 = station("ASSY-2", StationRole.ASSEMBLY, OperationType.ASSEMBLE)
PACKING = station("PACK-1", StationRole.PACKING, OperationType.PACK)
OFFICE = station("LEAD-1", StationRole.LEAD)

STATIONS = (
    PRESS,
    FOIL,
    UV,
    CUTTER,
    NUMBERING,
    INSERTS,
    QA,
    QA_2,
    ASSEMBLY,
    ASSEMBLY_2,
    PACKING,
    OFFICE,
)

Outcome = Decided | Reading | Rejection
S = TypeVar("S")
R = TypeVar("R", bound=Refusal)
M = TypeVar("M", bound=Meaning)


@dataclass
class Shop:
    """The streams and claims of one shop, and a clock that only commands move."""

    policy: ShopPolicy = field(default_factory=ShopPolicy)
    now: datetime = START
    streams: dict[StreamKey, History] = field(default_factory=dict)
    claims: dict[tuple[str, str], str] = field(default_factory=dict)
    wrong_pins: list[tuple[OperatorId, datetime]] = field(default_factory=list)
    last: tuple[Recorded, ...] = ()
    loaded: Loaded = field(init=False)

    def __post_init__(self) -> None:
        """Fold what is there when it is asked for."""
        self.loaded = Loaded(self.streams)

    # -- running ---------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    def run(self, request: Request) -> Outcome:
        """Decide a request as the store does and keep what it changes."""
        seen: dict[StreamKey, History] = {}
        while wanted := needs(request, seen) - seen.keys():
            for key in wanted:
                seen[key] = self.streams.get(key, History())
        facts = self._facts(request)
        if facts_needed(request) is not None:
            for key in needs(request, seen, facts) - seen.keys():
                seen[key] = self.streams.get(key, History())
        outcome = decide(request, seen, facts)
        if isinstance(outcome, Decided):
            refused = self._claim(outcome.change)
            if refused is not None:
                return refused
            self._append(outcome.change)
            for event in outcome.change.events:
                if isinstance(event, OperatorPinSet):
                    self.wrong_pins = [(who, at) for who, at in self.wrong_pins if who != event.badge]
        elif isinstance(outcome, PinWrong):
            self.wrong_pins.append((outcome.operator_id, self.now))
        return outcome

    def _facts(self, request: Request) -> Facts:
        match facts_needed(request):
            case JobProgressNeeded(job_id=job):
                sheets = [s for s in self.sheets(job) if s.status is not SheetStatus.VOIDED]
                progress = JobProgress(sheets=len(sheets), sets_packed=sum(map(self._is_packed, sheets)))
                return Facts(policy=self.policy, job_progress=progress)
            case OrderedJobsNeeded(order_id=order):
                return Facts(policy=self.policy, ordered_jobs=tuple(self._ordered(order)))
            case WrongPinsNeeded(operator_id=person):
                since = self.now - timedelta(minutes=self.policy.pin_lock_minutes)
                given = tuple(at for who, at in self.wrong_pins if who == person and at > since)
                return Facts(policy=self.policy, wrong_pins=given)
            case None:
                return Facts(policy=self.policy)

    def _ordered(self, order: ProductionOrderId) -> Iterable[OrderedJob]:
        for key, history in self.streams.items():
            if key.aggregate_type is not AggregateType.JOB:
                continue
            job = self.loaded.job(JobId(key.aggregate_id))
            created = history.events[0]
            if job is not None and job.order_id == order and isinstance(created, JobCreated):
                sheets = [sheet for sheet in self.sheets(job.job_id) if sheet.status is not SheetStatus.VOIDED]
                yield OrderedJob(
                    job_id=job.job_id,
                    line=created.order_line,
                    status=job.status,
                    sets=created.sheet_count if job.status is JobStatus.CREATED else len(sheets),
                    sets_packed=sum(self._is_packed(sheet) for sheet in sheets),
                )

    def _is_packed(self, sheet: Sheet) -> bool:
        tray = self.loaded.assembly(assembly_of(sheet.sheet_id))
        return tray is not None and tray.status is AssemblyStatus.PACKED

    def _claim(self, change: Change) -> Rejection | None:
        for claim in change.claims:
            holder = self.claims.get((claim.kind, claim.key))
            if holder is not None and holder != claim.holder:
                return AlreadyClaimed(kind=claim.kind, key=claim.key, holder=holder)
        for claim in change.claims:
            self.claims[claim.kind, claim.key] = claim.holder
        for claim in change.releases:
            self._release(claim)
        return None

    def _release(self, claim: Claim) -> None:
        if self.claims.get((claim.kind, claim.key)) == claim.holder:
            del self.claims[claim.kind, claim.key]

    def _append(self, change: Change) -> None:
        recorded: list[Recorded] = []
        for append in change.appends:
            assert self.loaded.history(append.stream).version == append.expected_version, append.stream
        for append in change.appends:
            before = self.loaded.history(append.stream)
            self.streams[append.stream] = History((*before.events, *append.events)).going_on_from(before)
            recorded.extend(
                Recorded(stream=append.stream, version=before.version + n, event=event)
                for n, event in enumerate(append.events, start=1)
            )
        self.last = tuple(recorded)

    # -- asking ----------------------------------------------------------------

    def sheets(self, job: JobId) -> list[Sheet]:
        """The sheets of a job."""
        return [sheet for sheet in self._every(AggregateType.SHEET, evolve_sheet) if sheet.job_id == job]

    def cards(self) -> list[CardUnit]:
        """Every card that was ever made."""
        return self._every(AggregateType.CARD_UNIT, evolve_card)

    def trays(self) -> list[Assembly]:
        """The gathering of every sheet that is cut."""
        return self._every(AggregateType.ASSEMBLY, evolve_assembly)

    def _every(self, kind: AggregateType, evolve: Evolve[S]) -> list[S]:
        found = [history.state(evolve) for key, history in self.streams.items() if key.aggregate_type is kind]
        return [unit for unit in found if unit is not None]

    def card(self, unit: str) -> CardUnit:
        """The card, which must exist."""
        card = self.loaded.card(CardUnitId(unit))
        assert card is not None, unit
        return card

    def sheet(self, unit: str) -> Sheet:
        """The sheet, which must exist."""
        sheet = self.loaded.sheet(SheetId(unit))
        assert sheet is not None, unit
        return sheet

    def tray(self, unit: str) -> Assembly:
        """The gathering of a cut sheet's cards, by the sheet's id or the set's."""
        tray = self.loaded.assembly(AssemblyId(unit if unit.endswith("-SET") else f"{unit}-SET"))
        assert tray is not None, unit
        return tray

    def job(self, unit: str) -> Job:
        """The job, which must exist."""
        job = self.loaded.job(JobId(unit))
        assert job is not None, unit
        return job

    # -- doing -----------------------------------------------------------------

    def scan(
        self,
        where: StationDefinition,
        text: str,
        *,
        by: OperatorId | None = OPERATOR,
        awaited: Awaited | None = None,
        open_assembly: str | None = None,
        open_pack: str | None = None,
    ) -> Outcome:
        """Scan a code at a station, ten seconds after whatever was before."""
        self.pass_time(10)
        return self.run(
            Scan(
                text=text,
                station=where,
                operator_id=by,
                at=self.now,
                awaited=awaited,
                open_assembly=open_assembly,  # pyright: ignore[reportArgumentType]
                open_pack=open_pack,  # pyright: ignore[reportArgumentType]
            )
        )

    def ask(
        self,
        order: Callable[..., Command],
        *,
        by: OperatorId | None = OPERATOR,
        at: StationDefinition | None = None,
        **said: object,
    ) -> Outcome:
        """Give a command now; ``at`` also fills the command's own station where it names one."""
        asked: dict[str, object] = {"at": self.now, "operator_id": by, "station_id": at.station_id if at else None}
        if at is not None and "station" in getattr(order, "__dataclass_fields__", {}):
            asked["station"] = at
        return self.run(order(**(asked | said)))

    def accept(self, request: Command) -> tuple[Event, ...]:
        """Run a command that must be accepted; return its events."""
        return done(self.run(request))

    def furnish(self) -> "Shop":
        """Register the people and the stations, all at this moment."""
        # The same every time, and wanted by almost every test: said once, then only remembered.
        self.streams.update(_furnished(self.now))
        return self

    def start(
        self,
        product: ProductSpec,
        *,
        sets: int = 1,
        job: str = "J1044",
        order: str = "PO2026-0117",
    ) -> JobId:
        """Define a product, order it, and start its job."""
        self.run(DefineProductSpec(at=self.now, operator_id=None, station_id=None, spec=product))
        self.accept(
            PlaceOrder(
                at=self.now,
                operator_id=None,
                station_id=None,
                order_id=ProductionOrderId(order),
                customer="A customer",
                lines=(OrderLine(line=1, spec_code=product.code, sets=sets),),
                promise_at=self.now + timedelta(days=7),
            )
        )
        job_id = JobId(job)
        self.accept(
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
        self.accept(StartJob(at=self.now, operator_id=None, station_id=None, job_id=job_id))
        return job_id


@cache
def _furnished(now: datetime) -> Mapping[StreamKey, History]:
    shop = Shop(now=now)
    for badge, roles in ROLES.items():
        shop.accept(
            RegisterOperator(
                at=now,
                operator_id=None,
                station_id=None,
                badge=badge,
                name=badge,
                roles=roles,
            )
        )
    # Hashed once for all tests: that takes as long as a thousand scans.
    secret = hash_pin(PIN, b"0123456789abcdef")
    for badge in (MANAGER, OTHER_MANAGER):
        shop.accept(SetOperatorPin(at=now, operator_id=badge, station_id=None, badge=badge, secret=secret))
    for definition in STATIONS:
        shop.accept(DefineStation(at=now, operator_id=None, station_id=None, station=definition))
    return shop.streams


# -- what came of it -----------------------------------------------------------


def is_refused(outcome: Outcome) -> bool:
    """Say whether the outcome is a rejection."""
    return isinstance(outcome, Refusal)


def done(outcome: Outcome) -> tuple[Event, ...]:
    """The events of an outcome that must be an accepted command."""
    assert isinstance(outcome, Decided), outcome
    return outcome.change.events


def refused(outcome: Outcome, kind: type[R]) -> R:
    """The outcome, which must be a refusal of this kind."""
    assert isinstance(outcome, kind), outcome
    return outcome


def read_as(outcome: Outcome, kind: type[M]) -> M:
    """The outcome, which must be a reading of this kind."""
    assert isinstance(outcome, kind), outcome
    return outcome
