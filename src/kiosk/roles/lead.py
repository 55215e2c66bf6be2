"""LEAD: the whole floor, and down to the life of one card."""

from dataclasses import replace

from kiosk.roles.presentation import HELP, LOG_OFF, UNDO, RolePresentation
from kiosk.snapshots.keys import FooterKey, FooterView, Intent
from kiosk.snapshots.leads import LeadCardView, LeadJobView, LeadSheetView
from kiosk.snapshots.station import StationRole

LEAD = RolePresentation(
    role=StationRole.LEAD,
    ready_big="FLOOR",
    ready_words="ALL STATIONS",
    how=(
        "What waits for you, is stopped, offline, overloaded or late stands first.",
        "WAIT FOR YOU: at a gate of their route. Enter leads there, A approves.",
        "Enter opens the job, its sheet, a card. / finds an id, and so does a scan.",
        "S goes to the stations: Enter shows the call of one, or a kept scan that was refused there.",
        "F7 shows a kept scan that was refused here.",
        "R shows only the jobs at risk. A bar says how many cards are at each stage of the work.",
    ),
    how_at={
        LeadJobView: (
            "Each line is a sheet: its state, what is wrong with it, and where its cards are. Enter opens it.",
            "A approves the sheets that wait at the same gate, or else the cards that do; it asks first.",
            "F2 takes back the last approval, of several units together while nothing came after it.",
        ),
        LeadSheetView: (
            "Each card on its place, and what happened to the sheet. Enter opens a card; before the cut there is none.",
            "A approves the sheet at the gate where it waits, or else those of its cards that wait; it asks first.",
            "The label of a sheet that waits, scanned again, asks as well. F2 takes an approval back.",
        ),
        LeadCardView: (
            "The card's whole life, and where it lay on its sheet.",
            "W Rework: a card that failed QA goes back to an operation; what comes after it is done again.",
            "X Remake: it leaves production for good, you say why, and its replacement is made, with -R1 in its id.",
            "A approves a card that waits at a gate; it asks first.",
            "F2 takes back a rework or an approval while nothing came after it. A remake stays.",
        ),
    },
)
"""The help of each of its boards says what can be done there."""

_FIND = FooterKey(key="/", label="Find", intent=Intent.FIND)
_BACK = FooterKey(key="Esc", label="Back", intent=Intent.BACK)
_OPEN = FooterKey(key="Enter", label="Open", intent=Intent.OPEN)
_APPROVE = FooterKey(key="A", label="Approve", intent=Intent.APPROVE)

FLOOR_FOOTER = FooterView(
    keys=(
        HELP,
        UNDO,
        FooterKey(key="↑↓", label="Select", intent=Intent.PREVIOUS, second_intent=Intent.NEXT),
        _OPEN,
        FooterKey(key="S", label="Stations", intent=Intent.STATIONS),
        FooterKey(key="R", label="At risk", intent=Intent.AT_RISK),
        _FIND,
        LOG_OFF,
    )
)
"""The keys on the floor, where jobs are chosen."""


def floor_footer(enter: str) -> FooterView:
    """The keys on the floor, Enter under what it does with the chosen line: "Open", "Call" or "Settle"."""
    return FooterView(
        keys=tuple(replace(key, label=enter) if key.intent is Intent.OPEN else key for key in FLOOR_FOOTER.keys)
    )


def with_approval(footer: FooterView) -> FooterView:
    """The keys where something waits for a lead: A in the place of rework, which a unit that waits does not need."""
    keys = [key for key in footer.keys if key.intent is not Intent.REWORK]
    place = next(index for index, key in enumerate(keys) if key.intent in {Intent.REMAKE, Intent.FIND})
    return FooterView(keys=(*keys[:place], _APPROVE, *keys[place:]))


JOB_FOOTER = FooterView(
    keys=(
        HELP,
        UNDO,
        _BACK,
        FooterKey(key="↑↓", label="Sheet", intent=Intent.PREVIOUS, second_intent=Intent.NEXT),
        _OPEN,
        _FIND,
        LOG_OFF,
    )
)
"""The keys in a job."""

SHEET_FOOTER = FooterView(
    keys=(
        HELP,
        UNDO,
        _BACK,
        FooterKey(key="←→", label="Card", intent=Intent.PREVIOUS, second_intent=Intent.NEXT),
        _OPEN,
        _FIND,
        LOG_OFF,
    )
)
"""The keys in a sheet."""

CARD_FOOTER = FooterView(
    keys=(
        HELP,
        UNDO,
        _BACK,
        FooterKey(key="←→", label="Card", intent=Intent.PREVIOUS, second_intent=Intent.NEXT),
        FooterKey(key="W", label="Rework", intent=Intent.REWORK),
        FooterKey(key="X", label="Remake", intent=Intent.REMAKE),
        _FIND,
        LOG_OFF,
    )
)
"""The keys in a card. The session disables those that this card's state does not allow."""
