"""Why a card or set is refused at a tray."""

from dataclasses import dataclass

from core.domain.rejections.base import Refusal
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    StepRef,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    OperatorId,
    PackId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSet(Refusal):
    """The card belongs to another set than the one whose tray is open: full stop.

    ``missing`` are the positions that the open tray still needs, None where whoever refused it could not know.
    """

    card_unit_id: CardUnitId
    belongs_to: AssemblyId
    open_assembly: AssemblyId
    missing: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCard(Refusal):
    """The card is in this tray already."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTaken(Refusal):
    """Another card holds the position."""

    card_unit_id: CardUnitId
    held_by: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidCardInTray(Refusal):
    """The card's predecessor was voided in the tray and lies there still: it is scanned out first."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    void: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidCardLeftInTray(Refusal):
    """The void card was recorded as taken out of its tray, and the screen said SAVED: it may lie there still."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCardInTray(Refusal):
    """At the card's place another one may lie that was laid in offline and refused on delivery.

    It is taken out first, and settled on the list of ``at_station``.
    """

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    refused: CardUnitId
    at_station: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCardsInSet(Refusal):
    """In the set's tray cards may lie that were laid in offline and refused on delivery, and nobody has settled them.

    ``at_stations`` are the stations on whose lists they stand.
    """

    assembly_id: AssemblyId
    refused: tuple[CardUnitId, ...]
    at_stations: tuple[StationId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExpectedInSet(Refusal):
    """The set expects another card at this position: the latest replacement."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    expected: CardUnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPassedQA(Refusal):
    """Only cards that passed QA are gathered; ``ready`` says what is left.

    ``replaced_by`` names the card to use instead, where a void one has been made anew.
    """

    card_unit_id: CardUnitId
    status: CardUnitStatus
    ready: tuple[StepRef, ...]
    codes: tuple[str, ...]
    replaced_by: CardUnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayElsewhere(Refusal):
    """The set's tray stands at another station: two trays of one set would be two piles.

    Take the card there, or bring the tray and scan the set's label here. ``is_in_it`` where the card
    is recorded in that tray already. No card: the label itself was scanned here, before the tray was seen there.
    """

    card_unit_id: CardUnitId | None
    assembly_id: AssemblyId
    at_station: StationId
    is_in_it: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedSince(Refusal):
    """The scan was kept and delivered late, and the card or that tray was scanned elsewhere after it.

    So the card has left that tray, or was laid where no tray stood. ``at_station`` is where that was; None where
    it was at none, as in the office.
    """

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    at_station: StationId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGathered(Refusal):
    """The card is in no tray."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetIncomplete(Refusal):
    """Positions of the set are missing; ``missing`` names the cards that are awaited."""

    assembly_id: AssemblyId
    missing: tuple[CardUnitId, ...]
    gathered: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsAuthorization(Refusal):
    """The set holds replacements that no manager has authorized."""

    assembly_id: AssemblyId
    replacements: tuple[CardUnitId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToAuthorize(Refusal):
    """The set holds no replacement, is not complete, or is authorized already."""

    assembly_id: AssemblyId
    status: AssemblyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizerGathered(Refusal):
    """The manager gathered cards of this set; somebody else must authorize it."""

    assembly_id: AssemblyId
    manager: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClosed(Refusal):
    """The set is packed; nothing is gathered into or taken out of it."""

    assembly_id: AssemblyId
    status: AssemblyStatus
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOverdue(Refusal):
    """The set is not open past the limit, or was flagged before."""

    assembly_id: AssemblyId
