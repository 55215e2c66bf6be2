"""What has happened before a test begins: played once, and then only remembered.

Many tests begin with the same cards at the same place; working them there anew for each would be most of
what these tests do.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar, cast

import pytest

from tests.core.line import Line

T = TypeVar("T")


def beginning(played: Callable[[Line], T]) -> Callable[[Line], T]:
    """Make a fixture of a function that brings a furnished line somewhere; every test gets a line of its own."""

    @pytest.fixture(name=played.__name__)
    def remembered(line: Line) -> T:
        return come_to(line, played)

    return remembered


def come_to(line: Line, played: Callable[[Line], T]) -> T:
    """Bring a furnished line in which nothing happened yet to where ``played`` leaves one; return what it returns."""
    known, answer = cast("tuple[Line, T]", _played(played))
    line.streams.update(known.streams)
    line.claims.update(known.claims)
    line.wrong_pins = list(known.wrong_pins)
    line.now, line.last = known.now, known.last
    return answer


@cache
def _played(played: Callable[[Line], object]) -> tuple[Line, object]:
    line = Line()
    line.furnish()
    return line, played(line)
