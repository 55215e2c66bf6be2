"""What a terminal kept while it was another station: found on its disk, delivered as that station's, never unseen.

Such a file may also be one of another kiosk on this machine, which is not at work. It is taken only while
the database answers, and let go of as soon as that kiosk is at work: its file is its own before it is anybody's.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from core.identity.ids import StationId
from kiosk.printable import shown
from kiosk.station_session.asking import Asking
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.replaying import Replay
from kiosk.wording.holding import keeps_nothing
from store.errors import SpoolBusy
from store.spool import Spool
from store.spool_claim import Claim
from store.store import Store

_LOG = logging.getLogger(__name__)

_AGAIN_SECONDS = 30.0
"""Between two looks at the files of other stations: one that could not be opened, or that another kiosk has left."""

_STEP_SECONDS = 0.1
"""Between two looks whether the own kiosk of a file that is being delivered wants it, or the database fell silent."""

_AWAY_SECONDS = 10.0
"""So long nobody answers before a file is let go of: what one request alone gets no answer to is told and listed."""

_LONGEST = 200
_LONGEST_NAME = 24
"""Of what is said of a path, and of the station whose file it is."""

_NOT_A_SPOOL = "Call a lead: the program cannot work with its file, the log says why"


class Beside:
    """The files of other stations in the folder of one station's; what is in them is told by that one's ``Keeping``."""

    def __init__(
        self,
        store: Store,
        asking: Asking,
        *,
        clock: Callable[[], datetime],
        drained: Callable[[StationId, int, int], None],
    ) -> None:
        """Begin with nothing found. ``drained`` is told whose file is empty, and how many were delivered and refused.

        ``clock`` is UTC.
        """
        self._store = store
        self._asking = asking
        self._clock = clock
        self._drained = drained
        self._found: dict[Path, tuple[int, str]] = {}

    async def run(self) -> None:
        """Look for files and deliver what is in them, each by itself: none holds up another; returns when cancelled."""
        under_way: dict[Path, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    found = await self._asking.keeping.beside()
                except OSError as error:
                    # Of a disk that fails nothing new is known: what was found there still is.
                    _LOG.error("the folder of kept scans cannot be read: %s", error)
                    await asyncio.sleep(_AGAIN_SECONDS)
                    continue
                under_way = {path: task for path, task in under_way.items() if not task.done()}
                for path in found:
                    if path not in under_way:
                        under_way[path] = tasks.create_task(self._deliver(path))
                for path in set(self._found).difference(found):
                    self._is_well(path)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _deliver(self, path: Path) -> None:
        try:
            while not await self._is_done_with(path):
                # The database is away: taken up again as soon as it answers, and looked at meanwhile.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN_SECONDS):
                        await self._asking.answers.wait()
        except Exception:  # noqa: BLE001 - anybody may put anything there: no file ends a session, and the log has it
            _LOG.exception("%s could not be delivered", shown(str(path), _LONGEST))
            self._is(path, 1, _NOT_A_SPOOL)

    async def _is_done_with(self, path: Path) -> bool:
        """Deliver what is in a file; False where something is left that waits for the database."""
        if await Claim.is_on(path) or await Spool.holds_nothing(path):
            # Its own kiosk, at work on this machine, delivers what it kept, and says so.
            self._is_well(path)
            return True
        keeping = await Keeping.opened(path, lent_to=self._asking.keeping.station)
        try:
            if isinstance(keeping.trouble, SpoolBusy):
                self._is_well(path)
                return True
            if not keeping.is_known:
                self._is(path, 1, _problem(keeping))
                return True
            if not keeping.count:
                self._is_well(path)
                return True
            self._is(path, keeping.count, _problem(keeping))
            return self._asking.answers.is_set() and await self._delivered(path, keeping)
        finally:
            await keeping.close()

    async def _delivered(self, path: Path, keeping: Keeping) -> bool:
        """Deliver what is in an open file, until its own kiosk is at work or, which is False, the database is away."""
        station_id = StationId(path.stem)
        _LOG.warning("%d scans were kept here as %s; delivering them", keeping.count, shown(station_id, _LONGEST))

        def changed() -> None:
            self._is(path, keeping.count, _problem(keeping) or keeping.delay)

        def drained(delivered: int, refused: int) -> None:
            self._is_well(path)
            self._drained(station_id, delivered, refused)

        keeping.changed = changed
        replay = Replay(self._store, station_id, self._asking, keeping, clock=self._clock, drained=drained)
        delivering = asyncio.create_task(replay.run_out())
        is_claimed, heard = False, time.monotonic()
        try:
            while not delivering.done() and not is_claimed and time.monotonic() - heard < _AWAY_SECONDS:
                await asyncio.wait({delivering}, timeout=_STEP_SECONDS)
                is_claimed = await Claim.is_on(path)
                if self._asking.answers.is_set():
                    heard = time.monotonic()
            if delivering.done():
                delivering.result()
                return True
        finally:
            # What was sent may be recorded still, under its one id: whoever delivers it next finds that.
            keeping.changed = _nothing
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
        _LOG.warning(
            "letting go of what %s kept here: %s",
            shown(station_id, _LONGEST),
            "its kiosk is at work" if is_claimed else "no answer",
        )
        if any(replay.so_far):
            self._drained(station_id, *replay.so_far)
        if is_claimed:
            self._is_well(path)
        return is_claimed

    def _is_well(self, path: Path) -> None:
        self._is(path, 0, "")

    def _is(self, path: Path, waiting: int, problem: str) -> None:
        """Take note how many wait in a file, one where nobody can tell, and what is wrong with it."""
        self._found.pop(path, None)
        if waiting or problem:
            self._found[path] = (waiting, problem)
        problems = [
            f"{shown(each.stem, _LONGEST_NAME)}: {said}" for each, (_, said) in sorted(self._found.items()) if said
        ]
        self._asking.keeping.elsewhere_is(
            sum(number for number, _ in self._found.values()), problems[0] if problems else ""
        )


def _nothing() -> None:
    """Take note of nothing: the file is its own kiosk's again."""


def _problem(keeping: Keeping) -> str:
    return "" if keeping.trouble is None else keeps_nothing(keeping.trouble)
