"""Cards: worked on one by one, inspected, reworked, voided, replaced."""

from core.domain.commands import (
    ApproveGate,
    CompleteOperation,
    CreateReplacement,
    EnterStation,
    RecordQAResult,
    SendToRework,
    VoidCardUnit,
)
from core.domain.events import (
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitCreated,
    CardUnitEnteredStation,
    CardUnitOperationCompleted,
    CardUnitPacked,
    CardUnitSentToRework,
    CardUnitVoided,
    Event,
    GateApproved,
    MemorabiliaPlaced,
    QAResultRecorded,
    ReplacementCardUnitCreated,
    SequentialNumberApplied,
)
from core.domain.models import Assembly, CardUnit, CheckIn, Completion, Job, changed
from core.domain.rejections import (
    AlreadyDone,
    AlreadyReplaced,
    CardFailed,
    CardGathered,
    CardVoided,
    NotAtStation,
    NothingChanged,
    ReasonMissing,
    Rejection,
    ReworkLimitReached,
    SetClosed,
    UnknownOperation,
    WrongStep,
    WrongUnitState,
)
from core.domain.state_machines import CARD_UNIT
from core.domain.streams import Claim
from core.domain.values import (
    AssemblyStatus,
    CardUnitStatus,
    OperationType,
    QAOutcome,
    RouteStep,
    StationDefinition,
    UnitKind,
    VoidReason,
)
from core.identity.ids import (
    OperationCode,
    assembly_of,
    replacement_card_unit_id,
)
from core.production import gates, marks
from core.production.headers import of_card
from core.production.jobs import running
from core.production.routes import (
    ancestors,
    descendants,
    is_finished,
    missing_before,
    ready_refs,
    step_of,
    steps_for,
)
from core.production.stations import choose_step, is_checked_in, step_names

CardWork = CardUnitEnteredStation | CardUnitOperationCompleted | SequentialNumberApplied | MemorabiliaPlaced


# -- folding -------------------------------------------------------------------


def evolve_card(state: CardUnit | None, event: Event) -> CardUnit | None:
    """Return the card after the event; the cut or a replacement creates it."""
    if isinstance(event, CardUnitCreated):
        return _born(event)
    if state is None:
        return _born(event) if isinstance(event, ReplacementCardUnitCreated) else None
    match event:
        case CardUnitEnteredStation():
            check_in = CheckIn(event.station_id, event.operation, event.occurred_at)
            return _to(state, CardUnitStatus.IN_PROGRESS, check_in=check_in)
        case CardUnitOperationCompleted():
            by_label = state.marked_at != event.occurred_at
            done, completion = state.done | {event.operation}, Completion(event.station_id, event.occurred_at, by_label)
            return _to(state, CardUnitStatus.IN_PROGRESS, done=done, check_in=None, completion=completion)
        case GateApproved():
            return _to(state, CardUnitStatus.IN_PROGRESS, done=state.done | {event.operation})
        case SequentialNumberApplied():
            return changed(state, number=event.number, marked_at=event.occurred_at)
        case MemorabiliaPlaced():
            others = {place: serial for place, serial in state.serials.items() if place != event.operation}
            return changed(state, serials={**others, event.operation: event.serial}, marked_at=event.occurred_at)
        case QAResultRecorded():
            return _inspected(state, event)
        case CardUnitSentToRework():
            done = state.done.difference(event.undone)
            return _to(state, CardUnitStatus.IN_PROGRESS, done=done, reworks=event.rework, check_in=None)
        case CardScannedForAssembly():
            return _to(state, CardUnitStatus.ASSEMBLED, check_in=None)
        case CardRemovedFromAssembly():
            return _to(state, CardUnitStatus.QA_PASSED)
        case CardUnitPacked():
            return _to(state, CardUnitStatus.PACKED, pack_id=event.pack_id)
        case CardUnitVoided():
            return _to(state, CardUnitStatus.VOIDED, void_reason=event.reason, check_in=None)
        case ReplacementCardUnitCreated():
            return changed(state, replaced_by=event.card_unit_id)
        case _:
            return state


def _born(event: CardUnitCreated | ReplacementCardUnitCreated) -> CardUnit:
    replaces = isinstance(event, ReplacementCardUnitCreated)
    return CardUnit(
        card_unit_id=event.card_unit_id,
        sheet_id=event.sheet_id,
        job_id=event.job_id,
        spec_code=event.spec_code,
        order_id=event.order_id,
        product_name=event.product_name,
        position=event.position,
        n_up=event.n_up,
        status=CardUnitStatus.CREATED,
        done=frozenset(event.done if replaces else ()),
        takes_number=event.takes_number if replaces else None,
    )


def _to(state: CardUnit, status: CardUnitStatus, **fields: object) -> CardUnit:
    return changed(state, status=CARD_UNIT.advance(state.status, status), **fields)


def _inspected(state: CardUnit, event: QAResultRecorded) -> CardUnit:
    if event.outcome is QAOutcome.FAIL:
        status, done = CardUnitStatus.QA_FAILED, state.done
    else:
        status = CardUnitStatus.QA_PASSED if event.cleared else CardUnitStatus.IN_PROGRESS
        done = state.done | {event.operation}
    return _to(state, status, done=done, attempts=event.attempt, codes=event.codes, check_in=None)


# -- deciding: work ------------------------------------------------------------


def out_of_work(card: CardUnit) -> Rejection | None:
    """Refuse work on a card that is voided, failed, gathered or packed."""
    match card.status:
        case CardUnitStatus.VOIDED:
            return voided(card)
        case CardUnitStatus.QA_FAILED:
            return CardFailed(card_unit_id=card.card_unit_id, codes=card.codes)
        case CardUnitStatus.ASSEMBLED | CardUnitStatus.PACKED:
            return CardGathered(
                card_unit_id=card.card_unit_id,
                assembly_id=assembly_of(card.sheet_id),
                status=card.status,
                pack_id=card.pack_id,
            )
        case _:
            return None


def voided(card: CardUnit) -> CardVoided:
    """Say that the card is void, and which card to use instead."""
    return CardVoided(card_unit_id=card.card_unit_id, reason=card.void_reason, replaced_by=card.replaced_by)


def workable(card: CardUnit, job: Job, station: StationDefinition) -> RouteStep | Rejection:
    """Return the step that this station may do on the card now, or why it may not."""
    refused = out_of_work(card) or running(job)
    if refused is not None:
        return refused
    return choose_step(
        unit_id=card.card_unit_id,
        unit=UnitKind.CARD,
        route=job.spec.route,
        done=card.done,
        check_in=card.check_in,
        station=station,
    )


def enter_station(command: EnterStation, card: CardUnit, job: Job) -> tuple[CardUnitEnteredStation, ...] | Rejection:
    """Check the card in for this station's operation; it leaves where it was before."""
    step = workable(card, job, command.station)
    if not isinstance(step, RouteStep):
        return step
    if is_checked_in(card.check_in, command.station, step):
        return NothingChanged(of=card.card_unit_id)
    return (_entered(command, card, step),)


def _entered(command: EnterStation | CompleteOperation, card: CardUnit, step: RouteStep) -> CardUnitEnteredStation:
    return CardUnitEnteredStation(
        **of_card(command, card),
        operation=step.operation,
        work=step.work,
    )


def complete_operation(
    command: CompleteOperation, card: CardUnit, job: Job
) -> tuple[tuple[CardWork, ...], tuple[Claim, ...]] | Rejection:
    """Say that this station's operation is done on the card, checking it in if need be.

    Numbering needs the number, memorabilia the insert's serial; both are claimed,
    so that no other card can get them. An answer to what was asked for one operation
    completes no other: the card may have moved on since it was asked.
    """
    step = workable(card, job, command.station)
    if not isinstance(step, RouteStep):
        return step
    if command.operation is not None and command.operation != step.operation:
        return _not_in_hand(command.operation, card, job, command.station)
    if step.work in {OperationType.QA, OperationType.GATE}:
        # A verdict or an approval is more than "done"; each has a command of its own.
        known = step_names(job.spec.route, UnitKind.CARD)
        return UnknownOperation(unit_id=card.card_unit_id, operation=step.operation, known=known)
    events: list[CardWork] = []
    if not is_checked_in(card.check_in, command.station, step):
        events.append(_entered(command, card, step))
    claims: tuple[Claim, ...] = ()
    marked = None
    match step.work:
        case OperationType.NUMBER:
            marked = marks.numbered(command, card, job, step)
        case OperationType.MEMORABILIA:
            marked = marks.insert_placed(command, card, step)
        case _:
            pass
    if isinstance(marked, tuple):
        made, claims = marked
        events.extend(made)
    elif marked is not None:
        return marked
    done = card.done | {step.operation}
    events.append(
        CardUnitOperationCompleted(
            **of_card(command, card),
            operation=step.operation,
            work=step.work,
            ready=ready_refs(job.spec.route, UnitKind.CARD, done),
        )
    )
    return tuple(events), claims


def _not_in_hand(operation: OperationCode, card: CardUnit, job: Job, station: StationDefinition) -> Rejection:
    route = job.spec.route
    ready = ready_refs(route, UnitKind.CARD, card.done)
    if operation in card.done:
        return AlreadyDone(unit_id=card.card_unit_id, operation=operation, ready=ready)
    step = step_of(route, operation)
    return WrongStep(
        unit_id=card.card_unit_id,
        station_id=station.station_id,
        work=station.work,
        operations=(operation,),
        ready=ready,
        missing=() if step is None else missing_before(route, step, card.done),
    )


def approve_gate(command: ApproveGate, card: CardUnit, job: Job) -> GateApproved | Rejection:
    """Let the card past a gate whose predecessors are done."""
    return out_of_work(card) or running(job) or gates.approve(command, card, job)


# -- deciding: QA --------------------------------------------------------------


def record_qa_result(command: RecordQAResult, card: CardUnit, job: Job) -> QAResultRecorded | Rejection:
    """Record the verdict on a card that is checked in at this bench; keep every attempt."""
    step = workable(card, job, command.station)
    if not isinstance(step, RouteStep):
        return step
    if step.work is not OperationType.QA or not is_checked_in(card.check_in, command.station, step):
        return NotAtStation(
            unit_id=card.card_unit_id,
            station_id=command.station.station_id,
            at_station=card.check_in.station_id if card.check_in else None,
        )
    result = command.result
    failed = result.outcome is QAOutcome.FAIL
    if failed and not result.codes and not (result.reason or "").strip():
        return ReasonMissing(unit_id=card.card_unit_id)
    done = card.done | {step.operation}
    route = job.spec.route
    return QAResultRecorded(
        **of_card(command, card),
        operation=step.operation,
        attempt=card.attempts + 1,
        outcome=result.outcome,
        reason=result.reason,
        codes=result.codes if failed else (),
        cleared=not failed and is_finished(route, done),
        ready=() if failed else ready_refs(route, UnitKind.CARD, done),
    )


def send_to_rework(command: SendToRework, card: CardUnit, job: Job) -> CardUnitSentToRework | Rejection:
    """Send a failed card back to an operation that was done, as often as the product allows."""
    if card.status is not CardUnitStatus.QA_FAILED:
        return WrongUnitState(unit_id=card.card_unit_id, status=card.status, needed=(CardUnitStatus.QA_FAILED,))
    refused = running(job)
    if refused is not None:
        return refused
    route = job.spec.route
    step = step_of(route, command.back_to)
    known = tuple(
        s.operation for s in steps_for(route, UnitKind.CARD) if s.operation in card.done or s.work is OperationType.QA
    )
    if step is None or step.operation not in known:
        return UnknownOperation(unit_id=card.card_unit_id, operation=command.back_to, known=known)
    if card.reworks >= job.spec.rework_limit:
        return ReworkLimitReached(card_unit_id=card.card_unit_id, limit=job.spec.rework_limit)
    undone = tuple(sorted(card.done & descendants(route, step.operation)))
    return CardUnitSentToRework(
        **of_card(command, card),
        back_to=step.operation,
        undone=undone,
        rework=card.reworks + 1,
        reason=command.reason,
        ready=ready_refs(route, UnitKind.CARD, card.done.difference(undone)),
    )


def void_card(command: VoidCardUnit, card: CardUnit) -> CardUnitVoided | Rejection:
    """Take a card out of production for good, from any state before PACKED."""
    if card.status is CardUnitStatus.VOIDED:
        return voided(card)
    if card.status is CardUnitStatus.PACKED:
        return CardGathered(
            card_unit_id=card.card_unit_id,
            assembly_id=assembly_of(card.sheet_id),
            status=card.status,
            pack_id=card.pack_id,
        )
    if command.reason is VoidReason.OTHER and not command.note.strip():
        return ReasonMissing(unit_id=card.card_unit_id)
    return CardUnitVoided(
        **of_card(command, card),
        assembly_id=assembly_of(card.sheet_id),
        reason=command.reason,
        note=command.note,
        was_gathered=card.status is CardUnitStatus.ASSEMBLED,
    )


def create_replacement(
    command: CreateReplacement, card: CardUnit, assembly: Assembly, job: Job
) -> ReplacementCardUnitCreated | Rejection:
    """Make a card for a voided one; it joins the route where the product says."""
    if card.status is not CardUnitStatus.VOIDED:
        return WrongUnitState(unit_id=card.card_unit_id, status=card.status, needed=(CardUnitStatus.VOIDED,))
    if card.replaced_by is not None:
        return AlreadyReplaced(card_unit_id=card.card_unit_id, replaced_by=card.replaced_by)
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    refused = running(job)
    if refused is not None:
        return refused
    route, start = job.spec.route, job.spec.replacement_starts_at
    done = ancestors(route, start) if start else frozenset[OperationCode]()
    return ReplacementCardUnitCreated(
        occurred_at=command.at,
        operator_id=command.operator_id,
        station_id=command.station_id,
        card_unit_id=replacement_card_unit_id(card.card_unit_id),
        sheet_id=card.sheet_id,
        job_id=card.job_id,
        spec_code=card.spec_code,
        position=card.position,
        assembly_id=assembly.assembly_id,
        order_id=card.order_id,
        product_name=card.product_name,
        n_up=card.n_up,
        replaces=card.card_unit_id,
        takes_number=card.number or card.takes_number,
        done=tuple(sorted(done)),
        ready=ready_refs(route, UnitKind.CARD, done),
    )
