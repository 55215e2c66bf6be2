"""What this station kept and was refused when it was delivered: shown until somebody says that it is dealt with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from core.domain.commands import SettleHeldScan
from core.domain.rejections import RefusedCardInTray, RefusedCardsInSet, Rejection
from core.identity.ids import CardUnitId, CommandId, StationId
from kiosk.snapshots.dialogs import ChoiceView, QuestionView
from kiosk.snapshots.frame import NoticeView
from kiosk.snapshots.tone import Tone
from kiosk.station_session.work import Desk, Surroundings
from kiosk.wording.holding import title_of, what_was_kept, when_refused, why_refused
from kiosk.wording.spoken import Words
from store.read_models.held_scans import RefusedHeldScan

_SETTLED = "settled"


_FAR = 1_000
"""So far back is looked for what is in somebody's way."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Refused cards that keep others out of their tray, and the station on whose list they stand."""

    cards: tuple[CardUnitId, ...]
    at_station: StationId


def in_the_way(rejection: Rejection) -> InTheWay | None:
    """Return what somebody has to settle before this is done after all; None where nothing is."""
    match rejection:
        case RefusedCardInTray():
            return InTheWay((rejection.refused,), rejection.at_station)
        case RefusedCardsInSet():
            return InTheWay(rejection.refused, rejection.at_stations[0])
        case _:
            return None


def question(refused: RefusedHeldScan, words: Words, serial: int) -> QuestionView:
    """Ask whether it is dealt with: what it was, who scanned it when, and why it was refused."""
    return QuestionView(
        title=title_of(refused),
        lines=(when_refused(refused, words), why_refused(refused, words).sentence),
        choices=(ChoiceView(key="Enter", label="It is dealt with", value=_SETTLED),),
        serial=serial,
    )


class Exceptions:
    """The list of one station, newest first, and the question whether one of it is dealt with."""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with nothing on it."""
        self._around = around
        self._desk = desk
        self._open: tuple[RefusedHeldScan, ...] = ()
        self._asked: RefusedHeldScan | None = None
        self._serial = 0

    async def read(self) -> None:
        """Read the list again."""
        self._open = await self._around.store.refused_held_scans(self._around.station.station_id)

    @property
    def any(self) -> bool:
        """Whether anything stands on the list."""
        return bool(self._open)

    def is_about(self, units: Collection[str]) -> bool:
        """Say whether one of these units stands on the list: what happens to it elsewhere may end that."""
        return any(not refused.units.isdisjoint(units) for refused in self._open)

    def notice(self) -> NoticeView | None:
        """Return how many there are and the newest, in words; None where there are none."""
        if not self._open:
            return None
        newest = self._open[0]
        number = newest.open
        return NoticeView(
            words=f"{number} KEPT SCAN{'' if number == 1 else 'S'} REFUSED",
            detail=f"{what_was_kept(newest)}: {why_refused(newest, self._around.words).quiet}",
            tone=Tone.ATTENTION,
        )

    # -- settling ----------------------------------------------------------------

    async def ask_about(self, in_the_way: InTheWay | None, on_screen: Sequence[str | None]) -> None:
        """Ask whether that one is dealt with which somebody here has met.

        What keeps the newest scan out of its tray comes first, also where it stands on another station's list: the
        tray may be here. Then what is on the screen, the foremost first; else the newest of this station.
        """
        own = self._around.station.station_id
        wanted = [] if in_the_way is None else [(in_the_way.at_station, card) for card in in_the_way.cards]
        for station, unit in (*wanted, *((own, unit) for unit in on_screen if unit)):
            for refused in await self._listed_at(station):
                if unit in refused.units:
                    self.ask(refused)
                    return
        self.ask()

    async def _listed_at(self, station: str) -> tuple[RefusedHeldScan, ...]:
        is_whole = not self._open or self._open[0].open <= len(self._open)
        if station == self._around.station.station_id and is_whole:
            return self._open
        return await self._desk.look_up(lambda: self._around.store.refused_held_scans(station, _FAR))

    def ask(self, refused: RefusedHeldScan | None = None) -> None:
        """Ask whether one is dealt with: the newest of this station, where none is named."""
        asked = refused or (self._open[0] if self._open else None)
        if asked is None:
            self._desk.attention("NOTHING TO SETTLE", "No kept scan of this station was refused.")
            return
        self._asked, self._serial = asked, self._desk.next_serial()
        self._desk.ask(question(asked, self._around.words, self._serial))

    @property
    def is_asking(self) -> bool:
        """Whether a question of this list is open."""
        return self._asked is not None

    def drop(self) -> None:
        """Take back what was asked: something else is asked or looked at."""
        self._asked = None

    def is_asked(self, serial: int) -> bool:
        """Say whether the question of that number is this one."""
        return self._asked is not None and serial == self._serial

    async def answered(self, value: str) -> None:
        """Take it off the list, in the log; or leave it there."""
        asked, self._asked = self._asked, None
        if asked is None or value != _SETTLED:
            return
        done = await self._desk.do(
            SettleHeldScan(
                at=self._desk.now(),
                operator_id=self._desk.operator_id,
                station_id=self._around.station.station_id,
                at_station=StationId(asked.station_id),
                held=CommandId(asked.held),
            ),
            name=what_was_kept(asked),
        )
        if done:
            left = [each for each in self._open if each.held != asked.held]
            self._open = tuple(replace(each, open=each.open - 1) for each in left)
        self._desk.wake()
