"""Another station's kiosk on the same machine, in a process of its own that can be frozen and killed.

Run as `python -m tests.kiosk.station_session.neighbour <dsn> <folder>`; says "at work" and works until it is killed.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from kiosk.station_session import beside
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.roles import work_of
from kiosk.station_session.session import StationSession
from kiosk.station_session.work import Surroundings
from store import Store
from tests.core.shop import QA
from tests.kiosk.station_session.bench import CATALOGUE, WORDS


async def work(dsn: str, folder: Path) -> None:
    """Work as QA, with a file of its own in a folder that it shares."""
    beside._AGAIN_SECONDS = 0.1
    keeping = await Keeping.opened(folder / f"{QA.station_id}.db")
    store = await Store.open(dsn, station_id=QA.station_id)
    session = StationSession(
        Surroundings(station=QA, store=store, words=WORDS),
        work_of(CATALOGUE),
        clock=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        new_id=uuid4,
        publish=lambda: None,
        process=f"neighbour:{os.getpid()}",
        version="0",
        keeping=keeping,
    )
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    await session.run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
