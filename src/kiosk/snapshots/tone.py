"""How much a line asks for the eye: the one scale that every view uses."""

from enum import StrEnum


class Tone(StrEnum):
    """How much a line asks for the eye. Grey is normal; saturation is exception."""

    DIM = "dim"
    NORMAL = "normal"
    STRONG = "strong"
    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"
    OFFLINE = "offline"
