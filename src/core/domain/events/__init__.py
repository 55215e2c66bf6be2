"""The facts of the shop: immutable, past tense, self-contained for ever.

Every event carries what its reader needs without a lookup: its lineage, who,
where, when, and, where it changes what a unit may do next, the operations that
are ready from then on. A fact that concerns several streams (a card gathered into
a set) is appended to each of them, so that every state and every read-model row
is the fold of exactly one stream.

``operator_id`` is None where the product itself acted (an automation) and
``station_id`` is None where it happened at no station (the office's commands).
``occurred_at`` is UTC.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from core.domain.events.base import Fact
from core.domain.events.cards import (
    CardFact,
    CardUnitCreated,
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    CardUnitSentToRework,
    CardUnitVoided,
    MemorabiliaPlaced,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    SequentialNumberApplied,
)
from core.domain.events.catalogue import (
    OperatorPinSet,
    OperatorRegistered,
    ProductSpecDefined,
    StationDefined,
)
from core.domain.events.corrections import (
    EventCorrected,
)
from core.domain.events.gathering import (
    AssemblyCompleted,
    AssemblyOpened,
    AssemblyOverdueFlagged,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    ReplacementSetAuthorized,
    SetFact,
    TrayBrought,
    TrayParked,
    VoidedCardTakenOut,
)
from core.domain.events.orders import (
    JobCancelled,
    JobCompleted,
    JobCreated,
    JobHeld,
    JobPriorityChanged,
    JobResumed,
    JobStarted,
    OrderCancelled,
    OrderFulfilled,
    OrderPlaced,
    PromiseDateChanged,
)
from core.domain.events.packing import (
    CardUnitPacked,
    PackNested,
    PackOpened,
    PackSealed,
    PackShipped,
    SetPacked,
)
from core.domain.events.sheets import (
    GateApproved,
    PrintCompleted,
    SheetCreated,
    SheetCut,
    SheetEnteredStation,
    SheetExitedStation,
    SheetFact,
    SheetOperationCompleted,
    SheetVoided,
)
from core.domain.events.stations import (
    HeldScanRefused,
    HeldScanSettled,
    HelpAnswered,
    HelpCalled,
    StationDowntimeEnded,
    StationDowntimeStarted,
    StationStopCleared,
)

__all__ = [
    "EVENT_TYPES",
    "AssemblyCompleted",
    "AssemblyOpened",
    "AssemblyOverdueFlagged",
    "CardFact",
    "CardRemovedFromAssembly",
    "CardScannedForAssembly",
    "CardUnitCreated",
    "CardUnitEnteredStation",
    "CardUnitOperationCompleted",
    "CardUnitPacked",
    "CardUnitSentToRework",
    "CardUnitVoided",
    "Event",
    "EventCorrected",
    "Fact",
    "GateApproved",
    "HeldScanRefused",
    "HeldScanSettled",
    "HelpAnswered",
    "HelpCalled",
    "JobCancelled",
    "JobCompleted",
    "JobCreated",
    "JobHeld",
    "JobPriorityChanged",
    "JobResumed",
    "JobStarted",
    "MemorabiliaPlaced",
    "OperatorPinSet",
    "OperatorRegistered",
    "OrderCancelled",
    "OrderFulfilled",
    "OrderPlaced",
    "PackNested",
    "PackOpened",
    "PackSealed",
    "PackShipped",
    "PrintCompleted",
    "ProductSpecDefined",
    "PromiseDateChanged",
    "QAResultRecorded",
    "ReplacementCardUnitCreated",
    "ReplacementSetAuthorized",
    "SequentialNumberApplied",
    "SetFact",
    "SetPacked",
    "SheetCreated",
    "SheetCut",
    "SheetEnteredStation",
    "SheetExitedStation",
    "SheetFact",
    "SheetOperationCompleted",
    "SheetVoided",
    "StationDefined",
    "StationDowntimeEnded",
    "StationDowntimeStarted",
    "StationStopCleared",
    "TrayBrought",
    "TrayParked",
    "VoidedCardTakenOut",
]

Event = (
    ProductSpecDefined
    | StationDefined
    | OperatorRegistered
    | OperatorPinSet
    | OrderPlaced
    | OrderCancelled
    | OrderFulfilled
    | JobCreated
    | JobStarted
    | JobHeld
    | JobResumed
    | JobCancelled
    | JobPriorityChanged
    | PromiseDateChanged
    | JobCompleted
    | SheetCreated
    | SheetEnteredStation
    | SheetExitedStation
    | SheetOperationCompleted
    | PrintCompleted
    | SheetCut
    | SheetVoided
    | GateApproved
    | CardUnitCreated
    | CardUnitEnteredStation
    | CardUnitOperationCompleted
    | SequentialNumberApplied
    | MemorabiliaPlaced
    | QAResultRecorded
    | CardUnitSentToRework
    | CardUnitVoided
    | ReplacementCardUnitCreated
    | AssemblyOpened
    | CardScannedForAssembly
    | CardRemovedFromAssembly
    | VoidedCardTakenOut
    | TrayBrought
    | TrayParked
    | AssemblyCompleted
    | ReplacementSetAuthorized
    | AssemblyOverdueFlagged
    | PackOpened
    | SetPacked
    | CardUnitPacked
    | PackSealed
    | PackNested
    | PackShipped
    | StationDowntimeStarted
    | StationDowntimeEnded
    | HelpCalled
    | HelpAnswered
    | StationStopCleared
    | HeldScanRefused
    | HeldScanSettled
    | EventCorrected
)
"""Everything that the log can hold."""

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {event_type.__name__: event_type for event_type in get_args(Event)}
)
"""Every event class under the stable name it has in the log."""
