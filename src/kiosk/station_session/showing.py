"""What a session shows around its work: header, verdict, log-on. Pure but for the clock that it is given."""

from datetime import datetime

from core.domain.readings import BadgeRead
from kiosk.printable import shown
from kiosk.snapshots import ConnectionState, HeaderView, LogOnView, ScannerState, VerdictState, VerdictView
from kiosk.station_session.asking import Asking, Lateness
from kiosk.station_session.verdicts import VerdictBand
from kiosk.station_session.work import Surroundings, Work

FAULT = LogOnView(
    big="CALL A LEAD",
    sentence="This screen has a fault and cannot show its work.",
    problem="The log says what it is. Scans are recorded as before.",
)
"""Shown where a view cannot be made."""


def header_of(
    around: Surroundings,
    asking: Asking,
    now: datetime,
    *,
    work: Work | None,
    scanner: ScannerState,
    operator: BadgeRead | None,
) -> HeaderView:
    """Return the header; ``work`` is None where nothing of it is to be seen."""
    return HeaderView(
        station=shown(around.station.name, 24),
        job="" if work is None else work.job_line(),
        details=() if work is None else work.details(),
        connection=asking.state,
        offline_for=asking.offline_for(now),
        scanner=scanner,
        operator="" if operator is None else shown(operator.name, 20),
        clock=around.words.clock(now),
    )


def verdict_of(asking: Asking, band: VerdictBand, work: Work, now: datetime, *, behind: int) -> VerdictView:
    """Return the verdict, or that there is none because the database is silent; ``behind`` scans wait."""
    if asking.lateness is Lateness.WAITING:
        return VerdictView(
            state=VerdictState.OFFLINE,
            big="WAIT",
            words="NO ANSWER FROM THE DATABASE",
            instruction=f"Not recorded yet, {behind} more wait" if behind else "The last scan is not recorded yet",
            serial=band.serial,
        )
    if asking.state is ConnectionState.OFFLINE:
        return VerdictView(
            state=VerdictState.OFFLINE,
            big="OFFLINE",
            words=f"NO ANSWER FROM THE DATABASE FOR {asking.offline_for(now)}",
            instruction="Only green is done",
            serial=band.serial,
        )
    if asking.lateness is Lateness.CHECKING:
        return VerdictView(state=VerdictState.CHECKING, big="…", words="CHECKING", serial=band.serial)
    return band.view(work.ready())


def log_on_view(around: Surroundings, asking: Asking, now: datetime, problem: str) -> LogOnView:
    """Return the imperative to log on, and what went wrong if something did."""
    if asking.state is ConnectionState.OFFLINE:
        problem = f"No answer from the database for {asking.offline_for(now)}. It is asked again and again."
    return LogOnView(sentence=f"{shown(around.station.name, 40)} · nobody is logged on", problem=problem)
