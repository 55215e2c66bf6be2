"""What people and programs do wrong, and what is set right afterwards."""

from typing import get_args

from core.domain.commands import ApproveGate, CompleteOperation, CorrectEvent, CutSheet, EnterStation, RecordQAResult
from core.domain.effective import effective_events
from core.domain.events import QAResultRecorded
from core.domain.streams import AggregateType
from core.domain.values import FieldChange, QAOutcome, QAResult, StationDefinition
from core.identity.ids import AssemblyId, OperationCode, OperatorId, PackId
from core.production.corrections import RETRACTABLE
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited
from tests.core.deeds.telling import EITHER, PICKS, Deed, happens
from tests.core.floor import PEOPLE, Floor, chosen
from tests.core.shop import INSPECTOR, LEAD, OPERATOR, STATIONS

DEEDS: list[Deed] = []


CODES = (
    "",
    "\x00",
    "[bold]",
    "\x1b[2J",
    "J1001-S001-00",
    "J1001-S9",
    "CMD-FAIL-F-201",
    "CMD-NO",
    "7",
    "7/99",
    "9" * 9999,
)


@happens(DEEDS, by=PEOPLE)
def the_last_thing_is_undone(floor: Floor, by: OperatorId) -> None:
    """Whoever did it."""
    floor.undo(by=by)


@happens(DEEDS, pick=PICKS, older=range(4), by=(LEAD, LEAD, OPERATOR))
def an_event_is_taken_back(floor: Floor, pick: int, older: int, by: OperatorId) -> None:
    """The newest of a unit, or one too old for that, or one that is not to be taken back."""
    histories = floor.streams.items()
    slips = [key for key, history in histories if isinstance(history.events[-1], get_args(RETRACTABLE))]
    for key in chosen((pick % 3 and slips) or list(floor.streams), pick):
        version = len(floor.streams[key].events) - (older if pick % 5 == 0 else 0)
        floor.ask_next(CorrectEvent, by=by, stream=key, version=version, reason="a slip")


@happens(DEEDS, pick=PICKS, codes=("F-7", "F-7,F-8", ""))
def the_codes_of_a_verdict_are_amended(floor: Floor, pick: int, codes: str) -> None:
    """What was found, said better; the verdict stays."""
    verdicts = [
        (key, version, said)
        for key, history in floor.streams.items()
        for version, said in effective_events(history.events)
        if isinstance(said, QAResultRecorded)
    ]
    for key, version, said in chosen(verdicts, pick):
        change = FieldChange(field="codes", was=",".join(said.codes), now=codes)
        floor.ask_next(CorrectEvent, by=LEAD, stream=key, version=version, reason="misread", changes=(change,))


@happens(
    DEEDS,
    often=3,
    text=PICKS,
    where=STATIONS,
    by=(*PEOPLE, None),
    opened=PICKS,
    awaited=PICKS,
    brought=EITHER,
    soon=(0, 1, 60, -5),
)
def anything_is_scanned_anywhere(
    floor: Floor,
    *,
    text: int,
    where: StationDefinition,
    by: OperatorId | None,
    opened: int,
    awaited: int,
    brought: bool,
    soon: int,
) -> None:
    """Wrong card, wrong station, wrong tray, before log-on, twice, a code of nobody."""
    units = [key.aggregate_id for key in floor.streams]
    on_the_way = [card.card_unit_id for card in floor.workable_cards()] + [s.sheet_id for s in floor.open_sheets()]
    texts = [*on_the_way * 3, *units, *CODES]
    trays: list[AssemblyId | None] = [None, *(tray.assembly_id for tray in floor.trays())]
    boxes = [PackId(key.aggregate_id) for key in floor.streams if key.aggregate_type is AggregateType.PACK]
    cards = floor.cards()
    asked: Awaited | None = None
    if cards and awaited % 4 < 2:
        card = cards[awaited % len(cards)].card_unit_id
        operation = OperationCode(("NUMBER", "RELIC", "AUTOGRAPH")[awaited % 3])
        number = NumberAwaited(card_unit_id=card, operation=operation, run_of=99)
        asked = number if awaited % 4 else SerialAwaited(card_unit_id=card, operation=operation)
    if brought and opened % len(trays):
        # Of what is brought the label was read; where nothing is open, whatever was read is over.
        floor.scan(where, trays[opened % len(trays)] or "", by=by)
    floor.pass_time(soon)
    scan = Scan(
        text=texts[text % len(texts)],
        station=where,
        operator_id=by,
        at=floor.now,
        open_assembly=trays[opened % len(trays)],
        open_pack=[None, *boxes][opened % (len(boxes) + 1)],
        awaited=asked,
    )
    floor.run(scan)
    floor.run(scan)


@happens(DEEDS, pick=PICKS, where=STATIONS, kind=range(5), number=range(101))
def a_wrong_command_is_given(floor: Floor, pick: int, where: StationDefinition, kind: int, number: int) -> None:
    """Past the scan, as a program with a defect would."""
    sheets = [sheet.sheet_id for job in floor.jobs() for sheet in floor.sheets(job.job_id)]
    for unit in chosen([*sheets, *(card.card_unit_id for card in floor.cards())], pick):
        match kind:
            case 0:
                floor.ask_next(EnterStation, at=where, unit_id=unit)
            case 1:
                said = {"number": number, "serial": f"S{number}"}
                floor.ask_next(CompleteOperation, at=where, unit_id=unit, **said)
            case 2:
                floor.ask_next(CutSheet, at=where, sheet_id=unit)
            case 3:
                floor.ask_next(ApproveGate, by=LEAD, unit_id=unit, gate=OperationCode("PROOF"))
            case _:
                result = QAResult(outcome=QAOutcome.PASS)
                floor.ask_next(RecordQAResult, at=where, by=INSPECTOR, card_unit_id=unit, result=result)


@happens(DEEDS, soon=EITHER)
def the_last_request_is_delivered_again(floor: Floor, soon: bool) -> None:
    """By a retry that lost its id."""
    if floor.asked_last is not None:
        floor.run(floor.asked_last)
