"""What came of a simulation: counts by kind and latencies, added up over its stations.

Filled by `workers`, printed by `reporting`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Latency", "Tally"]


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from handing a scan over to its answer."""

    count: int
    p50: float
    p99: float
    longest: float


@dataclass(slots=True)
class Tally:
    """Counts of one station or of all.

    ``accepted``, ``refused`` and ``read`` count answers by kind: the command that was carried out, the
    refusal, the reading that changed nothing. ``slips`` are mistakes that were refused as they must be;
    ``slipped`` are mistakes that were not, which is a fault of the product. ``redelivered`` counts
    requests that were delivered twice, ``unlike`` those whose second answer differed.
    """

    accepted: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    read: Counter[str] = field(default_factory=Counter[str])
    slips: Counter[str] = field(default_factory=Counter[str])
    slipped: list[str] = field(default_factory=list[str])
    redelivered: int = 0
    unlike: list[str] = field(default_factory=list[str])
    away: int = 0
    seconds: list[float] = field(default_factory=list[float])

    def add(self, other: "Tally") -> None:
        """Add another station's counts to these."""
        for mine, theirs in (
            (self.accepted, other.accepted),
            (self.refused, other.refused),
            (self.read, other.read),
            (self.slips, other.slips),
        ):
            mine.update(theirs)
        self.slipped += other.slipped
        self.redelivered += other.redelivered
        self.unlike += other.unlike
        self.away += other.away
        self.seconds += other.seconds

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(sum(counts.values()) for counts in (self.accepted, self.refused, self.read, self.slips))

    def latency(self) -> Latency:
        """The latencies of all requests."""
        ordered = sorted(self.seconds)
        if not ordered:
            return Latency(0, 0.0, 0.0, 0.0)
        return Latency(len(ordered), _at(ordered, 0.5), _at(ordered, 0.99), ordered[-1])


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
