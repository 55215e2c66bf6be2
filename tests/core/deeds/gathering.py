"""Sets come together at either assembly station, rightly, wrongly and late."""

from collections.abc import Iterator

from core.domain.commands import CreateReplacement, FlagOverdueAssembly, RemoveCardFromAssembly
from core.domain.values import AssemblyStatus, CardUnitStatus, JobStatus
from core.identity.ids import AssemblyId, CardUnitId, OperatorId
from tests.core.deeds.telling import EITHER, PICKS, Deed, happens
from tests.core.deeds.work import a_sheet_is_brought_to_the_cut_and_cut, moves_on
from tests.core.floor import ON_THE_ROUTE, PEOPLE, TRAY_STATIONS, Floor, chosen
from tests.core.shop import LEAD, MANAGER, OPERATOR

DEEDS: list[Deed] = []


@happens(DEEDS, often=4, pick=PICKS, left=range(3), by=(OPERATOR, MANAGER), where=PICKS)
def a_set_comes_together(floor: Floor, pick: int, left: int, by: OperatorId, where: int) -> None:
    """Cards of a set are finished, made anew where they are void, and gathered; some are left out."""
    station = TRAY_STATIONS[where % 2]
    gathering = floor.trays(AssemblyStatus.PENDING, AssemblyStatus.IN_PROGRESS)
    if not gathering:
        a_sheet_is_brought_to_the_cut_and_cut(floor, pick)
    for tray in chosen(gathering or floor.trays(), pick):
        for place in tray.missing_positions[left:] or tray.missing_positions:
            if place in tray.gaps:
                floor.ask_next(CreateReplacement, by=LEAD, card_unit_id=tray.expected[place])
            card = floor.card(floor.tray(tray.assembly_id).expected[place])
            if floor.job(card.job_id).status is JobStatus.STARTED:
                moves_on(floor, card, 30)
            for void in _void_at(floor, tray.assembly_id, place):
                floor.gather(card.card_unit_id, at=station, by=by, brought=True)
                floor.gather(void, at=station, by=by)
            floor.gather(card.card_unit_id, at=station, by=by, brought=True)


def _void_at(floor: Floor, tray: AssemblyId, place: int) -> Iterator[CardUnitId]:
    """The card that was voided at a place and lies there still."""
    void = floor.tray(tray).void_in_tray.get(place)
    if void is not None:
        yield void


@happens(DEEDS, often=2, pick=PICKS, where=PICKS, brought=EITHER, by=PEOPLE)
def a_passed_card_is_gathered(floor: Floor, pick: int, where: int, brought: bool, by: OperatorId) -> None:
    """At either station, whether the tray is there or not; before it a card in any state, and a wrong tray."""
    for card in chosen(floor.cards(), pick // 5):
        floor.gather(card.card_unit_id, at=TRAY_STATIONS[where % 2], by=by, brought=True)
    for card in chosen(floor.cards(CardUnitStatus.QA_PASSED), pick):
        for tray in chosen(floor.trays(), pick // 3):
            floor.gather(card.card_unit_id, into=tray.assembly_id, at=TRAY_STATIONS[where % 2], by=by)
        floor.gather(card.card_unit_id, at=TRAY_STATIONS[where % 2], by=by)
        floor.gather(card.card_unit_id, at=TRAY_STATIONS[where % 2], by=by, brought=brought)


@happens(DEEDS, often=2, pick=PICKS, where=PICKS)
def a_card_is_gathered_after_another_tray_s_label(floor: Floor, pick: int, where: int) -> None:
    """The station believes that a tray was brought to it, and it was: another one."""
    station = TRAY_STATIONS[where % 2]
    begun = [tray for tray in floor.trays(AssemblyStatus.IN_PROGRESS) if tray.tray_at != station.station_id]
    for tray in chosen(begun or floor.trays(), pick):
        for other in chosen([each for each in floor.trays() if each.assembly_id != tray.assembly_id], pick // 3):
            floor.scan(station, other.assembly_id)
            for card in chosen(tray.missing, pick // 7):
                if floor.card(card).status in ON_THE_ROUTE:
                    moves_on(floor, floor.card(card), 30)
                for opened in (None, other.assembly_id):
                    floor.scan(station, card, open_assembly=opened)


@happens(DEEDS, pick=PICKS)
def a_gathered_card_is_taken_out(floor: Floor, pick: int) -> None:
    """A complete set is open again."""
    for card in chosen(floor.cards(CardUnitStatus.ASSEMBLED), pick):
        for where in (*TRAY_STATIONS[pick % 2 :], None):
            floor.ask_next(RemoveCardFromAssembly, at=where, card_unit_id=card.card_unit_id, reason="scratched")


@happens(DEEDS, minutes=(0.1, 600.0), pick=PICKS)
def a_set_is_looked_at_for_being_overdue(floor: Floor, minutes: float, pick: int) -> None:
    """The shop's limit may have passed."""
    for tray in chosen(floor.trays(), pick):
        floor.ask_next(FlagOverdueAssembly, by=None, assembly_id=tray.assembly_id, limit_minutes=minutes)
