"""Running a command: load, decide, append, project, answer, in two round trips or one.

The streams are read outside any transaction, or remembered; then one autocommit
statement writes the answer, the events, the rows that these streams own and the
claims. The unique version guards the streams that grow, a look at the newest version
those that the decision only looked at: whoever comes second reads and decides again,
and nobody is shown a conflict. Nothing in the statement is shared with other units, and it
notifies nobody: either would hold the whole shop to one commit per flush.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, Final, cast, get_args
from uuid import UUID, uuid4

import msgspec

from core.domain.commands import Command
from core.domain.events import Event
from core.domain.readings import Reading
from core.domain.rejections import AlreadyClaimed, Rejection
from core.domain.streams import AggregateType, Append, Change, ClaimKind, History, StreamKey
from core.production.corrections import Recorded
from core.production.decisions import Decided, decide
from core.production.facts import Facts, ShopPolicy
from core.production.requests import Request, facts_needed, needs
from core.production.scan import Scan
from core.projections import Row
from store import errors
from store.codec import SCHEMA_VERSIONS, decode_event, decode_rejection, encode, encode_event, encode_rejection, visible
from store.event_log import StreamReader
from store.facts import look_up
from store.pool import Lane
from store.read_models.tables import READ_MODELS, RowsForm
from store.wire import binary

_ATTEMPTS: Final = 16
_READINGS: Final = frozenset(get_args(Reading))


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The command was carried out and is in the log for good.

    ``appended`` are its events where they were appended (a fact in two streams twice);
    ``core.production.corrections.undo_of`` takes them back.
    ``repeated`` says that an earlier delivery of the same command id did it.
    """

    command_id: UUID
    command_type: str
    appended: tuple[Recorded, ...]
    recorded_at: datetime
    repeated: bool = field(default=False, compare=False)

    @property
    def events(self) -> tuple[Event, ...]:
        """The facts, once each, in the order in which they were decided."""
        return tuple(dict.fromkeys([entry.event for entry in self.appended]))

    @property
    def streams(self) -> frozenset[StreamKey]:
        """The streams that grew."""
        return frozenset([entry.stream for entry in self.appended])


Answer = Accepted | Rejection | Reading
"""What comes of a request: done, refused, or a reading that changed nothing."""


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


# -- the one statement ----------------------------------------------------------


class _AnswerEntry(msgspec.Struct, array_like=True):
    """One event of a stored answer: enough to find it in the log again."""

    aggregate_type: AggregateType
    aggregate_id: str
    version: int


_COMMAND_COLUMNS = """command_id, command_type, outcome, refusal, event_types, unit_id, answer, station_id,
    operator_id, scanned, occurred_at"""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which parts a write has; statements of one shape share one prepared text.

    ``events`` is how many events come as plain parameters, 0 where they come as an
    array a column, which is slower for one and far quicker for a cut. ``rows`` names the
    kinds of row, and how they come. ``guards`` counts the streams that the decision
    looked at and does not append to.
    """

    events: int
    rows: tuple[tuple[AggregateType, RowsForm], ...]
    deletes: tuple[AggregateType, ...]
    claims: bool
    releases: bool
    guards: int


_PLAIN_EVENTS: Final = 3
_COMMAND_PARAMETERS: Final = 11
_EVENT_COLUMNS = """aggregate_type, aggregate_id, aggregate_version, event_type, schema_version, event_payload,
    occurred_at, operator_id, station_id"""
_EVENT_COLUMN_TYPES: Final = (
    "text", "text", "integer", "text", "smallint", "jsonb", "timestamptz", "text", "text",
)  # fmt: skip


@cache
def _write_statement(shape: _Shape) -> bytes:
    """Return the statement of a shape; parameters 1 to 11 are the command's, then the events', the rows', the rest.

    The events are the main statement, which Postgres completes before the others: of two writers on
    one stream the second stops at the event and so never holds a row that the first waits for.
    """
    numbers = count(_COMMAND_PARAMETERS + 1)

    def parameter() -> str:
        return f"${next(numbers)}"

    if shape.events:
        entries = [
            f"({', '.join(parameter() for _ in range(9))}, $10::uuid, $11::uuid, $1::uuid)" for _ in range(shape.events)
        ]
        events = f"VALUES {', '.join(entries)}"
    else:
        arrays = ", ".join(f"{parameter()}::{column_type}[]" for column_type in _EVENT_COLUMN_TYPES)
        events = f"SELECT e.*, $10::uuid, $11::uuid, $1::uuid FROM unnest({arrays}) e"
    parts: list[str] = []
    for kind, form in shape.rows:
        model = READ_MODELS[kind]
        given = [parameter() for _ in range(form.parameters)]
        parts.append(f"{model.table}_rows AS ({model.upsert(form, given)})")
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
        f"command AS (INSERT INTO commands ({_COMMAND_COLUMNS})"
        f" VALUES ($1::uuid, {command_type}, 'accepted', NULL, $3::text[], $4, $5, $6, $7, $8, $9))"
    )
    return (
        f"WITH {', '.join(parts)} INSERT INTO production_events ({_EVENT_COLUMNS}, correlation_id, causation_id,"
        f" command_id) {events} RETURNING recorded_at"
    ).encode()


_REFUSE = f"""INSERT INTO commands ({_COMMAND_COLUMNS})
    VALUES ($1, $2, 'refused', $3, '{{}}', $4, $5, $6, $7, $8, $9)""".encode()

# After a crash a server shows what its standby may not have yet. The message is nothing but a commit of its
# own, which waits for the standby as every commit does: no answer is told that a failover could still lose.
_STORED_ANSWER = b"""SELECT command_type, outcome, answer, recorded_at,
    pg_logical_emit_message(true, 'kiosk', '') IS NOT NULL FROM commands WHERE command_id = $1"""

_EVENTS_OF_ANSWER = b"""SELECT e.aggregate_type, e.aggregate_id, e.aggregate_version, e.event_type, e.schema_version,
    e.event_payload FROM json_to_recordset($1::json) AS a(kind text, id text, version integer, place integer)
    JOIN production_events e ON e.aggregate_type = a.kind AND e.aggregate_id = a.id AND e.aggregate_version = a.version
    ORDER BY a.place"""

_HOLDERS = b"""SELECT c.kind, c.key, c.holder FROM json_to_recordset($1::json) AS n(kind text, key text, holder text)
    JOIN claims c ON c.kind = n.kind AND c.key = n.key WHERE c.holder <> n.holder ORDER BY c.kind, c.key LIMIT 1"""


class CommandRunner:
    """Runs requests on one lane; several may be under way at once, their statements take turns."""

    def __init__(self, lane: Lane, policy: ShopPolicy) -> None:
        self._lane = lane
        self._reader = StreamReader(lane)
        self._facts = Facts(policy=policy)

    async def run(self, request: Request, ids: Delivery) -> Answer:
        """Carry out a request, or say why not; raises StoreUnavailable and its kinds where nobody can tell."""
        reconnected: errors.StoreUnavailable | None = None
        for attempt in range(-1, _ATTEMPTS):
            if attempt > 0:
                # Jittered and growing: two who collided must not collide again at the same pace.
                await asyncio.sleep(random.random() * min(0.002 * 2**attempt, 0.1))  # noqa: S311 - no secret
            try:
                if attempt >= 0:
                    return await self._attempt(request, ids)
                answer = await self._attempt_from_memory(request, ids)
                if answer is not None:
                    return answer
            except (errors.VersionConflict, errors.TransactionConflict, errors.ConnectionRemade):
                continue
            except errors.CommandRepeated:
                stored = await self.stored_answer(ids.command_id)
                if stored is not None:
                    return stored
            except errors.StoreUnavailable as error:
                # The id makes a second delivery harmless, so a connection that was merely cut costs nobody a scan.
                if reconnected is None and not isinstance(error, errors.StoreTimeout):
                    reconnected = error
                    continue
                if reconnected is not None:
                    # That the second delivery did nothing says nothing about the first.
                    error.outcome_unknown = error.outcome_unknown or reconnected.outcome_unknown
                raise
        raise errors.StoreBusy(_ATTEMPTS)

    async def _attempt_from_memory(self, request: Request, ids: Delivery) -> Accepted | None:
        """Carry out a request on streams as they were last seen here: one round trip where nothing moved on.

        Whatever the decision looked at is guarded in the statement, so memory that is out of date costs a
        second attempt and nothing else. A refusal is never given from memory.
        """
        if facts_needed(request) is not None:
            return None
        streams: dict[StreamKey, History] = {}
        made = self._lane.made
        while missing := needs(request, streams) - streams.keys():
            kept = self._reader.kept(missing)
            if kept is None:
                return None
            streams |= kept
        decision = decide(request, streams, self._facts)
        if type(decision) is not Decided:
            return None
        try:
            return await self._write(request, decision, streams, ids, made)
        except (errors.ClaimContested, errors.ConnectionRemade):
            return None
        except errors.VersionConflict:
            self._reader.forget(streams)
            return None

    async def _attempt(self, request: Request, ids: Delivery) -> Answer:
        streams: dict[StreamKey, History] = {}
        made: int | None = None
        while missing := needs(request, streams) - streams.keys():
            streams |= await self._reader.read(missing)
            made = made or self._lane.made
        wanted = facts_needed(request)
        facts = self._facts if wanted is None else await look_up(self._lane, wanted, self._facts.policy)
        decision = decide(request, streams, facts)
        if type(decision) is Decided:
            try:
                return await self._write(request, decision, streams, ids, made)
            except errors.ClaimContested:
                return await self._refuse(request, await self._claim_refusal(decision.change), ids)
            except errors.VersionConflict:
                self._reader.forget(streams)
                raise
        if type(decision) in _READINGS:
            # The world may have moved on since a first delivery did something: then that answer is the answer.
            return await self.stored_answer(ids.command_id) or cast("Reading", decision)
        return await self._refuse(request, cast("Rejection", decision), ids)

    # -- writing ------------------------------------------------------------------

    async def _write(
        self,
        request: Request,
        decided: Decided,
        streams: Mapping[StreamKey, History],
        ids: Delivery,
        made: int | None,
    ) -> Accepted:
        """Write what was decided, over the connection that the streams were read on (None: nothing was read).

        Another one may lead to a database that lacks their last events, and nothing in the log would tell.
        """
        change = decided.change
        # One order for everybody, so that two statements on the same streams wait instead of deadlocking.
        appends = sorted(change.appends, key=_stream_of)
        payloads: dict[int, bytes] = {}
        entries: list[tuple[AggregateType, str, int, Event, bytes]] = []
        names: dict[str, None] = {}
        rows: dict[AggregateType, list[Row]] = {}
        gone: dict[AggregateType, list[str]] = {}
        grown: list[tuple[StreamKey, History]] = []
        for append in appends:
            key = append.stream
            kind, aggregate_id = key
            version = append.expected_version
            for event in append.events:
                version += 1
                payload = payloads.get(id(event))
                if payload is None:
                    payload = payloads[id(event)] = encode_event(event)
                entries.append((kind, aggregate_id, version, event, payload))
                names[type(event).__name__] = None
            before = streams[key].events if append.expected_version else ()
            history = History((*before, *append.events))
            grown.append((key, history))
            row = READ_MODELS[kind].fold(history.events)
            if row is None:
                gone.setdefault(kind, []).append(aggregate_id)
            else:
                rows.setdefault(kind, []).append(row)
        recorded = _recorded(change.appends)
        references = [(entry.stream.aggregate_type, entry.stream.aggregate_id, entry.version) for entry in recorded]
        plain = len(entries) <= _PLAIN_EVENTS
        forms = {kind: READ_MODELS[kind].form(batch) for kind, batch in rows.items()}
        shape = _Shape(
            len(entries) if plain else 0,
            tuple(forms.items()),
            tuple(gone),
            bool(change.claims),
            bool(change.releases),
            len(streams) - len([append for append in appends if append.stream in streams]),
        )
        command_type = type(decided.command).__name__
        parameters: list[Any] = [
            ids.command_id, command_type, f"{{{','.join(names)}}}", _unit_of(change), binary(encode(references)),
            *_who(request), _scanned(request), request.at, ids.correlation_id, ids.causation_id,
        ]  # fmt: skip
        if plain:
            for entry in entries:
                parameters += _plain_event(*entry)
        else:
            parameters += zip(*[_plain_event(*entry) for entry in entries], strict=True)
        for kind, batch in rows.items():
            parameters += READ_MODELS[kind].given(forms[kind], batch)
        parameters += gone.values()
        if change.releases:
            parameters.append(encode(change.releases))
        if change.claims:
            parameters.append(encode(change.claims))
        if shape.guards:
            appended_to = {append.stream for append in appends}
            for key, history in streams.items():
                if key not in appended_to:
                    parameters += (key.aggregate_type, key.aggregate_id, len(history.events))
        written = await self._lane.run(_write_statement(shape), parameters, only_on=made)
        for key, history in grown:
            self._reader.keep(key, history)
        return Accepted(
            command_id=ids.command_id,
            command_type=command_type,
            appended=recorded,
            recorded_at=written[0][0],
        )

    async def _refuse(self, request: Request, rejection: Rejection, ids: Delivery) -> Answer:
        if not ids.keep_refusal:
            return rejection
        unit = getattr(rejection, "card_unit_id", None) or getattr(rejection, "unit_id", None)
        await self._lane.run(
            _REFUSE,
            (
                ids.command_id, type(request).__name__, type(rejection).__name__,
                None if unit is None else visible(unit), binary(encode_rejection(rejection)),
                *_who(request), _scanned(request), request.at,
            ),
        )  # fmt: skip
        return rejection

    async def _claim_refusal(self, change: Change) -> Rejection:
        rows = await self._lane.run(_HOLDERS, (encode(change.claims),))
        if not rows:
            # It was given back in the meantime.
            raise errors.TransactionConflict("the claim is free again")
        kind, key, holder = rows[0]
        return AlreadyClaimed(kind=ClaimKind(kind), key=key, holder=holder)

    # -- answers given before --------------------------------------------------------

    async def stored_answer(self, command_id: UUID) -> Accepted | Rejection | None:
        """Return the answer that a command id got, None where it never arrived."""
        rows = await self._lane.run(_STORED_ANSWER, (command_id,))
        if not rows:
            return None
        command_type, outcome, answer, recorded_at, _ = rows[0]
        if outcome == "refused":
            return decode_rejection(answer)
        references = msgspec.json.decode(answer, type=list[_AnswerEntry])
        wanted = [
            {"kind": entry.aggregate_type, "id": entry.aggregate_id, "version": entry.version, "place": place}
            for place, entry in enumerate(references)
        ]
        found = await self._lane.run(_EVENTS_OF_ANSWER, (encode(wanted),))
        return Accepted(
            command_id=command_id,
            command_type=command_type,
            appended=tuple(
                Recorded(
                    stream=StreamKey(AggregateType(kind), aggregate_id),
                    version=version,
                    event=decode_event(event_type, schema, payload),
                )
                for kind, aggregate_id, version, event_type, schema, payload in found
            ),
            recorded_at=recorded_at,
            repeated=True,
        )


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


def _plain_event(
    kind: AggregateType, aggregate_id: str, version: int, event: Event, payload: bytes
) -> tuple[object, ...]:
    name = type(event).__name__
    at, operator, station = event.occurred_at, event.operator_id, event.station_id
    return kind, aggregate_id, version, name, SCHEMA_VERSIONS[name], payload, at, operator, station


def _unit_of(change: Change) -> str | None:
    return change.appends[0].stream.aggregate_id if change.appends else None


def _who(request: Command | Scan) -> tuple[str | None, str | None]:
    station = request.station.station_id if isinstance(request, Scan) else request.station_id
    return station, request.operator_id


def _scanned(request: Command | Scan) -> str | None:
    return visible(request.text) if isinstance(request, Scan) else None
