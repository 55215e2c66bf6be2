"""The facts of the catalogue: products, stations, people."""

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.values import (
    OperatorRole,
    PinSecret,
    ProductSpec,
    StationDefinition,
)
from core.identity.ids import (
    OperatorId,
)


@immutable
class ProductSpecDefined(Fact):
    """A product was described, or described anew as the next version."""

    spec: ProductSpec


@immutable
class StationDefined(Fact):
    """A station was set up, or set up anew."""

    station: StationDefinition


@immutable
class OperatorRegistered(Fact):
    """A person got a badge and roles, or new roles; none where the badge was withdrawn."""

    badge: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]


@immutable
class OperatorPinSet(Fact):
    """A person chose the PIN that proves approvals."""

    badge: OperatorId
    secret: PinSecret
