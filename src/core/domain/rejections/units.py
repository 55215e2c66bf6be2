"""Why work on a sheet or card is refused."""

from dataclasses import dataclass

from core.domain.rejections.base import Refusal
from core.domain.values import (
    CardUnitStatus,
    JobStatus,
    OperationType,
    SheetStatus,
    StandIn,
    StationRole,
    StepRef,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperationCode,
    PackId,
    SheetId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownUnit(Refusal):
    """A well-formed id of nothing that exists."""

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCutYet(Refusal):
    """A card or set whose label was printed ahead: its sheet makes it at the cut, and never where it is void."""

    unit_id: str
    sheet_id: SheetId
    status: SheetStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class JobNotRunning(Refusal):
    """The unit's job is held, cancelled, completed or not started."""

    job_id: JobId
    status: JobStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongKindOfUnit(Refusal):
    """This station works on something else: a card came where sheets are due, say."""

    unit_id: str
    station_role: StationRole


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongStep(Refusal):
    """The unit is not ready for what this station does; ``ready`` says for what it is.

    ``missing`` are the operations that must be done before this station's;
    ``operations`` are those of its kinds of work that it does, empty where it does all;
    ``station_id`` is None where a gate was approved from no station.
    """

    unit_id: str
    station_id: StationId | None
    work: tuple[OperationType, ...]
    operations: tuple[OperationCode, ...]
    ready: tuple[StepRef, ...]
    missing: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDone(Refusal):
    """This station's operation was done on the unit before."""

    unit_id: str
    operation: OperationCode
    ready: tuple[StepRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedScan(Refusal):
    """The same code again so soon that it was hardly meant as the next step."""

    unit_id: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetGone(Refusal):
    """The sheet is cut or voided; what is on the floor are its cards, if any."""

    sheet_id: SheetId
    status: SheetStatus
    n_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVoided(Refusal):
    """The card left production; ``replaced_by`` names the card that was made for it.

    ``stand_in`` is the newest of its place, which is another where that one was voided too;
    None where none was made, or where an older program wrote this.
    """

    card_unit_id: CardUnitId
    reason: VoidReason | None
    replaced_by: CardUnitId | None
    stand_in: StandIn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGathered(Refusal):
    """The card lies in its set's tray (or is packed) and takes no more work."""

    card_unit_id: CardUnitId
    assembly_id: AssemblyId
    status: CardUnitStatus
    pack_id: PackId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFailed(Refusal):
    """The card failed QA and waits for a lead: rework or void."""

    card_unit_id: CardUnitId
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAtStation(Refusal):
    """A verdict or completion for a unit that is not checked in here."""

    unit_id: str
    station_id: StationId
    at_station: StationId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongUnitState(Refusal):
    """The command does not fit the state that the card is in."""

    unit_id: str
    status: CardUnitStatus | SheetStatus
    needed: tuple[CardUnitStatus | SheetStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonMissing(Refusal):
    """A failure, void or correction needs at least one code or a reason."""

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOperation(Refusal):
    """The route of this product has no such operation for this kind of unit."""

    unit_id: str
    operation: OperationCode
    known: tuple[OperationCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkLimitReached(Refusal):
    """The card was reworked as often as its product allows; it can only be voided."""

    card_unit_id: CardUnitId
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyReplaced(Refusal):
    """The voided card has a replacement already."""

    card_unit_id: CardUnitId
    replaced_by: CardUnitId
