"""Garbage is collected while nobody waits for a verdict.

Python's full collection holds the whole app up for as long as several verdicts take, and by itself
it comes when much was made: in the middle of a scan. What the app is built of is therefore set
aside once, and the rest is collected soon after a verdict, while the hands reach for the next card.
"""

import asyncio
import gc
from typing import Final

REST_SECONDS: Final = 0.5
"""How long after a verdict the collection comes: it is read by then, and the next card not yet here."""
_ENOUGH: Final = 3
"""So many of the middle generation's collections make a full one worth its while."""
_AT_WORST: Final = 60
"""So many of them bring a full one by itself, six times as late as usual: a station that never rests must not grow."""


class GarbageAtRest:
    """Keeps the full collections of this process out of the way of scans."""

    def __init__(self) -> None:
        self._due: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Set aside what is there now, for good: the app that was built and the modules that were loaded."""
        gc.collect()
        gc.freeze()
        youngest, middle, _ = gc.get_threshold()
        gc.set_threshold(youngest, middle, _AT_WORST)

    def verdict_shown(self) -> None:
        """Collect a little later, unless there is little to collect or the next verdict comes before."""
        if self._due is not None:
            self._due.cancel()
        self._due = asyncio.get_running_loop().call_later(REST_SECONDS, self._collect)

    def _collect(self) -> None:
        self._due = None
        if gc.get_count()[2] >= _ENOUGH:
            gc.collect()
