"""What a session shows: its work with header, verdict, last scans and footer around it. Reads nothing."""

import logging
from dataclasses import dataclass, replace

from kiosk.printable import shown
from kiosk.snapshots.dialogs import LogOnView, QuestionView
from kiosk.snapshots.frame import ConnectionState, HeaderView, NextScanView, NoticeView, ScannerState
from kiosk.snapshots.keys import FooterKey, FooterView, Intent
from kiosk.snapshots.panes import LastScansView
from kiosk.snapshots.station import StationRole, StationSnapshot, WorkView
from kiosk.snapshots.verdicts import StopView, VerdictState, VerdictView
from kiosk.station_session.asking import Asking, Lateness
from kiosk.station_session.desk import StationDesk
from kiosk.station_session.exceptions import Exceptions
from kiosk.station_session.verdicts import VerdictBand
from kiosk.station_session.work import Surroundings, Work
from kiosk.wording.holding import keeps_nothing, kept_words, spoken_wait
from store.clock import SKEW_SECONDS

_LOG = logging.getLogger(__name__)

_RELEASE_FOOTER = FooterView(keys=(FooterKey(key="R", label="Clear the stop", intent=Intent.RELEASE_STOP),))
_NO_FOOTER = FooterView()

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))
_ENOUGH = 2
"""Of a unit, before it is counted in."""

_ASKS_FOR_BADGE = VerdictView(state=VerdictState.READY, big="BADGE", words=LogOnView().big)
"""What is asked for while nobody is logged on; a terminal that is too small shows no more than this."""

SETTLE = FooterKey(key="F7", label="Settle", intent=Intent.SETTLE)
"""On the footer while a kept scan that was refused waits for somebody."""

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
    around: Surroundings,
    asking: Asking,
    desk: StationDesk,
    screen: Screen,
    exceptions: Exceptions,
    *,
    behind: int,
    halted: StopView | None,
    other_kiosk: str = "",
) -> StationSnapshot:
    """Return everything that is to be shown now; ``behind`` scans wait. Never fails.

    ``other_kiosk`` is the machine on which another process is at work as this station, if one is.

    ``halted`` covers the screen while what was scanned last is neither recorded nor kept.
    """
    try:
        shown_now = _snapshot(around, asking, desk, screen, exceptions, behind=behind)
        shown_now = replace(shown_now, notice=shown_now.notice or _other_kiosk(around, other_kiosk))
        if halted is None:
            return shown_now
        return replace(shown_now, stop=halted, footer=_with_end(_NO_FOOTER, screen), question=None)
    except Exception:  # noqa: BLE001 - the last guard: a view that cannot be made must not end the app
        _LOG.exception("a view could not be made")
        return StationSnapshot(
            role=StationRole(around.station.role.value),
            header=_header(around, asking, desk, screen, None),
            verdict=desk.band.view(VerdictView(state=VerdictState.READY)),
            work=FAULT,
            footer=_footer(desk, screen, off=True),
            stop=halted or desk.stops.view(),
        )


def _snapshot(
    around: Surroundings,
    asking: Asking,
    desk: StationDesk,
    screen: Screen,
    exceptions: Exceptions,
    *,
    behind: int,
) -> StationSnapshot:
    now, work = desk.now(), desk.work
    off = desk.person is None and not work.is_public
    view: WorkView = log_on_view(around, asking, desk.log_on_problem) if off else work.view(now)
    return StationSnapshot(
        role=StationRole(around.station.role.value),
        header=_header(around, asking, desk, screen, None if off else work),
        verdict=verdict_of(asking, desk.band, _ASKS_FOR_BADGE if off else work.ready(), behind=behind),
        work=view,
        scans=LastScansView(lines=desk.last_scans()),
        footer=_footer(desk, screen, off=off, settles=exceptions.any or desk.in_the_way is not None),
        notice=notice_of(asking, exceptions),
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
        kept=asking.keeping.in_all,
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


def notice_of(asking: Asking, exceptions: Exceptions) -> NoticeView | None:
    """Return what stays on the screen until somebody acts on it: scans that were refused, a disk that keeps none."""
    listed, keeping = exceptions.notice(), asking.keeping
    for words, why in (
        ("NOTHING CAN BE KEPT HERE", "" if keeping.trouble is None else keeps_nothing(keeping.trouble)),
        ("MEMORY DAMAGED", keeping.forgotten),
        ("DELIVERY IS HELD UP", keeping.delay),
        ("KEPT HERE UNDER ANOTHER NAME", keeping.problem_elsewhere),
    ):
        if why:
            # What may stop the line next comes before what has been done; how much of that there is stands behind it.
            also = f"{listed.words.capitalize()}. " if listed is not None else ""
            return NoticeView(words=words, detail=shown(also + why, 160))
    return listed


def _other_kiosk(around: Surroundings, machine: str) -> NoticeView | None:
    if not machine:
        return None
    station = shown(around.station.station_id, 24)
    return NoticeView(words=f"ANOTHER KIOSK IS AT WORK AS {station}", detail=f"on {shown(machine, 40)}")


def _footer(desk: StationDesk, screen: Screen, *, off: bool, settles: bool = False) -> FooterView:
    if desk.stops.standing is not None:
        return _with_end(_RELEASE_FOOTER if desk.stops.lead_is_here else _NO_FOOTER, screen)
    footer = desk.work.presentation.logged_off_footer if off else desk.work.footer()
    if settles and not off:
        footer = FooterView(keys=(*footer.keys[:-1], SETTLE, *footer.keys[-1:]))
    return _with_end(footer, screen)


def _with_end(footer: FooterView, screen: Screen) -> FooterView:
    # A kiosk is never left; a demo must be, also under a stop that its player cannot clear.
    return FooterView(keys=(*footer.keys, END_DEMO)) if screen.may_end else footer


def _typing_is_keys(desk: StationDesk, *, off: bool) -> bool:
    if desk.stops.standing is not None:
        # R is a key only while a lead stands there; until then the RESET card may be typed by hand.
        return desk.stops.lead_is_here
    return isinstance(desk.question, QuestionView) or (not off and desk.work.typing_is_keys())


def verdict_of(asking: Asking, band: VerdictBand, ready: VerdictView, *, behind: int) -> VerdictView:
    """Return the verdict, or that there is none because the database is silent; ``behind`` scans wait.

    ``ready`` is what is asked for where nothing is to be said.
    """
    if asking.keeping.is_on:
        return _keeping_verdict(asking, band, ready, behind)
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
        return _checking(band)
    return band.view(ready)


def _checking(band: VerdictBand) -> VerdictView:
    """Return what is said while an answer is late and not yet missed."""
    return VerdictView(
        state=VerdictState.CHECKING,
        big="CHECKING",
        words="CHECKING",
        instruction="not recorded yet",
        serial=band.serial,
    )


def _keeping_verdict(asking: Asking, band: VerdictBand, ready: VerdictView, behind: int) -> VerdictView:
    """Return the verdict of a station that keeps what it cannot deliver, and what it may go on with."""
    if asking.waits_for is not None:
        words = spoken_wait(asking.waits_for.why)
        return VerdictView(
            state=VerdictState.OFFLINE,
            big="WAIT",
            words=words.noun,
            instruction=f"Not answered yet, {behind} more wait" if behind else "Sent, and not answered yet",
            serial=band.serial,
        )
    if asking.lateness is Lateness.CHECKING:
        return _checking(band)
    # A board has no imperative that this could stand in for, and its header says it.
    is_board = not ready.words
    if not asking.is_keeping or band.is_shown or is_board or ready.state is not VerdictState.READY:
        return band.view(ready)
    kept = asking.keeping.count
    age = asking.offline_for()
    since = f"FOR {age}" if age else ""
    return replace(
        ready,
        state=VerdictState.OFFLINE,
        big=ready.big or "OFFLINE",
        counter=str(kept) if kept else "",
        counter_caption="kept here" if kept else "",
        words=kept_words(kept) if kept else f"OFFLINE {since}".strip(),
        instruction=(ready.instruction or ready.words.capitalize()) if age else "they are being delivered",
        serial=band.serial,
    )


def log_on_view(around: Surroundings, asking: Asking, problem: str) -> LogOnView:
    """Return the imperative to log on, and what went wrong if something did."""
    if asking.state is ConnectionState.OFFLINE:
        problem = f"No answer from the database for {asking.offline_for()}. It is asked again and again."
        if asking.keeping.is_on:
            problem += " Badges known here log on, and scans are kept here."
    return LogOnView(sentence=f"{shown(around.station.name, 40)} · nobody is logged on", problem=problem)
