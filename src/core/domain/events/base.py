"""What every event says."""

from dataclasses import dataclass
from datetime import datetime

from core.identity.ids import (
    OperatorId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every event says: when it happened, who did it, where."""

    occurred_at: datetime
    operator_id: OperatorId | None
    station_id: StationId | None
