"""The baseline of every ratio: one bare INSERT of one row in autocommit."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg

from bench.measure import Once

TABLE = """
    CREATE TABLE bench_rows (
        id bigserial PRIMARY KEY, unit text NOT NULL, at timestamptz NOT NULL DEFAULT now(), payload jsonb NOT NULL
    )
"""
INSERT = "INSERT INTO bench_rows (unit, payload) VALUES (%s, %s)"
PAYLOAD = '{"job_id": "J1044", "sheet_id": "J1044-S003", "position": 7, "operation": "FOIL", "station_id": "FOIL-1"}'


@asynccontextmanager
async def bare_inserts(dsn: str, connections: int) -> AsyncGenerator[list[Once]]:
    """So many clients, each with its own connection, that insert one row a call; the table must be there."""
    async with AsyncExitStack() as stack:
        clients: list[Once] = []
        for number in range(connections):
            connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
            await stack.enter_async_context(connection)
            clients.append(_client(connection, f"J1044-S003-{number:02d}"))
        yield clients


def _client(connection: psycopg.AsyncConnection, unit: str) -> Once:
    async def insert() -> None:
        await connection.execute(INSERT, (unit, PAYLOAD), prepare=True)

    return insert
