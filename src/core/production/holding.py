"""What a station may do while the database is away: hold, refuse, act on it, or wait.

Held is what is true whatever the rest of the shop does meanwhile: that this code was
scanned here, by this person, now. What looks at the whole truth waits for it, and what
lineage alone proves wrong is refused at once, as ever.
Source: domain.md, policies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from core.domain.commands import (
    AnswerHelp,
    ApproveGate,
    AuthorizeReplacementSet,
    BringTray,
    CallForHelp,
    CancelJob,
    CancelOrder,
    ChangePriority,
    ChangePromiseDate,
    ClearStop,
    CompleteJob,
    CompleteOperation,
    CorrectEvent,
    CreateJob,
    CreateReplacement,
    CutSheet,
    DefineProductSpec,
    DefineStation,
    EndDowntime,
    EnterStation,
    FlagOverdueAssembly,
    FulfilOrder,
    HoldJob,
    NestPack,
    OpenPack,
    PackSet,
    ParkTray,
    PlaceOrder,
    RecordQAResult,
    RegisterOperator,
    RemoveCardFromAssembly,
    ReportHeldScan,
    ResumeJob,
    ScanCardForAssembly,
    SealPack,
    SendToRework,
    SetOperatorPin,
    SettleHeldScan,
    ShipPack,
    StartDowntime,
    StartJob,
    TakeOutVoidedCard,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.events import Event, VoidedCardTakenOut
from core.domain.readings import BadgeRead, ControlRead, Meaning, NumberAsked, Reading, SerialAsked
from core.domain.rejections import (
    DuplicateCard,
    NothingChanged,
    NothingToClear,
    NothingToSettle,
    NotLoggedOn,
    NumberNeeded,
    Refusal,
    Rejection,
    RepeatedScan,
    ScanTheSet,
    SerialNeeded,
    UnknownBarcode,
    VoidCardLeftInTray,
    WrongKindOfUnit,
    WrongSet,
)
from core.domain.values import StationRole
from core.identity.ids import AssemblyId, CardUnitId, OperatorId, assembly_of_card, position_of, sheet_of
from core.production.asked_marks import answer_to, unknown
from core.production.barcodes import (
    BadgeBarcode,
    CardBarcode,
    ControlBarcode,
    PackBarcode,
    PaperBarcode,
    SetBarcode,
    SheetBarcode,
    read_barcode,
)
from core.production.damaged import DamagedScan, refuse_damaged
from core.production.requests import Request
from core.production.scan import Scan

_SHEETS = frozenset({StationRole.PRESS, StationRole.EMBELLISH, StationRole.CUTTER})
_CARDS = frozenset({StationRole.EMBELLISH, StationRole.CARDOPS, StationRole.QA})


class WholeTruth(StrEnum):
    """Why something is not done before the database answers: what only the database knows."""

    BADGE = "badge"
    TRAY = "tray"
    PACKING = "packing"
    PIN = "pin"
    DECISION = "decision"
    CORRECTION = "correction"
    OFFICE = "office"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class MayBeHeld:
    """The station may keep it and deliver it later."""


@dataclass(frozen=True, slots=True)
class MustWait:
    """It is not done before the database answers, and not kept for later either."""

    why: WholeTruth


Alone = MayBeHeld | MustWait | Reading | Rejection
"""What becomes of a request at a station that has nobody to ask."""

_HOLD = MayBeHeld()


def decide_alone(request: Request, badges: Mapping[OperatorId, BadgeRead]) -> Alone:
    """Return what becomes of a request while the database is away; ``badges`` are the people known here.

    A refusal given here is certain: no state of the shop would have led to anything else than a refusal.
    """
    if isinstance(request, Scan):
        return _scan(request, badges)
    if isinstance(request, DamagedScan):
        return refuse_damaged(request)
    match request:
        case EnterStation() | CompleteOperation() | CutSheet() | RecordQAResult() | CallForHelp() | ClearStop():
            return _HOLD
        case ScanCardForAssembly():
            return _gathered(request.card_unit_id, request.assembly_id)
        case ReportHeldScan():
            # The entry in the spool stands for it until it is in the log.
            return MustWait(WholeTruth.CORRECTION)
        case AuthorizeReplacementSet() | SetOperatorPin():
            return MustWait(WholeTruth.PIN)
        case TakeOutVoidedCard() | BringTray() | ParkTray() | FlagOverdueAssembly():
            return MustWait(WholeTruth.TRAY)
        case OpenPack() | PackSet() | SealPack() | NestPack() | ShipPack():
            return MustWait(WholeTruth.PACKING)
        case RemoveCardFromAssembly() | CorrectEvent():
            return MustWait(WholeTruth.CORRECTION)
        case (
            ApproveGate()
            | VoidSheet()
            | SendToRework()
            | VoidCardUnit()
            | CreateReplacement()
            | AnswerHelp()
            | StartDowntime()
            | EndDowntime()
            | SettleHeldScan()
        ):
            return MustWait(WholeTruth.DECISION)
        case (
            DefineProductSpec()
            | DefineStation()
            | RegisterOperator()
            | PlaceOrder()
            | CancelOrder()
            | FulfilOrder()
            | CreateJob()
            | StartJob()
            | HoldJob()
            | ResumeJob()
            | CancelJob()
            | ChangePriority()
            | ChangePromiseDate()
            | CompleteJob()
        ):
            return MustWait(WholeTruth.OFFICE)
        case other:
            assert_never(other)


def _scan(scan: Scan, badges: Mapping[OperatorId, BadgeRead]) -> Alone:
    if scan.under_stop is not None:
        return _HOLD
    barcode = read_barcode(scan.text)
    match barcode:
        case BadgeBarcode(operator_id):
            badge = badges.get(operator_id)
            # One that was withdrawn may have been given back: it logs nobody on here, and is not kept to be refused.
            return badge if badge is not None and badge.roles else MustWait(WholeTruth.BADGE)
        case ControlBarcode(verb, argument):
            return ControlRead(verb=verb, argument=argument)
        case _:
            pass
    if scan.station.role is StationRole.LEAD:
        return barcode if isinstance(barcode, UnknownBarcode) else MustWait(WholeTruth.FLOOR)
    if scan.operator_id is None:
        return NotLoggedOn(station_id=scan.station.station_id)
    if scan.awaited is not None and not isinstance(barcode, CardBarcode | SheetBarcode):
        answer = answer_to(scan, scan.awaited, barcode, None)
        return answer if isinstance(answer, Refusal) else _HOLD
    role = scan.station.role
    match barcode:
        case CardBarcode(card) if role is StationRole.ASSEMBLY:
            return MustWait(WholeTruth.TRAY) if scan.open_assembly is None else _gathered(card, scan.open_assembly)
        case CardBarcode(card) if role is StationRole.PACKING:
            return ScanTheSet(card_unit_id=card, assembly_id=assembly_of_card(card))
        case CardBarcode(unit):
            return _HOLD if role in _CARDS else WrongKindOfUnit(unit_id=unit, station_role=role)
        case SheetBarcode(unit):
            return _HOLD if role in _SHEETS else WrongKindOfUnit(unit_id=unit, station_role=role)
        case SetBarcode() if role is StationRole.ASSEMBLY:
            return MustWait(WholeTruth.TRAY)
        case SetBarcode() | PackBarcode() if role is StationRole.PACKING:
            return MustWait(WholeTruth.PACKING)
        case SetBarcode(unit) | PackBarcode(unit) | PaperBarcode(unit):
            return WrongKindOfUnit(unit_id=unit, station_role=role)
        case UnknownBarcode():
            return unknown(scan, barcode)
        case other:
            assert_never(other)


def _gathered(card: CardUnitId, tray: AssemblyId) -> MayBeHeld | WrongSet:
    own = assembly_of_card(card)
    if own == tray:
        return _HOLD
    # What the tray lacks is not known here, and does not matter: the card is of another sheet.
    return WrongSet(card_unit_id=card, belongs_to=own, open_assembly=tray, missing=None)


def laid_in_tray(request: Request) -> CardUnitId | None:
    """Return the card that a request laid into its set's open tray when it was kept; None where it laid none there."""
    if not isinstance(decide_alone(request, {}), MayBeHeld):
        return None
    if isinstance(request, ScanCardForAssembly):
        return request.card_unit_id
    if not isinstance(request, Scan) or request.under_stop is not None:
        return None
    match read_barcode(request.text):
        case CardBarcode(card) if request.station.role is StationRole.ASSEMBLY:
            return card
        case _:
            return None


def kept_at_its_place(card: CardUnitId, kept: Iterable[CardUnitId]) -> CardUnitId | None:
    """Return the other card that was kept for the same place of the same set: a second one would lie upon it."""
    place = sheet_of(card), position_of(card)
    return next((each for each in kept if each != card and (sheet_of(each), position_of(each)) == place), None)


def looks_only(request: Request) -> bool:
    """Say whether the request can change nothing, so that nobody has to wait for an answer that does not come."""
    if not isinstance(request, Scan) or request.under_stop is not None:
        return False
    match read_barcode(request.text):
        case BadgeBarcode() | ControlBarcode():
            return True
        case SetBarcode():
            # Where a tray is opened or a set packed, it is a fact.
            return request.station.role not in {StationRole.ASSEMBLY, StationRole.PACKING}
        case _:
            return request.station.role is StationRole.LEAD


def may_be_held_once_sent(request: Request) -> bool:
    """Say whether a request that was sent and not answered may wait on the terminal, though a new one must not.

    What a station does next does not depend on these, and delivered in their place they do the same
    whether they were done when they were sent or not. Whoever packs, or opens or parks a tray, must know first.
    """
    return isinstance(request, CorrectEvent | RemoveCardFromAssembly | SettleHeldScan | AnswerHelp)


def left_in_tray(request: Request, events: Iterable[Event]) -> VoidCardLeftInTray | None:
    """Return what somebody has to deal with although a held request was carried out, before it was kept.

    Green would have said to put the void card aside. SAVED said nothing of that, so it may have been laid back.
    """
    if not isinstance(request, Scan):
        return None
    for event in events:
        if isinstance(event, VoidedCardTakenOut):
            return VoidCardLeftInTray(card_unit_id=event.card_unit_id, assembly_id=event.assembly_id)
    return None


def to_be_settled(request: Request, answer: Reading | Rejection) -> Rejection | None:
    """Return what somebody has to deal with, of the answer that a held request got; None where nothing is left.

    Whoever scanned saw it kept. Where it was refused at once as well, or meant nothing
    more than what was done before, there is nothing left to do; a card that was scanned
    as done and still lacks its number or serial is not done.
    """
    match answer:
        case NumberAsked():
            return NumberNeeded(card_unit_id=answer.card_unit_id, run_of=answer.run_of)
        case SerialAsked():
            return SerialNeeded(card_unit_id=answer.card_unit_id)
        # A card that lies in its tray as the log has it leaves nothing to do, however often it was scanned.
        case Meaning() | DuplicateCard() | RepeatedScan() | NothingToClear() | NothingToSettle():
            return None
        case NothingChanged() if isinstance(request, CallForHelp | AnswerHelp):
            return None
        case _:
            pass
    return None if is_refused_at_once(request) else answer


def is_refused_at_once(request: Request) -> bool:
    """Say whether whoever asked this of a station that has nobody to ask was told no: under a stop, or for certain."""
    if isinstance(request, Scan) and request.under_stop is not None:
        return True
    return isinstance(decide_alone(request, {}), Refusal)
