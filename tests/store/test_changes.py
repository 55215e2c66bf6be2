"""Live changes: everybody hears of everything, by announcement or from the log, and after a gap refreshes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.domain.streams import AggregateType, StreamKey
from core.identity.ids import sheet_id
from store import Accepted, Changes, ChangeSubscription, Store, changes
from tests.core.shop import PRESS, spec
from tests.support.database import owner_connection
from tests.support.floor import Floor
from tests.support.waiting import eventually


@pytest.fixture
async def other(database_dsn: str) -> AsyncIterator[Store]:
    """Another process's store on the same database."""
    async with await Store.open(database_dsn, station_id="TEST-2") as opened:
        yield opened


async def until(subscription: ChangeSubscription, *wanted: StreamKey) -> list[Changes]:
    """Take batches until all of these streams were named."""
    taken: list[Changes] = []
    missing = set(wanted)
    async with asyncio.timeout(10):
        while missing:
            taken.append(await anext(subscription))
            missing -= taken[-1].streams
    return taken


async def heard(subscription: ChangeSubscription, connections: int = 1) -> None:
    """Wait until the feed listens on its n-th connection, and take what it asks to refresh."""
    feed = subscription._feed
    await eventually(lambda: feed._position and connections <= feed._made == feed._lane.made)
    async with asyncio.timeout(10):
        while not (await anext(subscription)).everything:
            pass


async def test_the_first_batch_asks_for_a_full_refresh(store: Store) -> None:
    """Whoever begins to watch knows nothing yet."""
    assert (await anext(store.changes())).everything


async def test_both_kiosks_hear_of_a_scan(floor: Floor, other: Store) -> None:
    """The one that wrote at once, the other within a moment."""
    job = await floor.start(spec())
    mine, theirs = floor.store.changes(), other.changes()
    await heard(mine)
    await heard(theirs)
    key = StreamKey(AggregateType.SHEET, sheet_id(job, 1))
    assert isinstance(await floor.scan(PRESS, key.aggregate_id), Accepted)
    *_, batch = await until(mine, key)
    assert batch.touches(key.aggregate_id)
    assert not batch.touches("J9999-S001")
    await until(theirs, key)


async def test_an_announcement_says_how_far_the_stream_has_grown(floor: Floor, other: Store) -> None:
    """Given a scan at another kiosk, then this one knows the version that it led to, and trusts no older memory."""
    key = StreamKey(AggregateType.SHEET, sheet_id(await floor.start(spec()), 1))
    theirs = other.changes()
    await heard(theirs)
    await floor.scan(PRESS, key.aggregate_id)
    await until(theirs, key)
    row = await floor.store.sheet(key.aggregate_id)
    assert row is not None
    assert other._feed.newest_heard(key) == row.version > 1


async def test_a_change_is_told_once(floor: Floor, other: Store) -> None:
    """What was announced is not told again when the log says it too."""
    job = await floor.start(spec(), sets=3)
    theirs = other.changes(interval=0)
    await heard(theirs)
    first, second, earlier = (StreamKey(AggregateType.SHEET, sheet_id(job, n)) for n in (1, 2, 3))
    # That the sheets were planned may be announced only now; once this one is heard of, it has been.
    await floor.scan(PRESS, earlier.aggregate_id)
    await until(theirs, earlier)
    await floor.scan(PRESS, first.aggregate_id)
    await until(theirs, first)
    await floor.scan(PRESS, second.aggregate_id)
    later = await until(theirs, second)
    await floor.scan(PRESS, second.aggregate_id)
    later += await until(theirs, second)
    told = [key for batch in later for key in batch.streams]
    assert first not in told


async def test_a_refusal_is_heard_at_its_station_each_time(floor: Floor, other: Store) -> None:
    """It may be a stop, and that is the station's, not one screen's."""
    theirs = other.changes()
    await heard(theirs)
    key = StreamKey(AggregateType.STATION, PRESS.station_id)
    for _ in range(2):
        assert not isinstance(await floor.scan(PRESS, "J9999-S001"), Accepted)
        await until(theirs, key)


async def test_without_any_announcement_the_log_tells(
    floor: Floor, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies between its commit and its NOTIFY keeps nobody in the dark."""
    job = await floor.start(spec())
    monkeypatch.setattr(floor.store._feed, "announce", lambda streams: None)
    theirs = other.changes()
    await heard(theirs)
    key = StreamKey(AggregateType.SHEET, sheet_id(job, 1))
    await floor.scan(PRESS, key.aggregate_id)
    await until(theirs, key)


async def test_a_lost_connection_ends_in_a_full_refresh(floor: Floor, other: Store, database_dsn: str) -> None:
    """What was missed meanwhile is unknown, so everything counts as changed, and then listening goes on."""
    job = await floor.start(spec())
    theirs = other.changes()
    await heard(theirs)
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            b" WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await heard(theirs, connections=2)
    assert await floor.store.job(job)
    key = StreamKey(AggregateType.SHEET, sheet_id(job, 1))
    await floor.scan(PRESS, key.aggregate_id)
    await until(theirs, key)


async def test_a_restored_database_tells_versions_that_were_told_before(other: Store, database_dsn: str) -> None:
    """After a lost connection a stream may have fewer events than were heard of; its news count all the same."""
    theirs = other.changes()
    await heard(theirs)
    key = StreamKey(AggregateType.SHEET, "J1044-S001")
    other._feed.announce([(key, 12)])
    await until(theirs, key)
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            b" WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await heard(theirs, connections=2)
    other._feed.announce([(key, 10)])
    await until(theirs, key)


async def test_a_unit_of_a_kind_that_is_not_known_keeps_nobody_from_the_others(other: Store, database_dsn: str) -> None:
    """A newer version of the product writes another kind of stream: what follows it is told."""
    theirs = other.changes()
    await heard(theirs)
    key = StreamKey(AggregateType.SHEET, "J1-S001")
    async with owner_connection(database_dsn) as owner:
        for kind in ("machine", key.aggregate_type.value):
            await owner.execute(
                b"""INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,
                    schema_version, event_payload, occurred_at, command_id, chain)
                    VALUES (%s, 'J1-S001', 1, 'New', 1, '{}', now(), gen_random_uuid(), '')""",
                (kind,),
            )
    batches = await until(theirs, key)
    assert all(batch.reachable for batch in batches)


async def test_very_many_changes_are_announced_as_such(floor: Floor, other: Store) -> None:
    """More ids than an announcement can hold: the log says which."""
    job = await floor.start(spec(), sets=1)
    theirs = other.changes()
    await heard(theirs)
    many = [(StreamKey(AggregateType.SHEET, f"J9999-S{n:09d}"), 1) for n in range(400)]
    floor.store._feed.announce(many)
    key = StreamKey(AggregateType.SHEET, sheet_id(job, 1))
    await floor.scan(PRESS, key.aggregate_id)
    await until(theirs, key)


@pytest.mark.parametrize(
    "payload",
    ["", "x", "sheet", "sheet:", "sheet:a:b", "sheet::1", "what:J1:1", "sheet:J1:١", "::::", "sheet:J1:" + "9" * 5000],
)
async def test_an_announcement_of_somebody_else_is_not_trusted(
    other: Store, payload: str, database_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody may NOTIFY anything; nothing of it is believed blindly and nothing breaks."""
    theirs = other.changes()
    await heard(theirs)
    async with owner_connection(database_dsn) as owner:
        await owner.execute("SELECT pg_notify(%s, %s)", (changes.CHANNEL, payload))
        await owner.execute("SELECT pg_notify(%s, 'sheet:J1044-S001:1')", (changes.CHANNEL,))
    await until(theirs, StreamKey(AggregateType.SHEET, "J1044-S001"))
    assert not [said for said in caplog.records if said.exc_info]


async def test_iterations_end_with_the_store(database_dsn: str) -> None:
    """Closing the store wakes whoever waits for changes."""
    store = await Store.open(database_dsn)
    subscription = store.changes()
    await heard(subscription)

    async def watch() -> int:
        return len([batch async for batch in subscription])

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    await store.close()
    async with asyncio.timeout(10):
        await watching
