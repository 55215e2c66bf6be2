"""Rules of corrections: what a stream says once they are applied."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.effective import (
    CORRECTABLE_FIELDS,
    BadCorrectionError,
    amended,
    effective_events,
    field_text,
)
from core.domain.events import (
    EVENT_TYPES,
    CardUnitVoided,
    Event,
    EventCorrected,
    QAResultRecorded,
    SequentialNumberApplied,
)
from core.domain.values import CardUnitStatus, FieldChange, QAOutcome, VoidReason
from core.projections import CardUnitRow, fold_card_unit
from tests.core.projections.drawn_lives import card_lives
from tests.core.projections.lives import INSPECTOR, NUMBER, QA, CardLife, minute
from tests.core.searching import searched


def row_of(life: CardLife) -> CardUnitRow:
    """Return the row of a card that exists."""
    row = fold_card_unit(life.events)
    assert row is not None
    return row


def said(life: CardLife) -> list[Event]:
    """Return the events that stand."""
    return [event for _, event in effective_events(life.events)]


def test_a_stream_without_corrections_says_what_it_says() -> None:
    """Every event stands, numbered from 1."""
    life = CardLife().passes()
    assert list(effective_events(life.events)) == list(enumerate(life.events, 1))
    assert list(effective_events(())) == []


def test_a_retracted_verdict_was_never_given() -> None:
    """The card is back at the bench, its attempt not counted; only the version went on."""
    life = CardLife().passes()
    before = row_of(CardLife().enter("QA-1", QA, INSPECTOR))
    row = row_of(life.retract(3))
    assert row == replace(before, version=4)
    assert (row.status, row.station_id, row.qa_attempts) == (CardUnitStatus.IN_PROGRESS, "QA-1", 0)


@searched
@given(card_lives(), st.data())
def test_retracting_the_newest_event_is_as_if_it_was_never_said(life: CardLife, data: st.DataObject) -> None:
    """Undo leaves no trace in the row, however often it is pressed."""
    kept = len(life.events)
    times = data.draw(st.integers(0, kept - 1))
    whole = CardLife(list(life.events))
    for version in range(kept, kept - times, -1):
        whole.retract(version)
    untold = CardLife(life.events[: kept - times])
    assert row_of(whole) == replace(row_of(untold), version=kept + times)


@searched
@given(card_lives())
def test_taking_back_a_correction_restores_what_it_took(life: CardLife) -> None:
    """A retraction that was itself a mistake has no effect."""
    whole = CardLife(list(life.events))
    whole.retract(len(life.events))
    whole.retract(len(life.events) + 1)
    assert row_of(whole) == replace(row_of(life), version=len(life.events) + 2)


def test_a_stream_of_which_all_is_taken_back_has_no_row() -> None:
    """What was never said to exist is in no table."""
    assert fold_card_unit(CardLife().retract(1).events) is None


def test_amended_codes_show_as_if_they_had_been_right() -> None:
    """The row has the right codes, the log keeps the wrong ones."""
    life = CardLife().fails("F-201").amend(3, codes="F-202, F-305", reason="dent")
    assert row_of(life).last_codes == ("F-202", "F-305")
    verdict = said(life)[2]
    assert isinstance(verdict, QAResultRecorded)
    assert (verdict.codes, verdict.reason, verdict.occurred_at) == (("F-202", "F-305"), "dent", minute(2))
    kept = life.events[2]
    assert isinstance(kept, QAResultRecorded)
    assert kept.codes == ("F-201",)


def test_a_later_amendment_wins_over_an_earlier_one() -> None:
    """The newest word counts; fields not named again keep the earlier amendment."""
    life = CardLife().void(VoidReason.LOST).amend(2, reason="OTHER", note="fell").amend(2, reason="DAMAGED")
    void = said(life)[1]
    assert isinstance(void, CardUnitVoided)
    assert (void.reason, void.note) == (VoidReason.DAMAGED, "fell")
    assert row_of(life).void_reason is VoidReason.DAMAGED


def test_an_amendment_that_is_taken_back_has_no_effect() -> None:
    """The event says again what it said at first."""
    life = CardLife().void(VoidReason.LOST).amend(2, reason="DAMAGED").retract(3)
    assert row_of(life).void_reason is VoidReason.LOST


def test_a_correction_does_not_touch_when_the_card_last_moved() -> None:
    """updated_at is when something happened to the card, not when somebody wrote about it."""
    row = row_of(CardLife().void().amend(2, note="behind the press"))
    assert (row.updated_at, row.version) == (minute(1), 3)


def test_work_goes_on_after_a_correction() -> None:
    """Events after a retraction fold onto what stands."""
    life = CardLife().enter("NUM-1", NUMBER).retract(2).passes()
    row = row_of(life)
    assert (row.status, row.last_station_id, row.version) == (CardUnitStatus.QA_PASSED, "QA-1", 5)


@pytest.mark.parametrize("version", [-1, 0, 2, 9])
def test_a_correction_of_no_earlier_event_is_a_programming_error(version: int) -> None:
    """Only what was said before can be corrected; no decision records anything else."""
    life = CardLife().retract(1)
    wrong = life.events[1]
    assert isinstance(wrong, EventCorrected)
    life.events[1] = replace(wrong, corrected_version=version)
    with pytest.raises(BadCorrectionError, match=f"version 2 corrects version {version}"):
        effective_events(life.events)


@pytest.mark.parametrize(
    "field", ["card_unit_id", "position", "ready", "cleared", "occurred_at", "operation", "no_such"]
)
def test_what_others_decided_by_cannot_be_amended(field: str) -> None:
    """Ids, readiness and moments are set right by taking the event back."""
    verdict = CardLife().passes().events[2]
    assert field_text(verdict, field) is None
    with pytest.raises(BadCorrectionError, match=field):
        amended(verdict, [FieldChange(field=field, was="", now="1")])


def test_a_reason_must_be_one_that_the_shop_has() -> None:
    """A text that the field cannot hold is refused by name."""
    void = CardLife().void().events[1]
    with pytest.raises(BadCorrectionError, match=r"CardUnitVoided\.reason cannot say 'EATEN'"):
        amended(void, [FieldChange(field="reason", was="LOST", now="EATEN")])


def test_a_correction_corrects_no_correction_s_words() -> None:
    """A wrong correction is taken back and said anew."""
    assert CORRECTABLE_FIELDS[EventCorrected] == frozenset()


def test_claimed_numbers_cannot_be_reworded() -> None:
    """A number of the run is claimed; only taking it back frees it."""
    assert CORRECTABLE_FIELDS[SequentialNumberApplied] == frozenset()


def test_every_event_type_says_what_of_it_can_be_corrected() -> None:
    """A new event type cannot be forgotten."""
    assert set(CORRECTABLE_FIELDS) == set(EVENT_TYPES.values())
    assert {"codes", "reason"} == CORRECTABLE_FIELDS[QAResultRecorded]
    assert {"reason", "note"} == CORRECTABLE_FIELDS[CardUnitVoided]


@searched
@given(st.text(max_size=200), st.lists(st.from_regex(r"[A-Z]-[0-9]{3}", fullmatch=True), max_size=6))
def test_text_of_a_field_reads_back_as_the_field(reason: str, codes: list[str]) -> None:
    """What a correction shows as "was" would, said again, change nothing."""
    life = CardLife().enter("QA-1", QA).inspect(QAOutcome.FAIL, codes=tuple(codes))
    verdict = life.events[2]
    assert isinstance(verdict, QAResultRecorded)
    verdict = replace(verdict, reason=reason or None)
    for field in CORRECTABLE_FIELDS[QAResultRecorded]:
        text = field_text(verdict, field)
        assert text is not None
        assert amended(verdict, [FieldChange(field=field, was=text, now=text)]) == verdict
