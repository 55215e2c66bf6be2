"""QA: a verdict by who is at the bench, every attempt kept, failures reworked or voided."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.commands import HoldJob, RecordQAResult, SendToRework
from core.domain.events import CardUnitSentToRework, QAResultRecorded
from core.domain.readings import VerdictAsked
from core.domain.rejections import (
    AlreadyDone,
    CardFailed,
    JobNotRunning,
    NotAtStation,
    NotPermitted,
    ReasonMissing,
    ReworkLimitReached,
    UnknownOperation,
    UnknownUnit,
    WrongStep,
    WrongUnitState,
)
from core.domain.values import CardUnitStatus, OperationType, QAOutcome, QAResult, Route, UnitKind
from core.identity.ids import CardUnitId, OperationCode, sheet_id
from core.production.facts import ShopPolicy
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import INSPECTOR, LEAD, OPERATOR, QA, QA_2, UV, done, read_as, refused, spec, step


@beginning
def card(line: Line) -> CardUnitId:
    """A card that waits for its only inspection."""
    return line.cut(sheet_id(line.start(spec()), 1))[0]


@beginning
def long_card(line: Line) -> CardUnitId:
    """A card that waits for the first of two inspections."""
    return line.cut(sheet_id(line.start(spec(route=LONG_ROUTE)), 1))[0]


def test_a_card_is_checked_in_and_then_judged(line: Line, card: CardUnitId) -> None:
    """Scanned again it still waits for its verdict; the verdict is the inspector's."""
    done(line.scan(QA, card, by=INSPECTOR))
    asked = read_as(line.scan(QA, card, by=INSPECTOR), VerdictAsked)
    assert (asked.operation, asked.attempt) == ("QA", 1)
    (passed,) = done(line.verdict(card))
    assert isinstance(passed, QAResultRecorded)
    assert (passed.outcome, passed.attempt, passed.cleared, passed.operator_id) == (QAOutcome.PASS, 1, True, INSPECTOR)
    assert line.card(card).status is CardUnitStatus.QA_PASSED


def test_a_fail_names_codes_or_a_reason(line: Line, card: CardUnitId) -> None:
    """Nobody can rework what nobody described."""
    done(line.scan(QA, card, by=INSPECTOR))
    for result in (QAResult(outcome=QAOutcome.FAIL), QAResult(outcome=QAOutcome.FAIL, reason="  ")):
        refused(line.ask(RecordQAResult, at=QA, by=INSPECTOR, card_unit_id=card, result=result), ReasonMissing)
    (failed,) = done(line.verdict(card, "F-201", "F-305"))
    assert isinstance(failed, QAResultRecorded)
    assert (failed.codes, failed.cleared, failed.ready) == (("F-201", "F-305"), False, ())
    assert line.card(card).status is CardUnitStatus.QA_FAILED


def test_a_pass_has_no_codes(line: Line, card: CardUnitId) -> None:
    """Whatever was on the screen when it was given."""
    done(line.scan(QA, card, by=INSPECTOR))
    result = QAResult(outcome=QAOutcome.PASS, codes=("F-201",))
    (passed,) = done(line.ask(RecordQAResult, at=QA, by=INSPECTOR, card_unit_id=card, result=result))
    assert isinstance(passed, QAResultRecorded)
    assert passed.codes == ()


def test_a_verdict_is_given_where_the_card_is(line: Line, card: CardUnitId) -> None:
    """Not before the check-in, not from the bench that it left."""
    said = refused(line.verdict(card), NotAtStation)
    assert (said.station_id, said.at_station) == ("QA-BENCH-1", None)
    done(line.scan(QA, card, by=INSPECTOR))
    done(line.scan(QA_2, card, by=INSPECTOR))
    assert refused(line.verdict(card), NotAtStation).at_station == "QA-BENCH-2"
    passed = QAResult(outcome=QAOutcome.PASS)
    refused(line.ask(RecordQAResult, at=UV, by=INSPECTOR, card_unit_id=card, result=passed), WrongStep)
    done(line.verdict(card, at=QA_2))


def test_a_verdict_is_given_once(line: Line, card: CardUnitId) -> None:
    """The same again would be a second attempt that nobody made."""
    done(line.scan(QA, card, by=INSPECTOR))
    done(line.verdict(card))
    refused(line.verdict(card), AlreadyDone)
    assert line.card(card).attempts == 1


def test_only_inspectors_judge(line: Line, card: CardUnitId) -> None:
    """Anybody may bring the card to the bench."""
    done(line.scan(QA, card))
    said = refused(line.verdict(card, by=OPERATOR), NotPermitted)
    assert said.operator_id == OPERATOR
    done(line.verdict(card, by=LEAD))


def test_a_first_pass_of_two_sends_the_card_on(line: Line, long_card: CardUnitId) -> None:
    """It is not cleared: its route goes on."""
    done(line.scan(QA, long_card, by=INSPECTOR))
    (passed,) = done(line.verdict(long_card))
    assert isinstance(passed, QAResultRecorded)
    assert not passed.cleared
    assert {ref.operation for ref in passed.ready} == {"UV", "NUMBER"}
    assert line.card(long_card).status is CardUnitStatus.IN_PROGRESS


def test_attempts_are_counted_over_all_inspections(line: Line, long_card: CardUnitId) -> None:
    """Each is kept with its number."""
    line.clear(long_card)
    assert line.card(long_card).attempts == 2


def test_the_bench_judges_what_the_card_is_there_for(line: Line) -> None:
    """A gate that opens an earlier inspection meanwhile changes nothing about the one in hand."""
    route = Route(
        steps=(
            step("CUT", OperationType.CUT, UnitKind.SHEET),
            step("GATE", OperationType.GATE, after="CUT"),
            step("QA-GATED", OperationType.QA, after="GATE"),
            step("QA-OPEN", OperationType.QA, after="CUT"),
            step("QA-LAST", OperationType.QA, after="QA-GATED QA-OPEN"),
        )
    )
    card = line.cut(sheet_id(line.start(spec(route=route)), 1))[0]
    done(line.scan(QA, card, by=INSPECTOR))
    done(line.approve(card, "GATE"))
    assert read_as(line.scan(QA, card, by=INSPECTOR), VerdictAsked).operation == "QA-OPEN"
    (passed,) = done(line.verdict(card))
    assert isinstance(passed, QAResultRecorded)
    assert passed.operation == "QA-OPEN"


# -- rework --------------------------------------------------------------------


def test_a_failed_card_waits_for_a_decision(line: Line, card: CardUnitId) -> None:
    """No station takes it before."""
    line.fail(card)
    refused(line.scan(QA, card), CardFailed)
    refused(line.rework(card, "QA", by=INSPECTOR), NotPermitted)


def test_rework_undoes_the_step_and_all_that_stands_on_it(line: Line, long_card: CardUnitId) -> None:
    """The gate too; the branch beside it stays done."""
    while line.ready_for(long_card)[0].operation != "QA-LAST":
        done(line.step_card(long_card))
    line.fail(long_card)
    (sent,) = done(line.rework(long_card, "UV"))
    assert isinstance(sent, CardUnitSentToRework)
    assert (set(sent.undone), sent.rework) == ({"UV", "RELIC", "SIGNED-OFF"}, 1)
    assert [ref.operation for ref in sent.ready] == ["UV"]
    line.clear(long_card)
    assert line.card(long_card).status is CardUnitStatus.QA_PASSED
    assert line.card(long_card).attempts == 3


def test_a_card_may_simply_be_inspected_again(line: Line, card: CardUnitId) -> None:
    """Sent back to the inspection itself, nothing is undone."""
    line.fail(card)
    (sent,) = done(line.rework(card, "QA"))
    assert isinstance(sent, CardUnitSentToRework)
    assert sent.undone == ()
    done(line.scan(QA, card, by=INSPECTOR))
    assert read_as(line.scan(QA, card, by=INSPECTOR), VerdictAsked).attempt == 2
    done(line.verdict(card))


@pytest.mark.parametrize("back_to", ["UV", "NUMBER", "PRINT", "NOWHERE"])
def test_rework_goes_back_to_what_was_done(line: Line, long_card: CardUnitId, back_to: str) -> None:
    """Never forward, never to the sheet, never to what the route does not have."""
    line.fail(long_card)
    said = refused(line.rework(long_card, back_to), UnknownOperation)
    assert said.known == ("QA-FIRST", "QA-LAST")


def test_a_card_is_reworked_as_often_as_its_product_allows(line: Line, card: CardUnitId) -> None:
    """Then it can only be voided."""
    for _ in range(2):
        line.fail(card)
        done(line.rework(card, "QA"))
    line.fail(card)
    assert refused(line.rework(card, "QA"), ReworkLimitReached).limit == 2
    done(line.void(card))


def test_a_product_may_forbid_rework(line: Line) -> None:
    """Its failed cards are voided."""
    card = line.cut(sheet_id(line.start(replace(spec(), rework_limit=0)), 1))[0]
    line.fail(card)
    refused(line.rework(card, "QA"), ReworkLimitReached)


def test_only_a_failed_card_is_reworked(line: Line, card: CardUnitId) -> None:
    """Whatever else somebody thinks of it."""
    assert refused(line.rework(card, "QA"), WrongUnitState).needed == (CardUnitStatus.QA_FAILED,)
    line.clear(card)
    refused(line.rework(card, "QA"), WrongUnitState)
    refused(line.rework(f"{card}-R1", "QA"), UnknownUnit)


def test_a_failed_card_of_a_held_job_waits(line: Line, card: CardUnitId) -> None:
    """As everything of that job does."""
    line.fail(card)
    done(line.ask(HoldJob, by=LEAD, job_id=line.card(card).job_id, reason="wrong foil"))
    refused(line.rework(card, "QA"), JobNotRunning)


@pytest.mark.parametrize(("decide", "allowed"), [(True, True), (False, False)])
def test_a_shop_may_let_inspectors_decide(decide: Any, allowed: Any) -> None:
    """About rework and void, by its own policy."""
    line = Line(policy=ShopPolicy(inspectors_decide=decide))
    line.furnish()
    first, second, *_ = line.cut(sheet_id(line.start(spec()), 1))
    for card in (first, second):
        line.fail(card)
    outcomes = (line.rework(first, "QA", by=INSPECTOR), line.void(second, by=INSPECTOR))
    assert [isinstance(outcome, NotPermitted) for outcome in outcomes] == [not allowed] * 2


def test_a_verdict_on_what_was_never_made_is_refused(line: Line, card: CardUnitId) -> None:
    """An id of nothing."""
    refused(line.verdict(f"{card}-R1"), UnknownUnit)
    back: dict[str, Any] = {"back_to": OperationCode("QA"), "reason": "x"}
    refused(line.ask(SendToRework, by=LEAD, card_unit_id=f"{card}-R1", **back), UnknownUnit)
