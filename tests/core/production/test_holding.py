"""What a station may do while the database is away, each rule by its name."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from core.domain.commands import (
    CallForHelp,
    ClearStop,
    Command,
    CompleteOperation,
    CutSheet,
    EnterStation,
    RecordQAResult,
    ScanCardForAssembly,
)
from core.domain.readings import BadgeRead, ControlRead, ControlVerb, NumberAsked, SerialAsked, VerdictAsked
from core.domain.rejections import (
    AlreadyDone,
    CardVoided,
    IgnoredUnderStop,
    NothingChanged,
    NothingToClear,
    NotLoggedOn,
    NumberNeeded,
    NumberOutOfRun,
    Refusal,
    RepeatedScan,
    ScanTheSet,
    SerialNeeded,
    UnknownBarcode,
    WrongKindOfUnit,
    WrongSet,
)
from core.domain.values import OperatorRole, StationDefinition
from core.identity.ids import AssemblyId, CardUnitId, CommandId, OperationCode, OperatorId, StationId
from core.production.holding import MayBeHeld, MustWait, WholeTruth, decide_alone, looks_only, to_be_settled
from core.production.scan import Awaited, NumberAwaited, Scan, SerialAwaited
from tests.core.line import Line
from tests.core.production.test_decisions import command_of
from tests.core.shop import ASSEMBLY, CUTTER, FOIL, NUMBERING, OFFICE, OPERATOR, PACKING, PRESS, QA, START, spec

CARD = CardUnitId("J1044-S001-01")
FOREIGN = "J1045-S001-01"
SHEET = "J1044-S001"
SET = AssemblyId("J1044-S001-SET")
KNOWN = BadgeRead(operator_id=OPERATOR, name="Operator", roles=frozenset({OperatorRole.OPERATOR}), has_pin=False)
BADGES: Mapping[OperatorId, BadgeRead] = {OPERATOR: KNOWN}


def scan(
    text: str,
    where: StationDefinition,
    *,
    by: OperatorId | None = OPERATOR,
    tray: AssemblyId | None = None,
    awaited: Awaited | None = None,
    under: CommandId | None = None,
) -> Scan:
    """A code read at a station that has nobody to ask."""
    return Scan(
        text=text, station=where, operator_id=by, at=START, open_assembly=tray, awaited=awaited, under_stop=under
    )


def test_a_withdrawn_badge_logs_nobody_on_without_the_database_either() -> None:
    """Given a badge that the terminal knows to be withdrawn, when it is scanned, then it waits, and is not kept."""
    withdrawn = {OPERATOR: replace(KNOWN, roles=frozenset())}
    assert decide_alone(scan(OPERATOR, PRESS), BADGES) == KNOWN
    assert decide_alone(scan(OPERATOR, PRESS), withdrawn) == MustWait(WholeTruth.BADGE)


@pytest.mark.parametrize(
    ("text", "where"),
    [(SHEET, PRESS), (SHEET, FOIL), (SHEET, CUTTER), (CARD, FOIL), (CARD, NUMBERING), (CARD, QA)],
)
def test_sheets_and_cards_are_held_where_they_are_worked_on(text: str, where: StationDefinition) -> None:
    """That they were scanned here is true whatever the shop does meanwhile."""
    assert decide_alone(scan(text, where), BADGES) == MayBeHeld()


def test_cards_of_the_open_tray_are_held() -> None:
    """Lineage says that they belong there; what is missing then is told by the log."""
    assert decide_alone(scan(CARD, ASSEMBLY, tray=SET), BADGES) == MayBeHeld()


def test_a_card_of_another_sheet_than_the_open_tray_stops_at_once() -> None:
    """Lineage alone proves it, and no answer of the database could change it."""
    answer = decide_alone(scan(FOREIGN, ASSEMBLY, tray=SET), BADGES)
    assert isinstance(answer, WrongSet)
    assert (answer.card_unit_id, answer.open_assembly) == (FOREIGN, SET)


def test_no_tray_is_opened_while_the_database_is_away() -> None:
    """Where it stands and what it lacks is known to the log only."""
    assert decide_alone(scan(CARD, ASSEMBLY), BADGES) == MustWait(WholeTruth.TRAY)
    assert decide_alone(scan(SET, ASSEMBLY), BADGES) == MustWait(WholeTruth.TRAY)


@pytest.mark.parametrize("text", [SET, "J1044-BX001", "CS000001"])
def test_nothing_is_packed_while_the_database_is_away(text: str) -> None:
    """A box goes out of the door."""
    assert decide_alone(scan(text, PACKING), BADGES) == MustWait(WholeTruth.PACKING)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (scan("hello", PRESS), UnknownBarcode),
        (scan("J1044-S0", QA), UnknownBarcode),
        (scan("hello", OFFICE), UnknownBarcode),
        (scan(CARD, PRESS), WrongKindOfUnit),
        (scan(CARD, CUTTER), WrongKindOfUnit),
        (scan(SHEET, QA), WrongKindOfUnit),
        (scan(SET, PRESS), WrongKindOfUnit),
        (scan("J1044-BX001", QA), WrongKindOfUnit),
        (scan("J1044", PRESS), WrongKindOfUnit),
        (scan(CARD, PACKING), ScanTheSet),
        (scan(CARD, QA, by=None), NotLoggedOn),
    ],
)
def test_what_the_code_alone_proves_wrong_is_refused_at_once(request_: Scan, kind: type[Refusal]) -> None:
    """As ever: the operator need not wait to be told."""
    assert isinstance(decide_alone(request_, BADGES), kind)


def test_an_answer_to_a_question_asked_before_is_held_or_refused_as_ever() -> None:
    """The number or serial is read now; whether it is free is known later."""
    number, serial = (
        NumberAwaited(card_unit_id=CARD, operation=OperationCode("NUMBER"), run_of=99),
        SerialAwaited(card_unit_id=CARD, operation=OperationCode("RELIC")),
    )
    assert decide_alone(scan("7", NUMBERING, awaited=number), BADGES) == MayBeHeld()
    assert isinstance(decide_alone(scan("7/50", NUMBERING, awaited=number), BADGES), NumberOutOfRun)
    assert isinstance(decide_alone(scan("x", NUMBERING, awaited=number), BADGES), NumberNeeded)
    assert decide_alone(scan("PSA-1", NUMBERING, awaited=serial), BADGES) == MayBeHeld()
    assert isinstance(decide_alone(scan(SET, NUMBERING, awaited=serial), BADGES), SerialNeeded)


def test_known_badges_log_on_and_unknown_ones_wait() -> None:
    """A person who was registered meanwhile must not be called unknown."""
    assert decide_alone(scan(OPERATOR, PRESS, by=None), BADGES) == KNOWN
    assert decide_alone(scan("OP-999", PRESS), BADGES) == MustWait(WholeTruth.BADGE)


def test_wall_cards_mean_what_they_say() -> None:
    """What they lead to is decided when it is asked for."""
    assert decide_alone(scan("CMD-HELP", PRESS), BADGES) == ControlRead(verb=ControlVerb.HELP, argument=None)


def test_scans_under_a_stop_are_held() -> None:
    """The log has them all, and that they were ignored."""
    assert decide_alone(scan("anything", PRESS, under=CommandId("a stop")), BADGES) == MayBeHeld()


def test_the_floor_cannot_be_looked_at() -> None:
    """There is nothing to show."""
    assert decide_alone(scan(CARD, OFFICE), BADGES) == MustWait(WholeTruth.FLOOR)


HELD = {EnterStation, CompleteOperation, CutSheet, RecordQAResult, CallForHelp, ClearStop}


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
def test_of_commands_only_work_verdicts_calls_and_clearings_are_held(kind: Any) -> None:
    """Whatever else there is, or will be, needs the whole truth."""
    answer = decide_alone(command_of(kind), BADGES)
    if kind is ScanCardForAssembly:
        assert isinstance(answer, MayBeHeld | WrongSet)
    else:
        assert isinstance(answer, MayBeHeld if kind in HELD else MustWait), answer


@pytest.mark.parametrize(
    "kind", [kind for kind in get_args(Command) if {"pin", "secret"} & {field.name for field in fields(kind)}]
)
def test_what_carries_a_secret_is_never_held(kind: Any) -> None:
    """No PIN is written to a terminal's disk."""
    command = kind(**{"at": START, "operator_id": OPERATOR, "station_id": None} | {
        field.name: "x" for field in fields(kind) if field.name not in {"at", "operator_id", "station_id"}
    })  # fmt: skip
    assert decide_alone(command, BADGES) == MustWait(WholeTruth.PIN)


@pytest.mark.parametrize(
    ("request_", "looks"),
    [
        (scan(OPERATOR, PRESS), True),
        (scan("CMD-UNDO", PRESS), True),
        (scan(SET, QA), True),
        (scan(SET, ASSEMBLY), False),
        (scan(SET, PACKING), False),
        (scan(CARD, OFFICE), True),
        (scan(CARD, QA), False),
        (scan(OPERATOR, PRESS, under=CommandId("a stop")), False),
    ],
)
def test_what_changes_nothing_need_not_be_waited_for(request_: Scan, *, looks: bool) -> None:
    """A badge, a wall card and what a bench has no use for can be scanned again; a tray's label says where it is."""
    assert looks_only(request_) is looks


def test_a_certain_refusal_is_what_the_rules_would_have_said(line: Line) -> None:
    """Whatever is refused here alone is refused by the rules as well, in a shop that has all of it."""
    line.start(spec(), sets=2)
    line.cut(SHEET)
    line.cut("J1044-S002")
    texts = (CARD, "J1044-S002-01", SHEET, SET, "J1044-BX001", "J1044", "hello", "CMD-X", "OP-999", "7", "")
    refusals = 0
    for where in (PRESS, FOIL, CUTTER, NUMBERING, QA, ASSEMBLY, PACKING, OFFICE):
        for text in texts:
            for by in (OPERATOR, None):
                request = scan(text, where, by=by, tray=SET)
                alone = decide_alone(request, {})
                if isinstance(alone, Refusal):
                    refusals += 1
                    assert type(line.run(request)) is type(alone), (where.station_id, text)
    assert refusals > 50


# -- what is left of what was held --------------------------------------------------


def test_what_was_refused_when_it_was_delivered_is_to_be_settled() -> None:
    """The operator saw it kept."""
    refusal = CardVoided(card_unit_id=CARD, reason=None, replaced_by=None)
    assert to_be_settled(scan(CARD, QA), refusal) == refusal


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (scan(FOREIGN, ASSEMBLY, tray=SET), AlreadyDone(unit_id=FOREIGN, operation=OperationCode("QA"), ready=())),
        (scan(CARD, QA, under=CommandId("a stop")), IgnoredUnderStop(stop=CommandId("a stop"))),
        (scan(CARD, QA), RepeatedScan(unit_id=CARD, seconds=1)),
        (scan(CARD, QA), VerdictAsked(card_unit_id=CARD, operation=OperationCode("QA"), attempt=1)),
        (command_of(ClearStop), NothingToClear(at_station=StationId("QA-1"), stop=CommandId("a stop"))),
        (command_of(CallForHelp), NothingChanged(of="QA-1")),
    ],
)
def test_what_was_told_at_once_or_meant_nothing_more_leaves_nothing_to_settle(request_: Any, answer: Any) -> None:
    """A list that is full of what nobody has to do is not read."""
    assert to_be_settled(request_, answer) is None


def test_a_card_that_lacks_its_number_or_serial_is_not_done() -> None:
    """It was scanned as done while nobody could ask for it."""
    request = scan(CARD, NUMBERING)
    number = to_be_settled(request, NumberAsked(card_unit_id=CARD, operation=OperationCode("NUMBER"), run_of=99))
    assert number == NumberNeeded(card_unit_id=CARD, run_of=99)
    assert to_be_settled(request, SerialAsked(card_unit_id=CARD, operation=OperationCode("RELIC"))) == SerialNeeded(
        card_unit_id=CARD
    )
