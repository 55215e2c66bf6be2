"""What a station was before its kiosk was started: found again in the log, or by what this terminal remembers.

Read by the session before its first input. What could not be read then is read when the
database answers and has been told everything.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from core.production.holding import is_refused_at_once
from core.production.scan import Scan
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.asking import OFFLINE_SECONDS, Asking
from kiosk.station_session.desk import StationDesk, name_of
from kiosk.station_session.exceptions import Exceptions
from kiosk.station_session.keeping import STOP, WORK
from kiosk.station_session.replaying import scanned_in
from kiosk.wording.holding import not_believed, what_is_kept
from store.errors import StoreError, StoreUnavailable
from store.spool import Held
from store.spool_file import GONE, LEFT

_LOG = logging.getLogger(__name__)

_SHOWN_AGAIN = 1_000
"""Far more than a tray holds, for scans that a stop ignored may lie between."""


class Resuming:
    """One station's past. ``everything_is_news`` is called where it has to be looked for once more."""

    def __init__(
        self, asking: Asking, desk: StationDesk, exceptions: Exceptions, *, everything_is_news: Callable[[], None]
    ) -> None:
        """Begin with nothing found."""
        self._asking = asking
        self._keeping = asking.keeping
        self._desk = desk
        self._exceptions = exceptions
        self._everything_is_news = everything_is_news
        self._is_found = False
        self._list_is_longer = False
        self._is_due = self._was_in_vain = False
        self.over = asyncio.Event()
        """Set once the station is what it was, as far as that can be known now."""

    async def run(self) -> None:
        """Find again what the station was; whatever goes wrong, the station works."""
        try:
            await self._find()
        except Exception:  # noqa: BLE001 - a defect must not keep the station from working, and the log has it
            _LOG.exception("what the station was could not be found again")
        self.over.set()

    async def _find(self) -> None:
        await self._asking.until_known()
        if not self._keeping.is_on:
            await self._asking.look_up(self._read)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OFFLINE_SECONDS):
                await self._keeping.drained()
                await self._asking.look_up(self._read)
                return
        self._asking.silent()
        await self._remember()

    async def _remember(self) -> None:
        """Go by what this terminal remembers and keeps."""
        desk, keeping = self._desk, self._keeping
        memory = {name: await keeping.remembered(name) for name in (STOP, WORK)}
        desk.stops.remember(memory[STOP] or b"")
        desk.work.remember(memory[WORK] or b"")
        kept = await keeping.newest(_SHOWN_AGAIN)
        self._show_what_was_kept(kept)
        is_damaged = any(held.kind in {GONE, LEFT} for held in kept)
        stop, work = (said is None and (is_damaged or name in keeping.unbelieved) for name, said in memory.items())
        keeping.forgotten = not_believed(stop=stop, work=work) if stop or work else ""

    def _show_what_was_kept(self, kept: Sequence[Held]) -> None:
        """Show again what was kept last: who did not see SAVED before the terminal died must not scan it twice."""
        desk = self._desk
        for held in reversed(kept):
            # What was refused at once is kept for the leads: nobody was told SAVED, and nothing here follows it.
            if held.request is not None and not is_refused_at_once(held.request):
                desk.work.kept(held.request)
                what = name_of(held.request) if isinstance(held.request, Scan) else scanned_in(held)
                desk.note(what, VerdictState.OFFLINE, what_is_kept(held.request)[1], at=held.request.at)
        # Nobody is logged on, and a card that was in somebody's hand is in nobody's now.
        desk.work.logged_off()

    async def _read(self) -> None:
        """Read what the station was in the log; what it has in hand by now is newer than that."""
        desk = self._desk
        if not self.over.is_set():
            desk.stops.remember_not_logged(await self._keeping.remembered(STOP) or b"")
        await desk.stops.find()
        if not self.over.is_set() or desk.work.unit_in_hand() is None:
            await desk.work.resume()
        if not self.over.is_set():
            await desk.work.reopen(await self._keeping.remembered(WORK) or b"")
        await self._exceptions.read()
        self._is_found, self._keeping.forgotten = True, ""

    def list_is_longer(self) -> None:
        """Take note that something of what was kept was refused on delivery."""
        self._list_is_longer = True

    def is_due(self) -> bool:
        """Say, once, whether something was looked for in vain since."""
        due, self._is_due = self._is_due, False
        return due

    async def catch_up(self) -> None:
        """Find in the log what was not found when the terminal was started, and what of the kept scans was refused.

        Tried again when something is read. No scan is looked at in between: it may be of what was refused.
        """
        if self._keeping.count or (self._is_found and not self._list_is_longer):
            return
        try:
            if not self._is_found:
                await self._read()
            await self._exceptions.read()
            self._list_is_longer = self._was_in_vain = False
        except StoreError as error:
            # Whatever it is: nobody scanned anything that could be said not to be recorded.
            if not self._was_in_vain:
                _LOG.warning("could not be looked up: %s", error)
            if isinstance(error, StoreUnavailable):
                self._asking.missed()
            self._is_due = self._was_in_vain = True
            self._everything_is_news()
