"""A scan: a code that was read at a station, with what the station has open and waits for."""

from datetime import datetime

from core.domain.immutable import immutable
from core.domain.values import (
    SequentialNumber,
    StationDefinition,
)
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    CommandId,
    OperationCode,
    OperatorId,
    PackId,
)


@immutable
class NumberAwaited:
    """The station asked for the number of this card, to complete this operation.

    ``takes_number`` is the only one that it may get, if any.
    """

    card_unit_id: CardUnitId
    operation: OperationCode
    run_of: int
    takes_number: SequentialNumber | None = None


@immutable
class SerialAwaited:
    """The station asked for the serial of the insert in this card, to complete this operation."""

    card_unit_id: CardUnitId
    operation: OperationCode


Awaited = NumberAwaited | SerialAwaited


@immutable
class Scan:
    """A code read at a station, with what the station has open.

    ``tray_brought`` is said by what an earlier program kept, and by nothing else: the open tray's label was
    scanned here since the last card went into it, of which its log knew nothing. ``under_stop`` is the
    command id that raised the stop which covers the station: then the scan is written down and means
    nothing. ``kept`` says that it is delivered late: whoever scanned it had nobody to ask, and nothing was
    said of what had become of the unit.
    """

    text: str
    station: StationDefinition
    operator_id: OperatorId | None
    at: datetime
    open_assembly: AssemblyId | None = None
    tray_brought: bool = False
    open_pack: PackId | None = None
    awaited: Awaited | None = None
    under_stop: CommandId | None = None
    kept: bool = False
