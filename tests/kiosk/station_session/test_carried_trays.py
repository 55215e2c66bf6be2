"""A tray that is carried about: its label says where it is, at every screen and after every outage."""

from core.identity.ids import assembly_of_card, sheet_of
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView
from store import Accepted
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, OPERATOR
from tests.kiosk.station_session.bench import two_passed_sheets
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, facts, listed, offline
from tests.support.floor import Floor

BAND_CELLS = 74
"""What the band has for its words on a screen of 80 columns."""


async def test_a_tray_that_is_brought_says_from_where_and_leaves_the_screen_there(
    floor: Floor, open_station: OpenStation
) -> None:
    """Its former station is told where it is, and goes on with the next set; F2 has nothing to take back there."""
    one, two = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(one[0])
    verdict = await there.scan(assembly_of_card(one[0]))
    assert (verdict.state, verdict.words) == (VerdictState.ACCEPTED, "TRAY OPEN, 3 MISSING")
    assert verdict.counter_caption == f"brought from {ASSEMBLY.station_id}"
    await here.shows(lambda shown: shown.verdict.words == f"TRAY IS AT {ASSEMBLY_2.station_id}")
    assert here.session.work.unit_in_hand() is None
    assert (await here.press(Intent.UNDO)).words == "NOTHING TO UNDO"
    assert (await here.scan(two[0])).words == "IN THE TRAY"
    row = await floor.store.assembly(assembly_of_card(one[0]))
    assert row is not None
    assert (row.last_station_id, row.gathered) == (ASSEMBLY_2.station_id, one[:1])


async def test_the_sets_to_gather_say_which_of_them_stand_at_another_station(
    floor: Floor, open_station: OpenStation
) -> None:
    """Their cards would be refused here, so nobody is told that they are ready."""
    one, two = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await there.scan(one[0])

    def notes(shown: StationSnapshot) -> dict[str, str]:
        work = shown.work
        assert isinstance(work, AssemblyView)
        return {line.sheet: f"{line.here}, {line.note}" for line in work.next_trays.lines}

    free, begun = sheet_of(two[0]), sheet_of(one[0])
    await here.shows(
        lambda shown: notes(shown) == {begun: f"1 of 4 in tray, at {ASSEMBLY_2.station_id}", free: "4 of 4 here, ready"}
    )
    await here.scan(assembly_of_card(one[0]))
    await there.shows(lambda shown: notes(shown).get(begun) == f"1 of 4 in tray, at {ASSEMBLY.station_id}")


async def test_a_tray_that_was_brought_is_not_sent_back_by_key(floor: Floor, open_station: OpenStation) -> None:
    """It stands where it stands; carried back, its label says so there."""
    cards, _ = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(cards[0])
    await there.scan(assembly_of_card(cards[0]))
    assert (await there.press(Intent.UNDO)).words == "IT STAYS"
    await here.scan(assembly_of_card(cards[0]))
    assert (await here.scan(cards[1])).words == "IN THE TRAY"


async def test_a_label_says_which_open_tray_it_puts_away(floor: Floor, open_station: OpenStation) -> None:
    """Whoever scanned the wrong label sees it, on the smallest screen as well; a complete tray is not in the way."""
    one, two = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(one[0])
    for tray, aside in ((two[0], one[0]), (one[0], two[0])):
        verdict = await station.scan(assembly_of_card(tray))
        assert verdict.instruction == f"{sheet_of(aside)} put aside; now scan the next card"
        assert len(f"✓ {verdict.words}   {verdict.instruction}") <= BAND_CELLS
    assert "put aside" not in (await station.scan(assembly_of_card(one[0]))).instruction
    assert "put aside" not in (await station.scan_all(*one[1:])).instruction
    assert "put aside" not in (await station.scan(assembly_of_card(two[0]))).instruction


async def test_where_a_tray_went_is_said_until_its_set_is_complete(floor: Floor, open_station: OpenStation) -> None:
    """Nobody looks for it then; whatever is done here before takes the words away as well."""
    one, two = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(one[0])
    await there.scan(assembly_of_card(one[0]))
    await here.shows(lambda shown: shown.verdict.big == "GONE")
    await there.scan_all(*one[1:-1])
    await here.session.settled()
    assert here.shown.verdict.big == "GONE"
    await there.scan(one[-1])
    await here.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    assert (await here.scan(two[0])).words == "IN THE TRAY"


async def test_another_tray_s_label_leaves_the_last_card_to_be_taken_back(
    floor: Floor, open_station: OpenStation
) -> None:
    """It lies where it was laid; the label of its own tray says that the tray was moved, and then it stays."""
    one, two = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(one[0])
    await station.scan(assembly_of_card(two[0]))
    assert [line.undo for line in station.shown.scans.lines[:2]] == [False, True]
    verdict = await station.press(Intent.UNDO)
    assert (verdict.words, verdict.instruction) == ("TAKEN OUT", f"take {one[0]} out of the tray")
    row = await floor.store.assembly(assembly_of_card(one[0]))
    assert row is not None
    assert not row.gathered
    await station.scan(two[0])
    await station.press(Intent.PARK_TRAY)
    await station.scan(assembly_of_card(two[0]))
    assert (await station.press(Intent.UNDO)).words == "IT STAYS"


async def test_a_kept_card_whose_tray_is_elsewhere_names_that_station_as_it_is_written(
    floor: Floor, terminal: Terminal
) -> None:
    """Given a kept card whose tray was brought away, when it is refused, then the line says the station's own id."""
    one, _ = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(one[0])
    terminal.cable_out()
    await station.scan(one[1])
    await floor.scan(ASSEMBLY_2, assembly_of_card(one[0]))
    await terminal.cable_in()
    shown = await station.shows(lambda shown: shown.notice)
    assert shown.notice is not None
    assert shown.notice.detail == f"{one[1]}: tray is at {ASSEMBLY_2.station_id}"


async def test_a_complete_tray_that_is_brought_away_leaves_its_screen_without_a_word(
    floor: Floor, open_station: OpenStation
) -> None:
    """It was passed on: that is where it should be."""
    cards, _ = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan_all(*cards)
    assert (await there.scan(assembly_of_card(cards[0]))).words == "SET COMPLETE"
    await here.shows(lambda _: here.session.work.unit_in_hand() is None)
    assert here.shown.verdict.state is not VerdictState.ATTENTION


async def test_a_tray_that_was_brought_and_parked_stands_where_it_was_brought(
    floor: Floor, open_station: OpenStation
) -> None:
    """Whatever is filled there next, and though no card was laid into it there."""
    one, two = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await there.scan(one[0])
    await here.scan(assembly_of_card(one[0]))
    await here.press(Intent.PARK_TRAY)
    assert (await here.scan(two[0])).words == "IN THE TRAY"
    await here.press(Intent.PARK_TRAY)
    assert ASSEMBLY.station_id in (await there.scan(one[1])).words
    assert (await here.scan(one[1])).words == "IN THE TRAY"


async def test_what_is_kept_for_a_tray_that_was_brought_away_meanwhile_is_listed_and_not_gathered(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """Its former station lets it go as soon as it hears of it; the card is over where it is scanned at its tray."""
    cards, others = await two_passed_sheets(floor)
    tray = assembly_of_card(cards[0])
    here, there = await terminal.start(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(cards[0])
    terminal.cable_out()
    await offline(here)
    assert (await there.scan(tray)).words == "TRAY OPEN, 3 MISSING"
    assert (await here.scan(cards[1])).big == "SAVED"
    await terminal.cable_in()
    await delivered(here)
    (left,) = await listed(floor, ASSEMBLY)
    assert (left.refusal, left.in_tray) == ("TrayElsewhere", cards[1])
    await here.shows(lambda _: here.session.work.unit_in_hand() is None)
    assert (await here.scan(others[0])).words == "IN THE TRAY"
    await there.scan_all(*cards[2:])
    row = await floor.store.assembly(tray)
    assert row is not None
    assert (row.last_station_id, row.gathered) == (ASSEMBLY_2.station_id, (cards[0], *cards[2:]))
    assert here.shown.notice is not None
    assert (await there.scan(cards[1])).words == "SET COMPLETE"
    await here.shows(lambda shown: shown.notice is None)
    assert not await floor.store.refused_held_scans(ASSEMBLY.station_id)
    assert not await floor.store.stations_with_refused_held_scans()


async def test_a_kept_card_that_was_scanned_at_its_tray_before_the_delivery_leaves_nothing_to_settle(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """It came along in the tray, where the screen said that it was missing."""
    cards, _ = await two_passed_sheets(floor)
    here, there = await terminal.start(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await here.scan(cards[0])
    terminal.cable_out()
    await offline(here)
    await here.scan(cards[1])
    there.pass_time(60)
    assert (await there.scan_all(assembly_of_card(cards[0]), cards[1])).words == "IN THE TRAY"
    await terminal.cable_in()
    await delivered(here)
    assert not await listed(floor, ASSEMBLY)


async def test_a_tray_that_was_only_opened_by_its_label_is_open_after_a_restart(
    floor: Floor, open_station: OpenStation
) -> None:
    """A parked one was taken up again: the log says so, and no card has to be laid in first."""
    cards, _ = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(cards[0])
    await station.press(Intent.PARK_TRAY)
    await station.scan(assembly_of_card(cards[0]))
    again = await open_station(ASSEMBLY, by=OPERATOR)
    assert again.session.work.unit_in_hand() == assembly_of_card(cards[0])
    assert (await facts(floor, assembly_of_card(cards[0])))[-2:] == ["TrayParked", "TrayBrought"]


async def test_a_screen_that_has_not_heard_yet_parks_no_tray_that_is_open_elsewhere(
    floor: Floor, open_station: OpenStation
) -> None:
    """It only closes its own."""
    cards, _ = await two_passed_sheets(floor)
    tray = assembly_of_card(cards[0])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(cards[0])
    await floor.scan(ASSEMBLY_2, tray)
    verdict = await station.press(Intent.PARK_TRAY)
    assert verdict.state in {VerdictState.ACCEPTED, VerdictState.ATTENTION}
    assert station.session.work.unit_in_hand() is None
    row = await floor.store.assembly(tray)
    assert row is not None
    assert row.open_at == ASSEMBLY_2.station_id


async def test_a_label_that_is_answered_late_takes_no_tray_back(floor: Floor, terminal: Terminal) -> None:
    """The tray was carried on while the screen asked on: it says where the tray is, and opens none."""
    cards, _ = await two_passed_sheets(floor)
    tray = assembly_of_card(cards[0])
    here = await terminal.start(ASSEMBLY, by=OPERATOR)
    terminal.line.go_dead()
    here.scan_at_once(tray)
    await here.shows(lambda shown: shown.verdict.words == "TRAYS WAIT")
    here.pass_time(60)
    assert isinstance(await floor.scan(ASSEMBLY_2, tray), Accepted)
    terminal.line.come_alive()
    await delivered(here)
    assert here.shown.verdict.words == f"TRAY IS AT {ASSEMBLY_2.station_id}"
    assert here.shown.verdict.instruction == f"If it is here, scan {tray} again"
    assert here.session.work.unit_in_hand() is None
    row = await floor.store.assembly(tray)
    assert row is not None
    assert row.open_at == ASSEMBLY_2.station_id
    assert (await here.scan(tray)).counter_caption == f"brought from {ASSEMBLY_2.station_id}"


async def test_a_card_that_was_taken_out_by_key_is_missing_where_its_tray_was_brought_meanwhile(
    floor: Floor, terminal: Terminal
) -> None:
    """F2 was under way when the database fell silent, and is delivered after the tray's label was read elsewhere."""
    cards, _ = await two_passed_sheets(floor)
    here = await terminal.start(ASSEMBLY, by=OPERATOR)
    await here.scan_all(*cards[:2])
    terminal.line.go_dead()
    assert (await here.press(Intent.UNDO)).big == "SAVED"
    here.pass_time(60)
    assert isinstance(await floor.scan(ASSEMBLY_2, assembly_of_card(cards[0])), Accepted)
    terminal.line.come_alive()
    await delivered(here)
    assert not await listed(floor, ASSEMBLY)
    row = await floor.store.assembly(assembly_of_card(cards[0]))
    assert row is not None
    assert (row.last_station_id, row.gathered) == (ASSEMBLY_2.station_id, cards[:1])
