"""The host installs each screen once, the app cannot be left, and small terminals are told so."""

import os
import signal
from dataclasses import replace

import pytest

from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.panes import LastScansView, ScanLine
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.widgets.painted import Painted
from tests.kiosk.screens.capture import RecordingApp, strips_of, text_of
from tests.kiosk.screens.gallery import ASSEMBLY, ASSEMBLY_STOP, GALLERY, LOG_ON, STATES

SIZE = (100, 30)


async def test_screens_are_installed_once_however_often_they_are_shown() -> None:
    """600 fresh screens cost 90 MB; here a stop that comes a hundred times is one screen."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        for serial in range(100):
            app.show_snapshot(ASSEMBLY)
            app.show_snapshot(replace(ASSEMBLY_STOP, verdict=replace(ASSEMBLY.verdict, serial=serial)))
        app.show_snapshot(LOG_ON)
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        assert len(app.screen_stack) == 2
        assert sorted(app._installed_screens) == ["assembly", "log-on", "stop"]
        assert any("MISSING" in line for line in text_of(app))


async def test_every_screen_follows_every_other() -> None:
    """Whatever was shown before, the same snapshot shows the same screen."""
    app = RecordingApp()
    alone: dict[str, list[str]] = {}
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(2):
            for name, snapshot in GALLERY.items():
                app.show_snapshot(snapshot)
                await pilot.pause()
                assert text_of(app) == alone.setdefault(name, text_of(app)), name


async def test_an_equal_snapshot_paints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not change costs nothing."""
    painted: list[object] = []
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        monkeypatch.setattr(Painted, "repaint", painted.append)
        app.show_snapshot(replace(ASSEMBLY))
        await pilot.pause()
    assert painted == []


async def test_a_new_slot_sends_only_the_rows_that_changed() -> None:
    """One card arriving repaints its slot's rows, not the sheet."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        before = strips_of(app)
        app.show_snapshot(replace(ASSEMBLY, header=replace(ASSEMBLY.header, clock="14:33")))
        await pilot.pause()
        changed = [row for row, (old, new) in enumerate(zip(before, strips_of(app), strict=True)) if old != new]
    assert changed == [0]


async def test_a_terminal_that_is_too_small_shows_the_answer_to_a_scan() -> None:
    """The scan has its effect there as well: its state in a word, its code, and what an amber one asks for."""
    app = RecordingApp()
    again = VerdictView(state=VerdictState.ATTENTION, big="AGAIN", words="UNKNOWN CARD", instruction="Call a lead.")
    line = ScanLine(what="S003-07", state=VerdictState.ATTENTION, words="unknown card", at="14:32:10")
    async with app.run_test(size=(40, 12)) as pilot:
        app.show_snapshot(replace(ASSEMBLY, verdict=again, scans=LastScansView(lines=(line,))))
        await pilot.pause()
        rows = [row.strip() for row in text_of(app)]
        assert rows[:2] == ["▲ AGAIN S003-07", "▲ UNKNOWN CARD. Call a lead."]
        done = replace(line, state=VerdictState.ACCEPTED)
        app.show_snapshot(replace(ASSEMBLY, scans=LastScansView(lines=(done,))))
        await pilot.pause()
        assert text_of(app)[0].strip() == "✓ ACCEPTED S003-07"


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 10), (20, 5)])
async def test_a_terminal_that_is_too_small_is_told_what_is_needed(size: tuple[int, int]) -> None:
    """And the work comes back as soon as there is room."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        shown = "\n".join(text_of(app))
        assert "needs at least 80x24" in shown
        assert f"is {size[0]}x{size[1]}" in shown
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert any("MISSING" in line for line in text_of(app))


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (300, 80)])
async def test_a_stop_is_shown_at_any_size(size: tuple[int, int]) -> None:
    """Even where nothing else fits, the screen is red and says so."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(ASSEMBLY_STOP)
        await pilot.pause()
        papers = {style.bgcolor.name for row in strips_of(app) for _, style in row if style and style.bgcolor}
        assert "#c8201a" in papers


async def test_the_theme_can_change_while_the_line_runs() -> None:
    """Night, day and console paint the same words."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        night = strips_of(app)
        app.theme = "day"
        await pilot.pause()
        day = strips_of(app)
    assert [[text for text, _ in row] for row in night] == [[text for text, _ in row] for row in day]
    assert night != day


async def test_no_key_leaves_suspends_or_distracts() -> None:
    """Ctrl+C, Ctrl+Q, Ctrl+Z and the palette do nothing at all."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        before = text_of(app)
        await pilot.press("ctrl+c", "ctrl+q", "ctrl+z", "ctrl+p", "ctrl+backslash", "escape", "tab", "f11")
        await pilot.pause()
        assert app.is_running
        assert text_of(app) == before
        assert not app.screen.can_focus_children or app.focused is None


async def test_signals_from_the_keyboard_do_nothing_and_a_hangup_or_termination_ends_in_order() -> None:
    """A kiosk ends when its service manager says so, and not when somebody finds Ctrl+C."""
    before = signal.getsignal(signal.SIGINT)
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGQUIT):
            os.kill(os.getpid(), number)
        await pilot.pause()
        assert app.is_running
        os.kill(os.getpid(), signal.SIGTERM)
        await pilot.pause()
        assert app.return_value == 0
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("state", STATES)
async def test_every_state_has_a_colour_of_its_own_in_every_theme(state: str) -> None:
    """Colour, symbol and words together: the papers of the five states differ within each theme."""
    for theme in ("night", "day", "console"):
        app = RecordingApp(theme_name=theme)
        papers: dict[str, str] = {}
        async with app.run_test(size=SIZE) as pilot:
            for name, snapshot in STATES.items():
                app.show_snapshot(snapshot)
                await pilot.pause()
                styles = [style for _, style in strips_of(app)[7] if style is not None and style.bgcolor is not None]
                papers[name] = styles[0].bgcolor.name if styles[0].bgcolor else ""
        assert list(papers.values()).count(papers[state]) == 1, (theme, papers)


async def test_log_on_shows_one_imperative() -> None:
    """Nobody is on: nothing but the badge is asked for."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(replace(LOG_ON, work=LogOnView(sentence="Nobody is logged on.")))
        await pilot.pause()
        assert any("Nobody is logged on." in line for line in text_of(app))


@pytest.mark.parametrize("name", ["qa", "lead_card"])
async def test_nothing_is_cut_short_at_the_smallest_size(name: str) -> None:
    """A card's life and the way to take a code back are told whole; a detail that is too long goes on below."""
    app = RecordingApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_snapshot(GALLERY[name])
        await pilot.pause()
        assert [line for line in text_of(app) if "…" in line] == []
