"""Damaged scans on their way to the scan log, beside the work and never before it.

Nobody waits for them: they record nothing, so they are written while the next scan is
worked off, and wait in memory while the database is away. A scanner gone mad must
flood neither the log nor this program: after a handful one is kept every twenty
seconds, and it says how many came before it.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from core.production.damaged import DamagedScan
from kiosk.station_session.asking import pause
from store.clock import ClockReading
from store.errors import StoreUnavailable
from store.store import Store

_LOG = logging.getLogger(__name__)

AT_ONCE = 10
"""So many damaged scans in a row are kept one by one: enough to see what a scanner does wrong."""

SECONDS_EACH = 20.0
"""After those, one is kept in this time: some four thousand a day of a scanner that never stops."""


@dataclass(frozen=True, slots=True)
class _Misread:
    command_id: UUID
    scan: DamagedScan
    made: ClockReading


class Misreads:
    """The damaged scans of one station; ``monotonic`` is in seconds, ``new_id`` makes command ids."""

    def __init__(self, store: Store, *, monotonic: Callable[[], float], new_id: Callable[[], UUID]) -> None:
        """Begin with none."""
        self._store = store
        self._monotonic = monotonic
        self._new_id = new_id
        self._waiting: deque[_Misread] = deque()
        self._caught_up_at = 0.0
        self._news = asyncio.Event()

    def take(self, scan: DamagedScan) -> None:
        """Take a damaged scan; returns at once. Where too many wait, it stands for the newest of them as well."""
        if len(self._waiting) >= AT_ONCE:
            before = self._waiting.pop()
            scan = replace(scan, unkept=before.scan.unkept + 1)
        self._waiting.append(_Misread(self._new_id(), scan, self._store.clock.reading(scan.at)))
        self._news.set()

    async def run(self) -> None:
        """Keep what may be kept, for ever; returns only when cancelled."""
        attempt = 0
        while True:
            self._news.clear()
            try:
                await self.keep()
                attempt = 0
            except StoreUnavailable:
                # Others notice that the database is away and say so; this only waits.
                await asyncio.sleep(pause(attempt))
                attempt += 1
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_to_next() if self._waiting else None):
                    await self._news.wait()

    async def keep(self) -> None:
        """Write what may be written by now; raises StoreUnavailable where the database does not answer."""
        while self._waiting and self._seconds_to_next() <= 0:
            misread = self._waiting[0]
            try:
                scan = await self._store.in_time(misread.scan, misread.made)
                await self._store.run(scan, command_id=misread.command_id)
            except StoreUnavailable:
                raise
            except Exception:  # noqa: BLE001 - waiting does not help, and nothing of the work is lost with it
                _LOG.exception("a damaged scan could not be kept")
            self._waiting.popleft()
            self._caught_up_at = max(self._caught_up_at, self._monotonic()) + SECONDS_EACH

    def _seconds_to_next(self) -> float:
        """Return how long the next one waits: what is kept early has to be caught up with."""
        return self._caught_up_at - (AT_ONCE - 1) * SECONDS_EACH - self._monotonic()
