"""What a terminal kept while it was another station: found on its disk, delivered as that station's, never unseen."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from core.identity.ids import StationId
from kiosk.station_session.asking import Asking
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.replaying import Replay
from kiosk.wording.holding import keeps_nothing
from store.errors import SpoolBusy
from store.spool import Spool
from store.store import Store

_LOG = logging.getLogger(__name__)

_AGAIN_SECONDS = 30.0
"""Between two looks at the files of other stations: one that could not be opened, or that another kiosk has left."""


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
        if await Spool.holds_nothing(path):
            self._is_well(path)
            return
        station_id = StationId(path.stem)
        keeping = await Keeping.opened(path, is_of_another=True)
        try:
            if isinstance(keeping.trouble, SpoolBusy):
                # Another kiosk at work on this machine: it delivers what it kept, and says so.
                self._is_well(path)
                return
            if not keeping.is_known:
                self._is(path, 1, _problem(keeping))
                return
            if not keeping.count:
                self._is_well(path)
                return
            _LOG.warning("%d scans were kept here as %s; delivering them", keeping.count, station_id)

            def changed() -> None:
                self._is(path, keeping.count, _problem(keeping) or keeping.delay)

            def drained(delivered: int, refused: int) -> None:
                self._is_well(path)
                self._drained(station_id, delivered, refused)

            keeping.changed = changed
            changed()
            await Replay(self._store, station_id, self._asking, keeping, clock=self._clock, drained=drained).run_out()
        finally:
            await keeping.close()

    def _is_well(self, path: Path) -> None:
        self._is(path, 0, "")

    def _is(self, path: Path, waiting: int, problem: str) -> None:
        """Take note how many wait in a file, one where nobody can tell, and what is wrong with it."""
        self._found.pop(path, None)
        if waiting or problem:
            self._found[path] = (waiting, problem)
        problems = [f"{each.stem}: {said}" for each, (_, said) in sorted(self._found.items()) if said]
        self._asking.keeping.elsewhere_is(
            sum(number for number, _ in self._found.values()), problems[0] if problems else ""
        )


def _problem(keeping: Keeping) -> str:
    return "" if keeping.trouble is None else keeps_nothing(keeping.trouble)
