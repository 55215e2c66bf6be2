"""What is the same at every station: badges, wall cards and the keys of the footer that everybody has."""

import logging
from collections.abc import Callable

from core.domain.commands import CallForHelp
from core.domain.readings import BadgeRead, ControlRead, ControlVerb
from core.domain.rejections import NothingChanged, NothingToUndo, Refusal
from core.identity.ids import CardUnitId, SheetId, parse_card_unit_id
from core.production.badges import presented
from core.production.holding import MustWait, WholeTruth
from kiosk.printable import shown
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.asking import Asking, Kept
from kiosk.station_session.desk import BADGE_FIRST, QUESTION_CLOSED, StationDesk
from kiosk.station_session.exceptions import Exceptions
from kiosk.station_session.verdicts import ACCEPTED_SECONDS
from kiosk.station_session.work import Surroundings
from kiosk.wording.events import waits_again
from kiosk.wording.holding import kept_words
from kiosk.wording.undoing import stays
from store.commands import Accepted
from store.errors import StoreUnavailable

_LOG = logging.getLogger(__name__)


class Controls:
    """Logging on and off, undoing and calling for help at one station."""

    def __init__(
        self,
        around: Surroundings,
        asking: Asking,
        desk: StationDesk,
        exceptions: Exceptions,
        *,
        beat: Callable[[], None],
    ) -> None:
        """Control that desk; ``beat`` tells the leads at once that somebody came or went."""
        self._exceptions = exceptions
        self._around = around
        self._asking = asking
        self._desk = desk
        self._beat = beat

    # -- people ------------------------------------------------------------------

    async def badge(self, person: BadgeRead) -> None:
        """Log a person on, unless the role at work has another use for the badge."""
        if self._desk.person is None or not await self._desk.work.badge(person):
            self._log_on(person)

    def _log_on(self, person: BadgeRead) -> None:
        desk = self._desk
        is_here = desk.person is not None and desk.person.operator_id == person.operator_id
        if is_here:
            instruction = "You are logged on here already."
        else:
            instruction = shown(person.name, 40) if person.name != person.operator_id else ""
            if desk.person is not None:
                desk.work.logged_off()
            desk.person = person
            desk.log_on_problem = ""
            desk.question = None
            desk.deed.forget()
            self._beat()
            desk.wake()
        desk.band.say(
            VerdictState.ACCEPTED,
            big=person.operator_id,
            words="LOGGED ON",
            instruction=instruction,
            until=desk.fades(),
        )
        if not is_here:
            desk.work.logged_on(person)

    def log_off(self) -> None:
        """Let nobody be logged on; what belongs to the station stays."""
        desk = self._desk
        if desk.person is None:
            return
        desk.work.logged_off()
        desk.person = None
        desk.deed.forget()
        self._beat()
        desk.question = None
        desk.band.clear()
        desk.lines.clear()
        desk.log_on_problem = ""

    def badge_is(self, badge: BadgeRead | None) -> None:
        """Know whoever is logged on by the roles they have now; who has none left is logged off."""
        desk = self._desk
        if badge is None or desk.operator_id != badge.operator_id:
            return
        taken = presented(badge)
        if isinstance(taken, BadgeRead):
            desk.person = taken
            return
        was_asked = desk.question is not None
        self.log_off()
        desk.refuse(taken, name=badge.operator_id, besides=QUESTION_CLOSED if was_asked else "")

    @property
    def _needs_badge(self) -> bool:
        return self._desk.person is None and not self._desk.work.is_public

    # -- wall cards and keys -------------------------------------------------------

    async def wall_card(self, control: ControlRead) -> None:
        """Do what a wall card says."""
        desk = self._desk
        match control.verb:
            case ControlVerb.RESET:
                desk.band.clear()
            case ControlVerb.LOGOFF:
                self.log_off()
            case ControlVerb.HELP:
                await self.pressed(Intent.CALL_LEAD)
            case ControlVerb.UNDO:
                await self.pressed(Intent.UNDO)
            case _ if self._needs_badge:
                desk.log_on_problem = BADGE_FIRST
            case ControlVerb.SETTLE:
                await self._settle()
            case ControlVerb.YES | ControlVerb.NO:
                desk.attention("NO QUESTION", "Nothing was asked here.")
            case _:
                if not await desk.work.control(control):
                    desk.attention("NOT HERE", f"The wall card {control.verb} does nothing at this station.")

    async def pressed(self, intent: Intent) -> None:
        """Do what a key of the footer says."""
        match intent:
            case Intent.LOG_OFF:
                self.log_off()
            case Intent.UNDO:
                await self._undo()
            case Intent.CALL_LEAD:
                await self._call_lead()
            case Intent.SETTLE if not self._needs_badge:
                await self._settle()
            case _ if self._needs_badge:
                self._desk.log_on_problem = BADGE_FIRST
            case _:
                await self._desk.work.pressed(intent)

    async def _settle(self) -> None:
        """Ask of what is in the way here, or on the screen, whether it is dealt with."""
        desk = self._desk
        newest = desk.lines[0].what if desk.lines else None
        await self._exceptions.ask_about(desk.in_the_way, (newest, desk.work.unit_in_hand()))

    async def _undo(self) -> None:
        desk = self._desk
        if desk.person is None:
            desk.log_on_problem = BADGE_FIRST
            return
        if await desk.work.take_back():
            return
        command = desk.undo_command()
        if command is None and self._asking.is_keeping:
            desk.waits(MustWait(WholeTruth.CORRECTION), name="F2")
            return
        staying = stays(desk.deed.events) if command is None else None
        if staying is not None:
            desk.attention("IT STAYS", staying, big="NO UNDO")
            return
        if command is None:
            desk.refuse(NothingToUndo(station_id=self._around.station.station_id), name="F2")
            return
        limit = desk.work.undo_seconds()
        if limit is not None and desk.deed.is_late(limit):
            desk.attention("TOO LATE", f"Undo works for {limit:.0f} seconds. A lead can correct it later.")
            return
        checked_in = desk.deed.checked_in
        asked = await self._asking.run(command)
        desk.tell(asked, name="F2" if desk.deed.line is None else desk.deed.line.what)
        if isinstance(asked.answer, MustWait):
            return
        undone = isinstance(asked.answer, Accepted)
        desk.deed.forget()
        if undone:
            desk.wake()
            if checked_in is not None:
                await self._say_what_waits(checked_in)

    async def _say_what_waits(self, unit: SheetId | CardUnitId) -> None:
        """Say of a unit that was only checked in, and is not any more, where it is now."""
        store, card = self._around.store, parse_card_unit_id(unit)
        try:
            row = await self._desk.look_up(lambda: store.sheet(unit) if card is None else store.card(card))
        except StoreUnavailable as error:
            # It is taken back all the same: nobody is to be told to try again.
            _LOG.warning("where it is now could not be looked up: %s", error)
            return
        if row is not None:
            self._desk.remark(waits_again(row))

    async def _call_lead(self) -> None:
        desk, station_id = self._desk, self._around.station.station_id
        asked = await self._asking.run(
            CallForHelp(at=desk.now(), operator_id=desk.operator_id, station_id=station_id, at_station=station_id)
        )
        if isinstance(asked.answer, Refusal) and not isinstance(asked.answer, NothingChanged):
            desk.tell(asked, name="F8")
            return
        if isinstance(asked.answer, Accepted):
            words = "The lead sees your call."
        elif isinstance(asked.answer, Kept):
            words = "The lead sees it when the database answers."
        else:
            words = "You have called already."
        desk.band.say(
            VerdictState.OFFLINE if isinstance(asked.answer, Kept) else VerdictState.ACCEPTED,
            big="CALLED",
            words=kept_words(asked.answer.count) if isinstance(asked.answer, Kept) else "LEAD CALLED",
            instruction=words,
            until=desk.fades(ACCEPTED_SECONDS * 2),
        )
