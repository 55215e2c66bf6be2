"""Files that set a shop up: products with their routes, orders, stations, operators; TOML in, commands out.

Called by `kiosk spec|order|station|operator load` and by the demo. The format is described in
docs/shop-files.md. A file is taken whole or refused whole: FileRefused names every key that is
wrong, and what a route or an order may not be is said here already, in the core's own rules.
"""

from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from core.domain.commands import DefineProductSpec, DefineStation, PlaceOrder, RegisterOperator
from core.domain.values import (
    EmbellishmentSpec,
    OperationType,
    OperatorRole,
    OrderLine,
    ProductSpec,
    Route,
    RouteStep,
    UnitKind,
)
from core.identity.ids import (
    OperationCode,
    OperatorId,
    ProductionOrderId,
    SpecCode,
    parse_operator_id,
    parse_order_id,
    parse_spec_code,
)
from core.production.routes import spec_faults
from kiosk.config.kinds import Amount, Count, OperationName, Words
from kiosk.config.stations import StationStanza
from kiosk.toml_files import FileRefused, Problem, Table, read_toml, validated
from kiosk.wording.office import fault_words

__all__ = [
    "OperatorsFile",
    "OrdersFile",
    "SpecsFile",
    "StationsFile",
    "load_operators",
    "load_orders",
    "load_specs",
    "load_stations",
    "person_name",
]


def _refuse(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})


def _spec_code(text: str) -> str:
    code = parse_spec_code(text)
    if code is None:
        raise _refuse("letters and digits joined by - or _, a letter first, 32 characters at most")
    return code


def _order_id(text: str) -> str:
    order = parse_order_id(text)
    if order is None:
        raise _refuse("PO, the year, a dash, and at least four digits")
    return order


def _badge(text: str) -> str:
    badge = parse_operator_id(text)
    if badge is None:
        raise _refuse("OP- and a number")
    return badge


def _upper(value: Any) -> Any:
    return value.strip().upper().replace("-", "_") if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        # A day alone is kept until its end.
        return datetime.combine(value, time(23, 59, 59))
    raise _refuse("a date or a date with a time, without quotation marks")


_SpecName = Annotated[StrictStr, AfterValidator(_spec_code), Field(description="a product's code, such as DRAGONS-S3")]
_IN_ROUTES = [work for work in OperationType if work not in {OperationType.ASSEMBLE, OperationType.PACK}]
"""What a route may name; gathering and packing follow every route, which whoever writes them is told."""


def _work_in_route(value: Any) -> Any:
    work = _upper(value)
    if work not in tuple(OperationType):
        listed = ", ".join(f"'{each}'" for each in _IN_ROUTES)
        raise PydanticCustomError("enum", "no such work", {"expected": listed})
    return work


_Work = Annotated[OperationType, BeforeValidator(_work_in_route)]
_Operations = Annotated[tuple[OperationName, ...], BeforeValidator(_one_or_more)]


# -- products ------------------------------------------------------------------


class EmbellishmentTable(Table):
    """How a step decorates."""

    colour: Annotated[Words, Field(description="a colour in words")] | None = None
    die: Annotated[Words, Field(description="the name of a die")] | None = None
    side: Annotated[Words, Field(description="front or back")] = "front"


class StepTable(Table):
    """One [[spec.step]]: an operation of the route."""

    operation: Annotated[OperationName, Field(description="the step's own code, such as FOIL-GOLD")]
    work: Annotated[_Work, Field(description=", ".join(_IN_ROUTES))]
    unit: Annotated[UnitKind, BeforeValidator(_lower), Field(description="sheet or card")]
    after: Annotated[_Operations, Field(description="codes of steps that come before, a text or a list")] = ()
    minutes: Annotated[Amount, Field(ge=0, le=10_000, description="minutes for one unit, 0 or more")] = 0.0
    embellishment: Annotated[EmbellishmentTable, Field(description="{ colour, die, side }")] | None = None

    def step(self) -> RouteStep:
        """The step as the core knows it."""
        how = self.embellishment
        return RouteStep(
            operation=OperationCode(self.operation),
            work=self.work,
            unit=self.unit,
            after=tuple(OperationCode(code) for code in self.after),
            embellishment=EmbellishmentSpec(kind=self.work, colour=how.colour, die=how.die, side=how.side)
            if how
            else None,
            minutes=float(self.minutes),
        )


class SpecTable(Table):
    """One [[spec]]: a product, its sheet's layout and its route."""

    code: _SpecName
    name: Annotated[Words, Field(max_length=60, description="the product's name, up to 60 characters")]
    rows: Annotated[Count, Field(ge=1, le=99, description="rows of cards on a sheet, 1 to 99")]
    columns: Annotated[Count, Field(ge=1, le=99, description="columns of cards on a sheet, 1 to 99")]
    n_up: Annotated[Count, Field(description="cards on a sheet, 1 to 99; left out, rows × columns")] | None = None
    run_of: Annotated[Count, Field(description="size of the numbered run of a job")] | None = None
    rework_limit: Annotated[Count, Field(description="how often a card may be reworked, 0 to 9")] = 2
    replacement_starts_at: Annotated[OperationName, Field(description="a card step of the route")] | None = None
    step: Annotated[tuple[StepTable, ...], Field(max_length=100, description="[[spec.step]] stanzas")]

    def spec(self) -> ProductSpec:
        """The product as the core knows it; the log gives it its version."""
        start = self.replacement_starts_at
        return ProductSpec(
            code=SpecCode(self.code),
            version=1,
            name=self.name,
            n_up=self.rows * self.columns if self.n_up is None else self.n_up,
            rows=self.rows,
            columns=self.columns,
            route=Route(steps=tuple(step.step() for step in self.step)),
            run_of=self.run_of,
            rework_limit=self.rework_limit,
            replacement_starts_at=None if start is None else OperationCode(start),
        )


class SpecsFile(Table):
    """A file of products."""

    spec: Annotated[tuple[SpecTable, ...], Field(min_length=1, max_length=1_000, description="[[spec]] stanzas")]


def load_specs(path: Path, *, at: datetime, by: OperatorId | None = None) -> tuple[DefineProductSpec, ...]:
    """Return a command for each product of the file; FileRefused also for routes that cannot be."""
    tables = validated(SpecsFile, read_toml(path), path)
    specs = [table.spec() for table in tables.spec]
    problems = [
        Problem(key=f"spec[{number}] ({spec.code})", found=fault_words(fault))
        for number, spec in enumerate(specs, 1)
        for fault in spec_faults(spec)
    ]
    problems += _twice("spec", [spec.code for spec in specs])
    if problems:
        raise FileRefused(path, problems)
    return tuple(DefineProductSpec(at=at, operator_id=by, station_id=None, spec=spec) for spec in specs)


# -- orders --------------------------------------------------------------------


class LineTable(Table):
    """One [[order.line]]: so many sets of one product."""

    spec: _SpecName
    sets: Annotated[Count, Field(ge=1, le=100_000, description="sets (one set is one sheet's cards), 1 to 100000")]


class OrderTable(Table):
    """One [[order]]: what was promised to whom, by when."""

    id: Annotated[StrictStr, AfterValidator(_order_id), Field(description="an order's id, such as PO2026-0117")]
    customer: Annotated[Words, Field(max_length=120, description="the customer's name, up to 120 characters")]
    promise: Annotated[datetime, BeforeValidator(_moment), Field(description="2026-11-24, or 2026-11-24 14:00:00")]
    priority: Annotated[Count, Field(ge=1, le=9, description="1 (most urgent) to 9")] = 5
    line: Annotated[tuple[LineTable, ...], Field(min_length=1, max_length=200, description="[[order.line]] stanzas")]


class OrdersFile(Table):
    """A file of orders."""

    order: Annotated[tuple[OrderTable, ...], Field(min_length=1, max_length=1_000, description="[[order]] stanzas")]


def load_orders(
    path: Path, *, at: datetime, by: OperatorId | None = None, zone: tzinfo | None = None
) -> tuple[PlaceOrder, ...]:
    """Return a command for each order of the file; times without a zone are in `zone` (None is the machine's)."""
    tables = validated(OrdersFile, read_toml(path), path)
    problems = _twice("order", [order.id for order in tables.order])
    if problems:
        raise FileRefused(path, problems)
    return tuple(
        PlaceOrder(
            at=at,
            operator_id=by,
            station_id=None,
            order_id=ProductionOrderId(order.id),
            customer=order.customer,
            lines=tuple(
                OrderLine(line=number, spec_code=SpecCode(line.spec), sets=line.sets)
                for number, line in enumerate(order.line, 1)
            ),
            promise_at=_utc(order.promise, zone),
            priority=order.priority,
        )
        for order in tables.order
    )


def _utc(moment: datetime, zone: tzinfo | None) -> datetime:
    local = moment if moment.tzinfo or zone is None else moment.replace(tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except (OverflowError, ValueError, OSError):
        # The first and last hours of the calendar have no UTC; they are no promise either.
        return moment.replace(tzinfo=UTC)


# -- stations and people ---------------------------------------------------------


class StationsFile(Table):
    """A file of stations; the stanzas are those of kiosk.toml."""

    station: Annotated[
        tuple[StationStanza, ...], Field(min_length=1, max_length=1_000, description="[[station]] stanzas")
    ]


def load_stations(path: Path, *, at: datetime, by: OperatorId | None = None) -> tuple[DefineStation, ...]:
    """Return a command for each station of the file."""
    tables = validated(StationsFile, read_toml(path), path)
    problems = _twice("station", [station.id for station in tables.station])
    if problems:
        raise FileRefused(path, problems)
    return tuple(
        DefineStation(at=at, operator_id=by, station_id=None, station=station.definition())
        for station in tables.station
    )


_PersonName = Annotated[Words, Field(max_length=60, description="the person's name, up to 60 characters")]
_PERSON_NAME: TypeAdapter[str] = TypeAdapter(_PersonName)


def person_name(text: str) -> str:
    """Return a name as a file of people may hold it; ValueError says in words why it is none."""
    try:
        return _PERSON_NAME.validate_python(text)
    except ValidationError as error:
        (problem,) = error.errors(include_url=False, include_input=False)
        raise ValueError(problem["msg"]) from None


class OperatorTable(Table):
    """One [[operator]]: a person, their badge, what they may decide."""

    badge: Annotated[StrictStr, AfterValidator(_badge), Field(description="a badge's id, such as OP-42")]
    name: _PersonName
    roles: Annotated[
        tuple[Annotated[OperatorRole, BeforeValidator(_lower)], ...],
        BeforeValidator(_one_or_more),
        Field(description=f"{', '.join(OperatorRole)}; [] withdraws the badge"),
    ] = (OperatorRole.OPERATOR,)


class OperatorsFile(Table):
    """A file of people."""

    operator: Annotated[
        tuple[OperatorTable, ...], Field(min_length=1, max_length=10_000, description="[[operator]] stanzas")
    ]


def load_operators(path: Path, *, at: datetime, by: OperatorId | None = None) -> tuple[RegisterOperator, ...]:
    """Return a command for each person of the file. PINs are never in a file: `kiosk operator pin` asks for them."""
    tables = validated(OperatorsFile, read_toml(path), path)
    problems = _twice("operator", [operator.badge for operator in tables.operator])
    if problems:
        raise FileRefused(path, problems)
    return tuple(
        RegisterOperator(
            at=at,
            operator_id=by,
            station_id=None,
            badge=OperatorId(operator.badge),
            name=operator.name,
            roles=tuple(dict.fromkeys(operator.roles)),
        )
        for operator in tables.operator
    )


def _twice(what: str, names: list[Any]) -> list[Problem]:
    doubles = sorted({name for name in names if names.count(name) > 1})
    return [Problem(key=what, found=f"{name} stands here more than once") for name in doubles]
