"""Refusals about gathering sets and packing them. Called by `kiosk.wording.rejections`."""

from typing import TypeAlias, assert_never

from core.domain.rejections import (
    AuthorizerGathered,
    DuplicateCard,
    HeldInside,
    NeedsAuthorization,
    NoPackOpen,
    NotExpectedInSet,
    NotGathered,
    NothingToAuthorize,
    NotOverdue,
    NotPassedQA,
    PackAlreadyNested,
    PackEmpty,
    PackExists,
    PackNotOpen,
    PackNotSealed,
    PositionTaken,
    RefusedCardInTray,
    RefusedCardsInSet,
    ScannedSince,
    ScanTheSet,
    SetClosed,
    SetIncomplete,
    TrayElsewhere,
    VoidCardInTray,
    VoidCardLeftInTray,
    WrongJobForPack,
    WrongPackKind,
    WrongSet,
)
from core.domain.values import AssemblyStatus, CardUnitStatus, OperationType, PackKind, PackStatus
from core.identity.ids import assembly_of_card, job_of_assembly, job_of_pack, position_of, sheet_of_assembly
from kiosk.printable import shown
from kiosk.wording.spoken import (
    Spoken,
    Words,
    attention,
    compared,
    listed,
    missing_positions,
    set_name,
    short_card,
    short_cards,
    stop,
)

__all__ = ["GatheringRejection", "PackingRejection", "speak_of_gathering", "speak_of_packing"]

GatheringRejection: TypeAlias = (
    WrongSet
    | DuplicateCard
    | PositionTaken
    | VoidCardInTray
    | VoidCardLeftInTray
    | RefusedCardInTray
    | RefusedCardsInSet
    | NotExpectedInSet
    | NotPassedQA
    | TrayElsewhere
    | ScannedSince
    | NotGathered
    | SetIncomplete
    | NeedsAuthorization
    | NothingToAuthorize
    | AuthorizerGathered
    | SetClosed
    | NotOverdue
)

PackingRejection: TypeAlias = (
    NoPackOpen
    | ScanTheSet
    | PackExists
    | PackNotOpen
    | PackNotSealed
    | PackEmpty
    | PackAlreadyNested
    | HeldInside
    | WrongJobForPack
    | WrongPackKind
)

_SET_STATES = {
    AssemblyStatus.PENDING: "has no card in its tray yet",
    AssemblyStatus.IN_PROGRESS: "is not complete",
    AssemblyStatus.COMPLETE: "is complete and free to be packed",
    AssemblyStatus.PACKED: "is packed",
}

_PACK_STATES = {
    PackStatus.OPEN: "is open",
    PackStatus.SEALED: "is sealed",
    PackStatus.SHIPPED: "is shipped",
}


def _left(missing: tuple[int, ...] | None) -> str:
    return "not known without the database" if missing is None else missing_positions(missing)


def speak_of_gathering(rejection: GatheringRejection, words: Words) -> Spoken:
    """A refusal at a tray in an operator's words."""
    match rejection:
        case WrongSet(card_unit_id=card):
            own, here = set_name(rejection.belongs_to), set_name(rejection.open_assembly)
            return stop(
                "WRONG CARD",
                f"Card {card} belongs to set {own}, not to set {here}, whose tray is open.",
                "Put this card in the RED box",
                f"Check: the tray is {here}",
                facts=words.facts(
                    card,
                    belongs_to=rejection.belongs_to,
                    goes_to=f"the tray of set {own}",
                    missing=f"in this tray: {_left(rejection.missing)}",
                ),
                ids=compared(("THIS CARD", card), ("THIS TRAY", sheet_of_assembly(rejection.open_assembly))),
            )
        case DuplicateCard(card_unit_id=card):
            left = missing_positions(rejection.missing)
            if not rejection.missing:
                packing = words.place(OperationType.PACK)
                return attention(
                    "IN IT ALREADY",
                    f"Card {card} is in the tray of set {set_name(rejection.assembly_id)} already, which is complete.",
                    f"The set is complete: its tray goes to {packing}",
                    big=short_card(card),
                    facts=words.facts(card, belongs_to=rejection.assembly_id, goes_to=packing),
                )
            return attention(
                "IN IT ALREADY",
                f"Card {card} is in the tray of set {set_name(rejection.assembly_id)} already; still missing: {left}.",
                f"Scan the next card: {missing_positions(rejection.missing, most=3)}",
                big=short_card(card),
                facts=words.facts(card, belongs_to=rejection.assembly_id, missing=left),
            )
        case PositionTaken(card_unit_id=card):
            held, position = rejection.held_by, f"{position_of(card):02d}"
            return stop(
                "TAKEN",
                f"Position {position} of the tray is held by card {held}; card {card} is a second one.",
                f"Compare this card with {short_card(held)} in the tray",
                "Put the one that is not right in the RED box",
                facts=words.facts(
                    card, goes_to="the RED box, until a lead decides", missing=f"nothing: {held} is at {position}"
                ),
                ids=compared(("THIS CARD", card), ("IN THE TRAY", held)),
            )
        case VoidCardInTray(card_unit_id=card):
            void = rejection.void
            return attention(
                "VOID CARD IN TRAY",
                f"Void card {void} lies in the tray of set {set_name(rejection.assembly_id)} still.",
                f"Take {short_card(void)} out and scan it, then scan {short_card(card)} again",
                big=f"OUT {short_card(void)}",
                facts=words.facts(card, belongs_to=rejection.assembly_id, missing=f"first out: {void}"),
            )
        case VoidCardLeftInTray(card_unit_id=card):
            return attention(
                "TAKE IT OUT",
                f"Void card {card} was scanned out of the tray of set {set_name(rejection.assembly_id)} while the "
                "database was silent; it may lie there still.",
                f"Take {short_card(card)} out, put it in the RED box, then settle it with F7",
                big=f"OUT {short_card(card)}",
                facts=words.facts(card, belongs_to=rejection.assembly_id, goes_to="the RED box"),
            )
        case RefusedCardInTray(card_unit_id=card):
            lies, position = rejection.refused, f"{position_of(card):02d}"
            return attention(
                "TAKE IT OUT FIRST",
                f"Card {lies} was laid in at {rejection.at_station} and refused; it may lie at place {position} still.",
                f"Take {short_card(lies)} out, settle it with F7, then scan {short_card(card)} again",
                big=f"OUT {short_card(lies)}",
                facts=words.facts(
                    card,
                    belongs_to=rejection.assembly_id,
                    missing=f"first out, and settled at {rejection.at_station}: {lies}",
                ),
            )
        case NotExpectedInSet(card_unit_id=card):
            return stop(
                "OLD CARD",
                f"Set {set_name(rejection.assembly_id)} expects card {rejection.expected} at position "
                f"{position_of(card):02d}; card {card} was replaced by it.",
                "Put this card in the RED box",
                then=f"Look for card {short_card(rejection.expected)}",
                facts=words.facts(
                    card,
                    is_what="replaced",
                    belongs_to=rejection.assembly_id,
                    goes_to="the RED box",
                    missing=f"card {rejection.expected}",
                ),
                ids=compared(("THIS CARD", card), ("EXPECTED", rejection.expected)),
            )
        case NotPassedQA(card_unit_id=card):
            return _not_passed(rejection, words)
        case TrayElsewhere(card_unit_id=card):
            if card is None:
                return attention(
                    f"TRAY IS AT {rejection.at_station}",
                    f"The tray of set {set_name(rejection.assembly_id)} was seen at {rejection.at_station} after its "
                    "label was scanned here.",
                    f"If it is here, scan {rejection.assembly_id} again",
                    big="ELSEWHERE",
                    names=rejection.at_station,
                )
            here = set_name(rejection.assembly_id)
            recorded = f" Card {card} is recorded in it already." if rejection.is_in_it else ""
            return attention(
                f"TRAY IS AT {rejection.at_station}",
                f"The tray of set {here} stands at {rejection.at_station}; "
                f"two trays of one set would be two piles.{recorded}",
                f"Take it there, or bring and scan {rejection.assembly_id}",
                big="ELSEWHERE",
                names=rejection.at_station,
                facts=words.facts(
                    card, belongs_to=rejection.assembly_id, goes_to=f"{rejection.at_station}, where its tray is"
                ),
            )
        case ScannedSince(card_unit_id=card):
            where = f"at {rejection.at_station}" if rejection.at_station else "elsewhere"
            return attention(
                "SCANNED SINCE",
                f"Card {card} was laid into the tray of set {set_name(rejection.assembly_id)} before, and it or "
                f"the tray was scanned {where} after that: it may not lie in the tray.",
                f"See where {short_card(card)} is, and scan it at its tray",
                big=short_card(card),
                facts=words.facts(card, belongs_to=rejection.assembly_id),
            )
        case NotGathered(card_unit_id=card):
            return attention(
                "IN NO TRAY",
                f"Card {card} is not in the tray of set {set_name(rejection.assembly_id)}.",
                "Check the code; nothing was taken out",
                facts=words.facts(card, belongs_to=rejection.assembly_id),
            )
        case SetIncomplete():
            here = set_name(rejection.assembly_id)
            left = short_cards(rejection.missing)
            return stop(
                "NOT COMPLETE",
                f"Set {here} has {rejection.gathered} of {rejection.expected} cards; missing: {left}.",
                "Do not pack this set",
                f"Take its tray back to {words.place_of_sets()}",
                facts=words.facts(
                    belongs_to=rejection.assembly_id,
                    is_what=f"{rejection.gathered} of {rejection.expected} cards",
                    goes_to=words.place_of_sets(),
                    missing=left,
                ),
            )
        case RefusedCardsInSet():
            here, where = set_name(rejection.assembly_id), listed(rejection.at_stations, most=1)
            return stop(
                "REFUSED CARD",
                f"In the tray of set {here} may lie what was refused: {listed(rejection.refused, most=6)}.",
                "Do not pack this set",
                then=f"At {where}: take the refused card out, then F7",
                facts=words.facts(
                    belongs_to=rejection.assembly_id,
                    is_what="a set that may hold a refused card",
                    goes_to=where,
                    missing=f"settled: {listed((short_card(card) for card in rejection.refused), most=6)}",
                ),
            )
        case NeedsAuthorization():
            here, where = set_name(rejection.assembly_id), words.place_of_sets()
            return stop(
                "NOT CLEARED",
                f"Set {here} holds {len(rejection.replacements)} replaced card"
                f"{'s' if len(rejection.replacements) != 1 else ''} that no manager has authorized.",
                "Do not pack this set",
                f"Take its tray to {where} for a manager's badge",
                facts=words.facts(
                    belongs_to=rejection.assembly_id,
                    is_what="complete, with " + listed(short_card(card) for card in rejection.replacements),
                    goes_to=f"{where}, to a manager with badge and PIN",
                    missing="a manager's authorization",
                ),
            )
        case NothingToAuthorize():
            return attention(
                "NOTHING TO AUTHORIZE",
                f"Set {set_name(rejection.assembly_id)} {_SET_STATES[rejection.status]}: nothing to authorize.",
                "Check the set's code",
                big="NO NEED",
            )
        case AuthorizerGathered():
            return attention(
                "ANOTHER MANAGER",
                f"{rejection.manager} gathered cards of set {set_name(rejection.assembly_id)}; "
                "whoever authorizes it must be somebody else.",
                "Ask another manager",
                big="ANOTHER",
            )
        case SetClosed():
            inside = f" in box {rejection.pack_id}" if rejection.pack_id else ""
            return attention(
                "SET IS PACKED",
                f"Set {set_name(rejection.assembly_id)} is packed{inside}; nothing goes in or out of it.",
                f"It belongs in {rejection.pack_id}; call a lead with F8"
                if rejection.pack_id
                else "Put this aside and call a lead with F8",
                big="PACKED",
            )
        case NotOverdue():
            return attention(
                "NOT OVERDUE",
                f"Set {set_name(rejection.assembly_id)} is not overdue, or was flagged before.",
                "Nothing to do",
            )
        case _:
            assert_never(rejection)


def _not_passed(rejection: NotPassedQA, words: Words) -> Spoken:
    card = rejection.card_unit_id
    if rejection.status is CardUnitStatus.VOIDED:
        noun, what, goes = "VOID CARD", "void", "the RED box"
    elif rejection.status is CardUnitStatus.QA_FAILED:
        noun, goes = "FAILED CARD", "the lead's shelf: rework or void"
        what = f"failed QA, {words.codes(rejection.codes)}" if rejection.codes else "failed QA"
    else:
        noun, what, goes = "NOT PASSED", "not through QA", words.places_of(rejection.ready)
    verb = "" if rejection.status is CardUnitStatus.QA_FAILED else "is "
    if rejection.replaced_by:
        undecided = f"nothing: card {rejection.replaced_by} takes its place"
    elif rejection.status is CardUnitStatus.VOIDED:
        undecided = "a replacement: none is made yet"
    else:
        undecided = "a lead's decision"
    left = words.steps(rejection.ready) if rejection.ready else undecided
    return stop(
        noun,
        f"Card {card} {verb}{what}; it cannot join its set.",
        "Take this card out of the tray",
        f"Take it to {goes}" if rejection.ready else "Put it in the RED box",
        facts=words.facts(card, is_what=what, belongs_to=assembly_of_card(card), goes_to=goes, missing=left),
    )


_HOLDS = {
    PackKind.BOX: "Boxes hold sets.",
    PackKind.CASE: "Cases hold boxes.",
    PackKind.PALLET: "Pallets hold cases.",
}


def _no_box(rejection: NoPackOpen) -> Spoken:
    sentence = f"No box is open at {rejection.station_id}."
    job = None if rejection.assembly_id is None else job_of_assembly(rejection.assembly_id)
    if rejection.box is not None and rejection.is_open:
        sentence += f" {rejection.box} of its job stands here, begun and not closed."
        cure = f"Scan {rejection.box} first: it takes this set"
    elif rejection.box is not None:
        cure = f"Take the next label, {rejection.box}, and scan it first"
        sentence += f" The next one of its job is {rejection.box}."
    elif job is not None:
        cure = f"Scan a box of job {job} first"
    else:
        cure = "Scan a box label first"
    return attention("NO BOX OPEN", sentence, cure, big="BOX")


def speak_of_packing(rejection: PackingRejection, words: Words) -> Spoken:
    """A refusal at a box in an operator's words."""
    match rejection:
        case NoPackOpen():
            return _no_box(rejection)
        case ScanTheSet(card_unit_id=card):
            return attention(
                "ONE CARD IS NO SET",
                f"Card {card} is one card of set {set_name(rejection.assembly_id)}; only whole sets are packed.",
                f"Scan the tray's label {rejection.assembly_id}",
                big="SCAN SET",
                facts=words.facts(card, belongs_to=rejection.assembly_id, goes_to="the box, with its whole set"),
            )
        case PackExists():
            return attention(
                "OPENED BEFORE",
                f"{rejection.pack_id} was opened before and {_PACK_STATES[rejection.status]}.",
                "Use a new label",
            )
        case PackNotOpen():
            state = _PACK_STATES[rejection.status] if rejection.status else "was never opened"
            return attention(
                "NOT OPEN", f"{rejection.pack_id} {state} and takes nothing.", "Scan the label of an open box"
            )
        case PackNotSealed(status=PackStatus.SHIPPED):
            return attention("SHIPPED", f"{rejection.pack_id} is shipped already.", "Nothing more is done with it")
        case PackNotSealed():
            state = _PACK_STATES[rejection.status] if rejection.status else "was never opened"
            return attention("NOT SEALED", f"{rejection.pack_id} {state}; it must be sealed first.", "Seal it first")
        case PackEmpty():
            return attention("EMPTY", f"{rejection.pack_id} is empty.", "Put something in, then seal it", big="EMPTY")
        case PackAlreadyNested():
            return attention(
                "ALREADY INSIDE",
                f"{rejection.pack_id} lies in {rejection.inside}.",
                f"Look in {rejection.inside}; call a lead with F8",
            )
        case HeldInside():
            why = f": {shown(rejection.reason, 60)}" if rejection.reason else ""
            return attention(
                "JOB ON HOLD",
                f"In {rejection.pack_id} lies {listed(rejection.boxes, most=6)} of job {rejection.job_id}, "
                f"which is on hold{why}.",
                f"Leave {rejection.pack_id} here; call a lead with F8",
                big="HOLD",
            )
        case WrongJobForPack():
            here = job_of_pack(rejection.pack_id)
            job = job_of_assembly(rejection.assembly_id)
            return stop(
                "WRONG BOX",
                f"Set {set_name(rejection.assembly_id)} is job {job}; box {rejection.pack_id} is for job {here} only.",
                "Take this set out of the box",
                then=f"Scan a box of job {job} for it",
                facts=words.facts(
                    belongs_to=rejection.assembly_id,
                    is_what=f"a set of job {job}",
                    goes_to=f"a box of job {job}",
                ),
                ids=compared(("THIS SET", sheet_of_assembly(rejection.assembly_id)), ("THIS BOX", rejection.pack_id)),
            )
        case WrongPackKind():
            needed = listed((f"a {kind}" for kind in rejection.needed), last="or")
            return attention(
                f"NOT INTO A {rejection.kind.upper()}",
                f"{rejection.pack_id} is a {rejection.kind}. {_HOLDS[rejection.kind]}",
                f"Scan {needed}" if rejection.needed else "A pallet goes into nothing larger",
            )
        case _:
            assert_never(rejection)
