"""What `kiosk simulate` prints: a line a second while it runs, then figures and findings, or one JSON object."""

import sys
from collections import Counter
from typing import TYPE_CHECKING

from kiosk.cli.output import complain, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.simulation.audit import Finding
    from kiosk.simulation.running import Outcome, Progress
    from kiosk.simulation.tally import Tally

__all__ = ["Reporter"]


class Reporter:
    """Prints one run. ``as_json`` keeps everything for one object at the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._before = (0.0, 0)
        self._is_live = sys.stdout.isatty()

    def begin(self, kiosks: int, seconds: float, seed: int, where: str) -> None:
        """Say what is about to run."""
        if not self._as_json:
            say(f"{kiosks} kiosks for {seconds:g} s on {where}, seed {seed}")

    def progress(self, progress: "Progress") -> None:
        """Print how far it is: one line that is written over on a terminal, a new one each time elsewhere."""
        if self._as_json:
            return
        then, before = self._before
        requests = progress.tally.requests
        self._before = (progress.elapsed, requests)
        rate = (requests - before) / max(progress.elapsed - then, 1e-6)
        tally = progress.tally
        line = (
            f"{progress.elapsed:6.1f} s  {rate:7,.0f} scans/s  accepted {sum(tally.accepted.values()):,}"
            f"  refused {_all_refused(tally):,}"
            f"  packed sets {tally.accepted['PackSet']:,}  orders {progress.orders_taken:,}"
        )
        if self._is_live:
            sys.stdout.write(f"\r{line}\x1b[K")
            sys.stdout.flush()
        else:
            say(line)

    def refused(self, sentence: str) -> None:
        """Say why nothing was run."""
        complain(sentence)

    def end(self, outcome: "Outcome") -> None:
        """Print what came of it."""
        if self._as_json:
            print_json(_as_object(outcome))
            return
        if self._is_live:
            say()
        tally, latency = outcome.tally, outcome.tally.latency()
        accepted = sum(tally.accepted.values())
        say(
            f"{tally.requests:,} requests in {outcome.elapsed:.1f} s: {tally.requests / outcome.elapsed:,.0f} a second"
            f" from {outcome.kiosks} kiosks"
        )
        say(
            f"accepted {accepted:,}, refused {_all_refused(tally):,} ({sum(tally.slips.values()):,} of them mistakes"
            f" made on purpose), only read {sum(tally.read.values()):,}"
        )
        say(
            f"scan to answer: p50 {latency.p50 * 1000:.1f} ms, p99 {latency.p99 * 1000:.1f} ms,"
            f" longest {latency.longest * 1000:.1f} ms"
        )
        say(f"orders taken {outcome.orders_taken:,}, jobs completed {outcome.jobs_completed:,}")
        for title, counts in (("refused otherwise", tally.refused), ("mistakes refused", tally.slips)):
            if counts:
                say(f"{title}: {_listed(counts)}")
        if tally.away:
            say(f"the database was away {tally.away:,} times")
        for finding in outcome.findings:
            for line in finding.lines():
                say(line)
        say(_in_all(outcome.findings))


def _in_all(findings: "Sequence[Finding]") -> str:
    """Say whether every invariant holds, and of how many nothing is known, for nothing of theirs happened."""
    broken = sum(not finding.holds for finding in findings)
    if broken:
        return f"{broken} of {len(findings)} invariants BROKEN"
    untried = sum(not finding.is_exercised for finding in findings)
    if not untried:
        return "every invariant holds"
    return f"every invariant holds that was exercised; {untried} of {len(findings)} were not: run it for longer"


def _all_refused(tally: "Tally") -> int:
    """Every refusal: of mistakes made on purpose, and of what came too late or too early by itself."""
    return sum(tally.refused.values()) + sum(tally.slips.values())


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def _as_object(outcome: "Outcome") -> dict[str, object]:
    tally, latency = outcome.tally, outcome.tally.latency()
    return {
        "kiosks": outcome.kiosks,
        "seconds": round(outcome.elapsed, 3),
        "requests": tally.requests,
        "requests_per_second": round(tally.requests / outcome.elapsed, 1),
        "accepted": dict(tally.accepted),
        "refused": dict(tally.refused),
        "mistakes_refused": dict(tally.slips),
        "read": dict(tally.read),
        "latency_ms": {
            "p50": round(latency.p50 * 1000, 3),
            "p99": round(latency.p99 * 1000, 3),
            "longest": round(latency.longest * 1000, 3),
        },
        "database_away": tally.away,
        "orders_taken": outcome.orders_taken,
        "jobs_completed": outcome.jobs_completed,
        "is_sound": outcome.is_sound,
        "invariants": [
            {
                "invariant": finding.invariant,
                "examined": finding.examined,
                "is_exercised": finding.is_exercised,
                "violations": finding.violations,
            }
            for finding in outcome.findings
        ],
    }
