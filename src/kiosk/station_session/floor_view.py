"""The leads' floor as a view: exceptions, four numbers, stations, jobs. Pure; reads nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.values import (
    JobStatus,
    OperationType,
    StationRole,
)
from core.projections import JobRow, OperatorRow, StationRow
from kiosk.printable import shown
from kiosk.snapshots.leads import BigNumberView, ExceptionView, JobRowView, LeadSection, LeadView, StationRowView
from kiosk.snapshots.tone import Tone
from kiosk.station_session.durations import age, due, span
from kiosk.station_session.stages import job_segments
from kiosk.station_session.unit_views import waits_for_you
from kiosk.wording.holding import is_of_a_file, what_was_kept
from kiosk.wording.spoken import Words
from store.read_models.held_scans import RefusedHeldScan
from store.read_models.job_progress import JobProgressRow, StageCount
from store.read_models.presence import PresenceRow
from store.read_models.quality import FirstPass
from store.read_models.scan_log import HourlyRate
from store.read_models.station_queues import StationLoad

SILENT_SECONDS = 15.0
"""Three heartbeats missed: the station is offline to the leads."""

HISTORY_HOURS = 8

_MANY = 1_000
"""So many that wait are more than the column of a job's risk has room for."""

FAR_DAYS = 99
"""Beyond these a pace of one hour tells no moment, only that it will not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What the leads' floor is made of, read at one moment."""

    stations: tuple[StationRow, ...]
    loads: Mapping[str, StationLoad]
    presences: Mapping[str, PresenceRow]
    rates: Mapping[str, Sequence[HourlyRate]]
    last_asked: Mapping[str, datetime]
    jobs: tuple[JobRow, ...]
    progress: Mapping[str, JobProgressRow]
    stages: Mapping[str, Sequence[StageCount]]
    first_pass: FirstPass
    people: Mapping[str, OperatorRow]
    failed: int
    failed_longest: str = ""
    """The card that has waited longest of those that failed QA, where it is known."""
    refused: Mapping[str, RefusedHeldScan] = field(default_factory=dict[str, RefusedHeldScan])
    """The newest kept scan of each station that was refused and waits for somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When a job is expected to be packed; None where the last hour tells nothing.

    ``is_far`` where it tells no more than that it will not be within ``FAR_DAYS``.
    """

    ready_at: datetime | None
    is_late: bool
    is_tight: bool
    is_far: bool = False


# -- gates -------------------------------------------------------------------


def at_gates(floor: Floor) -> dict[str, int]:
    """Return how many sheets and cards of each job wait at a gate for a lead; nobody lets a job on hold past one."""
    found: dict[str, int] = {}
    for job in floor.jobs:
        stages = floor.stages.get(job.job_id, ()) if job.status is JobStatus.STARTED else ()
        number = sum(stage.units for stage in stages if OperationType.GATE in stage.ready.split("+"))
        if number:
            found[job.job_id] = number
    return found


# -- jobs ----------------------------------------------------------------------


def forecasts(floor: Floor, now: datetime) -> dict[str, Forecast]:
    """Return when each job will be ready at the floor's pace of the last hour.

    Jobs are worked off in the order of the queues, so a job waits for the cards of
    those before it: ready = now + (cards before it + its own) ÷ cards gathered per hour.
    """
    pace = cards_per_hour(floor, now)
    found: dict[str, Forecast] = {}
    ahead = 0
    for job in floor.jobs:
        left = _cards_left(job, floor.progress.get(job.job_id))
        ahead += left if job.status is not JobStatus.ON_HOLD else 0
        found[job.job_id] = _forecast(job, ahead, pace, now)
    return found


def _forecast(job: JobRow, ahead: int, pace: float, now: datetime) -> Forecast:
    late = job.promise_at < now
    if pace <= 0 or job.status is JobStatus.ON_HOLD:
        return Forecast(ready_at=None, is_late=late, is_tight=False)
    # Compared before it is divided: a pace of next to nothing leads to no date that there is.
    if ahead > pace * FAR_DAYS * 24:
        late = job.promise_at < now + timedelta(days=FAR_DAYS)
        return Forecast(ready_at=None, is_late=late, is_tight=False, is_far=True)
    ready = now + timedelta(hours=ahead / pace)
    slack = job.promise_at - ready
    tight = timedelta() <= slack < timedelta(hours=1)
    return Forecast(ready_at=ready, is_late=late or slack < timedelta(), is_tight=tight)


def _cards_left(job: JobRow, progress: JobProgressRow | None) -> int:
    if progress is None:
        return job.sheet_count * job.n_up
    sheets = progress.sheets - progress.sheets_voided
    return max(0, sheets * job.n_up - progress.cards_assembled - progress.cards_packed)


def cards_per_hour(floor: Floor, now: datetime) -> float:
    """Return the cards gathered in the last sixty minutes, from the begun and the full hour."""
    gathering = [s.station_id for s in floor.stations if s.role is StationRole.ASSEMBLY]
    return sum(_last_hour(floor.rates.get(station, ()), now) for station in gathering)


def _last_hour(rates: Sequence[HourlyRate], now: datetime) -> float:
    """Weigh the hour before this one by how much of it lies in the last sixty minutes."""
    begun = now.replace(minute=0, second=0, microsecond=0)
    passed = (now - begun).total_seconds() / 3600
    this = sum(rate.units for rate in rates if rate.hour == begun)
    before = sum(rate.units for rate in rates if rate.hour == begun - timedelta(hours=1))
    return this + before * (1 - passed)


def _job_row(job: JobRow, floor: Floor, forecast: Forecast, now: datetime, words: Words, *, waiting: int) -> JobRowView:
    text, _ = due(job.promise_at, now, words)
    beyond = f">{FAR_DAYS}d" if forecast.is_far else ""
    ready = beyond if forecast.ready_at is None else due(forecast.ready_at, now, words)[0]
    slack = "" if forecast.ready_at is None else _signed(job.promise_at - forecast.ready_at)
    if job.status is JobStatus.ON_HOLD:
        risk, tone = "ON HOLD", Tone.ATTENTION
    elif forecast.is_late:
        risk, tone = "LATE", Tone.BAD
    elif waiting:
        risk, tone = f"{waiting} WAIT" if waiting < _MANY else "WAITS", Tone.ATTENTION
    elif forecast.is_tight:
        risk, tone = "TIGHT", Tone.ATTENTION
    else:
        risk, tone = "ok", Tone.NORMAL
    return JobRowView(
        job=job.job_id,
        name=shown(job.product_name, 24),
        segments=job_segments(floor.stages.get(job.job_id, ())),
        due=text,
        ready=ready or "—",
        slack=slack or "—",
        risk=risk,
        tone=tone,
    )


def _signed(delta: timedelta) -> str:
    minutes = int(delta.total_seconds() // 60)
    return f"-{span(-minutes)}" if minutes < 0 else f"+{span(minutes)}"


# -- stations ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _StationState:
    words: str
    marker: str
    tone: Tone


_STOPPED = _StationState("STOPPED", "✗", Tone.BAD)
_DOWN = _StationState("DOWN", "✗", Tone.BAD)
_CALLS = _StationState("CALLS YOU", "▲", Tone.ATTENTION)
_OFFLINE = _StationState("OFFLINE", "≠", Tone.OFFLINE)
_REFUSED = _StationState("REFUSED", "▲", Tone.ATTENTION)
_OVERLOAD = _StationState("OVERLOAD", "▲", Tone.ATTENTION)

_BY_STATION = (_STOPPED, _DOWN, _CALLS, _OFFLINE, _OVERLOAD)
"""The exceptions that are told by how many stations they are true of."""


def _troubles(station: StationRow, floor: Floor) -> Iterator[_StationState]:
    """Return all that is wrong at a station, the worst first: one trouble neither ends nor hides another."""
    load, presence = floor.loads.get(station.station_id), floor.presences.get(station.station_id)
    is_silent = presence is not None and presence.silent_seconds >= SILENT_SECONDS
    if presence is not None and presence.state == "STOPPED" and not is_silent:
        yield _STOPPED
    if station.down_reason is not None:
        yield _DOWN
    if station.help_since is not None:
        yield _CALLS
    if is_silent:
        yield _OFFLINE
    if station.station_id in floor.refused:
        yield _REFUSED
    if presence is not None and presence.scans_held:
        yield _StationState(f"{presence.scans_held} KEPT", "≠", Tone.OFFLINE)
    if (load_percent(station, load) or 0) > 100:
        yield _OVERLOAD


def _station_state(station: StationRow, floor: Floor) -> _StationState:
    """Return a station's state: the worst of its troubles, or how it works."""
    worst = next(_troubles(station, floor), None)
    if worst is not None:
        return worst
    presence = floor.presences.get(station.station_id)
    if presence is None:
        return _StationState("no kiosk", "○", Tone.DIM)
    if presence.operator_id is None:
        return _StationState("idle", "○", Tone.DIM)
    return _StationState("running", "●", Tone.NORMAL)


def load_percent(station: StationRow, load: StationLoad | None) -> int | None:
    """Return the queue in percent of its limit, or of an hour's work where no limit is set; None without both."""
    if load is None:
        return None
    limit = station.queue_limit or station.units_per_hour
    return round(100 * (load.units_at_station + load.units_ready) / limit) if limit else None


def _station_row(station: StationRow, floor: Floor, now: datetime) -> StationRowView:
    load, presence = floor.loads.get(station.station_id), floor.presences.get(station.station_id)
    rates = floor.rates.get(station.station_id, ())
    state = _station_state(station, floor)
    pace = _last_hour(rates, now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    past = {rate.hour: rate.units for rate in rates}
    hours = [hour - timedelta(hours=back) for back in range(HISTORY_HOURS - 1, -1, -1)]
    before = [past.get(each, 0) for each in hours[:-1]]
    usual = sum(before) / len(before) if before else 0
    trend = "↑" if pace > usual * 1.15 else "↓" if pace < usual * 0.85 else ""
    person = floor.people.get(presence.operator_id or "") if presence else None
    oldest = None if load is None else load.oldest_ready or load.oldest_at_station
    return StationRowView(
        station=shown(station.name, 24),
        state=state.words,
        marker=state.marker,
        operator=shown(person.name, 14) if person else "—",
        now=presence.unit_in_hand or "" if presence else "",
        queue=0 if load is None else load.units_at_station + load.units_ready,
        load_percent=load_percent(station, load),
        oldest=age(oldest, now),
        per_hour=f"{pace:.0f}",
        trend=trend,
        history=tuple(past.get(each, 0) for each in hours),
        last_scan=age(floor.last_asked.get(station.station_id), now),
        tone=state.tone,
    )


# -- the floor -----------------------------------------------------------------


def floor_view(
    floor: Floor,
    now: datetime,
    words: Words,
    *,
    section: LeadSection,
    selected: int,
    at_risk_only: bool,
) -> LeadView:
    """Return the whole floor: exceptions first, four numbers, stations, jobs."""
    forecast = forecasts(floor, now)
    stations = tuple(_station_row(station, floor, now) for station in working(floor))
    waiting = at_gates(floor)
    jobs = tuple(
        _job_row(job, floor, forecast[job.job_id], now, words, waiting=waiting.get(job.job_id, 0))
        for job in shown_jobs(floor, now, at_risk_only=at_risk_only)
    )
    return LeadView(
        exceptions=_exceptions(floor, forecast),
        numbers=_numbers(floor, now, forecast),
        stations=stations,
        jobs=jobs,
        section=section,
        selected=selected,
        at_risk_only=at_risk_only,
    )


_LOUDEST = (Tone.BAD, Tone.ATTENTION, Tone.OFFLINE)
"""Trouble stands first, whatever fits on the screen; the rest keeps the order of the line."""


def working(floor: Floor) -> tuple[StationRow, ...]:
    """Return the stations where work is done, and leads who call: those in trouble first, then in the line's order."""
    order = list(StationRole)

    def place(station: StationRow) -> tuple[int, int, str]:
        tone = _station_state(station, floor).tone
        loud = _LOUDEST.index(tone) if tone in _LOUDEST else len(_LOUDEST)
        return loud, order.index(station.role), station.station_id

    seen = (s for s in floor.stations if s.role is not StationRole.LEAD or s.help_since is not None)
    return tuple(sorted(seen, key=place))


def shown_jobs(floor: Floor, now: datetime, *, at_risk_only: bool) -> tuple[JobRow, ...]:
    """Return the jobs on the floor: those that wait for a lead, then those late, tight or on hold; or only these."""
    forecast, waiting = forecasts(floor, now), at_gates(floor)

    def is_at_risk(job: JobRow) -> bool:
        seen = forecast[job.job_id]
        return seen.is_late or seen.is_tight or job.status is JobStatus.ON_HOLD

    def place(job: JobRow) -> int:
        return 0 if job.job_id in waiting else 1 if is_at_risk(job) else 2

    return tuple(job for job in sorted(floor.jobs, key=place) if place(job) < 2 or not at_risk_only)


def _exceptions(floor: Floor, forecast: Mapping[str, Forecast]) -> tuple[ExceptionView, ...]:
    found: list[ExceptionView] = []
    troubles = [(shown(station.name, 24), set(_troubles(station, floor))) for station in working(floor)]
    for each in _BY_STATION:
        names = [name for name, its in troubles if each in its]
        if names:
            found.append(ExceptionView(words=f"{len(names)} {each.words}", detail=_some(names), tone=each.tone))
    waiting = at_gates(floor)
    if waiting:
        number = sum(waiting.values())
        found.append(
            ExceptionView(words=waits_for_you(number).upper(), detail=_some(list(waiting)), tone=Tone.ATTENTION)
        )
    found += _kept(floor)
    late = [job.job_id for job in floor.jobs if forecast[job.job_id].is_late]
    if late:
        found.append(ExceptionView(words=f"{len(late)} LATE", detail=_some(late), tone=Tone.BAD))
    if floor.failed:
        names = (floor.failed_longest, *[""] * (floor.failed - 1)) if floor.failed_longest else ()
        detail = f"{_some(names)} failed QA" if names else "failed QA"
        found.append(ExceptionView(words=f"{floor.failed} ON HOLD", detail=detail, tone=Tone.ATTENTION))
    return tuple(found) or (ExceptionView(words="ALL WELL", tone=Tone.GOOD),)


def _kept(floor: Floor) -> list[ExceptionView]:
    """Return what was kept at stations and refused, and what is kept still by stations that were heard of."""
    found: list[ExceptionView] = []
    refused = sorted(floor.refused.values(), key=lambda each: each.refused_at, reverse=True)
    if refused:
        newest = what_was_kept(refused[0], 24)
        if not is_of_a_file(refused[0]):
            newest += f" at {refused[0].station_id}"
        number = sum(each.open for each in refused)
        found.append(ExceptionView(words=f"{number} REFUSED", detail=newest, tone=Tone.ATTENTION))
    keeping = {each.station_id: each.scans_held for each in floor.presences.values() if each.scans_held}
    if keeping:
        words = f"{sum(keeping.values())} KEPT"
        found.append(ExceptionView(words=words, detail=_some(sorted(keeping)), tone=Tone.OFFLINE))
    return found


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"


def _numbers(floor: Floor, now: datetime, forecast: Mapping[str, Forecast]) -> tuple[BigNumberView, ...]:
    at_work = sum(
        row.cards_in_progress + row.cards_failed + row.cards_passed + row.cards_assembled
        for row in floor.progress.values()
    )
    late = sum(each.is_late for each in forecast.values())
    yielded = floor.first_pass.percent
    return (
        BigNumberView(value=f"{cards_per_hour(floor, now):.0f}", caption="cards / hour"),
        BigNumberView(value=str(at_work), caption="cards in work"),
        BigNumberView(value="-" if yielded is None else f"{yielded:.1f}%", caption="first-pass yield"),
        BigNumberView(
            value=str(late),
            caption="job late" if late == 1 else "jobs late",
            tone=Tone.BAD if late else Tone.NORMAL,
        ),
    )
