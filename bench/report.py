"""What is printed: one line for each figure, with its bar and whether the bar was held."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.measure import spread


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must reach; on a slow disk it may be another number."""

    limit: float
    at_most: bool
    """Whether the figure must stay below the limit, or reach it."""

    def held(self, value: float) -> bool:
        """Whether a figure is on the right side."""
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


def at_most(limit: float) -> Bar:
    """A bar that a figure must not pass."""
    return Bar(limit, at_most=True)


def at_least(limit: float) -> Bar:
    """A bar that a figure must reach."""
    return Bar(limit, at_most=False)


@dataclass(slots=True)
class Report:
    """Prints figures as they come and counts the bars that were held."""

    slow_flush: bool
    held: int = 0
    missed: list[str] = field(default_factory=list[str])

    def heading(self, text: str) -> None:
        """Print what the next lines are about."""
        print(f"\n{text}", flush=True)

    def note(self, text: str) -> None:
        """Print a line that is no figure."""
        print(f"    {text}", flush=True)

    def figure(
        self, name: str, rounds: Sequence[float], unit: str, bar: Bar | None = None, lean: Sequence[float] = ()
    ) -> None:
        """Print the median of the rounds, their spread, the bar, and what the lean path did in the same rounds."""
        figure = spread(rounds)
        verdict = ""
        if bar is not None:
            verdict = "held" if bar.held(figure.median) else "MISSED"
            if bar.held(figure.median):
                self.held += 1
            else:
                self.missed.append(name)
        limits = f"{bar} {unit}" if bar else ""
        apart = f"({figure.lowest:.4g} … {figure.highest:.4g})" if len(rounds) > 1 else ""
        leanly = f"lean path {spread(lean).median:.3g}" if lean else ""
        line = f"    {name:<58} {figure.median:>9.4g} {unit:<6} {apart:<22} {limits:<10} {leanly:<16} {verdict}"
        print(line.rstrip(), flush=True)

    def close(self) -> int:
        """Print the sum; the number of bars that were missed."""
        print(f"\n{self.held} of {self.held + len(self.missed)} bars held", flush=True)
        for name in self.missed:
            print(f"    missed: {name}", file=sys.stderr)
        return len(self.missed)
