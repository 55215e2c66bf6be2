"""Facts that no single stream holds: the shop's policies and counts over many units.

The store looks up what ``facts_needed`` asks for and hands it to ``decide``. A
count may be stale by the time it is used, so rules only rely on counts that
cannot go back: packed stays packed.
"""

from dataclasses import dataclass
from datetime import datetime

from core.domain.values import JobStatus
from core.identity.ids import JobId, OperatorId, ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPolicy:
    """What the shop decided in kiosk.toml.

    ``inspectors_decide`` lets inspectors rework and void without a lead.
    ``repeat_guard_seconds`` is how soon after a check-in the same code is taken
    for an accident rather than for the next step. After ``most_wrong_pins`` wrong
    PINs for one person within ``pin_lock_minutes``, the right one is not taken either.
    """

    inspectors_decide: bool = False
    repeat_guard_seconds: float = 2.0
    most_wrong_pins: int = 5
    pin_lock_minutes: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is: its sheets that are not voided, its sets that are packed."""

    sheets: int
    sets_packed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedJob:
    """A job of an order: for which line, how many sets it makes and has packed.

    ``sets`` are its sheets without those that are voided: it only ever sinks.
    """

    job_id: JobId
    line: int
    status: JobStatus
    sets: int
    sets_packed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgressNeeded:
    """Ask for the progress of this job."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedJobsNeeded:
    """Ask for the jobs of this order."""

    order_id: ProductionOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPinsNeeded:
    """Ask when wrong PINs were given for this person.

    Only those count that were given at any station within the policy's
    ``pin_lock_minutes``, and since the person's PIN was last set. Both are reckoned by
    the database's clock: a kiosk whose own runs fast must not end a lock.
    """

    operator_id: OperatorId


FactsNeeded = JobProgressNeeded | OrderedJobsNeeded | WrongPinsNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a decision may look at besides streams.

    ``wrong_pins`` are the moments that ``WrongPinsNeeded`` asks for, oldest first.
    """

    policy: ShopPolicy = ShopPolicy()
    job_progress: JobProgress | None = None
    ordered_jobs: tuple[OrderedJob, ...] = ()
    wrong_pins: tuple[datetime, ...] = ()
