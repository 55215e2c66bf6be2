"""The one statement that a command is written by: its events, its rows, its claims and its answer.

Made from what was decided, without asking anybody; ``store.commands`` runs it.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from core.domain.events import Event
from core.domain.streams import AggregateType, Append, Change, StreamKey
from core.production.corrections import Recorded
from core.production.damaged import DamagedScan
from core.production.decisions import Decided
from core.production.requests import Request
from core.production.scan import Scan
from core.projections import Row
from store.chain import Links
from store.codec import SCHEMA_VERSIONS, encode, encode_event, visible
from store.event_log import StoredHistory
from store.read_models.tables import READ_MODELS, ReadModel, RowsForm
from store.wire import binary


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The ids that one request carries.

    Delivered twice with one ``command_id`` it has the effect of one. ``correlation_id``
    groups what belongs together, ``causation_id`` names the command or event that led
    to it. ``keep_refusal`` is False for the product's own automations: a question that
    it asks itself too early is nothing for the scan log.
    """

    command_id: UUID
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    keep_refusal: bool = True


def delivery() -> Delivery:
    """Return a delivery with a new command id."""
    return Delivery(command_id=uuid4())


# -- the text --------------------------------------------------------------------

COMMAND_COLUMNS: Final = """command_id, command_type, outcome, refusal, event_types, unit_id, answer, station_id,
    operator_id, scanned, occurred_at"""


class _Shape(NamedTuple):
    """Which parts a write has; statements of one shape share one prepared text.

    ``events`` is how many events come as plain parameters, 0 where they come column by
    column, which is slower for one and far quicker for a cut; ``differing`` says of each column whether
    it is an array then, or one value that all events have in common. ``rows`` names the
    kinds of row, and how they come. ``guards`` counts the streams that the decision
    looked at and does not append to.
    """

    events: int
    differing: tuple[bool, ...]
    rows: tuple[tuple[AggregateType, RowsForm], ...]
    deletes: tuple[AggregateType, ...]
    claims: bool
    releases: bool
    guards: int


_PLAIN_EVENTS: Final = 3
_COMMAND_PARAMETERS: Final = 11
_EVENT_COLUMN_TYPES: Final = {
    "aggregate_type": "text", "aggregate_id": "text", "aggregate_version": "integer", "event_type": "text",
    "schema_version": "smallint", "event_payload": "jsonb", "occurred_at": "timestamptz", "operator_id": "text",
    "station_id": "text", "chain": "bytea",
}  # fmt: skip
_EVENT_COLUMNS: Final = ", ".join(_EVENT_COLUMN_TYPES)
_PAYLOAD: Final = list(_EVENT_COLUMN_TYPES).index("event_payload")
_NEW: Final = StoredHistory()


@cache
def _write_statement(shape: _Shape) -> bytes:
    """Return the statement of a shape; parameters 1 to 11 are the command's, then the events', the rows', the rest.

    The events are the main statement, or what it asks for, which Postgres completes before the others: of two
    writers on one stream the second stops at the event and so never holds a row that the first waits for.
    """
    numbers = count(_COMMAND_PARAMETERS + 1)

    def parameter() -> str:
        return f"${next(numbers)}"

    if shape.events:
        entries = [
            f"({', '.join(parameter() for _ in _EVENT_COLUMN_TYPES)}, $10::uuid, $11::uuid, $1::uuid)"
            for _ in range(shape.events)
        ]
        events = f"VALUES {', '.join(entries)}"
    else:
        taken: list[str] = []
        arrays: dict[str, str] = {}
        for (column, column_type), differs in zip(_EVENT_COLUMN_TYPES.items(), shape.differing, strict=True):
            given = parameter()
            if differs:
                arrays[column] = f"{given}::{column_type}[]"
            taken.append(f"e.{column}" if differs else f"{given}::{column_type}")
        # Payloads come as one array of JSON, in which no quote has to be escaped.
        payloads = arrays.pop("event_payload").removesuffix("[]")
        events = (
            f"SELECT {', '.join(taken)}, $10::uuid, $11::uuid, $1::uuid FROM ROWS FROM"
            f" (unnest({', '.join(arrays.values())}), jsonb_array_elements({payloads}))"
            f" AS e({', '.join(arrays)}, event_payload)"
        )
    parts: list[str] = []
    for kind, form in shape.rows:
        model = READ_MODELS[kind]
        given = [parameter() for _ in range(model.parameters(form))]
        parts.append(f"{model.table}_rows AS ({model.write(form, given)})")
    for kind in shape.deletes:
        model = READ_MODELS[kind]
        parts.append(f"{model.table}_gone AS ({model.delete(parameter())})")
    if shape.releases:
        parts.append(
            "released AS (DELETE FROM claims c USING json_to_recordset("
            f"{parameter()}::json) AS r(kind text, key text, holder text)"
            " WHERE c.kind = r.kind AND c.key = r.key AND c.holder = r.holder)"
        )
    if shape.claims:
        parts.append(
            "claimed AS (INSERT INTO claims (kind, key, holder) SELECT kind, key, holder FROM json_to_recordset("
            f"{parameter()}::json) AS n(kind text, key text, holder text)"
            " ON CONFLICT (kind, key) DO UPDATE SET contested = claims.holder <> EXCLUDED.holder)"
        )
    # A command has a type, so without one the whole statement is refused: that is how a guard speaks.
    moved_on = " OR ".join(
        f"EXISTS (SELECT FROM production_events WHERE aggregate_type = {parameter()}"
        f" AND aggregate_id = {parameter()} AND aggregate_version > {parameter()})"
        for _ in range(shape.guards)
    )
    command_type = f"CASE WHEN {moved_on} THEN NULL ELSE $2::text END" if moved_on else "$2::text"
    parts.append(
        f"command AS (INSERT INTO answers_to_record ({COMMAND_COLUMNS})"
        f" VALUES ($1::uuid, {command_type}, 'accepted', NULL, $3::text[], $4, $5, $6, $7, $8, $9))"
    )
    written = (
        f"INSERT INTO events_to_record ({_EVENT_COLUMNS}, correlation_id, causation_id, command_id) {events}"
        " RETURNING recorded_at"
    )
    moved = [READ_MODELS[kind].table for kind, form in shape.rows if form is RowsForm.MOVED]
    found = "".join([f", EXISTS (SELECT FROM {table}_rows)" for table in moved])
    if not shape.events:
        # One moment for all, and one row that says it.
        return f"WITH written AS ({written}), {', '.join(parts)} SELECT min(recorded_at){found} FROM written".encode()
    return f"WITH {', '.join(parts)} {written}{found}".encode()


# -- what it says -----------------------------------------------------------------


class PreparedWrite(NamedTuple):
    """A statement with its parameters; ``recorded`` and ``grown`` are what it leaves behind once it is committed.

    The statement returns when it was recorded, and of each of the ``moved`` rows whether it was there.
    """

    statement: bytes
    parameters: Sequence[object]
    recorded: tuple[Recorded, ...]
    grown: Sequence[tuple[StreamKey, StoredHistory]]
    moved: Sequence[tuple[ReadModel, Row]]


def prepare_write(
    request: Request, decided: Decided, streams: Mapping[StreamKey, StoredHistory], ids: Delivery
) -> PreparedWrite:
    """Return the statement that writes what was decided on these streams."""
    change = decided.change
    # One order for everybody, so that two statements on the same streams wait instead of deadlocking.
    appends = sorted(change.appends, key=_stream_of)
    writer = _Writer(Links(ids.correlation_id, ids.causation_id, ids.command_id))
    for append in appends:
        writer.append(append, streams)
    recorded = _recorded(change.appends)
    references = [(entry.stream.aggregate_type, entry.stream.aggregate_id, entry.version) for entry in recorded]
    appended_to = {append.stream for append in appends}
    guards = [(*key, len(history.events)) for key, history in streams.items() if key not in appended_to]
    batches = [batch for batch in writer.batches.values() if batch.rows]
    gone = [batch for batch in writer.batches.values() if batch.gone]
    columns: list[object] = []
    differing: tuple[bool, ...] = ()
    if plain := len(writer.entries) <= _PLAIN_EVENTS:
        for entry in writer.entries:
            columns += entry
    else:
        by_column = list(zip(*writer.entries, strict=True))
        differing = tuple([place == _PAYLOAD or not _alike(values) for place, values in enumerate(by_column)])
        columns += [values if differs else values[0] for values, differs in zip(by_column, differing, strict=True)]
        columns[_PAYLOAD] = b"[" + b",".join(by_column[_PAYLOAD]) + b"]"
    shape = _Shape(
        len(writer.entries) if plain else 0,
        differing,
        tuple([(batch.model.kind, batch.form) for batch in batches]),
        tuple([batch.model.kind for batch in gone]),
        bool(change.claims),
        bool(change.releases),
        len(guards),
    )
    parameters: list[Any] = [
        ids.command_id, type(decided.command).__name__, f"{{{','.join(writer.names)}}}", _unit_of(change),
        binary(encode(references)), *who(request), scanned(request), request.at, ids.correlation_id, ids.causation_id,
    ]  # fmt: skip
    parameters += columns
    for batch in batches:
        parameters += batch.given()
    parameters += [batch.gone for batch in gone]
    if change.releases:
        parameters.append(encode(change.releases))
    if change.claims:
        parameters.append(encode(change.claims))
    for guard in guards:
        parameters += guard
    moved = [(batch.model, batch.rows[0]) for batch in batches if batch.form is RowsForm.MOVED]
    return PreparedWrite(_write_statement(shape), parameters, recorded, writer.grown, moved)


def _alike(values: Sequence[object]) -> bool:
    return values.count(values[0]) == len(values)


class Batch:
    """The rows of one kind that a command leaves, and the keys of those that it takes away."""

    __slots__ = ("_born", "_common", "_moved", "gone", "model", "rows")

    def __init__(self, model: ReadModel) -> None:
        self.model = model
        self.rows: list[Row] = []
        self.gone: list[str] = []
        self._born: list[Event] = []
        """What made rows like the first one, as long as there are no others; only the first is folded."""
        self._common: object = None
        self._moved = True
        """Whether nothing that was appended changed more of a row than its whereabouts."""

    def add(self, aggregate_id: str, events: Sequence[Event], appended: Sequence[Event]) -> bool:
        """Take the row that a stream leaves with what was ``appended`` to it; False for one more born like the first.

        Who makes units by the dozen does not work on them next: they are not worth remembering there.
        """
        in_common = self.model.in_common.get(type(events[0])) if len(events) == 1 else None
        if in_common is not None:
            common = in_common(events[0])
            if self._born and common == self._common:
                self._born.append(events[0])
                return False
            if not self.rows:
                self._born, self._common, self._moved = [events[0]], common, False
                self._fold(aggregate_id, events)
                return True
        for event in self._born[1:]:
            self._fold("", (event,))
        self._born = []
        self._moved = self._moved and self.model.moves.issuperset(map(type, appended))
        self._fold(aggregate_id, events)
        return True

    def _fold(self, aggregate_id: str, events: Sequence[Event]) -> None:
        row = self.model.fold(events)
        if row is None:
            self.gone.append(aggregate_id)
        else:
            self.rows.append(row)

    @property
    def form(self) -> RowsForm:
        """How the rows are best handed over."""
        if len(self._born) > 1:
            return RowsForm.BORN_TOGETHER
        if len(self.rows) > 1:
            return RowsForm.MANY
        return RowsForm.MOVED if self._moved else RowsForm.ONE

    def given(self) -> Sequence[object]:
        """Return the parameters that hold the rows in this form."""
        match self.form:
            case RowsForm.ONE:
                return self.model.values(self.rows[0])
            case RowsForm.MOVED:
                return self.model.moved(self.rows[0])
            case RowsForm.MANY:
                return [encode(self.rows)]
            case RowsForm.BORN_TOGETHER:
                return [encode(self.rows[0]), *self.model.own(self._born)]


class _Writer:
    """Collects what the appends of one command put into the log and the tables.

    ``grown`` are the streams that are worth remembering where they were written.
    """

    __slots__ = ("_links", "_payloads", "batches", "entries", "grown", "names")

    def __init__(self, links: Links) -> None:
        self._links = links
        self._payloads: dict[int, bytes] = {}
        self.entries: list[tuple[Any, ...]] = []
        self.names: dict[str, None] = {}
        self.batches: dict[AggregateType, Batch] = {}
        self.grown: list[tuple[StreamKey, StoredHistory]] = []

    def append(self, append: Append, streams: Mapping[StreamKey, StoredHistory]) -> None:
        """Take the events for one stream, and the row that they leave."""
        key, version = append.stream, append.expected_version
        before = streams[key] if version else _NEW
        chain = before.chain
        for event in append.events:
            version += 1
            chain = self._entry(key, version, event, chain)
        events = (*before.events, *append.events)
        batch = self.batches.get(key.aggregate_type)
        if batch is None:
            batch = self.batches[key.aggregate_type] = Batch(READ_MODELS[key.aggregate_type])
        if batch.add(key.aggregate_id, events, append.events):
            self.grown.append((key, StoredHistory(events, chain).going_on_from(before)))

    def _entry(self, key: StreamKey, version: int, event: Event, previous: bytes) -> bytes:
        name = type(event).__name__
        self.names[name] = None
        # A fact in two streams is one event, encoded once.
        payload = self._payloads.get(id(event))
        if payload is None:
            payload = self._payloads[id(event)] = encode_event(event)
        named = (key, version, name, SCHEMA_VERSIONS[name])
        said_by = (event.occurred_at, event.operator_id, event.station_id)
        chain = self._links.link(previous, named, payload, said_by)
        self.entries.append((*key, *named[1:], payload, *said_by, binary(chain)))
        return chain


def _stream_of(append: Append) -> StreamKey:
    return append.stream


def _recorded(appends: Sequence[Append]) -> tuple[Recorded, ...]:
    return tuple(
        [
            Recorded(stream=append.stream, version=version, event=event)
            for append in appends
            for version, event in enumerate(append.events, append.expected_version + 1)
        ]
    )


def _unit_of(change: Change) -> str | None:
    return change.appends[0].stream.aggregate_id if change.appends else None


def who(request: Request) -> tuple[str | None, str | None]:
    """Return the station and the operator of a request."""
    scan = isinstance(request, Scan | DamagedScan)
    return request.station.station_id if scan else request.station_id, request.operator_id


def scanned(request: Request) -> str | None:
    """Return what was scanned, as people can read it, None for what was no scan."""
    match request:
        case Scan():
            return visible(request.text)
        case DamagedScan():
            return visible(request.read)
        case _:
            return None
