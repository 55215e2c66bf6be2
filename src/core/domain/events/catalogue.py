"""The facts of the catalogue: products, stations, people."""

from dataclasses import dataclass

from core.domain.events.base import Fact
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
class ProductSpecDefined(Fact):
    """A product was described, or described anew as the next version."""

    spec: ProductSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDefined(Fact):
    """A station was set up, or set up anew."""

    station: StationDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRegistered(Fact):
    """A person got a badge and roles, or new roles."""

    badge: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPinSet(Fact):
    """A person chose the PIN that proves approvals."""

    badge: OperatorId
    secret: PinSecret
