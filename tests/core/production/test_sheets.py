"""Sheets: printed, let past gates, cut exactly once, or voided before."""

import pytest

from core.domain.commands import CompleteOperation, CutSheet, EnterStation, HoldJob, VoidSheet
from core.domain.events import (
    AssemblyOpened,
    CardUnitCreated,
    PrintCompleted,
    SheetCut,
    SheetEnteredStation,
    SheetExitedStation,
    SheetOperationCompleted,
    SheetVoided,
)
from core.domain.rejections import (
    AlreadyDone,
    JobNotRunning,
    NothingChanged,
    ReasonMissing,
    RepeatedScan,
    SheetGone,
    UnknownOperation,
    UnknownUnit,
    WrongKindOfUnit,
    WrongStep,
)
from core.domain.values import OperationType, Route, SheetStatus, StationRole, UnitKind, VoidReason
from core.identity.ids import SheetId, sheet_id
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import CUTTER, FOIL, FULL_ROUTE, LEAD, PRESS, done, refused, spec, station, step

FOIL_2 = station("FOIL-2", StationRole.EMBELLISH, OperationType.FOIL)
SIGN_OFF = station("LEAD-2", StationRole.LEAD, OperationType.GATE)


@beginning
def sheet(line: Line) -> SheetId:
    """A sheet that waits for the press, of a product with a gate and foil before the cut."""
    return sheet_id(line.start(spec(route=LONG_ROUTE)), 1)


def test_the_first_scan_checks_in_and_the_next_completes(line: Line, sheet: SheetId) -> None:
    """At the press what is done is a print."""
    (entered,) = done(line.scan(PRESS, sheet))
    assert isinstance(entered, SheetEnteredStation)
    assert line.sheet(sheet).status is SheetStatus.IN_PROGRESS
    (printed,) = done(line.scan(PRESS, sheet))
    assert isinstance(printed, PrintCompleted)
    assert [ref.operation for ref in printed.ready] == ["PROOF", "FOIL-SHEET"]
    assert not printed.ready_to_cut


def test_the_same_code_again_at_once_is_no_next_step(line: Line, sheet: SheetId) -> None:
    """Neither after the check-in nor after the completion: a trigger was pulled twice."""
    done(line.scan(PRESS, sheet))
    line.pass_time(-10)
    assert refused(line.scan(PRESS, sheet), RepeatedScan).seconds == 0
    done(line.scan(PRESS, sheet))
    line.pass_time(-9)
    assert refused(line.scan(PRESS, sheet), RepeatedScan).seconds == 1
    refused(line.scan(PRESS, sheet), AlreadyDone)


def test_a_clock_that_was_set_back_does_not_stop_the_line(line: Line, sheet: SheetId) -> None:
    """Only the distance between two scans tells that they are one."""
    done(line.scan(PRESS, sheet))
    line.pass_time(-3600)
    done(line.scan(PRESS, sheet))


def test_a_sheet_is_not_foiled_before_it_is_printed(line: Line, sheet: SheetId) -> None:
    """It says what it is ready for and what it lacks."""
    said = refused(line.scan(FOIL, sheet), WrongStep)
    assert [ref.operation for ref in said.ready] == ["PRINT"]
    assert [ref.operation for ref in said.missing] == ["PRINT"]


def test_a_sheet_is_not_cut_before_every_step_and_gate(line: Line, sheet: SheetId) -> None:
    """A gate counts as a step."""
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    for _ in range(2):
        done(line.scan(FOIL, sheet))
    assert [ref.operation for ref in refused(line.scan(CUTTER, sheet), WrongStep).missing] == ["PROOF"]
    refused(line.ask(CutSheet, at=CUTTER, sheet_id=sheet), WrongStep)
    done(line.approve(sheet, "PROOF"))
    assert line.sheet(sheet).status is SheetStatus.READY_TO_CUT
    done(line.scan(CUTTER, sheet))


def test_entering_a_station_leaves_the_one_before(line: Line, sheet: SheetId) -> None:
    """What was begun there is not done."""
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    done(line.scan(FOIL, sheet))
    left, entered = done(line.scan(FOIL_2, sheet))
    assert isinstance(left, SheetExitedStation)
    assert isinstance(entered, SheetEnteredStation)
    assert (left.left, entered.station_id) == ("FOIL-1", "FOIL-2")
    assert "FOIL-SHEET" not in line.sheet(sheet).done


def test_checking_in_twice_changes_nothing(line: Line, sheet: SheetId) -> None:
    """It is there already."""
    done(line.ask(EnterStation, at=PRESS, unit_id=sheet))
    refused(line.ask(EnterStation, at=PRESS, unit_id=sheet), NothingChanged)


def test_a_single_scan_station_completes_at_once(line: Line, sheet: SheetId) -> None:
    """The check-in is recorded with it."""
    press = station("PRESS-9", StationRole.PRESS, OperationType.PRINT, single_scan=True)
    entered, printed = done(line.scan(press, sheet))
    assert isinstance(entered, SheetEnteredStation)
    assert isinstance(printed, PrintCompleted)


def test_what_was_begun_is_what_is_done_though_a_gate_opens_an_earlier_step(line: Line) -> None:
    """A sheet at the foil for its second foil is not recorded as foiled for the first time."""
    route = Route(
        steps=(
            step("PRINT", OperationType.PRINT, UnitKind.SHEET),
            step("PROOF", OperationType.GATE, UnitKind.SHEET, "PRINT"),
            step("FOIL-GOLD", OperationType.FOIL, UnitKind.SHEET, "PROOF"),
            step("FOIL-RED", OperationType.FOIL, UnitKind.SHEET, "PRINT"),
            step("CUT", OperationType.CUT, UnitKind.SHEET, "FOIL-GOLD FOIL-RED"),
            step("QA", OperationType.QA, after="CUT"),
        )
    )
    sheet = sheet_id(line.start(spec(route=route)), 1)
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    done(line.scan(FOIL, sheet))
    done(line.approve(sheet, "PROOF"))
    (foiled,) = done(line.scan(FOIL, sheet))
    assert isinstance(foiled, SheetOperationCompleted)
    assert foiled.operation == "FOIL-RED"


# -- gates ---------------------------------------------------------------------


def test_a_gate_waits_for_what_comes_before_it(line: Line, sheet: SheetId) -> None:
    """Nobody proofs what is not printed; and once is enough."""
    assert [ref.operation for ref in refused(line.approve(sheet, "PROOF"), WrongStep).missing] == ["PRINT"]
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    done(line.approve(sheet, "PROOF"))
    refused(line.approve(sheet, "PROOF"), AlreadyDone)


@pytest.mark.parametrize("gate", ["PRINT", "SIGNED-OFF", "NOWHERE"])
def test_only_a_gate_of_the_sheet_is_approved(line: Line, sheet: SheetId, gate: str) -> None:
    """What is no gate, or a card's, is named with those that are."""
    assert refused(line.approve(sheet, gate), UnknownOperation).known == ("PROOF",)


def test_a_gate_is_never_completed_as_work(line: Line, sheet: SheetId) -> None:
    """An approval is a lead's, whatever a station is equipped for."""
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    refused(line.ask(CompleteOperation, at=SIGN_OFF, unit_id=sheet), UnknownOperation)


# -- the cut ---------------------------------------------------------------------


def test_the_cut_makes_exactly_the_cards_of_the_layout_and_opens_their_set(line: Line) -> None:
    """Positions 1 to n_up, each once, each expected."""
    sheet = sheet_id(line.start(spec(n_up=6, rows=2)), 1)
    for _ in range(2):
        done(line.scan(PRESS, sheet))
    cut, *cards, opened = done(line.scan(CUTTER, sheet))
    assert isinstance(cut, SheetCut)
    assert isinstance(opened, AssemblyOpened)
    made = [card for card in cards if isinstance(card, CardUnitCreated)]
    assert [card.position for card in made] == [1, 2, 3, 4, 5, 6]
    assert cut.card_unit_ids == opened.expected == tuple(card.card_unit_id for card in made)
    assert (opened.rows, opened.columns) == (2, 3)


def test_a_sheet_is_cut_once(line: Line, sheet: SheetId) -> None:
    """Scanned again it says what became of it."""
    line.cut(sheet)
    said = refused(line.scan(CUTTER, sheet), SheetGone)
    assert (said.status, said.n_up) == (SheetStatus.CUT, 4)
    refused(line.ask(CutSheet, at=CUTTER, sheet_id=sheet), SheetGone)
    refused(line.ask(VoidSheet, by=LEAD, sheet_id=sheet, reason=VoidReason.LOST), SheetGone)
    refused(line.approve(sheet, "PROOF"), SheetGone)
    assert len(line.cards()) == 4


def test_a_cut_is_no_other_work_and_no_other_work_a_cut(line: Line, sheet: SheetId) -> None:
    """The one makes cards, the other does not."""
    refused(line.ask(CutSheet, at=PRESS, sheet_id=sheet), UnknownOperation)
    while line.sheet(sheet).status is not SheetStatus.READY_TO_CUT:
        done(line.step_sheet(sheet))
    refused(line.ask(CompleteOperation, at=CUTTER, unit_id=sheet), UnknownOperation)


def test_a_cutter_with_two_scans_checks_in_first(line: Line, sheet: SheetId) -> None:
    """Checked in at the cutter, a sheet is still ready to cut."""
    cutter = station("CUT-9", StationRole.CUTTER, OperationType.CUT)
    while line.sheet(sheet).status is not SheetStatus.READY_TO_CUT:
        done(line.step_sheet(sheet))
    done(line.scan(cutter, sheet))
    assert line.sheet(sheet).status is SheetStatus.READY_TO_CUT
    assert isinstance(done(line.scan(cutter, sheet))[0], SheetCut)


# -- the rest ----------------------------------------------------------------------


def test_a_voided_sheet_takes_no_more_work(line: Line, sheet: SheetId) -> None:
    """Its reason stands in the log; OTHER needs words."""
    refused(line.ask(VoidSheet, by=LEAD, sheet_id=sheet, reason=VoidReason.OTHER, note=" "), ReasonMissing)
    (voided,) = done(line.ask(VoidSheet, by=LEAD, sheet_id=sheet, reason=VoidReason.MISPRINT))
    assert isinstance(voided, SheetVoided)
    assert refused(line.scan(PRESS, sheet), SheetGone).status is SheetStatus.VOIDED
    refused(line.ask(VoidSheet, by=LEAD, sheet_id=sheet, reason=VoidReason.LOST), SheetGone)


def test_a_sheet_that_was_never_made_is_unknown(line: Line, sheet: SheetId) -> None:
    """A well-formed id of nothing, by scan or by command."""
    nobody = sheet_id(line.sheet(sheet).job_id, 9)
    refused(line.scan(PRESS, nobody), UnknownUnit)
    refused(line.ask(EnterStation, at=PRESS, unit_id=nobody), UnknownUnit)
    refused(line.ask(CutSheet, at=CUTTER, sheet_id=nobody), UnknownUnit)
    refused(line.ask(VoidSheet, by=LEAD, sheet_id=nobody, reason=VoidReason.LOST), UnknownUnit)


def test_a_sheet_is_voided_whatever_its_job_does(line: Line) -> None:
    """What is torn is torn, also while the job is held."""
    job = line.start(spec(route=FULL_ROUTE))
    done(line.ask(HoldJob, by=LEAD, job_id=job, reason="wrong foil"))
    refused(line.scan(PRESS, sheet_id(job, 1)), JobNotRunning)
    done(line.ask(VoidSheet, by=LEAD, sheet_id=sheet_id(job, 1), reason=VoidReason.DAMAGED))


def test_a_station_for_cards_takes_no_sheets(line: Line, sheet: SheetId) -> None:
    """By command, where no scan has looked at the role."""
    bench = station("QA-BENCH-9", StationRole.QA, OperationType.QA)
    refused(line.ask(EnterStation, at=bench, unit_id=sheet), WrongKindOfUnit)
