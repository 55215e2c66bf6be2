"""The search: inputs that reach something new are kept and changed further, those that break a rule are findings.

Coverage is the steps from line to line within the product's own files, seen by a trace function. Everything
follows from the seed but how far the search gets, which the clock decides.
"""

import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any, Final, Self

SOURCES: Final = str(Path(__file__).parents[2] / "src")
LONGEST: Final = 4_096
"""Bytes of an input; longer ones reach nothing new and cost time."""

Edge = tuple[CodeType | None, int, int]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that reads inputs: ``check`` raises for an input that breaks a rule.

    What it returns tells kinds of outcome apart where the work is done by a library, whose lines are not seen.
    ``seeds`` are inputs to begin with, ``words`` what mutations put in, ``longest`` how many bytes are tried.
    ``forgets`` clears what the code remembers of earlier inputs.
    """

    name: str
    check: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()
    longest: int = LONGEST
    forgets: tuple[Callable[[], object], ...] = ()


@dataclass(frozen=True)
class Finding:
    """An input that broke a rule, and how."""

    target: str
    given: bytes
    story: str


@dataclass
class Searched:
    """What came of a search of one target."""

    target: str
    runs: int = 0
    edges: set[Edge] = field(default_factory=set[Edge])
    corpus: list[bytes] = field(default_factory=list[bytes])
    findings: dict[str, Finding] = field(default_factory=dict[str, Finding])


class Steps:
    """Records the steps from line to line in the product's files while it is entered."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.seen: set[Edge] = set()
        self._ours: dict[CodeType, bool] = {}

    def _call(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            ours = self._ours[code] = code.co_filename.startswith(SOURCES)
        if not ours:
            return None
        last = 0
        seen = self.seen

        def step(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            nonlocal last
            line = frame.f_lineno
            seen.add((code, last, line))
            last = line
            return step

        return step

    def __enter__(self) -> Self:
        self.seen = set()
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(self._before)


def mutated(given: bytes, corpus: Sequence[bytes], words: Sequence[bytes], chance: Random) -> bytes:
    """Return a changed input: a few small changes, one upon the other."""
    made = bytearray(given)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        at = chance.randrange(len(made) + 1)
        length = min(chance.choice((1, 1, 2, 4, 8, 32)), len(made) - at)
        match chance.randrange(8):
            case 0:
                made[at : at + length] = b""
            case 1:
                made[at:at] = chance.randbytes(chance.choice((1, 2, 4)))
            case 2 if length:
                made[at] ^= 1 << chance.randrange(8)
            case 3 if words:
                made[at:at] = chance.choice(words)
            case 4 if words:
                made[at : at + length] = chance.choice(words)
            case 5:
                other = chance.choice(corpus)
                cut = chance.randrange(len(other) + 1)
                made[at:] = other[cut:]
            case 6:
                made[at:at] = bytes(made[at : at + length]) * chance.choice((1, 2, 16))
            case _:
                made[at : at + length] = chance.randbytes(length)
    return bytes(made)


def search(target: Target, *, seed: int, seconds: float, runs: int | None = None) -> Searched:
    """Search for so many seconds, or so many runs where they are given, which makes two searches alike."""
    chance = Random(f"{seed} {target.name}")
    found = Searched(target.name)
    steps = Steps()
    deadline = time.monotonic() + seconds
    waiting = list(target.seeds)
    for forget in target.forgets:
        # What an earlier search left behind would hide steps from this one.
        forget()
    while found.runs < runs if runs is not None else time.monotonic() < deadline or waiting:
        given = waiting.pop() if waiting else mutated(chance.choice(found.corpus), found.corpus, target.words, chance)
        given = given[: target.longest]
        found.runs += 1
        try:
            with steps:
                outcome = target.check(given)
            steps.seen.add((None, 0, hash(outcome)))
        except Exception as error:  # noqa: BLE001 - whatever escapes is what is searched for
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = Finding(target.name, given, "".join(traceback.format_exception(error)))
            found.findings.setdefault(f"{type(error).__name__} {where.filename}:{where.lineno}", told)
        if not found.corpus or not steps.seen <= found.edges:
            found.edges |= steps.seen
            found.corpus.append(given)
    return found
