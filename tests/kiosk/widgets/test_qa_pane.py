"""The QA work area: what could be meant is shown or counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.qa_entry import QaEntry, entry_view, press
from kiosk.snapshots.work import ChipView, QaEntryView, QaView, SuggestionLine
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.panes import QaPane
from tests.kiosk.station_session.bench import CATALOGUE


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


@pytest.mark.parametrize("keys", ["201+", "20+", "201201", "999", "QX", "201X ", "*7"])
@pytest.mark.parametrize("height", [14, 17, 30])
def test_why_a_key_did_nothing_is_said_whole(keys: str, height: int) -> None:
    """Given the narrowest screen, when a key of the entry does nothing, then no word of the reason is cut."""
    entry = QaEntry()
    for key in keys:
        entry, _ = press(entry, {" ": "space"}.get(key, key), CATALOGUE)
    assert entry.problem
    said = " ".join(" ".join(painted(entry_view(entry, CATALOGUE), height)).split())
    assert "…" not in said
    for word in entry.problem.split():
        assert word in said
