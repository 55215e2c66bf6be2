"""CARDOPS: numbering and memorabilia, card by card."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.station import StationRole

CARDOPS = RolePresentation(
    role=StationRole.CARDOPS,
    ready_big="SCAN",
    ready_words="SCAN A CARD",
    how=(
        "Scan the card, do what the screen says, and scan the card again.",
        "Numbering: the screen shows the number that this card gets. Memorabilia: scan the insert too.",
        "A number or an insert is used once; a second use is a stop.",
    ),
)
