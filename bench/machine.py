"""What the machine was like meanwhile: how fast its processors are, and how much of them others had.

A bare INSERT mostly waits for the disk, and a scan computes more: where the processors are slow or shared, every ratio
is worse, with nothing changed in the product. So figures of two runs compare only beside these.
"""

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ADDITIONS = 1_000_000
_TIMES = 5
_STAT = Path("/proc/stat")
_IDLE, _WAITING, _STOLEN, _COLUMNS = 3, 4, 7, 8
"""Columns of the first line of /proc/stat; what follows is told in those before it already."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine's processors from a moment on; seconds of all of them together."""

    began: float
    ours: float
    columns: tuple[float, ...]
    additions: tuple[float, ...]

    @classmethod
    def now(cls) -> Self:
        """Begin to look, which takes half a second."""
        additions = tuple(_adding() for _ in range(_TIMES))
        return cls(time.perf_counter(), _our_seconds(), _processor_seconds(), additions)

    def since(self) -> str:
        """Say what it was like from then to now, when every process that was started for it has ended."""
        additions = (*self.additions, *(_adding() for _ in range(_TIMES)))
        said = f"a million additions in Python take one processor {statistics.median(additions) * 1000:.0f} ms"
        columns = [now - then for now, then in zip(_processor_seconds(), self.columns, strict=True)]
        if not any(columns):
            return said
        all_of_it = sum(columns)
        busy = all_of_it - columns[_IDLE] - columns[_WAITING] - columns[_STOLEN]
        others = max(0.0, busy - (_our_seconds() - self.ours))
        return (
            f"{said}; of its processors' time others had {others / all_of_it:.0%},"
            f" and {columns[_STOLEN] / all_of_it:.0%} was not this machine's"
        )


def _adding() -> float:
    begun = time.thread_time()
    total = 0
    for number in range(_ADDITIONS):
        total += number
    return time.thread_time() - begun


def _our_seconds() -> float:
    return sum(os.times()[:4])


def _processor_seconds() -> tuple[float, ...]:
    """Return the seconds by kind since the machine started; of systems that do not tell, nothing."""
    try:
        words = _STAT.read_text(encoding="ascii").splitlines()[0].split()
        ticks = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return (0.0,) * _COLUMNS
    return tuple(int(word) / ticks for word in words[1 : _COLUMNS + 1])
