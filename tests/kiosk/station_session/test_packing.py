"""PACKING: what the band asks for next, which box was forgotten, and what nothing takes back."""

from core.identity.ids import CardUnitId, assembly_of_card
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import PackingView
from kiosk.station_session.packing_work import PackingWork
from tests.core.shop import CUTTER, OPERATOR, PACKING, spec
from tests.kiosk.station_session.bench import WORDS, Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.test_cutting import printed
from tests.kiosk.station_session.test_packed_count import gathered, has_read
from tests.kiosk.station_session.test_replacements import replaced
from tests.support.floor import Floor


def next_code(station: Station) -> str:
    """What the demo would scan here next; empty where nothing."""
    work = station.session.work
    assert isinstance(work, PackingWork)
    asked = work.next_scan()
    return "" if asked is None else asked.code


def boxes(shown: StationSnapshot) -> dict[str, str]:
    """Every box of the open job with its state in words."""
    assert isinstance(shown.work, PackingView)
    return {box.pack: box.state for box in shown.work.boxes}


async def rested(station: Station) -> StationSnapshot:
    """Wait until the last verdict has faded and the band is the imperative."""
    await station.caught_up()
    station.pass_time(60)
    return await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)


async def test_what_could_be_scanned_next_is_what_the_band_asks_for(floor: Floor, open_station: OpenStation) -> None:
    """Given two ready sets, then in turn the box, each set and the closing are asked for, in band and code alike."""
    job = await floor.start(spec(), sets=2)
    labels = await gathered(floor, job, 2)
    station = await open_station(PACKING, by=OPERATOR)
    await has_read(station, job)
    shown = await rested(station)
    assert (shown.verdict.words, next_code(station)) == ("SCAN A BOX", f"{job}-BX001")
    for label in labels:
        await station.scan(f"{job}-BX001" if label == labels[0] else labels[0])
        shown = await rested(station)
        assert (shown.verdict.words, next_code(station)) == ("SCAN A SET", label)
    await station.scan(labels[1])
    shown = await rested(station)
    assert (shown.verdict.words, next_code(station)) == ("CLOSE THE BOX", "CMD-SEAL")


async def test_a_set_of_another_job_asks_for_a_box_of_that_job(floor: Floor, open_station: OpenStation) -> None:
    """Given an open box whose job has no set ready, then band and code name the next box of the job that has one."""
    job, other = await floor.start(spec(), sets=2), await floor.start(spec(), job="J1055", order="PO2026-0200")
    mine, _ = await gathered(floor, job, 1), await gathered(floor, other, 1)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all(f"{job}-BX001", mine[0])
    shown = await rested(station)
    assert shown.verdict.words == f"NO SET FOR {job}-BX001"
    assert shown.verdict.instruction == f"1 set is ready of {other}: scan {other}-BX001"
    assert next_code(station) == f"{other}-BX001"


async def test_a_box_that_was_left_open_is_asked_for_before_its_job_leaves_the_screen(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a packed job with two open boxes, when one is sealed, then the other is named until it is closed too."""
    job, other = await floor.start(spec(), sets=2), await floor.start(spec(), job="J1055", order="PO2026-0200")
    labels, _ = await gathered(floor, job, 2), await gathered(floor, other, 1)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all(f"{job}-BX001", labels[0], f"{job}-BX002", labels[1])
    await station.caught_up()
    sealed = await station.press(Intent.CLOSE_BOX)
    assert sealed.instruction == f"{job}-BX001 is still open: scan it and press F5"
    shown = await rested(station)
    assert shown.verdict.words == f"{job}-BX001 IS STILL OPEN"
    assert boxes(shown) == {f"{job}-BX001": "STILL OPEN", f"{job}-BX002": "sealed"}
    assert next_code(station) == f"{job}-BX001"
    await station.scan(f"{job}-BX001")
    await station.press(Intent.CLOSE_BOX)
    await has_read(station, other)


async def test_a_container_asks_for_what_goes_into_it(floor: Floor, open_station: OpenStation) -> None:
    """Given boxes, cases and pallets, when each is scanned again or is closed, then its own contents are asked for."""
    job = await floor.start(spec(), sets=1)
    labels = await gathered(floor, job, 1)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all(f"{job}-BX001", labels[0])
    await station.press(Intent.CLOSE_BOX)
    said = await station.scan(f"{job}-BX001")
    assert said.instruction == f"{job}-BX001 is sealed. Scan a new box, or open a case for it."
    await station.scan("CS000001")
    said = await station.scan("CS000001")
    assert said.instruction == "scan the boxes that go into it"
    shown = await rested(station)
    assert (shown.verdict.words, next_code(station)) == ("SCAN A CLOSED BOX", f"{job}-BX001")
    await station.scan(f"{job}-BX001")
    await station.press(Intent.CLOSE_BOX)
    said = await station.scan("CS000001")
    assert said.instruction == "CS000001 is sealed. Scan a new case, or open a pallet for it."
    said = await station.scan(f"{job}-BX001")
    assert said.instruction == f"{job}-BX001 lies in CS000001. Scan a new box."
    said = await station.scan("PL000001")
    assert said.instruction == "scan its next case; F5 closes it"
    said = await station.scan("PL000001")
    assert said.instruction == "scan the cases that go into it"
    shown = await rested(station)
    assert (shown.verdict.words, shown.verdict.instruction) == ("SCAN A CLOSED CASE", "it goes into PL000001")
    assert next_code(station) == "CS000001"
    await station.scan("CS000001")
    shown = await rested(station)
    assert shown.verdict.instruction == "it goes into PL000001; F5 closes the pallet"
    assert next_code(station) == "CMD-SEAL"


async def test_a_packed_set_is_said_to_stay(floor: Floor, open_station: OpenStation) -> None:
    """Given a box that was opened, and a set that was packed, when F2 is pressed, then why it stays is said."""
    job = await floor.start(spec(), sets=1)
    labels = await gathered(floor, job, 1)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan(f"{job}-BX001")
    said = await station.press(Intent.UNDO)
    assert (said.words, said.instruction) == (
        "IT STAYS",
        "An opened container is not taken back: fill it, or put it aside",
    )
    await station.scan(labels[0])
    said = await station.press(Intent.UNDO)
    assert said.instruction == "A packed set is not taken back: call a lead with F8"
    undo = next(key for key in station.shown.footer.keys if key.intent is Intent.UNDO)
    assert (undo.enabled, undo.says_why) == (False, True)


async def test_a_cut_is_said_to_stay(floor: Floor, open_station: OpenStation) -> None:
    """Given a sheet that was cut, when F2 is pressed, then the cut is said to stay."""
    sheet = await printed(floor, await floor.start(spec()))
    station = await open_station(CUTTER, by=OPERATOR)
    await station.scan(sheet)
    said = await station.press(Intent.UNDO)
    assert said.instruction == "A cut is not taken back: call a lead with F8"


async def test_a_set_that_needs_a_manager_is_sent_back_to_assembly(floor: Floor, open_station: OpenStation) -> None:
    """Given a set with a replaced card, when it is to be packed, then the stop says where a manager is asked."""
    cards = await floor.cut(await floor.start(spec()))
    await replaced(floor, cards[3])
    renewed = CardUnitId(f"{cards[3]}-R1")
    for card in (*cards[:3], renewed):
        await floor.inspect(card)
    await floor.gather((*cards[:3], renewed), assembly_of_card(cards[0]))
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan(assembly_of_card(cards[0]))
    where = WORDS.place_of_sets()
    assert f"Take its tray to {where} for a manager's badge" in station.stop.steps
