"""The stop that blocks a station: raised by a refusal, cleared by a RESET card, or by a lead after half a minute.

A stop is in the log before it is on the screen: the refused scan is kept with its
answer, so it stands again, in the same words, whatever happened to the terminal. It
is over when its clearing is in the log, and not before. Both are the station's, not
the screen's: another process of the same station shows and clears the same stop.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.domain.commands import ClearStop
from core.domain.events import StationStopCleared
from core.domain.readings import BadgeRead, ControlVerb
from core.domain.rejections import NothingToClear, NotPermitted, Refusal, Rejection, unit_of
from core.domain.values import OperatorRole, StopClearedBy
from core.identity.ids import CommandId, OperatorId
from core.production.barcodes import BadgeBarcode, ControlBarcode, read_barcode
from core.production.holding import MustWait
from core.production.scan import Scan
from kiosk.printable import shown
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import StopView
from kiosk.station_session.asking import Asked, Asking, Kept, Lateness, Outcome
from kiosk.station_session.inputs import Input, Pressed, Scanned
from kiosk.station_session.work import Surroundings
from kiosk.wording.rejections import STOPPING, spoken
from kiosk.wording.spoken import Severity, Spoken
from kiosk.wording.stations import forgotten_stop
from store.codec import encode_rejection
from store.commands import Accepted
from store.errors import StoreError
from store.read_models.stops import StandingStop, read_rejection
from store.terminal_memory import KnownStop, said_stop, stop_in

TOO_EARLY = "Too early for a badge."
"""Said of a badge that is scanned over a stop before a lead may clear it; the steps say what clears it, and the line is
short, for how many scans were ignored must not be crowded out by it."""

_LOG = logging.getLogger(__name__)

RELEASE_SECONDS = 30.0
"""A lead may clear a stop without the RESET card after this long."""

_LEADS = frozenset({OperatorRole.LEAD, OperatorRole.MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop that covers the screen.

    ``command_id`` is the refused request's, ``refusal`` the kind of its rejection, ``at``
    when it was scanned (UTC). ``raised`` is the same by the clock of durations, in
    seconds. ``lead`` is the lead whose badge was scanned over it, ``problem`` a sentence on
    why it could not be cleared.
    """

    command_id: UUID
    refusal: str
    rejection: Rejection | None
    spoken: Spoken
    number: int
    at: datetime
    raised: float
    ignored: int = 0
    lead: OperatorId | None = None
    is_being_cleared: bool = False
    problem: str = ""

    def may_be_released(self, monotonic: float) -> bool:
        """Say whether a lead may clear it without the RESET card."""
        return monotonic - self.raised >= RELEASE_SECONDS


def _id(stop: Stop) -> CommandId:
    return CommandId(str(stop.command_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A stop that is over, and who ended it: "RESET", "lead" or "elsewhere"."""

    number: int
    by: str


class Stops:
    """The stops of one station. ``changed`` is called whenever there is something new to show."""

    def __init__(
        self,
        around: Surroundings,
        asking: Asking,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        waiting: Callable[[], int],
        newest: Callable[[], int],
        changed: Callable[[], None],
        over: Callable[[Cleared], None],
    ) -> None:
        """Begin without one; ``over`` is told when one ends.

        ``clock`` is UTC, ``monotonic`` in seconds; ``waiting`` counts the scans that were
        made and not yet looked at, ``newest`` is the number of the input that was made last.
        """
        self._around = around
        self._asking = asking
        self._clock = clock
        self._monotonic = monotonic
        self._waiting = waiting
        self._newest = newest
        self._changed = changed
        self._over = over
        self._unseen_up_to = 0
        self._moves = 0
        self._cleared = 0
        self._not_logged: set[UUID] = set()
        self.standing: Stop | None = None

    # -- raising and finding ---------------------------------------------------

    def raise_by(self, asked: Asked, said: Spoken) -> None:
        """Cover the screen at once."""
        if self.standing is None or self.standing.command_id != asked.command_id:
            self._moves += 1
            self.standing = Stop(
                command_id=asked.command_id,
                refusal=type(asked.answer).__name__,
                rejection=asked.answer if isinstance(asked.answer, Refusal) else None,
                spoken=said,
                number=self._cleared + 1,
                at=asked.at,
                raised=self._monotonic(),
            )
        # What was made so far was made by somebody who had not seen the stop: a RESET among it clears nothing.
        self._unseen_up_to = self._newest()

    def is_not_logged(self, command_id: UUID) -> None:
        """Take note that the log stops nobody by a scan: that it names no such stop ends none here."""
        self._not_logged.add(command_id)

    async def find(self) -> None:
        """Read which stop stands by the log: after a start, and whenever another process may have had a hand in it."""
        before, moves = self._id_of_standing(), self._moves
        station_id = self._around.station.station_id
        row = await self._around.store.station(station_id)
        found = await self._around.store.standing_stops(station_id, STOPPING)
        shown_now = self.standing
        if self._moves != moves or (shown_now is not None and shown_now.is_being_cleared):
            # What happens here meanwhile is newer than what was read.
            return
        self._cleared = 0 if row is None else row.stops_cleared
        is_over = before not in self._not_logged and all(each.command_id != before for each in found)
        if shown_now is not None and is_over:
            self.standing = None
            self._moves += 1
            self._over(Cleared(number=shown_now.number, by="elsewhere"))
        if self.standing is None:
            self._stand(next((stop for each in found if (stop := self._as_found(each)) is not None), None))
        self._changed()

    def _id_of_standing(self) -> UUID | None:
        return None if self.standing is None else self.standing.command_id

    def _stand(self, stop: Stop | None) -> None:
        if stop is not None:
            self.standing = stop
            self._moves += 1
            self._unseen_up_to = self._newest()

    def _as_found(self, found: StandingStop) -> Stop | None:
        refused = found.rejection
        said = forgotten_stop(found.refusal) if refused is None else spoken(refused, self._around.words)
        if said.severity is not Severity.STOP:
            return None
        return Stop(
            command_id=found.command_id,
            refusal=found.refusal,
            rejection=refused,
            spoken=said,
            number=self._cleared + 1,
            at=found.occurred_at,
            raised=self._monotonic() - found.seconds_ago,
            ignored=found.ignored,
        )

    # -- over a start without the database ---------------------------------------------

    def memory(self) -> bytes:
        """Return what must be known of the stop that stands, to show it again without the database."""
        stop = self.standing
        if stop is None:
            return said_stop(KnownStop(cleared=self._cleared))
        return said_stop(
            KnownStop(
                cleared=self._cleared,
                stop=str(stop.command_id),
                refusal=stop.refusal,
                answer="" if stop.rejection is None else encode_rejection(stop.rejection).decode(),
                at=stop.at,
                ignored=stop.ignored,
                is_not_logged=stop.command_id in self._not_logged,
            )
        )

    def remember_not_logged(self, said: bytes) -> None:
        """Let the stop stand again that stood before where the log knows nothing of it, whatever that says."""
        known = stop_in(said)
        if known is not None and known.stop and (known.is_not_logged or UUID(known.stop) in self._not_logged):
            self.remember(said)

    def remember(self, said: bytes) -> None:
        """Let the stop stand again that stood before, unless another does by now."""
        known = stop_in(said)
        if known is None or self.standing is not None:
            return
        self._cleared = max(self._cleared, known.cleared)
        if not known.stop:
            return
        if known.is_not_logged:
            self._not_logged.add(UUID(known.stop))
        self._stand(
            self._as_found(
                StandingStop(
                    command_id=UUID(known.stop),
                    refusal=known.refusal,
                    rejection=read_rejection(known.answer.encode()),
                    occurred_at=known.at or self._clock(),
                    seconds_ago=max(0.0, (self._clock() - (known.at or self._clock())).total_seconds()),
                    ignored=known.ignored,
                )
            )
        )
        self._changed()

    # -- while it stands -------------------------------------------------------

    async def meanwhile(self, stop: Stop, happened: Input, number: int, operator_id: OperatorId | None) -> None:
        """Let nothing through but what clears the stop; count and keep what was ignored.

        ``number`` is the input's, in the order in which they were made.
        """
        is_unseen = number <= self._unseen_up_to
        match happened:
            case Scanned(text, at) if is_unseen:
                await self._ignore(stop, text, at, operator_id)
            case Scanned(text, at):
                barcode = read_barcode(text)
                if isinstance(barcode, ControlBarcode) and barcode.verb is ControlVerb.RESET:
                    await self._clear(stop, StopClearedBy.RESET_CARD, operator_id)
                elif isinstance(barcode, BadgeBarcode) and stop.may_be_released(self._monotonic()):
                    await self._badge(stop, barcode.operator_id, text, at, operator_id)
                elif isinstance(barcode, BadgeBarcode):
                    await self._ignore(stop, text, at, operator_id, TOO_EARLY)
                else:
                    await self._ignore(stop, text, at, operator_id)
            case Pressed(Intent.RELEASE_STOP) if stop.lead is not None and not is_unseen:
                await self._clear(stop, StopClearedBy.LEAD, stop.lead)
            case _:
                pass

    async def _badge(self, stop: Stop, badge: OperatorId, text: str, at: datetime, by: OperatorId | None) -> None:
        scan = Scan(text=text, station=self._around.station, operator_id=None, at=at)
        person = (await self._asking.run(scan)).answer
        if not (isinstance(person, BadgeRead) and person.roles & _LEADS):
            await self._ignore(stop, text, at, by, self._why_no_lead(badge, person))
        elif self._stands(stop):
            self.standing = replace(stop, lead=badge, problem="")

    def _why_no_lead(self, badge: OperatorId, found: Outcome) -> str:
        if isinstance(found, BadgeRead):
            return f"{badge} is no lead's badge."
        if isinstance(found, Refusal):
            return spoken(found, self._around.words).sentence
        return f"{badge} is not known here yet." if isinstance(found, MustWait) else ""

    async def _ignore(self, stop: Stop, text: str, at: datetime, by: OperatorId | None, problem: str = "") -> None:
        if not self._stands(stop):
            return
        # Counted and heard before it is kept: who scans under a stop must notice at once.
        self.standing = replace(stop, ignored=stop.ignored + 1, problem=problem or stop.problem)
        self._changed()
        _LOG.warning("stop %d: ignored a scan of %s", stop.number, shown(text, 64))
        station = self._around.station
        await self._asking.run(Scan(text=text, station=station, operator_id=by, at=at, under_stop=_id(stop)))

    async def _clear(self, stop: Stop, how: StopClearedBy, by: OperatorId | None) -> None:
        """Take the stop away when that is in the log: one cleared only here would stand again after a restart."""
        self.standing = stop = replace(stop, is_being_cleared=True, problem="")
        self._changed()
        station_id = self._around.station.station_id
        command = ClearStop(
            at=self._clock(),
            operator_id=by,
            station_id=station_id,
            at_station=station_id,
            stop=_id(stop),
            refusal=stop.refusal,
            raised_at=stop.at,
            cleared_by=how,
            ignored=stop.ignored,
            unit_id=None if stop.rejection is None else unit_of(stop.rejection),
        )
        try:
            answer = (await self._asking.run(command)).answer
        except Exception:
            if self._stands(stop):
                problem = "Not cleared: the database reported a fault. Try again."
                self.standing = replace(stop, is_being_cleared=False, problem=problem)
            raise
        for event in answer.events if isinstance(answer, Accepted) else ():
            if isinstance(event, StationStopCleared):
                self._cleared = max(self._cleared, event.number)
        if isinstance(answer, Kept):
            # It is on this terminal's disk, behind the scan that raised the stop.
            self._cleared = max(self._cleared, stop.number)
        if isinstance(answer, Refusal) and not isinstance(answer, NothingToClear):
            # In the log it stands: it would be back with the next start.
            _LOG.error("stop %d cannot be recorded as cleared: %s", stop.number, answer)
            if self._stands(stop):
                sentence = spoken(answer, self._around.words).sentence
                if isinstance(answer, NotPermitted):
                    # Who may not clear it is not asked to any more: it takes another badge, or the RESET card.
                    self.standing = replace(stop, is_being_cleared=False, problem=sentence, lead=None)
                else:
                    self.standing = replace(stop, is_being_cleared=False, problem=f"Not cleared. {sentence}")
            return
        if self._stands(stop):
            self.standing = None
            self._moves += 1
            self._over(Cleared(number=stop.number, by="RESET" if how is StopClearedBy.RESET_CARD else "lead"))
        if isinstance(answer, Accepted | NothingToClear):
            await self._find_others()

    async def _find_others(self) -> None:
        """Show the next stop of this station, raised at another screen of it, before anything else is looked at."""
        try:
            await self.find()
        except StoreError as error:
            _LOG.warning("whether another stop stands could not be looked up: %s", error)

    def _stands(self, stop: Stop) -> bool:
        return self._id_of_standing() == stop.command_id

    # -- what is shown ---------------------------------------------------------

    @property
    def may_be_released(self) -> bool:
        """Whether a lead may clear the stop that stands, without the RESET card."""
        return self.standing is not None and self.standing.may_be_released(self._monotonic())

    @property
    def lead_is_here(self) -> bool:
        """Whether a lead's badge was scanned over the stop that stands."""
        return self.standing is not None and self.standing.lead is not None

    def view(self) -> StopView | None:
        """Return what the screen shows of the stop, None where none stands."""
        stop = self.standing
        if stop is None:
            return None
        if self.lead_is_here:
            release = "LEAD: press R to clear this stop"
        elif self.may_be_released:
            release = "No RESET card? A lead scans a badge, then presses R"
        else:
            release = ""
        clock = self._around.words.clock(stop.at)
        return StopView(
            noun=stop.spoken.noun,
            compared=stop.spoken.compared,
            facts=stop.spoken.facts,
            steps=stop.spoken.steps,
            footnote=self._said_below(stop),
            stamp=f"{clock} · stop {stop.number:04d}",
            release="" if stop.is_being_cleared else release,
            ignored=stop.ignored,
            serial=stop.number,
        )

    def _said_below(self, stop: Stop) -> str:
        # What the newest scan came to is looked for there; that the database is silent can wait for that.
        problem = "" if stop.is_being_cleared else stop.problem
        return problem or self._waits(stop) or self._footnote(stop)

    def _footnote(self, stop: Stop) -> str:
        # The sentence says again what the facts say; how many scans were ignored must not be crowded out by it.
        return "Nothing was recorded." if stop.spoken.facts else f"Nothing was recorded. {stop.spoken.sentence}"

    def _waits(self, stop: Stop) -> str:
        """Say why the stop is still there after a RESET, or that a RESET would have to wait."""
        if self._asking.is_late:
            # Short enough to stand beside the count of ignored scans on the narrowest screen.
            since = self._asking.offline_for()
            silent = f"silent for {since}" if since else "silent"
            if stop.is_being_cleared:
                return f"CLEARING, database {silent}."
            waiting = self._waiting()
            more = f", {waiting} more wait{'s' if waiting == 1 else ''}" if waiting else ""
            return f"Database {silent}{more}."
        if self._asking.lateness is Lateness.CHECKING and stop.is_being_cleared:
            return "CHECKING"
        return ""
