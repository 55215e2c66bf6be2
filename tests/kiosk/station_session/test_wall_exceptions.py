"""The exceptions of the leads' wall: each is counted for itself, whatever else is true of the station."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.values import StationRole
from core.identity.ids import StationId
from core.projections import StationRow
from kiosk.snapshots.leads import LeadSection, LeadView
from kiosk.station_session.floor_view import SILENT_SECONDS, Floor, floor_view
from kiosk.wording.spoken import Words
from store.read_models.presence import PresenceRow
from store.read_models.quality import FirstPass
from store.read_models.station_queues import StationLoad
from tests.support.samples import sample

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)

STATION = replace(
    sample(StationRow),
    role=StationRole.EMBELLISH,
    queue_limit=10,
    down_since=None,
    down_reason=None,
    help_since=None,
    help_note=None,
)


def station(name: str, *, down: bool = False, calls: bool = False) -> StationRow:
    """A station that takes a queue of ten."""
    return replace(
        STATION,
        station_id=StationId(name),
        name=name,
        down_since=NOW if down else None,
        down_reason="RIBBON" if down else None,
        help_since=NOW if calls else None,
    )


def heard_of(name: str, state: str = "WORKING", *, silent: float = 0.0, held: int = 0) -> PresenceRow:
    """What the floor last heard of a station's kiosk."""
    return replace(sample(PresenceRow), station_id=name, state=state, silent_seconds=silent, scans_held=held)


def wall(*stations: StationRow, heard: tuple[PresenceRow, ...] = (), overloaded: tuple[str, ...] = ()) -> LeadView:
    """The wall over these stations; eleven units wait at the overloaded ones."""
    loads = {
        name: StationLoad(station_id=name, units_at_station=0, oldest_at_station=None, units_ready=11, oldest_ready=NOW)
        for name in overloaded
    }
    floor = Floor(
        stations=stations,
        loads=loads,
        presences={each.station_id: each for each in heard},
        rates={},
        last_asked={},
        jobs=(),
        progress={},
        stages={},
        first_pass=FirstPass(inspected=0, passed_first=0),
        people={},
        failed=0,
    )
    return floor_view(floor, NOW, Words(zone=UTC), section=LeadSection.JOBS, selected=0, at_risk_only=False)


def told(view: LeadView) -> dict[str, str]:
    """The exceptions and which they name."""
    return {each.words: each.detail for each in view.exceptions}


@pytest.mark.parametrize(
    ("beside", "heard", "row"),
    [
        (station("FOIL-1"), heard_of("FOIL-1", "STOPPED"), "STOPPED"),
        (station("FOIL-1", down=True), heard_of("FOIL-1"), "DOWN"),
        (station("FOIL-1", calls=True), heard_of("FOIL-1"), "CALLS YOU"),
        (station("FOIL-1"), heard_of("FOIL-1", silent=SILENT_SECONDS), "OFFLINE"),
        (station("FOIL-1"), heard_of("FOIL-1", held=3), "3 KEPT"),
    ],
    ids=["stopped", "down", "calling", "offline", "keeping"],
)
def test_a_station_is_counted_as_overloaded_whatever_else_is_true_of_it(
    beside: StationRow, heard: PresenceRow, row: str
) -> None:
    """Its row on the board says the worst; the count of the overloaded ones is no smaller for it."""
    view = wall(beside, station("UV-1"), heard=(heard, heard_of("UV-1")), overloaded=("FOIL-1", "UV-1"))
    assert {each.station: each.state for each in view.stations}["FOIL-1"] == row
    assert told(view)["2 OVERLOAD"] in {"FOIL-1 +1", "UV-1 +1"}


def test_each_trouble_of_one_station_is_an_exception_of_its_own() -> None:
    """One that is down calls a lead and is full: three things to be done."""
    view = wall(station("FOIL-1", down=True, calls=True), overloaded=("FOIL-1",))
    assert told(view) == {"1 DOWN": "FOIL-1", "1 CALLS YOU": "FOIL-1", "1 OVERLOAD": "FOIL-1"}


def test_a_kiosk_that_is_silent_is_offline_and_no_longer_stopped() -> None:
    """What it said before it fell silent is not known to be so still."""
    view = wall(station("FOIL-1"), heard=(heard_of("FOIL-1", "STOPPED", silent=SILENT_SECONDS),))
    assert told(view) == {"1 OFFLINE": "FOIL-1"}


def test_a_floor_without_trouble_is_well() -> None:
    """Ten that wait where ten may are no overload."""
    assert told(wall(station("FOIL-1"), heard=(heard_of("FOIL-1"),))) == {"ALL WELL": ""}
