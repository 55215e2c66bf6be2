"""What the office does to orders, jobs and sheets while the floor works."""

from collections.abc import Callable

from core.domain.commands import (
    CancelJob,
    CancelOrder,
    Command,
    CompleteJob,
    CreateJob,
    HoldJob,
    ResumeJob,
    StartJob,
    VoidSheet,
)
from core.domain.values import AssemblyStatus, VoidReason
from core.identity.ids import JobId
from tests.core.deeds.gathering import a_set_comes_together
from tests.core.deeds.packing import a_set_is_packed
from tests.core.deeds.telling import EITHER, PICKS, Deed, happens
from tests.core.floor import Floor, chosen
from tests.core.shop import LEAD, OPERATOR

DEEDS: list[Deed] = []


@happens(DEEDS, pick=PICKS, what=(HoldJob, ResumeJob, ResumeJob, ResumeJob, CancelJob))
def a_job_is_held_resumed_or_cancelled(floor: Floor, pick: int, what: Callable[..., Command]) -> None:
    """While its cards are everywhere; cancelled seldom, for then they stay where they are."""
    if what is CancelJob and pick % 4:
        what = ResumeJob
    for job in chosen(floor.jobs(), pick):
        said = {} if what is ResumeJob else {"reason": "wrong foil"}
        floor.ask_next(what, by=LEAD, job_id=job.job_id, **said)


@happens(DEEDS, pick=PICKS, sheets=(None, None, 1, 2), overs=(0, 1, 1), starts=EITHER)
def another_job_is_made_of_an_order(floor: Floor, pick: int, sheets: int | None, overs: int, *, starts: bool) -> None:
    """Of what its jobs leave to be made, or of more."""
    for job in chosen(floor.jobs(), pick):
        name = JobId(f"J{2000 + len(floor.jobs())}")
        said = {"order_id": job.order_id, "order_line": 1, "spec_code": job.spec.code}
        floor.ask_next(CreateJob, job_id=name, sheet_count=sheets, overs=overs, **said)
        if starts:
            floor.ask_next(StartJob, job_id=name)
        elif pick % 2:
            floor.ask_next(CancelJob, by=LEAD, job_id=name, reason="not needed")


@happens(DEEDS, pick=PICKS)
def a_job_that_packed_is_cancelled_and_made_again(floor: Floor, pick: int) -> None:
    """What lies in its boxes is shipped all the same."""
    if not floor.trays(AssemblyStatus.PACKED):
        a_set_comes_together(floor, pick, 0, OPERATOR, pick)
        a_set_is_packed(floor, pick, 1)
    packed = {tray.job_id for tray in floor.trays(AssemblyStatus.PACKED)}
    for job in chosen([job for job in floor.jobs() if job.job_id in packed], pick):
        floor.ask_next(CancelJob, by=LEAD, job_id=job.job_id, reason="wrong foil")
        name = JobId(f"J2000{len(floor.jobs())}")
        floor.ask_next(CreateJob, job_id=name, order_id=job.order_id, order_line=1, spec_code=job.spec.code)


@happens(DEEDS, pick=PICKS, too=EITHER)
def an_order_is_cancelled(floor: Floor, pick: int, *, too: bool) -> None:
    """With what is on the floor or without; seldom, for then all of it stays where it is."""
    for job in chosen(floor.jobs(), pick):
        floor.ask_next(CancelOrder, by=LEAD, order_id=job.order_id, reason="withdrawn")
        if too and pick % 3 == 0:
            another_job_is_made_of_an_order(floor, pick, 1, 1, starts=False)
            floor.ask_next(CancelOrder, by=LEAD, order_id=job.order_id, reason="withdrawn", with_running_jobs=True)


@happens(DEEDS, pick=PICKS)
def a_sheet_is_voided(floor: Floor, pick: int) -> None:
    """Before it is cut, or too late."""
    for job in chosen(floor.jobs(), pick):
        for sheet in chosen(floor.sheets(job.job_id), pick // 7):
            floor.ask_next(VoidSheet, by=LEAD, sheet_id=sheet.sheet_id, reason=VoidReason.MISPRINT)
        floor.ask_next(CompleteJob, by=None, job_id=job.job_id)
