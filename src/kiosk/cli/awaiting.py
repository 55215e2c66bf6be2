"""Says on standard error what a command waits for: an embedded server may be starting or recovering for long."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from kiosk.cli.output import complain
from kiosk.config.choosing import database_dsn
from kiosk.config.file import Config

__all__ = ["saying_what_is_awaited"]

_SILENT_SECONDS: Final = 2.0
"""How long a command may say nothing while it waits."""


@contextmanager
def saying_what_is_awaited(config: Config) -> Generator[None]:
    """Say once that the embedded server is waited for, where what is done inside takes longer than a blink."""
    if database_dsn(config) is not None:
        yield
        return
    telling = asyncio.get_running_loop().call_later(
        _SILENT_SECONDS, complain, "Waiting for the database server of this machine; Ctrl+C ends the waiting."
    )
    try:
        yield
    finally:
        telling.cancel()
