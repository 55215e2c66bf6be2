"""Where a sheet or a card is and what it waits for: what the rows of both have in common.

Each of them is checked in at a station, leaves it, and waits for the work that is
ready. What else happens to it, and what its states are, its own module says.
"""

from dataclasses import dataclass
from datetime import datetime

from core.domain.events import (
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    Event,
    GateApproved,
    PrintCompleted,
    SheetEnteredStation,
    SheetExitedStation,
    SheetOperationCompleted,
)
from core.domain.values import OperationType, StepRef
from core.identity.ids import OperationCode, OperatorId, StationId

MOVES: frozenset[type[Event]] = frozenset(
    {
        CardUnitEnteredStation, CardUnitOperationCompleted, GateApproved, PrintCompleted, SheetEnteredStation,
        SheetExitedStation, SheetOperationCompleted,
    }
)  # fmt: skip
"""What changes nothing of a unit's row but ``MOVED_COLUMNS``, as most scans do: it comes to a station, leaves it, is
through with an operation, may pass a gate."""

MOVED_COLUMNS = (
    "status", "station_id", "last_station_id", "operation", "work", "operator_id", "since", "ready", "ready_operations",
    "waiting_since", "updated_at", "version",
)  # fmt: skip
"""The columns that sheets and cards have in common and that their way through the stations changes."""


@dataclass(slots=True, kw_only=True)
class Whereabouts:
    """The unit so far. ``steps`` are the operations ready, also while one of them is in hand."""

    steps: tuple[StepRef, ...]
    since: datetime
    waiting_since: datetime
    station_id: StationId | None = None
    last_station_id: StationId | None = None
    operation: OperationCode | None = None
    work: OperationType | None = None
    operator_id: OperatorId | None = None


def enter(unit: Whereabouts, event: SheetEnteredStation | CardUnitEnteredStation) -> None:
    """The unit is in hand at a station, whose operation it is."""
    unit.station_id = unit.last_station_id = event.station_id
    unit.operation = event.operation
    unit.work = event.work
    unit.operator_id = event.operator_id
    unit.since = event.occurred_at


def leave(unit: Whereabouts, event: Event) -> None:
    """Nobody has the unit in hand any more; from now on it waits."""
    unit.since = unit.waiting_since = event.occurred_at
    unit.station_id = unit.operation = unit.work = unit.operator_id = None


def leave_worked_on(unit: Whereabouts, event: Event) -> None:
    """The same, and the station that says so is where the unit was last seen at work."""
    leave(unit, event)
    if event.station_id is not None:
        unit.last_station_id = event.station_id


def pass_gate(unit: Whereabouts, event: GateApproved) -> None:
    """More work is ready; a unit at work stays there, and what is ready now shows when that ends."""
    unit.steps = event.ready
    if unit.station_id is None:
        unit.since = unit.waiting_since = event.occurred_at
