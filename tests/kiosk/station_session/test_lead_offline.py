"""LEAD without the database: what needs none works at once, the rest is refused in words and carried out never."""

import asyncio

from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadJobView, LeadSheetView, LeadView
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.station_session.inputs import Answered, Found, Pressed, Scanned
from tests.core.shop import LEAD, OFFICE, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, offline
from tests.kiosk.station_session.test_gates import printed, waits_for
from tests.support.waiting import eventually

LOOK_UP = "Look it up when the database answers"
AT_ONCE = 5.0
"""Seconds, also on a busy machine: what hangs here would hang for as long as the database is away."""


async def on_a_sheet(terminal: Terminal, unit: str) -> Station:
    """A lead who came to a sheet by way of its job."""
    office = await terminal.start(OFFICE, by=LEAD)
    await office.scan(unit.partition("-")[0])
    await office.press(Intent.OPEN)
    assert isinstance(office.shown.work, LeadSheetView)
    return office


async def find(office: Station, text: str) -> VerdictView:
    """Ask for an id."""
    office.session.put(Found(text))
    await office.session.settled()
    return office.verdict


async def silence(terminal: Terminal, office: Station) -> None:
    """Take the database away, and let the station notice."""
    terminal.cable_out()
    office.session.wake()
    await offline(office)


async def test_esc_leads_back_at_once_while_the_database_is_away(terminal: Terminal) -> None:
    """Given a sheet, silent; when Esc twice, then its job as it was seen last, and the floor."""
    floor = terminal.floor
    job = await floor.start(spec())
    await floor.cut(job)
    office = await on_a_sheet(terminal, f"{job}-S001")
    await silence(terminal, office)
    async with asyncio.timeout(AT_ONCE):
        await office.press(Intent.BACK)
        assert isinstance(office.shown.work, LeadJobView)
        await office.press(Intent.BACK)
        assert isinstance(office.shown.work, LeadView)
    await terminal.cable_in()


async def test_esc_from_a_sheet_whose_job_was_never_looked_at_leads_to_the_floor(terminal: Terminal) -> None:
    """Given a sheet whose label was scanned, silent; when Esc, then the floor, which is always held."""
    floor = terminal.floor
    job = await floor.start(spec())
    office = await terminal.start(OFFICE, by=LEAD)
    await office.scan(f"{job}-S001")
    await silence(terminal, office)
    async with asyncio.timeout(AT_ONCE):
        await office.press(Intent.BACK)
    assert isinstance(office.shown.work, LeadView)
    await terminal.cable_in()


async def test_what_needs_the_database_is_refused_at_once_and_never_carried_out_later(terminal: Terminal) -> None:
    """Given a sheet, silent; when a card is opened, scanned, asked for, then each waits, and stays undone."""
    floor = terminal.floor
    job = await floor.start(spec())
    cards = await floor.cut(job)
    office = await on_a_sheet(terminal, f"{job}-S001")
    await silence(terminal, office)
    async with asyncio.timeout(2 * AT_ONCE):
        for verdict in (await office.press(Intent.OPEN), await office.scan(cards[1]), await find(office, cards[1])):
            assert (verdict.state, verdict.instruction) == (VerdictState.ATTENTION, LOOK_UP)
        assert isinstance(office.shown.work, LeadSheetView)
        await office.press(Intent.LOG_OFF)
        assert not office.shown.header.operator
    await terminal.cable_in()
    await delivered(office)
    assert isinstance(office.shown.work, LeadView)


async def test_keys_behind_a_look_up_that_nobody_answers_are_dropped(terminal: Terminal) -> None:
    """Given a database that has just fallen silent; when keys follow Enter, then none is carried out on that page."""
    floor = terminal.floor
    job = await floor.start(spec())
    await floor.cut(job)
    office = await on_a_sheet(terminal, f"{job}-S001")
    terminal.line.go_dead()
    for intent in (Intent.OPEN, Intent.NEXT, Intent.BACK):
        office.session.put(Pressed(intent))
    await office.session.settled()
    assert office.verdict.instruction == LOOK_UP
    work = office.shown.work
    assert isinstance(work, LeadSheetView)
    assert work.selected == 1
    terminal.line.come_alive()
    await delivered(office)
    assert isinstance(office.shown.work, LeadSheetView)


async def test_keys_and_scans_behind_a_decision_that_is_not_answered_are_dropped(
    terminal: Terminal, open_station: OpenStation
) -> None:
    """Given an approval that was sent; when keys and a scan follow, then it is done and they are not."""
    job = await printed(terminal.floor, open_station, sheets=2)
    office = await on_a_sheet(terminal, f"{job}-S001")
    await office.press(Intent.APPROVE)
    asked = office.question
    terminal.line.lose_answers()
    office.session.put(Answered(asked.serial, asked.choices[0].value))
    await office.shows(lambda shown: shown.verdict.words == "DECISIONS WAIT")
    office.session.put(Pressed(Intent.BACK))
    office.session.put(Scanned(f"{job}-S002", office.session.now()))
    office.session.put(Pressed(Intent.APPROVE))
    terminal.line.come_alive()
    await delivered(office)
    await eventually(lambda: office.verdict.words == "PROOF APPROVED")
    assert await waits_for(terminal.floor, f"{job}-S001") == "FOIL-SHEET"
    assert office.shown.header.job == f"SHEET {job}-S001"
    assert office.shown.question is None
    assert office.shown.header.operator


async def test_a_lead_who_logs_off_behind_a_decision_is_logged_off(
    terminal: Terminal, open_station: OpenStation
) -> None:
    """Given an approval that was sent; when F10 follows, then nobody decides under that badge afterwards."""
    job = await printed(terminal.floor, open_station, sheets=1)
    office = await on_a_sheet(terminal, f"{job}-S001")
    await office.press(Intent.APPROVE)
    asked = office.question
    terminal.line.lose_answers()
    office.session.put(Answered(asked.serial, asked.choices[0].value))
    await office.shows(lambda shown: shown.verdict.words == "DECISIONS WAIT")
    office.session.put(Pressed(Intent.LOG_OFF))
    terminal.line.come_alive()
    await office.shows(lambda shown: not shown.header.operator)
