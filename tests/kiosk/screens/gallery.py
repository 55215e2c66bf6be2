"""Snapshots by hand, for tests that need a screen of every kind at once, and of what is at the limits.

What screens look like is played: `stories`, `stories_seldom`, `stories_away`. Only what no shop has yet, a sheet of
ninety-nine and text from an attacker, is looked at here.
"""

from dataclasses import replace

from kiosk.roles import presentation_of
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ScannerState
from kiosk.snapshots.panes import LastScansView
from kiosk.snapshots.station import StationRole, StationSnapshot
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from tests.kiosk.screens.gallery_leads import (
    LEAD,
    LEAD_CARD,
    LEAD_JOB,
    LEAD_SHEET,
)
from tests.kiosk.screens.gallery_line import (
    ASSEMBLY,
    ASSEMBLY_AGAIN,
    ASSEMBLY_CHECKING,
    ASSEMBLY_DEMO,
    ASSEMBLY_LARGE,
    ASSEMBLY_OFFLINE,
    ASSEMBLY_PIN,
    ASSEMBLY_READY,
    ASSEMBLY_REFUSED,
    ASSEMBLY_STOP,
    EMBELLISH,
    QA,
    QA_IDLE,
    QA_QUESTION,
)
from tests.kiosk.screens.gallery_parts import (
    header,
    scan,
)

LOG_ON = StationSnapshot(
    role=StationRole.ASSEMBLY,
    header=header("ASSY-2", ""),
    verdict=VerdictView(state=VerdictState.READY),
    work=LogOnView(
        sentence="Nobody is logged on at ASSY-2.",
        lines=("26 cards wait here, the oldest for 0:18.",),
    ),
    footer=presentation_of(StationRole.ASSEMBLY).logged_off_footer,
)
LOG_ON_PROBLEM = replace(
    LOG_ON,
    header=header("ASSY-2", "", scanner=ScannerState.MISSING),
    work=replace(LOG_ON.work, problem="OP-99 is no badge of this shop"),
)

HOSTILE = replace(
    ASSEMBLY_AGAIN,
    header=header("ASSY-2", "[red]O'Neil[/]", "JOB J1044", "Dragons \x1b[31m S3", "名刺セット"),
    verdict=VerdictView(
        state=VerdictState.ATTENTION,
        big="[b]07\x1b",
        counter="13/18",
        counter_caption="in set J1044-S011",
        words="UNKNOWN CODE",
        instruction="\x1b]0;title\x07[link=x]" + "A" * 10_000,
        serial=9,
    ),
    scans=LastScansView(lines=(scan("[bold]x\u202e", "\x00\x1b[2J", "14:32:05", VerdictState.ATTENTION),)),
)

GALLERY = {
    "assembly": ASSEMBLY,
    "assembly_ready": ASSEMBLY_READY,
    "assembly_checking": ASSEMBLY_CHECKING,
    "assembly_again": ASSEMBLY_AGAIN,
    "assembly_offline": ASSEMBLY_OFFLINE,
    "assembly_refused": ASSEMBLY_REFUSED,
    "assembly_stop": ASSEMBLY_STOP,
    "assembly_pin": ASSEMBLY_PIN,
    "assembly_demo": ASSEMBLY_DEMO,
    "assembly_large": ASSEMBLY_LARGE,
    "embellish": EMBELLISH,
    "qa": QA,
    "qa_idle": QA_IDLE,
    "qa_question": QA_QUESTION,
    "lead": LEAD,
    "lead_job": LEAD_JOB,
    "lead_sheet": LEAD_SHEET,
    "lead_card": LEAD_CARD,
    "log_on": LOG_ON,
    "log_on_problem": LOG_ON_PROBLEM,
    "hostile": HOSTILE,
}
"""Each by name."""

AT_THE_LIMITS = ("assembly_large", "assembly_demo", "lead", "hostile")
"""Those of them that are looked at themselves: large, with the demo's hint and a full floor, and hostile."""

STATES = {
    "ready": ASSEMBLY_READY,
    "accepted": ASSEMBLY,
    "rejected": ASSEMBLY_STOP,
    "attention": ASSEMBLY_AGAIN,
    "offline": ASSEMBLY_OFFLINE,
}
"""The five states of the feedback contract on one station."""
