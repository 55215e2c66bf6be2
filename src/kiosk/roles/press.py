"""PRESS: sheets come off and are scanned."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.station import StationRole

PRESS = RolePresentation(
    role=StationRole.PRESS,
    ready_big="SCAN",
    ready_words="SCAN THE SHEET COMING OFF",
    how=(
        "Scan each sheet as it comes off, then lay it on the pile for the next station.",
        "The bar shows how far the job is; below it stand the jobs that wait, most urgent first.",
        "A sheet that was spoilt is not scanned: call a lead with F8, who voids it.",
    ),
)
