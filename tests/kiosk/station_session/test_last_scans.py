"""The last scans: short, told apart, and named by the unit rather than by what was typed for it."""

from core.domain.values import OperationType, Route, UnitKind
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from tests.core.shop import INSPECTOR, NUMBERING, OPERATOR, PRESS, QA, spec, step
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, offline
from tests.support.floor import Floor

NUMBERED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("QA", OperationType.QA, after="NUMBER"),
    )
)


def lines(station: Station) -> list[tuple[str, str]]:
    """What the list says, newest first: the unit and what became of it."""
    return [(line.what, line.words) for line in station.shown.scans.lines]


async def test_a_unit_is_named_without_the_job_that_the_header_names(floor: Floor, open_station: OpenStation) -> None:
    """Given a scan of each of two jobs, then only the one of the open job is short; the newest can be undone."""
    job = await floor.start(spec(), sets=2)
    other = await floor.start(spec(), job="J1055", order="PO2026-0200")
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan_all(f"{job}-S001", f"{job}-S001")
    assert lines(station) == [("S001", "printed"), ("S001", "in")]
    await station.scan(f"{other}-S001")
    assert lines(station) == [("S001", "in"), (f"{job}-S001", "printed"), (f"{job}-S001", "in")]
    assert [line.undo for line in station.shown.scans.lines] == [True, False, False]
    await station.scan(f"{job}-S002")
    assert lines(station)[:3] == [("S002", "in"), (f"{other}-S001", "in"), ("S001", "printed")]


async def test_what_is_taken_back_is_named_as_it_was(floor: Floor, open_station: OpenStation) -> None:
    """Given a scan of the open job, when it is undone, then the correction is of the same unit."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan(f"{job}-S001")
    await station.press(Intent.UNDO)
    assert lines(station) == [("S001", "taken back"), ("S001", "in")]


async def test_a_code_of_nobody_is_listed_escaped(floor: Floor, open_station: OpenStation) -> None:
    """Given a foreign code with an escape in it, then the list shows it as text, cut to its room."""
    await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan("\x1b[31m" + "X" * 40)
    (what, _), *_ = lines(station)
    assert "\x1b" not in what
    assert len(what) <= 24


async def test_a_failed_card_does_not_look_like_one_that_passed(floor: Floor, open_station: OpenStation) -> None:
    """Given a pass and a fail, then both are short, and only the pass has the sign of what was accepted."""
    cards = await floor.cut(await floor.start(spec()))
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    await station.type("+")
    await station.scan(cards[1])
    await station.type("2", "0", "1", "enter")
    verdicts = [(line.what, line.words, line.state) for line in station.shown.scans.lines if line.words != "in"]
    assert verdicts == [
        ("S001-02", "F-201", VerdictState.REJECTED),
        ("S001-01", "pass", VerdictState.ACCEPTED),
    ]


async def test_a_number_is_listed_with_its_card(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that waits for its number, when one is refused and one given, then both lines name the card."""
    cards = await floor.cut(await floor.start(spec(route=NUMBERED)))
    station = await open_station(NUMBERING, by=OPERATOR)
    await station.scan_all(cards[0], "700", "7")
    assert lines(station) == [("S001-01", "07/99"), ("S001-01", "no such number"), ("S001-01", "in")]
    await station.scan("8")
    assert lines(station)[0][0] == "8"


async def test_a_badge_scanned_instead_of_a_number_is_no_cards(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that waits for its number, when a wall card means nothing, then no line says that the card did."""
    cards = await floor.cut(await floor.start(spec(route=NUMBERED)))
    station = await open_station(NUMBERING, by=OPERATOR)
    await station.scan_all(cards[0], "OP-999")
    assert lines(station)[0][0] == "OP-999"


async def test_a_number_that_is_kept_is_listed_with_its_card(floor: Floor, terminal: Terminal) -> None:
    """Given no database, when a card's number is kept, then its line names the card, also after a restart."""
    cards = await floor.cut(await floor.start(spec(route=NUMBERED)))
    station = await terminal.start(NUMBERING, by=OPERATOR)
    await station.scan(cards[0])
    terminal.cable_out()
    await offline(station)
    assert (await station.scan("7")).instruction == "S001-01"
    assert lines(station) == [("S001-01", "kept"), ("S001-01", "in")]
    await terminal.kill()
    station = await terminal.start(NUMBERING, wait=False)
    assert lines(station)[0][0].endswith("S001-01")
