"""Routes: what must happen in which order, and what may be done next.

Pure questions about a product's operation DAG. A route always fans out once, at
its one CUT, and always ends in one QA; gathering and packing follow every route
and never stand in it.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import isfinite

from core.domain.rejections import DefinitionFault, Fault
from core.domain.values import (
    FAN_IN,
    OperationType,
    ProductSpec,
    Route,
    RouteStep,
    StepRef,
    UnitKind,
)
from core.identity.ids import MAX_N_UP, MIN_N_UP, OperationCode

MAX_NAME_LENGTH = 60
MAX_STEPS = 40
MAX_RUN = 100_000
MAX_REWORK_LIMIT = 9
MAX_MEASURE = 1e6

_SHEET_ONLY = frozenset({OperationType.PRINT, OperationType.CUT})
_MARKS = frozenset({OperationType.NUMBER, OperationType.MEMORABILIA})
_CARD_ONLY = frozenset({OperationType.NUMBER, OperationType.MEMORABILIA, OperationType.QA})


@dataclass(frozen=True, slots=True)
class _Unsorted:
    """Operations that no order can be found for: each waits for another of them."""

    operations: tuple[OperationCode, ...]


def measured(value: float) -> float:
    """Return a measure as the log takes it: to four decimals, so that its text is the same everywhere.

    The log's chain is made over that text, and readers of JSON do not agree on exponents or on -0.
    """
    return round(float(value), 4) + 0.0


def is_measure(value: float) -> bool:
    """Say whether a value is a number that the log takes: finite, not negative, at most a million."""
    return isfinite(value) and 0 <= value <= MAX_MEASURE


def step_of(route: Route, operation: OperationCode) -> RouteStep | None:
    """Return the step with this operation code, or None."""
    for step in route.steps:
        if step.operation == operation:
            return step
    return None


def cut_step(route: Route) -> RouteStep:
    """Return the route's one CUT; every valid route has it."""
    return next(step for step in route.steps if step.work is OperationType.CUT)


def steps_for(route: Route, unit: UnitKind) -> tuple[RouteStep, ...]:
    """Return the steps that work on this kind of unit; the CUT is the sheet's last."""
    return route.by_unit[unit]


def missing_before(route: Route, step: RouteStep, done: Collection[OperationCode]) -> tuple[StepRef, ...]:
    """Return every operation that stands between the unit and ``step``, in route order."""
    wanted: set[OperationCode] = set()
    pending = [step]
    while pending:
        for before in route.predecessors[pending.pop().operation]:
            if before.operation not in done and before.operation not in wanted:
                wanted.add(before.operation)
                pending.append(before)
    return refs(s for s in route.steps if s.operation in wanted)


def ready_steps(route: Route, unit: UnitKind, done: AbstractSet[OperationCode]) -> tuple[RouteStep, ...]:
    """Return the steps not yet done whose predecessors are all done, in route order."""
    before = route.prerequisites
    return tuple(
        [step for step in route.by_unit[unit] if step.operation not in done and before[step.operation] <= done]
    )


def refs(steps: Iterable[RouteStep]) -> tuple[StepRef, ...]:
    """Return the steps as the references that events carry."""
    return tuple([StepRef(step.operation, step.work) for step in steps])


def ready_refs(route: Route, unit: UnitKind, done: AbstractSet[OperationCode]) -> tuple[StepRef, ...]:
    """Return what a unit is ready for, as events carry it."""
    return refs(ready_steps(route, unit, done))


def is_numbered(route: Route) -> bool:
    """Say whether every card of the product gets a number."""
    return any(step.work is OperationType.NUMBER for step in route.steps)


def is_ready_to_cut(route: Route, done: Collection[OperationCode]) -> bool:
    """Say whether nothing but the CUT is left of the sheet's steps."""
    return all(step.operation in done or step.work is OperationType.CUT for step in steps_for(route, UnitKind.SHEET))


def is_finished(route: Route, done: Collection[OperationCode]) -> bool:
    """Say whether nothing is left of the card's steps."""
    return all(step.operation in done for step in steps_for(route, UnitKind.CARD))


def descendants(route: Route, operation: OperationCode) -> frozenset[OperationCode]:
    """Return ``operation`` and every operation that stands on it, directly or not."""
    found = {operation}
    grown = True
    while grown:
        grown = False
        for step in route.steps:
            if step.operation not in found and found.intersection(step.after):
                found.add(step.operation)
                grown = True
    return frozenset(found)


def ancestors(route: Route, operation: OperationCode) -> frozenset[OperationCode]:
    """Return every card operation that must be done before ``operation``, without it."""
    step = step_of(route, operation)
    if step is None:
        return frozenset()
    return frozenset(ref.operation for ref in missing_before(route, step, frozenset()))


# -- what makes a spec valid ---------------------------------------------------


def spec_faults(spec: ProductSpec) -> tuple[Fault, ...]:
    """Return everything that is wrong with a product spec; empty where nothing is."""
    faults = [*_layout_faults(spec), *_policy_faults(spec)]
    if not spec.route.steps:
        faults.append(Fault(fault=DefinitionFault.NO_STEPS, where="route", found="0 steps"))
    elif len(spec.route.steps) > MAX_STEPS:
        found = f"{len(spec.route.steps)} steps, at most {MAX_STEPS}"
        faults.append(Fault(fault=DefinitionFault.TOO_LONG, where="route", found=found))
    else:
        faults.extend(_step_faults(spec.route))
        # Questions about order need an order: ask them only of a DAG.
        if not faults:
            faults.extend(_order_faults(spec))
    return tuple(faults)


def _layout_faults(spec: ProductSpec) -> Iterable[Fault]:
    if not spec.name.strip():
        yield Fault(fault=DefinitionFault.EMPTY_NAME, where="name", found=spec.name)
    if len(spec.name) > MAX_NAME_LENGTH:
        found = f"{len(spec.name)} characters, at most {MAX_NAME_LENGTH}"
        yield Fault(fault=DefinitionFault.TOO_LONG, where="name", found=found)
    if not MIN_N_UP <= spec.n_up <= MAX_N_UP:
        yield Fault(fault=DefinitionFault.N_UP_OUT_OF_RANGE, where="n_up", found=str(spec.n_up))
    elif spec.rows < 1 or spec.columns < 1 or spec.rows * spec.columns != spec.n_up:
        found = f"{spec.rows} rows × {spec.columns} columns for {spec.n_up} cards"
        yield Fault(fault=DefinitionFault.LAYOUT_DOES_NOT_FIT, where="rows, columns", found=found)


def _policy_faults(spec: ProductSpec) -> Iterable[Fault]:
    if is_numbered(spec.route) and spec.run_of is None:
        yield Fault(fault=DefinitionFault.RUN_MISSING, where="run_of", found="nothing")
    if spec.run_of is not None and not 1 <= spec.run_of <= MAX_RUN:
        yield Fault(fault=DefinitionFault.RUN_OUT_OF_RANGE, where="run_of", found=str(spec.run_of))
    if not 0 <= spec.rework_limit <= MAX_REWORK_LIMIT:
        yield Fault(
            fault=DefinitionFault.REWORK_LIMIT_OUT_OF_RANGE,
            where="rework_limit",
            found=str(spec.rework_limit),
        )


def _step_faults(route: Route) -> Iterable[Fault]:
    known = {step.operation for step in route.steps}
    seen: set[OperationCode] = set()
    for step in route.steps:
        where = f"step {step.operation}"
        if step.operation in seen:
            yield Fault(fault=DefinitionFault.DUPLICATE_OPERATION, where=where, found="twice")
        seen.add(step.operation)
        for before in step.after:
            if before not in known:
                yield Fault(fault=DefinitionFault.UNKNOWN_PREDECESSOR, where=where, found=before)
        if not is_measure(step.minutes):
            found = f"{step.minutes} minutes, 0 to {MAX_MEASURE:.0f} allowed"
            yield Fault(fault=DefinitionFault.NEGATIVE_TIME, where=where, found=found)
        yield from _unit_faults(step, where)
    cuts = sum(step.work is OperationType.CUT for step in route.steps)
    if cuts != 1:
        yield Fault(fault=DefinitionFault.CUT_COUNT, where="route", found=f"{cuts} CUT steps")
    if isinstance(order := _sorted(route), _Unsorted):
        found = ", ".join(order.operations)
        yield Fault(fault=DefinitionFault.CYCLE, where="route", found=found)


def _unit_faults(step: RouteStep, where: str) -> Iterable[Fault]:
    found = f"{step.work} on a {step.unit}"
    if step.work in FAN_IN:
        yield Fault(fault=DefinitionFault.FAN_IN_IN_ROUTE, where=where, found=step.work)
    elif (step.work in _SHEET_ONLY and step.unit is not UnitKind.SHEET) or (
        step.work in _CARD_ONLY and step.unit is not UnitKind.CARD
    ):
        yield Fault(fault=DefinitionFault.WRONG_UNIT, where=where, found=found)


def _order_faults(spec: ProductSpec) -> Iterable[Fault]:
    route = spec.route
    units = {step.operation: step.unit for step in route.steps}
    cut = cut_step(route)
    for step in route.steps:
        after_cards = [op for op in step.after if units[op] is UnitKind.CARD]
        if step.unit is UnitKind.SHEET and (after_cards or cut.operation in step.after):
            found = ", ".join(after_cards or [cut.operation])
            yield Fault(fault=DefinitionFault.SHEET_AFTER_CUT, where=f"step {step.operation}", found=found)
    cards = steps_for(route, UnitKind.CARD)
    final = [
        step
        for step in cards
        if step.work is OperationType.QA
        and {s.operation for s in cards} - {step.operation}
        <= {ref.operation for ref in missing_before(route, step, frozenset())}
    ]
    if not final:
        found = "no QA step that comes after every other card step"
        yield Fault(fault=DefinitionFault.NO_FINAL_QA, where="route", found=found)
    start = spec.replacement_starts_at
    if start is not None and units.get(start) is not UnitKind.CARD:
        yield Fault(
            fault=DefinitionFault.REPLACEMENT_START_UNKNOWN,
            where="replacement_starts_at",
            found=start,
        )
    elif start is not None:
        # What marks one physical card cannot have been done on another.
        skipped = ancestors(route, start)
        marks = [s.operation for s in cards if s.work in _MARKS and s.operation in skipped]
        if marks:
            yield Fault(
                fault=DefinitionFault.REPLACEMENT_SKIPS_MARK,
                where="replacement_starts_at",
                found=f"{start}, after {', '.join(marks)}",
            )


def _sorted(route: Route) -> tuple[OperationCode, ...] | _Unsorted:
    """Return the operations in an order that respects ``after`` (Kahn), or what is left."""
    left = {step.operation: set(step.after) for step in route.steps}
    order: list[OperationCode] = []
    while left:
        free = [operation for operation, after in left.items() if not after & left.keys()]
        if not free:
            return _Unsorted(tuple(left))
        for operation in free:
            del left[operation]
        order.extend(free)
    return tuple(order)
