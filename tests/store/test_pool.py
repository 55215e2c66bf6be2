"""Connections: a server that says nothing is given up in time, whatever it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from store import Store, StoreTimeout, migrations
from store.connecting import ConnectionSettings
from store.pool import Lane

_QUERY = b"Q"
_PARSE = b"P"


@pytest.fixture
async def mute_dsn(database_dsn: str) -> AsyncIterator[str]:
    """The connection string of a server that lets anybody log in and then answers nothing."""
    named = conninfo_to_dict(database_dsn)
    host, port = str(named.get("host") or "127.0.0.1"), str(named.get("port") or "5432")
    clients: set[asyncio.Task[None]] = set()

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_asking: bool) -> None:
        with suppress(OSError):
            while said := await source.read(65536):
                if not (is_asking and said[:1] in {_QUERY, _PARSE}):
                    sink.write(said)
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if host.startswith("/"):
            answers, questions = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            answers, questions = await asyncio.open_connection(host, int(port))
        await asyncio.gather(carry(reader, questions, is_asking=True), carry(answers, writer, is_asking=False))

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        clients.add(task)
        task.add_done_callback(clients.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    here = server.sockets[0].getsockname()[1]
    yield make_conninfo(database_dsn, host="127.0.0.1", port=here, sslmode="disable", gssencmode="disable")
    server.close()
    for task in tuple(clients):
        task.cancel()
    await asyncio.gather(*clients, return_exceptions=True)


async def test_a_server_that_is_mute_after_the_login_is_given_up_in_time(mute_dsn: str) -> None:
    """The lane is free again, and says that it was not answered; nothing was sent that could have an effect."""
    lane = Lane(ConnectionSettings(dsn=mute_dsn, answer_seconds=0.2))
    async with asyncio.timeout(10):
        for _ in range(2):
            with pytest.raises(StoreTimeout) as late:
                await lane.run(b"SELECT 1")
            assert not late.value.outcome_unknown
    await lane.close()


async def test_a_migration_does_not_wait_for_ever_to_begin(mute_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it does may take its time; that nobody answers is said in time."""
    monkeypatch.setattr(migrations, "ConnectionSettings", partial(ConnectionSettings, answer_seconds=0.2))
    async with asyncio.timeout(10):
        with pytest.raises(StoreTimeout):
            await migrations.migrate(mute_dsn)


async def test_a_store_does_not_wait_for_ever_to_open(mute_dsn: str) -> None:
    """The checks of a new store have their time limit too."""
    async with asyncio.timeout(10):
        with pytest.raises(StoreTimeout):
            await Store.open(mute_dsn, settings=lambda chosen: replace(chosen, answer_seconds=0.2))
