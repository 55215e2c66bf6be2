"""The event log and its read models in Postgres: the only package that knows SQL.

``Store`` is what the kiosk uses; everything that it takes and gives is named here.
"""

from store.changes import Changes, ChangeSubscription
from store.commands import Accepted, Answer
from store.errors import (
    EventFromTheFuture,
    LogDamaged,
    PostgresTooOld,
    SchemaChanged,
    SchemaMissing,
    SchemaTooNew,
    SchemaTooOld,
    StoreBusy,
    StoreError,
    StorePermissionDenied,
    StoreTimeout,
    StoreUnavailable,
)
from store.event_log import RecordedEvent
from store.histories import UnitHistory
from store.maintenance import Difference, StoreStatus, Verification
from store.migrations import Migration, migrate
from store.read_models.job_progress import JobProgressRow, StageCount
from store.read_models.presence import Presence, PresenceRow
from store.read_models.scan_log import HourlyRate, ScanRecord
from store.read_models.station_queues import QueueEntry, StationLoad, StationQueue
from store.rebuild import Rebuilt
from store.store import Store

__all__ = [
    "Accepted",
    "Answer",
    "ChangeSubscription",
    "Changes",
    "Difference",
    "EventFromTheFuture",
    "HourlyRate",
    "JobProgressRow",
    "LogDamaged",
    "Migration",
    "PostgresTooOld",
    "Presence",
    "PresenceRow",
    "QueueEntry",
    "Rebuilt",
    "RecordedEvent",
    "ScanRecord",
    "SchemaChanged",
    "SchemaMissing",
    "SchemaTooNew",
    "SchemaTooOld",
    "StageCount",
    "StationLoad",
    "StationQueue",
    "Store",
    "StoreBusy",
    "StoreError",
    "StorePermissionDenied",
    "StoreStatus",
    "StoreTimeout",
    "StoreUnavailable",
    "UnitHistory",
    "Verification",
    "migrate",
]
