"""Values on their way to the server: what is sent is what arrives, whatever it holds."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.streams import AggregateType
from core.projections import CardUnitRow
from store.connecting import ConnectionSettings
from store.pool import Lane
from store.read_models.tables import READ_MODELS, RowsForm
from store.wire import as_text

_AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["a", "b"],
        ["alike", "alike"],
        [None, "NULL", None],
        [None, None],
        ['"', "\\", "\\\"', {,}", ""],
        ["é", "العربية", "[red]\x1b[2J"],
    ],
)
async def test_an_array_arrives_as_it_was_sent(database_dsn: str, texts: list[str | None]) -> None:
    """Quotes, backslashes, braces, NULLs and values that are all alike come through an array parameter."""
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=None))
    try:
        ((said,),) = await lane.run(b"SELECT to_json($1::text[])", (texts,))
    finally:
        await lane.close()
    assert json.loads(said) == texts


@given(st.lists(st.none() | st.integers() | st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_an_array_has_as_many_elements_as_were_given(values: list[object]) -> None:
    """No value breaks out of its place: without what is quoted or escaped, the commas count the elements."""
    array = as_text(values)
    assert array is not None
    inside, is_quoted, is_escaped, commas = array[1:-1], False, False, 0
    for byte in inside.decode():
        if is_escaped:
            is_escaped = False
        elif byte == "\\":
            is_escaped = True
        elif byte == '"':
            is_quoted = not is_quoted
        elif byte == "," and not is_quoted:
            commas += 1
    assert not is_quoted
    assert commas + 1 == max(1, len(values))


def _card(position: int, **differs: object) -> CardUnitRow:
    said = {
        "card_unit_id": f"J1044-S003-{position:02d}", "sheet_id": "J1044-S003", "job_id": "J1044",
        "order_id": "PO2026-0117", "spec_code": "GOLD", "product_name": "Gold", "position": position,
        "status": "CREATED", "station_id": None, "last_station_id": None, "operation": None, "work": None,
        "operator_id": None, "since": _AT, "ready": "QA", "ready_operations": "QA", "waiting_since": _AT,
        "qa_attempts": 0, "last_outcome": None, "last_codes": (), "rework": 0, "number": None, "serial": None,
        "assembly_id": None, "pack_id": None, "void_reason": None, "replaces": None, "replaced_by": None,
        "created_at": _AT, "updated_at": _AT, "version": 1,
    }  # fmt: skip
    return CardUnitRow(**{**said, **differs})  # pyright: ignore[reportArgumentType] - a row of plain text will do


def test_only_rows_that_differ_in_key_and_number_are_born_together() -> None:
    """Rows that differ in anything else are written each in full, or the others would be given the first one's."""
    cards = READ_MODELS[AggregateType.CARD_UNIT]
    assert cards.form([_card(1)]) is RowsForm.ONE
    assert cards.form([_card(1), _card(2), _card(3)]) is RowsForm.BORN_TOGETHER
    assert cards.form([_card(1), _card(2), _card(3, ready="FOIL")]) is RowsForm.MANY
    assert cards.form([_card(1, version=2), _card(2, version=2)]) is RowsForm.MANY
    assert cards.given(RowsForm.BORN_TOGETHER, [_card(1), _card(2)])[1:] == [
        ("J1044-S003-01", "J1044-S003-02"),
        (1, 2),
    ]
