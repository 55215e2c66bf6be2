"""What an event said was wrong."""

from core.domain.commands.base import Order
from core.domain.immutable import immutable
from core.domain.streams import StreamKey
from core.domain.values import (
    FieldChange,
)


@immutable
class CorrectEvent(Order):
    """Say that an event of a stream was wrong.

    Without ``changes`` the event is taken back as a whole, which only the newest
    effective event of a sheet's or card's stream allows. With ``changes`` the
    named fields are amended, which only descriptive fields allow.
    """

    stream: StreamKey
    version: int
    reason: str
    changes: tuple[FieldChange, ...] = ()
