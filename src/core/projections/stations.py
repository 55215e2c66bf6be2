"""rm_stations: each station as it is defined, and whether it stands or calls.

Folded from the station's own stream. Its load is counted from the units' rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.events import (
    Event,
    HeldScanRefused,
    HeldScanSettled,
    HelpAnswered,
    HelpCalled,
    StationDefined,
    StationDowntimeEnded,
    StationDowntimeStarted,
    StationStopCleared,
)
from core.domain.streams import AggregateType
from core.domain.values import OperationType, StationDefinition, StationRole
from core.identity.ids import OperationCode, StationId
from core.projections.folding import Arms, Begins, fold_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRow:
    """One station as it is now.

    ``down_since`` and ``down_reason`` are None while it works, ``help_since`` and
    ``help_note`` while nobody waits for a lead. ``stops_cleared`` counts the stops that
    are over. ``version`` is its stream's, corrections included.
    """

    station_id: StationId
    name: str
    role: StationRole
    work: tuple[OperationType, ...]
    operations: tuple[OperationCode, ...]
    single_scan: bool
    units_per_hour: float | None
    queue_limit: int | None
    down_since: datetime | None
    down_reason: str | None
    help_since: datetime | None
    help_note: str | None
    stops_cleared: int
    defined_at: datetime
    updated_at: datetime
    version: int

    @property
    def definition(self) -> StationDefinition:
        """The station as commands name it."""
        return StationDefinition(
            station_id=self.station_id,
            name=self.name,
            role=self.role,
            work=self.work,
            operations=self.operations,
            single_scan=self.single_scan,
            units_per_hour=self.units_per_hour,
            queue_limit=self.queue_limit,
        )


@dataclass(slots=True)
class _Station:
    """The station so far."""

    definition: StationDefinition
    defined_at: datetime
    down_since: datetime | None = None
    down_reason: str | None = None
    help_since: datetime | None = None
    help_note: str | None = None
    stops_cleared: int = 0


def _begin(event: StationDefined) -> _Station:
    return _Station(event.station, event.occurred_at)


def _redefined(station: _Station, event: StationDefined) -> None:
    station.definition = event.station
    station.defined_at = event.occurred_at


def _down(station: _Station, event: StationDowntimeStarted) -> None:
    station.down_since = event.occurred_at
    station.down_reason = event.reason


def _up(station: _Station, _event: StationDowntimeEnded) -> None:
    station.down_since = station.down_reason = None


def _help_called(station: _Station, event: HelpCalled) -> None:
    station.help_since = event.occurred_at
    station.help_note = event.note


def _help_answered(station: _Station, _event: HelpAnswered) -> None:
    station.help_since = station.help_note = None


def _stop_cleared(station: _Station, event: StationStopCleared) -> None:
    station.stops_cleared = event.number


def _said_elsewhere(_station: _Station, _event: HeldScanRefused | HeldScanSettled) -> None:
    """Leave the row as it is: the list is read from the log, however long it is."""


STATION_BEGINS: Begins[_Station] = {StationDefined: _begin}

STATION_ARMS: Arms[_Station] = {
    StationDefined: _redefined,
    StationDowntimeStarted: _down,
    StationDowntimeEnded: _up,
    HelpCalled: _help_called,
    HelpAnswered: _help_answered,
    StationStopCleared: _stop_cleared,
    HeldScanRefused: _said_elsewhere,
    HeldScanSettled: _said_elsewhere,
}


def fold_station(events: Sequence[Event]) -> StationRow | None:
    """Return the row of a station from its whole stream, or None where it was never defined."""
    folded = fold_stream(AggregateType.STATION, STATION_BEGINS, STATION_ARMS, events)
    if folded is None:
        return None
    station, updated_at = folded
    definition = station.definition
    return StationRow(
        station_id=definition.station_id,
        name=definition.name,
        role=definition.role,
        work=definition.work,
        operations=definition.operations,
        single_scan=definition.single_scan,
        units_per_hour=definition.units_per_hour,
        queue_limit=definition.queue_limit,
        down_since=station.down_since,
        down_reason=station.down_reason,
        help_since=station.help_since,
        help_note=station.help_note,
        stops_cleared=station.stops_cleared,
        defined_at=station.defined_at,
        updated_at=updated_at,
        version=len(events),
    )
