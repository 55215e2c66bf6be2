"""The footer says every key, and no two run into one another; the demo's hint is never cut inside a word."""

import pytest

from kiosk.roles.lead import CARD_FOOTER, FLOOR_FOOTER, JOB_FOOTER, SHEET_FOOTER
from kiosk.roles.presentation import CALL_LEAD
from kiosk.snapshots.frame import NextScanView
from kiosk.snapshots.keys import FooterKey, FooterView, Intent
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.frame import FooterLine, FooterLineView, HintLine, HintView

END = FooterKey(key="Ctrl+Q", label="End", intent=Intent.END)


class NightFooter(FooterLine):
    """A footer without an app."""

    palette = NIGHT  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride] (no app to ask)


def painted(footer: FooterView, width: int) -> str:
    """A footer's row."""
    canvas = Canvas(width, 1, NIGHT.text(), NIGHT.glyphs)
    NightFooter().paint(canvas, FooterLineView(footer))
    return canvas.strip(0).text


@pytest.mark.parametrize("footer", [FLOOR_FOOTER, JOB_FOOTER, SHEET_FOOTER, CARD_FOOTER])
def test_a_lead_in_the_demo_reads_every_key_at_80_columns(footer: FooterView) -> None:
    """Nothing is cut off, and a blank stands before each key; only arrows may go without words."""
    row = painted(FooterView(keys=(*footer.keys, END)), 80)
    for key in (*footer.keys, END):
        words = key.key if key.key in {"↑↓", "←→"} else f"{key.key} {key.label}"
        assert words in " ".join(row.split()), key
        assert row.index(key.key) == 0 or row[row.index(key.key) - 1] == " ", key


def test_where_there_is_room_arrows_say_what_they_do() -> None:
    """Words go only where they must."""
    assert "↑↓  Select" in painted(FLOOR_FOOTER, 100)
    assert CALL_LEAD.label in painted(FooterView(keys=(CALL_LEAD,)), 20)


class NightHint(HintLine):
    """A hint without an app."""

    palette = NIGHT  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride] (no app to ask)


WHY = "one key passes it; three digits and Enter fail it, such as 201"


@pytest.mark.parametrize("typed", ["", "9", "J1044-S001-07", "J" * 64])
@pytest.mark.parametrize("width", range(60, 110, 7))
def test_a_hint_is_shortened_at_words(width: int, typed: str) -> None:
    """Given what is typed beside it, then whole words of the hint are left, with a sign that there are more."""
    canvas = Canvas(width, 1, NIGHT.text(), NIGHT.glyphs)
    NightHint().paint(canvas, HintView(NextScanView(code="+", why=WHY), typed))
    row = canvas.strip(0).text
    assert row.startswith("  SCAN NEXT  + ")
    said = row.removeprefix("  SCAN NEXT  + ").partition(typed[:8] or "\0")[0].strip()
    kept = said.removesuffix(" …").split()
    whole = WHY.split()
    assert [word.rstrip(",;") for word in kept] == [word.rstrip(",;") for word in whole[: len(kept)]]
    assert said.endswith(" …") == (0 < len(kept) < len(whole))
