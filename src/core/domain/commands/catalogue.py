"""Products, stations, people."""

from core.domain.commands.base import Order
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
class DefineProductSpec(Order):
    """Describe a product; the version in ``spec`` is ignored, the stream gives it."""

    spec: ProductSpec


@immutable
class DefineStation(Order):
    """Set up a station, or change it."""

    station: StationDefinition


@immutable
class RegisterOperator(Order):
    """Give a person a badge and roles, or new ones; without a role a known person's badge is withdrawn."""

    badge: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]


@immutable
class SetOperatorPin(Order):
    """Store the hash of a person's PIN; see ``core.production.pins``."""

    badge: OperatorId
    secret: PinSecret
