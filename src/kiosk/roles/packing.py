"""PACKING: complete sets go into boxes."""

from kiosk.roles.presentation import NO_UNDO, RolePresentation
from kiosk.snapshots.keys import FooterKey, Intent
from kiosk.snapshots.station import StationRole

PACKING = RolePresentation(
    role=StationRole.PACKING,
    ready_big="SCAN",
    ready_words="SCAN A SET OR A BOX",
    how=(
        "Scan the box, then the complete sets that go into it. F5 closes the box.",
        "A set that needs a manager goes back to assembly: the manager scans there.",
        "A case takes closed boxes, a pallet closed cases: scan it, then those.",
        "What is packed or opened is not taken back: call a lead with F8.",
    ),
    own_keys=(FooterKey(key="F5", label="Close box", intent=Intent.CLOSE_BOX),),
    undo=NO_UNDO,
)
