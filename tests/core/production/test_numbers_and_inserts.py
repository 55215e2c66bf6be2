"""Numbers of a run and inserts with serials: each once, each on the card that it was recorded for."""

from dataclasses import replace

import pytest

from core.domain.commands import CompleteOperation
from core.domain.events import CardUnitOperationCompleted, MemorabiliaPlaced, SequentialNumberApplied
from core.domain.readings import NumberAsked, SerialAsked
from core.domain.rejections import (
    AlreadyClaimed,
    AlreadyDone,
    CardVoided,
    NumberAlreadyApplied,
    NumberNeeded,
    NumberOfAnother,
    NumberOutOfRun,
    ScanTheCard,
    SerialNeeded,
    UnknownBarcode,
    WrongStep,
)
from core.domain.streams import ClaimKind
from core.domain.values import OperationType, Route, SequentialNumber, StationDefinition, StationRole, UnitKind
from core.identity.ids import CardUnitId, OperationCode, sheet_id
from core.production.holding import decide_alone
from core.production.scan import NumberAwaited, Scan, SerialAwaited
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import (
    FULL_ROUTE,
    INSERTS,
    NUMBERING,
    OPERATOR,
    QA,
    Outcome,
    done,
    read_as,
    refused,
    spec,
    station,
    step,
)


@beginning
def cards(line: Line) -> tuple[CardUnitId, ...]:
    """Four cards that are ready for number and insert, in whichever order."""
    cut = line.cut(sheet_id(line.start(spec(route=FULL_ROUTE), sets=2), 1))
    for card in cut:
        line.bring_to(card, OperationType.UV)
        done(line.step_card(card))
    return cut


def number(line: Line, card: CardUnitId, text: str) -> Outcome:
    """Check a card in for its number and say it."""
    line.scan(NUMBERING, card)
    return line.scan(
        NUMBERING, text, awaited=NumberAwaited(card_unit_id=card, operation=OperationCode("NUMBER"), run_of=99)
    )


def insert(line: Line, card: CardUnitId, text: str, operation: str = "RELIC") -> Outcome:
    """Check a card in for its insert and scan the insert's serial."""
    line.scan(INSERTS, card)
    return line.scan(INSERTS, text, awaited=SerialAwaited(card_unit_id=card, operation=OperationCode(operation)))


# -- what was asked for ------------------------------------------------------------


TWO_MARKS = Route(
    steps=(
        step("PRINT", OperationType.PRINT, UnitKind.SHEET),
        step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
        step("NUMBER", OperationType.NUMBER, after="CUT"),
        step("RELIC", OperationType.MEMORABILIA, after="NUMBER"),
        step("AUTOGRAPH", OperationType.MEMORABILIA, after="RELIC"),
        step("QA", OperationType.QA, after="AUTOGRAPH"),
    )
)
MARKER = station("MARK-1", StationRole.CARDOPS, OperationType.NUMBER, OperationType.MEMORABILIA)


@pytest.mark.parametrize("text", ["8", "7"])
def test_an_answer_completes_only_the_operation_that_it_was_asked_for(line: Line, text: str) -> None:
    """The same question is open on a second screen of the station; the card is numbered, and goes on."""
    card = line.cut(sheet_id(line.start(spec(route=TWO_MARKS)), 1))[0]
    line.scan(MARKER, card)
    asked = NumberAwaited(card_unit_id=card, operation=OperationCode("NUMBER"), run_of=99)
    done(line.scan(MARKER, "7", awaited=asked))
    assert refused(line.scan(MARKER, text, awaited=asked), AlreadyDone).operation == "NUMBER"
    line.scan(MARKER, card)
    refused(line.scan(MARKER, text, awaited=asked), AlreadyDone)
    assert line.card(card).done == {"NUMBER"}
    asked_later = SerialAwaited(card_unit_id=card, operation=OperationCode("AUTOGRAPH"))
    rejection = refused(line.scan(MARKER, "PSA-1", awaited=asked_later), WrongStep)
    assert [missing.operation for missing in rejection.missing] == ["RELIC"]
    assert line.card(card).serials == {}


# -- numbers -------------------------------------------------------------------


def test_numbering_asks_for_the_number_on_the_card(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """And records it with the completion."""
    done(line.scan(NUMBERING, cards[0]))
    assert read_as(line.scan(NUMBERING, cards[0]), NumberAsked).run_of == 99
    applied, completed = done(number(line, cards[0], " 007/99 "))
    assert isinstance(applied, SequentialNumberApplied)
    assert isinstance(completed, CardUnitOperationCompleted)
    assert (applied.number, str(applied.number)) == (SequentialNumber(7, 99), "07/99")


def test_a_number_belongs_to_one_card_of_the_run(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The other card is told who has it, and keeps its place at the station."""
    done(number(line, cards[0], "7"))
    said = refused(number(line, cards[1], "7"), AlreadyClaimed)
    assert (said.kind, said.key, said.holder) == (ClaimKind.SEQUENTIAL_NUMBER, "J1044/7", cards[0])
    assert line.card(cards[1]).number is None
    done(number(line, cards[1], "8"))


def test_another_job_has_a_run_of_its_own(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Number 7 of one job says nothing about number 7 of the next."""
    done(number(line, cards[0], "7"))
    other = line.cut(sheet_id(line.start(spec(route=FULL_ROUTE), job="J1045", order="PO2026-0118"), 1))[0]
    line.bring_to(other, OperationType.UV)
    done(line.step_card(other))
    done(number(line, other, "7"))


@pytest.mark.parametrize(("text", "said_run_of"), [("0", None), ("100", None), ("100/99", None), ("7/50", 50)])
def test_a_number_is_one_of_its_run(
    line: Line, cards: tuple[CardUnitId, ...], text: str, said_run_of: int | None
) -> None:
    """Also the run that is printed beside it must be the job's; where it is not, the refusal says which it was."""
    said = refused(number(line, cards[0], text), NumberOutOfRun)
    assert (said.value, said.run_of, said.said_run_of) == (int(text.partition("/")[0]), 99, said_run_of)


@pytest.mark.parametrize("text", ["", "seven", "7.5", "-7", "٧", "1234567", "4006381333931", "OP-X", "\x1b[2J"])
def test_what_is_no_number_is_not_taken_for_one(line: Line, cards: tuple[CardUnitId, ...], text: str) -> None:
    """A price label, a foreign digit, an escape sequence."""
    said = refused(number(line, cards[0], text), NumberNeeded)
    assert (said.run_of, said.read) == (99, text)


def test_a_command_without_its_number_is_refused(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Where no scan has asked."""
    refused(line.ask(CompleteOperation, at=NUMBERING, unit_id=cards[0]), NumberNeeded)


def test_a_reworked_card_keeps_its_number(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It is on the card: nobody is asked again, and no other is taken."""
    done(number(line, cards[0], "7"))
    line.fail(cards[0])
    done(line.rework(cards[0], "NUMBER"))
    done(line.scan(NUMBERING, cards[0]))
    said = refused(line.ask(CompleteOperation, at=NUMBERING, unit_id=cards[0], number=8), NumberAlreadyApplied)
    assert said.number == SequentialNumber(7, 99)
    (completed,) = done(line.scan(NUMBERING, cards[0]))
    assert isinstance(completed, CardUnitOperationCompleted)


def ready_for_its_number(line: Line, card: CardUnitId) -> CardUnitId:
    """Bring a replacement as far as the numbering."""
    line.bring_to(card, OperationType.UV)
    done(line.step_card(card))
    return card


def test_a_replacement_takes_over_the_number_of_the_card_it_replaces(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Or the run could never be whole; nobody else may have it."""
    done(number(line, cards[0], "7"))
    newer = ready_for_its_number(line, line.replace(cards[0]))
    refused(number(line, cards[1], "7"), AlreadyClaimed)
    done(line.scan(NUMBERING, newer))
    assert read_as(line.scan(NUMBERING, newer), NumberAsked).takes_number == SequentialNumber(7, 99)
    done(number(line, newer, "7"))


def test_a_replacement_of_a_numbered_card_gets_no_other_number(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The old one would be lost to the run; the operator is told which it must be."""
    done(number(line, cards[0], "7"))
    newer = ready_for_its_number(line, line.replace(cards[0]))
    said = refused(number(line, newer, "8"), NumberOfAnother)
    assert (said.value, said.takes_number) == (8, SequentialNumber(7, 99))
    assert line.card(newer).number is None
    done(number(line, cards[1], "8"))


def test_a_number_is_handed_on_by_a_replacement_that_never_bore_it(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Two cards of a position may be lost before the third is numbered."""
    done(number(line, cards[0], "7"))
    newest = ready_for_its_number(line, line.replace(line.replace(cards[0])))
    refused(number(line, newest, "8"), NumberOfAnother)
    done(number(line, newest, "7"))


def test_a_replacement_of_a_card_without_a_number_gets_any_free_one(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Its position has none yet."""
    newer = ready_for_its_number(line, line.replace(cards[0]))
    done(line.scan(NUMBERING, newer))
    assert read_as(line.scan(NUMBERING, newer), NumberAsked).takes_number is None
    done(number(line, newer, "9"))


def test_a_number_taken_back_from_a_replacement_stays_its_position_s(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It was the position's before the replacement bore it: no other card can get hold of it meanwhile."""
    done(number(line, cards[0], "7"))
    newer = ready_for_its_number(line, line.replace(cards[0]))
    done(number(line, newer, "7"))
    assert done_or_none(line.undo())
    assert line.card(newer).number is None
    refused(number(line, cards[1], "7"), AlreadyClaimed)
    done(number(line, newer, "7"))


def test_a_number_taken_back_from_a_first_card_is_free(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It was mistyped, and another card bears it."""
    done(number(line, cards[0], "7"))
    assert done_or_none(line.undo())
    done(number(line, cards[1], "7"))


def done_or_none(outcome: Outcome | None) -> bool:
    """Whether something was undone."""
    return outcome is not None and bool(done(outcome))


def test_a_voided_card_that_turns_up_brings_no_second_card_of_its_number(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """Wherever it is scanned, it is void; its number is on the replacement."""
    done(number(line, cards[0], "7"))
    newer = ready_for_its_number(line, line.replace(cards[0]))
    done(number(line, newer, "7"))
    for outcome in (
        line.scan(NUMBERING, cards[0]),
        line.scan(
            NUMBERING, "7", awaited=NumberAwaited(card_unit_id=cards[0], operation=OperationCode("NUMBER"), run_of=99)
        ),
        line.gather(cards[0]),
    ):
        assert refused(outcome, CardVoided).replaced_by == newer


# -- inserts -------------------------------------------------------------------


def test_memorabilia_asks_for_the_serial_of_the_insert(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """And records it with the completion."""
    done(line.scan(INSERTS, cards[0]))
    read_as(line.scan(INSERTS, cards[0]), SerialAsked)
    placed, completed = done(insert(line, cards[0], " AUTO-1138 "))
    assert isinstance(placed, MemorabiliaPlaced)
    assert isinstance(completed, CardUnitOperationCompleted)
    assert placed.serial == "AUTO-1138"


@pytest.mark.parametrize("again", ["AUTO-1138", "auto-1138", "]C1AUTO-1138", "\tAUTO-1138\r\n"])
def test_an_insert_is_placed_once(line: Line, cards: tuple[CardUnitId, ...], again: str) -> None:
    """Whether it is scanned or typed, in whatever case: it is one physical thing."""
    done(insert(line, cards[0], "AUTO-1138"))
    assert refused(insert(line, cards[1], again), AlreadyClaimed).holder == cards[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "J1044-S001-SET",
        "J1044-S001-0",
        "J1044-S001-",
        "PO2026",
        "CS00001",
        "CMD-RESTE",
        "OP-",
        "x" * 65,
        "AUTO\x001138",
        "AUTO\n1138",
        "\x1b[31mAUTO",
    ],
)
def test_a_label_of_our_own_whole_or_torn_is_no_serial(line: Line, cards: tuple[CardUnitId, ...], text: str) -> None:
    """Somebody scanned the wrong label, or the scanner dropped a character of it."""
    assert refused(insert(line, cards[0], text), SerialNeeded).read == text
    assert not line.card(cards[0]).serials


@pytest.mark.parametrize(
    ("where", "text"), [(NUMBERING, "7"), (NUMBERING, "7/99"), (INSERTS, "JERSEY-07"), (INSERTS, "7"), (INSERTS, "[b]")]
)
def test_a_mark_that_no_card_waits_for_asks_for_the_card(line: Line, where: StationDefinition, text: str) -> None:
    """Also while the database is away; whose it is, only the card that was scanned before can say."""
    said = refused(line.scan(where, text), ScanTheCard)
    assert (said.text, said.work) == (text, where.work)
    scan = Scan(text=text, station=where, operator_id=OPERATOR, at=line.now)
    assert decide_alone(scan, {}) == said


@pytest.mark.parametrize(
    ("where", "text"), [(NUMBERING, "JERSEY-07"), (INSERTS, "J1044-S0"), (INSERTS, ""), (QA, "7"), (NUMBERING, "\x1b")]
)
def test_what_can_be_no_mark_there_is_a_code_of_nobody(line: Line, where: StationDefinition, text: str) -> None:
    """A torn label of our own, a serial where cards are numbered, a number where nothing is marked."""
    refused(line.scan(where, text), UnknownBarcode)


@pytest.mark.parametrize("text", ["JERSEY-07", "PLATE/77", "CSK 9", "POST-1", "[bold]x", "日本-1", "4006381333931"])
def test_what_a_vendor_printed_is_a_serial(line: Line, cards: tuple[CardUnitId, ...], text: str) -> None:
    """Also markup and other scripts: it is what it is."""
    placed, _ = done(insert(line, cards[0], text))
    assert isinstance(placed, MemorabiliaPlaced)
    assert placed.serial == text


@pytest.mark.parametrize("text", ["1", "07", "99", " 7 ", "7/99", "007 / 99"])
def test_a_number_of_the_cards_run_is_no_serial(line: Line, cards: tuple[CardUnitId, ...], text: str) -> None:
    """Whoever typed it took one question for the other; as a serial it would be in the log for good."""
    needed = refused(insert(line, cards[0], text), SerialNeeded)
    assert (needed.read, needed.run_of) == (text, 99)
    done(line.scan(INSERTS, "AUTO-1", awaited=SerialAwaited(card_unit_id=cards[0], operation=OperationCode("RELIC"))))


@pytest.mark.parametrize("text", ["0", "100", "7/50", "12345678"])
def test_a_number_of_no_card_of_the_run_may_be_a_serial(line: Line, cards: tuple[CardUnitId, ...], text: str) -> None:
    """Vendors number what they sell as well."""
    (placed, _) = done(insert(line, cards[0], text))
    assert isinstance(placed, MemorabiliaPlaced)
    assert placed.serial == text


def test_where_no_card_is_numbered_any_number_is_a_serial(line: Line) -> None:
    """A product without a run has no numbers that it could be taken for."""
    steps = tuple(each for each in TWO_MARKS.steps if each.operation not in {"NUMBER", "AUTOGRAPH"})
    after = {"RELIC": ("CUT",), "QA": ("RELIC",)}
    route = Route(steps=tuple(replace(each, after=after.get(each.operation, each.after)) for each in steps))
    card = line.cut(sheet_id(line.start(spec(route=route)), 1))[0]
    (placed, _) = done(insert(line, card, "7"))
    assert isinstance(placed, MemorabiliaPlaced)


def test_a_command_without_a_serial_is_refused(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Where no scan has asked; blanks and what cannot be printed are none."""
    for serial in (None, "  ", "x" * 65, "a\x00b"):
        refused(line.ask(CompleteOperation, at=INSERTS, unit_id=cards[0], serial=serial), SerialNeeded)


def test_a_card_that_is_scanned_instead_of_an_answer_is_the_next_unit(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """The question is dropped; the first card stays checked in."""
    done(line.scan(INSERTS, cards[0]))
    done(line.scan(INSERTS, cards[1], awaited=SerialAwaited(card_unit_id=cards[0], operation=OperationCode("RELIC"))))
    here = line.card(cards[1]).check_in
    assert here is not None
    assert here.operation == "RELIC"


def test_a_reworked_card_keeps_its_insert_or_gets_another(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The first insert is not free for another card: it was placed."""
    done(insert(line, cards[0], "AUTO-1"))
    line.fail(cards[0])
    done(line.rework(cards[0], "RELIC"))
    done(line.scan(INSERTS, cards[0]))
    placed, _ = done(line.ask(CompleteOperation, at=INSERTS, unit_id=cards[0], serial="AUTO-2"))
    assert isinstance(placed, MemorabiliaPlaced)
    refused(insert(line, cards[1], "AUTO-1"), AlreadyClaimed)
    line.fail(cards[0])
    done(line.rework(cards[0], "RELIC"))
    done(line.scan(INSERTS, cards[0]))
    (completed,) = done(line.scan(INSERTS, cards[0]))
    assert isinstance(completed, CardUnitOperationCompleted)
    assert line.card(cards[0]).serials == {"RELIC": "AUTO-2"}


def test_every_insert_of_a_card_has_a_serial_of_its_own(line: Line) -> None:
    """A card with a relic and an autograph is asked twice."""
    card = line.cut(sheet_id(line.start(spec(route=LONG_ROUTE)), 1))[0]
    while "NUMBER" not in line.card(card).done or "UV" not in line.card(card).done:
        done(line.step_card(card))
    done(insert(line, card, "RELIC-1"))
    done(line.scan(INSERTS, card))
    read_as(line.scan(INSERTS, card), SerialAsked)
    refused(line.ask(CompleteOperation, at=INSERTS, unit_id=card), SerialNeeded)
    assert refused(insert(line, card, "", "AUTOGRAPH"), SerialNeeded)
    done(insert(line, card, "INK-1", "AUTOGRAPH"))
    assert line.card(card).serials == {"RELIC": "RELIC-1", "AUTOGRAPH": "INK-1"}


def test_a_replacement_needs_an_insert_of_its_own(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The lost card took its own with it."""
    done(insert(line, cards[0], "AUTO-1"))
    newer = line.replace(cards[0])
    line.bring_to(newer, OperationType.UV)
    done(line.step_card(newer))
    refused(insert(line, newer, "AUTO-1"), AlreadyClaimed)
    done(insert(line, newer, "AUTO-2"))
