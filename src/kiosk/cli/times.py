"""Moments as people type them: with a zone, or without one for the shop's own time."""

import re
from datetime import UTC, datetime, time, tzinfo

from kiosk.cli.exits import UsageError
from kiosk.printable import shown

__all__ = ["parse_moment"]

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_moment(text: str, *, now: datetime, zone: tzinfo | None = None, end_of_day: bool = False) -> datetime:
    """Return the moment in UTC. UsageError says what is taken.

    Takes ISO 8601, "2026-11-24 14:00", "2026-11-24" and "14:00" (today). Without a zone it is in
    `zone` (None is the machine's own). A day alone begins at 0:00, or ends at 23:59:59 where
    `end_of_day` is asked for.
    """
    wanted = text.strip()
    try:
        clock = _CLOCK.fullmatch(wanted)
        if clock:
            hours, minutes, seconds = (int(part or 0) for part in clock.groups())
            local = now.astimezone(zone).replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
            return local.astimezone(UTC)
        moment = datetime.fromisoformat(wanted)
        if _DAY.fullmatch(wanted) and end_of_day:
            moment = datetime.combine(moment.date(), time(23, 59, 59))
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f'"{shown(text, 40)}" is no moment; write 2026-11-24 14:00, 2026-11-24, 14:00, or 2026-11-24T14:00+01:00.'
        ) from None
