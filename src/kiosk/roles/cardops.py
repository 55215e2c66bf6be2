"""CARDOPS: numbering and memorabilia, card by card."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.station import StationRole

CARDOPS = RolePresentation(
    role=StationRole.CARDOPS,
    ready_big="SCAN",
    ready_words="SCAN A CARD",
    how=(
        "Scan the card. Numbering: type the number that it got, then Enter. Memorabilia: scan the insert's serial.",
        "A card that has its number or insert from before is scanned again when it is done.",
        "A number or an insert is used once; a second use is refused, and the screen says where the first is.",
    ),
)
