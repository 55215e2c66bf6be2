"""What every command says."""

from datetime import datetime

from core.domain.immutable import immutable
from core.identity.ids import (
    OperatorId,
    StationId,
)


@immutable
class Order:
    """What every command says.

    ``operator_id`` is None for the product's own automations, ``station_id`` for
    whatever is asked from no station.
    """

    at: datetime
    operator_id: OperatorId | None
    station_id: StationId | None
