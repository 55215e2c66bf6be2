"""Which table keeps the rows of which kind of stream, and how a row gets there.

Rows come back as JSON, of which msgspec builds the row's own class. They go as JSON
where there are many, and Postgres takes them apart by the table's own columns; a
single row goes column by column, which costs a scan a sixth of the server's work less.
Used by the write path, the queries of the sibling modules, rebuild and verify.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import msgspec

from core.domain.events import CardUnitCreated, Event, SheetCreated
from core.domain.streams import AggregateType
from core.projections import (
    MOVED_COLUMNS,
    MOVES,
    ROW_FOLDS,
    AssemblyRow,
    CardUnitRow,
    JobRow,
    OperatorRow,
    OrderRow,
    PackRow,
    Row,
    SheetRow,
    SpecRow,
    StationRow,
)
from store.codec import encode
from store.pool import Lane

R = TypeVar("R")


class RowsForm(Enum):
    """How rows are handed to the statement that writes them."""

    ONE = "one"
    """One row, a parameter for each of its columns."""
    MANY = "many"
    """Any rows, as a JSON array of objects."""
    MOVED = "moved"
    """One row that is there, of which only ``MOVED_COLUMNS`` change: its key, and a parameter for each of these.

    That is what most scans do, and costs the server 7 % less than the whole row, and a third fewer parameters.
    """
    # Members are what they are; Enum's own hash is of the name, reckoned in Python for every write.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """One table whose rows are folds of one kind of stream.

    ``born_by`` is the number that, beside the key, tells the rows apart that one
    command makes together; None where commands make one row at a time.
    ``in_common`` returns, of each kind of event that makes such rows, all that it says but
    key and number: where that is the same, so are the rows.
    """

    kind: AggregateType
    table: str
    key: str
    row_type: type[Row]
    columns: tuple[str, ...]
    fold: Callable[[Sequence[Event]], Row | None]
    nested: frozenset[str]
    """The columns that hold JSON."""
    taken_apart: Callable[[Row], tuple[object, ...]]
    born_by: str | None
    in_common: Mapping[type[Event], Callable[[Event], tuple[object, ...]]]
    moves: frozenset[type[Event]]
    """The events that change nothing of a row but ``MOVED_COLUMNS``."""

    def parameters(self, form: RowsForm) -> int:
        """Return how many parameters rows of this form take."""
        match form:
            case RowsForm.ONE:
                return len(self.columns)
            case RowsForm.MANY:
                return 1
            case RowsForm.MOVED:
                return 1 + len(MOVED_COLUMNS)

    def values(self, row: Row) -> Sequence[object]:
        """Return what a row has in its columns, as parameters take it."""
        values = self.taken_apart(row)
        if not self.nested:
            return values
        return [
            encode(value) if column in self.nested else value
            for column, value in zip(self.columns, values, strict=True)
        ]

    def own(self, born: Sequence[Event]) -> tuple[list[str], list[int]]:
        """Return, of events that make rows together, the keys and the numbers."""
        return list(map(attrgetter(self.key), born)), list(map(attrgetter(str(self.born_by)), born))

    def moved(self, row: Row) -> tuple[object, ...]:
        """Return the key of a row and what it has in ``MOVED_COLUMNS``."""
        return (getattr(row, self.key), *_MOVED(row))

    def write(self, form: RowsForm, parameters: Sequence[str], table: str | None = None) -> str:
        """Return the SQL that writes the rows that the named parameters hold in this form.

        What moved is there, unless somebody took it away: then it writes nothing, and returns no row for it.
        """
        name = table or self.table
        columns = ", ".join(self.columns)
        match form:
            case RowsForm.MOVED:
                key, *moved = parameters
                changes = f"({', '.join(MOVED_COLUMNS)}) = ROW({', '.join(moved)})"
                return f"UPDATE {name} SET {changes} WHERE {self.key} = {key} RETURNING 1"
            case RowsForm.ONE:
                rows = f"VALUES ({', '.join(parameters)})"
            case RowsForm.MANY:
                rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{name}, {parameters[0]}::json)"
        new = ", ".join(f"EXCLUDED.{column}" for column in self.columns)
        return f"INSERT INTO {name} ({columns}) {rows} ON CONFLICT ({self.key}) DO UPDATE SET ({columns}) = ROW({new})"

    def mend(self) -> bytes:
        """Return the SQL that writes a row that is missing; its columns are the parameters. A newer one stays."""
        given = [f"${place}" for place in range(1, len(self.columns) + 1)]
        return f"{self.write(RowsForm.ONE, given)} WHERE {self.table}.version < EXCLUDED.version".encode()

    def clear(self) -> bytes:
        """Return the SQL that removes rows with the keys in ``$1`` that no event made, and counts them."""
        return (
            f"WITH gone AS (DELETE FROM {self.table} r WHERE {self.key} = ANY($1::text[]) AND NOT EXISTS (SELECT"
            f" FROM production_events WHERE aggregate_type = '{self.kind}' AND aggregate_id = r.{self.key})"
            " RETURNING 1) SELECT count(*) FROM gone"
        ).encode()

    def delete(self, parameter: str) -> str:
        """Return the SQL that removes the rows whose keys are in the array ``parameter``."""
        return f"DELETE FROM {self.table} WHERE {self.key} = ANY({parameter}::text[])"


_MOVED: Final = attrgetter(*MOVED_COLUMNS)


def _model(
    kind: AggregateType,
    table: str,
    row_type: type[Row],
    born_by: str | None = None,
    *born_of: type[Event],
    nested: frozenset[str] = frozenset(),
    moves: frozenset[type[Event]] = frozenset(),
) -> ReadModel:
    columns = tuple(field.name for field in fields(row_type))
    own = {columns[0], born_by}
    return ReadModel(
        kind=kind,
        table=table,
        key=columns[0],
        row_type=row_type,
        columns=columns,
        fold=ROW_FOLDS[kind],
        nested=nested,
        taken_apart=attrgetter(*columns),
        moves=moves,
        born_by=born_by,
        in_common={
            event_type: attrgetter(*[field.name for field in fields(event_type) if field.name not in own])
            for event_type in born_of
        },
    )


READ_MODELS: Mapping[AggregateType, ReadModel] = MappingProxyType(
    {
        model.kind: model
        for model in (
            _model(AggregateType.ORDER, "rm_orders", OrderRow, nested=frozenset({"lines"})),
            _model(AggregateType.JOB, "rm_jobs", JobRow),
            _model(AggregateType.SHEET, "rm_sheets", SheetRow, "number", SheetCreated, moves=MOVES),
            _model(AggregateType.CARD_UNIT, "rm_card_units", CardUnitRow, "position", CardUnitCreated, moves=MOVES),
            _model(AggregateType.ASSEMBLY, "rm_assemblies", AssemblyRow),
            _model(AggregateType.PACK, "rm_packs", PackRow),
            _model(AggregateType.STATION, "rm_stations", StationRow),
            _model(AggregateType.OPERATOR, "rm_operators", OperatorRow),
            _model(AggregateType.PRODUCT_SPEC, "rm_specs", SpecRow),
        )
    }
)
"""The read models by kind of stream; the first field of a row is its key."""


class RowQuery(Generic[R]):
    """A query whose rows come back as instances of one dataclass.

    ``sql`` yields columns named like the dataclass's fields, in the order that the
    answer shall have.
    """

    __slots__ = ("_decode", "statement")

    def __init__(self, row_type: type[R], sql: str) -> None:
        self.statement = f"SELECT coalesce(json_agg(q), '[]') FROM ({sql}) q".encode()
        self._decode = msgspec.json.Decoder(tuple[row_type, ...]).decode

    async def all(self, lane: Lane, *parameters: Any) -> tuple[R, ...]:
        """Return every row."""
        rows = await lane.run(self.statement, parameters)
        return self._decode(rows[0][0])

    async def one(self, lane: Lane, *parameters: Any) -> R | None:
        """Return the first row, or None where there is none."""
        found = await self.all(lane, *parameters)
        return found[0] if found else None


def columns_of(row_type: type[Any], alias: str = "") -> str:
    """Return a dataclass's fields as a list of columns, optionally of one table's alias."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{field.name}" for field in fields(row_type))


__all__ = ["READ_MODELS", "ReadModel", "RowQuery", "RowsForm", "columns_of"]
