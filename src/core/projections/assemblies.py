"""rm_assemblies: how far the gathering of each set is, and what it lacks.

Folded from the set's own stream. Read by the assembly grid, the packing queue and
the overdue watch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.events import (
    AssemblyCompleted,
    AssemblyOpened,
    AssemblyOverdueFlagged,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitVoided,
    Event,
    HeldScanRefused,
    HeldScanSettled,
    ReplacementCardUnitCreated,
    ReplacementSetAuthorized,
    SetPacked,
    TrayBrought,
    TrayParked,
    VoidedCardTakenOut,
)
from core.domain.immutable import immutable
from core.domain.streams import AggregateType
from core.domain.values import AssemblyStatus
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)
from core.projections.folding import Arms, Begins, fold_stream


@immutable
class AssemblyRow:
    """One set as it is now.

    ``expected`` holds for each position, in order, the newest card made for it, also
    where that card is void; ``gaps`` are the positions whose newest card is void.
    ``gathered`` are the cards in the tray, by position. ``replacements`` are the
    expected cards that are replacements and not void. ``gatherers`` are the people who
    put in the cards that lie in the tray. ``authorized_by`` is the manager whose
    authorization still holds. ``last_station_id`` is where a card was last gathered or
    the tray's label read, ``open_at`` the same until the tray is parked. ``void_in_tray`` are the cards that were
    voided in the tray and not seen to be taken out, by position.
    ``version`` is its stream's, corrections included.
    """

    assembly_id: AssemblyId
    sheet_id: SheetId
    job_id: JobId
    order_id: ProductionOrderId
    spec_code: SpecCode
    product_name: str
    rows: int
    columns: int
    expected: tuple[CardUnitId, ...]
    gathered: tuple[CardUnitId, ...]
    void_in_tray: tuple[CardUnitId, ...]
    expected_count: int
    gathered_count: int
    gaps: tuple[int, ...]
    replacements: tuple[CardUnitId, ...]
    status: AssemblyStatus
    authorized_by: OperatorId | None
    gatherers: tuple[OperatorId, ...]
    opened_at: datetime
    last_gathered_at: datetime | None
    last_station_id: StationId | None
    open_at: StationId | None
    completed_at: datetime | None
    overdue_flagged: bool
    pack_id: PackId | None
    packed_at: datetime | None
    updated_at: datetime
    version: int

    @property
    def needs_authorization(self) -> bool:
        """Whether a manager must authorize the complete set before it is packed."""
        return self.status is AssemblyStatus.COMPLETE and bool(self.replacements) and self.authorized_by is None


@dataclass(slots=True)
class _Assembly:
    """The set so far; cards, and who put each into the tray, by position.

    ``replaced`` are the positions that a replacement was ever made for.
    """

    opened: AssemblyOpened
    expected: dict[int, CardUnitId]
    gathered: dict[int, CardUnitId] = field(default_factory=dict[int, CardUnitId])
    void_in_tray: dict[int, CardUnitId] = field(default_factory=dict[int, CardUnitId])
    gaps: set[int] = field(default_factory=set[int])
    replaced: set[int] = field(default_factory=set[int])
    status: AssemblyStatus = AssemblyStatus.PENDING
    authorized_by: OperatorId | None = None
    gatherers: dict[int, OperatorId | None] = field(default_factory=dict[int, OperatorId | None])
    last_gathered_at: datetime | None = None
    last_station_id: StationId | None = None
    open_at: StationId | None = None
    completed_at: datetime | None = None
    overdue_flagged: bool = False
    pack_id: PackId | None = None
    packed_at: datetime | None = None


def _begin(event: AssemblyOpened) -> _Assembly:
    return _Assembly(event, dict(enumerate(event.expected, 1)))


def _reopen(assembly: _Assembly) -> None:
    """Take back what held only for the set as it was: that it is complete and authorized."""
    if assembly.status is AssemblyStatus.COMPLETE:
        assembly.status = AssemblyStatus.IN_PROGRESS
    assembly.completed_at = None
    assembly.authorized_by = None


def _gathered(assembly: _Assembly, event: CardScannedForAssembly) -> None:
    assembly.gathered[event.position] = event.card_unit_id
    assembly.gatherers[event.position] = event.operator_id
    assembly.status = AssemblyStatus.IN_PROGRESS
    assembly.last_gathered_at = event.occurred_at
    assembly.void_in_tray.pop(event.position, None)
    assembly.open_at = event.station_id
    if event.station_id is not None:
        assembly.last_station_id = event.station_id


def _removed(assembly: _Assembly, event: CardRemovedFromAssembly) -> None:
    assembly.gathered.pop(event.position, None)
    assembly.gatherers.pop(event.position, None)
    _reopen(assembly)


def _voided(assembly: _Assembly, event: CardUnitVoided) -> None:
    if assembly.gathered.get(event.position) == event.card_unit_id:
        assembly.void_in_tray[event.position] = assembly.gathered.pop(event.position)
        del assembly.gatherers[event.position]
    if assembly.expected.get(event.position) == event.card_unit_id:
        assembly.gaps.add(event.position)
    _reopen(assembly)


def _taken_out(assembly: _Assembly, event: VoidedCardTakenOut) -> None:
    assembly.void_in_tray.pop(event.position, None)


def _kept_from_packing(_assembly: _Assembly, _event: HeldScanRefused | HeldScanSettled) -> None:
    """Leave the row as it is: what was refused stands on the list of its station."""


def _brought(assembly: _Assembly, event: TrayBrought) -> None:
    assembly.last_station_id = assembly.open_at = event.station_id


def _parked(assembly: _Assembly, _event: TrayParked) -> None:
    assembly.open_at = None


def _replaced(assembly: _Assembly, event: ReplacementCardUnitCreated) -> None:
    assembly.expected[event.position] = event.card_unit_id
    assembly.gaps.discard(event.position)
    assembly.replaced.add(event.position)
    _reopen(assembly)


def _completed(assembly: _Assembly, event: AssemblyCompleted) -> None:
    assembly.status = AssemblyStatus.COMPLETE
    assembly.completed_at = event.occurred_at


def _authorized(assembly: _Assembly, event: ReplacementSetAuthorized) -> None:
    assembly.authorized_by = event.manager


def _overdue(assembly: _Assembly, _event: AssemblyOverdueFlagged) -> None:
    assembly.overdue_flagged = True


def _packed(assembly: _Assembly, event: SetPacked) -> None:
    assembly.status = AssemblyStatus.PACKED
    assembly.pack_id = event.pack_id
    assembly.packed_at = event.occurred_at


ASSEMBLY_BEGINS: Begins[_Assembly] = {AssemblyOpened: _begin}

ASSEMBLY_ARMS: Arms[_Assembly] = {
    CardScannedForAssembly: _gathered,
    CardRemovedFromAssembly: _removed,
    CardUnitVoided: _voided,
    VoidedCardTakenOut: _taken_out,
    HeldScanRefused: _kept_from_packing,
    HeldScanSettled: _kept_from_packing,
    TrayBrought: _brought,
    TrayParked: _parked,
    ReplacementCardUnitCreated: _replaced,
    AssemblyCompleted: _completed,
    ReplacementSetAuthorized: _authorized,
    AssemblyOverdueFlagged: _overdue,
    SetPacked: _packed,
}


def fold_assembly(events: Sequence[Event]) -> AssemblyRow | None:
    """Return the row of a set from its whole stream, or None where it was never opened."""
    folded = fold_stream(AggregateType.ASSEMBLY, ASSEMBLY_BEGINS, ASSEMBLY_ARMS, events)
    if folded is None:
        return None
    assembly, updated_at = folded
    opened = assembly.opened
    expected = tuple([card for _, card in sorted(assembly.expected.items())])
    gathered = tuple([card for _, card in sorted(assembly.gathered.items())])
    return AssemblyRow(
        assembly_id=opened.assembly_id,
        sheet_id=opened.sheet_id,
        job_id=opened.job_id,
        order_id=opened.order_id,
        spec_code=opened.spec_code,
        product_name=opened.product_name,
        rows=opened.rows,
        columns=opened.columns,
        expected=expected,
        gathered=gathered,
        void_in_tray=tuple([card for _, card in sorted(assembly.void_in_tray.items())]),
        expected_count=len(expected),
        gathered_count=len(gathered),
        gaps=tuple(sorted(assembly.gaps)),
        replacements=tuple([assembly.expected[place] for place in sorted(assembly.replaced - assembly.gaps)]),
        status=assembly.status,
        authorized_by=assembly.authorized_by,
        gatherers=tuple(sorted({who for who in assembly.gatherers.values() if who is not None})),
        opened_at=opened.occurred_at,
        last_gathered_at=assembly.last_gathered_at,
        last_station_id=assembly.last_station_id,
        open_at=assembly.open_at,
        completed_at=assembly.completed_at,
        overdue_flagged=assembly.overdue_flagged,
        pack_id=assembly.pack_id,
        packed_at=assembly.packed_at,
        updated_at=updated_at,
        version=len(events),
    )
