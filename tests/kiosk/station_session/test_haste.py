"""People are quicker than screens: what was scanned or pressed unseen never counts for something else."""

from core.domain.rejections import FaultReason
from core.domain.values import QAOutcome
from core.identity.ids import CardUnitId
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import QaKey, ScanDamaged
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, INSPECTOR, OPERATOR, QA, spec
from tests.kiosk.station_session.bench import two_passed_sheets
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def test_a_reset_that_was_scanned_before_the_stop_clears_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Foreign card, RESET and the next card in one breath: the stop stands and nothing behind it counts."""
    mine, foreign = await two_passed_sheets(floor)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(mine[0])
    station.scan_at_once(foreign[0], after=5)
    station.scan_at_once("CMD-RESET", after=1)
    station.scan_at_once(mine[1], after=1)
    await station.session.settled()
    assert station.shown.stop is not None
    assert station.shown.stop.ignored == 2
    row = await floor.store.assembly(f"{mine[0][:10]}-SET")
    assert row is not None
    assert row.gathered == (mine[0],)
    await station.scan("CMD-RESET")
    assert station.shown.stop is None


async def test_a_refused_scan_at_qa_puts_the_card_before_away(floor: Floor, open_station: OpenStation) -> None:
    """The next + is meant for the card that was scanned last, whatever became of that scan."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    assert station.session.work.unit_in_hand() == cards[0]
    await station.scan("J1044-S999-01")
    assert station.session.work.unit_in_hand() is None
    await station.type("+")
    row = await floor.store.card(cards[0])
    assert row is not None
    assert row.last_outcome is None


async def test_a_damaged_scan_at_qa_puts_the_card_before_away(floor: Floor, open_station: OpenStation) -> None:
    """Nobody knows which card it was, so no key may judge the one before."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    station.session.put(ScanDamaged(FaultReason.DROPPED, "J1044-S0", station.session.now()))
    await station.session.settled()
    assert station.verdict.state is VerdictState.ATTENTION
    assert station.session.work.unit_in_hand() is None


async def test_a_key_counts_for_the_card_that_was_shown(floor: Floor, open_station: OpenStation) -> None:
    """A + pressed while another card's check-in was under way judges neither."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    await station.scan(cards[1])
    station.session.put(QaKey("+", card=cards[0]))
    await station.session.settled()
    for card in cards[:2]:
        row = await floor.store.card(card)
        assert row is not None
        assert row.last_outcome is None
    station.session.put(QaKey("+", card=cards[1]))
    await station.session.settled()
    row = await floor.store.card(cards[1])
    assert row is not None
    assert row.last_outcome is QAOutcome.PASS


async def test_a_key_that_was_meant_for_another_card_is_not_dropped_in_silence(
    floor: Floor, open_station: OpenStation
) -> None:
    """Verdict, scan and verdict in one breath: the band names the card in hand, with a sound."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    station.session.put(QaKey("+", card=cards[0]))
    station.scan_at_once(cards[1])
    station.session.put(QaKey("+", card=cards[0]))
    before = station.verdict.serial
    await station.session.settled()
    assert (station.verdict.state, station.verdict.words) == (VerdictState.ATTENTION, "KEY NOT TAKEN")
    assert cards[1] in station.verdict.instruction
    assert station.verdict.serial > before
    assert await outcome_of(floor, cards[0]) is QAOutcome.PASS
    assert await outcome_of(floor, cards[1]) is None


async def test_a_key_that_was_pressed_before_a_card_was_shown_judges_none(
    floor: Floor, open_station: OpenStation
) -> None:
    """Scan and + in one breath: nobody had seen which card it is."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    station.scan_at_once(cards[0])
    station.session.put(QaKey("+"))
    await station.session.settled()
    assert (station.verdict.state, station.verdict.words) == (VerdictState.ATTENTION, "KEY NOT TAKEN")
    assert await outcome_of(floor, cards[0]) is None
    await station.type("+")
    assert await outcome_of(floor, cards[0]) is QAOutcome.PASS


async def test_a_card_that_was_left_without_a_verdict_is_named(floor: Floor, open_station: OpenStation) -> None:
    """The next card is taken, and the band says which one lies there unjudged."""
    job = await floor.start(spec())
    cards = await floor.cut(job)
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(cards[0])
    assert f"{cards[0]} lies here without a verdict" in (await station.scan(cards[1])).instruction
    await station.type("+")
    assert "without a verdict" not in (await station.scan(cards[2])).instruction


async def outcome_of(floor: Floor, card: CardUnitId) -> QAOutcome | None:
    """The last verdict on a card."""
    row = await floor.store.card(card)
    assert row is not None
    return row.last_outcome


async def test_a_tray_that_was_carried_on_is_not_filled_where_its_label_was_scanned(
    floor: Floor, open_station: OpenStation
) -> None:
    """Label at one station, cards at the other: the first one takes no more cards for it."""
    mine, _ = await two_passed_sheets(floor)
    here, there = await open_station(ASSEMBLY, by=OPERATOR), await open_station(ASSEMBLY_2, by=OPERATOR)
    await there.scan(mine[0])
    await here.scan(f"{mine[0][:10]}-SET")
    await there.scan(f"{mine[0][:10]}-SET")
    await there.scan(mine[1])
    await eventually(lambda: here.session.work.open().assembly is None)
    verdict = await here.scan(mine[2])
    assert verdict.state is VerdictState.ATTENTION
    row = await floor.store.assembly(f"{mine[0][:10]}-SET")
    assert row is not None
    assert set(row.gathered) == set(mine[:2])
