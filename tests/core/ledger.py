"""The invariants of a whole shop, reckoned from its log in another way than the rules do.

``Ledger.check`` looks at every stream that has grown since it last looked, and at the
sets, jobs and counts that those streams belong to. It reads raw events wherever the
rules read states, so that one slip cannot hide the other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.domain.effective import effective_events
from core.domain.events import (
    AssemblyCompleted,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitOperationCompleted,
    CardUnitSentToRework,
    CardUnitVoided,
    Event,
    EventCorrected,
    GateApproved,
    JobCreated,
    OrderPlaced,
    PrintCompleted,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    ReplacementSetAuthorized,
    SetPacked,
    SheetCut,
    SheetOperationCompleted,
)
from core.domain.histories import History
from core.domain.models import Assembly, CardUnit, Pack, Sheet
from core.domain.state_machines import ASSEMBLY, CARD_UNIT, JOB, ORDER, PACK, SHEET, StateMachine
from core.domain.streams import AggregateType, ClaimKind, StreamKey
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    JobStatus,
    OperationType,
    OperatorRole,
    OrderStatus,
    PackStatus,
    QAOutcome,
    Route,
    SheetStatus,
    UnitKind,
)
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    assembly_of,
    card_unit_id,
    job_of,
    job_of_sheet,
    original_of,
    position_of,
    replacement_number,
    sheet_of,
)
from core.production.assembly import evolve_assembly, needs_authorization, replacements_in
from core.production.card_unit_operations import evolve_card
from core.production.jobs import evolve_job
from core.production.orders import evolve_order
from core.production.packing import evolve_pack
from core.production.sheet_operations import evolve_sheet
from core.projections import (
    fold_assembly,
    fold_card_unit,
    fold_job,
    fold_order,
    fold_pack,
    fold_sheet,
)
from tests.core.shop import ROLES, Shop

E = TypeVar("E")

MACHINES: dict[AggregateType, tuple[StateMachine[Any], Callable[[Any, Event], Any]]] = {
    AggregateType.ORDER: (ORDER, evolve_order),
    AggregateType.JOB: (JOB, evolve_job),
    AggregateType.SHEET: (SHEET, evolve_sheet),
    AggregateType.CARD_UNIT: (CARD_UNIT, evolve_card),
    AggregateType.ASSEMBLY: (ASSEMBLY, evolve_assembly),
    AggregateType.PACK: (PACK, evolve_pack),
}

_DONE_BY = (CardUnitOperationCompleted, SheetOperationCompleted, PrintCompleted, GateApproved)
_IN_A_TRAY = {CardUnitStatus.ASSEMBLED, CardUnitStatus.PACKED}


def standing(history: History) -> list[Event]:
    """The events that stand, corrections applied."""
    return [event for _, event in effective_events(history.events)]


def of_kind(history: History, kind: type[E]) -> list[E]:
    """The standing events of one kind."""
    return [event for event in standing(history) if isinstance(event, kind)]


def before_in(route: Route, operation: OperationCode) -> set[OperationCode]:
    """The operations of the same unit that the route wants done first."""
    steps = {step.operation: step for step in route.steps}
    step = steps[operation]
    if step.work is OperationType.CUT:
        return {s.operation for s in route.steps if s.unit is UnitKind.SHEET} - {operation}
    return {after for after in step.after if steps[after].unit is step.unit}


@dataclass
class Ledger:
    """What was there when last looked at."""

    shop: Shop
    seen: dict[StreamKey, History] = field(default_factory=dict)
    cards: dict[SheetId | JobId, list[CardUnitId]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    def twin_of(self, shop: Shop) -> "Ledger":
        """Return what was last looked at, for a twin of the shop."""
        cards = {unit: list(known) for unit, known in self.cards.items()}
        return Ledger(shop, dict(self.seen), cards, Counter(self.told))

    def check(self) -> None:
        """Assert every invariant on what has grown."""
        streams = self.shop.streams
        grown = [key for key, history in streams.items() if self.seen.get(key) is not history]
        for key in grown:
            if key.aggregate_type is AggregateType.CARD_UNIT and key not in self.seen:
                card = CardUnitId(key.aggregate_id)
                self.cards.setdefault(sheet_of(card), []).append(card)
                self.cards.setdefault(job_of(card), []).append(card)
        for key in grown:
            self._moved_as_the_table_allows(key)
            self._row_says_what_the_state_says(key)
        for unit in {key.aggregate_id for key in grown if key.aggregate_type is AggregateType.CARD_UNIT}:
            self._card_kept_to_its_route(CardUnitId(unit))
        for unit in {key.aggregate_id for key in grown if key.aggregate_type is AggregateType.SHEET}:
            self._sheet_kept_to_its_route(SheetId(unit))
        for sheet in {sheet for key in grown if (sheet := _sheet_in(key)) is not None}:
            self._cut_once(sheet)
            self._set_is_exact(sheet)
        jobs = {JobId(sheet) for key in grown if (sheet := _job_in(key)) is not None}
        for job in jobs:
            self._cards_are_conserved(job)
            self._numbers_are_unique(job)
            self._closed_when_packed(job)
            self._no_line_is_made_twice(self.shop.job(job).order_id)
        if jobs:
            self._serials_are_unique()
        self._packs_hold_each_set_once(grown)
        for key in grown:
            self.seen[key] = streams[key]

    # -- the state machines, and invariant 9 -------------------------------------

    def _moved_as_the_table_allows(self, key: StreamKey) -> None:
        machine, evolve = MACHINES.get(key.aggregate_type, (None, None))
        if machine is None or evolve is None:
            return
        history, known = self.shop.streams[key], self.seen.get(key, History())
        added = history.events[known.version :]
        assert history.events[: known.version] == known.events, "the log only grows"
        self.told.update(type(event).__name__ for event in added)
        was = (
            self.shop.loaded.card(CardUnitId(key.aggregate_id))
            if key.aggregate_type is AggregateType.CARD_UNIT
            else None
        )
        if was is not None and was.reworks and was.status is CardUnitStatus.QA_PASSED:
            self.told["passed after rework"] += 1
        if any(isinstance(event, EventCorrected) for event in added):
            # A correction goes back; what then stands must still be a life that the table allows.
            known, added = History(), tuple(standing(history))
        state: Any = None
        for event in standing(known):
            state = evolve(state, event)
        for event in added:
            after = evolve(state, event)
            if state is None:
                assert after.status in machine.initial
            else:
                assert machine.allows(state.status, after.status), (state.status, event)
                if state.status != after.status:
                    self.told[f"{machine.name} {state.status}→{after.status}"] += 1
            state = after
        assert history.state(evolve) == state, "folded on from what was known is folded from the beginning"

    def _row_says_what_the_state_says(self, key: StreamKey) -> None:
        events, loaded = self.shop.streams[key].events, self.shop.loaded
        match key.aggregate_type:
            case AggregateType.CARD_UNIT:
                self._card_row(events, self.shop.card(key.aggregate_id))
            case AggregateType.SHEET:
                self._sheet_row(events, self.shop.sheet(key.aggregate_id))
            case AggregateType.ASSEMBLY:
                _set_row(events, self.shop.tray(key.aggregate_id))
            case AggregateType.JOB:
                row, job = fold_job(events), self.shop.job(key.aggregate_id)
                assert row is not None
                assert (row.status, row.priority, row.promise_at) == (job.status, job.priority, job.promise_at)
            case AggregateType.ORDER:
                row, order = fold_order(events), loaded.order(ProductionOrderId(key.aggregate_id))
                assert row is not None and order is not None and row.status == order.status  # noqa: PT018
            case AggregateType.PACK:
                row, pack = fold_pack(events), loaded.pack(PackId(key.aggregate_id))
                assert row is not None and pack is not None  # noqa: PT018 - both or neither
                assert (row.status, row.inside) == (pack.status, pack.inside)
                assert len(row.sets) + len(row.nested) == pack.contents
            case _:
                pass

    def _card_row(self, events: Sequence[Event], card: CardUnit) -> None:
        row = fold_card_unit(events)
        assert row is not None
        place = (card.check_in.station_id, card.check_in.operation) if card.check_in else (None, None)
        assert (row.status, row.position, row.station_id, row.operation) == (card.status, card.position, *place)
        assert (row.qa_attempts, row.last_codes, row.rework) == (card.attempts, card.codes, card.reworks)
        assert row.number == (str(card.number) if card.number else None)
        assert row.serial == ([None, *card.serials.values()])[-1]
        assert (row.pack_id, row.void_reason, row.replaced_by) == (card.pack_id, card.void_reason, card.replaced_by)
        assert (row.assembly_id is not None) == (card.status in _IN_A_TRAY)
        waits = card.check_in is None and card.status in {CardUnitStatus.CREATED, CardUnitStatus.IN_PROGRESS}
        route = self.shop.job(card.job_id).spec.route
        ready = _ready(route, UnitKind.CARD, card.done) if waits else []
        assert row.ready_operations == "+".join(ready)
        assert (row.ready == "ASSEMBLE") == (card.status is CardUnitStatus.QA_PASSED)

    def _sheet_row(self, events: Sequence[Event], sheet: Sheet) -> None:
        row = fold_sheet(events)
        assert row is not None
        place = (sheet.check_in.station_id, sheet.check_in.operation) if sheet.check_in else (None, None)
        assert (row.status, row.station_id, row.operation) == (sheet.status, *place)
        waits = sheet.check_in is None and sheet.status not in {SheetStatus.CUT, SheetStatus.VOIDED}
        route = self.shop.job(sheet.job_id).spec.route
        assert row.ready_operations == "+".join(_ready(route, UnitKind.SHEET, sheet.done) if waits else [])

    # -- invariants 1 and 5 ------------------------------------------------------

    def _sheet_kept_to_its_route(self, sheet: SheetId) -> None:
        route = self.shop.job(job_of_sheet(sheet)).spec.route
        done: set[OperationCode] = set()
        for event in standing(self.shop.streams[StreamKey(AggregateType.SHEET, sheet)]):
            if isinstance(event, (*_DONE_BY, SheetCut)):
                assert event.operation not in done
                assert before_in(route, event.operation) <= done
                done.add(event.operation)

    def _card_kept_to_its_route(self, card: CardUnitId) -> None:
        route = self.shop.job(job_of(card)).spec.route
        events = standing(self.shop.streams[StreamKey(AggregateType.CARD_UNIT, card)])
        done: set[OperationCode] = set()
        first = events[0]
        if isinstance(first, ReplacementCardUnitCreated):
            done.update(first.done)
            assert all(before_in(route, operation) <= done for operation in done)
        for event in events:
            if isinstance(event, _DONE_BY) or (isinstance(event, QAResultRecorded) and event.outcome is QAOutcome.PASS):
                assert event.operation not in done
                assert before_in(route, event.operation) <= done
                done.add(event.operation)
            elif isinstance(event, CardUnitSentToRework):
                done.difference_update(event.undone)
                assert all(before_in(route, operation) <= done for operation in done)
            elif isinstance(event, CardScannedForAssembly):
                assert done == {step.operation for step in route.steps if step.unit is UnitKind.CARD}

    def _cut_once(self, sheet: SheetId) -> None:
        history = self.shop.streams[StreamKey(AggregateType.SHEET, sheet)]
        cuts = [event for event in history.events if isinstance(event, SheetCut)]
        n_up = self.shop.job(job_of_sheet(sheet)).spec.n_up
        assert (len(cuts) == 1) == (self.shop.sheet(sheet).status is SheetStatus.CUT)
        cards = {card for card in self._cards_of(sheet) if replacement_number(card) == 0}
        assert cards == ({card_unit_id(sheet, place) for place in range(1, n_up + 1)} if cuts else set())

    # -- invariants 2, 3 and 4 ---------------------------------------------------

    def _set_is_exact(self, sheet: SheetId) -> None:
        key = StreamKey(AggregateType.ASSEMBLY, assembly_of(sheet))
        if key not in self.shop.streams:
            return
        tray, history = self.shop.tray(sheet), self.shop.streams[key]
        newest: dict[int, CardUnitId] = {}
        for card in sorted(self._cards_of(sheet), key=replacement_number):
            newest[position_of(card)] = card
        assert len(set(tray.gathered.values())) == len(tray.gathered)
        for place, card in tray.gathered.items():
            assert (sheet_of(card), position_of(card)) == (sheet, place)
            assert newest[place] == card
            assert self.shop.card(card).status in _IN_A_TRAY
        for card in self._cards_of(sheet):
            assert (self.shop.card(card).status in _IN_A_TRAY) == (tray.gathered.get(position_of(card)) == card)
        whole = tray.gathered == newest
        assert (tray.status in {AssemblyStatus.COMPLETE, AssemblyStatus.PACKED}) == whole
        assert tray.gaps == {
            place for place, card in newest.items() if self.shop.card(card).status is CardUnitStatus.VOIDED
        }
        if tray.status is AssemblyStatus.PACKED:
            self._packed_by_right(history)

    def _packed_by_right(self, history: History) -> None:
        """Nothing is packed but a complete set, authorized by another where it holds a replacement."""
        events = standing(history)
        *before, packed = events
        assert isinstance(packed, SetPacked), "nothing happens to a packed set"
        gatherers: dict[int, OperatorId | None] = {}
        complete, authorized = False, None
        for event in before:
            match event:
                case CardScannedForAssembly():
                    gatherers[event.position] = event.operator_id
                case CardRemovedFromAssembly() | CardUnitVoided():
                    gatherers.pop(event.position, None)
                    complete, authorized = False, None
                case AssemblyCompleted():
                    complete = True
                case ReplacementSetAuthorized():
                    assert complete
                    assert event.manager not in gatherers.values()
                    assert OperatorRole.MANAGER in ROLES[event.manager]
                    authorized = event.manager
                case _:
                    pass
        assert complete
        if any(replacement_number(card) for card in packed.card_unit_ids):
            assert authorized is not None
            self.told["packed with an authorized replacement"] += 1

    # -- invariant 6 -------------------------------------------------------------

    def _numbers_are_unique(self, job: JobId) -> None:
        held: dict[int, CardUnitId] = {}
        of_position: dict[CardUnitId, int] = {}
        for card in self._cards_of(job):
            state = self.shop.card(card)
            if state.number is not None:
                # Also of a voided card: no number is lost to the run.
                assert of_position.setdefault(original_of(card), state.number.value) == state.number.value
            if state.number is None or state.status is CardUnitStatus.VOIDED:
                continue
            place = held.setdefault(state.number.value, original_of(card))
            assert place == original_of(card), state.number
            assert 1 <= state.number.value <= (self.shop.job(job).spec.run_of or 0)
            if replacement_number(card) and state.number == state.takes_number:
                self.told["a replacement bears the number that it took over"] += 1
        for place, value in of_position.items():
            assert self.shop.claims.get((ClaimKind.SEQUENTIAL_NUMBER, f"{job}/{value}")) == place

    def _serials_are_unique(self) -> None:
        held: dict[str, CardUnitId] = {}
        for card in self.shop.cards():
            for serial in card.serials.values():
                assert held.setdefault(serial.upper(), card.card_unit_id) == card.card_unit_id
                assert self.shop.claims.get((ClaimKind.MEMORABILIA_SERIAL, serial.upper())) == card.card_unit_id

    # -- invariant 7 -------------------------------------------------------------

    def _cards_are_conserved(self, job: JobId) -> None:
        """What the cuts and replacements made is where the sets and the voids say that it is."""
        born = voided = in_trays = packed = 0
        for key, history in self.shop.streams.items():
            if _job_in(key) != job:
                continue
            if key.aggregate_type is AggregateType.SHEET:
                born += sum(event.n_up for event in of_kind(history, SheetCut))
            elif key.aggregate_type is AggregateType.ASSEMBLY:
                born += len(of_kind(history, ReplacementCardUnitCreated))
                voided += len(of_kind(history, CardUnitVoided))
                tray = self.shop.tray(key.aggregate_id)
                if tray.status is AssemblyStatus.PACKED:
                    packed += sum(len(event.card_unit_ids) for event in of_kind(history, SetPacked))
                else:
                    in_trays += (
                        len(of_kind(history, CardScannedForAssembly))
                        - len(of_kind(history, CardRemovedFromAssembly))
                        - sum(event.was_gathered for event in of_kind(history, CardUnitVoided))
                    )
        counts = Counter(self.shop.card(card).status for card in self._cards_of(job))
        assert born == counts.total()
        assert (counts[CardUnitStatus.VOIDED], counts[CardUnitStatus.ASSEMBLED], counts[CardUnitStatus.PACKED]) == (
            voided,
            in_trays,
            packed,
        )

    def _closed_when_packed(self, job: JobId) -> None:
        state = self.shop.job(job)
        if state.status is JobStatus.COMPLETED:
            left = [sheet for sheet in self.shop.sheets(job) if sheet.status is not SheetStatus.VOIDED]
            assert left
            assert all(self.shop.tray(sheet.sheet_id).status is AssemblyStatus.PACKED for sheet in left)
        order = self.shop.loaded.order(state.order_id)
        if order is not None and order.status is not OrderStatus.PLACED:
            assert state.status in {JobStatus.COMPLETED, JobStatus.CANCELLED}

    def _no_line_is_made_twice(self, order: ProductionOrderId) -> None:
        """Spare sheets apart, the jobs of a line make no more of it than was ordered."""
        placed, *_ = of_kind(self.shop.streams[StreamKey(AggregateType.ORDER, order)], OrderPlaced)
        made = of_kind(self.shop.streams[StreamKey(AggregateType.ORDER, order)], JobCreated)
        for line in placed.lines:
            planned = 0
            for created in (job for job in made if job.order_line == line.line):
                if self.shop.job(created.job_id).status is not JobStatus.CANCELLED:
                    voided = [s for s in self.shop.sheets(created.job_id) if s.status is SheetStatus.VOIDED]
                    planned += created.sheet_count - created.overs - len(voided)
                    continue
                # What it had packed before is delivered, of a line that it made for nothing but spare sheets too.
                packed = min(self._sets_packed(created.job_id), created.sheet_count - created.overs)
                self.told["a cancelled job had packed sets"] += packed
                planned += packed
            assert planned <= line.sets

    def _sets_packed(self, job: JobId) -> int:
        """The sets of a job that lie in boxes, as the boxes tell it."""
        return sum(
            event.job_id == job
            for key, history in self.shop.streams.items()
            if key.aggregate_type is AggregateType.PACK
            for event in of_kind(history, SetPacked)
        )

    def _packs_hold_each_set_once(self, grown: Iterable[StreamKey]) -> None:
        if not any(key.aggregate_type is AggregateType.PACK for key in grown):
            return
        boxes: dict[str, Pack] = {}
        for key, history in self.shop.streams.items():
            if key.aggregate_type is not AggregateType.PACK:
                continue
            pack = self.shop.loaded.pack(PackId(key.aggregate_id))
            assert pack is not None
            assert pack.contents or pack.status is PackStatus.OPEN
            for event in of_kind(history, SetPacked):
                assert event.assembly_id not in boxes
                assert event.job_id == pack.job_id
                boxes[event.assembly_id] = pack

    # -- lineage -----------------------------------------------------------------

    def _cards_of(self, unit: SheetId | JobId) -> list[CardUnitId]:
        return self.cards.get(unit, [])


def _set_row(events: Sequence[Event], tray: Assembly) -> None:
    row = fold_assembly(events)
    assert row is not None
    assert row.status == tray.status
    assert dict(zip(sorted(tray.expected), row.expected, strict=True)) == tray.expected
    assert row.gathered == tuple(tray.gathered[place] for place in sorted(tray.gathered))
    assert (row.gaps, row.authorized_by, row.pack_id) == (tuple(sorted(tray.gaps)), tray.authorized_by, tray.pack_id)
    assert row.needs_authorization == needs_authorization(tray)
    assert row.void_in_tray == tuple(tray.void_in_tray[place] for place in sorted(tray.void_in_tray))
    assert not set(tray.void_in_tray) & set(tray.gathered), "a card at a place stands for the void one taken out"
    assert (row.open_at, row.last_station_id) == (tray.open_at, tray.tray_at)
    assert row.gatherers == tuple(sorted({who for who in tray.gatherers.values() if who is not None}))
    assert (row.opened_at, row.overdue_flagged) == (tray.opened_at, tray.overdue_flagged)
    whole = {AssemblyStatus.COMPLETE, AssemblyStatus.PACKED}
    assert (row.completed_at is not None) == (tray.status in whole)
    assert (row.expected_count, row.gathered_count) == (len(tray.expected), len(tray.gathered))
    if tray.status in whole:
        assert row.replacements == replacements_in(tray)


def _ready(route: Route, unit: UnitKind, done: Iterable[OperationCode]) -> list[OperationCode]:
    have = set(done)
    steps = [step for step in route.steps if step.unit is unit and step.operation not in have]
    return [step.operation for step in steps if before_in(route, step.operation) <= have]


def _sheet_in(key: StreamKey) -> SheetId | None:
    kinds = {AggregateType.SHEET, AggregateType.CARD_UNIT, AggregateType.ASSEMBLY}
    return SheetId("-".join(key.aggregate_id.split("-")[:2])) if key.aggregate_type in kinds else None


def _job_in(key: StreamKey) -> JobId | None:
    kinds = {AggregateType.JOB, AggregateType.SHEET, AggregateType.CARD_UNIT, AggregateType.ASSEMBLY}
    return JobId(key.aggregate_id.partition("-")[0]) if key.aggregate_type in kinds else None
