"""Whether the log is what was written: every link of every stream, and every answer that names an event.

``check_log`` is called by ``kiosk db verify``; ``chain_recorded_events`` by the migration that brings the chain.
Blocking or not as their callers are; neither changes an event.
"""

import asyncio
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import psycopg

from core.domain.streams import AggregateType
from store.chain import GENESIS, ChainedEvent, canonical_payload, in_utc, link
from store.folding import Connection, read_by_index, unescaped
from store.wire import Row

_BATCH: Final = 20_000
_NULL: Final = b"\\N"
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_KINDS: Final = frozenset(str(kind) for kind in AggregateType)

_COLUMNS: Final = """aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, event_payload,
    occurred_at, operator_id, station_id, correlation_id, causation_id, command_id"""


@dataclass(frozen=True, slots=True)
class BrokenEvidence:
    """Something that is not as it was written; ``problem`` says in what way and ``name`` of what, for people."""

    problem: str
    name: str


def _event(kind: object, aggregate_id: object, version: object) -> str:
    return f"{kind} {aggregate_id} version {version}"


# -- looking over ----------------------------------------------------------------

_LOG: Final = (
    f"COPY (SELECT {_COLUMNS}, chain FROM production_events"  # noqa: S608 - constants
    " ORDER BY aggregate_type, aggregate_id, aggregate_version) TO STDOUT"
).encode()


def check_log(connection: Connection) -> Generator[BrokenEvidence]:
    """Yield every event that was changed, removed, inserted or moved since it was written."""
    read_by_index(connection, whole=True)
    yield from _check_links(connection)
    read_by_index(connection, whole=False)
    yield from _check_answers(connection)


def _check_links(connection: Connection) -> Generator[BrokenEvidence]:
    stream: tuple[str, str] = ("", "")
    previous, before = GENESIS, 0
    with connection.cursor() as cursor, cursor.copy(_LOG) as copy:
        for line in copy:
            columns = bytes(line).rstrip(b"\n").split(b"\t")
            of = (_written(columns[0]), _written(columns[1]))
            if of != stream:
                stream, previous, before = of, GENESIS, 0
                if stream[0] not in _KINDS:
                    yield BrokenEvidence("event of a kind that no program wrote", _event(*stream, int(columns[2])))
            version = int(columns[2])
            for missing in range(before + 1, version):
                yield BrokenEvidence("event removed", _event(*stream, missing))
            stored = _bytes(columns[12])
            if stored != link(previous, _chained(stream, version, columns)) and version == before + 1:
                yield BrokenEvidence("event is not what was written", _event(*stream, version))
            previous, before = stored, version


def _chained(stream: tuple[str, str], version: int, columns: list[bytes]) -> ChainedEvent:
    payload = columns[5]
    return ChainedEvent(
        stream,
        version,
        _written(columns[3]),
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
    return None if column == _NULL else _written(column)


def _written(column: bytes) -> str:
    """Return a text as COPY writes it, with its escapes taken out."""
    if b"\\" not in column:
        return column.decode()
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), column).decode()


def _bytes(column: bytes) -> bytes:
    return b"" if column == _NULL else bytes.fromhex(column.removeprefix(b"\\\\x").decode())


# A command and its events are one transaction: they name each other, and one clock stamped them. One pass in one
# order, because looking events up by the answers would be a pass through the whole log for every few thousand of them.
_ANSWERS: Final = b"""COPY (
        SELECT command_id, recorded_at, answer, NULL AS kind, NULL AS id, NULL AS version FROM commands
        WHERE outcome = 'accepted'
        UNION ALL
        SELECT command_id, recorded_at, NULL, aggregate_type, aggregate_id, aggregate_version FROM production_events
        ORDER BY command_id, answer NULLS LAST
    ) TO STDOUT"""


def _check_answers(connection: Connection) -> Generator[BrokenEvidence]:
    command = recorded_at = b""
    named = set[tuple[str, str, int]]()
    with connection.cursor() as cursor, cursor.copy(_ANSWERS) as copy:
        for line in copy:
            of, at, answer, kind, aggregate_id, version = bytes(line).rstrip(b"\n").split(b"\t")
            if answer != _NULL:
                yield from _not_there(named)
                command, recorded_at, named = of, at, set[tuple[str, str, int]]()
                try:
                    named.update(msgspec.json.decode(_bytes(answer), type=list[tuple[str, str, int]]))
                except msgspec.MsgspecError:
                    yield BrokenEvidence("answer that no program wrote", f"command {command.decode()}")
                continue
            event = (_written(kind), _written(aggregate_id), int(version))
            if of != command:
                yield BrokenEvidence("event inserted: no command wrote it", _event(*event))
            elif at != recorded_at:
                yield BrokenEvidence("event recorded at another time", _event(*event))
            elif event not in named:
                yield BrokenEvidence("event inserted: its command was answered without it", _event(*event))
            named.discard(event)
    yield from _not_there(named)


def _not_there(named: Iterable[tuple[str, str, int]]) -> Generator[BrokenEvidence]:
    for event in sorted(named):
        yield BrokenEvidence("event removed: a command was answered with it", _event(*event))


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
                    (row[1], row[2]),
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
