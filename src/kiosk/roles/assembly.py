"""ASSEMBLY: the cards of one sheet come together again."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.keys import FooterKey, Intent
from kiosk.snapshots.station import StationRole

ASSEMBLY = RolePresentation(
    role=StationRole.ASSEMBLY,
    ready_big="SCAN",
    ready_words="SCAN A CARD",
    how=(
        "Scan a card and lay it in the tray on the place that turns green. The first card opens its set.",
        "Every empty place says where its card is now; F4 parks a set that cannot be finished yet.",
        "A card of another set is a stop: it never belongs in this tray, however alike it looks.",
        "TAKE OUT is a card that was voided in the tray: take it out, scan it, and it goes into the RED box.",
    ),
    own_keys=(FooterKey(key="F4", label="Park tray", intent=Intent.PARK_TRAY),),
)
