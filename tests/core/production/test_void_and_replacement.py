"""Void and replacement: what is gone stays gone, and its place is taken by exactly one newer card."""

from dataclasses import replace
from typing import Any

from core.domain.commands import CancelJob, CreateReplacement, HoldJob, VoidCardUnit
from core.domain.events import CardUnitVoided, ReplacementCardUnitCreated
from core.domain.rejections import (
    AlreadyReplaced,
    CardGathered,
    CardVoided,
    JobNotRunning,
    NotPermitted,
    ReasonMissing,
    SetClosed,
    UnknownUnit,
    WrongUnitState,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    OperationType,
    ProductSpec,
    StandIn,
    StepRef,
    VoidReason,
)
from core.identity.ids import CardUnitId, OperationCode, SheetId, sheet_id
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import ASSEMBLY, INSPECTOR, LEAD, OPERATOR, QA, Outcome, done, refused, spec

SHEET = SheetId("J1044-S001")


@beginning
def cards(line: Line) -> tuple[CardUnitId, ...]:
    """Four cards that wait for their inspection."""
    return line.cut(sheet_id(line.start(spec()), 1))


def make_anew(line: Line, card: str) -> Outcome:
    """Ask for a replacement."""
    return line.ask(CreateReplacement, by=LEAD, card_unit_id=card)


def test_a_void_is_recorded_in_the_card_s_life_and_in_its_set_s(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """One fact, two streams: the set has a gap from then on."""
    (voided,) = done(line.void(cards[0]))
    assert isinstance(voided, CardUnitVoided)
    assert (voided.reason, voided.was_gathered) == (VoidReason.LOST, False)
    for kind, unit in ((AggregateType.CARD_UNIT, cards[0]), (AggregateType.ASSEMBLY, f"{SHEET}-SET")):
        assert line.streams[StreamKey(kind, unit)].events[-1] is voided
    assert line.tray(SHEET).gaps == {1}


def test_a_card_is_voided_in_any_state_before_it_is_packed(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Fresh, at a bench, failed, passed, gathered; not out of a box."""
    line.scan(QA, cards[0])
    line.fail(cards[1])
    line.clear(cards[2], cards[3])
    done(line.gather(cards[3]))
    for card in cards:
        done(line.void(card))
        assert line.card(card).status is CardUnitStatus.VOIDED
        assert line.card(card).check_in is None


def test_a_void_for_another_reason_says_which(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """OTHER alone says nothing."""
    said: dict[str, Any] = {"card_unit_id": cards[0], "reason": VoidReason.OTHER}
    refused(line.ask(VoidCardUnit, by=LEAD, note=" ", **said), ReasonMissing)
    done(line.ask(VoidCardUnit, by=LEAD, note="coffee", **said))


def test_a_card_is_voided_once_and_for_good(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A lost card that reappears is told what to use instead of it."""
    done(line.void(cards[0]))
    assert refused(line.void(cards[0]), CardVoided).replaced_by is None
    newer = line.replace(cards[0])
    for outcome in (line.void(cards[0]), line.scan(QA, cards[0]), line.gather(cards[0])):
        said = refused(outcome, CardVoided)
        assert (said.reason, said.replaced_by) == (VoidReason.LOST, newer)


def test_a_lead_decides_what_is_void(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """And what is made anew."""
    for nobody in (OPERATOR, INSPECTOR):
        refused(line.void(cards[0], by=nobody), NotPermitted)
    done(line.void(cards[0]))
    refused(line.ask(CreateReplacement, by=INSPECTOR, card_unit_id=cards[0]), NotPermitted)


def test_a_void_of_a_gathered_card_opens_its_set_again(line: Line) -> None:
    """What was complete is not, and lacks that position."""
    line.complete(line_start(line))
    gathered = line.tray(SHEET).gathered[2]
    (voided,) = done(line.void(gathered))
    assert isinstance(voided, CardUnitVoided)
    assert voided.was_gathered
    tray = line.tray(SHEET)
    assert (tray.status, tray.gaps, tray.missing_positions) == (AssemblyStatus.IN_PROGRESS, {2}, (2,))


def line_start(line: Line, product: ProductSpec | None = None) -> SheetId:
    """Start a job of one sheet."""
    return sheet_id(line.start(product or spec()), 1)


def test_a_replacement_keeps_position_and_lineage(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It is recorded in its own life, in the replaced card's and in the set's."""
    done(line.void(cards[1]))
    (made,) = done(make_anew(line, cards[1]))
    assert isinstance(made, ReplacementCardUnitCreated)
    assert (made.card_unit_id, made.position, made.replaces) == (f"{cards[1]}-R1", 2, cards[1])
    assert [ref.operation for ref in made.ready] == ["QA"]
    units = (
        (AggregateType.CARD_UNIT, made.card_unit_id),
        (AggregateType.CARD_UNIT, cards[1]),
        (AggregateType.ASSEMBLY, f"{SHEET}-SET"),
    )
    assert all(line.streams[StreamKey(kind, unit)].events[-1] is made for kind, unit in units)
    assert line.tray(SHEET).expected[2] == made.card_unit_id
    assert line.tray(SHEET).gaps == set()


def test_a_replacement_of_a_replacement_counts_on(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The newest card of a position has the highest number, and is the one awaited."""
    first = line.replace(cards[0])
    second = line.replace(first)
    assert second == f"{cards[0]}-R2"
    assert line.tray(SHEET).expected[1] == second
    assert refused(line.scan(QA, first), CardVoided).replaced_by == second


def test_a_card_is_replaced_once(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Two cards of one position would be one too many in the tray."""
    newer = line.replace(cards[0])
    assert refused(make_anew(line, cards[0]), AlreadyReplaced).replaced_by == newer


def test_only_a_voided_card_is_replaced(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """While the original lives there is nothing to replace."""
    assert refused(make_anew(line, cards[0]), WrongUnitState).needed == (CardUnitStatus.VOIDED,)
    refused(make_anew(line, f"{cards[0]}-R1"), UnknownUnit)
    refused(line.void(f"{cards[0]}-R1"), UnknownUnit)


def test_a_replacement_starts_where_the_product_says(line: Line) -> None:
    """What comes before need not be repeated; what stands beside it must be done."""
    product = replace(spec(route=LONG_ROUTE), replacement_starts_at=OperationCode("UV"))
    card = line.cut(line_start(line, product))[0]
    done(line.void(card))
    (made,) = done(make_anew(line, card))
    assert isinstance(made, ReplacementCardUnitCreated)
    assert made.done == ("QA-FIRST",)
    assert [ref.operation for ref in made.ready] == ["UV", "NUMBER"]
    line.clear(made.card_unit_id)
    assert line.card(made.card_unit_id).number is not None


def test_a_card_of_a_held_job_may_be_voided_but_is_replaced_later(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """What is torn is torn; making another is work."""
    job = line.card(cards[0]).job_id
    done(line.ask(HoldJob, by=LEAD, job_id=job, reason="wrong foil"))
    done(line.void(cards[0]))
    refused(make_anew(line, cards[0]), JobNotRunning)
    done(line.ask(CancelJob, by=LEAD, job_id=job, reason="given up"))
    done(line.void(cards[1]))


def test_nothing_is_voided_or_replaced_in_a_packed_set(line: Line) -> None:
    """The box is closed business."""
    sheet = line_start(line)
    lost = line.cut(sheet)[0]
    line.replace(lost)
    line.complete(sheet)
    done(line.authorize(sheet))
    done(line.pack(sheet))
    packed = line.tray(sheet).gathered[2]
    said = refused(line.void(packed), CardGathered)
    assert (said.status, said.pack_id) == (CardUnitStatus.PACKED, "J1044-BX001")
    refused(make_anew(line, packed), WrongUnitState)
    refused(line.gather(packed, at=ASSEMBLY), SetClosed)


def test_a_void_card_names_what_stands_in_for_it_and_where_that_is(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nobody should have to look for the replacement: nothing yet, waiting, at a bench, passed, in the tray."""
    done(line.void(cards[0]))

    def stand_in() -> StandIn | None:
        return refused(line.scan(QA, cards[0]), CardVoided).stand_in

    assert stand_in() is None
    newer = line.replace(cards[0])
    waiting = StandIn(
        card_unit_id=newer,
        status=CardUnitStatus.CREATED,
        station_id=None,
        ready=(StepRef(OperationCode("QA"), OperationType.QA),),
        pack_id=None,
    )
    assert stand_in() == waiting
    done(line.scan(QA, newer))
    assert stand_in() == replace(waiting, status=CardUnitStatus.IN_PROGRESS, station_id=QA.station_id)
    line.clear(newer)
    assert stand_in() == replace(waiting, status=CardUnitStatus.QA_PASSED, ready=())
    done(line.gather(newer))
    assert stand_in() == replace(waiting, status=CardUnitStatus.ASSEMBLED, ready=())
    assert refused(line.gather(cards[0]), CardVoided).stand_in == stand_in()


def test_of_a_card_that_was_made_anew_often_the_newest_stands_in(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A replacement that is void as well is no card to look for; where no newer one is made, that is said."""
    done(line.void(cards[0]))
    first = line.replace(cards[0])
    done(line.void(first))
    said = refused(line.scan(QA, cards[0]), CardVoided)
    assert (said.replaced_by, said.stand_in and said.stand_in.status) == (first, CardUnitStatus.VOIDED)
    second = line.replace(first)
    for void in (cards[0], first):
        said = refused(line.scan(QA, void), CardVoided)
        assert said.stand_in is not None
        assert (said.stand_in.card_unit_id, said.stand_in.status) == (second, CardUnitStatus.CREATED)
