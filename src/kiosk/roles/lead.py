"""LEAD: the whole floor, and down to the life of one card."""

from dataclasses import replace

from kiosk.roles.presentation import HELP, LOG_OFF, UNDO, RolePresentation
from kiosk.snapshots.keys import FooterKey, FooterView, Intent
from kiosk.snapshots.station import StationRole

LEAD = RolePresentation(
    role=StationRole.LEAD,
    ready_big="FLOOR",
    ready_words="ALL STATIONS",
    how=(
        "What is stopped, offline, overloaded or late stands first, whatever else there is.",
        "Enter opens the selected job, then its sheet, then the card with its whole history; Esc goes back.",
        "/ finds any id: type it or scan it. S goes to the stations, R shows the jobs at risk only.",
        "Among the stations Enter shows the call of one; it ends when you say that a lead came.",
    ),
)

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
