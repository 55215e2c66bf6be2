"""Sets are authorized and packed, and their containers go on to the carrier."""

from core.domain.commands import (
    CompleteJob,
    FulfilOrder,
    HoldJob,
    NestPack,
    OpenPack,
    PackSet,
    ResumeJob,
    SealPack,
    ShipPack,
)
from core.domain.events import SetPacked
from core.domain.streams import AggregateType
from core.domain.values import AssemblyStatus, JobStatus
from core.identity.ids import OperatorId, PackId, box_id, sheet_of_assembly
from core.production.assembly import needs_authorization
from tests.core.deeds.gathering import a_set_comes_together
from tests.core.deeds.loss import a_voided_card_is_replaced
from tests.core.deeds.telling import EITHER, PICKS, Deed, happens
from tests.core.floor import CASE, PALLET, PEOPLE, Floor, chosen
from tests.core.shop import LEAD, MANAGER, OPERATOR, OTHER_MANAGER, PACKING, PIN

DEEDS: list[Deed] = []


@happens(DEEDS, often=3, pick=PICKS, manager=PEOPLE, pin=(PIN, PIN, "0000"))
def a_set_is_authorized(floor: Floor, pick: int, manager: OperatorId, pin: str) -> None:
    """By anybody, with any PIN, whether that is needed or not; packing is tried before."""
    waiting = [tray for tray in floor.trays(AssemblyStatus.COMPLETE) if needs_authorization(tray)]
    for tray in chosen(waiting or floor.trays(), pick):
        floor.ask_next(PackSet, at=PACKING, assembly_id=tray.assembly_id, pack_id=box_id(tray.job_id, 1))
        floor.authorize(sheet_of_assembly(tray.assembly_id), manager=manager, pin=pin)


@happens(DEEDS, often=2, pick=PICKS, manager=(MANAGER, OTHER_MANAGER), wait=(0, 0, 600, 900))
def a_pin_is_guessed(floor: Floor, pick: int, manager: OperatorId, wait: int) -> None:
    """More often than the shop allows, and then the right one is given."""
    waiting = [tray for tray in floor.trays(AssemblyStatus.COMPLETE) if needs_authorization(tray)]
    if not waiting:
        a_voided_card_is_replaced(floor, pick)
        a_set_comes_together(floor, pick, 0, OPERATOR, pick)
        waiting = [tray for tray in floor.trays(AssemblyStatus.COMPLETE) if needs_authorization(tray)]
    for tray in chosen(waiting, pick):
        for pin in ("0000",) * 6 + (PIN,):
            floor.authorize(sheet_of_assembly(tray.assembly_id), manager=manager, pin=pin)
        floor.pass_time(wait)


@happens(DEEDS, often=3, pick=PICKS, box=range(1, 3))
def a_set_is_packed(floor: Floor, pick: int, box: int) -> None:
    """A complete set, or too early another; the automations follow, as in the shop."""
    for tray in chosen((pick % 4 and floor.trays(AssemblyStatus.COMPLETE)) or floor.trays(), pick):
        pack = box_id(tray.job_id, box)
        floor.ask_next(OpenPack, at=PACKING, pack_id=pack)
        floor.ask_next(PackSet, at=PACKING, assembly_id=tray.assembly_id, pack_id=pack)
        job = floor.job(tray.job_id)
        floor.ask_next(CompleteJob, by=None, job_id=job.job_id)
        floor.ask_next(FulfilOrder, by=None, order_id=job.order_id)


@happens(DEEDS, pick=PICKS, lost=EITHER, by=(OPERATOR, MANAGER))
def a_job_is_finished(floor: Floor, pick: int, lost: bool, by: OperatorId) -> None:
    """All of its sets come together, one card late, and are packed as far as they may be."""
    for job in chosen(floor.jobs(), pick):
        for _ in floor.sheets(job.job_id):
            a_set_comes_together(floor, pick, 0, by, pick)
            if lost:
                a_voided_card_is_replaced(floor, pick)
                a_set_comes_together(floor, pick, 0, by, pick)
            a_set_is_authorized(floor, pick, by, "0000" if by == OPERATOR else PIN)
            a_set_is_authorized(floor, pick, OTHER_MANAGER, PIN)
            a_set_is_packed(floor, pick, 1)


@happens(DEEDS, often=2, pick=PICKS, what=range(6))
def a_container_goes_on(floor: Floor, pick: int, what: int) -> None:
    """Sealed, nested, shipped, in whatever order."""
    for pack in (CASE, PALLET):
        floor.ask_next(OpenPack, at=PACKING, pack_id=pack)
    keys = [key for key in floor.streams if key.aggregate_type is AggregateType.PACK]
    boxes = [key for key in keys if any(isinstance(e, SetPacked) for e in floor.streams[key].events)]
    for key in chosen((pick % 4 and boxes) or keys, pick):
        pack = PackId(key.aggregate_id)
        floor.ask_next(SealPack, at=PACKING, pack_id=pack)
        if what >= 1:
            floor.ask_next(NestPack, at=PACKING, pack_id=pack, into=PALLET if pack == CASE else CASE)
        if what >= 2:
            floor.ask_next(SealPack, at=PACKING, pack_id=CASE)
            floor.ask_next(NestPack, at=PACKING, pack_id=CASE, into=PALLET)
        if what >= 3:
            shipped = pack if what == 3 else CASE
            floor.ask_next(ShipPack, at=PACKING, pack_id=shipped, carrier="A carrier", tracking_reference="1Z")


@happens(DEEDS, often=2, pick=PICKS, resumed=EITHER)
def a_job_is_held_while_its_box_lies_in_a_case(floor: Floor, pick: int, *, resumed: bool) -> None:
    """Nothing of it is at work there any more; the case is to go on all the same."""
    if not floor.trays(AssemblyStatus.COMPLETE, AssemblyStatus.PACKED):
        a_set_comes_together(floor, pick, 0, OPERATOR, pick)
    trays = floor.trays(AssemblyStatus.COMPLETE, AssemblyStatus.PACKED)
    for tray in chosen([tray for tray in trays if floor.job(tray.job_id).status is JobStatus.STARTED], pick):
        box = tray.pack_id or box_id(tray.job_id, 3)
        if tray.pack_id is None:
            a_set_is_authorized(floor, pick, OTHER_MANAGER, PIN)
            floor.ask_next(OpenPack, at=PACKING, pack_id=box)
            floor.ask_next(PackSet, at=PACKING, assembly_id=tray.assembly_id, pack_id=box)
        floor.ask_next(SealPack, at=PACKING, pack_id=box)
        for pack in (CASE, PALLET):
            floor.ask_next(OpenPack, at=PACKING, pack_id=pack)
        floor.ask_next(NestPack, at=PACKING, pack_id=box, into=CASE)
        floor.ask_next(HoldJob, by=LEAD, job_id=tray.job_id, reason="wrong foil")
        for move in (SealPack, NestPack, ShipPack):
            said = {"into": PALLET} if move is NestPack else {}
            said = {"carrier": "A carrier", "tracking_reference": "1Z"} if move is ShipPack else said
            floor.ask_next(move, at=PACKING, pack_id=CASE, **said)
        if resumed:
            floor.ask_next(ResumeJob, by=LEAD, job_id=tray.job_id)
