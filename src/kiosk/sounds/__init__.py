"""What a station sounds like: patterns of tones, and a player that never makes anybody wait."""

from kiosk.sounds.cues import Cue, cue_for
from kiosk.sounds.player import SILENT, SoundPlayer, Sounds

__all__ = ["SILENT", "Cue", "SoundPlayer", "Sounds", "cue_for"]
