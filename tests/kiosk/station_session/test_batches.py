"""Presses, embellishing and card operations say what is to be done next with the piece in hand."""

from core.domain.values import OperationType, Route, UnitKind
from kiosk.snapshots.keys import Intent
from tests.core.shop import CUTTER, NUMBERING, OPERATOR, PRESS, QA, QA_2, spec, step
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


async def test_a_sheet_that_is_done_is_said_to_go_where_it_goes(floor: Floor, open_station: OpenStation) -> None:
    """Given a sheet at the press, when it is scanned the second time, then the band names the cutter."""
    job = await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    assert (await press.scan(f"{job}-S001")).instruction == "scan it again when it is done"
    assert (await press.scan(f"{job}-S001")).instruction == f"it goes to {CUTTER.station_id}"


async def test_a_card_that_is_numbered_is_said_to_go_where_it_goes(floor: Floor, open_station: OpenStation) -> None:
    """Given a card that waits for its number, when it has it, then the band names the bench and asks for no scan."""
    job = await floor.start(spec(route=NUMBERED))
    cards = await floor.cut(job)
    numbering = await open_station(NUMBERING, by=OPERATOR)
    await numbering.scan(cards[0])
    verdict = await numbering.scan("7")
    assert verdict.words == "NUMBERED"
    assert verdict.instruction == f"it goes to {QA.station_id} or {QA_2.station_id}"


async def test_what_was_taken_back_is_not_sent_anywhere(floor: Floor, open_station: OpenStation) -> None:
    """Given a sheet that was just checked in, when that is undone, then nothing is said of where it goes."""
    job = await floor.start(spec())
    press = await open_station(PRESS, by=OPERATOR)
    await press.scan(f"{job}-S001")
    verdict = await press.press(Intent.UNDO)
    assert verdict.big == "UNDONE"
    assert verdict.instruction == ""
