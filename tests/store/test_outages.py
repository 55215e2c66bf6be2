"""Commands while connections are cut and servers fall silent: each happens once, and its outcome is known."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from core.identity.ids import sheet_id
from store import Accepted, Store, StoreError, StorePermissionDenied, StoreTimeout, StoreUnavailable
from store.errors import DatabaseFault
from tests.core.shop import (
    PRESS,
    spec,
)
from tests.support.database import owner_connection
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def hang_up(dsn: str) -> None:
    """Let the server end every connection but this one, as a restart does."""
    async with owner_connection(dsn) as owner:
        await owner.execute(
            b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            b" WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_cut_connection_costs_nobody_a_scan(floor: Floor, database_dsn: str) -> None:
    """The command is delivered again on a new connection, by its id at most once."""
    job = await floor.start(spec())
    for _ in range(2):
        await hang_up(database_dsn)
        answer = await floor.scan(PRESS, sheet_id(job, 1))
        assert isinstance(answer, Accepted)
    row = await floor.store.sheet(sheet_id(job, 1))
    assert row is not None
    assert row.status == "READY_TO_CUT"
    assert row.version == 3


@pytest.mark.parametrize("remembered", [False, True])
async def test_a_decision_is_not_written_to_a_database_that_lacks_what_it_read(
    floor: Floor, database_dsn: str, monkeypatch: pytest.MonkeyPatch, remembered: bool
) -> None:
    """A takeover between reading and writing that loses the last event: it is decided again, without a gap."""
    job = await floor.start(spec())
    sheet = sheet_id(job, 1)
    await floor.scan(PRESS, sheet)
    if not remembered:
        floor.store._runner._reader.forget(list(floor.store._runner._reader._kept))
    lane = floor.store._commands
    run = lane.run
    lost = False

    async def losing(statement: bytes, parameters: tuple[object, ...] = (), *, only_on: int | None = None) -> object:
        nonlocal lost
        if b"INSERT INTO events_to_record" in statement and not lost:
            lost = True
            async with owner_connection(database_dsn) as owner:
                await owner.execute(b"ALTER TABLE production_events DISABLE TRIGGER ALL")
                await owner.execute(
                    b"DELETE FROM production_events WHERE aggregate_id = %s AND aggregate_version = 2", (sheet,)
                )
            await hang_up(database_dsn)
            await eventually(lambda: not lane.is_connected)
        return await run(statement, parameters, only_on=only_on)

    monkeypatch.setattr(lane, "run", losing)
    answer = await floor.scan(PRESS, sheet)
    assert lost
    assert isinstance(answer, Accepted)
    history = await floor.store.history(sheet)
    assert history is not None
    assert [entry.version for entry in history.events] == [1, 2]


async def test_a_connection_killed_in_mid_statement_leaves_the_outcome_to_the_command_id(
    floor: Floor, database_dsn: str
) -> None:
    """Whether the commit went through or not, delivering again gives the one answer."""
    job = await floor.start(spec())
    scan = floor.scan_of(PRESS, sheet_id(job, 1))
    command_id = uuid4()
    async with owner_connection(database_dsn) as owner:
        # The statement waits for this lock, so that it is under way when its connection dies.
        await owner.execute(b"BEGIN")
        await owner.execute(b"LOCK TABLE production_events IN SHARE MODE")
        waiting = asyncio.create_task(floor.run(scan, command_id=command_id))
        while True:
            cursor = await owner.execute(
                b"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            blocked = await cursor.fetchone()
            if blocked is not None:
                break
            await asyncio.sleep(0)
        await owner.execute(b"SELECT pg_terminate_backend(%s)", (blocked[0],))
        await owner.execute(b"COMMIT")
    answer = await waiting
    assert isinstance(answer, Accepted)
    assert await floor.run(scan, command_id=command_id) == answer
    row = await floor.store.sheet(sheet_id(job, 1))
    assert row is not None
    assert row.version == 2


async def test_a_lost_reply_is_made_good_by_the_command_id(
    floor: Floor, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit went through and its reply did not: the delivery again finds the answer."""
    job = await floor.start(spec())
    run = floor.store._commands.run
    lost = False

    async def losing(statement: bytes, parameters: tuple[object, ...] = (), *, only_on: int | None = None) -> object:
        nonlocal lost
        rows = await run(statement, parameters, only_on=only_on)
        if b"INSERT INTO events_to_record" in statement and not lost:
            lost = True
            raise StoreUnavailable("the reply was lost", outcome_unknown=True)
        return rows

    monkeypatch.setattr(floor.store._commands, "run", losing)
    answer = await floor.scan(PRESS, sheet_id(job, 1))
    assert lost
    assert isinstance(answer, Accepted)
    assert answer.repeated
    row = await floor.store.sheet(sheet_id(job, 1))
    assert row is not None
    assert row.version == 2


@pytest.mark.parametrize("fault", [DatabaseFault("XX001", "could not read block"), StorePermissionDenied("no")])
async def test_what_may_be_recorded_is_never_called_a_failure(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, fault: StoreError
) -> None:
    """The commit went through, its reply did not, and the delivery again meets a fault: nobody knows, so ask again."""
    job = await floor.start(spec())
    scan, command_id = floor.scan_of(PRESS, sheet_id(job, 1)), uuid4()
    run = floor.store._commands.run
    said: list[str] = []

    async def failing(statement: bytes, parameters: tuple[object, ...] = (), *, only_on: int | None = None) -> object:
        if said:
            raise fault
        rows = await run(statement, parameters, only_on=only_on)
        if b"INSERT INTO events_to_record" in statement:
            said.append("lost")
            raise StoreUnavailable("the reply was lost", outcome_unknown=True)
        return rows

    with monkeypatch.context() as patched:
        patched.setattr(floor.store._commands, "run", failing)
        with pytest.raises(StoreUnavailable) as unknown:
            await floor.run(scan, command_id=command_id)
    assert unknown.value.outcome_unknown
    answer = await floor.run(scan, command_id=command_id)
    assert isinstance(answer, Accepted)
    assert answer.repeated


async def test_a_server_that_only_reads_is_tried_again_later(
    floor: Floor, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A takeover in mid command: the one that now answers writes nothing, and whether the first did is not known."""
    job = await floor.start(spec())
    scan, command_id = floor.scan_of(PRESS, sheet_id(job, 1)), uuid4()
    run = floor.store._commands.run
    lost = False

    async def losing(statement: bytes, parameters: tuple[object, ...] = (), *, only_on: int | None = None) -> object:
        nonlocal lost
        rows = await run(statement, parameters, only_on=only_on)
        if b"INSERT INTO events_to_record" in statement and not lost:
            lost = True
            await run(b"SET default_transaction_read_only = on")
            raise StoreUnavailable("the reply was lost", outcome_unknown=True)
        return rows

    monkeypatch.setattr(floor.store._commands, "run", losing)
    with pytest.raises(StoreUnavailable) as away:
        await floor.run(scan, command_id=command_id)
    assert away.value.outcome_unknown
    await hang_up(database_dsn)
    answer = await floor.run(scan, command_id=command_id)
    assert isinstance(answer, Accepted)
    assert answer.repeated


async def test_a_server_that_does_not_answer_is_given_up_in_time(floor: Floor, database_dsn: str) -> None:
    """A statement that waits too long ends as a timeout, changes nothing, and the next scan works."""
    job = await floor.start(spec())
    scan = floor.scan_of(PRESS, sheet_id(job, 1))
    store = await Store.open(database_dsn, settings=lambda s: replace(s, answer_seconds=0.3))
    async with store, owner_connection(database_dsn) as owner:
        await owner.execute(b"BEGIN")
        await owner.execute(b"LOCK TABLE production_events IN SHARE MODE")
        with pytest.raises(StoreTimeout) as late:
            await store.run(scan)
        assert late.value.outcome_unknown
        await owner.execute(b"COMMIT")
        assert isinstance(await store.run(floor.scan_of(PRESS, sheet_id(job, 1))), Accepted)


async def test_a_scan_that_is_cancelled_does_not_spoil_the_next(floor: Floor, database_dsn: str) -> None:
    """Whoever stops waiting leaves the connection in order."""
    job = await floor.start(spec())
    async with owner_connection(database_dsn) as owner:
        await owner.execute(b"BEGIN")
        await owner.execute(b"LOCK TABLE production_events IN SHARE MODE")
        scan = asyncio.create_task(floor.scan(PRESS, sheet_id(job, 1)))
        await eventually(lambda: floor.store._commands._answer is not None)
        scan.cancel()
        with pytest.raises(asyncio.CancelledError):
            await scan
        await owner.execute(b"COMMIT")
    assert isinstance(await floor.scan(PRESS, sheet_id(job, 1)), Accepted)
