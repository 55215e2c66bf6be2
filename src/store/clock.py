"""What time it is at the database: measured, kept between measurements, and compared with this machine's own clock.

Every fact carries the moment at which it happened. Terminals whose own clocks differ would
tell one unit's life in a wrong order, so all of a shop's stations keep the database's time. It
is carried on by a clock that nobody can set: once a store has heard the server, it does
not matter what is done to the machine's clock.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from store.pool import Lane

__all__ = ["SKEW_SECONDS", "ClockReading", "ServerClock", "server_time", "steady_seconds"]

SKEW_SECONDS = 2.0
"""A machine's own clock that is off by more than this is worth telling: histories are read to the second."""

_TRIFLE = 0.001
"""Seconds that two clocks may run apart between two measurements without either being set."""

_NOW = b"SELECT clock_timestamp()"


async def server_time(lane: Lane) -> datetime:
    """Return what the server's clock says; raises the store's errors."""
    ((moment,),) = await lane.run(_NOW)
    return moment


def steady_seconds() -> float:
    """Return a count of seconds that no setting of the clock changes and, on Linux, that goes on in suspend."""
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


@cache
def _boot() -> str:
    """Return what tells one run of this machine from the next, empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A moment (UTC) and, where the machine's own clock gave it, how it can be put right later.

    ``steady`` is the count of seconds at that moment, in the run of the machine that ``boot`` names; ``boot`` is
    empty where the moment is the database's, or where it can never be put right.
    """

    moment: datetime
    boot: str = ""
    steady: float = 0.0


class ServerClock:
    """The database's time; until it was first heard of, the machine's own."""

    def __init__(
        self,
        own: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = steady_seconds,
        boot: Callable[[], str] = _boot,
    ) -> None:
        """Begin without having heard the server; ``own`` is the machine's clock in UTC, ``steady`` counts seconds.

        ``boot`` names the run of the machine in which ``steady`` counts.
        """
        self._own = own
        self._steady = steady
        self._boot = boot
        self._read_at = 0.0
        self._moment: datetime | None = None
        self.error_seconds = 0.0
        """How far `now` may have been from the server's clock when it was last taken over: half a round trip."""

    def now(self) -> datetime:
        """Return the present moment by the database's clock, UTC."""
        if self._moment is None:
            return self._own()
        return self._moment + timedelta(seconds=self._steady() - self._read_at)

    @property
    def is_heard(self) -> bool:
        """Whether the server's clock was ever heard."""
        return self._moment is not None

    def reading(self) -> ClockReading:
        """Return the present moment, with what it takes to put it right once the server is heard."""
        if self._moment is not None:
            return ClockReading(self.now())
        return ClockReading(self._own(), self._boot(), self._steady())

    def wrong_by(self, reading: ClockReading) -> timedelta:
        """Return what is to be added to the moment of a reading; nothing where it was right or nobody can know."""
        if self._moment is None or not reading.boot or reading.boot != self._boot():
            return timedelta()
        return self._moment + timedelta(seconds=reading.steady - self._read_at) - reading.moment

    @property
    def own_ahead_seconds(self) -> float:
        """How far the machine's own clock is ahead of the database's, negative where it is behind; 0 if unheard of."""
        return 0.0 if self._moment is None else (self._own() - self.now()).total_seconds()

    async def measure(self, asking: Awaitable[datetime]) -> None:
        """Await a question that the server answers with its time, and take note of it.

        The server read its clock somewhere between question and answer. What stands is replaced only by a
        closer reading, or by one that cannot be right beside it: the time shall not tremble with the network.
        """
        asked = self._steady()
        moment = await asking
        answered = self._steady()
        error = (answered - asked) / 2
        read_at = (asked + answered) / 2
        if self._moment is not None:
            expected = self._moment + timedelta(seconds=read_at - self._read_at)
            apart = abs((moment - expected).total_seconds())
            if apart <= error + self.error_seconds + _TRIFLE and error >= self.error_seconds:
                return
        self._moment, self._read_at, self.error_seconds = moment, read_at, error
