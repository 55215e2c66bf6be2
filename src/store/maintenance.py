"""What a database holds, and the proof that its read models equal the fold of its log.

Called by ``kiosk db status`` and ``kiosk db verify``, and at the end of every long test.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

import asyncio
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import cast

import msgspec
import psycopg

from core.domain.streams import Claim
from core.projections import Row
from store import errors
from store.connecting import ConnectionSettings
from store.evidence import check_log
from store.folding import Connection, FoldedStream, connect_blocking, fold_streams, guarded, unescaped
from store.migrations import schema_known
from store.read_models.tables import READ_MODELS, ReadModel
from store.translating import translated

_REPORTED = 100
_MOMENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """What the database is and holds.

    ``unsettled`` counts events that readers in commit order cannot see yet, because an
    older transaction is still open; ``unsettled_seconds`` is the age of the oldest.
    """

    server_version: int
    database: str
    schema_version: int
    schema_known: int
    events: int
    commands: int
    refused: int
    size_bytes: int
    first_recorded_at: datetime | None
    last_recorded_at: datetime | None
    unsettled: int
    unsettled_seconds: float


_STATUS = b"""SELECT current_setting('server_version_num')::integer, current_database()::text,
    (SELECT max(version) FROM schema_migrations),
    (SELECT count(*) FROM production_events),
    (SELECT count(*) FROM commands), (SELECT count(*) FROM commands WHERE outcome = 'refused'),
    pg_database_size(current_database()),
    (SELECT recorded_at FROM production_events ORDER BY sequence_num LIMIT 1),
    (SELECT recorded_at FROM production_events ORDER BY sequence_num DESC LIMIT 1),
    u.events, u.seconds
    FROM (SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float8 AS seconds
        FROM production_events WHERE transaction_id >= pg_snapshot_xmin(pg_current_snapshot())) u"""


_StatusRow = tuple[int, str, int, int, int, int, int, datetime | None, datetime | None, int, float]


async def status(settings: ConnectionSettings) -> StoreStatus:
    """Return what the database is, how much it holds and how far readers in commit order can see.

    Everything is counted, which takes seconds for millions of events: on a connection of its own, without limits.
    """
    return await asyncio.to_thread(_status, settings)


def _status(settings: ConnectionSettings) -> StoreStatus:
    with connect_blocking(settings) as connection:
        (row,) = guarded(connection, _STATUS)
    version, database, schema, events, commands, refused, size, first, last, unsettled, seconds = cast(
        "_StatusRow", row
    )
    return StoreStatus(
        server_version=version,
        database=database,
        schema_version=schema,
        schema_known=schema_known(),
        events=events,
        commands=commands,
        refused=refused,
        size_bytes=size,
        first_recorded_at=first,
        last_recorded_at=last,
        unsettled=unsettled,
        unsettled_seconds=seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where the database is not what its log says.

    ``problem`` is "row differs", "row missing", "row of nothing" or "version gap"; a row that
    cannot even be read differs in no named field and has ``found`` None;
    ``fields`` names the columns that differ, ``found`` and ``expected`` the rows.
    """

    problem: str
    table: str
    key: str
    fields: tuple[str, ...] = ()
    found: Row | None = None
    expected: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was compared, and every difference found; of very many the first hundred are told.

    ``broken`` of the differences are events of the log itself, which no rebuild mends.
    """

    streams: int
    events: int
    rows: int
    differences: tuple[Difference, ...]
    difference_count: int
    broken: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether the tables equal the fold and no stream has a gap."""
        return self.difference_count == 0


@dataclass(slots=True)
class _Count:
    streams: int = 0
    events: int = 0
    rows: int = 0
    differences: int = 0
    broken: int = 0
    told: list[Difference] = field(default_factory=list[Difference])
    claims: list[Claim] = field(default_factory=list[Claim])

    def tell(self, difference: Difference) -> None:
        self.differences += 1
        if len(self.told) < _REPORTED:
            self.told.append(difference)


async def verify(settings: ConnectionSettings) -> Verification:
    """Compare every row with the fold of its stream, at one moment, while the line runs."""
    return await asyncio.to_thread(_verify, settings)


def _verify(settings: ConnectionSettings) -> Verification:
    with connect_blocking(settings) as log, connect_blocking(settings) as tables:
        try:
            count = _compare_tables(log, tables)
            _compare_claims(tables, count)
            with closing(check_log(log)) as findings:
                for broken in findings:
                    count.broken += 1
                    count.tell(Difference(problem=broken.problem, table="production_events", key=broken.name))
        except psycopg.Error as error:
            raise translated(error, sent=True) from error
    return Verification(
        streams=count.streams,
        events=count.events,
        rows=count.rows,
        differences=tuple(count.told),
        difference_count=count.differences,
        broken=count.broken,
    )


def _compare_tables(log: Connection, tables: Connection) -> _Count:
    """Compare every table at one moment, and leave both connections there; raises TablesInUse.

    A rebuild that swaps the tables meanwhile leaves new ones, of which that moment knows a part: then all is
    compared again, at a later moment.
    """
    for _ in range(_MOMENTS):
        count = _Count()
        # Both connections look at one snapshot, so whatever is written meanwhile is in neither.
        guarded(log, b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ((snapshot,),) = guarded(log, b"SELECT pg_export_snapshot()")
        guarded(tables, b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        guarded(tables, b"SET TRANSACTION SNAPSHOT '" + str(snapshot).encode() + b"'")
        for model in READ_MODELS.values():
            _compare(model, log, tables, count)
        # The first as the snapshot knows it, the second as it is now.
        swapped = guarded(
            tables,
            b"SELECT t.name FROM unnest(%s::text[]) AS t (name) WHERE NOT EXISTS (SELECT FROM pg_class c"
            b" WHERE c.relname = t.name AND c.relnamespace = 'public'::regnamespace AND c.oid = t.name::regclass)",
            ([model.table for model in READ_MODELS.values()],),
        )
        if not swapped:
            return count
        guarded(log, b"ROLLBACK")
        guarded(tables, b"ROLLBACK")
    raise errors.TablesInUse(
        f"A rebuild put new tables in place at each of {_MOMENTS} attempts to compare them, so nothing can be said of"
        " them. Verify again when no rebuild is at work."
    )


def _compare_claims(tables: Connection, count: _Count) -> None:
    """Hold what is claimed against the marks that stand in the log (domain.md, invariant 6)."""
    expected: dict[tuple[str, str], str] = {}
    for claim in count.claims:
        holder = expected.setdefault((claim.kind, claim.key), claim.holder)
        if holder != claim.holder:
            key = f"{claim.kind} {claim.key}"
            count.tell(Difference(problem=f"held twice, by {holder} and {claim.holder}", table="claims", key=key))
    for kind, key, holder in guarded(tables, b"SELECT kind, key, holder FROM claims"):
        wanted = expected.pop((str(kind), str(key)), None)
        if wanted is None:
            count.tell(Difference(problem="claim of nothing", table="claims", key=f"{kind} {key}"))
        elif wanted != holder:
            problem = f"claimed by {holder} instead of {wanted}"
            count.tell(Difference(problem=problem, table="claims", key=f"{kind} {key}"))
    for (kind, key), holder in expected.items():
        count.tell(Difference(problem=f"claim of {holder} is missing", table="claims", key=f"{kind} {key}"))


def _compare(model: ReadModel, log: Connection, tables: Connection, count: _Count) -> None:
    """Walk the folds and the rows together, both in the order of their ids."""
    with closing(fold_streams(log, model)) as streams, closing(_rows(model, tables)) as rows:
        _compare_each(model, streams, rows, count)


def _compare_each(
    model: ReadModel, streams: Iterator[FoldedStream], rows: Iterator[tuple[str, Row | None]], count: _Count
) -> None:
    waiting = next(rows, None)
    for stream in streams:
        key = stream.key.aggregate_id
        count.streams += 1
        count.events += stream.events
        count.claims += stream.claims
        if stream.gap is not None:
            count.tell(Difference(problem="version gap", table=model.table, key=f"{key} version {stream.gap}"))
        if stream.damage is not None and stream.gap is None:
            count.tell(Difference(problem=f"cannot be read: {stream.damage}", table=model.table, key=key))
        while waiting is not None and waiting[0] < key:
            count.rows += 1
            count.tell(Difference(problem="row of nothing", table=model.table, key=waiting[0], found=waiting[1]))
            waiting = next(rows, None)
        if waiting is None or waiting[0] != key:
            if stream.row is not None:
                count.tell(Difference(problem="row missing", table=model.table, key=key, expected=stream.row))
            continue
        count.rows += 1
        if stream.gap is None and stream.damage is None and (waiting[1] is None or waiting[1] != stream.row):
            count.tell(_difference(model, key, waiting[1], stream.row))
        waiting = next(rows, None)
    for key, row in chain(() if waiting is None else (waiting,), rows):
        count.rows += 1
        count.tell(Difference(problem="row of nothing", table=model.table, key=key, found=row))


def _difference(model: ReadModel, key: str, found: Row | None, expected: Row | None) -> Difference:
    if expected is None:
        return Difference(problem="row of nothing", table=model.table, key=key, found=found)
    if found is None:
        return Difference(problem="row differs", table=model.table, key=key, expected=expected)
    fields = tuple(name for name in model.columns if getattr(found, name) != getattr(expected, name))
    return Difference(problem="row differs", table=model.table, key=key, fields=fields, found=found, expected=expected)


def _rows(model: ReadModel, connection: Connection) -> Generator[tuple[str, Row | None]]:
    """Yield the rows of a table by key; None for one that says what no row can."""
    decode = msgspec.json.Decoder(model.row_type).decode
    statement = (
        f"COPY (SELECT row_to_json(t) FROM (SELECT {', '.join(model.columns)} FROM {model.table}"
        f" ORDER BY {model.key}) t) TO STDOUT"
    )
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for line in copy:
            text = unescaped(bytes(line))
            try:
                row = decode(text)
            except msgspec.ValidationError:
                yield msgspec.json.decode(text)[model.key], None
            else:
                yield getattr(row, model.key), row
