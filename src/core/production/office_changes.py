"""What the office and the stations change: which streams a fact about orders, jobs and stations is written to.

Called by ``core.production.decisions`` alone; what is right is decided by ``orders``,
``jobs`` and ``stations``.
"""

from typing import assert_never

from core.domain.commands import (
    AnswerHelp,
    CallForHelp,
    CancelJob,
    CancelOrder,
    ChangePriority,
    ChangePromiseDate,
    ClearStop,
    CompleteJob,
    CreateJob,
    EndDowntime,
    FulfilOrder,
    HoldJob,
    PlaceOrder,
    ReportHeldScan,
    ResumeJob,
    SettleHeldScan,
    StartDowntime,
    StartJob,
)
from core.domain.events import HeldScanRefused, HeldScanSettled, StationStopCleared
from core.domain.rejections import Refusal, Rejection
from core.domain.streams import Append, Change
from core.identity.ids import CommandId, SpecCode, assembly_of_card, parse_spec_code
from core.production import assembly, jobs, orders, stations
from core.production.facts import Facts
from core.production.loaded import Loaded, assembly_key, job_key, order_key, sheet_key, station_key


def change_order(command: PlaceOrder | FulfilOrder, loaded: Loaded, facts: Facts) -> Change | Rejection:
    """Place an order, or say that it is fulfilled."""
    order = loaded.order(command.order_id)
    match command:
        case PlaceOrder():
            codes = {line.spec_code for line in command.lines}
            outcome = orders.place_order(command, order, {code: loaded.spec(code) for code in codes})
        case FulfilOrder():
            outcome = orders.fulfil_order(command, order, facts.ordered_jobs)
        case other:
            assert_never(other)
    return loaded.change_of(outcome, order_key(command.order_id))


def cancel_order(command: CancelOrder, loaded: Loaded, facts: Facts) -> Change | Rejection:
    """Cancel an order and with it every job of it, or nothing.

    The order's own stream names the jobs that were made of it since it is told of them; the
    facts name those of an older log as well.
    """
    order = loaded.order(command.order_id)
    known = dict.fromkeys((*(() if order is None else order.jobs), *(job.job_id for job in facts.ordered_jobs)))
    outcome = orders.cancel_order(command, order, [job for name in known if (job := loaded.job(name)) is not None])
    if isinstance(outcome, Refusal):
        return outcome
    cancelled, stopped = outcome
    return Change(
        (
            loaded.append(order_key(command.order_id), cancelled),
            *(loaded.append(job_key(job.job_id), job) for job in stopped),
        )
    )


def create_job(command: CreateJob, loaded: Loaded, facts: Facts) -> Change | Rejection:
    """Make a job of a line of an order."""
    code = parse_spec_code(command.spec_code) or SpecCode(command.spec_code)
    order = loaded.order(command.order_id)
    created = jobs.create_job(command, loaded.job(command.job_id), order, loaded.spec(code), facts.ordered_jobs)
    # In the order's stream as well: of two jobs made of one line at once, the second is decided by the first.
    return loaded.change_of(created, job_key(command.job_id), order_key(command.order_id))


def start_job(command: StartJob, loaded: Loaded) -> Change | Rejection:
    """Start a job: its sheets begin with it."""
    outcome = jobs.start_job(command, loaded.job(command.job_id))
    if not isinstance(outcome, tuple):
        return outcome
    started, sheets = outcome
    # The sheets' streams are new: their version guard is that nothing is there yet.
    born = tuple(Append(sheet_key(sheet.sheet_id), 0, (sheet,)) for sheet in sheets)
    return Change((loaded.append(job_key(command.job_id), started), *born))


JobCommand = HoldJob | ResumeJob | CancelJob | ChangePriority | ChangePromiseDate | CompleteJob


def change_job(command: JobCommand, loaded: Loaded, facts: Facts) -> Change | Rejection:
    """Hold, resume, cancel, complete or reschedule a job."""
    job = loaded.job(command.job_id)
    match command:
        case HoldJob():
            outcome = jobs.hold_job(command, job)
        case ResumeJob():
            outcome = jobs.resume_job(command, job)
        case CancelJob():
            outcome = jobs.cancel_job(command, job)
        case ChangePriority():
            outcome = jobs.change_priority(command, job)
        case ChangePromiseDate():
            outcome = jobs.change_promise(command, job)
        case CompleteJob():
            outcome = jobs.complete_job(command, job, facts.job_progress)
        case other:
            assert_never(other)
    return loaded.change_of(outcome, job_key(command.job_id))


StationCommand = StartDowntime | EndDowntime | CallForHelp | AnswerHelp | ClearStop | ReportHeldScan | SettleHeldScan


def change_station(command: StationCommand, loaded: Loaded) -> Change | Rejection:
    """Say that a station stands or works, calls for a lead, was answered, had its stop cleared or held what failed."""
    station = loaded.station(command.at_station)
    match command:
        case StartDowntime():
            outcome = stations.start_downtime(command, station)
        case EndDowntime():
            outcome = stations.end_downtime(command, station)
        case CallForHelp():
            outcome = stations.call_for_help(command, station)
        case AnswerHelp():
            outcome = stations.answer_help(command, station)
        case ClearStop():
            events = loaded.history(station_key(command.at_station)).events
            cleared = {event.stop for event in events if isinstance(event, StationStopCleared)}
            outcome = stations.clear_stop(command, station, cleared)
        case ReportHeldScan():
            return _report_held_scan(command, loaded)
        case SettleHeldScan():
            return _settle_held_scan(command, loaded)
        case other:
            assert_never(other)
    return loaded.change_of(outcome, station_key(command.at_station))


def _report_held_scan(command: ReportHeldScan, loaded: Loaded) -> Change | Rejection:
    """Put a refused held scan on the station's list; a set in whose tray it laid a card is told as well."""
    card, keys = command.in_tray, [station_key(command.at_station)]
    if card is not None:
        gathered = loaded.assembly(assembly_of_card(card))
        if gathered is None or not assembly.may_lie_refused(gathered, card):
            card = None
        else:
            keys.append(assembly_key(gathered.assembly_id))
    station = loaded.station(command.at_station)
    outcome = stations.report_held_scan(command, station, _reported(command, loaded), card)
    return loaded.change_of(outcome, *keys)


def _settle_held_scan(command: SettleHeldScan, loaded: Loaded) -> Change | Rejection:
    """Take a held scan off the station's list; a set that waits for it goes on."""
    keys = [station_key(command.at_station)]
    card = stations.laid_in_by(command.held, loaded.history(keys[0]).events)
    gathered = None if card is None else loaded.assembly(assembly_of_card(card))
    if gathered is not None and command.held in gathered.refused_in_tray:
        keys.append(assembly_key(gathered.assembly_id))
    station = loaded.station(command.at_station)
    return loaded.change_of(stations.settle_held_scan(command, station, _unsettled(command, loaded)), *keys)


def _reported(command: ReportHeldScan, loaded: Loaded) -> frozenset[CommandId]:
    events = loaded.history(station_key(command.at_station)).events
    return frozenset(event.held for event in events if isinstance(event, HeldScanRefused))


def _unsettled(command: SettleHeldScan, loaded: Loaded) -> frozenset[CommandId]:
    events = loaded.history(station_key(command.at_station)).events
    settled = {event.held for event in events if isinstance(event, HeldScanSettled)}
    return frozenset(event.held for event in events if isinstance(event, HeldScanRefused)) - settled
