"""Why a definition, an order or a job is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.rejections.base import Refusal
from core.domain.values import (
    JobStatus,
    OrderStatus,
)
from core.identity.ids import (
    JobId,
    ProductionOrderId,
    SpecCode,
    StationId,
)


class DefinitionFault(StrEnum):
    """What can be wrong with a definition."""

    EMPTY_NAME = "empty_name"
    N_UP_OUT_OF_RANGE = "n_up_out_of_range"
    LAYOUT_DOES_NOT_FIT = "layout_does_not_fit"
    NO_STEPS = "no_steps"
    DUPLICATE_OPERATION = "duplicate_operation"
    UNKNOWN_PREDECESSOR = "unknown_predecessor"
    CYCLE = "cycle"
    CUT_COUNT = "cut_count"
    FAN_IN_IN_ROUTE = "fan_in_in_route"
    WRONG_UNIT = "wrong_unit"
    SHEET_AFTER_CUT = "sheet_after_cut"
    NO_FINAL_QA = "no_final_qa"
    RUN_MISSING = "run_missing"
    RUN_OUT_OF_RANGE = "run_out_of_range"
    REWORK_LIMIT_OUT_OF_RANGE = "rework_limit_out_of_range"
    REPLACEMENT_START_UNKNOWN = "replacement_start_unknown"
    REPLACEMENT_SKIPS_MARK = "replacement_skips_mark"
    WORK_NOT_OF_ROLE = "work_not_of_role"
    NO_WORK = "no_work"
    OPERATIONS_OF_SETS = "operations_of_sets"
    NO_ROLES = "no_roles"
    NEGATIVE_TIME = "negative_time"
    PRIORITY_OUT_OF_RANGE = "priority_out_of_range"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    NO_LINES = "no_lines"
    DUPLICATE_LINE = "duplicate_line"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a definition: which, where (a field or operation), what was found."""

    fault: DefinitionFault
    where: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidDefinition(Refusal):
    """A product spec, station, person or order that cannot be; all its faults at once."""

    of: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownSpec(Refusal):
    """No such product is defined."""

    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownStation(Refusal):
    """No such station is defined."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrder(Refusal):
    """No such order was placed."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOrderLine(Refusal):
    """The order has no such line, or the line is for another product."""

    order_id: ProductionOrderId
    line: int
    spec_code: SpecCode


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCovered(Refusal):
    """The job would make more of an order's line than was ordered, and not as spare sheets.

    ``ordered`` sets were ordered, the line's jobs make ``covered`` of them, and
    ``asked`` more are asked for besides the spare ones; 0 where no number was said.
    """

    order_id: ProductionOrderId
    line: int
    ordered: int
    covered: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOnFloor(Refusal):
    """Jobs of the order are started, held ones included; they are cancelled with it only where that is said."""

    order_id: ProductionOrderId
    job_ids: tuple[JobId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExists(Refusal):
    """An order of this id was placed before."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotOpen(Refusal):
    """The order is fulfilled or cancelled."""

    order_id: ProductionOrderId
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseInPast(Refusal):
    """A promise must lie ahead."""

    of: str
    promise_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTooFar(Refusal):
    """A promise must lie within a hundred years."""

    of: str
    promise_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownJob(Refusal):
    """No such job was created."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobExists(Refusal):
    """A job of this id was created before."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongJobState(Refusal):
    """The job's state does not allow this."""

    job_id: JobId
    status: JobStatus
    needed: tuple[JobStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotDone(Refusal):
    """Not every set of the job is packed."""

    job_id: JobId
    packed: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotDone(Refusal):
    """Not every line of the order is produced."""

    order_id: ProductionOrderId
