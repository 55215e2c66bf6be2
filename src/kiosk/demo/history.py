"""What happened in the demo's shop before somebody came to play: pure, as requests with their times.

A `Story` says how far one sheet is; `lane` tells it backwards from its last act, so that ages, yields
and rates look as they do after some hours of work. Carried out by `loading` through the same
commands as all else; the log's other clock says honestly when they were recorded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.domain.values import OperationType, ProductSpec, StationRole, UnitKind, VoidReason
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperationCode,
    SheetId,
    StationId,
    assembly_of,
    box_id,
    card_unit_id,
    replacement_card_unit_id,
    sheet_id,
)
from core.production.routes import steps_for
from kiosk.simulation import errands
from kiosk.simulation.errands import Bench, Errand, Request
from kiosk.simulation.sights import UnitSeen

__all__ = ["Story", "lane"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How far one sheet is; its last act was ``ago`` minutes before now.

    ``sheet_steps`` of its route's sheet operations are done, the cut being the last of them. Of its
    cards, from position 1 on, ``worked`` have had every step before QA, ``inspected`` their verdict,
    ``gathered`` lie in the tray at ``tray_at``. ``failed`` wait for a lead with these codes,
    ``reworked`` failed once and then passed, ``replaced`` were lost and made again.
    """

    sheet: int
    ago: float
    sheet_steps: int
    worked: int = 0
    inspected: int = 0
    gathered: int = 0
    tray_at: StationId | None = None
    is_packed: bool = False
    failed: Mapping[int, str] = field(default_factory=dict[int, str])
    reworked: Mapping[int, str] = field(default_factory=dict[int, str])
    replaced: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Teller:
    """Adds up what happens to one sheet, minute by minute from its own beginning."""

    job: JobId
    spec: ProductSpec
    story: Story
    benches: Sequence[Bench]
    start: datetime
    minute: float = 0.0
    told: list[tuple[float, Request]] = field(default_factory=list[tuple[float, Request]])

    @property
    def sheet(self) -> SheetId:
        return sheet_id(self.job, self.story.sheet)

    def at(self, work: OperationType, turn: int = 0) -> Bench:
        """The bench that does such work, one after the other."""
        able = [bench for bench in self.benches if work in bench.station.work]
        return able[(self.story.sheet + turn) % len(able)]

    def of(self, role: StationRole) -> Bench:
        return next(bench for bench in reversed(self.benches) if bench.station.role is role)

    def tell(self, errand: Errand, minutes: float) -> None:
        for deed in errand.deeds:
            self.minute += minutes * deed.share
            self.told.append((self.minute, deed.request))

    # -- chapters ------------------------------------------------------------------

    def sheet_chapter(self) -> None:
        for step in steps_for(self.spec.route, UnitKind.SHEET)[: self.story.sheet_steps]:
            self.minute += 2.0
            if step.work is OperationType.GATE:
                lead = self.of(StationRole.LEAD)
                self.tell(errands.approval(lead, self.sheet, step.operation, self.start), 1.0)
            else:
                self.tell(errands.sheet_work(self.at(step.work), self.sheet, self.start), max(1.0, step.minutes))

    def cards_chapter(self) -> None:
        steps = steps_for(self.spec.route, UnitKind.CARD)
        for step in steps:
            if step.work is OperationType.QA:
                continue
            for place in range(1, self.story.worked + 1):
                self._work(card_unit_id(self.sheet, place), step.work, step.minutes, place)
        qa = next(step.operation for step in steps if step.work is OperationType.QA)
        for place in range(1, self.story.inspected + 1):
            self._inspect(place, qa)

    def _work(self, card: CardUnitId, work: OperationType, minutes: float, turn: int) -> None:
        seen = UnitSeen(unit_id=card, job_id=self.job, work=work)
        self.tell(errands.card_work(self.at(work, turn), seen, self.spec, self.start), max(0.2, minutes))

    def _inspect(self, place: int, qa: OperationCode) -> None:
        card = card_unit_id(self.sheet, place)
        story = self.story
        if place in story.failed or place in story.reworked:
            code = story.failed.get(place) or story.reworked[place]
            self._verdict(card, place, (code,))
            if place in story.failed:
                return
            lead = self.of(StationRole.LEAD)
            self.tell(errands.rework(lead, card, qa, "cleaned", self.start), 2.0)
        elif place in story.replaced:
            self._verdict(card, place, ("E-410",))
            lead = self.of(StationRole.LEAD)
            self.tell(errands.replacing(lead, card, VoidReason.QA_FAILED, self.start), 2.0)
            card = replacement_card_unit_id(card)
            for step in steps_for(self.spec.route, UnitKind.CARD):
                if step.work is not OperationType.QA:
                    self._work(card, step.work, step.minutes, place)
        self._verdict(card, place, ())

    def _verdict(self, card: CardUnitId, place: int, codes: tuple[str, ...]) -> None:
        # One bench for a sheet as a rule: an inspector finishes what is on the table.
        self.tell(errands.inspection(self.at(OperationType.QA, place // 9), card, codes, self.start), 0.2)

    def set_chapter(self, box: int) -> None:
        story = self.story
        if not story.gathered:
            return
        bench = next(
            (bench for bench in self.benches if bench.station_id == story.tray_at), self.at(OperationType.ASSEMBLE)
        )
        cards = [card_unit_id(self.sheet, place) for place in range(1, story.gathered + 1) if place not in story.failed]
        cards = [replacement_card_unit_id(card) if int(card[-2:]) in story.replaced else card for card in cards]
        self.tell(errands.gathering(bench, assembly_of(self.sheet), cards, self.start), 0.08 * len(cards))
        if story.is_packed:
            self.minute += 5.0
            packed = errands.packing(
                self.at(OperationType.PACK), assembly_of(self.sheet), box_id(self.job, box), self.start
            )
            self.tell(packed, 1.0)


def lane(
    job: JobId, spec: ProductSpec, story: Story, benches: Sequence[Bench], *, now: datetime, box: int = 1
) -> tuple[Request, ...]:
    """Return the requests of one sheet's story in order, the last of them ``story.ago`` minutes before ``now``."""
    teller = _Teller(job=job, spec=spec, story=story, benches=benches, start=now)
    teller.sheet_chapter()
    if story.sheet_steps >= len(steps_for(spec.route, UnitKind.SHEET)):
        teller.cards_chapter()
        teller.set_chapter(box)
    end = now - timedelta(minutes=story.ago)
    return tuple(_moved(teller.told, end))


def _moved(told: Sequence[tuple[float, Request]], end: datetime) -> Iterable[Request]:
    total = told[-1][0] if told else 0.0
    for minute, request in told:
        yield replace(request, at=end - timedelta(minutes=total - minute))
