"""One value per station role: what it is to the eye."""

from typing import Final

from kiosk.roles.assembly import ASSEMBLY
from kiosk.roles.cardops import CARDOPS
from kiosk.roles.cutter import CUTTER
from kiosk.roles.embellish import EMBELLISH
from kiosk.roles.lead import LEAD
from kiosk.roles.packing import PACKING
from kiosk.roles.presentation import RolePresentation
from kiosk.roles.press import PRESS
from kiosk.roles.qa import QA
from kiosk.snapshots.station import StationRole

ROLES: Final = (PRESS, EMBELLISH, CUTTER, CARDOPS, QA, ASSEMBLY, PACKING, LEAD)
"""Every role; a new one is a module here and a line in this tuple."""

_BY_ROLE: Final = {presentation.role: presentation for presentation in ROLES}


def presentation_of(role: StationRole) -> RolePresentation:
    """What a role is to the eye."""
    return _BY_ROLE[role]


__all__ = ["ROLES", "RolePresentation", "presentation_of"]
