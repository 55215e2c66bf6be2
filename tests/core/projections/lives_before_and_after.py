"""The lives around a card's: the sheet that it is cut from, and the set that it goes into."""

from dataclasses import dataclass
from typing import Self

from core.domain.events import (
    AssemblyCompleted,
    AssemblyOpened,
    GateApproved,
    PrintCompleted,
    ReplacementSetAuthorized,
    SetPacked,
    SheetCreated,
    SheetCut,
    SheetEnteredStation,
    SheetExitedStation,
    SheetOperationCompleted,
    SheetVoided,
    TrayBrought,
    TrayParked,
)
from core.domain.values import OperationType, VoidReason
from core.identity.ids import CardUnitId, OperatorId, StationId, card_unit_id
from core.projections import fold_assembly
from tests.core.projections.lives import (
    BOX,
    CUT,
    GATE,
    JOB,
    MANAGER,
    OPERATOR,
    ORDER,
    PRINT,
    PRODUCT,
    SET,
    SHEET,
    SPEC,
    Life,
    gathered,
    operation_of,
    removed,
    replaced_by_replacement,
    steps,
    voided,
)


@dataclass
class SheetLife(Life):
    """The life of the third sheet; its route is print, foil, cut."""

    def __post_init__(self) -> None:
        if not self.events:
            self.create(PRINT)

    def create(self, *ready: OperationType) -> Self:
        """Say that the sheet exists."""
        return self.say(
            SheetCreated(
                occurred_at=self.now,
                operator_id=None,
                station_id=None,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                order_id=ORDER,
                product_name=PRODUCT,
                number=3,
                sheet_count=20,
                n_up=18,
                rows=3,
                columns=6,
                ready=steps(*ready),
            )
        )

    def enter(self, station: str, work: OperationType) -> Self:
        """Check the sheet in."""
        return self.say(
            SheetEnteredStation(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId(station),
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                operation=operation_of(work),
                work=work,
            )
        )

    def exit(self, station: str, work: OperationType) -> Self:
        """Leave a station with the work not done."""
        return self.say(
            SheetExitedStation(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=None,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                left=StationId(station),
                operation=operation_of(work),
            )
        )

    def complete(self, station: str, work: OperationType, *ready: OperationType) -> Self:
        """Say the operation done; the sheet is ready to cut when only the cut is ready."""
        made = PrintCompleted if work is PRINT else SheetOperationCompleted
        return self.say(
            made(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId(station),
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                operation=operation_of(work),
                work=work,
                ready=steps(*ready),
                ready_to_cut=ready == (CUT,),
            )
        )

    def approve(self, *ready: OperationType) -> Self:
        """Let the sheet past a gate."""
        return self.say(
            GateApproved(
                occurred_at=self.now,
                operator_id=MANAGER,
                station_id=None,
                unit_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                operation=operation_of(GATE),
                ready=steps(*ready),
                ready_to_cut=ready == (CUT,),
            )
        )

    def cut(self) -> Self:
        """Cut the sheet into its 18 cards."""
        return self.say(
            SheetCut(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("CUT-1"),
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                operation=operation_of(CUT),
                n_up=18,
                card_unit_ids=tuple(card_unit_id(SHEET, position) for position in range(1, 19)),
                assembly_id=SET,
            )
        )

    def void(self) -> Self:
        """Take the sheet out of production."""
        return self.say(
            SheetVoided(
                occurred_at=self.now,
                operator_id=MANAGER,
                station_id=StationId("LEAD-1"),
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                reason=VoidReason.MISPRINT,
                note="",
            )
        )


@dataclass
class SetLife(Life):
    """The gathering of the third sheet, here of four cards in two rows."""

    n_up: int = 4

    def __post_init__(self) -> None:
        if not self.events:
            self.say(
                AssemblyOpened(
                    occurred_at=self.now,
                    operator_id=OPERATOR,
                    station_id=StationId("CUT-1"),
                    assembly_id=SET,
                    sheet_id=SHEET,
                    job_id=JOB,
                    spec_code=SPEC,
                    order_id=ORDER,
                    product_name=PRODUCT,
                    rows=2,
                    columns=self.n_up // 2,
                    expected=tuple(card_unit_id(SHEET, position) for position in range(1, self.n_up + 1)),
                )
            )

    def at(self, position: int) -> CardUnitId:
        """Return the newest card of the position."""
        row = fold_assembly(self.events)
        assert row is not None
        return row.expected[position - 1]

    def gather(self, *positions: int, who: OperatorId = OPERATOR, station: str = "ASSY-1") -> Self:
        """Put the newest card of each position into the tray."""
        for position in positions:
            self.say(gathered(self.at(position), self.now, station, position, who))
        return self

    def remove(self, position: int) -> Self:
        """Take the card of the position out again."""
        return self.say(removed(self.at(position), self.now, position))

    def void(self, position: int) -> Self:
        """Void the newest card of the position."""
        row = fold_assembly(self.events)
        assert row is not None
        card = self.at(position)
        return self.say(voided(card, self.now, position=position, was_gathered=card in row.gathered))

    def replace(self, position: int) -> Self:
        """Make a card for the voided one of the position."""
        return self.say(replaced_by_replacement(self.now, self.at(position), position))

    def bring(self, station: str) -> Self:
        """Read the label of the tray at a station."""
        row = fold_assembly(self.events)
        assert row is not None
        return self.say(
            TrayBrought(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId(station),
                assembly_id=SET,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                from_station=row.last_station_id,
                gathered=row.gathered_count,
                expected=row.expected_count,
                status=row.status,
                needs_authorization=row.needs_authorization,
            )
        )

    def park(self) -> Self:
        """Put the tray aside."""
        return self.say(
            TrayParked(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("ASSY-1"),
                assembly_id=SET,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
            )
        )

    def complete(self) -> Self:
        """Say that every position is held."""
        row = fold_assembly(self.events)
        assert row is not None
        return self.say(
            AssemblyCompleted(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("ASSY-1"),
                assembly_id=SET,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                card_unit_ids=row.gathered,
                replacements=row.replacements,
            )
        )

    def authorize(self) -> Self:
        """Let the set with its replacements be packed."""
        row = fold_assembly(self.events)
        assert row is not None
        return self.say(
            ReplacementSetAuthorized(
                occurred_at=self.now,
                operator_id=MANAGER,
                station_id=StationId("PACK-1"),
                assembly_id=SET,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                manager=MANAGER,
                replacements=row.replacements,
            )
        )

    def pack(self) -> Self:
        """Put the set into a box."""
        row = fold_assembly(self.events)
        assert row is not None
        return self.say(
            SetPacked(
                occurred_at=self.now,
                operator_id=OPERATOR,
                station_id=StationId("PACK-1"),
                assembly_id=SET,
                sheet_id=SHEET,
                job_id=JOB,
                spec_code=SPEC,
                pack_id=BOX,
                card_unit_ids=row.gathered,
            )
        )
