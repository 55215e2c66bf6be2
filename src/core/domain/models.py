"""The states that decisions are made on: one per aggregate, only what rules need.

Made by the ``evolve`` functions of ``core.production`` from a stream's effective
history; never stored.

States are frozen but not slotted: a decision folds dozens of events, and a copy of
an instance dictionary takes a seventh of the time of ``dataclasses.replace``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from core.domain.immutable import immutable_in_order
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    JobStatus,
    OperatorRole,
    OrderLine,
    OrderStatus,
    PackKind,
    PackStatus,
    PinSecret,
    ProductSpec,
    SequentialNumber,
    SheetStatus,
    StationDefinition,
    VoidReason,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    CommandId,
    JobId,
    OperationCode,
    OperatorId,
    PackId,
    ProductionOrderId,
    SheetId,
    SpecCode,
    StationId,
)


@immutable_in_order
class CheckIn:
    """Where a unit is checked in, for which operation, since when."""

    station_id: StationId | None
    operation: OperationCode
    at: datetime


@immutable_in_order
class Completion:
    """Where an operation on a unit was last completed, and when.

    ``by_label`` says that its label was read for that, and not the number or serial that was put on it.
    """

    station_id: StationId | None
    at: datetime
    by_label: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet as decisions see it; ``done`` are the operations done on it."""

    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode
    order_id: ProductionOrderId
    product_name: str
    n_up: int
    rows: int
    columns: int
    status: SheetStatus
    done: frozenset[OperationCode] = frozenset()
    check_in: CheckIn | None = None
    completion: Completion | None = None


@dataclass(frozen=True, kw_only=True)
class CardUnit:
    """A card as decisions see it.

    ``takes_number`` is the number of the card that it replaces, the only one that it may
    get. ``serials`` are its inserts by the operation that placed them.
    """

    card_unit_id: CardUnitId
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode
    order_id: ProductionOrderId
    product_name: str
    position: int
    n_up: int
    status: CardUnitStatus
    done: frozenset[OperationCode] = frozenset()
    check_in: CheckIn | None = None
    completion: Completion | None = None
    marked_at: datetime | None = None
    attempts: int = 0
    codes: tuple[str, ...] = ()
    reworks: int = 0
    number: SequentialNumber | None = None
    takes_number: SequentialNumber | None = None
    serials: Mapping[OperationCode, str] = field(default_factory=dict[OperationCode, str])
    pack_id: PackId | None = None
    void_reason: VoidReason | None = None
    replaced_by: CardUnitId | None = None


@dataclass(frozen=True, slots=True)
class LiesRefused:
    """A card that may lie in a tray although it was refused, and the station on whose list that stands."""

    card_unit_id: CardUnitId
    at_station: StationId


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """The gathering of one set.

    ``expected`` and ``gathered`` map a position to the card awaited or held
    there; ``gaps`` are positions whose expected card is voided and not replaced.
    ``gatherers`` are the people who put in the cards that lie in the tray, ``void_in_tray``
    the cards that were voided there and not taken out since, ``lost`` those that nobody will
    find there. ``refused_in_tray`` are the cards that were laid in while nobody could be asked,
    were refused on delivery and may lie there still, by the held scan that is to be settled.
    Its tray was seen last ``tray_at`` a station, at ``tray_since``, and is open there until it is parked:
    ``open_at``. From another station, ``tray_was_at``, it came there at ``tray_came``; None where it was at no other.
    ``label_read`` where its label was read there and it was not parked since.
    """

    assembly_id: AssemblyId
    sheet_id: SheetId
    job_id: JobId
    spec_code: SpecCode
    status: AssemblyStatus
    expected: Mapping[int, CardUnitId]
    gathered: Mapping[int, CardUnitId]
    gaps: frozenset[int]
    gatherers: Mapping[int, OperatorId | None]
    opened_at: datetime
    tray_at: StationId | None = None
    tray_since: datetime | None = None
    tray_came: datetime | None = None
    tray_was_at: StationId | None = None
    label_read: bool = False
    open_at: StationId | None = None
    void_in_tray: Mapping[int, CardUnitId] = field(default_factory=dict[int, CardUnitId])
    lost: frozenset[CardUnitId] = frozenset()
    refused_in_tray: Mapping[CommandId, LiesRefused] = field(default_factory=dict[CommandId, LiesRefused])
    authorized_by: OperatorId | None = None
    overdue_flagged: bool = False
    pack_id: PackId | None = None

    @property
    def stands_at(self) -> StationId | None:
        """The station where the set's one tray stands; None where there is none.

        A void card that nobody took out lies in it as well as any other, and so does a refused one. A tray that is
        known to hold nothing is one only for whoever read its label, and until it is parked.
        """
        holds_paper = bool(self.gathered or self.void_in_tray or self.refused_in_tray)
        return self.tray_at if holds_paper or self.label_read else None

    @property
    def missing(self) -> tuple[CardUnitId, ...]:
        """The awaited cards that are not in the tray, by position."""
        return tuple(card for place, card in self.expected.items() if place not in self.gathered)

    @property
    def missing_positions(self) -> tuple[int, ...]:
        """The positions of the tray that are empty."""
        return tuple(place for place in self.expected if place not in self.gathered)

    @property
    def is_whole(self) -> bool:
        """Whether every position is held by the card that is expected there."""
        return not self.gaps and self.gathered == self.expected


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as decisions see it, with the spec as it was when the job was made."""

    job_id: JobId
    order_id: ProductionOrderId
    spec: ProductSpec
    sheet_count: int
    status: JobStatus
    priority: int
    promise_at: datetime
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProductionOrder:
    """An order as decisions see it; ``jobs`` are all that were made of it, cancelled ones too."""

    order_id: ProductionOrderId
    customer: str
    lines: tuple[OrderLine, ...]
    promise_at: datetime
    priority: int
    status: OrderStatus
    jobs: tuple[JobId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A container as decisions see it; ``nested`` are the containers that lie in it."""

    pack_id: PackId
    kind: PackKind
    job_id: JobId | None
    status: PackStatus
    contents: int = 0
    nested: tuple[PackId, ...] = ()
    inside: PackId | None = None


@dataclass(frozen=True, kw_only=True)
class Station:
    """A station as decisions see it."""

    definition: StationDefinition
    down_for: str | None = None
    help_called: bool = False
    stops_cleared: int = 0


@dataclass(frozen=True, kw_only=True)
class Operator:
    """A person as decisions see them."""

    operator_id: OperatorId
    name: str
    roles: frozenset[OperatorRole]
    secret: PinSecret | None = None


State = TypeVar("State", Sheet, CardUnit, Assembly, Job, ProductionOrder, Pack, Station, Operator)


def changed(state: State, **fields: object) -> State:
    """Return the state with these fields anew; TypeError where it has no such field."""
    before = vars(state)
    after = before | fields
    if len(after) > len(before):
        unknown = ", ".join(sorted(fields.keys() - before.keys()))
        raise TypeError(f"{type(state).__name__} has no {unknown}")
    copy = object.__new__(type(state))
    object.__setattr__(copy, "__dict__", after)
    return copy
