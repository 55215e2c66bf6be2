"""The state machines: one table of allowed transitions each.

``evolve`` goes through ``advance``, so no state can change in a way that its
table does not show, and ``kiosk states`` prints the same tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    JobStatus,
    OrderStatus,
    PackStatus,
    SheetStatus,
)

S = TypeVar("S", bound=StrEnum)


class IllegalTransitionError(Exception):
    """The log or a rule asked for a transition that the machine does not have.

    A defect of the product or a damaged log, never an operator's mistake.
    """

    def __init__(self, machine: str, was: str, now: str) -> None:
        """Name the machine and both states."""
        super().__init__(f"{machine}: {was} does not become {now}")
        self.machine = machine
        self.was = was
        self.now = now


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[S]):
    """Allowed transitions between the states of one kind of unit.

    ``initial`` are the states a unit may be born in; a state without successors
    is terminal.
    """

    name: str
    initial: tuple[S, ...]
    transitions: Mapping[S, frozenset[S]]

    def allows(self, was: S, now: S) -> bool:
        """Say whether ``was`` may become ``now``; staying as it is always may."""
        return was is now or now in self.transitions[was]

    def advance(self, was: S, now: S) -> S:
        """Return ``now``; IllegalTransitionError where the table does not allow it."""
        # Asked of every event of every fold: most leave a unit in the state that it is in.
        if was is not now and now not in self.transitions[was]:
            raise IllegalTransitionError(self.name, was, now)
        return now

    def terminal(self) -> frozenset[S]:
        """Return the states that nothing leaves."""
        return frozenset(state for state, after in self.transitions.items() if not after)


def _machine(name: str, initial: tuple[S, ...], transitions: dict[S, tuple[S, ...]]) -> StateMachine[S]:
    table = {state: frozenset(after) for state, after in transitions.items()}
    return StateMachine(name, initial, MappingProxyType(table))


SHEET = _machine(
    "Sheet",
    (SheetStatus.CREATED, SheetStatus.READY_TO_CUT),
    {
        SheetStatus.CREATED: (
            SheetStatus.IN_PROGRESS,
            SheetStatus.READY_TO_CUT,
            SheetStatus.VOIDED,
        ),
        SheetStatus.IN_PROGRESS: (SheetStatus.READY_TO_CUT, SheetStatus.VOIDED),
        SheetStatus.READY_TO_CUT: (SheetStatus.CUT, SheetStatus.VOIDED),
        SheetStatus.CUT: (),
        SheetStatus.VOIDED: (),
    },
)

CARD_UNIT = _machine(
    "CardUnit",
    (CardUnitStatus.CREATED,),
    {
        CardUnitStatus.CREATED: (CardUnitStatus.IN_PROGRESS, CardUnitStatus.VOIDED),
        CardUnitStatus.IN_PROGRESS: (
            CardUnitStatus.QA_PASSED,
            CardUnitStatus.QA_FAILED,
            CardUnitStatus.VOIDED,
        ),
        CardUnitStatus.QA_FAILED: (CardUnitStatus.IN_PROGRESS, CardUnitStatus.VOIDED),
        CardUnitStatus.QA_PASSED: (CardUnitStatus.ASSEMBLED, CardUnitStatus.VOIDED),
        CardUnitStatus.ASSEMBLED: (
            CardUnitStatus.QA_PASSED,
            CardUnitStatus.PACKED,
            CardUnitStatus.VOIDED,
        ),
        CardUnitStatus.PACKED: (),
        CardUnitStatus.VOIDED: (),
    },
)

ASSEMBLY = _machine(
    "Assembly",
    (AssemblyStatus.PENDING,),
    {
        AssemblyStatus.PENDING: (AssemblyStatus.IN_PROGRESS,),
        AssemblyStatus.IN_PROGRESS: (AssemblyStatus.COMPLETE,),
        AssemblyStatus.COMPLETE: (AssemblyStatus.IN_PROGRESS, AssemblyStatus.PACKED),
        AssemblyStatus.PACKED: (),
    },
)

JOB = _machine(
    "Job",
    (JobStatus.CREATED,),
    {
        JobStatus.CREATED: (JobStatus.STARTED, JobStatus.CANCELLED),
        JobStatus.STARTED: (JobStatus.ON_HOLD, JobStatus.COMPLETED, JobStatus.CANCELLED),
        JobStatus.ON_HOLD: (JobStatus.STARTED, JobStatus.CANCELLED),
        JobStatus.COMPLETED: (),
        JobStatus.CANCELLED: (),
    },
)

ORDER = _machine(
    "ProductionOrder",
    (OrderStatus.PLACED,),
    {
        OrderStatus.PLACED: (OrderStatus.FULFILLED, OrderStatus.CANCELLED),
        OrderStatus.FULFILLED: (),
        OrderStatus.CANCELLED: (),
    },
)

PACK = _machine(
    "Pack",
    (PackStatus.OPEN,),
    {
        PackStatus.OPEN: (PackStatus.SEALED,),
        PackStatus.SEALED: (PackStatus.SHIPPED,),
        PackStatus.SHIPPED: (),
    },
)

MACHINES = (ORDER, JOB, SHEET, CARD_UNIT, ASSEMBLY, PACK)
"""Every machine, in the order in which a unit meets them."""
