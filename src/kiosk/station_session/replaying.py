"""Delivers what a station kept while the database was away: in order, under the ids that it has, before anything new.

What is refused then goes on a list that the station and the leads see until somebody
deals with it; its entry leaves the spool only when the list has it.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

from core.domain.commands import ReportHeldScan
from core.domain.rejections import NothingChanged, Refusal
from core.identity.ids import CommandId
from core.production.holding import to_be_settled
from core.production.requests import Request
from core.production.scan import Scan
from kiosk.station_session.asking import Asking, pause
from kiosk.station_session.keeping import SPOOL_TROUBLE, Keeping
from kiosk.station_session.work import Surroundings
from store.codec import encode_rejection, visible
from store.commands import Accepted
from store.errors import StoreError, StoreUnavailable
from store.spool import Held

_LOG = logging.getLogger(__name__)

_ENOUGH_FAULTS = 5
"""So often a fault of the database is met with one request before it goes on the list instead."""

REFUSED = "refused on delivery"
"""With the request's own id this names the command that puts it on the list: always the same one."""

FAULT = "fault"
"""Named as the refusal where the database could not take the request for a fault; the reason is its sentence."""


class Replay:
    """One station's deliveries. ``drained`` is told how many were delivered and refused, when nothing is left."""

    def __init__(
        self,
        around: Surroundings,
        asking: Asking,
        keeping: Keeping,
        *,
        clock: Callable[[], datetime],
        drained: Callable[[int, int], None],
    ) -> None:
        """Deliver what ``keeping`` has; ``clock`` is UTC."""
        self._around = around
        self._asking = asking
        self._keeping = keeping
        self._clock = clock
        self._drained = drained
        self._delivered = 0
        self._refused = 0

    async def run(self) -> None:
        """Deliver for ever; returns only when cancelled."""
        while True:
            await self._keeping.waiting.wait()
            try:
                async with self._keeping.turn:
                    held = await self._keeping.next()
                if held is not None:
                    await self._deliver(held)
                    await self._keeping.answered(held)
            except SPOOL_TROUBLE as error:
                _LOG.error("what is kept cannot be read: %s", error)
                await asyncio.sleep(pause(9))
                continue
            if not self._keeping.count:
                delivered, refused = self._delivered, self._refused
                self._delivered = self._refused = 0
                self._drained(delivered, refused)

    async def _deliver(self, held: Held) -> None:
        if held.request is None:
            _LOG.error("a kept %s cannot be read by this program", held.kind)
            await self._report(held, visible(held.said.decode("utf-8", "backslashreplace")), "", "")
            return
        attempt = faults = 0
        while True:
            try:
                answer = await self._around.store.run(held.request, command_id=held.command_id)
            except StoreUnavailable:
                self._asking.missed()
            except StoreError as error:
                _LOG.exception("the database reported a fault for what was kept")
                faults += 1
                if faults >= _ENOUGH_FAULTS and await self._is_unknown(held.command_id):
                    await self._report(held, _scanned(held.request), FAULT, str(error))
                    return
            else:
                self._asking.reached()
                break
            await asyncio.sleep(pause(attempt))
            attempt += 1
        left = None if isinstance(answer, Accepted) else to_be_settled(held.request, answer)
        if left is None:
            self._delivered += 1
        else:
            await self._report(held, _scanned(held.request), type(left).__name__, encode_rejection(left).decode())

    async def _is_unknown(self, command_id: UUID) -> bool:
        """Say whether the log has no answer of an earlier delivery; a database that does not say has it perhaps."""
        try:
            return await self._around.store.stored_answer(command_id) is None
        except StoreError:
            return False

    async def _report(self, held: Held, scanned: str, refusal: str, reason: str) -> None:
        station_id = self._around.station.station_id
        request = held.request
        command = ReportHeldScan(
            at=self._clock(),
            operator_id=None if request is None else request.operator_id,
            station_id=station_id,
            at_station=station_id,
            held=CommandId(str(held.command_id)),
            kind=held.kind,
            scanned=scanned,
            scanned_at=held.held_at if request is None else request.at,
            refusal=refusal,
            reason=reason,
        )
        command_id = uuid5(held.command_id, REFUSED)
        attempt = 0
        while True:
            try:
                answer = await self._around.store.run(command, command_id=command_id)
            except StoreError as error:
                self._asking.missed()
                if attempt == 0:
                    _LOG.warning("what was refused could not be listed, asking again: %s", error)
            else:
                self._asking.reached()
                if isinstance(answer, Accepted | NothingChanged):
                    self._refused += 1
                    return
                if isinstance(answer, Refusal):
                    # The station is not known to the log: until it is, the entry stays where it is.
                    _LOG.error("what was refused could not be listed: %s", answer)
            await asyncio.sleep(pause(attempt))
            attempt += 1


def _scanned(request: Request) -> str:
    """Return what was scanned or, of a command, what it is about; as the log can keep it."""
    if isinstance(request, Scan):
        return visible(request.text)
    unit = getattr(request, "card_unit_id", None) or getattr(request, "unit_id", None)
    return visible(unit or type(request).__name__)
