"""What a scan means when nothing is to be recorded by it.

A badge, a wall card, a tray's label, or a unit for which the station must first
ask something. The kiosk acts on a reading; the log never sees it.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.values import AssemblyStatus, OperatorRole, PackStatus, SequentialNumber
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    OperationCode,
    OperatorId,
    PackId,
)


class ControlVerb(StrEnum):
    """What a wall card can say: ``CMD-<VERB>[-<argument>]``."""

    UNDO = "UNDO"
    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    RESET = "RESET"
    HELP = "HELP"
    LOGOFF = "LOGOFF"
    PARK = "PARK"
    SEAL = "SEAL"
    YES = "YES"
    NO = "NO"
    SETTLE = "SETTLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What every reading is: a scan that records nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeRead(Meaning):
    """A known person's badge."""

    operator_id: OperatorId
    name: str
    roles: frozenset[OperatorRole]
    has_pin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRead(Meaning):
    """A wall card."""

    verb: ControlVerb
    argument: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayRead(Meaning):
    """A set's label at an assembly station where its tray is open already, or of a set that is packed."""

    assembly_id: AssemblyId
    status: AssemblyStatus
    missing: tuple[CardUnitId, ...]
    needs_authorization: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRead(Meaning):
    """The label of a container that was opened before: it is the one being filled."""

    pack_id: PackId
    status: PackStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictAsked(Meaning):
    """A card that is checked in at the bench and waits for its verdict."""

    card_unit_id: CardUnitId
    operation: OperationCode
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAsked(Meaning):
    """A card that is checked in for numbering and waits for its number.

    ``takes_number`` is the one that it takes over from the card that it replaces.
    """

    card_unit_id: CardUnitId
    operation: OperationCode
    run_of: int
    takes_number: SequentialNumber | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialAsked(Meaning):
    """A card that is checked in for an insert and waits for the insert's serial."""

    card_unit_id: CardUnitId
    operation: OperationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFound(Meaning):
    """Any id scanned at the leads' screen: show it."""

    unit_id: str


Reading = BadgeRead | ControlRead | TrayRead | PackRead | VerdictAsked | NumberAsked | SerialAsked | UnitFound
"""What a scan can mean besides a command."""
