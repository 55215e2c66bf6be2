"""What changed, for live screens: announcements after the commit, and the log as the truth behind them.

Each process announces the streams it wrote by NOTIFY, on its reading connection and
at most ten times a second: a NOTIFY inside the writing transaction would hold a lock
of the whole server until the flush. Whoever listens also reads the log in commit
order a few times a second, so that a lost announcement is only late. After a lost
connection everything counts as changed.
"""

import asyncio
import contextlib
import logging
import random
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self
from weakref import WeakKeyDictionary

from core.domain.streams import AggregateType, StreamKey
from store import errors
from store.event_log import Position, horizon
from store.pool import Lane
from store.wire import Row

_LOG: Final = logging.getLogger(__name__)

CHANNEL: Final = "kiosk_changes"
_LISTEN: Final = b"LISTEN kiosk_changes"

_ANNOUNCE_SECONDS: Final = 0.1
_POLL_SECONDS: Final = 0.4
_POLL_LIMIT: Final = 2000
_TOLD: Final = 10_000  # a version told before is forgotten then, and at worst told again
_RETRY_SECONDS: Final = (0.25, 2.0)
_PAYLOAD_BYTES: Final = 7800  # the server's limit is 8000
_EVERYTHING: Final = "*"
_DIGITS: Final = 10  # of a version, which the log counts in 32 bits

REFUSED: Final = 0
"""In place of a version: the stream did not grow, but something was refused there, which may stop its station."""

_NOTIFY = b"SELECT pg_notify('kiosk_changes', $1)"

_NEWS = b"""SELECT transaction_id::text::bigint, sequence_num, aggregate_type, aggregate_id, aggregate_version
    FROM production_events WHERE (transaction_id, sequence_num) > ($1::text::xid8, $2::bigint)
      AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction_id, sequence_num LIMIT $3"""

_TYPES: Final = {str(kind): kind for kind in AggregateType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a live screen must look at again.

    ``everything`` asks for a full refresh: the start, or after a gap. ``reachable`` is
    False while the database cannot be reached; then nothing else is said.
    """

    streams: frozenset[StreamKey] = frozenset()
    everything: bool = False
    reachable: bool = True

    def touches(self, *ids: str) -> bool:
        """Say whether any of these units may have changed."""
        return self.everything or any(stream.aggregate_id in ids for stream in self.streams)


class ChangeSubscription:
    """An async iterator of batches: everything that changed since the last one was taken."""

    def __init__(self, feed: "ChangeFeed", interval: float) -> None:
        self._feed = feed
        self._interval = interval
        self._streams: set[StreamKey] = set()
        self._everything = True
        self._reachable = True
        self._wake = asyncio.Event()
        self._wake.set()
        self._not_before = 0.0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Changes:
        if self._feed.is_closed:
            raise StopAsyncIteration
        await self._wake.wait()
        loop = asyncio.get_running_loop()
        pause = self._not_before - loop.time()
        if pause > 0:
            await asyncio.sleep(pause)
        if self._feed.is_closed:
            raise StopAsyncIteration
        self._not_before = loop.time() + self._interval
        self._wake.clear()
        if self._reachable:
            taken = Changes(streams=frozenset(self._streams), everything=self._everything)
            self._streams = set()
            self._everything = False
        else:
            taken = Changes(reachable=False)
        return taken

    def close(self) -> None:
        """Take no further changes."""
        self._feed.drop(self)
        self._wake.set()

    def add(self, streams: Iterable[StreamKey], *, everything: bool = False, reachable: bool = True) -> None:
        """Take note of changes; called by the feed."""
        self._streams.update(streams)
        self._everything = self._everything or everything
        self._reachable = reachable
        self._wake.set()

    def end(self) -> None:
        """Wake whoever waits, so that the iteration ends; called by the feed."""
        self._wake.set()


class _Announcer:
    """Tells other processes what this one wrote: one voice for all stores of a process on one database."""

    def __init__(self) -> None:
        self._pending: dict[StreamKey, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._lane: Lane | None = None

    def add(self, streams: Iterable[tuple[StreamKey, int]], lane: Lane) -> None:
        """Announce these soon, on this lane if nobody else's is about to."""
        self._pending.update(streams)
        if self._task is None:
            self._lane = lane
            self._task = asyncio.create_task(self._announce(lane), name="store-announce")

    async def _announce(self, lane: Lane) -> None:
        try:
            while self._pending and not lane.is_closed:
                pending, self._pending = self._pending, {}
                payload = " ".join(
                    [f"{key.aggregate_type}:{key.aggregate_id}:{version}" for key, version in pending.items()]
                )
                if len(payload.encode()) > _PAYLOAD_BYTES:
                    payload = _EVERYTHING
                with contextlib.suppress(errors.StoreError):  # whoever listens reads the log as well
                    await lane.run(_NOTIFY, (payload,))
                await asyncio.sleep(_ANNOUNCE_SECONDS)
        finally:
            self._task = None

    def task_on(self, lane: Lane) -> asyncio.Task[None] | None:
        """Return the task that speaks, for a lane that is about to close."""
        return self._task if self._lane is lane else None


_announcers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Announcer]] = WeakKeyDictionary()


def _announcer(dsn: str) -> _Announcer:
    """Return the voice of this process on one database: fifty simulated kiosks speak once, not fifty times."""
    return _announcers.setdefault(asyncio.get_running_loop(), {}).setdefault(dsn, _Announcer())


class ChangeFeed:
    """Announces this process's changes and hears those of the others, on one reading lane."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._subscriptions: set[ChangeSubscription] = set()
        self._told: OrderedDict[StreamKey, int] = OrderedDict()
        self._position: Position | None = None
        self._made = 0
        self._poller: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._voice: _Announcer | None = None
        self.is_closed = False
        """Whether the feed has ended; iterations over it end as well."""
        lane.on_notify.append(self._notified)
        lane.on_lost.append(self._lost)

    # -- hearing ---------------------------------------------------------------------

    def subscribe(self, interval: float = _ANNOUNCE_SECONDS) -> ChangeSubscription:
        """Begin to collect changes now, and hand them out in batches at most every ``interval`` seconds.

        The first batch asks for a full refresh.
        """
        subscription = ChangeSubscription(self, interval)
        self._subscriptions.add(subscription)
        if self._poller is None and not self.is_closed:
            self._poller = asyncio.create_task(self._poll(), name="store-changes")
        return subscription

    def drop(self, subscription: ChangeSubscription) -> None:
        """End a subscription."""
        self._subscriptions.discard(subscription)

    def newest_heard(self, stream: StreamKey) -> int:
        """Return the version that a stream has reached by what was heard, 0 where nothing was heard of it lately."""
        return self._told.get(stream, 0)

    def _dispatch(self, streams: Iterable[StreamKey], *, everything: bool = False, reachable: bool = True) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.add(streams, everything=everything, reachable=reachable)

    async def _poll(self) -> None:
        pause = _POLL_SECONDS
        fault = ""
        while not self.is_closed:
            try:
                await self._catch_up()
                fault = ""
                pause = _POLL_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, no secret
            except Exception as error:  # noqa: BLE001 - a poller that ended would leave every screen as it is
                # Whatever it is, the screens keep saying so until the database answers again.
                if not isinstance(error, errors.StoreUnavailable) and repr(error) != fault:
                    fault = repr(error)
                    _LOG.exception("changes cannot be followed; trying again")
                self._position = None
                self._dispatch((), reachable=False)
                least, most = _RETRY_SECONDS
                pause = min(max(pause, least) * random.uniform(1.2, 2.0), most)  # noqa: S311 - jitter
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()

    async def _catch_up(self) -> None:
        if self._position is None or self._lane.made != self._made:
            # First the ear and the place, then the refresh: what commits in between is heard of twice, not never.
            # Only who shows something listens: an announcement costs the server a signal for every ear.
            await self._lane.run(_LISTEN)
            self._made = self._lane.made
            # Everything is told anew, and in a restored database versions begin again at lower ones.
            self._told.clear()
            self._position = (await horizon(self._lane)).position
            self._dispatch((), everything=True)
            return
        full = True
        while full:
            at = self._position
            rows = await self._lane.run(_NEWS, (str(at.transaction_id), at.sequence_num, _POLL_LIMIT))
            full = len(rows) == _POLL_LIMIT
            self._take(rows)

    def _is_news(self, key: StreamKey, version: int) -> bool:
        """Say whether this is told for the first time: announcement and log come in either order."""
        if version == REFUSED:
            return True
        told = self._told
        if told.get(key, 0) >= version:
            return False
        told[key] = version
        told.move_to_end(key)
        if len(told) > _TOLD:
            told.popitem(last=False)
        return True

    def _take(self, rows: list[Row]) -> None:
        news: set[StreamKey] = set()
        for transaction, sequence, kind, aggregate_id, version in rows:
            self._position = Position(transaction, sequence)
            known = _TYPES.get(kind)
            if known is None:
                continue  # of a newer version of the product: no screen of this one shows it
            key = StreamKey(known, aggregate_id)
            if self._is_news(key, version):
                news.add(key)
        if news:
            self._dispatch(news)

    def _hear(self, payload: str) -> None:
        if not self._subscriptions:
            return
        if payload == _EVERYTHING:
            # Too many for one announcement: the log says which.
            self._wake.set()
            return
        news: set[StreamKey] = set()
        for entry in payload.split():
            kind, _, rest = entry.partition(":")
            aggregate_id, _, version = rest.rpartition(":")
            known = _TYPES.get(kind)
            if known is None or len(version) > _DIGITS or not version.isascii() or not version.isdigit():
                continue
            key = StreamKey(known, aggregate_id)
            if self._is_news(key, int(version)):
                news.add(key)
        if news:
            self._dispatch(news)

    def _notified(self, channel: str, payload: str) -> None:
        if channel == CHANNEL:
            self._hear(payload)

    def _lost(self) -> None:
        self._wake.set()

    # -- announcing ----------------------------------------------------------------------

    def announce(self, streams: Sequence[tuple[StreamKey, int]]) -> None:
        """Tell this process's screens now and the others soon that these streams reached these versions."""
        if self._subscriptions:
            self._dispatch([key for key, version in streams if self._is_news(key, version)])
        if not self.is_closed:
            if self._voice is None:
                self._voice = _announcer(self._lane.settings.dsn)
            self._voice.add(streams, self._lane)

    async def close(self) -> None:
        """End every iteration and every task."""
        self.is_closed = True
        speaking = None if self._voice is None else self._voice.task_on(self._lane)
        tasks = [task for task in (self._poller, speaking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for subscription in tuple(self._subscriptions):
            subscription.end()
        self._subscriptions.clear()
