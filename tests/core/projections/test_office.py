"""Rules of rm_orders, rm_jobs, rm_packs, rm_stations, rm_operators and rm_specs."""

import pytest

from core.domain.values import JobStatus, OperatorRole, OrderStatus, PackKind, PackStatus
from core.projections import fold_job, fold_operator, fold_order, fold_pack, fold_spec, fold_station
from tests.core.projections import office
from tests.core.projections.lives import BOX, JOB, OPERATOR, ORDER, SET, SPEC, Life, minute


def test_an_order_asks_for_the_sets_of_all_its_lines() -> None:
    """A placed order is open, with what it asks for."""
    row = fold_order(office.order_placed(Life()).events)
    assert row is not None
    assert (row.order_id, row.status, row.sets, row.priority) == (ORDER, OrderStatus.PLACED, 25, 3)
    assert (row.promise_at, row.placed_at, row.closed_at, row.job_ids) == (office.PROMISE, minute(0), None, ())


def test_a_fulfilled_order_names_the_jobs_that_were_made_of_it() -> None:
    """The order closes with its last job."""
    row = fold_order(office.order_fulfilled(office.job_created(office.order_placed(Life()))).events)
    assert row is not None
    assert (row.status, row.job_ids, row.closed_at) == (OrderStatus.FULFILLED, (JOB,), minute(2))


def test_a_cancelled_order_keeps_its_reason() -> None:
    """Giving up is told with its reason."""
    row = fold_order(office.order_cancelled(office.order_placed(Life())).events)
    assert row is not None
    assert (row.status, row.cancel_reason) == (OrderStatus.CANCELLED, "customer withdrew")


def test_a_job_keeps_the_product_as_it_was_when_it_was_made() -> None:
    """A later version of the product does not change a job that runs."""
    row = fold_job(office.job_created(Life()).events)
    assert row is not None
    assert (row.spec_code, row.spec_version, row.product_name) == (SPEC, 2, "Dragons, third series")
    assert (row.sheet_count, row.n_up, row.rows, row.columns, row.run_of) == (20, 18, 3, 6, 99)
    assert (row.status, row.started_at, row.sets_packed) == (JobStatus.CREATED, None, None)


def test_a_held_job_says_why_and_goes_back_to_work() -> None:
    """Hold and resume leave the start as it was."""
    life = office.job_held(office.job_started(office.job_created(Life())))
    held = fold_job(life.events)
    assert held is not None
    assert (held.status, held.status_reason, held.status_since) == (JobStatus.ON_HOLD, "foil missing", minute(2))
    resumed = fold_job(office.job_resumed(life).events)
    assert resumed is not None
    assert (resumed.status, resumed.status_reason, resumed.started_at) == (JobStatus.STARTED, None, minute(1))


def test_a_job_moves_in_the_queue_without_changing_its_state() -> None:
    """Priority and promise change, nothing else."""
    row = fold_job(office.job_rescheduled(office.job_started(office.job_created(Life()))).events)
    assert row is not None
    assert (row.priority, row.promise_at) == (1, minute(500))
    assert (row.status, row.status_since, row.updated_at) == (JobStatus.STARTED, minute(1), minute(3))


def test_a_completed_job_counts_its_sets() -> None:
    """The job ends with the last set packed."""
    row = fold_job(office.job_completed(office.job_started(office.job_created(Life()))).events)
    assert row is not None
    assert (row.status, row.sets_packed, row.completed_at) == (JobStatus.COMPLETED, 20, minute(2))


def test_a_cancelled_job_keeps_its_reason() -> None:
    """Giving up is told with its reason."""
    row = fold_job(office.job_cancelled(office.job_created(Life())).events)
    assert row is not None
    assert (row.status, row.status_reason) == (JobStatus.CANCELLED, "withdrawn")


def test_a_box_lists_its_sets_and_counts_its_cards() -> None:
    """What was packed is found by the box."""
    row = fold_pack(office.set_packed(office.pack_opened(Life())).events)
    assert row is not None
    assert (row.pack_id, row.kind, row.job_id, row.status) == (BOX, PackKind.BOX, JOB, PackStatus.OPEN)
    assert (row.sets, row.cards, row.station_id) == ((SET,), 18, "PACK-1")


def test_one_nesting_tells_the_box_where_it_stands_and_the_case_what_it_holds() -> None:
    """One fact, two streams, two readings."""
    box = fold_pack(office.pack_nested(office.pack_sealed(office.pack_opened(Life()))).events)
    case = fold_pack(office.pack_nested(office.pack_opened(Life(), office.CASE, PackKind.CASE)).events)
    assert box is not None
    assert case is not None
    assert (box.inside, box.nested) == (office.CASE, ())
    assert (case.inside, case.nested, case.job_id) == (None, (BOX,), None)


def test_a_shipped_container_names_carrier_and_tracking_reference() -> None:
    """Shipping ends a container."""
    row = fold_pack(office.pack_shipped(office.pack_sealed(office.pack_opened(Life()))).events)
    assert row is not None
    assert (row.status, row.carrier, row.tracking_reference) == (PackStatus.SHIPPED, "Parcel Post", "TR-1")
    assert (row.sealed_at, row.shipped_at) == (minute(1), minute(2))


def test_a_station_is_what_its_newest_definition_says() -> None:
    """A station set up anew keeps its downtime and its call."""
    life = office.help_called(office.station_down(office.station_defined(Life())))
    row = fold_station(office.station_defined(life, "Bench by the window").events)
    assert row is not None
    assert row.definition == office.station("Bench by the window")
    assert (row.down_since, row.down_reason) == (minute(1), "lamp broken")
    assert (row.help_since, row.help_note) == (minute(2), "wrong stock?")


def test_an_answered_call_and_an_ended_downtime_leave_nothing_behind() -> None:
    """Both end without a trace in the row; the log keeps them."""
    life = office.help_called(office.station_down(office.station_defined(Life())))
    row = fold_station(office.help_answered(office.station_up(life)).events)
    assert row is not None
    assert (row.down_since, row.down_reason, row.help_since, row.help_note) == (None, None, None, None)


def test_a_station_counts_the_stops_that_are_over() -> None:
    """The next stop has the next number, whoever was restarted in between."""
    row = fold_station(office.stop_cleared(office.stop_cleared(office.station_defined(Life()), 1), 2).events)
    assert row is not None
    assert row.stops_cleared == 2


def test_a_container_stands_where_it_was_last_filled() -> None:
    """A box that was begun at one station and goes on at another is open at the other."""
    row = fold_pack(office.set_packed(office.pack_opened(Life()), "PACK-2").events)
    assert row is not None
    assert row.station_id == "PACK-2"


def test_an_operator_has_the_roles_of_the_newest_registration() -> None:
    """New roles replace old ones; the first registration stays the date."""
    life = office.operator_registered(office.operator_registered(Life()), OperatorRole.LEAD, OperatorRole.MANAGER)
    row = fold_operator(life.events)
    assert row is not None
    assert (row.operator_id, row.roles) == (OPERATOR, (OperatorRole.LEAD, OperatorRole.MANAGER))
    assert (row.has_pin, row.registered_at) == (False, minute(0))


def test_a_row_says_that_a_pin_is_set_and_never_its_hash() -> None:
    """Read models are read by every kiosk; a hash is for the one who checks it."""
    row = fold_operator(office.pin_set(office.operator_registered(Life())).events)
    assert row is not None
    assert row.has_pin
    assert "d16e57" not in repr(row)
    assert "5a17" not in repr(row)


@pytest.mark.parametrize(("version", "name"), [(1, "Dragons"), (7, "Dragons, gold edition")])
def test_a_product_is_its_newest_version(version: int, name: str) -> None:
    """The catalogue shows what would be made now."""
    row = fold_spec(office.spec_defined(office.spec_defined(Life()), version, name).events)
    assert row is not None
    assert (row.spec_code, row.spec_version, row.name, row.step_count) == (SPEC, version, name, 3)
    assert (row.n_up, row.rows, row.columns, row.run_of, row.version) == (18, 3, 6, 99, 2)
