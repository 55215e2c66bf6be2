"""A reading of a job's sets that is under way for as long as a test wants."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.projections import AssemblyRow
from store import Store


class SlowReading:
    """The next reading of a job's sets: it has its answer, and the station gets it only when it may."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """Hold up whoever asks the store from now on."""
        self.has_answer = asyncio.Event()
        self.may_arrive = asyncio.Event()
        self._reads: Callable[[str], Awaitable[tuple[AssemblyRow, ...]]] = store.assemblies_of
        monkeypatch.setattr(store, "assemblies_of", self._read)

    async def _read(self, job: str) -> tuple[AssemblyRow, ...]:
        rows = await self._reads(job)
        self.has_answer.set()
        await self.may_arrive.wait()
        return rows
