"""What time it is at the database: measured, kept between measurements, and compared with this machine's own clock.

Every fact carries the moment at which it happened. Terminals whose own clocks differ would
tell one unit's life in a wrong order, so all of a shop's stations keep the database's time. It
is carried on by a clock that nobody can set: once a store has heard the server, it does
not matter what is done to the machine's clock.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from store.pool import Lane

__all__ = [
    "CLOSE_SECONDS",
    "SKEW_SECONDS",
    "ClockReading",
    "ServerClock",
    "TimeQuestion",
    "server_time",
    "steady_seconds",
]

SKEW_SECONDS = 2.0
"""A machine's own clock that is off by more than this is worth telling: histories are read to the second."""

CLOSE_SECONDS = 0.1
"""Time that is known as closely as this is final: nobody carries a card from one station to the next meanwhile."""

TimeQuestion = Callable[[Callable[[], None]], Awaitable[datetime]]
"""Asks the server what time it is, and calls what it is given in the moment in which the question leaves."""

_TRIFLE = 0.001
"""Seconds that two clocks may run apart between two measurements without either being set."""

_SCALES = 64
"""So many former measurements are remembered: a scan may wait for minutes behind a request that is not answered."""

_NOW = b"SELECT clock_timestamp()"


async def server_time(lane: Lane, leaves: Callable[[], None]) -> datetime:
    """Return what the server's clock says; ``leaves`` is called when it is asked. Raises the store's errors."""
    ((moment,),) = await lane.run(_NOW, on_sending=leaves)
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
    """A moment (UTC) and, where it was not known closely, how it can be put right later.

    ``steady`` is the count of seconds at that moment, in the run of the machine that ``boot`` names; ``boot`` is
    empty where the moment is the database's, or where it can never be put right.
    """

    moment: datetime
    boot: str = ""
    steady: float = 0.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """How moments were told from the count of seconds ``since`` it stood at that: ``zero`` is when it stood at 0."""

    since: float
    zero: datetime
    is_close: bool = False

    def steady_at(self, moment: datetime) -> float:
        return (moment - self.zero).total_seconds()


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
        self._begun = steady()
        self._heard: _Scale | None = None
        self._former: deque[_Scale] = deque(maxlen=_SCALES)
        self.error_seconds = 0.0
        """How far `now` may have been from the server's clock when it was last taken over: half a round trip."""

    def now(self) -> datetime:
        """Return the present moment by the database's clock, UTC."""
        if self._heard is None:
            return self._own()
        return self._heard.zero + timedelta(seconds=self._steady())

    @property
    def is_heard(self) -> bool:
        """Whether the server's clock was ever heard."""
        return self._heard is not None

    @property
    def is_close(self) -> bool:
        """Whether the server's clock is known to `CLOSE_SECONDS`; asking again may help where it is not."""
        return self._heard is not None and self._heard.is_close

    def reading(self, moment: datetime) -> ClockReading:
        """Return a moment that `now` said seconds ago at most, with what it takes to put it right later.

        Since then the server may have been heard, or more closely: what counts is what the moment was told by.
        """
        present = until = self._steady()
        for scale in (self._scale(), *reversed(self._former)):
            steady = scale.steady_at(moment)
            if scale.since - _TRIFLE <= steady <= until + _TRIFLE:
                return ClockReading(moment) if scale.is_close else ClockReading(moment, self._boot(), steady)
            until = scale.since
        # Where the machine's clock was set between then and now, that it was just now is as much as is known.
        return ClockReading(moment) if self.is_close else ClockReading(moment, self._boot(), present)

    def wrong_by(self, reading: ClockReading) -> timedelta:
        """Return what is to be added to the moment of a reading; nothing where it was right or nobody can know."""
        if self._heard is None or not reading.boot or reading.boot != self._boot():
            return timedelta()
        return self._heard.zero + timedelta(seconds=reading.steady) - reading.moment

    def is_of_another_run(self, reading: ClockReading) -> bool:
        """Say whether a reading is of an earlier run of this machine, whose count of seconds nobody can go by now."""
        return bool(reading.boot) and reading.boot != self._boot()

    @property
    def own_ahead_seconds(self) -> float:
        """How far the machine's own clock is ahead of the database's, negative where it is behind; 0 if unheard of."""
        return 0.0 if self._heard is None else (self._own() - self.now()).total_seconds()

    async def measure(self, asking: TimeQuestion) -> None:
        """Await a question that the server answers with its time, and take note of it.

        The server read its clock somewhere between question and answer; what it took to reach the server at all
        comes before that. What stands is replaced only by a closer reading, or by one that cannot be right beside
        it: the time shall not tremble with the network.
        """
        asked = self._steady()

        def leaves() -> None:
            nonlocal asked
            asked = self._steady()

        moment = await asking(leaves)
        answered = self._steady()
        error = (answered - asked) / 2
        zero = moment - timedelta(seconds=(asked + answered) / 2)
        if self._heard is not None:
            apart = abs((zero - self._heard.zero).total_seconds())
            if apart <= error + self.error_seconds + _TRIFLE and error >= self.error_seconds:
                return
        self._former.append(self._scale())
        self._heard, self.error_seconds = _Scale(answered, zero, error <= CLOSE_SECONDS), error

    def _scale(self) -> _Scale:
        """Return what `now` goes by."""
        return self._heard or _Scale(self._begun, self._own() - timedelta(seconds=self._steady()))
