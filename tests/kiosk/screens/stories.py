"""Short true sessions, played at real stations on a real store, each up to what its screen is to show.

Nothing here says what a screen holds: people scan, and the station session makes of it what it makes for
operators. The clock is the floor's, so every time on a screen follows from the story.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from core.domain.commands import CreateReplacement, HoldJob, RegisterOperator, VoidCardUnit
from core.domain.values import OperationType, QAOutcome, Route, UnitKind, VoidReason
from core.identity.ids import CardUnitId, JobId, assembly_of_card
from kiosk.qa_entry import QaCatalogue, QaCode
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import PackingView
from kiosk.station_session.inputs import Found
from kiosk.station_session.roles import work_of
from tests.core.shop import (
    ASSEMBLY,
    CUTTER,
    INSPECTOR,
    LEAD,
    MANAGER,
    NUMBERING,
    OFFICE,
    OPERATOR,
    PACKING,
    PRESS,
    QA,
    ROLES,
    spec,
    step,
)
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor

NAMES = {OPERATOR: "M. Ortega", INSPECTOR: "R. Diaz", LEAD: "N. Lindqvist", MANAGER: "K. Obi"}

DRAGONS = replace(spec("DRAGONS", n_up=18, rows=3), name="Dragons S3")
SMALL = replace(spec("PIXIES", n_up=6, rows=2), name="Pixies Promo")
NUMBERED = replace(
    spec(
        "ROOKIES",
        n_up=18,
        rows=3,
        route=Route(
            steps=(
                step("PRINT", OperationType.PRINT, UnitKind.SHEET),
                step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
                step("NUMBER", OperationType.NUMBER, after="CUT"),
                step("QA", OperationType.QA, after="NUMBER"),
            )
        ),
    ),
    name="Rookies Foil",
)

CODES = QaCatalogue(
    codes=(
        QaCode(code="F-201", words="foil misregistered", synonyms=("shift",)),
        QaCode(code="F-202", words="foil void"),
        QaCode(code="F-203", words="foil scratch"),
        QaCode(code="C-104", words="corner ding"),
        QaCode(code="C-301", words="edge damaged"),
        QaCode(code="S-310", words="surface dust"),
    ),
    favourites=("F-201", "C-104"),
)


async def named(floor: Floor) -> None:
    """The people of the shop have names, as on their badges."""
    for badge, name in NAMES.items():
        await floor.accept(
            RegisterOperator(
                at=floor.now, operator_id=None, station_id=None, badge=badge, name=name, roles=ROLES[badge]
            )
        )


async def passed(floor: Floor, *cards: CardUnitId) -> None:
    """Cards pass their inspection."""
    for card in cards:
        await floor.inspect(card)


async def press(floor: Floor, open_station: OpenStation) -> Station:
    """Three sheets are printed, the fourth is on the press; another job waits."""
    await floor.start(DRAGONS, sets=12)
    await floor.start(NUMBERED, sets=5, job="J1045", order="PO2026-0118")
    station = await open_station(PRESS, by=OPERATOR)
    for number in (1, 2, 3):
        await station.scan_all(f"J1044-S{number:03d}", f"J1044-S{number:03d}")
    await station.scan("J1044-S004")
    return station


async def cutter(floor: Floor, open_station: OpenStation) -> Station:
    """Two of five printed sheets are cut."""
    await floor.start(DRAGONS, sets=12)
    for number in range(1, 6):
        await floor.scan(PRESS, f"J1044-S{number:03d}")
        await floor.scan(PRESS, f"J1044-S{number:03d}")
    station = await open_station(CUTTER, by=OPERATOR)
    await station.scan_all("J1044-S001", "J1044-S002")
    return station


async def cardops(floor: Floor, open_station: OpenStation) -> Station:
    """Three cards have their number, the fourth is asked for it."""
    cards = await floor.cut(await floor.start(NUMBERED, sets=5, job="J1045", order="PO2026-0118"))
    station = await open_station(NUMBERING, by=OPERATOR)
    for number, card in enumerate(cards[:3], start=1):
        await station.scan_all(card, str(number))
    await station.scan(cards[3])
    return station


async def qa(floor: Floor, open_station: OpenStation) -> Station:
    """Two cards passed and one failed; the fourth has one code, and another is being typed."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=2))
    station = await open_station(QA, by=INSPECTOR, make_work=work_of(CODES))
    for card in cards[:2]:
        await station.scan(card)
        await station.type("+")
    await station.scan(cards[2])
    await station.type("2", "0", "2", "enter")
    await station.scan(cards[3])
    await station.type("1", "0", "4", "2")
    return station


async def qa_passed(floor: Floor, open_station: OpenStation) -> Station:
    """A card has just passed; nothing is in hand."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=2))
    station = await open_station(QA, by=INSPECTOR, make_work=work_of(CODES))
    await station.scan(cards[0])
    await station.type("+")
    return station


async def gathering(floor: Floor, open_station: OpenStation) -> Station:
    """Thirteen of eighteen are in the tray; of the others one failed, one is at the bench, one is made anew."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=2))
    here = [card for place, card in enumerate(cards, start=1) if place not in {5, 8, 12, 14, 17}]
    await passed(floor, *here)
    await floor.inspect(cards[11], QAOutcome.FAIL)
    await floor.scan(QA, cards[4], by=INSPECTOR)
    await floor.accept(
        VoidCardUnit(
            at=floor.now,
            operator_id=LEAD,
            station_id=OFFICE.station_id,
            card_unit_id=cards[16],
            reason=VoidReason.LOST,
            note="",
        )
    )
    await floor.accept(
        CreateReplacement(at=floor.now, operator_id=LEAD, station_id=OFFICE.station_id, card_unit_id=cards[16])
    )
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*here[1:], here[0])
    return station


async def between_sets(floor: Floor, open_station: OpenStation) -> Station:
    """Somebody has just logged on; two sheets are cut, and no card is in a tray yet."""
    job = await floor.start(DRAGONS, sets=3)
    mine, others = await floor.cut(job, 1), await floor.cut(job, 2)
    await passed(floor, *mine, *others[:4])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    station.pass_time(60)
    await station.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    return station


async def foreign_card(floor: Floor, open_station: OpenStation) -> Station:
    """A card of another sheet is scanned into the open tray."""
    job = await floor.start(DRAGONS, sets=2)
    mine, others = await floor.cut(job, 1), await floor.cut(job, 2)
    await passed(floor, *mine[:7], others[6])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*mine[:7], others[6])
    return station


async def complete(floor: Floor, open_station: OpenStation) -> Station:
    """The last card of a set is gathered; of the next one four are here."""
    job = await floor.start(DRAGONS, sets=2)
    mine, others = await floor.cut(job, 1), await floor.cut(job, 2)
    await passed(floor, *mine, *others[:4])
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*mine)
    return station


async def packing(floor: Floor, open_station: OpenStation) -> Station:
    """Two of four sets are in the box; the third is gathered, the fourth is not cut yet."""
    job = await floor.start(SMALL, sets=4)
    for number in (1, 2, 3):
        cards = await floor.cut(job, number)
        await passed(floor, *cards)
        await floor.gather(cards if number < 3 else cards[:4], assembly_of_card(cards[0]))
    station = await open_station(PACKING, by=OPERATOR)
    await station.scan("J1044-BX001")
    await station.shows(lambda shown: isinstance(shown.work, PackingView) and shown.work.progress is not None)
    await station.scan_all("J1044-S001-SET", "J1044-S002-SET")
    return station


async def floor_of_leads(floor: Floor, open_station: OpenStation) -> Station:
    """Assembly is stopped, a press calls, a job is held; seen from the leads' wall."""
    job = await floor.start(DRAGONS, sets=4)
    await floor.start(NUMBERED, sets=3, job="J1045", order="PO2026-0118")
    await floor.accept(
        HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=JobId("J1045"), reason="wrong paper")
    )
    mine, others = await floor.cut(job, 1), await floor.cut(job, 2)
    await passed(floor, *mine[:9], others[6])
    await floor.inspect(mine[9], QAOutcome.FAIL)
    assembly = await open_station(ASSEMBLY, by=OPERATOR)
    await assembly.scan_all(*mine[:7], others[6])
    at_press = await open_station(PRESS, by=MANAGER)
    await at_press.scan("J1044-S003")
    await at_press.press(Intent.CALL_LEAD)
    at_press.beat()
    office = await open_station(OFFICE, by=LEAD)
    await office.shows(lambda shown: has_in_hand(shown, PRESS.station_id, "J1044-S003"))
    office.pass_time(60)
    await office.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    return office


def has_in_hand(shown: StationSnapshot, station: str, unit: str) -> bool:
    """Whether the floor says that a station works on a unit; its kiosk reports it now and then."""
    return isinstance(shown.work, LeadView) and (station, unit) in {
        (row.station, row.now) for row in shown.work.stations
    }


async def life_of_a_card(floor: Floor, open_station: OpenStation) -> Station:
    """A card that failed and was made good, found by its id."""
    cards = await floor.cut(await floor.start(DRAGONS, sets=2))
    await floor.inspect(cards[9], QAOutcome.FAIL)
    office = await open_station(OFFICE, by=LEAD)
    await found(office, cards[9])
    await office.press(Intent.REWORK)
    await office.answer(office.question.choices[0].value)
    await passed(floor, cards[9], *cards[:9])
    await floor.gather(cards[:10], assembly_of_card(cards[0]))
    office.pass_time(60)
    await office.shows(lambda shown: shown.verdict.state is VerdictState.READY)
    await found(office, cards[9])
    return office


async def found(office: Station, unit: str) -> None:
    """A lead types an id after /."""
    office.session.put(Found(unit))
    await office.session.settled()


STORIES: dict[str, Callable[[Floor, OpenStation], Awaitable[Station]]] = {
    "press": press,
    "cutter": cutter,
    "cardops": cardops,
    "qa": qa,
    "qa_passed": qa_passed,
    "assembly_between": between_sets,
    "assembly": gathering,
    "assembly_stop": foreign_card,
    "assembly_complete": complete,
    "packing": packing,
    "lead": floor_of_leads,
    "lead_card": life_of_a_card,
}
"""Every story by the name of the screen that it leads to."""
