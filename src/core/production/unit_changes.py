"""What work changes: which streams a fact about sheets, cards, sets and packs is written to.

Called by ``core.production.decisions`` alone; what is right is decided by the rules
of each unit. A fact that concerns several streams goes into each of them, guarded by
all their versions.
"""

from typing import assert_never

from core.domain.commands import (
    ApproveGate,
    AuthorizeReplacementSet,
    BringTray,
    CompleteOperation,
    CreateReplacement,
    CutSheet,
    EnterStation,
    FlagOverdueAssembly,
    NestPack,
    OpenPack,
    PackSet,
    ParkTray,
    RecordQAResult,
    RemoveCardFromAssembly,
    ScanCardForAssembly,
    SealPack,
    SendToRework,
    ShipPack,
    TakeOutVoidedCard,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.models import CardUnit
from core.domain.rejections import Refusal, Rejection, UnknownUnit
from core.domain.streams import Append, Change
from core.identity.ids import (
    JobId,
    SheetId,
    assembly_of_card,
    job_of,
    job_of_assembly,
    job_of_pack,
    job_of_sheet,
    parse_card_unit_id,
)
from core.production import assembly, card_unit_operations, packing, sheet_operations
from core.production.facts import Facts
from core.production.loaded import Loaded, assembly_key, card_key, pack_key, sheet_key


def work_on_unit(command: EnterStation | CompleteOperation | ApproveGate, loaded: Loaded) -> Change | Rejection:
    """Check a sheet or a card in, or say that its operation or gate is done."""
    card_id = parse_card_unit_id(command.unit_id)
    if card_id is None:
        return _work_on_sheet(command, SheetId(command.unit_id), loaded)
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
            return loaded.change_of(card_unit_operations.approve_gate(command, card, job), key)
        case other:
            assert_never(other)


def _work_on_sheet(
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
            return loaded.change_of(sheet_operations.approve_gate(command, sheet, job), key)
        case other:
            assert_never(other)
    if isinstance(outcome, tuple):
        return Change((loaded.append(key, *outcome),))
    return outcome


def cut_sheet(command: CutSheet, loaded: Loaded) -> Change | Rejection:
    """End a sheet; its cards and its set begin with the cut."""
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
            *[Append(card_key(card.card_unit_id), 0, (card,)) for card in cards],
            Append(assembly_key(cut.assembly_id), 0, (opened,)),
        )
    )


def void_sheet(command: VoidSheet, loaded: Loaded) -> Change | Rejection:
    """Take a sheet that is not cut out of production."""
    sheet = loaded.sheet(command.sheet_id)
    if sheet is None:
        return UnknownUnit(unit_id=command.sheet_id)
    return loaded.change_of(sheet_operations.void_sheet(command, sheet), sheet_key(command.sheet_id))


CardCommand = (
    RecordQAResult
    | SendToRework
    | VoidCardUnit
    | CreateReplacement
    | ScanCardForAssembly
    | RemoveCardFromAssembly
    | TakeOutVoidedCard
)


def change_card(command: CardCommand, loaded: Loaded) -> Change | Rejection:
    """Judge, send back, void, replace or gather a card, or take it out of its set."""
    card_id = command.card_unit_id
    card, job = loaded.card(card_id), loaded.job(job_of(card_id))
    if card is None or job is None:
        return UnknownUnit(unit_id=card_id)
    key = card_key(card_id)
    match command:
        case RecordQAResult():
            return loaded.change_of(card_unit_operations.record_qa_result(command, card, job), key)
        case SendToRework():
            return loaded.change_of(card_unit_operations.send_to_rework(command, card, job), key)
        case ScanCardForAssembly():
            return _gather(command, loaded)
        case VoidCardUnit():
            outcome = card_unit_operations.void_card(command, card)
            return loaded.change_of(outcome, key, assembly_key(assembly_of_card(card_id)))
        case RemoveCardFromAssembly():
            own = assembly_of_card(card_id)
            gathered = loaded.assembly(own)
            if gathered is None:
                return UnknownUnit(unit_id=own)
            outcome = assembly.remove_card(command, card, gathered)
            return loaded.change_of(outcome, key, assembly_key(own))
        case TakeOutVoidedCard():
            own = assembly_of_card(card_id)
            gathered = loaded.assembly(own)
            if gathered is None:
                return UnknownUnit(unit_id=own)
            # The card's own life ended with its void; where it lay concerns the set only.
            return loaded.change_of(assembly.take_out_voided(command, card, gathered), assembly_key(own))
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


def change_set(
    command: AuthorizeReplacementSet | FlagOverdueAssembly | BringTray | ParkTray, loaded: Loaded, facts: Facts
) -> Change | Rejection:
    """Authorize a set, call it overdue, or bring or park its tray."""
    gathered = loaded.assembly(command.assembly_id)
    if gathered is None:
        return UnknownUnit(unit_id=command.assembly_id)
    match command:
        case AuthorizeReplacementSet():
            outcome = assembly.authorize(command, gathered, loaded.operator(command.manager), facts)
        case FlagOverdueAssembly():
            outcome = assembly.flag_overdue(command, gathered)
        case BringTray():
            outcome = assembly.bring_tray(command, gathered)
        case ParkTray():
            outcome = assembly.park_tray(command, gathered)
        case other:
            assert_never(other)
    return loaded.change_of(outcome, assembly_key(command.assembly_id))


def change_pack(command: OpenPack | SealPack | ShipPack | NestPack, loaded: Loaded) -> Change | Rejection:
    """Open, seal, nest or ship a container."""
    pack = loaded.pack(command.pack_id)
    key = pack_key(command.pack_id)
    inside = packing.inside_of(command.pack_id, loaded.pack)
    names = sorted({job for box in (command.pack_id, *inside) if (job := job_of_pack(box)) is not None})
    of_jobs = [job for name in names if (job := loaded.job(name)) is not None]
    match command:
        case OpenPack():
            return loaded.change_of(packing.open_pack(command, pack, of_jobs[0] if of_jobs else None), key)
        case SealPack():
            return loaded.change_of(packing.seal_pack(command, pack, inside, of_jobs), key)
        case ShipPack():
            return loaded.change_of(packing.ship_pack(command, pack, inside, of_jobs), key)
        case NestPack():
            outcome = packing.nest_pack(command, pack, loaded.pack(command.into), inside, of_jobs)
            return loaded.change_of(outcome, key, pack_key(command.into))
        case other:
            assert_never(other)


def pack_set(command: PackSet, loaded: Loaded) -> Change | Rejection:
    """Put a set and every card of it into a box."""
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
