"""A reading that is under way for as long as a test wants: it has its answer, and who asked waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from store import Store


class LateReading:
    """The next call of one of a store's readings, as what it read grows old; later calls are answered at once."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """Hold up whoever asks next."""
        self.has_answer = asyncio.Event()
        self.may_arrive = asyncio.Event()
        self.answer: object = None
        self._is_taken = False
        self._reads: Callable[..., Awaitable[Any]] = getattr(store, name)
        monkeypatch.setattr(store, name, self._read)

    async def _read(self, *asked: object) -> object:
        is_late, self._is_taken = not self._is_taken, True
        rows = await self._reads(*asked)
        if is_late:
            self.answer = rows
            self.has_answer.set()
            await self.may_arrive.wait()
        return rows
