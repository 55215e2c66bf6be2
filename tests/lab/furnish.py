"""Brings every card of a job's sheets past QA, so that a tray can be filled: furnish.py (KIOSK_DSN says where)."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

from store import Store
from tests.core.shop import spec
from tests.support.floor import Floor

_SHEETS = 2


async def _furnish() -> None:
    async with await Store.open(os.environ["KIOSK_DSN"]) as store:
        floor = await Floor(store, datetime.now(UTC) - timedelta(hours=2)).furnish()
        job = await floor.start(spec(n_up=12, rows=3), sets=_SHEETS)
        for number in range(1, _SHEETS + 1):
            for card in await floor.cut(job, number):
                await floor.inspect(card)


if __name__ == "__main__":
    asyncio.run(_furnish())
