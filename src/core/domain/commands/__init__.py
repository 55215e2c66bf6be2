"""Orders to do something. They may be refused; what was done is an event.

Every command says who asks, where, and when (UTC); the core knows no clock.
"""

from core.domain.commands.base import Order
from core.domain.commands.catalogue import DefineProductSpec, DefineStation, RegisterOperator, SetOperatorPin
from core.domain.commands.corrections import CorrectEvent
from core.domain.commands.gathering import (
    AuthorizeReplacementSet,
    BringTray,
    FlagOverdueAssembly,
    ParkTray,
    RemoveCardFromAssembly,
    ScanCardForAssembly,
    TakeOutVoidedCard,
)
from core.domain.commands.orders import (
    CancelJob,
    CancelOrder,
    ChangePriority,
    ChangePromiseDate,
    CompleteJob,
    CreateJob,
    FulfilOrder,
    HoldJob,
    PlaceOrder,
    ResumeJob,
    StartJob,
)
from core.domain.commands.packing import NestPack, OpenPack, PackSet, SealPack, ShipPack
from core.domain.commands.stations import (
    AnswerHelp,
    CallForHelp,
    ClearStop,
    EndDowntime,
    ReportHeldScan,
    SettleHeldScan,
    StartDowntime,
)
from core.domain.commands.units import (
    ApproveGate,
    CompleteOperation,
    CreateReplacement,
    CutSheet,
    EnterStation,
    RecordQAResult,
    SendToRework,
    VoidCardUnit,
    VoidSheet,
)

__all__ = [
    "AnswerHelp",
    "ApproveGate",
    "AuthorizeReplacementSet",
    "BringTray",
    "CallForHelp",
    "CancelJob",
    "CancelOrder",
    "ChangePriority",
    "ChangePromiseDate",
    "ClearStop",
    "Command",
    "CompleteJob",
    "CompleteOperation",
    "CorrectEvent",
    "CreateJob",
    "CreateReplacement",
    "CutSheet",
    "DefineProductSpec",
    "DefineStation",
    "EndDowntime",
    "EnterStation",
    "FlagOverdueAssembly",
    "FulfilOrder",
    "HoldJob",
    "NestPack",
    "OpenPack",
    "Order",
    "PackSet",
    "ParkTray",
    "PlaceOrder",
    "RecordQAResult",
    "RegisterOperator",
    "RemoveCardFromAssembly",
    "ReportHeldScan",
    "ResumeJob",
    "ScanCardForAssembly",
    "SealPack",
    "SendToRework",
    "SetOperatorPin",
    "SettleHeldScan",
    "ShipPack",
    "StartDowntime",
    "StartJob",
    "TakeOutVoidedCard",
    "VoidCardUnit",
    "VoidSheet",
]

Command = (
    DefineProductSpec
    | DefineStation
    | RegisterOperator
    | SetOperatorPin
    | PlaceOrder
    | CancelOrder
    | FulfilOrder
    | CreateJob
    | StartJob
    | HoldJob
    | ResumeJob
    | CancelJob
    | ChangePriority
    | ChangePromiseDate
    | CompleteJob
    | EnterStation
    | CompleteOperation
    | ApproveGate
    | CutSheet
    | VoidSheet
    | RecordQAResult
    | SendToRework
    | VoidCardUnit
    | CreateReplacement
    | ScanCardForAssembly
    | RemoveCardFromAssembly
    | TakeOutVoidedCard
    | BringTray
    | ParkTray
    | AuthorizeReplacementSet
    | FlagOverdueAssembly
    | OpenPack
    | PackSet
    | SealPack
    | NestPack
    | ShipPack
    | StartDowntime
    | EndDowntime
    | CallForHelp
    | AnswerHelp
    | ClearStop
    | ReportHeldScan
    | SettleHeldScan
    | CorrectEvent
)
"""Everything that can be asked of the core."""
