"""What F2 says of a deed that stays: the paper lies where it lies, whatever is pressed. Called by the controls."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from core.domain import events as happened
from core.domain.events import Event

__all__ = ["stays"]

_LEAD: Final = "call a lead with F8"

_STAYS: Final[Mapping[type[Event], tuple[str, str]]] = MappingProxyType(
    {
        happened.SetPacked: ("A packed set", _LEAD),
        happened.PackSealed: ("A sealed container", _LEAD),
        happened.PackNested: ("What was put in", _LEAD),
        happened.PackOpened: ("An opened container", "fill it, or put it aside"),
        happened.SheetCut: ("A cut", _LEAD),
        happened.ReplacementCardUnitCreated: ("A remake", "the old card stays void"),
        happened.CardUnitVoided: ("A void", "the card can be made again"),
        happened.SheetVoided: ("A void", "the set can be made again"),
        happened.ReplacementSetAuthorized: ("An authorization", _LEAD),
        happened.VoidedCardTakenOut: ("A void card's way out", "put it in the RED box"),
        happened.TrayBrought: ("A tray's way here", "carry it back, scan its label there"),
        happened.TrayParked: ("A parked tray", "scan its label to open it"),
    }
)
"""What has no undo, and what to do instead; of what one scan did, the first that stands here is told."""


def stays(deed: Sequence[Event]) -> str | None:
    """Return the sentence on a deed that nothing takes back; None where it is not known to be one."""
    kinds: Callable[[Event], type[Event]] = type
    done = {kinds(event) for event in deed}
    return next(
        (f"{what} is not taken back: {instead}" for kind, (what, instead) in _STAYS.items() if kind in done), None
    )
