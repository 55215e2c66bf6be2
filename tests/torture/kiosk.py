"""One kiosk without a screen, in a process of its own that may be killed at any moment, and the person before it.

The person scans a unit until the station says that it was accepted or kept, writes that down for good, and takes
the next one. Whoever starts the process again after a kill goes on where the person is.
"""

import asyncio
import contextlib
import logging
import os
import resource
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec

from core.domain.values import StationDefinition, StationRole
from core.identity.ids import assembly_of_card, parse_card_unit_id
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.inputs import Scanned
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.roles import work_of
from kiosk.station_session.session import StationSession
from kiosk.station_session.work import Surroundings
from kiosk.wording.spoken import Words
from store import Store, StoreUnavailable
from tests.kiosk.station_session.bench import CATALOGUE

BADGE = "OP-42"
_LOOK = 0.02
_TRIES = 6


class KioskOrders(msgspec.Struct):
    """What a kiosk process is told when it is started."""

    dsn: str
    station: StationDefinition
    codes: list[str]
    pause: float
    folder: str

    @property
    def journal(self) -> Path:
        """What the person saw, a line a scan, flushed."""
        return Path(self.folder) / "journal"

    @property
    def weather(self) -> Path:
        """What befalls this machine now."""
        return Path(self.folder) / "weather.json"

    @property
    def done(self) -> Path:
        """Made when everything was scanned and nothing is kept here any more."""
        return Path(self.folder) / "done"


class Weather(msgspec.Struct):
    """How the machine of a kiosk is: how far its clock is off, in seconds, and whether its disk is full."""

    clock: float = 0.0
    disk_full: bool = False


def seen(orders: KioskOrders) -> list[str]:
    """Return the verdicts that the person wrote down, one a code; a line that was cut off was never seen."""
    try:
        lines = orders.journal.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return []
    return lines[:-1]


@dataclass
class Person:
    """Scans, waits for the verdict, and writes it down."""

    orders: KioskOrders
    session: StationSession
    keeping: Keeping

    async def work(self) -> None:
        """Do what is left to be done."""
        await self._log_on()
        with self.orders.journal.open("a", encoding="utf-8") as journal:
            for code in self.orders.codes[len(seen(self.orders)) :]:
                await asyncio.sleep(self.orders.pause)
                said = await self._scan(code)
                journal.write(f"{said}\n")
                journal.flush()
                os.fsync(journal.fileno())
        while not await self.keeping.drained(1.0):
            pass
        self.orders.done.touch()

    @staticmethod
    def _wants_badge(shown: StationSnapshot) -> bool:
        return not shown.header.operator

    async def _log_on(self) -> None:
        while self._wants_badge(await self._say(BADGE)):  # noqa: ASYNC110 - a person tries again
            await asyncio.sleep(0.1)

    async def _say(self, code: str) -> StationSnapshot:
        self.session.put(Scanned(code, self.session.now()))
        await self.session.settled()
        return self.session.snapshot()

    async def _scan(self, code: str) -> str:
        tries = 0
        while tries < _TRIES:
            shown = await self._say(code)
            if shown.stop is not None:
                while shown.stop is not None:
                    await asyncio.sleep(0.2)
                    shown = await self._say("CMD-RESET")
                # What is green or blue now is the clearing: the unit itself was refused, and is scanned again.
                tries += 1
                continue
            if self._wants_badge(shown):
                await self._log_on()
                continue
            state, words = shown.verdict.state, shown.verdict.words
            if state is VerdictState.ACCEPTED or (state is VerdictState.OFFLINE and "SAVED" in words):
                return f"{state} {code} {words}"
            await asyncio.sleep(0.2)
            if state is not VerdictState.ATTENTION or shown.verdict.big == "WAIT":
                # It waits for the database: so does its person.
                continue
            tries += 1
            card = parse_card_unit_id(code)
            if card is not None and self.orders.station.role is StationRole.ASSEMBLY:
                # The station says which tray it wants; a tray that was only opened is forgotten by a restart.
                await self._say(assembly_of_card(card))
        # Known already, from before the process was killed: the log will tell whether that is so.
        return f"known {code} {self.session.snapshot().verdict.words}"


async def _feel(orders: KioskOrders, weather: Weather) -> None:
    """Follow what befalls the machine."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    folder = Path(orders.folder)
    while True:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            now = msgspec.json.decode(orders.weather.read_bytes(), type=Weather)
            if now.disk_full != weather.disk_full:
                # No file may grow beyond what the largest has now, which is what a full disk says as well.
                room = max([(folder / name).stat().st_size for name in os.listdir(folder)])  # noqa: PTH208
                resource.setrlimit(resource.RLIMIT_FSIZE, (max(room, 16_384) if now.disk_full else hard, hard))
            weather.clock, weather.disk_full = now.clock, now.disk_full
        await asyncio.sleep(_LOOK)


async def at_work(orders: KioskOrders) -> None:
    """Run the kiosk until its person has done everything and nothing is kept here any more.

    It opens the database as `kiosk.running` does: what this terminal remembers lets it begin without one.
    """
    weather = Weather()
    feeling = asyncio.create_task(_feel(orders, weather))
    keeping = await Keeping.opened(Path(orders.folder) / "spool.db")
    is_offline = orders.station in keeping.stations
    store = await _open(orders, wait=not is_offline)
    session = StationSession(
        Surroundings(station=orders.station, store=store, words=Words.of([orders.station], {}, UTC)),
        work_of(CATALOGUE),
        clock=lambda: datetime.now(UTC) + timedelta(seconds=weather.clock),
        monotonic=time.monotonic,
        new_id=uuid4,
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


async def _open(orders: KioskOrders, *, wait: bool) -> Store:
    while True:
        with contextlib.suppress(StoreUnavailable):
            return await Store.open(orders.dsn, station_id=orders.station.station_id, wait=wait)
        await asyncio.sleep(0.1)


def main() -> None:
    """Work as the orders in the file that is named say."""
    logging.basicConfig(filename=Path(sys.argv[1]).with_name("log"), level=logging.INFO)
    orders = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=KioskOrders)
    asyncio.run(at_work(orders))


if __name__ == "__main__":
    main()
