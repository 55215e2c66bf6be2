"""Why a code or a person is refused."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.rejections.base import BarcodeProblem, FaultReason, Refusal
from core.domain.values import (
    OperatorRole,
)
from core.identity.ids import (
    OperatorId,
    StationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownBarcode(Refusal):
    """The scanned text is no code of this shop; ``text`` is raw and may hold anything."""

    text: str
    problem: BarcodeProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedCode(Refusal):
    """A scan was not read whole, so nobody knows which code it was.

    ``read`` is what was read of it, escaped; ``detail`` names the key that was at fault, where
    one was. ``unkept`` scans of the same station were refused like it shortly before, too many in
    too short a time to be kept one by one.
    """

    read: str
    reason: FaultReason
    detail: str
    unkept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLoggedOn(Refusal):
    """Somebody must scan a badge first."""

    station_id: StationId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownOperator(Refusal):
    """No person has this badge."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPermitted(Refusal):
    """The person lacks every one of the roles that may do this."""

    operator_id: OperatorId | None
    needed: tuple[OperatorRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinNotSet(Refusal):
    """The person has no PIN yet."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class PinWrong(Refusal):
    """The PIN is not this person's."""

    operator_id: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class PinLocked(Refusal):
    """So many wrong PINs were given for this person that no PIN is taken ``until`` then, not the right one either."""

    operator_id: OperatorId
    wrong_pins: int
    until: datetime
