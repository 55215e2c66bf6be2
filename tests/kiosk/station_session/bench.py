"""One station at work: what is scanned and pressed there, and what it then shows."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from core.domain.values import StationDefinition
from core.identity.ids import CardUnitId, OperatorId
from kiosk.qa_entry import QaCatalogue, QaCode
from kiosk.snapshots.dialogs import QuestionView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import StopView, VerdictView
from kiosk.snapshots.work import QaView
from kiosk.station_session.inputs import Answered, PinGiven, Pressed, QaKey, Scanned
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.roles import work_of
from kiosk.station_session.session import StationSession, WorkFactory
from kiosk.station_session.work import Surroundings
from kiosk.wording.spoken import Words
from store import Store
from tests.core.shop import START, STATIONS, spec
from tests.support.floor import Floor
from tests.support.waiting import eventually

CATALOGUE = QaCatalogue(
    codes=(
        QaCode(code="F-201", words="foil misregistered", synonyms=("shift",)),
        QaCode(code="C-301", words="edge damaged"),
    ),
    favourites=("F-201",),
)

WORDS = Words.of(STATIONS, {code.code: code.words for code in CATALOGUE.codes}, UTC)


Sheets = tuple[tuple[CardUnitId, ...], tuple[CardUnitId, ...]]
"""The cards of two sheets."""


@dataclass
class Station:
    """A session and everything that it published; durations are the floor's, the clock unless it is set otherwise."""

    floor: Floor
    definition: StationDefinition
    store: Store | None = None
    make_work: WorkFactory = field(default_factory=lambda: work_of(CATALOGUE))
    clock_set_by: timedelta = timedelta()
    keeping: Keeping | None = None
    prepare: Callable[[], Awaitable[None]] | None = None
    may_end: bool = False
    running: asyncio.Task[None] | None = None
    published: list[StationSnapshot] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the session; it runs from ``at_work`` on."""
        self.session = self.made(lambda: self.floor.now + self.clock_set_by)

    def made(self, clock: Callable[[], datetime]) -> StationSession:
        """Return a session that dates by a clock."""
        return StationSession(
            Surroundings(station=self.definition, store=self.store or self.floor.store, words=WORDS),
            self.make_work,
            clock=clock,
            monotonic=lambda: (self.floor.now - START) / timedelta(seconds=1),
            new_id=uuid4,
            publish=self._publish,
            process="test:1",
            version="0",
            keeping=self.keeping,
            prepare=self.prepare,
            may_end=self.may_end,
        )

    async def die(self) -> None:
        """End as a process does that is killed: nobody is told."""
        if self.running is not None:
            self.running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.running

    def _publish(self) -> None:
        self.published.append(self.session.snapshot())

    @property
    def shown(self) -> StationSnapshot:
        """What the station shows now."""
        return self.session.snapshot()

    @property
    def verdict(self) -> VerdictView:
        """What its band says now."""
        return self.shown.verdict

    @property
    def stop(self) -> StopView:
        """The stop that covers it."""
        assert self.shown.stop is not None, self.verdict
        return self.shown.stop

    @property
    def question(self) -> QuestionView:
        """What it asks."""
        assert isinstance(self.shown.question, QuestionView), self.verdict
        return self.shown.question

    # -- what happens there ------------------------------------------------------

    def scan_at_once(self, text: str, *, after: float = 10.0, is_typed: bool = False) -> None:
        """Scan a code without waiting for its verdict."""
        self.floor.now += timedelta(seconds=after)
        self.session.put(Scanned(text, self.session.now(), is_typed))

    async def type_code(self, text: str) -> VerdictView:
        """Type a code, as a hand or a wedge scanner does; return what the band says of it."""
        self.scan_at_once(text, is_typed=True)
        await self.session.settled()
        return self.verdict

    async def scan(self, text: str, *, after: float = 10.0) -> VerdictView:
        """Scan a code ``after`` so many seconds; return what the band says of it."""
        self.scan_at_once(text, after=after)
        await self.session.settled()
        return self.verdict

    async def scan_all(self, *texts: str) -> VerdictView:
        """Scan codes one after the other."""
        for text in texts:
            await self.scan(text)
        return self.verdict

    async def log_on(self, person: OperatorId) -> "Station":
        """Scan a badge."""
        await self.scan(person)
        assert self.shown.header.operator, self.shown
        return self

    async def press(self, intent: Intent) -> VerdictView:
        """Press a key of the footer."""
        self.session.put(Pressed(intent))
        await self.session.settled()
        return self.verdict

    @property
    def card_shown(self) -> str:
        """The card under inspection that its screen shows, empty where none."""
        work = self.shown.work
        return work.card if isinstance(work, QaView) else ""

    async def type(self, *keys: str) -> VerdictView:
        """Press keys of the code entry."""
        for key in keys:
            self.session.put(QaKey(key, self.card_shown))
        await self.session.settled()
        return self.verdict

    async def answer(self, value: str) -> VerdictView:
        """Answer the question that is open."""
        self.session.put(Answered(self.question.serial, value))
        await self.session.settled()
        return self.verdict

    async def give_pin(self, pin: str | None) -> VerdictView:
        """Enter the PIN that is asked for, or leave it."""
        asked = self.shown.question
        assert asked is not None, self.verdict
        self.session.put(PinGiven(asked.serial, pin))
        await self.session.settled()
        return self.verdict

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.floor.now += timedelta(seconds=seconds)

    async def shows(self, condition: Callable[[StationSnapshot], object]) -> StationSnapshot:
        """Wait until what is shown fulfils a condition; return it."""
        await eventually(lambda: condition(self.shown))
        return self.shown

    def beat(self) -> None:
        """Say at once what this kiosk does, which it otherwise says every few seconds."""
        self.session._upkeep.beat()

    async def caught_up(self) -> StationSnapshot:
        """Read once more all that its lists show; return what it shows then."""
        await self.session.settled()
        await self.session._desk.work.refresh(None)
        return self.shown


@contextlib.asynccontextmanager
async def at_work(station: Station) -> AsyncGenerator[Station]:
    """Run a station's session for a while."""
    station.running = asyncio.create_task(station.session.run())
    try:
        yield station
    finally:
        await station.die()


async def two_passed_sheets(floor: Floor) -> Sheets:
    """Two sheets of one job, cut and passed."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job, 1), await floor.cut(job, 2)
    for card in (*mine, *foreign):
        await floor.inspect(card)
    return mine, foreign
