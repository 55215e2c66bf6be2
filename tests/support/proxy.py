"""A line to a Postgres that can go dead without a word, be cut, or lead nowhere, for tests of what clients do then."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_RESET = struct.pack("ii", 1, 0)


class ServerLine:
    """Carries bytes between clients and one server as long as it is told to."""

    def __init__(self, server_dsn: str) -> None:
        """Lead to the server of this connection string."""
        named = conninfo_to_dict(server_dsn)
        self._server_dsn = server_dsn
        self._host = str(named.get("host") or "127.0.0.1")
        self._server_port = str(named.get("port") or "5432")
        self._asking, self._answering = asyncio.Event(), asyncio.Event()
        self.come_alive()
        self._writers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None
        self.port = 0
        self.logins = 0
        """How many connections were taken so far."""

    @property
    def dsn(self) -> str:
        """The server's connection string by way of this line; a connection is given up after two seconds."""
        by_way = {"host": "127.0.0.1", "port": self.port, "connect_timeout": 2}
        return make_conninfo(
            "", **conninfo_to_dict(self._server_dsn) | by_way | {"sslmode": "disable", "gssencmode": "disable"}
        )

    async def open(self) -> None:
        """Take connections, at the same port whenever it is opened again."""
        self._listening = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Take no further connections."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def go_dead(self) -> None:
        """Swallow everything from now on, as a cable that was pulled does: nothing is ended, nothing arrives."""
        self._asking.clear()
        self._answering.clear()

    def lose_answers(self) -> None:
        """Let the server hear everything from now on, and its clients nothing."""
        self._answering.clear()

    def come_alive(self) -> None:
        """Carry again what was held and what follows."""
        self._asking.set()
        self._answering.set()

    def cut(self) -> None:
        """Reset every connection, as a switch that restarts does."""
        for writer in tuple(self._writers):
            line = writer.get_extra_info("socket")
            with suppress(OSError):
                if line.family == socket.AF_INET:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.logins += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._host.startswith("/"):
                answers, questions = await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._server_port}")
            else:
                answers, questions = await asyncio.open_connection(self._host, int(self._server_port))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, questions}
        try:
            asking = self._carry(reader, questions, self._asking, is_answer=False)
            await asyncio.gather(asking, self._carry(answers, writer, self._answering, is_answer=True))
        finally:
            self._writers -= {writer, questions}
            questions.transport.abort()
            writer.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, flows: asyncio.Event, *, is_answer: bool
    ) -> None:
        with suppress(OSError):
            while said := await source.read(65536):
                await flows.wait()
                await self.carry_on(said, sink, is_answer=is_answer)
        sink.close()

    async def carry_on(self, said: bytes, sink: asyncio.StreamWriter, *, is_answer: bool) -> None:
        """Hand on what was said; what is worse than this line overrides it."""
        sink.write(said)
        await sink.drain()

    async def close(self) -> None:
        """End everything."""
        self.refuse()
        for task in tuple(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)


@asynccontextmanager
async def line_to(server_dsn: str) -> AsyncGenerator[ServerLine]:
    """An open line to a server, ended with the test."""
    line = ServerLine(server_dsn)
    await line.open()
    try:
        yield line
    finally:
        await line.close()
