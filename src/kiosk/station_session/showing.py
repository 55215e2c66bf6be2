"""What a session shows: its work with header, verdict, last scans and footer around it. Reads nothing."""

import logging
from dataclasses import dataclass

from kiosk.printable import shown
from kiosk.snapshots import (
    ConnectionState,
    FooterKey,
    FooterView,
    HeaderView,
    Intent,
    LastScansView,
    LogOnView,
    NextScanView,
    QuestionView,
    ScannerState,
    StationRole,
    StationSnapshot,
    VerdictState,
    VerdictView,
    WorkView,
)
from kiosk.station_session.asking import Asking, Lateness
from kiosk.station_session.desk import StationDesk
from kiosk.station_session.verdicts import VerdictBand
from kiosk.station_session.work import Surroundings, Work
from store.clock import SKEW_SECONDS

_LOG = logging.getLogger(__name__)

_RELEASE_FOOTER = FooterView(keys=(FooterKey(key="R", label="Clear the stop", intent=Intent.RELEASE_STOP),))
_NO_FOOTER = FooterView()

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))
_ENOUGH = 2
"""Of a unit, before it is counted in."""

END_DEMO = FooterKey(key="Ctrl+Q", label="End", intent=Intent.END)
"""The one way out, on the footer of demos only."""

FAULT = LogOnView(
    big="CALL A LEAD",
    sentence="This screen has a fault and cannot show its work.",
    problem="The log says what it is. Scans are recorded as before.",
)
"""Shown where a view cannot be made."""


@dataclass(slots=True, kw_only=True)
class Screen:
    """What the terminal is, besides its work: how its scanner is, what is typed, what a demo would scan next."""

    may_end: bool = False
    scanner: ScannerState = ScannerState.KEYBOARD
    typed: str = ""
    next_scan: NextScanView | None = None


def snapshot_of(
    around: Surroundings, asking: Asking, desk: StationDesk, screen: Screen, *, behind: int
) -> StationSnapshot:
    """Return everything that is to be shown now; ``behind`` scans wait. Never fails."""
    try:
        return _snapshot(around, asking, desk, screen, behind)
    except Exception:  # noqa: BLE001 - the last guard: a view that cannot be made must not end the app
        _LOG.exception("a view could not be made")
        return StationSnapshot(
            role=StationRole(around.station.role.value),
            header=_header(around, asking, desk, screen, None),
            verdict=desk.band.view(VerdictView(state=VerdictState.READY)),
            work=FAULT,
            footer=_footer(desk, screen, off=True),
            stop=desk.stops.view(),
        )


def _snapshot(around: Surroundings, asking: Asking, desk: StationDesk, screen: Screen, behind: int) -> StationSnapshot:
    now, work = desk.now(), desk.work
    off = desk.person is None and not work.is_public
    view: WorkView = log_on_view(around, asking, desk.log_on_problem) if off else work.view(now)
    return StationSnapshot(
        role=StationRole(around.station.role.value),
        header=_header(around, asking, desk, screen, None if off else work),
        verdict=verdict_of(asking, desk.band, work, behind=behind),
        work=view,
        scans=LastScansView(lines=desk.last_scans()),
        footer=_footer(desk, screen, off=off),
        stop=desk.stops.view(),
        question=desk.question,
        next_scan=screen.next_scan,
        typed=screen.typed,
        typing_is_keys=_typing_is_keys(desk, off=off),
    )


def _header(around: Surroundings, asking: Asking, desk: StationDesk, screen: Screen, work: Work | None) -> HeaderView:
    """Return the header; ``work`` is None where nothing of it is to be seen."""
    return HeaderView(
        station=shown(around.station.name, 24),
        job="" if work is None else work.job_line(),
        details=() if work is None else work.details(),
        connection=asking.state,
        offline_for=asking.offline_for(),
        scanner=screen.scanner,
        operator="" if desk.person is None else shown(desk.person.name, 20),
        clock=around.words.clock(desk.now()),
        clock_off=clock_off(around.store.clock.own_ahead_seconds),
    )


def clock_off(seconds: float) -> str:
    """Say by how much this machine's own clock is ahead of the database's, "+3 m"; nothing for a trifle."""
    if abs(seconds) <= SKEW_SECONDS:
        return ""
    fitting = (each for each in _UNITS if abs(seconds) >= _ENOUGH * each[0])
    size, unit = next(fitting, (1, "s"))
    return f"{seconds / size:+.0f} {unit}"


def _footer(desk: StationDesk, screen: Screen, *, off: bool) -> FooterView:
    if desk.stops.standing is not None:
        return _RELEASE_FOOTER if desk.stops.lead_is_here else _NO_FOOTER
    footer = desk.work.presentation.logged_off_footer if off else desk.work.footer()
    # A kiosk is never left; a demo must be.
    return FooterView(keys=(*footer.keys, END_DEMO)) if screen.may_end else footer


def _typing_is_keys(desk: StationDesk, *, off: bool) -> bool:
    if desk.stops.standing is not None:
        # R is a key only while a lead stands there; until then the RESET card may be typed by hand.
        return desk.stops.lead_is_here
    return isinstance(desk.question, QuestionView) or (not off and desk.work.typing_is_keys())


def verdict_of(asking: Asking, band: VerdictBand, work: Work, *, behind: int) -> VerdictView:
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
            words=f"NO ANSWER FROM THE DATABASE FOR {asking.offline_for()}",
            instruction="Only green is done",
            serial=band.serial,
        )
    if asking.lateness is Lateness.CHECKING:
        return VerdictView(state=VerdictState.CHECKING, big="…", words="CHECKING", serial=band.serial)
    return band.view(work.ready())


def log_on_view(around: Surroundings, asking: Asking, problem: str) -> LogOnView:
    """Return the imperative to log on, and what went wrong if something did."""
    if asking.state is ConnectionState.OFFLINE:
        problem = f"No answer from the database for {asking.offline_for()}. It is asked again and again."
    return LogOnView(sentence=f"{shown(around.station.name, 40)} · nobody is logged on", problem=problem)
