"""One station's file of kept scans in use: what is taken out of it, while it is opened anew or holds very much."""

import errno
import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.production.scan import Scan
from kiosk.snapshots.keys import Intent
from kiosk.station_session.keeping import Keeping
from store.clock import ClockReading
from store.held_requests import encoded
from store.spool import Spool
from store.spool_file import LEFT
from store.spool_tables import added, changing
from tests.core.shop import OPERATOR, PRESS, START, spec
from tests.kiosk.station_session.outage import Terminal, facts
from tests.support.floor import Floor
from tests.support.waiting import eventually

_NARROW = 73
"""Cells of a step on the narrowest screen."""

_NOW = ClockReading(START)
_SCAN = Scan(text="J1044-S001", station=PRESS, operator_id=OPERATOR, at=START)


async def test_an_answer_takes_nothing_out_of_a_file_that_was_opened_anew(tmp_path: Path) -> None:
    """Damaged, with what was noted beside it, while a request is under way: the line may stand in that one's place."""
    path = tmp_path / "PRESS-1.db"
    keeping = await Keeping.opened(path)
    for number in (1, 2, 3):
        await keeping.keep(_SCAN, UUID(int=number), _NOW)
    under_way = await keeping.next()
    assert under_way is not None
    os.truncate(path, 0)
    os.truncate(path.with_name(f"{path.name}.lock"), 0)
    assert await keeping.newest(3) == ()
    (left,) = await keeping.newest(3)
    assert (left.kind, left.position) == (LEFT, under_way.position)
    await keeping.answered(under_way)
    assert await keeping.next() == left
    assert keeping.count == 1
    await keeping.answered(left)
    assert await keeping.next() is None
    assert keeping.count == 0
    await keeping.close()


async def _steps_of_a_delivery(path: Path, waiting: int) -> int:
    """Return what one delivery out of a file costs SQLite in which so many wait, in hundreds of its steps."""
    spool = await Spool.open(path)
    with changing(spool._connection):
        for _ in range(waiting):
            added(spool._connection, (str(uuid4()), "Scan", encoded(_SCAN), START.isoformat(), "", 0.0))
    await spool.close()
    keeping = await Keeping.opened(path)
    assert keeping._spool is not None
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    keeping._spool._connection.set_progress_handler(step, 100)
    held = await keeping.next()
    assert held is not None
    await keeping.answered(held)
    assert keeping.count == waiting - 1
    await keeping.keep(_SCAN, uuid4(), _NOW)
    assert keeping.count == waiting
    keeping._spool._connection.set_progress_handler(None, 0)
    await keeping.close()
    return steps


async def test_a_keep_and_a_delivery_cost_the_same_however_much_waits(tmp_path: Path) -> None:
    """A day without the database is delivered in the time that its scans take, not in the square of it."""
    few = await _steps_of_a_delivery(tmp_path / "few.db", 10)
    many = await _steps_of_a_delivery(tmp_path / "many.db", 5_000)
    assert many <= few + 2


async def test_a_folder_that_cannot_be_read_ends_no_station(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails, and nobody can look what was kept under another name: work goes on, with the database."""
    looks = 0

    def broken(_: Path | None) -> list[Path]:
        nonlocal looks
        looks += 1
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("kiosk.station_session.keeping._others", broken)
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)
    await eventually(lambda: looks)
    await station.scan(f"{job}-S001")
    assert await facts(floor, f"{job}-S001") == ["SheetCreated", "SheetEnteredStation"]
    assert station.running is not None
    assert not station.running.done()


async def test_a_file_that_was_taken_away_says_first_what_not_to_do(floor: Floor, terminal: Terminal) -> None:
    """Given kept scans whose file is gone, when one more is scanned, then the stop fits a narrow screen, path last."""
    job = await floor.start(spec(), sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan(f"{job}-S001")
    away = terminal.spool.rename(terminal.spool.with_name("away"))
    station.scan_at_once(f"{job}-S002")
    await station.shows(lambda shown: shown.stop)
    said = station.stop
    assert said.steps[0] == "Do not restart the kiosk: it alone still has what was kept here before"
    assert all(len(step) <= _NARROW for step in said.steps)
    assert said.footnote.startswith("The last scan is neither recorded nor kept.")
    away.rename(terminal.spool)
    await station.shows(lambda shown: not shown.stop)
    await station.session.settled()
    assert station.shown.header.kept == 2


async def test_a_file_that_is_gone_is_told_as_whose_it_was_and_how_many_waited(
    floor: Floor, terminal: Terminal
) -> None:
    """Given kept scans whose file is removed, when the next kiosk starts, then it asks in words of its own, undated."""
    job = await floor.start(spec(), sets=3)
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(f"{job}-S001", f"{job}-S002")
    await terminal.kill()
    terminal.spool.unlink()
    await terminal.cable_in()
    again = await terminal.start(PRESS, by=OPERATOR)
    await again.shows(lambda shown: shown.notice)
    assert again.shown.notice is not None
    assert again.shown.notice.detail == "file of PRESS-1: kept scans gone"
    await again.press(Intent.SETTLE)
    asked = again.question
    assert asked.title == "KEPT SCANS GONE: PRESS-1"
    assert "00:00" not in asked.lines[0]
    assert asked.lines[1].endswith("2 scans waited in it, as far as is known.")
