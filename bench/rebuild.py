"""How fast the read models are folded anew from the whole log, against the log merely copied out."""

import time

import psycopg

from bench.report import Report, at_least
from bench.shop import SCANS_OF_A_CARD, Shop, embellisher, kiosks
from store import Store
from store.migrations import migrate

_SHEETS = 20
_JOBS = 60

# One job's life, told once more of another job: everything in it names the job, and nothing else does.
_REPEAT = """
    INSERT INTO production_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,
        event_payload, occurred_at, operator_id, station_id, command_id, chain)
    SELECT aggregate_type, replace(aggregate_id, %(one)s, %(other)s), aggregate_version, event_type, schema_version,
        replace(event_payload::text, %(one)s, %(other)s)::jsonb, occurred_at, operator_id, station_id, command_id, chain
    FROM production_events WHERE aggregate_id = %(one)s OR aggregate_id LIKE %(one)s || '-%%' ORDER BY sequence_num
"""


async def measure(report: Report, dsn: str, rounds: int) -> None:
    """Fill a log with many jobs that were worked on, then copy it out and fold it, in turns."""
    report.heading("Rebuild")
    await migrate(dsn)
    async with kiosks(dsn, range(16)) as runs:
        shop = Shop(runs)
        await shop.open(_JOBS + 1, _SHEETS)
        job = await shop.start_job(_SHEETS)
        cards = await shop.cut_all(job, _SHEETS)
        for _ in range(SCANS_OF_A_CARD):
            await shop.scan_all(cards, embellisher(1))
    async with (
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
        await Store.open(dsn, role=None) as store,
    ):
        for number in range(1, _JOBS):
            await connection.execute(_REPEAT, {"one": job, "other": f"J{2000 + number}"})
        await connection.execute("VACUUM ANALYZE production_events")
        found = await (await connection.execute("SELECT count(*) FROM production_events")).fetchone()
        assert found is not None
        events = int(found[0])
        report.note(f"{events} events")
        copied: list[float] = []
        folded: list[float] = []
        shared: list[float] = []
        kept_out: list[float] = []
        for _ in range(rounds):
            copied.append(events / await _copy_out(connection))
            rebuilt = await store.rebuild()
            assert rebuilt.events >= events
            folded.append(events / rebuilt.seconds)
            kept_out.append(rebuilt.swap_seconds * 1000)
            shared.append(events / (await store.rebuild(processes=2)).seconds)
        report.figure("raw COPY out", copied, "/s")
        report.figure("rebuild: read, folded, written, indexed, swapped", folded, "/s")
        ratios = [fold / copy for fold, copy in zip(folded, copied, strict=True)]
        report.figure("rebuild vs raw COPY out, one process", ratios, "×", at_least(0.27))
        # To start them takes longer than so short a log: the bar is that of a long one (``bench.scale``).
        ratios = [two / one for two, one in zip(shared, folded, strict=True)]
        report.figure("rebuild, two processes vs one", ratios, "×")
        report.figure("writers kept out by the swap", kept_out, "ms")


async def _copy_out(connection: psycopg.AsyncConnection) -> float:
    """Seconds to copy the columns that folding needs out of the log."""
    begun = time.perf_counter()
    statement = (
        "COPY production_events (aggregate_type, aggregate_id, aggregate_version, event_type, schema_version,"
        " event_payload) TO STDOUT"
    )
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        async for _ in copy:
            pass
    return time.perf_counter() - begun
