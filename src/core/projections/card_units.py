"""rm_card_units: where each card is, what it waits for and what happened to it.

Folded from the card's own stream. Read by station queues, the assembly grid, QA
and every question of the form "where is this card".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
    GateApproved,
    MemorabiliaPlaced,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    SequentialNumberApplied,
)
from core.domain.immutable import immutable
from core.domain.streams import AggregateType
from core.domain.values import CardUnitStatus, OperationType, QAOutcome, VoidReason
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)
from core.projections.folding import ASSEMBLE, Arms, Begins, fold_stream, operations_of, works_of
from core.projections.whereabouts import Whereabouts, enter, leave, leave_worked_on, pass_gate


@immutable
class CardUnitRow:
    """One card as it is now.

    ``station_id`` is where it is checked in, with ``operation`` and ``work`` in hand
    and ``operator_id`` who checked it in; all four are None between stations, in a
    set and in a box. ``last_station_id`` is where it was last seen at work.
    ``ready`` is the work it waits for (kinds, sorted, joined by ``+``), empty while
    it waits for none; ``ready_operations`` the operations of its route, empty when it
    waits for its set. ``since`` is when it came into its present place or state,
    ``waiting_since`` when it began to wait. ``assembly_id`` is set while it lies in
    its set. ``qa_attempts``, ``last_outcome`` and ``last_codes`` tell its inspections,
    ``rework`` how often it was sent back. ``number`` reads as printed, e.g. 07/99.
    ``version`` is its stream's, corrections included.
    """

    card_unit_id: CardUnitId
    sheet_id: SheetId
    job_id: JobId
    order_id: ProductionOrderId
    spec_code: SpecCode
    product_name: str
    position: int
    status: CardUnitStatus
    station_id: StationId | None
    last_station_id: StationId | None
    operation: OperationCode | None
    work: OperationType | None
    operator_id: OperatorId | None
    since: datetime
    ready: str
    ready_operations: str
    waiting_since: datetime | None
    qa_attempts: int
    last_outcome: QAOutcome | None
    last_codes: tuple[str, ...]
    rework: int
    number: str | None
    serial: str | None
    assembly_id: AssemblyId | None
    pack_id: PackId | None
    void_reason: VoidReason | None
    replaces: CardUnitId | None
    replaced_by: CardUnitId | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(slots=True, kw_only=True)
class _Card(Whereabouts):
    """The card so far."""

    created: CardUnitCreated | ReplacementCardUnitCreated
    replaces: CardUnitId | None = None
    status: CardUnitStatus = CardUnitStatus.CREATED
    qa_attempts: int = 0
    last_outcome: QAOutcome | None = None
    last_codes: tuple[str, ...] = ()
    rework: int = 0
    number: str | None = None
    serial: str | None = None
    assembly_id: AssemblyId | None = None
    pack_id: PackId | None = None
    void_reason: VoidReason | None = None
    replaced_by: CardUnitId | None = None


def _begin(event: CardUnitCreated) -> _Card:
    return _Card(created=event, steps=event.ready, since=event.occurred_at, waiting_since=event.occurred_at)


def _begin_replacement(event: ReplacementCardUnitCreated) -> _Card:
    return _Card(
        created=event,
        steps=event.ready,
        since=event.occurred_at,
        waiting_since=event.occurred_at,
        replaces=event.replaces,
    )


def _entered(card: _Card, event: CardUnitEnteredStation) -> None:
    enter(card, event)
    card.status = CardUnitStatus.IN_PROGRESS


def _completed(card: _Card, event: CardUnitOperationCompleted) -> None:
    leave_worked_on(card, event)
    card.steps = event.ready
    card.status = CardUnitStatus.IN_PROGRESS


def _gate_approved(card: _Card, event: GateApproved) -> None:
    pass_gate(card, event)
    card.status = CardUnitStatus.IN_PROGRESS


def _numbered(card: _Card, event: SequentialNumberApplied) -> None:
    card.number = str(event.number)


def _memorabilia(card: _Card, event: MemorabiliaPlaced) -> None:
    card.serial = event.serial


def _inspected(card: _Card, event: QAResultRecorded) -> None:
    leave_worked_on(card, event)
    card.qa_attempts = event.attempt
    card.last_outcome = event.outcome
    card.last_codes = event.codes
    card.steps = event.ready
    if event.outcome is QAOutcome.FAIL:
        card.status = CardUnitStatus.QA_FAILED
    elif event.cleared:
        card.status = CardUnitStatus.QA_PASSED
    else:
        card.status = CardUnitStatus.IN_PROGRESS


def _sent_to_rework(card: _Card, event: CardUnitSentToRework) -> None:
    # The bench that decides the rework has no part in where the card was last worked on.
    leave(card, event)
    card.status = CardUnitStatus.IN_PROGRESS
    card.rework = event.rework
    card.steps = event.ready


def _gathered(card: _Card, event: CardScannedForAssembly) -> None:
    leave_worked_on(card, event)
    card.status = CardUnitStatus.ASSEMBLED
    card.assembly_id = event.assembly_id


def _removed(card: _Card, event: CardRemovedFromAssembly) -> None:
    leave_worked_on(card, event)
    card.status = CardUnitStatus.QA_PASSED
    card.assembly_id = None


def _packed(card: _Card, event: CardUnitPacked) -> None:
    leave_worked_on(card, event)
    card.status = CardUnitStatus.PACKED
    card.assembly_id = event.assembly_id
    card.pack_id = event.pack_id


def _voided(card: _Card, event: CardUnitVoided) -> None:
    # Voided from a desk as often as from a bench: the last station stays where the card was last seen.
    leave(card, event)
    card.status = CardUnitStatus.VOIDED
    card.void_reason = event.reason
    card.assembly_id = None


def _replaced(card: _Card, event: ReplacementCardUnitCreated) -> None:
    card.replaced_by = event.card_unit_id


CARD_UNIT_BEGINS: Begins[_Card] = {
    CardUnitCreated: _begin,
    ReplacementCardUnitCreated: _begin_replacement,
}

CARD_UNIT_ARMS: Arms[_Card] = {
    CardUnitEnteredStation: _entered,
    CardUnitOperationCompleted: _completed,
    GateApproved: _gate_approved,
    SequentialNumberApplied: _numbered,
    MemorabiliaPlaced: _memorabilia,
    QAResultRecorded: _inspected,
    CardUnitSentToRework: _sent_to_rework,
    CardScannedForAssembly: _gathered,
    CardRemovedFromAssembly: _removed,
    CardUnitPacked: _packed,
    CardUnitVoided: _voided,
    ReplacementCardUnitCreated: _replaced,
}

_ON_THE_ROUTE = frozenset({CardUnitStatus.CREATED, CardUnitStatus.IN_PROGRESS})


def fold_card_unit(events: Sequence[Event]) -> CardUnitRow | None:
    """Return the row of a card from its whole stream, or None where it was never made."""
    folded = fold_stream(AggregateType.CARD_UNIT, CARD_UNIT_BEGINS, CARD_UNIT_ARMS, events)
    if folded is None:
        return None
    card, updated_at = folded
    ready = ready_operations = ""
    if card.status is CardUnitStatus.QA_PASSED:
        ready = ASSEMBLE
    elif card.station_id is None and card.status in _ON_THE_ROUTE:
        ready = works_of(card.steps)
        ready_operations = operations_of(card.steps)
    created = card.created
    return CardUnitRow(
        card_unit_id=created.card_unit_id,
        sheet_id=created.sheet_id,
        job_id=created.job_id,
        order_id=created.order_id,
        spec_code=created.spec_code,
        product_name=created.product_name,
        position=created.position,
        status=card.status,
        station_id=card.station_id,
        last_station_id=card.last_station_id,
        operation=card.operation,
        work=card.work,
        operator_id=card.operator_id,
        since=card.since,
        ready=ready,
        ready_operations=ready_operations,
        waiting_since=card.waiting_since if ready else None,
        qa_attempts=card.qa_attempts,
        last_outcome=card.last_outcome,
        last_codes=card.last_codes,
        rework=card.rework,
        number=card.number,
        serial=card.serial,
        assembly_id=card.assembly_id,
        pack_id=card.pack_id,
        void_reason=card.void_reason,
        replaces=card.replaces,
        replaced_by=card.replaced_by,
        created_at=created.occurred_at,
        updated_at=updated_at,
        version=len(events),
    )
