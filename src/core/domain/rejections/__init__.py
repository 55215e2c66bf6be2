"""Why a command or scan was refused: values with data, never generic errors.

A refusal changed nothing. It carries what the operator must be told: what the
unit is, which set it belongs to, where it should go, what is missing. The words
are the kiosk's; the facts are here.
"""

from core.domain.rejections.base import (
    BarcodeProblem,
    FaultReason,
    Refusal,
    unit_of,
)
from core.domain.rejections.corrections import (
    CorrectionFault,
    NotCorrectable,
    NothingChanged,
    NothingToUndo,
)
from core.domain.rejections.gathering import (
    AuthorizerGathered,
    DuplicateCard,
    NeedsAuthorization,
    NotExpectedInSet,
    NotGathered,
    NothingToAuthorize,
    NotOverdue,
    NotPassedQA,
    PositionTaken,
    RefusedCardInTray,
    RefusedCardsInSet,
    ScannedSince,
    SetClosed,
    SetIncomplete,
    TrayElsewhere,
    VoidCardInTray,
    VoidCardLeftInTray,
    WrongSet,
)
from core.domain.rejections.marks import (
    AlreadyClaimed,
    NumberAlreadyApplied,
    NumberNeeded,
    NumberOfAnother,
    NumberOutOfRun,
    ScanTheCard,
    SerialNeeded,
)
from core.domain.rejections.office import (
    DefinitionFault,
    Fault,
    InvalidDefinition,
    JobExists,
    JobNotDone,
    LineCovered,
    OrderExists,
    OrderNotDone,
    OrderNotOpen,
    OrderOnFloor,
    PromiseInPast,
    PromiseTooFar,
    UnknownJob,
    UnknownOrder,
    UnknownOrderLine,
    UnknownSpec,
    UnknownStation,
    WrongJobState,
)
from core.domain.rejections.packing import (
    HeldInside,
    NoPackOpen,
    PackAlreadyNested,
    PackEmpty,
    PackExists,
    PackNotOpen,
    PackNotSealed,
    ScanTheSet,
    WrongJobForPack,
    WrongPackKind,
)
from core.domain.rejections.people import (
    DamagedCode,
    NotLoggedOn,
    NotPermitted,
    PinLocked,
    PinNotSet,
    PinWrong,
    UnknownBarcode,
    UnknownOperator,
)
from core.domain.rejections.stations import (
    IgnoredUnderStop,
    NothingToClear,
    NothingToSettle,
)
from core.domain.rejections.units import (
    AlreadyDone,
    AlreadyReplaced,
    CardFailed,
    CardGathered,
    CardVoided,
    JobNotRunning,
    NotAtStation,
    NotCutYet,
    ReasonMissing,
    RepeatedScan,
    ReworkLimitReached,
    SheetGone,
    UnknownOperation,
    UnknownUnit,
    WrongKindOfUnit,
    WrongStep,
    WrongUnitState,
)

__all__ = [
    "AlreadyClaimed",
    "AlreadyDone",
    "AlreadyReplaced",
    "AuthorizerGathered",
    "BarcodeProblem",
    "CardFailed",
    "CardGathered",
    "CardVoided",
    "CorrectionFault",
    "DamagedCode",
    "DefinitionFault",
    "DuplicateCard",
    "Fault",
    "FaultReason",
    "HeldInside",
    "IgnoredUnderStop",
    "InvalidDefinition",
    "JobExists",
    "JobNotDone",
    "JobNotRunning",
    "LineCovered",
    "NeedsAuthorization",
    "NoPackOpen",
    "NotAtStation",
    "NotCorrectable",
    "NotCutYet",
    "NotExpectedInSet",
    "NotGathered",
    "NotLoggedOn",
    "NotOverdue",
    "NotPassedQA",
    "NotPermitted",
    "NothingChanged",
    "NothingToAuthorize",
    "NothingToClear",
    "NothingToSettle",
    "NothingToUndo",
    "NumberAlreadyApplied",
    "NumberNeeded",
    "NumberOfAnother",
    "NumberOutOfRun",
    "OrderExists",
    "OrderNotDone",
    "OrderNotOpen",
    "OrderOnFloor",
    "PackAlreadyNested",
    "PackEmpty",
    "PackExists",
    "PackNotOpen",
    "PackNotSealed",
    "PinLocked",
    "PinNotSet",
    "PinWrong",
    "PositionTaken",
    "PromiseInPast",
    "PromiseTooFar",
    "ReasonMissing",
    "Refusal",
    "RefusedCardInTray",
    "RefusedCardsInSet",
    "Rejection",
    "RepeatedScan",
    "ReworkLimitReached",
    "ScanTheCard",
    "ScanTheSet",
    "ScannedSince",
    "SerialNeeded",
    "SetClosed",
    "SetIncomplete",
    "SheetGone",
    "TrayElsewhere",
    "UnknownBarcode",
    "UnknownJob",
    "UnknownOperation",
    "UnknownOperator",
    "UnknownOrder",
    "UnknownOrderLine",
    "UnknownSpec",
    "UnknownStation",
    "UnknownUnit",
    "VoidCardInTray",
    "VoidCardLeftInTray",
    "WrongJobForPack",
    "WrongJobState",
    "WrongKindOfUnit",
    "WrongPackKind",
    "WrongSet",
    "WrongStep",
    "WrongUnitState",
    "unit_of",
]

Rejection = (
    UnknownBarcode
    | DamagedCode
    | NotLoggedOn
    | UnknownOperator
    | NotPermitted
    | PinNotSet
    | PinWrong
    | PinLocked
    | UnknownUnit
    | NotCutYet
    | JobNotRunning
    | WrongKindOfUnit
    | WrongStep
    | AlreadyDone
    | RepeatedScan
    | SheetGone
    | CardVoided
    | CardGathered
    | CardFailed
    | NotAtStation
    | WrongUnitState
    | ReasonMissing
    | UnknownOperation
    | ReworkLimitReached
    | AlreadyReplaced
    | NumberNeeded
    | NumberOutOfRun
    | NumberOfAnother
    | SerialNeeded
    | ScanTheCard
    | NumberAlreadyApplied
    | AlreadyClaimed
    | WrongSet
    | DuplicateCard
    | PositionTaken
    | VoidCardInTray
    | VoidCardLeftInTray
    | RefusedCardInTray
    | RefusedCardsInSet
    | NotExpectedInSet
    | NotPassedQA
    | TrayElsewhere
    | NotGathered
    | SetIncomplete
    | NeedsAuthorization
    | NothingToAuthorize
    | AuthorizerGathered
    | ScannedSince
    | SetClosed
    | NotOverdue
    | NoPackOpen
    | ScanTheSet
    | PackExists
    | PackNotOpen
    | PackNotSealed
    | PackEmpty
    | PackAlreadyNested
    | HeldInside
    | WrongJobForPack
    | WrongPackKind
    | InvalidDefinition
    | UnknownSpec
    | UnknownStation
    | UnknownOrder
    | UnknownOrderLine
    | LineCovered
    | OrderOnFloor
    | OrderExists
    | OrderNotOpen
    | PromiseInPast
    | PromiseTooFar
    | UnknownJob
    | JobExists
    | WrongJobState
    | JobNotDone
    | OrderNotDone
    | NothingChanged
    | NotCorrectable
    | NothingToUndo
    | IgnoredUnderStop
    | NothingToClear
    | NothingToSettle
)
"""Every way in which a command or scan can be refused."""
