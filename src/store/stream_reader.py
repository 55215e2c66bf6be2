"""What one kiosk remembers of the streams that it read or wrote, and how it reads the others.

A stream that was read before is kept, and only what was appended since is fetched: events never change, so what
was read stays true. Who scans two cards of a sheet scans its other cards next, so with the second all are
fetched: they need no round trip of their own. Where cards come mixed, nothing is fetched in vain.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Final, NamedTuple

import msgspec

from core.domain.events import Event
from core.domain.histories import History
from core.domain.streams import AggregateType, StreamKey
from core.identity.ids import CardUnitId, SheetId, job_of_sheet, sheet_id, sheet_number, sheet_of
from store import errors
from store.codec import decode_event
from store.event_log import StoredHistory, log_for
from store.pool import Lane
from store.wire import Row

_KEPT_STREAMS: Final = 512
_KEPT_EVENTS: Final = 50_000
"""Of all kept streams together. A station's own grows for years; read whole each time it would slow every RESET."""

_UNREAD_STREAMS: Final = 256
_EVENTS_AHEAD: Final = 1000
"""At most so many events are fetched ahead at once; of the last stream it may be only the beginning."""

_RANGES_MET: Final = 32
"""Of so many it is known that one of them was scanned here, or that they were fetched."""

_SHEETS_AHEAD: Final = 20
"""Sheets come in stacks, from either end: the block of so many numbers that one is in is fetched with it."""


_EMPTY: Final = StoredHistory()
_OF_A_SISTER: Final = -1
"""What a row of a stream that is fetched ahead has for its place among those that were asked for."""


@cache
def streams_statement(count: int, log: str, *, ahead: bool = False) -> bytes:
    """Return the statement that reads so many streams, and all that lie between two ids, for whoever asks next.

    One index scan a stream: a join with a list of keys would be planned anew for every length.
    """
    scans = [
        f"(SELECT {i}, aggregate_version, event_type, schema_version, event_payload, chain FROM {log}"
        f" WHERE aggregate_type = ${3 * i + 1} AND aggregate_id = ${3 * i + 2} AND aggregate_version > ${3 * i + 3}"
        f" ORDER BY aggregate_version)"
        for i in range(count)
    ]
    if ahead:
        kind, first, last, asked = (f"${3 * count + place}" for place in range(1, 5))
        # Each as one text, which nobody takes apart before it is wanted.
        scans.append(
            f"(SELECT {_OF_A_SISTER}, count(*)::integer, json_build_array(aggregate_id,"
            " json_agg(json_build_array(event_type, schema_version, event_payload) ORDER BY aggregate_version))::text,"
            " NULL, NULL, (array_agg(chain ORDER BY aggregate_version DESC))[1]"
            f" FROM (SELECT * FROM {log} WHERE aggregate_type = {kind} AND aggregate_id >= {first}"
            f" AND aggregate_id <= {last} AND aggregate_id <> {asked}"
            f" ORDER BY aggregate_id, aggregate_version LIMIT {_EVENTS_AHEAD}) a"
            " GROUP BY aggregate_id HAVING count(*) = max(aggregate_version))"
        )
    return " UNION ALL ".join(scans).encode()


def sisters_of(kind: AggregateType, unit: str) -> tuple[str, str]:
    """Return the first and last id between which those lie that are worked on with a sheet or a card.

    That is the cards of one sheet, the sheets of one block of numbers.
    """
    if kind is AggregateType.CARD_UNIT:
        sheet = sheet_of(CardUnitId(unit))
        return f"{sheet}-", f"{sheet}."
    job = job_of_sheet(SheetId(unit))
    first = sheet_number(SheetId(unit)) // _SHEETS_AHEAD * _SHEETS_AHEAD
    return sheet_id(job, max(1, first)), sheet_id(job, first + _SHEETS_AHEAD - 1)


class _Sisters(NamedTuple):
    """What is fetched ahead: of this kind all from ``first`` to ``last``, without the one that was asked for."""

    kind: AggregateType
    first: str
    last: str
    asked: str


_UNREAD: Final = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode
_EVENTS: Final = msgspec.json.Decoder(list[tuple[str, int, msgspec.Raw]]).decode


class NotRemembered(Exception):  # noqa: N818 - no error: it says that the log has to be asked
    """What a decision looks at is not remembered here, or is said to have grown since."""


class RememberedStreams:
    """Streams as they were last seen here, perhaps out of date by now.

    ``seen`` are those that somebody looked at; ``made`` is the connection that they are of, as the lane counts them.
    """

    __slots__ = ("_remember", "made", "seen")

    def __init__(self, remember: Callable[[StreamKey], StoredHistory], made: int) -> None:
        self._remember = remember
        self.made = made
        self.seen: dict[StreamKey, StoredHistory] = {}

    def get(self, key: StreamKey, _default: History, /) -> StoredHistory:
        """Return a stream; raises NotRemembered: that nobody remembers it does not say that there is none."""
        history = self.seen.get(key)
        if history is None:
            history = self.seen[key] = self._remember(key)
        return history


class StreamReader:
    """Reads streams whole, through a memory of those read before.

    With ``ahead`` the sisters of a unit are fetched with it. ``newest_heard`` returns the
    version that a stream is said to have reached, 0 where nothing was said.
    """

    def __init__(
        self, lane: Lane, *, ahead: bool = False, newest_heard: Callable[[StreamKey], int] = lambda _: 0
    ) -> None:
        self._lane = lane
        self._ahead = ahead
        self._newest_heard = newest_heard
        self._kept: OrderedDict[StreamKey, StoredHistory] = OrderedDict()
        self._events_kept = 0
        self._unread: OrderedDict[StreamKey, tuple[msgspec.Raw, bytes]] = OrderedDict()
        """Fetched and not wanted yet: the events as they came, and the hash of the last."""
        self._met: OrderedDict[str, bool] = OrderedDict()
        """Where those sisters begin of whom one was read here, and whether the others were fetched since.

        They are fetched once: a unit that is not in the log is asked for again and again.
        """
        self._made = lane.made

    async def read(self, keys: Collection[StreamKey]) -> dict[StreamKey, StoredHistory]:
        """Return the streams as they are now; one that does not exist is empty.

        Raises LogDamaged where a version is missing, EventFromTheFuture.
        """
        if not keys:
            return {}
        ordered = tuple(keys)
        known, sisters, rows = await self._ask(ordered)
        appended: dict[int, list[Event]] = {}
        chains: dict[int, bytes] = {}
        for place, version, event_type, schema, payload, chain in rows:
            if place == _OF_A_SISTER and sisters is not None:
                self._keep_unread(sisters.kind, event_type, chain)
                continue
            chains[place] = chain
            news = appended.setdefault(place, [])
            if version != len(known[place].events) + len(news) + 1:
                raise errors.LogDamaged(ordered[place].aggregate_id, f"version {version} follows a gap")
            news.append(decode_event(event_type, schema, payload, of=ordered[place].aggregate_id))
        if sisters is not None:
            self._meet(sisters.first)
        for place, news in appended.items():
            known[place] = known[place].grown(news, chains[place])
        streams = dict(zip(ordered, known, strict=True))
        for key, history in streams.items():
            self.keep(key, history)
        return streams

    async def _ask(self, keys: Sequence[StreamKey]) -> tuple[list[StoredHistory], _Sisters | None, list[Row]]:
        """Return what was known of streams before, and the rows of what is new, in one database's words."""
        while True:
            self._forget_another_database()
            made = self._made
            known = [self._remembered(key) or _EMPTY for key in keys]
            parameters: list[object] = []
            for key, history in zip(keys, known, strict=True):
                parameters += (key.aggregate_type.value, key.aggregate_id, len(history.events))
            sisters = self._sisters_of(keys, known) if self._ahead else None
            # With the second of them, and not again.
            fetching = sisters is not None and self._met.get(sisters.first) is False
            if sisters is not None and fetching:
                parameters += sisters
            statement = streams_statement(len(keys), log_for(self._lane), ahead=fetching)
            rows = await self._lane.run(statement, parameters)
            self._forget_another_database()
            if self._lane.made == made or not any(history.events for history in known):
                return known, sisters, rows

    def remembered(self) -> RememberedStreams:
        """Return what is remembered of one database, for one decision that is made before anybody else has a turn."""
        self._forget_another_database()
        return RememberedStreams(self._last_seen, self._made)

    def _last_seen(self, key: StreamKey) -> StoredHistory:
        history = self._kept.get(key)
        if history is None:
            history = self._remembered(key)
        else:
            # What every scan looks at, as its job, is not to be forgotten for what was scanned since it was read.
            self._kept.move_to_end(key)
        if history is None or self._newest_heard(key) > len(history.events):
            raise NotRemembered
        return history

    def keep(self, key: StreamKey, history: StoredHistory) -> None:
        """Remember what a stream holds, as it was read or just written."""
        kept = self._kept
        self._unread.pop(key, None)
        before = kept.pop(key, None)
        if before is not None:
            self._events_kept -= len(before.events)
        if not history.events:
            return
        kept[key] = history
        self._events_kept += len(history.events)
        # The newest stays whatever its length: it is the one that is asked for again.
        while len(kept) > _KEPT_STREAMS or (self._events_kept > _KEPT_EVENTS and len(kept) > 1):
            _, dropped = kept.popitem(last=False)
            self._events_kept -= len(dropped.events)

    def forget(self, keys: Collection[StreamKey]) -> None:
        """Read these streams from their beginning the next time."""
        for key in keys:
            self.keep(key, _EMPTY)

    def _forget_another_database(self) -> None:
        # After a lost connection the database may be another one: restored, or one that lacks the last commits.
        if self._lane.made != self._made:
            self._made = self._lane.made
            self._kept.clear()
            self._unread.clear()
            self._met.clear()
            self._events_kept = 0

    def _remembered(self, key: StreamKey) -> StoredHistory | None:
        history = self._kept.get(key)
        if history is None and (unread := self._unread.get(key)) is not None:
            events, chain = unread
            history = StoredHistory().grown(
                [decode_event(*event, of=key.aggregate_id) for event in _EVENTS(events)], chain
            )
            self.keep(key, history)
        return history

    # -- what is fetched ahead -------------------------------------------------------------

    def _sisters_of(self, keys: Sequence[StreamKey], known: Sequence[StoredHistory]) -> _Sisters | None:
        """Return the sisters of the one unit that was not seen before; None where there are several: a whole set."""
        unseen = [key for key, history in zip(keys, known, strict=True) if not history.events]
        for kind in (AggregateType.CARD_UNIT, AggregateType.SHEET):
            of_kind = [key.aggregate_id for key in unseen if key.aggregate_type is kind]
            if of_kind:
                return _Sisters(kind, *sisters_of(kind, of_kind[0]), of_kind[0]) if len(of_kind) == 1 else None
        return None

    def _meet(self, first: str) -> None:
        """Note that one of these sisters was read here, or, of those that were met before, that all were fetched."""
        self._met[first] = first in self._met
        self._met.move_to_end(first)
        if len(self._met) > _RANGES_MET:
            self._met.popitem(last=False)

    def _keep_unread(self, kind: AggregateType, said: str, chain: bytes) -> None:
        aggregate_id, events = _UNREAD(said)
        key = StreamKey(kind, aggregate_id)
        # What is kept may be newer by now: written while this was on its way.
        if key not in self._kept:
            self._unread[key] = (events, chain)
            self._unread.move_to_end(key)
            if len(self._unread) > _UNREAD_STREAMS:
                self._unread.popitem(last=False)
