"""The tables of states: what may become what, and nothing else."""

import pytest

from core.domain.state_machines import ASSEMBLY, CARD_UNIT, JOB, MACHINES, ORDER, PACK, SHEET, IllegalTransitionError
from core.domain.values import AssemblyStatus, CardUnitStatus, JobStatus, OrderStatus, PackStatus, SheetStatus

STATES = {
    "Sheet": SheetStatus,
    "CardUnit": CardUnitStatus,
    "Assembly": AssemblyStatus,
    "Job": JobStatus,
    "ProductionOrder": OrderStatus,
    "Pack": PackStatus,
}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_table_speaks_of_every_state(machine: object) -> None:
    """Each stands in it, can be reached from a first one, and leads to an end."""
    table = machine.transitions  # type: ignore[attr-defined]
    assert set(table) == set(STATES[machine.name])  # type: ignore[attr-defined]
    reached, ends = set(machine.initial), machine.terminal()  # type: ignore[attr-defined]
    for _ in table:
        reached |= {after for state in reached for after in table[state]}
    assert reached == set(table)
    assert ends
    leading = set(ends)
    for _ in table:
        leading |= {state for state in table if table[state] & leading}
    assert leading == set(table)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_terminal_state_stays(machine: object) -> None:
    """Whatever is asked of it, it becomes nothing else; to stay is no change."""
    for end in machine.terminal():  # type: ignore[attr-defined]
        for state in machine.transitions:  # type: ignore[attr-defined]
            assert machine.allows(end, state) == (state == end)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("machine", "was", "now"),
    [
        (SHEET, SheetStatus.CUT, SheetStatus.VOIDED),
        (SHEET, SheetStatus.CREATED, SheetStatus.CUT),
        (CARD_UNIT, CardUnitStatus.PACKED, CardUnitStatus.VOIDED),
        (CARD_UNIT, CardUnitStatus.QA_FAILED, CardUnitStatus.QA_PASSED),
        (CARD_UNIT, CardUnitStatus.IN_PROGRESS, CardUnitStatus.ASSEMBLED),
        (CARD_UNIT, CardUnitStatus.QA_PASSED, CardUnitStatus.PACKED),
        (ASSEMBLY, AssemblyStatus.IN_PROGRESS, AssemblyStatus.PACKED),
        (JOB, JobStatus.ON_HOLD, JobStatus.COMPLETED),
        (ORDER, OrderStatus.FULFILLED, OrderStatus.CANCELLED),
        (PACK, PackStatus.OPEN, PackStatus.SHIPPED),
    ],
)
def test_what_the_table_does_not_show_is_an_error(machine: object, was: object, now: object) -> None:
    """A fold stops rather than pass over it, and names it."""
    with pytest.raises(IllegalTransitionError, match=f"{was} does not become {now}"):
        machine.advance(was, now)  # type: ignore[attr-defined]
