"""Waiting for a condition, for tests of things that other threads and processes do."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_STEP_SECONDS = 0.01


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Return as soon as the condition holds; fail when it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain"
        time.sleep(_STEP_SECONDS)


async def eventually(condition: Callable[[], Awaitable[object] | object], seconds: float = 10.0) -> None:
    """The same inside an event loop; the condition may be a coroutine function."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain"
        await asyncio.sleep(_STEP_SECONDS)
