"""The one verdict: what a station said last, and how long it counts.

Source: the feedback contract. Green lasts until the next scan or 1.5 s; amber until
the next good scan. What blocks is in ``stops``.
"""

from dataclasses import replace

from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.wording.events import Accepted
from kiosk.wording.spoken import Spoken

ACCEPTED_SECONDS = 1.5
"""How long green stays: long enough to be seen, short enough not to be taken for the next card's."""


class VerdictBand:
    """The band's state: the last verdict, its number, and the imperative that returns after it.

    ``until`` is a moment of the clock of durations, in seconds.
    """

    def __init__(self) -> None:
        """Begin grey."""
        self._serial = 0
        self._shown: VerdictView | None = None
        self._until: float | None = None
        self._waits = False

    @property
    def serial(self) -> int:
        """The number of the last verdict; whatever has a sound of its own has a number of its own."""
        return self._serial

    def count(self) -> None:
        """Number what is said by others than the band, such as that the database is gone."""
        self._serial += 1

    @property
    def is_shown(self) -> bool:
        """Whether a verdict is shown, rather than the imperative."""
        return self._shown is not None

    @property
    def is_accepted(self) -> bool:
        """Whether green is shown."""
        return self._shown is not None and self._shown.state is VerdictState.ACCEPTED

    def accepted(self, said: Accepted, instruction: str, until: float) -> None:
        """Show green until then; only ever called after the commit."""
        self._show(
            VerdictView(
                state=VerdictState.ACCEPTED,
                big=said.big,
                counter=said.counter,
                counter_caption=said.caption,
                words=said.words,
                instruction=instruction,
            ),
            until,
        )

    @property
    def says_to_wait(self) -> bool:
        """Whether what is shown is true only while the database is away."""
        return self._waits

    def until_back(self) -> None:
        """Take note that what is shown is true only while the database is away."""
        self._waits = True

    def attention(self, spoken: Spoken, until: float | None = None) -> None:
        """Show amber until the next good scan, and on a board no longer than ``until``."""
        self._show(
            VerdictView(
                state=VerdictState.ATTENTION,
                big=spoken.big,
                words=spoken.noun,
                instruction=spoken.cure or spoken.sentence,
            ),
            until,
        )

    def say(
        self,
        state: VerdictState,
        *,
        big: str,
        words: str,
        instruction: str = "",
        until: float | None = None,
    ) -> None:
        """Show words of the station's own in one of the states."""
        self._show(VerdictView(state=state, big=big, words=words, instruction=instruction), until)

    def _show(self, view: VerdictView, until: float | None = None) -> None:
        self._serial += 1
        self._shown = replace(view, serial=self._serial)
        self._until = until
        self._waits = False

    def remark(self, instruction: str) -> None:
        """Change what to do next; the verdict is the same, and so is its number."""
        if self._shown is not None:
            self._shown = replace(self._shown, instruction=instruction)

    def clear(self) -> None:
        """Return to the imperative."""
        self._shown = None
        self._until = None
        self._waits = False

    def withdraw(self, big: str) -> None:
        """Return to the imperative if the attention with these big words is shown."""
        if self._shown is not None and (self._shown.state, self._shown.big) == (VerdictState.ATTENTION, big):
            self.clear()

    def amend(self, big: str, instruction: str) -> None:
        """Change what to do about the attention with these big words, if it is shown; its number stays."""
        if self._shown is not None and (self._shown.state, self._shown.big) == (VerdictState.ATTENTION, big):
            self.remark(instruction)

    def fade(self, monotonic: float) -> bool:
        """Return to the imperative if the verdict's time is over; say whether it was."""
        if self._until is None or monotonic < self._until:
            return False
        self.clear()
        return True

    def view(self, ready: VerdictView) -> VerdictView:
        """Return the verdict, or ``ready`` where none is shown."""
        return replace(ready, serial=self._serial) if self._shown is None else self._shown
