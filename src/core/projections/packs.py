"""rm_packs: each box, case and pallet with what is in it.

Folded from the container's own stream. Read by packing and by "where is it" of
whatever was packed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.events import Event, PackNested, PackOpened, PackSealed, PackShipped, SetPacked
from core.domain.streams import AggregateType
from core.domain.values import PackKind, PackStatus
from core.identity.ids import AssemblyId, JobId, PackId, StationId
from core.projections.folding import Arms, Begins, fold_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """One container as it is now.

    ``sets`` are in a box, ``nested`` containers in a case or on a pallet, in the order
    they were put there; ``inside`` is the container that it stands in. ``cards``
    counts the cards of its own sets. ``job_id`` is None for a case or pallet.
    ``station_id`` is where it was opened or last filled. ``version`` is its stream's,
    corrections included.
    """

    pack_id: PackId
    kind: PackKind
    job_id: JobId | None
    status: PackStatus
    station_id: StationId | None
    sets: tuple[AssemblyId, ...]
    cards: int
    nested: tuple[PackId, ...]
    inside: PackId | None
    carrier: str | None
    tracking_reference: str | None
    opened_at: datetime
    sealed_at: datetime | None
    shipped_at: datetime | None
    updated_at: datetime
    version: int


@dataclass(slots=True)
class _Pack:
    """The container so far."""

    opened: PackOpened
    station_id: StationId | None
    status: PackStatus = PackStatus.OPEN
    sets: list[AssemblyId] = field(default_factory=list[AssemblyId])
    cards: int = 0
    nested: list[PackId] = field(default_factory=list[PackId])
    inside: PackId | None = None
    carrier: str | None = None
    tracking_reference: str | None = None
    sealed_at: datetime | None = None
    shipped_at: datetime | None = None


def _begin(event: PackOpened) -> _Pack:
    return _Pack(event, event.station_id)


def _set_packed(pack: _Pack, event: SetPacked) -> None:
    pack.station_id = event.station_id
    pack.sets.append(event.assembly_id)
    pack.cards += len(event.card_unit_ids)


def _sealed(pack: _Pack, event: PackSealed) -> None:
    pack.status = PackStatus.SEALED
    pack.sealed_at = event.occurred_at


def _nested(pack: _Pack, event: PackNested) -> None:
    # One fact in two streams: the inner container learns where it stands, the outer what it holds.
    if event.pack_id == pack.opened.pack_id:
        pack.inside = event.into
    else:
        pack.nested.append(event.pack_id)
        pack.station_id = event.station_id


def _shipped(pack: _Pack, event: PackShipped) -> None:
    pack.status = PackStatus.SHIPPED
    pack.carrier = event.carrier
    pack.tracking_reference = event.tracking_reference
    pack.shipped_at = event.occurred_at


PACK_BEGINS: Begins[_Pack] = {PackOpened: _begin}

PACK_ARMS: Arms[_Pack] = {
    SetPacked: _set_packed,
    PackSealed: _sealed,
    PackNested: _nested,
    PackShipped: _shipped,
}


def fold_pack(events: Sequence[Event]) -> PackRow | None:
    """Return the row of a container from its whole stream, or None where it was never opened."""
    folded = fold_stream(AggregateType.PACK, PACK_BEGINS, PACK_ARMS, events)
    if folded is None:
        return None
    pack, updated_at = folded
    opened = pack.opened
    return PackRow(
        pack_id=opened.pack_id,
        kind=opened.kind,
        job_id=opened.job_id,
        status=pack.status,
        station_id=pack.station_id,
        sets=tuple(pack.sets),
        cards=pack.cards,
        nested=tuple(pack.nested),
        inside=pack.inside,
        carrier=pack.carrier,
        tracking_reference=pack.tracking_reference,
        opened_at=opened.occurred_at,
        sealed_at=pack.sealed_at,
        shipped_at=pack.shipped_at,
        updated_at=updated_at,
        version=len(events),
    )
