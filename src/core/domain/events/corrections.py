"""The fact that an earlier fact was wrong."""

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.streams import AggregateType
from core.domain.values import (
    FieldChange,
)


@immutable
class EventCorrected(Fact):
    """What an earlier event of the same stream said was wrong.

    ``retracted`` takes the event back as a whole (a verdict undone); otherwise
    ``changes`` say per field what it was and is now. The earlier event stays in the
    log as it was; states and read models are folded as if it had said it right.
    """

    aggregate_type: AggregateType
    aggregate_id: str
    corrected_version: int
    corrected_event: str
    changes: tuple[FieldChange, ...]
    retracted: bool
    reason: str
