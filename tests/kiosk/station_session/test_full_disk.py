"""A disk that keeps nothing: the line stops before a scan is lost, and goes on where the database takes it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from core.domain.values import OperatorRole
from core.production.requests import Request
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import BadgeChanged, Input
from kiosk.station_session.keeping import Keeping
from store import Answer, Store
from store.errors import SpoolFull, StoreUnavailable
from store.spool import Spool
from tests.core.shop import INSPECTOR, OPERATOR, PRESS, spec
from tests.kiosk.station_session.outage import (
    Terminal,
    delivered,
    facts,
    kept,
)
from tests.support.floor import Floor
from tests.support.waiting import eventually


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


async def test_word_of_a_badge_that_comes_while_the_line_stands_is_given_again(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a line that stands, when a badge is withdrawn meanwhile, then its owner is logged off once it goes on."""
    job = await floor.start(spec())
    station = await terminal.start(PRESS, by=OPERATOR)
    run, put = Store.run, station.session.put
    words: list[Input] = []

    async def full(self: Spool, *_: object) -> None:
        raise SpoolFull(str(self.path))

    async def away(store: Store, request: Request, *, command_id: UUID | None = None) -> Answer:
        if store is station.store:
            raise StoreUnavailable("it is away")
        return await run(store, request, command_id=command_id)

    def heard(happened: Input) -> None:
        put(happened)
        words.append(happened)

    with monkeypatch.context() as patched:
        patched.setattr(Spool, "keep", full)
        patched.setattr(Store, "run", away)
        patched.setattr(station.session, "put", heard)
        station.scan_at_once(f"{job}-S001")
        await station.shows(lambda shown: shown.stop)
        await floor.register(OPERATOR)
        await eventually(lambda: BadgeChanged() in words)
        assert station.shown.stop is not None
    await station.shows(lambda shown: not shown.stop)
    await station.session.settled()
    assert station.shown.header.operator == OPERATOR
    station.pass_time(5)
    await station.shows(lambda shown: isinstance(shown.work, LogOnView))


async def test_a_disk_that_hangs_keeps_nobody_logged_on(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a disk that writes nothing down any more, when a badge is withdrawn, then its owner is logged off."""
    station = await terminal.start(PRESS, by=OPERATOR)
    is_writing = asyncio.Event()

    async def hanging(*_: object) -> None:
        is_writing.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Spool, "remember", hanging)
    await floor.register(INSPECTOR, OperatorRole.LEAD)
    await eventually(is_writing.is_set)
    await floor.register(OPERATOR)
    await station.shows(lambda shown: isinstance(shown.work, LogOnView))


async def test_who_may_work_here_is_written_down_as_soon_as_the_disk_takes_it(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a badge that is withdrawn while the disk is full, then no start without the database takes it later."""
    station = await terminal.start(PRESS, by=OPERATOR)
    remember = Spool.remember

    async def full(self: Spool, *_: object) -> None:
        raise SpoolFull(str(self.path))

    monkeypatch.setattr(Spool, "remember", full)
    await floor.register(OPERATOR)
    await station.shows(lambda shown: not shown.header.operator and shown.notice)
    monkeypatch.setattr(Spool, "remember", remember)
    await station.shows(lambda shown: shown.notice is None)
    terminal.cable_out()
    await terminal.kill()
    again = await terminal.start(PRESS, wait=False)
    assert (await again.scan(OPERATOR)).words == "THIS BADGE WAITS"


async def test_a_file_whose_opening_was_given_up_is_opened_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a slow disk, when nobody waits for the file any longer, then this kiosk is not its own rival."""
    is_counting, count = asyncio.Event(), Spool.count

    async def slowly(self: Spool) -> int:
        is_counting.set()
        await asyncio.Event().wait()
        return await count(self)

    monkeypatch.setattr(Spool, "count", slowly)
    keeping = Keeping(tmp_path / "kept.db")
    opening = asyncio.create_task(keeping.become_known())
    await is_counting.wait()
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    monkeypatch.setattr(Spool, "count", count)
    await keeping.become_known()
    assert not keeping.problem
    await keeping.close()
