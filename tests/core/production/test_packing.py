"""Packing: complete sets into boxes of their job, boxes into cases, cases onto pallets, out of the house."""

from typing import Any

from core.domain.commands import HoldJob, NestPack, OpenPack, PackSet, ResumeJob, SealPack, ShipPack
from core.domain.events import CardUnitPacked, PackNested, PackOpened, PackSealed, PackShipped, SetPacked
from core.domain.rejections import (
    HeldInside,
    JobNotRunning,
    NotCutYet,
    PackAlreadyNested,
    PackEmpty,
    PackExists,
    PackNotOpen,
    PackNotSealed,
    ReasonMissing,
    SetClosed,
    SetIncomplete,
    UnknownJob,
    WrongJobForPack,
    WrongPackKind,
)
from core.domain.values import AssemblyStatus, CardUnitStatus, PackKind, PackStatus
from core.identity.ids import PackId, SheetId, assembly_of
from tests.core.beginnings import beginning
from tests.core.line import Line
from tests.core.shop import LEAD, PACKING, Outcome, done, refused, spec

SHEET = SheetId("J1044-S001")
BOX, CASE, PALLET = PackId("J1044-BX001"), PackId("CS000001"), PackId("PL000001")


@beginning
def complete(line: Line) -> SheetId:
    """A complete set of a job of two."""
    line.start(spec(), sets=2)
    line.complete(SHEET)
    return SHEET


def open_(line: Line, pack: PackId) -> Outcome:
    """Begin a container."""
    return line.ask(OpenPack, at=PACKING, pack_id=pack)


def seal(line: Line, pack: PackId) -> Outcome:
    """Close a container."""
    return line.ask(SealPack, at=PACKING, pack_id=pack)


def nest(line: Line, pack: PackId, into: PackId) -> Outcome:
    """Put a container into another."""
    return line.ask(NestPack, at=PACKING, pack_id=pack, into=into)


def ship(line: Line, pack: PackId, carrier: str = "A carrier") -> Outcome:
    """Hand a container to the carrier."""
    return line.ask(ShipPack, at=PACKING, pack_id=pack, carrier=carrier, tracking_reference="1Z")


def hold(line: Line) -> None:
    """Stop the job."""
    done(line.ask(HoldJob, by=LEAD, job_id="J1044", reason="wrong foil"))


def test_a_complete_set_goes_into_a_box_with_every_card(line: Line, complete: SheetId) -> None:
    """In one change: the set, the box and each of its cards."""
    packed, *cards = done(line.pack(complete))
    assert isinstance(packed, SetPacked)
    assert packed.card_unit_ids == tuple(line.tray(complete).gathered.values())
    assert [card.position for card in cards if isinstance(card, CardUnitPacked)] == [1, 2, 3, 4]
    assert line.tray(complete).status is AssemblyStatus.PACKED
    assert {line.card(card).status for card in packed.card_unit_ids} == {CardUnitStatus.PACKED}


def test_a_set_that_lacks_cards_is_not_packed(line: Line, complete: SheetId) -> None:
    """The refusal names the cards that are awaited."""
    lost = line.tray(complete).gathered[2]
    done(line.void(lost))
    assert refused(line.pack(complete), SetIncomplete).missing == (lost,)
    newer = line.replace(lost)
    said = refused(line.pack(complete), SetIncomplete)
    assert (said.missing, said.gathered, said.expected) == ((newer,), 3, 4)


def test_a_set_is_packed_once(line: Line, complete: SheetId) -> None:
    """Scanned again it says in which box it lies."""
    done(line.pack(complete))
    assert refused(line.pack(complete), SetClosed).pack_id == BOX


def test_a_box_takes_sets_of_its_own_job_only(line: Line, complete: SheetId) -> None:
    """A box of another job is a full stop."""
    line.start(spec(), job="J1045", order="PO2026-0118")
    other = PackId("J1045-BX001")
    said = refused(line.pack(complete, other), WrongJobForPack)
    assert (said.assembly_id, said.pack_id) == (assembly_of(complete), other)


def test_sets_go_into_boxes_only(line: Line, complete: SheetId) -> None:
    """Not straight into a case."""
    assert refused(line.pack(complete, CASE), WrongPackKind).needed == (PackKind.BOX,)


def test_nothing_goes_into_what_is_not_open(line: Line, complete: SheetId) -> None:
    """Neither into a box that nobody opened nor into a sealed one."""
    said: dict[str, Any] = {"assembly_id": assembly_of(complete), "pack_id": BOX}
    assert refused(line.ask(PackSet, at=PACKING, **said), PackNotOpen).status is None
    done(line.pack(complete))
    done(seal(line, BOX))
    line.complete("J1044-S002")
    said["assembly_id"] = assembly_of(SheetId("J1044-S002"))
    assert refused(line.ask(PackSet, at=PACKING, **said), PackNotOpen).status is PackStatus.SEALED


def test_a_set_of_a_sheet_that_is_not_cut_is_told_so(line: Line, complete: SheetId) -> None:
    """There is nothing to pack yet."""
    refused(line.pack("J1044-S002"), NotCutYet)


def test_a_container_is_opened_once(line: Line, complete: SheetId) -> None:
    """Its id tells what it is."""
    for pack, kind, job in ((BOX, PackKind.BOX, "J1044"), (CASE, PackKind.CASE, None), (PALLET, PackKind.PALLET, None)):
        (opened,) = done(open_(line, pack))
        assert isinstance(opened, PackOpened)
        assert (opened.kind, opened.job_id) == (kind, job)
        assert refused(open_(line, pack), PackExists).status is PackStatus.OPEN


def test_a_box_is_opened_for_a_running_job(line: Line, complete: SheetId) -> None:
    """Not for a held one, nor for one that does not exist."""
    refused(open_(line, PackId("J9999-BX001")), UnknownJob)
    hold(line)
    refused(open_(line, BOX), JobNotRunning)


def test_an_empty_container_is_not_sealed(line: Line, complete: SheetId) -> None:
    """Nor one that was never opened, nor one twice."""
    assert refused(seal(line, BOX), PackNotOpen).status is None
    done(open_(line, BOX))
    refused(seal(line, BOX), PackEmpty)
    done(line.pack(complete))
    (sealed,) = done(seal(line, BOX))
    assert isinstance(sealed, PackSealed)
    assert sealed.contents == 1
    refused(seal(line, BOX), PackNotOpen)


def test_boxes_go_into_cases_and_cases_onto_pallets(line: Line, complete: SheetId) -> None:
    """Sealed, each into an open one of the next kind, once."""
    done(line.pack(complete))
    for pack in (CASE, PALLET):
        done(open_(line, pack))
    assert refused(nest(line, BOX, CASE), PackNotSealed).status is PackStatus.OPEN
    done(seal(line, BOX))
    assert refused(nest(line, BOX, PALLET), WrongPackKind).needed == (PackKind.CASE,)
    (nested,) = done(nest(line, BOX, CASE))
    assert isinstance(nested, PackNested)
    assert refused(nest(line, BOX, CASE), PackAlreadyNested).inside == CASE
    done(seal(line, CASE))
    done(nest(line, CASE, PALLET))
    done(seal(line, PALLET))
    assert refused(nest(line, PALLET, CASE), PackNotOpen).status is PackStatus.SEALED


def test_a_pallet_goes_into_nothing(line: Line, complete: SheetId) -> None:
    """It is the largest there is."""
    other = PackId("PL000002")
    done(line.pack(complete))
    done(seal(line, BOX))
    for pack in (CASE, PALLET, other):
        done(open_(line, pack))
    done(nest(line, BOX, CASE))
    done(seal(line, CASE))
    done(nest(line, CASE, PALLET))
    done(seal(line, PALLET))
    assert refused(nest(line, PALLET, other), WrongPackKind).needed == ()


def test_a_sealed_container_is_shipped_with_what_is_in_it(line: Line, complete: SheetId) -> None:
    """Named by its carrier; what lies inside ships with it and not alone."""
    done(line.pack(complete))
    refused(ship(line, BOX), PackNotSealed)
    done(seal(line, BOX))
    done(open_(line, CASE))
    done(nest(line, BOX, CASE))
    assert refused(ship(line, BOX), PackAlreadyNested).inside == CASE
    done(seal(line, CASE))
    refused(ship(line, CASE, carrier=" "), ReasonMissing)
    (shipped,) = done(ship(line, CASE))
    assert isinstance(shipped, PackShipped)
    assert refused(ship(line, CASE), PackNotSealed).status is PackStatus.SHIPPED


def a_case_on_a_pallet(line: Line) -> PackId:
    """A box of the job in a sealed case, and a box of another job in another case; both on one open pallet."""
    line.start(spec(), job="J1045", order="PO2026-0118")
    other_box, other_case = PackId("J1045-BX001"), PackId("CS000002")
    done(open_(line, PALLET))
    line.complete("J1045-S001")
    for sheet, box, case in ((SHEET, BOX, CASE), (SheetId("J1045-S001"), other_box, other_case)):
        done(line.pack(sheet))
        done(seal(line, box))
        done(open_(line, case))
        done(nest(line, box, case))
        done(seal(line, case))
        done(nest(line, case, PALLET))
    return other_case


def test_a_case_with_a_box_of_a_held_job_stands_still(line: Line, complete: SheetId) -> None:
    """It is neither sealed, nor put onto a pallet, nor shipped: the refusal names the job and the box."""
    done(line.pack(complete))
    done(seal(line, BOX))
    for pack in (CASE, PALLET):
        done(open_(line, pack))
    done(nest(line, BOX, CASE))
    hold(line)
    said = refused(seal(line, CASE), HeldInside)
    assert (said.pack_id, said.job_id, said.boxes, said.reason) == (CASE, "J1044", (BOX,), "wrong foil")
    done(line.ask(ResumeJob, by=LEAD, job_id="J1044"))
    done(seal(line, CASE))
    hold(line)
    assert refused(nest(line, CASE, PALLET), HeldInside).boxes == (BOX,)
    assert refused(ship(line, CASE), HeldInside).boxes == (BOX,)
    outcome = line.scan(PACKING, CASE, open_pack=PALLET)
    assert refused(outcome, HeldInside).job_id == "J1044"
    done(line.ask(ResumeJob, by=LEAD, job_id="J1044"))
    done(ship(line, CASE))


def test_a_pallet_is_not_shipped_while_any_job_on_it_is_held(line: Line, complete: SheetId) -> None:
    """However deep its box lies, and however many others lie there."""
    a_case_on_a_pallet(line)
    done(seal(line, PALLET))
    hold(line)
    said = refused(ship(line, PALLET), HeldInside)
    assert (said.pack_id, said.job_id, said.boxes) == (PALLET, "J1044", (BOX,))
    done(line.ask(ResumeJob, by=LEAD, job_id="J1044"))
    done(ship(line, PALLET))


def test_a_case_without_anything_of_the_held_job_moves_on(line: Line, complete: SheetId) -> None:
    """What lies in another case, or on the same pallet, is not its business."""
    other_case = a_case_on_a_pallet(line)
    hold(line)
    third = PackId("CS000003")
    done(open_(line, third))
    done(line.ask(OpenPack, at=PACKING, pack_id="J1045-BX002"))
    assert refused(ship(line, other_case), PackAlreadyNested).inside == PALLET
    line.start(spec(), job="J1046", order="PO2026-0119")
    line.complete("J1046-S001")
    done(line.pack("J1046-S001"))
    done(seal(line, PackId("J1046-BX001")))
    done(nest(line, PackId("J1046-BX001"), third))
    done(seal(line, third))
    done(nest(line, third, PALLET))
    refused(seal(line, PALLET), HeldInside)


def test_nothing_of_a_held_job_moves_on(line: Line, complete: SheetId) -> None:
    """Neither into a box nor, in its box, out of the house: what is wrong may be inside."""
    hold(line)
    done(line.ask(ResumeJob, by=LEAD, job_id="J1044"))
    done(line.pack(complete))
    line.complete("J1044-S002")
    hold(line)
    refused(line.ask(PackSet, at=PACKING, assembly_id="J1044-S002-SET", pack_id=BOX), JobNotRunning)
    refused(seal(line, BOX), JobNotRunning)
    done(line.ask(ResumeJob, by=LEAD, job_id="J1044"))
    done(seal(line, BOX))
    done(open_(line, CASE))
    hold(line)
    refused(nest(line, BOX, CASE), JobNotRunning)
    refused(ship(line, BOX), JobNotRunning)
    done(line.ask(ResumeJob, by=LEAD, job_id="J1044"))
    done(ship(line, BOX))
