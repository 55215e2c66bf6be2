"""PACKING: boxes and cases, what the band asks for next, which box was forgotten, and what nothing takes back."""

import pytest

from core.domain.values import AssemblyStatus
from core.identity.ids import AssemblyId, CardUnitId, assembly_of_card
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import PackingView
from kiosk.station_session.packing_work import PackingWork
from tests.core.shop import CUTTER, OPERATOR, PACKING, spec
from tests.kiosk.station_session.bench import WORDS, Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.late_reading import LateReading
from tests.kiosk.station_session.test_cutting import printed
from tests.kiosk.station_session.test_gathering import inspected, remade
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


async def test_a_set_goes_into_a_box_and_the_box_into_a_case(floor: Floor, open_station: OpenStation) -> None:
    """Box, set, seal, case, box: scans alone; a sealed box takes no more."""
    first, second = await inspected(floor, sets=2)
    for cards in (first, second):
        await floor.gather(cards, AssemblyId(f"{cards[0][:10]}-SET"))
    station = await open_station(PACKING, by=OPERATOR)
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.instruction.startswith("the next label, J1044-BX001, then"))
    verdict = await station.scan("J1044-S001-SET")
    assert (verdict.state, verdict.words) == (VerdictState.ATTENTION, "NO BOX OPEN")
    assert verdict.instruction == "Take the next label, J1044-BX001, and scan it first"
    assert (await station.scan("CMD-SEAL")).instruction == "Nothing to close. Now scan the next label, J1044-BX001."
    assert (await station.scan("J1044-BX001")).state is VerdictState.ACCEPTED
    assert "PACKED" in (await station.scan("J1044-S001-SET")).words
    assert (await station.scan("J1044-S001-SET", after=20)).state is not VerdictState.ACCEPTED
    if station.shown.stop is not None:
        await station.scan("CMD-RESET")
    assert (await station.press(Intent.UNDO)).state is VerdictState.ATTENTION
    await station.shows(lambda shown: isinstance(shown.work, PackingView) and len(shown.work.boxes) == 1)
    verdict = await station.press(Intent.CLOSE_BOX)
    assert (verdict.state, verdict.instruction) == (VerdictState.ACCEPTED, "scan the next label, J1044-BX002")
    assert (await station.scan("J1044-BX001")).words == "SEALED"
    assert (await station.scan("CS000001")).state is VerdictState.ACCEPTED
    assert (await station.scan("J1044-BX001")).state is VerdictState.ACCEPTED
    row = await floor.store.pack("J1044-BX001")
    assert row is not None
    assert row.inside == "CS000001"
    set_row = await floor.store.assembly("J1044-S001-SET")
    assert set_row is not None
    assert set_row.status is AssemblyStatus.PACKED


async def test_a_set_of_another_job_is_told_its_own_next_box(floor: Floor, open_station: OpenStation) -> None:
    """Whichever job the screen was about: the set in hand says which box it needs."""
    (cards,) = await inspected(floor)
    await floor.gather(cards, assembly_of_card(cards[0]))
    other = await floor.start(spec(), job="J1045", order="PO2026-0118")
    others = await floor.cut(other)
    for card in others:
        await floor.inspect(card)
    await floor.gather(others, assembly_of_card(others[0]))
    station = await open_station(PACKING, by=OPERATOR)
    station.pass_time(5)
    await station.shows(lambda shown: "J1044-BX001" in shown.verdict.instruction)
    assert (await station.scan("J1045-S001-SET")).words == "NO BOX OPEN"
    await station.shows(lambda shown: "J1045-BX001, and scan it first" in shown.verdict.instruction)


async def test_a_set_that_is_scanned_while_another_job_is_read_is_told_its_own_next_box(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the boxes of one job being read, when a set of another comes without a box, then its box is named still."""
    (cards,) = await inspected(floor)
    await floor.gather(cards, assembly_of_card(cards[0]))
    others = await floor.cut(await floor.start(spec(), job="J1045", order="PO2026-0118"))
    for card in others:
        await floor.inspect(card)
    station = await open_station(PACKING, by=OPERATOR)
    station.pass_time(5)
    await station.shows(lambda shown: "J1044-BX001" in shown.verdict.instruction)
    reading = LateReading(floor.store, monkeypatch, "assemblies_of")
    await floor.gather(others, assembly_of_card(others[0]))
    await reading.has_answer.wait()
    assert (await station.scan("J1045-S001-SET")).words == "NO BOX OPEN"
    reading.may_arrive.set()
    await station.shows(lambda shown: "J1045-BX001, and scan it first" in shown.verdict.instruction)


async def test_a_box_that_holds_the_last_set_of_its_job_asks_to_be_closed(
    floor: Floor, open_station: OpenStation
) -> None:
    """Any further set would be of another job, and a wrong box."""
    (cards,) = await inspected(floor)
    await floor.gather(cards, assembly_of_card(cards[0]))
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all("J1044-BX001", "J1044-S001-SET")
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.words == "CLOSE THE BOX")
    assert station.verdict.instruction == "every set of J1044 is packed: F5 closes J1044-BX001"


async def test_an_open_box_is_taken_up_again_by_its_label(floor: Floor, open_station: OpenStation) -> None:
    """Two boxes may be filled in turns."""
    await inspected(floor)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all("J1044-BX001", "J1044-BX002")
    assert station.session.work.unit_in_hand() == "J1044-BX002"
    assert "OPEN" in (await station.scan("J1044-BX001")).words
    assert station.session.work.unit_in_hand() == "J1044-BX001"


# -- a void card in the tray -----------------------------------------------------


async def test_packing_says_that_all_sets_wait_for_a_manager(floor: Floor, open_station: OpenStation) -> None:
    """A queue from which nothing can be packed must not look like work."""
    first, second = await inspected(floor, sets=2)
    newer = await remade(floor, first[0])
    await floor.gather((*first[1:], newer), assembly_of_card(first[0]))
    station = await open_station(PACKING, by=OPERATOR)
    station.pass_time(5)
    waits = f"1 set waits for a manager at {WORDS.place_of_sets()}: J1044"
    await station.shows(lambda shown: shown.verdict.instruction == waits)
    assert station.verdict.big == "WAIT"
    shown = await station.shows(lambda shown: isinstance(shown.work, PackingView) and shown.work.queue.ready)
    assert isinstance(shown.work, PackingView)
    assert [line.note for line in shown.work.queue.ready] == ["needs a manager"]
    await floor.gather(second, assembly_of_card(second[0]))
    await station.shows(lambda shown: "manager" not in shown.verdict.instruction)


async def test_an_open_box_for_which_no_set_is_ready_says_which_job_is(floor: Floor, open_station: OpenStation) -> None:
    """Asked for any set, somebody would scan the one there is, which is a wrong box."""
    await inspected(floor, sets=1)
    other = await floor.start(spec(), job="J1045", order="PO2026-0118")
    others = await floor.cut(other)
    for card in others:
        await floor.inspect(card)
    await floor.gather(others, assembly_of_card(others[0]))
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan("J1044-BX001")
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.words == "NO SET FOR J1044-BX001")
    await station.shows(lambda shown: shown.verdict.instruction == "1 set is ready of J1045: scan J1045-BX001")
    await station.scan("J1045-BX001")
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.instruction == "it goes into J1045-BX001")
    assert (await station.scan("J1045-S001-SET")).instruction == "put it into J1045-BX001; F5 closes it"


async def test_packing_with_nothing_to_pack_says_so(floor: Floor, open_station: OpenStation) -> None:
    """A large SCAN would ask for a set that is not there."""
    await floor.start(spec(), sets=1)
    station = await open_station(PACKING, by=OPERATOR)
    station.pass_time(5)
    shown = await station.shows(lambda shown: shown.verdict.words == "NOTHING TO PACK YET")
    assert shown.verdict.big == "WAIT"
