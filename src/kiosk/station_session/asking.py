"""Asking the store until it answers, and knowing how long it has not.

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

from core.domain.readings import Reading
from core.domain.rejections import Rejection
from core.production.requests import Request
from kiosk.snapshots import ConnectionState
from store.commands import Accepted
from store.errors import StoreBusy, StoreError, StoreUnavailable
from store.store import Store

CHECKING_SECONDS = 0.15
"""A verdict that takes longer than this is announced as CHECKING."""

OFFLINE_SECONDS = 1.0
"""A database that has not answered for this long is offline to the operator."""

_RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


def _pause(attempt: int) -> float:
    """Return the seconds to wait after an attempt that failed: longer each time, and no two kiosks in step."""
    longest = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, no secret


class Lateness(Enum):
    """How long the answer to the request under way has been awaited."""

    NONE = auto()
    CHECKING = auto()
    WAITING = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's answer, the id under which it is kept, and when it was made (UTC)."""

    command_id: UUID
    at: datetime
    answer: Accepted | Reading | Rejection


class Asking:
    """The way from a station to the store. ``changed`` is called whenever there is something new to show."""

    def __init__(
        self,
        store: Store,
        *,
        monotonic: Callable[[], float],
        new_id: Callable[[], UUID],
        changed: Callable[[], None],
    ) -> None:
        """Begin without having heard of the database; ``monotonic`` is in seconds, ``new_id`` makes command ids."""
        self._store = store
        self._monotonic = monotonic
        self._new_id = new_id
        self._changed = changed
        self._heard = False
        self._missed_since: float | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._is_offline = False
        self.lateness = Lateness.NONE

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

    def offline_for(self) -> str:
        """Return minutes and seconds since the database last answered, "0:12"; empty while it does."""
        if not self._is_offline or self._missed_since is None:
            return ""
        seconds = int(self._monotonic() - self._missed_since)
        return f"{seconds // 60}:{seconds % 60:02d}"

    def reached(self) -> None:
        """Take note that the database answered."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        news = self._is_offline or not self._heard
        self._heard, self._is_offline, self._missed_since = True, False, None
        if news:
            self._changed()

    def missed(self) -> None:
        """Take note that the database did not answer; it is offline if that stays so for a second."""
        if self._missed_since is None:
            self._missed_since = self._monotonic()
            self._patience = asyncio.get_running_loop().call_later(OFFLINE_SECONDS, self._gone)

    def _gone(self) -> None:
        self._patience = None
        if self._missed_since is None:
            self._missed_since = self._monotonic()
        if not self._is_offline:
            self._is_offline = True
            self._changed()

    # -- asking ----------------------------------------------------------------

    async def run(self, request: Request) -> Asked:
        """Run a request until it is answered, always under the same command id.

        Raises StoreError where waiting does not help: then nothing was recorded.
        """
        command_id = self._new_id()
        loop = asyncio.get_running_loop()
        checking = loop.call_later(CHECKING_SECONDS, self._late, Lateness.CHECKING)
        waiting = loop.call_later(OFFLINE_SECONDS, self._late, Lateness.WAITING)
        attempt = 0
        may_be_recorded = False
        try:
            while True:
                try:
                    answer = await self._store.run(request, command_id=command_id)
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
                    return Asked(command_id, request.at, answer)
                await asyncio.sleep(_pause(attempt))
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
            await asyncio.sleep(_pause(attempt))
            attempt += 1

    def _late(self, lateness: Lateness) -> None:
        self.lateness = lateness
        if lateness is Lateness.WAITING:
            # A server that hangs refuses nothing: silence for a second is offline as well.
            self._gone()
        self._changed()
