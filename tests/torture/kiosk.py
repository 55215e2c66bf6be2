"""One kiosk without a screen, in a process of its own that may be killed at any moment, and the person before it."""

import asyncio
import contextlib
import logging
import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec

from kiosk.station_session.keeping import Keeping
from kiosk.station_session.roles import work_of
from kiosk.station_session.session import StationSession
from kiosk.station_session.work import Surroundings
from kiosk.wording.spoken import Words
from store import Store, StoreUnavailable
from store.clock import ServerClock
from store.command_ids import new_command_id
from tests.kiosk.station_session.bench import CATALOGUE
from tests.torture.orders import NEVER_OVERDUE, KioskOrders, Weather
from tests.torture.person import Person

_LOOK = 0.02
_SPOOL = "spool.db"
_LEAST_ROOM = 16_384
"""What a full disk leaves to every file, in bytes: enough for the journal and the log, not for a spool that grows."""


async def _feel(orders: KioskOrders, weather: Weather) -> None:
    """Follow what befalls the machine."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    folder = Path(orders.folder)
    while True:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            now = msgspec.json.decode(orders.weather.read_bytes(), type=Weather)
            if now.disk_full != weather.disk_full:
                # The spool may not grow any more, which is what a full disk says as well.
                room = max([_LEAST_ROOM, *(file.stat().st_size for file in folder.glob(f"{_SPOOL}*"))])  # noqa: ASYNC240
                resource.setrlimit(resource.RLIMIT_FSIZE, (room if now.disk_full else hard, hard))
            weather.clock, weather.disk_full = now.clock, now.disk_full
        await asyncio.sleep(_LOOK)


async def at_work(orders: KioskOrders) -> None:
    """Run the kiosk until its person has done everything and nothing is kept here any more.

    It opens the database as `kiosk.running` does: what this terminal remembers lets it begin without one.
    """
    weather = Weather()
    feeling = asyncio.create_task(_feel(orders, weather))
    keeping = await Keeping.opened(Path(orders.folder) / _SPOOL)
    is_offline = orders.station in keeping.stations
    # Whoever sets the machine's clock sets what the database's time is put in the place of, as in the product.
    clock = ServerClock(own=lambda: datetime.now(UTC) + timedelta(seconds=weather.clock))
    store = await _open(orders, clock, wait=not is_offline)
    session = StationSession(
        Surroundings(station=orders.station, store=store, words=Words.of([orders.station], {}, UTC)),
        work_of(CATALOGUE),
        clock=store.clock.now,
        monotonic=time.monotonic,
        new_id=new_command_id,
        publish=lambda: None,
        process=f"torture:{os.getpid()}",
        version="torture",
        keeping=keeping,
    )
    running = asyncio.create_task(session.run())
    working = asyncio.create_task(Person(orders, session, keeping).work())
    finished, _ = await asyncio.wait({running, working, feeling}, return_when=asyncio.FIRST_COMPLETED)
    for task in finished:
        task.result()
    for task in (running, feeling):
        task.cancel()
    await asyncio.gather(running, feeling, return_exceptions=True)
    await keeping.close()
    await store.close()


async def _open(orders: KioskOrders, clock: ServerClock, *, wait: bool) -> Store:
    while True:
        with contextlib.suppress(StoreUnavailable):
            store = await Store.open(
                orders.dsn,
                station_id=orders.station.station_id,
                wait=wait,
                clock=clock,
                overdue_minutes=NEVER_OVERDUE,
            )
            store.start_automations()
            return store
        await asyncio.sleep(0.1)


def main() -> None:
    """Work as the orders in the file that is named say."""
    log = RotatingFileHandler(Path(sys.argv[1]).with_name("log"), maxBytes=_LEAST_ROOM - 4096, backupCount=1)
    logging.basicConfig(handlers=[log], level=logging.INFO)
    orders = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=KioskOrders)
    asyncio.run(at_work(orders))


if __name__ == "__main__":
    main()
