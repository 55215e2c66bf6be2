"""How deeds are told: what each may be said with, and how one draw of luck chooses among all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
D = TypeVar("D", bound=Callable[..., None])

PICKS = range(2**16)
FEW = range(1, 7)
EITHER = (False, True)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can happen, and what it may be said with."""

    happens: Callable[..., None]
    may_say: Mapping[str, Sequence[Any]]

    def said(self, luck: "Luck") -> dict[str, Any]:
        """What it is said with this time."""
        return {name: luck.one_of(choices) for name, choices in self.may_say.items()}


def happens(deeds: list[Deed], /, *, often: int = 1, **may_say: Sequence[Any]) -> Callable[[D], D]:
    """Count a function among the deeds, as often as it should happen beside the others."""

    def counted(function: D) -> D:
        deeds.extend([Deed(function, may_say)] * often)
        return function

    return counted


class Luck:
    """What one deed draws, spent choice by choice."""

    BYTES = 12
    """More than any deed has choices."""

    def __init__(self, drawn: bytes) -> None:
        """Begin to spend it."""
        self._left = int.from_bytes(drawn, "big")

    def one_of(self, choices: Sequence[T]) -> T:
        """Choose; no luck at all is the first of everything, which is where a failing history shrinks to."""
        self._left, place = divmod(self._left, len(choices))
        return choices[place]
