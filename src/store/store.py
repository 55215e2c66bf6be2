"""The store: the one thing that the kiosk knows about Postgres.

Opened by the composition root, used by station sessions, the command line and the
simulation. Two connections: one runs commands, the other reads, announces, listens.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

from core.domain.events import Event, JobCreated, SetPacked
from core.domain.rejections import PinLocked, Refusal, RefusedCardsInSet
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import CardUnitStatus, ProductSpec, StationDefinition
from core.identity.ids import OperatorId, SpecCode
from core.production.facts import ShopPolicy
from core.production.loaded import Loaded
from core.production.requests import Request
from core.projections import (
    AssemblyRow,
    CardUnitRow,
    JobRow,
    OperatorRow,
    OrderRow,
    PackRow,
    Row,
    SheetRow,
    SpecRow,
    StationRow,
)
from store import errors, maintenance, migrations
from store.automations import Automations
from store.changes import REFUSED, ChangeFeed, ChangeSubscription
from store.clock import ClockReading, ServerClock, server_time
from store.command_ids import new_command_id
from store.commands import Accepted, Answer, CommandRunner
from store.connecting import STATION_ROLE, ConnectionSettings
from store.facts import pin_lock
from store.histories import UnitHistory, find_row, history_of, streams_named
from store.log_head import HeadMismatch, LogHead, compare_with_head, take_head
from store.maintenance import StoreStatus, Verification
from store.pool import Lane
from store.read_models import (
    catalogue,
    held_scans,
    job_progress,
    orders,
    quality,
    scan_log,
    station_queues,
    stops,
    units,
)
from store.read_models.held_scans import RefusedHeldScan
from store.read_models.job_progress import JobProgressRow, StageCount
from store.read_models.presence import PRESENCES, REMEMBERED_SECONDS, Presence, PresenceRow, beat, leave
from store.read_models.quality import FirstPass
from store.read_models.scan_log import HourlyRate, ScanRecord
from store.read_models.station_queues import StationLoad, StationQueue
from store.read_models.stops import StandingStop
from store.rebuild import Rebuilt, rebuild
from store.stream_reader import StreamReader
from store.write_statement import Delivery, who

OVERDUE_MINUTES = 240.0
"""How long a set may be open before it is flagged, unless the shop says otherwise."""


class Store:
    """Commands, queries and live changes over one database. Make it with ``Store.open``.

    Every method may raise StoreUnavailable (try again later) and its kinds; other
    StoreErrors mean that somebody has to act.
    """

    def __init__(
        self, settings: ConnectionSettings, policy: ShopPolicy, overdue_minutes: float, clock: ServerClock
    ) -> None:
        self._settings = settings
        self._policy = policy
        self.clock = clock
        """The database's time, measured when the store was opened and with every `beat`."""
        self._commands = Lane(settings)
        self._reading = Lane(replace(settings, application_name=f"{settings.application_name} reading"), repeats=True)
        self._streams = StreamReader(self._reading)
        self._feed = ChangeFeed(self._reading)
        self._runner = CommandRunner(self._commands, policy, self._feed.newest_heard)
        self._automations = Automations(self._reading, self._deliver, overdue_minutes)
        self._sweeper: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        station_id: str | None = None,
        policy: ShopPolicy | None = None,
        overdue_minutes: float = OVERDUE_MINUTES,
        role: str | None = STATION_ROLE,
        settings: Callable[[ConnectionSettings], ConnectionSettings] | None = None,
        clock: ServerClock | None = None,
        wait: bool = True,
    ) -> Self:
        """Connect and check the server's version and the schema.

        Raises StoreUnavailable, DatabaseAddressWrong, PostgresTooOld, SchemaMissing, SchemaTooOld, SchemaTooNew.
        ``role`` is the database role to work as, None to stay who logs in. ``settings``
        may adjust the time limits, ``clock`` is what keeps the database's time. Without ``wait`` the store
        is there at once, whether the database is or not: it is checked before it is first used, and whoever
        uses it is told what would have been raised here.
        """
        chosen = ConnectionSettings(
            dsn=dsn, application_name="kiosk" if station_id is None else f"kiosk {station_id}", role=role
        )
        if settings is not None:
            chosen = settings(chosen)
        store = cls(chosen, policy or ShopPolicy(), overdue_minutes, clock or ServerClock())
        if not wait:
            store._commands.admission = store._reading.admission = partial(migrations.check_database, chosen)
            return store
        await migrations.check_database(chosen)
        try:
            await store._commands.prepare()
            await store.clock.measure(partial(server_time, store._commands))
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """End subscriptions and background work, and close the connections."""
        tasks = [task for task in (self._sweeper, *self._background) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._feed.close()
        await self._commands.close()
        await self._reading.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_connected(self) -> bool:
        """Whether the commands' connection stands, as far as its last use could tell."""
        return self._commands.is_connected

    @property
    def policy(self) -> ShopPolicy:
        """What the shop decided: by this everything is decided that is asked for here."""
        return self._policy

    # -- commands ------------------------------------------------------------------------

    async def run(
        self,
        request: Request,
        *,
        command_id: UUID | None = None,
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
    ) -> Answer:
        """Carry out a command or a scan: Accepted, a Rejection, or a Reading that changed nothing.

        Delivered again with its ``command_id`` it gives the first answer, so after
        StoreUnavailable with ``outcome_unknown`` simply deliver it again. What follows by
        itself (the job is completed) is done after the answer, in the background.
        """
        ids = Delivery(
            command_id=command_id or new_command_id(), correlation_id=correlation_id, causation_id=causation_id
        )
        answer = await self._deliver(request, ids)
        if isinstance(answer, Accepted) and any(SetPacked in map(type, append.events) for append in answer.appends):
            self._in_background(self._automations.after(answer.events, ids.command_id, request.at))
        return answer

    async def _deliver(self, request: Request, ids: Delivery) -> Answer:
        answer = await self._runner.run(request, ids)
        if isinstance(answer, Accepted):
            self._feed.announce([(append.stream, append.new_version) for append in answer.appends])
        elif isinstance(answer, Refusal) and (station := who(request)[0]) is not None:
            # Another process of the same station is to show the stop that this may be, at once.
            self._feed.announce([(StreamKey(AggregateType.STATION, station), REFUSED)])
        return answer

    async def stored_answer(self, command_id: UUID) -> Answer | None:
        """Return the answer that a command id got, None where it never arrived."""
        return await self._runner.stored_answer(command_id)

    def _in_background(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(_unless_away(work), name="store-automation")
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- automations ----------------------------------------------------------------------

    async def sweep(self, now: datetime | None = None) -> tuple[Event, ...]:
        """Complete jobs, fulfil orders and flag sets wherever that is due; return the facts made."""
        return await self._automations.sweep(now)

    def start_automations(self) -> None:
        """Keep sweeping in the background until the store is closed."""
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._automations.keep_sweeping(), name="store-sweep")

    # -- changes -----------------------------------------------------------------------------

    def changes(self, interval: float = 0.1) -> ChangeSubscription:
        """Begin to collect changes, everybody's, and iterate over them in batches at most every ``interval`` seconds.

        The first batch asks for a full refresh, as does one after a lost connection; while
        the database cannot be reached a batch says so.
        """
        return self._feed.subscribe(interval)

    # -- units ---------------------------------------------------------------------------------

    async def card(self, card_unit_id: str) -> CardUnitRow | None:
        """Return a card."""
        return await units.CARD.one(self._reading, card_unit_id)

    async def cards(self, card_unit_ids: Sequence[str]) -> tuple[CardUnitRow, ...]:
        """Return these cards, those that exist, by id."""
        return await units.CARDS_NAMED.all(self._reading, list(card_unit_ids))

    async def cards_of(self, parent: str) -> tuple[CardUnitRow, ...]:
        """Return the cards of a sheet or of a job, by position; replacements follow what they replace."""
        return await units.CARDS_BELOW.all(self._reading, parent)

    async def cards_in(self, status: CardUnitStatus, limit: int = 100) -> tuple[CardUnitRow, ...]:
        """Return the cards of running jobs in one state, longest first (failed cards for the lead)."""
        return await units.CARDS_IN_STATUS.all(self._reading, status.value, limit)

    async def sheet(self, sheet_id: str) -> SheetRow | None:
        """Return a sheet."""
        return await units.SHEET.one(self._reading, sheet_id)

    async def sheets_of(self, job_id: str) -> tuple[SheetRow, ...]:
        """Return the sheets of a job."""
        return await units.SHEETS_BELOW.all(self._reading, job_id)

    async def assembly(self, assembly_id: str) -> AssemblyRow | None:
        """Return a set."""
        return await units.ASSEMBLY.one(self._reading, assembly_id)

    async def assemblies_of(self, job_id: str) -> tuple[AssemblyRow, ...]:
        """Return the sets of a job."""
        return await units.ASSEMBLIES_BELOW.all(self._reading, job_id)

    async def pack(self, pack_id: str) -> PackRow | None:
        """Return a container."""
        return await orders.PACK.one(self._reading, pack_id)

    async def packs_of(self, job_id: str) -> tuple[PackRow, ...]:
        """Return the boxes of a job."""
        return await orders.PACKS_OF_JOB.all(self._reading, job_id)

    async def find(self, unit_id: str) -> Row | None:
        """Return the row of whatever an id names, in any case; None for what does not exist or is no id."""
        for key in streams_named(unit_id):
            row = await find_row(self._reading, key)
            if row is not None:
                return row
        return None

    # -- orders, jobs --------------------------------------------------------------------------

    async def job(self, job_id: str) -> JobRow | None:
        """Return a job."""
        return await orders.JOB.one(self._reading, job_id)

    async def jobs(self, *, on_the_floor: bool = False) -> tuple[JobRow, ...]:
        """Return all jobs, or those started or on hold, most urgent first."""
        return await (orders.JOBS_ON_THE_FLOOR if on_the_floor else orders.JOBS).all(self._reading)

    async def jobs_of(self, order_id: str) -> tuple[JobRow, ...]:
        """Return the jobs of an order."""
        return await orders.JOBS_OF_ORDER.all(self._reading, order_id)

    async def order(self, order_id: str) -> OrderRow | None:
        """Return an order."""
        return await orders.ORDER.one(self._reading, order_id)

    async def orders(self, *, only_open: bool = False) -> tuple[OrderRow, ...]:
        """Return all orders, or those neither fulfilled nor cancelled, by promise date."""
        return await orders.ORDERS.all(self._reading, only_open)

    async def job_progress(self, job_id: str) -> JobProgressRow | None:
        """Count where a job's sheets, cards and sets are."""
        return await job_progress.PROGRESS_OF_JOB.one(self._reading, job_id)

    async def jobs_progress(self, job_ids: Sequence[str]) -> tuple[JobProgressRow, ...]:
        """Count where the sheets, cards and sets of these jobs are."""
        return await job_progress.PROGRESS_OF_JOBS.all(self._reading, list(job_ids))

    async def stages(self, job_ids: Sequence[str]) -> tuple[StageCount, ...]:
        """Count the units of these jobs by state, station, work in hand and work they wait for."""
        return await job_progress.STAGES.all(self._reading, list(job_ids))

    async def first_pass(self, job_ids: Sequence[str]) -> FirstPass:
        """Count how many cards of these jobs were inspected and passed at once."""
        return await quality.FIRST_PASS.one(self._reading, list(job_ids)) or FirstPass(inspected=0, passed_first=0)

    # -- stations, people, products --------------------------------------------------------------

    async def station(self, station_id: str) -> StationRow | None:
        """Return a station."""
        return await catalogue.STATION.one(self._reading, station_id)

    async def stations(self) -> tuple[StationRow, ...]:
        """Return every station."""
        return await catalogue.STATIONS.all(self._reading)

    async def operator(self, operator_id: str) -> OperatorRow | None:
        """Return a person."""
        return await catalogue.OPERATOR.one(self._reading, operator_id)

    async def operators(self) -> tuple[OperatorRow, ...]:
        """Return every person."""
        return await catalogue.OPERATORS.all(self._reading)

    async def pin_lock(self, operator_id: OperatorId) -> PinLocked | None:
        """Return why no PIN of a person is taken now, None where one is."""
        return await pin_lock(self._reading, operator_id, self._policy)

    async def specs(self) -> tuple[SpecRow, ...]:
        """Return every product in its newest version, without its route."""
        return await catalogue.SPECS.all(self._reading)

    async def product_spec(self, spec_code: str) -> ProductSpec | None:
        """Return a product's newest version whole, with its route."""
        key = StreamKey(AggregateType.PRODUCT_SPEC, spec_code)
        return Loaded(await self._streams.read([key])).spec(SpecCode(spec_code))

    async def job_spec(self, job_id: str) -> ProductSpec | None:
        """Return the product as it was when the job was made."""
        key = StreamKey(AggregateType.JOB, job_id)
        for event in (await self._streams.read([key]))[key].events:
            if isinstance(event, JobCreated):
                return event.spec
        return None

    async def station_queue(self, station: StationDefinition, limit: int = 50) -> StationQueue:
        """Return what is at a station and what is ready for it, most urgent first."""
        return await station_queues.station_queue(self._reading, station, limit)

    async def station_loads(self) -> tuple[StationLoad, ...]:
        """Count what every station has and could have."""
        return await station_queues.STATION_LOADS.all(self._reading)

    # -- what was scanned, who is there ------------------------------------------------------------

    async def last_scans(self, station_id: str, limit: int = 20) -> tuple[ScanRecord, ...]:
        """Return a station's last requests, newest first, accepted and refused alike."""
        return await scan_log.last_scans(self._reading, station_id, limit)

    async def refused_scans(self, station_id: str | None = None, limit: int = 100) -> tuple[ScanRecord, ...]:
        """Return what was refused, newest first, at one station or anywhere."""
        return await scan_log.refused_scans(self._reading, station_id, limit)

    async def hourly_rates(self, station_ids: Sequence[str], since: datetime) -> tuple[HourlyRate, ...]:
        """Return the units of work done per station and hour; hours without any are left out."""
        return await scan_log.hourly_rates(self._reading, list(station_ids), since)

    async def last_asked(self, station_ids: Sequence[str]) -> dict[str, datetime]:
        """Return when each of these stations last asked for anything; those that never did are left out."""
        rows = await scan_log.LAST_ASKED.all(self._reading, list(station_ids))
        return {row.station_id: row.asked_at for row in rows}

    async def ask_the_time(self) -> None:
        """Let `clock` hear the server now."""
        await self.clock.measure(partial(server_time, self._reading))

    async def in_time(self, request: Request, made: ClockReading) -> Request:
        """Return a request that was ``made`` then by `clock` as it is by the database's time.

        A store that was opened without the database has not heard of that, and asks first: the machine's own clock
        may be years off.
        """
        if not self.clock.is_heard:
            await self.ask_the_time()
        wrong_by = self.clock.wrong_by(made)
        return replace(request, at=request.at + wrong_by) if wrong_by else request

    async def beat(self, presence: Presence) -> None:
        """Say that this kiosk process lives, and what it does; the answer keeps `clock` right."""
        await self.clock.measure(partial(beat, self._reading, presence))

    async def leave(self, station_id: str, process: str) -> None:
        """Say that this kiosk process ends."""
        await leave(self._reading, station_id, process)

    async def standing_stops(self, station_id: str, kinds: Collection[str]) -> tuple[StandingStop, ...]:
        """Return what was refused at a station with one of these kinds of rejection and not cleared, oldest first."""
        return await stops.standing_stops(self._reading, station_id, kinds)

    async def refused_held_scans(self, station_id: str, limit: int = 20) -> tuple[RefusedHeldScan, ...]:
        """Return what a station held, was refused on delivery and nobody has dealt with, newest first."""
        return await held_scans.OPEN_AT_STATION.all(self._reading, station_id, limit)

    async def all_refused_held_scans(self, limit: int = 1_000) -> tuple[RefusedHeldScan, ...]:
        """Return the same of all stations, of each at most so many."""
        return await held_scans.OPEN_ANYWHERE.all(self._reading, limit)

    async def stations_with_refused_held_scans(self) -> tuple[RefusedHeldScan, ...]:
        """Return the newest of these of every station that has any; each counts its station's."""
        return await held_scans.NEWEST_BY_STATION.all(self._reading)

    async def sets_with_refused_cards(self, assembly_ids: Sequence[str]) -> tuple[RefusedCardsInSet, ...]:
        """Return of these sets why those are not packed in whose trays refused cards may lie."""
        return await held_scans.held_up(self._reading, self._streams, assembly_ids)

    async def open_tray(self, station_id: str) -> AssemblyRow | None:
        """Return the set whose tray was last filled or its label read at a station, neither parked nor packed since."""
        return await units.OPEN_TRAY.one(self._reading, station_id)

    async def open_pack(self, station_id: str) -> PackRow | None:
        """Return the container that was last opened or filled at a station and is still open."""
        return await orders.OPEN_PACK.one(self._reading, station_id)

    async def presences(self, max_silent_seconds: float = REMEMBERED_SECONDS) -> tuple[PresenceRow, ...]:
        """Return the kiosk processes heard of lately: one that is cut off may work, and keep scans, all day."""
        return await PRESENCES.all(self._reading, max_silent_seconds)

    # -- history -------------------------------------------------------------------------------------

    async def history(
        self, unit_id: str, *, at: datetime | None = None, as_of: datetime | None = None
    ) -> UnitHistory | None:
        """Return a unit's life: what had happened by ``at``, what was known by ``as_of``; None for no such unit."""
        for key in streams_named(unit_id):
            found = await history_of(self._reading, key, at=at, as_of=as_of)
            if found.events:
                return found
        return None

    # -- maintenance -----------------------------------------------------------------------------------

    async def status(self) -> StoreStatus:
        """Return what the database is, how much it holds and how far readers in commit order can see."""
        return await maintenance.status(self._settings)

    async def verify(self) -> Verification:
        """Compare every row with the fold of its stream, and every event with its chain and its command."""
        return await maintenance.verify(self._settings)

    async def head(self) -> LogHead:
        """Return the head of the log, to be signed and kept elsewhere; needs a role that owns the tables."""
        return await take_head(self._settings)

    async def compare_with_head(self, head: LogHead) -> HeadMismatch | None:
        """Return the first events that are not those of a head taken before, None where all are."""
        return await compare_with_head(self._settings, head)

    async def rebuild(self, processes: int = 1) -> Rebuilt:
        """Fold the whole log into new tables beside the old ones while the line runs, and swap them in.

        Needs a role that owns the tables: open the store with ``role=None`` as their owner. Two
        ``processes`` share the work by ranges of ids; worth it from some hundred thousand events on.
        """
        return await rebuild(self._settings, processes)


async def _unless_away(work: Coroutine[None, None, object]) -> None:
    # A sweep finds again whatever a lost connection kept from happening.
    with contextlib.suppress(errors.StoreError):
        await work
