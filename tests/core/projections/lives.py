"""Streams to fold: the lives of cards, sheets and sets, told step by step.

Each step appends one event, a minute after the one before, so a test reads like
the life it tells. Events are made here and not by decisions, because a fold must
be right about whatever the log holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from core.domain.events import (
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitCreated,
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    CardUnitPacked,
    CardUnitSentToRework,
    CardUnitVoided,
    Event,
    EventCorrected,
    GateApproved,
    MemorabiliaPlaced,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    SequentialNumberApplied,
)
from core.domain.streams import AggregateType
from core.domain.values import (
    FieldChange,
    OperationType,
    QAOutcome,
    SequentialNumber,
    StepRef,
    VoidReason,
)
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SpecCode,
    StationId,
    assembly_of,
    card_unit_id,
    replacement_card_unit_id,
    sheet_id,
)

MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ORDER = ProductionOrderId("PO2026-0117")
JOB = JobId("J1044")
SHEET = sheet_id(JOB, 3)
SET = assembly_of(SHEET)
CARD = card_unit_id(SHEET, 7)
SPEC = SpecCode("DRAGONS-S3")
PRODUCT = "Dragons, third series"
BOX = PackId("J1044-BX001")
OPERATOR = OperatorId("OP-42")
INSPECTOR = OperatorId("OP-7")
MANAGER = OperatorId("OP-1")

PRINT = OperationType.PRINT
FOIL = OperationType.FOIL
CUT = OperationType.CUT
NUMBER = OperationType.NUMBER
MEMORABILIA = OperationType.MEMORABILIA
QA = OperationType.QA
GATE = OperationType.GATE


def minute(count: int) -> datetime:
    """Return the moment ``count`` minutes into the morning."""
    return MORNING + timedelta(minutes=count)


def steps(*works: OperationType) -> tuple[StepRef, ...]:
    """Return one step per kind of work; its operation is named after the work."""
    return tuple(StepRef(operation_of(work), work) for work in works)


def operation_of(work: OperationType) -> OperationCode:
    """Return the operation that these lives know for a kind of work."""
    return OperationCode(f"{work.value.replace('_', '-')}-A")


@dataclass
class Life:
    """A stream that grows by a minute with every event."""

    events: list[Event] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """When the next event happens."""
        return minute(len(self.events))

    def say(self, event: Event) -> Self:
        """Append an event."""
        self.events.append(event)
        return self

    def retract(self, version: int) -> Self:
        """Take back what ``version`` said."""
        return self.say(correction(self.events, version, self.now, retracted=True))

    def amend(self, version: int, **now: str) -> Self:
        """Have ``version`` say something else in the named fields."""
        changes = tuple(FieldChange(field=name, was="?", now=text) for name, text in now.items())
        return self.say(correction(self.events, version, self.now, changes=changes))


def correction(
    events: Sequence[Event],
    version: int,
    at: datetime,
    *,
    changes: tuple[FieldChange, ...] = (),
    retracted: bool = False,
) -> EventCorrected:
    """Return the correction of one event of a stream."""
    return EventCorrected(
        occurred_at=at,
        operator_id=INSPECTOR,
        station_id=None,
        aggregate_type=AggregateType.CARD_UNIT,
        aggregate_id=CARD,
        corrected_version=version,
        corrected_event=type(events[version - 1]).__name__,
        changes=changes,
        retracted=retracted,
        reason="said by mistake",
    )


@dataclass
class CardLife(Life):
    """The life of card 7 of the third sheet, from its creation by the cut."""

    card: CardUnitId = CARD
    attempts: int = 0
    reworks: int = 0

    def __post_init__(self) -> None:
        if not self.events:
            self.say(
                CardUnitCreated(
                    occurred_at=self.now,
                    operator_id=OPERATOR,
                    station_id=StationId("CUT-1"),
                    card_unit_id=self.card,
                    sheet_id=SHEET,
                    job_id=JOB,
                    spec_code=SPEC,
                    position=7,
                    order_id=ORDER,
                    product_name=PRODUCT,
                    n_up=18,
                    ready=steps(NUMBER),
                )
            )

    @classmethod
    def replacement(cls) -> Self:
        """The life of the card that replaces card 7."""
        first = replaced_by_replacement(minute(0))
        return cls(events=[first], card=first.card_unit_id)

    def enter(self, station: str, work: OperationType, who: OperatorId | None = OPERATOR) -> Self:
        """Check the card in."""
        return self.say(
            CardUnitEnteredStation(
                occurred_at=self.now,
                operator_id=who,
                station_id=StationId(station),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                operation=operation_of(work),
                work=work,
            )
        )

    def complete(self, station: str, work: OperationType, *ready: OperationType) -> Self:
        """Say the operation done; ``ready`` is what may follow."""
        return self.say(
            CardUnitOperationCompleted(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId(station),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                operation=operation_of(work),
                work=work,
                ready=steps(*ready),
            )
        )

    def approve(self, *ready: OperationType) -> Self:
        """Let the card past a gate."""
        return self.say(
            GateApproved(
                occurred_at=self.now,
                operator_id=MANAGER,
                station_id=None,
                unit_id=self.card,
                job_id=JOB,
                spec_code=SPEC,
                operation=operation_of(GATE),
                ready=steps(*ready),
                ready_to_cut=False,
            )
        )

    def number(self, value: int, run_of: int) -> Self:
        """Give the card its number in the run."""
        return self.say(
            SequentialNumberApplied(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("NUM-1"),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                operation=operation_of(NUMBER),
                number=SequentialNumber(value, run_of),
            )
        )

    def insert(self, serial: str) -> Self:
        """Place memorabilia into the card."""
        return self.say(
            MemorabiliaPlaced(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("MEM-1"),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                operation=operation_of(MEMORABILIA),
                serial=serial,
            )
        )

    def inspect(
        self, outcome: QAOutcome, *, codes: tuple[str, ...] = (), ready: tuple[StepRef, ...] = (), bench: str = "QA-1"
    ) -> Self:
        """Record a verdict; a pass with nothing ready clears the card."""
        self.attempts += 1
        passed = outcome is QAOutcome.PASS
        return self.say(
            QAResultRecorded(
                occurred_at=self.now,
                operator_id=INSPECTOR,
                station_id=StationId(bench),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                operation=operation_of(QA),
                attempt=self.attempts,
                outcome=outcome,
                reason=None if passed else "scratched",
                codes=codes,
                cleared=passed and not ready,
                ready=ready if passed else steps(QA),
            )
        )

    def passes(self) -> Self:
        """Check in at the bench and pass."""
        return self.enter("QA-1", QA, INSPECTOR).inspect(QAOutcome.PASS)

    def fails(self, *codes: str) -> Self:
        """Check in at the bench and fail."""
        return self.enter("QA-1", QA, INSPECTOR).inspect(QAOutcome.FAIL, codes=codes)

    def rework(self, *ready: OperationType) -> Self:
        """Send the failed card back."""
        self.reworks += 1
        return self.say(
            CardUnitSentToRework(
                occurred_at=self.now,
                operator_id=MANAGER,
                station_id=StationId("LEAD-1"),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                back_to=operation_of(ready[0]),
                undone=(),
                rework=self.reworks,
                reason="print again",
                ready=steps(*ready),
            )
        )

    def gather(self, station: str = "ASSY-1") -> Self:
        """Put the card into its set."""
        return self.say(gathered(self.card, self.now, station))

    def remove(self) -> Self:
        """Take the card out of its set again."""
        return self.say(removed(self.card, self.now))

    def void(self, reason: VoidReason = VoidReason.LOST) -> Self:
        """Take the card out of production, from the lead's desk."""
        return self.say(voided(self.card, self.now, reason))

    def pack(self) -> Self:
        """Put the card into a box with its set."""
        return self.say(
            CardUnitPacked(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("PACK-1"),
                card_unit_id=self.card,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                position=7,
                assembly_id=SET,
                pack_id=BOX,
            )
        )


def gathered(
    card: CardUnitId, at: datetime, station: str = "ASSY-1", position: int = 7, who: OperatorId = OPERATOR
) -> CardScannedForAssembly:
    """Return the fact that a card was put into the third sheet's set."""
    return CardScannedForAssembly(
        occurred_at=at,
        operator_id=who,
        station_id=StationId(station),
        assembly_id=SET,
        sheet_id=SHEET,
        job_id=JOB,
        spec_code=SPEC,
        card_unit_id=card,
        position=position,
        gathered=1,
        expected=18,
    )


def removed(card: CardUnitId, at: datetime, position: int = 7) -> CardRemovedFromAssembly:
    """Return the fact that a card was taken out of the third sheet's set."""
    return CardRemovedFromAssembly(
        occurred_at=at,
        operator_id=OPERATOR,
        station_id=StationId("ASSY-1"),
        assembly_id=SET,
        sheet_id=SHEET,
        job_id=JOB,
        spec_code=SPEC,
        card_unit_id=card,
        position=position,
        reason="bent corner",
    )


def voided(
    card: CardUnitId,
    at: datetime,
    reason: VoidReason = VoidReason.LOST,
    position: int = 7,
    *,
    was_gathered: bool = False,
) -> CardUnitVoided:
    """Return the fact that a card of the third sheet left production."""
    return CardUnitVoided(
        occurred_at=at,
        operator_id=MANAGER,
        station_id=StationId("LEAD-1"),
        card_unit_id=card,
        sheet_id=SHEET,
        job_id=JOB,
        spec_code=SPEC,
        position=position,
        assembly_id=SET,
        reason=reason,
        note="",
        was_gathered=was_gathered,
    )


def replaced_by_replacement(at: datetime, replaced: CardUnitId = CARD, position: int = 7) -> ReplacementCardUnitCreated:
    """Return the fact that a card was made for a voided one."""
    return ReplacementCardUnitCreated(
        occurred_at=at,
        operator_id=MANAGER,
        station_id=None,
        card_unit_id=replacement_card_unit_id(replaced),
        sheet_id=SHEET,
        job_id=JOB,
        spec_code=SPEC,
        position=position,
        assembly_id=SET,
        order_id=ORDER,
        product_name=PRODUCT,
        n_up=18,
        replaces=replaced,
        takes_number=None,
        done=(),
        ready=steps(NUMBER),
    )
