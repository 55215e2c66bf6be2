"""A whole shop under generated histories: right work, slips and mischief, invariants after every step.

``KIOSK_HYPOTHESIS=thorough`` searches for minutes instead of seconds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar, get_args

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    CancelJob,
    CancelOrder,
    Command,
    CompleteJob,
    CompleteOperation,
    CorrectEvent,
    CreateJob,
    CreateReplacement,
    CutSheet,
    EnterStation,
    FlagOverdueAssembly,
    FulfilOrder,
    HoldJob,
    NestPack,
    OpenPack,
    PackSet,
    RecordQAResult,
    RemoveCardFromAssembly,
    ResumeJob,
    SealPack,
    ShipPack,
    StartJob,
    VoidSheet,
)
from core.domain.effective import effective_events
from core.domain.events import (
    AssemblyCompleted,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitOperationCompleted,
    CardUnitVoided,
    PackNested,
    QAResultRecorded,
    SetPacked,
    VoidedCardTakenOut,
)
from core.domain.models import Assembly, CardUnit, Job, Sheet
from core.domain.readings import TrayRead
from core.domain.rejections import PinWrong
from core.domain.streams import AggregateType, ClaimKind, StreamKey
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    FieldChange,
    JobStatus,
    OperationType,
    ProductSpec,
    QAOutcome,
    QAResult,
    RouteStep,
    SheetStatus,
    StationDefinition,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    box_id,
    job_of,
    original_of,
    position_of,
    sheet_id,
    sheet_of_assembly,
)
from core.production.assembly import needs_authorization
from core.production.corrections import RETRACTABLE
from core.production.decisions import Decided
from core.production.requests import Request
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited
from tests.core.ledger import Ledger
from tests.core.line import LONG_ROUTE, Line
from tests.core.searching import searched
from tests.core.shop import (
    ASSEMBLY,
    ASSEMBLY_2,
    FULL_ROUTE,
    INSERTS,
    INSPECTOR,
    LEAD,
    MANAGER,
    NUMBERING,
    OPERATOR,
    OTHER_MANAGER,
    PACKING,
    PIN,
    PLAIN_ROUTE,
    QA,
    QA_2,
    STATIONS,
    Outcome,
    spec,
)

T = TypeVar("T")
D = TypeVar("D", bound=Callable[..., None])

PRODUCTS = (
    spec("PLAIN", n_up=3, rows=1, route=PLAIN_ROUTE),
    spec("SINGLE", n_up=1, rows=1, route=PLAIN_ROUTE),
    spec("FULL", n_up=4, route=FULL_ROUTE),
    spec("LONG", n_up=2, route=LONG_ROUTE),
)
PEOPLE = (OPERATOR, INSPECTOR, LEAD, MANAGER, OTHER_MANAGER)
TRAY_STATIONS = (ASSEMBLY, ASSEMBLY_2)
CASE, PALLET = PackId("CS000001"), PackId("PL000001")
CODES = (
    "",
    "\x00",
    "[bold]",
    "\x1b[2J",
    "J1001-S001-00",
    "J1001-S9",
    "CMD-FAIL-F-201",
    "CMD-NO",
    "7",
    "7/99",
    "9" * 9999,
)
ON_THE_ROUTE = {CardUnitStatus.CREATED, CardUnitStatus.IN_PROGRESS}

picks = st.integers(0, 2**16)
few = st.integers(1, 6)


class Floor(Line):
    """A line that remembers what it was last asked, and chooses marks that are still free."""

    def __post_init__(self) -> None:
        """Begin to remember."""
        super().__post_init__()
        self.asked_last: Request | None = None
        self.outcomes: Counter[str] = Counter()
        self.trays_seen = Trays()

    def run(self, request: Request) -> Outcome:
        """Run it, and see that what is refused or only read changes nothing."""
        self.asked_last = request
        streams, claims = dict(self.streams), dict(self.claims)
        outcome = super().run(request)
        self.outcomes[type(outcome).__name__] += 1
        self.trays_seen.see(request, outcome)
        self.outcomes.update(self.trays_seen.told)
        self._completes_what_was_asked_for(request, outcome)
        if isinstance(request, SealPack | NestPack | ShipPack) and isinstance(outcome, Decided):
            assert not {box for box in self._boxes_in(request.pack_id) if self._is_held(box)}
        if isinstance(request, AuthorizeReplacementSet) and isinstance(outcome, Decided | PinWrong):
            # A PIN was looked at: not after five wrong ones, however they were spread over stations and requests.
            since = self.now - timedelta(minutes=15)
            before = [at for who, at in self.wrong_pins if who == request.manager and at > since]
            assert len(before) - isinstance(outcome, PinWrong) < 5
        if not isinstance(outcome, Decided):
            assert self.streams == streams
            assert self.claims == claims
        return outcome

    def _completes_what_was_asked_for(self, request: Request, outcome: Outcome) -> None:
        """An answer never completes an operation that nobody asked about."""
        if not isinstance(request, Scan) or request.awaited is None or not isinstance(outcome, Decided):
            return
        if isinstance(outcome.command, CompleteOperation) and outcome.command.unit_id == request.awaited.card_unit_id:
            done_now = [event for event in outcome.change.events if isinstance(event, CardUnitOperationCompleted)]
            is_answer = request.text != request.awaited.card_unit_id
            assert not is_answer or {event.operation for event in done_now} == {request.awaited.operation}

    def _boxes_in(self, pack: PackId) -> set[PackId]:
        """The boxes in a container, itself where it is one, as the containers' own streams tell it."""
        if "-BX" in pack:
            return {pack}
        history = self.streams[StreamKey(AggregateType.PACK, pack)]
        nested = [event.pack_id for event in history.events if isinstance(event, PackNested) and event.into == pack]
        return set[PackId]().union(*map(self._boxes_in, nested))

    def _is_held(self, box: PackId) -> bool:
        return self.job(box.partition("-")[0]).status is JobStatus.ON_HOLD

    def asked(self, card: str, ready: RouteStep) -> tuple[Awaited | None, str]:
        """What the station asks, answered by a number that no other position has."""
        awaited, answer = super().asked(card, ready)
        if not isinstance(awaited, NumberAwaited):
            return awaited, answer
        takes = self.card(card).takes_number
        if takes is not None:
            # Another free number first: it would be one more that is lost to the run.
            self.scan(NUMBERING, str(takes.value % takes.run_of + 1), awaited=awaited)
            return awaited, str(takes.value)
        mine = {None, original_of(CardUnitId(card))}
        keys = {n: f"{job_of(CardUnitId(card))}/{n}" for n in range(1, awaited.run_of + 1)}
        free = (n for n, key in keys.items() if self.claims.get((ClaimKind.SEQUENTIAL_NUMBER, key)) in mine)
        return awaited, str(next(free))


@dataclass
class Trays:
    """Where the paper of each set lies, reckoned from what was scanned: cards, voids and labels."""

    inside: dict[AssemblyId, dict[CardUnitId, VoidReason | None]] = field(default_factory=dict)
    stands_at: dict[AssemblyId, str | None] = field(default_factory=dict)
    labels: set[tuple[AssemblyId, str]] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)

    def see(self, request: Request, outcome: Outcome) -> None:
        """Follow one request; one set in two piles, or void paper in a finished tray, is an error."""
        self.told.clear()
        if isinstance(outcome, TrayRead) and isinstance(request, Scan):
            self.labels.add((outcome.assembly_id, request.station.station_id))
        for fact in outcome.change.events if isinstance(outcome, Decided) else ():
            match fact:
                case CardScannedForAssembly():
                    self._laid_in(fact)
                case CardRemovedFromAssembly():
                    assert fact.station_id in {None, self.stands_at[fact.assembly_id]}
                    del self.inside[fact.assembly_id][fact.card_unit_id]
                case CardUnitVoided() if fact.was_gathered:
                    self.inside[fact.assembly_id][fact.card_unit_id] = fact.reason
                case VoidedCardTakenOut():
                    del self.inside[fact.assembly_id][fact.card_unit_id]
                case AssemblyCompleted():
                    paper = self.inside[fact.assembly_id]
                    assert {card for card, reason in paper.items() if reason is not VoidReason.LOST} == set(
                        fact.card_unit_ids
                    )
                case _:
                    pass

    def _laid_in(self, event: CardScannedForAssembly) -> None:
        tray, here = event.assembly_id, event.station_id
        stood = self.stands_at.get(tray)
        paper = self.inside.setdefault(tray, {})
        if any(reason is not VoidReason.LOST for reason in paper.values()) and stood != here:
            assert (tray, here) in self.labels, "a set is gathered at two stations only with its label read between"
            self.told["a tray was brought to another station"] += 1
        self.labels = {(label, at) for label, at in self.labels if label != tray}
        # Of a lost card nothing lies at its place.
        lost = [card for card, reason in paper.items() if reason is VoidReason.LOST]
        for card in lost:
            if position_of(card) == event.position:
                del paper[card]
        paper[event.card_unit_id] = None
        self.stands_at[tray] = here


DEEDS: list[st.SearchStrategy[tuple[str, dict[str, Any]]]] = []
"""What can happen in the shop and how it is said, as often as it should happen."""


def deed(*, often: int = 1, **said: st.SearchStrategy[Any]) -> Callable[[D], D]:
    """Count a method of ``WholeShop`` among the deeds."""

    def counted(method: D) -> D:
        DEEDS.extend([st.tuples(st.just(method.__name__), st.fixed_dictionaries(said))] * often)
        return method

    return counted


class WholeShop(RuleBasedStateMachine):
    """Many jobs, stations and people at once, and everything that can go wrong among them."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor()
        self.floor.furnish()
        self.ledger = Ledger(self.floor)

    @initialize(
        jobs=st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(0, 5)), min_size=1, max_size=3),
        sets=st.integers(1, 2),
    )
    def jobs_are_under_way(self, jobs: Sequence[tuple[ProductSpec, int]], sets: int) -> None:
        """One to three jobs of several products; the first sheet of each is some way ahead."""
        for number, (product, ahead) in enumerate(jobs, start=1):
            job = self.floor.start(product, sets=sets, job=f"J{1000 + number}", order=f"PO2026-{number:04d}")
            first = sheet_id(job, 1)
            if ahead >= 1:
                self.floor.cut(first)
            if ahead >= 2:
                self.floor.clear(*self.floor.tray(first).missing[1:])
                self.floor.fail(self.floor.tray(first).missing[0])
            if ahead == 2 and number == 1:
                self.floor.rework(self.floor.tray(first).missing[0], product.route.steps[-1].operation)
                self.floor.clear(self.floor.tray(first).missing[0])
            if ahead >= 3:
                self.floor.replace(self.floor.tray(first).missing[0])
            if ahead >= 4:
                self.floor.complete(first)
            if ahead >= 5:
                self.floor.authorize(first)
                self.floor.pack(first)
            self.ledger.check()

    @invariant()
    def every_invariant_holds(self) -> None:
        """Also after whatever was refused."""
        self.ledger.check()

    def teardown(self) -> None:
        """Tell how far this run came."""
        REACHED.update(self.ledger.told.keys() | self.floor.outcomes.keys())
        for told in MUST_BE_REACHED & self.ledger.told.keys():
            event(told)

    # -- who and what is there ---------------------------------------------------

    def _ask(self, order: Callable[..., Command], **said: Any) -> Outcome:
        self.floor.pass_time(10)
        return self.floor.ask(order, **said)

    def cards(self, *statuses: CardUnitStatus) -> list[CardUnit]:
        """The cards in one of these states, or all."""
        return [card for card in self.floor.cards() if not statuses or card.status in statuses]

    def workable_cards(self) -> list[CardUnit]:
        """The cards that are on their route, of jobs that run."""
        cards = self.cards(*ON_THE_ROUTE)
        return [card for card in cards if self.floor.job(card.job_id).status is JobStatus.STARTED]

    def sheets(self) -> list[Sheet]:
        """The sheets that are not cut or void, of jobs that run."""
        jobs = [job for job in self.jobs() if job.status is JobStatus.STARTED]
        over = {SheetStatus.CUT, SheetStatus.VOIDED}
        return [sheet for job in jobs for sheet in self.floor.sheets(job.job_id) if sheet.status not in over]

    def jobs(self) -> list[Job]:
        """Every job."""
        keys = [key for key in self.floor.streams if key.aggregate_type is AggregateType.JOB]
        return [self.floor.job(key.aggregate_id) for key in keys]

    def trays(self, *statuses: AssemblyStatus) -> list[Assembly]:
        """The sets in one of these states, or all."""
        return [tray for tray in self.floor.trays() if not statuses or tray.status in statuses]

    # -- the right thing -----------------------------------------------------------

    @deed(pick=picks, steps=few)
    def a_sheet_moves_on(self, pick: int, steps: int) -> None:
        """Some right steps for a sheet."""
        for sheet in chosen(self.sheets(), pick):
            for _ in range(steps):
                if self.floor.sheet(sheet.sheet_id).status is not SheetStatus.CUT:
                    self.floor.step_sheet(sheet.sheet_id)

    @deed(often=2, pick=picks)
    def a_sheet_is_brought_to_the_cut_and_cut(self, pick: int) -> None:
        """Cards are what the shop is about, so sheets become cards soon."""
        for sheet in chosen(self.sheets(), pick):
            self.floor.cut(sheet.sheet_id)

    @deed(pick=picks, steps=few)
    def a_card_moves_on(self, pick: int, steps: int) -> None:
        """Some right steps for a card."""
        for card in chosen(self.workable_cards(), pick):
            self._moves_on(card, steps)

    def _moves_on(self, card: CardUnit, steps: int) -> None:
        for _ in range(steps):
            if self.floor.card(card.card_unit_id).status in ON_THE_ROUTE:
                self.floor.step_card(card.card_unit_id)

    @deed(often=4, pick=picks, left=st.integers(0, 2), by=st.sampled_from((OPERATOR, MANAGER)), where=picks)
    def a_set_comes_together(self, pick: int, left: int, by: OperatorId, where: int) -> None:
        """Cards of a set are finished, made anew where they are void, and gathered; some are left out."""
        station = TRAY_STATIONS[where % 2]
        gathering = self.trays(AssemblyStatus.PENDING, AssemblyStatus.IN_PROGRESS)
        if not gathering:
            self.a_sheet_is_brought_to_the_cut_and_cut(pick)
        for tray in chosen(gathering or self.trays(), pick):
            for place in tray.missing_positions[left:] or tray.missing_positions:
                if place in tray.gaps:
                    self._ask(CreateReplacement, by=LEAD, card_unit_id=tray.expected[place])
                card = self.floor.card(self.floor.tray(tray.assembly_id).expected[place])
                if self.floor.job(card.job_id).status is JobStatus.STARTED:
                    self._moves_on(card, 30)
                for void in self._void_at(tray.assembly_id, place):
                    self.floor.gather(card.card_unit_id, at=station, by=by, brought=True)
                    self.floor.gather(void, at=station, by=by)
                self.floor.gather(card.card_unit_id, at=station, by=by, brought=True)

    def _void_at(self, tray: AssemblyId, place: int) -> Iterator[CardUnitId]:
        """The card that was voided at a place and lies there still."""
        void = self.floor.tray(tray).void_in_tray.get(place)
        if void is not None:
            yield void

    @deed(often=2, pick=picks, where=picks, brought=st.booleans(), by=st.sampled_from(PEOPLE))
    def a_passed_card_is_gathered(self, pick: int, where: int, brought: bool, by: OperatorId) -> None:
        """At either station, whether the tray is there or not; before it a card in any state, and a wrong tray."""
        for card in chosen(self.cards(), pick // 5):
            self.floor.gather(card.card_unit_id, at=TRAY_STATIONS[where % 2], by=by, brought=True)
        for card in chosen(self.cards(CardUnitStatus.QA_PASSED), pick):
            for tray in chosen(self.trays(), pick // 3):
                self.floor.gather(card.card_unit_id, into=tray.assembly_id, at=TRAY_STATIONS[where % 2], by=by)
            self.floor.gather(card.card_unit_id, at=TRAY_STATIONS[where % 2], by=by)
            self.floor.gather(card.card_unit_id, at=TRAY_STATIONS[where % 2], by=by, brought=brought)

    @deed(often=2, pick=picks, where=picks)
    def a_card_is_gathered_after_another_tray_s_label(self, pick: int, where: int) -> None:
        """The station believes that a tray was brought to it, and it was: another one."""
        station = TRAY_STATIONS[where % 2]
        begun = [tray for tray in self.trays(AssemblyStatus.IN_PROGRESS) if tray.tray_at != station.station_id]
        for tray in chosen(begun or self.trays(), pick):
            for other in chosen([each for each in self.trays() if each.assembly_id != tray.assembly_id], pick // 3):
                self.floor.scan(station, other.assembly_id)
                for card in chosen(tray.missing, pick // 7):
                    if self.floor.card(card).status in ON_THE_ROUTE:
                        self._moves_on(self.floor.card(card), 30)
                    for opened in (None, other.assembly_id):
                        self.floor.scan(station, card, open_assembly=opened, tray_brought=True)

    @deed(often=2, pick=picks, where=picks, reason=st.sampled_from(VoidReason))
    def the_cards_of_a_tray_are_voided_and_the_next_is_scanned(self, pick: int, where: int, reason: VoidReason) -> None:
        """At either station, while what was voided lies where it lay."""
        begun = [tray for tray in self.trays(AssemblyStatus.IN_PROGRESS) if tray.gathered]
        if not begun:
            self.a_set_comes_together(pick, 1, OPERATOR, pick)
            begun = [tray for tray in self.trays(AssemblyStatus.IN_PROGRESS) if tray.gathered]
        for tray in chosen(begun, pick):
            for card in list(tray.gathered.values())[: 1 if pick % 3 == 0 else None]:
                self.floor.void(card, reason)
                self._ask(CreateReplacement, by=LEAD, card_unit_id=card)
            for card in self.floor.tray(tray.assembly_id).missing:
                if self.floor.job(tray.job_id).status is JobStatus.STARTED:
                    self._moves_on(self.floor.card(card), 30)
                here, there = TRAY_STATIONS if tray.tray_at == ASSEMBLY.station_id else TRAY_STATIONS[::-1]
                self.floor.gather(card, at=here if where % 3 == 0 else there)

    @deed(often=3, pick=picks, box=st.integers(1, 2))
    def a_set_is_packed(self, pick: int, box: int) -> None:
        """A complete set, or too early another; the automations follow, as in the shop."""
        for tray in chosen((pick % 4 and self.trays(AssemblyStatus.COMPLETE)) or self.trays(), pick):
            pack = box_id(tray.job_id, box)
            self._ask(OpenPack, at=PACKING, pack_id=pack)
            self._ask(PackSet, at=PACKING, assembly_id=tray.assembly_id, pack_id=pack)
            job = self.floor.job(tray.job_id)
            self._ask(CompleteJob, by=None, job_id=job.job_id)
            self._ask(FulfilOrder, by=None, order_id=job.order_id)

    @deed(pick=picks, lost=st.booleans(), by=st.sampled_from((OPERATOR, MANAGER)))
    def a_job_is_finished(self, pick: int, lost: bool, by: OperatorId) -> None:
        """All of its sets come together, one card late, and are packed as far as they may be."""
        for job in chosen(self.jobs(), pick):
            for _ in self.floor.sheets(job.job_id):
                self.a_set_comes_together(pick, 0, by, pick)
                if lost:
                    self.a_voided_card_is_replaced(pick)
                    self.a_set_comes_together(pick, 0, by, pick)
                self.a_set_is_authorized(pick, by, "0000" if by == OPERATOR else PIN)
                self.a_set_is_authorized(pick, OTHER_MANAGER, PIN)
                self.a_set_is_packed(pick, 1)

    # -- inspection, rework, loss ----------------------------------------------------

    @deed(
        often=2, pick=picks, bench=st.sampled_from((QA, QA_2)), codes=st.sampled_from(((), ("F-201",), ("F-1", "F-2")))
    )
    def a_card_is_inspected(self, pick: int, bench: StationDefinition, codes: tuple[str, ...]) -> None:
        """With any verdict, at either bench."""
        for card in chosen(self.workable_cards(), pick):
            for _ in range(30):
                if self.floor.ready_for(card.card_unit_id)[0].work is OperationType.QA:
                    break
                self.floor.step_card(card.card_unit_id)
            self.floor.scan(bench, card.card_unit_id, by=INSPECTOR)
            self.floor.verdict(card.card_unit_id, *codes, at=bench)

    @deed(often=2, pick=picks, back=st.integers(0, 8), by=st.sampled_from((LEAD, LEAD, LEAD, INSPECTOR)))
    def a_failed_card_is_reworked(self, pick: int, back: int, by: OperatorId) -> None:
        """Back to any operation of its route; where no card has failed, one fails now."""
        if not self.cards(CardUnitStatus.QA_FAILED):
            self.a_card_is_inspected(pick, QA, ("F-201",))
        for card in chosen(self.cards(CardUnitStatus.QA_FAILED), pick):
            steps = self.floor.job(card.job_id).spec.route.steps
            for step in chosen([*(step for step in steps if step.operation in card.done), *steps[::-1]], back):
                self.floor.rework(card.card_unit_id, step.operation, by=by)
            self._moves_on(self.floor.card(card.card_unit_id), 30)

    @deed(pick=picks, reason=st.sampled_from(VoidReason), gathered=st.booleans())
    def a_card_is_voided(self, pick: int, reason: VoidReason, gathered: bool) -> None:
        """At any moment of its life, every second time out of a tray."""
        in_trays = self.cards(CardUnitStatus.ASSEMBLED) if gathered else []
        for card in chosen(in_trays or self.cards(), pick):
            self.floor.void(card.card_unit_id, reason)

    @deed(often=2, pick=picks)
    def a_voided_card_is_replaced(self, pick: int) -> None:
        """Also one that is itself a replacement, or has one already; where none is void, one gets lost now."""
        open_ones = [card for card in self.cards(CardUnitStatus.VOIDED) if card.replaced_by is None]
        if not open_ones:
            self.a_card_is_voided(pick, VoidReason.LOST, gathered=True)
        for card in chosen(open_ones or self.cards(CardUnitStatus.VOIDED), pick):
            self._ask(CreateReplacement, by=LEAD, card_unit_id=card.card_unit_id)
            if pick % 2:
                self._ask(CreateReplacement, by=LEAD, card_unit_id=card.card_unit_id)

    @deed(pick=picks)
    def a_gathered_card_is_taken_out(self, pick: int) -> None:
        """A complete set is open again."""
        for card in chosen(self.cards(CardUnitStatus.ASSEMBLED), pick):
            for where in (*TRAY_STATIONS[pick % 2 :], None):
                self._ask(RemoveCardFromAssembly, at=where, card_unit_id=card.card_unit_id, reason="scratched")

    @deed(often=3, pick=picks, manager=st.sampled_from(PEOPLE), pin=st.sampled_from((PIN, PIN, "0000")))
    def a_set_is_authorized(self, pick: int, manager: OperatorId, pin: str) -> None:
        """By anybody, with any PIN, whether that is needed or not; packing is tried before."""
        waiting = [tray for tray in self.trays(AssemblyStatus.COMPLETE) if needs_authorization(tray)]
        for tray in chosen(waiting or self.trays(), pick):
            self._ask(PackSet, at=PACKING, assembly_id=tray.assembly_id, pack_id=box_id(tray.job_id, 1))
            self.floor.authorize(sheet_of_assembly(tray.assembly_id), manager=manager, pin=pin)

    @deed(
        often=2, pick=picks, manager=st.sampled_from((MANAGER, OTHER_MANAGER)), wait=st.sampled_from((0, 0, 600, 900))
    )
    def a_pin_is_guessed(self, pick: int, manager: OperatorId, wait: int) -> None:
        """More often than the shop allows, and then the right one is given."""
        waiting = [tray for tray in self.trays(AssemblyStatus.COMPLETE) if needs_authorization(tray)]
        if not waiting:
            self.a_voided_card_is_replaced(pick)
            self.a_set_comes_together(pick, 0, OPERATOR, pick)
            waiting = [tray for tray in self.trays(AssemblyStatus.COMPLETE) if needs_authorization(tray)]
        for tray in chosen(waiting, pick):
            for pin in ("0000",) * 6 + (PIN,):
                self.floor.authorize(sheet_of_assembly(tray.assembly_id), manager=manager, pin=pin)
            self.floor.pass_time(wait)

    # -- slips ---------------------------------------------------------------------

    @deed(by=st.sampled_from(PEOPLE))
    def the_last_thing_is_undone(self, by: OperatorId) -> None:
        """Whoever did it."""
        self.floor.undo(by=by)

    @deed(pick=picks, older=st.integers(0, 3), by=st.sampled_from((LEAD, LEAD, OPERATOR)))
    def an_event_is_taken_back(self, pick: int, older: int, by: OperatorId) -> None:
        """The newest of a unit, or one too old for that, or one that is not to be taken back."""
        histories = self.floor.streams.items()
        slips = [key for key, history in histories if isinstance(history.events[-1], get_args(RETRACTABLE))]
        for key in chosen((pick % 3 and slips) or list(self.floor.streams), pick):
            version = len(self.floor.streams[key].events) - (older if pick % 5 == 0 else 0)
            self._ask(CorrectEvent, by=by, stream=key, version=version, reason="a slip")

    @deed(pick=picks, codes=st.sampled_from(("F-7", "F-7,F-8", "")))
    def the_codes_of_a_verdict_are_amended(self, pick: int, codes: str) -> None:
        """What was found, said better; the verdict stays."""
        verdicts = [
            (key, version, said)
            for key, history in self.floor.streams.items()
            for version, said in effective_events(history.events)
            if isinstance(said, QAResultRecorded)
        ]
        for key, version, said in chosen(verdicts, pick):
            change = FieldChange(field="codes", was=",".join(said.codes), now=codes)
            self._ask(CorrectEvent, by=LEAD, stream=key, version=version, reason="misread", changes=(change,))

    @deed(
        often=3,
        text=picks,
        where=st.sampled_from(STATIONS),
        by=st.sampled_from((*PEOPLE, None)),
        opened=picks,
        awaited=picks,
        brought=st.booleans(),
        soon=st.sampled_from((0, 1, 60, -5)),
    )
    def anything_is_scanned_anywhere(
        self,
        *,
        text: int,
        where: StationDefinition,
        by: OperatorId | None,
        opened: int,
        awaited: int,
        brought: bool,
        soon: int,
    ) -> None:
        """Wrong card, wrong station, wrong tray, before log-on, twice, a code of nobody."""
        units = [key.aggregate_id for key in self.floor.streams]
        on_the_way = [card.card_unit_id for card in self.workable_cards()] + [s.sheet_id for s in self.sheets()]
        texts = [*on_the_way * 3, *units, *CODES]
        trays: list[AssemblyId | None] = [None, *(tray.assembly_id for tray in self.trays())]
        boxes = [PackId(key.aggregate_id) for key in self.floor.streams if key.aggregate_type is AggregateType.PACK]
        cards = self.cards()
        asked: Awaited | None = None
        if cards and awaited % 4 < 2:
            card = cards[awaited % len(cards)].card_unit_id
            operation = OperationCode(("NUMBER", "RELIC", "AUTOGRAPH")[awaited % 3])
            number = NumberAwaited(card_unit_id=card, operation=operation, run_of=99)
            asked = number if awaited % 4 else SerialAwaited(card_unit_id=card, operation=operation)
        if brought and opened % len(trays):
            # Of what is brought the label was read; where nothing is open, whatever was read is over.
            self.floor.scan(where, trays[opened % len(trays)] or "", by=by)
        self.floor.pass_time(soon)
        scan = Scan(
            text=texts[text % len(texts)],
            station=where,
            operator_id=by,
            at=self.floor.now,
            open_assembly=trays[opened % len(trays)],
            open_pack=[None, *boxes][opened % (len(boxes) + 1)],
            awaited=asked,
            tray_brought=brought,
        )
        self.floor.run(scan)
        self.floor.run(scan)

    @deed(pick=picks, where=st.sampled_from(STATIONS), kind=st.integers(0, 4), number=st.integers(0, 100))
    def a_wrong_command_is_given(self, pick: int, where: StationDefinition, kind: int, number: int) -> None:
        """Past the scan, as a program with a defect would."""
        sheets = [sheet.sheet_id for job in self.jobs() for sheet in self.floor.sheets(job.job_id)]
        for unit in chosen([*sheets, *(card.card_unit_id for card in self.cards())], pick):
            match kind:
                case 0:
                    self._ask(EnterStation, at=where, unit_id=unit)
                case 1:
                    said = {"number": number, "serial": f"S{number}"}
                    self._ask(CompleteOperation, at=where, unit_id=unit, **said)
                case 2:
                    self._ask(CutSheet, at=where, sheet_id=unit)
                case 3:
                    self._ask(ApproveGate, by=LEAD, unit_id=unit, gate=OperationCode("PROOF"))
                case _:
                    result = QAResult(outcome=QAOutcome.PASS)
                    self._ask(RecordQAResult, at=where, by=INSPECTOR, card_unit_id=unit, result=result)

    @deed(soon=st.booleans())
    def the_last_request_is_delivered_again(self, soon: bool) -> None:
        """By a retry that lost its id."""
        if self.floor.asked_last is not None:
            self.floor.run(self.floor.asked_last)

    # -- the office, and the boxes --------------------------------------------------

    @deed(pick=picks, what=st.sampled_from((HoldJob, ResumeJob, ResumeJob, ResumeJob, CancelJob)))
    def a_job_is_held_resumed_or_cancelled(self, pick: int, what: Callable[..., Command]) -> None:
        """While its cards are everywhere; cancelled seldom, for then they stay where they are."""
        if what is CancelJob and pick % 4:
            what = ResumeJob
        for job in chosen(self.jobs(), pick):
            said = {} if what is ResumeJob else {"reason": "wrong foil"}
            self._ask(what, by=LEAD, job_id=job.job_id, **said)

    @deed(
        pick=picks, sheets=st.sampled_from((None, None, 1, 2)), overs=st.sampled_from((0, 1, 1)), starts=st.booleans()
    )
    def another_job_is_made_of_an_order(self, pick: int, sheets: int | None, overs: int, *, starts: bool) -> None:
        """Of what its jobs leave to be made, or of more."""
        for job in chosen(self.jobs(), pick):
            name = JobId(f"J{2000 + len(self.jobs())}")
            said = {"order_id": job.order_id, "order_line": 1, "spec_code": job.spec.code}
            self._ask(CreateJob, job_id=name, sheet_count=sheets, overs=overs, **said)
            if starts:
                self._ask(StartJob, job_id=name)
            elif pick % 2:
                self._ask(CancelJob, by=LEAD, job_id=name, reason="not needed")

    @deed(pick=picks)
    def a_job_that_packed_is_cancelled_and_made_again(self, pick: int) -> None:
        """What lies in its boxes is shipped all the same."""
        if not self.trays(AssemblyStatus.PACKED):
            self.a_set_comes_together(pick, 0, OPERATOR, pick)
            self.a_set_is_packed(pick, 1)
        packed = {tray.job_id for tray in self.trays(AssemblyStatus.PACKED)}
        for job in chosen([job for job in self.jobs() if job.job_id in packed], pick):
            self._ask(CancelJob, by=LEAD, job_id=job.job_id, reason="wrong foil")
            name = JobId(f"J2000{len(self.jobs())}")
            self._ask(CreateJob, job_id=name, order_id=job.order_id, order_line=1, spec_code=job.spec.code)

    @deed(often=2, pick=picks)
    def a_serial_is_said_again(self, pick: int) -> None:
        """The same question is open on a second screen of the station, and the card has gone on to its next insert."""
        long = [card for card in self.workable_cards() if self.floor.job(card.job_id).spec.code == "LONG"]
        for card in chosen(long, pick):
            unit = card.card_unit_id
            for _ in range(30):
                ready = self.floor.ready_for(unit)
                if not ready or ready[0].work is OperationType.MEMORABILIA:
                    break
                self.floor.step_card(unit)
            for step in self.floor.ready_for(unit)[:1]:
                self.floor.scan(INSERTS, unit)
                asked, answer = self.floor.asked(unit, step)
                self.floor.scan(INSERTS, answer or unit, awaited=asked)
                self.floor.scan(INSERTS, unit)
                self.floor.scan(INSERTS, f"{answer}-2", awaited=asked)

    @deed(pick=picks, too=st.booleans())
    def an_order_is_cancelled(self, pick: int, *, too: bool) -> None:
        """With what is on the floor or without; seldom, for then all of it stays where it is."""
        for job in chosen(self.jobs(), pick):
            self._ask(CancelOrder, by=LEAD, order_id=job.order_id, reason="withdrawn")
            if too and pick % 3 == 0:
                self.another_job_is_made_of_an_order(pick, 1, 1, starts=False)
                self._ask(CancelOrder, by=LEAD, order_id=job.order_id, reason="withdrawn", with_running_jobs=True)

    @deed(pick=picks)
    def a_sheet_is_voided(self, pick: int) -> None:
        """Before it is cut, or too late."""
        for job in chosen(self.jobs(), pick):
            for sheet in chosen(self.floor.sheets(job.job_id), pick // 7):
                self._ask(VoidSheet, by=LEAD, sheet_id=sheet.sheet_id, reason=VoidReason.MISPRINT)
            self._ask(CompleteJob, by=None, job_id=job.job_id)

    @deed(often=2, pick=picks, what=st.integers(0, 5))
    def a_container_goes_on(self, pick: int, what: int) -> None:
        """Sealed, nested, shipped, in whatever order."""
        for pack in (CASE, PALLET):
            self._ask(OpenPack, at=PACKING, pack_id=pack)
        keys = [key for key in self.floor.streams if key.aggregate_type is AggregateType.PACK]
        boxes = [key for key in keys if any(isinstance(e, SetPacked) for e in self.floor.streams[key].events)]
        for key in chosen((pick % 4 and boxes) or keys, pick):
            pack = PackId(key.aggregate_id)
            self._ask(SealPack, at=PACKING, pack_id=pack)
            if what >= 1:
                self._ask(NestPack, at=PACKING, pack_id=pack, into=PALLET if pack == CASE else CASE)
            if what >= 2:
                self._ask(SealPack, at=PACKING, pack_id=CASE)
                self._ask(NestPack, at=PACKING, pack_id=CASE, into=PALLET)
            if what >= 3:
                shipped = pack if what == 3 else CASE
                self._ask(ShipPack, at=PACKING, pack_id=shipped, carrier="A carrier", tracking_reference="1Z")

    @deed(often=2, pick=picks, resumed=st.booleans())
    def a_job_is_held_while_its_box_lies_in_a_case(self, pick: int, *, resumed: bool) -> None:
        """Nothing of it is at work there any more; the case is to go on all the same."""
        if not self.trays(AssemblyStatus.COMPLETE, AssemblyStatus.PACKED):
            self.a_set_comes_together(pick, 0, OPERATOR, pick)
        trays = self.trays(AssemblyStatus.COMPLETE, AssemblyStatus.PACKED)
        for tray in chosen([tray for tray in trays if self.floor.job(tray.job_id).status is JobStatus.STARTED], pick):
            box = tray.pack_id or box_id(tray.job_id, 3)
            if tray.pack_id is None:
                self.a_set_is_authorized(pick, OTHER_MANAGER, PIN)
                self._ask(OpenPack, at=PACKING, pack_id=box)
                self._ask(PackSet, at=PACKING, assembly_id=tray.assembly_id, pack_id=box)
            self._ask(SealPack, at=PACKING, pack_id=box)
            for pack in (CASE, PALLET):
                self._ask(OpenPack, at=PACKING, pack_id=pack)
            self._ask(NestPack, at=PACKING, pack_id=box, into=CASE)
            self._ask(HoldJob, by=LEAD, job_id=tray.job_id, reason="wrong foil")
            for move in (SealPack, NestPack, ShipPack):
                said = {"into": PALLET} if move is NestPack else {}
                said = {"carrier": "A carrier", "tracking_reference": "1Z"} if move is ShipPack else said
                self._ask(move, at=PACKING, pack_id=CASE, **said)
            if resumed:
                self._ask(ResumeJob, by=LEAD, job_id=tray.job_id)

    @deed(minutes=st.sampled_from((0.1, 600.0)), pick=picks)
    def a_set_is_looked_at_for_being_overdue(self, minutes: float, pick: int) -> None:
        """The shop's limit may have passed."""
        for tray in chosen(self.trays(), pick):
            self._ask(FlagOverdueAssembly, by=None, assembly_id=tray.assembly_id, limit_minutes=minutes)

    @rule(what=st.deferred(lambda: st.one_of(DEEDS)))
    def something_happens(self, what: tuple[str, dict[str, Any]]) -> None:
        """One deed. Hypothesis would leave whole rules out of a run, and few shops would come far."""
        name, said = what
        getattr(self, name)(**said)


def chosen(options: Sequence[T], pick: int) -> Iterator[T]:
    """One of the options, or none where there is none."""
    if options:
        yield options[pick % len(options)]


REACHED: Counter[str] = Counter()
"""In how many runs each kind of event, transition and answer was seen."""

MUST_BE_REACHED = {
    "Job STARTED→COMPLETED",
    "ProductionOrder PLACED→FULFILLED",
    "ProductionOrder PLACED→CANCELLED",
    "Job CREATED→CANCELLED",
    "HeldInside",
    "LineCovered",
    "TrayElsewhere",
    "VoidCardInTray",
    "VoidedCardTakenOut",
    "a tray was brought to another station",
    "a cancelled job had packed sets",
    "OrderOnFloor",
    "packed with an authorized replacement",
    "passed after rework",
    "EventCorrected",
    "Assembly COMPLETE→IN_PROGRESS",
    "CardUnit ASSEMBLED→QA_PASSED",
    "CardUnit ASSEMBLED→VOIDED",
    "SequentialNumberApplied",
    "NumberOfAnother",
    "a replacement bears the number that it took over",
    "MemorabiliaPlaced",
    "AuthorizerGathered",
    "PinLocked",
    "NotCorrectable",
    "SetIncomplete",
}


@cache
def _played() -> Counter[str]:
    """Play the shop; once for all tests of this module."""
    REACHED.clear()
    # A shop has more to do than any other property: rarer deeds would hang on the luck of a few runs.
    longer = settings(searched, max_examples=3 * searched.max_examples)
    run_state_machine_as_test(WholeShop, settings=longer)
    return REACHED


@pytest.mark.timeout(3600)
def test_the_shop_keeps_its_invariants_whatever_happens() -> None:
    """After every step of every generated history all invariants of the core hold."""
    _played()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", sorted(MUST_BE_REACHED))
def test_the_generated_histories_reach(what: str) -> None:
    """A property that is only tried on young shops proves little."""
    assert _played()[what] > 0
