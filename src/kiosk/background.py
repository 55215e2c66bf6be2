"""Calls that may be silent for a minute, made where nobody has to wait for their end: starting the embedded server.

Called by `kiosk.wiring` and by the demo.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from store.embedded import EmbeddedServer, SilentServerError, ensure_server

__all__ = ["in_background", "server_awaited", "server_in"]

Answer = TypeVar("Answer")


async def in_background(call: Callable[[], Answer], *, too_late: Callable[[Answer], None] | None = None) -> Answer:
    """Make a blocking call in a thread; return its answer or raise what it raises.

    A call that does not end holds up neither whoever gives it up nor the end of the program. What it answers after
    it was given up is handed to ``too_late``.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Answer] = loop.create_future()

    def answered(found: Answer) -> None:
        if not answer.done():
            answer.set_result(found)
        elif too_late is not None:
            too_late(found)

    def failed(error: BaseException) -> None:
        if not answer.done():
            answer.set_exception(error)

    def run() -> None:
        # A loop that has ended meanwhile takes no answer, and the process ends with it.
        with contextlib.suppress(RuntimeError):
            try:
                found = call()
            except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
                loop.call_soon_threadsafe(failed, error)
            else:
                loop.call_soon_threadsafe(answered, found)

    # Not one of the loop's own threads: those are waited for when it ends.
    threading.Thread(target=run, name="background", daemon=True).start()
    return await answer


async def server_in(folder: Path | None) -> EmbeddedServer:
    """Join the embedded server of a data folder, starting it where needed; raises EmbeddedServerError."""
    return await in_background(lambda: ensure_server(folder), too_late=EmbeddedServer.close)


async def server_awaited(folder: Path | None) -> EmbeddedServer:
    """The same, but a server that runs and is silent is waited for, however long; give up by cancelling."""
    while True:
        with contextlib.suppress(SilentServerError):
            return await server_in(folder)
