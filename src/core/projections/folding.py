"""The one loop that folds a stream, and what every read model shares.

Called by the fold of each read model. A fold keeps one private mutable state per
stream, because a rebuild folds millions of events; outside, it is a pure function.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, make_dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.domain.effective import effective_events
from core.domain.events import Event, EventCorrected
from core.domain.streams import AggregateType
from core.domain.values import OperationType, StepRef

State = TypeVar("State")
RowT = TypeVar("RowT")

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


def draft_of(row_type: type[RowT]) -> type[RowT]:
    """Return a mutable class with the fields of a frozen slotted row, to be filled and then sealed.

    A frozen dataclass fills itself through ``object.__setattr__``, field by field; for a
    wide row that takes longer than to fold its whole stream.
    """
    columns = [(column.name, column.type) for column in fields(row_type)]  # pyright: ignore[reportArgumentType]
    return make_dataclass(f"{row_type.__name__}Draft", columns, kw_only=True, slots=True)


def sealed(row_type: type[RowT], draft: RowT) -> RowT:
    """Turn a filled draft of ``row_type`` into the row itself, frozen from here on."""
    draft.__class__ = row_type
    return draft


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
