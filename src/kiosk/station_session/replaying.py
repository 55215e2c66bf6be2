"""Delivers what a station kept while the database was away: in order, under the ids that it has, before anything new.

What is refused then goes on a list that the station and the leads see until somebody
deals with it; its entry leaves the spool only when the list has it. So does what cannot be
delivered at all: it is put on the list under its own id, and an earlier delivery that
the server still has on its way can then not come after it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from core.domain.commands import ReportHeldScan
from core.domain.readings import Reading
from core.domain.rejections import NothingChanged, Refusal, Rejection
from core.identity.ids import CommandId, StationId
from core.production.holding import is_refused_at_once, laid_in_tray, left_in_tray, to_be_settled
from core.production.requests import Request
from core.production.scan import Scan
from kiosk.station_session.asking import Asking, pause
from kiosk.station_session.keeping import SPOOL_TROUBLE, Keeping
from kiosk.wording.holding import KINDS, UNREAD
from kiosk.wording.rejections import STOPPING
from store import Answer, Store
from store.clock import ClockReading
from store.codec import encode_rejection, visible
from store.commands import Accepted
from store.damaged_requests import evidence, remains_of
from store.errors import (
    DatabaseNotUtf8,
    EventFromTheFuture,
    PostgresTooOld,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
    ServerReadOnly,
    StoreBusy,
    StoreError,
    StorePermissionDenied,
    StoreUnavailable,
)
from store.spool import Held
from store.spool_file import GONE, LEFT

_LOG = logging.getLogger(__name__)

_ENOUGH_FAULTS = 5
"""So often a fault is met with one request before it goes on the list instead."""

_ENOUGH_SILENCES = 20
"""So often a request gets no answer, from a database that answers others meanwhile, before it goes on the list."""

_SOON_TOLD = 3
"""So many attempts in vain are nobody's concern; after that the screen says what keeps the delivery from going on."""

_NOT_ITS_FAULT = (
    DatabaseNotUtf8,
    EventFromTheFuture,
    PostgresTooOld,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
    StorePermissionDenied,
)
"""What is wrong with the program or the database: every request would meet it, so all wait until it is cured."""

REFUSED = "refused on delivery"
"""With the request's own id this names the command that puts it on the list: always the same one."""

FAULT = "fault"
"""Named as the refusal where the database could not take the request for a fault; the reason is its sentence."""

_DEFECT = "The program could not work it off. Its log says why."


class Replay:
    """One station's deliveries. ``drained`` is told how many were delivered and refused, when nothing is left."""

    def __init__(
        self,
        store: Store,
        station_id: StationId,
        asking: Asking,
        keeping: Keeping,
        *,
        clock: Callable[[], datetime],
        drained: Callable[[int, int], None],
        undone: Callable[[Request], None] = lambda _: None,
        stops_nobody: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        """Deliver what ``keeping`` has of a station; ``clock`` is UTC.

        ``undone`` is told of each request that was not done, as soon as that is known; ``stops_nobody`` of the id of
        one by which the log stops nobody, whatever was said here: it stands on the list, or had a milder answer.
        """
        self._store = store
        self._station_id = station_id
        self._asking = asking
        self._keeping = keeping
        self._clock = clock
        self._drained = drained
        self._undone = undone
        self._stops_nobody = stops_nobody
        self._delivered = 0
        self._refused = 0
        self._time_was_asked = False
        self._run_ended: dict[str, float] = {}

    @property
    def so_far(self) -> tuple[int, int]:
        """How many were delivered and refused since ``drained`` was told last."""
        return self._delivered, self._refused

    async def run(self) -> None:
        """Deliver for ever; returns only when cancelled."""
        while True:
            await self._keeping.waiting.wait()
            await self.run_out()

    async def run_out(self) -> None:
        """Deliver until nothing is kept any more."""
        while self._keeping.waiting.is_set():
            try:
                async with self._keeping.turn:
                    held = await self._keeping.next()
                if held is not None:
                    await self._deliver(held)
                    await self._keeping.answered(held)
            except SPOOL_TROUBLE as error:
                _LOG.error("what is kept cannot be read: %s", error)
                await asyncio.sleep(pause(9))
        delivered, refused = self._delivered, self._refused
        self._delivered = self._refused = 0
        self._time_was_asked = False
        self._drained(delivered, refused)

    async def _deliver(self, held: Held) -> None:
        """Deliver one request until it is answered, or stands on the list."""
        attempt = faults = silences = 0
        why = ""
        await self._learn_when_its_run_ended(held.held_at)
        if held.request is None:
            _LOG.error("a kept %s cannot be read by this program", held.kind)
        while True:
            instead = held.request is None or faults >= _ENOUGH_FAULTS or silences >= _ENOUGH_SILENCES
            try:
                answer = await self._sent(held, why, instead=instead)
            except StoreBusy:
                _LOG.warning("others changed the same units; delivering again")
            except StoreUnavailable as error:
                self._asking.missed()
                answers_others = await self._answers_others(error, held)
                silences += answers_others
                # A server that takes no writes is read from meanwhile, and looks like one that is there.
                why = str(error) if answers_others or isinstance(error, ServerReadOnly) else ""
            except _NOT_ITS_FAULT as error:
                why = str(error)
            except Exception as error:  # noqa: BLE001 - a defect is one request's: the others must be delivered
                _LOG.exception("what was kept met a fault")
                faults, why = faults + 1, str(error) if isinstance(error, StoreError) else _DEFECT
            else:
                break
            if instead:
                # Nothing stands on the list yet: whatever it was may be over, so it is delivered after all.
                faults = silences = 0
            attempt += 1
            told = attempt >= _SOON_TOLD and why
            self._keeping.is_delayed_by(f"{scanned_in(held)} is asked for again and again: {why}" if told else "")
            await asyncio.sleep(pause(attempt - 1))
        self._asking.reached()
        self._keeping.is_delayed_by("")
        await self._answered(held, answer)

    async def _sent(self, held: Held, why: str, *, instead: bool) -> Answer:
        """Send a request, or under its id word that it cannot be done: of the two the log takes one."""
        if not (self._time_was_asked or self._store.clock.is_close):
            await self._store.ask_the_time()
            self._time_was_asked = True
        if instead or held.request is None:
            refusal, reason = (FAULT, why) if held.request is not None else ("", _evidence(held))
            return await self._store.run(self._word_of(held, refusal, reason), command_id=held.command_id)
        return await self._store.run(self._dated(held.request, held), command_id=held.command_id)

    async def _answers_others(self, error: StoreUnavailable, held: Held) -> bool:
        """Say whether the database answers, and has no answer of an earlier delivery of this."""
        if not (error.outcome_unknown or self._store.is_connected):
            return False
        try:
            return await self._store.stored_answer(held.command_id) is None
        except StoreError:
            return False

    async def _learn_when_its_run_ended(self, made: ClockReading) -> None:
        if not self._store.clock.is_of_another_run(made) or made.boot in self._run_ended:
            return
        newest = await self._keeping.newest_of(made.boot)
        if newest is not None and newest.held_at.boot == made.boot:
            self._run_ended[made.boot] = newest.held_at.steady

    def _dated(self, request: Request, held: Held) -> Request:
        """Return a request in the database's time; it may have been made before this terminal had heard of that.

        Nothing was done later than now, whatever a clock said, nor later than as long ago as it was done before what
        was kept last in the same run of the machine: at one moment, two steps would count as one scan that was read
        twice, and be dropped. A scan says of itself that it was kept.
        """
        made = held.held_at
        before_the_end = max(0.0, self._run_ended.get(made.boot, made.steady) - made.steady)
        latest = self._clock() - timedelta(seconds=before_the_end)
        at = min(request.at + self._store.clock.wrong_by(made), latest)
        return replace(request, at=at, kept=True) if isinstance(request, Scan) else replace(request, at=at)

    async def _answered(self, held: Held, answer: Answer) -> None:
        if isinstance(answer, Accepted) and answer.command_type == ReportHeldScan.__name__:
            self._refused += 1
            self._stops_nobody(held.command_id)
            if held.request is not None:
                self._undone(held.request)
            return
        if held.request is not None and is_refused_at_once(held.request) and not _stops(answer):
            self._stops_nobody(held.command_id)
        # What this program cannot read may have been answered before, when another version sent it.
        left: Reading | Rejection | None
        if isinstance(answer, Accepted):
            left = None if held.request is None else left_in_tray(held.request, answer.events)
        else:
            left = answer if held.request is None else to_be_settled(held.request, answer)
            if isinstance(left, Refusal) and held.request is not None:
                self._undone(held.request)
        if isinstance(left, Refusal):
            word = self._word_of(held, type(left).__name__, encode_rejection(left).decode())
            await self._report(word, uuid5(held.command_id, REFUSED))
            self._refused += 1
        else:
            self._delivered += 1

    def _word_of(self, held: Held, refusal: str, reason: str) -> ReportHeldScan:
        request = None if held.request is None else self._dated(held.request, held)
        return ReportHeldScan(
            at=self._clock(),
            operator_id=None if request is None else request.operator_id,
            station_id=self._station_id,
            at_station=self._station_id,
            held=CommandId(str(held.command_id)),
            kind=held.kind,
            scanned=scanned_in(held),
            scanned_at=_when(held) if request is None else request.at,
            refusal=refusal,
            reason=reason,
            in_tray=None if request is None else laid_in_tray(request),
        )

    async def _report(self, word: ReportHeldScan, command_id: UUID) -> None:
        """Put on the list what was refused, and go on asking until it stands there."""
        attempt = 0
        while True:
            why = ""
            try:
                answer = await self._store.run(word, command_id=command_id)
            except Exception as error:  # noqa: BLE001 - a defect must not end the station here either
                if isinstance(error, StoreUnavailable):
                    self._asking.missed()
                else:
                    why = str(error) if isinstance(error, StoreError) else _DEFECT
                if attempt == 0 or not isinstance(error, StoreError):
                    _LOG.warning("what was refused could not be listed, asking again", exc_info=error)
            else:
                self._asking.reached()
                if isinstance(answer, Accepted | NothingChanged):
                    break
                # The station is not known to the log yet, and that answer now belongs to this id.
                _LOG.error("what was refused could not be listed: %s", answer)
                command_id, why = uuid5(command_id, REFUSED), f"The log does not know {word.at_station}."
            attempt += 1
            self._keeping.is_delayed_by(
                f"{word.scanned} cannot be listed: {why}" if attempt >= _SOON_TOLD and why else ""
            )
            await asyncio.sleep(pause(attempt - 1))
        self._keeping.is_delayed_by("")


def _stops(answer: Answer) -> bool:
    return isinstance(answer, Refusal) and type(answer).__name__ in STOPPING


def _is_of_a_file(held: Held) -> bool:
    return held.kind in {GONE, LEFT}


def _evidence(held: Held) -> str:
    """Return what the list keeps of a request that cannot be read; word of a whole file says all there is itself."""
    return "" if _is_of_a_file(held) else evidence(held.said)


def _when(held: Held) -> datetime:
    """Return when a request that cannot be read was made; what says that may be damaged in either of two places."""
    moment = held.held_at.moment
    return moment if moment.timestamp() else remains_of(held.said).at or moment


def scanned_in(held: Held) -> str:
    """Return what was scanned or, of a command, what it is about; as the log can keep it."""
    request = held.request
    if request is None:
        said = held.said.decode("utf-8", "backslashreplace")
        return visible(said if _is_of_a_file(held) else remains_of(held.said).what or UNREAD)
    if isinstance(request, Scan):
        return visible(request.text)
    unit = getattr(request, "card_unit_id", None) or getattr(request, "unit_id", None)
    kind = type(request).__name__
    return visible(unit or KINDS.get(kind, kind))
