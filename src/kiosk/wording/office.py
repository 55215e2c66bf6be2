"""Refusals to the office: definitions, orders, jobs, corrections. Called by `kiosk.wording.rejections`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias, assert_never

from core.domain.rejections import (
    CorrectionFault,
    DefinitionFault,
    Fault,
    InvalidDefinition,
    JobExists,
    JobNotDone,
    LineCovered,
    NotCorrectable,
    NothingChanged,
    NothingToUndo,
    OrderExists,
    OrderNotDone,
    OrderNotOpen,
    OrderOnFloor,
    PromiseInPast,
    PromiseTooFar,
    UnknownJob,
    UnknownOrder,
    UnknownOrderLine,
    UnknownSpec,
    UnknownStation,
    WrongJobState,
)
from core.domain.values import JobStatus, OrderStatus
from kiosk.printable import shown
from kiosk.wording.spoken import Spoken, Words, attention, listed

__all__ = ["OfficeRejection", "fault_words", "speak_of_office"]

OfficeRejection: TypeAlias = (
    InvalidDefinition
    | UnknownSpec
    | UnknownStation
    | UnknownOrder
    | UnknownOrderLine
    | LineCovered
    | OrderOnFloor
    | OrderExists
    | OrderNotOpen
    | PromiseInPast
    | PromiseTooFar
    | UnknownJob
    | JobExists
    | WrongJobState
    | JobNotDone
    | OrderNotDone
    | NothingChanged
    | NotCorrectable
    | NothingToUndo
)

_FAULTS: Mapping[DefinitionFault, str] = MappingProxyType(
    {
        DefinitionFault.EMPTY_NAME: "a name is needed",
        DefinitionFault.N_UP_OUT_OF_RANGE: "a sheet has 1 to 99 cards",
        DefinitionFault.LAYOUT_DOES_NOT_FIT: "rows × columns must be the number of cards on a sheet",
        DefinitionFault.NO_STEPS: "a route needs steps",
        DefinitionFault.DUPLICATE_OPERATION: "an operation stands only once in a route",
        DefinitionFault.UNKNOWN_PREDECESSOR: "the route has no such operation to come after",
        DefinitionFault.CYCLE: "these operations wait for one another in a circle",
        DefinitionFault.CUT_COUNT: "a route has exactly one CUT",
        DefinitionFault.FAN_IN_IN_ROUTE: "gathering and packing follow every route and are never written in it",
        DefinitionFault.WRONG_UNIT: "printing and the cut work on sheets; numbering, inserts and QA on cards",
        DefinitionFault.SHEET_AFTER_CUT: "after the cut there is no sheet to work on",
        DefinitionFault.NO_FINAL_QA: "a route ends in one QA that comes after every other card step",
        DefinitionFault.RUN_MISSING: "numbered cards need the size of their run, run_of",
        DefinitionFault.RUN_OUT_OF_RANGE: "a run has 1 to 100,000 numbers",
        DefinitionFault.REWORK_LIMIT_OUT_OF_RANGE: "a card may be reworked 0 to 9 times",
        DefinitionFault.REPLACEMENT_START_UNKNOWN: "a replacement starts at a card step of the route",
        DefinitionFault.REPLACEMENT_SKIPS_MARK: "a replacement needs a number and inserts of its own",
        DefinitionFault.WORK_NOT_OF_ROLE: "a station of this role does not do this work",
        DefinitionFault.NO_WORK: "a station needs at least one kind of work",
        DefinitionFault.OPERATIONS_OF_SETS: "a station that handles whole sets has no operations to choose from",
        DefinitionFault.NO_ROLES: "a person needs at least one role",
        DefinitionFault.NEGATIVE_TIME: "a time is 0 or more",
        DefinitionFault.PRIORITY_OUT_OF_RANGE: "a priority is 1 (most urgent) to 9",
        DefinitionFault.QUANTITY_OUT_OF_RANGE: "the quantity is out of range",
        DefinitionFault.NO_LINES: "an order needs at least one line",
        DefinitionFault.DUPLICATE_LINE: "a line number stands only once in an order",
        DefinitionFault.TOO_LONG: "this is too long",
    }
)

_WHY_NOT_CORRECTABLE: Mapping[CorrectionFault, str] = MappingProxyType(
    {
        CorrectionFault.NO_SUCH_EVENT: "there is no such event",
        CorrectionFault.NOT_THE_NEWEST: "only the newest event can be taken back",
        CorrectionFault.NOT_RETRACTABLE: "this cannot be taken back",
        CorrectionFault.FIELD_NOT_CORRECTABLE: "this field cannot be corrected",
        CorrectionFault.FIELD_SAYS_OTHERWISE: "the field says something else",
        CorrectionFault.ALREADY_RETRACTED: "it was taken back before",
    }
)

_ORDER_STATES = {
    OrderStatus.PLACED: "is open",
    OrderStatus.FULFILLED: "is fulfilled",
    OrderStatus.CANCELLED: "is cancelled",
}
_JOB_STATES = {
    JobStatus.CREATED: "created",
    JobStatus.STARTED: "started",
    JobStatus.ON_HOLD: "on hold",
    JobStatus.COMPLETED: "completed",
    JobStatus.CANCELLED: "cancelled",
}


def fault_words(fault: Fault) -> str:
    """One fault of a definition: where, what is allowed, what was found."""
    return f"{shown(fault.where, 60)}: {_FAULTS[fault.fault]} (found: {shown(fault.found, 80) or 'nothing'})"


def speak_of_office(rejection: OfficeRejection, words: Words) -> Spoken:
    """A refusal to the office in plain words."""
    match rejection:
        case InvalidDefinition():
            faults = listed((fault_words(fault) for fault in rejection.faults), most=20)
            return attention("CANNOT BE", f"{shown(rejection.of, 60)} cannot be as it is described. {faults}.", "")
        case UnknownSpec():
            return attention(
                "NO SUCH PRODUCT", f"There is no product {rejection.spec_code}.", "kiosk spec list shows all of them"
            )
        case UnknownStation():
            return attention(
                "NO SUCH STATION",
                f"There is no station {rejection.station_id}.",
                "kiosk station list shows all, kiosk station load adds some",
            )
        case UnknownOrder():
            return attention(
                "NO SUCH ORDER", f"There is no order {rejection.order_id}.", "kiosk order list shows all of them"
            )
        case UnknownOrderLine():
            return attention(
                "NO SUCH LINE",
                f"Order {rejection.order_id} has no line {rejection.line} for {rejection.spec_code}.",
                f"kiosk order show {rejection.order_id}",
            )
        case LineCovered():
            return _line_covered(rejection)
        case OrderOnFloor():
            return attention(
                "JOBS ON THE FLOOR",
                f"Order {rejection.order_id} has jobs on the floor: {listed(rejection.job_ids)}.",
                "Say --with-running-jobs to cancel them with it",
            )
        case OrderExists():
            return attention("ORDER EXISTS", f"Order {rejection.order_id} was placed before.", "Use another id")
        case OrderNotOpen():
            return attention(
                "ORDER CLOSED", f"Order {rejection.order_id} {_ORDER_STATES[rejection.status]}.", "Nothing was changed"
            )
        case PromiseInPast():
            return attention(
                "DATE IN THE PAST",
                f"The promise date of {shown(rejection.of, 40)}, {words.date_and_clock(rejection.promise_at)}, "
                f"is past: it is {words.date_and_clock(rejection.now)}.",
                "Give a later date",
            )
        case PromiseTooFar():
            # Not in the shop's zone: at the end of the calendar there is no such time.
            return attention(
                "DATE TOO FAR",
                f"The promise date of {shown(rejection.of, 40)} in the year {rejection.promise_at.year} is more than "
                "a hundred years ahead.",
                "Give a date that somebody will see",
            )
        case UnknownJob():
            return attention("NO SUCH JOB", f"There is no job {rejection.job_id}.", "kiosk job list shows all of them")
        case JobExists():
            return attention("JOB EXISTS", f"Job {rejection.job_id} was created before.", "Use another id")
        case WrongJobState():
            needed = listed((_JOB_STATES[status] for status in rejection.needed), last="or")
            return attention(
                "NOT NOW",
                f"Job {rejection.job_id} is {_JOB_STATES[rejection.status]}; this needs one that is {needed}.",
                "Nothing was changed",
            )
        case JobNotDone():
            return attention(
                "NOT DONE",
                f"Job {rejection.job_id} has {rejection.packed} of {rejection.expected} sets packed.",
                "Nothing was changed",
            )
        case OrderNotDone():
            return attention(
                "NOT DONE", f"Order {rejection.order_id} has lines that are not produced.", "Nothing was changed"
            )
        case NothingChanged():
            return attention("NOTHING CHANGED", f"{shown(rejection.of, 60)} is like that already.", "Nothing to do")
        case NotCorrectable():
            return attention(
                "CANNOT UNDO",
                f"Event {rejection.version} of {shown(rejection.aggregate_id, 40)} "
                f"({shown(rejection.event, 40) or 'none'}) stays as it is: {_WHY_NOT_CORRECTABLE[rejection.fault]}.",
                "More happened since; call a lead with F8"
                if rejection.fault is CorrectionFault.NOT_THE_NEWEST
                else "Call a lead with F8",
                big="NO UNDO",
            )
        case NothingToUndo():
            return attention(
                "NOTHING TO UNDO",
                f"At {rejection.station_id} nothing can be taken back now.",
                "F2 takes back only what was done last",
                big="NO UNDO",
            )
        case _:
            assert_never(rejection)


def _line_covered(rejection: LineCovered) -> Spoken:
    ordered, covered, asked = rejection.ordered, rejection.covered, rejection.asked
    left = max(0, ordered - covered)
    made = f"{covered} are made by its jobs" if covered else "no job makes any of it yet"
    more = f", and {asked} more are {asked - left} too many" if asked else ", so nothing is left to make"
    cure = f"Say --overs {asked - left} if these are spare" if asked else "Say --overs and how many for spare sheets"
    return attention(
        "MORE THAN ORDERED",
        f"Line {rejection.line} of order {rejection.order_id} is for {ordered} sets; {made}{more}.",
        cure,
    )
