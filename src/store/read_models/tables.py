"""Which table keeps the rows of which kind of stream, and how a row gets there.

Rows travel as JSON both ways: Postgres takes a record apart by the table's own
columns, msgspec builds the row's own class. Used by the write path, the queries of
the sibling modules, rebuild and verify.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from core.domain.events import Event
from core.domain.streams import AggregateType
from core.projections import (
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
from store.pool import Lane

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """One table whose rows are folds of one kind of stream.

    ``upsert`` is the part of a statement that writes the rows of one JSON array,
    to be completed with the array's parameter.
    """

    kind: AggregateType
    table: str
    key: str
    row_type: type[Row]
    columns: tuple[str, ...]
    fold: Callable[[Sequence[Event]], Row | None]

    def upsert(self, parameter: str, table: str | None = None, *, is_single: bool = False) -> str:
        """Return the SQL that writes the rows of the JSON array, or the one JSON object, in ``parameter``."""
        name = table or self.table
        columns = ", ".join(self.columns)
        new = ", ".join(f"EXCLUDED.{column}" for column in self.columns)
        taken_apart = "json_populate_record" if is_single else "json_populate_recordset"
        return (
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {taken_apart}(NULL::{name},"
            f" {parameter}::json) ON CONFLICT ({self.key}) DO UPDATE SET ({columns}) = ROW({new})"
        )

    def delete(self, parameter: str) -> str:
        """Return the SQL that removes the rows whose keys are in the array ``parameter``."""
        return f"DELETE FROM {self.table} WHERE {self.key} = ANY({parameter}::text[])"


def _model(kind: AggregateType, table: str, row_type: type[Row]) -> ReadModel:
    columns = tuple(field.name for field in fields(row_type))
    return ReadModel(kind=kind, table=table, key=columns[0], row_type=row_type, columns=columns, fold=ROW_FOLDS[kind])


READ_MODELS: Mapping[AggregateType, ReadModel] = MappingProxyType(
    {
        model.kind: model
        for model in (
            _model(AggregateType.ORDER, "rm_orders", OrderRow),
            _model(AggregateType.JOB, "rm_jobs", JobRow),
            _model(AggregateType.SHEET, "rm_sheets", SheetRow),
            _model(AggregateType.CARD_UNIT, "rm_card_units", CardUnitRow),
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


__all__ = ["READ_MODELS", "ReadModel", "RowQuery", "columns_of"]
