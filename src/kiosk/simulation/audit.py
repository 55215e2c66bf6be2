"""The audit: reads the whole log and says, invariant by invariant, whether all is as it must be.

Pure, and on purpose none of the rules that decided: it looks at the facts alone, so that a rule that
decides wrongly is found out. Fed by `auditing` with the log in commit order; used by `kiosk simulate`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.domain.effective import effective_events
from core.domain.events import (
    CardUnitCreated,
    Event,
    JobCompleted,
    JobCreated,
    OrderFulfilled,
    ReplacementCardUnitCreated,
    SetPacked,
    SheetCreated,
    SheetCut,
    SheetVoided,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import CardUnitStatus, ProductSpec
from core.identity.ids import AssemblyId, CardUnitId, JobId, PackId, SheetId, card_unit_id, job_of, job_of_sheet
from kiosk.simulation.audited_lives import CardLife, SetLife, card_life, set_life, sheet_life

__all__ = ["Audit", "Finding", "JobCounts"]

_MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant: how many were looked at and of what, and every way in which it did not hold."""

    invariant: str
    number: int
    of: str
    violations: tuple[str, ...] = ()

    @property
    def examined(self) -> str:
        """How much was looked at, "9 cards"."""
        return f"{self.number:,} {self.of}"

    @property
    def is_exercised(self) -> bool:
        """Whether anything was looked at: of nothing every invariant holds."""
        return bool(self.number or self.violations)

    @property
    def holds(self) -> bool:
        """Whether nothing was found against it."""
        return not self.violations

    def lines(self) -> tuple[str, ...]:
        """The finding for a terminal: one line, and an indented one for each of the first violations."""
        mark = "FAIL" if not self.holds else "ok  " if self.is_exercised else "-   "
        untried = "" if self.is_exercised else ", not exercised"
        shown = [f"       {violation}" for violation in self.violations[:_MOST_EXAMPLES]]
        more = len(self.violations) - _MOST_EXAMPLES
        rest = [f"       and {more} more"] if more > 0 else []
        return (f"{mark}  {self.invariant} ({self.examined}{untried})", *shown, *rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """What the read models say of one job's cards."""

    in_progress: int
    failed: int
    passed: int
    assembled: int
    packed: int
    voided: int


@dataclass(slots=True)
class Audit:
    """Takes every event of the log once, then answers for all invariants."""

    _streams: dict[StreamKey, list[Event]] = field(default_factory=dict[StreamKey, list[Event]])
    _gaps: list[str] = field(default_factory=list[str])
    _commands: dict[object, object] = field(default_factory=dict[object, object])
    _split: set[str] = field(default_factory=set[str])
    _events: int = 0

    def take(self, stream: StreamKey, version: int, event: Event) -> None:
        """Take the next event of the log; those of one stream come in the order of their versions."""
        self._events += 1
        events = self._streams.setdefault(stream, [])
        if version != len(events) + 1:
            self._gaps.append(f"{stream.aggregate_id}: version {version} follows {len(events)}")
        events.append(event)

    def command(self, command: object, transaction: object) -> None:
        """Take note that an event of this command was written by this transaction."""
        if self._commands.setdefault(command, transaction) != transaction:
            self._split.add(f"command {command} was carried out more than once")

    @property
    def events(self) -> int:
        """How many events were taken."""
        return self._events

    # -- the answer ------------------------------------------------------------

    def findings(self, counts: Mapping[JobId, JobCounts]) -> tuple[Finding, ...]:
        """Return every invariant with what was found; ``counts`` is what the read models say of each job."""
        shop = _Shop(self._streams)
        return (
            Finding("versions of every stream without a gap", self._events, "events", tuple(self._gaps)),
            Finding("every command carried out once", len(self._commands), "commands", tuple(sorted(self._split))),
            Finding("every sheet cut once, into exactly its cards", shop.cuts, "cuts", tuple(shop.cut_faults())),
            Finding("no operation before its predecessors", shop.operations, "operations", shop.route_faults),
            Finding(
                "only cards that passed, each in its own set only",
                shop.gathered,
                "gathered",
                (*shop.card_faults, *shop.two_places()),
            ),
            Finding("complete means exactly the expected cards", len(shop.sets), "sets", tuple(shop.set_faults)),
            Finding(
                "nothing packed that is incomplete or not authorized",
                shop.packed,
                f"packed, {shop.authorized:,} authorized",
                (*shop.packing_faults, *shop.pack_faults()),
            ),
            Finding("numbers and inserts unique", shop.marks, "marks", tuple(shop.mark_faults())),
            Finding("cards conserved in every job", len(shop.cards), "cards", tuple(shop.conservation_faults(counts))),
            Finding(
                "one JobCompleted for every job that is packed, none for others",
                shop.completed,
                f"of {len(shop.jobs):,} jobs",
                tuple(shop.completion_faults()),
            ),
        )


class _Shop:
    """The streams, read as lives of sheets, cards, sets and boxes."""

    def __init__(self, streams: Mapping[StreamKey, list[Event]]) -> None:
        by_kind: dict[AggregateType, dict[str, tuple[Event, ...]]] = defaultdict(dict)
        for key, events in streams.items():
            said = tuple(event for _, event in effective_events(tuple(events)))
            by_kind[key.aggregate_type][key.aggregate_id] = said
        self.jobs = by_kind[AggregateType.JOB]
        self.specs = dict(_specs(self.jobs))
        self.sheets = by_kind[AggregateType.SHEET]
        self.packs = by_kind[AggregateType.PACK]
        self.orders = by_kind[AggregateType.ORDER]
        sheet_lives = {
            sheet: sheet_life(events, self.specs.get(job_of_sheet(SheetId(sheet))))
            for sheet, events in self.sheets.items()
        }
        self.cards: dict[str, CardLife] = {
            card: card_life(events, self.specs.get(job_of(CardUnitId(card))))
            for card, events in by_kind[AggregateType.CARD_UNIT].items()
        }
        self.sets: dict[str, SetLife] = {
            key: set_life(AssemblyId(key), events) for key, events in by_kind[AggregateType.ASSEMBLY].items()
        }
        self.born = {card: events[0] for card, events in by_kind[AggregateType.CARD_UNIT].items() if events}
        self.route_faults = (
            *(fault for life in sheet_lives.values() for fault in life.faults),
            *(fault for life in self.cards.values() for fault in life.route_faults),
        )
        self.card_faults = tuple(fault for life in self.cards.values() for fault in life.faults)
        self.set_faults = tuple(fault for life in self.sets.values() for fault in life.faults)
        self.packing_faults = tuple(fault for life in self.sets.values() for fault in life.packing_faults)
        self.operations = sum(life.operations for life in (*sheet_lives.values(), *self.cards.values()))
        self.gathered = sum(life.gatherings for life in self.sets.values())
        self.packed = sum(life.pack_id is not None for life in self.sets.values())
        self.authorized = sum(life.authorizations for life in self.sets.values())
        self.marks = sum((life.number is not None) + (life.serial is not None) for life in self.cards.values())
        self.cuts = sum(isinstance(event, SheetCut) for events in self.sheets.values() for event in events)
        self.completed = sum(any(isinstance(event, JobCompleted) for event in events) for events in self.jobs.values())

    def cut_faults(self) -> Iterator[str]:
        made: set[str] = set()
        for sheet, events in self.sheets.items():
            cuts = [event for event in events if isinstance(event, SheetCut)]
            if not cuts:
                continue
            if len(cuts) > 1:
                yield f"{sheet}: cut {len(cuts)} times"
            created = events[0]
            n_up = created.n_up if isinstance(created, SheetCreated) else cuts[0].n_up
            wanted = tuple(card_unit_id(SheetId(sheet), place) for place in range(1, n_up + 1))
            if cuts[0].card_unit_ids != wanted:
                yield f"{sheet}: cut into {len(cuts[0].card_unit_ids)} cards, not exactly 1 to {n_up}"
            made.update(wanted)
            yield from (f"{card}: cut, but it has no life" for card in wanted if card not in self.cards)
            opened = self.sets.get(cuts[0].assembly_id)
            if opened is None or opened.opened_with != wanted:
                yield f"{cuts[0].assembly_id}: does not expect exactly the cards of its sheet"
        for card, first in self.born.items():
            if isinstance(first, CardUnitCreated) and card not in made:
                yield f"{card}: there, though no cut made it"
            if isinstance(first, ReplacementCardUnitCreated) and first.replaces not in self.born:
                yield f"{card}: replaces {first.replaces}, which never was"

    def two_places(self) -> Iterator[str]:
        """The cards' own lives and the sets must tell the same."""
        held: dict[CardUnitId, AssemblyId] = {}
        for assembly, life in self.sets.items():
            for card in life.gathered.values():
                if card in held:
                    yield f"{card}: in {held[card]} and in {assembly}"
                held[card] = AssemblyId(assembly)
        for card, life in self.cards.items():
            lies_in = held.get(CardUnitId(card))
            if life.assembly_id != lies_in:
                yield f"{card}: says it lies in {life.assembly_id}, the sets say {lies_in}"

    def pack_faults(self) -> Iterator[str]:
        boxes: dict[AssemblyId, PackId] = {}
        for pack, events in self.packs.items():
            for event in events:
                if not isinstance(event, SetPacked):
                    continue
                if event.assembly_id in boxes:
                    yield f"{event.assembly_id}: in {boxes[event.assembly_id]} and in {pack}"
                boxes[event.assembly_id] = PackId(pack)
        for assembly, life in self.sets.items():
            if life.pack_id != boxes.get(AssemblyId(assembly)):
                yield f"{assembly}: says it is in {life.pack_id}, the boxes say {boxes.get(AssemblyId(assembly))}"

    def mark_faults(self) -> Iterator[str]:
        numbers: dict[tuple[JobId, str], str] = {}
        serials: dict[str, str] = {}
        for card, life in self.cards.items():
            position = "-".join(card.split("-", 3)[:3])
            if life.number is not None:
                holder = numbers.setdefault((job_of(CardUnitId(card)), life.number), position)
                if holder != position:
                    yield f"{card}: number {life.number} is {holder}'s"
            if life.serial is not None and serials.setdefault(life.serial, card) != card:
                yield f"{card}: insert {life.serial} is in {serials[life.serial]}"

    def conservation_faults(self, counts: Mapping[JobId, JobCounts]) -> Iterator[str]:
        created: Counter[JobId] = Counter(job_of(CardUnitId(card)) for card in self.born)
        cut: Counter[JobId] = Counter()
        for sheet, events in self.sheets.items():
            for event in events:
                if isinstance(event, SheetCut):
                    cut[job_of_sheet(SheetId(sheet))] += event.n_up
        for event in self.born.values():
            if isinstance(event, ReplacementCardUnitCreated):
                cut[event.job_id] += 1
        states: dict[JobId, Counter[CardUnitStatus]] = defaultdict(Counter)
        for card, life in self.cards.items():
            states[job_of(CardUnitId(card))][life.status] += 1
        for job in {*created, *cut}:
            if created[job] != cut[job]:
                yield f"{job}: {cut[job]} cards made, {created[job]} known"
        for job in self.jobs:
            yield from _differences(JobId(job), states[JobId(job)], counts.get(JobId(job)))

    def completion_faults(self) -> Iterator[str]:
        sheets: Counter[JobId] = Counter()
        for sheet, events in self.sheets.items():
            if not any(isinstance(event, SheetVoided) for event in events):
                sheets[job_of_sheet(SheetId(sheet))] += 1
        packed: Counter[JobId] = Counter(life.job_id for life in self.sets.values() if life.pack_id is not None)
        for job, events in self.jobs.items():
            completions = sum(isinstance(event, JobCompleted) for event in events)
            is_whole = 0 < sheets[JobId(job)] <= packed[JobId(job)]
            if completions != int(is_whole):
                done = f"{packed[JobId(job)]} of {sheets[JobId(job)]} sets packed"
                yield f"{job}: {completions} JobCompleted with {done}"
        for order, events in self.orders.items():
            fulfilled = sum(isinstance(event, OrderFulfilled) for event in events)
            if fulfilled > 1:
                yield f"{order}: fulfilled {fulfilled} times"


def _specs(jobs: Mapping[str, Iterable[Event]]) -> Iterator[tuple[JobId, ProductSpec]]:
    for job, events in jobs.items():
        for event in events:
            if isinstance(event, JobCreated):
                yield JobId(job), event.spec


def _differences(job: JobId, states: Counter[CardUnitStatus], counts: JobCounts | None) -> Iterator[str]:
    fold = JobCounts(
        in_progress=states[CardUnitStatus.CREATED] + states[CardUnitStatus.IN_PROGRESS],
        failed=states[CardUnitStatus.QA_FAILED],
        passed=states[CardUnitStatus.QA_PASSED],
        assembled=states[CardUnitStatus.ASSEMBLED],
        packed=states[CardUnitStatus.PACKED],
        voided=states[CardUnitStatus.VOIDED],
    )
    if counts is None:
        yield f"{job}: the read models do not know it"
    elif counts != fold:
        yield f"{job}: the read models count {counts}, the log says {fold}"
