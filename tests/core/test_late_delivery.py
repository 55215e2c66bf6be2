"""Cards that are laid into a tray offline and delivered late: no wrong set is packed, and every set can still be."""

from collections.abc import Callable, Sequence

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

Step = tuple[int, int, int]


def two_cards_in_hand(line: Line) -> tuple[CardUnitId, ...]:
    """Cut a sheet of two."""
    line.start(spec("TWO", n_up=2, rows=1))
    return line.cut(SHEET)


DEEDS: tuple[tuple[int, Callable[[Papers, int, CardUnitId, int], None]], ...] = (
    (8, lambda papers, where, card, _: papers.scan(where, card)),
    (3, lambda papers, where, _card, _: papers.fall_silent(where)),
    (2, lambda papers, where, _card, _: papers.deliver(where)),
    (1, lambda papers, where, _card, _: papers.deliver(where, 1)),
    (1, lambda papers, _, _card, number: papers.settle(number)),
    (3, lambda papers, where, _card, _: papers.bring(where)),
    (1, lambda papers, where, _card, _: papers.park(where)),
    (1, lambda papers, where, card, _: papers.take_back(where, card)),
    (3, lambda papers, _, card, _number: papers.finish(card)),
    (2, lambda papers, _, card, _number: papers.void(card, VoidReason.DAMAGED)),
    (1, lambda papers, _, card, _number: papers.void(card, VoidReason.LOST)),
    (1, lambda papers, where, card, _: papers.lose(where, card)),
    (2, lambda papers, _, card, _number: papers.replace(card)),
    (3, lambda papers, _, card, _number: papers.make_anew(card)),
    (1, lambda papers, _, _card, _number: papers.pack()),
)
"""What may happen to the set, and how often beside the rest."""

OFTEN = [deed for times, deed in DEEDS for _ in range(times)]
STEPS = st.lists(st.tuples(st.integers(0, len(OFTEN) - 1), st.integers(0, 1), st.integers(0, 11)), max_size=12)


@pytest.mark.timeout(3600)
@settings(searched, max_examples=2 * searched.max_examples)
@given(STEPS, st.booleans())
def test_no_wrong_set_is_packed_and_every_set_can_still_be(steps: Sequence[Step], carried_on: bool) -> None:
    """Whatever was laid in offline, voided, made anew, carried on, taken back, delivered late, refused and settled."""
    line = Line()
    line.furnish()
    papers = Papers(line, come_to(line, two_cards_in_hand))
    for deed, where, number in steps:
        if not papers.is_packed:
            every = papers.every()
            OFTEN[deed](papers, where, every[number % len(every)], number)
    papers.come_through(carried_on=carried_on)
    assert papers.tray.status is AssemblyStatus.PACKED
