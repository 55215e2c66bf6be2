"""The past that a decision looks at: streams, as states.

Made once for each decision by ``core.production.decisions``; every rule receives
the states it needs and never a stream.
"""

from functools import lru_cache

from core.domain.events import Event
from core.domain.histories import Evolve, History, State, StreamLookup
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
from core.domain.rejections import Refusal, Rejection
from core.domain.streams import AggregateType, Append, Change, StreamKey
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

_EMPTY = History()
_key = lru_cache(maxsize=1024)(StreamKey)
"""One scan asks for the keys of one card and its job again and again."""


# -- the stream of each aggregate ----------------------------------------------


def order_key(order: ProductionOrderId) -> StreamKey:
    """Return the stream of an order."""
    return _key(AggregateType.ORDER, order)


def job_key(job: JobId) -> StreamKey:
    """Return the stream of a job."""
    return _key(AggregateType.JOB, job)


def sheet_key(sheet: SheetId) -> StreamKey:
    """Return the stream of a sheet."""
    return _key(AggregateType.SHEET, sheet)


def card_key(card: CardUnitId) -> StreamKey:
    """Return the stream of a card."""
    return _key(AggregateType.CARD_UNIT, card)


def assembly_key(assembly: AssemblyId) -> StreamKey:
    """Return the stream of a set's gathering."""
    return _key(AggregateType.ASSEMBLY, assembly)


def pack_key(pack: PackId) -> StreamKey:
    """Return the stream of a container."""
    return _key(AggregateType.PACK, pack)


def station_key(station: StationId) -> StreamKey:
    """Return the stream of a station."""
    return _key(AggregateType.STATION, station)


def operator_key(operator: OperatorId) -> StreamKey:
    """Return the stream of a person."""
    return _key(AggregateType.OPERATOR, operator)


def spec_key(spec: SpecCode) -> StreamKey:
    """Return the stream of a product spec."""
    return _key(AggregateType.PRODUCT_SPEC, spec)


class Loaded:
    """The streams of one decision, as the states they lead to.

    A stream that there is not reads as empty; ``requests.needs`` names every
    stream that a decision asks for, and a test holds the two together.
    """

    __slots__ = ("_streams",)

    def __init__(self, streams: StreamLookup) -> None:
        """Look at these streams."""
        self._streams = streams

    def history(self, key: StreamKey) -> History:
        """Return the stream as it was read."""
        return self._streams.get(key, _EMPTY)

    def _state(self, evolve: Evolve[State], key: StreamKey) -> State | None:
        return self._streams.get(key, _EMPTY).state(evolve)

    def order(self, order: ProductionOrderId) -> ProductionOrder | None:
        """Return the order, or None where it was never placed."""
        return self._state(evolve_order, order_key(order))

    def job(self, job: JobId) -> Job | None:
        """Return the job, or None where it was never created."""
        return self._state(evolve_job, job_key(job))

    def sheet(self, sheet: SheetId) -> Sheet | None:
        """Return the sheet, or None where it was never created."""
        return self._state(evolve_sheet, sheet_key(sheet))

    def card(self, card: CardUnitId) -> CardUnit | None:
        """Return the card, or None where it was never made."""
        return self._state(evolve_card, card_key(card))

    def assembly(self, assembly: AssemblyId) -> Assembly | None:
        """Return the gathering of the set, or None where its sheet is not cut."""
        return self._state(evolve_assembly, assembly_key(assembly))

    def pack(self, pack: PackId) -> Pack | None:
        """Return the container, or None where it was never opened."""
        return self._state(evolve_pack, pack_key(pack))

    def station(self, station: StationId) -> Station | None:
        """Return the station, or None where it was never defined."""
        return self._state(evolve_station, station_key(station))

    def operator(self, operator: OperatorId) -> Operator | None:
        """Return the person, or None where they were never registered."""
        return self._state(evolve_operator, operator_key(operator))

    def spec(self, spec: SpecCode) -> ProductSpec | None:
        """Return the product's newest spec, or None where it was never defined."""
        return self._state(evolve_spec, spec_key(spec))

    def append(self, key: StreamKey, *events: Event) -> Append:
        """Return the events as an addition to the stream as it was read."""
        return Append(key, self.history(key).version, events)

    def change_of(self, outcome: Event | Rejection, *keys: StreamKey) -> Change | Rejection:
        """Return the change that adds one event to each of these streams; a refusal stays one."""
        if isinstance(outcome, Refusal):
            return outcome
        return Change(tuple(self.append(key, outcome) for key in keys))
