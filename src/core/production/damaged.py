"""Scans that were not read whole: they mean nothing, and are refused only to be kept.

A lead who looks for a scanner that misreads finds them in the scan log, with what was
read, by whom and when. Decided by ``core.production.decisions`` without looking at anything.
"""

from dataclasses import dataclass
from datetime import datetime

from core.domain.rejections import DamagedCode, FaultReason
from core.domain.values import StationDefinition
from core.identity.ids import OperatorId

MAX_READ_LENGTH = 80
"""Of what was read this much is kept: more than the longest code, far less than a scanner gone mad can send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedScan:
    """A scan of which ``read`` came, escaped; see ``DamagedCode`` for the rest. ``at`` is UTC."""

    read: str
    reason: FaultReason
    detail: str
    station: StationDefinition
    operator_id: OperatorId | None
    at: datetime
    unkept: int = 0


def refuse_damaged(scan: DamagedScan) -> DamagedCode:
    """Refuse a scan that was not read whole."""
    return DamagedCode(read=_clipped(scan.read), reason=scan.reason, detail=_clipped(scan.detail), unkept=scan.unkept)


def _clipped(text: str) -> str:
    return text if len(text) <= MAX_READ_LENGTH else text[: MAX_READ_LENGTH - 1] + "…"
