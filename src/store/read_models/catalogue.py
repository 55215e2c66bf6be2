"""rm_stations, rm_operators and rm_specs: where work is done, by whom, and on what."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from core.projections import OperatorRow, SpecRow, StationRow
from store.read_models.tables import RowQuery, columns_of

_STATION = columns_of(StationRow)
_OPERATOR = columns_of(OperatorRow)
_SPEC = columns_of(SpecRow)

STATION = RowQuery(StationRow, f"SELECT {_STATION} FROM rm_stations WHERE station_id = $1")
STATIONS = RowQuery(StationRow, f"SELECT {_STATION} FROM rm_stations ORDER BY station_id")

OPERATOR = RowQuery(OperatorRow, f"SELECT {_OPERATOR} FROM rm_operators WHERE operator_id = $1")
OPERATORS = RowQuery(OperatorRow, f"SELECT {_OPERATOR} FROM rm_operators ORDER BY operator_id")

SPECS = RowQuery(SpecRow, f"SELECT {_SPEC} FROM rm_specs ORDER BY spec_code")
