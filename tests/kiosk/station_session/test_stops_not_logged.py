"""A stop by a kept scan that is none by the log, which never has it or answers it milder, stands all the same."""

import pytest

from core.identity.ids import card_unit_id, sheet_id
from kiosk.station_session.keeping import STOP
from store import Answer
from store.errors import DatabaseFault
from tests.core.shop import ASSEMBLY, OPERATOR, spec
from tests.kiosk.station_session.bench import Station, two_passed_sheets
from tests.kiosk.station_session.outage import Terminal, delivered, listed, offline
from tests.kiosk.station_session.test_delivery import Run, fails_with
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def stopped_by_what_is_listed(floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Station:
    """Stop a station by a foreign card that it keeps and that is listed instead of being delivered."""
    mine, foreign = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    terminal.cable_out()
    await offline(station)
    await station.scan(foreign[0])

    async def fault(_: Run) -> Answer:
        raise DatabaseFault("53100", "no room")

    fails_with(monkeypatch, foreign[0], fault)
    await terminal.cable_in()
    await delivered(station)
    assert len(await listed(floor, ASSEMBLY)) == 1
    return station


async def test_a_stop_whose_scan_cannot_be_delivered_stands_until_the_reset_card(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a foreign card scanned offline, when its scan is listed instead, then no delivery takes the red away."""
    station = await stopped_by_what_is_listed(floor, terminal, monkeypatch)
    await station.session._desk.stops.find()
    assert station.stop.noun == "WRONG CARD"
    await station.scan("CMD-RESET")
    assert station.shown.stop is None


@pytest.mark.parametrize("is_back", [True, False], ids=["with the database", "without it"])
async def test_a_stop_whose_scan_cannot_be_delivered_stands_again_after_a_start(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, *, is_back: bool
) -> None:
    """Given such a stop, when the terminal is started anew, then it stands: only the RESET card ends it, for good."""
    station = await stopped_by_what_is_listed(floor, terminal, monkeypatch)
    await written_down(station)
    await terminal.kill()
    if not is_back:
        terminal.cable_out()
    station = await terminal.start(ASSEMBLY, wait=is_back)
    assert station.stop.noun == "WRONG CARD"
    if not is_back:
        await terminal.cable_in()
        await delivered(station)
        assert station.stop.noun == "WRONG CARD"
    await station.scan("CMD-RESET")
    assert station.shown.stop is None
    await written_down(station)
    await terminal.kill()
    station = await terminal.start(ASSEMBLY)
    assert station.shown.stop is None


async def written_down(station: Station) -> None:
    """Wait until the terminal has on its disk which stop stands."""

    async def is_there() -> bool:
        session = station.session
        return await session._asking.keeping.remembered(STOP) == session._desk.stops.memory()

    await eventually(is_there)


async def test_a_stop_of_which_the_log_says_less_stands_until_the_reset_card(floor: Floor, terminal: Terminal) -> None:
    """Given a foreign label offline whose sheet is not cut, when that is all the log says, then the red stays."""
    job = await floor.start(spec(), sets=2)
    mine = await floor.cut(job, 1)
    await floor.inspect(mine[0])
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    terminal.cable_out()
    await offline(station)
    await station.scan(card_unit_id(sheet_id(job, 2), 1))
    assert station.stop.noun == "WRONG CARD"
    await terminal.cable_in()
    await delivered(station)
    await station.session._desk.stops.find()
    assert station.stop.noun == "WRONG CARD"
    await station.scan("CMD-RESET")
    assert station.shown.stop is None
