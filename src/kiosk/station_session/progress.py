"""How far a job is with the work of one station: how many of its units have it behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.domain.values import (
    CardUnitStatus,
    OperationType,
    ProductSpec,
    RouteStep,
    StationDefinition,
    UnitKind,
)
from core.identity.ids import JobId
from core.production.routes import ancestors, descendants, steps_for
from store.read_models.job_progress import StageCount
from store.store import Store

_BEHIND_ALL = frozenset({CardUnitStatus.QA_PASSED, CardUnitStatus.ASSEMBLED, CardUnitStatus.PACKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAtStation:
    """A job as one station sees it; ``unit`` is sheet or card, what ``done`` and ``total`` count."""

    job_id: JobId
    product_name: str
    sheet_count: int
    promise_at: datetime
    unit: str
    done: int
    total: int


class JobsAtStation:
    """Counts jobs at a station; a job's route never changes, so it is read once."""

    def __init__(self, store: Store) -> None:
        """Count by this store."""
        self._store = store
        self._specs: dict[JobId, ProductSpec] = {}

    async def spec_of(self, job_id: JobId) -> ProductSpec | None:
        """Return the job's product as it was ordered."""
        spec = self._specs.get(job_id) or await self._store.job_spec(job_id)
        if spec is not None:
            self._specs[job_id] = spec
        return spec

    async def of(
        self, job_id: JobId, station: StationDefinition, handled: UnitKind | None = None
    ) -> JobAtStation | None:
        """Return how far the job is with this station's work; None where there is no such job.

        ``handled`` is what the station has in hand or before it: of a product whose sheets and cards both come here
        those are counted.
        """
        job = await self._store.job(job_id)
        progress = await self._store.job_progress(job_id)
        spec = await self.spec_of(job_id)
        if job is None or progress is None or spec is None:
            return None
        stages = await self._store.stages([job_id])
        sheets = progress.sheets - progress.sheets_voided
        unit = unit_of(spec, station.work, handled)
        if unit is UnitKind.SHEET:
            left = sum(
                stage.units for stage in stages
                if stage.unit_kind == unit and is_ahead(spec, stage, station.work)
            )  # fmt: skip
            done, total = sheets - left, sheets
        else:
            total = sheets * spec.n_up
            done = sum(
                stage.units for stage in stages
                if stage.unit_kind == unit
                and stage.status != CardUnitStatus.VOIDED
                and not is_ahead(spec, stage, station.work)
            )  # fmt: skip
        return JobAtStation(
            job_id=job_id,
            product_name=job.product_name,
            sheet_count=job.sheet_count,
            promise_at=job.promise_at,
            unit=unit.value,
            done=done,
            total=total,
        )


def unit_of(spec: ProductSpec, work: Iterable[OperationType], handled: UnitKind | None = None) -> UnitKind:
    """Return what a station with this work handles of a product; of both what is ``handled``, else sheets."""
    kinds = frozenset(work)

    def comes_here(unit: UnitKind) -> bool:
        return any(step.work in kinds for step in steps_for(spec.route, unit))

    if handled is not None and comes_here(handled):
        return handled
    return UnitKind.SHEET if comes_here(UnitKind.SHEET) else UnitKind.CARD


def is_ahead(spec: ProductSpec, stage: StageCount, work: Iterable[OperationType]) -> bool:
    """Say whether units in this stage still have work of one of these kinds before them.

    Units that wait tell their whole frontier: what does not stand on it is done. Of
    units in hand only the operation in hand is known: what comes before it is done.
    """
    kinds = frozenset(work)
    if stage.status in _BEHIND_ALL:
        return False
    unit = UnitKind(stage.unit_kind)
    mine = [step for step in steps_for(spec.route, unit) if step.work in kinds]
    if stage.work is not None:
        done = {
            operation for step in _doing(spec, unit, stage.work) for operation in ancestors(spec.route, step.operation)
        }
        return any(step.operation not in done for step in mine)
    waits_for = stage.ready.split("+") if stage.ready else [OperationType.QA]
    left = {
        operation
        for kind in waits_for
        for step in _doing(spec, unit, kind)
        for operation in descendants(spec.route, step.operation)
    }
    return any(step.operation in left for step in mine)


def _doing(spec: ProductSpec, unit: UnitKind, work: str) -> list[RouteStep]:
    return [step for step in steps_for(spec.route, unit) if step.work == work][:1]
