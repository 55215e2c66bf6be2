"""Garbage is collected a little after a verdict, never in the middle of a scan."""

import asyncio
from dataclasses import replace

import pytest

from kiosk import garbage
from kiosk.garbage import GarbageAtRest
from kiosk.screens.host import ScreenHost
from tests.kiosk.screens.gallery import ASSEMBLY
from tests.support.waiting import eventually


class Collector:
    """Stands in for Python's own, which all tests share."""

    def __init__(self) -> None:
        self.collected = self.set_aside = 0
        self.thresholds: tuple[int, ...] = (700, 10, 10)
        self.waiting = 9

    def collect(self) -> None:
        """Count the full collections."""
        self.collected += 1

    def freeze(self) -> None:
        """Count what was set aside."""
        assert self.collected
        self.set_aside += 1

    def get_threshold(self) -> tuple[int, ...]:
        """As it is set."""
        return self.thresholds

    def set_threshold(self, *thresholds: int) -> None:
        """Set it."""
        self.thresholds = thresholds

    def get_count(self) -> tuple[int, int, int]:
        """As many as there are said to be."""
        return 0, 0, self.waiting


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Collector:
    """The collector of a process of its own, and a rest that is over soon."""
    stand_in = Collector()
    monkeypatch.setattr(garbage, "gc", stand_in)
    monkeypatch.setattr(garbage, "REST_SECONDS", 0.05)
    return stand_in


async def test_what_the_app_is_built_of_is_set_aside_once(collector: Collector) -> None:
    """After its first screen; a full collection comes by itself only at worst."""
    app = ScreenHost()
    app.garbage = GarbageAtRest()
    async with app.run_test():
        app.show_snapshot(ASSEMBLY)
        await eventually(lambda: collector.set_aside == 1)
        assert collector.thresholds[:2] == (700, 10)
        assert collector.thresholds[2] > 10
        app.show_snapshot(ASSEMBLY)
    assert (collector.set_aside, collector.collected) == (1, 1)


async def test_a_verdict_is_followed_by_a_collection_and_a_change_of_the_floor_is_not(collector: Collector) -> None:
    """Queues move all day; what people wait for are verdicts."""
    app = ScreenHost()
    app.garbage = GarbageAtRest()
    async with app.run_test():
        app.show_snapshot(ASSEMBLY)
        await eventually(lambda: collector.set_aside == 1)
        app.show_snapshot(replace(ASSEMBLY, header=replace(ASSEMBLY.header, clock="23:59")))
        await eventually(lambda: app.snapshot is not None and app.snapshot.header.clock == "23:59")
        assert app.garbage._due is None
        app.show_snapshot(replace(ASSEMBLY, verdict=replace(ASSEMBLY.verdict, serial=ASSEMBLY.verdict.serial + 1)))
        await eventually(lambda: collector.collected == 2)


async def test_the_next_verdict_puts_the_collection_off(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who scans quickly is not kept waiting."""
    monkeypatch.setattr(garbage, "REST_SECONDS", 1000.0)
    rest = GarbageAtRest()
    rest.verdict_shown()
    put_off = rest._due
    monkeypatch.setattr(garbage, "REST_SECONDS", 0.0)
    rest.verdict_shown()
    assert put_off is not None
    assert put_off.cancelled()
    await eventually(lambda: collector.collected == 1)


async def test_little_garbage_is_left_where_it_is(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection that frees nothing still takes its time."""
    monkeypatch.setattr(garbage, "REST_SECONDS", 0.0)
    collector.waiting = 1
    rest = GarbageAtRest()
    rest.verdict_shown()
    await eventually(lambda: rest._due is None)
    await asyncio.sleep(0)
    assert collector.collected == 0
