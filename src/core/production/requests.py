"""What a request looks at: the streams and the counts that its decision needs, told before it is decided."""

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
from core.domain.histories import Streams
from core.domain.streams import StreamKey
from core.domain.values import StationRole
from core.identity.ids import (
    CardUnitId,
    PackId,
    SheetId,
    SpecCode,
    assembly_of_card,
    job_of,
    job_of_assembly,
    job_of_pack,
    job_of_sheet,
    parse_card_unit_id,
    parse_spec_code,
)
from core.production import packing, stations
from core.production.damaged import DamagedScan
from core.production.facts import Facts, FactsNeeded, JobProgressNeeded, OrderedJobsNeeded, WrongPinsNeeded
from core.production.interpreting import interpret, streams_for
from core.production.loaded import (
    Loaded,
    assembly_key,
    card_key,
    job_key,
    operator_key,
    order_key,
    pack_key,
    sheet_key,
    spec_key,
    station_key,
)
from core.production.permissions import roles_for
from core.production.scan import Scan
from core.production.stand_ins import with_stand_ins
from core.production.uncut import with_sheets

Request = Command | Scan | DamagedScan
"""What can be asked of the rules: a command, a scan that may mean one, or one that was not read whole."""


def needs(request: Request, streams: Streams, facts: Facts | None = None) -> frozenset[StreamKey]:
    """Return the streams that deciding looks at, as far as ``streams`` and ``facts`` can tell.

    Ask again with what was loaded: packing a set needs the cards that its gathering
    names, moving a case the jobs of the boxes in it, cancelling an order its jobs, also
    those that only the facts name, settling a held scan the set that was told of it, a
    void card the card that was made for it, and a card or set that was never made its sheet.
    Everything else needs one round.
    """
    if isinstance(request, Scan):
        keys = streams_for(request)
        # Only where sets are packed does a scan lead to further streams: of gathered cards, of what lies in a case.
        if request.station.role is StationRole.PACKING and keys <= streams.keys():
            outcome = interpret(request, Loaded(streams), Facts().policy)
            if isinstance(outcome, PackSet | NestPack):
                return keys | needs(outcome, streams)
        return with_sheets(with_stand_ins(keys, streams), streams)
    if isinstance(request, DamagedScan):
        return frozenset()
    keys = with_sheets(with_stand_ins(_streams_of(request), streams), streams)
    roles = roles_for(request, Facts())
    if roles and request.operator_id is not None:
        keys = keys | {operator_key(request.operator_id)}
    if isinstance(request, PackSet):
        gathered = Loaded(streams).assembly(request.assembly_id)
        if gathered is not None:
            keys = keys | {card_key(card) for card in gathered.gathered.values()}
    if isinstance(request, SettleHeldScan):
        events = Loaded(streams).history(station_key(request.at_station)).events
        card = stations.laid_in_by(request.held, events)
        if card is not None:
            keys = keys | {assembly_key(assembly_of_card(card))}
    if isinstance(request, SealPack | NestPack | ShipPack):
        for pack in packing.inside_of(request.pack_id, Loaded(streams).pack):
            job = job_of_pack(pack)
            keys = keys | {pack_key(pack) if job is None else job_key(job)}
    if isinstance(request, CancelOrder):
        order = Loaded(streams).order(request.order_id)
        if order is not None:
            keys = keys | {job_key(job) for job in order.jobs}
        if facts is not None:
            keys = keys | {job_key(job.job_id) for job in facts.ordered_jobs}
    return frozenset(keys)


def _unit_streams(unit: SheetId | CardUnitId) -> set[StreamKey]:
    card = parse_card_unit_id(unit)
    if card is not None:
        return {card_key(card), job_key(job_of(card))}
    sheet = SheetId(unit)
    return {sheet_key(sheet), job_key(job_of_sheet(sheet))}


def _pack_streams(pack: PackId) -> set[StreamKey]:
    job = job_of_pack(pack)
    return {pack_key(pack)} if job is None else {pack_key(pack), job_key(job)}


def _streams_of(command: Command) -> set[StreamKey]:
    match command:
        case DefineProductSpec():
            return {spec_key(command.spec.code)}
        case DefineStation():
            return {station_key(command.station.station_id)}
        case RegisterOperator() | SetOperatorPin():
            return {operator_key(command.badge)}
        case PlaceOrder():
            lines = {spec_key(line.spec_code) for line in command.lines}
            return {order_key(command.order_id)} | lines
        case CancelOrder() | FulfilOrder():
            return {order_key(command.order_id)}
        case CreateJob():
            code = parse_spec_code(command.spec_code) or SpecCode(command.spec_code)
            return {job_key(command.job_id), order_key(command.order_id), spec_key(code)}
        case (
            StartJob() | HoldJob() | ResumeJob() | CancelJob() | ChangePriority() | ChangePromiseDate() | CompleteJob()
        ):
            return {job_key(command.job_id)}
        case EnterStation() | CompleteOperation() | ApproveGate():
            return _unit_streams(command.unit_id)
        case CutSheet() | VoidSheet():
            return _unit_streams(command.sheet_id)
        case RecordQAResult() | SendToRework():
            return _unit_streams(command.card_unit_id)
        case VoidCardUnit() | CreateReplacement() | RemoveCardFromAssembly() | TakeOutVoidedCard():
            own = assembly_of_card(command.card_unit_id)
            return _unit_streams(command.card_unit_id) | {assembly_key(own)}
        case ScanCardForAssembly():
            return _unit_streams(command.card_unit_id) | {assembly_key(command.assembly_id)}
        case AuthorizeReplacementSet():
            return {assembly_key(command.assembly_id), operator_key(command.manager)}
        case FlagOverdueAssembly() | BringTray() | ParkTray():
            return {assembly_key(command.assembly_id)}
        case OpenPack() | SealPack() | ShipPack():
            return _pack_streams(command.pack_id)
        case PackSet():
            return {
                assembly_key(command.assembly_id),
                pack_key(command.pack_id),
                job_key(job_of_assembly(command.assembly_id)),
            }
        case NestPack():
            return _pack_streams(command.pack_id) | {pack_key(command.into)}
        case StartDowntime() | EndDowntime() | CallForHelp() | AnswerHelp() | ClearStop() | SettleHeldScan():
            return {station_key(command.at_station)}
        case ReportHeldScan(in_tray=card):
            told = set[StreamKey]() if card is None else {assembly_key(assembly_of_card(card))}
            return {station_key(command.at_station)} | told
        case CorrectEvent():
            return {command.stream}
        case other:
            assert_never(other)


def facts_needed(request: Request) -> FactsNeeded | None:
    """Return what the decision looks at that no single stream holds, if anything."""
    match request:
        case CompleteJob():
            return JobProgressNeeded(job_id=request.job_id)
        case FulfilOrder() | CreateJob() | CancelOrder():
            return OrderedJobsNeeded(order_id=request.order_id)
        case AuthorizeReplacementSet():
            return WrongPinsNeeded(operator_id=request.manager)
        case _:
            return None
