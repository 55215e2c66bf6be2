"""Marks: the number of a run and the insert with a serial that a card bears, each once."""

from collections.abc import Sequence

from core.domain.commands import CompleteOperation
from core.domain.effective import effective_events
from core.domain.events import Event, MemorabiliaPlaced, SequentialNumberApplied
from core.domain.models import CardUnit, Job
from core.domain.rejections import (
    NumberAlreadyApplied,
    NumberNeeded,
    NumberOfAnother,
    NumberOutOfRun,
    Rejection,
    SerialNeeded,
)
from core.domain.streams import Claim, ClaimKind
from core.domain.values import RouteStep, SequentialNumber
from core.identity.ids import original_of
from core.production.headers import of_card

MAX_SERIAL_LENGTH = 64

Marked = tuple[tuple[SequentialNumberApplied | MemorabiliaPlaced, ...], tuple[Claim, ...]]
"""What was put on a card, and what must be unique about it; nothing where the card bears it already."""


def claim_of(mark: SequentialNumberApplied | MemorabiliaPlaced) -> Claim:
    """Return what must be unique about a mark: its number in the job's run, or its insert's serial.

    A number is held by the position, not by the card: the replacement of a voided card
    takes over its predecessor's, or the run could never be whole. A serial is held by the
    card for good, and is the same serial in any case: one was scanned where another was typed.
    """
    if isinstance(mark, SequentialNumberApplied):
        key = f"{mark.job_id}/{mark.number.value}"
        return Claim(ClaimKind.SEQUENTIAL_NUMBER, key, original_of(mark.card_unit_id))
    return Claim(ClaimKind.MEMORABILIA_SERIAL, mark.serial.upper(), mark.card_unit_id)


def claims_of(events: Sequence[Event]) -> tuple[Claim, ...]:
    """Return what a card's whole stream claims: the marks that stand in it, corrections taken into account."""
    return tuple(
        claim_of(event)
        for _, event in effective_events(events)
        if isinstance(event, SequentialNumberApplied | MemorabiliaPlaced)
    )


def numbered(command: CompleteOperation, card: CardUnit, job: Job, step: RouteStep) -> Marked | Rejection:
    """Put a number of the job's run on a card."""
    run_of = job.spec.run_of or 0
    if card.number is not None:
        if command.number in {None, card.number.value}:
            # Reworked: the number is on the card already.
            return (), ()
        return NumberAlreadyApplied(card_unit_id=card.card_unit_id, number=card.number)
    if command.number is None:
        return NumberNeeded(card_unit_id=card.card_unit_id, run_of=run_of)
    if not 1 <= command.number <= run_of:
        return NumberOutOfRun(card_unit_id=card.card_unit_id, value=command.number, run_of=run_of)
    if card.takes_number is not None and command.number != card.takes_number.value:
        return NumberOfAnother(card_unit_id=card.card_unit_id, value=command.number, takes_number=card.takes_number)
    applied = SequentialNumberApplied(
        **of_card(command, card),
        operation=step.operation,
        number=SequentialNumber(command.number, run_of),
    )
    return (applied,), (claim_of(applied),)


def insert_placed(command: CompleteOperation, card: CardUnit, step: RouteStep) -> Marked | Rejection:
    """Place an insert with a serial in a card."""
    serial = (command.serial or "").strip()
    held = card.serials.get(step.operation)
    if held is not None and serial in {"", held}:
        # Reworked with the insert still in it.
        return (), ()
    if not serial or len(serial) > MAX_SERIAL_LENGTH or not serial.isprintable():
        return SerialNeeded(card_unit_id=card.card_unit_id)
    placed = MemorabiliaPlaced(
        **of_card(command, card),
        operation=step.operation,
        serial=serial,
    )
    return (placed,), (claim_of(placed),)
