"""Every role has its keys, its imperative and its help."""

import pytest

from kiosk.roles import ROLES, RolePresentation, presentation_of
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationRole
from kiosk.widgets.canvas import cells


def test_every_role_has_exactly_one_presentation() -> None:
    """A role without one could not be shown."""
    assert [presentation.role for presentation in ROLES] == list(StationRole)
    assert all(presentation_of(role).role is role for role in StationRole)


@pytest.mark.parametrize("presentation", ROLES, ids=lambda presentation: presentation.role)
def test_help_undo_call_lead_and_log_off_are_everywhere_on_the_same_keys(presentation: RolePresentation) -> None:
    """F1, F2, F8 and F10, whatever the role."""
    keys = {key.intent: key.key for key in presentation.footer.keys}
    assert {intent: keys[intent] for intent in (Intent.HELP, Intent.UNDO, Intent.CALL_LEAD, Intent.LOG_OFF)} == {
        Intent.HELP: "F1",
        Intent.UNDO: "F2",
        Intent.CALL_LEAD: "F8",
        Intent.LOG_OFF: "F10",
    }


@pytest.mark.parametrize("presentation", ROLES, ids=lambda presentation: presentation.role)
def test_the_footer_fits_the_smallest_terminal_whole(presentation: RolePresentation) -> None:
    """No key is cut off at 80 columns."""
    keys = presentation.footer.keys
    assert sum(cells(key.key) + cells(key.label) + 3 for key in keys) + len(keys) - 1 <= 80
    assert all(presentation.how)
