"""What every screen shows, cell by cell, at three sizes."""

from typing import Any

import pytest

from kiosk.bigtype import GlyphSet
from kiosk.screens.station import AssemblyScreen
from kiosk.snapshots.work import AssemblyView
from tests.kiosk.screens.capture import (
    SIZES_OF_TERMINALS,
    RecordingApp,
    check_golden,
    find_big,
    missing_on_the_console,
    text_of,
)
from tests.kiosk.screens.gallery import ASSEMBLY, AT_THE_LIMITS, GALLERY, STATES


@pytest.mark.parametrize("name", AT_THE_LIMITS)
async def test_a_screen_at_its_limits_shows_what_its_golden_shows_at_every_size(name: str) -> None:
    """The goldens are text that people read; a change of a cell is a change of a file."""
    app = RecordingApp()
    async with app.run_test(size=SIZES_OF_TERMINALS[0]) as pilot:
        app.show_snapshot(GALLERY[name])
        await pilot.pause()
        for columns, rows in SIZES_OF_TERMINALS:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            lines = text_of(app)
            assert len(lines) == rows
            check_golden(f"{name}_{columns}x{rows}", lines)


@pytest.mark.parametrize("size", SIZES_OF_TERMINALS)
async def test_the_five_states_tell_apart_without_any_colour(size: tuple[int, int]) -> None:
    """Each state has its symbol and words, so that no two look alike in a colourless capture."""
    app = RecordingApp()
    shown: dict[str, list[str]] = {}
    async with app.run_test(size=size) as pilot:
        for state, snapshot in STATES.items():
            app.show_snapshot(snapshot)
            await pilot.pause()
            shown[state] = text_of(app)
    symbols = {"ready": "→ SCAN A CARD", "accepted": "✓ ACCEPTED", "attention": "▲ AGAIN", "offline": "≠ OFFLINE"}
    for state, words in symbols.items():
        assert any(words in line for line in shown[state]), state
        assert not any(words in line for other in shown if other != state for line in shown[other]), state
    assert find_big(shown["rejected"], "STOP") is not None
    assert all(find_big(shown[state], "STOP") is None for state in symbols)


@pytest.mark.parametrize("size", SIZES_OF_TERMINALS)
@pytest.mark.parametrize(("theme", "glyphs"), [("night", GlyphSet.HALF), ("console", GlyphSet.FULL)])
async def test_every_number_of_a_sheet_reads_back_whole(size: tuple[int, int], theme: str, glyphs: GlyphSet) -> None:
    """A clipped 08 reads 06: every position, the verdict and the counter are found unclipped."""
    app = RecordingApp(theme_name=theme)
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        lines = text_of(app)
    assert isinstance(ASSEMBLY.work, AssemblyView)
    heights: set[Any] = set()
    for position in range(1, 19):
        found = find_big(lines[9:], f"{position:02d}", glyphs)
        assert found is not None, position
        heights.add(found[2])
    assert len(heights) == 1
    assert find_big(lines, "07", glyphs) is not None
    assert find_big(lines, "13/18", glyphs) is not None


async def test_the_console_shows_only_glyphs_that_its_fonts_have() -> None:
    """A missing glyph is a white block on the Linux console; ✓, ▀ and ▄ are missing there."""
    app = RecordingApp(theme_name="console")
    async with app.run_test(size=SIZES_OF_TERMINALS[0]) as pilot:
        for name, snapshot in GALLERY.items():
            if name == "hostile":
                continue
            app.show_snapshot(snapshot)
            for size in (*SIZES_OF_TERMINALS, *(((40, 12),) if snapshot.stop else ())):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert not missing_on_the_console(text_of(app)), (name, size)


BANDED = [
    name
    for name, snapshot in GALLERY.items()
    if name != "hostile" and not name.startswith(("lead", "log_on")) and snapshot.question is None
]


@pytest.mark.parametrize("name", BANDED)
async def test_what_is_read_at_two_metres_is_at_least_three_rows_high(name: str) -> None:
    """The verdict's big text and counter, and the stop's noun, are never plain words where they have shapes."""
    snapshot = GALLERY[name]
    wanted = [snapshot.stop.noun] if snapshot.stop else [snapshot.verdict.big, snapshot.verdict.counter]
    app = RecordingApp()
    async with app.run_test(size=SIZES_OF_TERMINALS[0]) as pilot:
        app.show_snapshot(snapshot)
        for columns, rows in SIZES_OF_TERMINALS:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            for text in filter(None, wanted):
                assert find_big(text_of(app), text) is not None, (text, columns)


@pytest.mark.parametrize("name", ["assembly", "assembly_demo", "assembly_refused"])
@pytest.mark.parametrize("size", SIZES_OF_TERMINALS)
async def test_the_trays_touch_neither_the_band_nor_the_line_above_the_footer(name: str, size: tuple[int, int]) -> None:
    """Given a notice or the demo's hint, then half a row of air is above the trays and air below them."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(GALLERY[name])
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, AssemblyScreen)
        grid = screen.pane.region
        lines = text_of(app)
        assert set(lines[grid.y][grid.x + 1 : grid.x + 8]) == {"▄"}
        if screen.notice_line.display or screen.hint_line.display:
            last = [line[: grid.right].rstrip() for line in lines[grid.y : grid.bottom]][-1]
            assert not last
