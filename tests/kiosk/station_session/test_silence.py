"""A database that is silent: one command id, one effect, and a screen that says what is not done."""

import asyncio
from collections.abc import Collection
from uuid import UUID, uuid4

import pytest

from core.domain.readings import BadgeRead
from core.production.requests import Request
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.asking import Asking
from store import Answer, Store, StoreBusy, StoreError, StoreUnavailable
from store.read_models.stops import StandingStop
from tests.core.shop import NUMBERING, OPERATOR, PRESS, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, facts
from tests.kiosk.station_session.test_batches import NUMBERED
from tests.support.floor import Floor
from tests.support.waiting import eventually


class Wire:
    """A store behind a wire that can be cut before or after a command or a look, and hangs when it is told to."""

    def __init__(self, store: Store) -> None:
        """Let everything through at first."""
        self._store = store
        self.lost_before = 0
        self.lost_after = 0
        self.busy = 0
        self.faults = 0
        self.unreadable = 0
        self.looked_for_stops = 0
        self.delivered: list[UUID] = []
        self.answered: list[UUID] = []
        self.readable = asyncio.Event()
        self.readable.set()
        self.open = asyncio.Event()
        self.open.set()

    def __getattr__(self, name: str) -> object:
        """Ask the store itself for everything but commands."""
        return getattr(self._store, name)

    async def run(self, request: Request, *, command_id: UUID) -> Answer:
        """Deliver a command, or lose it or its answer."""
        self.delivered.append(command_id)
        await self.open.wait()
        if self.lost_before:
            self.lost_before -= 1
            raise StoreUnavailable("nobody there")
        if self.faults:
            self.faults -= 1
            raise StoreError("the database has a fault")
        if self.busy:
            self.busy -= 1
            raise StoreBusy(16)
        answer = await self._store.run(request, command_id=command_id)
        if self.lost_after:
            self.lost_after -= 1
            raise StoreUnavailable("the answer was lost", outcome_unknown=True)
        self.answered.append(command_id)
        return answer

    async def standing_stops(self, station_id: str, kinds: Collection[str]) -> tuple[StandingStop, ...]:
        """Read which stop stands, or fail to."""
        self.looked_for_stops += 1
        await self.readable.wait()
        if self.unreadable:
            self.unreadable -= 1
            raise StoreUnavailable("nobody there")
        return await self._store.standing_stops(station_id, kinds)


async def test_a_lost_answer_is_asked_for_under_the_same_id(floor: Floor, open_station: OpenStation) -> None:
    """What was recorded before the connection broke is recorded once, and green comes when it is known."""
    wire = Wire(floor.store)
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR, store=wire)
    wire.delivered.clear()
    wire.lost_after = 2
    assert (await station.scan(f"{job}-S001")).words == "CHECKED IN FOR PRINT"
    assert len(wire.delivered) == 3
    assert len(set(wire.delivered)) == 1
    history = await floor.store.history(f"{job}-S001")
    assert history is not None
    assert [type(entry.event).__name__ for entry in history.events] == ["SheetCreated", "SheetEnteredStation"]


async def test_a_scan_waits_in_sight_and_those_behind_it_are_counted(floor: Floor, open_station: OpenStation) -> None:
    """CHECKING, then WAIT on blue; nothing is green before the answer, and all scans are worked off in order."""
    wire = Wire(floor.store)
    job = await floor.start(spec(), sets=3)
    station = await open_station(PRESS, by=OPERATOR, store=wire)
    wire.open.clear()
    for number in (1, 2, 3):
        station.scan_at_once(f"{job}-S00{number}")
    await station.shows(lambda shown: shown.verdict.state is VerdictState.CHECKING)
    shown = await station.shows(lambda shown: "2 more" in shown.verdict.instruction)
    assert (shown.verdict.state, shown.verdict.big) == (VerdictState.OFFLINE, "WAIT")
    assert shown.header.connection is ConnectionState.OFFLINE
    before = shown.verdict.serial
    station.scan_at_once("nonsense")
    assert station.verdict.serial > before
    wire.open.set()
    await station.session.settled()
    assert [line.what for line in station.shown.scans.lines] == ["NONSENSE", "S003", "S002", "S001"]
    assert station.shown.header.connection is ConnectionState.ONLINE
    assert station.verdict.words == "UNKNOWN CODE"


async def test_a_database_that_answered_again_is_not_said_to_be_away_by_an_earlier_silence(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a reading in vain and a scan that waits too long, when it answers, then it is not away after that."""
    monkeypatch.setattr("kiosk.station_session.asking.OFFLINE_SECONDS", 0.01)
    asking = Asking(floor.store, monotonic=lambda: 0.0, new_id=uuid4, changed=lambda: None)
    asking.missed()
    asking.silent()
    asking.reached()
    a_second_later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, a_second_later.set)
    await a_second_later.wait()
    assert asking.state is ConnectionState.ONLINE
    assert asking.answers.is_set()


async def test_after_a_late_answer_the_band_is_itself_again(floor: Floor, open_station: OpenStation) -> None:
    """CHECKING does not stay where the answer was no verdict."""
    wire = Wire(floor.store)
    station = await open_station(PRESS, by=OPERATOR, store=wire)
    station.pass_time(5)
    wire.open.clear()
    station.scan_at_once("CMD-RESET")
    await station.shows(lambda shown: shown.verdict.state is VerdictState.CHECKING)
    wire.open.set()
    await station.session.settled()
    assert station.verdict.state is VerdictState.READY


async def test_nobody_is_shown_a_conflict(floor: Floor, open_station: OpenStation) -> None:
    """A database that is merely busy is asked again, and is not called offline."""
    wire = Wire(floor.store)
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR, store=wire)
    wire.busy = 2
    assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED
    assert all(shown.header.connection is not ConnectionState.OFFLINE for shown in station.published)


async def test_a_badge_scanned_while_nobody_answers_logs_on_later(floor: Floor, open_station: OpenStation) -> None:
    """The log-on screen says since when nobody answers; the badge is not forgotten."""
    wire = Wire(floor.store)
    wire.lost_before = 5
    station = await open_station(PRESS, store=wire)
    station.scan_at_once(OPERATOR)

    def tells_of_it(shown: object) -> bool:
        work = station.shown.work
        return isinstance(work, LogOnView) and "No answer" in work.problem

    await station.shows(tells_of_it)
    await eventually(lambda: station.shown.header.operator == OPERATOR)


async def test_a_stop_still_covers_while_the_database_is_silent(floor: Floor, open_station: OpenStation) -> None:
    """A reading that answers late changes nothing of what it was asked for."""
    answer = await floor.run(floor.scan_of(PRESS, OPERATOR, by=None))
    assert isinstance(answer, BadgeRead)
    wire = Wire(floor.store)
    station = await open_station(PRESS, store=wire)
    wire.lost_before = 1
    await station.scan(OPERATOR)
    assert station.shown.header.operator == OPERATOR


async def test_a_defect_never_ends_the_session(floor: Floor, open_station: OpenStation) -> None:
    """A fault in a view, in a reading or in a handler is written down, and the next scan works."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    work = station.session.work

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    async def broken_later(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    view, work.view = work.view, broken  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(station.shown.work, LogOnView)
    work.view = view
    refresh, work.refresh = work.refresh, broken_later
    before, work.before_scan = work.before_scan, broken_later  # pyright: ignore[reportAttributeAccessIssue]
    assert (await station.scan(f"{job}-S001")).words == "SOMETHING WENT WRONG"
    work.refresh, work.before_scan = refresh, before
    assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED


async def test_the_verdict_is_published_before_anything_is_read(floor: Floor, open_station: OpenStation) -> None:
    """Green does not wait for the queue."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await eventually(lambda: station.shown.work is not None)
    hanging = asyncio.Event()

    async def hang(_: object) -> None:
        await hanging.wait()

    station.session.work.refresh = hang  # pyright: ignore[reportAttributeAccessIssue]
    station.session.wake()
    assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED
    assert any(shown.verdict.words == "CHECKED IN FOR PRINT" for shown in station.published)
    hanging.set()


async def test_a_database_that_falls_silent_after_a_check_in_holds_up_no_further_scan(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the card has its number already is only looked up: it is not asked for now, and the line goes on."""
    silence = asyncio.Event()

    async def silent(*asked: object) -> None:
        await silence.wait()
        raise AssertionError(asked)

    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    station = await terminal.start(NUMBERING, by=OPERATOR)
    with monkeypatch.context() as only_here:
        only_here.setattr(Store, "history", silent)
        async with asyncio.timeout(30):
            await station.scan_all(*cards[:3])
    await delivered(station)
    for card in cards[:3]:
        assert "CardUnitEnteredStation" in await facts(floor, card)


@pytest.mark.parametrize("is_silent", [True, False])
async def test_what_was_taken_back_is_said_to_be_also_where_no_more_can_be_read(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch, *, is_silent: bool
) -> None:
    """Only where the unit waits now is left out: nobody is told to try again what is done."""
    silence = asyncio.Event()

    async def unread(*asked: object) -> None:
        if is_silent:
            await silence.wait()
        raise StoreUnavailable(str(asked))

    job = await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    await press.scan(f"{job}-S001")
    monkeypatch.setattr(Store, "sheet", unread)
    async with asyncio.timeout(30):
        await press.press(Intent.UNDO)
    said = [(shown.verdict.state, shown.verdict.words) for shown in press.published]
    assert (VerdictState.ACCEPTED, "CHECK-IN TAKEN BACK") in said
    assert (VerdictState.ATTENTION, "NO ANSWER") not in said
