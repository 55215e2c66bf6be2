"""The desk of one station: what it says, whom it knows, what it did last. What roles ask of their session.

Every verdict of a station is given here. The verdict is published as soon as it is
known; what the screen shows besides is read afterwards.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from core.domain.commands import Command
from core.domain.readings import BadgeRead
from core.domain.rejections import Refusal, Rejection, UnknownBarcode, unit_of
from core.identity.ids import OperatorId, canonical
from core.production.barcodes import BadgeBarcode, CardBarcode, ControlBarcode, SheetBarcode, plain, read_barcode
from core.production.holding import MustWait
from core.production.scan import Scan
from kiosk.printable import shown
from kiosk.snapshots.dialogs import PinView, QuestionView
from kiosk.snapshots.panes import ScanLine
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.asking import Asked, Asking, Kept
from kiosk.station_session.exceptions import InTheWay, in_the_way
from kiosk.station_session.inputs import Scanned
from kiosk.station_session.stops import Cleared, Stops
from kiosk.station_session.undoing import LastDeed
from kiosk.station_session.verdicts import VerdictBand
from kiosk.station_session.work import Surroundings, Work
from kiosk.wording.events import Accepted as SaidAccepted
from kiosk.wording.events import accepted as say_accepted
from kiosk.wording.holding import kept_words, spoken_wait, what_is_kept
from kiosk.wording.rejections import spoken
from kiosk.wording.spoken import Severity
from store.commands import Accepted

T = TypeVar("T")

_LAST_SCANS = 24

_BACK_SECONDS = 20.0
"""How long a station says that the database is back: until whoever laid something aside has looked up."""

BADGE_FIRST = "Scan your badge first."
QUESTION_CLOSED = "The question that was open here is closed: nothing was done."


def name_of(scan: Scan) -> str:
    """Return what a scan is called in the last scans: the card where it answers what was asked for that card."""
    if scan.awaited is None:
        return scan.text
    answers = not isinstance(read_barcode(scan.text), CardBarcode | SheetBarcode | BadgeBarcode | ControlBarcode)
    return scan.awaited.card_unit_id if answers else scan.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the desk tells the session: that there is something new to show, to read, or to say to the leads."""

    publish: Callable[[], None]
    wake: Callable[[frozenset[str] | None], None]
    beat: Callable[[], None]
    waiting: Callable[[], int]
    newest: Callable[[], int]


class StationDesk:
    """One station's desk; ``clock`` is UTC, ``monotonic`` the clock of durations, in seconds."""

    def __init__(
        self,
        around: Surroundings,
        asking: Asking,
        signals: Signals,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """Begin with nobody logged on and nothing done; ``sit_down`` gives it its work."""
        self._around = around
        self._asking = asking
        self._signals = signals
        self._clock = clock
        self._monotonic = monotonic
        self._questions = 0
        self.band = VerdictBand()
        self.lines: deque[ScanLine] = deque(maxlen=_LAST_SCANS)
        self.deed = LastDeed(monotonic)
        self.question: QuestionView | PinView | None = None
        self.person: BadgeRead | None = None
        self.log_on_problem = ""
        self.in_the_way: InTheWay | None = None
        """What the newest refusal of a unit asks to be settled first."""
        self.stops = Stops(
            around,
            asking,
            clock=clock,
            monotonic=monotonic,
            waiting=signals.waiting,
            newest=signals.newest,
            changed=signals.publish,
            over=self._stop_is_over,
        )
        self.work: Work

    def sit_down(self, work: Work) -> Work:
        """Give the desk its role's work."""
        self.work = work
        return work

    # -- verdicts ----------------------------------------------------------------

    def tell(self, asked: Asked, *, name: str) -> None:
        """Give the verdict on a request; a reading has none."""
        if isinstance(asked.answer, Accepted):
            self._record(name, asked.answer)
        elif isinstance(asked.answer, Refusal):
            self._refused(name, asked, asked.answer)
        elif isinstance(asked.answer, Kept):
            self._kept(name, asked, asked.answer)
        elif isinstance(asked.answer, MustWait):
            self.waits(asked.answer, name=name)

    def _kept(self, name: str, asked: Asked, kept: Kept) -> None:
        self.in_the_way = None
        self.work.kept(asked.request)
        # What was recorded before this is not the last deed any more, and this one cannot be taken back yet.
        self.deed.forget()
        verdict, words = what_is_kept(asked.request)
        line = self.note(name, VerdictState.OFFLINE, words)
        self.band.say(
            VerdictState.OFFLINE,
            big="SAVED",
            words=kept_words(kept.count),
            instruction=f"{self._short(line)} {verdict}".strip(),
            until=self.fades(),
        )
        self._signals.publish()

    def waits(self, waits: MustWait, *, name: str = "") -> None:
        """Say in amber what waits for the database, and why: nothing of it was done or kept.

        With a ``name`` the last scans tell of it as well.
        """
        words = spoken_wait(waits.why)
        if self.person is None:
            self.log_on_problem = words.text
        self.band.attention(words)
        self.band.until_back()
        # The band says what waits; beside a whole id there is room for no more.
        if name:
            self.note(name, VerdictState.ATTENTION, "waits")
        self._signals.publish()

    def end_waiting(self) -> bool:
        """Say that the database is back where the band still says that something waits for it; say whether it did."""
        if not self.band.says_to_wait or not self._asking.is_back:
            return False
        self.log_on_problem = ""
        ready = self.work.ready()
        self.band.say(
            VerdictState.READY,
            big=ready.big,
            words="THE DATABASE IS BACK",
            instruction="What had to wait can be done now",
            until=self.fades(_BACK_SECONDS),
        )
        return True

    def _record(self, name: str, outcome: Accepted) -> None:
        said = say_accepted(outcome.events, self._around.words)
        self.in_the_way = None
        self.work.accepted(outcome.events)
        is_last = self.deed.remember(outcome.recorded)
        if said is not None:
            counter, caption = self.work.how_far(outcome.events)
            if counter:
                said = replace(said, counter=counter, caption=caption)
            self.band.accepted(said, self.work.instruction(), self.fades())
            # The list tells how units fared: one that failed must not look like one that passed.
            line = self.note(name, VerdictState.REJECTED if said.is_failure else VerdictState.ACCEPTED, said.short)
            if is_last:
                self.deed.line = line if self.undo_command() is not None else None
        # The verdict is out before anything is read again or asked: it is what is waited for.
        self._signals.publish()

    def _refused(self, name: str, asked: Asked, rejection: Rejection) -> None:
        words = spoken(rejection, self._around.words)
        if words.severity is not Severity.STOP:
            self.refuse(rejection, name=name)
            return
        self.in_the_way = in_the_way(rejection)
        self.stops.raise_by(asked, words)
        self._signals.beat()
        self.question = None
        self.band.clear()
        self.note(name, VerdictState.REJECTED, words.quiet)
        self._signals.publish()

    def refuse(self, rejection: Rejection, *, name: str, besides: str = "") -> None:
        """Say in amber why something is refused; also what the store need not be asked about.

        ``besides`` is a sentence for whoever stands there with nobody logged on.
        """
        words = self.work.as_said_here(rejection, spoken(rejection, self._around.words))
        # A badge that is refused, or a key, leaves what the card before it asks for: it lies there still.
        if unit_of(rejection) is not None:
            self.in_the_way = in_the_way(rejection)
        if self.person is None:
            self.log_on_problem = f"{words.text} {besides}".strip()
        self.band.attention(words, self._amber_ends())
        self.note(name, VerdictState.ATTENTION, words.quiet)
        self._signals.publish()

    def _stop_is_over(self, cleared: Cleared) -> None:
        self._signals.beat()
        self.band.clear()
        self.note(cleared.by, VerdictState.READY, f"{cleared.number:04d} ended")
        self._signals.publish()

    def note(self, text: str, state: VerdictState, words: str, *, at: datetime | None = None) -> ScanLine:
        """Add a line to the last scans, of a moment (UTC) or of now; it keeps the whole id for as long as it stands."""
        what = canonical(plain(text)) if state is not VerdictState.READY else text
        clock = (at or self.now()).astimezone(self._around.words.zone).strftime("%H:%M:%S")
        line = ScanLine(what=what, state=state, words=words, at=clock)
        self.lines.appendleft(line)
        return line

    def last_scans(self) -> tuple[ScanLine, ...]:
        """Return the last scans, each as it is told apart now; the one that F2 takes back says so."""
        newest = self.deed.line
        return tuple(replace(line, what=self._short(line), undo=line is newest) for line in self.lines)

    def _short(self, line: ScanLine) -> str:
        """Return a line's unit without the job that the header names; one of another job is told in full."""
        job = f"{self.work.job_line().removeprefix('JOB ')}-"
        return line.what if line.state is VerdictState.READY else shown(line.what.removeprefix(job), 24)

    def fades(self, seconds: float | None = None) -> float:
        """Return when a verdict given now is over; without ``seconds`` it is green."""
        return self._monotonic() + (self.work.green_seconds if seconds is None else seconds)

    def _amber_ends(self) -> float | None:
        seconds = self.work.amber_seconds
        return None if seconds is None else self.fades(seconds)

    async def look_up(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read what somebody wants to see now; raises StoreUnavailable after a second, at once while offline."""
        return await self._asking.look(read)

    def put_away(self) -> None:
        """Show no verdict any more: somebody looks elsewhere."""
        self.band.clear()

    def withdraw(self, big: str) -> None:
        """Show the amber verdict with these big words no more, if it is still shown."""
        self.band.withdraw(big)
        self._signals.publish()

    def amend(self, big: str, instruction: str) -> None:
        """Say what to do about the amber verdict with these big words, if it is still shown: it is known only now."""
        self.band.amend(big, instruction)
        self._signals.publish()

    def undo_command(self) -> Command | None:
        """Return what takes back what was done last; None where nothing can be."""
        return self.deed.command(
            at=self.now(), operator_id=self.operator_id, station_id=self._around.station.station_id
        )

    # -- what roles ask for --------------------------------------------------------

    @property
    def operator_id(self) -> OperatorId | None:
        """Who is logged on."""
        return None if self.person is None else self.person.operator_id

    @property
    def operator(self) -> BadgeRead | None:
        """Who is logged on, with roles."""
        return self.person

    @property
    def is_keeping(self) -> bool:
        """Whether what is scanned now is kept on this terminal, so that what must not be kept waits."""
        return self._asking.is_keeping

    def now(self) -> datetime:
        """The present moment, UTC."""
        return self._clock()

    def wake(self, changed: frozenset[str] | None = None) -> None:
        """Read again what is shown; ``changed`` names ids, None means everything."""
        self._signals.wake(changed)

    def forget(self) -> None:
        """Take note that what was done last cannot be taken back here any more."""
        self.deed.forget()
        self._signals.publish()

    async def do(self, command: Command, *, name: str = "") -> bool:
        """Run a command of the station's own and give its verdict; say whether it was accepted."""
        asked = await self._asking.run(command)
        self.tell(asked, name=name or type(command).__name__)
        return isinstance(asked.answer, Accepted)

    async def run_quietly(self, command: Command) -> Asked:
        """Run a command of the station's own; ``tell`` gives its verdict."""
        return await self._asking.run(command)

    def attention(
        self, noun: str, sentence: str, *, big: str = "AGAIN", until_back: bool = False, stays: bool = False
    ) -> None:
        """Say amber that something must be done first; with ``until_back`` only while the database is away.

        With ``stays`` it is said until somebody acts, also where amber leaves by itself.
        """
        until = None if stays or until_back else self._amber_ends()
        self.band.say(VerdictState.ATTENTION, big=big, words=noun, instruction=sentence, until=until)
        if until_back:
            self.band.until_back()

    def say(self, said: SaidAccepted, instruction: str = "") -> None:
        """Say green what was done without a record, such as opening a tray."""
        self.band.accepted(said, instruction, self.fades())

    def remark(self, instruction: str) -> None:
        """Say with the verdict that is shown what to do next."""
        self.band.remark(instruction)

    def inspect(self) -> None:
        """Let the band show what is in hand; the green of its check-in fades into it by itself."""
        if not self.band.is_accepted:
            self.band.clear()
            self.band.count()

    def ask(self, question: QuestionView | PinView | None) -> None:
        """Open a question over the work, or close it."""
        self.question = question

    def goes_on_asking(self, scanned: Scanned) -> bool:
        """Say whether a scan leaves the question for a PIN open: the badge of who is asked, or a slip of the keys."""
        asked = self.question
        if not isinstance(asked, PinView):
            return False
        match read_barcode(scanned.text):
            case BadgeBarcode(operator_id=person):
                return person == asked.person
            case UnknownBarcode() if scanned.is_typed:
                self.question = replace(asked, problem="A PIN has digits only.", serial=self.next_serial())
                return True
            case _:
                return False

    def next_serial(self) -> int:
        """Return a number for a question."""
        self._questions += 1
        return self._questions
