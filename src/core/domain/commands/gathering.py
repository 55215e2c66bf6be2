"""Sets and their trays."""

from core.domain.commands.base import Order
from core.domain.immutable import immutable
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    OperatorId,
)


@immutable
class ScanCardForAssembly(Order):
    """Gather a card into the set whose tray is open at the station.

    ``tray_brought`` is said by what an earlier program kept, and by nothing else: the tray's label
    had been read at this station, of which its log knew nothing.
    """

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    tray_brought: bool = False


@immutable
class RemoveCardFromAssembly(Order):
    """Take a gathered card out of its set again."""

    card_unit_id: CardUnitId
    reason: str


@immutable
class TakeOutVoidedCard(Order):
    """Say that a card that was voided in its tray was taken out of it."""

    card_unit_id: CardUnitId


@immutable
class BringTray(Order):
    """Say that the tray of a set stands at this station from now on: its label was read here."""

    assembly_id: AssemblyId


@immutable
class ParkTray(Order):
    """Put the open tray of a set aside."""

    assembly_id: AssemblyId


@immutable
class AuthorizeReplacementSet(Order):
    """Let a complete set with replacements be packed; ``pin`` proves the manager's badge."""

    assembly_id: AssemblyId
    manager: OperatorId
    pin: str

    def __repr__(self) -> str:
        """Name the set and the manager, never the PIN."""
        return f"AuthorizeReplacementSet({self.assembly_id}, {self.manager})"


@immutable
class FlagOverdueAssembly(Order):
    """Automation: the set has been open for longer than ``limit_minutes``."""

    assembly_id: AssemblyId
    limit_minutes: float
