"""Units move on as they should: sheets to the cut, cards along their routes."""

from core.domain.models import CardUnit
from core.domain.values import OperationType, SheetStatus
from tests.core.deeds.telling import FEW, PICKS, Deed, happens
from tests.core.floor import ON_THE_ROUTE, Floor, chosen
from tests.core.shop import INSERTS

DEEDS: list[Deed] = []


@happens(DEEDS, pick=PICKS, steps=FEW)
def a_sheet_moves_on(floor: Floor, pick: int, steps: int) -> None:
    """Some right steps for a sheet."""
    for sheet in chosen(floor.open_sheets(), pick):
        for _ in range(steps):
            if floor.sheet(sheet.sheet_id).status is not SheetStatus.CUT:
                floor.step_sheet(sheet.sheet_id)


@happens(DEEDS, often=2, pick=PICKS)
def a_sheet_is_brought_to_the_cut_and_cut(floor: Floor, pick: int) -> None:
    """Cards are what the shop is about, so sheets become cards soon."""
    for sheet in chosen(floor.open_sheets(), pick):
        floor.cut(sheet.sheet_id)


@happens(DEEDS, pick=PICKS, steps=FEW)
def a_card_moves_on(floor: Floor, pick: int, steps: int) -> None:
    """Some right steps for a card."""
    for card in chosen(floor.workable_cards(), pick):
        moves_on(floor, card, steps)


def moves_on(floor: Floor, card: CardUnit, steps: int) -> None:
    """Do that many right steps to a card, or as many as its route has left."""
    for _ in range(steps):
        if floor.card(card.card_unit_id).status in ON_THE_ROUTE:
            floor.step_card(card.card_unit_id)


@happens(DEEDS, often=2, pick=PICKS)
def a_serial_is_said_again(floor: Floor, pick: int) -> None:
    """The same question is open on a second screen of the station, and the card has gone on to its next insert."""
    long = [card for card in floor.workable_cards() if floor.job(card.job_id).spec.code == "LONG"]
    for card in chosen(long, pick):
        unit = card.card_unit_id
        for _ in range(30):
            ready = floor.ready_for(unit)
            if not ready or ready[0].work is OperationType.MEMORABILIA:
                break
            floor.step_card(unit)
        for step in floor.ready_for(unit)[:1]:
            floor.scan(INSERTS, unit)
            asked, answer = floor.asked(unit, step)
            floor.scan(INSERTS, answer or unit, awaited=asked)
            floor.scan(INSERTS, unit)
            floor.scan(INSERTS, f"{answer}-2", awaited=asked)
