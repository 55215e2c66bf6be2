"""What a simulated station does next, given what it sees."""

from random import Random

import pytest

from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    CreateReplacement,
    RecordQAResult,
    SealPack,
    SendToRework,
    VoidCardUnit,
)
from core.domain.values import OperationType, QAOutcome, StationDefinition, StationRole
from core.identity.ids import AssemblyId, CardUnitId, JobId, OperationCode, OperatorId, PackId, SheetId, StationId
from core.production.scan import NumberAwaited, Scan
from kiosk.simulation.errands import Bench, Deed, Errand
from kiosk.simulation.planning import Habits, Knowledge, plan
from kiosk.simulation.sights import (
    BoxSeen,
    FailedSeen,
    GateSeen,
    SetSeen,
    Sight,
    TraySeen,
    UnitSeen,
    keeping_back,
    sparing,
    without,
)
from tests.core import shop

JOB = JobId("J1044")
SHEET = SheetId("J1044-S001")
CARD = CardUnitId("J1044-S001-07")
OTHER_CARD = CardUnitId("J1044-S002-03")
SET = AssemblyId("J1044-S001-SET")
FAULTLESS = Habits(fails=0, lost=0, wrong_card=0, duplicate=0, stray=0, strange_trays=0)
SPEC = shop.spec("LEGENDS", n_up=9, rows=3, route=shop.FULL_ROUTE)
MANAGER = OperatorId("OP-70")


def bench(station: StationDefinition) -> Bench:
    """A station with somebody at it."""
    return Bench(station=station, operator_id=shop.OPERATOR)


def planned(station: StationDefinition, sight: Sight, habits: Habits = FAULTLESS, seed: int = 1) -> tuple[Errand, ...]:
    """What the station does on this sight."""
    knowledge = Knowledge(specs={JOB: SPEC}, managers=((MANAGER, "2468"),), habits=habits)
    return plan(bench(station), sight, knowledge, Random(seed), shop.START)


def deeds(errands: tuple[Errand, ...]) -> list[Deed]:
    """All deeds in order."""
    return [deed for errand in errands for deed in errand.deeds]


def texts(errands: tuple[Errand, ...]) -> list[str]:
    """What is scanned, in order."""
    return [deed.request.text for deed in deeds(errands) if isinstance(deed.request, Scan)]


def sheet_seen(work: OperationType = OperationType.PRINT) -> UnitSeen:
    """A sheet that waits for work."""
    return UnitSeen(unit_id=SHEET, job_id=JOB, work=work)


def card_seen(work: OperationType, number: str | None = None) -> UnitSeen:
    """A card that waits for work."""
    return UnitSeen(unit_id=CARD, job_id=JOB, work=work, number=number)


def test_where_nothing_waits_nothing_is_done() -> None:
    """An empty floor gives no errands, whatever the role."""
    for station in shop.STATIONS:
        assert planned(station, Sight()) == ()


def test_a_press_scans_a_sheet_in_and_out() -> None:
    """The first scan checks it in, the second completes."""
    assert texts(planned(shop.PRESS, Sight(ready=(sheet_seen(),)))) == [SHEET, SHEET]


def test_a_unit_that_is_here_already_is_only_completed_and_comes_first() -> None:
    """Whoever finds work in hand finishes it before anything new."""
    here = UnitSeen(unit_id=SheetId("J1044-S009"), job_id=JOB, work=OperationType.PRINT)
    sight = Sight(at_station=(here,), ready=(sheet_seen(),))
    assert texts(planned(shop.PRESS, sight)) == ["J1044-S009", SHEET, SHEET]


def test_a_single_scan_station_scans_once() -> None:
    """The cutter of this shop cuts with one scan."""
    assert texts(planned(shop.CUTTER, Sight(ready=(sheet_seen(OperationType.CUT),)))) == [SHEET]


def test_numbering_answers_with_the_cards_own_number() -> None:
    """Position 7 of sheet 1 is number 7 of the run, said when it is asked for."""
    found = deeds(planned(shop.NUMBERING, Sight(ready=(card_seen(OperationType.NUMBER),))))
    assert [deed.request.text for deed in found if isinstance(deed.request, Scan)][-1] == "7"
    last = found[-1].request
    assert isinstance(last, Scan)
    assert last.awaited == NumberAwaited(card_unit_id=CARD, operation=OperationCode("NUMBER"), run_of=99)


def test_a_reworked_card_keeps_its_number() -> None:
    """A card with a number is scanned twice and asked nothing."""
    seen = card_seen(OperationType.NUMBER, number="07/99")
    assert texts(planned(shop.NUMBERING, Sight(ready=(seen,)))) == [CARD, CARD]


def test_two_cards_never_get_one_number_or_serial() -> None:
    """Numbers and serials differ over every sheet and position of a job."""
    from kiosk.simulation.errands import number_of, serial_of

    cards = [CardUnitId(f"J1044-S{sheet:03d}-{place:02d}") for sheet in range(1, 12) for place in range(1, 10)]
    assert sorted(number_of(card, 9) for card in cards) == list(range(1, 100))
    assert len({serial_of(card) for card in cards}) == len(cards)
    replacement = CardUnitId("J1044-S001-07-R1")
    assert number_of(replacement, 9) == number_of(CARD, 9)
    assert serial_of(replacement) != serial_of(CARD)


@pytest.mark.parametrize(("fails", "outcome"), [(0.0, QAOutcome.PASS), (1.0, QAOutcome.FAIL)])
def test_an_inspector_scans_then_gives_a_verdict(fails: float, outcome: QAOutcome) -> None:
    """A fail carries a code, a pass none."""
    habits = Habits(fails=fails, stray=0)
    scan, verdict = (
        deed.request for deed in deeds(planned(shop.QA, Sight(ready=(card_seen(OperationType.QA),)), habits))
    )
    assert isinstance(scan, Scan)
    assert isinstance(verdict, RecordQAResult)
    assert verdict.result.outcome is outcome
    assert bool(verdict.result.codes) is (outcome is QAOutcome.FAIL)


def tray(sheet: str, expected: int, gathered: int, waiting: int, at: StationId | None = None) -> TraySeen:
    """A tray with so many cards in it and so many that could be."""
    cards = [CardUnitId(f"{sheet}-{place:02d}") for place in range(1, gathered + waiting + 1)]
    return TraySeen(
        assembly_id=AssemblyId(f"{sheet}-SET"),
        expected=expected,
        gathered=tuple(cards[:gathered]),
        waiting=tuple(cards[gathered:]),
        stands_at=at,
    )


def test_gathering_takes_the_tray_that_can_be_filled_furthest() -> None:
    """Its label first, then the waiting cards into the open tray."""
    near, far = tray("J1044-S001", 9, 0, 8), tray("J1044-S002", 9, 0, 3)
    found = planned(shop.ASSEMBLY, Sight(trays=(far, near)))
    assert texts(found) == [SET, *near.waiting]
    assert all(deed.request.open_assembly == SET for deed in deeds(found)[1:] if isinstance(deed.request, Scan))


def test_a_tray_that_stands_elsewhere_is_left_there() -> None:
    """Two piles of one set would be two trays."""
    elsewhere = tray("J1044-S001", 9, 2, 7, at=shop.ASSEMBLY_2.station_id)
    assert planned(shop.ASSEMBLY, Sight(trays=(elsewhere,))) == ()
    fetching = Habits(strange_trays=1, wrong_card=0, duplicate=0, stray=0)
    assert texts(planned(shop.ASSEMBLY, Sight(trays=(elsewhere,)), fetching))[0] == SET


def test_wrong_cards_are_slips_that_must_be_refused() -> None:
    """A card of another sheet is scanned now and then, and marked as a mistake."""
    clumsy = Habits(wrong_card=1, duplicate=1, stray=0, strange_trays=0)
    found = deeds(planned(shop.ASSEMBLY, Sight(trays=(tray("J1044-S001", 9, 0, 2),), foreign=(OTHER_CARD,)), clumsy))
    slips = [deed.request.text for deed in found if deed.is_slip and isinstance(deed.request, Scan)]
    assert slips.count(OTHER_CARD) == 2
    assert {"J1044-S001-01", "J1044-S001-02"} <= set(slips)


def test_packing_opens_a_box_fills_it_and_closes_it_when_full() -> None:
    """The next free box where none is open, the open one where there is, sealed with its last set."""
    ready = SetSeen(assembly_id=SET, job_id=JOB)
    assert texts(planned(shop.PACKING, Sight(sets=(ready,), next_boxes=(PackId("J1044-BX003"),)))) == [
        "J1044-BX003",
        SET,
    ]
    nearly_full = BoxSeen(pack_id=PackId("J1044-BX002"), job_id=JOB, sets=3)
    found = deeds(
        planned(shop.PACKING, Sight(sets=(ready,), boxes=(nearly_full,), next_boxes=(PackId("J1044-BX003"),)))
    )
    assert isinstance(found[-1].request, SealPack)


def test_a_set_without_its_authorization_is_not_packed() -> None:
    """It is left for a manager."""
    waiting = SetSeen(assembly_id=SET, job_id=JOB, needs_authorization=True)
    assert planned(shop.PACKING, Sight(sets=(waiting,))) == ()


def lead_commands(sight: Sight, **habits: float) -> list[type[object]]:
    """What a lead asks for on this sight."""
    lead = shop.station("LEAD-9", StationRole.LEAD, OperationType.GATE)
    found = planned(lead, sight, Habits(lost=0, **habits))  # pyright: ignore[reportArgumentType]
    return [type(deed.request) for deed in deeds(found)]


def test_a_lead_reworks_while_it_is_allowed_and_replaces_after_that() -> None:
    """The product's limit counts."""
    failed = FailedSeen(card_unit_id=CARD, rework=0)
    worn = FailedSeen(card_unit_id=CARD, rework=SPEC.rework_limit)
    assert lead_commands(Sight(failed=(failed,)), reworked=1) == [SendToRework]
    assert lead_commands(Sight(failed=(failed,)), reworked=0) == [VoidCardUnit, CreateReplacement]
    assert lead_commands(Sight(failed=(worn,)), reworked=1) == [VoidCardUnit, CreateReplacement]


def test_a_lead_approves_gates_and_closes_gaps() -> None:
    """A voided card without a replacement gets one."""
    sight = Sight(gates=(GateSeen(unit_id=SHEET, job_id=JOB),), gaps=(CARD,))
    assert lead_commands(sight) == [ApproveGate, CreateReplacement]


def test_a_manager_who_gathered_authorizes_nothing() -> None:
    """The other person rule is kept before it is enforced."""
    waiting = SetSeen(assembly_id=SET, job_id=JOB, needs_authorization=True)
    own = SetSeen(assembly_id=SET, job_id=JOB, needs_authorization=True, gatherers=(MANAGER,))
    assert lead_commands(Sight(sets=(waiting,))) == [AuthorizeReplacementSet]
    assert lead_commands(Sight(sets=(own,))) == []


def test_what_somebody_holds_is_not_seen() -> None:
    """Two people cannot hold one card."""
    sight = Sight(ready=(sheet_seen(), card_seen(OperationType.QA)), trays=(tray("J1044-S001", 9, 0, 2),))
    seen = without(sight, {SHEET, "J1044-S001-01"})
    assert [unit.unit_id for unit in seen.ready] == [CARD]
    assert seen.trays[0].waiting == (CardUnitId("J1044-S001-02"),)


def test_the_most_urgent_work_is_left_to_whoever_plays() -> None:
    """The queue begins behind what is kept back."""
    sight = Sight(ready=(sheet_seen(), card_seen(OperationType.QA)))
    assert [unit.unit_id for unit in keeping_back(sight, 1).ready] == [CARD]
    assert keeping_back(sight, 0) == sight


def test_the_same_seed_plans_the_same() -> None:
    """All chance comes from the generator that is handed in."""
    sight = Sight(trays=(tray("J1044-S001", 9, 0, 8),), foreign=(OTHER_CARD,), strays=("4006381333931",))
    clumsy = Habits(wrong_card=0.3, duplicate=0.3, stray=0.3)
    assert planned(shop.ASSEMBLY, sight, clumsy, seed=7) == planned(shop.ASSEMBLY, sight, clumsy, seed=7)


def test_the_time_for_one_unit_is_spread_over_its_deeds() -> None:
    """The shares of an errand without slips add up to 1."""
    sights = {
        shop.PRESS: Sight(ready=(sheet_seen(),)),
        shop.NUMBERING: Sight(ready=(card_seen(OperationType.NUMBER),)),
        shop.QA: Sight(ready=(card_seen(OperationType.QA),)),
        shop.ASSEMBLY: Sight(trays=(tray("J1044-S001", 9, 0, 5),)),
        shop.PACKING: Sight(sets=(SetSeen(assembly_id=SET, job_id=JOB),)),
    }
    for station, sight in sights.items():
        (errand,) = planned(station, sight)
        assert sum(deed.share for deed in errand.deeds) == pytest.approx(1.0)


def test_a_set_that_stands_where_somebody_plays_is_authorized_by_nobody_else() -> None:
    """Given two sets that need a manager, then only the one that stands elsewhere is in sight."""
    here = SetSeen(assembly_id=SET, job_id=JOB, needs_authorization=True, stands_at=StationId("ASSY-1"))
    there = SetSeen(assembly_id=SET, job_id=JOB, needs_authorization=True, stands_at=StationId("ASSY-2"))
    assert sparing(Sight(sets=(here, there)), {"ASSY-1"}).sets == (there,)
