"""EMBELLISH: foil, UV and die cut, by recipe."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.station import StationRole

EMBELLISH = RolePresentation(
    role=StationRole.EMBELLISH,
    ready_big="SCAN",
    ready_words="SCAN A SHEET OR CARD",
    how=(
        "Scan a piece when you take it, and again when it is done.",
        "Work of one recipe stands together: finish a batch before you change the recipe.",
        "A piece that needs another step first is refused, and the screen says where it goes.",
    ),
)
