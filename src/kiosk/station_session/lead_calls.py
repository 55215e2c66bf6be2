"""What a station calls a lead for: shown to whoever goes there, and ended by whoever came."""

from datetime import datetime

from core.domain.commands import AnswerHelp
from core.identity.ids import StationId
from core.projections import StationRow
from kiosk.printable import shown
from kiosk.snapshots.dialogs import ChoiceView, QuestionView
from kiosk.station_session.work import Desk, Surroundings

_CAME = "came"


class Calls:
    """The calls of the stations, asked about one at a time."""

    def __init__(self, around: Surroundings, desk: Desk) -> None:
        """Begin with no question open."""
        self._around = around
        self._desk = desk
        self._asked_about: StationId | None = None

    @property
    def is_asking(self) -> bool:
        """Whether the question that is open is about a call."""
        return self._asked_about is not None

    def forget(self) -> None:
        """Ask about no call any more."""
        self._asked_about = None

    def ask(self, station: StationRow, since: datetime) -> None:
        """Show the call; it is answered by whoever went there, not by looking at it."""
        self._asked_about = StationId(station.station_id)
        note = (f'It says: "{shown(station.help_note, 60)}".',) if station.help_note else ()
        self._desk.ask(
            QuestionView(
                title=f"CALL FROM {station.station_id}",
                lines=(
                    f"A lead was called at {self._around.words.clock(since)}.",
                    *note,
                    "The call ends when a lead came.",
                ),
                choices=(ChoiceView(key="Enter", label="A lead came", value=_CAME),),
                serial=self._desk.next_serial(),
            )
        )

    async def answered(self, value: str) -> None:
        """End the call where somebody came."""
        station_id, self._asked_about = self._asked_about, None
        if station_id is None or not value:
            return
        await self._desk.do(
            AnswerHelp(
                at=self._desk.now(),
                operator_id=self._desk.operator_id,
                station_id=self._around.station.station_id,
                at_station=station_id,
            ),
            name=station_id,
        )
