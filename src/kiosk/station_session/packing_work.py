"""PACKING: the box that is being filled, how far its job is, and the sets it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from core.domain.commands import SealPack
from core.domain.events import Event, PackNested, PackOpened, PackSealed, SetPacked
from core.domain.readings import ControlRead, ControlVerb, PackRead, Reading
from core.domain.rejections import NoPackOpen, RefusedCardsInSet, Rejection
from core.domain.values import AssemblyStatus, PackKind, PackStatus
from core.identity.ids import AssemblyId, JobId, PackId, job_of_assembly, job_of_pack, next_box_id
from core.production.packing import kind_of
from core.projections import AssemblyRow, JobRow, PackRow
from kiosk.printable import shown
from kiosk.snapshots.frame import NextScanView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictView
from kiosk.snapshots.work import PackingView
from kiosk.station_session.box_views import box_line, is_open_at, progress_view, to_pack_view
from kiosk.station_session.containers import CHILD, TAKES, closed
from kiosk.station_session.queues import QUEUE_LIMIT, queue_view
from kiosk.station_session.work import Open, Work
from kiosk.wording.events import Accepted
from kiosk.wording.rejections import spoken
from kiosk.wording.spoken import listed
from store.errors import StoreUnavailable
from store.read_models.job_progress import JobProgressRow
from store.read_models.station_queues import QueueEntry, StationQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asks:
    """What is to be done next: what the band says of it, and the code that does it, where there is one."""

    big: str
    words: str
    instruction: str
    code: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Meanwhile:
    """What was done here since the boxes and sets were read: what they are is not in any reading yet."""

    opened: frozenset[PackId] = frozenset()
    sealed: frozenset[PackId] = frozenset()
    packed: frozenset[AssemblyId] = frozenset()

    def since(self, before: "_Meanwhile") -> "_Meanwhile":
        """Return what was done since."""
        return _Meanwhile(self.opened - before.opened, self.sealed - before.sealed, self.packed - before.packed)

    def with_sealed(self, packs: Sequence[PackRow]) -> tuple[PackRow, ...]:
        """Return the containers as they are with what was closed."""
        return tuple(replace(each, status=PackStatus.SEALED) if each.pack_id in self.sealed else each for each in packs)

    def with_packed(self, sets: Sequence[AssemblyRow]) -> tuple[AssemblyRow, ...]:
        """Return the sets as they are with what was packed."""
        # By their names, so that one that was read as packed already is not counted twice.
        return tuple(
            replace(each, status=AssemblyStatus.PACKED) if each.assembly_id in self.packed else each for each in sets
        )


class PackingWork(Work):
    """One packing station."""

    _pack: PackId | None = None
    _job_id: JobId | None = None
    _job: JobRow | None = None
    _progress: JobProgressRow | None = None
    _packs: tuple[PackRow, ...] = ()
    _packs_of: JobId | None = None
    _filling: PackRow | None = None
    _other_box: PackId | None = None
    _sealed_last: PackId | None = None
    _sets: tuple[AssemblyRow, ...] = ()
    _meanwhile = _Meanwhile()
    _queue: StationQueue | None = None
    _unboxed: NoPackOpen | None = None
    _held_up: Mapping[str, RefusedCardsInSet] = MappingProxyType({})

    def open(self) -> Open:
        """Return the container that is being filled."""
        return Open(pack=self._pack)

    def unit_in_hand(self) -> str | None:
        """Return the container that is being filled."""
        return self._pack

    async def resume(self) -> None:
        """Fill the container again that was filled here last and is still open."""
        pack = await self.around.store.open_pack(self.around.station.station_id)
        if pack is not None:
            self._fill(pack.pack_id)

    # -- what happens ----------------------------------------------------------

    def accepted(self, events: Sequence[Event]) -> None:
        """Follow the container."""
        self._unboxed = None
        done = self._meanwhile
        for event in events:
            match event:
                case PackOpened():
                    done = replace(done, opened=done.opened | {event.pack_id})
                    self._fill(event.pack_id)
                case PackSealed():
                    done = replace(done, sealed=done.sealed | {event.pack_id})
                    self._sealed_last = event.pack_id
                    self._pack = None if event.pack_id == self._pack else self._pack
                case SetPacked():
                    done = replace(done, packed=done.packed | {event.assembly_id})
                    self._job_id = event.job_id
                case PackNested():
                    self._sealed_last = None if event.pack_id == self._sealed_last else self._sealed_last
                    self._fill(event.into)
                case _:
                    pass
        self._meanwhile = done
        self._packs, self._sets = done.with_sealed(self._packs), done.with_packed(self._sets)
        self.desk.wake()

    def as_known(self, refusal: Rejection) -> Rejection:
        """Name the box to scan where a set came without one."""
        self._unboxed = None
        if not isinstance(refusal, NoPackOpen) or refusal.assembly_id is None:
            return refusal
        # The set in hand says which job is packed now.
        self._job_id = job_of_assembly(refusal.assembly_id)
        if self._packs_of != self._job_id:
            # Its boxes are read next, and named then.
            self._unboxed = refusal
            self.desk.wake()
        return self._with_box(refusal)

    def _with_box(self, refusal: NoPackOpen) -> NoPackOpen:
        box, is_open = self._box_to_scan()
        return replace(refusal, box=box, is_open=is_open)

    def _box_to_scan(self) -> tuple[PackId | None, bool]:
        """Return the box of the open job to be filled, and whether it is open already; None where it was not read."""
        if self._job_id is None or self._packs_of != self._job_id:
            return None, False
        for pack in self._packs:
            if self._is_open_here(pack):
                return pack.pack_id, True
        return next_box_id(self._job_id, {*(pack.pack_id for pack in self._packs), *self._meanwhile.opened}), False

    def _is_open_here(self, pack: PackRow) -> bool:
        return is_open_at(pack, self.around.station.station_id)

    def _left_open(self) -> PackId | None:
        """Return a box that is not being filled and was left open here, though its job has no set left for it."""
        if self._packs_of != self._job_id or not self._nothing_is_missing():
            return None
        left = (pack.pack_id for pack in self._packs if pack.sets and self._is_open_here(pack))
        return next((pack for pack in left if pack != self._pack), None)

    def _scan_box(self) -> str:
        """Say which box to scan, as far as it is known."""
        box, is_open = self._box_to_scan()
        if box is None:
            return "scan a box"
        return f"scan {box}, which is open" if is_open else f"scan the next label, {box}"

    def _fill(self, pack: PackId) -> None:
        self._pack = pack
        self._job_id = job_of_pack(pack) or self._job_id

    async def _lies_in(self, pack: PackId) -> PackId | None:
        """Return the container that a closed one stands in; None also where the database does not say now."""
        try:
            row = await self.desk.look_up(lambda: self.around.store.pack(pack))
        except StoreUnavailable:
            return None
        return None if row is None else row.inside

    async def read(self, reading: Reading) -> bool:
        """Fill the container whose label was scanned, if it is open."""
        if not isinstance(reading, PackRead):
            return False
        # Whoever scanned a box has one: it is not to be told any more.
        self._unboxed = None
        if reading.status is not PackStatus.OPEN:
            self.desk.attention(
                str(reading.status), closed(reading.pack_id, reading.status, await self._lies_in(reading.pack_id))
            )
            return True
        self._fill(reading.pack_id)
        kind = kind_of(reading.pack_id)
        left_open = self._packs_of == self._job_id and self._nothing_is_missing() and kind is PackKind.BOX
        self.desk.say(
            Accepted(big=kind.upper(), words=f"{reading.pack_id} IS OPEN", short="open"),
            "F5 closes it" if left_open else f"scan the {TAKES[kind]} that go into it",
        )
        self.desk.wake()
        return True

    async def control(self, control: ControlRead) -> bool:
        """Seal the container by wall card."""
        if control.verb is not ControlVerb.SEAL:
            return False
        await self._seal()
        return True

    async def pressed(self, intent: Intent) -> None:
        """Seal the container."""
        if intent is Intent.CLOSE_BOX:
            await self._seal()

    async def _seal(self) -> None:
        if self._pack is None:
            self.desk.attention("NO BOX OPEN", f"Nothing to close. Now {self._scan_box()}.")
            return
        await self.desk.do(
            SealPack(
                at=self.desk.now(),
                operator_id=self.desk.operator_id,
                station_id=self.around.station.station_id,
                pack_id=self._pack,
            ),
            name=self._pack,
        )

    # -- what is shown ---------------------------------------------------------

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read the job, its containers and the sets it lacks again."""
        del changed
        store = self.around.store
        queue = await store.station_queue(self.around.station, QUEUE_LIMIT)
        held_up = await store.sets_with_refused_cards([entry.unit_id for entry in queue.ready])
        # Together: a set that is held up is at no moment shown as one that may be packed.
        self._queue, self._held_up = queue, {each.assembly_id: each for each in held_up}
        ready = queue.ready
        is_asked_for = self._unboxed is not None
        could_be_packed = self._free(ready) or ready
        is_over = all(entry.job_id != self._job_id for entry in could_be_packed) and self._left_open() is None
        if self._pack is None and not is_asked_for and is_over:
            # What is packed next says which job this is about; one that is packed needs no further box.
            self._job_id = JobId(could_be_packed[0].job_id) if could_be_packed else self._job_id
        job = self._job_id
        if job is None:
            return
        before = self._meanwhile
        read = await store.job(job), await store.job_progress(job)
        packs, (filling, other_box) = await store.packs_of(job), await self._read_containers(self._pack, job)
        sets = await store.assemblies_of(job)
        # All at once, and with what was done while it was read: a scan in between counts neither less nor nothing.
        self._job, self._progress = read
        self._filling, self._other_box, self._packs_of = filling, other_box, job
        self._packs, self._sets = self._meanwhile.with_sealed(packs), self._meanwhile.with_packed(sets)
        # What was done before it was asked for is in what was read; until then nothing else knew of it.
        self._meanwhile = self._meanwhile.since(before)
        if self._unboxed is not None and job == self._job_id:
            # A set that came while another job was read waits for the next reading, which its scan asked for.
            unboxed, self._unboxed = self._unboxed, None
            said = spoken(self._with_box(unboxed), self.around.words)
            self.desk.amend(said.big, said.cure)

    async def _read_containers(self, pack: PackId | None, job: JobId) -> tuple[PackRow | None, PackId | None]:
        """Return the container that is being filled, and which box the next set needs where it is of another job."""
        store, own = self.around.store, None if pack is None else job_of_pack(pack)
        filling = None if pack is None or own is not None else await store.pack(pack)
        free = () if self._queue is None else self._free(self._queue.ready)
        other = None if own is None or any(entry.job_id == own for entry in free) or not free else free[0].job_id
        if other is None or other == job:
            return filling, None
        boxes = await store.packs_of(other)
        opened = (box.pack_id for box in boxes if self._is_open_here(box))
        return filling, next(opened, None) or next_box_id(JobId(other), (box.pack_id for box in boxes))

    def _free(self, ready: Sequence[QueueEntry]) -> list[QueueEntry]:
        """Return the sets that may be packed now: no manager is waited for, and no refused card may lie in the tray."""
        return [entry for entry in ready if not entry.needs_authorization and entry.unit_id not in self._held_up]

    def view(self, now: datetime) -> PackingView:
        """Return the job's progress, its boxes, the sets that are missing, and the queue."""
        words = self.around.words
        left, here = self._left_open(), self.around.station.station_id
        return PackingView(
            progress=progress_view(self._job, self._progress, now, words),
            boxes=tuple(box_line(pack, filling=self._pack, left_open=left, here=here) for pack in self._packs),
            missing=to_pack_view(self._sets, self._held_up, self._progress),
            queue=queue_view(
                self._queue,
                now,
                words,
                unit="sets",
                held_up={unit: f"F7 at {listed(each.at_stations, most=1)}" for unit, each in self._held_up.items()},
            ),
        )

    def ready(self) -> VerdictView:
        """Return the imperative with how many sets of the job are packed."""
        grey = self._imperative(super().ready())
        progress = self._progress
        if progress is None:
            return grey
        total = progress.sheets - progress.sheets_voided
        return replace(grey, counter=f"{progress.sets_packed}/{total}", counter_caption="sets packed")

    def _imperative(self, grey: VerdictView) -> VerdictView:
        """Say what to do now."""
        asks = self._asks()
        return replace(grey, big=asks.big, words=asks.words, instruction=asks.instruction)

    def next_scan(self) -> NextScanView | None:
        """Return the code that does what the band asks for, with why; None where it asks for none."""
        asks = self._asks()
        return NextScanView(code=asks.code, why=asks.why) if asks.code else None

    def _asks(self) -> _Asks:
        """Say what is to be done now: close the box, wait, or scan a container or a set."""
        pack, queue = self._pack, self._queue
        if pack is not None and job_of_pack(pack) is None:
            return self._asks_for_what_nests(pack)
        if pack is not None and self._is_full_of_its_job(pack):
            close = f"every set of {self._job_id} is packed: F5 closes {pack}"
            return _Asks(big="CLOSE", words="CLOSE THE BOX", instruction=close, code="CMD-SEAL", why=f"closes {pack}")
        left_open = self._left_open() if pack is None else None
        if left_open is not None:
            return _Asks(
                big="CLOSE",
                words=f"{left_open} IS STILL OPEN",
                instruction="scan it and press F5: its job is packed",
                code=left_open,
                why="still open: scan it, then F5 closes it",
            )
        if queue is not None and not queue.ready:
            nothing = "a set can be packed once it is complete" if pack is None else f"{pack} may be closed"
            return _Asks(big="WAIT", words="NOTHING TO PACK YET", instruction=nothing)
        ready = () if queue is None else queue.ready
        free = self._free(ready)
        is_all = queue is not None and queue.ready_total == len(ready)
        if is_all and not free:
            return _Asks(big="WAIT", words="NO SET TO PACK YET", instruction=self._what_is_waited_for(ready))
        return self._asks_for_a_box(free) if pack is None else self._asks_for_a_set(pack, free, is_all=is_all)

    def _asks_for_what_nests(self, pack: PackId) -> _Asks:
        """Say of an open case or pallet what goes into it: what was closed here last, or a box of the shown job."""
        kind, child = kind_of(pack), CHILD[kind_of(pack)]
        fitting = [
            each.pack_id
            for each in self._packs
            if each.status is PackStatus.SEALED and each.inside is None and each.kind is child
        ]
        if self._sealed_last is not None and kind_of(self._sealed_last) is child:
            fitting.insert(0, self._sealed_last)
        nested = self._filling is not None and self._filling.pack_id == pack and self._filling.nested
        code = next(iter(fitting), "CMD-SEAL" if nested else "")
        return _Asks(
            big="SCAN",
            words=f"SCAN A CLOSED {child.upper()}",
            instruction=f"it goes into {pack}; F5 closes the {kind}" if nested else f"it goes into {pack}",
            code=code,
            why=f"closes {pack}" if code == "CMD-SEAL" else f"goes into {pack}",
        )

    def _asks_for_a_set(self, pack: PackId, free: Sequence[QueueEntry], *, is_all: bool) -> _Asks:
        own = job_of_pack(pack)
        mine = next((entry for entry in free if entry.job_id == own), None)
        if mine is None and is_all:
            job = free[0].job_id
            sets = _sets_are(sum(entry.job_id == job for entry in free), "is", "are")
            box = self._other_box if self._other_box is not None and job_of_pack(self._other_box) == job else None
            return _Asks(
                big="BOX",
                words=f"NO SET FOR {pack}",
                instruction=f"{sets} ready of {job}: scan {box or f'a box of {job}'}",
                code=box or "",
                why=f"a box for {free[0].unit_id}",
            )
        return _Asks(
            big=self.presentation.ready_big,
            words="SCAN A SET",
            instruction=f"it goes into {pack}",
            code="" if mine is None else mine.unit_id,
            why=f"goes into {pack}",
        )

    def _asks_for_a_box(self, free: Sequence[QueueEntry]) -> _Asks:
        box, is_open = self._box_to_scan()
        named = "" if box is None else f"{box}, which is open, " if is_open else f"the next label, {box}, "
        first = next((entry.unit_id for entry in free if entry.job_id == self._job_id), None)
        return _Asks(
            big="BOX",
            words="SCAN A BOX",
            instruction=f"{named}then the sets that go into it",
            code=box or "",
            why=f"a box for {first}" if first else "a box for its sets",
        )

    def _what_is_waited_for(self, ready: Sequence[QueueEntry]) -> str:
        """Say what must be done before any of the complete sets is packed: the refused cards first."""
        if self._held_up:
            where = listed(sorted({at for each in self._held_up.values() for at in each.at_stations}), most=2)
            sets = _sets_are(len(self._held_up), "may hold", "may hold")
            return f"{sets} a refused card: settle it with F7 at {where}"
        jobs = listed(dict.fromkeys(entry.job_id for entry in ready), most=2)
        return f"{_sets_are(len(ready), 'waits', 'wait')} for a manager at {self.around.words.place_of_sets()}: {jobs}"

    def _is_full_of_its_job(self, pack: PackId) -> bool:
        """Say whether the open box holds the last of its job, so that nothing more goes into it."""
        progress = self._progress
        if progress is None or job_of_pack(pack) != progress.job_id:
            return False
        total = progress.sheets - progress.sheets_voided
        return progress.sets_packed == total and any(row.pack_id == pack and row.sets for row in self._packs)

    def how_far(self, events: Sequence[Event]) -> tuple[str, str]:
        """Return how many sets of the job are packed with the one just packed, where its sets were read."""
        progress = self._progress
        if not any(isinstance(event, SetPacked) for event in events) or progress is None:
            return "", ""
        if progress.job_id != self._job_id or self._packs_of != self._job_id:
            return "", ""
        packed = sum(each.status is AssemblyStatus.PACKED for each in self._sets)
        return f"{packed}/{progress.sheets - progress.sheets_voided}", "sets packed"

    def instruction(self) -> str:
        """Return what to do after an accepted scan."""
        if self._pack is None:
            left_open = self._left_open()
            if left_open is not None:
                return f"{left_open} is still open: scan it and press F5"
            is_packed = all(each.status is AssemblyStatus.PACKED for each in self._sets)
            return "scan the next box" if is_packed else self._scan_box()
        kind = kind_of(self._pack)
        if kind is not PackKind.BOX:
            return f"scan its next {CHILD[kind]}; F5 closes it"
        if self._packs_of == self._job_id and self._nothing_is_missing():
            return f"put it into {self._pack}; F5 closes it"
        return f"put it into {self._pack}, scan the next set"

    def _nothing_is_missing(self) -> bool:
        """Say whether every set of the job is packed, those of its uncut sheets too."""
        uncut = 0 if self._progress is None else self._progress.sheets_waiting
        return bool(self._sets) and not uncut and all(each.status is AssemblyStatus.PACKED for each in self._sets)

    def job_line(self) -> str:
        """Return the open job."""
        return "" if self._job_id is None else f"JOB {self._job_id}"

    def details(self) -> tuple[str, ...]:
        """Return product and container."""
        if self._job is None:
            return ()
        product = shown(self._job.product_name, 30)
        return (product,) if self._pack is None else (product, self._pack)


def _sets_are(number: int, one: str, more: str) -> str:
    return f"1 set {one}" if number == 1 else f"{number} sets {more}"
