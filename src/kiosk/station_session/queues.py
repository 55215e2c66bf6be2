"""The queue of a station as lines: work AT it, then work READY for it, both by urgency."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from kiosk.printable import shown
from kiosk.snapshots.panes import QueueLine, QueueView
from kiosk.snapshots.tone import Tone
from kiosk.station_session.durations import age, due
from kiosk.wording.spoken import Words
from store.read_models.station_queues import QueueEntry, StationQueue

QUEUE_LIMIT = 40
"""More lines than any screen has rows; the rest is counted."""

NOT_READ = "shown when the database answers"
"""What stands where something has not been read since the start; that there is none, nobody knows."""


_NONE: Mapping[str, str] = MappingProxyType({})


def queue_view(
    queue: StationQueue | None, now: datetime, words: Words, *, unit: str, held_up: Mapping[str, str] = _NONE
) -> QueueView:
    """Return the queue's view; ``unit`` names in the plural what waits, "cards".

    ``held_up`` says of units that nothing may be done with here what has to be done first, in a few words.
    """
    if queue is None:
        return QueueView(empty=NOT_READ)
    total = queue.at_station_total + queue.ready_total
    more = total - len(queue.at_station) - len(queue.ready)
    return QueueView(
        summary=f"{total} {unit}" if total != 1 else f"1 {unit.removesuffix('s')}",
        right_title="waiting",
        at_station=_lines(queue.at_station, now, words, held_up),
        ready=_lines(queue.ready, now, words, held_up),
        more=max(0, more),
    )


def checked_in_last(queue: StationQueue) -> QueueEntry | None:
    """Return the unit that came to the station last and is still there."""
    return max(queue.at_station, key=lambda entry: entry.since, default=None)


def _lines(
    entries: Sequence[QueueEntry], now: datetime, words: Words, held_up: Mapping[str, str]
) -> tuple[QueueLine, ...]:
    return tuple(_line(entry, now, words, held_up.get(entry.unit_id)) for entry in entries)


def _line(entry: QueueEntry, now: datetime, words: Words, held_up: str | None) -> QueueLine:
    text, tone = due(entry.promise_at, now, words)
    waits_for = held_up or ("needs a manager" if entry.needs_authorization else None)
    is_pressing = tone is Tone.BAD or entry.priority <= 2 or waits_for is not None
    return QueueLine(
        what=entry.unit_id,
        name=shown(entry.product_name, 30),
        note=waits_for or f"due {text}",
        right=age(entry.since, now),
        tone=Tone.ATTENTION if is_pressing else Tone.NORMAL,
    )
