"""Why a number or an insert is refused."""

from dataclasses import dataclass

from core.domain.rejections.base import Refusal
from core.domain.streams import ClaimKind
from core.domain.values import (
    SequentialNumber,
)
from core.identity.ids import (
    CardUnitId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeeded(Refusal):
    """Numbering needs the number that is on the card."""

    card_unit_id: CardUnitId
    run_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutOfRun(Refusal):
    """The run has no such number."""

    card_unit_id: CardUnitId
    value: int
    run_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialNeeded(Refusal):
    """Memorabilia needs the insert's serial."""

    card_unit_id: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAlreadyApplied(Refusal):
    """The card has a number, and a card has only one."""

    card_unit_id: CardUnitId
    number: SequentialNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOfAnother(Refusal):
    """A replacement takes over the number of the card that it replaces, and no other."""

    card_unit_id: CardUnitId
    value: int
    takes_number: SequentialNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyClaimed(Refusal):
    """The number or serial belongs to another card."""

    kind: ClaimKind
    key: str
    holder: str
