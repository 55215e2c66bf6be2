"""What the machine was like meanwhile: how fast its processors are, and how much of them went to other machines.

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
_STOLEN, _COLUMNS = 7, 8
"""Columns of the first line of /proc/stat; what follows is told in those before it already."""


def cores() -> int:
    """How many processors there are for this program, which may be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine's processors from a moment on; seconds of all of them together."""

    columns: tuple[float, ...]
    additions: tuple[float, ...]

    @classmethod
    def now(cls) -> Self:
        """Begin to look, which takes half a second."""
        return cls(_processor_seconds(), tuple(_adding() for _ in range(_TIMES)))

    def since(self) -> str:
        """Say what it was like from then to now."""
        additions = (*self.additions, *(_adding() for _ in range(_TIMES)))
        said = f"a million additions in Python take one processor {statistics.median(additions) * 1000:.0f} ms"
        columns = [now - then for now, then in zip(_processor_seconds(), self.columns, strict=True)]
        if not any(columns):
            return said
        return f"{said}; {columns[_STOLEN] / sum(columns):.0%} of its processors' time went to other machines"


def _adding() -> float:
    begun = time.thread_time()
    total = 0
    for number in range(_ADDITIONS):
        total += number
    return time.thread_time() - begun


def _processor_seconds() -> tuple[float, ...]:
    """Return the seconds by kind since the machine started; of systems that do not tell, nothing."""
    try:
        words = _STAT.read_text(encoding="ascii").splitlines()[0].split()
        ticks = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return (0.0,) * _COLUMNS
    return tuple(int(word) / ticks for word in words[1 : _COLUMNS + 1])
