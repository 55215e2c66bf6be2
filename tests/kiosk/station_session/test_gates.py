"""LEAD: sheets and cards that wait at a gate are named on the wall, found, and let past by a lead."""

import pytest

from core.domain.commands import ApproveGate, HoldJob
from core.domain.values import OperationType, Route, UnitKind
from core.identity.ids import JobId, OperationCode, SheetId
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadCardView, LeadJobView, LeadSheetView, LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from tests.core.shop import FOIL, LEAD, OFFICE, OPERATOR, PRESS, spec, step
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor

PROOFED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("PROOF", OperationType.GATE, UnitKind.SHEET, "PRINT"),
        step("FOIL-SHEET", OperationType.FOIL, UnitKind.SHEET, "PROOF"),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "FOIL-SHEET"),
        step("QA", OperationType.QA, after="CUT"),
    )
)
"""Every sheet waits for a lead before it is foiled."""

CHECKED = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("LOOK", OperationType.GATE, after="CUT"),
        step("FOIL", OperationType.FOIL, after="LOOK"),
        step("QA", OperationType.QA, after="FOIL"),
    )
)
"""Every card waits for a lead after the cut."""


async def printed(floor: Floor, open_station: OpenStation, sheets: int = 2, job: str = "J1044") -> JobId:
    """A job all of whose sheets are printed, so that they wait for a lead."""
    started = await floor.start(spec(route=PROOFED), sets=sheets, job=job)
    press = await open_station(PRESS, by=OPERATOR)
    for number in range(1, sheets + 1):
        await press.scan_all(f"{started}-S{number:03d}", f"{started}-S{number:03d}")
        assert press.verdict.instruction == "it goes to a lead"
    return started


def troubles(shown: StationSnapshot) -> list[str]:
    """What the wall says is wrong."""
    return [trouble.words for trouble in shown.work.exceptions] if isinstance(shown.work, LeadView) else []


def has_key(station: Station, intent: Intent) -> bool:
    """Whether the footer offers that."""
    return any(key.intent is intent and key.enabled for key in station.shown.footer.keys)


async def waits_for(floor: Floor, unit: str) -> str:
    """The operations that a sheet or card is ready for."""
    row = await floor.store.card(unit) or await floor.store.sheet(unit)
    assert row is not None
    return row.ready_operations


async def test_the_wall_says_what_waits_for_a_lead_and_enter_leads_there(
    floor: Floor, open_station: OpenStation
) -> None:
    """Never ALL WELL; the job that waits is the first, and in it the sheet that waits is chosen and says so."""
    await floor.start(spec("PLAIN"), job="J1001", order="PO2026-0001")
    await printed(floor, open_station)
    office = await open_station(OFFICE)
    await office.shows(lambda shown: "2 WAIT FOR YOU" in troubles(shown))
    assert "ALL WELL" not in troubles(office.shown)
    await office.press(Intent.OPEN)
    work = office.shown.work
    assert isinstance(work, LeadJobView)
    assert (work.job, work.selected) == ("J1044", 0)
    assert [(row.state, row.note) for row in work.sheets] == [("waits for you", "PROOF")] * 2
    await office.press(Intent.OPEN)
    work = office.shown.work
    assert isinstance(work, LeadSheetView)
    assert work.badge.words == "WAITS FOR YOU: PROOF"
    assert has_key(office, Intent.APPROVE)


async def test_a_job_on_hold_waits_for_no_approval(floor: Floor, open_station: OpenStation) -> None:
    """Nobody lets a sheet of a job on hold past a gate, so the wall asks for it of nobody."""
    job = await printed(floor, open_station, sheets=1)
    await floor.accept(HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=job, reason="wrong paper"))
    office = await open_station(OFFICE)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and bool(shown.work.jobs))
    assert not any("WAIT" in words for words in troubles(office.shown))


async def test_a_lead_approves_the_sheet_that_waits_and_is_told_what_comes_next(
    floor: Floor, open_station: OpenStation
) -> None:
    """A asks, the answer lets it past in green; then nothing waits here and the key is gone."""
    job = await printed(floor, open_station, sheets=1)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan(f"{job}-S001")
    await office.press(Intent.APPROVE)
    assert office.question.title == f"APPROVE PROOF OF {job}-S001"
    verdict = await office.answer(office.question.choices[0].value)
    assert (verdict.state, verdict.words) == (VerdictState.ACCEPTED, "PROOF APPROVED")
    assert verdict.instruction == f"now for FOIL-SHEET ({FOIL.station_id})"
    assert await waits_for(floor, f"{job}-S001") == "FOIL-SHEET"
    assert not has_key(office, Intent.APPROVE)


async def test_the_label_of_a_sheet_that_waits_opens_it_and_scanned_again_asks_to_approve_it(
    floor: Floor, open_station: OpenStation
) -> None:
    """The first scan only looks; a scanner that reads one label twice approves nothing."""
    job = await printed(floor, open_station, sheets=1)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan(f"{job}-S001")
    assert await waits_for(floor, f"{job}-S001") == "PROOF"
    await office.scan(f"{job}-S001")
    assert office.question.title == f"APPROVE PROOF OF {job}-S001"
    await office.scan(f"{job}-S001")
    assert await waits_for(floor, f"{job}-S001") == "PROOF"
    assert (await office.answer(office.question.choices[0].value)).state is VerdictState.ACCEPTED
    assert await waits_for(floor, f"{job}-S001") == "FOIL-SHEET"
    assert (await office.scan(f"{job}-S001")).state is VerdictState.READY


@pytest.mark.parametrize("by", [None, OPERATOR])
async def test_only_a_lead_approves(floor: Floor, open_station: OpenStation, by: object) -> None:
    """Without a lead's badge it is refused in amber, and the sheet waits on."""
    job = await printed(floor, open_station, sheets=1)
    office = await open_station(OFFICE, by=by)
    await office.scan(f"{job}-S001")
    await office.press(Intent.APPROVE)
    verdict = await office.answer(office.question.choices[0].value)
    assert verdict.state is VerdictState.ATTENTION
    assert await waits_for(floor, f"{job}-S001") == "PROOF"


async def test_leaving_the_question_approves_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Esc leaves the sheet where it waits."""
    job = await printed(floor, open_station, sheets=1)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan(f"{job}-S001")
    await office.press(Intent.APPROVE)
    await office.answer("")
    assert await waits_for(floor, f"{job}-S001") == "PROOF"
    assert has_key(office, Intent.APPROVE)


async def test_an_approval_is_taken_back_with_f2(floor: Floor, open_station: OpenStation) -> None:
    """The sheet waits for the lead again."""
    job = await printed(floor, open_station, sheets=1)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan_all(f"{job}-S001", f"{job}-S001")
    await office.answer(office.question.choices[0].value)
    assert (await office.press(Intent.UNDO)).words == "APPROVAL TAKEN BACK"
    assert await waits_for(floor, f"{job}-S001") == "PROOF"
    await office.shows(lambda _: has_key(office, Intent.APPROVE))


async def test_all_sheets_of_a_job_that_wait_are_approved_by_one_answer(
    floor: Floor, open_station: OpenStation
) -> None:
    """Each by a command of its own; the band says how many there were."""
    job = await printed(floor, open_station, sheets=3)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan(job)
    await office.press(Intent.APPROVE)
    assert office.question.title == "APPROVE PROOF OF 3 SHEETS"
    verdict = await office.answer(office.question.choices[0].value)
    assert (verdict.state, verdict.words) == (VerdictState.ACCEPTED, "PROOF APPROVED FOR 3 SHEETS")
    assert [await waits_for(floor, f"{job}-S{number:03d}") for number in (1, 2, 3)] == ["FOIL-SHEET"] * 3


async def test_several_approvals_of_one_answer_are_taken_back_together(floor: Floor, open_station: OpenStation) -> None:
    """F2 takes back each by a command of its own, and then there is nothing to undo."""
    job = await printed(floor, open_station, sheets=3)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan(job)
    await office.press(Intent.APPROVE)
    assert office.question.lines[-1] == "F2 takes them back together."
    await office.answer(office.question.choices[0].value)
    verdict = await office.press(Intent.UNDO)
    assert (verdict.state, verdict.words) == (VerdictState.ACCEPTED, "3 APPROVALS TAKEN BACK")
    assert [await waits_for(floor, f"{job}-S{number:03d}") for number in (1, 2, 3)] == ["PROOF"] * 3
    assert has_key(office, Intent.APPROVE)
    assert (await office.press(Intent.UNDO)).words == "NOTHING TO UNDO"


async def test_what_moved_on_since_it_was_approved_keeps_no_other_from_being_taken_back(
    floor: Floor, open_station: OpenStation
) -> None:
    """It is named, and stays approved."""
    job = await printed(floor, open_station, sheets=3)
    foil, office = await open_station(FOIL, by=OPERATOR), await open_station(OFFICE, by=LEAD)
    await office.scan(job)
    await office.press(Intent.APPROVE)
    await office.answer(office.question.choices[0].value)
    await foil.scan(f"{job}-S002")
    verdict = await office.press(Intent.UNDO)
    assert (verdict.state, verdict.words) == (VerdictState.ATTENTION, "2 OF 3 TAKEN BACK")
    assert f"{job}-S002" in verdict.instruction
    assert [await waits_for(floor, f"{job}-S{number:03d}") for number in (1, 3)] == ["PROOF"] * 2


async def test_after_another_deed_f2_takes_back_that_one_alone(floor: Floor, open_station: OpenStation) -> None:
    """Given several approvals and then one more, F2 takes back the one."""
    job = await floor.start(spec(route=PROOFED), sets=3)
    press, office = await open_station(PRESS, by=OPERATOR), await open_station(OFFICE, by=LEAD)
    for sheets in ((1, 2), (3,)):
        for number in sheets:
            await press.scan_all(f"{job}-S{number:03d}", f"{job}-S{number:03d}")
        await office.scan(job)
        await office.press(Intent.APPROVE)
        await office.answer(office.question.choices[0].value)
    assert (await office.press(Intent.UNDO)).words == "APPROVAL TAKEN BACK"
    assert await waits_for(floor, f"{job}-S003") == "PROOF"
    assert await waits_for(floor, f"{job}-S001") == "FOIL-SHEET"


async def test_an_approval_that_cannot_be_taken_back_names_its_unit(floor: Floor, open_station: OpenStation) -> None:
    """The lead looks elsewhere by then."""
    job = await printed(floor, open_station, sheets=1)
    foil, office = await open_station(FOIL, by=OPERATOR), await open_station(OFFICE, by=LEAD)
    await office.scan_all(f"{job}-S001", f"{job}-S001")
    await office.answer(office.question.choices[0].value)
    await foil.scan(f"{job}-S001")
    verdict = await office.press(Intent.UNDO)
    assert verdict.words == "CANNOT UNDO"
    assert f"{job}-S001" in verdict.instruction


async def test_the_green_of_an_approval_stays_long_enough_to_be_read(floor: Floor, open_station: OpenStation) -> None:
    """One line among a board: it is there for ten seconds, or until the next key."""
    job = await printed(floor, open_station, sheets=1)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan_all(f"{job}-S001", f"{job}-S001")
    await office.answer(office.question.choices[0].value)
    office.pass_time(9)
    assert not office.session._desk.band.fade(office.session._monotonic())
    assert office.verdict.words == "PROOF APPROVED"
    office.pass_time(1.5)
    await office.shows(lambda shown: shown.verdict.state is VerdictState.READY)


async def test_what_another_lead_approved_meanwhile_keeps_no_other_back(
    floor: Floor, open_station: OpenStation
) -> None:
    """The others are let past, and the one that was refused is named."""
    job = await printed(floor, open_station, sheets=2)
    office = await open_station(OFFICE, by=LEAD)
    await office.scan(job)
    await office.press(Intent.APPROVE)
    first = SheetId(f"{job}-S001")
    await floor.accept(
        ApproveGate(at=floor.now, operator_id=LEAD, station_id=None, unit_id=first, gate=OperationCode("PROOF"))
    )
    verdict = await office.answer(office.question.choices[0].value)
    assert (verdict.state, verdict.words) == (VerdictState.ATTENTION, "1 OF 2 APPROVED")
    assert first in verdict.instruction
    assert await waits_for(floor, f"{job}-S002") == "FOIL-SHEET"


async def test_cards_that_wait_are_approved_one_by_one_or_by_their_sheet(
    floor: Floor, open_station: OpenStation
) -> None:
    """A gate after the cut: the card says so itself, and its sheet lets all of them past."""
    job = await floor.start(spec(route=CHECKED))
    cards = await floor.cut(job)
    office = await open_station(OFFICE, by=LEAD)
    await office.shows(lambda shown: f"{len(cards)} WAIT FOR YOU" in troubles(shown))
    await office.scan(cards[0])
    work = office.shown.work
    assert isinstance(work, LeadCardView)
    assert work.badge.words == "WAITS FOR YOU: LOOK"
    await office.press(Intent.APPROVE)
    await office.answer(office.question.choices[0].value)
    assert await waits_for(floor, cards[0]) == "FOIL"
    await office.scan(f"{job}-S001")
    await office.press(Intent.APPROVE)
    assert office.question.title == f"APPROVE LOOK OF {len(cards) - 1} CARDS"
    await office.answer(office.question.choices[0].value)
    assert {await waits_for(floor, card) for card in cards} == {"FOIL"}
    await office.press(Intent.BACK)
    await office.press(Intent.BACK)
    await office.shows(lambda shown: not any("WAIT" in words for words in troubles(shown)))
