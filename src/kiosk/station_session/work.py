"""What a role adds to a station: what it has open, what it shows, and its own keys.

``Work`` is the base of every role's half of a session. It holds what the station
has open and the rows it last read; it reads them in ``refresh``, away from the
scan path, and never while a view is made.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from core.domain.commands import Command
from core.domain.events import Event
from core.domain.readings import BadgeRead, ControlRead, Reading
from core.domain.rejections import Rejection
from core.domain.values import StationDefinition
from core.identity.ids import AssemblyId, OperatorId, PackId
from core.production.requests import Request
from core.production.scan import Awaited
from kiosk.roles import presentation_of
from kiosk.snapshots.dialogs import PinView, QuestionView
from kiosk.snapshots.keys import FooterView, Intent
from kiosk.snapshots.station import StationRole, WorkView
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.station_session.asking import Asked
from kiosk.station_session.verdicts import ACCEPTED_SECONDS
from kiosk.wording.events import Accepted
from kiosk.wording.spoken import Spoken, Words
from store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What the station has open when a code is scanned."""

    assembly: AssemblyId | None = None
    pack: PackId | None = None
    awaited: Awaited | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every role needs to know of its station."""

    station: StationDefinition
    store: Store
    words: Words


class Desk(Protocol):
    """What a role may ask of the session that it is part of."""

    @property
    def operator_id(self) -> OperatorId | None:
        """Who is logged on."""
        ...

    @property
    def operator(self) -> BadgeRead | None:
        """Who is logged on, with roles."""
        ...

    @property
    def is_keeping(self) -> bool:
        """Whether what is scanned now is kept on this terminal, so that what must not be kept waits."""
        ...

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...

    def wake(self, changed: frozenset[str] | None = None) -> None:
        """Read again what is shown."""
        ...

    def say(self, said: Accepted, instruction: str = "") -> None:
        """Say green what was done without a record, such as opening a tray."""
        ...

    async def do(self, command: Command, *, name: str = "") -> bool:
        """Run a command of the station's own and give its verdict; say whether it was accepted."""
        ...

    async def run_quietly(self, command: Command) -> Asked:
        """Run a command of the station's own; ``tell`` gives its verdict."""
        ...

    def tell(self, asked: Asked, *, name: str) -> None:
        """Give the verdict on a command of the station's own."""
        ...

    def refuse(self, rejection: Rejection, *, name: str) -> None:
        """Say in amber why something is refused that the store need not be asked about."""
        ...

    def attention(
        self, noun: str, sentence: str, *, big: str = "AGAIN", until_back: bool = False, stays: bool = False
    ) -> None:
        """Say amber that something must be done first; with ``until_back`` only while the database is away.

        With ``stays`` it is said until somebody acts, also where amber leaves by itself.
        """
        ...

    def remark(self, instruction: str) -> None:
        """Say with the verdict that is shown what to do next."""
        ...

    async def look_up(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read what somebody wants to see now; raises StoreUnavailable after a second, at once while offline."""
        ...

    def put_away(self) -> None:
        """Show no verdict any more: somebody looks elsewhere."""
        ...

    def withdraw(self, big: str) -> None:
        """Show the amber verdict with these big words no more, if it is still shown."""
        ...

    def amend(self, big: str, instruction: str) -> None:
        """Say what to do about the amber verdict with these big words, if it is still shown: it is known only now."""
        ...

    def forget(self) -> None:
        """Take note that what was done last cannot be taken back here any more."""
        ...

    def inspect(self) -> None:
        """Let the band show what is in hand, as news."""
        ...

    def ask(self, question: QuestionView | PinView | None) -> None:
        """Open a question over the work, or close it."""
        ...

    def next_serial(self) -> int:
        """Return a number for a question."""
        ...


class Work:
    """One role's half of a station session; a role overrides what it does differently."""

    refresh_seconds = 0.2
    """The least time between two readings of what is shown: live to the eye, cheap to a shop of fifty."""
    rereads_after_seconds: float | None = None
    """The most time between them, where what is shown changes without any news; None where it does not."""

    amber_seconds: float | None = None
    """For how long amber counts; None is until the next good scan, of which a board sees few."""

    green_seconds = ACCEPTED_SECONDS
    """For how long green is shown."""

    is_public = False
    """Whether the screen is of use with nobody logged on."""

    turns_pages = False
    """Whether keys and scans mean the page that is open: none is carried out later than on that page."""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with nothing open."""
        self.around = around
        self.desk = desk
        self.presentation = presentation_of(StationRole(around.station.role.value))

    # -- what is open ----------------------------------------------------------

    def open(self) -> Open:
        """Return what the station has open."""
        return Open()

    def unit_in_hand(self) -> str | None:
        """Return the unit that is being worked on, for the leads' screen."""
        return None

    async def resume(self) -> None:
        """Find again what the station had open before its terminal was started anew."""

    async def reopen(self, said: bytes) -> None:
        """Open again, once the log was read, what ``memory`` said before, where the log cannot tell which it was."""
        del said

    def logged_on(self, person: BadgeRead) -> None:
        """Take note of who works here now."""

    def logged_off(self) -> None:
        """Put away what belongs to a person, not to the station."""

    # -- what happens ----------------------------------------------------------

    async def before_scan(self, text: str) -> bool:
        """Look at a code before it is run; True keeps it from being run."""
        del text
        return False

    def hurried(self, text: str) -> bool:
        """Look at what was typed as fast as a scan; True where it was meant for this screen's keys, and says so."""
        del text
        return False

    def accepted(self, events: Sequence[Event]) -> None:
        """Take note of what was recorded here, at once and without reading anything."""

    def kept(self, request: Request) -> None:
        """Take note of what was kept on this terminal: it was done here, and the log does not have it yet."""
        del request

    def undone(self, request: Request) -> None:
        """Take note that what was kept was refused when it was delivered: what it took in hand is in hand no more."""
        del request

    def delivered(self) -> None:
        """Take note that everything that was kept has been delivered: what is read from now on is the whole truth."""

    def as_known(self, refusal: Rejection) -> Rejection:
        """Add to a refusal that was given without the database what is known here."""
        return refusal

    def memory(self) -> bytes:
        """Return what must be known to go on after a start without the database."""
        return b""

    def remember(self, said: bytes) -> None:
        """Take up again what ``memory`` said before."""
        del said

    async def read(self, reading: Reading) -> bool:
        """Act on a reading that concerns this role; False where it does not."""
        del reading
        return False

    def scan_refused(self) -> None:
        """Take note that a code was refused or damaged: nobody knows what was meant to be in hand now."""

    async def control(self, control: ControlRead) -> bool:
        """Act on a wall card of this role; False where it means nothing here."""
        del control
        return False

    async def ask_after(self, events: Sequence[Event]) -> None:
        """Ask what must be known of what was just recorded, before the next scan is looked at."""
        del events

    async def badge(self, person: BadgeRead) -> bool:
        """Look at a badge before it logs anybody on; True keeps it from doing so."""
        del person
        return False

    async def pressed(self, intent: Intent) -> None:
        """Act on one of the role's own keys."""

    async def qa_key(self, key: str) -> None:
        """Act on a key of the code entry."""

    async def found(self, text: str) -> None:
        """Show what was asked for by its id."""

    async def answered(self, value: str) -> None:
        """Act on the answer to a question that this role asked."""

    async def pin_given(self, pin: str | None) -> None:
        """Act on a PIN that this role asked for."""

    async def take_back(self) -> bool:
        """Take back what was done last where that was several commands; False where it was one."""
        return False

    def undo_seconds(self) -> float | None:
        """Return for how long the last scan may be undone; None without a limit."""
        return None

    # -- what is shown ---------------------------------------------------------

    def as_said_here(self, refusal: Rejection, words: Spoken) -> Spoken:
        """Return the words of a refusal as they help whoever works here."""
        del refusal
        return words

    async def refresh(self, changed: frozenset[str] | None) -> None:
        """Read again what the views are made of; ``changed`` names ids, None means everything."""

    def view(self, now: datetime) -> WorkView:
        """Return the work area, from what was last read."""
        raise NotImplementedError

    def ready(self) -> VerdictView:
        """Return the grey band: the imperative, and how far the work is."""
        return VerdictView(
            state=VerdictState.READY,
            big=self.presentation.ready_big,
            words=self.presentation.ready_words,
        )

    def how_far(self, events: Sequence[Event]) -> tuple[str, str]:
        """Return the band's counter and its caption after these events; empty where they say it themselves."""
        del events
        return "", ""

    def instruction(self) -> str:
        """Return what to do after an accepted scan."""
        return ""

    def typing_is_keys(self) -> bool:
        """Say whether characters are the screen's own keys now, rather than a code typed by hand."""
        return False

    def job_line(self) -> str:
        """Return what the header says is open, "JOB J1044"."""
        return ""

    def details(self) -> tuple[str, ...]:
        """Return further words for the header."""
        return ()

    def footer(self) -> FooterView:
        """Return the keys that do something now."""
        return self.presentation.footer


__all__ = ["Desk", "Open", "Surroundings", "Work"]
