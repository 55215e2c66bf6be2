"""The paper of one set, moved by people who do as they are told, beside what the log says of it.

Two assembly stations, each online or not. Somebody scans what is in hand, and lays it into the tray
where the scan is accepted or SAVED; what was saved is delivered late, in order, and listed where it is
refused. Nobody here knows anything but what a station says.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from core.domain.commands import (
    AuthorizeReplacementSet,
    CreateReplacement,
    OpenPack,
    PackSet,
    ParkTray,
    RemoveCardFromAssembly,
    ReportHeldScan,
    SettleHeldScan,
    TakeOutVoidedCard,
)
from core.domain.events import ReplacementCardUnitCreated
from core.domain.models import Assembly
from core.domain.rejections import Refusal
from core.domain.values import AssemblyStatus, CardUnitStatus, StationDefinition, VoidReason
from core.identity.ids import CardUnitId, CommandId, SheetId, assembly_of, box_id, job_of_sheet, position_of
from core.production.decisions import Decided
from core.production.holding import (
    MayBeHeld,
    decide_alone,
    kept_at_its_place,
    laid_in_tray,
    may_be_held_once_sent,
    to_be_settled,
)
from core.production.scan import Scan
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, LEAD, MANAGER, OPERATOR, PACKING, PIN

SHEET = SheetId("J1044-S001")
SET = assembly_of(SHEET)
STATIONS = (ASSEMBLY, ASSEMBLY_2)
MANY = 99
BOX = box_id(job_of_sheet(SHEET), 1)


@dataclass
class Place:
    """One assembly station: the paper that lies there in the set's tray, and what its terminal knows and keeps.

    ``is_open`` while its screen has the set's tray open. Nothing but parking closes it here: of what happens elsewhere
    its screen may hear too late. ``under_way`` is the tray's label, read and not answered: the line stands for it.
    """

    station: StationDefinition
    papers: set[CardUnitId] = field(default_factory=set)
    is_offline: bool = False
    is_open: bool = False
    kept: deque[Scan | RemoveCardFromAssembly] = field(default_factory=deque)
    under_way: Scan | None = None

    @property
    def takes_part(self) -> bool:
        """Whether it is answered at once: neither offline nor behind with anything."""
        return not (self.is_offline or self.kept or self.under_way)


class Papers:
    """The set and the paper of it: ``in_hand`` is all that lies in no tray, ``stands`` where the tray was carried."""

    def __init__(self, line: Line, cards: tuple[CardUnitId, ...]) -> None:
        """Begin with all paper in hand."""
        self.line = line
        self.in_hand: set[CardUnitId] = set(cards)
        self.places = tuple(Place(station) for station in STATIONS)
        self.listed: dict[CommandId, tuple[CardUnitId, StationDefinition]] = {}
        self.stands: int | None = None

    @property
    def tray(self) -> Assembly:
        """The set as the log has it."""
        return self.line.tray(SHEET)

    @property
    def is_packed(self) -> bool:
        """Whether the set is in its box."""
        return self.tray.status is AssemblyStatus.PACKED

    def every(self) -> list[CardUnitId]:
        """Every card that was ever made."""
        return sorted(card.card_unit_id for card in self.line.cards())

    def _take_up(self, card: CardUnitId) -> None:
        for place in self.places:
            place.papers.discard(card)
        self.in_hand.add(card)

    def _lay(self, place: Place, card: CardUnitId) -> None:
        place.is_open = True
        if self.stands is None:
            self.stands = self.places.index(place)
        self._take_up(card)
        self.in_hand.discard(card)
        place.papers.add(card)

    # -- at a station -------------------------------------------------------------

    def _scan(self, place: Place, card: CardUnitId) -> Scan:
        self.line.pass_time(10)
        return Scan(
            text=card,
            station=place.station,
            operator_id=OPERATOR,
            at=self.line.now,
            open_assembly=SET,
        )

    def scan(self, where: int, card: CardUnitId) -> None:
        """Scan a card that is in hand or lies in the tray there, and do with it what the station says."""
        place = self.places[where]
        if card not in self.in_hand | place.papers or place.under_way is not None:
            return
        if place.is_offline or place.kept:
            self._is_kept(place, card)
            return
        if self.stands not in {None, where} and self.places[self.stands or 0].papers:
            # Nobody lays a card where no tray is.
            return
        outcome = self.line.run(self._scan(place, card))
        if not isinstance(outcome, Decided):
            return
        if isinstance(outcome.command, TakeOutVoidedCard):
            self._take_up(card)
        else:
            self.stands = where
            self._lay(place, card)

    def _is_kept(self, place: Place, card: CardUnitId) -> None:
        if not place.is_open:
            # Without a tray that was open before there is nothing to lay it into.
            return
        if any(other.under_way is not None for other in self.places):
            # Where a tray was carried whose label nobody was answered yet, the log cannot know.
            return
        before = [laid for kept in place.kept if (laid := laid_in_tray(kept)) is not None]
        if card in before or kept_at_its_place(card, before) is not None:
            return
        scan = self._scan(place, card)
        assert isinstance(decide_alone(scan, {}), MayBeHeld)
        place.kept.append(scan)
        self._lay(place, card)

    def fall_silent(self, where: int) -> None:
        """Let a station lose the database."""
        place = self.places[where]
        place.is_offline = place.under_way is None

    def deliver(self, where: int, most: int = MANY) -> None:
        """Let the database answer a station again, and take what it kept, or the first of it."""
        place = self.places[where]
        place.is_offline = False
        for _ in range(min(most, len(place.kept))):
            kept = place.kept[0]
            answer = self.line.run(replace(kept, kept=True) if isinstance(kept, Scan) else kept)
            left = None if isinstance(answer, Decided) else to_be_settled(kept, answer)
            if left is not None:
                card = CardUnitId(kept.text) if isinstance(kept, Scan) else kept.card_unit_id
                held = CommandId(f"{card} at {kept.at:%H:%M:%S} {place.station.station_id}")
                reported = self.line.ask(
                    ReportHeldScan,
                    at=place.station,
                    by=OPERATOR,
                    at_station=place.station.station_id,
                    held=held,
                    kind=type(kept).__name__,
                    scanned=card,
                    scanned_at=kept.at,
                    refusal=type(left).__name__,
                    reason="{}",
                    in_tray=laid_in_tray(kept),
                )
                assert isinstance(reported, Decided), reported
                self.listed[held] = (card, place.station)
            place.kept.popleft()

    def make_anew(self, card: CardUnitId) -> None:
        """Void a card as damaged wherever it is, and finish all that its set lacks."""
        self.void(card, VoidReason.DAMAGED)
        self.replace(card)
        for each in self.tray.missing:
            self.finish(each)

    def settle(self, number: int) -> None:
        """Look for one refused card of the list in the trays, take it out, and say so."""
        if not self.listed:
            return
        held = sorted(self.listed)[number % len(self.listed)]
        card, station = self.listed.pop(held)
        if self.tray.gathered.get(position_of(card)) != card:
            for place in self.places:
                if card in place.papers:
                    self._take_up(card)
        assert isinstance(self.line.ask(SettleHeldScan, by=LEAD, at_station=station.station_id, held=held), Decided)

    def bring(self, where: int) -> None:
        """Carry the tray from the other station, and scan its label where it is now; not before it can be read there.

        Until then nobody can know that it was carried.
        """
        here = self.places[where]
        if not here.takes_part:
            return
        self.line.scan(here.station, SET)
        self._carry(where)
        here.is_open = True

    def _carry(self, where: int) -> None:
        here, other = self.places[where], self.places[1 - where]
        here.papers |= other.papers
        other.papers.clear()
        self.stands = where

    def bring_unanswered(self, where: int) -> None:
        """Carry the tray there and scan its label, and let the answer be long in coming."""
        here = self.places[where]
        if not here.takes_part:
            return
        self.line.pass_time(10)
        here.under_way = Scan(text=SET, station=here.station, operator_id=OPERATOR, at=self.line.now)
        self._carry(where)

    def answer(self, where: int) -> None:
        """Let the answer to a label come; where it comes too late and the tray is there, scan it again."""
        here, sent = self.places[where], self.places[where].under_way
        if sent is None:
            return
        here.under_way = None
        self.line.pass_time(10)
        outcome = self.line.run(sent)
        if not isinstance(outcome, Refusal):
            here.is_open = True
        elif self.stands == where:
            self.bring(where)

    def park(self, where: int) -> None:
        """Put the tray aside."""
        place = self.places[where]
        if place.takes_part:
            self.line.ask(ParkTray, at=place.station, assembly_id=SET)
            place.is_open = False

    def take_back(self, where: int, card: CardUnitId) -> None:
        """Take a gathered card out by F2."""
        place = self.places[where]
        if not place.takes_part or card not in place.papers:
            return
        taken = self.line.ask(RemoveCardFromAssembly, at=place.station, card_unit_id=card, reason="slip")
        if isinstance(taken, Decided):
            self._take_up(card)

    def take_back_unanswered(self, where: int, card: CardUnitId) -> None:
        """Take a gathered card out by F2 while the database falls silent: it is kept, for it was sent."""
        place = self.places[where]
        if place.takes_part and self.stands == where and card in place.papers:
            self.line.pass_time(10)
            sent = RemoveCardFromAssembly(
                at=self.line.now,
                operator_id=OPERATOR,
                station_id=place.station.station_id,
                card_unit_id=card,
                reason="slip",
            )
            assert may_be_held_once_sent(sent)
            place.kept.append(sent)
            place.is_offline = True
            self._take_up(card)

    # -- elsewhere -----------------------------------------------------------------

    def finish(self, card: CardUnitId) -> None:
        """Bring a card through its QA; it may lie in a tray where only its terminal knows of it."""
        if card not in self.tray.gathered.values() and self.line.card(card).status in {
            CardUnitStatus.CREATED,
            CardUnitStatus.IN_PROGRESS,
        }:
            self._take_up(card)
            self.line.clear(card)

    def void(self, card: CardUnitId, reason: VoidReason) -> None:
        """Void a card; one that is lost lies in no tray."""
        if reason is VoidReason.LOST and card not in self.in_hand:
            return
        self.line.void(card, reason)

    def lose(self, where: int, card: CardUnitId) -> None:
        """A gathered card falls out of its tray, is voided as lost, and found again."""
        if card in self.places[where].papers and isinstance(self.line.void(card, VoidReason.LOST), Decided):
            self._take_up(card)

    def replace(self, card: CardUnitId) -> None:
        """Make the replacement of a void card."""
        outcome = self.line.ask(CreateReplacement, by=LEAD, card_unit_id=card)
        if isinstance(outcome, Decided):
            made = (event for event in outcome.change.events if isinstance(event, ReplacementCardUnitCreated))
            self.in_hand.update(event.card_unit_id for event in made)

    def pack(self) -> None:
        """Authorize and pack the set as far as the rules let it, with whatever paper lies in its tray."""
        before = self.tray
        said = {"assembly_id": SET, "manager": MANAGER, "pin": PIN}
        self.line.ask(AuthorizeReplacementSet, by=MANAGER, at=ASSEMBLY, **said)
        if self.line.loaded.pack(BOX) is None:
            self.line.ask(OpenPack, at=PACKING, pack_id=BOX)
        outcome = self.line.ask(PackSet, at=PACKING, assembly_id=SET, pack_id=BOX)
        # What no terminal has delivered yet nobody can know of.
        is_told = self.stands is not None and not any(place.kept for place in self.places)
        if isinstance(outcome, Decided) and is_told:
            assert self.places[self.stands or 0].papers == set(before.expected.values()), "a wrong set is packed"

    # -- the way out ---------------------------------------------------------------

    def come_through(self, *, carried_on: bool) -> None:
        """Do what the stations ask for until the set is packed; before the delivery at the other station, if it can."""
        for where in range(2):
            self.answer(where)
        if carried_on and not self.is_packed:
            self._fill_and_pack()
        for where in range(2):
            self.deliver(where)
        self._fill_and_pack()
        for _ in range(12):
            if self.is_packed:
                return
            while self.listed:
                self.settle(0)
            for card in self.tray.void_in_tray.values():
                self._take_up(card)
                self.bring(self.stands or 0)
                self.scan(self.stands or 0, card)
            for card in self.tray.missing:
                # It may lie in a tray unrecorded: the screen says that it is missing.
                self._take_up(card)
            self._fill_and_pack()
        raise AssertionError("a set that can never be packed again")

    def _fill_and_pack(self) -> None:
        for card in self.tray.missing:
            self.replace(card)
        for card in self.tray.missing:
            self.finish(card)
            self.bring(self.stands or 0)
            self.scan(self.stands or 0, card)
        self.pack()
