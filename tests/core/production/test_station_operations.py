"""Stations that do some operations of their kind of work only: one foils in gold, another in silver."""

from dataclasses import replace

import pytest

from core.domain.commands import DefineStation
from core.domain.events import SheetEnteredStation, SheetOperationCompleted
from core.domain.rejections import AlreadyDone, DefinitionFault, InvalidDefinition, WrongStep
from core.domain.values import OperationType, Route, UnitKind
from core.identity.ids import OperationCode, StationId, sheet_id
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, FOIL, PRESS, done, refused, spec, step

GOLD_CODE, SILVER_CODE = OperationCode("FOIL-GOLD"), OperationCode("FOIL-SILVER")
GOLD = replace(FOIL, station_id=StationId("FOIL-GOLD-1"), operations=(GOLD_CODE,))
SILVER = replace(FOIL, station_id=StationId("FOIL-SILVER-1"), operations=(SILVER_CODE,))
TWO_FOILS = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("FOIL-GOLD", OperationType.FOIL, UnitKind.SHEET, "PRINT"),
        step("FOIL-SILVER", OperationType.FOIL, UnitKind.SHEET, "PRINT"),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "FOIL-GOLD FOIL-SILVER"),
        step("QA", OperationType.QA, after="CUT"),
    )
)


@pytest.fixture
def printed(line: Line) -> str:
    """A printed sheet that needs gold and silver, in whichever order."""
    sheet = sheet_id(line.start(spec(route=TWO_FOILS)), 1)
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    return sheet


def test_a_station_does_the_operations_that_it_names(line: Line, printed: str) -> None:
    """Not the one that stands first in the route."""
    (entered,) = done(line.scan(SILVER, printed))
    assert isinstance(entered, SheetEnteredStation)
    assert entered.operation == SILVER_CODE
    (completed, *_) = done(line.scan(SILVER, printed))
    assert isinstance(completed, SheetOperationCompleted)
    assert completed.operation == SILVER_CODE
    (entered,) = done(line.scan(GOLD, printed))
    assert isinstance(entered, SheetEnteredStation)
    assert entered.operation == GOLD_CODE


def test_a_station_that_names_none_does_all_of_its_work_in_route_order(line: Line, printed: str) -> None:
    """As most do."""
    for operation in (GOLD_CODE, SILVER_CODE):
        (entered,) = done(line.scan(FOIL, printed))
        assert isinstance(entered, SheetEnteredStation)
        assert entered.operation == operation
        done(line.scan(FOIL, printed))


def test_what_is_done_at_one_station_is_not_asked_for_there_again(line: Line, printed: str) -> None:
    """The refusal says what the unit is ready for now: the other foil."""
    for _ in range(2):
        done(line.scan(SILVER, printed))
    said = refused(line.scan(SILVER, printed), AlreadyDone)
    assert said.operation == SILVER_CODE
    assert [ref.operation for ref in said.ready] == [GOLD_CODE]


def test_a_unit_that_needs_none_of_a_station_s_operations_is_sent_on(line: Line) -> None:
    """Of the same kind of work it may need another operation: the refusal names those that are done here."""
    only_gold = Route(steps=tuple(s for s in TWO_FOILS.steps if s.operation != SILVER_CODE))
    route = Route(steps=tuple(replace(s, after=tuple(c for c in s.after if c != SILVER_CODE)) for s in only_gold.steps))
    sheet = sheet_id(line.start(spec(route=route)), 1)
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    said = refused(line.scan(SILVER, sheet), WrongStep)
    assert said.operations == (SILVER_CODE,)
    assert [ref.operation for ref in said.ready] == [GOLD_CODE]
    assert said.missing == ()


def test_what_must_come_before_a_station_s_operation_is_said(line: Line) -> None:
    """Nothing skips, wherever it is done."""
    sheet = sheet_id(line.start(spec(route=TWO_FOILS)), 1)
    said = refused(line.scan(SILVER, sheet), WrongStep)
    assert [ref.operation for ref in said.missing] == ["PRINT"]


def test_a_station_for_whole_sets_names_no_operations(line: Line) -> None:
    """Gathering and packing stand in no route."""
    outcome = line.ask(DefineStation, by=None, station=replace(ASSEMBLY, operations=(GOLD_CODE,)))
    (fault,) = refused(outcome, InvalidDefinition).faults
    assert fault.fault is DefinitionFault.OPERATIONS_OF_SETS
    done(line.ask(DefineStation, by=None, station=GOLD))
