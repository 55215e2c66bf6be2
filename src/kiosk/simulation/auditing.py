"""Reads a database for the audit: the whole log in commit order, the counts, and the store's own verification."""

from core.identity.ids import JobId
from kiosk.simulation.audit import Audit, Finding, JobCounts
from store.connecting import ConnectionSettings
from store.event_log import follow
from store.pool import Lane
from store.store import Store

__all__ = ["audited"]

_BATCH = 5000
_PATIENCE_SECONDS = 600.0


async def audited(dsn: str, *, role: str | None = None) -> tuple[Finding, ...]:
    """Return every invariant with what was found. Nobody may write meanwhile, or the counts would be of two moments."""
    audit = Audit()
    lane = Lane(
        ConnectionSettings(
            dsn=dsn,
            application_name="kiosk audit",
            role=role,
            statement_seconds=_PATIENCE_SECONDS,
            answer_seconds=_PATIENCE_SECONDS,
        )
    )
    try:
        async for batch in follow(lane, limit=_BATCH):
            for entry in batch:
                audit.take(entry.stream, entry.version, entry.event)
                audit.command(entry.command_id, entry.transaction_id)
    finally:
        await lane.close()
    async with await Store.open(dsn, role=role) as store:
        jobs = [row.job_id for row in await store.jobs()]
        counts = {
            JobId(row.job_id): JobCounts(
                in_progress=row.cards_in_progress,
                failed=row.cards_failed,
                passed=row.cards_passed,
                assembled=row.cards_assembled,
                packed=row.cards_packed,
                voided=row.cards_voided,
            )
            for row in await store.jobs_progress(jobs)
        }
        verified = await store.verify()
    rows = Finding(
        "read models equal the fold of the log",
        verified.rows,
        "rows",
        tuple(str(difference) for difference in verified.differences),
    )
    return (*audit.findings(counts), rows)
