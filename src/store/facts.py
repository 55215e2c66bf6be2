"""What a decision looks at that no single stream holds, looked up where `core` asks for it.

Counted from the read models, which are written in the statement of their events, and from the answers
that every command leaves. Called by `store.commands` before it decides.
"""

from typing import assert_never

from core.domain.rejections import PinLocked, PinWrong
from core.domain.values import JobStatus
from core.identity.ids import JobId, OperatorId
from core.production import pins
from core.production.facts import (
    Facts,
    FactsNeeded,
    JobProgress,
    JobProgressNeeded,
    OrderedJob,
    OrderedJobsNeeded,
    ShopPolicy,
    WrongPinsNeeded,
)
from store.codec import decode_rejection
from store.pool import Lane

_JOB_PROGRESS = b"SELECT sheets - sheets_voided, sets_packed FROM rm_job_progress WHERE job_id = $1"

_ORDERED_JOBS = b"""SELECT j.job_id, j.order_line, j.status, p.sets_packed,
    CASE WHEN j.status = 'CREATED' THEN j.sheet_count ELSE p.sheets - p.sheets_voided END FROM rm_jobs j
    JOIN rm_job_progress p ON p.job_id = j.job_id WHERE j.order_id = $1 ORDER BY j.job_id"""

# Few are refused in such a time, and of those only wrong PINs are read. A new PIN begins a new count.
_WRONG_PINS = b"""SELECT c.answer, c.recorded_at FROM commands c
    WHERE c.outcome = 'refused' AND c.refusal = 'PinWrong' AND c.recorded_at > now() - $2::float8 * interval '1 minute'
      AND c.recorded_at > coalesce((SELECT max(e.recorded_at) FROM production_events e
          WHERE e.aggregate_type = 'operator' AND e.aggregate_id = $1 AND e.event_type = 'OperatorPinSet'), '-infinity')
    ORDER BY c.recorded_at"""


async def look_up(lane: Lane, wanted: FactsNeeded, policy: ShopPolicy) -> Facts:
    """Return the policy with what is wanted, as the database has it now; raises the store's errors."""
    match wanted:
        case JobProgressNeeded():
            rows = await lane.run(_JOB_PROGRESS, (wanted.job_id,))
            progress = JobProgress(sheets=rows[0][0], sets_packed=rows[0][1]) if rows else None
            return Facts(policy=policy, job_progress=progress)
        case OrderedJobsNeeded():
            rows = await lane.run(_ORDERED_JOBS, (wanted.order_id,))
            jobs = tuple(
                OrderedJob(job_id=JobId(job), line=line, status=JobStatus(status), sets=sets, sets_packed=packed)
                for job, line, status, packed, sets in rows
            )
            return Facts(policy=policy, ordered_jobs=jobs)
        case WrongPinsNeeded():
            rows = await lane.run(_WRONG_PINS, (wanted.operator_id, policy.pin_lock_minutes))
            wrong = PinWrong(operator_id=wanted.operator_id)
            return Facts(policy=policy, wrong_pins=tuple([at for said, at in rows if decode_rejection(said) == wrong]))
        case other:
            assert_never(other)


async def pin_lock(lane: Lane, operator_id: OperatorId, policy: ShopPolicy) -> PinLocked | None:
    """Return why no PIN of a person is taken now, None where one is; raises the store's errors."""
    wrong = (await look_up(lane, WrongPinsNeeded(operator_id=operator_id), policy)).wrong_pins
    until = pins.locked_until(wrong, policy)
    return None if until is None else PinLocked(operator_id=operator_id, wrong_pins=len(wrong), until=until)
