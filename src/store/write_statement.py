"""The one statement that a command is written by: its events, its rows, its claims and its answer.

Made from what was decided, without asking anybody; ``store.commands`` runs it.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count, groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.domain.events import Event
from core.domain.immutable import immutable
from core.domain.streams import AggregateType, Append, Change, StreamKey
from core.production.damaged import DamagedScan
from core.production.decisions import Decided
from core.production.requests import Request
from core.production.scan import Scan
from core.projections import Row
from store.births import BirthParameters, Births, births_of, events_born, rows_born
from store.chain import Links
from store.codec import SCHEMA_VERSIONS, encode, encode_event, visible
from store.command_ids import new_command_id
from store.event_log import StoredHistory
from store.read_models.tables import READ_MODELS, ReadModel, RowsForm
from store.wire import binary


@immutable
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
    return Delivery(command_id=new_command_id())


# -- the text --------------------------------------------------------------------

COMMAND_COLUMNS: Final = """command_id, command_type, outcome, refusal, event_types, unit_id, answer, station_id,
    operator_id, scanned, occurred_at"""


class _Shape(NamedTuple):
    """Which parts a write has; statements of one shape share one prepared text.

    ``events`` is how many events come as plain parameters, 0 where they come column by
    column, which is slower for one and far quicker for a cut; ``differing`` says of each column whether
    it is an array then, or one value that all events have in common. ``rows`` names the
    kinds of row, and how they come, ``born`` the kind of units that are made by the dozen, if any. ``guards``
    counts the streams that the decision looked at and does not append to.
    """

    events: int
    differing: tuple[bool, ...]
    born: AggregateType | None
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
_OF_THE_COMMAND: Final = "$10::uuid, $11::uuid, $1::uuid"
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

    sources: list[str] = []
    parts: list[str] = []
    if shape.events:
        # By themselves they are of the columns' types, beside others they have to say so.
        types = [f"::{said}" if shape.born else "" for said in _EVENT_COLUMN_TYPES.values()]
        entries = [", ".join([f"{parameter()}{said}" for said in types]) for _ in range(shape.events)]
        sources.append(f"VALUES {', '.join(f'({entry}, {_OF_THE_COMMAND})' for entry in entries)}")
    elif shape.differing:
        taken: list[str] = []
        arrays: dict[str, str] = {}
        for (column, column_type), differs in zip(_EVENT_COLUMN_TYPES.items(), shape.differing, strict=True):
            given = parameter()
            if differs:
                arrays[column] = f"{given}::{column_type}[]"
            taken.append(f"e.{column}" if differs else f"{given}::{column_type}")
        # Payloads come as one array of JSON, in which no quote has to be escaped.
        payloads = arrays.pop("event_payload").removesuffix("[]")
        sources.append(
            f"SELECT {', '.join(taken)}, {_OF_THE_COMMAND} FROM ROWS FROM"
            f" (unnest({', '.join(arrays.values())}), jsonb_array_elements({payloads}))"
            f" AS e({', '.join(arrays)}, event_payload)"
        )
    if shape.born is not None:
        model = READ_MODELS[shape.born]
        given = BirthParameters(*[parameter() for _ in BirthParameters._fields])
        sources.append(f"SELECT born.*, {_OF_THE_COMMAND} FROM ({events_born(model, given)}) born")
        parts.append(f"{model.table}_born AS ({rows_born(model, given)})")
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
        f"INSERT INTO events_to_record ({_EVENT_COLUMNS}, correlation_id, causation_id, command_id)"
        f" {' UNION ALL '.join(sources)} RETURNING recorded_at"
    )
    moved = [READ_MODELS[kind].table for kind, form in shape.rows if form is RowsForm.MOVED]
    found = "".join([f", EXISTS (SELECT FROM {table}_rows)" for table in moved])
    if not shape.events or shape.born is not None:
        # One moment for all, and one row that says it.
        return f"WITH written AS ({written}), {', '.join(parts)} SELECT min(recorded_at){found} FROM written".encode()
    return f"WITH {', '.join(parts)} {written}{found}".encode()


# -- what it says -----------------------------------------------------------------


class PreparedWrite(NamedTuple):
    """A statement with its parameters; ``grown`` is what it leaves behind once it is committed.

    The statement returns when it was recorded, and of each of the ``moved`` rows whether it was there.
    """

    statement: bytes
    parameters: Sequence[object]
    grown: Sequence[tuple[StreamKey, StoredHistory]]
    moved: Sequence[tuple[ReadModel, Row]]


def prepare_write(
    request: Request, decided: Decided, streams: Mapping[StreamKey, StoredHistory], ids: Delivery
) -> PreparedWrite:
    """Return the statement that writes what was decided on these streams."""
    change = decided.change
    writer = _Writer(Links(ids.correlation_id, ids.causation_id, ids.command_id), streams)
    # One order for everybody, so that two statements on the same streams wait instead of deadlocking.
    appends = change.appends if len(change.appends) == 1 else sorted(change.appends, key=_stream_of)
    for kind, of_a_kind in groupby(appends, _kind_of):
        writer.write(READ_MODELS[kind], list(of_a_kind))
    appended_to = {append.stream for append in appends}
    guards = [(*key, len(history.events)) for key, history in streams.items() if key not in appended_to]
    entries, births, batches = writer.entries, writer.births, [batch for batch in writer.batches if batch.rows]
    gone = [batch for batch in writer.batches if batch.gone]
    columns: list[object] = []
    differing: tuple[bool, ...] = ()
    if plain := len(entries) <= _PLAIN_EVENTS:
        for entry in entries:
            columns += entry
    else:
        by_column = list(zip(*entries, strict=True))
        differing = tuple([place == _PAYLOAD or not _alike(values) for place, values in enumerate(by_column)])
        columns += [values if differs else values[0] for values, differs in zip(by_column, differing, strict=True)]
        columns[_PAYLOAD] = b"[" + b",".join(by_column[_PAYLOAD]) + b"]"
    shape = _Shape(
        len(entries) if plain else 0,
        differing,
        None if births is None else births.model.kind,
        tuple([(batch.model.kind, batch.form) for batch in batches]),
        tuple([batch.model.kind for batch in gone]),
        bool(change.claims),
        bool(change.releases),
        len(guards),
    )
    parameters: list[Any] = [
        ids.command_id, type(decided.command).__name__, f"{{{','.join(writer.names)}}}", _unit_of(change),
        binary(encode(_references(change))), *who(request), scanned(request), request.at,
        ids.correlation_id, ids.causation_id,
    ]  # fmt: skip
    parameters += columns
    if births is not None:
        parameters += births.parameters
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
    return PreparedWrite(_write_statement(shape), parameters, writer.grown, moved)


def _alike(values: Sequence[object]) -> bool:
    return values.count(values[0]) == len(values)


def _references(change: Change) -> list[tuple[object, ...]]:
    return [
        (*append.stream, version)
        for append in change.appends
        for version, _ in enumerate(append.events, append.expected_version + 1)
    ]


class Batch(NamedTuple):
    """The rows of one kind that a command leaves, how they are handed over, and the keys of those it takes away."""

    model: ReadModel
    rows: Sequence[Row]
    form: RowsForm
    gone: Sequence[str] = ()

    def given(self) -> Sequence[object]:
        """Return the parameters that hold the rows in this form."""
        match self.form:
            case RowsForm.MOVED:
                return self.model.moved(self.rows[0])
            case RowsForm.ONE:
                return self.model.values(self.rows[0])
            case RowsForm.MANY:
                return [encode(self.rows)]


def rows_left(model: ReadModel, appends: Sequence[Append], streams: Sequence[Sequence[Event]]) -> Batch:
    """Return the rows that streams leave, each of them with what was appended to it at its end."""
    rows: list[Row] = []
    gone: list[str] = []
    for append, events in zip(appends, streams, strict=True):
        row = model.fold(events)
        if row is None:
            gone.append(append.stream.aggregate_id)
        else:
            rows.append(row)
    form = RowsForm.MANY
    if len(rows) == 1:
        appended = set[type[Event]]()
        for append in appends:
            appended.update(map(type, append.events))
        form = RowsForm.MOVED if appended <= model.moves else RowsForm.ONE
    return Batch(model, rows, form, gone)


class _Writer:
    """Collects what the appends of one command put into the log and the tables.

    ``grown`` are the streams that are worth remembering where they were written.
    """

    __slots__ = ("_links", "_payloads", "_streams", "batches", "births", "entries", "grown", "names")

    def __init__(self, links: Links, streams: Mapping[StreamKey, StoredHistory]) -> None:
        self._links = links
        self._streams = streams
        self._payloads: dict[int, bytes] = {}
        self.entries: list[tuple[Any, ...]] = []
        self.names: dict[str, None] = {}
        self.batches: list[Batch] = []
        self.births: Births | None = None
        self.grown: list[tuple[StreamKey, StoredHistory]] = []

    def write(self, model: ReadModel, appends: Sequence[Append]) -> None:
        """Take the events for streams of one kind, and the rows that they leave."""
        births = births_of(model, appends, self._links) if self.births is None else None
        if births is None:
            streams = [self._take(append).events for append in appends]
            self.batches.append(rows_left(model, appends, streams))
        else:
            # Who makes units by the dozen does not work on them next, so none of them is remembered there.
            self.births = births
            self.names[type(births.event).__name__] = None

    def _take(self, append: Append) -> StoredHistory:
        stream, version = append.stream, append.expected_version
        before = self._streams[stream] if version else _NEW
        chain = before.chain
        for event in append.events:
            version += 1
            name = type(event).__name__
            self.names[name] = None
            # A fact in two streams is one event, encoded once.
            payload = self._payloads.get(id(event))
            if payload is None:
                payload = self._payloads[id(event)] = encode_event(event)
            named = (stream, version, name, SCHEMA_VERSIONS[name])
            said_by = (event.occurred_at, event.operator_id, event.station_id)
            chain = self._links.link(chain, named, payload, said_by)
            self.entries.append((*stream, *named[1:], payload, *said_by, binary(chain)))
        history = StoredHistory((*before.events, *append.events), chain).going_on_from(before)
        self.grown.append((stream, history))
        return history


def _stream_of(append: Append) -> StreamKey:
    return append.stream


def _kind_of(append: Append) -> AggregateType:
    return append.stream.aggregate_type


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
