"""The lean path: as little as a scan and a cut can write, for what the machine itself allows.

An event in a log with its version guard and commit order, and the unit's own row, read and written in two round
trips, as the bars were once measured with. Nothing is decided, guarded against other streams, chained, answered
twice or remembered. Where even this misses a bar, the bar says something about the machine.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import LiteralString
from uuid import uuid4

import psycopg

from bench.measure import Once
from bench.shop import N_UP, SCANS_OF_A_CARD

TABLES: tuple[LiteralString, ...] = (
    """CREATE TABLE lean_events (
        sequence_num bigserial PRIMARY KEY, transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
        aggregate_type text COLLATE "C" NOT NULL, aggregate_id text COLLATE "C" NOT NULL,
        aggregate_version integer NOT NULL, event_type text NOT NULL, schema_version smallint NOT NULL,
        event_payload jsonb NOT NULL, occurred_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now(),
        operator_id text, station_id text, correlation_id uuid, causation_id uuid, command_id uuid NOT NULL,
        UNIQUE (aggregate_type, aggregate_id, aggregate_version)
    )""",
    "CREATE INDEX ON lean_events (transaction_id, sequence_num)",
    """CREATE TABLE lean_cards (
        card_unit_id text COLLATE "C" PRIMARY KEY, sheet_id text NOT NULL, job_id text NOT NULL, status text NOT NULL,
        station_id text, operation text, ready text NOT NULL, operator_id text, since timestamptz NOT NULL,
        position integer NOT NULL, version integer NOT NULL
    ) WITH (fillfactor = 80)""",
    "CREATE INDEX ON lean_cards (station_id) WHERE station_id IS NOT NULL",
    "CREATE INDEX ON lean_cards (ready, job_id) WHERE ready <> ''",
)

_READ = """
    SELECT aggregate_version, event_type, schema_version, event_payload FROM lean_events
    WHERE aggregate_type = 'card_unit' AND aggregate_id = %s ORDER BY aggregate_version
"""
_SCAN = """
    WITH event AS (
        INSERT INTO lean_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
            event_payload, occurred_at, operator_id, station_id, command_id)
        VALUES ('card_unit', %(card)s, %(version)s, 'CardUnitOperationCompleted', 1, %(payload)s, now(), 'OP-42',
            %(station)s, %(command)s)
    )
    INSERT INTO lean_cards
    VALUES (%(card)s, %(sheet)s, 'J1044', 'IN_PROGRESS', %(at)s, 'FOIL', %(ready)s, 'OP-42', now(), 7, %(version)s)
    ON CONFLICT (card_unit_id) DO UPDATE SET (status, station_id, operation, ready, operator_id, since, version)
        = ROW (EXCLUDED.status, EXCLUDED.station_id, EXCLUDED.operation, EXCLUDED.ready, EXCLUDED.operator_id,
            EXCLUDED.since, EXCLUDED.version)
"""
_CUT = """
    WITH events AS (
        INSERT INTO lean_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
            event_payload, occurred_at, operator_id, station_id, command_id)
        SELECT kind, unit, version, event, 1, payload, now(), 'OP-42', 'CUT-1', %(command)s
        FROM unnest(%(kinds)s::text[], %(units)s::text[], %(versions)s::integer[], %(events)s::text[],
            %(payloads)s::jsonb[]) AS e (kind, unit, version, event, payload)
    )
    INSERT INTO lean_cards
    SELECT card, %(sheet)s, 'J1044', 'CREATED', NULL, NULL, 'FOIL', 'OP-42', now(), position, 1
    FROM unnest(%(cards)s::text[], %(positions)s::integer[]) AS c (card, position)
"""
_SCAN_PAYLOAD = (
    '{"card_unit_id":"J1044-S003-07","job_id":"J1044","occurred_at":"2026-01-05T00:12:10Z","operation":"FOIL",'
    '"operator_id":"OP-42","position":7,"ready":[{"operation":"EMBOSS","work":"EMBOSS"}],"sheet_id":"J1044-S003",'
    '"spec_code":"BENCH","station_id":"EMBELLISH-1","work":"FOIL"}'
)
_CARD_PAYLOAD = (
    '{"card_unit_id":"J1044-S003-07","job_id":"J1044","n_up":18,"occurred_at":"2026-01-05T00:12:10Z",'
    '"operator_id":"OP-42","order_id":"PO2026-0001","position":7,"product_name":"Bench",'
    '"ready":[{"operation":"FOIL","work":"FOIL"}],"sheet_id":"J1044-S003","spec_code":"BENCH","station_id":"CUT-1"}'
)


@asynccontextmanager
async def lean_clients(dsn: str, numbers: range) -> AsyncGenerator[tuple[list[Once], Once]]:
    """Clients that scan, with a connection and cards of its own each, and one that cuts; the tables must be there."""
    async with AsyncExitStack() as stack:

        async def connected() -> psycopg.AsyncConnection:
            return await stack.enter_async_context(await psycopg.AsyncConnection.connect(dsn, autocommit=True))

        scans = [_scanning(await connected(), number) for number in numbers]
        yield scans, _cutting(await connected(), numbers[0])


def _scanning(connection: psycopg.AsyncConnection, number: int) -> Once:
    scans = _scans_of(number)

    async def scan() -> None:
        card, station = next(scans), f"EMBELLISH-{number}"
        events = await (await connection.execute(_READ, (card,), prepare=True)).fetchall()
        is_here = not len(events) % 2
        said = {
            "card": card, "sheet": card[:-3], "version": len(events) + 1, "payload": _SCAN_PAYLOAD, "station": station,
            "command": uuid4(), "at": station if is_here else None, "ready": "" if is_here else "FOIL",
        }  # fmt: skip
        await connection.execute(_SCAN, said, prepare=True)

    return scan


def _scans_of(number: int) -> Iterator[str]:
    for place in count():
        for _ in range(SCANS_OF_A_CARD):
            yield f"J{1000 + number}-S{place // N_UP + 1:03d}-{place % N_UP + 1:02d}"


def _cutting(connection: psycopg.AsyncConnection, number: int) -> Once:
    sheets = count(1)

    async def cut() -> None:
        sheet = f"J{2000 + number}-S{next(sheets):03d}"
        positions = list(range(1, N_UP + 1))
        cards = [f"{sheet}-{position:02d}" for position in positions]
        await (await connection.execute(_READ, (sheet,), prepare=True)).fetchall()
        said = {
            "command": uuid4(), "kinds": ["sheet", *["card_unit"] * N_UP, "assembly"],
            "units": [sheet, *cards, f"{sheet}-SET"], "versions": [5, *[1] * (N_UP + 1)],
            "events": ["SheetCut", *["CardUnitCreated"] * N_UP, "AssemblyOpened"],
            "payloads": [_CARD_PAYLOAD] * (N_UP + 2), "sheet": sheet, "cards": cards, "positions": positions,
        }  # fmt: skip
        await connection.execute(_CUT, said, prepare=True)

    return cut
