"""The QA work area: what could be meant is shown or counted."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.snapshots.work import ChipView, QaEntryView, QaView, SuggestionLine
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.panes import QaPane


class NightPane(QaPane):
    """The pane without an app."""

    palette = NIGHT  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride] (no app to ask)


def painted(entry: QaEntryView, height: int) -> list[str]:
    """The pane's lines while a card is inspected."""
    canvas = Canvas(54, height, NIGHT.text())
    NightPane().paint(canvas, QaView(card="J1044-S012-11", entry=entry))
    return [strip.text.rstrip() for strip in canvas.strips()]


@given(offered=st.integers(0, 9), more=st.integers(0, 80), chips=st.integers(0, 9), height=st.integers(14, 36))
def test_every_code_that_answers_is_shown_or_counted(offered: int, more: int, chips: int, height: int) -> None:
    """Given more codes than there are rows, then the rest is a number; what is taken and what Enter does stay."""
    more = more if offered == 9 else 0
    entry = QaEntryView(
        suggestions=tuple(SuggestionLine(code=f"F-20{number}", words="foil") for number in range(offered)),
        more=more,
        chips=tuple(ChipView(code=f"C-10{number}", words="ding") for number in range(min(chips, 3))),
    )
    lines = painted(entry, height)
    shown = sum("F-20" in line for line in lines)
    counted = sum(int(line.split()[0][1:]) for line in lines if line.strip().startswith("+") and "more" in line)
    assert shown + counted == offered + more
    assert any("THIS CARD" in line for line in lines)
    assert any(("FAIL with" if chips else "PASS") in line for line in lines)
