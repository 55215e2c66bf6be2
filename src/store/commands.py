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
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from typing import Any, Final, cast, get_args
from uuid import UUID

import msgspec

from core.domain.events import Event
from core.domain.immutable import immutable
from core.domain.readings import Reading
from core.domain.rejections import AlreadyClaimed, Rejection, unit_of
from core.domain.streams import AggregateType, Append, Change, ClaimKind, StreamKey
from core.production.corrections import Recorded
from core.production.decisions import Decided, decide
from core.production.facts import Facts, ShopPolicy
from core.production.requests import Request, facts_needed, needs
from core.projections import Row
from store import errors
from store.codec import decode_event, decode_rejection, encode, encode_rejection, visible
from store.event_log import StoredHistory
from store.facts import look_up
from store.migrations import schema_known
from store.pool import Lane
from store.read_models.tables import READ_MODELS, ReadModel
from store.stream_reader import NotRemembered, StreamReader
from store.wire import binary
from store.write_statement import COMMAND_COLUMNS, Delivery, prepare_write, scanned, who

_LOG: Final = logging.getLogger(__name__)

_ATTEMPTS: Final = 16
_READINGS: Final = frozenset(get_args(Reading))


@immutable
class Accepted:
    """The command was carried out and is in the log for good.

    ``appends`` are its events where they were appended (a fact in two streams twice).
    ``repeated`` says that an earlier delivery of the same command id did it.
    """

    command_id: UUID
    command_type: str
    appends: tuple[Append, ...]
    recorded_at: datetime
    repeated: bool = field(default=False, compare=False)

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        """The same, each event with its place in the log; ``core.production.corrections.undo_of`` takes them back."""
        return tuple(
            [
                Recorded(stream=append.stream, version=version, event=event)
                for append in self.appends
                for version, event in enumerate(append.events, append.expected_version + 1)
            ]
        )

    @property
    def events(self) -> tuple[Event, ...]:
        """The facts, once each, in the order in which they were decided."""
        return tuple(dict.fromkeys([event for append in self.appends for event in append.events]))

    @property
    def streams(self) -> frozenset[StreamKey]:
        """The streams that grew."""
        return frozenset([append.stream for append in self.appends])


Answer = Accepted | Rejection | Reading
"""What comes of a request: done, refused, or a reading that changed nothing."""


# -- statements ---------------------------------------------------------------


class _AnswerEntry(msgspec.Struct, array_like=True):
    """One event of a stored answer: enough to find it in the log again."""

    aggregate_type: AggregateType
    aggregate_id: str
    version: int


_REFUSE = f"""INSERT INTO answers_to_record ({COMMAND_COLUMNS})
    VALUES ($1, $2, 'refused', $3, '{{}}', $4, $5, $6, $7, $8, $9)""".encode()

_SCHEMA = b"SELECT max(version) FROM schema_migrations"

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

    def __init__(self, lane: Lane, policy: ShopPolicy, newest_heard: Callable[[StreamKey], int]) -> None:
        self._lane = lane
        self._reader = StreamReader(lane, ahead=True, newest_heard=newest_heard)
        self._facts = Facts(policy=policy)

    async def run(self, request: Request, ids: Delivery) -> Answer:
        """Carry out a request, or say why not; raises StoreUnavailable and its kinds where nobody can tell."""
        reconnected = may_be_written = False
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
                # That a later delivery did nothing says nothing about the first.
                may_be_written = error.outcome_unknown = may_be_written or error.outcome_unknown
                # The id makes a second delivery harmless, so a connection that was merely cut costs nobody a scan.
                if reconnected or isinstance(error, errors.StoreTimeout):
                    raise
                reconnected = True
            except errors.StoreError as error:
                if may_be_written:
                    raise errors.StoreUnavailable(str(error), outcome_unknown=True) from error
                if isinstance(error, errors.DatabaseFault):
                    raise await self._what_is_wrong(error) from error
                raise
        if may_be_written:
            raise errors.StoreUnavailable("others are always quicker", outcome_unknown=True)
        raise errors.StoreBusy(_ATTEMPTS)

    async def _what_is_wrong(self, fault: errors.DatabaseFault) -> errors.StoreError:
        """Say of a fault whether the database was brought to a newer schema under this program: then it is to go."""
        ((found,),) = await self._lane.run(_SCHEMA)
        return errors.SchemaTooNew(found, schema_known()) if found > schema_known() else fault

    async def _attempt_from_memory(self, request: Request, ids: Delivery) -> Accepted | None:
        """Carry out a request on streams as they were last seen here: one round trip where nothing moved on.

        Whatever the decision looked at is guarded in the statement, and nothing else, so memory that is out of
        date costs a second attempt and no more. A refusal is never given from memory.
        """
        if facts_needed(request) is not None:
            return None
        streams = self._reader.remembered()
        try:
            decision = decide(request, streams, self._facts)
        except NotRemembered:
            return None
        if type(decision) is not Decided:
            return None
        try:
            return await self._write(request, decision, streams.seen, ids, streams.made)
        except (errors.ClaimContested, errors.ConnectionRemade):
            return None
        except errors.VersionConflict:
            self._reader.forget(streams.seen)
            return None

    async def _attempt(self, request: Request, ids: Delivery) -> Answer:
        streams: dict[StreamKey, StoredHistory] = {}
        made: int | None = None
        while missing := needs(request, streams) - streams.keys():
            streams |= await self._reader.read(missing)
            made = made or self._lane.made
        wanted = facts_needed(request)
        facts = self._facts
        if wanted is not None:
            facts = await look_up(self._lane, wanted, self._facts.policy)
            if missing := needs(request, streams, facts) - streams.keys():
                streams |= await self._reader.read(missing)
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
        streams: Mapping[StreamKey, StoredHistory],
        ids: Delivery,
        made: int | None,
    ) -> Accepted:
        """Write what was decided, over the connection that the streams were read on (None: nothing was read).

        Another one may lead to a database that lacks their last events, and nothing in the log would tell.
        """
        write = prepare_write(request, decided, streams, ids)
        # A line for each event, that say the same.
        try:
            (recorded_at, *found), *_ = await self._lane.run(write.statement, write.parameters, only_on=made)
        except errors.RowInTheWay as fault:
            await self._clear_the_way(fault, decided.change)
            raise errors.TransactionConflict(fault.detail) from fault
        for key, history in write.grown:
            self._reader.keep(key, history)
        if not all(found):
            await self._mend([row for row, was_there in zip(write.moved, found, strict=True) if not was_there])
        return Accepted(
            command_id=ids.command_id,
            command_type=type(decided.command).__name__,
            appends=decided.change.appends,
            recorded_at=recorded_at,
        )

    async def _mend(self, missing: Sequence[tuple[ReadModel, Row]]) -> None:
        """Write rows anew that somebody took away: a job is completed by what its rows say."""
        for model, row in missing:
            _LOG.warning("a row of %s was missing, and is written anew", model.table)
            # What was asked for is done and recorded; if this fails, the next move does it.
            with suppress(errors.StoreError):
                await self._lane.run(model.mend(), model.values(row))

    async def _clear_the_way(self, fault: errors.RowInTheWay, change: Change) -> None:
        """Take away rows that no event made and that stand where new ones go; raise the fault where there are none."""
        for model in READ_MODELS.values():
            keys = [
                append.stream.aggregate_id
                for append in change.appends
                if append.stream.aggregate_type is model.kind and not append.expected_version
            ]
            if model.table == fault.table and keys:
                ((gone,),) = await self._lane.run(model.clear(), (keys,))
                if gone:
                    _LOG.warning("rows of %s that no event had made are taken away: %d", model.table, gone)
                    return
        raise fault

    async def _refuse(self, request: Request, rejection: Rejection, ids: Delivery) -> Answer:
        if not ids.keep_refusal:
            return rejection
        unit = unit_of(rejection)
        await self._lane.run(
            _REFUSE,
            (
                ids.command_id, type(request).__name__, type(rejection).__name__,
                None if unit is None else visible(unit), binary(encode_rejection(rejection)),
                *who(request), scanned(request), request.at,
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
            appends=_appends_of(found),
            recorded_at=recorded_at,
            repeated=True,
        )


def _appends_of(rows: Sequence[tuple[Any, ...]]) -> tuple[Append, ...]:
    """Return the events of an answer as they were appended: those of one stream follow each other."""
    appends: list[Append] = []
    for kind, aggregate_id, version, *said in rows:
        stream, event = StreamKey(AggregateType(kind), aggregate_id), decode_event(*said, of=aggregate_id)
        last = appends[-1] if appends else None
        if last is not None and (last.stream, last.new_version + 1) == (stream, version):
            appends[-1] = Append(stream, last.expected_version, (*last.events, event))
        else:
            appends.append(Append(stream, version - 1, (event,)))
    return tuple(appends)
