"""What a history says once its corrections are applied."""

from dataclasses import replace
from datetime import timedelta

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
from core.domain.events import EVENT_TYPES, Event, EventCorrected, HelpCalled, JobHeld
from core.domain.histories import History
from core.domain.streams import AggregateType
from core.domain.values import FieldChange
from core.identity.ids import JobId
from tests.core.searching import searched
from tests.core.shop import LEAD, START


def held(number: int) -> JobHeld:
    """A fact with a reason, one of many."""
    at = START + timedelta(minutes=number)
    return JobHeld(occurred_at=at, operator_id=LEAD, station_id=None, job_id=JobId("J1044"), reason=f"reason {number}")


def correction(version: int, *changes: FieldChange) -> EventCorrected:
    """Take an event back, or amend it where changes are said."""
    return EventCorrected(
        occurred_at=START,
        operator_id=LEAD,
        station_id=None,
        aggregate_type=AggregateType.JOB,
        aggregate_id="J1044",
        corrected_version=version,
        corrected_event="JobHeld",
        changes=changes,
        retracted=not changes,
        reason="a slip",
    )


def reads(field: str, now: str) -> FieldChange:
    """A field that should have read otherwise."""
    return FieldChange(field=field, was="", now=now)


def test_without_corrections_everything_stands() -> None:
    """Each event with its version, from 1."""
    assert effective_events((held(1), held(2))) == [(1, held(1)), (2, held(2))]
    assert effective_events(()) == []


def test_what_was_taken_back_is_gone_and_so_is_the_correction() -> None:
    """Versions stay what they were."""
    assert effective_events((held(1), held(2), correction(1))) == [(2, held(2))]


def test_the_newest_amendment_counts() -> None:
    """Over the earlier ones."""
    events = (held(1), correction(1, reads("reason", "one")), correction(1, reads("reason", "two")))
    assert effective_events(events) == [(1, replace(held(1), reason="two"))]


def test_a_correction_that_was_taken_back_never_was() -> None:
    """The event stands again, as it was."""
    assert effective_events((held(1), correction(1), correction(2))) == [(1, held(1))]
    amendment = correction(1, reads("reason", "one"))
    assert effective_events((held(1), amendment, correction(2))) == [(1, held(1))]


@pytest.mark.parametrize("version", [0, -1, 2, 9])
def test_a_correction_of_itself_or_of_what_comes_later_is_a_fault(version: int) -> None:
    """No rule writes one."""
    with pytest.raises(BadCorrectionError):
        effective_events((held(1), correction(version)))


def test_only_a_correctable_field_is_amended() -> None:
    """And only by a text that it can hold."""
    assert amended(held(1), (reads("reason", "ink"),)) == replace(held(1), reason="ink")
    with pytest.raises(BadCorrectionError, match="no correctable field 'job_id'"):
        amended(held(1), (reads("job_id", "J2"),))
    assert field_text(held(1), "reason") == "reason 1"
    assert field_text(held(1), "job_id") is None


def test_no_identity_number_or_moment_is_correctable() -> None:
    """Others built on them."""
    assert set(EVENT_TYPES.values()) == set(CORRECTABLE_FIELDS)
    words = {"customer", "name", "product_name", "reason", "note", "codes", "carrier", "tracking_reference"}
    assert set().union(*CORRECTABLE_FIELDS.values()) == words
    assert CORRECTABLE_FIELDS[EventCorrected] == set()
    assert CORRECTABLE_FIELDS[HelpCalled] == {"note"}


@searched
@given(st.lists(st.integers(0, 40), max_size=12))
def test_taking_back_the_newest_again_and_again_leaves_a_beginning(steps: list[int]) -> None:
    """Whatever else happens between, what stands is in order and was said."""
    events: list[Event] = [held(0)]
    for step in steps:
        standing = effective_events(events)
        if step % 3 == 0 and standing:
            events.append(correction(standing[-1][0]))
        else:
            events.append(held(step))
    standing = effective_events(events)
    assert [version for version, _ in standing] == sorted(version for version, _ in standing)
    assert all(events[version - 1] is event for version, event in standing)


def reasons(state: tuple[str, ...] | None, event: Event) -> tuple[str, ...]:
    """The reasons given so far, in order."""
    assert isinstance(event, JobHeld)
    return (*(state or ()), event.reason)


@searched
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), max_size=12))
def test_a_history_that_goes_on_from_another_leads_to_what_it_leads_to_by_itself(
    steps: list[tuple[int, bool, bool]],
) -> None:
    """Whatever was corrected, and whether or not somebody asked for the state in between."""
    grown = History((held(0),))
    for number, (corrected, amends, asks) in enumerate(steps, 1):
        events = grown.events
        change = FieldChange(field="reason", was="", now=f"amended {number}")
        if not 0 < corrected <= len(events):
            event = held(number)
        elif amends and isinstance(events[corrected - 1], JobHeld):
            event = correction(corrected, change)
        else:
            event = correction(corrected)
        grown = History((*events, event)).going_on_from(grown)
        if asks:
            assert grown.state(reasons) == History(grown.events).state(reasons)
    assert grown.state(reasons) == History(grown.events).state(reasons)
