"""The past that a decision looks at: streams, folded into states on demand.

Made once for each decision by ``core.production.decisions``; every rule receives
the states it needs and never a stream.
"""

from collections.abc import Callable
from typing import TypeVar

from core.domain.effective import effective_events
from core.domain.events import Event
from core.domain.models import (
    Assembly,
    CardUnit,
    Job,
    Operator,
    Pack,
    ProductionOrder,
    Sheet,
    Station,
)
from core.domain.streams import AggregateType, Append, History, StreamKey, Streams
from core.domain.values import ProductSpec
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)
from core.production.assembly import evolve_assembly
from core.production.card_unit_operations import evolve_card
from core.production.catalogue import evolve_operator, evolve_spec, evolve_station
from core.production.jobs import evolve_job
from core.production.orders import evolve_order
from core.production.packing import evolve_pack
from core.production.sheet_operations import evolve_sheet

S = TypeVar("S")

_EMPTY = History()


def fold(evolve: Callable[[S | None, Event], S | None], history: History) -> S | None:
    """Return the state that a stream's effective events lead to; None for an empty stream."""
    state: S | None = None
    for _, event in effective_events(history.events):
        state = evolve(state, event)
    return state


# -- the stream of each aggregate ----------------------------------------------


def order_key(order: ProductionOrderId) -> StreamKey:
    """Return the stream of an order."""
    return StreamKey(AggregateType.ORDER, order)


def job_key(job: JobId) -> StreamKey:
    """Return the stream of a job."""
    return StreamKey(AggregateType.JOB, job)


def sheet_key(sheet: SheetId) -> StreamKey:
    """Return the stream of a sheet."""
    return StreamKey(AggregateType.SHEET, sheet)


def card_key(card: CardUnitId) -> StreamKey:
    """Return the stream of a card."""
    return StreamKey(AggregateType.CARD_UNIT, card)


def assembly_key(assembly: AssemblyId) -> StreamKey:
    """Return the stream of a set's gathering."""
    return StreamKey(AggregateType.ASSEMBLY, assembly)


def pack_key(pack: PackId) -> StreamKey:
    """Return the stream of a container."""
    return StreamKey(AggregateType.PACK, pack)


def station_key(station: StationId) -> StreamKey:
    """Return the stream of a station."""
    return StreamKey(AggregateType.STATION, station)


def operator_key(operator: OperatorId) -> StreamKey:
    """Return the stream of a person."""
    return StreamKey(AggregateType.OPERATOR, operator)


def spec_key(spec: SpecCode) -> StreamKey:
    """Return the stream of a product spec."""
    return StreamKey(AggregateType.PRODUCT_SPEC, spec)


class Loaded:
    """The streams of one decision, folded when asked for.

    A stream that was not loaded reads as empty; ``decisions.needs`` names every
    stream that a decision asks for, and a test holds the two together.
    """

    __slots__ = ("_streams",)

    def __init__(self, streams: Streams) -> None:
        """Look at these streams."""
        self._streams = streams

    def history(self, key: StreamKey) -> History:
        """Return the stream as it was read."""
        return self._streams.get(key, _EMPTY)

    def order(self, order: ProductionOrderId) -> ProductionOrder | None:
        """Return the order, or None where it was never placed."""
        return fold(evolve_order, self.history(order_key(order)))

    def job(self, job: JobId) -> Job | None:
        """Return the job, or None where it was never created."""
        return fold(evolve_job, self.history(job_key(job)))

    def sheet(self, sheet: SheetId) -> Sheet | None:
        """Return the sheet, or None where it was never created."""
        return fold(evolve_sheet, self.history(sheet_key(sheet)))

    def card(self, card: CardUnitId) -> CardUnit | None:
        """Return the card, or None where it was never made."""
        return fold(evolve_card, self.history(card_key(card)))

    def assembly(self, assembly: AssemblyId) -> Assembly | None:
        """Return the gathering of the set, or None where its sheet is not cut."""
        return fold(evolve_assembly, self.history(assembly_key(assembly)))

    def pack(self, pack: PackId) -> Pack | None:
        """Return the container, or None where it was never opened."""
        return fold(evolve_pack, self.history(pack_key(pack)))

    def station(self, station: StationId) -> Station | None:
        """Return the station, or None where it was never defined."""
        return fold(evolve_station, self.history(station_key(station)))

    def operator(self, operator: OperatorId) -> Operator | None:
        """Return the person, or None where they were never registered."""
        return fold(evolve_operator, self.history(operator_key(operator)))

    def spec(self, spec: SpecCode) -> ProductSpec | None:
        """Return the product's newest spec, or None where it was never defined."""
        return fold(evolve_spec, self.history(spec_key(spec)))

    def append(self, key: StreamKey, *events: Event) -> Append:
        """Return the events as an addition to the stream as it was read."""
        return Append(key, self.history(key).version, events)
