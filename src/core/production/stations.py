"""Stations: which step is theirs, and what happens to the station itself."""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from core.domain.commands import (
    AnswerHelp,
    CallForHelp,
    ClearStop,
    EndDowntime,
    ReportHeldScan,
    SettleHeldScan,
    StartDowntime,
)
from core.domain.events import (
    Event,
    HeldScanRefused,
    HeldScanSettled,
    HelpAnswered,
    HelpCalled,
    StationDowntimeEnded,
    StationDowntimeStarted,
    StationStopCleared,
)
from core.domain.models import CheckIn, Station
from core.domain.rejections import (
    AlreadyDone,
    NothingChanged,
    NothingToClear,
    NothingToSettle,
    ReasonMissing,
    Rejection,
    UnknownStation,
    WrongKindOfUnit,
    WrongStep,
)
from core.domain.values import Route, RouteStep, StationDefinition, UnitKind
from core.identity.ids import CardUnitId, CommandId, OperationCode
from core.production.routes import missing_before, ready_steps, refs, steps_for


def choose_step(
    *,
    unit_id: str,
    unit: UnitKind,
    route: Route,
    done: AbstractSet[OperationCode],
    check_in: CheckIn | None,
    station: StationDefinition,
) -> RouteStep | WrongStep | AlreadyDone | WrongKindOfUnit:
    """Return the step that the station is to do on a unit, or why there is none.

    Of several ready steps that are done here, the one that the unit is checked in for,
    or else the first in the route's order.
    Source: domain.md, invariant 5: an operation is only done after all its predecessors.
    """
    ready = ready_steps(route, unit, done)
    offered = [step for step in ready if station.does(step)]
    for step in offered:
        # A gate may have opened an earlier step since: what was begun here is what is done here.
        if is_checked_in(check_in, station, step):
            return step
    if offered:
        return offered[0]
    mine = [step for step in route.steps if station.does(step)]
    if mine and all(step.unit is not unit for step in mine):
        return WrongKindOfUnit(unit_id=unit_id, station_role=station.role)
    pending = [step for step in mine if step.unit is unit and step.operation not in done]
    if mine and not pending:
        last = next(step for step in reversed(mine) if step.unit is unit)
        return AlreadyDone(unit_id=unit_id, operation=last.operation, ready=refs(ready))
    missing = missing_before(route, pending[0], done) if pending else ()
    return WrongStep(
        unit_id=unit_id,
        station_id=station.station_id,
        work=station.work,
        operations=station.operations,
        ready=refs(ready),
        missing=missing,
    )


def is_checked_in(check_in: CheckIn | None, station: StationDefinition, step: RouteStep) -> bool:
    """Say whether a unit is checked in at this very station for this very step."""
    return check_in is not None and check_in.station_id == station.station_id and check_in.operation == step.operation


def step_names(route: Route, unit: UnitKind) -> tuple[OperationCode, ...]:
    """Return the operations of a kind of unit, in route order."""
    return tuple(step.operation for step in steps_for(route, unit))


# -- the station itself --------------------------------------------------------


def start_downtime(command: StartDowntime, station: Station | None) -> StationDowntimeStarted | Rejection:
    """Say that the station stands still, and why."""
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if not command.reason.strip():
        return ReasonMissing(unit_id=command.at_station)
    if station.down_for is not None:
        return NothingChanged(of=command.at_station)
    return StationDowntimeStarted(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
        reason=command.reason,
    )


def end_downtime(command: EndDowntime, station: Station | None) -> StationDowntimeEnded | Rejection:
    """Say that the station works again."""
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if station.down_for is None:
        return NothingChanged(of=command.at_station)
    return StationDowntimeEnded(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
    )


def call_for_help(command: CallForHelp, station: Station | None) -> HelpCalled | Rejection:
    """Ask for a lead; a call that is open stays one call."""
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if station.help_called:
        return NothingChanged(of=command.at_station)
    return HelpCalled(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
        note=command.note,
    )


def answer_help(command: AnswerHelp, station: Station | None) -> HelpAnswered | Rejection:
    """Take an open call."""
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if not station.help_called:
        return NothingChanged(of=command.at_station)
    return HelpAnswered(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
    )


def clear_stop(
    command: ClearStop, station: Station | None, cleared: Collection[CommandId]
) -> StationStopCleared | Rejection:
    """End a stop, once: two screens of one station may both be told to; ``cleared`` are the stops that are over."""
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if command.stop in cleared:
        return NothingToClear(at_station=command.at_station, stop=command.stop)
    return StationStopCleared(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
        number=station.stops_cleared + 1,
        stop=command.stop,
        refusal=command.refusal,
        unit_id=command.unit_id,
        raised_at=command.raised_at,
        cleared_by=command.cleared_by,
        ignored=command.ignored,
    )


def report_held_scan(
    command: ReportHeldScan, station: Station | None, reported: Collection[CommandId], in_tray: CardUnitId | None
) -> HeldScanRefused | Rejection:
    """Put a held scan that was refused where people see it; once, whoever delivers it again.

    ``in_tray`` is the card that its set must know of, for it may lie in its tray.
    """
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if command.held in reported:
        return NothingChanged(of=command.at_station)
    return HeldScanRefused(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
        held=command.held,
        kind=command.kind,
        scanned=command.scanned,
        scanned_at=command.scanned_at,
        refusal=command.refusal,
        reason=command.reason,
        in_tray=in_tray,
    )


def laid_in_by(held: CommandId, events: Iterable[Event]) -> CardUnitId | None:
    """Return the card of which its set was told when a held scan was refused; ``events`` are the station's."""
    for event in events:
        if isinstance(event, HeldScanRefused) and event.held == held:
            return event.in_tray
    return None


def settle_held_scan(
    command: SettleHeldScan, station: Station | None, unsettled: Collection[CommandId]
) -> HeldScanSettled | Rejection:
    """Take a held scan that was refused off the list; ``unsettled`` are those that stand on it."""
    if station is None:
        return UnknownStation(station_id=command.at_station)
    if command.held not in unsettled:
        return NothingToSettle(at_station=command.at_station, held=command.held)
    return HeldScanSettled(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        at_station=command.at_station,
        held=command.held,
        note=command.note,
    )
