"""The life of one unit as the log tells it, now or at a moment, by either clock."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.streams import AggregateType, StreamKey
from core.identity.ids import (
    parse_assembly_id,
    parse_card_unit_id,
    parse_job_id,
    parse_operator_id,
    parse_order_id,
    parse_pack_id,
    parse_sheet_id,
    parse_spec_code,
    parse_station_id,
)
from core.projections import ROW_FOLDS, Row
from store.event_log import RecordedEvent, read_history
from store.pool import Lane
from store.read_models.tables import READ_MODELS, RowQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHistory:
    """A unit's events in order, and its row as those events leave it; None where there are none."""

    stream: StreamKey
    events: tuple[RecordedEvent, ...]
    row: Row | None


def streams_named(text: str) -> tuple[StreamKey, ...]:
    """Return the streams that an id may name, likeliest first; a plain code may be a station's or a product's."""
    named: list[StreamKey] = []
    for kind, unit_id in (
        (AggregateType.CARD_UNIT, parse_card_unit_id(text)),
        (AggregateType.ASSEMBLY, parse_assembly_id(text)),
        (AggregateType.SHEET, parse_sheet_id(text)),
        (AggregateType.PACK, parse_pack_id(text)),
        (AggregateType.JOB, parse_job_id(text)),
        (AggregateType.ORDER, parse_order_id(text)),
        (AggregateType.OPERATOR, parse_operator_id(text)),
        (AggregateType.STATION, parse_station_id(text)),
        (AggregateType.PRODUCT_SPEC, parse_spec_code(text)),
    ):
        if unit_id is not None:
            named.append(StreamKey(kind, unit_id))
    return tuple(named)


_ROW_QUERIES: Mapping[AggregateType, RowQuery[Any]] = {
    model.kind: RowQuery(model.row_type, f"SELECT {', '.join(model.columns)} FROM {model.table} WHERE {model.key} = $1")
    for model in READ_MODELS.values()
}


async def find_row(lane: Lane, key: StreamKey) -> Row | None:
    """Return a stream's row as its read model keeps it."""
    return await _ROW_QUERIES[key.aggregate_type].one(lane, key.aggregate_id)


async def history_of(
    lane: Lane, key: StreamKey, *, at: datetime | None = None, as_of: datetime | None = None
) -> UnitHistory:
    """Return a stream's history: what had happened by ``at``, what was known by ``as_of``, both or all.

    By ``at`` a stream may lack events in the middle, where one was recorded late; the
    row is then None if the rest does not fold.
    """
    events = await read_history(lane, key, occurred_by=at, recorded_by=as_of)
    said = tuple(entry.event for entry in events)
    if at is not None and [entry.version for entry in events] != list(range(1, len(events) + 1)):
        # Corrections name versions, so a history with gaps cannot be folded: up to the first gap it can.
        said = tuple(entry.event for place, entry in enumerate(events, 1) if entry.version == place)
    return UnitHistory(stream=key, events=events, row=ROW_FOLDS[key.aggregate_type](said))
