"""A line on which everything can go wrong: it watches each answer, and where the paper of each set lies."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from core.domain.commands import (
    AuthorizeReplacementSet,
    Command,
    CompleteOperation,
    NestPack,
    ReportHeldScan,
    SealPack,
    ShipPack,
)
from core.domain.events import (
    AssemblyCompleted,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitOperationCompleted,
    CardUnitVoided,
    HeldScanRefused,
    HeldScanSettled,
    PackNested,
    ReplacementSetAuthorized,
    SetPacked,
    TrayBrought,
    VoidedCardTakenOut,
)
from core.domain.models import Assembly, CardUnit, Job, Sheet
from core.domain.rejections import PinWrong
from core.domain.streams import AggregateType, ClaimKind, StreamKey
from core.domain.values import AssemblyStatus, CardUnitStatus, JobStatus, RouteStep, SheetStatus, VoidReason
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    CommandId,
    PackId,
    assembly_of_card,
    job_of,
    original_of,
    position_of,
)
from core.production.decisions import Decided
from core.production.jobs import evolve_job
from core.production.requests import Request
from core.production.scan import Awaited, NumberAwaited, Scan
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, INSPECTOR, LEAD, MANAGER, NUMBERING, OPERATOR, OTHER_MANAGER, Outcome

T = TypeVar("T")

PEOPLE = (OPERATOR, INSPECTOR, LEAD, MANAGER, OTHER_MANAGER)
TRAY_STATIONS = (ASSEMBLY, ASSEMBLY_2)
CASE, PALLET = PackId("CS000001"), PackId("PL000001")
ON_THE_ROUTE = {CardUnitStatus.CREATED, CardUnitStatus.IN_PROGRESS}


class Floor(Line):
    """A line that remembers what it was last asked, and chooses marks that are still free."""

    def __post_init__(self) -> None:
        """Begin to remember."""
        super().__post_init__()
        self.asked_last: Request | None = None
        self.outcomes: Counter[str] = Counter()
        self.trays_seen = Trays()

    def twin(self) -> "Floor":
        """Return the same line, which goes its own way from here."""
        twin = Floor(self.policy, self.now, dict(self.streams), dict(self.claims), list(self.wrong_pins), self.last)
        twin.asked_last, twin.outcomes = self.asked_last, Counter(self.outcomes)
        twin.trays_seen = self.trays_seen.twin()
        return twin

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

    def ask_next(self, order: Callable[..., Command], **said: Any) -> Outcome:
        """Give a command ten seconds after whatever was before."""
        self.pass_time(10)
        return self.ask(order, **said)

    # -- who and what is there ---------------------------------------------------

    def cards(self, *statuses: CardUnitStatus) -> list[CardUnit]:
        """The cards in one of these states, or all."""
        return [card for card in super().cards() if not statuses or card.status in statuses]

    def workable_cards(self) -> list[CardUnit]:
        """The cards that are on their route, of jobs that run."""
        cards = self.cards(*ON_THE_ROUTE)
        return [card for card in cards if self.job(card.job_id).status is JobStatus.STARTED]

    def open_sheets(self) -> list[Sheet]:
        """The sheets that are not cut or void, of jobs that run."""
        jobs = [job for job in self.jobs() if job.status is JobStatus.STARTED]
        over = {SheetStatus.CUT, SheetStatus.VOIDED}
        return [sheet for job in jobs for sheet in self.sheets(job.job_id) if sheet.status not in over]

    def jobs(self) -> list[Job]:
        """Every job."""
        return self._every(AggregateType.JOB, evolve_job)

    def trays(self, *statuses: AssemblyStatus) -> list[Assembly]:
        """The sets in one of these states, or all."""
        return [tray for tray in super().trays() if not statuses or tray.status in statuses]


@dataclass
class Trays:
    """Where the paper of each set lies, reckoned from what was scanned: cards, voids, labels and what was kept.

    ``unsettled`` are the cards that were laid in offline and refused, by the held scan.
    """

    inside: dict[AssemblyId, dict[CardUnitId, VoidReason | None]] = field(default_factory=dict)
    stands_at: dict[AssemblyId, str | None] = field(default_factory=dict)
    unsettled: dict[CommandId, CardUnitId] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    def twin(self) -> "Trays":
        """Return the same trays, which go their own way from here."""
        inside = {tray: dict(paper) for tray, paper in self.inside.items()}
        return Trays(inside, dict(self.stands_at), dict(self.unsettled), Counter(self.told))

    def see(self, request: Request, outcome: Outcome) -> None:
        """Follow one request; one set in two piles, or paper too much in a finished tray, is an error."""
        self.told.clear()
        for fact in outcome.change.events if isinstance(outcome, Decided) else ():
            match fact:
                case CardScannedForAssembly():
                    self._laid_in(fact)
                case TrayBrought():
                    self._brought(fact)
                case CardRemovedFromAssembly():
                    assert fact.station_id in {None, self.stands_at[fact.assembly_id]}
                    del self.inside[fact.assembly_id][fact.card_unit_id]
                case CardUnitVoided() if fact.was_gathered:
                    self.inside[fact.assembly_id][fact.card_unit_id] = fact.reason
                case VoidedCardTakenOut():
                    assert not (isinstance(request, Scan) and request.kept), "SAVED asked nobody to take it out"
                    del self.inside[fact.assembly_id][fact.card_unit_id]
                    # There is one paper of a card, and it was seen to come out.
                    left = {held: card for held, card in self.unsettled.items() if card != fact.card_unit_id}
                    self.unsettled = left
                case HeldScanRefused() if isinstance(request, ReportHeldScan) and request.in_tray is not None:
                    paper = self.inside.get(assembly_of_card(request.in_tray), {})
                    if paper.get(request.in_tray, VoidReason.LOST) is VoidReason.LOST:
                        self.unsettled[fact.held] = request.in_tray
                case HeldScanSettled():
                    self.unsettled.pop(fact.held, None)
                case SetPacked() | ReplacementSetAuthorized():
                    beside = {card for card in self.unsettled.values() if assembly_of_card(card) == fact.assembly_id}
                    assert not beside, "no position of a set that goes on has two papers"
                case AssemblyCompleted():
                    paper = self.inside[fact.assembly_id]
                    assert {card for card, reason in paper.items() if reason is not VoidReason.LOST} == set(
                        fact.card_unit_ids
                    )
                case _:
                    pass

    def _brought(self, event: TrayBrought) -> None:
        tray = event.assembly_id
        if self.inside.get(tray) and self.stands_at[tray] != event.station_id:
            assert event.from_station == self.stands_at[tray]
            self.told["a tray was brought to another station"] += 1
        self.stands_at[tray] = event.station_id

    def _laid_in(self, event: CardScannedForAssembly) -> None:
        tray, here = event.assembly_id, event.station_id
        stood = self.stands_at.get(tray)
        paper = self.inside.setdefault(tray, {})
        if any(reason is not VoidReason.LOST for reason in paper.values()):
            assert stood == here, "a set is gathered at two stations only with its label read between"
        for held, card in tuple(self.unsettled.items()):
            if card == event.card_unit_id:
                del self.unsettled[held]
                self.told["a refused card was gathered after all"] += 1
            else:
                assert (assembly_of_card(card), position_of(card)) != (tray, event.position), "two papers at one place"
        # Of a lost card nothing lies at its place.
        lost = [card for card, reason in paper.items() if reason is VoidReason.LOST]
        for card in lost:
            if position_of(card) == event.position:
                del paper[card]
        paper[event.card_unit_id] = None
        self.stands_at[tray] = here


def chosen(options: Sequence[T], pick: int) -> Iterator[T]:
    """One of the options, or none where there is none."""
    if options:
        yield options[pick % len(options)]
