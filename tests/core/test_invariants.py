"""A whole shop under generated histories: right work, slips and mischief, invariants after every step.

``KIOSK_HYPOTHESIS=thorough`` searches for minutes instead of seconds.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from core.domain.values import ProductSpec
from core.identity.ids import sheet_id
from tests.core.deeds import gathering, loss, office, outage, packing, slips, work
from tests.core.deeds.telling import Luck
from tests.core.floor import Floor
from tests.core.ledger import Ledger
from tests.core.line import LONG_ROUTE
from tests.core.searching import MOST_DEEDS, searched
from tests.core.shop import FULL_ROUTE, PLAIN_ROUTE, spec

PRODUCTS = (
    spec("PLAIN", n_up=3, rows=1, route=PLAIN_ROUTE),
    spec("SINGLE", n_up=1, rows=1, route=PLAIN_ROUTE),
    spec("FULL", n_up=4, route=FULL_ROUTE),
    spec("LONG", n_up=2, route=LONG_ROUTE),
)

DEEDS = (*work.DEEDS, *gathering.DEEDS, *loss.DEEDS, *packing.DEEDS, *slips.DEEDS, *outage.DEEDS, *office.DEEDS)


JOBS = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(0, 5)), min_size=1, max_size=3)
LENGTHS = st.sampled_from((*range(1, MOST_DEEDS), *[MOST_DEEDS] * 3 * MOST_DEEDS))
"""How many deeds a history has: mostly all that there may be, and as few as possible where it is made smaller."""


def jobs_under_way(jobs: Sequence[tuple[ProductSpec, int]], sets: int) -> tuple[Floor, Ledger]:
    """One to three jobs of several products; the first sheet of each is some way ahead."""
    floor, ledger = _under_way(tuple(jobs), sets)
    twin = floor.twin()
    return twin, ledger.twin_of(twin)


@cache
def _under_way(jobs: tuple[tuple[ProductSpec, int], ...], sets: int) -> tuple[Floor, Ledger]:
    """Played and checked once for all histories that begin so."""
    if not jobs:
        floor = Floor()
        floor.furnish()
        return floor, Ledger(floor)
    floor, ledger = jobs_under_way(jobs[:-1], sets)
    number, (product, ahead) = len(jobs), jobs[-1]
    job = floor.start(product, sets=sets, job=f"J{1000 + number}", order=f"PO2026-{number:04d}")
    first = sheet_id(job, 1)
    if ahead >= 1:
        floor.cut(first)
    if ahead >= 2:
        floor.clear(*floor.tray(first).missing[1:])
        floor.fail(floor.tray(first).missing[0])
    if ahead == 2 and number == 1:
        floor.rework(floor.tray(first).missing[0], product.route.steps[-1].operation)
        floor.clear(floor.tray(first).missing[0])
    if ahead >= 3:
        floor.replace(floor.tray(first).missing[0])
    if ahead >= 4:
        floor.complete(first)
    if ahead >= 5:
        floor.authorize(first)
        floor.pack(first)
    ledger.check()
    return floor, ledger


def play(jobs: Sequence[tuple[ProductSpec, int]], sets: int, drawn: bytes, length: int) -> None:
    """Many jobs, stations and people at once, and everything that can go wrong among them.

    All luck of a history is drawn at once: a draw for every deed would cost more than the deeds.
    """
    floor, ledger = jobs_under_way(jobs, sets)
    for begin in range(0, length * Luck.BYTES, Luck.BYTES):
        luck = Luck(drawn[begin : begin + Luck.BYTES])
        deed = luck.one_of(DEEDS)
        said = deed.said(luck)
        note((deed.happens.__name__, said))
        deed.happens(floor, **said)
        # Also after whatever was refused.
        ledger.check()
    REACHED.update(ledger.told.keys() | floor.outcomes.keys())
    for told in MUST_BE_REACHED & ledger.told.keys():
        event(told)


REACHED: Counter[str] = Counter()
"""In how many runs each kind of event, transition and answer was seen."""

MUST_BE_REACHED = {
    "Job STARTED→COMPLETED",
    "ProductionOrder PLACED→FULFILLED",
    "ProductionOrder PLACED→CANCELLED",
    "Job CREATED→CANCELLED",
    "HeldInside",
    "LineCovered",
    "TrayBrought",
    "TrayElsewhere",
    "VoidCardInTray",
    "VoidedCardTakenOut",
    "RefusedCardInTray",
    "RefusedCardsInSet",
    "HeldScanSettled",
    "a refused card was gathered after all",
    "a tray was brought to another station",
    "a cancelled job had packed sets",
    "OrderOnFloor",
    "packed with an authorized replacement",
    "passed after rework",
    "EventCorrected",
    "Assembly COMPLETE→IN_PROGRESS",
    "CardUnit ASSEMBLED→QA_PASSED",
    "CardUnit ASSEMBLED→VOIDED",
    "SequentialNumberApplied",
    "NumberOfAnother",
    "a replacement bears the number that it took over",
    "MemorabiliaPlaced",
    "AuthorizerGathered",
    "PinLocked",
    "NotCorrectable",
    "SetIncomplete",
}


@cache
def _played() -> Counter[str]:
    """Play the shop; once for all tests of this module."""
    REACHED.clear()
    # A shop has more to do than any other property: rarer deeds would hang on the luck of a few runs.
    longer = settings(searched, max_examples=3 * searched.max_examples)
    luck = st.binary(min_size=MOST_DEEDS * Luck.BYTES, max_size=MOST_DEEDS * Luck.BYTES)
    longer(given(JOBS, st.integers(1, 2), luck, LENGTHS)(play))()
    return REACHED


@pytest.mark.timeout(3600)
def test_the_shop_keeps_its_invariants_whatever_happens() -> None:
    """After every step of every generated history all invariants of the core hold."""
    _played()


@pytest.mark.timeout(3600)
def test_the_generated_histories_reach_everything_that_is_to_be_tried() -> None:
    """A property that is only tried on young shops proves little."""
    # One test for all of it: shared out among processes, each would play the shop for its share.
    assert not MUST_BE_REACHED - _played().keys()
