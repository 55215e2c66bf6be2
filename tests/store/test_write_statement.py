"""How a command's events and rows are handed to the server: in the fewest words that still say all of it."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import get_args, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.events import CardUnitCreated, CardUnitEnteredStation, Event, SequentialNumberApplied, SheetCreated
from core.domain.events.cards import CardFact
from core.domain.streams import AggregateType, Append, StreamKey
from core.domain.values import OperationType, SequentialNumber, StepRef
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperationCode,
    OperatorId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)
from core.projections import MOVED_COLUMNS, CardUnitRow
from store import write_statement
from store.births import BirthParameters, Births, births_of, events_born
from store.chain import GENESIS, Links
from store.codec import SCHEMA_VERSIONS, decode_event, encode_event
from store.connecting import ConnectionSettings
from store.pool import Lane
from store.read_models.tables import READ_MODELS, ReadModel, RowsForm
from store.write_statement import Batch, rows_left
from tests.core.shop import spec
from tests.support.floor import Floor

_AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
_QA = StepRef(operation=OperationCode("QA"), work=OperationType.QA)
_READY = (_QA,)
_CARDS = READ_MODELS[AggregateType.CARD_UNIT]
_COMMAND = UUID("0b2f7a3e-1f2d-4c3b-8a49-5d6e7f809102")
_LINKS = Links(None, None, _COMMAND)


def _card(position: int, **differs: object) -> CardUnitCreated:
    said = {
        "occurred_at": _AT, "operator_id": "OP-42", "station_id": "CUT-1", "card_unit_id": f"J1044-S003-{position:02d}",
        "sheet_id": "J1044-S003", "job_id": "J1044", "spec_code": "GOLD", "position": position,
        "order_id": "PO2026-0117", "product_name": "Gold", "n_up": 18, "ready": _READY,
    }  # fmt: skip
    return CardUnitCreated(**{**said, **differs})  # pyright: ignore[reportArgumentType] - plain text will do for ids


def _entered(position: int) -> CardUnitEnteredStation:
    return CardUnitEnteredStation(
        occurred_at=_AT, operator_id=OperatorId("OP-42"), station_id=StationId("QA-1"),
        card_unit_id=CardUnitId(f"J1044-S003-{position:02d}"), sheet_id=SheetId("J1044-S003"), job_id=JobId("J1044"),
        spec_code=SpecCode("GOLD"), position=position, operation=_QA.operation, work=_QA.work,
    )  # fmt: skip


def _begun(model: ReadModel, events: tuple[Event, ...]) -> Append:
    return Append(StreamKey(model.kind, getattr(events[0], model.key)), 0, events)


def _births(*streams: tuple[Event, ...], of: ReadModel = _CARDS) -> Births | None:
    return births_of(of, [_begun(of, events) for events in streams], _LINKS)


# -- rows ------------------------------------------------------------------------


def _left(*streams: tuple[tuple[Event, ...], tuple[Event, ...]]) -> Batch:
    """Return the rows of cards that had the first and got the second events."""
    appends = [
        Append(StreamKey(_CARDS.kind, getattr((*before, *appended)[0], _CARDS.key)), len(before), appended)
        for before, appended in streams
    ]
    return rows_left(_CARDS, appends, [(*before, *appended) for before, appended in streams])


def test_only_what_moved_and_did_nothing_else_is_written_in_part() -> None:
    """A row is written whole as soon as anything of its stream, or of another's, is more than a move."""
    card, entered = _card(4), _entered(4)
    said = {field.name: getattr(entered, field.name) for field in fields(CardFact)}
    numbered = SequentialNumberApplied(**said, operation=_QA.operation, number=SequentialNumber(value=7, run_of=99))
    row = _CARDS.fold((card, entered))
    assert isinstance(row, CardUnitRow)
    moved = _left(((card,), (entered,)))
    assert moved.form is RowsForm.MOVED
    assert moved.given() == (row.card_unit_id, *[getattr(row, column) for column in MOVED_COLUMNS])
    assert _left(((card,), (entered, numbered))).form is RowsForm.ONE
    assert _left(((card, entered), (numbered,))).form is RowsForm.ONE
    assert _left(((), (card, entered))).form is RowsForm.ONE
    both = _left(((card,), (entered,)), ((_card(5),), (_entered(5),)))
    assert both.form is RowsForm.MANY
    assert both.rows == [row, _CARDS.fold((_card(5), _entered(5)))]


# -- units that are made by the dozen ------------------------------------------------


def test_only_units_that_differ_in_key_and_number_are_born_together() -> None:
    """Units that differ in anything else are written each in full, or the others would be given what is the first's."""
    one, two, other = (_card(1),), (_card(2),), (_card(3, ready=()),)
    born = _births(one, two)
    assert born is not None
    assert (born.keys, born.numbers) == (["J1044-S003-01", "J1044-S003-02"], [1, 2])
    assert born.row == _CARDS.fold(one)
    more = (_card(4), _entered(4))
    for streams in ((one,), (one, two, other), (other, one, two), (one, two, more), (more, one)):
        assert _births(*streams) is None


@pytest.mark.parametrize("differs", [{"n_up": 18.0}, {"ready": (replace(_QA),)}, {"position": 2.0}])
def test_what_is_equal_and_may_be_written_in_another_way_is_not_born_together(differs: dict[str, object]) -> None:
    """1, 1.0 and True are equal, and so is one moment in two zones; the log would say what the first one said."""
    assert _births((_card(1),), (replace(_card(2), **differs),), (_card(3),)) is None


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_event_of_another_stream_is_not_born_with_the_others(place: int) -> None:
    """It is written to the stream that was decided, not to the one that it names."""
    appends = [_begun(_CARDS, (_card(number),)) for number in (1, 2, 3)]
    appends[place] = Append(StreamKey(_CARDS.kind, "X-1"), 0, appends[place].events)
    assert births_of(_CARDS, appends, _LINKS) is None


async def test_the_sheets_of_a_job_and_the_cards_of_a_cut_are_born_together(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the rules decide is written in few words; else a cut would take longer, and nothing else would tell."""
    born: list[str] = []

    def watched(model: ReadModel, appends: Sequence[Append], links: Links) -> Births | None:
        births = births_of(model, appends, links)
        if births is not None:
            born.append(model.table)
        return births

    monkeypatch.setattr(write_statement, "births_of", watched)
    job = await floor.start(spec(), sets=2)
    await floor.cut(job)
    assert born == ["rm_sheets", "rm_card_units"]


def test_nothing_in_the_first_event_of_a_unit_has_a_field_of_the_name_of_its_key_or_number() -> None:
    """So in its payload these names are found once."""
    for model in READ_MODELS.values():
        for event_type in model.in_common:
            own = {model.key, str(model.born_by)}
            nested = {name for hint in get_type_hints(event_type).values() for name in _names_in(hint)}
            assert not own & nested


def _names_in(hint: object) -> set[str]:
    parts = {name for part in get_args(hint) for name in _names_in(part)}
    return parts | ({field.name for field in fields(hint)} if is_dataclass(hint) else set())


def test_units_that_were_there_before_are_not_born() -> None:
    """A stream that goes on has a past, which its chain goes on from."""
    appends = [
        Append(StreamKey(_CARDS.kind, card.card_unit_id), version, (card,))
        for version, card in enumerate((_card(1), _card(2)))
    ]
    assert births_of(_CARDS, appends, _LINKS) is None


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\x1bb", "é"])
def test_what_would_be_escaped_in_json_is_no_key_of_units_born_together(name: str) -> None:
    """The server puts keys into JSON as they are: one that would have to be escaped is written in full."""
    cards = [(_card(place, card_unit_id=f"{name}-{place}"),) for place in (1, 2)]
    assert (_births(*cards) is not None) is (name == "é")


@pytest.mark.parametrize("key", ['a"b', 'a","position":99,"x":"b', "a\\b", "a\nb"])
def test_a_key_that_would_be_escaped_keeps_the_plain_ones_before_it_from_being_born_together(key: str) -> None:
    """Put into JSON as it is, it could say anything in the name of another unit."""
    assert _births((_card(1),), (_card(2, card_unit_id=key),)) is None


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


_SHEET = SheetCreated(
    occurred_at=_AT, operator_id=None, station_id=None, sheet_id=SheetId("J7-S001"), job_id=JobId("J7"),
    spec_code=SpecCode("GOLD"), order_id=ProductionOrderId("PO2026-0117"), product_name="Gold", number=1,
    sheet_count=99, n_up=18, rows=3, columns=6, ready=(_QA,),
)  # fmt: skip
_FIRST = {AggregateType.CARD_UNIT: _card(1), AggregateType.SHEET: _SHEET}
_NAMES = (
    "Gold", "", 'Gold","position":1,"card_unit_id":"J7-S001-01', '"number":1,"sheet_id":"J7-S001-01"', "J7-S001-01",
    "back\\slash\\", "é العربية 🂡", "[red]\x1b[2J\x7f\n", "%s {} $1 '; --",
)  # fmt: skip


@pytest.mark.parametrize("model", [model for model in READ_MODELS.values() if model.in_common], ids=attrgetter("table"))
async def test_what_the_server_puts_together_is_what_each_event_says_and_its_link(
    model: ReadModel, database_dsn: str
) -> None:
    """Payloads and links of units born together are, to the byte, those that the kiosk would have made of each."""
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=None))
    try:
        for name in _NAMES:
            event = replace(_FIRST[model.kind], product_name=name)
            own = [{model.key: f"J7-S001-{place:02d}", str(model.born_by): place} for place in (1, 2, 12, 18)]
            events = [replace(event, **each) for each in own]
            born = _births(*[(each,) for each in events], of=model)
            assert born is not None
            given = BirthParameters(*[f"${place}" for place in range(1, len(BirthParameters._fields) + 1)])
            asked = f"SELECT * FROM ({events_born(model, given)}) AS b(kind, id, version, name, schema, payload, at,"
            found = await lane.run(f"{asked} operator, station, chain)".encode(), born.parameters[:-1])
            links = Links(None, None, _COMMAND)
            assert len(found) == len(events)
            for each, (kind, key, version, event_type, schema, payload, at, operator, station, chain) in zip(
                events, found, strict=True
            ):
                stream = StreamKey(model.kind, getattr(each, model.key))
                named = (stream, 1, type(each).__name__, SCHEMA_VERSIONS[type(each).__name__])
                said_by = (each.occurred_at, each.operator_id, each.station_id)
                assert ((kind, key), version, event_type, schema) == named
                assert (at, operator, station) == said_by
                assert decode_event(event_type, schema, payload) == each
                assert chain == links.link(GENESIS, named, encode_event(each), said_by)
    finally:
        await lane.close()
