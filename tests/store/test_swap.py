"""A rebuild swaps the tables in the middle of a day, while others read them or compare them with the log."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from store import Store, maintenance, rebuild
from store.errors import TablesInUse
from store.read_models.tables import READ_MODELS, ReadModel
from tests.core.shop import PRESS, spec
from tests.support.database import owner_connection
from tests.support.floor import Floor
from tests.support.waiting import eventually


@pytest.fixture
async def owner_store(database_dsn: str) -> AsyncIterator[Store]:
    """A store that works as the tables' owner."""
    async with await Store.open(database_dsn, role=None) as opened:
        yield opened


async def test_the_swap_waits_for_whoever_has_a_view_and_tries_again(
    floor: Floor, owner_store: Store, database_dsn: str
) -> None:
    """A screen that reads a view locks it before its tables: it must not make the whole rebuild fail at its end."""
    await floor.start(spec(), sets=2)
    async with owner_connection(database_dsn) as reader, owner_connection(database_dsn) as watcher:

        async def waits() -> bool:
            found = await watcher.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND relation = 'rm_job_progress'::regclass"
            )
            return await found.fetchone() is not None

        async def waits_no_more() -> bool:
            return not await waits()

        async with reader.transaction():
            # Takes the view and none of its tables, as a reader does for a moment.
            await reader.execute("COMMENT ON VIEW rm_job_progress IS 'being read'")
            rebuilding = asyncio.create_task(owner_store.rebuild())
            await eventually(waits)
            await eventually(waits_no_more)
            await eventually(waits)
        await rebuilding
    assert (await floor.store.verify()).is_sound


async def test_a_swap_that_never_gets_its_tables_says_so_and_changes_nothing(
    floor: Floor, owner_store: Store, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is there, so it is not called away; the tables are as they were."""
    await floor.start(spec(), sets=2)
    monkeypatch.setattr(rebuild, "_SWAP_ATTEMPTS", 2)
    async with owner_connection(database_dsn) as reader, reader.transaction():
        await reader.execute("COMMENT ON VIEW rm_job_progress IS 'being read'")
        with pytest.raises(TablesInUse, match=r"^The tables were in use at each of 2 attempts"):
            await owner_store.rebuild()
    assert (await floor.store.verify()).is_sound


async def test_a_verify_that_swaps_overtake_again_and_again_says_so(
    floor: Floor, owner_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be compared is neither sound nor damaged."""
    await floor.start(spec(), sets=2)
    loop = asyncio.get_running_loop()

    def overtaken(model: ReadModel, *_: object) -> None:
        if model is next(iter(READ_MODELS.values())):
            asyncio.run_coroutine_threadsafe(owner_store.rebuild(), loop).result(30)

    monkeypatch.setattr(maintenance, "_compare", overtaken)
    monkeypatch.setattr(maintenance, "_MOMENTS", 2)
    with pytest.raises(TablesInUse, match=r"^A rebuild put new tables in place at each of 2 attempts"):
        await floor.store.verify()


async def test_a_verify_that_a_swap_overtakes_compares_again(
    floor: Floor, owner_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the new tables the moment that is looked at knows a part: that is no difference."""
    job = await floor.start(spec(), sets=2)
    loop = asyncio.get_running_loop()
    compare: Any = maintenance._compare
    compared: list[str] = []

    async def work_and_rebuild() -> None:
        await floor.scan(PRESS, f"{job}-S001")
        await owner_store.rebuild()

    def overtaken(model: Any, *arguments: Any) -> None:
        if not compared:
            asyncio.run_coroutine_threadsafe(work_and_rebuild(), loop).result(30)
        compared.append(model.table)
        compare(model, *arguments)

    monkeypatch.setattr(maintenance, "_compare", overtaken)
    found = await floor.store.verify()
    assert found.is_sound, found.differences
    assert len(compared) == 2 * len(READ_MODELS)
