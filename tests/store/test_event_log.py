"""The event log: it only grows, nobody misses an event, and it can be asked what was true when."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from core.domain.commands import SetOperatorPin
from core.identity.ids import sheet_id
from core.production.pins import hash_pin
from store import Store, StorePermissionDenied, errors
from store.connecting import READER_ROLE, ConnectionSettings
from store.event_log import (
    BEGINNING,
    Checkpoint,
    Position,
    follow,
    horizon,
    load_checkpoint,
    read_in_commit_order,
    save_checkpoint,
)
from store.pool import Lane
from tests.core.shop import LEAD, PRESS, START, spec
from tests.support.database import owner_connection
from tests.support.floor import Floor

INSERT = """INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,
    schema_version, event_payload, occurred_at, command_id, chain) VALUES ('sheet', %s, %s, 'SheetVoided', 1,
    '{"occurred_at": "2026-03-02T06:00:00Z", "operator_id": null, "station_id": null, "sheet_id": "J1-S001",
      "job_id": "J1", "spec_code": "X", "reason": "LOST", "note": ""}', now(), %s, '')"""


# -- it only grows -----------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE production_events SET operator_id = 'OP-1'",
        "UPDATE production_events SET operator_id = 'OP-1' WHERE false",
        "DELETE FROM production_events",
        "TRUNCATE production_events",
        "SET session_replication_role = replica; DELETE FROM production_events",
    ],
)
async def test_the_owner_cannot_change_the_log(floor: Floor, database_dsn: str, statement: str) -> None:
    """The trigger stops everybody, the tables' owner and the server's superuser too."""
    async with owner_connection(database_dsn) as owner:
        with pytest.raises(psycopg.Error) as refused:
            await owner.execute(statement.encode())
    assert refused.value.sqlstate == "KE001"
    assert (await floor.store.status()).events > 0


@pytest.mark.parametrize(
    "statement",
    [
        b"UPDATE production_events SET operator_id = 'OP-1'",
        b"DELETE FROM production_events",
        b"TRUNCATE production_events",
        b"ALTER TABLE production_events DISABLE TRIGGER production_events_only_grows",
        b"DROP TABLE production_events",
        b"INSERT INTO production_events (transaction_id) VALUES ('1')",
        b"INSERT INTO production_events (sequence_num) VALUES (1)",
        b"INSERT INTO production_events (recorded_at) VALUES (now())",
        b"INSERT INTO commands (recorded_at) VALUES (now())",
        b"UPDATE commands SET outcome = 'accepted'",
        b"DELETE FROM commands",
        b"TRUNCATE commands",
        b"UPDATE claims SET holder = 'J1-S001-01'",
        b"DROP TABLE rm_card_units",
        b"CREATE TABLE of_my_own (a int)",
        b"UPDATE schema_migrations SET checksum = ''",
        b"CREATE ROLE another SUPERUSER",
    ],
)
async def test_the_kiosk_role_may_only_add(database_dsn: str, statement: bytes) -> None:
    """What a kiosk's role may not do it cannot do: tried, not read from the grants."""
    lane = Lane(ConnectionSettings(dsn=database_dsn))
    try:
        with pytest.raises(StorePermissionDenied):
            await lane.run(statement)
    finally:
        await lane.close()


async def test_the_reader_role_may_only_look(floor: Floor, database_dsn: str) -> None:
    """A reader sees everything that it is asked for and writes nothing."""
    async with await Store.open(database_dsn, role=READER_ROLE) as reader:
        assert await reader.stations()
        with pytest.raises(StorePermissionDenied):
            await reader.run(floor.scan_of(PRESS, "OP-1\x07"))


async def test_the_reader_role_does_not_see_what_a_pin_is_checked_against(floor: Floor, database_dsn: str) -> None:
    """The log is open to readers through a view that leaves the secret of a PIN out."""
    secret = hash_pin("4711", b"0123456789abcdef")
    await floor.accept(SetOperatorPin(at=floor.now, operator_id=None, station_id=None, badge=LEAD, secret=secret))
    lane = Lane(ConnectionSettings(dsn=database_dsn, role=READER_ROLE))
    try:
        with pytest.raises(StorePermissionDenied):
            await lane.run(b"SELECT event_payload FROM production_events")
        assert await lane.run(b"SELECT sequence_num FROM production_events")
        ((shown,),) = await lane.run(
            b"SELECT event_payload::text FROM events_for_readers WHERE event_type = 'OperatorPinSet'"
            b" AND aggregate_id = $1 ORDER BY aggregate_version DESC LIMIT 1",
            (LEAD,),
        )
    finally:
        await lane.close()
    assert LEAD in shown
    assert secret.digest not in shown
    assert secret.salt not in shown


async def test_a_plain_owner_without_superuser_is_stopped_too(postgres_dsn: str, database_dsn: str) -> None:
    """The log's owner is the last who may change it, and cannot."""
    role = f"kiosk_owner_{uuid4().hex[:8]}"
    async with owner_connection(database_dsn) as owner:
        await owner.execute(f"CREATE ROLE {role}".encode())
        await owner.execute(f"ALTER TABLE production_events OWNER TO {role}".encode())
        await owner.execute(f"SET ROLE {role}".encode())
        with pytest.raises(psycopg.Error) as refused:
            await owner.execute(b"DELETE FROM production_events")
        assert refused.value.sqlstate == "KE001"
        await owner.execute(b"RESET ROLE")
        await owner.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER".encode())
        await owner.execute(f"DROP ROLE {role}".encode())


# -- commit order -------------------------------------------------------------------


async def test_a_reader_in_commit_order_misses_nobody_who_commits_late(database_dsn: str) -> None:
    """An event with a lower number that commits after one with a higher is read, and each is read once."""
    lane = Lane(ConnectionSettings(dsn=database_dsn))
    async with owner_connection(database_dsn) as slow, owner_connection(database_dsn) as quick:
        await slow.execute("BEGIN")
        await slow.execute(INSERT, ("J1-S001", 1, uuid4()))
        await quick.execute(INSERT, ("J1-S002", 1, uuid4()))
        assert await read_in_commit_order(lane, BEGINNING) == ()
        await slow.execute("COMMIT")
        batch = await read_in_commit_order(lane, BEGINNING)
    assert [entry.stream.aggregate_id for entry in batch] == ["J1-S001", "J1-S002"]
    last = batch[-1]
    assert await read_in_commit_order(lane, Position(last.transaction_id, last.sequence_num)) == ()
    await lane.close()


async def test_sixteen_writers_and_a_follower_lose_nothing(database_dsn: str) -> None:
    """Every event arrives exactly once, and each stream's events in their order."""
    writers, each = 16, 25
    lane = Lane(ConnectionSettings(dsn=database_dsn))
    seen: list[tuple[str, int]] = []
    done = asyncio.Event()

    async def write(number: int) -> None:
        async with owner_connection(database_dsn) as connection:
            for version in range(1, each + 1):
                await connection.execute(INSERT, (f"J1-S{number:03d}", version, uuid4()))

    async def read() -> None:
        at = BEGINNING
        while True:
            finished = done.is_set()
            async for batch in follow(lane, at, 50):
                seen.extend((entry.stream.aggregate_id, entry.version) for entry in batch)
                at = Position(batch[-1].transaction_id, batch[-1].sequence_num)
            if finished and len(seen) >= writers * each:
                return
            await asyncio.sleep(0)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        reader = group.create_task(read())
        await asyncio.gather(*(write(number) for number in range(writers)))
        done.set()
        await reader
    assert len(seen) == len(set(seen)) == writers * each
    for number in range(writers):
        versions = [version for unit, version in seen if unit == f"J1-S{number:03d}"]
        assert versions == sorted(versions)
    await lane.close()


async def test_a_checkpoint_of_another_cluster_is_refused(database_dsn: str) -> None:
    """Transaction ids of a restored dump mean nothing here: better to begin anew than to skip events."""
    lane = Lane(ConnectionSettings(dsn=database_dsn))
    here = await horizon(lane)
    assert await load_checkpoint(lane, "labels") == BEGINNING
    await save_checkpoint(lane, "labels", Checkpoint(here.system_identifier, Position(7, 8)))
    assert await load_checkpoint(lane, "labels") == Position(7, 8)
    await save_checkpoint(lane, "labels", Checkpoint(here.system_identifier + 1, Position(9, 9)))
    with pytest.raises(errors.CheckpointForeign):
        await load_checkpoint(lane, "labels")
    await lane.close()


# -- streams and moments ---------------------------------------------------------------


async def test_history_tells_what_was_true_and_what_was_known(floor: Floor) -> None:
    """By the scans' clock and by the database's: a scan that was recorded late is true but not yet known."""
    job = await floor.start(spec())
    sheet = sheet_id(job, 1)
    await floor.scan(PRESS, sheet)
    whole = await floor.store.history(sheet.lower())
    assert whole is not None
    assert [entry.event_type for entry in whole.events] == ["SheetCreated", "SheetEnteredStation"]
    assert whole.row == await floor.store.sheet(sheet)

    then = await floor.store.history(sheet, at=START)
    assert then is not None
    assert [entry.event_type for entry in then.events] == ["SheetCreated"]
    assert then.row is not None
    assert then.row.version == 1

    known = await floor.store.history(sheet, as_of=whole.events[0].recorded_at)
    assert known is not None
    assert len(known.events) == 1
    assert await floor.store.history(sheet, as_of=whole.events[0].recorded_at - timedelta(seconds=1)) is None
    assert await floor.store.history("J9999-S001") is None
    assert await floor.store.history("[red]\x00") is None
