"""The one door to the rules: what a request leads to.

The store calls ``requests.needs`` until nothing new is asked for, looks up
``requests.facts_needed``, and then ``decide``; a change is written whole, guarded by the
versions of the streams that it appends to.
"""

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
    Command,
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
from core.domain.histories import StreamLookup
from core.domain.immutable import immutable
from core.domain.readings import Meaning, Reading
from core.domain.rejections import CardVoided, Refusal, Rejection, UnknownUnit
from core.domain.streams import Change
from core.production import catalogue, corrections, office_changes, stand_ins, uncut, unit_changes
from core.production.damaged import DamagedScan, refuse_damaged
from core.production.facts import Facts
from core.production.interpreting import interpret
from core.production.loaded import Loaded, operator_key, spec_key, station_key
from core.production.permissions import permission
from core.production.requests import Request
from core.production.scan import Scan


@immutable
class Decided:
    """A command that was accepted, with the change that it makes."""

    command: Command
    change: Change


Decision = Decided | Reading | Rejection


def decide(request: Request, streams: StreamLookup, facts: Facts) -> Decision:
    """Return what the request leads to: a change, a reading or a refusal.

    ``streams`` gives every stream that ``requests.needs`` names, or raises where it cannot say what is in one, which
    comes out here; ``facts`` are what ``requests.facts_needed`` named. Nothing is changed by asking.
    """
    loaded = Loaded(streams)
    if isinstance(request, Scan):
        meant = interpret(request, loaded, facts.policy)
        if isinstance(meant, Meaning | Refusal):
            return uncut.told(meant, loaded) if isinstance(meant, UnknownUnit) else meant
        command = meant
    elif isinstance(request, DamagedScan):
        return refuse_damaged(request)
    else:
        command = request
    refused = permission(command, loaded, facts)
    if refused is not None:
        return refused
    outcome = _change(command, loaded, facts)
    if isinstance(outcome, CardVoided):
        return stand_ins.told(outcome, loaded)
    if isinstance(outcome, UnknownUnit):
        return uncut.told(outcome, loaded)
    return Decided(command=command, change=outcome) if isinstance(outcome, Change) else outcome


def _change(command: Command, loaded: Loaded, facts: Facts) -> Change | Rejection:
    # The commonest first: what is asked of a match before its case is asked for every scan.
    match command:
        case EnterStation() | CompleteOperation() | ApproveGate():
            return unit_changes.work_on_unit(command, loaded)
        case CutSheet():
            return unit_changes.cut_sheet(command, loaded)
        case DefineProductSpec():
            code = command.spec.code
            outcome = catalogue.define_spec(command, loaded.spec(code))
            return loaded.change_of(outcome, spec_key(code))
        case DefineStation():
            station = command.station.station_id
            outcome = catalogue.define_station(command, loaded.station(station))
            return loaded.change_of(outcome, station_key(station))
        case RegisterOperator():
            outcome = catalogue.register_operator(command, loaded.operator(command.badge))
            return loaded.change_of(outcome, operator_key(command.badge))
        case SetOperatorPin():
            outcome = catalogue.set_pin(command, loaded.operator(command.badge))
            return loaded.change_of(outcome, operator_key(command.badge))
        case PlaceOrder() | FulfilOrder():
            return office_changes.change_order(command, loaded, facts)
        case CancelOrder():
            return office_changes.cancel_order(command, loaded, facts)
        case CreateJob():
            return office_changes.create_job(command, loaded, facts)
        case StartJob():
            return office_changes.start_job(command, loaded)
        case HoldJob() | ResumeJob() | CancelJob() | ChangePriority() | ChangePromiseDate() | CompleteJob():
            return office_changes.change_job(command, loaded, facts)
        case VoidSheet():
            return unit_changes.void_sheet(command, loaded)
        case (
            RecordQAResult()
            | SendToRework()
            | VoidCardUnit()
            | CreateReplacement()
            | ScanCardForAssembly()
            | RemoveCardFromAssembly()
            | TakeOutVoidedCard()
        ):
            return unit_changes.change_card(command, loaded)
        case AuthorizeReplacementSet() | FlagOverdueAssembly() | BringTray() | ParkTray():
            return unit_changes.change_set(command, loaded, facts)
        case OpenPack() | SealPack() | ShipPack() | NestPack():
            return unit_changes.change_pack(command, loaded)
        case PackSet():
            return unit_changes.pack_set(command, loaded)
        case (
            StartDowntime()
            | EndDowntime()
            | CallForHelp()
            | AnswerHelp()
            | ClearStop()
            | ReportHeldScan()
            | SettleHeldScan()
        ):
            return office_changes.change_station(command, loaded)
        case CorrectEvent():
            return corrections.correct_event(command, loaded.history(command.stream))
        case other:
            assert_never(other)
