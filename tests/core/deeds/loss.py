"""Cards are inspected, fail, are worked on again, get lost and are made anew."""

from core.domain.commands import CreateReplacement
from core.domain.values import AssemblyStatus, CardUnitStatus, JobStatus, OperationType, StationDefinition, VoidReason
from core.identity.ids import OperatorId
from tests.core.deeds.gathering import a_set_comes_together
from tests.core.deeds.telling import EITHER, PICKS, Deed, happens
from tests.core.deeds.work import moves_on
from tests.core.floor import TRAY_STATIONS, Floor, chosen
from tests.core.shop import ASSEMBLY, INSPECTOR, LEAD, OPERATOR, QA, QA_2

DEEDS: list[Deed] = []


@happens(DEEDS, often=2, pick=PICKS, bench=(QA, QA_2), codes=((), ("F-201",), ("F-1", "F-2")))
def a_card_is_inspected(floor: Floor, pick: int, bench: StationDefinition, codes: tuple[str, ...]) -> None:
    """With any verdict, at either bench."""
    for card in chosen(floor.workable_cards(), pick):
        for _ in range(30):
            if floor.ready_for(card.card_unit_id)[0].work is OperationType.QA:
                break
            floor.step_card(card.card_unit_id)
        floor.scan(bench, card.card_unit_id, by=INSPECTOR)
        floor.verdict(card.card_unit_id, *codes, at=bench)


@happens(DEEDS, often=2, pick=PICKS, back=range(9), by=(LEAD, LEAD, LEAD, INSPECTOR))
def a_failed_card_is_reworked(floor: Floor, pick: int, back: int, by: OperatorId) -> None:
    """Back to any operation of its route; where no card has failed, one fails now."""
    if not floor.cards(CardUnitStatus.QA_FAILED):
        a_card_is_inspected(floor, pick, QA, ("F-201",))
    for card in chosen(floor.cards(CardUnitStatus.QA_FAILED), pick):
        steps = floor.job(card.job_id).spec.route.steps
        for step in chosen([*(step for step in steps if step.operation in card.done), *steps[::-1]], back):
            floor.rework(card.card_unit_id, step.operation, by=by)
        moves_on(floor, floor.card(card.card_unit_id), 30)


@happens(DEEDS, pick=PICKS, reason=tuple(VoidReason), gathered=EITHER)
def a_card_is_voided(floor: Floor, pick: int, reason: VoidReason, gathered: bool) -> None:
    """At any moment of its life, every second time out of a tray."""
    in_trays = floor.cards(CardUnitStatus.ASSEMBLED) if gathered else []
    for card in chosen(in_trays or floor.cards(), pick):
        floor.void(card.card_unit_id, reason)


@happens(DEEDS, often=2, pick=PICKS)
def a_voided_card_is_replaced(floor: Floor, pick: int) -> None:
    """Also one that is itself a replacement, or has one already; where none is void, one gets lost now."""
    open_ones = [card for card in floor.cards(CardUnitStatus.VOIDED) if card.replaced_by is None]
    if not open_ones:
        a_card_is_voided(floor, pick, VoidReason.LOST, gathered=True)
    for card in chosen(open_ones or floor.cards(CardUnitStatus.VOIDED), pick):
        floor.ask_next(CreateReplacement, by=LEAD, card_unit_id=card.card_unit_id)
        if pick % 2:
            floor.ask_next(CreateReplacement, by=LEAD, card_unit_id=card.card_unit_id)


@happens(DEEDS, often=2, pick=PICKS, where=PICKS, reason=tuple(VoidReason))
def the_cards_of_a_tray_are_voided_and_the_next_is_scanned(
    floor: Floor, pick: int, where: int, reason: VoidReason
) -> None:
    """At either station, while what was voided lies where it lay."""
    begun = [tray for tray in floor.trays(AssemblyStatus.IN_PROGRESS) if tray.gathered]
    if not begun:
        a_set_comes_together(floor, pick, 1, OPERATOR, pick)
        begun = [tray for tray in floor.trays(AssemblyStatus.IN_PROGRESS) if tray.gathered]
    for tray in chosen(begun, pick):
        for card in list(tray.gathered.values())[: 1 if pick % 3 == 0 else None]:
            floor.void(card, reason)
            floor.ask_next(CreateReplacement, by=LEAD, card_unit_id=card)
        for card in floor.tray(tray.assembly_id).missing:
            if floor.job(tray.job_id).status is JobStatus.STARTED:
                moves_on(floor, floor.card(card), 30)
            here, there = TRAY_STATIONS if tray.tray_at == ASSEMBLY.station_id else TRAY_STATIONS[::-1]
            floor.gather(card, at=here if where % 3 == 0 else there)
