"""The header line: what an operator must know of the terminal itself is never pushed off by the work."""

from dataclasses import replace

import pytest

from tests.kiosk.screens.capture import RecordingApp, text_of
from tests.kiosk.screens.gallery import ASSEMBLY


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_a_machine_whose_clock_is_wrong_says_so_in_the_header(size: tuple[int, int]) -> None:
    """Beside the right time, the station and who works there, at every size; not a word of it where it is right."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        assert "CLOCK" not in text_of(app)[0]
        app.show_snapshot(replace(ASSEMBLY, header=replace(ASSEMBLY.header, clock_off="+133 s")))
        await pilot.pause()
        header = text_of(app)[0]
    for words in ("ASSY-2", "M. ORTEGA", "▲ OWN CLOCK +133 s", "14:32", "online"):
        assert words in header
