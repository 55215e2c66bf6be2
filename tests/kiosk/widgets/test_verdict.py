"""The verdict band: what happened is read from afar, whatever is counted beside it."""

import pytest

from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.verdict import VerdictBand
from tests.kiosk.screens.capture import find_big


class NightBand(VerdictBand):
    """A band without an app."""

    palette = NIGHT  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride] (no app to ask)


@pytest.mark.parametrize("counter", ["2/4", "18/18", "120/120", ""])
@pytest.mark.parametrize("big", ["MANAGER", "PACKED", "07"])
@pytest.mark.parametrize(("width", "height"), [(80, 7), (100, 9)])
def test_the_counter_gives_way_to_the_verdict(big: str, counter: str, width: int, height: int) -> None:
    """Given more than has room at the smallest size, then the verdict is big and the counter stands in plain words."""
    canvas = Canvas(width, height, NIGHT.text(), NIGHT.glyphs)
    NightBand().paint(canvas, VerdictView(state=VerdictState.ATTENTION, big=big, counter=counter, words="WAIT"))
    lines = [strip.text for strip in canvas.strips()]
    assert find_big(lines, big) is not None
    assert find_big(lines, counter) is not None or any(counter in line for line in lines)
