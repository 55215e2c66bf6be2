"""The search itself: it finds what is hidden deep, the same from the same seed, and nothing in the product now."""

import pytest

from core.identity.ids import parse_sheet_id
from tests.fuzz.loop import Target, search
from tests.fuzz.targets import TARGETS


def _breaks_for_a_sheet(given: bytes) -> None:
    found = parse_sheet_id(given.decode("latin-1"))
    assert found is None, found


def test_a_rule_that_breaks_for_one_kind_of_code_is_found() -> None:
    """No seed is a sheet: what the parser's lines tell leads there."""
    planted = Target(name="planted", check=_breaks_for_a_sheet, seeds=(b"J1044",), words=(b"-S001", b"-", b"x"))
    found = search(planted, seed=1, seconds=0, runs=4_000)
    (finding,) = found.findings.values()
    assert b"S001" in finding.given


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_is_found_in_the_product(target: Target) -> None:
    """A short search in every run of the tests; ``make fuzz`` goes on for longer."""
    found = search(target, seed=20_261, seconds=0, runs=60)
    assert found.runs == 60
    assert found.edges
    assert not found.findings, "\n".join(finding.story for finding in found.findings.values())


def test_two_searches_from_one_seed_are_alike() -> None:
    """So that what was found elsewhere can be found again."""
    target = next(target for target in TARGETS if target.name == "ids")
    one, other = (search(target, seed=7, seconds=0, runs=300) for _ in range(2))
    assert one.corpus == other.corpus
