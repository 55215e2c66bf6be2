"""How long ago and how long until: of one form and short enough for its column, however long it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.values import JobStatus, StationRole
from core.identity.ids import StationId
from core.projections import JobRow, StationRow
from kiosk.snapshots.leads import JobRowView, LeadSection
from kiosk.snapshots.tone import Tone
from kiosk.station_session.durations import age, due, span
from kiosk.station_session.floor_view import FAR_DAYS, Floor, floor_view
from kiosk.wording.spoken import Words
from store.read_models.quality import FirstPass
from store.read_models.scan_log import HourlyRate
from tests.kiosk.widgets.test_lead import floor as painted_floor
from tests.support.samples import sample

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
WORDS = Words(zone=UTC)
LONG = timedelta(days=3_666)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0:00"), (125, "2:05"), (5_999, "99:59"), (6_000, "4 d"), (1_051_199, "729 d"), (1_051_200, "2 y")],
)
def test_a_length_of_time_goes_from_hours_to_days_to_years(minutes: int, said: str) -> None:
    """None is longer than six cells: what is cut at the right of a column is read as something shorter."""
    assert span(minutes) == said
    assert len(span(minutes)) <= 6


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "14:00"),
        (1, "+1d 14:00"),
        (-99, "-99d 14:00"),
        (100, "+100d"),
        (-729, "-729d"),
        (730, "+2y"),
        (-3_666, "-10y"),
    ],
)
def test_what_is_due_long_from_now_is_told_in_days_and_then_in_years(days: int, said: str) -> None:
    """Both ways, in ten cells at most."""
    text, tone = due(NOW + timedelta(days=days), NOW, WORDS)
    assert (text, tone) == (said, Tone.BAD if days < 0 else Tone.NORMAL)
    assert len(text) <= 10


def test_an_age_is_none_before_its_moment() -> None:
    """Another terminal's clock may be ahead."""
    assert (age(None, NOW), age(NOW + LONG, NOW), age(NOW - LONG, NOW)) == ("", "0:00", "10 y")


def floor_of(pace: int, promise_at: datetime) -> Floor:
    """A floor that gathered so many cards in the hour before ``NOW``'s, and has one job of 100 x 18 cards."""
    station = replace(sample(StationRow), station_id=StationId("ASSY-1"), role=StationRole.ASSEMBLY)
    job = replace(sample(JobRow), status=JobStatus.STARTED, promise_at=promise_at, sheet_count=100, n_up=18)
    hour = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    rates = (HourlyRate(station_id="ASSY-1", hour=hour, units=pace, refused=0),)
    return Floor(
        stations=(station,),
        loads={},
        presences={},
        rates={"ASSY-1": rates},
        last_asked={},
        jobs=(job,),
        progress={},
        stages={},
        first_pass=FirstPass(inspected=0, passed_first=0),
        people={},
        failed=0,
    )


def board(floor: Floor, now: datetime) -> JobRowView:
    """The one job as the leads' board shows it."""
    view = floor_view(floor, now, WORDS, section=LeadSection.JOBS, selected=0, at_risk_only=False)
    return view.jobs[0]


def test_a_pace_of_next_to_nothing_forecasts_no_date() -> None:
    """One card in the hour before, and the last instant of this one: 1,800 cards would take millions of years."""
    now = NOW + timedelta(minutes=59, seconds=59, microseconds=999_999)
    floor = floor_of(1, promise_at=NOW + timedelta(days=30))
    row = board(floor, now)
    assert (row.ready, row.slack, row.risk) == (f">{FAR_DAYS}d", "—", "LATE")
    later = floor_of(1, promise_at=now + LONG)
    assert board(later, now).risk == "ok"


def test_a_forecast_within_reach_says_when_and_what_is_to_spare() -> None:
    """At 180 an hour ten hours of work: ready at midnight, with eleven days and more to spare."""
    row = board(floor_of(180, promise_at=NOW + timedelta(days=12)), NOW)
    assert (row.due, row.ready, row.slack, row.risk) == ("+12d 14:00", "+1d 00:00", "+11 d", "ok")


@pytest.mark.parametrize("promise_at", [NOW - LONG, NOW + LONG])
@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_moment_on_the_leads_board_is_cut(promise_at: datetime, width: int) -> None:
    """Due, ready and slack stand whole beside each other at every width."""
    floor = floor_of(300, promise_at)
    view = floor_view(floor, NOW, WORDS, section=LeadSection.JOBS, selected=0, at_risk_only=False)
    text = painted_floor(view, width, 24)
    (row,) = view.jobs
    line = [line for line in text if row.job in line][-1]
    assert all(f" {said} " in f"{line} " for said in (row.due, row.ready, row.slack))
