"""Products, stations, people."""

from dataclasses import dataclass

from core.domain.commands.base import Order
from core.domain.values import (
    OperatorRole,
    PinSecret,
    ProductSpec,
    StationDefinition,
)
from core.identity.ids import (
    OperatorId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineProductSpec(Order):
    """Describe a product; the version in ``spec`` is ignored, the stream gives it."""

    spec: ProductSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineStation(Order):
    """Set up a station, or change it."""

    station: StationDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOperator(Order):
    """Give a person a badge and roles, or new ones."""

    badge: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOperatorPin(Order):
    """Store the hash of a person's PIN; see ``core.production.pins``."""

    badge: OperatorId
    secret: PinSecret
