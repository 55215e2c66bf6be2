"""rm_orders, rm_jobs and rm_packs: what was promised, what is made of it, and what it is packed in."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from core.projections import JobRow, OrderRow, PackRow
from store.read_models.tables import RowQuery, columns_of

_ORDER = columns_of(OrderRow)
_JOB = columns_of(JobRow)
_PACK = columns_of(PackRow)

ORDER = RowQuery(OrderRow, f"SELECT {_ORDER} FROM rm_orders WHERE order_id = $1")

ORDERS = RowQuery(
    OrderRow, f"SELECT {_ORDER} FROM rm_orders WHERE NOT $1::boolean OR status = 'PLACED' ORDER BY promise_at, order_id"
)

JOB = RowQuery(JobRow, f"SELECT {_JOB} FROM rm_jobs WHERE job_id = $1")

JOBS = RowQuery(JobRow, f"SELECT {_JOB} FROM rm_jobs ORDER BY priority, promise_at, job_id")

JOBS_ON_THE_FLOOR = RowQuery(
    JobRow,
    f"SELECT {_JOB} FROM rm_jobs WHERE status IN ('STARTED', 'ON_HOLD') ORDER BY priority, promise_at, job_id",
)

JOBS_OF_ORDER = RowQuery(JobRow, f"SELECT {_JOB} FROM rm_jobs WHERE order_id = $1 ORDER BY job_id")

PACK = RowQuery(PackRow, f"SELECT {_PACK} FROM rm_packs WHERE pack_id = $1")

PACKS_OF_JOB = RowQuery(PackRow, f"SELECT {_PACK} FROM rm_packs WHERE job_id = $1 ORDER BY pack_id")

OPEN_PACK = RowQuery(
    PackRow,
    f"SELECT {_PACK} FROM rm_packs WHERE status = 'OPEN' AND station_id = $1 ORDER BY updated_at DESC, pack_id LIMIT 1",
)
