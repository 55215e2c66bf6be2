"""How long ago, how long until: as short as a column, and of one form however long it is."""

from datetime import datetime

from kiosk.snapshots.tone import Tone
from kiosk.wording.spoken import Words

_MINUTES_A_DAY = 1_440
_DAYS_A_YEAR = 365
_HUNDRED_HOURS = 6_000


def span(minutes: int) -> str:
    """Return a length of time in at most six cells: "2:05" in hours, "41 d" from a hundred hours on, then "10 y"."""
    days = minutes // _MINUTES_A_DAY
    if days >= 2 * _DAYS_A_YEAR:
        return f"{days // _DAYS_A_YEAR} y"
    return f"{days} d" if minutes >= _HUNDRED_HOURS else f"{minutes // 60}:{minutes % 60:02d}"


def age(since: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, as ``span``; empty where there was none."""
    return "" if since is None else span(max(0, int((now - since).total_seconds() // 60)))


def due(promise_at: datetime, now: datetime, words: Words) -> tuple[str, Tone]:
    """Return when something is due, in at most ten cells, and how loud that is.

    "15:20" today, "+2d 15:20" within a hundred days, "+364d", "-10y".
    """
    local, today = promise_at.astimezone(words.zone), now.astimezone(words.zone)
    days = (local.date() - today.date()).days
    if days == 0:
        text = words.clock(promise_at)
    elif abs(days) >= 2 * _DAYS_A_YEAR:
        text = f"{'-' if days < 0 else '+'}{abs(days) // _DAYS_A_YEAR}y"
    elif abs(days) >= 100:
        text = f"{days:+d}d"
    else:
        text = f"{days:+d}d {words.clock(promise_at)}"
    return text, Tone.BAD if promise_at < now else Tone.NORMAL
