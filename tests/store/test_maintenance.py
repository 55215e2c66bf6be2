"""Verify finds what is not as the log says; rebuild makes it so while the line runs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.domain.commands import CompleteOperation, CreateReplacement, VoidCardUnit
from core.domain.values import OperationType, QAOutcome, Route, UnitKind, VoidReason
from core.identity.ids import CardUnitId, JobId, sheet_id
from core.production.corrections import undo_of
from store import Accepted, LogDamaged, Store, StoreError, StorePermissionDenied
from store import rebuild as rebuild_module
from store.connecting import ConnectionSettings
from store.read_models.tables import READ_MODELS
from store.rebuild import _LOCK
from tests.core.shop import INSPECTOR, LEAD, NUMBERING, OPERATOR, PACKING, PRESS, QA, spec, step
from tests.support.database import owner_connection
from tests.support.floor import Floor
from tests.support.schema import schema_of
from tests.support.waiting import eventually


@pytest.fixture
async def owner_store(database_dsn: str) -> AsyncIterator[Store]:
    """A store that works as the tables' owner."""
    async with await Store.open(database_dsn, role=None) as opened:
        yield opened


@pytest.fixture
async def busy(floor: Floor) -> Floor:
    """A shop in the middle of its day: failed, voided, replaced, corrected and gathered cards."""
    job = await floor.start(spec(), sets=3)
    cards = await floor.cut(job)
    await floor.cut(job, 2)
    await floor.inspect(cards[0])
    verdict = await floor.inspect(cards[1], QAOutcome.FAIL)
    undo = undo_of(verdict.recorded, at=floor.now, operator_id=INSPECTOR, station_id=QA.station_id, reason="wrong key")
    assert undo is not None
    await floor.accept(undo)
    void = VoidCardUnit(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=cards[2], reason=VoidReason.LOST)
    await floor.accept(void)
    await floor.scan(PACKING, f"{job}-BX001")
    await floor.accept(CreateReplacement(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=cards[2]))
    return floor


async def test_read_models_equal_the_fold_after_a_busy_day(busy: Floor) -> None:
    """Invariant 9, with corrections and replacements in the log."""
    found = await busy.store.verify()
    assert found.is_sound, found.differences
    status = await busy.store.status()
    assert found.events == status.events
    assert status.unsettled == 0
    assert status.schema_version == status.schema_known
    assert status.last_recorded_at is not None


@dataclass(frozen=True)
class Tampering:
    """A change behind the product's back, and what verify must say about it."""

    statement: bytes
    problem: str
    key: str
    fields: tuple[str, ...] = ()


TAMPERINGS = (
    Tampering(
        b"UPDATE rm_card_units SET status = 'PACKED' WHERE card_unit_id = 'J1044-S001-01'",
        "row differs", "J1044-S001-01", ("status",),
    ),
    Tampering(
        b"UPDATE rm_jobs SET promise_at = promise_at + interval '1 second'", "row differs", "J1044", ("promise_at",)
    ),
    Tampering(b"UPDATE rm_packs SET status = 'LOST'", "row differs", "J1044-BX001"),
    Tampering(b"DELETE FROM rm_sheets WHERE sheet_id = 'J1044-S003'", "row missing", "J1044-S003"),
    Tampering(
        b"INSERT INTO rm_operators VALUES ('OP-1', '', '{}', false, now(), now(), 1)", "row of nothing", "OP-1"
    ),
    Tampering(
        b"INSERT INTO rm_stations VALUES ('Z-1', '', '', '{}', '{}', false, 1, 1, NULL, NULL, NULL, NULL, 0, now(),"
        b" now(), 1)",
        "row of nothing", "Z-1",
    ),
)  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.key)
async def test_a_tampered_row_is_found_and_named(busy: Floor, database_dsn: str, tampering: Tampering) -> None:
    """Whoever wrote past the product, verify says where and what."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute(tampering.statement)
    found = await busy.store.verify()
    assert not found.is_sound
    (difference,) = found.differences
    assert (difference.problem, difference.key, difference.fields) == (
        tampering.problem, tampering.key, tampering.fields,
    )  # fmt: skip


async def test_a_stream_with_a_gap_is_found(busy: Floor, database_dsn: str) -> None:
    """A version that is missing from the middle of a stream is a difference of its own."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            """INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,
            schema_version, event_payload, occurred_at, command_id, chain) SELECT aggregate_type, aggregate_id, 99,
            event_type, schema_version, event_payload, occurred_at, command_id, chain FROM production_events
            WHERE aggregate_id = 'J1044-S001-01' ORDER BY aggregate_version DESC LIMIT 1"""
        )
    found = await busy.store.verify()
    assert any(d.problem == "version gap" and d.key.startswith("J1044-S001-01") for d in found.differences)


async def _rows(dsn: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    async with owner_connection(dsn) as owner:
        for table in [model.table for model in READ_MODELS.values()]:
            cursor = await owner.execute(f"SELECT t::text FROM {table} t ORDER BY 1".encode())
            found[table] = [text for (text,) in await cursor.fetchall()]
    return found


async def test_a_rebuild_changes_nothing(busy: Floor, owner_store: Store, database_dsn: str) -> None:
    """Invariant 9: rows, columns, indexes, views and grants are afterwards what they were."""
    rows, schema = await _rows(database_dsn), schema_of(database_dsn)
    rebuilt = await owner_store.rebuild()
    assert rebuilt.rows == sum(len(table) for table in rows.values())
    assert rebuilt.events == (await busy.store.status()).events
    assert await _rows(database_dsn) == rows
    assert schema_of(database_dsn) == schema
    # Prepared statements of kiosks that were connected all the time go on.
    assert isinstance(await busy.scan(PRESS, sheet_id(JobId("J1044"), 3)), Accepted)
    assert (await busy.store.station_queue(QA)).ready_total > 0
    assert (await busy.store.verify()).is_sound


async def test_two_processes_rebuild_what_one_does(
    busy: Floor, owner_store: Store, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranges of ids cover every stream once, wherever they are cut."""
    monkeypatch.setattr("store.rebuild._bounds", lambda log, parts: ["J1044-S001-03"])
    rows = await _rows(database_dsn)
    rebuilt = await owner_store.rebuild(processes=2)
    assert rebuilt.rows == sum(len(table) for table in rows.values())
    assert rebuilt.events == (await busy.store.status()).events
    assert await _rows(database_dsn) == rows


async def test_a_damaged_log_is_not_rebuilt_from(busy: Floor, owner_store: Store, database_dsn: str) -> None:
    """A gap ends the rebuild, in one process or in two, by the stream's name; the old tables stay."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            """INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,
            schema_version, event_payload, occurred_at, command_id, chain) SELECT aggregate_type, aggregate_id, 99,
            event_type, schema_version, event_payload, occurred_at, command_id, chain FROM production_events
            WHERE aggregate_id = 'J1044-S001-01' ORDER BY aggregate_version DESC LIMIT 1"""
        )
    rows = await _rows(database_dsn)
    for processes in (1, 2):
        with pytest.raises(LogDamaged, match="J1044-S001-01"):
            await owner_store.rebuild(processes)
    assert await _rows(database_dsn) == rows
    assert "rebuilt" not in schema_of(database_dsn)


async def test_a_rebuild_repairs_what_was_tampered_with(busy: Floor, owner_store: Store, database_dsn: str) -> None:
    """The log is the truth and the tables are made of it."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute("UPDATE rm_card_units SET status = 'PACKED', ready = ''")
        await owner.execute("DELETE FROM rm_sheets")
    assert not (await busy.store.verify()).is_sound
    await owner_store.rebuild()
    assert (await busy.store.verify()).is_sound


NUMBERED_ROUTE = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("QA", OperationType.QA, after="NUMBER"),
    )
)


@pytest.fixture
async def numbered(floor: Floor) -> Floor:
    """A shop with one numbered card."""
    job = await floor.start(spec(route=NUMBERED_ROUTE))
    (card, other, *_) = await floor.cut(job)
    for each in (card, other):
        await floor.scan(NUMBERING, each)
    await floor.accept(_numbering(floor, card))
    return floor


def _numbering(floor: Floor, card: CardUnitId) -> CompleteOperation:
    return CompleteOperation(
        at=floor.now, operator_id=OPERATOR, station_id=NUMBERING.station_id, unit_id=card, station=NUMBERING, number=7
    )


CLAIMS = {
    "gone": ("DELETE FROM claims", "claim of J1044-S001-01 is missing"),
    "another's": ("UPDATE claims SET holder = 'J1044-S001-04'", "claimed by J1044-S001-04 instead of J1044-S001-01"),
    "of nothing": (
        "INSERT INTO claims (kind, key, holder) VALUES ('sequential_number', 'J1044/8', 'J1044-S001-03')",
        "claim of nothing",
    ),
}


@pytest.mark.parametrize(("statement", "problem"), CLAIMS.values(), ids=CLAIMS)
async def test_claims_are_held_against_the_log_and_mended(
    numbered: Floor, owner_store: Store, database_dsn: str, statement: str, problem: str
) -> None:
    """What keeps a number unique is made of the log as well: verify tells, rebuild mends (invariant 6)."""
    assert (await numbered.store.verify()).is_sound
    async with owner_connection(database_dsn) as owner:
        await owner.execute(statement.encode())
    assert problem in [difference.problem for difference in (await numbered.store.verify()).differences]
    await owner_store.rebuild()
    assert (await numbered.store.verify()).is_sound


async def test_a_number_that_two_cards_have_is_found(numbered: Floor, database_dsn: str) -> None:
    """Somebody took the claim away and gave the number again: the log itself shows it."""
    async with owner_connection(database_dsn) as owner:
        await owner.execute("DELETE FROM claims")
    await numbered.accept(_numbering(numbered, CardUnitId("J1044-S001-02")))
    problems = [difference.problem for difference in (await numbered.store.verify()).differences]
    assert "held twice, by J1044-S001-01 and J1044-S001-02" in problems


def _patient(settings: ConnectionSettings) -> ConnectionSettings:
    """Wait for the swap of the tables however long a busy machine takes for it; a station would ask again."""
    return replace(settings, lock_seconds=60.0, statement_seconds=60.0, answer_seconds=90.0)


async def test_the_line_runs_while_the_read_models_are_rebuilt(
    busy: Floor, owner_store: Store, database_dsn: str
) -> None:
    """Scans during the rebuild are accepted and are in the new tables."""
    stores = [await Store.open(database_dsn, station_id=f"TEST-{n}", settings=_patient) for n in range(3)]
    rebuilding = asyncio.create_task(owner_store.rebuild())
    scanned = 0

    async def work(number: int) -> None:
        nonlocal scanned
        floor = Floor(stores[number], busy.now)
        order = 0
        while not rebuilding.done():
            order += 1
            job = await floor.start(
                spec(f"SPEC-{number}"),
                job=f"J{5000 + 1000 * number + order}",
                order=f"PO20{30 + number}-{order:04d}",
            )
            answer = await floor.scan(PRESS, sheet_id(job, 1))
            assert isinstance(answer, Accepted)
            scanned += 1

    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*(work(number) for number in range(3)))
            await rebuilding
    finally:
        for store in stores:
            await store.close()
    assert scanned
    found = await busy.store.verify()
    assert found.is_sound, found.differences


@dataclass(frozen=True)
class HeldUp:
    """A rebuild whose bulk is folded and that goes on when it is told to."""

    folded: threading.Event
    go_on: threading.Event


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> HeldUp:
    """Every rebuild stops after its bulk, as it does for minutes in a long log."""
    gates = HeldUp(threading.Event(), threading.Event())
    in_time = rebuild_module._fold_in_processes

    def slowly(*arguments: Any) -> Any:
        found = in_time(*arguments)
        gates.folded.set()
        assert gates.go_on.wait(30)
        return found

    monkeypatch.setattr(rebuild_module, "_fold_in_processes", slowly)
    return gates


async def test_what_was_given_back_during_a_rebuild_stays_free(
    floor: Floor, owner_store: Store, held_up: HeldUp
) -> None:
    """A number that is undone after the bulk was folded is not claimed again, and another card gets it."""
    job = await floor.start(spec(route=NUMBERED_ROUTE))
    wrong, right, *_ = await floor.cut(job)
    for card in (wrong, right):
        await floor.scan(NUMBERING, card)
    done = await floor.accept(_numbering(floor, wrong))
    undo = undo_of(
        done.recorded, at=floor.now, operator_id=OPERATOR, station_id=NUMBERING.station_id, reason="the wrong card"
    )
    assert undo is not None
    rebuilding = asyncio.create_task(owner_store.rebuild())
    await asyncio.to_thread(held_up.folded.wait, 30)
    await floor.accept(undo)
    held_up.go_on.set()
    await rebuilding
    assert (await floor.store.verify()).is_sound
    await floor.accept(_numbering(floor, right))


async def test_a_rebuild_keeps_no_row_from_an_event_that_it_cannot_read(
    busy: Floor, owner_store: Store, database_dsn: str, held_up: HeldUp
) -> None:
    """What comes while it is at work counts as the bulk does: it ends by the stream's name, the old tables stay."""
    card = CardUnitId("J1044-S001-01")
    rebuilding = asyncio.create_task(owner_store.rebuild())
    await asyncio.to_thread(held_up.folded.wait, 30)
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            """INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type,
                schema_version, event_payload, occurred_at, command_id, chain)
            SELECT aggregate_type, aggregate_id, aggregate_version + 1, event_type, 99, event_payload, occurred_at,
                command_id, chain
            FROM production_events WHERE aggregate_type = 'card_unit' AND aggregate_id = %s
            ORDER BY aggregate_version DESC LIMIT 1""",
            (card,),
        )
    held_up.go_on.set()
    with pytest.raises(LogDamaged, match=card):
        await rebuilding
    assert await busy.store.card(card) is not None


async def test_who_waits_in_vain_for_a_rebuild_takes_nothing_from_it(
    busy: Floor, owner_store: Store, database_dsn: str
) -> None:
    """A second rebuild that is cancelled while it waits leaves the tables of the first alone."""
    async with owner_connection(database_dsn) as first:
        await first.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        await first.execute("CREATE TABLE rm_sheets_rebuilt (LIKE rm_sheets)")
        second = asyncio.create_task(owner_store.rebuild())

        async def cancelled() -> bool:
            waiting = await first.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return await waiting.fetchone() is not None

        await eventually(cancelled)
        with pytest.raises(StoreError):
            await second
        assert "rm_sheets_rebuilt" in schema_of(database_dsn)


async def test_what_is_written_while_the_swap_waits_is_folded_before_it(
    busy: Floor, owner_store: Store, database_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers are kept out for the newest events only, however long the swap was kept waiting."""
    folded_at_last: list[int] = []
    in_time = rebuild_module._catch_up

    def counted(log: Any, tables: Any, position: int) -> tuple[int, int]:
        caught_up = in_time(log, tables, position)
        folded_at_last.append(caught_up[1])
        return caught_up

    monkeypatch.setattr(rebuild_module, "_catch_up", counted)
    async with owner_connection(database_dsn) as reader:
        async with reader.transaction():
            # A reader in the way: the swap tries again and again, while the line writes on.
            await reader.execute("SELECT count(*) FROM rm_orders")
            rebuilding = asyncio.create_task(owner_store.rebuild())
            await eventually(lambda: folded_at_last)
            for number in range(3):
                await busy.start(spec(), job=f"J{7000 + number}", order=f"PO2026-7{number:03d}")
            tried = len(folded_at_last)
            await eventually(lambda: len(folded_at_last) >= tried + 2)
        await rebuilding
    assert folded_at_last[-1] == 0
    assert (await busy.store.verify()).is_sound


async def test_a_rebuild_waits_for_a_vacuum_without_keeping_writers_waiting(
    busy: Floor, owner_store: Store, database_dsn: str
) -> None:
    """While the log is vacuumed the swap waits in a lock that no writer waits behind, and then goes on."""
    async with owner_connection(database_dsn) as vacuum, owner_connection(database_dsn) as watcher:

        async def waits() -> bool:
            found = await watcher.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND relation = 'production_events'::regclass"
                " AND mode = 'ShareUpdateExclusiveLock'"
            )
            return await found.fetchone() is not None

        async with vacuum.transaction():
            # The lock that a vacuum holds from its beginning to its end.
            await vacuum.execute("LOCK TABLE production_events IN SHARE UPDATE EXCLUSIVE MODE")
            rebuilding = asyncio.create_task(owner_store.rebuild())
            await eventually(waits)
            await busy.start(spec(), job="J7000", order="PO2026-7000")
        await rebuilding
    assert (await busy.store.verify()).is_sound


async def test_a_kiosk_cannot_rebuild(busy: Floor) -> None:
    """Rebuilding makes tables: only their owner may."""
    with pytest.raises(StorePermissionDenied):
        await busy.store.rebuild()
    assert (await busy.store.verify()).is_sound
