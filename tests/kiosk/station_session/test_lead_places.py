"""The line that a lead chose stays with what it names, however its list is sorted meanwhile."""

from core.domain.commands import HoldJob
from core.identity.ids import JobId
from kiosk.snapshots.keys import FooterView, Intent
from kiosk.snapshots.leads import LeadJobView, LeadSection, LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.station_session.lead_places import Chosen
from tests.core.shop import LEAD, OFFICE, OPERATOR, PRESS, QA, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.support.floor import Floor

JOBS = ["J1", "J2", "J3"]


def chosen_job(shown: StationSnapshot) -> str:
    """The job whose line is chosen on the floor."""
    assert isinstance(shown.work, LeadView)
    assert shown.work.section is LeadSection.JOBS
    return shown.work.jobs[shown.work.selected].job


def chosen_station(shown: StationSnapshot) -> str:
    """The station whose line is chosen on the floor."""
    assert isinstance(shown.work, LeadView)
    assert shown.work.section is LeadSection.STATIONS
    return shown.work.stations[shown.work.selected].station


def test_a_chosen_line_follows_its_id() -> None:
    """The list is turned round; the same id is chosen, on another line."""
    chosen = Chosen().moved(JOBS, 1)
    assert chosen.unit_id == "J2"
    assert chosen.among(["J2", "J3", "J1"]) == 0


def test_with_nothing_chosen_the_first_line_is_it() -> None:
    """A wall that nobody touches shows what is worst, whatever that is now."""
    chosen = Chosen().settled(JOBS)
    assert chosen.among(JOBS) == 0
    assert chosen.settled(["J9", *JOBS]).among(["J9", *JOBS]) == 0
    assert chosen.unit_id is None


def test_where_the_chosen_one_has_left_the_list_its_neighbour_is_chosen_and_kept() -> None:
    """The choice falls to what stands on its line, and stays with that from then on."""
    chosen = Chosen().moved(JOBS, 1).settled(["J1", "J3"])
    assert chosen.unit_id == "J3"
    assert chosen.settled(["J3", "J2", "J1"]).unit_id == "J3"
    assert Chosen("J3", 2).settled(["J1"]).unit_id == "J1"
    assert Chosen("J3", 2).settled([]).among([]) == 0


def test_choosing_stops_at_either_end() -> None:
    """Neither end wraps round: a lead who holds the key down stays on the last line."""
    assert Chosen().moved(JOBS, -1).unit_id == "J1"
    assert Chosen("J3", 2).moved(JOBS, 1).unit_id == "J3"
    assert Chosen().moved([], 1) == Chosen()


async def test_a_chosen_job_stays_chosen_when_another_goes_before_it(floor: Floor, open_station: OpenStation) -> None:
    """Given the second job is chosen, when a third is held and stands first, then Enter opens the second."""
    for number in (1, 2, 3):
        await floor.start(spec(), job=f"J104{number}", order=f"PO2026-010{number}")
    office = await open_station(OFFICE)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and len(shown.work.jobs) == 3)
    await office.press(Intent.NEXT)
    assert chosen_job(office.shown) == "J1042"
    await floor.accept(HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=JobId("J1043"), reason="paper"))
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and shown.work.jobs[0].job == "J1043")
    assert chosen_job(office.shown) == "J1042"
    await office.press(Intent.OPEN)
    assert isinstance(office.shown.work, LeadJobView)
    assert office.shown.work.job == "J1042"


async def test_a_chosen_station_stays_chosen_when_another_calls(floor: Floor, open_station: OpenStation) -> None:
    """Enter takes the call of the station that was chosen, never of one that slipped under the mark."""
    await floor.start(spec())
    press, bench = await open_station(PRESS, by=OPERATOR), await open_station(QA, by=OPERATOR)
    office = await open_station(OFFICE, by=LEAD)
    await press.press(Intent.CALL_LEAD)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and bool(shown.work.stations))
    await office.press(Intent.STATIONS)
    await office.shows(lambda shown: chosen_station(shown) == PRESS.station_id)
    await bench.press(Intent.CALL_LEAD)

    def calling(shown: StationSnapshot) -> list[str]:
        assert isinstance(shown.work, LeadView)
        return [row.station for row in shown.work.stations if row.state == "CALLS YOU"]

    await office.shows(lambda shown: len(calling(shown)) == 2)
    assert chosen_station(office.shown) == PRESS.station_id
    await office.press(Intent.OPEN)
    await office.answer(office.question.choices[0].value)
    await office.shows(lambda shown: calling(shown) == [QA.station_id])
    assert chosen_station(office.shown) == PRESS.station_id


async def test_back_in_a_job_the_sheet_that_was_looked_at_is_chosen(floor: Floor, open_station: OpenStation) -> None:
    """Esc comes back to the line that Enter left from, and on the floor to the job."""
    await floor.start(spec(), job="J1041", order="PO2026-0101")
    await floor.start(spec(), sets=3, job="J1042", order="PO2026-0102")
    office = await open_station(OFFICE)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and len(shown.work.jobs) == 2)
    for intent in (Intent.NEXT, Intent.OPEN, Intent.NEXT, Intent.OPEN):
        await office.press(intent)
    assert office.shown.header.job == "SHEET J1042-S002"
    await office.press(Intent.BACK)
    assert isinstance(office.shown.work, LeadJobView)
    assert office.shown.work.selected == 1
    await office.press(Intent.BACK)
    assert chosen_job(office.shown) == "J1042"


async def test_a_lead_who_logs_off_leaves_the_wall_as_it_was(floor: Floor, open_station: OpenStation) -> None:
    """The wall goes back to the floor with nothing chosen, so that the worst is what is seen."""
    for number in (1, 2):
        await floor.start(spec(), job=f"J104{number}", order=f"PO2026-010{number}")
    office = await open_station(OFFICE, by=LEAD)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and len(shown.work.jobs) == 2)
    await office.press(Intent.NEXT)
    await office.press(Intent.OPEN)
    await office.press(Intent.LOG_OFF)
    assert chosen_job(office.shown) == "J1041"


async def test_a_lead_undoes_with_the_same_key_as_everybody_and_calls_nobody(
    floor: Floor, open_station: OpenStation
) -> None:
    """F1, F2 and F10 are on every footer of a lead; F8 is not, for the lead is who it calls."""
    job = await floor.start(spec())
    await floor.cut(job)
    office = await open_station(OFFICE)
    await office.shows(lambda shown: isinstance(shown.work, LeadView) and bool(shown.work.jobs))
    footers: list[FooterView] = [office.shown.footer]
    for _ in range(3):
        await office.press(Intent.OPEN)
        footers.append(office.shown.footer)
    for footer in footers:
        keys = [key.key for key in footer.keys]
        assert {"F1", "F2", "F10"} <= set(keys)
        assert "F8" not in keys


async def test_a_lead_whose_wall_card_calls_is_seen_by_the_other_leads(floor: Floor, open_station: OpenStation) -> None:
    """A lead's station is on the board only while it calls."""
    office = await open_station(OFFICE, by=LEAD)

    def stations(shown: StationSnapshot) -> list[str]:
        return [row.station for row in shown.work.stations] if isinstance(shown.work, LeadView) else []

    await office.shows(lambda shown: bool(stations(shown)))
    assert OFFICE.station_id not in stations(office.shown)
    await office.scan("CMD-HELP")
    await office.shows(lambda shown: stations(shown)[:1] == [OFFICE.station_id])
