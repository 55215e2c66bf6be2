"""What a terminal shows while its database is away, and when it is back: played, with the line cut under it."""

from collections.abc import Awaitable, Callable

from core.domain.commands import VoidCardUnit
from core.domain.values import VoidReason
from core.identity.ids import assembly_of_card
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from tests.core.shop import ASSEMBLY, INSPECTOR, LEAD, OFFICE, OPERATOR, PACKING, PRESS, QA
from tests.kiosk.screens.stories import DRAGONS, SMALL, passed
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.outage import Terminal, delivered, offline
from tests.support.floor import Floor


async def open_tray(floor: Floor, terminal: Terminal) -> Station:
    """Seven cards are in the tray, eleven of the sheet have passed."""
    mine = await floor.cut(await floor.start(DRAGONS, sets=2))
    await passed(floor, *mine[:11])
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*mine[:7])
    await station.caught_up()
    return station


async def away(station: Station, terminal: Terminal, seconds: float = 42) -> Station:
    """The database is away for so long."""
    terminal.cable_out()
    await offline(station)
    station.pass_time(seconds)
    return station


async def checking(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """A scan is on its way and not answered yet."""
    station = await open_tray(floor, terminal)
    terminal.line.go_dead()
    station.scan_at_once("J1044-S001-08")
    return await station.shows(lambda shown: shown.verdict.state is VerdictState.CHECKING)


async def assembly_kept(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """Two cards are laid into the tray while the database is away."""
    station = await away(await open_tray(floor, terminal), terminal)
    await station.scan_all("J1044-S001-08", "J1044-S001-09")
    return station.shown


async def assembly_away(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """A minute after the last card that was kept: the station goes on, and says how many it keeps."""
    station = await away(await open_tray(floor, terminal), terminal)
    await station.scan("J1044-S001-08")
    station.pass_time(60)
    return await station.shows(lambda shown: shown.verdict.big != "SAVED")


async def assembly_refused(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """A card that was kept is void by the time it is delivered: a lead has to see to it."""
    station = await away(await open_tray(floor, terminal), terminal)
    await station.scan("J1044-S001-08")
    await floor.accept(
        VoidCardUnit(
            at=floor.now,
            operator_id=LEAD,
            station_id=OFFICE.station_id,
            card_unit_id=(await floor.store.cards_of("J1044-S001"))[7].card_unit_id,
            reason=VoidReason.LOST,
            note="",
        )
    )
    await terminal.cable_in()
    await delivered(station)
    station.pass_time(60)
    await station.shows(lambda shown: shown.notice and shown.verdict.state is not VerdictState.OFFLINE)
    return await station.caught_up()


async def press_kept(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """Sheets are printed while the database is away."""
    await floor.start(DRAGONS, sets=6)
    station = await terminal.start(PRESS, by=OPERATOR)
    await station.scan_all("J1044-S001", "J1044-S001")
    await station.caught_up()
    await away(station, terminal, 762)
    await station.scan_all("J1044-S002", "J1044-S002", "J1044-S003")
    return station.shown


async def qa_kept(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """A card is brought to the bench while the database is away, and a code is typed for it."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=1))
    station = await terminal.start(QA, by=INSPECTOR)
    await station.scan(cards[0])
    await station.type("+")
    await station.caught_up()
    await away(station, terminal)
    await station.scan(cards[1])
    await station.type("2", "0", "1")
    return station.shown


async def packing_away(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """A set is scanned while the database is away; whether it may be packed only the database knows."""
    job = await floor.start(SMALL, sets=2)
    for number in (1, 2):
        cards = await floor.cut(job, number)
        await passed(floor, *cards)
        await floor.gather(cards, assembly_of_card(cards[0]))
    station = await terminal.start(PACKING, by=OPERATOR)
    await station.scan_all("J1044-BX001", "J1044-S001-SET")
    await station.caught_up()
    await away(station, terminal)
    await station.scan("J1044-S002-SET")
    return station.shown


async def lead_away(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """The leads' wall without its database."""
    await floor.start(DRAGONS, sets=2)
    station = await terminal.start(OFFICE, by=LEAD)
    await station.caught_up()
    await away(station, terminal)
    return await station.shows(lambda shown: shown.header.offline_for and shown.verdict.state is VerdictState.READY)


async def log_on_away(floor: Floor, terminal: Terminal) -> StationSnapshot:
    """Nobody is logged on, and the database is away."""
    await floor.start(DRAGONS, sets=2)
    station = await terminal.start(PRESS, by=OPERATOR)
    await station.caught_up()
    await terminal.kill()
    terminal.cable_out()
    again = await terminal.start(PRESS, wait=False)
    again.pass_time(42)
    return await again.shows(lambda shown: shown.header.connection is ConnectionState.OFFLINE)


AWAY: dict[str, Callable[[Floor, Terminal], Awaitable[StationSnapshot]]] = {
    "assembly_checking": checking,
    "assembly_kept": assembly_kept,
    "assembly_away": assembly_away,
    "assembly_refused": assembly_refused,
    "press_kept": press_kept,
    "qa_kept": qa_kept,
    "packing_away": packing_away,
    "lead_away": lead_away,
    "log_on_away": log_on_away,
}
"""Every story by the name of the screen that it leads to."""
