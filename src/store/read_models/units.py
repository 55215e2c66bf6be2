"""rm_card_units, rm_sheets and rm_assemblies by id and by descent: where each unit is and what it waits for.

Ids carry lineage: the cards of a sheet, and of a job, are one range of the key.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from core.projections import AssemblyRow, CardUnitRow, SheetRow
from store.read_models.tables import RowQuery, columns_of

_CARD = columns_of(CardUnitRow)
_SHEET = columns_of(SheetRow)
_SET = columns_of(AssemblyRow)

CARD = RowQuery(CardUnitRow, f"SELECT {_CARD} FROM rm_card_units WHERE card_unit_id = $1")

# "." follows "-" in byte order: everything that begins with the parent and a hyphen.
CARDS_BELOW = RowQuery(
    CardUnitRow,
    f"SELECT {_CARD} FROM rm_card_units WHERE card_unit_id >= $1::text || '-' AND card_unit_id < $1::text || '.'"
    " ORDER BY card_unit_id",
)
"""The cards of a sheet or of a job, by position; a replacement follows what it replaces."""

CARDS_NAMED = RowQuery(
    CardUnitRow, f"SELECT {_CARD} FROM rm_card_units WHERE card_unit_id = ANY($1::text[]) ORDER BY card_unit_id"
)

CARDS_IN_STATUS = RowQuery(
    CardUnitRow,
    f"SELECT {_CARD} FROM rm_card_units WHERE status = $1 AND status <> 'PACKED' AND job_id IN"
    " (SELECT job_id FROM rm_jobs WHERE status IN ('STARTED', 'ON_HOLD')) ORDER BY since LIMIT $2",
)

SHEET = RowQuery(SheetRow, f"SELECT {_SHEET} FROM rm_sheets WHERE sheet_id = $1")

SHEETS_BELOW = RowQuery(
    SheetRow,
    f"SELECT {_SHEET} FROM rm_sheets WHERE sheet_id >= $1::text || '-' AND sheet_id < $1::text || '.'"
    " ORDER BY sheet_id",
)

ASSEMBLY = RowQuery(AssemblyRow, f"SELECT {_SET} FROM rm_assemblies WHERE assembly_id = $1")

ASSEMBLIES_BELOW = RowQuery(
    AssemblyRow,
    f"SELECT {_SET} FROM rm_assemblies WHERE assembly_id >= $1::text || '-' AND assembly_id < $1::text || '.'"
    " ORDER BY assembly_id",
)

OPEN_TRAY = RowQuery(
    AssemblyRow,
    f"SELECT {_SET} FROM rm_assemblies a"
    " WHERE status IN ('PENDING', 'IN_PROGRESS', 'COMPLETE') AND status <> 'PACKED' AND open_at = $1"
    " ORDER BY (SELECT max(sequence_num) FROM production_events e"
    " WHERE e.aggregate_type = 'assembly' AND e.aggregate_id = a.assembly_id"
    " AND e.event_type IN ('CardScannedForAssembly', 'TrayBrought')) DESC NULLS LAST, assembly_id LIMIT 1",
)
"""Of the few trays that are open at a station the one that was seen there last, by its label or by a card."""

OPEN_ASSEMBLIES_OLDER = RowQuery(
    AssemblyRow,
    f"SELECT {_SET} FROM rm_assemblies WHERE status IN ('PENDING', 'IN_PROGRESS') AND status <> 'PACKED'"
    " AND opened_at <= $1 AND NOT overdue_flagged ORDER BY opened_at LIMIT $2",
)
