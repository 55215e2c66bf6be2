"""Work on sheets and cards, and what QA decides of them."""

from core.domain.commands.base import Order
from core.domain.immutable import immutable
from core.domain.values import (
    QAResult,
    StationDefinition,
    VoidReason,
)
from core.identity.ids import (
    CardUnitId,
    OperationCode,
    SheetId,
)


@immutable
class EnterStation(Order):
    """Check a sheet or card in at a station for the operation that is done there."""

    unit_id: SheetId | CardUnitId
    station: StationDefinition


@immutable
class CompleteOperation(Order):
    """Say that the operation of this station is done on a sheet or card.

    Checks the unit in first where it was not. ``number`` is its number in the
    job's run for numbering, ``serial`` the insert's serial for memorabilia.
    ``operation`` is the one that the station asked these for: no other is completed by them.
    """

    unit_id: SheetId | CardUnitId
    station: StationDefinition
    operation: OperationCode | None = None
    number: int | None = None
    serial: str | None = None


@immutable
class ApproveGate(Order):
    """Let a sheet or card past a gate of its route."""

    unit_id: SheetId | CardUnitId
    gate: OperationCode


@immutable
class CutSheet(Order):
    """Cut a sheet into its cards."""

    sheet_id: SheetId
    station: StationDefinition


@immutable
class VoidSheet(Order):
    """Take a sheet out of production before it is cut."""

    sheet_id: SheetId
    reason: VoidReason
    note: str = ""


@immutable
class RecordQAResult(Order):
    """Record an inspection of a card that is at the bench."""

    card_unit_id: CardUnitId
    station: StationDefinition
    result: QAResult


@immutable
class SendToRework(Order):
    """Send a failed card back to an operation of its route."""

    card_unit_id: CardUnitId
    back_to: OperationCode
    reason: str


@immutable
class VoidCardUnit(Order):
    """Take a card out of production for good."""

    card_unit_id: CardUnitId
    reason: VoidReason
    note: str = ""


@immutable
class CreateReplacement(Order):
    """Make a card for a voided one: same sheet, same position, next ``-R`` number."""

    card_unit_id: CardUnitId
