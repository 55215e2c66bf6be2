"""Values on their way to the server: what is sent is what arrives, whatever it holds."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.events import CardUnitCreated, CardUnitEnteredStation, Event, SequentialNumberApplied
from core.domain.events.cards import CardFact
from core.domain.streams import AggregateType
from core.domain.values import OperationType, SequentialNumber, StepRef
from core.identity.ids import CardUnitId, JobId, OperationCode, OperatorId, SheetId, SpecCode, StationId
from core.projections import MOVED_COLUMNS, CardUnitRow
from store.codec import encode
from store.connecting import ConnectionSettings
from store.pool import Lane
from store.read_models.tables import READ_MODELS, ReadModel, RowsForm
from store.wire import as_text
from store.write_statement import Batch

_AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
_QA = StepRef(operation=OperationCode("QA"), work=OperationType.QA)


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
        ["between\x1fthem", "\x1f", "a"],
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


async def test_both_hours_of_an_autumn_night_arrive(database_dsn: str) -> None:
    """To Python the two moments are equal in their own zone; to the log they are an hour apart."""
    summer = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=None))
    try:
        said = [(await lane.run(b"SELECT $1::timestamptz", (each,)))[0][0] for each in (summer, summer.replace(fold=1))]
    finally:
        await lane.close()
    assert said == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]


def _card(position: int, **differs: object) -> CardUnitCreated:
    said = {
        "occurred_at": _AT, "operator_id": "OP-42", "station_id": "CUT-1", "card_unit_id": f"J1044-S003-{position:02d}",
        "sheet_id": "J1044-S003", "job_id": "J1044", "spec_code": "GOLD", "position": position,
        "order_id": "PO2026-0117", "product_name": "Gold", "n_up": 18, "ready": (_QA,),
    }  # fmt: skip
    return CardUnitCreated(**{**said, **differs})  # pyright: ignore[reportArgumentType] - plain text will do for ids


def _entered(position: int) -> CardUnitEnteredStation:
    return CardUnitEnteredStation(
        occurred_at=_AT, operator_id=OperatorId("OP-42"), station_id=StationId("QA-1"),
        card_unit_id=CardUnitId(f"J1044-S003-{position:02d}"), sheet_id=SheetId("J1044-S003"), job_id=JobId("J1044"),
        spec_code=SpecCode("GOLD"), position=position, operation=_QA.operation, work=_QA.work,
    )  # fmt: skip


def _batch(*streams: tuple[Event, ...]) -> Batch:
    batch = Batch(READ_MODELS[AggregateType.CARD_UNIT])
    for events in streams:
        batch.add(getattr(events[0], "card_unit_id", ""), events, events)
    return batch


def test_only_rows_that_differ_in_key_and_number_are_born_together() -> None:
    """Rows that differ in anything else are written each in full, or the others would be given the first one's."""
    one, two, other = (_card(1),), (_card(2),), (_card(3, ready=()),)
    entered = _entered(4)
    fold = READ_MODELS[AggregateType.CARD_UNIT].fold
    assert _batch(one).form is RowsForm.ONE
    assert _batch(one, two).form is RowsForm.BORN_TOGETHER
    assert _batch(one, two).given() == [encode(fold(one)), ("J1044-S003-01", "J1044-S003-02"), (1, 2)]
    for streams in ((one, two, other), (other, one, two), (one, two, (_card(4), entered)), ((_card(4), entered), one)):
        batch = _batch(*streams)
        assert batch.form is RowsForm.MANY
        assert sorted(batch.rows, key=attrgetter("card_unit_id")) == sorted(
            map(fold, streams), key=attrgetter("card_unit_id")
        )


def test_only_what_moved_and_did_nothing_else_is_written_in_part() -> None:
    """A row is written whole as soon as anything of its stream, or of another's, is more than a move."""
    fold = READ_MODELS[AggregateType.CARD_UNIT].fold
    card, entered = _card(4), _entered(4)
    said = {field.name: getattr(entered, field.name) for field in fields(CardFact)}
    numbered = SequentialNumberApplied(**said, operation=_QA.operation, number=SequentialNumber(value=7, run_of=99))
    row = fold((card, entered))
    assert isinstance(row, CardUnitRow)

    def batch(*streams: tuple[tuple[Event, ...], tuple[Event, ...]]) -> Batch:
        written = Batch(READ_MODELS[AggregateType.CARD_UNIT])
        for before, appended in streams:
            written.add("", (*before, *appended), appended)
        return written

    moved = batch(((card,), (entered,)))
    assert moved.form is RowsForm.MOVED
    assert moved.given() == (row.card_unit_id, *[getattr(row, column) for column in MOVED_COLUMNS])
    assert batch(((card,), (entered, numbered))).form is RowsForm.ONE
    assert batch(((card, entered), (numbered,))).form is RowsForm.ONE
    assert batch(((), (card, entered))).form is RowsForm.ONE
    assert batch(((card,), (entered,)), ((_card(5),), (_entered(5),))).form is RowsForm.MANY


@given(st.data())
@pytest.mark.parametrize("model", [model for model in READ_MODELS.values() if model.in_common], ids=attrgetter("table"))
def test_rows_whose_first_events_say_the_same_are_the_same(model: ReadModel, data: st.DataObject) -> None:
    """Where two first events differ in key and number only, so do their rows: the second need not be folded."""
    for event_type in model.in_common:
        event = data.draw(st.builds(event_type))
        own = {model.key: "J7-S001-09", str(model.born_by): 9}
        row = model.fold((event,))
        assert row is not None
        assert model.fold((replace(event, **own),)) == replace(row, **own)
