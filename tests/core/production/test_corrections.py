"""Corrections: a slip is said to be one by a further event; what others built on stays."""

from collections.abc import Sequence
from typing import Any

from core.domain.commands import CorrectEvent, HoldJob, RegisterOperator, RemoveCardFromAssembly, VoidCardUnit
from core.domain.effective import effective_events
from core.domain.events import CardRemovedFromAssembly, Event, EventCorrected, QAResultRecorded
from core.domain.rejections import (
    CorrectionFault,
    NotCorrectable,
    NotPassedQA,
    NotPermitted,
    ReasonMissing,
    UnknownOperator,
)
from core.domain.streams import ClaimKind, StreamKey
from core.domain.values import (
    CardUnitStatus,
    FieldChange,
    OperationType,
    SheetStatus,
    StationRole,
    VoidReason,
)
from core.identity.ids import CardUnitId, OperationCode, OperatorId, SheetId
from core.production.corrections import undo_of
from core.production.loaded import assembly_key, card_key, job_key, sheet_key
from core.production.scan import NumberAwaited
from tests.core.beginnings import beginning
from tests.core.line import LONG_ROUTE, Line
from tests.core.shop import (
    FOIL,
    FULL_ROUTE,
    INSPECTOR,
    LEAD,
    NUMBERING,
    OPERATOR,
    PRESS,
    QA,
    UV,
    Outcome,
    done,
    refused,
    spec,
    station,
)

SHEET = SheetId("J1044-S001")
CARD = CardUnitId("J1044-S001-01")


def take_back(
    line: Line, key: StreamKey, *, older: int = 0, by: OperatorId | None = LEAD, why: str = "a slip"
) -> Outcome:
    """Take back the newest event of a stream, or one before it."""
    version = line.loaded.history(key).version - older
    return line.ask(CorrectEvent, by=by, stream=key, version=version, reason=why)


def amend(line: Line, key: StreamKey, field: str, was: str, now: str, *, older: int = 0) -> Outcome:
    """Say that a field of the newest event, or of one before it, should have read otherwise."""
    change = FieldChange(field=field, was=was, now=now)
    version = line.loaded.history(key).version - older
    return line.ask(CorrectEvent, by=LEAD, stream=key, version=version, reason="misread", changes=(change,))


def fault(outcome: Outcome) -> CorrectionFault:
    """Why the event stays as it is."""
    return refused(outcome, NotCorrectable).fault


@beginning
def passed(line: Line) -> CardUnitId:
    """A card that passed its only inspection."""
    line.start(spec())
    line.cut(SHEET)
    line.clear(CARD)
    return CARD


# -- taking back ---------------------------------------------------------------


def test_a_verdict_that_was_taken_back_is_none(line: Line, passed: CardUnitId) -> None:
    """The card is at the bench again; the log keeps every word."""
    before = line.loaded.history(card_key(passed)).events
    (corrected,) = done(take_back(line, card_key(passed)))
    assert isinstance(corrected, EventCorrected)
    assert (corrected.corrected_event, corrected.retracted) == ("QAResultRecorded", True)
    assert line.loaded.history(card_key(passed)).events == (*before, corrected)
    assert (line.card(passed).status, line.card(passed).attempts) == (CardUnitStatus.IN_PROGRESS, 0)
    assert refused(line.gather(passed), NotPassedQA).status is CardUnitStatus.IN_PROGRESS
    done(line.verdict(passed, "F-201"))
    assert line.card(passed).status is CardUnitStatus.QA_FAILED


def test_a_pass_is_not_taken_back_once_the_card_is_gathered(line: Line, passed: CardUnitId) -> None:
    """Somebody built on it: neither the verdict nor the gathering is just unsaid."""
    done(line.gather(passed))
    assert fault(take_back(line, card_key(passed), older=1)) is CorrectionFault.NOT_THE_NEWEST
    assert fault(take_back(line, card_key(passed))) is CorrectionFault.NOT_RETRACTABLE
    assert fault(take_back(line, assembly_key(line.tray(SHEET).assembly_id))) is CorrectionFault.NOT_RETRACTABLE
    assert line.card(passed).status is CardUnitStatus.ASSEMBLED


def test_what_was_done_to_paper_is_not_taken_back(line: Line, passed: CardUnitId) -> None:
    """A cut, a void and a birth have happened."""
    assert fault(take_back(line, sheet_key(SHEET))) is CorrectionFault.NOT_RETRACTABLE
    done(line.void(passed))
    assert fault(take_back(line, card_key(passed))) is CorrectionFault.NOT_RETRACTABLE
    fresh = card_key(CardUnitId("J1044-S001-02"))
    assert fault(take_back(line, fresh)) is CorrectionFault.NOT_RETRACTABLE


def test_an_event_is_taken_back_once(line: Line, passed: CardUnitId) -> None:
    """Nor is a correction itself, nor what never was."""
    key = card_key(passed)
    done(take_back(line, key))
    assert fault(take_back(line, key, older=1)) is CorrectionFault.ALREADY_RETRACTED
    assert fault(take_back(line, key)) is CorrectionFault.ALREADY_RETRACTED
    assert fault(take_back(line, key, older=-1)) is CorrectionFault.NO_SUCH_EVENT
    assert fault(take_back(line, key, older=99)) is CorrectionFault.NO_SUCH_EVENT
    assert fault(take_back(line, card_key(CardUnitId("J1044-S009-01")))) is CorrectionFault.NO_SUCH_EVENT


def test_a_correction_has_a_reason(line: Line, passed: CardUnitId) -> None:
    """Or nobody could tell a slip from a trick."""
    refused(take_back(line, card_key(passed), why=" "), ReasonMissing)


def test_everybody_takes_back_their_own_slips_and_leads_everybody_s(line: Line, passed: CardUnitId) -> None:
    """Nobody that is not known takes back anything."""
    refused(take_back(line, card_key(passed), by=OPERATOR), NotPermitted)
    refused(take_back(line, card_key(passed), by=None), NotPermitted)
    refused(take_back(line, card_key(passed), by=OperatorId("OP-999")), UnknownOperator)
    done(take_back(line, card_key(passed), by=INSPECTOR))


def test_a_withdrawn_badge_takes_back_not_even_its_own_slip(line: Line, passed: CardUnitId) -> None:
    """Whoever has it by now is not the one whose slip it was."""
    done(line.ask(RegisterOperator, by=None, badge=INSPECTOR, name="An inspector", roles=()))
    refused(take_back(line, card_key(passed), by=INSPECTOR), NotPermitted)


def test_corrections_go_back_step_by_step(line: Line, passed: CardUnitId) -> None:
    """The verdict, then the check-in: the card waits as it did before."""
    done(take_back(line, card_key(passed)))
    done(take_back(line, card_key(passed), older=2))
    card = line.card(passed)
    assert (card.status, card.check_in, card.done) == (CardUnitStatus.CREATED, None, frozenset())


def test_a_rework_that_was_taken_back_leaves_the_card_failed(line: Line) -> None:
    """With its codes, and its rework uncounted."""
    line.start(spec())
    line.cut(SHEET)
    line.fail(CARD)
    done(line.rework(CARD, "QA"))
    done(take_back(line, card_key(CARD)))
    card = line.card(CARD)
    assert (card.status, card.codes, card.reworks) == (CardUnitStatus.QA_FAILED, ("F-201",), 0)


# -- one scan, one undo ----------------------------------------------------------


def test_an_undo_frees_the_number_that_was_applied(line: Line) -> None:
    """The completion goes with its number, and another card may have it."""
    line.start(spec(route=FULL_ROUTE))
    first, second, *_ = line.cut(SHEET)
    for card in (first, second):
        line.bring_to(card, OperationType.UV)
        done(line.step_card(card))
        done(line.scan(NUMBERING, card))
    done(
        line.scan(
            NUMBERING, "7", awaited=NumberAwaited(card_unit_id=first, operation=OperationCode("NUMBER"), run_of=99)
        )
    )
    undone = line.undo(at=NUMBERING)
    assert undone is not None
    assert [event.corrected_event for event in done(undone) if isinstance(event, EventCorrected)] == [
        "CardUnitOperationCompleted",
        "SequentialNumberApplied",
    ]
    assert line.card(first).number is None
    assert (ClaimKind.SEQUENTIAL_NUMBER, "J1044/7") not in line.claims
    done(
        line.scan(
            NUMBERING, "7", awaited=NumberAwaited(card_unit_id=second, operation=OperationCode("NUMBER"), run_of=99)
        )
    )


def test_an_undo_at_a_single_scan_station_takes_back_the_check_in_too(line: Line) -> None:
    """The wrong card never was there."""
    line.start(spec(route=FULL_ROUTE))
    line.cut(SHEET)
    coater = station("UV-9", StationRole.EMBELLISH, OperationType.UV, single_scan=True)
    done(line.scan(coater, CARD))
    undone = line.undo(at=coater)
    assert undone is not None
    assert len(done(undone)) == 2
    assert line.card(CARD).status is CardUnitStatus.CREATED
    done(line.scan(coater, CARD))


def test_an_undo_of_a_completion_leaves_an_earlier_check_in(line: Line) -> None:
    """That was a scan of its own."""
    line.start(spec(route=FULL_ROUTE))
    line.cut(SHEET)
    for _ in range(2):
        done(line.scan(UV, CARD))
    undone = line.undo(at=UV)
    assert undone is not None
    assert len(done(undone)) == 1
    here = line.card(CARD).check_in
    assert here is not None
    assert here.station_id == "UV-1"


def test_a_sheet_that_was_scanned_at_a_wrong_station_is_back_where_it_was(line: Line) -> None:
    """And what was done there before can still be taken back."""
    line.start(spec(route=LONG_ROUTE))
    elsewhere = station("FOIL-2", StationRole.EMBELLISH, OperationType.FOIL)
    for where in (PRESS, PRESS, FOIL, elsewhere):
        done(line.scan(where, SHEET))
    undone = line.undo(at=elsewhere)
    assert undone is not None
    assert len(done(undone)) == 2
    here = line.sheet(SHEET).check_in
    assert here is not None
    assert here.station_id == "FOIL-1"
    for _ in range(3):
        newest = max(version for version, _ in _standing(line, sheet_key(SHEET)))
        line.ask(CorrectEvent, by=LEAD, stream=sheet_key(SHEET), version=newest, reason="a slip")
    assert line.sheet(SHEET).status is SheetStatus.CREATED


def _standing(line: Line, key: StreamKey) -> Sequence[tuple[int, Event]]:
    return effective_events(line.loaded.history(key).events)


def test_an_undo_of_gathering_takes_the_card_out_of_the_tray(line: Line, passed: CardUnitId) -> None:
    """That is no correction: the card lay there."""
    done(line.gather(passed))
    undone = line.undo()
    assert undone is not None
    (removed,) = done(undone)
    assert isinstance(removed, CardRemovedFromAssembly)
    assert line.card(passed).status is CardUnitStatus.QA_PASSED


def test_an_undo_of_the_last_card_opens_the_set_again(line: Line) -> None:
    """The completion came of the same scan."""
    line.start(spec())
    line.complete(SHEET)
    command = undo_of(line.last, at=line.now, operator_id=OPERATOR, station_id=QA.station_id, reason="a slip")
    assert isinstance(command, RemoveCardFromAssembly)


def test_what_cannot_be_undone_is_not_offered(line: Line) -> None:
    """A cut, a void, a pack; and where nothing was done there is nothing."""
    line.start(spec())
    line.cut(SHEET)
    assert line.undo() is None
    done(line.void(CARD))
    assert line.undo() is None
    line.complete(SHEET)
    done(line.authorize(SHEET))
    assert line.undo() is None
    done(line.pack(SHEET))
    assert line.undo() is None
    line.last = ()
    assert line.undo() is None


# -- amending ------------------------------------------------------------------


def test_what_was_found_may_be_said_better(line: Line) -> None:
    """At any time; the verdict stays."""
    line.start(spec())
    line.cut(SHEET)
    line.fail(CARD, "F-201")
    done(line.rework(CARD, "QA"))
    done(amend(line, card_key(CARD), "codes", "F-201", "F-305, F-306", older=1))
    assert line.card(CARD).codes == ("F-305", "F-306")
    amended = [event for _, event in _standing(line, card_key(CARD)) if isinstance(event, QAResultRecorded)]
    assert amended[0].codes == ("F-305", "F-306")


def test_only_words_are_amended(line: Line, passed: CardUnitId) -> None:
    """Numbers, ids and verdicts are taken back or stay."""
    assert fault(amend(line, card_key(passed), "outcome", "PASS", "FAIL")) is CorrectionFault.FIELD_NOT_CORRECTABLE
    assert fault(amend(line, card_key(passed), "nothing", "", "x")) is CorrectionFault.FIELD_NOT_CORRECTABLE
    done(line.void(passed))
    said = fault(amend(line, card_key(passed), "reason", "LOST", "STOLEN"))
    assert said is CorrectionFault.FIELD_NOT_CORRECTABLE
    done(amend(line, card_key(passed), "reason", "LOST", "DAMAGED"))
    assert line.card(passed).void_reason is VoidReason.DAMAGED


def test_an_amendment_says_what_it_found(line: Line, passed: CardUnitId) -> None:
    """Of two people who amend at once, the second looks again."""
    done(line.void(passed))
    done(amend(line, card_key(passed), "note", "seen by nobody", "in the bin"))
    said = fault(amend(line, card_key(passed), "note", "seen by nobody", "on the floor", older=1))
    assert said is CorrectionFault.FIELD_SAYS_OTHERWISE


def test_an_amendment_leaves_nothing_without_its_reason(line: Line) -> None:
    """What had to be said when it happened must still be said."""
    job = line.start(spec())
    line.cut(SHEET)
    line.fail(CARD, "F-201")
    refused(amend(line, card_key(CARD), "codes", "F-201", " , "), ReasonMissing)
    done(line.ask(HoldJob, by=LEAD, job_id=job, reason="wrong foil"))
    refused(amend(line, job_key(job), "reason", "wrong foil", " "), ReasonMissing)
    done(amend(line, job_key(job), "reason", "wrong foil", "wrong ink"))
    assert line.job(job).reason == "wrong ink"
    said: dict[str, Any] = {"card_unit_id": CARD, "reason": VoidReason.OTHER, "note": "coffee"}
    done(line.ask(VoidCardUnit, by=LEAD, **said))
    refused(amend(line, card_key(CARD), "note", "coffee", ""), ReasonMissing)
