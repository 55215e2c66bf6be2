"""The stop: it blocks until a RESET card, or a lead's badge and a key after half a minute."""

from dataclasses import replace

from core.domain.rejections import IgnoredUnderStop
from core.identity.ids import CommandId, StationId
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.stops import TOO_EARLY
from tests.core.shop import ASSEMBLY, LEAD, MANAGER, OPERATOR, spec
from tests.kiosk.station_session.bench import Station, two_passed_sheets
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, listed, offline
from tests.support.floor import Floor


async def stopped(floor: Floor, open_station: OpenStation, **more: object) -> tuple[Station, list[str]]:
    """A tray with one card of sheet 1, and a card of sheet 2 scanned into it; sheet 1's other cards."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (*mine, foreign[0]):
        await floor.inspect(card)
    station = await open_station(ASSEMBLY, by=OPERATOR, **more)
    await station.scan_all(mine[0], foreign[0])
    return station, list(mine[1:])


async def test_a_wrong_card_stops_the_station(floor: Floor, open_station: OpenStation) -> None:
    """The stop names the card, its set, where it goes and three steps; the card is where it was."""
    station, _ = await stopped(floor, open_station)
    stop = station.stop
    assert stop.noun
    assert len(stop.steps) == 3
    assert "RESET" in stop.steps[2]
    assert any(part.differs for line in stop.compared for part in line.parts)
    assert "J1044-S002" in repr(stop.facts)
    row = await floor.store.card("J1044-S002-01")
    assert row is not None
    assert row.status == "QA_PASSED"


async def test_scans_under_a_stop_are_counted_and_change_nothing(floor: Floor, open_station: OpenStation) -> None:
    """A right card scanned under the stop is not gathered; the leads find it in the scan log, with the stop."""
    station, cards = await stopped(floor, open_station)
    (refused,) = await floor.store.refused_scans(ASSEMBLY.station_id)
    under = (*cards, "OP-42", "CMD-LOGOFF", "CMD-UNDO")
    await station.scan_all(*under)
    assert station.stop.ignored == len(cards) + 3
    kept = await floor.store.last_scans(ASSEMBLY.station_id, limit=len(under))
    assert [each.scanned for each in reversed(kept)] == list(under)
    assert {each.rejection for each in kept} == {IgnoredUnderStop(stop=CommandId(str(refused.command_id)))}
    await station.press(Intent.UNDO)
    await station.press(Intent.LOG_OFF)
    assert station.shown.stop is not None
    row = await floor.store.assembly("J1044-S001-SET")
    assert row is not None
    assert row.gathered_count == 1


async def test_keys_of_the_footer_are_gone_while_stopped(floor: Floor, open_station: OpenStation) -> None:
    """Only what clears the stop is offered, and a RESET may be typed by hand."""
    station, _ = await stopped(floor, open_station)
    assert station.shown.footer.keys == ()
    assert not station.shown.typing_is_keys


async def test_a_demo_is_ended_under_a_stop_too(floor: Floor, open_station: OpenStation) -> None:
    """A kiosk is never left; a demo must be, also before its stop is cleared and while a lead stands there."""
    station, _ = await stopped(floor, open_station, may_end=True)
    assert [key.intent for key in station.shown.footer.keys] == [Intent.END]
    station.pass_time(30)
    await station.scan(MANAGER)
    assert [key.intent for key in station.shown.footer.keys] == [Intent.RELEASE_STOP, Intent.END]


async def test_the_reset_card_clears_it(floor: Floor, open_station: OpenStation) -> None:
    """After RESET the same tray goes on."""
    station, cards = await stopped(floor, open_station)
    await station.scan("CMD-RESET")
    assert station.shown.stop is None
    assert (await station.scan(cards[0])).words == "IN THE TRAY"


async def test_a_lead_clears_it_with_a_key_after_half_a_minute(floor: Floor, open_station: OpenStation) -> None:
    """Before that a badge is one more scan that is ignored; R does nothing without the badge."""
    station, _ = await stopped(floor, open_station)
    await station.scan(LEAD, after=5)
    assert station.stop.ignored == 1
    assert station.stop.footnote == TOO_EARLY
    station.pass_time(30)
    await station.press(Intent.RELEASE_STOP)
    assert "lead" in station.stop.release.lower()
    await station.scan(OPERATOR)
    assert station.stop.ignored == 2
    assert station.stop.footnote == f"{OPERATOR} is no lead's badge."
    await station.scan(MANAGER)
    assert "is no lead's badge" not in station.stop.footnote
    assert [key.intent for key in station.shown.footer.keys] == [Intent.RELEASE_STOP]
    assert station.shown.typing_is_keys
    await station.press(Intent.RELEASE_STOP)
    assert station.shown.stop is None
    assert station.shown.header.operator == OPERATOR


async def test_a_lead_whose_badge_was_withdrawn_meanwhile_clears_nothing(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a lead's badge over a stop, when it is withdrawn before the key, then the stop stands and says why."""
    station, _ = await stopped(floor, open_station)
    await station.scan(LEAD, after=40)
    await floor.register(LEAD)
    await station.press(Intent.RELEASE_STOP)
    assert station.stop.footnote == f"The badge {LEAD} is withdrawn."
    assert station.stop.release == "No RESET card? A lead scans a badge, then presses R"
    assert not station.shown.typing_is_keys
    assert len(await floor.store.standing_stops(ASSEMBLY.station_id, ["WrongSet"])) == 1
    await station.scan(MANAGER)
    await station.press(Intent.RELEASE_STOP)
    assert station.shown.stop is None


async def test_a_badge_that_is_refused_over_a_stop_is_told_why(floor: Floor, open_station: OpenStation) -> None:
    """Given a stop that a lead may clear, when a withdrawn badge or a stranger's is scanned, then the stop says so."""
    station, _ = await stopped(floor, open_station)
    await floor.register(LEAD)
    await station.scan(LEAD, after=40)
    assert station.stop.footnote == f"The badge {LEAD} is withdrawn."
    await station.scan("OP-999")
    assert station.stop.footnote == "No person has the badge OP-999."
    assert station.stop.ignored == 2
    assert not station.shown.typing_is_keys


async def test_a_clearing_that_was_kept_for_a_withdrawn_badge_leaves_the_stop(floor: Floor, terminal: Terminal) -> None:
    """Given a stop that a lead cleared offline, when the badge was withdrawn by then, then it stands again, listed."""
    mine, foreign = await two_passed_sheets(floor)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(mine[0], foreign[0])
    terminal.cable_out()
    await offline(station)
    await floor.register(LEAD)
    await station.scan("OP-999", after=40)
    assert station.stop.footnote == "OP-999 is not known here yet."
    await station.scan(LEAD)
    await station.press(Intent.RELEASE_STOP)
    assert station.shown.stop is None
    await terminal.cable_in()
    await delivered(station)
    await station.shows(lambda shown: shown.stop)
    assert [(each.kind, each.refusal) for each in await listed(floor, ASSEMBLY)] == [("ClearStop", "NotPermitted")]
    await station.scan("CMD-RESET")
    assert station.shown.stop is None


async def test_scans_that_follow_a_wrong_card_at_once_fall_under_its_stop(
    floor: Floor, open_station: OpenStation
) -> None:
    """Scans are worked off one after the other, however fast they come."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (*mine, foreign[0]):
        await floor.inspect(card)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    for text in (mine[0], mine[1], foreign[0], mine[2], mine[3]):
        station.scan_at_once(text, after=0.1)
    await station.session.settled()
    assert station.stop.ignored == 2
    row = await floor.store.assembly(f"{job}-S001-SET")
    assert row is not None
    assert row.gathered_count == 2


async def test_the_next_stop_of_the_station_stands_before_the_next_scan(
    floor: Floor, open_station: OpenStation
) -> None:
    """Two screens of one station stopped at once: one RESET clears one, and no card is gathered under the other."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (*mine, foreign[0]):
        await floor.inspect(card)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY, by=OPERATOR)
    await here.scan(mine[0])
    await there.scan(mine[1])
    here.scan_at_once(foreign[0])
    there.scan_at_once(foreign[0])
    await here.session.settled()
    await there.session.settled()
    assert len(await floor.store.standing_stops(ASSEMBLY.station_id, ["WrongSet"])) == 2
    here.scan_at_once("CMD-RESET")
    here.scan_at_once(mine[2])
    await here.session.settled()
    assert here.shown.stop is not None
    assert here.stop.ignored == 1
    row = await floor.store.assembly("J1044-S001-SET")
    assert row is not None
    assert row.gathered_count == 2


async def test_a_stop_whose_clearing_was_refused_stays(floor: Floor, open_station: OpenStation) -> None:
    """In the log it stands: a station that the shop does not know cannot clear it."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (mine[0], foreign[0]):
        await floor.inspect(card)
    ghost = await open_station(replace(ASSEMBLY, station_id=StationId("ASSY-9")), by=OPERATOR)
    await ghost.scan_all(mine[0], foreign[0], "CMD-RESET")
    assert "Not cleared" in ghost.stop.footnote
    assert len(await floor.store.standing_stops("ASSY-9", ["WrongSet"])) == 1


async def test_each_stop_has_a_number(floor: Floor, open_station: OpenStation) -> None:
    """The leads and the log talk of the same one."""
    station, _ = await stopped(floor, open_station)
    first = station.stop
    await station.scan("CMD-RESET")
    await station.scan("J1044-S002-01")
    assert station.stop.serial == first.serial + 1
    assert f"{station.stop.serial:04d}" in station.stop.stamp
    assert station.verdict.state is not VerdictState.ACCEPTED


async def test_a_stop_covers_every_screen_of_its_station_at_once(floor: Floor, open_station: OpenStation) -> None:
    """Nobody goes on beside a stop: it is the station's, and one RESET clears it everywhere."""
    beside = await open_station(ASSEMBLY, by=LEAD)
    station, _ = await stopped(floor, open_station)
    await beside.shows(lambda shown: shown.stop is not None)
    assert (beside.stop.noun, beside.stop.stamp) == (station.stop.noun, station.stop.stamp)
    await beside.scan("CMD-RESET")
    await station.shows(lambda shown: shown.stop is None)
