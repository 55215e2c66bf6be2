"""What was kept and refused when it was delivered: it is on a list until somebody deals with it."""

from uuid import UUID

from core.domain.commands import VoidCardUnit
from core.domain.values import VoidReason
from core.identity.ids import CardUnitId
from core.production.scan import Scan
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from store.clock import ClockReading
from store.spool import Spool
from store.spool_tables import added, changing
from tests.core.shop import INSPECTOR, LEAD, OFFICE, QA, START, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import (
    Terminal,
    delivered,
    facts,
    listed,
    offline,
)
from tests.support.floor import Floor


async def voided_meanwhile(floor: Floor, terminal: Terminal) -> tuple[Station, CardUnitId]:
    """A bench that kept a card which a lead voided before the bench was back."""
    cards = await floor.cut(await floor.start(spec()))
    station = await terminal.start(QA, by=INSPECTOR)
    terminal.cable_out()
    await offline(station)
    await station.scan_all(cards[0], cards[1])
    await floor.accept(
        VoidCardUnit(
            at=floor.now, operator_id=LEAD, station_id=OFFICE.station_id, card_unit_id=cards[0],
            reason=VoidReason.LOST, note="",
        )
    )  # fmt: skip
    await terminal.cable_in()
    await delivered(station)
    return station, cards[0]


async def test_what_the_world_overtook_is_listed_until_somebody_deals_with_it(floor: Floor, terminal: Terminal) -> None:
    """It is in the station's history with its refusal, on its screen, and off both lists with a key and a yes."""
    station, card = await voided_meanwhile(floor, terminal)
    (refused,) = await listed(floor, QA)
    assert (refused.scanned, refused.refusal, refused.operator_id) == (card, "CardVoided", INSPECTOR)
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert shown.notice.words == "1 KEPT SCAN REFUSED"
    assert card in shown.notice.detail
    assert shown.stop is None
    await station.press(Intent.SETTLE)
    assert card in station.question.title
    await station.answer("")
    assert station.shown.notice is not None
    await station.scan("CMD-SETTLE")
    assert (await station.scan("CMD-YES")).state is VerdictState.ACCEPTED
    assert station.shown.notice is None
    assert "HeldScanSettled" in await facts(floor, QA.station_id)


async def test_the_yes_card_answers_no_question_that_the_terminal_has_no_room_for(
    floor: Floor, terminal: Terminal
) -> None:
    """Nobody could read what it says yes to; the question stays, and is answered when there is room."""
    station, _ = await voided_meanwhile(floor, terminal)
    await station.shows(lambda shown: shown.notice)
    await station.press(Intent.SETTLE)
    serial = station.question.serial
    station.session.question_seen(serial, is_seen=False)
    assert (await station.scan("CMD-YES")).words == "NOT READ"
    assert station.question.serial == serial
    assert station.shown.notice is not None
    station.session.question_seen(serial, is_seen=True)
    assert (await station.scan("CMD-YES")).state is VerdictState.ACCEPTED
    assert station.shown.notice is None


async def test_the_list_stands_after_a_restart(floor: Floor, terminal: Terminal) -> None:
    """It is in the log, not in a process."""
    _, card = await voided_meanwhile(floor, terminal)
    await terminal.kill()
    again = await terminal.start(QA)
    shown = await again.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert card in shown.notice.detail


async def test_what_this_program_cannot_read_is_listed_too(floor: Floor, terminal: Terminal) -> None:
    """A spool of another version of the program loses nothing either."""
    spool = await Spool.open(terminal.spool)
    with changing(spool._connection):
        said = b'{"card": "J1044-S001-01"}'
        added(spool._connection, (str(UUID(int=7)), "Teleport", said, START.isoformat(), "", 0.0))
    await spool.close()
    station = await terminal.start(QA)
    await delivered(station)
    (refused,) = await listed(floor, QA)
    assert (refused.kind, refused.refusal, refused.held) == ("Teleport", "", str(UUID(int=7)))
    assert "J1044-S001-01" in refused.scanned
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert "could not be read" in shown.notice.detail


async def test_a_damaged_scan_is_told_as_far_as_it_can_be_read(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """What was scanned, when and by whom, and no line of a file: people look for a card, not for brackets."""
    spool = await Spool.open(terminal.spool)
    card = CardUnitId("J1044-S001-07")
    await spool.keep(Scan(text=card, station=QA, operator_id=INSPECTOR, at=START), UUID(int=7), ClockReading(START))
    spool._connection.execute("UPDATE held SET request = CAST(replace(request, 'QA-BENCH-1', 'QA-BENCH-9') AS BLOB)")
    await spool.close()
    station = await terminal.start(QA)
    await delivered(station)
    (refused,) = await listed(floor, QA)
    assert (refused.scanned, refused.operator_id, refused.scanned_at) == (card, None, START)
    assert "QA-BENCH-9" in refused.reason
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert card in shown.notice.detail
    wall = await open_station(OFFICE, by=LEAD)
    await wall.shows(lambda shown: isinstance(shown.work, LeadView) and shown.work.stations)
    await wall.press(Intent.STATIONS)
    await wall.press(Intent.OPEN)
    said = " ".join((wall.question.title, *wall.question.lines))
    assert card in wall.question.title
    assert f"by {INSPECTOR}, as far as it can be read" in said
    assert "disk" in said
    assert not set('{}"') & set(said)


async def test_the_leads_see_what_was_refused_and_settle_it_on_the_stations_line(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """It stands among the exceptions, and on the line of its station; Enter there asks, and a yes takes it off."""
    _, card = await voided_meanwhile(floor, terminal)
    wall = await open_station(OFFICE, by=LEAD)

    def is_told(shown: StationSnapshot) -> bool:
        return isinstance(shown.work, LeadView) and any(
            each.words == "1 REFUSED" and card in each.detail for each in shown.work.exceptions
        )

    await wall.shows(is_told)
    await wall.press(Intent.STATIONS)
    shown = await wall.shows(lambda shown: isinstance(shown.work, LeadView) and shown.work.stations)
    assert isinstance(shown.work, LeadView)
    assert shown.work.stations[shown.work.selected].state == "REFUSED"
    await wall.press(Intent.OPEN)
    assert card in wall.question.title
    await wall.answer(wall.question.choices[0].value)
    await wall.shows(lambda shown: not is_told(shown))
    assert "HeldScanSettled" in await facts(floor, QA.station_id)
