"""Rules of rm_assemblies."""

from core.domain.events import AssemblyOverdueFlagged
from core.domain.values import AssemblyStatus
from core.identity.ids import card_unit_id
from core.projections import AssemblyRow, fold_assembly
from tests.core.projections.lives import (
    BOX,
    INSPECTOR,
    JOB,
    MANAGER,
    OPERATOR,
    SET,
    SHEET,
    SPEC,
    minute,
)
from tests.core.projections.lives_before_and_after import SetLife

FIRST, SECOND, THIRD, FOURTH = (card_unit_id(SHEET, position) for position in range(1, 5))


def row_of(life: SetLife) -> AssemblyRow:
    """Return the row of a set that was opened."""
    row = fold_assembly(life.events)
    assert row is not None
    return row


def test_an_opened_set_expects_every_card_of_the_sheet() -> None:
    """The cut opens a set that is PENDING and empty."""
    row = row_of(SetLife())
    assert (row.assembly_id, row.sheet_id, row.status) == (SET, SHEET, AssemblyStatus.PENDING)
    assert row.expected == (FIRST, SECOND, THIRD, FOURTH)
    assert (row.expected_count, row.gathered_count, row.gathered, row.gaps) == (4, 0, (), ())
    assert (row.rows, row.columns, row.opened_at, row.completed_at) == (2, 2, minute(0), None)


def test_gathered_cards_are_listed_by_position_whatever_the_order_of_scans() -> None:
    """The grid reads row by row."""
    row = row_of(SetLife().gather(3, 1, station="ASSY-2"))
    assert (row.gathered, row.gathered_count) == ((FIRST, THIRD), 2)
    assert (row.status, row.last_gathered_at, row.last_station_id) == (AssemblyStatus.IN_PROGRESS, minute(2), "ASSY-2")


def test_a_tray_stands_and_is_open_where_its_label_was_read_last() -> None:
    """A parked one stands there still and is open nowhere, until its label is read or a card goes into it."""
    life = SetLife().gather(1, station="ASSY-1").bring("ASSY-2")
    row = row_of(life)
    assert (row.last_station_id, row.open_at, row.last_gathered_at) == ("ASSY-2", "ASSY-2", minute(1))
    row = row_of(life.park())
    assert (row.last_station_id, row.open_at) == ("ASSY-2", None)
    assert row_of(life.bring("ASSY-2")).open_at == "ASSY-2"


def test_gatherers_are_the_people_whose_cards_lie_in_the_tray() -> None:
    """Whoever put a card in that was taken out again is no gatherer of the set."""
    life = SetLife().gather(1, who=OPERATOR).gather(2, 3, who=INSPECTOR)
    assert row_of(life).gatherers == (OPERATOR, INSPECTOR)
    assert row_of(life.remove(1)).gatherers == (INSPECTOR,)


def test_a_set_is_complete_when_its_own_fact_says_so() -> None:
    """Full is what AssemblyCompleted says, decided where every invariant is checked."""
    life = SetLife().gather(1, 2, 3, 4)
    assert row_of(life).status is AssemblyStatus.IN_PROGRESS
    row = row_of(life.complete())
    assert (row.status, row.completed_at, row.needs_authorization) == (AssemblyStatus.COMPLETE, minute(5), False)


def test_a_void_takes_a_complete_set_back_to_work_with_a_gap() -> None:
    """The voided card leaves the tray and its position is a gap."""
    row = row_of(SetLife().gather(1, 2, 3, 4).complete().void(2))
    assert (row.status, row.gaps, row.completed_at) == (AssemblyStatus.IN_PROGRESS, (2,), None)
    assert row.gathered == (FIRST, THIRD, FOURTH)
    assert row.expected == (FIRST, SECOND, THIRD, FOURTH)


def test_a_void_of_a_card_not_yet_gathered_leaves_a_pending_set_pending() -> None:
    """Nothing was gathered, so nothing is in progress; the gap shows."""
    row = row_of(SetLife().void(2))
    assert (row.status, row.gaps) == (AssemblyStatus.PENDING, (2,))


def test_only_a_replacement_closes_a_gap() -> None:
    """The position then expects the replacement."""
    row = row_of(SetLife().void(2).replace(2))
    assert (row.gaps, row.expected[1], row.replacements) == ((), f"{SECOND}-R1", (f"{SECOND}-R1",))


def test_a_lost_replacement_is_replaced_in_turn() -> None:
    """The newest card of a position is the expected one."""
    row = row_of(SetLife().void(2).replace(2).void(2).replace(2))
    assert row.replacements == (f"{SECOND}-R2",)


def test_a_void_replacement_is_no_replacement_any_more() -> None:
    """A gap needs a card first, authorization later."""
    row = row_of(SetLife().void(2).replace(2).void(2))
    assert (row.replacements, row.gaps) == ((), (2,))


def test_a_complete_set_with_a_replacement_needs_authorization_once() -> None:
    """A manager's authorization holds for the set as it is."""
    life = SetLife().void(2).replace(2).gather(1, 2, 3, 4).complete()
    assert row_of(life).needs_authorization
    row = row_of(life.authorize())
    assert (row.needs_authorization, row.authorized_by) == (False, MANAGER)


def test_a_void_drops_the_authorization() -> None:
    """Nobody has authorized what the set is now."""
    life = SetLife().void(2).replace(2).gather(1, 2, 3, 4).complete().authorize()
    row = row_of(life.void(3).replace(3).gather(3).complete())
    assert (row.authorized_by, row.needs_authorization) == (None, True)


def test_taking_a_card_out_drops_completeness_and_authorization() -> None:
    """The same holds for a card that is only taken out."""
    row = row_of(SetLife().void(2).replace(2).gather(1, 2, 3, 4).complete().authorize().remove(1))
    assert (row.status, row.authorized_by, row.completed_at) == (AssemblyStatus.IN_PROGRESS, None, None)


def test_an_overdue_set_stays_flagged() -> None:
    """The flag is raised once and is part of the set's history."""
    life = SetLife().gather(1)
    life.say(
        AssemblyOverdueFlagged(
            occurred_at=life.now,
            operator_id=None,
            station_id=None,
            assembly_id=SET,
            sheet_id=SHEET,
            job_id=JOB,
            spec_code=SPEC,
            missing=(SECOND, THIRD, FOURTH),
            open_since=minute(0),
        )
    )
    row = row_of(life.gather(2))
    assert (row.overdue_flagged, row.status) == (True, AssemblyStatus.IN_PROGRESS)


def test_a_packed_set_names_its_box() -> None:
    """Packing ends the set."""
    row = row_of(SetLife().gather(1, 2, 3, 4).complete().pack())
    assert (row.status, row.pack_id, row.packed_at) == (AssemblyStatus.PACKED, BOX, minute(6))
