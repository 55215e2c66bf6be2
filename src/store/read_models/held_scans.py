"""What stations held and was refused on delivery, and nobody has dealt with: the exceptions of store and forward."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from dataclasses import dataclass
from datetime import datetime

from core.domain.rejections import Rejection
from store.read_models.stops import read_rejection
from store.read_models.tables import RowQuery, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedHeldScan:
    """One held scan that was refused; ``open`` counts all of its station's that are not dealt with, this one included.

    ``reason`` is the refusal as the store wrote it, empty where the program could not read what was held.
    """

    station_id: str
    held: str
    kind: str
    scanned: str
    scanned_at: datetime
    operator_id: str | None
    refusal: str
    reason: str
    refused_at: datetime
    open: int

    @property
    def rejection(self) -> Rejection | None:
        """The refusal with its data, None where this version of the program cannot read it."""
        return read_rejection(self.reason.encode())


_OPEN = f"""SELECT {columns_of(RefusedHeldScan)} FROM (
        SELECT e.aggregate_id AS station_id, e.event_payload ->> 'held' AS held, e.event_payload ->> 'kind' AS kind,
            e.event_payload ->> 'scanned' AS scanned, (e.event_payload ->> 'scanned_at')::timestamptz AS scanned_at,
            e.operator_id, e.event_payload ->> 'refusal' AS refusal, e.event_payload ->> 'reason' AS reason,
            e.occurred_at AS refused_at, count(*) OVER (PARTITION BY e.aggregate_id) AS open,
            row_number() OVER (PARTITION BY e.aggregate_id ORDER BY e.sequence_num DESC) AS place
        FROM production_events e
        WHERE e.aggregate_type = 'station' AND e.event_type = 'HeldScanRefused' AND %s
        AND NOT EXISTS (
            SELECT FROM production_events s WHERE s.event_type = 'HeldScanSettled'
            AND s.aggregate_type = 'station' AND s.aggregate_id = e.aggregate_id
            AND s.event_payload ->> 'held' = e.event_payload ->> 'held'
        )
    ) f"""

OPEN_AT_STATION = RowQuery(
    RefusedHeldScan, f"{_OPEN % 'e.aggregate_id = $1'} WHERE place <= $2::integer ORDER BY place"
)
"""The newest at one station, first."""

NEWEST_BY_STATION = RowQuery(RefusedHeldScan, f"{_OPEN % 'true'} WHERE place = 1 ORDER BY station_id")
"""The newest of every station that has any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedInSet:
    """A set in whose tray refused cards may lie: it is not packed until they are settled at ``at_stations``."""

    assembly_id: str
    cards: tuple[str, ...]
    at_stations: tuple[str, ...]


REFUSED_IN_SETS = RowQuery(
    RefusedInSet,
    """SELECT e.aggregate_id AS assembly_id,
        array_agg(DISTINCT e.event_payload ->> 'in_tray' ORDER BY e.event_payload ->> 'in_tray') AS cards,
        array_agg(DISTINCT e.event_payload ->> 'at_station' ORDER BY e.event_payload ->> 'at_station') AS at_stations
    FROM production_events e
    WHERE e.event_type = 'HeldScanRefused' AND e.aggregate_type = 'assembly' AND e.aggregate_id = ANY($1::text[])
    AND NOT EXISTS (
        SELECT FROM production_events s WHERE s.event_type = 'HeldScanSettled'
        AND s.aggregate_type = 'assembly' AND s.aggregate_id = e.aggregate_id
        AND s.event_payload ->> 'held' = e.event_payload ->> 'held'
    )
    AND NOT EXISTS (
        SELECT FROM production_events g WHERE g.aggregate_type = 'assembly' AND g.aggregate_id = e.aggregate_id
        AND g.aggregate_version > e.aggregate_version
        AND g.event_type IN ('CardScannedForAssembly', 'VoidedCardTakenOut')
        AND g.event_payload ->> 'card_unit_id' = e.event_payload ->> 'in_tray'
    )
    GROUP BY e.aggregate_id ORDER BY e.aggregate_id""",
)
"""Of these sets those that a refused card keeps from packing, as ``core.production.assembly`` folds it."""
