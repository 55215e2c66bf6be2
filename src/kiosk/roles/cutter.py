"""CUTTER: a sheet ends here and its cards begin."""

from kiosk.roles.presentation import RolePresentation
from kiosk.snapshots.station import StationRole

CUTTER = RolePresentation(
    role=StationRole.CUTTER,
    ready_big="SCAN",
    ready_words="SCAN THE SHEET TO CUT",
    how=(
        "Scan the sheet, then cut it. Every card has its number and its label from then on.",
        "Stack the cards as the screen shows them: each number stands where its card lay on the sheet.",
        "A sheet is cut once. A second scan changes nothing and says so. F2 takes no cut back.",
    ),
)
