"""The facts of single cards."""

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.values import (
    OperationType,
    QAOutcome,
    SequentialNumber,
    StepRef,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    ProductionOrderId,
    SheetId,
    SpecCode,
)


@immutable
class CardFact(Fact):
    """A fact about one card."""

    card_unit_id: CardUnitId
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode
    position: int


@immutable
class CardUnitCreated(CardFact):
    """The cut made the card."""

    order_id: ProductionOrderId
    product_name: str
    n_up: int
    ready: tuple[StepRef, ...]


@immutable
class CardUnitEnteredStation(CardFact):
    """The card was checked in for an operation; it left where it was before."""

    operation: OperationCode
    work: OperationType


@immutable
class CardUnitOperationCompleted(CardFact):
    """An operation on the card is done."""

    operation: OperationCode
    work: OperationType
    ready: tuple[StepRef, ...]


@immutable
class SequentialNumberApplied(CardFact):
    """The card got its number in the job's run."""

    operation: OperationCode
    number: SequentialNumber


@immutable
class MemorabiliaPlaced(CardFact):
    """An insert with a serial of its own was placed into the card."""

    operation: OperationCode
    serial: str


@immutable
class QAResultRecorded(CardFact):
    """The card was inspected; ``attempt`` counts its inspections from 1.

    ``cleared`` says that it has passed and that nothing is left of its route.
    """

    operation: OperationCode
    attempt: int
    outcome: QAOutcome
    reason: str | None
    codes: tuple[str, ...]
    cleared: bool
    ready: tuple[StepRef, ...]


@immutable
class CardUnitSentToRework(CardFact):
    """A failed card goes back to an operation; what came after it is undone."""

    back_to: OperationCode
    undone: tuple[OperationCode, ...]
    rework: int
    reason: str
    ready: tuple[StepRef, ...]


@immutable
class CardUnitVoided(CardFact):
    """The card left production for good; recorded in its own stream and its set's."""

    assembly_id: AssemblyId
    reason: VoidReason
    note: str
    was_gathered: bool


@immutable
class ReplacementCardUnitCreated(CardFact):
    """A card was made for a voided one of its position.

    Recorded in the new card's stream, the replaced card's and the set's.
    ``done`` are the operations that the replacement need not repeat; ``takes_number``
    is the number in the run that it takes over, None where the position has none yet.
    """

    assembly_id: AssemblyId
    order_id: ProductionOrderId
    product_name: str
    n_up: int
    replaces: CardUnitId
    takes_number: SequentialNumber | None
    done: tuple[OperationCode, ...]
    ready: tuple[StepRef, ...]
