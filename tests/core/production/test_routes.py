"""Routes and specs: what a product may be, and what may be done next."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.commands import DefineProductSpec
from core.domain.events import ProductSpecDefined
from core.domain.rejections import DefinitionFault, InvalidDefinition, NothingChanged
from core.domain.values import OperationType, ProductSpec, Route, RouteStep, UnitKind
from core.identity.ids import OperationCode
from core.production.routes import (
    ancestors,
    descendants,
    is_finished,
    is_ready_to_cut,
    missing_before,
    ready_steps,
    spec_faults,
    step_of,
    steps_for,
)
from tests.core.line import LONG_ROUTE, Line
from tests.core.searching import searched
from tests.core.shop import FULL_ROUTE, PLAIN_ROUTE, done, refused, spec, step

PRINT = step("PRINT", OperationType.PRINT, UnitKind.SHEET)
CUT = step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT")
QA = step("QA", OperationType.QA, after="CUT")


def faults_of(product: ProductSpec) -> set[DefinitionFault]:
    """What is wrong with a product."""
    return {fault.fault for fault in spec_faults(product)}


def route_of(*steps: RouteStep) -> ProductSpec:
    """A product with this route."""
    return spec(route=Route(steps=steps))


def ops(text: str) -> set[OperationCode]:
    """Operations by their codes, separated by blanks."""
    return {OperationCode(code) for code in text.split()}


def codes(steps: Any) -> list[str]:
    """The operations of some steps or references."""
    return [found.operation for found in steps]


def test_a_product_is_defined_and_defined_anew_as_the_next_version(line: Line) -> None:
    """The same again changes nothing."""
    (first,) = done(line.ask(DefineProductSpec, by=None, spec=spec()))
    assert isinstance(first, ProductSpecDefined)
    assert first.spec.version == 1
    refused(line.ask(DefineProductSpec, by=None, spec=spec()), NothingChanged)
    (second,) = done(line.ask(DefineProductSpec, by=None, spec=replace(spec(), name="Dragons, again")))
    assert isinstance(second, ProductSpecDefined)
    assert second.spec.version == 2


def test_a_product_with_faults_is_not_defined(line: Line) -> None:
    """And says all of them."""
    said = refused(line.ask(DefineProductSpec, by=None, spec=replace(spec(), n_up=0, name="")), InvalidDefinition)
    assert {fault.fault for fault in said.faults} == {
        DefinitionFault.N_UP_OUT_OF_RANGE,
        DefinitionFault.EMPTY_NAME,
    }


@pytest.mark.parametrize("product", [spec(), spec(route=FULL_ROUTE), spec(route=LONG_ROUTE)])
def test_a_sound_product_has_no_faults(product: ProductSpec) -> None:
    """Gates, parallel branches, two inspections and two inserts are sound."""
    assert faults_of(product) == set()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"name": " "}, DefinitionFault.EMPTY_NAME),
        ({"name": "x" * 61}, DefinitionFault.TOO_LONG),
        ({"n_up": 0}, DefinitionFault.N_UP_OUT_OF_RANGE),
        ({"n_up": 100}, DefinitionFault.N_UP_OUT_OF_RANGE),
        ({"rows": 3}, DefinitionFault.LAYOUT_DOES_NOT_FIT),
        ({"rows": -2, "columns": -2}, DefinitionFault.LAYOUT_DOES_NOT_FIT),
        ({"run_of": 0}, DefinitionFault.RUN_OUT_OF_RANGE),
        ({"run_of": 100_001}, DefinitionFault.RUN_OUT_OF_RANGE),
        ({"rework_limit": -1}, DefinitionFault.REWORK_LIMIT_OUT_OF_RANGE),
        ({"rework_limit": 10}, DefinitionFault.REWORK_LIMIT_OUT_OF_RANGE),
        ({"replacement_starts_at": OperationCode("PRINT")}, DefinitionFault.REPLACEMENT_START_UNKNOWN),
        ({"replacement_starts_at": OperationCode("NOWHERE")}, DefinitionFault.REPLACEMENT_START_UNKNOWN),
        ({"route": Route(steps=())}, DefinitionFault.NO_STEPS),
        ({"route": Route(steps=(PRINT,) * 41)}, DefinitionFault.TOO_LONG),
    ],
)
def test_a_product_s_figures_are_within_bounds(said: dict[str, Any], fault: DefinitionFault) -> None:
    """Each fault by its name."""
    assert fault in faults_of(replace(spec(), **said))


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ((PRINT, PRINT, CUT, QA), DefinitionFault.DUPLICATE_OPERATION),
        ((PRINT, CUT, step("QA", OperationType.QA, after="FOIL")), DefinitionFault.UNKNOWN_PREDECESSOR),
        ((PRINT, CUT, QA, replace(CUT, operation=OperationCode("CUT-2"))), DefinitionFault.CUT_COUNT),
        ((PRINT, QA), DefinitionFault.CUT_COUNT),
        ((PRINT, CUT, step("PACK", OperationType.PACK, after="CUT"), QA), DefinitionFault.FAN_IN_IN_ROUTE),
        ((step("PRINT", OperationType.PRINT), CUT, QA), DefinitionFault.WRONG_UNIT),
        ((PRINT, CUT, step("QA", OperationType.QA, UnitKind.SHEET, "PRINT")), DefinitionFault.WRONG_UNIT),
        ((PRINT, CUT, QA, step("UV", OperationType.UV, UnitKind.SHEET, "CUT")), DefinitionFault.SHEET_AFTER_CUT),
        ((PRINT, CUT, QA, step("UV", OperationType.UV, UnitKind.SHEET, "QA")), DefinitionFault.SHEET_AFTER_CUT),
        ((PRINT, CUT), DefinitionFault.NO_FINAL_QA),
        ((PRINT, CUT, QA, step("UV", OperationType.UV, after="CUT")), DefinitionFault.NO_FINAL_QA),
        ((PRINT, CUT, QA, step("UV", OperationType.UV, after="QA")), DefinitionFault.NO_FINAL_QA),
        ((PRINT, CUT, replace(QA, minutes=-1.0)), DefinitionFault.NEGATIVE_TIME),
        ((PRINT, CUT, replace(QA, minutes=float("nan"))), DefinitionFault.NEGATIVE_TIME),
        ((PRINT, CUT, replace(QA, minutes=float("inf"))), DefinitionFault.NEGATIVE_TIME),
        ((PRINT, CUT, replace(QA, minutes=1e16)), DefinitionFault.NEGATIVE_TIME),
        ((PRINT, CUT, step("UV", OperationType.UV, after="UV CUT"), QA), DefinitionFault.CYCLE),
    ],
)
def test_a_route_has_one_cut_one_order_and_one_end(steps: tuple[RouteStep, ...], fault: DefinitionFault) -> None:
    """Each fault by its name."""
    assert fault in faults_of(route_of(*steps))


@pytest.mark.parametrize(("said", "kept"), [(-0.0, "0.0"), (1e-7, "0.0"), (2.50004, "2.5"), (1e6, "1000000.0")])
def test_minutes_are_written_down_to_four_decimals(line: Line, said: float, kept: str) -> None:
    """The log's chain is made over their text, which is the same everywhere only without an exponent and without -0."""
    product = route_of(PRINT, CUT, replace(QA, minutes=said))
    (defined,) = done(line.ask(DefineProductSpec, by=None, spec=product))
    assert isinstance(defined, ProductSpecDefined)
    assert repr(defined.spec.route.steps[-1].minutes) == kept
    refused(line.ask(DefineProductSpec, by=None, spec=product), NothingChanged)


def test_operations_that_wait_for_one_another_are_named() -> None:
    """A cycle says who is in it."""
    product = route_of(
        PRINT,
        CUT,
        step("UV", OperationType.UV, after="FOIL"),
        step("FOIL", OperationType.FOIL, after="UV"),
        QA,
    )
    (cycle,) = [fault for fault in spec_faults(product) if fault.fault is DefinitionFault.CYCLE]
    assert cycle.found == "UV, FOIL"


def test_numbered_cards_need_a_run() -> None:
    """Or nobody could say 7 of how many."""
    assert faults_of(replace(spec(route=FULL_ROUTE), run_of=None)) == {DefinitionFault.RUN_MISSING}


def test_a_replacement_skips_neither_number_nor_insert() -> None:
    """What marks one physical card cannot have been done on another."""
    numbered = replace(spec(route=LONG_ROUTE), replacement_starts_at=OperationCode("QA-LAST"))
    assert faults_of(numbered) == {DefinitionFault.REPLACEMENT_SKIPS_MARK}
    early = replace(spec(route=LONG_ROUTE), replacement_starts_at=OperationCode("UV"))
    assert faults_of(early) == set()


def test_only_what_waits_for_nothing_is_ready() -> None:
    """Both branches of a parallel stretch are."""
    assert codes(ready_steps(LONG_ROUTE, UnitKind.SHEET, set())) == ["PRINT"]
    assert codes(ready_steps(LONG_ROUTE, UnitKind.SHEET, ops("PRINT"))) == ["PROOF", "FOIL-SHEET"]
    assert codes(ready_steps(LONG_ROUTE, UnitKind.CARD, ops("QA-FIRST"))) == ["UV", "NUMBER"]


def test_the_cut_waits_for_every_step_of_the_sheet() -> None:
    """Also for one that its author did not name."""
    route = Route(steps=(PRINT, step("FOIL", OperationType.FOIL, UnitKind.SHEET, "PRINT"), CUT, QA))
    assert not is_ready_to_cut(route, ops("PRINT"))
    assert is_ready_to_cut(route, ops("PRINT FOIL"))
    assert codes(missing_before(route, CUT, ops("PRINT"))) == ["FOIL"]


def test_what_is_missing_is_named_as_far_back_as_it_goes() -> None:
    """A card that comes too early is told everything that it lacks."""
    last = step_of(LONG_ROUTE, OperationCode("QA-LAST"))
    assert last is not None
    assert codes(missing_before(LONG_ROUTE, last, ops("QA-FIRST UV"))) == [
        "NUMBER",
        "RELIC",
        "AUTOGRAPH",
        "SIGNED-OFF",
    ]


def test_rework_undoes_what_stands_on_the_step() -> None:
    """And nothing beside it."""
    assert descendants(LONG_ROUTE, OperationCode("UV")) == {"UV", "RELIC", "SIGNED-OFF", "QA-LAST"}
    assert ancestors(LONG_ROUTE, OperationCode("RELIC")) == {"QA-FIRST", "UV"}
    assert ancestors(LONG_ROUTE, OperationCode("NOWHERE")) == set()


@searched
@given(st.sampled_from((PLAIN_ROUTE, FULL_ROUTE, LONG_ROUTE)), st.randoms(use_true_random=False))
def test_whoever_does_what_is_ready_comes_to_the_end(route: Route, chance: Any) -> None:
    """In any order that the route allows, every step is done once and nothing is left."""
    so_far: dict[UnitKind, set[OperationCode]] = {UnitKind.SHEET: set(), UnitKind.CARD: set()}
    for unit, done_now in so_far.items():
        while ready := ready_steps(route, unit, done_now):
            done_now.add(chance.choice(ready).operation)
        assert done_now == set(codes(steps_for(route, unit)))
    assert is_finished(route, so_far[UnitKind.CARD])
