"""Rebuilding the read models while the line runs: new tables beside the old, then a swap.

Called by ``kiosk db rebuild``. The bulk is folded from the log at leisure; what was
appended meanwhile is folded again in shrinking rounds; the last round and the swap
happen in one short transaction that keeps writers out. Needs the tables' owner.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

import asyncio
import os
import random
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, pairwise
from multiprocessing import get_context
from typing import Final, cast

import psycopg

from core.domain.streams import AggregateType, Claim
from core.identity.ids import CardUnitId, original_of
from core.projections import Row
from store import errors
from store.codec import encode
from store.connecting import ConnectionSettings
from store.folding import Connection, FoldedStream, IdRange, connect_blocking, fold_streams, guarded
from store.read_models.tables import READ_MODELS, ReadModel, RowsForm
from store.translating import translated

_SUFFIX = "_rebuilt"
_LOCK = 0x72656275696C64  # "rebuild": one at a time
_BATCH = 500
_WRITES_AHEAD = 4
_CATCH_UP_ROUNDS = 20
_FEW_STREAMS = 50
_SWAP_ATTEMPTS = 60
# Shorter than the server's deadlock check: where a writer and the swap hold what the other wants, the swap yields.
_SWAP_LOCK_MILLISECONDS = 300
# Longer than that check, with which the server also tells an autovacuum to give way.
_VACUUM_LOCK_MILLISECONDS = 3000
_LOW_PRIORITY = 10


_CLAIM: Final = b"""INSERT INTO claims (kind, key, holder)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) ON CONFLICT (kind, key) DO NOTHING"""
_CLAIMS: Final = b"SELECT kind, key, holder FROM claims"
_GROWN: Final = b"""SELECT DISTINCT aggregate_type, aggregate_id FROM production_events
    WHERE transaction_id >= %s::text::xid8"""
_RELEASE: Final = b"DELETE FROM claims WHERE kind = %s AND key = %s AND holder = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did; ``swap_seconds`` is how long writers were kept out."""

    rows: int
    events: int
    seconds: float
    swap_seconds: float


async def rebuild(settings: ConnectionSettings, processes: int = 1) -> Rebuilt:
    """Fold the whole log into new tables and swap them in; raises StorePermissionDenied for who is not the owner."""
    # A thread of its own, because it never gets its usual priority back.
    pool = ThreadPoolExecutor(1, thread_name_prefix="rebuild")
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, _rebuild, settings, processes)
    finally:
        pool.shutdown(wait=False)


def _give_way() -> None:
    """Let whoever else needs the processor have it first, as far as the system can do that to a thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOW_PRIORITY)


def _rebuild(settings: ConnectionSettings, processes: int) -> Rebuilt:
    began = time.monotonic()
    _give_way()
    with connect_blocking(settings) as log, connect_blocking(settings) as tables:
        # Outside of what is cleaned up after: who waits in vain must not remove the tables of whoever holds the lock.
        guarded(tables, b"SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            claimed = guarded(tables, _CLAIMS)
            began_at = position = _horizon(log)
            for model in READ_MODELS.values():
                _create(tables, model)
            rows, events, claims = _fold_in_processes(settings, log, processes)
            for model in READ_MODELS.values():
                _index(tables, model)
            for _ in range(_CATCH_UP_ROUNDS):
                position, streams = _catch_up(log, tables, position)
                if streams <= _FEW_STREAMS:
                    break
            swap_seconds = _swap(log, tables, position)
            _mend_claims(log, tables, began_at, claimed, claims)
        except psycopg.Error as error:
            raise translated(error, sent=True) from error
        finally:
            _clean_up(tables)
    return Rebuilt(rows=rows, events=events, seconds=time.monotonic() - began, swap_seconds=swap_seconds)


def _clean_up(tables: Connection) -> None:
    if tables.closed:
        return
    tables.rollback()
    for model in READ_MODELS.values():
        guarded(tables, f"DROP TABLE IF EXISTS {model.table}{_SUFFIX}".encode())


def _horizon(connection: Connection) -> int:
    ((transaction,),) = guarded(connection, b"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return int(str(transaction))


def _create(tables: Connection, model: ReadModel) -> None:
    name = f"{model.table}{_SUFFIX}"
    guarded(tables, f"DROP TABLE IF EXISTS {name}".encode())
    guarded(tables, f"CREATE TABLE {name} (LIKE {model.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)".encode())
    ((options,),) = guarded(
        tables, b"SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = %s::regclass", (model.table,)
    )
    if options:
        guarded(tables, f"ALTER TABLE {name} SET ({options})".encode())


# -- the bulk --------------------------------------------------------------------


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _fold_in_processes(settings: ConnectionSettings, log: Connection, processes: int) -> tuple[int, int, list[Claim]]:
    """Fold the whole log, each process its own range of ids; return rows, events and what cards claim."""
    bounds = _bounds(log, processes) if processes > 1 else []
    ranges = [IdRange(low, high) for low, high in pairwise([None, *bounds, None])]
    if len(ranges) == 1:
        return fold_range(settings, ranges[0])
    # Spawned, not forked: this runs in a thread beside an event loop.
    with ProcessPoolExecutor(len(ranges), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(fold_range, [settings] * len(ranges), ranges))
    claims = [claim for _, _, found in done for claim in found]
    return sum(rows for rows, _, _ in done), sum(events for _, events, _ in done), claims


def _mend_claims(
    log: Connection, tables: Connection, began_at: int, before: Sequence[tuple[object, ...]], claims: Sequence[Claim]
) -> None:
    """Put back the claims that the log's marks need, and take away those that no mark is behind.

    ``claims`` are as old as the bulk, which began at the transaction ``began_at``, and ``before`` is older; kiosks
    claim and release meanwhile. So what either makes doubtful is looked at once more, while nobody can claim.
    """
    wanted = {(claim.kind.value, claim.key, claim.holder) for claim in claims}
    held = {(str(kind), str(key), str(holder)) for kind, key, holder in guarded(tables, _CLAIMS)}
    stale = [(str(kind), str(key), str(holder)) for kind, key, holder in before if (kind, key, holder) not in wanted]
    missing = sorted(wanted - held)
    if not stale and not missing:
        return
    with tables.transaction():
        guarded(tables, b"LOCK TABLE claims IN SHARE ROW EXCLUSIVE MODE")
        for claim in stale:
            if claim not in _claimed_at(log, claim[2]):
                guarded(tables, _RELEASE, claim)
        moved = _positions_grown_since(log, began_at)
        given = [
            claim for claim in missing if _position_of(claim[2]) not in moved or claim in _claimed_at(log, claim[2])
        ]
        if given:
            guarded(tables, _CLAIM, [list(column) for column in zip(*given, strict=True)])


def _positions_grown_since(log: Connection, position: int) -> set[str]:
    """Return the positions, named by their first card, at which any card has grown since that transaction."""
    grown = guarded(log, _GROWN, (str(position),))
    return {_position_of(str(card)) for kind, card in grown if kind == AggregateType.CARD_UNIT.value}


def _position_of(card: str) -> str:
    return original_of(CardUnitId(card))


def _claimed_at(log: Connection, holder: str) -> set[tuple[str, str, str]]:
    """Return what a position claims now: its card, and the replacements, whose ids follow in byte order."""
    position = IdRange(holder, f"{holder}.")
    with closing(fold_streams(log, READ_MODELS[AggregateType.CARD_UNIT], within=position)) as streams:
        return {(claim.kind.value, claim.key, claim.holder) for stream in streams for claim in stream.claims}


def _bounds(log: Connection, parts: int) -> list[str]:
    """Return ids that cut the log into parts of about the same size, judged by the kind that most of it is about."""
    fractions = [number / parts for number in range(1, parts)]
    ((bounds,),) = guarded(
        log,
        b"""SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY aggregate_id) FROM (
            SELECT aggregate_id FROM production_events TABLESAMPLE SYSTEM (2) WHERE aggregate_type = 'card_unit'
        ) s""",
        (fractions,),
    )
    found = cast("list[str | None] | None", bounds) or []
    return sorted({bound for bound in found if bound is not None})


def fold_range(settings: ConnectionSettings, within: IdRange) -> tuple[int, int, list[Claim]]:
    """Fold the streams of a range of ids into the new tables, on its own connections; return rows, events, claims."""
    _give_way()
    rows = events = 0
    claims: list[Claim] = []

    def folded(log: Connection, model: ReadModel) -> Iterator[Row]:
        nonlocal rows, events
        for stream in fold_streams(log, model, within=within):
            events += stream.events
            _must_be_whole(stream)
            claims.extend(stream.claims)
            if stream.row is not None:
                rows += 1
                yield stream.row

    # The server takes rows apart in one process while this one folds the next.
    with (
        connect_blocking(settings) as log,
        connect_blocking(settings) as tables,
        ThreadPoolExecutor(1, thread_name_prefix="rebuild") as writer,
    ):
        under_way: list[Future[None]] = []
        for model in READ_MODELS.values():
            is_at_work = _line_is_at_work(tables)
            begun = time.monotonic()
            for batch in _batches(folded(log, model)):
                if is_at_work:
                    # The server's processes know no priority: they rest with this one, half of the time.
                    time.sleep(time.monotonic() - begun)
                    begun = time.monotonic()
                under_way.append(writer.submit(_insert, tables, model, batch))
                if len(under_way) > _WRITES_AHEAD:
                    under_way.pop(0).result()
        for write in under_way:
            write.result()
    return rows, events, claims


def _must_be_whole(stream: FoldedStream) -> None:
    """Raise LogDamaged for a stream that could not be folded: its row would be another than the log's."""
    if stream.gap is not None:
        raise errors.LogDamaged(stream.key.aggregate_id, f"version {stream.gap} is missing")
    if stream.damage is not None:
        raise errors.LogDamaged(stream.key.aggregate_id, stream.damage)


def _line_is_at_work(tables: Connection) -> bool:
    """Say whether a station is connected, and anything was recorded in the last minute."""
    found = guarded(
        tables,
        b"""SELECT EXISTS (SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND starts_with(application_name, 'kiosk '))
        AND (SELECT recorded_at > now() - interval '1 minute' FROM production_events
            ORDER BY sequence_num DESC LIMIT 1)""",
    )
    return bool(found[0][0])


def _insert(tables: Connection, model: ReadModel, rows: list[Row]) -> None:
    columns = ", ".join(model.columns)
    name = f"{model.table}{_SUFFIX}"
    statement = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{name}, %s::json)"
    guarded(tables, statement.encode(), (encode(rows).decode(),))


def _indexes(tables: Connection, table: str) -> list[tuple[str, str, bool]]:
    found = guarded(
        tables,
        b"""SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass ORDER BY c.relname""",
        (table,),
    )
    return [(str(name), str(definition), bool(primary)) for name, definition, primary in found]


def _index(tables: Connection, model: ReadModel) -> None:
    name = f"{model.table}{_SUFFIX}"
    for index, definition, primary in _indexes(tables, model.table):
        if primary:
            guarded(tables, f"ALTER TABLE {name} ADD CONSTRAINT {index}{_SUFFIX} PRIMARY KEY ({model.key})".encode())
        else:
            made = definition.replace(f"INDEX {index} ON ", f"INDEX {index}{_SUFFIX} ON ", 1)
            made = made.replace(f".{model.table} USING", f".{name} USING", 1)
            guarded(tables, made.encode())
    # Vacuumed as well: what is counted from an index alone would else look every row up until somebody does it.
    guarded(tables, f"VACUUM (ANALYZE) {name}".encode())


# -- what was appended meanwhile ------------------------------------------------------


def _catch_up(log: Connection, tables: Connection, position: int) -> tuple[int, int]:
    """Fold again every stream that grew since ``position``; return the next position and how many there were."""
    following = _horizon(log)
    grown = guarded(log, _GROWN, (str(position),))
    by_kind: dict[str, list[str]] = {}
    for kind, aggregate_id in grown:
        by_kind.setdefault(str(kind), []).append(str(aggregate_id))
    for model in READ_MODELS.values():
        ids = by_kind.get(model.kind.value)
        if not ids:
            continue
        rows: list[Row] = []
        gone: list[str] = []
        for stream in fold_streams(log, model, ids):
            _must_be_whole(stream)
            if stream.row is None:
                gone.append(stream.key.aggregate_id)
            else:
                rows.append(stream.row)
        name = f"{model.table}{_SUFFIX}"
        guarded(tables, model.write(RowsForm.MANY, ["%s"], name).encode(), (encode(rows).decode(),))
        if gone:
            guarded(tables, f"DELETE FROM {name} WHERE {model.key} = ANY(%s)".encode(), (gone,))
    return following, len(grown)


# -- the swap -------------------------------------------------------------------------


def _swap(log: Connection, tables: Connection, position: int) -> float:
    names = ", ".join([model.table for model in READ_MODELS.values()])
    for attempt in range(_SWAP_ATTEMPTS):
        if attempt:
            time.sleep(random.uniform(0.05, 0.3))  # noqa: S311 - jitter, no secret
            # Else all that is written while the swap is kept waiting would be folded with the writers kept out.
            position, _ = _catch_up(log, tables, position)
        guarded(tables, b"BEGIN")
        try:
            # An autovacuum of a long log takes minutes. It gives way to a lock that nobody who writes waits for.
            guarded(tables, f"SET LOCAL lock_timeout = {_VACUUM_LOCK_MILLISECONDS}".encode())
            guarded(tables, f"LOCK TABLE production_events, {names} IN SHARE UPDATE EXCLUSIVE MODE".encode())
            guarded(tables, f"SET LOCAL lock_timeout = {_SWAP_LOCK_MILLISECONDS}".encode())
            guarded(tables, b"LOCK TABLE production_events IN SHARE ROW EXCLUSIVE MODE")
            views = _views(tables)
            # Who reads a view locks it before its tables. Taken the other way round, each would wait for the other.
            named = ", ".join([view for view, _, _ in views])
            guarded(tables, f"LOCK TABLE {named} IN ACCESS EXCLUSIVE MODE".encode())
            guarded(tables, f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE".encode())
            began = time.monotonic()
            _catch_up(tables, tables, position)
            for view, _, _ in views:
                guarded(tables, f"DROP VIEW {view}".encode())
            for model in READ_MODELS.values():
                _replace(tables, model)
            for view, definition, grants in views:
                guarded(tables, f"CREATE VIEW {view} AS {definition}".encode())
                _grant(tables, view, grants)
        except (errors.StoreTimeout, errors.TransactionConflict):
            guarded(tables, b"ROLLBACK")
            continue
        guarded(tables, b"COMMIT")
        return time.monotonic() - began
    raise errors.TablesInUse(
        f"The tables were in use at each of {_SWAP_ATTEMPTS} attempts to put new ones in their place. Nothing was"
        " changed; rebuild again when less is going on."
    )


Grants = list[tuple[str, str]]


def _views(tables: Connection) -> list[tuple[str, str, Grants]]:
    found = guarded(
        tables, b"SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' AND viewname LIKE 'rm\\_%%'"
    )
    return [(str(name), str(definition), _grants(tables, str(name))) for name, definition in found]


def _grants(tables: Connection, relation: str) -> Grants:
    found = guarded(
        tables,
        b"""SELECT g.grantee::regrole::text, g.privilege_type FROM pg_class c, aclexplode(c.relacl) g
        WHERE c.oid = %s::regclass AND g.grantee <> c.relowner AND g.grantee <> 0 ORDER BY 1, 2""",
        (relation,),
    )
    return [(str(grantee), str(privilege)) for grantee, privilege in found]


def _grant(tables: Connection, relation: str, grants: Grants) -> None:
    for grantee, privilege in grants:
        # Privileges come from the catalogue itself, and regrole quotes a name that needs it.
        guarded(tables, f"GRANT {privilege} ON {relation} TO {grantee}".encode())


def _replace(tables: Connection, model: ReadModel) -> None:
    grants = _grants(tables, model.table)
    indexes = [index for index, _, _ in _indexes(tables, model.table)]
    guarded(tables, f"DROP TABLE {model.table}".encode())
    guarded(tables, f"ALTER TABLE {model.table}{_SUFFIX} RENAME TO {model.table}".encode())
    for index in indexes:
        guarded(tables, f"ALTER INDEX {index}{_SUFFIX} RENAME TO {index}".encode())
    _grant(tables, model.table, grants)
