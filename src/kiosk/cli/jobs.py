"""`kiosk job`: the work units made from orders."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.commands import (
    CancelJob,
    ChangePriority,
    ChangePromiseDate,
    CreateJob,
    HoldJob,
    ResumeJob,
    StartJob,
)
from core.domain.rejections import UnknownJob, UnknownOrder
from kiosk.cli import arguments
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit, UsageError
from kiosk.cli.output import print_json, print_table, say
from kiosk.cli.parsers import Families
from kiosk.cli.times import parse_moment
from kiosk.printable import counted, shown

if TYPE_CHECKING:
    from core.projections import JobRow
    from store.read_models.job_progress import JobProgressRow

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the commands of this family."""
    jobs = families.family(
        "job",
        "jobs: create, start, hold, resume, cancel, priority, promise, list, show",
        examples="  kiosk job create J1044 --order PO2026-0117 --line 1\n  kiosk job start J1044\n"
        '  kiosk job hold J1044 --reason "paper is late" --as OP-7',
    )
    create = jobs.command("create", _create, "make a job of an order's line", acts=True)
    _job(create)
    create.add_argument("--order", required=True, type=arguments.order_id, metavar="PO")
    create.add_argument("--line", type=int, default=1, help="the order's line, 1 where it has only one")
    create.add_argument("--sheets", type=int, help="sheets to print in all; left out, what the line still lacks")
    create.add_argument("--overs", type=int, default=0, metavar="N", help="how many are spare, beyond what was ordered")
    create.add_argument("--priority", type=arguments.priority, metavar="1-9", help="left out, the order's")
    create.add_argument("--promise", metavar="MOMENT", help="left out, the order's")
    _job(jobs.command("start", _start, "release a job to the floor: its sheets come into being", acts=True))
    hold = jobs.command("hold", _hold, "stop work on a job (a lead's decision)", acts=True)
    _job(hold)
    hold.add_argument("--reason", required=True)
    _job(jobs.command("resume", _resume, "let work on a held job go on (a lead's decision)", acts=True))
    cancel = jobs.command("cancel", _cancel, "give a job up (a lead's decision)", acts=True)
    _job(cancel)
    cancel.add_argument("--reason", required=True)
    change = jobs.command("priority", _priority, "move a job in every queue (a lead's decision)", acts=True)
    _job(change)
    change.add_argument("priority", type=arguments.priority, metavar="1-9", help="1 is the most urgent")
    promise = jobs.command("promise", _promise, "agree another date (a lead's decision)", acts=True)
    _job(promise)
    promise.add_argument("promise", metavar="MOMENT", help='2036-12-04 or "2036-12-04 14:00"')
    listed = jobs.command("list", _list, "all jobs, most urgent first", reads=True)
    listed.add_argument("--floor", action="store_true", help="only those started or on hold")
    _job(jobs.command("show", _show, "one job, and where its sheets, cards and sets are", reads=True))


def _job(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", type=arguments.job_id, metavar="JOB", help="the job's id, such as J1044")


async def _create(call: Call) -> int:
    options = call.options
    async with call.store() as store:
        order = await store.order(options.order)
    if order is None:
        return call.refuse(UnknownOrder(order_id=options.order))
    line = next((line for line in order.lines if line.line == options.line), None)
    if line is None:
        known = ", ".join(str(line.line) for line in order.lines)
        raise UsageError(f"Order {order.order_id} has no line {options.line}; it has {known}.")
    promise = options.promise
    return await call.carry_out(
        CreateJob(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            job_id=options.job,
            order_id=order.order_id,
            order_line=line.line,
            spec_code=line.spec_code,
            sheet_count=options.sheets,
            overs=options.overs,
            priority=options.priority,
            promise_at=parse_moment(promise, now=call.now, zone=call.config.shop.zone, end_of_day=True)
            if promise
            else None,
        )
    )


async def _start(call: Call) -> int:
    return await call.carry_out(
        StartJob(at=call.now, operator_id=call.operator, station_id=None, job_id=call.options.job)
    )


async def _hold(call: Call) -> int:
    command = HoldJob(
        at=call.now, operator_id=call.operator, station_id=None, job_id=call.options.job, reason=call.options.reason
    )
    return await call.carry_out(command)


async def _resume(call: Call) -> int:
    return await call.carry_out(
        ResumeJob(at=call.now, operator_id=call.operator, station_id=None, job_id=call.options.job)
    )


async def _cancel(call: Call) -> int:
    command = CancelJob(
        at=call.now, operator_id=call.operator, station_id=None, job_id=call.options.job, reason=call.options.reason
    )
    return await call.carry_out(command)


async def _priority(call: Call) -> int:
    command = ChangePriority(
        at=call.now,
        operator_id=call.operator,
        station_id=None,
        job_id=call.options.job,
        priority=call.options.priority,
    )
    return await call.carry_out(command, same_is_fine=True)


async def _promise(call: Call) -> int:
    moment = parse_moment(call.options.promise, now=call.now, zone=call.config.shop.zone, end_of_day=True)
    command = ChangePromiseDate(
        at=call.now, operator_id=call.operator, station_id=None, job_id=call.options.job, promise_at=moment
    )
    return await call.carry_out(command, same_is_fine=True)


async def _list(call: Call) -> int:
    async with call.store() as store:
        jobs = await store.jobs(on_the_floor=call.options.floor)
        counts = {row.job_id: row for row in await store.jobs_progress([job.job_id for job in jobs])}
    if call.wants_json:
        print_json([_as_object(job, counts.get(job.job_id)) for job in jobs])
        return Exit.OK
    print_table(
        ("JOB", "STATE", "PRIO", "DUE", "SHEETS", "PACKED", "PRODUCT", "CUSTOMER"),
        [
            (
                job.job_id,
                job.status.replace("_", " ").lower(),
                job.priority,
                call.words.date_and_clock(job.promise_at),
                job.sheet_count,
                counts[job.job_id].sets_packed if job.job_id in counts else "",
                job.product_name,
                job.customer,
            )
            for job in jobs
        ],
        empty="There are no jobs. kiosk job create makes one of an order's line.",
    )
    return Exit.OK


def _as_object(job: "JobRow", progress: "JobProgressRow | None") -> dict[str, object]:
    """Return a job with its progress; both say the same of packed sets, which the job's own life tells at its end."""
    packed = job.sets_packed if progress is None else progress.sets_packed
    return {"job": replace(job, sets_packed=packed), "progress": progress}


async def _show(call: Call) -> int:
    async with call.store() as store:
        job = await store.job(call.options.job)
        progress = await store.job_progress(call.options.job)
        sheets = await store.sheets_of(call.options.job)
        packs = await store.packs_of(call.options.job)
    if job is None:
        return call.refuse(UnknownJob(job_id=call.options.job))
    if call.wants_json:
        print_json({**_as_object(job, progress), "sheets": sheets, "packs": packs})
        return Exit.OK
    state = job.status.replace("_", " ").lower()
    why = f": {shown(job.status_reason)}" if job.status_reason else ""
    say(f"{job.job_id}  {state}{why}")
    say(f"  {shown(job.product_name)} ({job.spec_code} version {job.spec_version}) for {shown(job.customer)}")
    say(f"  order {job.order_id} line {job.order_line}, priority {job.priority}")
    say(f"  due {call.words.date_and_clock(job.promise_at)}")
    say(f"  {counted(job.sheet_count, 'sheet')} of {job.rows} × {job.columns} cards")
    if progress is not None:
        gone = f", {progress.sheets_voided} void" if progress.sheets_voided else ""
        say(f"  sheets   {progress.sheets_waiting} to cut, {progress.sheets_cut} cut{gone}")
        parts = (
            (progress.cards_in_progress, "in progress"),
            (progress.cards_failed, "failed"),
            (progress.cards_passed, "passed"),
            (progress.cards_assembled, "in trays"),
            (progress.cards_packed, "packed"),
            (progress.cards_voided, "void"),
        )
        say("  cards    " + (", ".join(f"{count} {words}" for count, words in parts if count) or "none yet"))
        say(f"  sets     {progress.sets_open} open, {progress.sets_complete} complete, {progress.sets_packed} packed")
    if packs:
        say("  boxes    " + ", ".join(f"{pack.pack_id} {pack.status.lower()}" for pack in packs))
    return Exit.OK
