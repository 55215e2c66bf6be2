"""What one terminal keeps on its own disk: requests that wait for the database, and what it must know without it.

The spool itself is the store's; this is how a session uses it. A spool that cannot be
opened or written is tried again at every use, and meanwhile says what is wrong with it.
Until it was opened once nobody knows what is in it, and that is not nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self
from uuid import UUID

from core.domain.readings import BadgeRead
from core.domain.values import StationDefinition
from core.identity.ids import OperatorId
from core.production.requests import Request
from store.clock import ClockReading
from store.errors import SpoolBroken, SpoolBusy, SpoolDamaged, SpoolFull, SpoolTaken, StoreError
from store.spool import Held, Spool
from store.spool_claim import Claim, noted
from store.terminal_memory import badges_in, said_badges, said_stations, stations_in

_LOG = logging.getLogger(__name__)

_PATIENCE_SECONDS = 1.0
"""How long a neighbour may take to let go of the file; one that does in time is never spoken of."""

SPOOL_TROUBLE = (SpoolFull, SpoolBroken, SpoolBusy)

_BADGES = "badges"
STOP = "stop"
"""Under this name stands which stop covers the station."""
WORK = "work"
"""Under this name stands what the station has open."""
_STATIONS = "stations"


class Keeping:
    """One station's spool in use. Made by ``opened``; without a path nothing is ever kept."""

    def __init__(self, path: Path | None = None, *, lent_to: str = "") -> None:
        """Begin without having opened anything; ``lent_to`` is the station whose kiosk delivers for the file's own."""
        self._path = path
        self._lent_to = lent_to
        self._claim: Claim | None = None
        self._spool: Spool | None = None
        self._delivered_up_to = 0
        self._taken_from: Spool | None = None
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
        self.known = asyncio.Event()
        """Set once it is known how many wait."""
        if path is None:
            self.known.set()
        self.count = 0
        """How many requests wait to be delivered; says nothing before ``known``."""
        self.elsewhere = 0
        """How many wait in files of other stations on this terminal; one for a file of which nobody can tell."""
        self.problem_elsewhere = ""
        """What is wrong with one of those, or holds up its delivery, in a sentence; empty while all is well."""
        self.trouble: StoreError | None = None
        """Why nothing can be kept; None while all is well."""
        self.delay = ""
        """What holds the delivery up although the database answers, in a sentence; empty while it goes on."""
        self.unbelieved: frozenset[str] = frozenset()
        """Under which names something was remembered that the disk changed since: it counts as not remembered."""
        self.forgotten = ""
        """What of that the station has to be told of until the log says it, in a sentence; empty where nothing."""
        self.badges: dict[OperatorId, BadgeRead] = {}
        """The people that are known without the database."""
        self.stations: tuple[StationDefinition, ...] = ()
        """The stations that are known without the database."""

    @classmethod
    async def opened(cls, path: Path | None, *, lent_to: str = "") -> Self:
        """Open the spool of a station, and read what was kept and remembered; a trouble with it is in ``problem``."""
        keeping = cls(path, lent_to=lent_to)
        await keeping.become_known()
        return keeping

    async def become_known(self) -> bool:
        """Try to learn how many requests wait; say whether it is known. A trouble is in ``problem``.

        A file that cannot be opened to keep anything in it is known where it is sure that nothing waits there.
        """
        if self._path is not None and not self.known.is_set():
            try:
                await self._open()
            except SPOOL_TROUBLE as error:
                await self._trouble(error)
                if await Spool.holds_nothing(self._path):
                    self.known.set()
        return self.known.is_set()

    async def stations_known(self) -> tuple[StationDefinition, ...]:
        """Return what is known without the database; tries to open the file where that was in vain so far."""
        if self.is_on and self._spool is None:
            try:
                await self._open()
            except SPOOL_TROUBLE as error:
                await self._trouble(error)
        return self.stations

    @property
    def is_known(self) -> bool:
        """Whether it is known how many requests wait."""
        return self.known.is_set()

    @property
    def problem(self) -> str:
        """Why nothing can be kept, in a sentence; empty while all is well."""
        return "" if self.trouble is None else str(self.trouble)

    @property
    def in_all(self) -> int:
        """How many requests wait on this terminal, whatever station it was."""
        return self.count + self.elsewhere

    async def beside(self) -> list[Path]:
        """Return the files of other stations in the same folder.

        A terminal that was given another station's name still has what it kept under the old one.
        """
        return await asyncio.to_thread(_others, self._path)

    def elsewhere_is(self, waiting: int, problem: str) -> None:
        """Take note of how many wait in those files, and what is wrong with one of them."""
        if (waiting, problem) != (self.elsewhere, self.problem_elsewhere):
            self.elsewhere, self.problem_elsewhere = waiting, problem
            self.changed()

    @property
    def station(self) -> str:
        """The station whose file it is, as the file is named; empty where nothing is ever kept."""
        return "" if self._path is None else self._path.stem

    @property
    def is_on(self) -> bool:
        """Whether this terminal is meant to keep what it cannot deliver."""
        return self._path is not None

    async def close(self) -> None:
        """Let go of the file, and of the claim on it; what is kept stays in it."""
        try:
            await self._close_spool()
        finally:
            claim, self._claim = self._claim, None
            if claim is not None:
                claim.let_go()

    async def _close_spool(self) -> None:
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
        if self._lent_to:
            spool = await Spool.open(self._path, holder=self._lent_to)
        else:
            # Held to the end, also while the file is not open: a neighbour that has it lets go, and none takes it.
            self._claim = self._claim or await Claim.of(self._path)
            spool = await Spool.open(self._path, holder=self._path.stem, patience=_PATIENCE_SECONDS)
        try:
            count = await spool.count()
            badges = await spool.remembered(_BADGES)
            stations = await spool.remembered(_STATIONS)
            unbelieved = await spool.unbelieved()
        except BaseException:
            # Also where whoever opened it waits no longer: held by nobody, it would be another kiosk's to this one.
            await spool.close()
            raise
        self._spool = spool
        # Of another file they would name other requests.
        self._delivered_up_to = 0
        self._undeleted.clear()
        self._said.clear()
        self.badges = dict(badges_in(badges))
        self.stations = stations_in(stations)
        self._not_believed(unbelieved)
        self._count_is(count)
        self.known.set()
        self._well()
        return spool

    async def _let_go(self) -> None:
        """Close the file, so that the next use opens it anew."""
        async with self._opening:
            await self._close_spool()

    def _count_is(self, count: int) -> None:
        self.count = count
        if count:
            self.waiting.set()
            self._drained.clear()
        else:
            self.waiting.clear()
            self._drained.set()

    async def _trouble(self, error: StoreError) -> None:
        is_news = self.problem != str(error)
        self.trouble = error
        if is_news:
            # Of another station's file it is as it should be that its own kiosk has it.
            is_normal = bool(self._lent_to) and isinstance(error, SpoolBusy)
            _LOG.log(logging.DEBUG if is_normal else logging.ERROR, "%s", error)
            self.changed()
        if isinstance(error, SpoolDamaged):
            # Opened anew, it is saved as far as it can be read.
            await self._let_go()

    def _well(self) -> None:
        if self.trouble is not None:
            self.trouble = None
            self.changed()

    # -- what waits ------------------------------------------------------------------

    async def keep(self, request: Request, command_id: UUID, at: ClockReading) -> int:
        """Put a request on the disk, behind those before it, and return its position there.

        ``at`` is when it was made, by the clock that dated it. Raises SpoolFull, SpoolBroken or SpoolBusy.
        """
        try:
            try:
                position = await (await self._open()).keep(request, command_id, at)
            except SpoolTaken:
                if self.count:
                    raise
                # Nothing was in it that could be lost, so another file takes its place.
                await self._let_go()
                position = await (await self._open()).keep(request, command_id, at)
        except SPOOL_TROUBLE as error:
            await self._trouble(error)
            raise
        self._well()
        self._count_is(self.count + 1)
        self.changed()
        return position

    async def next(self) -> Held | None:
        """Return what is to be delivered first."""
        try:
            spool = await self._open()
            held = await spool.next(self._delivered_up_to)
        except SPOOL_TROUBLE as error:
            await self._trouble(error)
            raise
        self._taken_from = spool
        if held is None:
            self._count_is(0)
        return held

    async def newest(self, limit: int) -> tuple[Held, ...]:
        """Return what was kept last, newest first; nothing where it cannot be read."""
        try:
            return await (await self._open()).newest(limit) if self.is_on else ()
        except SPOOL_TROUBLE as error:
            await self._trouble(error)
            return ()

    async def newest_of(self, boot: str) -> Held | None:
        """Return what was kept last in one run of the machine; None where nothing was, or it cannot be read."""
        try:
            return await (await self._open()).newest_of(boot)
        except SPOOL_TROUBLE as error:
            await self._trouble(error)
            return None

    async def answered(self, held: Held) -> None:
        """Let go of a request that was answered. One that cannot be deleted is delivered again after a restart.

        So is one whose file was opened anew meanwhile: in its place may stand another request by now.
        """
        if self._spool is not self._taken_from:
            return
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
                left = await spool.answered(position)
                if position in self._undeleted:
                    self._undeleted.remove(position)
                self._count_is(left)
        except SPOOL_TROUBLE as error:
            await self._trouble(error)
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
            await self._trouble(error)
        else:
            self._said[name] = said
            self._well()

    async def remembered(self, name: str) -> bytes | None:
        """Return what was kept under a name; None where nothing was, or where it cannot be read or believed."""
        if not self.is_on:
            return None
        try:
            spool = await self._open()
            said = await spool.remembered(name)
            if said is None:
                self._not_believed(await spool.unbelieved())
        except SPOOL_TROUBLE as error:
            await self._trouble(error)
            return None
        return said

    def _not_believed(self, names: Iterable[str]) -> None:
        for name in sorted(set(names) - self.unbelieved):
            _LOG.error("the disk changed what this terminal remembered as %r: it is not believed", name)
        self.unbelieved = self.unbelieved.union(names)

    async def know(self, badges: tuple[BadgeRead, ...], stations: tuple[StationDefinition, ...]) -> None:
        """Remember who may log on here, and what the stations are."""
        await self.remember(_BADGES, said_badges(badges))
        await self.remember(_STATIONS, said_stations(stations))
        # Afterwards: a file that is only opened now says what was known before.
        self.badges = {badge.operator_id: badge for badge in badges}
        self.stations = stations


def _others(path: Path | None) -> list[Path]:
    """Return the spools beside a station's own, and those that are gone although something waited in them."""
    if path is None or not path.parent.is_dir():
        return []
    # Of a file that was just being saved only the sound one may be there.
    saved = {each.with_name(each.name.removesuffix(".sound")) for each in path.parent.glob("*.db.sound")}
    locked = {each.with_name(each.name.removesuffix(".lock")) for each in path.parent.glob("*.db.lock")}
    gone = {each for each in locked if not each.exists() and (noted(each) or (0, 0))[1]}
    return sorted(each for each in saved.union(gone, path.parent.glob("*.db")) if each != path)
