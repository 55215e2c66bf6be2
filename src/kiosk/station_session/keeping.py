"""What one terminal keeps on its own disk: requests that wait for the database, and what it must know without it.

The spool itself is the store's; this is how a session uses it. A spool that cannot be
opened or written is tried again at every use, and meanwhile says what is wrong with it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Self
from uuid import UUID

from core.domain.readings import BadgeRead
from core.domain.values import StationDefinition
from core.identity.ids import OperatorId, StationId
from core.production.requests import Request
from store.clock import ClockReading
from store.errors import SpoolBroken, SpoolBusy, SpoolFull, SpoolTaken
from store.spool import Held, Spool
from store.terminal_memory import badges_in, said_badges, said_stations, stations_in

_LOG = logging.getLogger(__name__)

SPOOL_TROUBLE = (SpoolFull, SpoolBroken, SpoolBusy)

_BADGES = "badges"
STOP = "stop"
"""Under this name stands which stop covers the station."""
WORK = "work"
"""Under this name stands what the station has open."""
_STATIONS = "stations"


class Keeping:
    """One station's spool in use. Made by ``opened``; without a path nothing is ever kept."""

    def __init__(self, path: Path | None = None) -> None:
        """Begin without having opened anything."""
        self._path = path
        self._spool: Spool | None = None
        self._delivered_up_to = 0
        self._undeleted: list[int] = []
        self._opening = asyncio.Lock()
        self._said: dict[str, bytes] = {}
        self._drained = asyncio.Event()
        self._drained.set()
        self.turn = asyncio.Lock()
        """Held while a request is put away, and while the next one to be delivered is taken."""
        self.waiting = asyncio.Event()
        """Set while anything is kept."""
        self.changed: Callable[[], None] = lambda: None
        """Called when there is something new to show."""
        self.count = 0
        """How many requests wait to be delivered."""
        self.problem = ""
        """Why nothing can be kept, in a sentence; empty while all is well."""
        self.delay = ""
        """What holds the delivery up although the database answers, in a sentence; empty while it goes on."""
        self.badges: dict[OperatorId, BadgeRead] = {}
        """The people that are known without the database."""
        self.stations: tuple[StationDefinition, ...] = ()
        """The stations that are known without the database."""

    @classmethod
    async def opened(cls, path: Path | None) -> Self:
        """Open the spool of a station, and read what was kept and remembered; a trouble with it is in ``problem``."""
        keeping = cls(path)
        if path is not None:
            try:
                await keeping._open()
            except SPOOL_TROUBLE as error:
                keeping._trouble(error)
        return keeping

    async def beside(self) -> AsyncIterator[tuple[StationId, "Keeping"]]:
        """Yield what other stations kept in the same folder and no process delivers, each until the next one.

        A terminal that was given another station's name still has what it kept under the old one.
        """
        for path in await asyncio.to_thread(_others, self._path):
            keeping = await Keeping.opened(path)
            try:
                # One that cannot be opened belongs to another kiosk at work on this machine.
                if keeping.count:
                    yield StationId(path.stem), keeping
            finally:
                await keeping.close()

    @property
    def is_on(self) -> bool:
        """Whether this terminal is meant to keep what it cannot deliver."""
        return self._path is not None

    async def close(self) -> None:
        """Let go of the file; what is kept stays in it."""
        spool, self._spool = self._spool, None
        if spool is not None:
            await spool.close()

    async def _open(self) -> Spool:
        # One at a time: two that open the file at once would take each other for another kiosk.
        async with self._opening:
            return self._spool or await self._opened_anew()

    async def _opened_anew(self) -> Spool:
        if self._path is None:
            raise SpoolBroken("", "this terminal keeps nothing")
        spool = await Spool.open(self._path)
        try:
            count = await spool.count()
            badges = await spool.remembered(_BADGES)
            stations = await spool.remembered(_STATIONS)
        except SPOOL_TROUBLE:
            await spool.close()
            raise
        self._spool = spool
        # Of another file they would name other requests.
        self._delivered_up_to = 0
        self._undeleted.clear()
        self._said.clear()
        self.badges = dict(badges_in(badges))
        self.stations = stations_in(stations)
        self._count_is(count)
        self._well()
        return spool

    def _count_is(self, count: int) -> None:
        self.count = count
        if count:
            self.waiting.set()
            self._drained.clear()
        else:
            self.waiting.clear()
            self._drained.set()

    def _trouble(self, error: Exception) -> None:
        if self.problem != str(error):
            _LOG.error("%s", error)
            self.problem = str(error)
            self.changed()

    def _well(self) -> None:
        if self.problem:
            self.problem = ""
            self.changed()

    # -- what waits ------------------------------------------------------------------

    async def keep(self, request: Request, command_id: UUID, at: ClockReading) -> int:
        """Put a request on the disk, behind those before it, and return its position there.

        ``at`` is the present moment by the clock that dated it. Raises SpoolFull, SpoolBroken or SpoolBusy.
        """
        try:
            try:
                position = await (await self._open()).keep(request, command_id, at)
            except SpoolTaken:
                if self.count:
                    raise
                # Nothing was in it that could be lost, so another file takes its place.
                await self.close()
                position = await (await self._open()).keep(request, command_id, at)
        except SPOOL_TROUBLE as error:
            self._trouble(error)
            raise
        self._well()
        self._count_is(self.count + 1)
        self.changed()
        return position

    async def next(self) -> Held | None:
        """Return what is to be delivered first."""
        try:
            held = await (await self._open()).next(self._delivered_up_to)
        except SPOOL_TROUBLE as error:
            self._trouble(error)
            raise
        if held is None:
            self._count_is(0)
        return held

    async def newest(self, limit: int) -> tuple[Held, ...]:
        """Return what was kept last, newest first; nothing where it cannot be read."""
        try:
            return await (await self._open()).newest(limit) if self.is_on else ()
        except SPOOL_TROUBLE as error:
            self._trouble(error)
            return ()

    async def answered(self, held: Held) -> None:
        """Let go of a request that was answered. One that cannot be deleted is delivered again after a restart."""
        self._delivered_up_to = held.position
        await self._delete(held.position)

    async def taken_back(self, position: int) -> None:
        """Let go of a request whose answer came while it was being put away, before anybody delivered it."""
        await self._delete(position)

    async def _delete(self, position: int) -> None:
        self._undeleted.append(position)
        await self.tidy()
        if position in self._undeleted:
            self._count_is(max(0, self.count - 1))
        self.changed()

    async def tidy(self) -> None:
        """Delete what was answered and could not be deleted then: a later start would deliver it once more."""
        if not self._undeleted:
            return
        try:
            spool = await self._open()
            for position in tuple(self._undeleted):
                await spool.answered(position)
                if position in self._undeleted:
                    self._undeleted.remove(position)
            self._count_is(await spool.count())
        except SPOOL_TROUBLE as error:
            self._trouble(error)
        else:
            self._well()

    def is_delayed_by(self, why: str) -> None:
        """Take note of what keeps the delivery from going on; nothing where it goes on."""
        if self.delay != why:
            self.delay = why
            self.changed()

    async def drained(self, seconds: float | None = None) -> bool:
        """Wait until nothing is kept any more, not longer than some seconds; say whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                await self._drained.wait()
        except TimeoutError:
            return False
        return True

    # -- what is known -----------------------------------------------------------------

    async def remember(self, name: str, said: bytes) -> None:
        """Keep a text under a name, where it is not what was kept before; a trouble is in ``problem``."""
        if not self.is_on or self._said.get(name) == said:
            return
        try:
            await (await self._open()).remember(name, said)
        except SPOOL_TROUBLE as error:
            self._trouble(error)
        else:
            self._said[name] = said

    async def remembered(self, name: str) -> bytes | None:
        """Return what was kept under a name; None where nothing was, or where it cannot be read."""
        try:
            return await (await self._open()).remembered(name) if self.is_on else None
        except SPOOL_TROUBLE as error:
            self._trouble(error)
            return None

    async def know(self, badges: tuple[BadgeRead, ...], stations: tuple[StationDefinition, ...]) -> None:
        """Remember who may log on here, and what the stations are."""
        self.badges = {badge.operator_id: badge for badge in badges}
        self.stations = stations
        await self.remember(_BADGES, said_badges(badges))
        await self.remember(_STATIONS, said_stations(stations))


def _others(path: Path | None) -> list[Path]:
    """Return the spools beside a station's own."""
    if path is None or not path.parent.is_dir():
        return []
    return sorted(each for each in path.parent.glob("*.db") if each != path and each.is_file())
