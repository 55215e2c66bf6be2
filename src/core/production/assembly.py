"""Assembly: the process manager that brings exactly the cards of one sheet together.

Source: domain.md, invariants 2 to 4. A set never holds a card of another sheet, a
duplicate, a voided card, one that has not passed QA, or two cards of a position;
it is COMPLETE if and only if every position is held by the original or its latest
replacement.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from core.domain.commands import (
    AuthorizeReplacementSet,
    BringTray,
    FlagOverdueAssembly,
    ParkTray,
    RemoveCardFromAssembly,
    ScanCardForAssembly,
    TakeOutVoidedCard,
)
from core.domain.events import (
    AssemblyCompleted,
    AssemblyOpened,
    AssemblyOverdueFlagged,
    CardRemovedFromAssembly,
    CardScannedForAssembly,
    CardUnitVoided,
    Event,
    HeldScanRefused,
    HeldScanSettled,
    ReplacementCardUnitCreated,
    ReplacementSetAuthorized,
    SetPacked,
    TrayBrought,
    TrayParked,
    VoidedCardTakenOut,
)
from core.domain.models import Assembly, CardUnit, Job, LiesRefused, Operator, changed
from core.domain.rejections import (
    AuthorizerGathered,
    DuplicateCard,
    NotExpectedInSet,
    NotGathered,
    NothingChanged,
    NothingToAuthorize,
    NotOverdue,
    NotPassedQA,
    NotPermitted,
    PinLocked,
    PinNotSet,
    PinWrong,
    PositionTaken,
    RefusedCardInTray,
    RefusedCardsInSet,
    Rejection,
    SetClosed,
    TrayElsewhere,
    UnknownOperator,
    VoidCardInTray,
    WrongSet,
)
from core.domain.state_machines import ASSEMBLY
from core.domain.values import AssemblyStatus, CardUnitStatus, OperatorRole, UnitKind, VoidReason
from core.identity.ids import CardUnitId, CommandId, StationId, assembly_of, position_of, replacement_number
from core.production import pins
from core.production.badges import lacking
from core.production.card_unit_operations import voided
from core.production.facts import Facts
from core.production.headers import of_set
from core.production.jobs import running
from core.production.routes import is_finished, ready_refs

P = TypeVar("P")

Gathering = tuple[CardScannedForAssembly, AssemblyCompleted | None]

# -- folding -------------------------------------------------------------------


def evolve_assembly(state: Assembly | None, event: Event) -> Assembly | None:
    """Return the gathering after the event; the cut opens it."""
    if isinstance(event, AssemblyOpened):
        return Assembly(
            assembly_id=event.assembly_id,
            sheet_id=event.sheet_id,
            job_id=event.job_id,
            spec_code=event.spec_code,
            status=AssemblyStatus.PENDING,
            expected=dict(enumerate(event.expected, 1)),
            gathered={},
            gaps=frozenset(),
            gatherers={},
            opened_at=event.occurred_at,
        )
    if state is None:
        return None
    match event:
        case CardScannedForAssembly():
            return changed(
                _seen(state, event),
                status=ASSEMBLY.advance(state.status, AssemblyStatus.IN_PROGRESS),
                gathered={**state.gathered, event.position: event.card_unit_id},
                gatherers={**state.gatherers, event.position: event.operator_id},
                label_read=state.label_read and state.tray_at == event.station_id,
                void_in_tray=_others(state.void_in_tray, event.position),
                refused_in_tray=_but(state.refused_in_tray, event.card_unit_id),
            )
        case CardRemovedFromAssembly():
            return _without(state, event.position)
        case AssemblyCompleted():
            return changed(state, status=ASSEMBLY.advance(state.status, AssemblyStatus.COMPLETE))
        case CardUnitVoided():
            if not event.was_gathered:
                return changed(state, gaps=state.gaps | {event.position})
            # Nobody has taken the paper out yet.
            return changed(
                _without(state, event.position),
                gaps=state.gaps | {event.position},
                void_in_tray={**state.void_in_tray, event.position: event.card_unit_id},
                lost=state.lost | {event.card_unit_id} if event.reason is VoidReason.LOST else state.lost,
            )
        case VoidedCardTakenOut():
            return changed(
                state,
                void_in_tray=_others(state.void_in_tray, event.position),
                # There is one paper of a card: a lost one that was found, laid in and refused came out as well.
                refused_in_tray=_but(state.refused_in_tray, event.card_unit_id),
            )
        case HeldScanRefused() if event.in_tray is not None:
            lies = LiesRefused(event.in_tray, event.at_station)
            return changed(state, refused_in_tray={**state.refused_in_tray, event.held: lies})
        case HeldScanSettled():
            left = {held: lies for held, lies in state.refused_in_tray.items() if held != event.held}
            return changed(state, refused_in_tray=left)
        case TrayBrought():
            return changed(_seen(state, event), label_read=True)
        case TrayParked():
            return changed(state, open_at=None, label_read=False)
        case ReplacementCardUnitCreated():
            return changed(
                state,
                expected={**state.expected, event.position: event.card_unit_id},
                gaps=state.gaps - {event.position},
            )
        case ReplacementSetAuthorized():
            return changed(state, authorized_by=event.manager)
        case AssemblyOverdueFlagged():
            return changed(state, overdue_flagged=True)
        case SetPacked():
            return changed(
                state,
                status=ASSEMBLY.advance(state.status, AssemblyStatus.PACKED),
                pack_id=event.pack_id,
            )
        case _:
            return state


def _seen(state: Assembly, event: CardScannedForAssembly | TrayBrought) -> Assembly:
    """Let the tray stand, open, where it was seen; what was kept there may tell of it late."""
    here, was_at, since = event.station_id, state.tray_at, state.tray_since
    if was_at == here and since is not None:
        return changed(state, tray_since=max(since, event.occurred_at), open_at=here)
    seen = changed(state, tray_at=here, tray_since=event.occurred_at, open_at=here)
    return seen if was_at is None else changed(seen, tray_came=event.occurred_at, tray_was_at=was_at)


def _without(state: Assembly, position: int) -> Assembly:
    """Take a card out: a complete set is open again, and nobody has authorized what it is now."""
    return changed(
        state,
        status=(
            ASSEMBLY.advance(state.status, AssemblyStatus.IN_PROGRESS)
            if state.status is AssemblyStatus.COMPLETE
            else state.status
        ),
        gathered=_others(state.gathered, position),
        gatherers=_others(state.gatherers, position),
        authorized_by=None,
    )


def _others(places: Mapping[int, P], position: int) -> Mapping[int, P]:
    """Return what is at every place but one."""
    return {place: there for place, there in places.items() if place != position}


def _but(refused: Mapping[CommandId, LiesRefused], card: CardUnitId) -> Mapping[CommandId, LiesRefused]:
    """Return what lies refused in a tray but one card: it is known where that is."""
    return {held: lies for held, lies in refused.items() if lies.card_unit_id != card} if refused else refused


def held_in(assembly: Assembly) -> tuple[CardUnitId, ...]:
    """Return the cards that lie in the tray, by position."""
    return tuple(assembly.gathered[place] for place in sorted(assembly.gathered))


def replacements_in(assembly: Assembly) -> tuple[CardUnitId, ...]:
    """Return the replacements that lie in the tray, by position."""
    return tuple(card for card in held_in(assembly) if replacement_number(card) > 0)


def needs_authorization(assembly: Assembly) -> bool:
    """Say whether the set is complete, holds a replacement, and nobody has authorized it."""
    return (
        assembly.status is AssemblyStatus.COMPLETE
        and assembly.authorized_by is None
        and bool(replacements_in(assembly))
    )


def may_lie_refused(assembly: Assembly, card: CardUnitId) -> bool:
    """Say whether a card that was laid into the tray and refused lies there without the set's knowing of it."""
    position = position_of(card)
    # Of a lost card nobody waits to see it taken out, so one that was found again is not known to lie there.
    is_awaited_out = assembly.void_in_tray.get(position) == card and card not in assembly.lost
    is_known = assembly.gathered.get(position) == card or is_awaited_out
    return assembly.status is not AssemblyStatus.PACKED and not is_known


def unsettled(assembly: Assembly) -> RefusedCardsInSet | None:
    """Refuse to let a set go on in whose tray a refused card may lie."""
    lying = assembly.refused_in_tray.values()
    if not lying:
        return None
    return RefusedCardsInSet(
        assembly_id=assembly.assembly_id,
        refused=tuple(sorted({each.card_unit_id for each in lying})),
        at_stations=tuple(sorted({each.at_station for each in lying})),
    )


# -- deciding ------------------------------------------------------------------


def gather(command: ScanCardForAssembly, card: CardUnit, assembly: Assembly, job: Job) -> Gathering | Rejection:
    """Put a card into its set's tray; the last one completes the set.

    ``assembly`` is the set whose tray is open; the card may belong to another.
    """
    refused = _not_for_this_tray(command, card, assembly, job)
    if refused is not None:
        return refused
    scanned = CardScannedForAssembly(
        **of_set(command, assembly),
        card_unit_id=card.card_unit_id,
        position=card.position,
        gathered=len(assembly.gathered) + 1,
        expected=len(assembly.expected),
    )
    filled = evolve_assembly(assembly, scanned)
    if filled is None or not filled.is_whole:
        return scanned, None
    completed = AssemblyCompleted(
        **of_set(command, assembly),
        card_unit_ids=held_in(filled),
        replacements=replacements_in(filled),
    )
    return scanned, completed


def _not_for_this_tray(command: ScanCardForAssembly, card: CardUnit, assembly: Assembly, job: Job) -> Rejection | None:
    if command.operator_id is None:
        # Who authorizes the set must be another than who gathered it, so somebody must have.
        return NotPermitted(operator_id=None, needed=(OperatorRole.OPERATOR,))
    belongs_to = assembly_of(card.sheet_id)
    if card.status is CardUnitStatus.VOIDED:
        return voided(card)
    if belongs_to != assembly.assembly_id:
        return WrongSet(
            card_unit_id=card.card_unit_id,
            belongs_to=belongs_to,
            open_assembly=assembly.assembly_id,
            missing=assembly.missing_positions,
        )
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    # First of all where the tray is: "already in it" would be said of a tray that is not here.
    stands_at = assembly.stands_at
    if stands_at is not None and stands_at != command.station_id and not _was_brought_unseen(command, assembly):
        return TrayElsewhere(
            card_unit_id=card.card_unit_id,
            assembly_id=assembly.assembly_id,
            at_station=stands_at,
            is_in_it=assembly.gathered.get(card.position) == card.card_unit_id,
        )
    held = assembly.gathered.get(card.position)
    if held == card.card_unit_id:
        return DuplicateCard(
            card_unit_id=card.card_unit_id,
            assembly_id=assembly.assembly_id,
            missing=assembly.missing_positions,
        )
    not_running = running(job)
    if not_running is not None:
        return not_running
    if card.status is not CardUnitStatus.QA_PASSED or not is_finished(job.spec.route, card.done):
        return NotPassedQA(
            card_unit_id=card.card_unit_id,
            status=card.status,
            ready=ready_refs(job.spec.route, UnitKind.CARD, card.done),
            codes=card.codes,
            replaced_by=card.replaced_by,
        )
    expected = assembly.expected[card.position]
    if expected != card.card_unit_id:
        return NotExpectedInSet(card_unit_id=card.card_unit_id, assembly_id=assembly.assembly_id, expected=expected)
    if held is not None:
        return PositionTaken(card_unit_id=card.card_unit_id, held_by=held)
    void = assembly.void_in_tray.get(card.position)
    if void is not None and void not in assembly.lost:
        return VoidCardInTray(card_unit_id=card.card_unit_id, assembly_id=assembly.assembly_id, void=void)
    for lies in assembly.refused_in_tray.values():
        if lies.card_unit_id != card.card_unit_id and position_of(lies.card_unit_id) == card.position:
            return RefusedCardInTray(
                card_unit_id=card.card_unit_id,
                assembly_id=assembly.assembly_id,
                refused=lies.card_unit_id,
                at_station=lies.at_station,
            )
    return None


def _was_brought_unseen(command: ScanCardForAssembly, assembly: Assembly) -> bool:
    """Say whether an earlier program read the tray's label here, and the log has not seen it elsewhere since."""
    return command.tray_brought and (assembly.tray_since is None or assembly.tray_since < command.at)


def remove_card(
    command: RemoveCardFromAssembly, card: CardUnit, assembly: Assembly
) -> CardRemovedFromAssembly | Rejection:
    """Take a gathered card out of a set that is not packed, where its tray stands.

    One that was taken out before the tray was carried on is out of it, however late that is told.
    Away from every station, as the office does it, somebody has gone to the tray.
    """
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    if assembly.gathered.get(card.position) != card.card_unit_id:
        return NotGathered(card_unit_id=card.card_unit_id, assembly_id=assembly.assembly_id)
    stands_at = assembly.tray_at
    had_left = assembly.tray_came is None or assembly.tray_came <= command.at
    if stands_at is not None and command.station_id not in {None, stands_at} and had_left:
        return TrayElsewhere(card_unit_id=card.card_unit_id, assembly_id=assembly.assembly_id, at_station=stands_at)
    return CardRemovedFromAssembly(
        **of_set(command, assembly),
        card_unit_id=card.card_unit_id,
        position=card.position,
        reason=command.reason,
    )


def take_out_voided(command: TakeOutVoidedCard, card: CardUnit, assembly: Assembly) -> VoidedCardTakenOut | NotGathered:
    """Take a card out of the tray that was voided while it lay there."""
    if assembly.void_in_tray.get(card.position) != card.card_unit_id:
        return NotGathered(card_unit_id=card.card_unit_id, assembly_id=assembly.assembly_id)
    return VoidedCardTakenOut(
        **of_set(command, assembly),
        card_unit_id=card.card_unit_id,
        position=card.position,
    )


def is_open_at(assembly: Assembly, station: StationId | None) -> bool:
    """Say whether the tray stands at the station and is open there, as the log has it."""
    return station is not None and assembly.stands_at == assembly.open_at == station


def bring_tray(command: BringTray, assembly: Assembly) -> TrayBrought | Rejection:
    """Let the tray stand where its label was read, unless it is open there already.

    A label that was long under way brings nothing back that was seen elsewhere after it was read.
    """
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    if command.station_id is None or is_open_at(assembly, command.station_id):
        return NothingChanged(of=assembly.assembly_id)
    stands_at = assembly.stands_at
    went_on = assembly.tray_since is not None and command.at < assembly.tray_since
    if stands_at is not None and stands_at != command.station_id and went_on:
        return TrayElsewhere(card_unit_id=None, assembly_id=assembly.assembly_id, at_station=stands_at)
    return TrayBrought(
        **of_set(command, assembly),
        from_station=stands_at,
        gathered=len(assembly.gathered),
        expected=len(assembly.expected),
        status=assembly.status,
        needs_authorization=needs_authorization(assembly),
    )


def park_tray(command: ParkTray, assembly: Assembly) -> TrayParked | Rejection:
    """Put a tray aside where it is open; away from every station, wherever that is."""
    if assembly.status is AssemblyStatus.PACKED:
        return SetClosed(assembly_id=assembly.assembly_id, status=assembly.status, pack_id=assembly.pack_id)
    if assembly.open_at is None or command.station_id not in {None, assembly.open_at}:
        return NothingChanged(of=assembly.assembly_id)
    return TrayParked(
        **of_set(command, assembly),
    )


def authorize(
    command: AuthorizeReplacementSet, assembly: Assembly, manager: Operator | None, facts: Facts
) -> ReplacementSetAuthorized | Rejection:
    """Let a complete set with replacements be packed.

    No refused card may lie among them. The manager proves it with badge and PIN, and gathered
    none of its cards. While the
    PIN is locked the right one is refused like any other, and tells a guesser nothing.
    """
    if not needs_authorization(assembly):
        return NothingToAuthorize(assembly_id=assembly.assembly_id, status=assembly.status)
    lies_refused = unsettled(assembly)
    if lies_refused is not None:
        return lies_refused
    if manager is None:
        return UnknownOperator(operator_id=command.manager)
    if OperatorRole.MANAGER not in manager.roles:
        return lacking(manager, (OperatorRole.MANAGER,))
    if manager.operator_id in assembly.gatherers.values():
        return AuthorizerGathered(assembly_id=assembly.assembly_id, manager=manager.operator_id)
    if manager.secret is None:
        return PinNotSet(operator_id=manager.operator_id)
    until = pins.locked_until(facts.wrong_pins, facts.policy)
    if until is not None:
        return PinLocked(operator_id=manager.operator_id, wrong_pins=len(facts.wrong_pins), until=until)
    if not pins.is_right(command.pin, manager.secret):
        return PinWrong(operator_id=manager.operator_id)
    return ReplacementSetAuthorized(
        occurred_at=command.at,
        operator_id=manager.operator_id,
        station_id=command.station_id,
        assembly_id=assembly.assembly_id,
        sheet_id=assembly.sheet_id,
        job_id=assembly.job_id,
        spec_code=assembly.spec_code,
        manager=manager.operator_id,
        replacements=replacements_in(assembly),
    )


def flag_overdue(command: FlagOverdueAssembly, assembly: Assembly) -> AssemblyOverdueFlagged | Rejection:
    """Flag a set that lacks cards for longer than the limit, once."""
    is_open = assembly.status in {AssemblyStatus.PENDING, AssemblyStatus.IN_PROGRESS}
    since = assembly.opened_at
    too_long = command.at - since > timedelta(minutes=command.limit_minutes)
    if not is_open or not too_long or assembly.overdue_flagged:
        return NotOverdue(assembly_id=assembly.assembly_id)
    return AssemblyOverdueFlagged(
        **of_set(command, assembly),
        missing=assembly.missing,
        open_since=since,
    )
