"""The one loop that folds a stream, and what every read model shares.

Called by the fold of each read model. A fold keeps one private mutable state per
stream, because a rebuild folds millions of events; outside, it is a pure function.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from core.domain.effective import effective_events
from core.domain.events import Event, EventCorrected
from core.domain.streams import AggregateType
from core.domain.values import OperationType, StepRef

State = TypeVar("State")

Begins = Mapping[type[Event], Callable[[Any], State]]
"""Per event type that may begin a stream: the state it begins with."""

Arms = Mapping[type[Event], Callable[[State, Any], None]]
"""Per event type that may follow: how it changes the state."""

READY_SEPARATOR = "+"
"""What stands between the kinds of work, and between the operations, that a unit is ready for."""


class ForeignEventError(TypeError):
    """A stream holds, or begins with, an event that its kind cannot: a fault of the program."""


def fold_stream(
    kind: AggregateType, begins: Begins[State], arms: Arms[State], events: Sequence[Event]
) -> tuple[State, datetime] | None:
    """Return the state after a whole stream and when its last effective event happened.

    None where nothing is said, because the stream is empty or all of it was taken
    back. Raises ForeignEventError for an event that a stream of this kind cannot hold.
    """
    stream = iter(events)
    event = next(stream, None)
    if event is None:
        return None
    begin = begins.get(type(event))
    if begin is None:
        raise ForeignEventError(f"a {kind} stream cannot begin with {type(event).__name__}")
    state = begin(event)
    arm_of = arms.get
    for event in stream:
        arm = arm_of(type(event))
        if arm is None:
            # Only a stream that holds a correction pays for corrections: it is folded once more.
            if isinstance(event, EventCorrected):
                return fold_stream(kind, begins, arms, [said for _, said in effective_events(events)])
            raise ForeignEventError(f"a {kind} stream cannot hold {type(event).__name__}")
        arm(state, event)
    return state, event.occurred_at


def works_of(steps: Sequence[StepRef]) -> str:
    """Return the kinds of work of the steps as canonical text: sorted, each once, joined by ``+``."""
    if len(steps) == 1:
        return steps[0].work.value
    return READY_SEPARATOR.join(sorted({step.work.value for step in steps}))


def operations_of(steps: Sequence[StepRef]) -> str:
    """Return the operations of the steps, in the route's order, joined by ``+``."""
    return READY_SEPARATOR.join([step.operation for step in steps])


ASSEMBLE = OperationType.ASSEMBLE.value
"""What a card is ready for once it has passed QA and nothing is left of its route."""
