"""LEAD: the whole floor, and down to the life of one card.

Useful with nobody logged on; deciding (rework, remake, taking a call) needs a
lead's badge, which the core asks for.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from core.domain.commands import AnswerHelp, CreateReplacement, SendToRework, VoidCardUnit
from core.domain.readings import Reading, UnitFound
from core.domain.values import CardUnitStatus, OperationType, ProductSpec, UnitKind, VoidReason
from core.identity.ids import (
    CardUnitId,
    JobId,
    OperationCode,
    SheetId,
    StationId,
    card_unit_id,
    job_of_sheet,
    parse_assembly_id,
    parse_card_unit_id,
    parse_job_id,
    parse_sheet_id,
    position_of,
    sheet_of,
    sheet_of_assembly,
)
from core.production.routes import steps_for
from core.production.scan import plain
from core.projections import CardUnitRow, JobRow, SheetRow
from kiosk.printable import shown
from kiosk.roles.lead import CARD_FOOTER, FLOOR_FOOTER, JOB_FOOTER, SHEET_FOOTER
from kiosk.snapshots import (
    ChoiceView,
    FooterView,
    Intent,
    LeadSection,
    QuestionView,
    VerdictState,
    VerdictView,
    WorkView,
)
from kiosk.station_session.floor_view import (
    HISTORY_HOURS,
    Floor,
    floor_view,
    shown_jobs,
    working,
)
from kiosk.station_session.unit_views import (
    card_view,
    job_view,
    newest_by_position,
    sheet_view,
)
from kiosk.station_session.work import Work
from store.event_log import RecordedEvent
from store.read_models.job_progress import StageCount
from store.read_models.quality import FirstPass


@dataclass(frozen=True, slots=True)
class OnFloor:
    """The lead looks at the whole floor."""


@dataclass(frozen=True, slots=True)
class InJob:
    """The lead looks at a job; ``selected`` is a sheet's place in the list, from 0."""

    job_id: JobId
    selected: int = 0


@dataclass(frozen=True, slots=True)
class InSheet:
    """The lead looks at a sheet; ``position`` is the selected card's."""

    sheet_id: SheetId
    position: int = 1


@dataclass(frozen=True, slots=True)
class InCard:
    """The lead looks at a card."""

    card_id: CardUnitId


Place = OnFloor | InJob | InSheet | InCard


class LeadWork(Work):
    """The leads' screen."""

    is_public = True
    # The whole floor changes all the time; a wall screen is read, not watched flickering.
    refresh_seconds = 1.0

    _place: Place = OnFloor()
    _section = LeadSection.JOBS
    _selected = 0
    _at_risk_only = False
    _floor: Floor | None = None
    _job: JobRow | None = None
    _sheets: tuple[SheetRow, ...] = ()
    _sheet: SheetRow | None = None
    _cards: tuple[CardUnitRow, ...] = ()
    _stages: tuple[StageCount, ...] = ()
    _card: CardUnitRow | None = None
    _history: tuple[RecordedEvent, ...] = ()
    _spec: ProductSpec | None = None
    _asked = ""

    # -- reading ---------------------------------------------------------------

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read what is looked at again, and the floor always."""
        del changed
        await self._read_floor()
        await self._read_place()

    async def _read_floor(self) -> None:
        store, now = self.around.store, self.desk.now()
        stations = await store.stations()
        jobs = await store.jobs(on_the_floor=True)
        ids = [job.job_id for job in jobs]
        since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HISTORY_HOURS)
        rates = await store.hourly_rates([station.station_id for station in stations], since)
        progress = await store.jobs_progress(ids)
        self._floor = Floor(
            stations=stations,
            loads={load.station_id: load for load in await store.station_loads()},
            # Newest last wins: the rows come newest first for each station.
            presences={each.station_id: each for each in reversed(await store.presences())},
            rates={
                station.station_id: [r for r in rates if r.station_id == station.station_id] for station in stations
            },
            last_asked=await store.last_asked([station.station_id for station in stations]),
            jobs=jobs,
            progress={row.job_id: row for row in progress},
            stages=_by_job(await store.stages(ids)),
            first_pass=await store.first_pass(ids),
            people={person.operator_id: person for person in await store.operators()},
            failed=sum(row.cards_failed for row in progress),
        )

    async def _read_place(self) -> None:
        """Read the place that is looked at; what was read for a place that was left is dropped."""
        store, place = self.around.store, self._place
        match place:
            case OnFloor():
                return
            case InJob(job_id=job_id):
                job, sheets = await store.job(job_id), await store.sheets_of(job_id)
                cards, stages = await store.cards_of(job_id), await store.stages([job_id])
                if self._is_at(InJob, job_id):
                    self._job, self._sheets, self._cards, self._stages = job, sheets, cards, stages
            case InSheet(sheet_id=sheet_id):
                sheet, cards = await store.sheet(sheet_id), await store.cards_of(sheet_id)
                history = await self._events(sheet_id)
                if self._is_at(InSheet, sheet_id):
                    self._sheet, self._cards, self._history = sheet, cards, history
            case InCard(card_id=card_id):
                sheet_id = sheet_of(card_id)
                card, sheet = await store.card(card_id), await store.sheet(sheet_id)
                cards, job = await store.cards_of(sheet_id), await store.job(job_of_sheet(sheet_id))
                spec, history = await store.job_spec(job_of_sheet(sheet_id)), await self._events(card_id)
                if self._is_at(InCard, card_id):
                    self._card, self._sheet, self._cards, self._job = card, sheet, cards, job
                    self._spec, self._history = spec, history
            case other:
                assert_never(other)

    def _is_at(self, kind: type[Place], unit_id: str) -> bool:
        match self._place:
            case InJob(job_id=here) | InSheet(sheet_id=here) | InCard(card_id=here):
                return isinstance(self._place, kind) and here == unit_id
            case OnFloor():
                return False
            case other:
                assert_never(other)

    async def _events(self, unit_id: str) -> tuple[RecordedEvent, ...]:
        found = await self.around.store.history(unit_id)
        return () if found is None else found.events

    async def _go(self, place: Place) -> None:
        """Look at another place; what was asked about the one before is asked no longer."""
        self._place = place
        self._asked = ""
        self.desk.ask(None)
        await self._read_place()

    # -- finding ---------------------------------------------------------------

    async def read(self, reading: Reading) -> bool:
        """Show a unit whose label was scanned here."""
        if not isinstance(reading, UnitFound):
            return False
        await self.found(reading.unit_id)
        return True

    async def found(self, text: str) -> None:
        """Show what has this id; a set and its sheet are shown as one."""
        store, code = self.around.store, plain(text)
        if (card := parse_card_unit_id(code)) and await store.card(card):
            await self._go(InCard(card))
        elif (assembly := parse_assembly_id(code)) and await store.assembly(assembly):
            await self._go(InSheet(sheet_of_assembly(assembly)))
        elif (sheet := parse_sheet_id(code)) and await store.sheet(sheet):
            await self._go(InSheet(sheet))
        elif (job := parse_job_id(code)) and await store.job(job):
            await self._go(InJob(job))
        else:
            self.desk.attention("NOT FOUND", f'Nothing here is called "{shown(code, 40)}".')

    # -- keys ------------------------------------------------------------------

    async def pressed(self, intent: Intent) -> None:
        """Move, open, go back, decide."""
        match intent:
            case Intent.PREVIOUS:
                await self._move(-1)
            case Intent.NEXT:
                await self._move(1)
            case Intent.OPEN:
                await self._open()
            case Intent.BACK:
                await self._back()
            case Intent.STATIONS:
                stations = self._section is LeadSection.STATIONS
                self._section = LeadSection.JOBS if stations else LeadSection.STATIONS
                self._selected = 0
            case Intent.AT_RISK:
                self._at_risk_only = not self._at_risk_only
                self._section, self._selected = LeadSection.JOBS, 0
            case Intent.REWORK:
                self._ask_rework()
            case Intent.REMAKE:
                self._ask_remake()
            case _:
                pass

    async def _move(self, by: int) -> None:
        match self._place:
            case OnFloor():
                self._selected = _within(self._selected + by, self._rows_on_floor())
            case InJob(job_id=job_id, selected=selected):
                self._place = InJob(job_id, _within(selected + by, len(self._sheets)))
            case InSheet(sheet_id=sheet_id, position=position):
                n_up = self._sheet.n_up if self._sheet else 1
                self._place = InSheet(sheet_id, 1 + _within(position - 1 + by, n_up))
            case InCard(card_id=card_id):
                newest = newest_by_position(self._cards)
                n_up = self._sheet.n_up if self._sheet else 1
                position = 1 + _within(position_of(card_id) - 1 + by, n_up)
                card = newest.get(position)
                if card is not None:
                    await self._go(InCard(card.card_unit_id))
            case other:
                assert_never(other)

    def _rows_on_floor(self) -> int:
        floor = self._floor
        if floor is None:
            return 0
        if self._section is LeadSection.STATIONS:
            return len(working(floor))
        return len(shown_jobs(floor, self.desk.now(), at_risk_only=self._at_risk_only))

    async def _open(self) -> None:
        match self._place:
            case OnFloor():
                await self._open_from_floor()
            case InJob(selected=selected):
                if self._sheets:
                    sheet = self._sheets[_within(selected, len(self._sheets))]
                    await self._go(InSheet(sheet.sheet_id))
            case InSheet(sheet_id=sheet_id, position=position):
                card = newest_by_position(self._cards).get(position)
                if card is not None:
                    await self._go(InCard(card.card_unit_id))
                else:
                    made = card_unit_id(sheet_id, position)
                    self.desk.attention("NOT CUT YET", f"{made} is made when its sheet is cut.")
            case InCard():
                pass
            case other:
                assert_never(other)

    async def _open_from_floor(self) -> None:
        floor = self._floor
        if floor is None:
            return
        if self._section is LeadSection.STATIONS:
            await self._answer_call(floor)
            return
        jobs = shown_jobs(floor, self.desk.now(), at_risk_only=self._at_risk_only)
        if jobs:
            await self._go(InJob(jobs[_within(self._selected, len(jobs))].job_id))

    async def _answer_call(self, floor: Floor) -> None:
        stations = working(floor)
        if not stations:
            return
        station = stations[_within(self._selected, len(stations))]
        if station.help_since is None:
            self.desk.attention("NO CALL", f"{station.station_id} has not called a lead.")
            return
        await self.desk.do(
            AnswerHelp(
                at=self.desk.now(),
                operator_id=self.desk.operator_id,
                station_id=self.around.station.station_id,
                at_station=StationId(station.station_id),
            ),
            name=station.station_id,
        )

    async def _back(self) -> None:
        match self._place:
            case OnFloor():
                pass
            case InJob():
                self._place = OnFloor()
            case InSheet(sheet_id=sheet_id):
                await self._go(InJob(job_of_sheet(sheet_id)))
            case InCard(card_id=card_id):
                await self._go(InSheet(sheet_of(card_id), position_of(card_id)))
            case other:
                assert_never(other)

    # -- deciding --------------------------------------------------------------

    def _ask_rework(self) -> None:
        card, spec = self._card, self._spec
        if not isinstance(self._place, InCard) or card is None or spec is None:
            return
        if card.status is not CardUnitStatus.QA_FAILED:
            self.desk.attention("NOT ON HOLD", "Only a card that failed QA goes to rework.")
            return
        steps = [step for step in steps_for(spec.route, UnitKind.CARD) if step.work is not OperationType.GATE]
        self._asked = "rework"
        self.desk.ask(
            QuestionView(
                title=f"REWORK {card.card_unit_id}",
                lines=("Back to which operation? What comes after it is done again.",),
                choices=tuple(
                    ChoiceView(key=str(place), label=step.operation, value=step.operation)
                    for place, step in enumerate(steps[:9], start=1)
                ),
                serial=self.desk.next_serial(),
            )
        )

    def _ask_remake(self) -> None:
        card = self._card
        if not isinstance(self._place, InCard) or card is None:
            return
        if card.status is CardUnitStatus.PACKED or card.replaced_by is not None:
            self.desk.attention("TOO LATE", f"{card.card_unit_id} is packed or has a replacement.")
            return
        is_void = card.status is CardUnitStatus.VOIDED
        line = "Make its replacement now." if is_void else "It leaves production for good. Why?"
        choices = (
            (ChoiceView(key="Enter", label="Make it", value="make"),)
            if is_void
            else (
                ChoiceView(key="1", label="Lost", value=VoidReason.LOST),
                ChoiceView(key="2", label="Damaged", value=VoidReason.DAMAGED),
                ChoiceView(key="3", label="Failed QA", value=VoidReason.QA_FAILED),
                ChoiceView(key="4", label="Misprint", value=VoidReason.MISPRINT),
            )
        )
        self._asked = "remake"
        self.desk.ask(
            QuestionView(
                title=f"REMAKE {card.card_unit_id}",
                lines=(line,),
                choices=choices,
                serial=self.desk.next_serial(),
            )
        )

    async def answered(self, value: str) -> None:
        """Send the card to rework, or void it and make its replacement."""
        card, asked = self._card, self._asked
        self._asked = ""
        if not value or card is None:
            return
        at, who, where = self.desk.now(), self.desk.operator_id, self.around.station.station_id
        if asked == "rework":
            await self.desk.do(
                SendToRework(
                    at=at,
                    operator_id=who,
                    station_id=where,
                    card_unit_id=card.card_unit_id,
                    back_to=OperationCode(value),
                    reason="decided by a lead",
                ),
                name=card.card_unit_id,
            )
        elif asked == "remake":
            if value != "make" and not await self.desk.do(
                VoidCardUnit(
                    at=at,
                    operator_id=who,
                    station_id=where,
                    card_unit_id=card.card_unit_id,
                    reason=VoidReason(value),
                    note="",
                ),
                name=card.card_unit_id,
            ):
                return
            await self.desk.do(
                CreateReplacement(at=at, operator_id=who, station_id=where, card_unit_id=card.card_unit_id),
                name=card.card_unit_id,
            )
        self.desk.wake()

    # -- what is shown ---------------------------------------------------------

    def view(self, now: datetime) -> WorkView:
        """Return the place that the lead looks at; the floor where it is gone."""
        words, floor = self.around.words, self._floor
        people = _NOTHING.people if floor is None else floor.people
        match self._place:
            case InJob(selected=selected) if self._job is not None:
                return job_view(
                    self._job, self._sheets, self._cards, self._stages, now=now, words=words, selected=selected
                )
            case InSheet(position=position) if self._sheet is not None:
                return sheet_view(
                    self._sheet, self._cards, self._history, words=words, people=people, selected=position
                )
            case InCard() if self._card is not None:
                return card_view(
                    self._card, self._sheet, self._cards, self._history,
                    job=self._job, now=now, words=words, people=people,
                )  # fmt: skip
            case _:
                return floor_view(
                    floor or _NOTHING,
                    now,
                    words,
                    section=self._section,
                    selected=self._selected,
                    at_risk_only=self._at_risk_only,
                )

    def ready(self) -> VerdictView:
        """Return no imperative: the floor speaks for itself."""
        return VerdictView(state=VerdictState.READY)

    def footer(self) -> FooterView:
        """Return the keys of the place."""
        match self._place:
            case OnFloor():
                return FLOOR_FOOTER
            case InJob():
                return JOB_FOOTER
            case InSheet():
                return SHEET_FOOTER
            case InCard():
                return self._card_footer()
            case other:
                assert_never(other)

    def _card_footer(self) -> FooterView:
        """Return the keys of a card, those that its state allows."""
        card = self._card
        failed = card is not None and card.status is CardUnitStatus.QA_FAILED
        ended = card is None or card.status is CardUnitStatus.PACKED or card.replaced_by is not None
        allowed = {Intent.REWORK: failed, Intent.REMAKE: not ended}
        return FooterView(keys=tuple(replace(key, enabled=allowed.get(key.intent, True)) for key in CARD_FOOTER.keys))

    def job_line(self) -> str:
        """Return where the lead looks."""
        match self._place:
            case OnFloor():
                return "FLOOR"
            case InJob(job_id=job_id):
                return f"JOB {job_id}"
            case InSheet(sheet_id=sheet_id):
                return f"SHEET {sheet_id}"
            case InCard(card_id=card_id):
                return f"CARD {card_id}"
            case other:
                assert_never(other)

    def details(self) -> tuple[str, ...]:
        """Return how large the floor is."""
        if not isinstance(self._place, OnFloor) or self._floor is None:
            return ()
        return (f"{len(working(self._floor))} stations",)

    def typing_is_keys(self) -> bool:
        """Say yes: S, R and / are keys here; ids are typed after /."""
        return True


def _within(place: int, count: int) -> int:
    return 0 if count <= 0 else max(0, min(place, count - 1))


def _by_job(stages: tuple[StageCount, ...]) -> dict[str, list[StageCount]]:
    found: dict[str, list[StageCount]] = {}
    for stage in stages:
        found.setdefault(stage.job_id, []).append(stage)
    return found


_NOTHING = Floor(
    stations=(),
    loads={},
    presences={},
    rates={},
    last_asked={},
    jobs=(),
    progress={},
    stages={},
    first_pass=FirstPass(inspected=0, passed_first=0),
    people={},
    failed=0,
)
"""The floor before it was first read."""
