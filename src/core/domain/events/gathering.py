"""The facts of sets: gathered, completed, authorized."""

from datetime import datetime

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.values import AssemblyStatus
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperatorId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)


@immutable
class SetFact(Fact):
    """A fact about the gathering of one set."""

    assembly_id: AssemblyId
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode


@immutable
class AssemblyOpened(SetFact):
    """The cards of a cut sheet are ``expected`` to be reunited, in the order of their positions, from 1."""

    order_id: ProductionOrderId
    product_name: str
    rows: int
    columns: int
    expected: tuple[CardUnitId, ...]


@immutable
class CardScannedForAssembly(SetFact):
    """A card was gathered; recorded in the set's stream and the card's."""

    card_unit_id: CardUnitId
    position: int
    gathered: int
    expected: int


@immutable
class CardRemovedFromAssembly(SetFact):
    """A gathered card was taken out again; recorded in the set's stream and the card's."""

    card_unit_id: CardUnitId
    position: int
    reason: str


@immutable
class VoidedCardTakenOut(SetFact):
    """A card that was voided while it lay in the tray was taken out of it by hand."""

    card_unit_id: CardUnitId
    position: int


@immutable
class TrayBrought(SetFact):
    """The tray's label was read at ``station_id``: from then on it stands there, and is open there.

    It stood at ``from_station``: None where no tray was known to stand anywhere, the same station where it was
    parked there. So many of the expected cards were ``gathered`` in it, and its set was in this ``status``.
    """

    from_station: StationId | None
    gathered: int
    expected: int
    status: AssemblyStatus
    needs_authorization: bool


@immutable
class TrayParked(SetFact):
    """The tray was put aside: it is open at no station until a card goes into it again or its label is read."""


@immutable
class AssemblyCompleted(SetFact):
    """Every expected position is held by its original or its latest replacement."""

    card_unit_ids: tuple[CardUnitId, ...]
    replacements: tuple[CardUnitId, ...]


@immutable
class ReplacementSetAuthorized(SetFact):
    """A manager who gathered none of it let a set with replacements be packed."""

    manager: OperatorId
    replacements: tuple[CardUnitId, ...]


@immutable
class AssemblyOverdueFlagged(SetFact):
    """A set was open past the shop's limit; flagged once."""

    missing: tuple[CardUnitId, ...]
    open_since: datetime
