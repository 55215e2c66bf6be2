"""What a station role is to the eye: its keys, its imperative, and the words of its help.

A role's module in this package makes one `RolePresentation`; the station session takes footer and
imperative from it, the help screen its words. What a role does is known elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.snapshots.keys import FooterKey, FooterView, Intent
from kiosk.snapshots.station import StationRole
from kiosk.widgets.panels import HelpView

HELP = FooterKey(key="F1", label="Help", intent=Intent.HELP)
UNDO = FooterKey(key="F2", label="Undo", intent=Intent.UNDO)
NO_UNDO = FooterKey(key="F2", label="Undo", intent=Intent.UNDO, enabled=False, says_why=True)
"""Where nothing that is done can be taken back: dim, and pressed it says so."""
CALL_LEAD = FooterKey(key="F8", label="Call lead", intent=Intent.CALL_LEAD)
LOG_OFF = FooterKey(key="F10", label="Log off", intent=Intent.LOG_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePresentation:
    """One station role. `ready_big` and `ready_words` fill the grey band while nothing is scanned."""

    role: StationRole
    ready_big: str
    ready_words: str
    how: tuple[str, ...]
    own_keys: tuple[FooterKey, ...] = ()
    how_at: Mapping[type[object], tuple[str, ...]] = field(default_factory=dict[type[object], tuple[str, ...]])
    """What help says instead on boards of its own, by the view that they show."""
    undo: FooterKey = UNDO

    @property
    def footer(self) -> FooterView:
        """The role's keys: help and undo, its own, then call lead and log off, everywhere alike."""
        return FooterView(keys=(HELP, self.undo, *self.own_keys, CALL_LEAD, LOG_OFF))

    @property
    def logged_off_footer(self) -> FooterView:
        """The keys while nobody is logged on."""
        return FooterView(keys=(HELP, CALL_LEAD))

    def help_view(self, footer: FooterView, board: object = None) -> HelpView:
        """The role's help on that board, with the keys that are on the footer now."""
        how = self.how_at.get(type(board), self.how)
        return HelpView(self.role.value, how, tuple((key.key, key.label) for key in footer.keys if not key.says_why))
