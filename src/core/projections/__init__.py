"""Read models as pure folds: every row is the fold of exactly one stream.

The store calls ``ROW_FOLDS`` when it writes a row in the transaction of an event and
when it rebuilds or verifies the tables, so the two can never disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from core.domain.events import Event
from core.domain.streams import AggregateType
from core.projections.assemblies import AssemblyRow, fold_assembly
from core.projections.card_units import CardUnitRow, fold_card_unit
from core.projections.folding import ForeignEventError
from core.projections.jobs import JobRow, fold_job
from core.projections.operators import OperatorRow, fold_operator
from core.projections.orders import OrderRow, fold_order
from core.projections.packs import PackRow, fold_pack
from core.projections.sheets import SheetRow, fold_sheet
from core.projections.specs import SpecRow, fold_spec
from core.projections.stations import StationRow, fold_station
from core.projections.whereabouts import MOVED_COLUMNS, MOVES

Row = CardUnitRow | SheetRow | AssemblyRow | JobRow | OrderRow | PackRow | StationRow | OperatorRow | SpecRow
"""A row of any read model."""

ROW_FOLDS: Mapping[AggregateType, Callable[[Sequence[Event]], Row | None]] = MappingProxyType(
    {
        AggregateType.ORDER: fold_order,
        AggregateType.JOB: fold_job,
        AggregateType.SHEET: fold_sheet,
        AggregateType.CARD_UNIT: fold_card_unit,
        AggregateType.ASSEMBLY: fold_assembly,
        AggregateType.PACK: fold_pack,
        AggregateType.STATION: fold_station,
        AggregateType.OPERATOR: fold_operator,
        AggregateType.PRODUCT_SPEC: fold_spec,
    }
)
"""Per kind of stream the fold of its whole history into its one row; None where nothing is said."""

__all__ = [
    "MOVED_COLUMNS",
    "MOVES",
    "ROW_FOLDS",
    "AssemblyRow",
    "CardUnitRow",
    "ForeignEventError",
    "JobRow",
    "OperatorRow",
    "OrderRow",
    "PackRow",
    "Row",
    "SheetRow",
    "SpecRow",
    "StationRow",
    "fold_assembly",
    "fold_card_unit",
    "fold_job",
    "fold_operator",
    "fold_order",
    "fold_pack",
    "fold_sheet",
    "fold_spec",
    "fold_station",
]
