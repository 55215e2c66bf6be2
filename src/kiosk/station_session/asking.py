"""Asking the store until it answers, keeping what may be kept where it does not, and knowing how long it has not.

One request, one command id, however often it has to be delivered: it is recorded
once and its answer is never guessed. Everything that a station wants of the store
before it can go on passes here. Used by the session only.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TypeVar
from uuid import UUID

from core.domain.readings import Meaning, Reading
from core.domain.rejections import Refusal, Rejection
from core.production.holding import MayBeHeld, MustWait, decide_alone, looks_only, may_be_held_once_sent
from core.production.requests import Request
from kiosk.snapshots.frame import ConnectionState
from kiosk.station_session.durations import span
from kiosk.station_session.keeping import SPOOL_TROUBLE, Keeping
from store.clock import ClockReading
from store.commands import Accepted
from store.errors import SpoolUnread, StoreBusy, StoreError, StoreUnavailable
from store.store import Store

CHECKING_SECONDS = 0.15
"""A verdict that takes longer than this is announced as CHECKING."""

OFFLINE_SECONDS = 1.0
"""A database that has not answered for this long is offline to the operator."""

_TRY_SECONDS = 1.0
"""Between two attempts to write to a disk that was full."""

_RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


def pause(attempt: int) -> float:
    """Return the seconds to wait after an attempt that failed: longer each time, and no two kiosks in step."""
    longest = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, no secret


class Lateness(Enum):
    """How long the answer to the request under way has been awaited."""

    NONE = auto()
    CHECKING = auto()
    WAITING = auto()


@dataclass(frozen=True, slots=True)
class Kept:
    """It is on this terminal's disk, one of ``count``, and is delivered when the database answers."""

    count: int


Outcome = Accepted | Reading | Rejection | Kept | MustWait
"""What comes of a request at a station; MustWait says that nothing was done, and nothing kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, the id under which it is kept, and what came of it."""

    command_id: UUID
    request: Request
    answer: Outcome

    @property
    def at(self) -> datetime:
        """When it was made (UTC)."""
        return self.request.at


class Asking:
    """The way from a station to the store. ``changed`` is called whenever there is something new to show."""

    def __init__(
        self,
        store: Store,
        *,
        monotonic: Callable[[], float],
        new_id: Callable[[], UUID],
        changed: Callable[[], None],
        keeping: Keeping | None = None,
    ) -> None:
        """Begin without having heard of the database; ``monotonic`` is in seconds, ``new_id`` makes command ids.

        Without ``keeping`` everything is asked for until it is answered.
        """
        self._store = store
        self._monotonic = monotonic
        self._new_id = new_id
        self._changed = changed
        self._heard = False
        self._missed_since: float | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._is_offline = False
        self._keeping = keeping or Keeping()
        self.lateness = Lateness.NONE
        self.answers = asyncio.Event()
        """Set while the database answers, but for a hiccup of less than a second."""
        self.waits_for: MustWait | None = None
        """Why what is asked for now cannot be kept instead; None while nothing waits so."""
        self.halted: StoreError | None = None
        """Why the line stands: what was scanned last is neither recorded nor kept yet."""

    # -- how the connection is -------------------------------------------------

    @property
    def state(self) -> ConnectionState:
        """How the connection is to the operator; a hiccup of less than a second is none."""
        if self._is_offline:
            return ConnectionState.OFFLINE
        return ConnectionState.ONLINE if self._heard else ConnectionState.CONNECTING

    @property
    def is_late(self) -> bool:
        """Whether the operator is told that the database does not answer."""
        return self.lateness is Lateness.WAITING or self._is_offline

    @property
    def is_back(self) -> bool:
        """Whether the database answers and has been told everything, so that nothing has to wait for it."""
        return self._heard and self._missed_since is None and not self._is_offline and not self._keeping.count

    @property
    def is_keeping(self) -> bool:
        """Whether what is scanned now is kept on this terminal."""
        return self._keeping.is_on and (self._is_offline or self._keeping.count > 0)

    @property
    def keeping(self) -> Keeping:
        """What this terminal keeps."""
        return self._keeping

    def offline_for(self) -> str:
        """Return how long the database has not answered, "0:12" in minutes, "2:05 h", "41 d"; empty while it does."""
        if not self._is_offline or self._missed_since is None:
            return ""
        seconds = int(self._monotonic() - self._missed_since)
        if seconds >= 3_600:
            hours = span(seconds // 60)
            return f"{hours} h" if ":" in hours else hours
        return f"{seconds // 60}:{seconds % 60:02d}"

    def reached(self) -> None:
        """Take note that the database answered."""
        self._end_patience()
        news = self._is_offline or not self._heard
        self._heard, self._is_offline, self._missed_since = True, False, None
        self.answers.set()
        if news:
            self._changed()

    def missed(self) -> None:
        """Take note that the database did not answer; it is offline if that stays so for a second."""
        if self._missed_since is None:
            self._missed_since = self._monotonic()
            self._patience = asyncio.get_running_loop().call_later(OFFLINE_SECONDS, self._gone)

    def _end_patience(self) -> None:
        patience, self._patience = self._patience, None
        if patience is not None:
            patience.cancel()

    def _gone(self) -> None:
        # Else it would run on, and say after the next answer that there is none.
        self._end_patience()
        self.answers.clear()
        if self._missed_since is None:
            self._missed_since = self._monotonic()
        if not self._is_offline:
            self._is_offline = True
            self._changed()

    def silent(self) -> None:
        """Take note that the database did not answer for a second."""
        self._gone()

    # -- asking ----------------------------------------------------------------

    async def until_known(self) -> None:
        """Let the line stand until it is known what this terminal kept: nothing new may come before that."""
        try:
            while not await self._keeping.become_known():
                why = SpoolUnread(self._keeping.trouble)
                if str(self.halted) != str(why):
                    self._halt(why)
                await asyncio.sleep(_TRY_SECONDS)
        finally:
            self._halt(None)

    async def run(self, request: Request) -> Asked:
        """Ask for a request until it is answered, or keep it where it may be kept and no answer comes.

        It has one command id, wherever it goes. Raises StoreError where waiting does
        not help: then nothing was recorded.
        """
        command_id, made = self._new_id(), self._store.clock.reading(request.at)
        if not self._keeping.is_on:
            return await self._until_answered(request, command_id, made)
        alone = decide_alone(request, self._keeping.badges)
        if await self._must_not_ask(alone):
            if isinstance(alone, MustWait | Meaning):
                return Asked(command_id, request, alone)
            return await self._keep(request, command_id, made, alone, None)
        asking = asyncio.create_task(self._until_answered(request, command_id, made))
        try:
            await asyncio.wait({asking}, timeout=OFFLINE_SECONDS)
            if asking.done():
                return asking.result()
            # A server that hangs refuses nothing: silence for a second is offline as well.
            self._gone()
            if isinstance(alone, Meaning) or (isinstance(alone, MustWait) and looks_only(request)):
                return Asked(command_id, request, alone)
            if isinstance(alone, MustWait) and may_be_held_once_sent(request):
                alone = MayBeHeld()
            if isinstance(alone, MustWait):
                # It was sent, and nobody knows whether it was done: it is not said to be either.
                self.waits_for = alone
                return await asking
            return await self._keep(request, command_id, made, alone, asking)
        finally:
            self.waits_for = None
            await _ended(asking)

    async def _must_not_ask(self, alone: MayBeHeld | MustWait | Reading | Rejection) -> bool:
        """Say whether the database is away, or has to be told first what was kept before this."""
        if self._is_offline:
            return True
        if isinstance(alone, MustWait) and self._keeping.count:
            return not await self._keeping.drained(OFFLINE_SECONDS)
        return self._keeping.count > 0

    async def _keep(
        self,
        request: Request,
        command_id: UUID,
        made: ClockReading,
        alone: MayBeHeld | Rejection,
        asking: "asyncio.Task[Asked] | None",
    ) -> Asked:
        """Keep a request; the line stands while it can neither be kept nor delivered."""
        begun = asking
        try:
            while True:
                # Not delivered by anybody else before it is known whether its answer came meanwhile, and it is told.
                async with self._keeping.turn:
                    try:
                        place = await self._keeping.keep(request, command_id, made)
                    except SPOOL_TROUBLE as error:
                        self._halt(error)
                    else:
                        if begun is None or not begun.done() or begun.exception() is not None:
                            if begun is not None:
                                # However long that takes: who scanned is told before it can be delivered.
                                await _ended(begun)
                            told = alone if isinstance(alone, Refusal) else Kept(self._keeping.count)
                            return Asked(command_id, request, told)
                        await self._keeping.taken_back(place)
                        return begun.result()
                if begun is None and not self._keeping.count:
                    begun = asyncio.create_task(self._until_answered(request, command_id, made))
                if begun is None:
                    await asyncio.sleep(_TRY_SECONDS)
                    continue
                await asyncio.wait({begun}, timeout=_TRY_SECONDS)
                if begun.done():
                    return begun.result()
        finally:
            self._halt(None)
            if begun is not None and begun is not asking:
                await _ended(begun)

    def _halt(self, why: StoreError | None) -> None:
        if self.halted is not why:
            self.halted = why
            self._changed()

    async def _until_answered(self, request: Request, command_id: UUID, made: ClockReading) -> Asked:
        loop = asyncio.get_running_loop()
        checking = loop.call_later(CHECKING_SECONDS, self._late, Lateness.CHECKING)
        waiting = loop.call_later(OFFLINE_SECONDS, self._late, Lateness.WAITING)
        attempt = 0
        may_be_recorded = False
        try:
            while True:
                try:
                    dated = await self._store.in_time(request, made)
                    answer = await self._store.run(dated, command_id=command_id)
                except StoreBusy:
                    # The database answers, others are quicker: nobody is shown a conflict.
                    _LOG.warning("others changed the same units; asking again")
                except StoreUnavailable as error:
                    self.missed()
                    may_be_recorded = may_be_recorded or error.outcome_unknown
                    if attempt == 0:
                        _LOG.warning("no answer, asking again: %s", error)
                except StoreError as error:
                    # Once it may be in the log, no fault of a later attempt says that it is not.
                    if not may_be_recorded:
                        raise
                    self.missed()
                    _LOG.warning("recorded or not is not known yet, asking again: %s", error)
                else:
                    self.reached()
                    return Asked(command_id, dated, answer)
                await asyncio.sleep(pause(attempt))
                attempt += 1
        finally:
            checking.cancel()
            waiting.cancel()
            self.lateness = Lateness.NONE

    async def look_up(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read what the station cannot go on without, until it is there."""
        attempt = 0
        while True:
            try:
                found = await read()
            except StoreError as error:
                self.missed()
                if attempt == 0:
                    _LOG.warning("could not be looked up, asking again: %s", error)
            else:
                self.reached()
                return found
            await asyncio.sleep(pause(attempt))
            attempt += 1

    async def look(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read what somebody wants to see now; raises StoreUnavailable after a second, at once while offline."""
        if self._is_offline:
            raise StoreUnavailable("it is away")
        try:
            async with asyncio.timeout(OFFLINE_SECONDS):
                found = await read()
        except TimeoutError:
            self._gone()
            raise StoreUnavailable("it is silent") from None
        self.reached()
        return found

    def _late(self, lateness: Lateness) -> None:
        self.lateness = lateness
        if lateness is Lateness.WAITING:
            # A server that hangs refuses nothing: silence for a second is offline as well.
            self._gone()
        self._changed()


async def _ended(task: asyncio.Task[Asked]) -> None:
    """End what is asked for no longer here; what it sent may be recorded still, under its one id."""
    if task.cancel():
        await asyncio.gather(task, return_exceptions=True)
