"""PACKING: complete sets go into boxes."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.keys import FooterKey, Intent
from kiosk.snapshots.station import StationRole

PACKING = RolePresentation(
    role=StationRole.PACKING,
    ready_big="SCAN",
    ready_words="SCAN A SET OR A BOX",
    how=(
        "Scan the box, then the sets that go into it. Only complete sets are taken.",
        "A set with a replacement card needs a manager: badge and PIN of somebody who did not gather it.",
        "F5 closes the box.",
    ),
    own_keys=(FooterKey(key="F5", label="Close box", intent=Intent.CLOSE_BOX),),
)
