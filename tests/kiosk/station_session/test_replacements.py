"""What a station says of a replacement: the number that it takes over, and a manager's PIN that is locked."""

from core.domain.commands import CreateReplacement, VoidCardUnit
from core.domain.values import OperationType, Route, UnitKind, VoidReason
from core.identity.ids import CardUnitId, replacement_card_unit_id
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView
from tests.core.shop import ASSEMBLY, LEAD, MANAGER, NUMBERING, OPERATOR, OTHER_MANAGER, PIN, spec, step
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor

NUMBERED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("QA", OperationType.QA, after="NUMBER"),
    )
)


async def replaced(floor: Floor, card: CardUnitId) -> CardUnitId:
    """Void a card and make another."""
    await floor.accept(
        VoidCardUnit(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=card, reason=VoidReason.LOST)
    )
    await floor.accept(CreateReplacement(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=card))
    return replacement_card_unit_id(card)


async def test_a_station_says_which_number_a_replacement_takes_over(floor: Floor, open_station: OpenStation) -> None:
    """Before the operator puts another on it; another is refused, and the question stays."""
    job = await floor.start(spec(route=NUMBERED))
    card, *_ = await floor.cut(job)
    station = await open_station(NUMBERING, by=OPERATOR)
    await station.scan_all(card, "7")
    newer = await replaced(floor, card)
    verdict = await station.scan(newer)
    assert "it takes over 07/99" in verdict.instruction
    refused = await station.scan("8")
    assert refused.state is VerdictState.ATTENTION
    assert refused.words == "NOT ITS NUMBER"
    assert "07/99" in refused.instruction
    assert (await station.scan("7")).words.endswith(" NUMBERED")


async def test_a_locked_pin_is_said_and_another_manager_helps(floor: Floor, open_station: OpenStation) -> None:
    """After five wrong ones the right one ends the question too; who comes instead is asked for their own."""
    job = await floor.start(spec(n_up=1, rows=1))
    card, *_ = await floor.cut(job)
    newer = await replaced(floor, card)
    await floor.inspect(newer)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(newer)
    for pins in (("1111", "2222", "3333"), ("4444", "5555")):
        await station.scan(MANAGER)
        for pin in pins:
            await station.give_pin(pin)
    locked = await station.give_pin(PIN)
    assert locked.state is VerdictState.ATTENTION
    assert locked.words == "PIN LOCKED"
    assert "another manager" in locked.instruction
    assert station.shown.question is None
    await station.scan(OTHER_MANAGER)
    assert (await station.give_pin(PIN)).state is VerdictState.ACCEPTED


async def test_a_tray_says_that_it_misses_a_replacement(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that was remade, then list and place say R1 as its label does, and a plain card says nothing."""
    cards = await floor.cut(await floor.start(spec()))
    await replaced(floor, cards[3])
    for card in cards[:2]:
        await floor.inspect(card)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan(cards[0])

    def missing(shown: StationSnapshot) -> list[tuple[str, str]]:
        assert isinstance(shown.work, AssemblyView)
        return [(line.what, line.where) for line in shown.work.missing.lines]

    shown = await station.shows(lambda shown: missing(shown) == [("02", "READY HERE"), ("03", "QA"), ("04-R1", "QA")])
    assert isinstance(shown.work, AssemblyView)
    assert shown.work.grid is not None
    assert [slot.caption for slot in shown.work.grid.slots[2:]] == ["QA", "QA R1"]
