"""Rules that hold for every fold, and the agreement of rows with decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import FrozenInstanceError, replace
from functools import reduce
from typing import Any, get_args

import pytest
from hypothesis import given

from core.domain.events import (
    EVENT_TYPES,
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    Event,
    EventCorrected,
    GateApproved,
    JobCreated,
    PrintCompleted,
    SheetEnteredStation,
    SheetExitedStation,
    SheetOperationCompleted,
)
from core.domain.streams import AggregateType
from core.production.assembly import evolve_assembly, needs_authorization
from core.production.card_unit_operations import evolve_card
from core.production.sheet_operations import evolve_sheet
from core.projections import (
    MOVED_COLUMNS,
    MOVES,
    ROW_FOLDS,
    ForeignEventError,
    Row,
    assemblies,
    card_units,
    fold_assembly,
    fold_card_unit,
    fold_sheet,
    jobs,
    operators,
    orders,
    packs,
    sheets,
    specs,
    stations,
)
from tests.core.projections import office
from tests.core.projections.drawn_lives import card_lives, set_lives, sheet_lives
from tests.core.projections.lives import CardLife, Life
from tests.core.projections.lives_before_and_after import SetLife, SheetLife
from tests.core.searching import searched

HANDLED: Mapping[AggregateType, tuple[Mapping[type[Event], Any], Mapping[type[Event], Any]]] = {
    AggregateType.ORDER: (orders.ORDER_BEGINS, orders.ORDER_ARMS),
    AggregateType.JOB: (jobs.JOB_BEGINS, jobs.JOB_ARMS),
    AggregateType.SHEET: (sheets.SHEET_BEGINS, sheets.SHEET_ARMS),
    AggregateType.CARD_UNIT: (card_units.CARD_UNIT_BEGINS, card_units.CARD_UNIT_ARMS),
    AggregateType.ASSEMBLY: (assemblies.ASSEMBLY_BEGINS, assemblies.ASSEMBLY_ARMS),
    AggregateType.PACK: (packs.PACK_BEGINS, packs.PACK_ARMS),
    AggregateType.STATION: (stations.STATION_BEGINS, stations.STATION_ARMS),
    AggregateType.OPERATOR: (operators.OPERATOR_BEGINS, operators.OPERATOR_ARMS),
    AggregateType.PRODUCT_SPEC: (specs.SPEC_BEGINS, specs.SPEC_ARMS),
}

BEGINNINGS: Mapping[AggregateType, Sequence[Event]] = {
    AggregateType.ORDER: office.order_placed(Life()).events,
    AggregateType.JOB: office.job_created(Life()).events,
    AggregateType.SHEET: SheetLife().events,
    AggregateType.CARD_UNIT: CardLife().events,
    AggregateType.ASSEMBLY: SetLife().events,
    AggregateType.PACK: office.pack_opened(Life()).events,
    AggregateType.STATION: office.station_defined(Life()).events,
    AggregateType.OPERATOR: office.operator_registered(Life()).events,
    AggregateType.PRODUCT_SPEC: office.spec_defined(Life()).events,
}


def test_every_event_type_changes_some_row() -> None:
    """A new event type cannot be forgotten; corrections are applied to the others."""
    handled = {event_type for tables in HANDLED.values() for table in tables for event_type in table}
    assert handled == set(EVENT_TYPES.values()) - {EventCorrected}


def test_every_kind_of_stream_has_a_fold() -> None:
    """Whatever the log holds can be rebuilt."""
    assert set(ROW_FOLDS) == set(AggregateType) == set(HANDLED) == set(BEGINNINGS)


@pytest.mark.parametrize("kind", list(AggregateType))
def test_an_empty_stream_has_no_row(kind: AggregateType) -> None:
    """What was never said to exist is in no table."""
    assert ROW_FOLDS[kind](()) is None


@pytest.mark.parametrize("kind", list(AggregateType))
def test_a_stream_that_was_begun_has_a_row_of_its_version(kind: AggregateType) -> None:
    """One event is enough for a row."""
    row = ROW_FOLDS[kind](BEGINNINGS[kind])
    assert row is not None
    assert row.version == 1


@pytest.mark.parametrize("kind", list(AggregateType))
def test_an_event_of_another_kind_of_stream_is_a_programming_error(kind: AggregateType) -> None:
    """An event in the wrong stream is named, not ignored, first or later; a job's making concerns its order too."""
    own = {event_type for table in HANDLED[kind] for event_type in table}
    for other in set(AggregateType) - {kind}:
        foreign = BEGINNINGS[other][0]
        message = f"{kind} stream cannot .* {type(foreign).__name__}"
        with pytest.raises(ForeignEventError, match=message):
            ROW_FOLDS[kind]([foreign])
        if type(foreign) in own:
            assert (kind, type(foreign)) == (AggregateType.ORDER, JobCreated)
            continue
        with pytest.raises(ForeignEventError, match=message):
            ROW_FOLDS[kind]([*BEGINNINGS[kind], foreign])


@pytest.mark.parametrize("kind", list(AggregateType))
def test_a_row_is_a_frozen_dataclass_of_its_read_model(kind: AggregateType) -> None:
    """However a fold fills a row, whoever gets it cannot change it."""
    row = ROW_FOLDS[kind](BEGINNINGS[kind])
    assert row is not None
    assert type(row) in get_args(Row)
    again = replace(row)
    assert (again, hash(again), repr(again)) == (row, hash(row), repr(row))
    with pytest.raises(FrozenInstanceError):
        row.version = 2  # pyright: ignore[reportAttributeAccessIssue]


def test_a_stream_cannot_begin_in_the_middle() -> None:
    """Half a stream is a fault of whoever loaded it."""
    with pytest.raises(ForeignEventError, match="cannot begin with CardUnitEnteredStation"):
        fold_card_unit(CardLife().passes().events[1:])


@searched
@given(card_lives())
def test_folding_reads_and_never_writes(life: CardLife) -> None:
    """A fold is pure: the same events give the same row, as list or tuple, and stay as they were."""
    before = list(life.events)
    first = fold_card_unit(life.events)
    assert fold_card_unit(tuple(life.events)) == first
    assert life.events == before


@searched
@given(card_lives())
def test_a_longer_stream_does_not_change_what_was_true_before(life: CardLife) -> None:
    """The row at every version is the fold of the events up to it: as-of needs nothing else."""
    told = CardLife()
    for version, event in enumerate(life.events, 1):
        if version > 1:
            told.say(event)
        row = fold_card_unit(life.events[:version])
        assert row == fold_card_unit(told.events)
        assert row is not None
        assert (row.version, row.updated_at) == (version, event.occurred_at)


_MOVES_OF: list[tuple[Any, Any, set[type[Event]]]] = [
    (fold_card_unit, card_lives(), {CardUnitEnteredStation, CardUnitOperationCompleted, GateApproved}),
    (
        fold_sheet,
        sheet_lives(),
        {SheetEnteredStation, SheetExitedStation, SheetOperationCompleted, PrintCompleted, GateApproved},
    ),
]


@pytest.mark.parametrize(("fold", "lives", "moves"), _MOVES_OF, ids=["card", "sheet"])
def test_a_move_changes_nothing_of_a_row_but_its_whereabouts(fold: Any, lives: Any, moves: set[type[Event]]) -> None:
    """The store writes these columns only, so anything else that a move changed would never reach the table.

    Every kind of move must be among the lives that are drawn, or nothing was said of it.
    """
    met: set[type[Event]] = set()

    @searched
    @given(lives)
    def changes_nothing_else(life: CardLife | SheetLife) -> None:
        for version, event in enumerate(life.events[1:], 1):
            if type(event) in MOVES:
                met.add(type(event))
                before, after = fold(life.events[:version]), fold(life.events[: version + 1])
                assert replace(before, **{column: getattr(after, column) for column in MOVED_COLUMNS}) == after

    changes_nothing_else()
    assert met == moves
    assert moves <= MOVES


@searched
@given(card_lives())
def test_a_card_is_at_a_station_or_in_one_queue_or_in_none(life: CardLife) -> None:
    """No card is counted twice: what is at a station, ended, failed or gathered does not wait."""
    row = fold_card_unit(life.events)
    assert row is not None
    assert not (row.station_id and row.ready)
    assert (row.waiting_since is not None) == bool(row.ready)
    assert (row.station_id is None) == (row.operation is None) == (row.work is None)


@searched
@given(card_lives())
def test_a_card_s_row_agrees_with_what_decisions_see(life: CardLife) -> None:
    """The screen and the rule never disagree about a card."""
    row = fold_card_unit(life.events)
    card = reduce(evolve_card, life.events, None)
    assert row is not None
    assert card is not None
    assert (row.card_unit_id, row.position, row.status) == (card.card_unit_id, card.position, card.status)
    assert row.station_id == (card.check_in.station_id if card.check_in else None)
    assert row.operation == (card.check_in.operation if card.check_in else None)
    assert (row.qa_attempts, row.last_codes, row.rework) == (card.attempts, card.codes, card.reworks)
    assert row.number == (str(card.number) if card.number else None)
    assert row.serial == ([None, *card.serials.values()])[-1]
    assert (row.pack_id, row.void_reason) == (card.pack_id, card.void_reason)


@searched
@given(sheet_lives())
def test_a_sheet_s_row_agrees_with_what_decisions_see(life: SheetLife) -> None:
    """The screen and the rule never disagree about a sheet."""
    row = fold_sheet(life.events)
    sheet = reduce(evolve_sheet, life.events, None)
    assert row is not None
    assert sheet is not None
    assert (row.sheet_id, row.status) == (sheet.sheet_id, sheet.status)
    assert row.station_id == (sheet.check_in.station_id if sheet.check_in else None)
    assert not (row.station_id and row.ready)


@searched
@given(set_lives())
def test_a_set_s_row_agrees_with_what_decisions_see(life: SetLife) -> None:
    """The grid and the rule never disagree about a set."""
    row = fold_assembly(life.events)
    assembly = reduce(evolve_assembly, life.events, None)
    assert row is not None
    assert assembly is not None
    assert (row.assembly_id, row.status) == (assembly.assembly_id, assembly.status)
    assert row.expected == tuple(assembly.expected[place] for place in sorted(assembly.expected))
    assert row.gathered == tuple(assembly.gathered[place] for place in sorted(assembly.gathered))
    assert (row.gaps, row.authorized_by) == (tuple(sorted(assembly.gaps)), assembly.authorized_by)
    assert set(row.gatherers) == set(assembly.gatherers.values())
    assert row.needs_authorization == needs_authorization(assembly)
    assert (row.overdue_flagged, row.pack_id) == (assembly.overdue_flagged, assembly.pack_id)
    assert (row.last_station_id, row.open_at) == (assembly.tray_at, assembly.open_at)
