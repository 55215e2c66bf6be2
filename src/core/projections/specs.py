"""rm_specs: the products that can be ordered, each in its newest version.

Folded from the product's own stream; the route itself is read from the stream.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.events import Event, ProductSpecDefined
from core.domain.streams import AggregateType
from core.identity.ids import SpecCode
from core.projections.folding import Arms, Begins, fold_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecRow:
    """One product in its newest version.

    ``rows`` × ``columns`` is the sheet's layout of ``n_up`` cards, ``run_of`` the size
    of a job's numbered run or None, ``step_count`` the operations of the route.
    ``version`` is the stream's, corrections included.
    """

    spec_code: SpecCode
    spec_version: int
    name: str
    n_up: int
    rows: int
    columns: int
    run_of: int | None
    step_count: int
    defined_at: datetime
    updated_at: datetime
    version: int


@dataclass(slots=True)
class _Spec:
    """The newest definition so far."""

    defined: ProductSpecDefined


def _defined_anew(spec: _Spec, event: ProductSpecDefined) -> None:
    spec.defined = event


SPEC_BEGINS: Begins[_Spec] = {ProductSpecDefined: _Spec}

SPEC_ARMS: Arms[_Spec] = {ProductSpecDefined: _defined_anew}


def fold_spec(events: Sequence[Event]) -> SpecRow | None:
    """Return the row of a product from its whole stream, or None where it was never defined."""
    folded = fold_stream(AggregateType.PRODUCT_SPEC, SPEC_BEGINS, SPEC_ARMS, events)
    if folded is None:
        return None
    state, updated_at = folded
    spec = state.defined.spec
    return SpecRow(
        spec_code=spec.code,
        spec_version=spec.version,
        name=spec.name,
        n_up=spec.n_up,
        rows=spec.rows,
        columns=spec.columns,
        run_of=spec.run_of,
        step_count=len(spec.route.steps),
        defined_at=state.defined.occurred_at,
        updated_at=updated_at,
        version=len(events),
    )
