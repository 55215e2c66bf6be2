"""What the shop consists of: product specs, stations, people.

Each is a stream of its own; defining anew makes the next version and never
touches what jobs already took with them.
"""

from collections.abc import Iterable
from dataclasses import replace

from core.domain.commands import (
    DefineProductSpec,
    DefineStation,
    RegisterOperator,
    SetOperatorPin,
)
from core.domain.events import (
    Event,
    HelpAnswered,
    HelpCalled,
    OperatorPinSet,
    OperatorRegistered,
    ProductSpecDefined,
    StationDefined,
    StationDowntimeEnded,
    StationDowntimeStarted,
    StationStopCleared,
)
from core.domain.models import Operator, Station, changed
from core.domain.rejections import (
    DefinitionFault,
    Fault,
    InvalidDefinition,
    NothingChanged,
    Rejection,
    UnknownOperator,
)
from core.domain.values import FAN_IN, WORK_OF_ROLE, ProductSpec, StationDefinition, StationRole
from core.production.routes import MAX_MEASURE, MAX_NAME_LENGTH, is_measure, measured, spec_faults

# -- folding -------------------------------------------------------------------


def evolve_spec(state: ProductSpec | None, event: Event) -> ProductSpec | None:
    """Return the newest version of the product."""
    return event.spec if isinstance(event, ProductSpecDefined) else state


def evolve_station(state: Station | None, event: Event) -> Station | None:
    """Return the station after the event; its first event defines it."""
    if isinstance(event, StationDefined):
        if state is None:
            return Station(definition=event.station)
        return changed(state, definition=event.station)
    if state is None:
        return None
    match event:
        case StationDowntimeStarted():
            return changed(state, down_for=event.reason)
        case StationDowntimeEnded():
            return changed(state, down_for=None)
        case HelpCalled():
            return changed(state, help_called=True)
        case HelpAnswered():
            return changed(state, help_called=False)
        case StationStopCleared():
            return changed(state, stops_cleared=event.number)
        case _:
            return state


def evolve_operator(state: Operator | None, event: Event) -> Operator | None:
    """Return the person after the event; their first event registers them."""
    match event:
        case OperatorRegistered():
            return Operator(
                operator_id=event.badge,
                name=event.name,
                roles=frozenset(event.roles),
                secret=state.secret if state else None,
            )
        case OperatorPinSet() if state is not None:
            return changed(state, secret=event.secret)
        case _:
            return state


# -- deciding ------------------------------------------------------------------


def define_spec(command: DefineProductSpec, known: ProductSpec | None) -> ProductSpecDefined | Rejection:
    """Describe a product; the same again changes nothing, anything else is a new version."""
    faults = spec_faults(command.spec)
    if faults:
        return InvalidDefinition(of=command.spec.code, faults=faults)
    steps = tuple(replace(step, minutes=measured(step.minutes)) for step in command.spec.route.steps)
    spec = replace(command.spec, route=replace(command.spec.route, steps=steps))
    if known is not None and replace(spec, version=known.version) == known:
        return NothingChanged(of=known.code)
    version = 1 if known is None else known.version + 1
    return ProductSpecDefined(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        spec=replace(spec, version=version),
    )


def define_station(command: DefineStation, known: Station | None) -> StationDefined | Rejection:
    """Set up a station whose work fits its role."""
    faults = tuple(_station_faults(command.station))
    if faults:
        return InvalidDefinition(of=command.station.station_id, faults=faults)
    station = command.station
    if station.units_per_hour is not None:
        station = replace(station, units_per_hour=measured(station.units_per_hour))
    if known is not None and known.definition == station:
        return NothingChanged(of=station.station_id)
    return StationDefined(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        station=station,
    )


def _station_faults(station: StationDefinition) -> Iterable[Fault]:
    yield from _name_faults(station.name)
    allowed = WORK_OF_ROLE[station.role]
    for work in station.work:
        if work not in allowed:
            found = f"{work} at a {station.role} station"
            yield Fault(fault=DefinitionFault.WORK_NOT_OF_ROLE, where="work", found=found)
    if station.operations and FAN_IN.intersection(station.work):
        found = ", ".join(station.operations)
        yield Fault(fault=DefinitionFault.OPERATIONS_OF_SETS, where="operations", found=found)
    if not station.work and station.role is not StationRole.LEAD:
        yield Fault(fault=DefinitionFault.NO_WORK, where="work", found="nothing")
    rate = station.units_per_hour
    if rate is not None and not (is_measure(rate) and measured(rate) > 0):
        found = f"{rate}, above 0 and at most {MAX_MEASURE:.0f} allowed"
        yield Fault(fault=DefinitionFault.QUANTITY_OUT_OF_RANGE, where="units_per_hour", found=found)
    if station.queue_limit is not None and station.queue_limit < 1:
        yield Fault(
            fault=DefinitionFault.QUANTITY_OUT_OF_RANGE,
            where="queue_limit",
            found=str(station.queue_limit),
        )


def _name_faults(name: str) -> Iterable[Fault]:
    if not name.strip():
        yield Fault(fault=DefinitionFault.EMPTY_NAME, where="name", found=name)
    elif len(name) > MAX_NAME_LENGTH:
        found = f"{len(name)} characters, at most {MAX_NAME_LENGTH}"
        yield Fault(fault=DefinitionFault.TOO_LONG, where="name", found=found)


def register_operator(command: RegisterOperator, known: Operator | None) -> OperatorRegistered | Rejection:
    """Give a person a badge, a name and at least one role; take all of them from a known one, whose badge ends so."""
    faults = list(_name_faults(command.name))
    if not command.roles and known is None:
        faults.append(Fault(fault=DefinitionFault.NO_ROLES, where="roles", found="none"))
    if faults:
        return InvalidDefinition(of=command.badge, faults=tuple(faults))
    same = known is not None and known.name == command.name and known.roles == frozenset(command.roles)
    if same:
        return NothingChanged(of=command.badge)
    return OperatorRegistered(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        badge=command.badge,
        name=command.name,
        roles=command.roles,
    )


def set_pin(command: SetOperatorPin, known: Operator | None) -> OperatorPinSet | Rejection:
    """Store the hash of a known person's PIN."""
    if known is None:
        return UnknownOperator(operator_id=command.badge)
    return OperatorPinSet(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        badge=command.badge,
        secret=command.secret,
    )
