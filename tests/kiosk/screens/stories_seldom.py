"""What a station shows now and then, played as in `stories`: nobody there, amber, stops, questions, a lead's ways."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from core.domain.commands import VoidCardUnit
from core.domain.values import OperationType, QAOutcome, Route, UnitKind, VoidReason
from core.identity.ids import CardUnitId, JobId, OperatorId, assembly_of_card
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadView
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.roles import work_of
from tests.core.shop import (
    ASSEMBLY,
    CUTTER,
    FOIL,
    INSERTS,
    INSPECTOR,
    LEAD,
    MANAGER,
    OFFICE,
    OPERATOR,
    PACKING,
    PRESS,
    QA,
    spec,
    step,
)
from tests.kiosk.screens.stories import (
    CODES,
    DRAGONS,
    NUMBERED,
    SMALL,
    floor_of_leads,
    found,
    gathering,
    life_of_a_card,
    passed,
)
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.test_gates import PROOFED
from tests.kiosk.station_session.test_gathering import remade, void_in_tray
from tests.support.floor import Floor

FOILED = replace(
    spec(
        "HEROES",
        n_up=18,
        rows=3,
        route=Route(
            steps=(
                step("PRINT", OperationType.PRINT, UnitKind.SHEET),
                step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
                step("FOIL", OperationType.FOIL, after="CUT"),
                step("RELIC", OperationType.MEMORABILIA, after="FOIL"),
                step("QA", OperationType.QA, after="RELIC"),
            )
        ),
    ),
    name="Heroes Relics",
)


async def rested(station: Station) -> Station:
    """A minute later: the last verdict is gone, and the station says what it waits for."""
    station.pass_time(60)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    return station


# -- nobody there -------------------------------------------------------------------------


async def log_on(floor: Floor, open_station: OpenStation) -> Station:
    """Nobody is logged on."""
    await floor.start(DRAGONS, sets=2)
    return await open_station(ASSEMBLY)


async def log_on_refused(floor: Floor, open_station: OpenStation) -> Station:
    """A badge that nobody has is scanned."""
    station = await log_on(floor, open_station)
    await station.scan("OP-99")
    return station


# -- at work --------------------------------------------------------------------------------


async def press_idle(floor: Floor, open_station: OpenStation) -> Station:
    """Somebody has logged on; sheets wait, of which none is on the press."""
    await floor.start(DRAGONS, sets=3)
    return await rested(await open_station(PRESS, by=OPERATOR))


async def press_again(floor: Floor, open_station: OpenStation) -> Station:
    """A code that is none of the shop's is scanned, and a lead is called."""
    station = await press_idle(floor, open_station)
    await station.press(Intent.CALL_LEAD)
    await station.scan("4006381333931")
    return station


async def press_stop(floor: Floor, open_station: OpenStation) -> Station:
    """A sheet of a job that was cancelled at the office comes to the press."""
    job = await floor.start(DRAGONS, sets=2)
    card = (await floor.cut(job))[0]
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan(card)
    return station


async def embellish(floor: Floor, open_station: OpenStation) -> Station:
    """Two cards are foiled, the third is at the station, and one that needs something else was refused."""
    cards = await floor.cut(await floor.start(FOILED, sets=3, job="J1046", order="PO2026-0119"))
    others = await floor.cut(await floor.start(DRAGONS, sets=1))
    station = await open_station(FOIL, by=OPERATOR)
    for card in cards[:2]:
        await station.scan_all(card, card)
    await station.scan(others[0])
    if station.shown.stop is not None:
        await station.scan("CMD-RESET")
    await station.scan(cards[2])
    return station


async def inserts(floor: Floor, open_station: OpenStation) -> Station:
    """One card has its insert, the next is asked for the serial of its own."""
    cards = await floor.cut(await floor.start(FOILED, sets=1, job="J1046", order="PO2026-0119"))
    for card in cards[:4]:
        await floor.scan(FOIL, card)
        await floor.scan(FOIL, card)
    station = await open_station(INSERTS, by=OPERATOR)
    await station.scan_all(cards[0], "AU-2231", cards[1])
    return station


async def cutter_again(floor: Floor, open_station: OpenStation) -> Station:
    """A sheet is brought to the cutter that is not printed."""
    await floor.start(DRAGONS, sets=3)
    await floor.scan(PRESS, "J1044-S001")
    await floor.scan(PRESS, "J1044-S001")
    station = await open_station(CUTTER, by=OPERATOR)
    await station.scan_all("J1044-S001", "J1044-S002")
    return station


# -- QA -------------------------------------------------------------------------------------


async def qa_failed(floor: Floor, open_station: OpenStation) -> Station:
    """A card has just failed."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=1))
    station = await open_station(QA, by=INSPECTOR, make_work=work_of(CODES))
    await station.scan(cards[0])
    await station.type("2", "0", "1", "1", "0", "4", "enter")
    return station


async def qa_fresh(floor: Floor, open_station: OpenStation) -> Station:
    """A card is under inspection, and nothing is typed yet; the green of its check-in is gone."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=1))
    station = await open_station(QA, by=INSPECTOR, make_work=work_of(CODES))
    await station.scan(cards[0])
    return await rested(station)


async def qa_question(floor: Floor, open_station: OpenStation) -> Station:
    """The next card is scanned while a code waits for the one before it."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=1))
    station = await open_station(QA, by=INSPECTOR, make_work=work_of(CODES))
    await station.scan(cards[0])
    await station.type("2", "0", "1")
    await station.scan(cards[1])
    return station


async def qa_stop(floor: Floor, open_station: OpenStation) -> Station:
    """A card that was voided turns up at the bench."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=1))
    await _voided(floor, cards[4])
    station = await open_station(QA, by=INSPECTOR, make_work=work_of(CODES))
    await station.scan(cards[4])
    return station


async def _voided(floor: Floor, card: CardUnitId, by: OperatorId = LEAD) -> None:
    await floor.accept(
        VoidCardUnit(
            at=floor.now,
            operator_id=by,
            station_id=OFFICE.station_id,
            card_unit_id=card,
            reason=VoidReason.DAMAGED,
            note="",
        )
    )


# -- ASSEMBLY -------------------------------------------------------------------------------


async def assembly_ready(floor: Floor, open_station: OpenStation) -> Station:
    """The tray is open, and the last verdict is gone."""
    return await rested(await gathering(floor, open_station))


async def assembly_again(floor: Floor, open_station: OpenStation) -> Station:
    """A card is scanned that is in the tray already."""
    station = await gathering(floor, open_station)
    await station.scan("J1044-S001-07")
    return station


async def assembly_after_a_stop(floor: Floor, open_station: OpenStation) -> Station:
    """A card of another job stopped the station, the RESET card cleared it, and a card of the set was scanned."""
    job = await floor.start(DRAGONS, sets=2)
    mine = await floor.cut(job, 1)
    other = await floor.cut(await floor.start(SMALL, sets=1, job="J1047", order="PO2026-0120"))
    await passed(floor, *mine[:5], *other[:1])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*mine[:4], other[0], "CMD-RESET", mine[4])
    return station


async def assembly_undone(floor: Floor, open_station: OpenStation) -> Station:
    """The newest card was taken back with F2."""
    station = await gathering(floor, open_station)
    await station.press(Intent.UNDO)
    return station


async def assembly_pin(floor: Floor, open_station: OpenStation) -> Station:
    """A set with a replacement is complete; a manager's badge is scanned and a wrong PIN typed."""
    station = await assembly_consent(floor, open_station)
    await station.scan(MANAGER)
    await station.give_pin("1111")
    return station


async def assembly_consent(floor: Floor, open_station: OpenStation) -> Station:
    """A set with a replacement is complete and waits for a manager."""
    cards = await floor.cut(await floor.start(SMALL, sets=1))
    await passed(floor, *cards[:5])
    replacement = await remade(floor, cards[5])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*cards[:5], replacement)
    return station


async def assembly_take_out(floor: Floor, open_station: OpenStation) -> Station:
    """A card that lies in the open tray was voided by a lead."""
    station = await assembly_ready(floor, open_station)
    await void_in_tray(floor, CardUnitId("J1044-S001-03"))
    await station.shows(lambda shown: shown.verdict.big == "OUT 03")
    return station


async def assembly_failed_card(floor: Floor, open_station: OpenStation) -> Station:
    """A card that failed at QA is scanned into the open tray."""
    station = await gathering(floor, open_station)
    await station.scan("J1044-S001-12")
    return station


# -- PACKING --------------------------------------------------------------------------------


async def boxes_to_fill(floor: Floor, open_station: OpenStation) -> Station:
    """Three sets are complete, and no box is open."""
    job = await floor.start(SMALL, sets=3)
    for number in (1, 2, 3):
        cards = await floor.cut(job, number)
        await passed(floor, *cards)
        await floor.gather(cards, assembly_of_card(cards[0]))
    return await open_station(PACKING, by=OPERATOR)


async def packing_idle(floor: Floor, open_station: OpenStation) -> Station:
    """Sets wait for a box."""
    return await rested(await boxes_to_fill(floor, open_station))


async def packing_again(floor: Floor, open_station: OpenStation) -> Station:
    """A set is scanned before its box."""
    station = await boxes_to_fill(floor, open_station)
    await station.scan("J1044-S001-SET")
    return station


async def packing_stop(floor: Floor, open_station: OpenStation) -> Station:
    """A set that is not complete is scanned into the box."""
    station = await boxes_to_fill(floor, open_station)
    other = await floor.cut(await floor.start(DRAGONS, sets=1, job="J1048", order="PO2026-0121"))
    await passed(floor, *other[:5])
    await floor.gather(other[:5], assembly_of_card(other[0]))
    await station.scan_all("J1044-BX001", "J1048-S001-SET")
    return station


async def packing_nested(floor: Floor, open_station: OpenStation) -> Station:
    """Two boxes are full and closed, and stand in a case."""
    station = await boxes_to_fill(floor, open_station)
    for box, units in (("J1044-BX001", ("S001", "S002")), ("J1044-BX002", ("S003",))):
        await station.scan_all(box, *(f"J1044-{unit}-SET" for unit in units), "CMD-SEAL")
    await station.scan_all("CS000001", "J1044-BX001", "J1044-BX002")
    return station


# -- LEADS ----------------------------------------------------------------------------------


async def lead_stations(floor: Floor, open_station: OpenStation) -> Station:
    """A lead goes down the stations to the last."""
    office = await floor_of_leads(floor, open_station)
    await office.press(Intent.STATIONS)
    for _ in range(10):
        await office.press(Intent.NEXT)
    return office


async def lead_call(floor: Floor, open_station: OpenStation) -> Station:
    """A lead opens the call of a press."""
    office = await floor_of_leads(floor, open_station)
    await office.press(Intent.STATIONS)
    await office.press(Intent.NEXT)
    await office.press(Intent.OPEN)
    return office


async def lead_job(floor: Floor, open_station: OpenStation) -> Station:
    """A lead looks at a job whose sheets are everywhere."""
    office = await floor_of_leads(floor, open_station)
    await found(office, JobId("J1044"))
    return office


async def lead_sheet(floor: Floor, open_station: OpenStation) -> Station:
    """A lead looks at a sheet of that job, at the card that failed."""
    office = await lead_job(floor, open_station)
    await office.press(Intent.OPEN)
    for _ in range(9):
        await office.press(Intent.NEXT)
    return office


async def lead_rework(floor: Floor, open_station: OpenStation) -> Station:
    """A lead decides what becomes of a card that failed."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=2))
    await floor.inspect(cards[9], QAOutcome.FAIL)
    office = await open_station(OFFICE, by=LEAD)
    await found(office, cards[9])
    await office.press(Intent.REWORK)
    return office


async def lead_remade(floor: Floor, open_station: OpenStation) -> Station:
    """A card is made anew; the lead's own verdict stands under the card's life."""
    office = await life_of_a_card(floor, open_station)
    await found(office, "J1044-S001-12")
    await office.press(Intent.REMAKE)
    await office.answer(office.question.choices[0].value)
    return office


async def lead_waits(floor: Floor, open_station: OpenStation) -> Station:
    """Two sheets of a job wait for a lead before they are foiled; nothing else is wrong."""
    job = await floor.start(replace(DRAGONS, route=PROOFED), sets=3)
    for sheet in (f"{job}-S001", f"{job}-S002"):
        await floor.scan(PRESS, sheet)
        await floor.scan(PRESS, sheet)
    office = await open_station(OFFICE, by=LEAD)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and "WAIT" in shown.work.exceptions[0].words)
    await rested(office)
    await office.caught_up()
    return office


async def lead_waits_job(floor: Floor, open_station: OpenStation) -> Station:
    """The lead opens the job that waits."""
    office = await lead_waits(floor, open_station)
    await office.press(Intent.OPEN)
    return office


async def lead_waits_sheet(floor: Floor, open_station: OpenStation) -> Station:
    """The lead opens the sheet that waits."""
    office = await lead_waits_job(floor, open_station)
    await office.press(Intent.OPEN)
    return office


async def lead_approves(floor: Floor, open_station: OpenStation) -> Station:
    """The lead is asked whether the sheet is let past its gate."""
    office = await lead_waits_sheet(floor, open_station)
    await office.press(Intent.APPROVE)
    return office


async def lead_approved(floor: Floor, open_station: OpenStation) -> Station:
    """The sheet is let past, and the lead is told what it waits for next."""
    office = await lead_approves(floor, open_station)
    await office.answer(office.question.choices[0].value)
    return office


async def lead_numbered(floor: Floor, open_station: OpenStation) -> Station:
    """Nothing is wrong on the floor."""
    await floor.start(NUMBERED, sets=3, job="J1045", order="PO2026-0118")
    return await rested(await open_station(OFFICE, by=LEAD))


SELDOM: dict[str, Callable[[Floor, OpenStation], Awaitable[Station]]] = {
    "log_on": log_on,
    "log_on_refused": log_on_refused,
    "press_idle": press_idle,
    "press_again": press_again,
    "press_stop": press_stop,
    "embellish": embellish,
    "inserts": inserts,
    "cutter_again": cutter_again,
    "qa_failed": qa_failed,
    "qa_fresh": qa_fresh,
    "qa_question": qa_question,
    "qa_stop": qa_stop,
    "assembly_ready": assembly_ready,
    "assembly_again": assembly_again,
    "assembly_after_a_stop": assembly_after_a_stop,
    "assembly_undone": assembly_undone,
    "assembly_consent": assembly_consent,
    "assembly_pin": assembly_pin,
    "assembly_take_out": assembly_take_out,
    "assembly_failed_card": assembly_failed_card,
    "packing_idle": packing_idle,
    "packing_again": packing_again,
    "packing_stop": packing_stop,
    "packing_nested": packing_nested,
    "lead_well": lead_numbered,
    "lead_stations": lead_stations,
    "lead_call": lead_call,
    "lead_job": lead_job,
    "lead_sheet": lead_sheet,
    "lead_rework": lead_rework,
    "lead_remade": lead_remade,
    "lead_waits": lead_waits,
    "lead_waits_job": lead_waits_job,
    "lead_waits_sheet": lead_waits_sheet,
    "lead_approves": lead_approves,
    "lead_approved": lead_approved,
}
"""Every story by the name of the screen that it leads to."""
