"""Jobs: made from order lines, released, held, moved in the queues, completed."""

from datetime import timedelta
from typing import Any

import pytest

from core.domain.commands import (
    CancelJob,
    ChangePriority,
    ChangePromiseDate,
    CompleteJob,
    CreateJob,
    DefineProductSpec,
    HoldJob,
    ResumeJob,
    StartJob,
    VoidSheet,
)
from core.domain.events import (
    JobCompleted,
    JobCreated,
    JobPriorityChanged,
    JobStarted,
    PromiseDateChanged,
    SheetCreated,
)
from core.domain.rejections import (
    DefinitionFault,
    InvalidDefinition,
    JobExists,
    JobNotDone,
    JobNotRunning,
    LineCovered,
    NothingChanged,
    PromiseInPast,
    PromiseTooFar,
    ReasonMissing,
    UnknownJob,
    UnknownOrder,
    UnknownOrderLine,
    UnknownSpec,
    WrongJobState,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import JobStatus, VoidReason
from core.identity.ids import JobId, ProductionOrderId, sheet_id
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import FULL_ROUTE, LEAD, PRESS, Outcome, done, refused, spec

JOB = JobId("J2000")
ORDER = ProductionOrderId("PO2026-0117")


def create(line: Line, **said: Any) -> Outcome:
    """Make a second job of the order that ``line.start`` placed; its first makes all sets, so these are spare."""
    asked: dict[str, Any] = {"job_id": JOB, "order_id": ORDER, "order_line": 1, "spec_code": "DRAGONS"}
    asked |= {"sheet_count": 1, "overs": said.get("sheet_count", 1)}
    return line.ask(CreateJob, by=None, **(asked | said))


def of_what_is_left(line: Line, **said: Any) -> Outcome:
    """Make a second job of the order's line, without spare sheets unless that is said."""
    return create(line, **({"sheet_count": None, "overs": 0} | said))


def hold(line: Line, job: JobId, reason: str = "wrong foil") -> Outcome:
    """Stop a job."""
    return line.ask(HoldJob, by=LEAD, job_id=job, reason=reason)


def test_a_job_takes_quantity_date_and_priority_from_its_order(line: Line) -> None:
    """What is not said anew is the order's."""
    first = line.job(line.start(spec(), sets=3))
    done(line.ask(CancelJob, by=LEAD, job_id=first.job_id, reason="misprinted"))
    done(of_what_is_left(line))
    assert line.job(JOB).sheet_count == 3
    assert (line.job(JOB).promise_at, line.job(JOB).priority) == (first.promise_at, first.priority)


def test_a_job_keeps_the_spec_that_it_was_made_with(line: Line) -> None:
    """A product that is described anew does not change what is on the floor."""
    job = line.start(spec(n_up=4))
    done(line.ask(DefineProductSpec, by=None, spec=spec(n_up=6)))
    done(create(line))
    assert (line.job(job).spec.n_up, line.job(job).spec.version) == (4, 1)
    assert (line.job(JOB).spec.n_up, line.job(JOB).spec.version) == (6, 2)


def test_a_spec_code_is_read_in_any_case(line: Line) -> None:
    """As every id is."""
    line.start(spec())
    done(create(line, spec_code=" dragons "))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"job_id": JobId("J1044")}, JobExists),
        ({"order_id": ProductionOrderId("PO2026-9999")}, UnknownOrder),
        ({"spec_code": "GHOSTS"}, UnknownSpec),
        ({"spec_code": "not a code"}, UnknownSpec),
        ({"order_line": 2}, UnknownOrderLine),
        ({"sheet_count": 0}, InvalidDefinition),
        ({"sheet_count": 2_001}, InvalidDefinition),
        ({"priority": 10}, InvalidDefinition),
    ],
)
def test_a_job_that_cannot_be_is_refused(line: Line, said: dict[str, Any], why: type[Any]) -> None:
    """Each with its own reason."""
    line.start(spec())
    refused(create(line, **said), why)


def test_a_job_is_promised_for_a_moment_ahead(line: Line) -> None:
    """A date in the past was mistyped."""
    line.start(spec())
    refused(create(line, promise_at=line.now - timedelta(days=1)), PromiseInPast)
    refused(create(line, promise_at=line.now + timedelta(days=40_000)), PromiseTooFar)


def test_a_numbered_job_is_no_larger_than_its_run(line: Line) -> None:
    """Its last cards could get no number, and their sets could never be packed."""
    line.start(spec(n_up=4, route=FULL_ROUTE), sets=24)
    said = refused(create(line, sheet_count=25), InvalidDefinition)
    assert said.faults[0].fault is DefinitionFault.QUANTITY_OUT_OF_RANGE
    assert "25 sheets × 4 cards" in said.faults[0].found
    done(create(line, sheet_count=24))


def test_a_line_is_not_made_twice(line: Line) -> None:
    """The refusal says what was ordered and what its jobs make already."""
    line.start(spec(), sets=3)
    said = refused(of_what_is_left(line), LineCovered)
    assert (said.order_id, said.line, said.ordered, said.covered, said.asked) == (ORDER, 1, 3, 3, 0)
    assert refused(of_what_is_left(line, sheet_count=2), LineCovered).asked == 2


def test_jobs_share_a_line_up_to_what_was_ordered(line: Line) -> None:
    """The last of them takes what the others leave."""
    first = line.start(spec(), sets=5)
    done(line.ask(CancelJob, by=LEAD, job_id=first, reason="in two parts"))
    done(of_what_is_left(line, job_id=JobId("J2001"), sheet_count=3))
    assert refused(of_what_is_left(line, sheet_count=3), LineCovered).covered == 3
    done(of_what_is_left(line))
    assert line.job(JOB).sheet_count == 2


def test_what_a_job_will_not_make_may_be_made_by_another(line: Line) -> None:
    """A voided sheet is owed again at once, before its job is completed and after."""
    first = line.start(spec(n_up=1, rows=1), sets=3)
    done(line.ask(VoidSheet, by=LEAD, sheet_id=sheet_id(first, 3), reason=VoidReason.MISPRINT))
    refused(of_what_is_left(line, sheet_count=2), LineCovered)
    for number in (1, 2):
        line.complete(sheet_id(first, number))
        done(line.pack(sheet_id(first, number)))
    done(line.ask(CompleteJob, by=None, job_id=first))
    refused(of_what_is_left(line, sheet_count=2), LineCovered)
    done(of_what_is_left(line))
    assert line.job(JOB).sheet_count == 1


def test_spare_sheets_are_made_where_they_are_asked_for(line: Line) -> None:
    """A printer adds some for what will go wrong; the log says how many that were."""
    first = line.start(spec(), sets=3)
    done(line.ask(CancelJob, by=LEAD, job_id=first, reason="again, with spares"))
    (created,) = done(of_what_is_left(line, overs=2))
    assert isinstance(created, JobCreated)
    assert (created.sheet_count, created.overs) == (5, 2)
    said = refused(of_what_is_left(line, job_id=JobId("J2001")), LineCovered)
    assert (said.ordered, said.covered) == (3, 5)


@pytest.mark.parametrize(("sheets", "overs"), [(2, 3), (2, -1), (None, -1)])
def test_spare_sheets_are_some_of_the_sheets(line: Line, sheets: int | None, overs: int) -> None:
    """Not more than all of them, and not fewer than none."""
    line.start(spec())
    said = refused(of_what_is_left(line, sheet_count=sheets, overs=overs), InvalidDefinition)
    assert {fault.where for fault in said.faults} >= {"overs"}


def test_a_job_is_recorded_in_its_order_as_well(line: Line) -> None:
    """So that two jobs made of one line at once are decided one after the other."""
    job = line.start(spec())
    order = line.loaded.order(ORDER)
    assert order is not None
    assert order.jobs == (job,)
    in_job, in_order = (
        line.streams[StreamKey(kind, unit)].events
        for kind, unit in ((AggregateType.JOB, job), (AggregateType.ORDER, ORDER))
    )
    assert in_job[0] is in_order[-1]


def test_starting_a_job_makes_its_sheets(line: Line) -> None:
    """One for each set, numbered from 1, each with what it is ready for."""
    line.start(spec(route=LONG_ROUTE), sets=1)
    done(create(line, sheet_count=3))
    started, *sheets = done(line.ask(StartJob, by=None, job_id=JOB))
    assert isinstance(started, JobStarted)
    made = [sheet for sheet in sheets if isinstance(sheet, SheetCreated)]
    assert [sheet.sheet_id for sheet in made] == ["J2000-S001", "J2000-S002", "J2000-S003"]
    assert {ref.operation for sheet in made for ref in sheet.ready} == {"PRINT"}


def test_a_job_is_started_once(line: Line) -> None:
    """Its sheets exist once."""
    job = line.start(spec())
    refused(line.ask(StartJob, by=None, job_id=job), WrongJobState)
    assert len(line.sheets(job)) == 1


def test_a_job_that_is_not_started_has_nothing_to_work_on(line: Line) -> None:
    """It cannot be held, resumed or completed either."""
    line.start(spec())
    done(create(line))
    refused(hold(line, JOB), WrongJobState)
    refused(line.ask(ResumeJob, by=LEAD, job_id=JOB), WrongJobState)
    refused(line.ask(CompleteJob, by=None, job_id=JOB), WrongJobState)


def test_a_held_job_stands_still_until_it_is_resumed(line: Line) -> None:
    """A scan says that it is held, and why."""
    job = line.start(spec())
    sheet = sheet_id(job, 1)
    refused(hold(line, job, reason=" "), ReasonMissing)
    done(hold(line, job))
    said = refused(line.scan(PRESS, sheet), JobNotRunning)
    assert (said.status, said.reason) == (JobStatus.ON_HOLD, "wrong foil")
    refused(hold(line, job), WrongJobState)
    done(line.ask(ResumeJob, by=LEAD, job_id=job))
    done(line.scan(PRESS, sheet))


def test_a_cancelled_job_stays_cancelled(line: Line) -> None:
    """Terminal states stay terminal."""
    job = line.start(spec())
    refused(line.ask(CancelJob, by=LEAD, job_id=job, reason=""), ReasonMissing)
    done(line.ask(CancelJob, by=LEAD, job_id=job, reason="customer gone"))
    refused(line.ask(CancelJob, by=LEAD, job_id=job, reason="again"), WrongJobState)
    refused(line.ask(ResumeJob, by=LEAD, job_id=job), WrongJobState)
    refused(line.ask(ChangePriority, by=LEAD, job_id=job, priority=1), WrongJobState)
    refused(line.ask(ChangePromiseDate, by=LEAD, job_id=job, promise_at=line.now + timedelta(days=9)), WrongJobState)


def test_a_job_moves_in_every_queue_by_its_priority(line: Line) -> None:
    """1 is the most urgent, 9 the least; the same again changes nothing."""
    job = line.start(spec())
    (moved,) = done(line.ask(ChangePriority, by=LEAD, job_id=job, priority=1))
    assert isinstance(moved, JobPriorityChanged)
    assert (moved.was, moved.now) == (5, 1)
    refused(line.ask(ChangePriority, by=LEAD, job_id=job, priority=1), NothingChanged)
    refused(line.ask(ChangePriority, by=LEAD, job_id=job, priority=10), InvalidDefinition)


def test_a_job_s_date_is_agreed_anew(line: Line) -> None:
    """Ahead, and to another moment than before."""
    job = line.start(spec())
    later = line.job(job).promise_at + timedelta(days=1)
    (agreed,) = done(line.ask(ChangePromiseDate, by=LEAD, job_id=job, promise_at=later))
    assert isinstance(agreed, PromiseDateChanged)
    assert agreed.now == later
    refused(line.ask(ChangePromiseDate, by=LEAD, job_id=job, promise_at=later), NothingChanged)
    refused(line.ask(ChangePromiseDate, by=LEAD, job_id=job, promise_at=line.now), PromiseInPast)
    far = line.now + timedelta(days=40_000)
    refused(line.ask(ChangePromiseDate, by=LEAD, job_id=job, promise_at=far), PromiseTooFar)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (StartJob, {}),
        (HoldJob, {"reason": "x"}),
        (ResumeJob, {}),
        (CancelJob, {"reason": "x"}),
        (ChangePriority, {"priority": 1}),
        (CompleteJob, {}),
    ],
)
def test_a_job_that_was_never_created_is_unknown(line: Line, order: Any, said: dict[str, Any]) -> None:
    """An id of nothing is said to be one."""
    assert refused(line.ask(order, by=LEAD, job_id=JOB, **said), UnknownJob).job_id == JOB


def test_a_job_is_completed_when_every_sheet_that_is_left_is_packed(line: Line) -> None:
    """A voided sheet is no longer waited for."""
    job = line.start(spec(n_up=2, rows=1), sets=3)
    first, second, third = (sheet_id(job, number) for number in (1, 2, 3))
    for sheet in (first, second):
        line.complete(sheet)
        done(line.pack(sheet))
    said = refused(line.ask(CompleteJob, by=None, job_id=job), JobNotDone)
    assert (said.packed, said.expected) == (2, 3)
    done(line.ask(VoidSheet, by=LEAD, sheet_id=third, reason=VoidReason.MISPRINT))
    (completed,) = done(line.ask(CompleteJob, by=None, job_id=job))
    assert isinstance(completed, JobCompleted)
    assert completed.sets_packed == 2
    refused(line.ask(CompleteJob, by=None, job_id=job), WrongJobState)


def test_a_job_of_which_nothing_is_packed_is_never_completed(line: Line) -> None:
    """Where every sheet is void there is nothing to be proud of: it is cancelled."""
    job = line.start(spec())
    done(line.ask(VoidSheet, by=LEAD, sheet_id=sheet_id(job, 1), reason=VoidReason.LOST))
    refused(line.ask(CompleteJob, by=None, job_id=job), JobNotDone)
