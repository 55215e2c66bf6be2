"""Read models: rows as the core folds them, queries in the order of the screens, plans that use their indexes."""

import json
import os
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from core.domain.commands import CallForHelp, CancelJob, ClearStop, HoldJob
from core.domain.rejections import IgnoredUnderStop, WrongStep
from core.domain.values import CardUnitStatus, QAOutcome, StopClearedBy
from core.identity.ids import CommandId, assembly_of_card, sheet_id
from core.projections import CardUnitRow
from store import Accepted
from store.connecting import ConnectionSettings
from store.event_log import _HISTORY, _IN_COMMIT_ORDER
from store.pool import Lane
from store.read_models import held_scans, job_progress, orders, quality, scan_log, station_queues, stops, units
from store.read_models.tables import READ_MODELS
from store.stream_reader import streams_statement
from store.wire import as_texts
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, CUTTER, LEAD, OPERATOR, PACKING, PRESS, QA, spec
from tests.support.database import create_database, drop_database, owner_connection
from tests.support.floor import Floor


@pytest.mark.parametrize("model", READ_MODELS.values(), ids=lambda model: model.table)
def test_a_table_has_the_columns_of_its_row(model: Any, database_dsn: str) -> None:
    """A field that the core adds needs a migration, in the same order."""
    with psycopg.connect(database_dsn) as connection:
        found = connection.execute(
            b"SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
            (model.table,),
        ).fetchall()
    assert [name for (name,) in found] == [field.name for field in fields(model.row_type)]


# -- what the screens ask ----------------------------------------------------------------


async def test_the_cards_of_a_sheet_and_of_a_job_come_by_position(floor: Floor) -> None:
    """Lineage is in the key: no other sheet's cards are among them."""
    job = await floor.start(spec(), sets=2)
    await floor.start(spec("ELVES"), job="J10440", order="PO2026-0118")
    cards = await floor.cut(job)
    await floor.cut(job, 2)
    assert [row.card_unit_id for row in await floor.store.cards_of(sheet_id(job, 1))] == list(cards)
    assert len(await floor.store.cards_of(job)) == 8
    assert {row.job_id for row in await floor.store.cards_of(job)} == {job}
    assert [row.card_unit_id for row in await floor.store.cards(cards[1:3])] == list(cards[1:3])
    assert len(await floor.store.sheets_of(job)) == 2
    assert len(await floor.store.assemblies_of(job)) == 2


async def test_any_id_finds_its_row_in_any_case(floor: Floor) -> None:
    """`kiosk where` and the lead's search take whatever is on a label."""
    job = await floor.start(spec())
    (card, *_) = await floor.cut(job)
    found = await floor.store.find(f" {card.lower()} ")
    assert isinstance(found, CardUnitRow)
    assert found.card_unit_id == card
    for unit in (job, sheet_id(job, 1), assembly_of_card(card), "PO2026-0117", "OP-42", "PRESS-1", "DRAGONS"):
        assert await floor.store.find(unit) is not None, unit
    assert await floor.store.find("J9999") is None
    assert await floor.store.find("'; --") is None


async def test_a_queue_is_ordered_by_priority_then_promise_then_age(floor: Floor) -> None:
    """What is most urgent is first; the totals count what the list leaves out."""
    await floor.start(spec(), sets=3, job="J1001", order="PO2026-0001")
    floor.now += timedelta(days=1)
    await floor.start(spec("ELVES"), sets=2, job="J1002", order="PO2026-0002", priority=1)
    queue = await floor.store.station_queue(PRESS, limit=3)
    assert [entry.unit_id for entry in queue.ready] == ["J1002-S001", "J1002-S002", "J1001-S001"]
    assert queue.ready_total == 5
    assert queue.at_station == ()
    await floor.scan(PRESS, "J1001-S002")
    queue = await floor.store.station_queue(PRESS)
    assert [(entry.unit_id, entry.operation, entry.operator_id) for entry in queue.at_station] == [
        ("J1001-S002", "PRINT", OPERATOR)
    ]
    assert queue.at_station_total == 1
    assert queue.ready_total == 4
    assert "J1001-S002" not in {entry.unit_id for entry in queue.ready}


async def test_units_of_a_held_job_wait_for_nobody(floor: Floor) -> None:
    """They are neither in the queue nor in the load, and come back when the job is resumed."""
    job = await floor.start(spec(), sets=2)
    await floor.accept(HoldJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=job, reason="Paper"))
    queue = await floor.store.station_queue(PRESS)
    assert queue.ready == ()
    assert queue.ready_total == 0


async def test_each_station_is_shown_the_work_of_its_kind(floor: Floor) -> None:
    """Sheets for press and cutter, cards for the bench, sets for assembly and packing."""
    job = await floor.start(spec(), sets=2)
    cards = await floor.cut(job)
    await floor.scan(PRESS, sheet_id(job, 2))
    await floor.scan(PRESS, sheet_id(job, 2))
    assert [entry.unit_id for entry in (await floor.store.station_queue(CUTTER)).ready] == [sheet_id(job, 2)]
    bench = await floor.store.station_queue(QA)
    assert [entry.unit_id for entry in bench.ready] == list(cards)
    for card in cards[:3]:
        await floor.inspect(card)
    tray = assembly_of_card(cards[0])
    await floor.gather(cards[:1], tray)
    (to_gather,) = (await floor.store.station_queue(ASSEMBLY)).ready
    assert (to_gather.unit_id, to_gather.cards_total, to_gather.cards_in, to_gather.cards_waiting) == (tray, 4, 1, 2)
    assert (await floor.store.station_queue(PACKING)).ready_total == 0
    await floor.inspect(cards[3])
    await floor.gather(cards[1:], tray)
    (to_pack,) = (await floor.store.station_queue(PACKING)).ready
    assert to_pack.unit_id == tray
    assert not to_pack.needs_authorization


async def test_loads_are_counted_from_the_units(floor: Floor) -> None:
    """Every station has a line; what several could do counts for each of them."""
    job = await floor.start(spec(), sets=3)
    await floor.cut(job)
    await floor.scan(PRESS, sheet_id(job, 2))
    loads = {load.station_id: load for load in await floor.store.station_loads()}
    assert len(loads) == len(await floor.store.stations())
    assert (loads["PRESS-1"].units_at_station, loads["PRESS-1"].units_ready) == (1, 1)
    assert loads["QA-BENCH-1"].units_ready == loads["QA-BENCH-2"].units_ready == 4
    assert loads["QA-BENCH-1"].oldest_ready is not None
    assert loads["PACK-1"].units_ready == 0


async def test_progress_conserves_every_card(floor: Floor) -> None:
    """Invariant 7: created is the sum of the states, at every instant."""
    job = await floor.start(spec(), sets=2)
    cards = await floor.cut(job)
    for card in cards[:2]:
        await floor.inspect(card)
    await floor.inspect(cards[2], QAOutcome.FAIL)
    await floor.gather(cards[:1], assembly_of_card(cards[0]))
    progress = await floor.store.job_progress(job)
    assert progress is not None
    assert (progress.cards_assembled, progress.cards_passed, progress.cards_failed) == (1, 1, 1)
    assert progress.cards_in_progress == 1
    assert progress.cards == len(cards)
    assert (progress.sheets, progress.sheets_waiting, progress.sheets_cut) == (2, 1, 1)
    assert await floor.store.jobs_progress([job, "J9999"]) == (progress,)
    stages = await floor.store.stages([job])
    assert sum(stage.cards for stage in stages) == 4 + 4
    assert {stage.unit_kind for stage in stages} == {"sheet", "card"}
    failed = await floor.store.cards_in(CardUnitStatus.QA_FAILED)
    assert [card.card_unit_id for card in failed] == [cards[2]]


async def test_orders_jobs_and_packs_are_listed(floor: Floor) -> None:
    """The office sees what was promised, what runs and what is packed."""
    job = await floor.start(spec())
    await floor.scan(PACKING, f"{job}-BX001")
    assert [row.pack_id for row in await floor.store.packs_of(job)] == [f"{job}-BX001"]
    assert [row.job_id for row in await floor.store.jobs(on_the_floor=True)] == [job]
    assert [row.job_id for row in await floor.store.jobs_of("PO2026-0117")] == [job]
    (order,) = await floor.store.orders(only_open=True)
    assert order.lines[0].sets == 1
    product = await floor.store.product_spec("DRAGONS")
    assert product is not None
    assert product.route == spec().route
    assert await floor.store.job_spec(job) == product
    assert [row.spec_code for row in await floor.store.specs()] == ["DRAGONS"]
    assert await floor.store.product_spec("NOTHING") is None
    await floor.accept(CancelJob(at=floor.now, operator_id=LEAD, station_id=None, job_id=job, reason="Called off"))
    assert await floor.store.jobs(on_the_floor=True) == ()
    assert len(await floor.store.jobs()) == 1


async def test_the_last_scans_of_a_station_tell_accepted_and_refused(floor: Floor) -> None:
    """Newest first, each with what came of it; another station's are not among them."""
    job = await floor.start(spec())
    await floor.scan(PRESS, sheet_id(job, 1))
    refused = await floor.scan(CUTTER, sheet_id(job, 1))
    assert isinstance(refused, WrongStep), refused
    done = await floor.scan(PRESS, sheet_id(job, 1))
    assert isinstance(done, Accepted)
    newest, older = await floor.store.last_scans("PRESS-1")
    assert newest.command_id == done.command_id
    assert newest.is_accepted
    assert newest.event_types == ("PrintCompleted",)
    assert older.event_types == ("SheetEnteredStation",)
    assert newest.unit_id == newest.scanned == sheet_id(job, 1)
    (wrong,) = await floor.store.last_scans("CUT-1")
    assert wrong.rejection == refused
    assert [scan.command_id for scan in await floor.store.refused_scans("CUT-1")] == [wrong.command_id]
    assert await floor.store.refused_scans("PRESS-1") == ()
    (rate,) = await floor.store.hourly_rates(["PRESS-1"], newest.occurred_at - timedelta(hours=2))
    assert (rate.units, rate.refused) == (1, 0)


async def test_a_stop_stands_until_its_own_clearing(floor: Floor) -> None:
    """Oldest first, each with its refusal and the scans that came under it; other stations' are not among them."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job), await floor.cut(job, 2)
    tray = assembly_of_card(mine[0])
    kinds = ("WrongSet", "NotPassedQA")
    assert await floor.store.standing_stops(ASSEMBLY.station_id, kinds) == ()
    wrong = await floor.scan(ASSEMBLY, foreign[0], open_assembly=tray)
    fresh = await floor.scan(ASSEMBLY, mine[0], open_assembly=tray)
    await floor.scan(ASSEMBLY, "nonsense", open_assembly=tray)
    first, second = await floor.store.standing_stops(ASSEMBLY.station_id, kinds)
    assert (first.rejection, second.rejection) == (wrong, fresh)
    assert (first.refusal, first.ignored) == ("WrongSet", 0)
    assert 0 <= second.seconds_ago <= first.seconds_ago
    for text in ("\x00", "CMD-UNDO"):
        under = replace(floor.scan_of(ASSEMBLY, text), under_stop=CommandId(str(first.command_id)))
        assert await floor.run(under) == IgnoredUnderStop(stop=CommandId(str(first.command_id)))
    first, second = await floor.store.standing_stops(ASSEMBLY.station_id, kinds)
    assert (first.ignored, second.ignored) == (2, 0)
    clear = ClearStop(
        at=floor.now,
        operator_id=OPERATOR,
        station_id=ASSEMBLY.station_id,
        at_station=ASSEMBLY.station_id,
        stop=CommandId(str(first.command_id)),
        refusal=first.refusal,
        raised_at=first.occurred_at,
        cleared_by=StopClearedBy.RESET_CARD,
        ignored=first.ignored,
    )
    await floor.accept(clear)
    assert [stop.command_id for stop in await floor.store.standing_stops(ASSEMBLY.station_id, kinds)] == [
        second.command_id
    ]
    assert await floor.store.standing_stops(ASSEMBLY_2.station_id, kinds) == ()
    row = await floor.store.station(ASSEMBLY.station_id)
    assert row is not None
    assert row.stops_cleared == 1


@pytest.mark.parametrize(("accepted_days_later", "stands"), [(0, True), (6, True), (8, False)])
async def test_a_stop_stands_however_old_it_is_until_work_went_on_for_a_week(
    floor: Floor, database_dsn: str, accepted_days_later: int, stands: bool
) -> None:
    """A shop that was closed for months opens with its stops; one that nobody heard of for a week of work is none."""
    job = await floor.start(spec(), sets=2)
    mine, foreign = await floor.cut(job), await floor.cut(job, 2)
    await floor.inspect(mine[0])
    await floor.scan(ASSEMBLY, foreign[0], open_assembly=assembly_of_card(mine[0]))
    await floor.accept(floor.scan_of(ASSEMBLY, mine[0]))
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            b"UPDATE commands SET recorded_at = recorded_at - interval '90 days'"
            b" - CASE WHEN outcome = 'refused' THEN %s * interval '1 day' ELSE interval '0' END",
            (accepted_days_later,),
        )
    assert len(await floor.store.standing_stops(ASSEMBLY.station_id, ("WrongSet",))) == stands


async def test_a_stop_whose_refusal_cannot_be_read_stands_all_the_same(floor: Floor, database_dsn: str) -> None:
    """Another version of the program wrote it with other fields: its words are lost, it is not."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            b"INSERT INTO commands (command_id, command_type, outcome, refusal, answer, station_id, occurred_at)"
            b" VALUES (gen_random_uuid(), 'Scan', 'refused', 'WrongSet', '[\"WrongSet\", {}]', 'ASSY-1', now())"
        )
    (stop,) = await floor.store.standing_stops(ASSEMBLY.station_id, ("WrongSet",))
    assert (stop.refusal, stop.rejection) == ("WrongSet", None)


async def test_a_tray_and_a_box_are_open_where_they_were_last_filled(floor: Floor) -> None:
    """Until the tray is packed and the box is sealed."""
    job = await floor.start(spec(), sets=2)
    for number in (1, 2):
        cards = await floor.cut(job, number)
        for card in cards:
            await floor.inspect(card)
        await floor.gather(cards, assembly_of_card(cards[0]))
    tray = await floor.store.open_tray(ASSEMBLY.station_id)
    assert tray is not None
    assert tray.sheet_id == sheet_id(job, 2)
    assert await floor.store.open_tray(ASSEMBLY_2.station_id) is None
    await floor.scan(PACKING, f"{job}-BX001")
    await floor.scan(PACKING, tray.assembly_id, open_pack=f"{job}-BX001")
    box = await floor.store.open_pack(PACKING.station_id)
    assert box is not None
    assert (box.pack_id, box.sets) == (f"{job}-BX001", (tray.assembly_id,))
    left = await floor.store.open_tray(ASSEMBLY.station_id)
    assert left is not None
    assert left.sheet_id == sheet_id(job, 1)


async def test_a_call_for_help_shows_at_its_station(floor: Floor) -> None:
    """Stations are rows like any other."""
    await floor.accept(
        CallForHelp(at=floor.now, operator_id=OPERATOR, station_id=PRESS.station_id, at_station=PRESS.station_id)
    )
    row = await floor.store.station("PRESS-1")
    assert row is not None
    assert row.help_since is not None
    assert row.definition == PRESS
    assert (await floor.store.operator(OPERATOR)) is not None
    assert len(await floor.store.operators()) == 5


# -- plans -----------------------------------------------------------------------------------


HOT: dict[str, tuple[bytes, tuple[object, ...], set[str]]] = {
    "streams": (
        streams_statement(2, "production_events"),
        ("card_unit", "J1044-S001-01", 0, "job", "J1044", 0),
        {"production_events_one_of_a_version"},
    ),
    "streams and sisters": (
        streams_statement(1, "production_events", ahead=True),
        ("card_unit", "J1044-S001-01", 0, "card_unit", "J1044-S001-", "J1044-S001.", "J1044-S001-01"),
        {"production_events_one_of_a_version"},
    ),
    "history": (_HISTORY, ("card_unit", "J1044-S001-01", None, None), {"production_events_one_of_a_version"}),
    "commit order": (_IN_COMMIT_ORDER, ("900000000", 0, 100), {"production_events_commit_order"}),
    "card": (units.CARD.statement, ("J1044-S001-01",), {"rm_card_units_pkey"}),
    "cards of a sheet": (units.CARDS_BELOW.statement, ("J1044-S001",), {"rm_card_units_pkey"}),
    "at a station": (
        station_queues.AT_STATION.statement,
        ("QA-BENCH-1", 20),
        {"rm_card_units_at_station", "rm_sheets_at_station"},
    ),
    "ready for a station": (
        station_queues._READY_UNITS.statement,
        ("{QA}", 20, "{}"),
        {"rm_card_units_ready", "rm_sheets_ready", "rm_jobs_on_the_floor"},
    ),
    "ready for a station of some operations": (
        station_queues._READY_UNITS.statement,
        ("{FOIL}", 20, "{FOIL-GOLD}"),
        {"rm_card_units_ready", "rm_sheets_ready", "rm_jobs_on_the_floor"},
    ),
    "station loads": (
        station_queues.STATION_LOADS.statement,
        (),
        {"rm_card_units_ready", "rm_card_units_at_station", "rm_sheets_ready", "rm_assemblies_open"},
    ),
    "progress of a job": (
        job_progress.PROGRESS_OF_JOB.statement,
        ("J1044",),
        {"rm_card_units_on_the_floor", "rm_sheets_of_a_job", "rm_assemblies_of_a_job"},
    ),
    "stages of a job": (
        job_progress.STAGES.statement,
        ("{J1044}",),
        {"rm_card_units_on_the_floor", "rm_sheets_of_a_job", "rm_assemblies_of_a_job"},
    ),
    "first-pass yield": (quality.FIRST_PASS.statement, ("{J1044,J1045}",), {"rm_card_units_pkey"}),
    "last scans": (scan_log._LAST_SCANS, ("QA-BENCH-1", 20), {"commands_of_a_station"}),
    "refused scans": (scan_log._REFUSED, (None, 20), {"commands_refused"}),
    "standing stops": (
        stops._STANDING,
        ("QA-BENCH-1", "{WrongSet,CardVoided}"),
        {"commands_of_a_station", "commands_refused_at_a_station", "production_events_one_of_a_version"},
    ),
    "refused held scans of a station": (
        held_scans.OPEN_AT_STATION.statement,
        ("QA-BENCH-1", 20),
        {"held_scans_refused"},
    ),
    "refused held scans of all stations": (held_scans.NEWEST_BY_STATION.statement, (), {"held_scans_refused"}),
    "the open tray": (units.OPEN_TRAY.statement, ("ASSY-1",), {"rm_assemblies_open"}),
    "jobs on the floor": (orders.JOBS_ON_THE_FLOOR.statement, (), {"rm_jobs_on_the_floor"}),
    "packs of a job": (orders.PACKS_OF_JOB.statement, ("J1044",), {"rm_packs_of_a_job"}),
}


@pytest.fixture(scope="session")
def large_database_dsn(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """A database with as many rows as make the planner choose as it would in a shop."""
    name = f"kiosk_large_{os.getpid()}"
    dsn = create_database(postgres_dsn, name, template_database)
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(_MANY_ROWS)
        owner.execute(b"ANALYZE")
    yield dsn
    drop_database(postgres_dsn, name)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


async def _plan(
    dsn: str, statement: bytes, parameters: tuple[object, ...], options: bytes = b""
) -> Iterator[dict[str, Any]]:
    """The nodes of a statement's plan, for these parameters."""
    literals = [b"NULL" if text is None else b"'" + text + b"'" for text in as_texts(parameters)]
    for number in range(len(literals), 0, -1):
        statement = statement.replace(b"$%d" % number, literals[number - 1])
    lane = Lane(ConnectionSettings(dsn=dsn))
    try:
        ((plan,),) = await lane.run(b"EXPLAIN (FORMAT JSON" + options + b") " + statement)
    finally:
        await lane.close()
    return _nodes(json.loads(plan)[0]["Plan"])


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_query_uses_its_index(name: str, large_database_dsn: str) -> None:
    """On large tables no log or unit table is read from end to end, and each query finds the index made for it."""
    statement, parameters, indexes = HOT[name]
    nodes = list(await _plan(large_database_dsn, statement, parameters))
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    read_whole = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert not read_whole & {"production_events", "commands", "rm_card_units", "rm_sheets", "rm_assemblies"}
    assert indexes <= used, used


async def test_what_stands_at_a_station_is_read_in_a_week_s_rows_however_long_it_has_worked(
    large_database_dsn: str,
) -> None:
    """Of 30,000 refusals of nine months and 20,000 stops that were cleared, no more is touched than those of a week."""
    read = [
        node["Actual Rows"] * node["Actual Loops"]
        for node in await _plan(
            large_database_dsn, stops._STANDING, ("CUT-9", "{WrongSet,SheetGone,CardVoided}"), b", ANALYZE"
        )
        if "Relation Name" in node
    ]
    a_week = 7 * 24 * 6
    assert a_week < sum(read) < 5 * a_week


_MANY_ROWS = b"""
INSERT INTO rm_jobs SELECT 'J' || n, 'PO2026-0001', 1, 'A customer', 'DRAGONS', 1, 'Dragons', 20, 18, 3, 6, NULL,
    1 + n %% 9, now(), CASE WHEN n %% 10 = 0 THEN 'STARTED' ELSE 'COMPLETED' END, NULL, now(), NULL, now(), now(), NULL,
    now(), 1 FROM generate_series(1000, 1199) n;
INSERT INTO rm_card_units SELECT 'J' || 1000 + n / 360 || '-S' || to_char(1 + n %% 360 / 18, 'FM000') || '-' ||
    to_char(1 + n %% 18, 'FM00'), 'J' || 1000 + n / 360 || '-S' || to_char(1 + n %% 360 / 18, 'FM000'),
    'J' || 1000 + n / 360, 'PO2026-0001', 'DRAGONS', 'Dragons', 1 + n %% 18,
    CASE WHEN n / 360 %% 10 = 0 THEN 'IN_PROGRESS' ELSE 'PACKED' END,
    CASE WHEN n / 360 %% 10 = 0 AND n %% 20 = 0 THEN 'QA-BENCH-' || 1 + n %% 3 END, NULL, NULL, NULL, NULL, now(),
    CASE WHEN n / 360 %% 10 = 0 AND n %% 20 <> 0 THEN 'QA' ELSE '' END, '', now(), 0, NULL, '{}', 0, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, now(), now(), 1 FROM generate_series(0, 71999) n;
INSERT INTO rm_sheets SELECT 'J' || 1000 + n / 20 || '-S' || to_char(1 + n %% 20, 'FM000'), 'J' || 1000 + n / 20,
    'PO2026-0001', 'DRAGONS', 'Dragons', 1 + n %% 20, 20, 18, 3, 6, CASE WHEN n %% 20 < 2 THEN 'CREATED' ELSE 'CUT' END,
    CASE WHEN n %% 100 = 0 THEN 'PRESS-1' END, NULL, NULL, NULL, NULL, now(), CASE WHEN n %% 50 = 1 THEN 'PRINT' ELSE ''
    END, '', now(), NULL, NULL, NULL, now(), now(), 1 FROM generate_series(0, 3999) n;
INSERT INTO rm_assemblies SELECT 'J' || 1000 + n / 20 || '-S' || to_char(1 + n %% 20, 'FM000') || '-SET',
    'J' || 1000 + n / 20 || '-S' || to_char(1 + n %% 20, 'FM000'), 'J' || 1000 + n / 20, 'PO2026-0001', 'DRAGONS',
    'Dragons', 3, 6, '{}', '{}', '{}', 18, 18, '{}', '{}', CASE WHEN n / 20 %% 10 = 0 THEN 'COMPLETE' ELSE 'PACKED' END,
    NULL, '{}', now(), NULL, NULL, NULL, now(), false, NULL, NULL, now(), 1 FROM generate_series(0, 3999) n;
INSERT INTO rm_packs SELECT 'J' || 1000 + n / 5 || '-BX' || to_char(1 + n %% 5, 'FM000'), 'box', 'J' || 1000 + n / 5,
    'SEALED', NULL, '{}', 18, '{}', NULL, NULL, NULL, now(), NULL, NULL, now(), 1 FROM generate_series(0, 999) n;
INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
    event_payload, occurred_at, command_id, chain)
    SELECT 'card_unit', card_unit_id, 1, 'CardUnitCreated', 1, '{}', now(), gen_random_uuid(), ''
    FROM rm_card_units LIMIT 30000;
INSERT INTO commands (command_id, command_type, outcome, refusal, answer, station_id, occurred_at, recorded_at)
    SELECT gen_random_uuid(), 'Scan', CASE WHEN n %% 50 = 0 THEN 'refused' ELSE 'accepted' END,
    CASE WHEN n %% 50 = 0 THEN 'WrongStep' END, '', 'QA-BENCH-' || n %% 40, now(), now() - n * interval '1 second'
    FROM generate_series(1, 20000) n;
INSERT INTO commands (command_id, command_type, outcome, refusal, answer, station_id, occurred_at, recorded_at)
    SELECT gen_random_uuid(), 'Scan', CASE WHEN n %% 4 = 0 THEN 'accepted' ELSE 'refused' END,
    CASE n %% 4 WHEN 0 THEN NULL WHEN 1 THEN 'SheetGone' ELSE 'WrongSet' END, '', 'CUT-9',
    now() - n * interval '10 minutes', now() - n * interval '10 minutes'
    FROM generate_series(1, 40000) n;
INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
    event_payload, occurred_at, recorded_at, command_id, chain)
    SELECT 'station', 'CUT-9', row_number() OVER (ORDER BY recorded_at), 'StationStopCleared', 2,
    jsonb_build_object('stop', command_id::text), recorded_at, recorded_at, gen_random_uuid(), ''
    FROM commands WHERE station_id = 'CUT-9' AND refusal = 'WrongSet';
""".replace(b"%%", b"%")


async def test_a_station_is_known_by_when_it_last_asked(floor: Floor) -> None:
    """Accepted or refused, what counts is that somebody scanned; who never did is left out."""
    await floor.scan(PRESS, "J9999-S001")
    asked = await floor.store.last_asked([PRESS.station_id, QA.station_id])
    assert set(asked) == {PRESS.station_id}
