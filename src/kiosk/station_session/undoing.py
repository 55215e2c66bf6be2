"""What the station did last, and whether it may still be taken back there."""

from collections.abc import Callable
from datetime import datetime

from core.domain.commands import Command
from core.domain.events import (
    CardScannedForAssembly,
    CardUnitEnteredStation,
    Event,
    SheetEnteredStation,
    SheetExitedStation,
    TrayBrought,
)
from core.identity.ids import CardUnitId, OperatorId, SheetId, StationId
from core.production.corrections import Recorded, undo_of
from kiosk.snapshots.panes import ScanLine


class LastDeed:
    """The facts of the newest accepted request, when it was, and the line that tells of it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Begin with nothing done; ``monotonic`` is in seconds."""
        self._monotonic = monotonic
        self._recorded: tuple[Recorded, ...] = ()
        self._at = 0.0
        self.line: ScanLine | None = None

    def remember(self, recorded: tuple[Recorded, ...]) -> bool:
        """Take note of what was recorded just now; say whether that is the last deed now.

        The label of another tray leaves the card that was gathered before it where it lies: F2 is about that still.
        """
        if recorded and all(self._leaves_card(each.event) for each in recorded):
            return False
        self._recorded, self._at, self.line = recorded, self._monotonic(), None
        return True

    def _leaves_card(self, event: Event) -> bool:
        gathered_in = {each.assembly_id for each in self.events if isinstance(each, CardScannedForAssembly)}
        return bool(gathered_in) and isinstance(event, TrayBrought) and event.assembly_id not in gathered_in

    @property
    def events(self) -> tuple[Event, ...]:
        """What was recorded, in order; nothing where it cannot be taken back any more."""
        return tuple(recorded.event for recorded in self._recorded)

    @property
    def checked_in(self) -> SheetId | CardUnitId | None:
        """The unit that it checked in, where it did nothing else."""
        events = [recorded.event for recorded in self._recorded if not isinstance(recorded.event, SheetExitedStation)]
        match events:
            case [SheetEnteredStation(sheet_id=sheet)]:
                return sheet
            case [CardUnitEnteredStation(card_unit_id=card)]:
                return card
            case _:
                return None

    def forget(self) -> None:
        """Take note that it cannot be taken back any more."""
        self._recorded, self.line = (), None

    def is_late(self, limit: float | None) -> bool:
        """Say whether it is older than ``limit`` seconds; None sets no limit."""
        return limit is not None and bool(self._recorded) and self._monotonic() - self._at > limit

    def command(self, *, at: datetime, operator_id: OperatorId | None, station_id: StationId) -> Command | None:
        """Return what takes it back; None where nothing can be, or nobody is there to do it."""
        if operator_id is None:
            return None
        return undo_of(
            self._recorded,
            at=at,
            operator_id=operator_id,
            station_id=station_id,
            reason="undone at the station",
        )
