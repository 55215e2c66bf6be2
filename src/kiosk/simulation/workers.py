"""The people of the simulation: each works at one station, in order, one request at a time.

A worker looks (`eyes`), plans (`planning`) and does, through `Store.run` like any kiosk: its own
command ids, its badge first, each request answered before the next. Driven by `running` and the demo.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from core.domain.commands import ClearStop, RecordQAResult
from core.domain.rejections import Refusal, Rejection, unit_of
from core.domain.values import StopClearedBy
from core.identity.ids import CommandId, OperatorId
from core.production.corrections import undo_of
from kiosk.simulation.errands import Bench, Deed, Errand, Request, at_moment
from kiosk.simulation.eyes import Floor, look
from kiosk.simulation.planning import Habits, Knowledge, plan
from kiosk.simulation.sights import sparing, without
from kiosk.simulation.tally import Tally
from kiosk.wording.rejections import spoken
from kiosk.wording.spoken import Severity
from store.command_ids import new_command_id
from store.commands import Accepted, Answer
from store.errors import StoreUnavailable
from store.store import Store

__all__ = ["Pace", "Worker", "now"]

_IDLE_SECONDS = (0.05, 1.0)
_AWAY_SECONDS = 0.5
_LOGGED_ON_AGAIN = 200


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a person works, 0 for as fast as it goes.

    ``unit_seconds`` is the time for one unit, spread over what is done with it; ``scan_seconds`` passes
    before every scan; ``unevenness`` (0 to 1) is how far both vary.
    """

    unit_seconds: float = 0.0
    scan_seconds: float = 0.0
    unevenness: float = 0.4

    @property
    def is_flat_out(self) -> bool:
        """Whether nothing is waited for."""
        return not self.unit_seconds and not self.scan_seconds

    def pause(self, share: float, chance: Random) -> float:
        """The seconds that pass before a deed."""
        seconds = self.unit_seconds * share + self.scan_seconds
        return seconds * chance.uniform(1 - self.unevenness, 1 + self.unevenness)


@dataclass(slots=True, kw_only=True)
class Worker:
    """One person at one station. ``keep`` pieces of the most urgent work are left to somebody else.

    So are the sets that stand at one of the stations ``spared``: whoever is there sees to them.
    """

    bench: Bench
    store: Store
    floor: Floor
    chance: Random
    habits: Habits = field(default_factory=Habits)
    managers: tuple[tuple[OperatorId, str], ...] = ()
    pace: Pace = field(default_factory=Pace)
    redelivers: float = 0.0
    keep: Callable[[], int] = lambda: 0
    spared: Callable[[], frozenset[str]] = frozenset
    may_work: Callable[[], bool] = lambda: True
    clock: Callable[[], datetime] = now
    tally: Tally = field(default_factory=Tally)
    in_hand: str | None = None

    async def work(self, stop: asyncio.Event) -> None:
        """Work until told to stop; a database that is away is waited for."""
        idle = _IDLE_SECONDS[0]
        done_since_badge = _LOGGED_ON_AGAIN
        while not stop.is_set():
            if not self.may_work():
                await _sleep(stop, _AWAY_SECONDS)
                continue
            try:
                if done_since_badge >= _LOGGED_ON_AGAIN:
                    await self._do(Deed(request=self.bench.scan(self.bench.operator_id, self.clock()), share=0))
                    done_since_badge = 0
                planned = await self._plan()
            except StoreUnavailable:
                self.tally.away += 1
                await _sleep(stop, _AWAY_SECONDS)
                continue
            if not planned:
                await _sleep(stop, idle if self.pace.is_flat_out else _IDLE_SECONDS[1])
                idle = min(idle * 1.5, _IDLE_SECONDS[1])
                continue
            idle = _IDLE_SECONDS[0]
            await self._carry_out(planned, stop)
            done_since_badge += len(planned)

    async def _plan(self) -> tuple[Errand, ...]:
        looked = time.monotonic()
        sight = await look(self.store, self.floor, self.bench.station, keep=self.keep())
        seen = without(sight, self.floor.out_of_sight(looked))
        seen = sparing(seen, self.spared())
        knowledge = Knowledge(specs=self.floor.specs, managers=self.managers, habits=self.habits)
        planned = plan(self.bench, seen, knowledge, self.chance, self.clock())
        # Planning waits for nothing, so between the look at what is held and here nobody took anything.
        return tuple(errand for errand in planned if self.floor.take(errand.units))

    async def _carry_out(self, planned: tuple[Errand, ...], stop: asyncio.Event) -> None:
        held = list(planned)
        try:
            while held and not stop.is_set() and self.may_work():
                self.in_hand = held[0].units[0]
                await self._errand(held[0], stop)
                self.floor.put(held.pop(0).units, time.monotonic())
        finally:
            self.in_hand = None
            for errand in held:
                self.floor.put(errand.units, time.monotonic())

    async def _errand(self, errand: Errand, stop: asyncio.Event) -> None:
        for deed in errand.deeds:
            pause = self.pace.pause(deed.share, self.chance)
            if pause > 0:
                await _sleep(stop, pause)
            if stop.is_set():
                return
            answer = await self._do(deed, stop)
            # An operator whose scan was refused does not go on as if it had not been.
            if answer is None or (isinstance(answer, Refusal) and not deed.is_slip):
                return
            if isinstance(deed.request, RecordQAResult) and isinstance(answer, Accepted):
                await self._think_again(deed, answer, stop)

    async def _think_again(self, verdict: Deed, answer: Accepted, stop: asyncio.Event) -> None:
        """Now and then take a verdict back and give it once more: the card is still in the inspector's hands."""
        if self.chance.random() >= self.habits.undone:
            return
        undo = undo_of(
            answer.recorded,
            at=self.clock(),
            operator_id=self.bench.operator_id,
            station_id=self.bench.station_id,
            reason="looked again",
        )
        if undo is not None:
            await self._do(Deed(request=undo, share=0), stop)
            await self._do(verdict, stop)

    async def _do(self, deed: Deed, stop: asyncio.Event | None = None) -> Answer | None:
        """Make one request; deliver it under its own command id until it is answered."""
        request = at_moment(deed, self.clock())
        # Not from the seed: a second run on the same database is no second delivery of the first.
        command_id = new_command_id()
        began = time.perf_counter()
        while True:
            try:
                answer = await self.store.run(request, command_id=command_id)
                break
            except StoreUnavailable:
                self.tally.away += 1
                if stop is None or stop.is_set():
                    return None
                await _sleep(stop, _AWAY_SECONDS)
        self.tally.seconds.append(time.perf_counter() - began)
        self._count(deed, answer)
        if isinstance(answer, Refusal):
            await self._reset(command_id, request, answer, stop)
        if self.redelivers and isinstance(answer, Accepted | Refusal) and self.chance.random() < self.redelivers:
            await self._deliver_again(request, command_id, answer)
        return answer

    async def _reset(self, stopped_by: UUID, request: Request, refusal: Rejection, stop: asyncio.Event | None) -> None:
        """Hold the RESET card before the stop that a slip raised: a station that is stopped does nothing else."""
        if spoken(refusal).severity is not Severity.STOP:
            return
        clear = ClearStop(
            at=request.at,
            operator_id=self.bench.operator_id,
            station_id=self.bench.station_id,
            at_station=self.bench.station_id,
            stop=CommandId(str(stopped_by)),
            refusal=type(refusal).__name__,
            raised_at=request.at,
            cleared_by=StopClearedBy.RESET_CARD,
            ignored=0,
            unit_id=unit_of(refusal),
        )
        await self._do(Deed(request=clear, share=0), stop)

    async def _deliver_again(self, request: Request, command_id: UUID, first: Answer) -> None:
        try:
            second = await self.store.run(request, command_id=command_id)
        except StoreUnavailable:
            self.tally.away += 1
            return
        self.tally.redelivered += 1
        if second != first:
            self.tally.unlike.append(f"{type(request).__name__}: {type(first).__name__}, then {type(second).__name__}")

    def _count(self, deed: Deed, answer: Answer) -> None:
        name = type(answer).__name__
        if isinstance(answer, Refusal):
            (self.tally.slips if deed.is_slip else self.tally.refused)[name] += 1
        elif isinstance(answer, Accepted):
            self.tally.accepted[answer.command_type] += 1
            if deed.is_slip:
                self.tally.slipped.append(f"{self.bench.station_id}: {deed.request} was accepted")
        else:
            self.tally.read[name] += 1


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
