"""The person before a kiosk: scans a unit until the station says that it was accepted or kept, and writes that down.

Whoever starts the kiosk's process again after a kill goes on where the person is.
"""

import asyncio
import os
import time
from dataclasses import dataclass

from core.domain.values import StationRole
from core.identity.ids import CardUnitId
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import QaView
from kiosk.station_session.inputs import QaKey, Scanned
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.session import StationSession
from tests.core.shop import INSPECTOR, OPERATOR
from tests.torture.orders import KioskOrders, arrived, seen
from tests.torture.plan import Errand

_LOOK = 0.02
_PATIENCE = 0.2
_TRIES = 6


@dataclass
class Person:
    """Scans, waits for the verdict, and writes it down."""

    orders: KioskOrders
    session: StationSession
    keeping: Keeping

    async def work(self) -> None:
        """Do what is left to be done."""
        await self._log_on()
        done = len(seen(self.orders))
        for number, errand in enumerate(self.orders.errands[done:], start=done):
            await self._wait_for(number)
            said = await self._do(errand)
            with self.orders.journal(number).open("a", encoding="utf-8") as journal:
                journal.write(f"{said}\n")
                journal.flush()
                os.fsync(journal.fileno())
        while not await self.keeping.drained(1.0):
            pass
        self.orders.done.touch()

    async def _wait_for(self, number: int) -> None:
        """Wait until an errand is due, and until what it needs has come."""
        due = self.orders.begins + number * self.orders.every
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        while arrived(self.orders) <= number:  # noqa: ASYNC110 - another process says so
            await asyncio.sleep(_LOOK)

    # -- at the station ------------------------------------------------------------

    @staticmethod
    def _wants_badge(shown: StationSnapshot) -> bool:
        return not shown.header.operator

    async def _log_on(self) -> None:
        badge = INSPECTOR if self.orders.station.role is StationRole.QA else OPERATOR
        while self._wants_badge(await self._say(badge)):  # noqa: ASYNC110 - a person tries again
            await asyncio.sleep(0.1)

    async def _say(self, code: str) -> StationSnapshot:
        self.session.put(Scanned(code, self.session.now()))
        await self.session.settled()
        return self.session.snapshot()

    async def _do(self, errand: Errand) -> str:
        tries = 0
        while tries < _TRIES:
            shown = await self._say(errand.code)
            # Checked in is not inspected.
            is_over = not errand.keys
            if shown.stop is None and errand.keys and _in_hand(shown) == errand.code:
                shown = await self._judge(CardUnitId(errand.code), errand.keys)
                is_over = not _in_hand(shown)
            if shown.stop is not None:
                while shown.stop is not None:
                    await asyncio.sleep(_PATIENCE)
                    shown = await self._say("CMD-RESET")
                # What is green or blue now is the clearing: the unit itself was refused, and is scanned again. Where
                # another tray was open than the one that it belongs to, that one's label comes first.
                tries += 1
                if errand.into:
                    await self._bring(errand.into)
                continue
            if self._wants_badge(shown):
                await self._log_on()
                continue
            if is_over and _is_done(shown):
                return f"{shown.verdict.state} {errand.code} {shown.verdict.words}"
            await asyncio.sleep(_PATIENCE)
            if shown.verdict.state is not VerdictState.ATTENTION or _waits(shown):
                # It waits for the database: so does its person.
                continue
            tries += 1
            if errand.into:
                await self._bring(errand.into)
        # Known already, from before the process was killed: the log will tell whether that is so.
        return f"known {errand.code} {self.session.snapshot().verdict.words}"

    async def _judge(self, card: CardUnitId, keys: str) -> StationSnapshot:
        for key in keys:
            self.session.put(QaKey("enter" if key == "⏎" else key, card))
        await self.session.settled()
        return self.session.snapshot()

    async def _bring(self, container: str) -> None:
        """Scan the tray or box: the station says which it wants, and one that was only opened a restart forgets."""
        while _waits(await self._say(container)):  # noqa: ASYNC110 - a person tries again
            await asyncio.sleep(_PATIENCE)


def _in_hand(shown: StationSnapshot) -> str:
    return shown.work.card if isinstance(shown.work, QaView) else ""


def _waits(shown: StationSnapshot) -> bool:
    return shown.verdict.state is VerdictState.ATTENTION and shown.verdict.big == "NOT NOW"


def _is_done(shown: StationSnapshot) -> bool:
    state = shown.verdict.state
    return state is VerdictState.ACCEPTED or (state is VerdictState.OFFLINE and "SAVED" in shown.verdict.words)
