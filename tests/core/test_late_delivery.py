"""Cards that are laid into a tray offline and delivered late: no wrong set is packed, and every set can still be."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.values import AssemblyStatus, VoidReason
from core.identity.ids import CardUnitId
from tests.core.beginnings import come_to
from tests.core.line import Line
from tests.core.papers import SHEET, Papers
from tests.core.searching import searched
from tests.core.shop import spec

T = TypeVar("T")

Step = tuple[int, int, int]

MOST_CARDS = 12
"""How many cards a step tells apart."""


def two_cards_in_hand(line: Line) -> tuple[CardUnitId, ...]:
    """Cut a sheet of two."""
    line.start(spec("TWO", n_up=2, rows=1))
    return line.cut(SHEET)


def three_passed_cards_in_hand(line: Line) -> tuple[CardUnitId, ...]:
    """Cut a sheet of three, and bring its cards through QA."""
    line.start(spec("THREE", n_up=3, rows=1))
    cards = line.cut(SHEET)
    line.clear(*cards)
    return cards


Deeds = tuple[tuple[int, Callable[[Papers, int, CardUnitId, int], None]], ...]

DEEDS: Deeds = (
    (8, lambda papers, where, card, _: papers.scan(where, card)),
    (3, lambda papers, where, _card, _: papers.fall_silent(where)),
    (2, lambda papers, where, _card, _: papers.deliver(where)),
    (1, lambda papers, where, _card, _: papers.deliver(where, 1)),
    (1, lambda papers, _, _card, number: papers.settle(number)),
    (3, lambda papers, where, _card, _: papers.bring(where)),
    (2, lambda papers, where, _card, _: papers.bring_unanswered(where)),
    (2, lambda papers, where, _card, _: papers.answer(where)),
    (1, lambda papers, where, _card, _: papers.park(where)),
    (1, lambda papers, where, card, _: papers.take_back(where, card)),
    (1, lambda papers, where, card, _: papers.take_back_unanswered(where, card)),
    (3, lambda papers, _, card, _number: papers.finish(card)),
    (2, lambda papers, _, card, _number: papers.void(card, VoidReason.DAMAGED)),
    (1, lambda papers, _, card, _number: papers.void(card, VoidReason.LOST)),
    (1, lambda papers, where, card, _: papers.lose(where, card)),
    (2, lambda papers, _, card, _number: papers.replace(card)),
    (3, lambda papers, _, card, _number: papers.make_anew(card)),
    (1, lambda papers, _, _card, _number: papers.pack()),
)
"""What may happen to the set, and how often beside the rest."""

CARRYING: Deeds = (
    (6, lambda papers, where, card, _: papers.scan(where, card)),
    (3, lambda papers, where, _card, _: papers.fall_silent(where)),
    (2, lambda papers, where, _card, _: papers.deliver(where)),
    (1, lambda papers, where, _card, _: papers.deliver(where, 1)),
    (3, lambda papers, where, _card, _: papers.bring(where)),
    (2, lambda papers, where, _card, _: papers.bring_unanswered(where)),
    (2, lambda papers, where, _card, _: papers.answer(where)),
    (1, lambda papers, where, _card, _: papers.park(where)),
    (1, lambda papers, where, card, _: papers.take_back(where, card)),
    (1, lambda papers, where, card, _: papers.take_back_unanswered(where, card)),
    (1, lambda papers, _, _card, _number: papers.pack()),
)
"""What may happen to a tray that is carried about, all of whose cards have passed."""


def steps_of(deeds: Deeds) -> st.SearchStrategy[list[Step]]:
    """Draw what happens: which deed, at which station, with which card.

    Each step is drawn as one number: three draws would take as long as the step.
    """
    every = sum(times for times, _ in deeds)
    return st.lists(st.integers(0, every * 2 * MOST_CARDS - 1), max_size=12).map(lambda drawn: [*map(_told, drawn)])


def _told(drawn: int) -> Step:
    rest, number = divmod(drawn, MOST_CARDS)
    return *divmod(rest, 2), number


def played(beginning: Callable[[Line], tuple[CardUnitId, ...]], deeds: Deeds, steps: Sequence[Step]) -> Papers:
    """Do what was drawn, until the set is packed."""
    line = Line()
    line.furnish()
    papers = Papers(line, come_to(line, beginning))
    often = [deed for times, deed in deeds for _ in range(times)]
    for deed, where, number in steps:
        if not papers.is_packed:
            every = papers.every()
            often[deed](papers, where, every[number % len(every)], number)
    return papers


@pytest.mark.timeout(3600)
@settings(searched, max_examples=2 * searched.max_examples)
@given(steps_of(DEEDS), st.booleans())
def test_no_wrong_set_is_packed_and_every_set_can_still_be(steps: Sequence[Step], carried_on: bool) -> None:
    """Whatever was laid in offline, voided, made anew, carried on, taken back, delivered late, refused and settled."""
    papers = played(two_cards_in_hand, DEEDS, steps)
    papers.come_through(carried_on=carried_on)
    assert papers.tray.status is AssemblyStatus.PACKED


@pytest.mark.timeout(3600)
@settings(searched, max_examples=10 * searched.max_examples)
@given(steps_of(CARRYING), st.booleans())
def test_a_tray_is_one_pile_however_it_is_carried_about(steps: Sequence[Step], carried_on: bool) -> None:
    """By its label only or with cards laid in after it, to and fro, while either station has nobody to ask."""
    papers = played(three_passed_cards_in_hand, CARRYING, steps)
    papers.come_through(carried_on=carried_on)
    assert papers.tray.status is AssemblyStatus.PACKED


def in_every_order(one: Sequence[T], other: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """Every way in which two rows of events can come about at the same time."""
    for places in combinations(range(len(one) + len(other)), len(one)):
        first, second = iter(one), iter(other)
        yield tuple(next(first if place in places else second) for place in range(len(one) + len(other)))


@pytest.mark.parametrize("is_brought_back", [False, True])
@pytest.mark.parametrize("begun", ["card", "label"])
def test_two_stations_with_one_tray_pack_no_wrong_set_in_any_order(*, begun: str, is_brought_back: bool) -> None:
    """One begins the tray and the other brings it, both fall silent, lay cards in and deliver: in every order."""
    first = (lambda papers: papers.scan(0, cards[0])) if begun == "card" else (lambda papers: papers.bring(0))
    here: list[Callable[[Papers], None]] = [
        first,
        lambda papers: papers.fall_silent(0),
        lambda papers: papers.scan(0, cards[1]),
        lambda papers: papers.deliver(0),
        *([lambda papers: papers.bring(0)] if is_brought_back else []),
    ]
    there: list[Callable[[Papers], None]] = [
        lambda papers: papers.bring(1),
        lambda papers: papers.fall_silent(1),
        lambda papers: papers.scan(1, cards[2]),
        lambda papers: papers.deliver(1),
    ]
    for order in in_every_order(here, there):
        line = Line()
        line.furnish()
        cards = come_to(line, three_passed_cards_in_hand)
        papers = Papers(line, cards)
        for deed in order:
            deed(papers)
        papers.come_through(carried_on=False)
        assert papers.tray.status is AssemblyStatus.PACKED


def test_a_label_that_is_answered_late_brings_no_tray_back_in_any_order() -> None:
    """One reads the label and waits, the other brings the tray meanwhile and fills it: in every order."""
    here: list[Callable[[Papers], None]] = [
        lambda papers: papers.bring_unanswered(0),
        lambda papers: papers.answer(0),
        lambda papers: papers.fall_silent(0),
        lambda papers: papers.scan(0, cards[1]),
        lambda papers: papers.deliver(0),
    ]
    there: list[Callable[[Papers], None]] = [
        lambda papers: papers.bring(1),
        lambda papers: papers.scan(1, cards[2]),
        lambda papers: papers.scan(1, cards[0]),
    ]
    for order in in_every_order(here, there):
        line = Line()
        line.furnish()
        cards = come_to(line, three_passed_cards_in_hand)
        papers = Papers(line, cards)
        for deed in order:
            deed(papers)
        papers.come_through(carried_on=False)
        assert papers.tray.status is AssemblyStatus.PACKED


def test_a_card_that_is_taken_out_unanswered_is_packed_by_nobody_in_any_order() -> None:
    """One takes a card out as the database falls silent, the other brings the tray and fills it: in every order."""
    here: list[Callable[[Papers], None]] = [
        lambda papers: papers.scan(0, cards[0]),
        lambda papers: papers.take_back_unanswered(0, cards[0]),
        lambda papers: papers.scan(0, cards[1]),
        lambda papers: papers.deliver(0),
    ]
    there: list[Callable[[Papers], None]] = [
        lambda papers: papers.bring(1),
        lambda papers: papers.scan(1, cards[1]),
        lambda papers: papers.scan(1, cards[2]),
        lambda papers: papers.pack(),
    ]
    for order in in_every_order(here, there):
        line = Line()
        line.furnish()
        cards = come_to(line, three_passed_cards_in_hand)
        papers = Papers(line, cards)
        for deed in order:
            if not papers.is_packed:
                deed(papers)
        papers.come_through(carried_on=False)
        assert papers.tray.status is AssemblyStatus.PACKED
