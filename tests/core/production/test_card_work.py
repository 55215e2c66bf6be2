"""Cards at work: one station after the other, in the order of the route."""

from core.domain.commands import CompleteOperation, EnterStation, HoldJob
from core.domain.events import CardUnitEnteredStation, CardUnitOperationCompleted, GateApproved
from core.domain.rejections import (
    AlreadyDone,
    CardFailed,
    CardGathered,
    CardVoided,
    JobNotRunning,
    NothingChanged,
    RepeatedScan,
    UnknownOperation,
    UnknownUnit,
    WrongKindOfUnit,
    WrongStep,
)
from core.domain.values import CardUnitStatus, OperationType, Route, StationRole, UnitKind
from core.identity.ids import CardUnitId, sheet_id
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import (
    ASSEMBLY,
    FULL_ROUTE,
    INSPECTOR,
    LEAD,
    NUMBERING,
    QA,
    QA_2,
    UV,
    done,
    refused,
    spec,
    station,
    step,
)

TWO_COATS = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("UV-BASE", OperationType.UV, after="CUT"),
        step("UV-TOP", OperationType.UV, after="UV-BASE"),
        step("QA", OperationType.QA, after="UV-TOP"),
    )
)


@beginning
def card(line: Line) -> CardUnitId:
    """A card fresh from the cut, of a product with two inspections, a gate and two branches."""
    return line.cut(sheet_id(line.start(spec(route=LONG_ROUTE)), 1))[0]


def test_a_card_moves_along_its_route(line: Line, card: CardUnitId) -> None:
    """Checked in, completed, and ready for what comes next."""
    line.bring_to(card, OperationType.UV)
    (completed,) = done(line.scan(UV, card))
    assert isinstance(completed, CardUnitOperationCompleted)
    assert {ref.operation for ref in completed.ready} == {"NUMBER", "RELIC"}


def test_no_step_is_skipped(line: Line, card: CardUnitId) -> None:
    """The refusal says what is missing and what is due."""
    said = refused(line.scan(UV, card), WrongStep)
    assert [ref.operation for ref in said.missing] == ["QA-FIRST"]
    assert [ref.operation for ref in said.ready] == ["QA-FIRST"]


def test_what_was_done_is_not_done_again(line: Line, card: CardUnitId) -> None:
    """A card that comes back to a station is told where it should go."""
    line.bring_to(card, OperationType.UV)
    done(line.scan(UV, card))
    said = refused(line.scan(UV, card), AlreadyDone)
    assert said.operation == "UV"
    assert {ref.operation for ref in said.ready} == {"NUMBER", "RELIC"}


def test_a_card_that_goes_elsewhere_leaves_where_it_was(line: Line, card: CardUnitId) -> None:
    """It is in one place."""
    done(line.scan(QA, card, by=INSPECTOR))
    (entered,) = done(line.scan(QA_2, card, by=INSPECTOR))
    assert isinstance(entered, CardUnitEnteredStation)
    here = line.card(card).check_in
    assert here is not None
    assert here.station_id == "QA-BENCH-2"


def test_checking_in_twice_changes_nothing(line: Line, card: CardUnitId) -> None:
    """It is there already."""
    done(line.ask(EnterStation, at=QA, unit_id=card))
    refused(line.ask(EnterStation, at=QA, unit_id=card), NothingChanged)


def test_a_trigger_pulled_twice_is_one_step_at_a_single_scan_station_too(line: Line) -> None:
    """Two coats in a row at one station are two scans that somebody meant."""
    coater = station("UV-9", StationRole.EMBELLISH, OperationType.UV, single_scan=True)
    card = line.cut(sheet_id(line.start(spec(route=TWO_COATS)), 1))[0]
    done(line.scan(coater, card))
    line.pass_time(-9.5)
    refused(line.scan(coater, card), RepeatedScan)
    assert line.card(card).done == {"UV-BASE"}
    line.pass_time(10)
    done(line.scan(coater, card))
    assert line.card(card).done == {"UV-BASE", "UV-TOP"}


def test_another_card_right_after_is_no_repetition(line: Line) -> None:
    """The guard is about one unit, not about the station."""
    coater = station("UV-9", StationRole.EMBELLISH, OperationType.UV, single_scan=True)
    first, second, *_ = line.cut(sheet_id(line.start(spec(route=TWO_COATS)), 1))
    done(line.scan(coater, first))
    line.pass_time(-9.5)
    done(line.scan(coater, second))


def test_a_card_that_is_scanned_right_after_its_number_was_given_is_no_repetition(line: Line) -> None:
    """What was read last was the number; its label, read twice after that, is."""
    bench = station("OPS-1", StationRole.CARDOPS, OperationType.NUMBER, OperationType.MEMORABILIA)
    card = line.cut(sheet_id(line.start(spec(route=FULL_ROUTE)), 1))[0]
    line.bring_to(card, OperationType.NUMBER)
    awaited, number = line.asked(card, line.ready_for(card)[0])
    done(line.scan(bench, card))
    done(line.scan(bench, number, awaited=awaited))
    line.pass_time(-9.5)
    (entered,) = done(line.scan(bench, card))
    assert isinstance(entered, CardUnitEnteredStation)
    assert entered.operation == "RELIC"


def test_a_gate_of_a_card_is_approved_once_it_is_due(line: Line, card: CardUnitId) -> None:
    """Then the last inspection is."""
    refused(line.approve(card, "SIGNED-OFF"), WrongStep)
    while line.ready_for(card)[0].work is not OperationType.GATE:
        done(line.step_card(card))
    (approved,) = done(line.approve(card, "SIGNED-OFF"))
    assert isinstance(approved, GateApproved)
    assert [ref.operation for ref in approved.ready] == ["QA-LAST"]
    refused(line.approve(card, "SIGNED-OFF"), AlreadyDone)
    assert refused(line.approve(card, "PROOF"), UnknownOperation).known == ("SIGNED-OFF",)


def test_an_inspection_or_approval_is_never_just_completed(line: Line, card: CardUnitId) -> None:
    """A verdict is more than done."""
    done(line.scan(QA, card, by=INSPECTOR))
    refused(line.ask(CompleteOperation, at=QA, unit_id=card), UnknownOperation)


def test_a_card_that_is_out_of_work_says_why(line: Line) -> None:
    """Failed, gathered, voided: each has its own way back, or none."""
    failed, gathered, void, _ = line.cut(sheet_id(line.start(spec()), 1))
    line.fail(failed, "F-201", "F-305")
    assert refused(line.scan(QA, failed), CardFailed).codes == ("F-201", "F-305")
    line.clear(gathered)
    done(line.gather(gathered))
    said = refused(line.scan(QA, gathered), CardGathered)
    assert (said.assembly_id, said.status) == ("J1044-S001-SET", CardUnitStatus.ASSEMBLED)
    newer = line.replace(void)
    assert refused(line.scan(QA, void), CardVoided).replaced_by == newer
    for card in (failed, gathered, void):
        line.ask(EnterStation, at=QA, unit_id=card)
        assert line.card(card).check_in is None


def test_no_card_of_a_held_job_is_worked_on(line: Line, card: CardUnitId) -> None:
    """Neither checked in nor let past a gate."""
    done(line.ask(HoldJob, by=LEAD, job_id=line.card(card).job_id, reason="wrong foil"))
    refused(line.scan(QA, card), JobNotRunning)
    refused(line.approve(card, "SIGNED-OFF"), JobNotRunning)


def test_a_card_that_was_never_made_is_unknown(line: Line, card: CardUnitId) -> None:
    """A position that the sheet does not have, or a replacement that nobody made."""
    for nobody in (f"{card[:-2]}05", f"{card}-R1"):
        refused(line.scan(UV, nobody), UnknownUnit)
        refused(line.ask(EnterStation, at=UV, unit_id=nobody), UnknownUnit)


def test_a_station_without_work_for_this_product_says_what_is_due(line: Line, card: CardUnitId) -> None:
    """By command, where no scan has looked at the role."""
    assert [ref.operation for ref in refused(line.ask(EnterStation, at=ASSEMBLY, unit_id=card), WrongStep).ready] == [
        "QA-FIRST"
    ]
    foil = station("FOIL-9", StationRole.EMBELLISH, OperationType.FOIL)
    refused(line.scan(foil, card), WrongKindOfUnit)
    refused(line.scan(NUMBERING, card), WrongStep)
