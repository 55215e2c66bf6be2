"""What is refused: nothing is recorded, and the operator reads what to do."""

from core.domain.values import QAOutcome
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from tests.core.shop import ASSEMBLY, CUTTER, FOIL, INSPECTOR, OPERATOR, PACKING, PRESS, QA, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor

HOSTILE = [
    "4006381333931",
    "J1044-S00",
    "J9999-S001-01",
    "[red]J1044[/red]",
    "\x1b[2J\x1b[H\x1b]0;gone\x07",
    "J1044-S001-01\x1d21ABC",
    "\u202eJ1044-S001",
    "\ud800",
    "\0",
    "x" * 10_000,
    "   ",
    "CMD-EXPLODE",
    "'; DROP TABLE production_events; --",
]


async def test_a_code_that_is_nothing_here_is_amber(floor: Floor, open_station: OpenStation) -> None:
    """Foreign, torn, hostile or endless: one amber sentence, shown escaped, and the next scan works."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    for text in HOSTILE:
        verdict = await station.scan(text)
        assert verdict.state is VerdictState.ATTENTION, ascii(text)
        assert verdict.instruction
        line = station.shown.scans.lines[0]
        everything = f"{line} {verdict}"
        assert everything.isprintable(), ascii(everything)
        assert len(line.what) <= 24
    assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED


async def test_the_same_code_twice_at_once_is_one_scan(floor: Floor, open_station: OpenStation) -> None:
    """A trigger that bounced does not complete the work that it began."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan(f"{job}-S001")
    assert (await station.scan(f"{job}-S001", after=0.4)).state is VerdictState.ATTENTION
    sheet = await floor.store.sheet(f"{job}-S001")
    assert sheet is not None
    assert sheet.station_id == PRESS.station_id


async def test_a_wrong_step_names_the_next_one_and_where(floor: Floor, open_station: OpenStation) -> None:
    """A sheet that is not printed has no business at the cutter, which says where it belongs."""
    job = await floor.start(spec())
    station = await open_station(CUTTER, by=OPERATOR)
    await station.scan(f"{job}-S001")
    words = repr(station.shown)
    assert "PRESS-1" in words
    assert await floor.store.cards_of(f"{job}-S001") == ()


async def test_the_right_id_in_the_wrong_place_says_what_belongs_here(floor: Floor, open_station: OpenStation) -> None:
    """A card at the press and a sheet at the bench are real, and wrong there."""
    job = await floor.start(spec())
    card = (await floor.cut(job))[0]
    for station, by, text in (
        (await open_station(PRESS), OPERATOR, card),
        (await open_station(QA), INSPECTOR, f"{job}-S001"),
        (await open_station(FOIL), OPERATOR, f"{job}-S001-SET"),
        (await open_station(PACKING), OPERATOR, card),
    ):
        await station.log_on(by)
        await station.scan(text)
        shown = station.shown
        assert shown.stop is not None or shown.verdict.state is VerdictState.ATTENTION, (text, shown.verdict)


async def test_a_card_that_failed_never_comes_into_a_tray(floor: Floor, open_station: OpenStation) -> None:
    """A failed card at assembly is a stop that says why, and nothing is gathered."""
    job = await floor.start(spec())
    card = (await floor.cut(job))[0]
    await floor.inspect(card, QAOutcome.FAIL)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(card)
    words = repr(station.shown)
    assert "F-201" in words
    row = await floor.store.assembly(f"{job}-S001-SET")
    assert row is not None
    assert row.gathered_count == 0


async def test_amber_ends_with_the_next_good_scan(floor: Floor, open_station: OpenStation) -> None:
    """An old complaint does not stand over new work."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan("nonsense")
    station.pass_time(60)
    assert station.verdict.state is VerdictState.ATTENTION
    await station.scan(cards[0])
    assert station.verdict.words == "CHECKED IN FOR QA"


async def test_green_fades_into_the_imperative(floor: Floor, open_station: OpenStation) -> None:
    """After a second and a half green is the last card's, not the next one's."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    assert (await station.scan(f"{job}-S001")).state is VerdictState.ACCEPTED
    station.pass_time(2)
    shown = await station.shows(lambda snapshot: snapshot.verdict.state is VerdictState.READY)
    assert shown.verdict.words == "SCAN THE SHEET COMING OFF"


async def test_f2_takes_back_what_was_done_last_and_says_so_the_second_time(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given two scans, when F2 is pressed twice, then the first one stays, and the band says why."""
    job = await floor.start(spec(), sets=2)
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan_all(f"{job}-S001", f"{job}-S002")
    assert (await station.press(Intent.UNDO)).words == "CHECK-IN TAKEN BACK"
    verdict = await station.press(Intent.UNDO)
    assert (verdict.words, verdict.instruction) == ("NOTHING TO UNDO", "F2 takes back only what was done last")
    sheet = await floor.store.sheet(f"{job}-S001")
    assert sheet is not None
    assert sheet.station_id == PRESS.station_id
