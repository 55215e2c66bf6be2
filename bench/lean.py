"""The lean path: what a scan and a cut would cost that only wrote, for what the machine itself allows.

An event in a log with its version guard and commit order, and the unit's own row, read and written in two round
trips over the product's own lanes. Nothing is decided, guarded against other streams, chained, answered twice or
remembered.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import LiteralString

from bench.measure import Once
from bench.shop import N_UP, SCANS_OF_A_CARD
from store.command_ids import new_command_id
from store.connecting import ConnectionSettings
from store.pool import Lane

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

_READ = b"""
    SELECT aggregate_version, event_type, schema_version, event_payload FROM lean_events
    WHERE aggregate_type = $1 AND aggregate_id = $2 ORDER BY aggregate_version
"""
_SCAN = b"""
    WITH event AS (
        INSERT INTO lean_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
            event_payload, occurred_at, operator_id, station_id, command_id)
        VALUES ('card_unit', $1, $2, 'CardUnitOperationCompleted', 1, $3, now(), 'OP-42', $4, $5)
    )
    INSERT INTO lean_cards VALUES ($1, $6, 'J1044', 'IN_PROGRESS', $7, 'FOIL', $8, 'OP-42', now(), 7, $2)
    ON CONFLICT (card_unit_id) DO UPDATE SET (status, station_id, operation, ready, operator_id, since, version)
        = ROW (EXCLUDED.status, EXCLUDED.station_id, EXCLUDED.operation, EXCLUDED.ready, EXCLUDED.operator_id,
            EXCLUDED.since, EXCLUDED.version)
"""
_CUT = b"""
    WITH events AS (
        INSERT INTO lean_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
            event_payload, occurred_at, operator_id, station_id, command_id)
        SELECT kind, unit, 1, event, 1, payload, now(), 'OP-42', 'CUT-1', $1::uuid
        FROM ROWS FROM (unnest($2::text[], $3::text[], $4::text[]), jsonb_array_elements($5::jsonb))
            AS e (kind, unit, event, payload)
    )
    INSERT INTO lean_cards
    SELECT card, $6, 'J1044', 'CREATED', NULL, NULL, 'FOIL', 'OP-42', now(), position, 1
    FROM unnest($7::text[], $8::integer[]) AS c (card, position)
"""
_SCAN_PAYLOAD = (
    b'{"card_unit_id":"J1044-S003-07","job_id":"J1044","occurred_at":"2026-01-05T00:12:10Z","operation":"FOIL",'
    b'"operator_id":"OP-42","position":7,"ready":[{"operation":"EMBOSS","work":"EMBOSS"}],"sheet_id":"J1044-S003",'
    b'"spec_code":"BENCH","station_id":"EMBELLISH-1","work":"FOIL"}'
)
_CARD_PAYLOAD = (
    b'{"card_unit_id":"J1044-S003-07","job_id":"J1044","n_up":18,"occurred_at":"2026-01-05T00:12:10Z",'
    b'"operator_id":"OP-42","order_id":"PO2026-0001","position":7,"product_name":"Bench",'
    b'"ready":[{"operation":"FOIL","work":"FOIL"}],"sheet_id":"J1044-S003","spec_code":"BENCH","station_id":"CUT-1"}'
)


@asynccontextmanager
async def lean_clients(dsn: str, numbers: Sequence[int]) -> AsyncGenerator[tuple[list[Once], Once]]:
    """Clients that scan, with a lane and cards of its own each, and one that cuts; the tables must be there."""
    async with AsyncExitStack() as stack:

        def lane() -> Lane:
            made = Lane(ConnectionSettings(dsn=dsn, role=None))
            stack.push_async_callback(made.close)
            return made

        yield [_scanning(lane(), number) for number in numbers], _cutting(lane(), numbers[0])


def _scanning(lane: Lane, number: int) -> Once:
    scans = _scans_of(number)
    station = f"EMBELLISH-{number}"

    async def scan() -> None:
        card = next(scans)
        events = await lane.run(_READ, ("card_unit", card))
        is_here = not len(events) % 2
        at, ready = (station, "") if is_here else (None, "FOIL")
        await lane.run(_SCAN, (card, len(events) + 1, _SCAN_PAYLOAD, station, new_command_id(), card[:-3], at, ready))

    return scan


def _scans_of(number: int) -> Iterator[str]:
    for place in count():
        for _ in range(SCANS_OF_A_CARD):
            yield f"J{1000 + number}-S{place // N_UP + 1:03d}-{place % N_UP + 1:02d}"


def _cutting(lane: Lane, number: int) -> Once:
    sheets = count(1)
    positions = list(range(1, N_UP + 1))
    kinds = ["sheet", *["card_unit"] * N_UP, "assembly"]
    events = ["SheetCut", *["CardUnitCreated"] * N_UP, "AssemblyOpened"]
    payloads = b"[" + b",".join([_CARD_PAYLOAD] * (N_UP + 2)) + b"]"

    async def cut() -> None:
        sheet = f"J{2000 + number}-S{next(sheets):03d}"
        cards = [f"{sheet}-{position:02d}" for position in positions]
        await lane.run(_READ, ("sheet", sheet))
        units = [sheet, *cards, f"{sheet}-SET"]
        await lane.run(_CUT, (new_command_id(), kinds, units, events, payloads, sheet, cards, positions))

    return cut
