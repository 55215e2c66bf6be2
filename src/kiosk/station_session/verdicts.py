"""The one verdict: what a station said last, how long it counts, and what blocks it.

Source: the feedback contract. Green lasts until the next scan or 1.5 s; amber until
the next good scan; red until a RESET card, or a lead's badge and a key after 30 s.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.snapshots import StopView, VerdictState, VerdictView
from kiosk.wording.events import Accepted
from kiosk.wording.spoken import Spoken

ACCEPTED_SECONDS = 1.5
"""How long green stays: long enough to be seen, short enough not to be taken for the next card's."""

RELEASE_SECONDS = 30.0
"""A lead may clear a stop without the RESET card after this long."""


_LONGEST = timedelta(seconds=10)
"""No verdict is given for longer; where more seems to be left, the clock was set back and the verdict is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop that covers the screen; ``lead_is_here`` once a lead's badge was scanned over it."""

    spoken: Spoken
    number: int
    at: datetime
    ignored: int = 0
    lead_is_here: bool = False

    def ignoring(self) -> "Stop":
        """Return the stop with one more scan that was ignored under it."""
        return replace(self, ignored=self.ignored + 1)

    def with_lead(self) -> "Stop":
        """Return the stop with a lead before it."""
        return replace(self, lead_is_here=True)

    def may_be_released(self, now: datetime) -> bool:
        """Say whether a lead may clear it without the RESET card."""
        return (now - self.at).total_seconds() >= RELEASE_SECONDS

    def view(self, now: datetime, clock: str) -> StopView:
        """Return what the screen shows; ``clock`` is the local time of the stop."""
        if self.lead_is_here:
            release = "LEAD: press R to clear this stop"
        elif self.may_be_released(now):
            release = "No RESET card? A lead scans a badge, then presses R"
        else:
            release = ""
        return StopView(
            noun=self.spoken.noun,
            compared=self.spoken.compared,
            facts=self.spoken.facts,
            steps=self.spoken.steps,
            # The sentence says again what the facts say; how many scans were ignored must not be crowded out by it.
            footnote="Nothing was recorded." if self.spoken.facts else f"Nothing was recorded. {self.spoken.sentence}",
            stamp=f"{clock} · stop {self.number:04d}",
            release=release,
            ignored=self.ignored,
            serial=self.number,
        )


class VerdictBand:
    """The band's state: the last verdict, its number, and the imperative that returns after it."""

    def __init__(self) -> None:
        """Begin grey."""
        self._serial = 0
        self._shown: VerdictView | None = None
        self._until: datetime | None = None

    @property
    def serial(self) -> int:
        """The number of the last verdict; whatever has a sound of its own has a number of its own."""
        return self._serial

    def count(self) -> None:
        """Number what is said by others than the band, such as that the database is gone."""
        self._serial += 1

    @property
    def is_accepted(self) -> bool:
        """Whether green is shown."""
        return self._shown is not None and self._shown.state is VerdictState.ACCEPTED

    def accepted(self, said: Accepted, instruction: str, now_plus: datetime) -> None:
        """Show green until ``now_plus``; only ever called after the commit."""
        self._show(
            VerdictView(
                state=VerdictState.ACCEPTED,
                big=said.big,
                counter=said.counter,
                counter_caption=said.caption,
                words=said.words,
                instruction=instruction,
            ),
            now_plus,
        )

    def attention(self, spoken: Spoken) -> None:
        """Show amber until the next good scan."""
        self._show(
            VerdictView(
                state=VerdictState.ATTENTION,
                big=spoken.big,
                words=spoken.noun,
                instruction=spoken.cure or spoken.sentence,
            )
        )

    def say(
        self,
        state: VerdictState,
        *,
        big: str,
        words: str,
        instruction: str = "",
        until: datetime | None = None,
    ) -> None:
        """Show words of the station's own in one of the states."""
        self._show(VerdictView(state=state, big=big, words=words, instruction=instruction), until)

    def _show(self, view: VerdictView, until: datetime | None = None) -> None:
        self._serial += 1
        self._shown = replace(view, serial=self._serial)
        self._until = until

    def remark(self, instruction: str) -> None:
        """Change what to do next; the verdict is the same, and so is its number."""
        if self._shown is not None:
            self._shown = replace(self._shown, instruction=instruction)

    def clear(self) -> None:
        """Return to the imperative."""
        self._shown = None
        self._until = None

    def fade(self, now: datetime) -> bool:
        """Return to the imperative if the verdict's time is over; say whether it was."""
        if self._until is None or now < self._until <= now + _LONGEST:
            return False
        self.clear()
        return True

    def view(self, ready: VerdictView) -> VerdictView:
        """Return the verdict, or ``ready`` where none is shown."""
        return replace(ready, serial=self._serial) if self._shown is None else self._shown
