"""Permissions: what takes a lead, what takes an inspector, and what anybody may do."""

from typing import Any

import pytest

from core.domain.commands import (
    AnswerHelp,
    ApproveGate,
    CallForHelp,
    CancelJob,
    CancelOrder,
    ChangePriority,
    ChangePromiseDate,
    ClearStop,
    CorrectEvent,
    CreateReplacement,
    HoldJob,
    RecordQAResult,
    RegisterOperator,
    ResumeJob,
    SendToRework,
    StartDowntime,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.rejections import NotPermitted, UnknownOperator
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import OperatorRole, QAOutcome, QAResult, StopClearedBy, VoidReason
from core.identity.ids import CardUnitId, CommandId, JobId, OperationCode, OperatorId, ProductionOrderId, SheetId
from tests.core.line import Line
from tests.core.shop import INSPECTOR, LEAD, MANAGER, OPERATOR, QA, START, done, refused

CARD, SHEET, JOB = CardUnitId("J1044-S001-01"), SheetId("J1044-S001"), JobId("J1044")
LEADS = (OperatorRole.LEAD, OperatorRole.MANAGER)

OF_LEADS: list[tuple[Any, dict[str, Any]]] = [
    (HoldJob, {"job_id": JOB, "reason": "x"}),
    (ResumeJob, {"job_id": JOB}),
    (CancelJob, {"job_id": JOB, "reason": "x"}),
    (ChangePriority, {"job_id": JOB, "priority": 1}),
    (ChangePromiseDate, {"job_id": JOB, "promise_at": START}),
    (CancelOrder, {"order_id": ProductionOrderId("PO2026-0117"), "reason": "x"}),
    (VoidSheet, {"sheet_id": SHEET, "reason": VoidReason.LOST}),
    (VoidCardUnit, {"card_unit_id": CARD, "reason": VoidReason.LOST}),
    (SendToRework, {"card_unit_id": CARD, "back_to": OperationCode("QA"), "reason": "x"}),
    (CreateReplacement, {"card_unit_id": CARD}),
    (ApproveGate, {"unit_id": SHEET, "gate": OperationCode("PROOF")}),
    (AnswerHelp, {"at_station": QA.station_id}),
    (CorrectEvent, {"stream": StreamKey(AggregateType.JOB, JOB), "version": 1, "reason": "x"}),
]


@pytest.mark.parametrize(("order", "said"), OF_LEADS, ids=[order.__name__ for order, _ in OF_LEADS])
def test_what_changes_the_plan_or_ends_a_unit_takes_a_lead(line: Line, order: Any, said: dict[str, Any]) -> None:
    """Not an operator, not an inspector, not nobody, not a stranger; a lead or a manager."""
    for person in (OPERATOR, INSPECTOR, None):
        assert refused(line.ask(order, by=person, **said), NotPermitted).needed == LEADS
    refused(line.ask(order, by=OperatorId("OP-999"), **said), UnknownOperator)
    for person in (LEAD, MANAGER):
        assert not isinstance(line.ask(order, by=person, **said), NotPermitted)


CLEARING: dict[str, Any] = {
    "at_station": QA.station_id,
    "stop": CommandId("a stop"),
    "refusal": "WrongSet",
    "raised_at": START,
    "ignored": 0,
}


def test_a_stop_is_cleared_without_the_reset_card_by_a_lead_only(line: Line) -> None:
    """Whose badge is one by now, whenever it was read; with the RESET card anybody clears it, nobody as well."""
    for person in (OPERATOR, INSPECTOR, None):
        outcome = line.ask(ClearStop, by=person, cleared_by=StopClearedBy.LEAD, **CLEARING)
        assert refused(outcome, NotPermitted).needed == LEADS
    done(line.ask(ClearStop, by=LEAD, cleared_by=StopClearedBy.LEAD, **CLEARING))
    again: dict[str, Any] = {**CLEARING, "stop": CommandId("another stop")}
    done(line.ask(ClearStop, by=None, cleared_by=StopClearedBy.RESET_CARD, **again))


def test_whose_badge_is_withdrawn_is_told_just_that(line: Line) -> None:
    """Given a lead's badge that was withdrawn, then what takes a lead is refused for that, not for a missing role."""
    done(line.ask(RegisterOperator, by=None, badge=LEAD, name="A lead", roles=()))
    outcome = line.ask(ClearStop, by=LEAD, cleared_by=StopClearedBy.LEAD, **CLEARING)
    assert set(refused(outcome, NotPermitted).needed) == set(OperatorRole)


def test_a_verdict_takes_an_inspector_or_a_lead(line: Line) -> None:
    """Nobody else's counts."""
    said: dict[str, Any] = {"card_unit_id": CARD, "result": QAResult(outcome=QAOutcome.PASS)}
    for person in (OPERATOR, None):
        refused(line.ask(RecordQAResult, at=QA, by=person, **said), NotPermitted)
    for person in (INSPECTOR, LEAD, MANAGER):
        assert not isinstance(line.ask(RecordQAResult, at=QA, by=person, **said), NotPermitted)


def test_anybody_calls_for_help_and_says_that_a_station_stands_still(line: Line) -> None:
    """Also who is not logged on."""
    done(line.ask(CallForHelp, by=None, at_station=QA.station_id))
    done(line.ask(StartDowntime, by=OPERATOR, at_station=QA.station_id, reason="lamp"))


def test_a_refusal_comes_before_anything_else_is_told(line: Line) -> None:
    """Who may not, does not learn whether there was something."""
    outcome = line.ask(HoldJob, by=OPERATOR, job_id=JobId("J9999"), reason="x")
    refused(outcome, NotPermitted)
