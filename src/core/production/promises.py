"""Promise dates of orders and jobs: ahead, and within what calendars and people can reckon with."""

from datetime import datetime, timedelta

from core.domain.rejections import PromiseInPast, PromiseTooFar

FARTHEST_DAYS = 36_525
"""A hundred years: what lies beyond is a slip of the pen or stands for "never", and near the end of the calendar
no zone's clock can show it."""


def promise_refusal(of: str, promise_at: datetime, now: datetime) -> PromiseInPast | PromiseTooFar | None:
    """Refuse a promise that is past, or so far ahead that nobody means it."""
    if promise_at <= now:
        return PromiseInPast(of=of, promise_at=promise_at, now=now)
    if promise_at - now > timedelta(days=FARTHEST_DAYS):
        return PromiseTooFar(of=of, promise_at=promise_at, now=now)
    return None
