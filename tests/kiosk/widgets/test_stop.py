"""The stop is shown at any size, and no word of it is painted over another."""

from dataclasses import replace
from itertools import takewhile

import pytest
from rich.style import Style

from kiosk.bigtype import GlyphSet, has_shapes
from kiosk.snapshots.frame import NextScanView
from kiosk.snapshots.verdicts import StopFact, StopView
from kiosk.station_session.stops import TOO_EARLY
from kiosk.themes import palette_of
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.stop import StopPanel, StopScreenView
from kiosk.widgets.stop_small import paint_small_stop
from tests.kiosk.screens.capture import RecordingApp, find_big, text_of
from tests.kiosk.screens.gallery import ASSEMBLY_STOP

assert ASSEMBLY_STOP.stop is not None
STOP = ASSEMBLY_STOP.stop
LEAD_MAY_CLEAR = replace(STOP, release="No RESET card? A lead scans a badge, then presses R")
BARE = StopView(noun="WRONG CARD", steps=("Put it aside", "Scan the RESET card"))
SIZES = [(40, 12), (20, 6), (60, 18), (80, 20), (79, 23), (120, 14), (30, 40), (24, 24), (80, 24), (160, 45)]


def words_of(lines: list[str]) -> str:
    """What is read from left to right and top to bottom, the wrapping undone."""
    return " ".join(" ".join(lines).split())


def is_read(lines: list[str], sentence: str, glyphs: GlyphSet = GlyphSet.HALF) -> bool:
    """Whether a sentence stands there whole, in plain or in big type."""
    return sentence in words_of(lines) or (has_shapes(sentence) and find_big(lines, sentence, glyphs) is not None)


def painted(view: StopView, columns: int, rows: int, typed: str = "") -> list[str]:
    """A stop as running text, without an app."""
    canvas = Canvas(columns, rows, Style(), GlyphSet.HALF)
    paint_small_stop(canvas, view, typed, (Style(), Style(reverse=True)))
    return [strip.text for strip in canvas.strips()]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stop", [STOP, LEAD_MAY_CLEAR, BARE], ids=["wrong card", "lead may clear", "bare"])
async def test_every_word_of_a_stop_is_whole_or_counted_as_left_out(size: tuple[int, int], stop: StopView) -> None:
    """Nothing is painted over: each sentence is found whole, or a row says how many rows are not shown."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(replace(ASSEMBLY_STOP, stop=stop))
        await pilot.pause()
        lines = text_of(app)
    shown = words_of(lines)
    assert is_read(lines, stop.noun)
    assert is_read(lines, "STOP")
    assert is_read(lines, f"{len(stop.steps)} Scan the RESET card")
    if " more rows" not in shown:
        sentences = [*(fact.value for fact in stop.facts), *stop.steps, stop.release]
        sentences += [part.text for line in stop.compared for part in line.parts]
        assert [sentence for sentence in sentences if not is_read(lines, sentence)] == []


def test_a_stop_of_forty_by_twelve_says_everything_that_can_be_acted_on() -> None:
    """What differs, what it is, where it goes, what is missing, and the three steps fit there."""
    shown = words_of(painted(STOP, 40, 12))
    assert "more rows" not in shown
    assert [fact.value for fact in STOP.facts if fact.value not in shown] == []
    assert [step for step in STOP.steps if step not in shown] == []
    assert "≠ JOB J1045" in shown


def test_a_stop_of_twenty_by_six_keeps_what_to_do_and_counts_the_rest() -> None:
    """The first and the last step stay; nothing pretends that this is all."""
    shown = words_of(painted(STOP, 20, 6))
    assert "✗ STOP WRONG CARD 1 Put this card in the RED box 3 Scan the RESET card" in shown
    assert "more rows" in shown


def is_stripe(line: str) -> bool:
    """Whether a row is nothing but the pattern of the stripes."""
    return bool(line.strip()) and line == (line[:12] * len(line))[: len(line)]


@pytest.mark.parametrize("size", [(80, 24), (100, 29), (100, 30), (160, 45)])
@pytest.mark.parametrize("theme", ["night", "console"])
async def test_the_stripes_touch_nothing_that_is_to_be_read(size: tuple[int, int], theme: str) -> None:
    """A whole block right above STOP would be taken for a part of its letters."""
    full = replace(STOP, facts=(*STOP.facts, StopFact(label="ITS SET", value="J1045-S004")))
    app = RecordingApp(theme_name=theme)
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(replace(ASSEMBLY_STOP, stop=full))
        await pilot.pause()
        lines = text_of(app)
    for rows, open_side in ((lines, "▀■ "), (lines[::-1], "▄■ ")):
        stripes = len(list(takewhile(is_stripe, rows)))
        assert stripes
        assert set(rows[stripes - 1]) <= set(open_side) or not set(rows[stripes]) & set("█▀▄")


@pytest.mark.parametrize("columns", [1, 2, 7, 20, 40, 81])
@pytest.mark.parametrize("rows", [1, 2, 3, 6, 12, 25])
@pytest.mark.parametrize("typed", ["", "CMD-RESET", "x" * 90])
def test_a_stop_is_painted_on_any_canvas(columns: int, rows: int, typed: str) -> None:
    """Every row is as wide as the canvas, whatever there is to say and to echo."""
    lines = painted(LEAD_MAY_CLEAR, columns, rows, typed)
    assert [len(line) for line in lines] == [columns] * rows
    if columns >= 7 and (rows > 1 or not typed):
        assert "STOP" in words_of(lines) or find_big(lines, "STOP") is not None


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 45), (40, 12), (20, 6)])
@pytest.mark.parametrize("theme", ["night", "console"])
async def test_what_is_typed_over_a_stop_is_echoed_and_covers_nothing_that_is_to_be_done(
    size: tuple[int, int], theme: str
) -> None:
    """The RESET card's code can be typed by hand, so it is seen while it is typed."""
    app = RecordingApp(theme_name=theme)
    glyphs = palette_of(theme).glyphs
    cursor = "█" if glyphs is GlyphSet.FULL else "▌"
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(ASSEMBLY_STOP)
        await pilot.pause()
        app.show_snapshot(replace(ASSEMBLY_STOP, typed="CMD-RES"))
        await pilot.pause()
        lines = text_of(app)
        assert any(line.endswith(f"CMD-RES{cursor}") for line in lines)
        assert is_read(lines, "3 Scan the RESET card", glyphs)
        app.show_snapshot(ASSEMBLY_STOP)
        await pilot.pause()
        assert not any("CMD-RES" in line for line in text_of(app))


@pytest.mark.parametrize("size", [(80, 24), (79, 23), (66, 20), (100, 30), (160, 45)])
@pytest.mark.parametrize("theme", ["night", "console"])
async def test_the_line_for_the_lead_does_not_make_the_noun_small(size: tuple[int, int], theme: str) -> None:
    """After 30 seconds a row more is said, and what is read at two metres stays big."""
    app = RecordingApp(theme_name=theme)
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(replace(ASSEMBLY_STOP, stop=LEAD_MAY_CLEAR))
        await pilot.pause()
        lines = text_of(app)
    glyphs = palette_of(theme).glyphs
    assert find_big(lines, STOP.noun, glyphs) is not None
    assert find_big(lines, "STOP", glyphs) is not None
    assert is_read(lines, LEAD_MAY_CLEAR.release, glyphs)


async def test_a_stop_that_is_typed_over_repaints_only_the_row_of_the_echo() -> None:
    """Typing must not cost a full repaint for each key."""
    app = RecordingApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.show_snapshot(ASSEMBLY_STOP)
        await pilot.pause()
        before = text_of(app)
        app.show_snapshot(replace(ASSEMBLY_STOP, typed="C"))
        await pilot.pause()
        after = text_of(app)
        assert app.screen.query_one(StopPanel).view == StopScreenView(STOP, "C")
    assert len([row for row, line in enumerate(before) if line != after[row]]) == 1


@pytest.mark.parametrize("ignored", [0, 2])
async def test_a_demos_stop_says_what_to_type(ignored: int) -> None:
    """Given no card on the wall, then the last line names the RESET code, at the smallest size too and nowhere else."""
    app = RecordingApp()
    async with app.run_test(size=(80, 24)) as pilot:
        stop = replace(LEAD_MAY_CLEAR, ignored=ignored)
        app.show_snapshot(replace(ASSEMBLY_STOP, stop=stop))
        await pilot.pause()
        assert not any("CMD-RESET" in line for line in text_of(app))
        app.show_snapshot(replace(ASSEMBLY_STOP, stop=stop, next_scan=NextScanView(code="CMD-RESET")))
        await pilot.pause()
        assert any("Type CMD-RESET." in line for line in text_of(app))


async def test_a_badge_that_is_too_early_is_told_so_whole_beside_the_count_and_the_code() -> None:
    """Given a demo at the smallest size, then neither the count nor what to type leaves that half a sentence."""
    app = RecordingApp()
    async with app.run_test(size=(80, 24)) as pilot:
        stop = replace(STOP, footnote=TOO_EARLY, ignored=12, stamp="05:30 · stop 0001")
        app.show_snapshot(replace(ASSEMBLY_STOP, stop=stop, next_scan=NextScanView(code="CMD-RESET")))
        await pilot.pause()
        assert any(f"Type CMD-RESET. {TOO_EARLY}  12 scans ignored." in line for line in text_of(app))
