"""What stations held and was refused on delivery, and nobody has dealt with: the exceptions of store and forward.

By a word that it is dealt with, or by scanning the card at its tray.
"""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.rejections import RefusedCardsInSet, Rejection
from core.identity.ids import AssemblyId, assembly_of_card, canonical
from core.production.assembly import unsettled
from core.production.barcodes import CardBarcode, plain, read_barcode
from core.production.loaded import Loaded, assembly_key
from store.pool import Lane
from store.read_models.stops import read_rejection
from store.read_models.tables import RowQuery, columns_of
from store.stream_reader import StreamReader


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedHeldScan:
    """One held scan that was refused; ``open`` counts all of its station's that are not dealt with, this one included.

    ``reason`` is the refusal as the store wrote it; where the program could not read what was held, ``refusal`` is
    empty and ``reason`` what ``store.damaged_requests`` made of it, empty as earlier programs wrote it.
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

    @property
    def units(self) -> frozenset[str]:
        """What was kept, by its id, and of a card its set."""
        match read_barcode(self.scanned):
            case CardBarcode(card):
                return frozenset({card, assembly_of_card(card)})
            case _:
                return frozenset({canonical(plain(self.scanned))})


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
        AND NOT EXISTS (
            SELECT FROM production_events g WHERE g.aggregate_type = 'card_unit'
            AND g.aggregate_id = e.event_payload ->> 'in_tray' AND g.event_type = 'CardScannedForAssembly'
            AND g.sequence_num > e.sequence_num
        )
    ) f"""
"""A card that may have lain in its tray is over once it was scanned there: there is one paper of it."""

OPEN_AT_STATION = RowQuery(
    RefusedHeldScan, f"{_OPEN % 'e.aggregate_id = $1'} WHERE place <= $2::integer ORDER BY place"
)
"""The newest at one station, first."""

OPEN_ANYWHERE = RowQuery(
    RefusedHeldScan, f"{_OPEN % 'true'} WHERE place <= $1::integer ORDER BY refused_at DESC, station_id, place"
)
"""The newest of every station, first."""

NEWEST_BY_STATION = RowQuery(RefusedHeldScan, f"{_OPEN % 'true'} WHERE place = 1 ORDER BY station_id")
"""The newest of every station that has any."""


# The query says only which sets were ever told of one; what still lies there is the fold's to say.
_TOLD_OF_ONE = b"""SELECT DISTINCT aggregate_id FROM production_events
    WHERE event_type = 'HeldScanRefused' AND aggregate_type = 'assembly' AND aggregate_id = ANY($1::text[])
    ORDER BY aggregate_id"""


async def held_up(lane: Lane, streams: StreamReader, assembly_ids: Sequence[str]) -> tuple[RefusedCardsInSet, ...]:
    """Return of these sets why those are not packed in whose trays refused cards may lie."""
    if not assembly_ids:
        return ()
    told = [AssemblyId(assembly_id) for (assembly_id,) in await lane.run(_TOLD_OF_ONE, (list(assembly_ids),))]
    loaded = Loaded(await streams.read([assembly_key(assembly_id) for assembly_id in told]))
    assemblies = [assembly for each in told if (assembly := loaded.assembly(each)) is not None]
    return tuple([refused for assembly in assemblies if (refused := unsettled(assembly)) is not None])
