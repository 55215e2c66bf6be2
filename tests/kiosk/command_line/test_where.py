"""`kiosk where` in words."""

from dataclasses import replace

from core.domain.values import CardUnitStatus
from core.projections import fold_card_unit
from kiosk.cli.where import described
from kiosk.wording.spoken import Words
from tests.core.projections.lives import CardLife


def test_a_card_that_only_waits_for_its_set_is_ready_for_assembly() -> None:
    """No operation of its route is left, and still the line says for what it waits."""
    row = fold_card_unit(CardLife().events)
    assert row is not None
    passed = replace(row, status=CardUnitStatus.QA_PASSED, ready="ASSEMBLE", ready_operations="")
    _, answers = described(passed, Words())
    assert dict(answers)["ready for"] == "assembly"
    _, answers = described(row, Words())
    assert dict(answers)["ready for"] == "NUMBER-A at numbering"
