"""The whole log, stream by stream, folded into rows: what rebuild writes and verify compares.

Blocking, on plain connections of its own, because it is bound by the processor; its
callers run it in a thread.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import psycopg

from core.domain.events import Event
from core.domain.streams import AggregateType, Claim, StreamKey
from core.production.marks import claims_of
from core.projections import Row
from store import errors
from store.address import DatabaseAddress
from store.codec import decode_event
from store.connecting import SPOKEN_ALIKE, ConnectionSettings, conninfo
from store.read_models.tables import ReadModel
from store.translating import not_connected, translated

Connection = psycopg.Connection[tuple[object, ...]]

_NO_LIMITS = "; ".join(
    (
        *SPOKEN_ALIKE,
        "SET statement_timeout = 0",
        "SET idle_in_transaction_session_timeout = 0",
        "SET jit = off",
        # The line is at work meanwhile.
        "SET max_parallel_workers_per_gather = 0",
        "SET max_parallel_maintenance_workers = 0",
    )
).encode()


@dataclass(frozen=True, slots=True)
class FoldedStream:
    """One stream's row, None where nothing is said or nothing can be told.

    ``gap`` is the first version that is not where it should be; ``damage`` says which
    event cannot be read, or why the events do not fold. ``claims`` are what it holds
    that must be unique in the shop.
    """

    key: StreamKey
    row: Row | None
    events: int
    gap: int | None
    damage: str | None = None
    claims: tuple[Claim, ...] = ()


def connect_blocking(settings: ConnectionSettings) -> Connection:
    """Open a blocking autocommit connection without time limits."""
    try:
        connection: Connection = psycopg.connect(conninfo(settings), autocommit=True)
    except psycopg.Error as error:
        raise not_connected(error, DatabaseAddress.of(settings.dsn)) from None
    try:
        connection.execute(_NO_LIMITS, prepare=False)
        if settings.role is not None:
            connection.execute(b"SELECT set_config('role', %s, false)", (settings.role,))
    except psycopg.Error as error:
        connection.close()
        raise translated(error, sent=False) from error
    return connection


def read_by_index(connection: Connection, *, whole: bool) -> None:
    """Have the whole log read in the order of its index, at the pace of whoever reads; a part of it as is best.

    To sort millions of events would take gigabytes of disk and all of a processor before the first one is told.
    For a few streams the order of the index would be a walk through the whole of it.
    """
    guarded(connection, b"SET enable_sort = off" if whole else b"SET enable_sort = on")


@dataclass(frozen=True, slots=True)
class IdRange:
    """The ids from ``low`` on and below ``high``, in byte order; None is open."""

    low: str | None = None
    high: str | None = None


def fold_streams(
    connection: Connection, model: ReadModel, only: Sequence[str] | None = None, within: IdRange | None = None
) -> Generator[FoldedStream]:
    """Fold every stream of one kind, in the order of their ids; ``only`` or ``within`` say which."""
    wanted = b""
    parameters: list[object] = [model.kind.value]
    if only is not None:
        wanted = b" AND aggregate_id = ANY(%s)"
        parameters.append(list(only))
    if within is not None and within.low is not None:
        wanted += b" AND aggregate_id >= %s"
        parameters.append(within.low)
    if within is not None and within.high is not None:
        wanted += b" AND aggregate_id < %s"
        parameters.append(within.high)
    statement = (
        b"COPY (SELECT aggregate_id, aggregate_version, event_type, schema_version, event_payload"
        b" FROM production_events WHERE aggregate_type = %s"
        + wanted
        + b" ORDER BY aggregate_id, aggregate_version) TO STDOUT"
    )
    current: bytes | None = None
    stream = _Stream()
    read_by_index(connection, whole=only is None)
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        for line in copy:
            aggregate_id, version, event_type, schema, payload = bytes(line).split(b"\t", 4)
            if aggregate_id != current:
                if current is not None:
                    yield stream.folded(model, current)
                current = aggregate_id
                stream = _Stream()
            stream.take(int(version), event_type.decode(), int(schema), payload)
    if current is not None:
        yield stream.folded(model, current)


@dataclass(slots=True)
class _Stream:
    """What was read of one stream so far."""

    events: list[Event] = field(default_factory=list[Event])
    read: int = 0
    gap: int | None = None
    damage: str | None = None

    def take(self, version: int, event_type: str, schema_version: int, payload: bytes) -> None:
        """Take the next event, as COPY gives it."""
        self.read += 1
        if self.gap is None and version != self.read:
            self.gap = self.read
        try:
            said = unescaped(payload) if b"\\" in payload else payload
            self.events.append(decode_event(event_type, schema_version, said))
        except (errors.LogDamaged, errors.EventFromTheFuture) as error:
            self.damage = self.damage or f"version {version}: {error}"

    def folded(self, model: ReadModel, aggregate_id: bytes) -> FoldedStream:
        """Return what the whole stream comes to."""
        row: Row | None = None
        claims: tuple[Claim, ...] = ()
        if self.damage is None:
            try:
                row = model.fold(self.events)
                if model.kind is AggregateType.CARD_UNIT:
                    claims = claims_of(self.events)
            except Exception as error:  # noqa: BLE001 - whatever was done to it, the rest of the log is still to be told
                self.damage = f"it does not fold: {error!r}"
        key = StreamKey(model.kind, aggregate_id.decode())
        return FoldedStream(key, row, self.read, self.gap, self.damage, claims)


def unescaped(text: bytes) -> bytes:
    """Take COPY's escapes out of a value that is JSON, in which a bare control character cannot occur."""
    return text.replace(b"\\\\", b"\\")


def guarded(connection: Connection, statement: bytes, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """Run one statement and return its rows; raises the store's errors."""
    try:
        cursor = connection.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        raise translated(error, sent=True) from error
