"""The demo's shop at work on a real Postgres."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from kiosk.demo.live import run_shop
from kiosk.demo.loading import is_loaded
from kiosk.demo.parts import READY
from kiosk.simulation.auditing import audited
from store.embedded import wait_until_stopped
from store.store import Store
from tests.support.servers import server_folder
from tests.support.waiting import eventually

PLAYED = "ASSY-1"


@contextlib.asynccontextmanager
async def shop_at_work(dsn: str) -> AsyncGenerator[asyncio.Event]:
    """The shop in the background; yields the event that is set once somebody can play."""
    ended, playable = asyncio.Event(), asyncio.Event()
    work = asyncio.create_task(run_shop(dsn, PLAYED, ended, playable.set))
    try:
        yield playable
    finally:
        ended.set()
        await work


async def _is_worked_at(store: Store, station: str) -> bool:
    return station in {row.station_id for row in await store.presences()}


async def test_the_shop_loads_works_and_leaves_the_played_station_alone(database_dsn: str) -> None:
    """The history is there, other stations go on with it, and nobody sits at the player's place."""
    async with await Store.open(database_dsn) as store:
        async with shop_at_work(database_dsn) as playable:
            await asyncio.wait_for(playable.wait(), 60)
            assert await store.job("J1044") is not None
            await eventually(lambda: _is_worked_at(store, "QA-BENCH-1"), 60)
            assert await is_loaded(store)
            last = (await store.last_scans(PLAYED, 1))[0]
            before = (await store.status()).events

            async def has_moved() -> bool:
                return (await store.status()).events >= before + 8

            await eventually(has_moved, 60)
            assert (await store.last_scans(PLAYED, 1))[0] == last
            assert not await _is_worked_at(store, PLAYED)
        assert [finding.lines() for finding in await audited(database_dsn) if not finding.holds] == []


async def test_a_shop_that_was_loaded_before_goes_on(database_dsn: str) -> None:
    """The second time nothing is loaded again."""
    async with await Store.open(database_dsn) as store:
        async with shop_at_work(database_dsn) as playable:
            await asyncio.wait_for(playable.wait(), 60)
            await eventually(lambda: is_loaded(store), 60)
        jobs = len(await store.jobs())
        async with shop_at_work(database_dsn) as playable:
            await asyncio.wait_for(playable.wait(), 60)
        assert len(await store.jobs()) == jobs


def test_the_shops_process_says_when_it_is_ready_and_ends_with_its_input() -> None:
    """Whoever opened it holds its standard input; when that ends, shop and server end too."""
    with server_folder("demo") as place:
        shop = subprocess.Popen(
            [sys.executable, "-m", "kiosk.demo.live", str(place), PLAYED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert shop.stdout is not None
        assert shop.stdout.readline().strip() == READY
        _, said = shop.communicate(timeout=60)
        assert (shop.returncode, said) == (0, "")
        assert wait_until_stopped(place)


def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path) -> None:
    """One line on standard output, exit code 1, no traceback."""
    place = tmp_path / "demo"
    place.write_text("a file, no folder", encoding="utf-8")
    shop = subprocess.run(
        [sys.executable, "-m", "kiosk.demo.live", str(place), PLAYED],
        check=False,
        input="",
        capture_output=True,
        text=True,
    )
    assert shop.returncode == 1
    assert len(shop.stdout.splitlines()) == 1
    assert "Traceback" not in shop.stdout + shop.stderr
