"""Every thing has one id: a number is never padded beyond its least width."""

import pytest

from core.identity.ids import parse_card_unit_id, parse_job_id, parse_order_id, parse_pack_id, parse_sheet_id


@pytest.mark.parametrize("sheet", ["J1044-S0003", "J01044-S003", "J1044-S00003"])
def test_a_padded_sheet_number_is_no_id(sheet: str) -> None:
    """J1044-S0003 would be a second name of sheet 3."""
    assert parse_sheet_id(sheet) is None
    assert parse_card_unit_id(f"{sheet}-07") is None


def test_numbers_may_outgrow_their_least_width() -> None:
    """The thousandth sheet has four digits, and so on for jobs, orders and boxes."""
    assert parse_sheet_id("J1044-S1000") == "J1044-S1000"
    assert parse_job_id("J10440") == "J10440"
    assert parse_order_id("PO2026-11700") == "PO2026-11700"
    assert parse_pack_id("J1044-BX1000") == "J1044-BX1000"
    assert parse_pack_id("J1044-BX0100") is None
    assert parse_order_id("PO2026-01170") is None
