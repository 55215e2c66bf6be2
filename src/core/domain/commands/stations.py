"""What concerns a station and no unit."""

from datetime import datetime

from core.domain.commands.base import Order
from core.domain.immutable import immutable
from core.domain.values import (
    StopClearedBy,
)
from core.identity.ids import (
    CardUnitId,
    CommandId,
    StationId,
)


@immutable
class StartDowntime(Order):
    """Say that a station stands still."""

    at_station: StationId
    reason: str


@immutable
class EndDowntime(Order):
    """Say that a station works again."""

    at_station: StationId


@immutable
class CallForHelp(Order):
    """Ask for a lead at a station."""

    at_station: StationId
    note: str = ""


@immutable
class AnswerHelp(Order):
    """Take a station's call."""

    at_station: StationId


@immutable
class ClearStop(Order):
    """End the stop that the refused command ``stop`` raised at ``raised_at``; ``ignored`` scans came under it.

    ``unit_id`` is what was refused, None where nobody can tell any more.
    """

    at_station: StationId
    stop: CommandId
    refusal: str
    raised_at: datetime
    cleared_by: StopClearedBy
    ignored: int
    unit_id: str | None = None


@immutable
class ReportHeldScan(Order):
    """Say that what a station held while the database was away was refused when it was delivered.

    ``held`` is its command id, ``kind`` what it was, ``scanned`` the code or unit, ``operator_id``
    who scanned it at ``scanned_at``. ``refusal`` names why and ``reason`` says it with its data, as
    the store writes refusals; both are empty for what the program could not read. ``in_tray`` is the
    card that was laid into its set's open tray by it, None where none was.
    """

    at_station: StationId
    held: CommandId
    kind: str
    scanned: str
    scanned_at: datetime
    refusal: str
    reason: str
    in_tray: CardUnitId | None = None


@immutable
class SettleHeldScan(Order):
    """Say that a held scan that was refused has been dealt with."""

    at_station: StationId
    held: CommandId
    note: str = ""
