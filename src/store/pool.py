"""The connections that a kiosk keeps: one statement at a time on each, bounded in time, made again when lost.

A ``Lane`` is one connection that runs one autocommit statement at a time and is
made again after it was lost. A kiosk holds two: one for commands, one for reading,
announcing and listening.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from store import errors
from store.connecting import ConnectionSettings, connect, conninfo
from store.translating import translated
from store.wire import Row, as_texts, rows_of


class Lane:
    """One connection, one statement at a time; lost connections are made again at the next statement.

    Statements are prepared once and spoken straight to libpq, with one standing reader on the socket: a scan
    is two statements, and the driver's cursors cost more than everything else that a kiosk computes for it.
    """

    def __init__(self, settings: ConnectionSettings, *, repeats: bool = False) -> None:
        self.settings = settings
        self._repeats = repeats
        self._turn = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._pgconn: PGconn | None = None
        self._socket = -1
        self._prepared: dict[bytes, bytes] = {}
        self._names = 0
        self._answer: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None
        self._abandoned = False
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing = False
        self._timed_out = False
        self._closed = False
        self._must_write = False
        self._copy_missing = False
        self.admission: Callable[[], Awaitable[None]] | None = None
        """Awaited before the first connection; what it raises keeps the lane from making one."""
        self.made = 0
        """How many connections this lane has made; a change means that the last one was lost."""
        self.on_lost: list[Callable[[], None]] = []
        """Called when a connection is found to be lost or is closed."""
        self.on_notify: list[Callable[[str, str], None]] = []
        """Called with channel and payload of every notification."""

    @property
    def is_connected(self) -> bool:
        """Whether a connection stands; a server that ends one is noticed at once."""
        return self._pgconn is not None

    @property
    def is_closed(self) -> bool:
        """Whether the lane was closed for good."""
        return self._closed

    async def run(
        self,
        statement: bytes,
        parameters: Sequence[object] = (),
        *,
        only_on: int | None = None,
        on_sending: Callable[[], None] | None = None,
    ) -> list[Row]:
        """Run one statement with ``$1`` parameters and return its rows; raises the store's errors.

        Parameters are text to the server, which infers their types; bytes are taken for text already encoded.
        ``only_on`` is the connection, as ``made`` counts them, that the statement must go over: where
        that one is gone nothing is sent, and ConnectionRemade says so. ``on_sending`` is called when the connection
        stands, the statement is prepared and nothing remains but to ask and to be answered.
        """
        encoded = as_texts(parameters)
        self._drop_if_read_only()
        had_connection = self._pgconn is not None
        try:
            return await self._say(statement, encoded, only_on, on_sending)
        except errors.ConnectionRemade:
            raise
        except errors.StoreTimeout:
            raise
        except errors.StoreUnavailable:
            if not (self._repeats and had_connection):
                raise
            return await self._say(statement, encoded, on_sending=on_sending)

    async def _say(
        self,
        statement: bytes,
        encoded: list[bytes | None],
        only_on: int | None = None,
        on_sending: Callable[[], None] | None = None,
    ) -> list[Row]:
        await self._turn.acquire()
        try:
            if only_on is not None and (self._pgconn is None or self.made != only_on):
                raise errors.ConnectionRemade("the connection was lost")
            pgconn = self._pgconn or await self._connect()
            self._watch()
            name = self._prepared.get(statement)
            if name is None:
                self._names += 1
                name = b"s%d" % self._names
                await self._exchange(pgconn.send_prepare, name, statement)
                self._prepared[statement] = name
            if on_sending is not None:
                on_sending()
            return rows_of(await self._exchange(pgconn.send_query_prepared, name, encoded))
        except psycopg.Error as error:
            failure = translated(error, sent=True, timed_out=self._timed_out)
            self._drop_if_ended()
            if isinstance(failure, errors.ServerReadOnly):
                # Another server may be the one to write to by now, behind this address or the next.
                self._drop(error)
            raise failure from error
        finally:
            # Who is cancelled leaves, but the answer is still to come: until then nobody else may speak.
            if self._answer is None:
                self._end_of_turn()
            else:
                self._abandoned = True

    def _end_of_turn(self) -> None:
        self._abandoned = False
        self._deadline = None
        self._turn.release()

    # -- a server that does not answer ---------------------------------------------------

    def _watch(self) -> None:
        """Set the moment at which the statement is given up; one timer serves all statements, as most need none."""
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self.settings.answer_seconds
        if self._timer is None:
            self._timer = loop.call_at(self._deadline, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._deadline:
            self._timer = loop.call_at(self._deadline, self._look_at_the_clock)
            return
        # A frozen server cannot even be asked to cancel, so the connection is ended.
        self._timed_out = True
        self._drop(psycopg.OperationalError("no answer"))

    async def prepare(self) -> None:
        """Connect now, if no connection stands."""
        async with self._turn:
            if self._pgconn is None:
                await self._connect()

    async def close(self) -> None:
        """Close the connection for good."""
        self._closed = True
        self._drop(psycopg.OperationalError("the store is closed"))

    # -- the exchange ------------------------------------------------------------------

    async def _exchange(self, send: Callable[..., None], *arguments: object) -> PGresult:
        """Send one request and wait for the last that the server says to it."""
        pgconn = self._pgconn
        if pgconn is None:
            raise psycopg.OperationalError("the connection was lost")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[PGresult] = loop.create_future()
        send(*arguments)
        self._result = None
        self._answer = answer
        if pgconn.flush():
            self._writing = True
            loop.add_writer(self._socket, self._writable)
        self._copy_missing = False
        result = await answer
        if result.status not in _SAID_WELL:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
        if self._copy_missing:
            raise psycopg.OperationalError("it is kept by one server only so far")
        return result

    def _noticed(self, said: psycopg.errors.Diagnostic) -> None:
        # Somebody cancelled the wait for the standby: the server calls that done, and a failover would lose it.
        self._copy_missing = self._copy_missing or said.source_function == _COPY_AWAITED

    def _answered(self, outcome: PGresult | psycopg.Error | None) -> None:
        """Hand the outcome to whoever waits for it, or end the turn of one who went away."""
        answer, self._answer = self._answer, None
        if self._abandoned:
            self._end_of_turn()
        elif answer is not None and not answer.done():
            if isinstance(outcome, psycopg.Error):
                answer.set_exception(outcome)
            elif outcome is not None:
                answer.set_result(outcome)

    def _writable(self) -> None:
        try:
            if self._pgconn is not None and self._pgconn.flush():
                return
        except psycopg.Error as error:
            self._drop(error)
            return
        self._stop_writing()

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing = False
            asyncio.get_running_loop().remove_writer(self._socket)

    def _readable(self) -> None:
        pgconn = self._pgconn
        if pgconn is None:
            return
        try:
            pgconn.consume_input()
            if self._answer is not None:
                while not pgconn.is_busy():
                    result = pgconn.get_result()
                    if result is None:
                        self._answered(self._result)
                        break
                    self._result = result
            while (notify := pgconn.notifies()) is not None:
                for hear in self.on_notify:
                    hear(notify.relname.decode(), notify.extra.decode("utf-8", "replace"))
        except psycopg.Error as error:
            self._drop(error)

    # -- making and losing ----------------------------------------------------------------

    async def _connect(self) -> PGconn:
        if self._closed:
            raise errors.StoreUnavailable("the store is closed")
        if self.admission is not None:
            await self.admission()
            self.admission = None
        connection = await connect(self.settings)
        if self._closed:
            await connection.close()
            raise errors.StoreUnavailable("the store is closed")
        self._timed_out = False
        self._prepared = {}
        self._must_write = conninfo_to_dict(conninfo(self.settings)).get("target_session_attrs") in _WRITERS
        connection.add_notice_handler(self._noticed)
        self._connection = connection
        self._pgconn = connection.pgconn
        self._socket = connection.pgconn.socket
        self.made += 1
        asyncio.get_running_loop().add_reader(self._socket, self._readable)
        return connection.pgconn

    def _drop_if_ended(self) -> None:
        # The server may have said that it ends the connection before it did.
        if self._pgconn is not None and (self._timed_out or self._pgconn.status != ConnStatus.OK):
            self._drop(psycopg.OperationalError("the connection was lost"))

    def _drop_if_read_only(self) -> None:
        """Leave a server that says by itself, as servers do, that it takes no writes any more."""
        pgconn = self._pgconn
        # What is under way goes on: its answer says whether the server still took it.
        if pgconn is None or not self._must_write or self._turn.locked():
            return
        if b"on" in {
            pgconn.parameter_status(b"in_hot_standby"),
            pgconn.parameter_status(b"default_transaction_read_only"),
        }:
            self._drop(psycopg.OperationalError("the server takes no writes any more"))

    def _drop(self, reason: psycopg.Error) -> None:
        pgconn, self._pgconn = self._pgconn, None
        if pgconn is None:
            return
        loop = asyncio.get_running_loop()
        self._stop_writing()
        loop.remove_reader(self._socket)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        told = self._result
        if self._answer is not None and told is not None and told.status not in _SAID_WELL:
            reason = psycopg.errors.error_from_result(told, encoding="utf-8")
        self._answered(reason)
        pgconn.finish()
        self._connection = None
        for listener in self.on_lost:
            listener()


_WRITERS: Final = frozenset({"read-write", "primary"})
_COPY_AWAITED: Final = "SyncRepWaitForLSN"
"""The part of the server that waits until its standby has a commit, as its notices name their source."""

_SAID_WELL: Final = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
