"""Why a number or an insert is refused."""

from dataclasses import dataclass

from core.domain.rejections.base import Refusal
from core.domain.streams import ClaimKind
from core.domain.values import (
    OperationType,
    SequentialNumber,
)
from core.identity.ids import (
    CardUnitId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNeeded(Refusal):
    """Numbering needs the number that is on the card; ``read`` is what came instead, raw, empty where nothing did."""

    card_unit_id: CardUnitId
    run_of: int
    read: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutOfRun(Refusal):
    """The run has no such number; ``said_run_of`` is the run that came with it, as in 7/50, None where none did."""

    card_unit_id: CardUnitId
    value: int
    run_of: int
    said_run_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialNeeded(Refusal):
    """Memorabilia needs the insert's serial; ``read`` is what came instead, raw, empty where nothing did.

    ``run_of`` is the run of which that is a number, None where it is none.
    """

    card_unit_id: CardUnitId
    read: str = ""
    run_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTheCard(Refusal):
    """What may be a number or an insert's serial came, and no card waits for it; ``text`` is raw.

    ``work`` is what the station does of the two.
    """

    text: str
    work: tuple[OperationType, ...]


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
