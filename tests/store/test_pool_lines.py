"""Lines that go dead, are cut, or lead to a server that takes no writes: noticed in time, and made anew elsewhere."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core.domain.streams import AggregateType, StreamKey
from core.identity.ids import sheet_id
from store import Accepted, ChangeSubscription, Store, StoreTimeout, StoreUnavailable
from store.connecting import ConnectionSettings
from store.errors import ServerReadOnly
from store.pool import Lane
from tests.core.shop import PRESS, spec
from tests.support.database import create_database, database_name, drop_database, owner_connection
from tests.support.floor import Floor
from tests.support.proxy import ServerLine, line_to
from tests.support.waiting import eventually

_PATIENCE = 0.3
hasty = partial(replace, answer_seconds=_PATIENCE)


@pytest.fixture
async def line(database_dsn: str) -> AsyncIterator[ServerLine]:
    """A line to the test's own database."""
    async with line_to(database_dsn) as opened:
        yield opened


@asynccontextmanager
async def kiosk_behind(line: ServerLine, floor: Floor) -> AsyncGenerator[Floor]:
    """The same shop, seen by a kiosk at the end of a line, which soon gives up waiting."""
    async with await Store.open(line.dsn, station_id="TEST-2", settings=hasty) as store:
        yield Floor(store, floor.now)


async def until_refresh(subscription: ChangeSubscription) -> None:
    """Take batches until one asks for a full refresh."""
    async with asyncio.timeout(10):
        while not (await anext(subscription)).everything:
            pass


# -- half-open ----------------------------------------------------------------------


async def test_a_dead_line_is_noticed_and_nothing_was_recorded(floor: Floor, line: ServerLine) -> None:
    """A pulled cable ends nothing, so the kiosk does: the scan is given up in time and works on the next line."""
    job = await floor.start(spec())
    async with kiosk_behind(line, floor) as kiosk:
        command = uuid4()
        line.go_dead()
        async with asyncio.timeout(5):
            with pytest.raises(StoreTimeout):
                await kiosk.scan(PRESS, f"{job}-S001", command_id=command)
        assert not kiosk.store.is_connected
        line.cut()
        assert await floor.store.stored_answer(command) is None
        line.come_alive()
        assert isinstance(await kiosk.scan(PRESS, f"{job}-S001", command_id=command), Accepted)
        assert line.logins == 3  # one that looked at the schema, one that died, one that works


async def test_what_was_recorded_behind_a_dead_line_is_answered_from_the_log(floor: Floor, line: ServerLine) -> None:
    """The cable is pulled while the answer is on its way: nobody guesses, and asking again tells."""
    job = await floor.start(spec())
    async with kiosk_behind(line, floor) as kiosk:
        await kiosk.scan(PRESS, f"{job}-S001")
        line.lose_answers()
        second, command = kiosk.scan_of(PRESS, f"{job}-S001"), uuid4()
        with pytest.raises(StoreTimeout) as late:
            await kiosk.run(second, command_id=command)
        assert late.value.outcome_unknown
        line.come_alive()
        answer = await kiosk.run(second, command_id=command)
        assert isinstance(answer, Accepted)
        assert answer.repeated
        history = await floor.store.history(f"{job}-S001")
        assert history is not None
        assert sum(entry.command_id == command for entry in history.events) == len(answer.recorded)


async def test_a_line_that_is_reset_costs_nobody_a_scan(floor: Floor, line: ServerLine) -> None:
    """A switch that restarts resets every connection; the next scan makes a new one by itself."""
    job = await floor.start(spec())
    async with kiosk_behind(line, floor) as kiosk:
        line.cut()
        assert isinstance(await kiosk.scan(PRESS, f"{job}-S001"), Accepted)


async def test_a_listener_on_a_dead_line_says_so_and_then_asks_for_a_full_refresh(
    floor: Floor, line: ServerLine
) -> None:
    """What was missed meanwhile is unknown; on the new connection announcements are heard again."""
    job = await floor.start(spec())
    async with kiosk_behind(line, floor) as kiosk:
        changes = kiosk.store.changes()
        await until_refresh(changes)
        line.go_dead()
        async with asyncio.timeout(10):
            while (await anext(changes)).reachable:
                pass
        await floor.scan(PRESS, f"{job}-S001")
        line.cut()
        line.come_alive()
        await until_refresh(changes)
        sheet = await kiosk.store.sheet(f"{job}-S001")
        assert sheet is not None
        key = StreamKey(AggregateType.SHEET, sheet_id(job, 1))
        await floor.scan(PRESS, key.aggregate_id)
        async with asyncio.timeout(10):
            while key not in (await anext(changes)).streams:
                pass


async def test_the_kernel_is_asked_to_notice_a_dead_peer(line: ServerLine) -> None:
    """Keepalives for an idle line, a limit for what is sent and never acknowledged."""
    lane = Lane(ConnectionSettings(dsn=line.dsn))
    await lane.prepare()
    with socket.socket(fileno=socket.dup(lane._socket)) as kept:
        asked = {
            name: kept.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        }
        assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    await lane.close()
    assert asked == {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 8000}


# -- several servers ------------------------------------------------------------------


def both(first: ServerLine, second: ServerLine, **more: str | int) -> str:
    """A connection string that names two lines in this order."""
    return make_conninfo(first.dsn, host="127.0.0.1,127.0.0.1", port=f"{first.port},{second.port}", **more)


async def test_the_next_server_is_tried_where_one_is_gone_or_silent(database_dsn: str, line: ServerLine) -> None:
    """A host that refuses costs nothing, one that says nothing at most ``connect_timeout``."""
    async with line_to(database_dsn) as gone:
        gone.go_dead()
        lane = Lane(ConnectionSettings(dsn=both(gone, line, connect_timeout=2), answer_seconds=2))
        async with asyncio.timeout(8):
            assert await lane.run(b"SELECT 1") == [(1,)]
        await lane.close()
        gone.refuse()
        lane = Lane(ConnectionSettings(dsn=both(gone, line)))
        async with asyncio.timeout(1):
            assert await lane.run(b"SELECT 1") == [(1,)]
        await lane.close()


@pytest.fixture
def read_only_dsn(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """A database that takes no writes, as a standby takes none."""
    name = f"kiosk_read_only_{uuid4().hex[:8]}"
    dsn = create_database(postgres_dsn, name, template_database)
    set_read_only(dsn, on=True)
    yield dsn
    drop_database(postgres_dsn, name)


def set_read_only(dsn: str, *, on: bool) -> None:
    """Fence a database, for connections that are made from now on."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        statement = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
        owner.execute("SET default_transaction_read_only = off")
        owner.execute(statement.format(sql.Identifier(database_name(dsn)), sql.Literal("on" if on else "off")))


async def test_of_several_servers_the_one_that_takes_writes_is_worked_on(line: ServerLine, database_dsn: str) -> None:
    """Also where the connection string does not say ``target_session_attrs=read-write``: a kiosk always writes."""
    set_read_only(database_dsn, on=True)
    async with line_to(database_dsn) as second:
        lane = Lane(ConnectionSettings(dsn=both(line, second)))
        with pytest.raises(StoreUnavailable, match=rf"none of 127.0.0.1:{line.port}, 127.0.0.1:{second.port} answers"):
            await lane.run(b"SELECT 1")
        set_read_only(database_dsn, on=False)
        assert await lane.run(b"SELECT 1") == [(1,)]
        await lane.close()


async def test_a_connection_string_may_want_a_standby(line: ServerLine, database_dsn: str) -> None:
    """What the connection string says of the servers that it wants is passed on as it is."""
    set_read_only(database_dsn, on=True)
    lane = Lane(ConnectionSettings(dsn=both(line, line, target_session_attrs="any")))
    assert await lane.run(b"SELECT 1") == [(1,)]
    await lane.close()


async def test_a_server_that_was_made_read_only_is_left_for_the_one_that_is_not(
    floor: Floor, line: ServerLine, database_dsn: str
) -> None:
    """It refuses the first write and changes nothing; by the second delivery the kiosk works elsewhere."""
    job = await floor.start(spec())
    async with line_to(database_dsn) as second, await Store.open(both(line, second)) as store:
        line.refuse()  # whoever connects anew reaches the second
        await store._commands.run(b"SET default_transaction_read_only = on")
        await store._commands.run(b"SELECT 1")
        answer = await Floor(store, floor.now).scan(PRESS, f"{job}-S001")
        assert isinstance(answer, Accepted)
        assert not answer.repeated
        assert second.logins


async def test_one_server_that_takes_no_writes_is_looked_for_anew_at_every_statement(line: ServerLine) -> None:
    """Another server may answer behind the same name by now; nothing of what was refused was written."""
    lane = Lane(ConnectionSettings(dsn=line.dsn))
    await lane.run(b"SET default_transaction_read_only = on")
    with pytest.raises(ServerReadOnly) as refused:
        await lane.run(b"DELETE FROM station_presence")
    assert not refused.value.outcome_unknown
    assert not lane.is_connected
    await lane.run(b"DELETE FROM station_presence")
    await lane.close()


async def test_what_only_one_server_has_is_not_told_as_done(line: ServerLine) -> None:
    """Whoever cancels a commit's wait for the standby gets a success from the server; a failover would lose it."""
    lane = Lane(ConnectionSettings(dsn=line.dsn))

    class Notice:
        source_function = "SyncRepWaitForLSN"

    asked = asyncio.create_task(lane.run(b"SELECT pg_sleep(0.05)"))
    await eventually(lambda: lane._answer is not None and lane._prepared)
    lane._noticed(Notice())  # pyright: ignore[reportArgumentType]
    with pytest.raises(StoreUnavailable) as unknown:
        await asked
    assert unknown.value.outcome_unknown
    assert await lane.run(b"SELECT 1") == [(1,)]
    await lane.close()


async def test_the_owner_can_still_look_at_a_fenced_database(read_only_dsn: str) -> None:
    """A fence stops writes, not looks."""
    async with owner_connection(read_only_dsn) as owner, await Store.open(read_only_dsn) as store:
        assert await store.jobs() == ()
        assert await owner.execute("SELECT 1")
