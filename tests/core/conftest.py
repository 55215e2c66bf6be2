"""An empty shop for every test."""

import gc
from collections.abc import Iterator
from functools import cache

import pytest

from core.production import pins
from tests.core.line import Line


@pytest.fixture(scope="package", autouse=True)
def _hash_each_pin_once() -> Iterator[None]:
    """A PIN takes as long as a hundred scans, and the same few are typed a thousand times."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "_digest", cache(pins._digest))
        yield


@pytest.fixture(scope="package", autouse=True)
def _look_for_garbage_among_what_is_new() -> Iterator[None]:
    """What was imported outlives these tests; to look through it over and over is a twentieth of their time.

    Nor is what they make looked through as often: little of it is garbage that only a search finds.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, *usual[1:])
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture
def line() -> Line:
    """A shop with people and stations in which nothing is made yet."""
    line = Line()
    line.furnish()
    return line
