"""Gathering: exactly the cards of one sheet come together, each once, in one tray, by somebody."""

from datetime import timedelta
from typing import Any

import pytest

from core.domain.commands import (
    FlagOverdueAssembly,
    HoldJob,
    RemoveCardFromAssembly,
    ScanCardForAssembly,
    TakeOutVoidedCard,
)
from core.domain.events import (
    AssemblyCompleted,
    AssemblyOverdueFlagged,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    VoidedCardTakenOut,
)
from core.domain.histories import History
from core.domain.rejections import (
    CardVoided,
    DuplicateCard,
    JobNotRunning,
    NotExpectedInSet,
    NotGathered,
    NotOverdue,
    NotPassedQA,
    NotPermitted,
    PositionTaken,
    SetClosed,
    TrayElsewhere,
    UnknownUnit,
    VoidCardInTray,
    WrongSet,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import AssemblyStatus, CardUnitStatus, VoidReason
from core.identity.ids import AssemblyId, CardUnitId, SheetId, assembly_of
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, LEAD, OPERATOR, Outcome, done, refused, spec

FIRST, SECOND = SheetId("J1044-S001"), SheetId("J1044-S002")
SET = assembly_of(FIRST)


@beginning
def cards(line: Line) -> tuple[CardUnitId, ...]:
    """The four passed cards of the first of two sheets."""
    line.start(spec(), sets=2)
    line.cut(SECOND)
    cut = line.cut(FIRST)
    line.clear(*cut)
    return cut


def take_out(line: Line, card: str, reason: str = "scratched") -> Outcome:
    """Take a gathered card out again."""
    return line.ask(RemoveCardFromAssembly, at=ASSEMBLY, card_unit_id=card, reason=reason)


def test_the_first_card_opens_its_own_tray(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nobody chooses a set from a menu."""
    (scanned,) = done(line.scan(ASSEMBLY, cards[1]))
    assert isinstance(scanned, CardScannedForAssembly)
    assert (scanned.assembly_id, scanned.position, scanned.gathered, scanned.expected) == (SET, 2, 1, 4)
    assert line.tray(FIRST).status is AssemblyStatus.IN_PROGRESS
    assert line.card(cards[1]).status is CardUnitStatus.ASSEMBLED


def test_the_last_card_completes_the_set_in_the_same_change(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """In whatever order they come; the cards are named by position."""
    for card in reversed(cards[1:]):
        done(line.gather(card))
    _, completed = done(line.gather(cards[0]))
    assert isinstance(completed, AssemblyCompleted)
    assert (completed.card_unit_ids, completed.replacements) == (cards, ())
    assert line.tray(FIRST).status is AssemblyStatus.COMPLETE


def test_a_card_of_another_sheet_stops_the_line(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It says whose it is and what the open tray lacks."""
    stranger = line.tray(SECOND).expected[3]
    line.clear(stranger)
    done(line.gather(cards[0]))
    said = refused(line.gather(stranger, into=SET), WrongSet)
    assert (said.belongs_to, said.open_assembly, said.missing) == (assembly_of(SECOND), SET, (2, 3, 4))
    assert line.card(stranger).status is CardUnitStatus.QA_PASSED


def test_a_card_is_gathered_once(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Scanned again, it is in the tray already."""
    done(line.gather(cards[0]))
    assert refused(line.gather(cards[0]), DuplicateCard).missing == (2, 3, 4)


def test_only_a_card_that_passed_everything_is_gathered(line: Line) -> None:
    """Fresh, at the bench, failed or on its way: it says what is left, or what was found."""
    line.start(spec(route=LONG_ROUTE))
    fresh, failed, midway, _ = line.cut(FIRST)
    line.fail(failed, "F-201")
    for _ in range(4):
        done(line.step_card(midway))
    assert [ref.operation for ref in refused(line.gather(fresh), NotPassedQA).ready] == ["QA-FIRST"]
    assert refused(line.gather(failed), NotPassedQA).codes == ("F-201",)
    assert refused(line.gather(midway), NotPassedQA).status is CardUnitStatus.IN_PROGRESS


def test_a_voided_card_is_never_gathered(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The lost original that reappears beside its replacement."""
    newer = line.replace(cards[0])
    line.clear(newer)
    assert refused(line.gather(cards[0]), CardVoided).replaced_by == newer
    done(line.gather(newer))
    assert refused(line.gather(cards[0]), CardVoided).replaced_by == newer


def test_a_gap_is_closed_by_a_replacement_only(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """All others in the tray do not make it complete."""
    done(line.void(cards[3]))
    for card in cards[:3]:
        done(line.gather(card))
    assert line.tray(FIRST).status is AssemblyStatus.IN_PROGRESS
    newer = line.replace(cards[3])
    line.clear(newer)
    _, completed = done(line.gather(newer))
    assert isinstance(completed, AssemblyCompleted)
    assert completed.replacements == (newer,)


def test_nothing_is_gathered_for_a_job_that_is_held(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Though a gathered card may be taken out."""
    done(line.gather(cards[0]))
    done(line.ask(HoldJob, by=LEAD, job_id=line.card(cards[0]).job_id, reason="wrong foil"))
    refused(line.gather(cards[1]), JobNotRunning)
    done(take_out(line, cards[0]))


def test_nobody_in_particular_gathers_nothing(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Or no manager could be another person than the gatherer."""
    said: dict[str, Any] = {"card_unit_id": cards[0], "assembly_id": SET}
    assert refused(line.ask(ScanCardForAssembly, at=ASSEMBLY, by=None, **said), NotPermitted).operator_id is None


def test_what_does_not_exist_is_not_gathered(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Neither a card of nobody nor into a set whose sheet is not cut."""
    refused(line.gather(f"{cards[0]}-R1"), UnknownUnit)
    refused(line.gather(cards[0], into="J1044-S009-SET"), UnknownUnit)
    refused(line.scan(ASSEMBLY, "J1044-S009-SET"), UnknownUnit)
    refused(take_out(line, f"{cards[0]}-R1"), UnknownUnit)


# -- a void card in the tray -------------------------------------------------------


def test_a_card_voided_in_its_tray_lies_there_until_it_is_scanned_out(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """The void is in the log, the paper in the tray: its scan at the tray says that it is out; the next one stops."""
    for card in cards[:3]:
        done(line.gather(card))
    done(line.void(cards[0]))
    done(line.void(cards[2]))
    assert line.tray(FIRST).void_in_tray == {1: cards[0], 3: cards[2]}
    (out,) = done(line.gather(cards[0]))
    assert isinstance(out, VoidedCardTakenOut)
    assert (out.card_unit_id, out.position) == (cards[0], 1)
    assert line.tray(FIRST).void_in_tray == {3: cards[2]}
    assert line.card(cards[0]).status is CardUnitStatus.VOIDED
    refused(line.gather(cards[0]), CardVoided)
    refused(line.ask(TakeOutVoidedCard, at=ASSEMBLY, card_unit_id=cards[0]), NotGathered)


@pytest.mark.parametrize("reason", [reason for reason in VoidReason if reason is not VoidReason.LOST])
def test_a_replacement_waits_until_the_void_card_is_out_of_the_tray(
    line: Line, cards: tuple[CardUnitId, ...], reason: VoidReason
) -> None:
    """Its paper would be packed: the set would be called complete with both of them in the tray."""
    line.complete(FIRST)
    done(line.void(cards[0], reason))
    newer = line.replace(cards[0])
    line.clear(newer)
    rejection = refused(line.gather(newer), VoidCardInTray)
    assert (rejection.card_unit_id, rejection.assembly_id, rejection.void) == (newer, SET, cards[0])
    assert line.tray(FIRST).void_in_tray == {1: cards[0]}
    done(line.gather(cards[0]))
    done(line.gather(newer))
    assert line.tray(FIRST).status is AssemblyStatus.COMPLETE


def test_the_replacement_of_a_lost_card_says_that_it_is_out(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A lost card is never scanned out."""
    done(line.gather(cards[0]))
    newer = line.replace(cards[0])
    line.clear(newer)
    assert line.tray(FIRST).void_in_tray == {1: cards[0]}
    done(line.gather(newer))
    assert not line.tray(FIRST).void_in_tray


def test_a_card_voided_outside_of_its_tray_is_not_looked_for_there(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nothing has to be taken out of where nothing was put in."""
    done(line.gather(cards[0]))
    done(line.void(cards[1]))
    assert not line.tray(FIRST).void_in_tray
    refused(line.gather(cards[1]), CardVoided)


def test_a_void_card_at_another_set_s_tray_stops_the_line(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It comes out of its own tray, and must not be laid into the one that is open."""
    done(line.gather(cards[0]))
    done(line.void(cards[0]))
    refused(line.gather(cards[0], into=assembly_of(SECOND)), CardVoided)
    assert line.tray(FIRST).void_in_tray == {1: cards[0]}
    refused(line.ask(TakeOutVoidedCard, at=ASSEMBLY, card_unit_id=f"{cards[0]}-R1"), UnknownUnit)


# -- taking out --------------------------------------------------------------------


def test_a_card_that_is_taken_out_is_passed_and_awaited_again(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A complete set is open again."""
    line.complete(FIRST)
    (removed,) = done(take_out(line, cards[2]))
    assert isinstance(removed, CardRemovedFromAssembly)
    assert line.card(cards[2]).status is CardUnitStatus.QA_PASSED
    tray = line.tray(FIRST)
    assert (tray.status, tray.missing) == (AssemblyStatus.IN_PROGRESS, (cards[2],))
    done(line.gather(cards[2]))
    assert line.tray(FIRST).status is AssemblyStatus.COMPLETE


def test_a_card_is_taken_out_only_where_its_tray_stands(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Whoever filled it before it was brought away has it no longer in hand; the office sends somebody there."""
    done(line.gather(cards[0]))
    done(line.gather(cards[1], at=ASSEMBLY_2, brought=True))
    said: dict[str, Any] = {"card_unit_id": cards[0], "reason": "scratched"}
    rejection = refused(line.ask(RemoveCardFromAssembly, at=ASSEMBLY, **said), TrayElsewhere)
    assert (rejection.card_unit_id, rejection.at_station) == (cards[0], "ASSY-2")
    done(line.ask(RemoveCardFromAssembly, at=ASSEMBLY_2, **said))
    done(line.ask(RemoveCardFromAssembly, by=LEAD, card_unit_id=cards[1], reason="scratched"))


def test_only_what_is_in_the_tray_is_taken_out(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nor anything out of a packed set."""
    refused(take_out(line, cards[0]), NotGathered)
    line.complete(FIRST)
    done(line.pack(FIRST))
    refused(take_out(line, cards[0]), SetClosed)
    refused(line.gather(cards[0]), SetClosed)


# -- late sets ---------------------------------------------------------------------


def test_a_set_that_is_open_for_too_long_is_flagged_once(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """With the cards that it lacks."""
    done(line.gather(cards[0]))
    late: dict[str, Any] = {"assembly_id": SET, "limit_minutes": 60.0}
    refused(line.ask(FlagOverdueAssembly, by=None, **late), NotOverdue)
    line.now = line.tray(FIRST).opened_at + timedelta(minutes=61)
    (flagged,) = done(line.ask(FlagOverdueAssembly, by=None, **late))
    assert isinstance(flagged, AssemblyOverdueFlagged)
    assert flagged.missing == cards[1:]
    refused(line.ask(FlagOverdueAssembly, by=None, **late), NotOverdue)


def test_a_complete_set_is_never_late(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nor is one that does not exist."""
    line.complete(FIRST)
    line.pass_time(10**6)
    refused(line.ask(FlagOverdueAssembly, by=None, assembly_id=SET, limit_minutes=1.0), NotOverdue)
    nobody = AssemblyId("J1044-S009-SET")
    refused(line.ask(FlagOverdueAssembly, by=None, assembly_id=nobody, limit_minutes=1.0), UnknownUnit)


# -- what only a damaged log could ask -----------------------------------------------


def test_two_cards_of_one_position_never_lie_in_a_tray(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A set's stream that forgot a removal still refuses the second card of the position."""
    newer = line.replace(cards[0])
    line.clear(newer)
    key = StreamKey(AggregateType.ASSEMBLY, SET)
    known = line.streams[key].events
    scanned = CardScannedForAssembly(
        occurred_at=line.now,
        operator_id=OPERATOR,
        station_id=ASSEMBLY.station_id,
        assembly_id=SET,
        sheet_id=FIRST,
        job_id=line.card(newer).job_id,
        spec_code=line.card(newer).spec_code,
        card_unit_id=cards[0],
        position=1,
        gathered=1,
        expected=4,
    )
    line.streams[key] = History((*known, scanned))
    assert refused(line.gather(newer), PositionTaken).held_by == cards[0]


def test_a_card_that_its_set_does_not_await_is_refused(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A set's stream that never heard of the replacement still awaits the original."""
    newer = line.replace(cards[0])
    line.clear(newer)
    key = StreamKey(AggregateType.ASSEMBLY, SET)
    line.streams[key] = History(line.streams[key].events[:1])
    assert refused(line.gather(newer), NotExpectedInSet).expected == cards[0]
