"""Packing: complete sets into boxes, boxes into cases, cases onto pallets.

Source: domain.md, invariant 4: nothing is packed unless its set is COMPLETE, and
authorized where it holds a replacement.
"""

from collections.abc import Callable, Iterable, Sequence

from core.domain.commands import NestPack, OpenPack, PackSet, SealPack, ShipPack
from core.domain.events import (
    CardUnitPacked,
    Event,
    PackNested,
    PackOpened,
    PackSealed,
    PackShipped,
    SetPacked,
)
from core.domain.models import Assembly, CardUnit, Job, Pack, changed
from core.domain.rejections import (
    HeldInside,
    JobNotRunning,
    NeedsAuthorization,
    PackAlreadyNested,
    PackEmpty,
    PackExists,
    PackNotOpen,
    PackNotSealed,
    ReasonMissing,
    Rejection,
    SetClosed,
    SetIncomplete,
    UnknownJob,
    WrongJobForPack,
    WrongPackKind,
)
from core.domain.state_machines import PACK
from core.domain.values import AssemblyStatus, PackKind, PackStatus
from core.identity.ids import PackId, job_of_pack
from core.production.assembly import held_in, needs_authorization, replacements_in, unsettled
from core.production.headers import of_card, of_set
from core.production.jobs import not_held, running

NESTS_IN = {PackKind.BOX: PackKind.CASE, PackKind.CASE: PackKind.PALLET}
"""What each kind of container goes into; a pallet goes into nothing."""


def kind_of(pack: PackId) -> PackKind:
    """Return what kind of container the id names."""
    if job_of_pack(pack) is not None:
        return PackKind.BOX
    return PackKind.CASE if pack.startswith("CS") else PackKind.PALLET


def inside_of(pack: PackId, known: Callable[[PackId], Pack | None]) -> tuple[PackId, ...]:
    """Return every container that lies in this one, however deep; those not ``known`` are taken for empty."""
    found: list[PackId] = []
    pending = [pack]
    while pending:
        opened = known(pending.pop())
        for nested in () if opened is None else opened.nested:
            found.append(nested)
            # A box holds sets and nothing nested, and its id says whose they are.
            if kind_of(nested) is not PackKind.BOX:
                pending.append(nested)
    return tuple(sorted(found))


def _held(pack: PackId, inside: Sequence[PackId], jobs: Sequence[Job]) -> JobNotRunning | HeldInside | None:
    """Refuse to move a box of a held job, or whatever such a box lies in."""
    for job in jobs:
        refused = not_held(job)
        if refused is None:
            continue
        boxes = tuple(box for box in inside if job_of_pack(box) == job.job_id)
        return HeldInside(pack_id=pack, job_id=job.job_id, reason=job.reason, boxes=boxes) if boxes else refused
    return None


def evolve_pack(state: Pack | None, event: Event) -> Pack | None:
    """Return the container after the event; opening creates it."""
    if isinstance(event, PackOpened):
        return Pack(
            pack_id=event.pack_id,
            kind=event.kind,
            job_id=event.job_id,
            status=PackStatus.OPEN,
        )
    if state is None:
        return None
    match event:
        case SetPacked():
            return changed(state, contents=state.contents + 1)
        case PackNested():
            if event.pack_id == state.pack_id:
                return changed(state, inside=event.into)
            return changed(state, contents=state.contents + 1, nested=(*state.nested, event.pack_id))
        case PackSealed():
            return changed(state, status=PACK.advance(state.status, PackStatus.SEALED))
        case PackShipped():
            return changed(state, status=PACK.advance(state.status, PackStatus.SHIPPED))
        case _:
            return state


def open_pack(command: OpenPack, known: Pack | None, job: Job | None) -> PackOpened | Rejection:
    """Begin a new container; a box needs a running job."""
    if known is not None:
        return PackExists(pack_id=known.pack_id, status=known.status)
    owner = job_of_pack(command.pack_id)
    if owner is not None:
        if job is None:
            return UnknownJob(job_id=owner)
        refused = running(job)
        if refused is not None:
            return refused
    return PackOpened(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        pack_id=command.pack_id,
        kind=kind_of(command.pack_id),
        job_id=owner,
    )


def pack_set(
    command: PackSet,
    assembly: Assembly,
    pack: Pack | None,
    job: Job,
    cards: Iterable[CardUnit],
) -> tuple[SetPacked, tuple[CardUnitPacked, ...]] | Rejection:
    """Put a complete, and where needed authorized, set into an open box of its job.

    ``cards`` are the gathered cards by position; their streams are written, so that a card
    voided at another bench in this moment makes a conflict and a second look.
    """
    refused = _not_packable(command, assembly, pack, job)
    if refused is not None:
        return refused
    packed = SetPacked(
        **of_set(command, assembly),
        pack_id=command.pack_id,
        card_unit_ids=held_in(assembly),
    )
    return packed, tuple(
        CardUnitPacked(
            **of_card(command, card),
            assembly_id=assembly.assembly_id,
            pack_id=command.pack_id,
        )
        for card in cards
    )


def _not_packable(command: PackSet, assembly: Assembly, pack: Pack | None, job: Job) -> Rejection | None:
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    if pack is None or pack.status is not PackStatus.OPEN:
        return PackNotOpen(pack_id=command.pack_id, status=pack.status if pack else None)
    if pack.kind is not PackKind.BOX:
        return WrongPackKind(pack_id=pack.pack_id, kind=pack.kind, needed=(PackKind.BOX,))
    if pack.job_id != assembly.job_id:
        return WrongJobForPack(assembly_id=assembly.assembly_id, pack_id=pack.pack_id)
    return not_ready(assembly, job)


def not_ready(assembly: Assembly, job: Job) -> Rejection | None:
    """Refuse a set that no box may take now.

    It is packed, not complete, holds what was refused, is not authorized, or its job does not run.
    """
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    if assembly.status is not AssemblyStatus.COMPLETE or not assembly.is_whole:
        return SetIncomplete(
            assembly_id=assembly.assembly_id,
            missing=assembly.missing,
            gathered=len(assembly.gathered),
            expected=len(assembly.expected),
        )
    lies_refused = unsettled(assembly)
    if lies_refused is not None:
        return lies_refused
    if needs_authorization(assembly):
        return NeedsAuthorization(assembly_id=assembly.assembly_id, replacements=replacements_in(assembly))
    return running(job)


def seal_pack(
    command: SealPack, pack: Pack | None, inside: Sequence[PackId], jobs: Sequence[Job]
) -> PackSealed | Rejection:
    """Close a container that holds something; what holds anything of a held job stays as it is.

    ``inside`` are the containers in it, ``jobs`` those whose sets lie in it; the same below.
    """
    if pack is None or pack.status is not PackStatus.OPEN:
        return PackNotOpen(pack_id=command.pack_id, status=pack.status if pack else None)
    if pack.contents == 0:
        return PackEmpty(pack_id=pack.pack_id)
    return _held(pack.pack_id, inside, jobs) or PackSealed(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        pack_id=pack.pack_id,
        kind=pack.kind,
        contents=pack.contents,
    )


def nest_pack(
    command: NestPack, pack: Pack | None, into: Pack | None, inside: Sequence[PackId], jobs: Sequence[Job]
) -> PackNested | Rejection:
    """Put a sealed box into an open case, or a sealed case onto an open pallet."""
    if pack is None or pack.status is not PackStatus.SEALED:
        return PackNotSealed(pack_id=command.pack_id, status=pack.status if pack else None)
    if pack.inside is not None:
        return PackAlreadyNested(pack_id=pack.pack_id, inside=pack.inside)
    if into is None or into.status is not PackStatus.OPEN:
        return PackNotOpen(pack_id=command.into, status=into.status if into else None)
    needed = NESTS_IN.get(pack.kind)
    if into.kind is not needed:
        return WrongPackKind(pack_id=into.pack_id, kind=into.kind, needed=(needed,) if needed else ())
    return _held(pack.pack_id, inside, jobs) or PackNested(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        pack_id=pack.pack_id,
        into=into.pack_id,
    )


def ship_pack(
    command: ShipPack, pack: Pack | None, inside: Sequence[PackId], jobs: Sequence[Job]
) -> PackShipped | Rejection:
    """Hand a sealed container to the carrier; what lies in it ships with it."""
    if pack is None or pack.status is not PackStatus.SEALED:
        return PackNotSealed(pack_id=command.pack_id, status=pack.status if pack else None)
    if pack.inside is not None:
        return PackAlreadyNested(pack_id=pack.pack_id, inside=pack.inside)
    if not command.carrier.strip():
        return ReasonMissing(unit_id=pack.pack_id)
    return _held(pack.pack_id, inside, jobs) or PackShipped(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        pack_id=pack.pack_id,
        carrier=command.carrier,
        tracking_reference=command.tracking_reference,
    )
