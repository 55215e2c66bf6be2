"""Refusals about sheets and cards at work: steps, states, verdicts, numbers. Called by `kiosk.wording.rejections`."""

from typing import TypeAlias, assert_never

from core.domain.rejections import (
    AlreadyClaimed,
    AlreadyDone,
    AlreadyReplaced,
    CardFailed,
    CardGathered,
    CardVoided,
    JobNotRunning,
    NotAtStation,
    NotCutYet,
    NumberAlreadyApplied,
    NumberNeeded,
    NumberOfAnother,
    NumberOutOfRun,
    ReasonMissing,
    RepeatedScan,
    ReworkLimitReached,
    ScanTheCard,
    SerialNeeded,
    SheetGone,
    UnknownOperation,
    UnknownUnit,
    WrongKindOfUnit,
    WrongStep,
    WrongUnitState,
)
from core.domain.streams import ClaimKind
from core.domain.values import CardUnitStatus, JobStatus, OperationType, SheetStatus, StandIn, StationRole
from core.identity.ids import assembly_of, job_of_sheet
from kiosk.printable import shown
from kiosk.snapshots.verdicts import StopFact
from kiosk.wording.spoken import (
    WHY_VOIDED,
    Spoken,
    Words,
    attention,
    kind_of,
    listed,
    named,
    set_name,
    short_card,
    stop,
    with_article,
)

__all__ = ["UnitRejection", "speak_of_units"]

UnitRejection: TypeAlias = (
    UnknownUnit
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
)

_WORKS_ON = {
    StationRole.PRESS: "sheets",
    StationRole.EMBELLISH: "sheets and cards",
    StationRole.CUTTER: "sheets",
    StationRole.CARDOPS: "cards",
    StationRole.QA: "cards",
    StationRole.ASSEMBLY: "cards and set labels",
    StationRole.PACKING: "set labels and boxes",
    StationRole.LEAD: "any code",
}

_WHY_NOT_RUNNING = {
    JobStatus.CREATED: ("JOB NOT STARTED", "NOT YET", "is not started yet", "Put it back; a lead starts the job"),
    JobStatus.STARTED: ("JOB IS RUNNING", "AGAIN", "is running", "Scan it again"),
    JobStatus.ON_HOLD: ("JOB ON HOLD", "HOLD", "is on hold", "Put it on the hold shelf"),
    JobStatus.COMPLETED: ("JOB COMPLETED", "JOB DONE", "is completed", "Put it aside and call a lead with F8"),
    JobStatus.CANCELLED: ("JOB CANCELLED", "CANCELLED", "is cancelled", "Put it aside and call a lead with F8"),
}

_STATUS_WORDS: dict[CardUnitStatus | SheetStatus, str] = {
    CardUnitStatus.CREATED: "new",
    CardUnitStatus.IN_PROGRESS: "in progress",
    CardUnitStatus.QA_PASSED: "passed",
    CardUnitStatus.QA_FAILED: "failed",
    CardUnitStatus.ASSEMBLED: "in its tray",
    CardUnitStatus.PACKED: "packed",
    CardUnitStatus.VOIDED: "voided",
    SheetStatus.CREATED: "new",
    SheetStatus.IN_PROGRESS: "in progress",
    SheetStatus.READY_TO_CUT: "ready to cut",
    SheetStatus.CUT: "cut",
    SheetStatus.VOIDED: "voided",
}


MARKS = {OperationType.NUMBER: "number", OperationType.MEMORABILIA: "insert"}
"""What a card gets by the work that asks for it."""

_ORDER_ANOTHER = "Tell a lead: no replacement is ordered yet"
_MOST_IN_A_STEP = 56
"""Characters of a step of a stop that stand in one line of the narrowest screen."""


def speak_of_units(rejection: UnitRejection, words: Words) -> Spoken:
    """A refusal about a sheet or card in an operator's words."""
    match rejection:
        case UnknownUnit(unit_id=unit):
            return attention(
                "NOT KNOWN",
                f"There is no {named(unit)} in this shop.",
                "Check the label; call a lead with F8",
                big="UNKNOWN",
            )
        case NotCutYet(sheet_id=sheet, status=SheetStatus.VOIDED):
            return attention(
                "SHEET IS VOID",
                f"{_sentence(named(rejection.unit_id))} will not be made: sheet {sheet} was taken out before its cut.",
                "Lay this label on the scrap pile",
                big="VOID",
            )
        case NotCutYet(sheet_id=sheet):
            return attention(
                "NOT CUT YET",
                f"{_sentence(named(rejection.unit_id))} is made by the cut: sheet {sheet} "
                f"is {_STATUS_WORDS[rejection.status]}, and not cut yet.",
                f"Scan this label again when {sheet} is cut",
                big="NOT CUT",
            )
        case JobNotRunning():
            noun, big, state, cure = _WHY_NOT_RUNNING[rejection.status]
            why = f": {shown(rejection.reason, 60)}" if rejection.reason else ""
            return attention(noun, f"Job {rejection.job_id} {state}{why}.", cure, big=big)
        case WrongKindOfUnit(unit_id=unit):
            needed = _WORKS_ON[rejection.station_role]
            kind = kind_of(unit)
            return attention(
                f"THIS IS {with_article(kind).upper()}" if kind else f"TAKES {needed.upper()}",
                f"{_sentence(named(unit))} is nothing this station works on: it takes {needed}.",
                f"Put it aside; this station takes {needed}",
                facts=words.facts(unit),
            )
        case WrongStep():
            return _wrong_step(rejection, words)
        case AlreadyDone(unit_id=unit):
            goes = words.places_of(rejection.ready)
            return attention(
                "DONE BEFORE",
                f"{rejection.operation} was done on {named(unit)} before.",
                f"Take it to {goes}",
                big="DONE",
                facts=words.facts(unit, goes_to=goes),
            )
        case RepeatedScan(unit_id=unit):
            return attention(
                "SAME CODE AGAIN",
                f"{_sentence(named(unit))} was scanned {rejection.seconds:.1f} seconds ago; this scan was not counted.",
                "Go on; a next step is scanned when it is done",
            )
        case SheetGone():
            return _sheet_gone(rejection, words)
        case CardVoided():
            return _void(rejection, words)
        case CardGathered(card_unit_id=card):
            inside = (
                f"box {rejection.pack_id}"
                if rejection.pack_id
                else f"the tray of set {set_name(rejection.assembly_id)}"
            )
            state = "is packed" if rejection.status is CardUnitStatus.PACKED else "is gathered"
            return attention(
                "ALREADY IN ITS SET",
                f"Card {card} {state} and takes no more work: it belongs in {inside}.",
                f"Put it back into {inside}",
                big=short_card(card),
                facts=words.facts(card, belongs_to=rejection.assembly_id, goes_to=inside),
            )
        case CardFailed(card_unit_id=card):
            return attention(
                "FAILED CARD",
                f"Card {card} failed QA: {words.codes(rejection.codes)}.",
                "Put it on the lead's shelf: rework or void",
                big="FAILED",
                facts=words.facts(card, is_what="failed QA", goes_to="the lead's shelf", missing="a lead's decision"),
            )
        case NotAtStation(unit_id=unit):
            elsewhere = f"it is at {rejection.at_station}" if rejection.at_station else "it is at no station"
            return attention(
                "NOT CHECKED IN",
                f"{_sentence(named(unit))} is not checked in at {rejection.station_id}: {elsewhere}.",
                "Scan it here first",
                facts=words.facts(unit),
            )
        case WrongUnitState(unit_id=unit):
            needed = listed((_STATUS_WORDS[status] for status in rejection.needed), last="or")
            return attention(
                f"IT IS {_STATUS_WORDS[rejection.status].upper()}",
                f"{_sentence(named(unit))} is {_STATUS_WORDS[rejection.status]}; this needs one that is {needed}.",
                "Check the code and take another one",
                facts=words.facts(unit, is_what=_STATUS_WORDS[rejection.status]),
            )
        case ReasonMissing(unit_id=unit):
            return attention(
                "WHY?", f"A reason or a code is missing for {named(unit)}.", "Say why, then try again", big="WHY"
            )
        case UnknownOperation(unit_id=unit):
            return attention(
                "NOT ON ITS ROUTE",
                f"The route of {named(unit)} has no {shown(rejection.operation, 32)}.",
                f"It has {listed(rejection.known, most=8)}",
            )
        case ReworkLimitReached(card_unit_id=card):
            times = "once" if rejection.limit == 1 else f"{rejection.limit} times"
            return attention(
                "NO MORE REWORK",
                f"Card {card} was reworked {times}, which is all its product allows.",
                "Void it and make a replacement",
                big="VOID",
                facts=words.facts(card),
            )
        case AlreadyReplaced(card_unit_id=card):
            return attention(
                "REPLACED BEFORE",
                f"Card {card} has a replacement: {rejection.replaced_by}.",
                f"Use {rejection.replaced_by}",
                facts=words.facts(card, missing=f"its replacement {rejection.replaced_by}"),
            )
        case NumberNeeded(card_unit_id=card):
            return attention(
                "THAT IS NO NUMBER" if rejection.read else "WHICH NUMBER?",
                f"{_instead(rejection.read)}Card {card} needs its number, 1 to {rejection.run_of}.",
                f"Type {short_card(card)}'s number, 1 to {rejection.run_of}, or scan another card",
                big="NUMBER",
            )
        case NumberOutOfRun(card_unit_id=card, said_run_of=int(said)):
            return attention(
                "ANOTHER RUN",
                f"The run of card {card} is of {rejection.run_of}, and {rejection.value}/{said} is of another.",
                f"Read the number of {short_card(card)} again; it is one of {rejection.run_of}",
                big="NUMBER",
            )
        case NumberOutOfRun(card_unit_id=card):
            return attention(
                "NO SUCH NUMBER",
                f"The run of card {card} goes from 1 to {rejection.run_of}; {rejection.value} is not in it.",
                f"Read the number of {short_card(card)} again, 1 to {rejection.run_of}",
                big="NUMBER",
            )
        case NumberOfAnother(card_unit_id=card):
            return attention(
                "NOT ITS NUMBER",
                f"Card {card} replaces a card that had {rejection.takes_number}; it takes over that number, "
                f"not {rejection.value}.",
                f"Number it {rejection.takes_number}; call a lead with F8",
                big="NUMBER",
            )
        case SerialNeeded(card_unit_id=card, run_of=int(run_of)):
            return attention(
                "THAT IS A NUMBER",
                f'"{shown(rejection.read, 40)}" is a number of the run, 1 to {run_of}. '
                f"Card {card} needs the serial of its insert.",
                f"Scan {short_card(card)}'s insert, or another card",
                big="INSERT",
            )
        case SerialNeeded(card_unit_id=card):
            return attention(
                "THAT IS NO INSERT" if rejection.read else "WHICH INSERT?",
                f"{_instead(rejection.read)}Card {card} needs the serial of its insert.",
                f"Scan {short_card(card)}'s insert, or another card",
                big="INSERT",
            )
        case ScanTheCard():
            marks = listed((MARKS[work] for work in rejection.work), last="or")
            return attention(
                "WHICH CARD?",
                f'No card waits for "{shown(rejection.text, 40)}".',
                f"Scan the card first, then its {marks}",
                big="CARD",
            )
        case NumberAlreadyApplied(card_unit_id=card):
            return attention(
                "NUMBERED BEFORE",
                f"Card {card} has the number {rejection.number}, and a card has only one.",
                "Check the card; call a lead with F8",
            )
        case AlreadyClaimed():
            what = "number" if rejection.kind is ClaimKind.SEQUENTIAL_NUMBER else "insert"
            key = shown(rejection.key.rpartition("/")[2] if what == "number" else rejection.key, 40)
            return attention(
                "NUMBER TAKEN" if what == "number" else "INSERT TAKEN",
                f"The {what} {key} belongs to {named(rejection.holder)}.",
                f"{_sentence(named(rejection.holder))} has it. Check the {what}, or F8",
                big="TAKEN",
            )
        case _:
            assert_never(rejection)


def _instead(read: str) -> str:
    """What came instead of what was asked for, as a sentence before others."""
    return f'"{shown(read, 40)}" is not what was asked for. ' if read else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _void(rejection: CardVoided, words: Words) -> Spoken:
    card, newest = rejection.card_unit_id, rejection.stand_in
    why = WHY_VOIDED[rejection.reason] if rejection.reason else "taken out"
    if newest is not None and newest.status is CardUnitStatus.VOIDED:
        instead, step = f"{newest.card_unit_id}, void as well; a lead orders another", _ORDER_ANOTHER
    elif newest is not None:
        instead, step = f"{newest.card_unit_id}, {_where(newest, words)}", _use_instead(newest, words)
    elif rejection.replaced_by is not None:
        instead, step = rejection.replaced_by, f"Go on: {short_card(rejection.replaced_by)} takes its place"
    else:
        instead, step = "nothing yet; a lead orders its replacement", _ORDER_ANOTHER
    return stop(
        "VOID CARD",
        f"Card {card} is void: {why}. In its place is {instead}.",
        "Put this card in the RED box",
        then=step,
        facts=(
            *words.facts(card, is_what=f"void, {why}", goes_to="the RED box"),
            StopFact(label="INSTEAD", value=instead),
        ),
    )


def _use_instead(newest: StandIn, words: Words) -> str:
    """What to do next, in a step: expect the card that stands in, or leave it where it lies."""
    if newest.status in {CardUnitStatus.QA_FAILED, CardUnitStatus.ASSEMBLED, CardUnitStatus.PACKED}:
        return "Go on with the next card"
    takes = f"Go on: {short_card(newest.card_unit_id)} takes its place"
    step = f"{takes}, {_where(newest, words)}"
    return step if len(step) <= _MOST_IN_A_STEP else takes


def _where(newest: StandIn, words: Words) -> str:
    """Where the card is that stands in for a void one, as a clause."""
    match newest.status:
        case CardUnitStatus.PACKED:
            return f"packed in {newest.pack_id}" if newest.pack_id else "packed"
        case CardUnitStatus.ASSEMBLED:
            return "in its set's tray"
        case CardUnitStatus.QA_FAILED:
            return "failed QA, on the lead's shelf"
        case CardUnitStatus.QA_PASSED:
            return f"passed QA, for {words.place_of_sets()}"
        case _ if newest.station_id is not None:
            return f"at {newest.station_id}"
        case _:
            return f"waiting for {words.places_of(newest.ready)}"


def _wrong_step(rejection: WrongStep, words: Words) -> Spoken:
    unit = rejection.unit_id
    goes = words.places_of(rejection.ready)
    kinds = (words.place(work) if not words.places else str(work) for work in rejection.work)
    asked = listed(rejection.operations or kinds, last="or")
    # A gate may be approved from no station.
    here = "" if rejection.station_id is None else f" at {rejection.station_id}"
    if rejection.missing:
        noun = f"{rejection.missing[0].operation} FIRST"
        first = words.steps(rejection.missing)
        why = f"{_sentence(named(unit))} is not ready for {asked}{here}; first: {first}."
    else:
        noun = "NOT FOR THIS STATION"
        why = f"{_sentence(named(unit))} needs no {asked}{here}."
    return attention(
        noun,
        why,
        f"Take it to {goes}",
        big="NOT YET" if rejection.missing else "NOT HERE",
        facts=words.facts(unit, goes_to=goes, missing=words.steps(rejection.missing) if rejection.missing else ""),
    )


def _sheet_gone(rejection: SheetGone, words: Words) -> Spoken:
    sheet = rejection.sheet_id
    if rejection.status is SheetStatus.VOIDED:
        return stop(
            "VOID SHEET",
            f"Sheet {sheet} is void.",
            "Put this sheet on the scrap pile",
            then=f"Take the next sheet of job {job_of_sheet(sheet)}",
            facts=words.facts(sheet, is_what="void", goes_to="the scrap pile"),
        )
    return attention(
        "SHEET IS CUT",
        f"Sheet {sheet} was cut into {rejection.n_up} cards; only they count now.",
        f"It is {rejection.n_up} cards by now; take the next sheet",
        big="CUT",
        facts=words.facts(
            sheet,
            is_what=f"cut into {rejection.n_up} cards",
            belongs_to=assembly_of(sheet),
        ),
    )
