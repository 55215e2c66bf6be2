"""A disk that keeps nothing: the line stops before a scan is lost, and goes on where the database takes it."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.keeping import Keeping
from store.errors import SpoolFull
from store.spool import Spool
from tests.core.shop import OPERATOR, PRESS, spec
from tests.kiosk.station_session.outage import (
    Terminal,
    delivered,
    facts,
    kept,
)
from tests.support.floor import Floor


async def test_a_full_disk_stops_the_line_before_a_scan_is_lost(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loud until the scan is safe: scans meanwhile are ignored and counted, and the one at hand is kept in the end."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    keep = Spool.keep

    async def full(self: Spool, *_: object) -> None:
        raise SpoolFull(str(self.path))

    monkeypatch.setattr(Spool, "keep", full)
    station.scan_at_once(f"{job}-S002")
    await station.shows(lambda shown: shown.stop)
    assert station.stop.noun == "DISK FULL"
    station.scan_at_once(f"{job}-S003")
    assert station.stop.ignored == 1
    monkeypatch.setattr(Spool, "keep", keep)
    await station.shows(kept(2))
    await station.session.settled()
    assert station.shown.stop is None
    await terminal.cable_in()
    await delivered(station)
    for number, more in ((1, ["SheetEnteredStation"]), (2, ["SheetEnteredStation"]), (3, [])):
        assert await facts(floor, f"{job}-S00{number}") == ["SheetCreated", *more]


async def test_a_full_disk_ends_its_stop_when_the_database_takes_the_scan(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Green, for it is recorded; and the screen says from then on that nothing can be kept here."""
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)

    async def full(self: Spool, *_: object) -> None:
        raise SpoolFull(str(self.path))

    monkeypatch.setattr(Spool, "keep", full)
    terminal.cable_out()
    station.scan_at_once(f"{job}-S001")
    await station.shows(lambda shown: shown.stop)
    await terminal.cable_in()
    await station.shows(lambda shown: not shown.stop)
    await station.session.settled()
    assert station.verdict.state is VerdictState.ACCEPTED
    assert station.shown.notice is not None
    assert station.shown.notice.words == "NOTHING CAN BE KEPT HERE"
    assert await facts(floor, f"{job}-S001") == ["SheetCreated", "SheetEnteredStation"]


@pytest.mark.parametrize(
    ("opened", "whose"),
    [
        (Keeping.opened, "another kiosk"),
        (partial(Spool.open, holder="QA-1"), "the kiosk of QA-1 here"),
        (Spool.open, "another kiosk here"),
    ],
    ids=["of this station", "of a neighbour", "of an earlier program"],
)
async def test_work_goes_on_without_the_spool_while_the_database_answers(
    floor: Floor, terminal: Terminal, opened: Callable[[Path], Awaitable[Keeping | Spool]], whose: str
) -> None:
    """Another kiosk process has it: green as ever, and the screen says that nothing can be kept here."""
    other = await opened(terminal.spool)
    try:
        job = await floor.start(spec())
        station = await terminal.start(PRESS, by=OPERATOR)
        assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED
        assert station.shown.notice is not None
        assert station.shown.notice.detail == f"Call a lead: {whose} has its file"
    finally:
        await other.close()
    await station.shows(lambda shown: shown.notice is None)
