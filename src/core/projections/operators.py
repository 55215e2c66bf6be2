"""rm_operators: who may do what. The hash of a PIN stays in the stream, never in a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.events import Event, OperatorPinSet, OperatorRegistered
from core.domain.streams import AggregateType
from core.domain.values import OperatorRole
from core.identity.ids import OperatorId
from core.projections.folding import Arms, Begins, fold_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRow:
    """One person as registered now; ``has_pin`` says whether approvals can be proved.

    ``version`` is the stream's, corrections included.
    """

    operator_id: OperatorId
    name: str
    roles: tuple[OperatorRole, ...]
    has_pin: bool
    registered_at: datetime
    updated_at: datetime
    version: int


@dataclass(slots=True)
class _Operator:
    """The person so far; ``registered_at`` is the first registration."""

    registered: OperatorRegistered
    registered_at: datetime
    has_pin: bool = False


def _begin(event: OperatorRegistered) -> _Operator:
    return _Operator(event, event.occurred_at)


def _registered_anew(operator: _Operator, event: OperatorRegistered) -> None:
    operator.registered = event


def _pin_set(operator: _Operator, _event: OperatorPinSet) -> None:
    operator.has_pin = True


OPERATOR_BEGINS: Begins[_Operator] = {OperatorRegistered: _begin}

OPERATOR_ARMS: Arms[_Operator] = {
    OperatorRegistered: _registered_anew,
    OperatorPinSet: _pin_set,
}


def fold_operator(events: Sequence[Event]) -> OperatorRow | None:
    """Return the row of a person from the whole stream, or None where nobody was registered."""
    folded = fold_stream(AggregateType.OPERATOR, OPERATOR_BEGINS, OPERATOR_ARMS, events)
    if folded is None:
        return None
    operator, updated_at = folded
    registered = operator.registered
    return OperatorRow(
        operator_id=registered.badge,
        name=registered.name,
        roles=registered.roles,
        has_pin=operator.has_pin,
        registered_at=operator.registered_at,
        updated_at=updated_at,
        version=len(events),
    )
