"""A terminal whose database is not there yet: it waits, and says why where waiting may not be enough."""

import pytest

from core.domain.values import StationRole
from kiosk.config.stations import StationStanza
from kiosk.waiting import WaitingApp
from store import Store, StoreUnavailable
from store.errors import ServerNotTrusted
from tests.kiosk.screens.capture import text_of
from tests.support.waiting import eventually

CURE = "Name the host in the address as its certificate names it."


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (StoreUnavailable("connection refused"), "It goes on by itself"),
        (ServerNotTrusted('certificate for "db1" does not match "db2"', CURE), "is not trusted"),
    ],
    ids=["away", "not trusted"],
)
async def test_whoever_sets_a_terminal_up_sees_what_to_mend(
    failure: StoreUnavailable, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that cannot prove who it is will not by being asked again."""
    monkeypatch.setattr("kiosk.waiting._RETRY_SECONDS", 0.01)
    asked = 0

    async def opened() -> Store:
        nonlocal asked
        asked += 1
        raise failure

    app = WaitingApp(StationStanza(id="PRESS-1", role=StationRole.PRESS), opened, theme_name="night", zone=None)
    async with app.run_test(size=(100, 30)):
        await eventually(lambda: asked > 2 and said in " ".join(" ".join(text_of(app)).split()))


async def test_a_badge_at_a_terminal_that_waits_is_told_that_it_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer at all would look like a dead kiosk."""

    async def opened() -> Store:
        raise StoreUnavailable("connection refused")

    app = WaitingApp(StationStanza(id="PRESS-1", role=StationRole.PRESS), opened, theme_name="night", zone=None)
    async with app.run_test(size=(80, 24)) as pilot:
        assert not any("NOT NOW" in line for line in text_of(app))
        await pilot.press(*"OP-41", "enter")
        await eventually(lambda: any("NOT NOW: no scan is taken yet." in line for line in text_of(app)))
