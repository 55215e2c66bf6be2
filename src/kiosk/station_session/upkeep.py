"""What goes on at a station besides its inputs: reading what is shown, the clock, the heartbeat."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping

from core.domain.readings import BadgeRead
from core.domain.streams import AggregateType
from core.domain.values import StationDefinition
from core.identity.ids import OperatorId
from kiosk.station_session.asking import Asking
from kiosk.station_session.desk import StationDesk
from kiosk.station_session.exceptions import Exceptions
from kiosk.station_session.keeping import STOP, WORK
from kiosk.station_session.work import Surroundings
from store.errors import StoreError, StoreUnavailable
from store.read_models.presence import Presence

_LOG = logging.getLogger(__name__)

_BEAT_SECONDS = 5.0
_SOON_AGAIN_SECONDS = 1.0
"""A heartbeat comes earlier while the database's time is not known closely: its answer tells that as well."""
_TICK_SECONDS = 0.25
_HEARD_OF_SECONDS = 15.0
"""How long a process that says nothing may still be at work; one that crashed is forgotten after that."""
_RETRY_SECONDS = 1.0
_LEAVE_SECONDS = 1.0

_KNOWN = frozenset({AggregateType.OPERATOR, AggregateType.STATION})
"""Whose streams are remembered on this terminal."""
_HUNG_SECONDS = 5.0
_TELL_AGAIN_SECONDS = 2.0


class News:
    """What must be read again: ids, or everything."""

    def __init__(self) -> None:
        """Begin with everything to be read."""
        self._changed: set[str] | None = None
        self._wake = asyncio.Event()
        self._wake.set()

    def add(self, changed: frozenset[str] | None) -> None:
        """Read again what these ids name; None means everything."""
        if changed is None or self._changed is None:
            self._changed = None
        else:
            self._changed |= changed
        self._wake.set()

    async def take(self, within: float | None = None) -> frozenset[str] | None:
        """Wait for news, and take them; after so many seconds without any there are none."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._wake.wait()
        self._wake.clear()
        changed = None if self._changed is None else frozenset(self._changed)
        self._changed = set()
        return changed


def _is_dead(process: str, own: str) -> bool:
    """Say whether a process was one of this machine, "host:pid", and is not any more; of others nobody here knows."""
    machine, _, number = process.rpartition(":")
    if machine != own.rpartition(":")[0] or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


class Upkeep:
    """The background of one station. ``publish`` is called whenever there is something new to show."""

    def __init__(
        self,
        around: Surroundings,
        asking: Asking,
        *,
        monotonic: Callable[[], float],
        publish: Callable[[], None],
        changed: Callable[[], None],
        read: Callable[[], None],
        process: str,
        version: str,
    ) -> None:
        """Begin with everything to be read; ``monotonic`` is in seconds, ``process`` and ``version`` are for the leads.

        ``read`` is told each time that what is shown was read again; ``changed``, again and again, while whoever is
        logged on is known by other roles than they have.
        ``attend`` names the desk before anything runs.
        """
        self._around = around
        self._asking = asking
        self._monotonic = monotonic
        self._publish = publish
        self._changed = changed
        self._read = read
        self._process = process
        self._version = version
        self._beat_now = asyncio.Event()
        self._remember_now = asyncio.Event()
        self._moved = ("", "", False)
        self._is_station_news = False
        self._ticked = monotonic()
        self.news = News()
        self.other_kiosk = ""
        """The machine on which another living process is at work as this station; empty where there is none."""
        self.may_remember = False
        """Whether what the station was has been found again: before, there is nothing worth remembering."""
        self._desk: StationDesk
        self._exceptions: Exceptions
        self._people_may_be_new = asyncio.Event()
        self._people_may_be_new.set()
        self._badges: Mapping[OperatorId, BadgeRead] = {}
        self._people: tuple[tuple[BadgeRead, ...], tuple[StationDefinition, ...]] | None = None
        self._read_for: BadgeRead | None = None
        self._newest_person: BadgeRead | None = None
        self._told_of_badge = -_TELL_AGAIN_SECONDS

    def attend(self, desk: StationDesk, exceptions: Exceptions) -> None:
        """Keep that desk and that list up to date."""
        self._desk = desk
        self._exceptions = exceptions

    def everything_is_news(self) -> None:
        """Read everything again, the station itself as well."""
        self._is_station_news = True
        self.news.add(None)

    # -- what is shown -----------------------------------------------------------

    async def keep_reading(self) -> None:
        """Read again whatever there is news of, not too often."""
        while True:
            work = self._desk.work
            changed = await self.news.take(work.rereads_after_seconds)
            is_station_news, self._is_station_news = self._is_station_news, False
            try:
                # While anything is kept, what stands here is newer than the log.
                if is_station_news and self._asking.keeping.is_known and not self._asking.keeping.count:
                    await self._desk.stops.find()
                    await self._exceptions.read()
                    is_station_news = False
                self._is_station_news |= is_station_news
                await work.refresh(changed)
            except Exception as error:  # noqa: BLE001 - an old view for a second is better than a dead station
                self._is_station_news |= is_station_news
                if isinstance(error, StoreUnavailable):
                    self._asking.missed()
                else:
                    _LOG.exception("what is shown could not be read")
                await asyncio.sleep(_RETRY_SECONDS)
                self.news.add(None)
                continue
            self._asking.reached()
            self._read()
            self._publish()
            await asyncio.sleep(work.refresh_seconds)

    async def follow_changes(self) -> None:
        """Hear of what other stations do."""
        is_answer = False
        async for changes in self._around.store.changes():
            if not changes.reachable:
                self._asking.missed()
                is_answer = True
                continue
            if is_answer:
                self._asking.reached()
            # The first batch asks for everything to be read, and comes before anybody was asked.
            is_answer = True
            ids = frozenset(stream.aggregate_id for stream in changes.streams)
            # Another process of this station may have cleared its stop.
            if changes.everything or self._around.station.station_id in ids or self._exceptions.is_about(ids):
                self._is_station_news = True
            if changes.everything:
                # A server that crashed has forgotten who was there.
                self._beat_now.set()
            if changes.everything or any(stream.aggregate_type in _KNOWN for stream in changes.streams):
                self._people_may_be_new.set()
            self.news.add(None if changes.everything else ids)

    async def keep_knowing(self) -> None:
        """Know who may log on and what the stations are: for a time without the database, and who may no more."""
        while True:
            await self._people_may_be_new.wait()
            self._people_may_be_new.clear()
            store, person = self._around.store, self._desk.person
            try:
                people, stations = await store.operators(), await store.stations()
            except Exception as error:  # noqa: BLE001 - who is known from before is better than a dead station
                if isinstance(error, StoreUnavailable):
                    self._asking.missed()
                elif not isinstance(error, StoreError):
                    _LOG.exception("who may work here could not be read")
                self._people_may_be_new.set()
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            badges = tuple(
                BadgeRead(
                    operator_id=each.operator_id,
                    name=each.name,
                    roles=frozenset(each.roles),
                    has_pin=each.has_pin,
                )
                for each in people
            )
            self._badges, self._read_for = {badge.operator_id: badge for badge in badges}, person
            # Written down apart from this: a disk that hangs keeps nobody logged on.
            self._people = badges, tuple(each.definition for each in stations)

    def badge_now(self, person: OperatorId) -> BadgeRead | None:
        """Return what a badge is by the newest reading of people; None where it was in none."""
        return self._badges.get(person)

    @property
    def badge_here(self) -> BadgeRead | None:
        """What the badge of whoever is logged on is, by people that were read since; None where they were not yet.

        A badge that was just given back, or given more roles, logs on before that is heard of here.
        """
        person = self._desk.person
        return self.badge_now(person.operator_id) if person is not None and self._read_for is person else None

    def _tell_of_badge(self) -> None:
        # By what is so, not by what changed: whoever logs on by an answer from before is told of as well, and what
        # is thrown away while the line stands is told again.
        person = self._desk.person
        if person is not None and person is not self._newest_person:
            self._people_may_be_new.set()
        self._newest_person = person
        if self.badge_here in {None, person}:
            self._told_of_badge = -_TELL_AGAIN_SECONDS
        elif self._monotonic() - self._told_of_badge >= _TELL_AGAIN_SECONDS:
            self._told_of_badge = self._monotonic()
            self._changed()

    @property
    def is_ticking(self) -> bool:
        """Whether the station's own clock went on in the last seconds."""
        return self._monotonic() - self._ticked < _HUNG_SECONDS

    async def tick(self) -> None:
        """Fade verdicts and move the clock; nothing else moves by itself."""
        desk = self._desk
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self._ticked = self._monotonic()
            self._tell_of_badge()
            if desk.deed.line is not None and desk.deed.is_late(desk.work.undo_seconds()):
                desk.deed.line = None
                self._publish()
            clock = self._around.words.clock(desk.now())
            moved = (clock, self._asking.offline_for(), desk.stops.may_be_released)
            if desk.band.fade(self._monotonic()) or desk.end_waiting() or moved != self._moved:
                self._moved = moved
                self._publish()

    async def keep_remembering(self) -> None:
        """Remember on this terminal what the station is; a stop at once, for the power may fail in the next moment.

        Apart from the clock: a disk that hangs must not make a kiosk look dead that works on without it.
        """
        desk, keeping = self._desk, self._asking.keeping
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._remember_now.wait()
            self._remember_now.clear()
            if self._people is not None:
                # Each time, as the rest: a disk that was full took it not, and a file that is another now has it not.
                await keeping.know(*self._people)
            if self.may_remember:
                await keeping.remember(STOP, desk.stops.memory())
                await keeping.remember(WORK, desk.work.memory())
            await keeping.tidy()

    # -- what the leads see --------------------------------------------------------

    def beat(self) -> None:
        """Say at once to the leads how the station is."""
        self._beat_now.set()
        self._remember_now.set()

    async def keep_beating(self) -> None:
        """Say every few seconds that this kiosk lives, and what it does."""
        desk = self._desk
        while True:
            self._beat_now.clear()
            with contextlib.suppress(StoreError):
                await self._around.store.beat(
                    Presence(
                        station_id=self._around.station.station_id,
                        process=self._process,
                        state="READY" if desk.stops.standing is None and self._asking.halted is None else "STOPPED",
                        version=self._version,
                        operator_id=desk.operator_id,
                        unit_in_hand=desk.work.unit_in_hand(),
                        scans_held=self._asking.keeping.in_all,
                    )
                )
                if self._asking.keeping.is_on:
                    self._asking.reached()
                await self._look_for_another()
            # Not wait_for: up to Python 3.11 it can swallow a cancellation that comes with the event.
            is_close = self._around.store.clock.is_close
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_SECONDS if is_close else _SOON_AGAIN_SECONDS):
                    await self._beat_now.wait()

    async def _look_for_another(self) -> None:
        station = self._around.station.station_id
        others = [
            row.process.rpartition(":")[0]
            for row in await self._around.store.presences(_HEARD_OF_SECONDS)
            if row.station_id == station and row.process != self._process and not _is_dead(row.process, self._process)
        ]
        other = others[0] if others else ""
        if other != self.other_kiosk:
            self.other_kiosk = other
            self._publish()

    async def leave(self) -> None:
        """Say to the leads that this kiosk is gone on purpose."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._around.store.leave(self._around.station.station_id, self._process)
