"""Which sound belongs to which change of what is shown, and how each is made of tones.

Rhythm and pitch tell the states apart without looking: one short high, three low, two middling,
a falling tone, a low tick. Pure: the player writes the bytes to a file and plays it.
"""

import math
import struct
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState

RATE: Final = 22_050
"""Samples per second."""
_FADE: Final = 0.004
# Seconds at each end of a tone; without them every tone begins and ends in a click.


class Cue(StrEnum):
    """One sound of the feedback contract."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ATTENTION = "attention"
    OFFLINE = "offline"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One tone: its pitch in Hz at the start and at the end, its length, and the silence after it (ms)."""

    start: float
    end: float
    length: int
    silence: int = 0
    loudness: float = 0.6


PATTERNS: Final[Mapping[Cue, tuple[Tone, ...]]] = MappingProxyType(
    {
        Cue.ACCEPTED: (Tone(start=1760, end=1760, length=80),),
        Cue.REJECTED: tuple(Tone(start=220, end=220, length=180, silence=70, loudness=0.9) for _ in range(3)),
        Cue.ATTENTION: tuple(Tone(start=740, end=740, length=120, silence=60) for _ in range(2)),
        Cue.OFFLINE: (Tone(start=880, end=294, length=450),),
        Cue.HELD: (Tone(start=294, end=294, length=40, loudness=0.5),),
    }
)
"""The tones of every cue, in order."""

STOP_REPEATS_EVERY: Final = 2.0
"""Seconds between repeats of the stop's sound, until it is cleared."""


def cue_for(before: StationSnapshot | None, after: StationSnapshot) -> Cue | None:
    """The sound of a change: of a new stop, a scan ignored while stopped, or a new verdict."""
    if after.stop is not None:
        if before is None or before.stop is None:
            return Cue.REJECTED
        changed = (before.stop.serial, before.stop.ignored) != (after.stop.serial, after.stop.ignored)
        return Cue.REJECTED if changed else None
    verdict = after.verdict
    # Every verdict has a number; a prompt that returns after one has the number of that one, and is silent.
    if before is not None and verdict.serial <= before.verdict.serial:
        return None
    match verdict.state:
        case VerdictState.READY | VerdictState.CHECKING:
            return None
        case VerdictState.ACCEPTED:
            return Cue.ACCEPTED
        case VerdictState.REJECTED:
            return Cue.REJECTED
        case VerdictState.ATTENTION:
            return Cue.ATTENTION
        case VerdictState.OFFLINE:
            offline_before = before is not None and before.verdict.state is VerdictState.OFFLINE
            return Cue.HELD if offline_before else Cue.OFFLINE


def wave(cue: Cue, volume: int = 100) -> bytes:
    """The cue as a WAV file: 16 bits, mono, at a volume of 0 to 100 percent."""
    samples = array("h")
    for tone in PATTERNS[cue]:
        samples.extend(_samples(tone, volume / 100))
    if struct.pack("=H", 1) != struct.pack("<H", 1):
        samples.byteswap()
    payload = samples.tobytes()
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    chunk = struct.pack("<4sI", b"data", len(payload)) + payload
    return struct.pack("<4sI4s", b"RIFF", 4 + len(layout) + len(chunk), b"WAVE") + layout + chunk


def _samples(tone: Tone, volume: float) -> "array[int]":
    count = RATE * tone.length // 1000
    fade = int(RATE * _FADE)
    samples = array("h")
    phase = 0.0
    for index in range(count):
        phase += 2 * math.pi * (tone.start + (tone.end - tone.start) * index / count) / RATE
        envelope = min(1.0, index / fade, (count - index) / fade)
        # An octave above makes a low tone heard on a small loudspeaker.
        level = 0.75 * math.sin(phase) + 0.25 * math.sin(2 * phase)
        samples.append(int(32_767 * volume * tone.loudness * envelope * level))
    samples.extend([0] * (RATE * tone.silence // 1000))
    return samples
