"""The facts of stations: downtime and calls."""

from datetime import datetime

from core.domain.events.base import Fact
from core.domain.immutable import immutable
from core.domain.values import StopClearedBy
from core.identity.ids import (
    CardUnitId,
    CommandId,
    StationId,
)


@immutable
class StationDowntimeStarted(Fact):
    """The station stopped working for a reason."""

    at_station: StationId
    reason: str


@immutable
class StationDowntimeEnded(Fact):
    """The station works again."""

    at_station: StationId


@immutable
class HelpCalled(Fact):
    """Somebody at the station asked for a lead."""

    at_station: StationId
    note: str


@immutable
class HelpAnswered(Fact):
    """A lead took the call."""

    at_station: StationId


@immutable
class StationStopCleared(Fact):
    """A stop that covered the station's screen was cleared.

    ``stop`` is the command id of the scan whose refusal raised it at ``raised_at``,
    ``refusal`` names that refusal, ``unit_id`` the card, sheet, set or box that was refused;
    None where it was not written down (version 1). ``number`` counts the station's stops
    from 1; ``ignored`` scans came under it.
    """

    at_station: StationId
    number: int
    stop: CommandId
    refusal: str
    unit_id: str | None
    raised_at: datetime
    cleared_by: StopClearedBy
    ignored: int


@immutable
class HeldScanRefused(Fact):
    """What the station held while the database was away was refused when it was delivered.

    ``held`` is its command id, ``kind`` what it was ("Scan", "RecordQAResult"), ``scanned`` the
    code or unit, ``scanned_at`` when; ``operator_id`` is who scanned it. ``refusal`` names
    why and ``reason`` is the refusal with its data, as the store writes it; both are empty where
    the program could not read what was held, and ``scanned`` is then what was found.
    ``in_tray`` is the card that may lie in its set's tray all the same: the fact is then in that
    set's stream as well. None where no card does, or where it was not written down (version 1).
    """

    at_station: StationId
    held: CommandId
    kind: str
    scanned: str
    scanned_at: datetime
    refusal: str
    reason: str
    in_tray: CardUnitId | None


@immutable
class HeldScanSettled(Fact):
    """Somebody dealt with a held scan that was refused; in the set's stream too where a card could lie in its tray."""

    at_station: StationId
    held: CommandId
    note: str
