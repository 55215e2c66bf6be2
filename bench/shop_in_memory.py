"""A whole shop in memory: the product's own core over plain dictionaries, which keeps all that was asked of it.

It decides as ``store.commands`` does (needs, facts, decide, append), and what it keeps of a request is what the
store writes of one. Used by ``bench.lives`` and ``bench.long_log``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle

from core.domain.commands import DefineProductSpec, DefineStation, RegisterOperator, SetOperatorPin
from core.domain.events import JobCreated
from core.domain.histories import History
from core.domain.rejections import Refusal, Rejection, WrongSet
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import (
    AssemblyStatus,
    EmbellishmentSpec,
    JobStatus,
    OperationType,
    OperatorRole,
    ProductSpec,
    Route,
    RouteStep,
    SheetStatus,
    StationDefinition,
    StationRole,
    UnitKind,
)
from core.identity.ids import (
    JobId,
    OperationCode,
    OperatorId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
    assembly_of,
    job_of_sheet,
)
from core.production.corrections import Recorded
from core.production.decisions import Decided, Decision, decide
from core.production.facts import Facts, JobProgress, JobProgressNeeded, OrderedJob, OrderedJobsNeeded
from core.production.loaded import Loaded, order_key
from core.production.pins import hash_pin
from core.production.requests import Request, facts_needed, needs
from store.codec import encode, encode_rejection
from store.write_statement import scanned, who

MANAGER = OperatorId("OP-190")
MANAGER_PIN = "270641"
LEAD = OperatorId("OP-160")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One request that was answered for good, as the tables keep it; ``answer`` is JSON, ``refusal`` its kind."""

    at: datetime
    command_type: str
    refusal: str | None
    event_types: tuple[str, ...]
    unit_id: str | None
    answer: bytes
    station_id: str | None
    operator_id: str | None
    scanned: str | None
    events: tuple[Recorded, ...]
    is_stop: bool = False
    """Whether the refusal covers the station in red until somebody clears it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A station and who works there."""

    definition: StationDefinition
    operator: OperatorId


_EMPTY = History()


@dataclass(slots=True)
class ShopInMemory:
    """Streams by key, and all that was asked and answered, oldest first."""

    streams: dict[StreamKey, History] = field(default_factory=dict[StreamKey, History])
    told: list[Told] = field(default_factory=list[Told])

    def ask(self, request: Request, *, keep_refusal: bool = True) -> Decision:
        """Decide a request, append what comes of it, and keep it; a reading changes nothing and is not kept."""
        streams: dict[StreamKey, History] = {}
        while missing := needs(request, streams) - streams.keys():
            streams |= {key: self.streams.get(key, _EMPTY) for key in missing}
        facts = self._facts(request)
        for key in needs(request, streams, facts) - streams.keys():
            streams[key] = self.streams.get(key, _EMPTY)
        decision = decide(request, streams, facts)
        if isinstance(decision, Decided):
            self.told.append(self._accepted(request, decision))
        elif isinstance(decision, Refusal) and keep_refusal:
            self.told.append(_refused(request, decision))
        return decision

    def must(self, request: Request) -> Decided:
        """Have a request carried out; anything else is a mistake of whoever asks."""
        decision = self.ask(request)
        assert isinstance(decision, Decided), f"{request} was answered {decision}"
        return decision

    def _accepted(self, request: Request, decided: Decided) -> Told:
        change = decided.change
        recorded: list[Recorded] = []
        for append in change.appends:
            before = self.streams.get(append.stream, _EMPTY)
            assert before.version == append.expected_version
            self.streams[append.stream] = History((*before.events, *append.events)).going_on_from(before)
            recorded += [
                Recorded(stream=append.stream, version=version, event=event)
                for version, event in enumerate(append.events, append.expected_version + 1)
            ]
        references = [(entry.stream.aggregate_type, entry.stream.aggregate_id, entry.version) for entry in recorded]
        station, operator = who(request)
        return Told(
            at=request.at,
            command_type=type(decided.command).__name__,
            refusal=None,
            event_types=tuple(dict.fromkeys([type(entry.event).__name__ for entry in recorded])),
            unit_id=change.appends[0].stream.aggregate_id,
            answer=encode(references),
            station_id=station,
            operator_id=operator,
            scanned=scanned(request),
            events=tuple(recorded),
        )

    # -- what no single stream holds ---------------------------------------------------

    def _facts(self, request: Request) -> Facts:
        match facts_needed(request):
            case JobProgressNeeded(job_id=job):
                sheets, packed = self._progress(job)
                return Facts(job_progress=JobProgress(sheets=sheets, sets_packed=packed))
            case OrderedJobsNeeded(order_id=order):
                return Facts(ordered_jobs=tuple(self._ordered(order)))
            case _:
                return Facts()

    def _progress(self, job: JobId) -> tuple[int, int]:
        sheets = packed = 0
        loaded = Loaded(self.streams)
        for key in self.streams:
            if key.aggregate_type is AggregateType.SHEET and job_of_sheet(SheetId(key.aggregate_id)) == job:
                sheet = loaded.sheet(SheetId(key.aggregate_id))
                sheets += sheet is not None and sheet.status is not SheetStatus.VOIDED
                gathered = loaded.assembly(assembly_of(SheetId(key.aggregate_id)))
                packed += gathered is not None and gathered.status is AssemblyStatus.PACKED
        return sheets, packed

    def _ordered(self, order: ProductionOrderId) -> Iterator[OrderedJob]:
        loaded = Loaded(self.streams)
        for event in loaded.history(order_key(order)).events:
            if isinstance(event, JobCreated) and (job := loaded.job(event.job_id)) is not None:
                sheets, packed = self._progress(event.job_id)
                yield OrderedJob(
                    job_id=event.job_id, line=event.order_line, status=job.status,
                    sets=event.sheet_count if job.status is JobStatus.CREATED else sheets, sets_packed=packed,
                )  # fmt: skip


def _refused(request: Request, refusal: Rejection) -> Told:
    station, operator = who(request)
    unit = getattr(refusal, "card_unit_id", None) or getattr(refusal, "unit_id", None)
    return Told(
        at=request.at,
        command_type=type(request).__name__,
        refusal=type(refusal).__name__,
        event_types=(),
        unit_id=unit,
        answer=encode_rejection(refusal),
        station_id=station,
        operator_id=operator,
        scanned=scanned(request),
        events=(),
        is_stop=isinstance(refusal, WrongSet),
    )


# -- what the shop makes, where and by whom ---------------------------------------------


def _route(*steps: tuple[str, OperationType, UnitKind]) -> Route:
    made: list[RouteStep] = []
    for code, work, unit in steps:
        after = (made[-1].operation,) if made else ()
        colour = EmbellishmentSpec(kind=work, colour="gold") if work is OperationType.FOIL else None
        made.append(
            RouteStep(
                operation=OperationCode(code), work=work, unit=unit, after=after, embellishment=colour, minutes=0.5
            )
        )
    return Route(steps=tuple(made))


_SHEET, _CARD = UnitKind.SHEET, UnitKind.CARD
_PRINT, _CUT = ("PRINT", OperationType.PRINT, _SHEET), ("CUT", OperationType.CUT, _SHEET)
_QA = ("QA", OperationType.QA, _CARD)


def _spec(code: str, rows: int, columns: int, *steps: tuple[str, OperationType, UnitKind], run: int = 0) -> ProductSpec:
    return ProductSpec(
        code=SpecCode(code), version=1, name=code.replace("-", " ").title(), n_up=rows * columns, rows=rows,
        columns=columns, route=_route(*steps), run_of=run or None,
    )  # fmt: skip


PLAIN = _spec("DRAGONS-S3", 3, 6, _PRINT, ("UV-FRONT", OperationType.UV, _SHEET), _CUT, _QA)
NUMBERED = _spec(
    "GOLD-LEGENDS", 3, 3, _PRINT, ("FOIL-GOLD", OperationType.FOIL, _SHEET), _CUT,
    ("NUMBER", OperationType.NUMBER, _CARD), _QA, run=999,
)  # fmt: skip
WITH_INSERT = _spec(
    "RELIC-SIX", 2, 3, _PRINT, ("PROOF", OperationType.GATE, _SHEET), ("DIE-WINDOW", OperationType.DIE_CUT, _SHEET),
    _CUT, ("RELIC", OperationType.MEMORABILIA, _CARD), _QA,
)  # fmt: skip
EMBELLISHED = _spec(
    "CHROME-18", 3, 6, _PRINT, _CUT, ("FOIL-CARD", OperationType.FOIL, _CARD), ("EMBOSS", OperationType.EMBOSS, _CARD),
    ("UV-CARD", OperationType.UV, _CARD), _QA,
)  # fmt: skip
SPECS = (PLAIN, NUMBERED, WITH_INSERT, EMBELLISHED)


def _stations() -> Iterator[StationDefinition]:
    for name, role, work, number in (
        ("HEIDELBERG", StationRole.PRESS, (OperationType.PRINT,), 2),
        ("COATER", StationRole.EMBELLISH, (OperationType.UV,), 3),
        ("STAMPER", StationRole.EMBELLISH, (OperationType.FOIL, OperationType.EMBOSS), 3),
        ("DIE", StationRole.EMBELLISH, (OperationType.DIE_CUT,), 1),
        ("GUILLOTINE", StationRole.CUTTER, (OperationType.CUT,), 2),
        ("MARKING", StationRole.CARDOPS, (OperationType.NUMBER, OperationType.MEMORABILIA), 3),
        ("BENCH", StationRole.QA, (OperationType.QA,), 8),
        ("TRAY", StationRole.ASSEMBLY, (OperationType.ASSEMBLE,), 6),
        ("PACK", StationRole.PACKING, (OperationType.PACK,), 2),
        ("WALL", StationRole.LEAD, (OperationType.GATE,), 1),
    ):
        for place in range(1, number + 1):
            yield StationDefinition(
                station_id=StationId(f"{name}-{place}"), name=f"{name.title()} {place}", role=role, work=work,
                single_scan=role is StationRole.CUTTER, units_per_hour=120.0, queue_limit=200,
            )  # fmt: skip


PLACES = tuple(
    Place(definition, LEAD if definition.role is StationRole.LEAD else OperatorId(f"OP-{100 + number}"))
    for number, definition in enumerate(_stations(), 1)
)
WALL = next(place.definition.station_id for place in PLACES if place.definition.role is StationRole.LEAD)


def places_for(work: OperationType) -> tuple[Place, ...]:
    """Return the stations that do a kind of work, with who works there."""
    return tuple(place for place in PLACES if work in place.definition.work)


def furnish(at: datetime) -> ShopInMemory:
    """Return a shop with its products, stations and people, and nothing ordered yet."""
    shop = ShopInMemory()
    roles = {
        **{place.operator: (OperatorRole.OPERATOR, OperatorRole.INSPECTOR) for place in PLACES},
        LEAD: (OperatorRole.LEAD,),
        MANAGER: (OperatorRole.MANAGER,),
    }
    names = cycle(("Ana", "Ben", "Chi", "Dora", "Emil", "Fay", "Gus"))
    for spec in SPECS:
        shop.must(DefineProductSpec(at=at, operator_id=None, station_id=None, spec=spec))
    for place in PLACES:
        shop.must(DefineStation(at=at, operator_id=None, station_id=None, station=place.definition))
    for badge, may in roles.items():
        shop.must(RegisterOperator(at=at, operator_id=None, station_id=None, badge=badge, name=next(names), roles=may))
    secret = hash_pin(MANAGER_PIN, b"not so random...")
    shop.must(SetOperatorPin(at=at, operator_id=None, station_id=None, badge=MANAGER, secret=secret))
    return shop
