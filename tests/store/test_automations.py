"""What the shop does by itself, once, however often it is tried."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.commands import CancelJob, Command, CreateJob, FlagOverdueAssembly, StartJob
from core.domain.events import AssemblyOverdueFlagged, JobCompleted, OrderFulfilled
from core.identity.ids import JobId, ProductionOrderId, assembly_of_card
from store import Accepted, LogDamaged, Store, automations
from store.commands import Answer
from store.write_statement import Delivery
from tests.core.shop import LEAD, PACKING, spec
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def ready_to_pack(floor: Floor, job: JobId, sets: int) -> list[str]:
    """Bring every set of a job to where it only has to be put into the box."""
    trays: list[str] = []
    for number in range(1, sets + 1):
        cards = await floor.cut(job, number)
        for card in cards:
            await floor.inspect(card)
        trays.append(assembly_of_card(cards[0]))
        await floor.gather(cards, assembly_of_card(cards[0]))
    await floor.scan(PACKING, f"{job}-BX001")
    return trays


async def test_the_last_two_sets_packed_at_once_complete_the_job_once(floor: Floor, database_dsn: str) -> None:
    """Two kiosks pack the last two sets of a job in the same instant: one JobCompleted, one OrderFulfilled."""
    job = await floor.start(spec(n_up=2), sets=2)
    trays = await ready_to_pack(floor, job, 2)
    async with await Store.open(database_dsn, station_id="TEST-2") as second:
        scans = [floor.scan_of(PACKING, tray, open_pack=f"{job}-BX001") for tray in trays]
        answers = await asyncio.gather(floor.store.run(scans[0]), second.run(scans[1]))
        assert all(isinstance(answer, Accepted) for answer in answers), answers
        await asyncio.gather(*(store.sweep() for store in (floor.store, second) for _ in range(3)))
    row = await floor.store.job(job)
    assert row is not None
    assert row.status == "COMPLETED"
    for unit, name in ((job, "JobCompleted"), ("PO2026-0117", "OrderFulfilled")):
        history = await floor.store.history(unit)
        assert history is not None
        assert [entry.event_type for entry in history.events].count(name) == 1
    assert await floor.store.sweep() == ()


async def test_a_process_that_died_after_packing_is_made_good_by_a_sweep(floor: Floor, database_dsn: str) -> None:
    """Another process finds the finished job in the read models."""
    job = await floor.start(spec(n_up=2))
    (tray,) = await ready_to_pack(floor, job, 1)
    # Packed by the runner alone, as by a process that ended right after its commit.
    from store.write_statement import delivery

    await floor.store._runner.run(floor.scan_of(PACKING, tray, open_pack=f"{job}-BX001"), delivery())
    async with await Store.open(database_dsn) as other:
        made = await other.sweep(floor.now)
    assert [type(event) for event in made] == [JobCompleted, OrderFulfilled]


async def test_an_order_whose_sets_a_cancelled_job_had_packed_is_fulfilled_by_a_sweep(floor: Floor) -> None:
    """Only its spare sheet was given up: what was ordered is delivered, and no further job will close the order."""
    void, spare = await floor.start(spec(n_up=2)), JobId("J1045")
    said: dict[str, Any] = {"at": floor.now, "operator_id": LEAD, "station_id": None}
    await floor.accept(CancelJob(job_id=void, reason="again, with a spare sheet", **said))
    assert await floor.store.sweep(floor.now) == ()
    order = ProductionOrderId("PO2026-0117")
    await floor.accept(CreateJob(job_id=spare, order_id=order, order_line=1, spec_code=spec().code, overs=1, **said))
    await floor.accept(StartJob(job_id=spare, **said))
    (tray,) = await ready_to_pack(floor, spare, 1)
    await floor.scan(PACKING, tray, open_pack=f"{spare}-BX001")
    await floor.accept(CancelJob(job_id=spare, reason="the spare is not needed", **said))
    made = await floor.store.sweep(floor.now)
    assert [event.job_ids for event in made if isinstance(event, OrderFulfilled)] == [(spare,)]


async def test_a_set_that_is_open_too_long_is_flagged_once(floor: Floor) -> None:
    """The limit is the shop's; the flag is an event, and asking too early leaves no trace in the scan log."""
    job = await floor.start(spec())
    await floor.cut(job)
    assert await floor.store.sweep(floor.now) == ()
    late = floor.now + timedelta(days=1)
    (flag,) = await floor.store.sweep(late)
    assert isinstance(flag, AssemblyOverdueFlagged)
    assert await floor.store.sweep(late + timedelta(hours=1)) == ()
    assert await floor.store.refused_scans() == ()


async def test_a_unit_that_cannot_be_read_does_not_keep_the_others_from_their_due(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One damaged set is logged, the other is flagged."""
    job = await floor.start(spec(), sets=2)
    damaged, sound = [assembly_of_card((await floor.cut(job, number))[0]) for number in (1, 2)]
    run = floor.store._automations._run

    async def damaging(command: Command, ids: Delivery) -> Answer:
        if isinstance(command, FlagOverdueAssembly) and command.assembly_id == damaged:
            raise LogDamaged(damaged, "version 3 follows a gap")
        return await run(command, ids)

    monkeypatch.setattr(floor.store._automations, "_run", damaging)
    (flag,) = await floor.store.sweep(floor.now + timedelta(days=1))
    assert isinstance(flag, AssemblyOverdueFlagged)
    assert flag.assembly_id == sound
    assert "version 3 follows a gap" in caplog.text


async def test_sweeping_goes_on_after_a_fault(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of one sweep is logged and the next one comes."""
    swept: list[int] = []

    async def failing(now: datetime | None = None) -> tuple[()]:
        swept.append(len(swept))
        raise LogDamaged("J1", "version 3 follows a gap")

    monkeypatch.setattr(automations, "_SWEEP_SECONDS", 0.0)
    monkeypatch.setattr(store._automations, "sweep", failing)
    store.start_automations()
    await eventually(lambda: len(swept) >= 2)


async def test_what_is_overdue_is_so_by_the_clock_of_the_database(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep of a kiosk whose clock runs a day fast asks at the database's time."""
    asked: list[datetime] = []
    job = await floor.start(spec())
    await floor.cut(job)
    run = floor.store._automations._run

    async def noting(command: Command, ids: Delivery) -> Answer:
        asked.append(command.at)
        return await run(command, ids)

    monkeypatch.setattr(floor.store._automations, "_run", noting)
    monkeypatch.setattr(floor.store._automations, "_overdue_minutes", -1e9)
    await floor.store.sweep()
    assert asked
    rows = await floor.store._reading.run(b"SELECT now()")
    assert all(rows[0][0] - timedelta(minutes=1) < at <= rows[0][0] for at in asked)


async def test_what_is_asked_for_in_vain_hides_nothing_for_ever(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sweep goes on where the last one ended, and begins anew after the last."""
    monkeypatch.setattr("store.automations._SWEEP_LIMIT", 2)
    statement = b"SELECT n::text FROM generate_series(1, 5) n WHERE n::text > $2 ORDER BY 1 LIMIT $1"
    automations = floor.store._automations
    automations._ended_at[statement] = ""
    swept = [await automations._next(statement) for _ in range(4)]
    assert swept == [["1", "2"], ["3", "4"], ["5"], ["1", "2"]]
