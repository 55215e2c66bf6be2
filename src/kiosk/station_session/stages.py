"""Where the units of a job are, as a few short names in the order of work."""

from collections.abc import Mapping, Sequence

from core.domain.values import CardUnitStatus, OperationType
from kiosk.snapshots.leads import SegmentView
from store.read_models.job_progress import StageCount

_STAGES = (
    (OperationType.PRINT, "press"),
    (OperationType.GATE, "gate"),
    (OperationType.FOIL, "foil"),
    (OperationType.UV, "uv"),
    (OperationType.EMBOSS, "emboss"),
    (OperationType.DIE_CUT, "die"),
    (OperationType.GLUE, "glue"),
    (OperationType.CUT, "cut"),
    (OperationType.NUMBER, "num"),
    (OperationType.MEMORABILIA, "insert"),
    (OperationType.QA, "qa"),
)
STAGE_ORDER = (*(name for _, name in _STAGES), "hold", "ready", "asm", "packed")


def job_segments(stages: Sequence[StageCount]) -> tuple[SegmentView, ...]:
    """Return where a job's cards are, in the order of work; uncut sheets count as their cards."""
    counts: dict[str, int] = {}
    for stage in stages:
        name = stage_name(stage)
        if name:
            counts[name] = counts.get(name, 0) + stage.cards
    return route_segments(counts)


def route_segments(counts: Mapping[str, int]) -> tuple[SegmentView, ...]:
    """Return every stage, empty ones as well: a stage is as bright as it is far along the whole route."""
    if not any(counts.values()):
        return ()
    return tuple(SegmentView(stage=name, count=counts.get(name, 0)) for name in STAGE_ORDER)


def stage_name(stage: StageCount) -> str:
    """Return the short name of a stage; empty for cards that left production."""
    match stage.status:
        case CardUnitStatus.PACKED:
            return "packed"
        case CardUnitStatus.ASSEMBLED:
            return "asm"
        case CardUnitStatus.QA_PASSED:
            return "ready"
        case CardUnitStatus.QA_FAILED:
            return "hold"
        case CardUnitStatus.VOIDED:
            return ""
        case _:
            kinds = {stage.work} if stage.work else set(stage.ready.split("+"))
            return next((name for kind, name in _STAGES if kind in kinds), "")
