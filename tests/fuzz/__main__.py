"""Search every target for a while: ``python -m tests.fuzz [--seconds 60] [--seed N] [--only NAME]``.

Ends with 1 where something was found; each finding is printed with the input that leads to it, to be mended and
then kept in tests/hostile/test_findings.py.
"""

import argparse
import sys
from random import SystemRandom

from tests.fuzz.loop import Searched, search
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Search, print what was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Search for inputs that break what reads them.")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="begin as another search did")
    parser.add_argument("--only", help="one target", choices=[target.name for target in TARGETS])
    options = parser.parse_args()
    targets = [target for target in TARGETS if options.only in {None, target.name}]
    say(f"seed {options.seed}, {options.seconds:g} s")
    found: list[Searched] = []
    for target in targets:
        done = search(target, seed=options.seed, seconds=options.seconds / len(targets))
        found.append(done)
        say(
            f"{target.name:14} {done.runs:8,} inputs, {len(done.edges):5,} steps reached, {len(done.corpus):4,} kept,"
            f" {len(done.findings)} found"
        )
    findings = [finding for done in found for finding in done.findings.values()]
    for finding in findings:
        say(f"\n{finding.target}: {finding.given!r}\n{finding.story}")
    return 1 if findings else 0


def say(words: str) -> None:
    """Print, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


sys.exit(main())
