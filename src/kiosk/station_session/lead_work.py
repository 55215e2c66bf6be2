"""LEAD: the whole floor, and down to the life of one card.

Useful with nobody logged on; deciding (approving, rework, remake, taking a call) needs a
lead's badge, which the core asks for.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from core.domain.events import Event
from core.domain.readings import BadgeRead, Reading, UnitFound
from core.domain.rejections import CorrectionFault, NotCorrectable, Rejection
from core.domain.values import OperatorRole
from core.identity.ids import (
    CardUnitId,
    JobId,
    card_unit_id,
    job_of_sheet,
    parse_sheet_id,
    position_of,
    sheet_of,
)
from core.production.barcodes import plain
from kiosk.printable import shown
from kiosk.roles.lead import JOB_FOOTER, SHEET_FOOTER, floor_footer, with_approval
from kiosk.snapshots.keys import FooterView, Intent
from kiosk.snapshots.leads import LeadSection
from kiosk.snapshots.station import WorkView
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.station_session.exceptions import Exceptions
from kiosk.station_session.floor_reading import NOTHING, read_floor
from kiosk.station_session.floor_view import Floor, floor_view, shown_jobs, working
from kiosk.station_session.lead_calls import Calls
from kiosk.station_session.lead_decisions import CardDecisions, card_footer
from kiosk.station_session.lead_gates import Approvals, at_gate, gate_of, scanned_at_gate
from kiosk.station_session.lead_places import (
    Chosen,
    InCard,
    InJob,
    InSheet,
    OnFloor,
    Place,
    Seen,
    SeenCard,
    SeenJob,
    SeenSheet,
    above,
    place_of,
    read_place,
    within,
)
from kiosk.station_session.unit_views import (
    card_view,
    job_view,
    newest_by_position,
    sheet_view,
)
from kiosk.station_session.work import Desk, Surroundings, Work
from kiosk.wording.spoken import Spoken, listed
from store.errors import StoreUnavailable


class LeadWork(Work):
    """The leads' screen."""

    is_public = turns_pages = True
    # What was done is told in one line, to somebody who may look at the paper: longer than a band is.
    amber_seconds = green_seconds = 10.0
    # The whole floor changes all the time; a wall screen is read, not watched flickering.
    refresh_seconds = 1.0
    # That a kiosk died, or lives again, is no fact of the log: the wall goes by time.
    rereads_after_seconds = 2.0

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin on the floor, with nothing chosen."""
        super().__init__(around, desk)
        self._decisions = CardDecisions(around, desk)
        self._approvals = Approvals(around, desk)
        self._refused = Exceptions(around, desk)
        self._calls = Calls(around, desk)
        self._floor: Floor = NOTHING
        self._place: Place = OnFloor()
        self._seen: Seen | None = None
        self._looks = 0
        self._left: dict[Place, Seen] = {}
        self._section = LeadSection.JOBS
        self._at_risk_only = False
        self._chosen_job = Chosen()
        self._chosen_station = Chosen()
        self._chosen_sheet = Chosen()
        self._position = 1

    def logged_on(self, person: BadgeRead) -> None:
        """Say at once of a badge that no decision is taken from that it may only look here."""
        if not person.roles & {OperatorRole.LEAD, OperatorRole.MANAGER}:
            little = "approves" if OperatorRole.INSPECTOR in person.roles else "decides"
            self.desk.remark(f"This badge {little} nothing here: a lead's does")

    def logged_off(self) -> None:
        """Leave the wall as it is when nobody is there: the floor, the worst on top."""
        self._looks += 1
        self._place, self._seen, self._left = OnFloor(), None, {}
        self._section, self._at_risk_only = LeadSection.JOBS, False
        self._chosen_job = self._chosen_station = Chosen()
        self._calls.forget()
        self._decisions.forget()
        self._approvals.forget()
        self._approvals.outdated()
        self._refused.drop()

    def accepted(self, events: Sequence[Event]) -> None:
        """Take note that F2 takes back this from now on."""
        del events
        self._approvals.outdated()

    async def take_back(self) -> bool:
        """Take back all that one answer approved."""
        if not self._approvals.are_several:
            return False
        await self._approvals.take_back()
        await self._look_again()
        return True

    # -- reading ---------------------------------------------------------------

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read what is looked at again, and the floor always."""
        del changed
        self._floor = await read_floor(self.around.store, self.desk.now())
        looks = self._looks
        seen = await read_place(self.around.store, self._place)
        # What was read for a place that was left meanwhile is dropped, and so is what a deed has made old.
        if looks == self._looks:
            self._seen = seen
        self._chosen_job = self._chosen_job.settled(self._jobs())
        self._chosen_station = self._chosen_station.settled(self._stations())
        if isinstance(self._seen, SeenJob):
            self._chosen_sheet = self._chosen_sheet.settled(self._sheets())

    async def _go(self, place: Place) -> None:
        """Look at another place; raises StoreUnavailable, and stays, where it cannot be read in time."""
        self._arrive(place, await self._looked_at(place))

    async def _looked_at(self, place: Place) -> Seen | None:
        if isinstance(place, OnFloor):
            return None
        return await self.desk.look_up(lambda: read_place(self.around.store, place))

    async def _go_back(self, place: Place) -> None:
        """Look at a place above this one; without the database as it was seen last, and unseen at the floor instead."""
        try:
            await self._go(place)
        except StoreUnavailable:
            seen = self._left.get(place)
            self._arrive(OnFloor() if seen is None else place, seen)
            self.desk.wake()

    def _arrive(self, place: Place, seen: Seen | None) -> None:
        """Be at another place; what was asked about the one before is asked no longer."""
        left = self._left if self._seen is None else {**self._left, self._place: self._seen}
        on_the_way = above(place)
        self._left = {each: what for each, what in left.items() if each in on_the_way}
        self._calls.forget()
        self._decisions.forget()
        self._approvals.forget()
        self._refused.drop()
        self._looks += 1
        self._place, self._seen = place, seen

    async def _go_to_job(self, job_id: JobId) -> None:
        """Look at a job, at the first sheet that waits for a lead if one does."""
        await self._go(InJob(job_id))
        self._chosen_sheet = Chosen()
        waiting = at_gate(self._seen)
        if waiting is not None:
            first = waiting.units[0]
            sheet = parse_sheet_id(first) or sheet_of(CardUnitId(first))
            self._chosen_sheet = Chosen(sheet).settled(self._sheets())

    # -- lists -----------------------------------------------------------------

    def _jobs(self) -> list[str]:
        rows = shown_jobs(self._floor, self.desk.now(), at_risk_only=self._at_risk_only)
        return [row.job_id for row in rows]

    def _stations(self) -> list[str]:
        return [row.station_id for row in working(self._floor)]

    def _sheets(self) -> list[str]:
        return [row.sheet_id for row in self._seen.sheets] if isinstance(self._seen, SeenJob) else []

    def _n_up(self) -> int:
        match self._seen:
            case SeenSheet(sheet=sheet):
                return sheet.n_up
            case SeenCard(sheet=sheet) if sheet is not None:
                return sheet.n_up
            case _:
                return 1

    # -- finding ---------------------------------------------------------------

    async def read(self, reading: Reading) -> bool:
        """Show a unit whose label was scanned here; scanned again while it waits for a lead, ask to approve it.

        Only ask: a scanner that reads one label twice approves nothing.
        """
        if not isinstance(reading, UnitFound):
            return False
        waiting = scanned_at_gate(self._place, self._seen, reading.unit_id)
        if waiting is None:
            await self.found(reading.unit_id)
        else:
            self._approvals.ask(waiting)
        return True

    async def found(self, text: str) -> None:
        """Show what has this id; a set and its sheet are shown as one."""
        code = plain(text)
        self.desk.put_away()
        match await self.desk.look_up(lambda: place_of(self.around.store, code)):
            case None:
                self.desk.attention("NOT FOUND", f'Nothing here is called "{shown(code, 40)}".')
            case InJob(job_id=job):
                await self._go_to_job(job)
            case place:
                await self._go(place)
                self._position = 1

    # -- keys ------------------------------------------------------------------

    async def pressed(self, intent: Intent) -> None:
        """Move, open, go back, decide; what was said of the deed before leaves with any of it."""
        self.desk.put_away()
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
                self._pin()
            case Intent.AT_RISK:
                self._at_risk_only = not self._at_risk_only
                self._section = LeadSection.JOBS
                self._pin()
            case Intent.APPROVE:
                self._refused.drop()
                self._approvals.ask(at_gate(self._seen))
            case Intent.REWORK:
                self._refused.drop()
                if isinstance(self._seen, SeenCard) and self._seen.spec is not None:
                    self._decisions.ask_rework(self._seen.card, self._seen.spec)
            case Intent.REMAKE:
                self._refused.drop()
                if isinstance(self._seen, SeenCard):
                    self._decisions.ask_remake(self._seen.card)
            case _:
                pass

    def _pin(self) -> None:
        """Choose the first line of the list that a key has just brought up, and stay with what stands there."""
        if self._section is LeadSection.STATIONS:
            self._chosen_station = Chosen().pinned(self._stations())
        else:
            self._chosen_job = Chosen().pinned(self._jobs())

    async def _move(self, by: int) -> None:
        match self._place:
            case OnFloor():
                if self._section is LeadSection.STATIONS:
                    self._chosen_station = self._chosen_station.moved(self._stations(), by)
                else:
                    self._chosen_job = self._chosen_job.moved(self._jobs(), by)
            case InJob():
                self._chosen_sheet = self._chosen_sheet.moved(self._sheets(), by)
            case InSheet():
                self._position = 1 + within(self._position - 1 + by, self._n_up())
            case InCard(card_id=card_id):
                position = 1 + within(position_of(card_id) - 1 + by, self._n_up())
                cards = self._seen.cards if isinstance(self._seen, SeenCard) else ()
                card = newest_by_position(cards).get(position)
                if card is not None:
                    await self._go(InCard(card.card_unit_id))
            case other:
                assert_never(other)

    async def _open(self) -> None:
        match self._place:
            case OnFloor():
                await self._open_from_floor()
            case InJob():
                if isinstance(self._seen, SeenJob) and self._seen.sheets:
                    line = self._chosen_sheet.among(self._sheets())
                    self._chosen_sheet = self._chosen_sheet.pinned(self._sheets())
                    await self._go(InSheet(self._seen.sheets[line].sheet_id))
                    self._position = 1
            case InSheet(sheet_id=sheet_id):
                cards = self._seen.cards if isinstance(self._seen, SeenSheet) else ()
                card = newest_by_position(cards).get(self._position)
                if card is not None:
                    await self._go(InCard(card.card_unit_id))
                else:
                    made = card_unit_id(sheet_id, self._position)
                    self.desk.attention("NOT CUT YET", f"{made} is made when its sheet is cut.")
            case InCard():
                pass
            case other:
                assert_never(other)

    async def _open_from_floor(self) -> None:
        if self._section is LeadSection.STATIONS:
            await self._deal_with_station()
            return
        jobs = shown_jobs(self._floor, self.desk.now(), at_risk_only=self._at_risk_only)
        if jobs:
            self._chosen_job = self._chosen_job.pinned([row.job_id for row in jobs])
            await self._go_to_job(JobId(jobs[self._chosen_job.line].job_id))

    async def _deal_with_station(self) -> None:
        """Show the call of the chosen station, or what it kept and was refused; either ends by an answer."""
        stations = working(self._floor)
        if not stations:
            return
        station = stations[self._chosen_station.among(self._stations())]
        refused = self._floor.refused.get(station.station_id)
        if station.help_since is None and refused is not None:
            self._calls.forget()
            self._refused.ask(refused)
            return
        if station.help_since is None:
            waiting = [row.station_id for row in stations if row.help_since or row.station_id in self._floor.refused]
            needs = f"{'needs' if len(waiting) == 1 else 'need'} you: ↑↓ goes there"
            instead = f"{listed(waiting, most=2)} {needs}" if waiting else "No station does: S, the jobs"
            self.desk.attention("NO CALL", f"{station.station_id} calls nobody. {instead}.")
            return
        self._calls.ask(station, station.help_since)

    async def _back(self) -> None:
        match self._place:
            case OnFloor():
                pass
            case InJob():
                await self._go(OnFloor())
            case InSheet(sheet_id=sheet_id):
                self._chosen_sheet = Chosen(sheet_id)
                await self._go_back(InJob(job_of_sheet(sheet_id)))
            case InCard(card_id=card_id):
                self._position = position_of(card_id)
                await self._go_back(InSheet(sheet_of(card_id)))
            case other:
                assert_never(other)

    async def answered(self, value: str) -> None:
        """Do what was decided about the card or a gate, about what a station kept, or about its call."""
        if self._calls.is_asking:
            await self._calls.answered(value)
            return
        if self._refused.is_asking:
            await self._refused.answered(value)
            return
        if self._approvals.is_asking:
            await self._approvals.answered(value)
            await self._look_again()
            return
        await self._decisions.answered(value)

    async def _look_again(self) -> None:
        """Read what is looked at again after a deed, so that no key is offered for what is done."""
        self._looks += 1
        with suppress(StoreUnavailable):
            self._seen = await self._looked_at(self._place)

    # -- what is shown ---------------------------------------------------------

    def view(self, now: datetime) -> WorkView:
        """Return the place that the lead looks at; the floor where it is gone."""
        words, people = self.around.words, self._floor.people
        match self._seen:
            case SeenJob(job=job, sheets=sheets, cards=cards, stages=stages, spec=spec):
                selected = self._chosen_sheet.among(self._sheets())
                gates: dict[str, str] = {
                    sheet.sheet_id: gate for sheet in sheets if (gate := gate_of(sheet, spec)) is not None
                }
                return job_view(job, sheets, cards, stages, now=now, words=words, selected=selected, gates=gates)
            case SeenSheet(sheet=sheet, cards=cards, history=history, spec=spec):
                gate = gate_of(sheet, spec)
                return sheet_view(sheet, cards, history, words=words, people=people, selected=self._position, gate=gate)
            case SeenCard(card=card, sheet=sheet, cards=cards, history=history, job=job, spec=spec):
                gate = gate_of(card, spec)
                return card_view(card, sheet, cards, history, job=job, now=now, words=words, people=people, gate=gate)
            case None:
                return self._floor_view(now)
            case other:
                assert_never(other)

    def _floor_view(self, now: datetime) -> WorkView:
        stations = self._section is LeadSection.STATIONS
        return floor_view(
            self._floor,
            now,
            self.around.words,
            section=self._section,
            selected=self._chosen_station.among(self._stations()) if stations else self._chosen_job.among(self._jobs()),
            at_risk_only=self._at_risk_only,
        )

    def as_said_here(self, refusal: Rejection, words: Spoken) -> Spoken:
        """Send a lead to what can be decided, and never to a lead."""
        if isinstance(refusal, NotCorrectable) and refusal.fault is CorrectionFault.NOT_THE_NEWEST:
            return replace(words, cure=f"{shown(refusal.aggregate_id, 40)} moved on since: its history says what")
        return replace(words, cure="") if "F8" in words.cure else words

    def ready(self) -> VerdictView:
        """Return no imperative: the floor speaks for itself."""
        return VerdictView(state=VerdictState.READY)

    def footer(self) -> FooterView:
        """Return the keys of the place."""
        waits = at_gate(self._seen) is not None
        match self._place:
            case OnFloor():
                return floor_footer(self._enter_label())
            case InJob():
                return with_approval(JOB_FOOTER) if waits else JOB_FOOTER
            case InSheet():
                return with_approval(SHEET_FOOTER) if waits else SHEET_FOOTER
            case InCard():
                footer = card_footer(self._seen.card if isinstance(self._seen, SeenCard) else None)
                return with_approval(footer) if waits else footer
            case other:
                assert_never(other)

    def _enter_label(self) -> str:
        """Say what Enter does with the chosen line of the floor."""
        if self._section is not LeadSection.STATIONS:
            return "Open"
        stations = working(self._floor)
        station = stations[self._chosen_station.among(self._stations())] if stations else None
        if station is not None and station.help_since is None and station.station_id in self._floor.refused:
            return "Settle"
        return "Call"

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
        if not isinstance(self._place, OnFloor) or not self._floor.stations:
            return ()
        return (f"{len(working(self._floor))} stations",)

    def typing_is_keys(self) -> bool:
        """Say yes: S, R and / are keys here; ids are typed after /."""
        return True
