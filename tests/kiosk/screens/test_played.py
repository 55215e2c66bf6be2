"""What the screens show at the end of true sessions: a wrong builder of snapshots is a changed picture."""

import pytest

from kiosk.snapshots.station import StationSnapshot
from tests.kiosk.screens.capture import (
    SIZES_OF_TERMINALS,
    RecordingApp,
    check_golden,
    find_big,
    missing_on_the_console,
    text_of,
)
from tests.kiosk.screens.stories import STORIES, named
from tests.kiosk.screens.stories_away import AWAY
from tests.kiosk.screens.stories_seldom import SELDOM
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal
from tests.support.floor import Floor


@pytest.mark.parametrize("name", [*STORIES, *SELDOM])
async def test_what_a_session_comes_to_is_shown_as_its_golden(
    name: str, floor: Floor, open_station: OpenStation
) -> None:
    """From the scan through core, store, session and wording to the cells of the terminal, big type whole.

    The 16-colour console has a glyph for all of it, also for words that only a session makes.
    """
    await named(floor)
    story = STORIES.get(name) or SELDOM[name]
    await shown_as_its_golden(name, await (await story(floor, open_station)).caught_up())


@pytest.mark.parametrize("name", AWAY)
async def test_what_a_terminal_without_its_database_comes_to_is_shown_as_its_golden(
    name: str, floor: Floor, terminal: Terminal
) -> None:
    """The same with the line to the database cut under the session."""
    await named(floor)
    await shown_as_its_golden(name, await AWAY[name](floor, terminal))


async def shown_as_its_golden(name: str, shown: StationSnapshot) -> None:
    """Compare a snapshot with its golden at every size; its big words are whole."""
    big = () if name.startswith(("lead", "log_on")) or shown.question else (shown.verdict.big, shown.verdict.counter)
    wanted = [text for text in ((shown.stop.noun,) if shown.stop else big) if text]
    app = RecordingApp(theme_name="night")
    async with app.run_test(size=SIZES_OF_TERMINALS[0]) as pilot:
        app.show_snapshot(shown)
        # The second theme begins at the size at which the first ended: most of the time goes into other sizes.
        for theme, sizes in (("night", SIZES_OF_TERMINALS), ("console", SIZES_OF_TERMINALS[::-1])):
            app.theme = theme
            for columns, rows in sizes:
                if app.size != (columns, rows):
                    await pilot.resize_terminal(columns, rows)
                await pilot.pause()
                lines = text_of(app)
                assert len(lines) == rows
                if theme == "console":
                    assert not missing_on_the_console(lines), (columns, rows)
                else:
                    check_golden(f"played/{name}_{columns}x{rows}", lines)
                    assert all(find_big(lines, text) is not None for text in wanted), (columns, rows, wanted)
