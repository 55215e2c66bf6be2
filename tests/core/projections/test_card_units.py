"""Rules of rm_card_units."""

import pytest

from core.domain.values import CardUnitStatus, OperationType, QAOutcome, VoidReason
from core.identity.ids import CardUnitId, StationId
from core.projections import CardUnitRow, fold_card_unit
from tests.core.projections.lives import (
    BOX,
    CARD,
    FOIL,
    GATE,
    INSPECTOR,
    JOB,
    NUMBER,
    OPERATOR,
    ORDER,
    PRODUCT,
    QA,
    SET,
    SHEET,
    SPEC,
    CardLife,
    minute,
    operation_of,
    replaced_by_replacement,
    steps,
)


def row_of(life: CardLife) -> CardUnitRow:
    """Return the row of a card that exists."""
    row = fold_card_unit(life.events)
    assert row is not None
    return row


def test_a_card_that_the_cut_made_waits_for_the_first_step_of_its_route() -> None:
    """A new card is CREATED, at no station, ready for what its event says."""
    assert row_of(CardLife()) == CardUnitRow(
        card_unit_id=CARD,
        sheet_id=SHEET,
        job_id=JOB,
        order_id=ORDER,
        spec_code=SPEC,
        product_name=PRODUCT,
        position=7,
        status=CardUnitStatus.CREATED,
        station_id=None,
        last_station_id=None,
        operation=None,
        work=None,
        operator_id=None,
        since=minute(0),
        ready="NUMBER",
        ready_operations="NUMBER-A",
        waiting_since=minute(0),
        qa_attempts=0,
        last_outcome=None,
        last_codes=(),
        rework=0,
        number=None,
        serial=None,
        assembly_id=None,
        pack_id=None,
        void_reason=None,
        replaces=None,
        replaced_by=None,
        created_at=minute(0),
        updated_at=minute(0),
        version=1,
    )


def test_a_card_at_a_station_waits_in_no_queue() -> None:
    """Checking in puts the card into the station's hands and out of every queue."""
    row = row_of(CardLife().enter("NUM-1", NUMBER))
    assert row.status is CardUnitStatus.IN_PROGRESS
    assert (row.station_id, row.last_station_id) == ("NUM-1", "NUM-1")
    assert (row.operation, row.work, row.operator_id) == (operation_of(NUMBER), NUMBER, OPERATOR)
    assert (row.ready, row.ready_operations, row.waiting_since) == ("", "", None)
    assert row.since == minute(1)


def test_a_completed_operation_leaves_the_station_and_queues_for_the_next() -> None:
    """After an operation the card is between stations, ready for what comes next."""
    row = row_of(CardLife().enter("NUM-1", NUMBER).complete("NUM-1", NUMBER, QA))
    assert row.status is CardUnitStatus.IN_PROGRESS
    assert (row.station_id, row.operation, row.work, row.operator_id) == (None, None, None, None)
    assert row.last_station_id == "NUM-1"
    assert (row.ready, row.ready_operations, row.waiting_since) == ("QA", "QA-A", minute(2))


def test_kinds_of_ready_work_are_sorted_and_each_named_once() -> None:
    """The queue's index matches text, so the same readiness always reads the same."""
    row = row_of(CardLife().complete("X-1", GATE, OperationType.UV, FOIL, NUMBER, FOIL))
    assert row.ready == "FOIL+NUMBER+UV"
    assert row.ready_operations == "UV-A+FOIL-A+NUMBER-A+FOIL-A"


def test_entering_another_station_implies_leaving_the_first() -> None:
    """The newest station has the card."""
    row = row_of(CardLife().enter("NUM-1", NUMBER).enter("NUM-2", NUMBER))
    assert (row.station_id, row.last_station_id, row.since) == ("NUM-2", "NUM-2", minute(2))


def test_an_approved_gate_frees_what_waited_behind_it() -> None:
    """The card waits from the approval on for what the gate held back."""
    row = row_of(CardLife().complete("NUM-1", NUMBER, GATE).approve(QA))
    assert (row.status, row.ready, row.waiting_since) == (CardUnitStatus.IN_PROGRESS, "QA", minute(2))


def test_a_gate_approved_meanwhile_does_not_take_a_card_out_of_a_station() -> None:
    """A card at work stays there; what the gate freed shows when it comes out."""
    row = row_of(CardLife().enter("NUM-1", NUMBER).approve(FOIL, NUMBER))
    assert (row.station_id, row.ready, row.since) == ("NUM-1", "", minute(1))


def test_a_passed_card_with_nothing_left_waits_for_its_set() -> None:
    """A cleared pass is QA_PASSED and ready to be gathered."""
    row = row_of(CardLife().passes())
    assert row.status is CardUnitStatus.QA_PASSED
    assert (row.ready, row.ready_operations, row.waiting_since) == ("ASSEMBLE", "", minute(2))
    assert (row.qa_attempts, row.last_outcome, row.station_id) == (1, QAOutcome.PASS, None)


def test_a_pass_with_steps_left_is_still_in_progress() -> None:
    """A card that has passed one of two inspections cannot be gathered yet."""
    row = row_of(CardLife().enter("QA-1", QA).inspect(QAOutcome.PASS, ready=steps(NUMBER)))
    assert (row.status, row.ready) == (CardUnitStatus.IN_PROGRESS, "NUMBER")


def test_a_failed_card_waits_in_no_queue_until_somebody_decides() -> None:
    """A fail keeps its codes and takes the card out of every queue."""
    row = row_of(CardLife().fails("F-201", "F-305"))
    assert (row.status, row.ready, row.waiting_since) == (CardUnitStatus.QA_FAILED, "", None)
    assert (row.last_outcome, row.last_codes) == (QAOutcome.FAIL, ("F-201", "F-305"))
    assert row.last_station_id == "QA-1"


def test_a_reworked_card_queues_where_it_was_sent() -> None:
    """Rework counts, and the lead's desk is not where the card was seen."""
    row = row_of(CardLife().fails("F-201").rework(NUMBER))
    assert (row.status, row.rework, row.ready) == (CardUnitStatus.IN_PROGRESS, 1, "NUMBER")
    assert row.last_station_id == "QA-1"


def test_every_attempt_counts_and_the_last_verdict_shows() -> None:
    """After fail, rework and pass the card tells two attempts and one rework."""
    row = row_of(CardLife().fails("F-201").rework(QA).passes())
    assert (row.qa_attempts, row.rework, row.last_outcome, row.last_codes) == (2, 1, QAOutcome.PASS, ())
    assert row.status is CardUnitStatus.QA_PASSED


def test_a_gathered_card_lies_in_its_set() -> None:
    """Gathering names the set and ends the waiting."""
    row = row_of(CardLife().passes().gather("ASSY-2"))
    assert (row.status, row.assembly_id) == (CardUnitStatus.ASSEMBLED, SET)
    assert (row.station_id, row.last_station_id, row.ready) == (None, "ASSY-2", "")


def test_a_card_taken_out_of_its_set_waits_to_be_gathered_again() -> None:
    """Removal gives back what gathering took."""
    row = row_of(CardLife().passes().gather().remove())
    assert (row.status, row.assembly_id, row.ready) == (CardUnitStatus.QA_PASSED, None, "ASSEMBLE")


def test_a_packed_card_names_its_box_and_set() -> None:
    """A packed card is found by its box."""
    row = row_of(CardLife().passes().gather().pack())
    assert (row.status, row.pack_id, row.assembly_id, row.ready) == (CardUnitStatus.PACKED, BOX, SET, "")


@pytest.mark.parametrize("reason", list(VoidReason))
def test_a_voided_card_keeps_its_reason_and_where_it_was_last_seen(reason: VoidReason) -> None:
    """Voiding from the desk takes the card from its station, not from memory."""
    row = row_of(CardLife().enter("NUM-1", NUMBER).void(reason))
    assert (row.status, row.void_reason) == (CardUnitStatus.VOIDED, reason)
    assert (row.station_id, row.last_station_id, row.ready) == (None, "NUM-1", "")


def test_a_voided_card_lies_in_no_set() -> None:
    """A gathered card that is voided left its set."""
    assert row_of(CardLife().passes().gather().void()).assembly_id is None


def test_a_replaced_card_names_its_replacement_and_stays_void() -> None:
    """In the replaced card's stream the replacement only leaves its name."""
    life = CardLife().void()
    row = row_of(life.say(replaced_by_replacement(life.now)))
    assert (row.status, row.replaced_by) == (CardUnitStatus.VOIDED, f"{CARD}-R1")
    assert (row.since, row.updated_at) == (minute(1), minute(2))


def test_a_replacement_begins_its_own_life_and_names_what_it_replaces() -> None:
    """In its own stream the same fact creates the new card."""
    row = row_of(CardLife.replacement())
    assert (row.card_unit_id, row.replaces, row.status) == (CardUnitId(f"{CARD}-R1"), CARD, CardUnitStatus.CREATED)
    assert (row.position, row.ready, row.version) == (7, "NUMBER", 1)


def test_number_and_serial_read_as_on_the_card() -> None:
    """A number is padded as printed; a serial stays as it was scanned."""
    row = row_of(CardLife().number(7, 99).insert("AUTO-1138"))
    assert (row.number, row.serial) == ("07/99", "AUTO-1138")


def test_who_checked_a_card_in_has_it_until_it_leaves() -> None:
    """The operator shows while the card is in hand, and no longer."""
    life = CardLife().enter("QA-1", QA, INSPECTOR)
    assert row_of(life).operator_id == INSPECTOR
    assert row_of(life.inspect(QAOutcome.PASS)).operator_id is None


def test_a_verdict_given_away_from_a_bench_keeps_the_last_station() -> None:
    """A fact of no station says nothing about where the card was seen."""
    life = CardLife().enter("NUM-1", NUMBER)
    life.complete("NUM-1", NUMBER, QA)
    assert row_of(life.approve(QA)).last_station_id == StationId("NUM-1")
