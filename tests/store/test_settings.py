"""The store works the same whatever a database or a login has set."""

from pathlib import Path

from store import Store
from store.backup import back_up, restore
from store.connecting import ConnectionSettings
from tests.core.shop import spec
from tests.support.database import database_name, owner_connection
from tests.support.floor import Floor


async def test_a_database_may_be_set_to_any_style(
    floor: Floor, database_dsn: str, empty_database_dsn: str, tmp_path: Path
) -> None:
    """How dates, bytes and numbers are spelled elsewhere is nothing to the product: it scans, verifies, backs up."""
    job = await floor.start(spec())
    hostile = {
        "DateStyle": "'SQL, DMY'", "IntervalStyle": "'sql_standard'", "bytea_output": "'escape'",
        "extra_float_digits": "-3", "TimeZone": "'Asia/Kathmandu'", "default_transaction_isolation": "'serializable'",
        "standard_conforming_strings": "off", "escape_string_warning": "off",
    }  # fmt: skip
    for dsn in (database_dsn, empty_database_dsn):
        async with owner_connection(dsn) as owner:
            for name, value in hostile.items():
                await owner.execute(f'ALTER DATABASE "{database_name(dsn)}" SET {name} = {value}'.encode())
    async with await Store.open(database_dsn) as store:
        ours = Floor(store, floor.now)
        (card, *_) = await ours.cut(job)
        await ours.inspect(card)
        assert (await store.verify()).is_sound
        before = await store.history(card)
    await back_up(ConnectionSettings(dsn=database_dsn, role=None), tmp_path / "shop.backup")
    await restore(ConnectionSettings(dsn=empty_database_dsn, role=None), tmp_path / "shop.backup")
    async with await Store.open(empty_database_dsn) as store:
        assert (await store.verify()).is_sound
        after = await store.history(card)
    assert before is not None
    assert after is not None
    assert [entry.recorded_at for entry in after.events] == [entry.recorded_at for entry in before.events]
