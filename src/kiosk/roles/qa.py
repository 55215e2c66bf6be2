"""QA: every card is passed, or failed with codes."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.keys import FooterKey, Intent
from kiosk.snapshots.station import StationRole

QA = RolePresentation(
    role=StationRole.QA,
    ready_big="SCAN",
    ready_words="SCAN THE NEXT CARD",
    how=(
        "Scan a card and inspect it. + passes it.",
        "To fail it type the code's three digits, or a word, or *1 to *9; Enter then records the fail.",
        "Backspace takes a code back, Esc drops what is typed.",
        "F2 takes back the last verdict, no earlier one, for ten seconds.",
        "A card left without a verdict stays checked in: scan it again for one.",
    ),
    own_keys=(
        FooterKey(key="+", label="Pass", intent=Intent.PASS_CARD),
        FooterKey(key="Enter", label="Fail", intent=Intent.FAIL_CARD),
    ),
)
