"""The one door to the rules: what a request needs to see, and what it leads to.

The store calls ``needs`` until nothing new is asked for, looks up
``facts_needed``, and then ``decide``; a change is written whole, guarded by the
versions of the streams that it appends to.
"""

from dataclasses import dataclass
from typing import assert_never

from core.domain.commands import (
    AnswerHelp,
    ApproveGate,
    AuthorizeReplacementSet,
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
    ResumeJob,
    ScanCardForAssembly,
    SealPack,
    SendToRework,
    SetOperatorPin,
    ShipPack,
    StartDowntime,
    StartJob,
    TakeOutVoidedCard,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.events import Event, StationStopCleared
from core.domain.models import CardUnit
from core.domain.readings import Meaning, Reading
from core.domain.rejections import (
    Refusal,
    Rejection,
    UnknownUnit,
)
from core.domain.streams import Append, Change, StreamKey, Streams
from core.domain.values import StationRole
from core.identity.ids import (
    AssemblyId,
    CardUnitId,
    JobId,
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
from core.production import (
    assembly,
    card_unit_operations,
    catalogue,
    corrections,
    jobs,
    orders,
    packing,
    sheet_operations,
    stations,
)
from core.production.facts import Facts, FactsNeeded, JobProgressNeeded, OrderedJobsNeeded, WrongPinsNeeded
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
from core.production.permissions import permission, roles_for
from core.production.scan import Scan, interpret, streams_for

Request = Command | Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A command that was accepted, with the change that it makes."""

    command: Command
    change: Change


Decision = Decided | Reading | Rejection


# -- what a request looks at ---------------------------------------------------


def needs(request: Request, streams: Streams) -> frozenset[StreamKey]:
    """Return the streams that deciding looks at, as far as ``streams`` can tell.

    Ask again with what was loaded: packing a set needs the cards that its gathering
    names, moving a case the jobs of the boxes in it, cancelling an order its jobs.
    Everything else needs one round.
    """
    if isinstance(request, Scan):
        keys = streams_for(request)
        # Only where sets are packed does a scan lead to further streams: of gathered cards, of what lies in a case.
        if request.station.role is StationRole.PACKING and keys <= streams.keys():
            outcome = interpret(request, Loaded(streams), Facts().policy)
            if isinstance(outcome, PackSet | NestPack):
                return keys | needs(outcome, streams)
        return keys
    keys = _streams_of(request)
    roles = roles_for(request, Facts())
    if roles and request.operator_id is not None:
        keys = keys | {operator_key(request.operator_id)}
    if isinstance(request, PackSet):
        gathered = Loaded(streams).assembly(request.assembly_id)
        if gathered is not None:
            keys = keys | {card_key(card) for card in gathered.gathered.values()}
    if isinstance(request, SealPack | NestPack | ShipPack):
        for pack in packing.inside_of(request.pack_id, Loaded(streams).pack):
            job = job_of_pack(pack)
            keys = keys | {pack_key(pack) if job is None else job_key(job)}
    if isinstance(request, CancelOrder):
        order = Loaded(streams).order(request.order_id)
        if order is not None:
            keys = keys | {job_key(job) for job in order.jobs}
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
        case FlagOverdueAssembly() | ParkTray():
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
        case StartDowntime() | EndDowntime() | CallForHelp() | AnswerHelp() | ClearStop():
            return {station_key(command.at_station)}
        case CorrectEvent():
            return {command.stream}
        case other:
            assert_never(other)


def facts_needed(request: Request) -> FactsNeeded | None:
    """Return what the decision looks at that no single stream holds, if anything."""
    match request:
        case CompleteJob():
            return JobProgressNeeded(job_id=request.job_id)
        case FulfilOrder() | CreateJob():
            return OrderedJobsNeeded(order_id=request.order_id)
        case AuthorizeReplacementSet():
            return WrongPinsNeeded(operator_id=request.manager)
        case _:
            return None


# -- deciding ------------------------------------------------------------------


def decide(request: Request, streams: Streams, facts: Facts) -> Decision:
    """Return what the request leads to: a change, a reading or a refusal.

    ``streams`` holds every stream that ``needs`` named; ``facts`` what
    ``facts_needed`` named. Nothing is changed by asking.
    """
    loaded = Loaded(streams)
    if isinstance(request, Scan):
        meant = interpret(request, loaded, facts.policy)
        if isinstance(meant, Meaning | Refusal):
            return meant
        command = meant
    else:
        command = request
    refused = permission(command, loaded, facts)
    if refused is not None:
        return refused
    outcome = _change(command, loaded, facts)
    return Decided(command=command, change=outcome) if isinstance(outcome, Change) else outcome


def _change(command: Command, loaded: Loaded, facts: Facts) -> Change | Rejection:
    match command:
        case DefineProductSpec():
            code = command.spec.code
            outcome = catalogue.define_spec(command, loaded.spec(code))
            return _one(loaded, spec_key(code), outcome)
        case DefineStation():
            station = command.station.station_id
            outcome = catalogue.define_station(command, loaded.station(station))
            return _one(loaded, station_key(station), outcome)
        case RegisterOperator():
            outcome = catalogue.register_operator(command, loaded.operator(command.badge))
            return _one(loaded, operator_key(command.badge), outcome)
        case SetOperatorPin():
            outcome = catalogue.set_pin(command, loaded.operator(command.badge))
            return _one(loaded, operator_key(command.badge), outcome)
        case PlaceOrder() | FulfilOrder():
            return _one(loaded, order_key(command.order_id), _order(command, loaded, facts))
        case CancelOrder():
            return _cancel_order(command, loaded)
        case CreateJob():
            return _create_job(command, loaded, facts)
        case StartJob():
            return _start_job(command, loaded)
        case HoldJob() | ResumeJob() | CancelJob() | ChangePriority() | ChangePromiseDate() | CompleteJob():
            return _one(loaded, job_key(command.job_id), _job(command, loaded, facts))
        case EnterStation() | CompleteOperation() | ApproveGate():
            return _unit_work(command, loaded)
        case CutSheet():
            return _cut(command, loaded)
        case VoidSheet():
            sheet = loaded.sheet(command.sheet_id)
            if sheet is None:
                return UnknownUnit(unit_id=command.sheet_id)
            outcome = sheet_operations.void_sheet(command, sheet)
            return _one(loaded, sheet_key(command.sheet_id), outcome)
        case (
            RecordQAResult()
            | SendToRework()
            | VoidCardUnit()
            | CreateReplacement()
            | ScanCardForAssembly()
            | RemoveCardFromAssembly()
            | TakeOutVoidedCard()
        ):
            return _card(command, loaded)
        case AuthorizeReplacementSet() | FlagOverdueAssembly() | ParkTray():
            return _set(command, loaded, facts)
        case OpenPack() | SealPack() | ShipPack() | NestPack():
            return _pack(command, loaded)
        case PackSet():
            return _pack_set(command, loaded)
        case StartDowntime() | EndDowntime() | CallForHelp() | AnswerHelp() | ClearStop():
            return _station(command, loaded)
        case CorrectEvent():
            return corrections.correct_event(command, loaded.history(command.stream))
        case other:
            assert_never(other)


def _one(loaded: Loaded, key: StreamKey, outcome: Event | Rejection) -> Change | Rejection:
    """Turn one event into the change that appends it to one stream."""
    if isinstance(outcome, Refusal):
        return outcome
    return Change((loaded.append(key, outcome),))


def _order(command: PlaceOrder | FulfilOrder, loaded: Loaded, facts: Facts) -> Event | Rejection:
    order = loaded.order(command.order_id)
    match command:
        case PlaceOrder():
            codes = {line.spec_code for line in command.lines}
            return orders.place_order(command, order, {code: loaded.spec(code) for code in codes})
        case FulfilOrder():
            return orders.fulfil_order(command, order, facts.ordered_jobs)
        case other:
            assert_never(other)


def _cancel_order(command: CancelOrder, loaded: Loaded) -> Change | Rejection:
    order = loaded.order(command.order_id)
    known = () if order is None else order.jobs
    outcome = orders.cancel_order(command, order, [job for name in known if (job := loaded.job(name)) is not None])
    if isinstance(outcome, Refusal):
        return outcome
    cancelled, stopped = outcome
    return Change(
        (
            loaded.append(order_key(command.order_id), cancelled),
            *(loaded.append(job_key(job.job_id), job) for job in stopped),
        )
    )


def _create_job(command: CreateJob, loaded: Loaded, facts: Facts) -> Change | Rejection:
    code = parse_spec_code(command.spec_code) or SpecCode(command.spec_code)
    order = loaded.order(command.order_id)
    created = jobs.create_job(command, loaded.job(command.job_id), order, loaded.spec(code), facts.ordered_jobs)
    if isinstance(created, Refusal):
        return created
    # In the order's stream as well: of two jobs made of one line at once, the second is decided by the first.
    return Change(
        (
            loaded.append(job_key(command.job_id), created),
            loaded.append(order_key(command.order_id), created),
        )
    )


_JobCommand = HoldJob | ResumeJob | CancelJob | ChangePriority | ChangePromiseDate | CompleteJob


def _job(command: _JobCommand, loaded: Loaded, facts: Facts) -> Event | Rejection:
    job = loaded.job(command.job_id)
    match command:
        case HoldJob():
            return jobs.hold_job(command, job)
        case ResumeJob():
            return jobs.resume_job(command, job)
        case CancelJob():
            return jobs.cancel_job(command, job)
        case ChangePriority():
            return jobs.change_priority(command, job)
        case ChangePromiseDate():
            return jobs.change_promise(command, job)
        case CompleteJob():
            return jobs.complete_job(command, job, facts.job_progress)
        case other:
            assert_never(other)


def _start_job(command: StartJob, loaded: Loaded) -> Change | Rejection:
    outcome = jobs.start_job(command, loaded.job(command.job_id))
    if not isinstance(outcome, tuple):
        return outcome
    started, sheets = outcome
    # The sheets' streams are new: their version guard is that nothing is there yet.
    born = tuple(Append(sheet_key(sheet.sheet_id), 0, (sheet,)) for sheet in sheets)
    return Change((loaded.append(job_key(command.job_id), started), *born))


def _unit_work(command: EnterStation | CompleteOperation | ApproveGate, loaded: Loaded) -> Change | Rejection:
    card_id = parse_card_unit_id(command.unit_id)
    if card_id is None:
        return _sheet_work(command, SheetId(command.unit_id), loaded)
    card, job = loaded.card(card_id), loaded.job(job_of(card_id))
    if card is None or job is None:
        return UnknownUnit(unit_id=command.unit_id)
    key = card_key(card_id)
    match command:
        case EnterStation():
            entered = card_unit_operations.enter_station(command, card, job)
            if isinstance(entered, tuple):
                return Change((loaded.append(key, *entered),))
            return entered
        case CompleteOperation():
            completed = card_unit_operations.complete_operation(command, card, job)
            if isinstance(completed, tuple):
                events, claims = completed
                return Change((loaded.append(key, *events),), claims)
            return completed
        case ApproveGate():
            return _one(loaded, key, card_unit_operations.approve_gate(command, card, job))
        case other:
            assert_never(other)


def _sheet_work(
    command: EnterStation | CompleteOperation | ApproveGate, sheet_id: SheetId, loaded: Loaded
) -> Change | Rejection:
    sheet, job = loaded.sheet(sheet_id), loaded.job(job_of_sheet(sheet_id))
    if sheet is None or job is None:
        return UnknownUnit(unit_id=sheet_id)
    key = sheet_key(sheet_id)
    match command:
        case EnterStation():
            outcome = sheet_operations.enter_station(command, sheet, job)
        case CompleteOperation():
            outcome = sheet_operations.complete_operation(command, sheet, job)
        case ApproveGate():
            return _one(loaded, key, sheet_operations.approve_gate(command, sheet, job))
        case other:
            assert_never(other)
    if isinstance(outcome, tuple):
        return Change((loaded.append(key, *outcome),))
    return outcome


def _cut(command: CutSheet, loaded: Loaded) -> Change | Rejection:
    sheet, job = loaded.sheet(command.sheet_id), loaded.job(job_of_sheet(command.sheet_id))
    if sheet is None or job is None:
        return UnknownUnit(unit_id=command.sheet_id)
    outcome = sheet_operations.cut_sheet(command, sheet, job)
    if not isinstance(outcome, tuple):
        return outcome
    cut, cards, opened = outcome
    return Change(
        (
            loaded.append(sheet_key(command.sheet_id), cut),
            *(Append(card_key(card.card_unit_id), 0, (card,)) for card in cards),
            Append(assembly_key(cut.assembly_id), 0, (opened,)),
        )
    )


_CardCommand = (
    RecordQAResult
    | SendToRework
    | VoidCardUnit
    | CreateReplacement
    | ScanCardForAssembly
    | RemoveCardFromAssembly
    | TakeOutVoidedCard
)


def _card(command: _CardCommand, loaded: Loaded) -> Change | Rejection:
    card_id = command.card_unit_id
    card, job = loaded.card(card_id), loaded.job(job_of(card_id))
    if card is None or job is None:
        return UnknownUnit(unit_id=card_id)
    key = card_key(card_id)
    match command:
        case RecordQAResult():
            return _one(loaded, key, card_unit_operations.record_qa_result(command, card, job))
        case SendToRework():
            return _one(loaded, key, card_unit_operations.send_to_rework(command, card, job))
        case ScanCardForAssembly():
            return _gather(command, loaded)
        case VoidCardUnit():
            outcome = card_unit_operations.void_card(command, card)
            return _in_both(loaded, card_id, assembly_of_card(card_id), outcome)
        case RemoveCardFromAssembly():
            own = assembly_of_card(card_id)
            gathered = loaded.assembly(own)
            if gathered is None:
                return UnknownUnit(unit_id=own)
            outcome = assembly.remove_card(command, card, gathered)
            return _in_both(loaded, card_id, own, outcome)
        case TakeOutVoidedCard():
            own = assembly_of_card(card_id)
            gathered = loaded.assembly(own)
            if gathered is None:
                return UnknownUnit(unit_id=own)
            # The card's own life ended with its void; where it lay concerns the set only.
            return _one(loaded, assembly_key(own), assembly.take_out_voided(command, card, gathered))
        case CreateReplacement():
            own = assembly_of_card(card_id)
            gathered = loaded.assembly(own)
            if gathered is None:
                return UnknownUnit(unit_id=own)
            outcome = card_unit_operations.create_replacement(command, card, gathered, job)
            if isinstance(outcome, Refusal):
                return outcome
            return Change(
                (
                    Append(card_key(outcome.card_unit_id), 0, (outcome,)),
                    loaded.append(key, outcome),
                    loaded.append(assembly_key(own), outcome),
                )
            )
        case other:
            assert_never(other)


def _in_both(loaded: Loaded, card: CardUnitId, own: AssemblyId, outcome: Event | Rejection) -> Change | Rejection:
    """Record a fact in the card's stream and its set's, guarded by both versions."""
    if isinstance(outcome, Refusal):
        return outcome
    return Change((loaded.append(card_key(card), outcome), loaded.append(assembly_key(own), outcome)))


def _gather(command: ScanCardForAssembly, loaded: Loaded) -> Change | Rejection:
    card_id = command.card_unit_id
    card, job = loaded.card(card_id), loaded.job(job_of(card_id))
    tray = loaded.assembly(command.assembly_id)
    if card is None or job is None:
        return UnknownUnit(unit_id=card_id)
    if tray is None:
        return UnknownUnit(unit_id=command.assembly_id)
    outcome = assembly.gather(command, card, tray, job)
    if not isinstance(outcome, tuple):
        return outcome
    scanned, completed = outcome
    in_set = (scanned,) if completed is None else (scanned, completed)
    return Change(
        (
            loaded.append(card_key(card_id), scanned),
            loaded.append(assembly_key(command.assembly_id), *in_set),
        )
    )


def _set(
    command: AuthorizeReplacementSet | FlagOverdueAssembly | ParkTray, loaded: Loaded, facts: Facts
) -> Change | Rejection:
    gathered = loaded.assembly(command.assembly_id)
    if gathered is None:
        return UnknownUnit(unit_id=command.assembly_id)
    match command:
        case AuthorizeReplacementSet():
            outcome = assembly.authorize(command, gathered, loaded.operator(command.manager), facts)
        case FlagOverdueAssembly():
            outcome = assembly.flag_overdue(command, gathered)
        case ParkTray():
            outcome = assembly.park_tray(command, gathered)
        case other:
            assert_never(other)
    return _one(loaded, assembly_key(command.assembly_id), outcome)


def _pack(command: OpenPack | SealPack | ShipPack | NestPack, loaded: Loaded) -> Change | Rejection:
    pack = loaded.pack(command.pack_id)
    key = pack_key(command.pack_id)
    inside = packing.inside_of(command.pack_id, loaded.pack)
    names = sorted({job for box in (command.pack_id, *inside) if (job := job_of_pack(box)) is not None})
    of_jobs = [job for name in names if (job := loaded.job(name)) is not None]
    match command:
        case OpenPack():
            return _one(loaded, key, packing.open_pack(command, pack, of_jobs[0] if of_jobs else None))
        case SealPack():
            return _one(loaded, key, packing.seal_pack(command, pack, inside, of_jobs))
        case ShipPack():
            return _one(loaded, key, packing.ship_pack(command, pack, inside, of_jobs))
        case NestPack():
            outcome = packing.nest_pack(command, pack, loaded.pack(command.into), inside, of_jobs)
            if isinstance(outcome, Refusal):
                return outcome
            return Change((loaded.append(key, outcome), loaded.append(pack_key(command.into), outcome)))
        case other:
            assert_never(other)


def _pack_set(command: PackSet, loaded: Loaded) -> Change | Rejection:
    gathered = loaded.assembly(command.assembly_id)
    job = loaded.job(JobId(job_of_assembly(command.assembly_id)))
    if gathered is None or job is None:
        return UnknownUnit(unit_id=command.assembly_id)
    cards: list[CardUnit] = []
    for card_id in assembly.held_in(gathered):
        card = loaded.card(card_id)
        if card is None:
            return UnknownUnit(unit_id=card_id)
        cards.append(card)
    outcome = packing.pack_set(command, gathered, loaded.pack(command.pack_id), job, cards)
    if not isinstance(outcome, tuple):
        return outcome
    packed, packed_cards = outcome
    return Change(
        (
            loaded.append(assembly_key(command.assembly_id), packed),
            loaded.append(pack_key(command.pack_id), packed),
            *(loaded.append(card_key(fact.card_unit_id), fact) for fact in packed_cards),
        )
    )


_StationCommand = StartDowntime | EndDowntime | CallForHelp | AnswerHelp | ClearStop


def _station(command: _StationCommand, loaded: Loaded) -> Change | Rejection:
    station = loaded.station(command.at_station)
    match command:
        case StartDowntime():
            outcome = stations.start_downtime(command, station)
        case EndDowntime():
            outcome = stations.end_downtime(command, station)
        case CallForHelp():
            outcome = stations.call_for_help(command, station)
        case AnswerHelp():
            outcome = stations.answer_help(command, station)
        case ClearStop():
            events = loaded.history(station_key(command.at_station)).events
            cleared = {event.stop for event in events if isinstance(event, StationStopCleared)}
            outcome = stations.clear_stop(command, station, cleared)
        case other:
            assert_never(other)
    return _one(loaded, station_key(command.at_station), outcome)
