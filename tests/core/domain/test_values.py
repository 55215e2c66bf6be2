"""Values and changes: how a number reads, and what a change tells."""

import pytest

from core.domain.events import HelpAnswered, HelpCalled
from core.domain.histories import History
from core.domain.streams import AggregateType, Append, Change, StreamKey
from core.domain.values import FAN_IN, WORK_OF_ROLE, OperationType, SequentialNumber, StationRole
from core.identity.ids import StationId
from tests.core.shop import START


@pytest.mark.parametrize(
    ("value", "run_of", "text"), [(7, 99, "07/99"), (7, 9, "07/9"), (7, 100, "007/100"), (100, 100, "100/100")]
)
def test_a_number_reads_as_it_is_printed(value: int, run_of: int, text: str) -> None:
    """Padded to the width of its run, two digits at least."""
    assert str(SequentialNumber(value, run_of)) == text


def test_every_kind_of_work_is_done_by_one_role() -> None:
    """A station's role tells which app it runs, so no work may be at home in two."""
    homes = [work for works in WORK_OF_ROLE.values() for work in works]
    assert sorted(homes) == sorted(OperationType)
    assert set(WORK_OF_ROLE) == set(StationRole)
    assert set(FAN_IN) == {OperationType.ASSEMBLE, OperationType.PACK}


def test_a_history_has_the_version_of_its_newest_event() -> None:
    """An empty one has none."""
    station = StationId("QA-1")
    called = HelpCalled(occurred_at=START, operator_id=None, station_id=station, at_station=station, note="")
    assert (History().version, History((called, called)).version) == (0, 2)


def test_a_change_tells_each_fact_once_in_its_order() -> None:
    """Though a fact stands in several streams; two equal facts are two."""
    station = StationId("QA-1")
    said = {"occurred_at": START, "operator_id": None, "station_id": station, "at_station": station}
    called = HelpCalled(note="", **said)  # type: ignore[arg-type]
    answered, again = HelpAnswered(**said), HelpAnswered(**said)  # type: ignore[arg-type]
    one, other = (StreamKey(AggregateType.STATION, name) for name in ("A", "B"))
    change = Change((Append(one, 0, (called, answered)), Append(other, 0, (answered, again))))
    assert change.events == (called, answered, again)
    assert change.events[1] is answered
    assert change.events[2] is again
