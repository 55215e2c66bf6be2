"""The demo's own doings around the app that is played."""

import asyncio
from pathlib import Path

import pytest

from kiosk import background
from kiosk.demo import playing
from store.embedded import EmbeddedServer, ensure_server
from tests.support.servers import TEST_SETTINGS, frozen, server_folder


def test_a_fresh_demo_begins_without_what_the_last_one_kept(tmp_path: Path) -> None:
    """Scans that wait on the disk are of the shop that ends, and no other."""
    place = tmp_path / "demo"
    kept = playing._spools(place) / "ASSY-1.db"
    kept.parent.mkdir()
    kept.write_bytes(b"kept")
    other = tmp_path / "other"
    other.mkdir()
    playing._begin_anew(place)
    assert not kept.exists()
    assert other.exists()


def test_a_demo_that_is_begun_while_its_server_is_frozen_goes_on_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a server that said nothing for so long that others give it up, when it goes on, then the demo has it."""
    with server_folder() as folder, ensure_server(folder, settings=TEST_SETTINGS), frozen(folder) as go_on:
        asked: list[Path | None] = []

        def asking(place: Path | None) -> EmbeddedServer:
            asked.append(place)
            if len(asked) > 1:
                go_on()
            return ensure_server(place)

        monkeypatch.setattr(background, "ensure_server", asking)
        asyncio.run(background.server_awaited(folder)).close()
        assert asked == [folder, folder]
