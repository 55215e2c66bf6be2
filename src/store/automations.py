"""What the shop does by itself: completed jobs, fulfilled orders, overdue sets.

Each is a command like any other, decided by the core under its own stream's version,
so that it happens once however often and from wherever it is tried. Tried at once by
whoever packed a set, and again by every process that follows the log, in case that
one died in between.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from core.domain.commands import Command, CompleteJob, FlagOverdueAssembly, FulfilOrder
from core.domain.events import Event, JobCompleted, SetPacked
from core.identity.ids import AssemblyId, JobId, ProductionOrderId
from store import errors
from store.command_ids import new_command_id
from store.commands import Accepted, Answer
from store.pool import Lane
from store.read_models.units import OPEN_ASSEMBLIES_OLDER
from store.write_statement import Delivery

_LOG = logging.getLogger(__name__)

Run = Callable[[Command, Delivery], Awaitable[Answer]]

_SWEEP_SECONDS = 15.0
_SWEEP_LIMIT = 200

_NOW = b"SELECT now()"

_JOBS_DONE = b"""SELECT j.job_id FROM rm_jobs j JOIN rm_job_progress p ON p.job_id = j.job_id
    WHERE j.status = 'STARTED' AND p.sheets > p.sheets_voided AND p.sets_packed >= p.sheets - p.sheets_voided
      AND j.job_id > $2 ORDER BY j.job_id LIMIT $1"""

_ORDERS_DONE = b"""SELECT o.order_id FROM rm_orders o WHERE o.status = 'PLACED'
      AND EXISTS (SELECT FROM rm_jobs j JOIN rm_job_progress p ON p.job_id = j.job_id
          WHERE j.order_id = o.order_id AND j.status IN ('COMPLETED', 'CANCELLED') AND p.sets_packed > 0)
      AND NOT EXISTS (SELECT FROM rm_jobs j WHERE j.order_id = o.order_id
          AND j.status NOT IN ('COMPLETED', 'CANCELLED')) AND o.order_id > $2 ORDER BY o.order_id LIMIT $1"""


class Automations:
    """Runs what follows from facts; safe to run anywhere, at any time, by any number of processes."""

    def __init__(self, lane: Lane, run: Run, overdue_minutes: float) -> None:
        self._lane = lane
        self._run = run
        self._overdue_minutes = overdue_minutes
        # Where the last sweep ended: what is asked for again and again in vain must not hide what comes after it.
        self._ended_at = {_JOBS_DONE: "", _ORDERS_DONE: ""}

    async def after(self, events: Iterable[Event], cause: UUID, at: datetime) -> tuple[Event, ...]:
        """Do what these facts of one command lead to, and return the further facts."""
        made: list[Event] = []
        for event in events:
            if isinstance(event, SetPacked):
                made += await self._try(
                    CompleteJob(at=at, operator_id=None, station_id=None, job_id=event.job_id), cause
                )
        for event in tuple(made):
            if isinstance(event, JobCompleted):
                order = FulfilOrder(at=at, operator_id=None, station_id=None, order_id=event.order_id)
                made += await self._try(order, cause)
        return tuple(made)

    async def sweep(self, now: datetime | None = None) -> tuple[Event, ...]:
        """Do whatever is due in the whole shop, and return the facts that it made.

        What is due by now is so by the database's clock: a kiosk whose own runs fast must not call sets overdue.
        """
        at: datetime = now or (await self._lane.run(_NOW))[0][0]
        made: list[Event] = []
        for job in await self._next(_JOBS_DONE):
            made += await self._try(CompleteJob(at=at, operator_id=None, station_id=None, job_id=JobId(job)), None)
        for order in await self._next(_ORDERS_DONE):
            command = FulfilOrder(at=at, operator_id=None, station_id=None, order_id=ProductionOrderId(order))
            made += await self._try(command, None)
        since = at - timedelta(minutes=self._overdue_minutes)
        for row in await OPEN_ASSEMBLIES_OLDER.all(self._lane, since, _SWEEP_LIMIT):
            flag = FlagOverdueAssembly(
                at=at, operator_id=None, station_id=None,
                assembly_id=AssemblyId(row.assembly_id), limit_minutes=self._overdue_minutes,
            )  # fmt: skip
            made += await self._try(flag, None)
        return tuple(made)

    async def _next(self, statement: bytes) -> list[str]:
        """Return the next ids after those of the last sweep, from the beginning again after the last."""
        found = [str(name) for (name,) in await self._lane.run(statement, (_SWEEP_LIMIT, self._ended_at[statement]))]
        self._ended_at[statement] = found[-1] if len(found) == _SWEEP_LIMIT else ""
        return found

    async def keep_sweeping(self) -> None:
        """Sweep now and then, for ever; whatever goes wrong is tried again."""
        while True:
            # Jittered, so that the kiosks of a shop do not all come at once; one of them is enough.
            await asyncio.sleep(_SWEEP_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, no secret
            try:
                await self.sweep()
            except errors.StoreUnavailable:
                continue
            except Exception:  # noqa: BLE001 - a task that ended would do nothing for the shop, and nobody would know
                _LOG.exception("the sweep failed; it is tried again")

    async def _try(self, command: Command, cause: UUID | None) -> tuple[Event, ...]:
        try:
            answer = await self._run(
                command, Delivery(command_id=new_command_id(), causation_id=cause, keep_refusal=False)
            )
        except errors.StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - one unit whose log cannot be read must not keep the others from their due
            _LOG.exception("%r failed; the others go on", command)
            return ()
        return answer.events if isinstance(answer, Accepted) else ()
