"""The symbols and colours that states have in common on every screen, so that none is known by colour alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.snapshots.slots import SlotState
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import VerdictState

VERDICT_SYMBOLS: Final[Mapping[VerdictState, str]] = MappingProxyType(
    {
        VerdictState.READY: "→",
        VerdictState.CHECKING: "…",
        VerdictState.ACCEPTED: "✓",
        VerdictState.REJECTED: "✗",
        VerdictState.ATTENTION: "▲",
        VerdictState.OFFLINE: "≠",
    }
)

VERDICT_TONES: Final[Mapping[VerdictState, Tone]] = MappingProxyType(
    {
        VerdictState.READY: Tone.NORMAL,
        VerdictState.CHECKING: Tone.DIM,
        VerdictState.ACCEPTED: Tone.NORMAL,
        VerdictState.REJECTED: Tone.BAD,
        VerdictState.ATTENTION: Tone.ATTENTION,
        VerdictState.OFFLINE: Tone.OFFLINE,
    }
)
"""Tone of a past scan in a list: an accepted one is normal, and normal is grey."""

TONE_SYMBOLS: Final[Mapping[Tone, str]] = MappingProxyType(
    {
        Tone.DIM: "·",
        Tone.NORMAL: "·",
        Tone.STRONG: "·",
        Tone.GOOD: "✓",
        Tone.ATTENTION: "▲",
        Tone.BAD: "✗",
        Tone.OFFLINE: "≠",
    }
)

SLOT_SYMBOLS: Final[Mapping[SlotState, str]] = MappingProxyType(
    {
        SlotState.IN: "✓",
        SlotState.NEW: "✓",
        SlotState.KEPT: "≠",
        SlotState.ELSEWHERE: "",
        SlotState.HOLD: "▲",
        SlotState.REMAKE: "✗",
        SlotState.REPLACED: "✓",
    }
)
