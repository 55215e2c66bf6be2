"""The whole life of an order, decided by the product's own core: from its placing until its boxes leave the house.

Everything is in memory and drawn from one seed. What happens, and how often, is that of a real shop: jobs of all
lengths, slips at the scanner, failed inspections, rework, voids, replacements, holds, cancelled jobs.
Used by ``bench.long_log``, which tells each life many times over, of other orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from bench.shop_in_memory import (
    LEAD,
    MANAGER,
    MANAGER_PIN,
    SPECS,
    WALL,
    Place,
    ShopInMemory,
    Told,
    places_for,
)
from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    CancelJob,
    CancelOrder,
    ChangePriority,
    CompleteJob,
    CreateJob,
    CreateReplacement,
    FulfilOrder,
    HoldJob,
    PlaceOrder,
    RecordQAResult,
    RemoveCardFromAssembly,
    ResumeJob,
    SealPack,
    SendToRework,
    ShipPack,
    StartJob,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.values import (
    OperationType,
    OrderLine,
    ProductSpec,
    QAOutcome,
    QAResult,
    RouteStep,
    UnitKind,
    VoidReason,
)
from core.identity.ids import (
    CardUnitId,
    JobId,
    PackId,
    ProductionOrderId,
    SheetId,
    assembly_of,
    box_id,
    card_unit_id,
    position_of,
    replacement_card_unit_id,
    sheet_id,
    sheet_number,
    sheet_of,
)
from core.production.assembly import needs_authorization
from core.production.corrections import undo_of
from core.production.decisions import Decided
from core.production.loaded import Loaded
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited

_SHEETS_OF_A_JOB = (2, 3, 3, 4, 4, 6, 6, 8, 8, 10, 12, 12, 16, 20, 24, 32, 40, 60)
_SHARES_OF_PRODUCTS = (35, 20, 10, 35)
_CUSTOMERS = ("Northern Cards", "Hobby Union", "Weiss und Sohn", "Collectors Guild", "Boulevard Games")
_DAY_BEGINS, _DAY_ENDS = 6, 22
_SETS_OF_A_BOX = 6
_CODES = ("F-201", "C-110", "P-305", "S-120", "E-410")
_SCAN_SECONDS = 60.0

# How often a thing happens, of one such moment.
_JOB_HELD = 0.10
_JOB_MOVED = 0.10
_JOB_CANCELLED = 0.02
_SHEET_MISPRINTED = 0.01
_SCANNED_TWICE = 0.005
_CARD_FAILS = 0.04
_FAILED_CARD_IS_VOID = 0.3
_VERDICT_UNDONE = 0.004
_FOREIGN_CARD = 0.001
_CARD_LEAVES_TRAY = 0.002
_CARD_VOID_IN_TRAY = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNames:
    """What one order's life names that no other one's may: itself, its jobs, its case, its inserts' serials."""

    order: ProductionOrderId
    jobs: tuple[JobId, ...]
    case: PackId
    serials: str


@dataclass(slots=True)
class _Clock:
    """Working time: nobody scans at night."""

    now: datetime
    chance: Random

    def tick(self, share: float = 1.0) -> datetime:
        """Let somebody take their time, and return what the clock says then."""
        self.now += timedelta(milliseconds=round(1000 * share * _SCAN_SECONDS * self.chance.uniform(0.3, 1.7)))
        if not _DAY_BEGINS <= self.now.hour < _DAY_ENDS:
            morning = self.now + timedelta(days=self.now.hour >= _DAY_ENDS)
            self.now = morning.replace(hour=_DAY_BEGINS, minute=self.chance.randrange(30))
        return self.now


def tell_order(shop: ShopInMemory, chance: Random, names: OrderNames, begin: datetime) -> tuple[Told, ...]:
    """Let an order run its course in a furnished shop; return what was asked of the shop for it, in time."""
    before = len(shop.told)
    clock = _Clock(begin, chance)
    specs = chance.choices(SPECS, _SHARES_OF_PRODUCTS, k=len(names.jobs))
    counts = [chance.choice(_SHEETS_OF_A_JOB) for _ in names.jobs]
    lines = tuple(
        OrderLine(line=line, spec_code=spec.code, sets=count)
        for line, (spec, count) in enumerate(zip(specs, counts, strict=True), 1)
    )
    shop.must(
        PlaceOrder(
            at=clock.tick(), operator_id=None, station_id=None, order_id=names.order,
            customer=chance.choice(_CUSTOMERS), lines=lines, promise_at=begin + timedelta(days=chance.randrange(7, 40)),
            priority=chance.choice((3, 5, 5, 5, 7)),
        )
    )  # fmt: skip
    for line, job in zip(lines, names.jobs, strict=True):
        shop.must(
            CreateJob(
                at=clock.tick(), operator_id=None, station_id=None, job_id=job, order_id=names.order,
                order_line=line.line, spec_code=line.spec_code, sheet_count=line.sets + _spare(line.sets),
                overs=_spare(line.sets),
            )
        )  # fmt: skip
    ended = clock.now
    boxes: list[PackId] = []
    for job, spec, count in zip(names.jobs, specs, counts, strict=True):
        life = _JobLife(shop, _Clock(clock.now, chance), job, spec, count + _spare(count), _spare(count), names.serials)
        boxes += life.run()
        ended = max(ended, life.clock.now)
    clock = _Clock(ended, chance)
    fulfil = FulfilOrder(at=clock.tick(), operator_id=None, station_id=None, order_id=names.order)
    if not isinstance(shop.ask(fulfil, keep_refusal=False), Decided):
        # A line whose job was cancelled is not made any more.
        shop.must(
            CancelOrder(
                at=clock.tick(), operator_id=LEAD, station_id=WALL, order_id=names.order, reason="customer withdrew"
            )
        )
    if boxes:
        _ship(shop, clock, boxes, names.case)
    return tuple(sorted(shop.told[before:], key=lambda told: told.at))


def _spare(sheets: int) -> int:
    """How many sheets are printed beyond those that were ordered, for what goes wrong."""
    return 1 + sheets // 20


def _ship(shop: ShopInMemory, clock: _Clock, boxes: Sequence[PackId], case: PackId) -> None:
    packing = clock.chance.choice(places_for(OperationType.PACK))
    shop.must(_scan(case, packing, clock))
    for box in boxes:
        shop.must(_scan(box, packing, clock, open_pack=case))
    station = packing.definition.station_id
    shop.must(SealPack(at=clock.tick(), operator_id=packing.operator, station_id=station, pack_id=case))
    shop.must(
        ShipPack(
            at=clock.tick(20), operator_id=packing.operator, station_id=station,
            pack_id=case, carrier="Road", tracking_reference=f"TR-{case}",
        )
    )  # fmt: skip


def _scan(
    text: str, place: Place, clock: _Clock, *, share: float = 1.0, open_pack: PackId | None = None,
    tray: SheetId | None = None, awaited: Awaited | None = None,
) -> Scan:  # fmt: skip
    return Scan(
        text=text, station=place.definition, operator_id=place.operator, at=clock.tick(share), open_pack=open_pack,
        open_assembly=None if tray is None else assembly_of(tray), awaited=awaited,
    )  # fmt: skip


@dataclass(slots=True)
class _JobLife:
    """One job from its start until its last box is sealed, or until it is given up."""

    shop: ShopInMemory
    clock: _Clock
    job: JobId
    spec: ProductSpec
    sheet_count: int
    spare: int
    serials: str
    _inserts: int = 0
    _standing: dict[SheetId, list[CardUnitId]] = field(default_factory=dict[SheetId, list[CardUnitId]])

    def run(self) -> list[PackId]:
        """Live it, and return its sealed boxes."""
        self.clock.tick(self._chance.uniform(1, 400))
        self.shop.must(StartJob(at=self.clock.tick(), operator_id=None, station_id=None, job_id=self.job))
        if self._happens(_JOB_MOVED):
            moved = self._chance.choice((1, 2, 8))
            self.shop.must(
                ChangePriority(at=self.clock.tick(), operator_id=LEAD, station_id=WALL, job_id=self.job, priority=moved)
            )
        sheets = self._work_sheets([sheet_id(self.job, number) for number in range(1, self.sheet_count + 1)])
        if self._happens(_JOB_CANCELLED):
            self.shop.must(
                CancelJob(
                    at=self.clock.tick(), operator_id=LEAD, station_id=WALL, job_id=self.job, reason="customer withdrew"
                )
            )
            return []
        for sheet in sheets:
            self._cut(sheet)
        if self._happens(_JOB_HELD):
            self.shop.must(
                HoldJob(
                    at=self.clock.tick(), operator_id=LEAD, station_id=WALL, job_id=self.job, reason="waiting for foil"
                )
            )
            self.clock.tick(400)
            self.shop.must(ResumeJob(at=self.clock.tick(), operator_id=LEAD, station_id=WALL, job_id=self.job))
        for step in self.spec.route.by_unit[UnitKind.CARD]:
            for cards in self._standing.values():
                cards[:] = [self._worked(card, step) for card in cards]
        for sheet in sheets:
            self._gather(sheet)
        return self._pack(sheets)

    @property
    def _chance(self) -> Random:
        return self.clock.chance

    def _happens(self, probability: float) -> bool:
        return self._chance.random() < probability

    def _at(self, work: OperationType) -> Place:
        return self._chance.choice(places_for(work))

    # -- sheets ------------------------------------------------------------------------

    def _work_sheets(self, sheets: list[SheetId]) -> list[SheetId]:
        """Print and embellish, and return the sheets that are fit to be cut."""
        for step in self.spec.route.by_unit[UnitKind.SHEET]:
            for sheet in tuple(sheets):
                if step.work is OperationType.CUT:
                    continue
                if step.work is OperationType.GATE:
                    self.shop.must(
                        ApproveGate(
                            at=self.clock.tick(), operator_id=LEAD, station_id=WALL, unit_id=sheet, gate=step.operation
                        )
                    )
                    continue
                place = self._at(step.work)
                self.shop.must(_scan(sheet, place, self.clock))
                self.shop.must(_scan(sheet, place, self.clock, share=3))
                if self.sheet_count - len(sheets) < self.spare and self._happens(_SHEET_MISPRINTED):
                    self.shop.must(
                        VoidSheet(
                            at=self.clock.tick(), operator_id=LEAD, station_id=WALL,
                            sheet_id=sheet, reason=VoidReason.MISPRINT,
                        )
                    )  # fmt: skip
                    sheets.remove(sheet)
        return sheets

    def _cut(self, sheet: SheetId) -> None:
        self.shop.must(_scan(sheet, self._at(OperationType.CUT), self.clock))
        self._standing[sheet] = [card_unit_id(sheet, position) for position in range(1, self.spec.n_up + 1)]

    # -- cards -------------------------------------------------------------------------

    def _worked(self, card: CardUnitId, step: RouteStep) -> CardUnitId:
        """Take a card through one step; return the card that stands in its place then."""
        place = self._at(step.work)
        entered = _scan(card, place, self.clock, share=0.6)
        self.shop.must(entered)
        if self._happens(_SCANNED_TWICE):
            # The reader sees the code once more before the card is moved away.
            self.shop.ask(replace(entered, at=entered.at + timedelta(seconds=1)))
        match step.work:
            case OperationType.QA:
                return self._inspected(card, place)
            case OperationType.NUMBER:
                number = (sheet_number(sheet_of(card)) - 1) * self.spec.n_up + position_of(card)
                run_of = self.spec.run_of or 0
                awaited = NumberAwaited(card_unit_id=card, operation=step.operation, run_of=run_of)
                done = self.shop.ask(_scan(f"{number}/{run_of}", place, self.clock, awaited=awaited))
            case OperationType.MEMORABILIA:
                self._inserts += 1
                awaited = SerialAwaited(card_unit_id=card, operation=step.operation)
                serial = f"{self.serials}-{self.job[-1]}-{self._inserts:04d}"
                done = self.shop.ask(_scan(serial, place, self.clock, awaited=awaited))
            case _:
                done = self.shop.ask(_scan(card, place, self.clock))
        assert isinstance(done, Decided), done
        return card

    def _inspected(self, card: CardUnitId, place: Place) -> CardUnitId:
        """Inspect a card at the bench where it lies; what fails is reworked and seen again, or made anew."""
        passes = not self._happens(_CARD_FAILS)
        verdict = self._judge(card, place, passes=passes)
        if self._happens(_VERDICT_UNDONE):
            undo = undo_of(
                verdict.events, at=self.clock.tick(0.2), operator_id=place.operator,
                station_id=place.definition.station_id, reason="looked again",
            )  # fmt: skip
            assert undo is not None
            self.shop.must(undo)
            self._judge(card, place, passes=passes)
        if passes:
            return card
        if self._happens(_FAILED_CARD_IS_VOID):
            return self._made_anew(card, VoidReason.QA_FAILED)
        steps = self.spec.route.by_unit[UnitKind.CARD]
        back = self._chance.choice(steps)
        sent = self.shop.ask(
            SendToRework(
                at=self.clock.tick(), operator_id=LEAD, station_id=WALL,
                card_unit_id=card, back_to=back.operation, reason="do it again",
            )
        )  # fmt: skip
        if not isinstance(sent, Decided):
            return self._made_anew(card, VoidReason.DAMAGED)
        return self._from(card, steps.index(back))

    def _from(self, card: CardUnitId, first: int) -> CardUnitId:
        """Take one card through what is left of its route."""
        for step in self.spec.route.by_unit[UnitKind.CARD][first:]:
            card = self._worked(card, step)
        return card

    def _judge(self, card: CardUnitId, place: Place, *, passes: bool) -> Told:
        result = (
            QAResult(outcome=QAOutcome.PASS)
            if passes
            else QAResult(outcome=QAOutcome.FAIL, codes=(self._chance.choice(_CODES),))
        )
        self.shop.must(
            RecordQAResult(
                at=self.clock.tick(0.7), operator_id=place.operator, station_id=place.definition.station_id,
                card_unit_id=card, station=place.definition, result=result,
            )
        )  # fmt: skip
        return self.shop.told[-1]

    def _made_anew(self, card: CardUnitId, reason: VoidReason) -> CardUnitId:
        """Void a card, and take its replacement through the whole route."""
        self.shop.must(
            VoidCardUnit(at=self.clock.tick(), operator_id=LEAD, station_id=WALL, card_unit_id=card, reason=reason)
        )
        return self._replaced(card)

    def _replaced(self, card: CardUnitId) -> CardUnitId:
        self.shop.must(CreateReplacement(at=self.clock.tick(), operator_id=LEAD, station_id=WALL, card_unit_id=card))
        return self._from(replacement_card_unit_id(card), 0)

    # -- sets --------------------------------------------------------------------------

    def _gather(self, sheet: SheetId) -> None:
        place = self._at(OperationType.ASSEMBLE)
        cards = self._standing[sheet]
        self._chance.shuffle(cards)
        for number, card in enumerate(cards):
            if number and len(self._standing) > 1 and self._happens(_FOREIGN_CARD):
                other = self._chance.choice([each for each in self._standing if each != sheet])
                self.shop.ask(_scan(self._standing[other][0], place, self.clock, tray=sheet))
            self._into_tray(card, place, sheet)

    def _into_tray(self, card: CardUnitId, place: Place, sheet: SheetId) -> None:
        self.shop.must(_scan(card, place, self.clock, share=0.4, tray=sheet))
        if self._happens(_CARD_LEAVES_TRAY):
            self.shop.must(
                RemoveCardFromAssembly(
                    at=self.clock.tick(), operator_id=place.operator, station_id=place.definition.station_id,
                    card_unit_id=card, reason="fell out of the tray",
                )
            )  # fmt: skip
            self.shop.must(_scan(card, place, self.clock, tray=sheet))
        elif self._happens(_CARD_VOID_IN_TRAY):
            self.shop.must(
                VoidCardUnit(
                    at=self.clock.tick(), operator_id=LEAD, station_id=WALL,
                    card_unit_id=card, reason=VoidReason.DAMAGED,
                )
            )  # fmt: skip
            self.shop.must(_scan(card, place, self.clock, tray=sheet))
            self.shop.must(_scan(self._replaced(card), place, self.clock, tray=sheet))

    def _pack(self, sheets: Sequence[SheetId]) -> list[PackId]:
        """Put the sets into boxes, the manager first where one holds a replacement."""
        place = self._at(OperationType.PACK)
        station = place.definition.station_id
        boxes: list[PackId] = []
        for number, begin in enumerate(range(0, len(sheets), _SETS_OF_A_BOX), 1):
            box = box_id(self.job, number)
            self.shop.must(_scan(box, place, self.clock))
            for sheet in sheets[begin : begin + _SETS_OF_A_BOX]:
                gathered = Loaded(self.shop.streams).assembly(assembly_of(sheet))
                if gathered is not None and needs_authorization(gathered):
                    self.shop.must(
                        AuthorizeReplacementSet(
                            at=self.clock.tick(5), operator_id=MANAGER, station_id=station,
                            assembly_id=assembly_of(sheet), manager=MANAGER, pin=MANAGER_PIN,
                        )
                    )  # fmt: skip
                self.shop.must(_scan(assembly_of(sheet), place, self.clock, share=3, open_pack=box))
            self.shop.must(SealPack(at=self.clock.tick(), operator_id=place.operator, station_id=station, pack_id=box))
            boxes.append(box)
        self.shop.must(CompleteJob(at=self.clock.tick(0.1), operator_id=None, station_id=None, job_id=self.job))
        return boxes
