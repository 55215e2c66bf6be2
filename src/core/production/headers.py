"""What every fact about a unit says first: when it was, who did it and where, and which unit it is, with its lineage.

Every fact is self-contained, so each of them says all of this; here it is taken from the command and the unit's state.
"""

from datetime import datetime
from typing import TypedDict

from core.domain.commands import Command, CompleteOperation, CutSheet, EnterStation, RecordQAResult
from core.domain.models import Assembly, CardUnit, Sheet
from core.identity.ids import AssemblyId, CardUnitId, JobId, OperatorId, SheetId, SpecCode, StationId


class OfSheet(TypedDict):
    """What every fact about a sheet says first."""

    occurred_at: datetime
    operator_id: OperatorId | None
    station_id: StationId | None
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode


class OfCard(OfSheet):
    """What every fact about a card says first."""

    card_unit_id: CardUnitId
    position: int


class OfSet(OfSheet):
    """What every fact about a set says first."""

    assembly_id: AssemblyId


def of_sheet(command: Command, sheet: Sheet | CardUnit | Assembly) -> OfSheet:
    """Return what a fact says first that a command makes of a sheet, or of what comes of one."""
    match command:
        case EnterStation() | CompleteOperation() | CutSheet() | RecordQAResult():
            where = command.station.station_id
        case _:
            where = command.station_id
    return {
        "occurred_at": command.at,
        "operator_id": command.operator_id,
        "station_id": where,
        "sheet_id": sheet.sheet_id,
        "job_id": sheet.job_id,
        "spec_code": sheet.spec_code,
    }


def of_card(command: Command, card: CardUnit) -> OfCard:
    """Return what a fact says first that a command makes of a card."""
    return {**of_sheet(command, card), "card_unit_id": card.card_unit_id, "position": card.position}


def of_set(command: Command, assembly: Assembly) -> OfSet:
    """Return what a fact says first that a command makes of a set."""
    return {**of_sheet(command, assembly), "assembly_id": assembly.assembly_id}
