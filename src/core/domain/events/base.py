"""What every event says."""

from datetime import datetime

from core.domain.immutable import immutable
from core.identity.ids import (
    OperatorId,
    StationId,
)


@immutable
class Fact:
    """What every event says: when it happened, who did it, where."""

    occurred_at: datetime
    operator_id: OperatorId | None
    station_id: StationId | None
