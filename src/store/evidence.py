"""Whether the log is what was written: every link of every stream, and every answer that names an event.

``check_log`` is called by ``kiosk db verify``; ``chain_recorded_events`` by the migration that brings the chain.
Blocking or not as their callers are; neither changes an event.
"""

import asyncio
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import psycopg

from core.domain.streams import AggregateType, StreamKey
from store.chain import GENESIS, ChainedEvent, canonical_payload, in_utc, link
from store.folding import Connection, unescaped
from store.wire import Row

_BATCH: Final = 20_000
_NULL: Final = b"\\N"
_TYPES: Final = {str(kind): kind for kind in AggregateType}

_COLUMNS: Final = """aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, event_payload,
    occurred_at, operator_id, station_id, correlation_id, causation_id, command_id"""


@dataclass(frozen=True, slots=True)
class BrokenEvidence:
    """One event that is not as it was written; ``problem`` says in what way, for people."""

    problem: str
    stream: StreamKey
    version: int

    @property
    def name(self) -> str:
        """The event as people name it."""
        return f"{self.stream.aggregate_type} {self.stream.aggregate_id} version {self.version}"


# -- looking over ----------------------------------------------------------------

_LOG: Final = (
    f"COPY (SELECT {_COLUMNS}, chain FROM production_events"  # noqa: S608 - constants
    " ORDER BY aggregate_type, aggregate_id, aggregate_version) TO STDOUT"
).encode()


def check_log(connection: Connection) -> Generator[BrokenEvidence]:
    """Yield every event that was changed, removed, inserted or moved since it was written."""
    yield from _check_links(connection)
    yield from _check_answers(connection)


def _check_links(connection: Connection) -> Iterator[BrokenEvidence]:
    current: tuple[bytes, bytes] | None = None
    key = StreamKey(AggregateType.JOB, "")
    previous, before = GENESIS, 0
    with connection.cursor() as cursor, cursor.copy(_LOG) as copy:
        for line in copy:
            columns = bytes(line).rstrip(b"\n").split(b"\t")
            if (columns[0], columns[1]) != current:
                current = (columns[0], columns[1])
                key = StreamKey(_TYPES[columns[0].decode()], columns[1].decode())
                previous, before = GENESIS, 0
            version = int(columns[2])
            for missing in range(before + 1, version):
                yield BrokenEvidence("event removed", key, missing)
            stored = _bytes(columns[12])
            if stored != link(previous, _chained(key, version, columns)) and version == before + 1:
                yield BrokenEvidence("event is not what was written", key, version)
            previous, before = stored, version


def _chained(key: StreamKey, version: int, columns: list[bytes]) -> ChainedEvent:
    payload = columns[5]
    return ChainedEvent(
        key,
        version,
        columns[3].decode(),
        int(columns[4]),
        msgspec.Raw(canonical_payload(unescaped(payload) if b"\\" in payload else payload)),
        in_utc(datetime.fromisoformat(columns[6].decode())),
        _text(columns[7]),
        _text(columns[8]),
        _text(columns[9]),
        _text(columns[10]),
        columns[11].decode(),
    )


def _text(column: bytes) -> str | None:
    return None if column == _NULL else unescaped(column).decode()


def _bytes(column: bytes) -> bytes:
    return b"" if column == _NULL else bytes.fromhex(column.removeprefix(b"\\\\x").decode())


# A command and its events are one transaction: they name each other, and one clock stamped them.
_ANSWERED_WITHOUT: Final = b"""SELECT r.entry ->> 0, r.entry ->> 1, (r.entry ->> 2)::integer
    FROM commands c CROSS JOIN LATERAL jsonb_array_elements(convert_from(c.answer, 'UTF8')::jsonb) r(entry)
    WHERE c.outcome = 'accepted' AND NOT EXISTS (SELECT FROM production_events e WHERE e.command_id = c.command_id
        AND e.aggregate_type = r.entry ->> 0 AND e.aggregate_id = r.entry ->> 1
        AND e.aggregate_version = (r.entry ->> 2)::integer)"""
_WITHOUT_ANSWER: Final = b"""SELECT e.aggregate_type, e.aggregate_id, e.aggregate_version, c.command_id IS NULL
    FROM production_events e LEFT JOIN commands c ON c.command_id = e.command_id AND c.outcome = 'accepted'
    WHERE c.command_id IS NULL OR c.recorded_at <> e.recorded_at"""


def _check_answers(connection: Connection) -> Iterator[BrokenEvidence]:
    for kind, aggregate_id, version in connection.execute(_ANSWERED_WITHOUT, prepare=False):
        yield BrokenEvidence(
            "event removed: a command was answered with it", _key(kind, aggregate_id), int(str(version))
        )
    for kind, aggregate_id, version, is_alone in connection.execute(_WITHOUT_ANSWER, prepare=False):
        problem = "event inserted: no command wrote it" if is_alone else "event recorded at another time"
        yield BrokenEvidence(problem, _key(kind, aggregate_id), int(str(version)))


def _key(kind: object, aggregate_id: object) -> StreamKey:
    return StreamKey(_TYPES[str(kind)], str(aggregate_id))


# -- chaining what was recorded before there was a chain -----------------------------

_UNCHAINED: Final = f"""SELECT sequence_num, {_COLUMNS} FROM production_events
    WHERE (aggregate_type, aggregate_id, aggregate_version) > ($1, $2, $3)
    ORDER BY aggregate_type, aggregate_id, aggregate_version LIMIT {_BATCH}""".encode()  # noqa: S608 - constants
_CHAIN: Final = b"""UPDATE production_events e SET chain = n.chain
    FROM unnest($1::bigint[], $2::bytea[]) n(sequence_num, chain) WHERE e.sequence_num = n.sequence_num"""


async def chain_recorded_events(connection: psycopg.AsyncConnection[Row]) -> None:
    """Chain every event, in the caller's transaction, and let no event in without from then on.

    The one time that rows of the log are written again: nothing but the new column, by the tables' owner.
    """
    await connection.execute(b"ALTER TABLE production_events DISABLE TRIGGER production_events_only_grows")
    last: tuple[str, str, int] = ("", "", 0)
    previous = GENESIS
    while True:
        cursor = await connection.execute(_UNCHAINED, last)
        rows = await cursor.fetchall()
        if not rows:
            break
        sequence_nums: list[int] = []
        chains: list[bytes] = []
        for row in rows:
            if (row[1], row[2]) != last[:2]:
                previous = GENESIS
            last = (row[1], row[2], row[3])
            payload = msgspec.Raw(msgspec.json.Encoder(order="sorted").encode(row[6]))
            previous = link(
                previous,
                ChainedEvent(
                    StreamKey(_TYPES[row[1]], row[2]),
                    row[3],
                    row[4],
                    row[5],
                    payload,
                    in_utc(row[7]),
                    row[8],
                    row[9],
                    row[10],
                    row[11],
                    row[12],
                ),
            )
            sequence_nums.append(row[0])
            chains.append(previous)
        await connection.execute(_CHAIN, (sequence_nums, chains))
        # A kiosk elsewhere in this process must not stand still meanwhile.
        await asyncio.sleep(0)
    await connection.execute(b"ALTER TABLE production_events ALTER COLUMN chain SET NOT NULL")
    await connection.execute(b"ALTER TABLE production_events ENABLE ALWAYS TRIGGER production_events_only_grows")
