"""Histories: what streams held when they were read, and the states that they lead to.

The store loads a ``History`` for each ``StreamKey`` that a decision looks at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

from core.domain.effective import effective_events
from core.domain.events import Event, EventCorrected
from core.domain.streams import StreamKey

State = TypeVar("State")

Evolve = Callable[[State | None, Event], State | None]
"""How one event changes the state of an aggregate; None before the event that creates it."""


@dataclass(frozen=True, slots=True)
class History:
    """What one stream held when it was read.

    ``events[i]`` has version ``i + 1``; an empty history is a stream that does not
    exist yet.
    """

    events: tuple[Event, ...] = ()
    _folded: dict[Evolve[Any], tuple[int, Any]] = field(
        default_factory=dict[Evolve[Any], tuple[int, Any]], init=False, repr=False, compare=False
    )

    @property
    def version(self) -> int:
        """The version of the newest event, 0 where there is none."""
        return len(self.events)

    def state(self, evolve: Evolve[State]) -> State | None:
        """Return the state that the stream's effective events lead to; None for an empty stream.

        Folded once, and on from there where the history goes on from another: a decision asks for a state
        many times, a station for the same job all day. A correction changes what was folded, which then
        begins anew.
        """
        seen, state = self._folded.get(evolve, (0, None))
        if seen == len(self.events):
            return state
        news = self.events[seen:]
        if EventCorrected in map(type, news):
            state, news = None, [said for _, said in effective_events(self.events)]
        for event in news:
            state = evolve(state, event)
        self._folded[evolve] = (len(self.events), state)
        return state

    def going_on_from(self, before: "History") -> Self:
        """Take over what was folded of a history that this one begins with; returns itself."""
        self._folded.update(before._folded)  # noqa: SLF001 - a history's own kind
        return self


Streams = Mapping[StreamKey, History]
"""Streams that were read."""


class StreamLookup(Protocol):
    """Where a decision finds the streams that it looks at."""

    def get(self, key: StreamKey, default: History, /) -> History:
        """Return a stream; where there is none, the default. Whoever cannot know that there is none raises."""
        ...
