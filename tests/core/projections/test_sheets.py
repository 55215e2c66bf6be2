"""Rules of rm_sheets."""

from core.domain.values import SheetStatus, VoidReason
from core.projections import SheetRow, fold_sheet
from tests.core.projections.lives import (
    CUT,
    FOIL,
    GATE,
    OPERATOR,
    PRINT,
    SET,
    SHEET,
    minute,
)
from tests.core.projections.lives_before_and_after import SheetLife


def row_of(life: SheetLife) -> SheetRow:
    """Return the row of a sheet that exists."""
    row = fold_sheet(life.events)
    assert row is not None
    return row


def test_a_new_sheet_waits_for_the_press() -> None:
    """A started job's sheet is CREATED with its layout and queues for its first step."""
    row = row_of(SheetLife())
    assert (row.sheet_id, row.number, row.sheet_count) == (SHEET, 3, 20)
    assert (row.n_up, row.rows, row.columns) == (18, 3, 6)
    assert (row.status, row.ready, row.ready_operations) == (SheetStatus.CREATED, "PRINT", "PRINT-A")
    assert (row.waiting_since, row.version) == (minute(0), 1)


def test_a_sheet_whose_route_begins_with_the_cut_is_ready_to_cut_at_once() -> None:
    """Printed stock needs no press."""
    life = SheetLife()
    life.events.clear()
    assert row_of(life.create(CUT)).status is SheetStatus.READY_TO_CUT


def test_a_sheet_at_a_station_waits_in_no_queue() -> None:
    """Checking in puts the sheet into the station's hands."""
    row = row_of(SheetLife().enter("PRESS-1", PRINT))
    assert (row.status, row.station_id, row.operator_id) == (SheetStatus.IN_PROGRESS, "PRESS-1", OPERATOR)
    assert (row.ready, row.waiting_since, row.work) == ("", None, PRINT)


def test_a_printed_sheet_queues_for_embellishment() -> None:
    """PrintCompleted is an operation like any other."""
    row = row_of(SheetLife().enter("PRESS-1", PRINT).complete("PRESS-1", PRINT, FOIL))
    assert (row.status, row.ready, row.station_id) == (SheetStatus.IN_PROGRESS, "FOIL", None)
    assert row.last_station_id == "PRESS-1"


def test_a_sheet_is_ready_to_cut_once_nothing_else_is_left() -> None:
    """The event says so and the row repeats it."""
    row = row_of(SheetLife().complete("PRESS-1", PRINT, FOIL).complete("FOIL-1", FOIL, CUT))
    assert (row.status, row.ready) == (SheetStatus.READY_TO_CUT, "CUT")


def test_a_sheet_on_the_cutter_is_still_ready_to_cut() -> None:
    """Checking in at the cutter is not working on the sheet."""
    row = row_of(SheetLife().complete("PRESS-1", PRINT, CUT).enter("CUT-1", CUT))
    assert (row.status, row.station_id, row.ready) == (SheetStatus.READY_TO_CUT, "CUT-1", "")


def test_a_sheet_that_left_with_its_work_not_done_queues_for_it_again() -> None:
    """Leaving gives back the readiness from before."""
    row = row_of(SheetLife().complete("PRESS-1", PRINT, FOIL).enter("FOIL-1", FOIL).exit("FOIL-1", FOIL))
    assert (row.ready, row.waiting_since, row.station_id) == ("FOIL", minute(3), None)
    assert row.last_station_id == "FOIL-1"


def test_a_gate_lets_the_sheet_go_on_to_the_cut() -> None:
    """A gate counts as an operation."""
    row = row_of(SheetLife().complete("PRESS-1", PRINT, GATE).approve(CUT))
    assert (row.status, row.ready, row.waiting_since) == (SheetStatus.READY_TO_CUT, "CUT", minute(2))


def test_a_gate_approved_meanwhile_leaves_the_sheet_where_it_is() -> None:
    """A sheet at work stays there."""
    row = row_of(SheetLife().enter("FOIL-1", FOIL).approve(FOIL))
    assert (row.station_id, row.since, row.ready) == ("FOIL-1", minute(1), "")


def test_a_cut_sheet_names_its_set_and_waits_for_nothing() -> None:
    """The cut ends the sheet."""
    row = row_of(SheetLife().complete("PRESS-1", PRINT, CUT).enter("CUT-1", CUT).cut())
    assert (row.status, row.assembly_id, row.cut_at) == (SheetStatus.CUT, SET, minute(3))
    assert (row.ready, row.station_id, row.last_station_id) == ("", None, "CUT-1")


def test_a_voided_sheet_keeps_its_reason() -> None:
    """A misprint leaves production and every queue."""
    row = row_of(SheetLife().enter("PRESS-1", PRINT).void())
    assert (row.status, row.void_reason, row.ready) == (SheetStatus.VOIDED, VoidReason.MISPRINT, "")
    assert (row.station_id, row.last_station_id) == (None, "PRESS-1")
