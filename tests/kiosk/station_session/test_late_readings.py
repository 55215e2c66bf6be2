"""What was done while a screen's lists were read is newer than what arrives: nothing of it is undone on the screen."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.commands import BringTray
from core.identity.ids import JobId, assembly_of_card
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView
from kiosk.station_session.batch_work import BatchWork
from kiosk.station_session.keeping import Keeping
from tests.core.shop import (
    ASSEMBLY,
    ASSEMBLY_2,
    CUTTER,
    FULL_ROUTE,
    INSPECTOR,
    LEAD,
    MANAGER,
    NUMBERING,
    OFFICE,
    OPERATOR,
    PACKING,
    PRESS,
    spec,
)
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.late_reading import LateReading
from tests.kiosk.station_session.outage import Terminal
from tests.kiosk.station_session.test_batches import NUMBERED
from tests.kiosk.station_session.test_gathering import inspected, remade, void_in_tray
from tests.kiosk.station_session.test_packed_count import gathered
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def reading(station: Station, late: LateReading) -> None:
    """Let the station read its lists, as far as the reading that is late."""
    station.session.wake()
    await late.has_answer.wait()


async def arrives(station: Station, late: LateReading) -> None:
    """Let what was read long ago reach the screen."""
    seen = len(station.published)
    late.may_arrive.set()
    await eventually(lambda: len(station.published) > seen)


async def two_jobs(floor: Floor) -> tuple[JobId, JobId]:
    """Two started jobs, of three sheets and of two."""
    return (
        await floor.start(spec(), sets=3),
        await floor.start(spec("LIONS"), sets=2, job="J1045", order="PO2026-0118"),
    )


# -- assembly ------------------------------------------------------------------


async def test_a_foreign_card_is_a_stop_though_the_tray_was_complete_when_it_was_read(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a tray that lacks a card again, when its label opens it while it is read, then it stays open."""
    one, two = await inspected(floor, sets=2)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*one)
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, "assembly")
    await reading(station, late)
    await void_in_tray(floor, one[0])
    assert "OPEN" in (await station.scan(assembly_of_card(one[0]))).words
    await arrives(station, late)
    await station.caught_up()
    await station.scan(two[0])
    assert station.stop.noun == "WRONG CARD"


@pytest.mark.parametrize("name", ["history", "cards_of"])
async def test_a_start_that_is_cut_off_leaves_no_complete_tray_open(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """Given a tray that was complete, and may be anywhere, when the start is cut off, then a card opens its own."""
    one, two = await inspected(floor, sets=2)
    await floor.gather(one, assembly_of_card(one[0]))
    await void_in_tray(floor, one[0])
    late = LateReading(floor.store, monkeypatch, name)
    keeping = await Keeping.opened(tmp_path / "kept.db")
    station = await open_station(ASSEMBLY, keeping=keeping)
    await late.has_answer.wait()
    await eventually(station.session._resuming.over.is_set)
    late.may_arrive.set()
    await station.session.settled()
    await station.log_on(OPERATOR)
    await station.caught_up()
    assert (await station.scan(two[0])).words == "IN THE TRAY"
    await station.die()
    await keeping.close()


async def test_a_tray_that_was_carried_away_while_a_badge_was_looked_at_is_gone(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a set that waits for a manager, when it is brought elsewhere meanwhile, then no ghost of it is shown."""
    (cards,) = await inspected(floor)
    replacement = await remade(floor, cards[3])
    tray = assembly_of_card(cards[0])
    await floor.gather((*cards[:3], replacement), tray)
    station = await open_station(ASSEMBLY_2, by=INSPECTOR)
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, "cards_of")
    await station.scan(tray)
    await late.has_answer.wait()
    looking = LateReading(floor.store, monkeypatch, "assembly")
    station.scan_at_once(MANAGER)
    await looking.has_answer.wait()
    floor.now += timedelta(seconds=10)
    await floor.accept(BringTray(at=floor.now, operator_id=OPERATOR, station_id=ASSEMBLY.station_id, assembly_id=tray))
    late.may_arrive.set()
    await eventually(lambda: station.session.work.unit_in_hand() is None)
    looking.may_arrive.set()
    shown = await station.caught_up()
    assert isinstance(shown.work, AssemblyView)
    assert shown.work.grid is None


# -- cards that wait for their numbers -----------------------------------------


async def test_a_card_that_came_while_the_queue_was_read_is_named_until_it_has_its_number(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a queue from before two cards came, when it arrives, then the one without a number is not forgotten."""
    cards = await floor.cut(await floor.start(spec(route=NUMBERED)))
    station = await open_station(NUMBERING, by=OPERATOR)
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, "station_queue")
    await reading(station, late)
    await station.scan_all(*cards[:2])
    await arrives(station, late)
    assert (await station.scan("7")).words.endswith(" NUMBERED")
    station.pass_time(60)
    await station.shows(lambda shown: shown.verdict.instruction == f"{cards[0]} has no number yet: scan it")
    assert (await station.caught_up()).verdict.instruction == f"{cards[0]} has no number yet: scan it"


async def test_a_card_that_was_kept_while_the_queue_was_read_is_still_said_to_wait(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a queue from before an outage, when it arrives in it, then the card that was kept stays laid aside."""
    cards = await floor.cut(await floor.start(spec(route=NUMBERED)))
    station = await terminal.start(NUMBERING, by=OPERATOR)
    await station.caught_up()
    assert station.store is not None
    late = LateReading(station.store, monkeypatch, "station_queue")
    await reading(station, late)
    terminal.cable_out()
    assert (await station.scan(cards[0])).big == "SAVED"
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.instruction == "1 card waits: lay it aside")
    work = station.session.work
    assert isinstance(work, BatchWork)
    late.may_arrive.set()
    await eventually(lambda: work._queue is late.answer)
    assert station.verdict.instruction == "1 card waits: lay it aside"


# -- packing -------------------------------------------------------------------


async def unboxed(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> tuple[Station, LateReading, str]:
    """Packing with J1044-BX001 open and not in hand, where a set of J1045 came without a box while J1044 was read."""
    one, other = await two_jobs(floor)
    first, _ = await gathered(floor, one, 2)
    (label,) = await gathered(floor, other, 1)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all(f"{one}-BX001", f"{one}-BX002", first)
    await station.press(Intent.CLOSE_BOX)
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, "assemblies_of")
    await reading(station, late)
    assert (await station.scan(label)).words == "NO BOX OPEN"
    return station, late, label


async def test_the_box_of_another_set_is_not_said_over_the_one_that_was_scanned(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a set without a box, when a box of another job is scanned, then its green keeps its own words."""
    station, late, _ = await unboxed(floor, open_station, monkeypatch)
    green = await station.scan("J1044-BX001")
    assert (green.state, green.words) == (VerdictState.ACCEPTED, "J1044-BX001 IS OPEN")
    await arrives(station, late)
    assert (await station.caught_up()).verdict.instruction == green.instruction


async def test_what_is_said_of_a_set_without_a_box_is_not_said_over_another_verdict(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a set without a box, when the lead is called, then the call keeps its own words."""
    station, late, _ = await unboxed(floor, open_station, monkeypatch)
    called = await station.press(Intent.CALL_LEAD)
    await arrives(station, late)
    verdict = (await station.caught_up()).verdict
    assert (verdict.words, verdict.instruction) == ("LEAD CALLED", called.instruction)


async def test_a_set_that_is_scanned_again_before_its_boxes_were_read_is_told_its_box(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a set without a box, when it is scanned a second time at once, then its box is named all the same."""
    station, late, label = await unboxed(floor, open_station, monkeypatch)
    await station.scan(label)
    await arrives(station, late)
    await station.shows(lambda shown: "J1045-BX001, and scan it first" in shown.verdict.instruction)


async def test_a_box_that_was_closed_while_it_was_read_stays_closed(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given boxes as they were read before one was closed, when they arrive, then the next set needs the next."""
    job = await floor.start(spec(), sets=3)
    labels = await gathered(floor, job, 3)
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan_all(f"{job}-BX001", labels[0])
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, "assemblies_of")
    await reading(station, late)
    assert (await station.press(Intent.CLOSE_BOX)).instruction == f"scan the next label, {job}-BX002"
    await arrives(station, late)
    assert "BX002" in (await station.scan(labels[1])).instruction


@pytest.mark.parametrize("name", ["job", "assemblies_of"])
async def test_a_box_that_was_filled_and_closed_while_boxes_were_read_is_not_the_next_label(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Given boxes as they were read before one was opened, while and after they arrive its label is not asked for."""
    job = await floor.start(spec(), sets=3)
    labels = await gathered(floor, job, 3)
    station = await open_station(PACKING, by=OPERATOR)
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, name)
    await reading(station, late)
    await station.scan_all(f"{job}-BX001", labels[0])
    closed = await station.press(Intent.CLOSE_BOX)
    assert "BX001" not in closed.instruction
    assert "BX001" not in (await station.scan(labels[1])).instruction
    await arrives(station, late)
    assert "BX001" not in (await station.scan(labels[1], after=20)).instruction


async def test_a_box_that_was_closed_before_a_reading_began_is_remembered_until_it_arrives(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two readings one behind the other, when the first is from before a box, then the second forgets it not."""
    job = await floor.start(spec(), sets=3)
    labels = await gathered(floor, job, 3)
    station = await open_station(PACKING, by=OPERATOR)
    await station.caught_up()
    first = LateReading(floor.store, monkeypatch, "assemblies_of")
    await reading(station, first)
    await station.scan_all(f"{job}-BX001", labels[0])
    await station.press(Intent.CLOSE_BOX)
    second = LateReading(floor.store, monkeypatch, "job")
    first.may_arrive.set()
    await second.has_answer.wait()
    assert "BX001" not in (await station.scan(labels[1])).instruction
    second.may_arrive.set()
    await station.shows(lambda shown: "BX001" not in shown.verdict.instruction)


# -- what is named above -------------------------------------------------------


async def test_the_header_says_of_a_job_only_what_was_read_of_it(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given one job being read, when a sheet of another is laid down, then no product of the first stands beside it."""
    one, other = await two_jobs(floor)
    for sheet in (f"{one}-S001", f"{other}-S001"):
        await floor.scan(PRESS, sheet)
        await floor.scan(PRESS, sheet)
    station = await open_station(CUTTER, by=OPERATOR)
    await station.scan(f"{one}-S001")
    await station.caught_up()
    late = LateReading(floor.store, monkeypatch, "stages")
    await reading(station, late)
    await station.scan(f"{other}-S001")
    await arrives(station, late)
    header = station.shown.header
    assert header.job == f"JOB {other}"
    assert "sheet 1 of 3" not in header.details
    await station.shows(lambda shown: "sheet 1 of 2" in shown.header.details)


async def test_an_approval_is_not_offered_again_by_a_page_that_was_read_before_it(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a page being read, when its unit is approved, then what arrives offers nothing that is done."""
    sheet = f"{await floor.start(spec(route=FULL_ROUTE))}-S001"
    await floor.scan(PRESS, sheet)
    await floor.scan(PRESS, sheet)
    station = await open_station(OFFICE, by=LEAD)

    def is_offered() -> bool:
        return any(key.intent is Intent.APPROVE and key.enabled for key in station.shown.footer.keys)

    await station.scan(sheet)
    await eventually(is_offered)
    late = LateReading(floor.store, monkeypatch, "job_spec")
    await reading(station, late)
    await station.press(Intent.APPROVE)
    await station.answer("approve")
    assert not is_offered()
    await arrives(station, late)
    assert not is_offered()
