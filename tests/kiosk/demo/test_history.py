"""The demo's history, told to a shop in memory: everything in it must be allowed."""

from datetime import datetime, timedelta

from core.domain.commands import DefineProductSpec, DefineStation, SetOperatorPin
from core.domain.events import CardScannedForAssembly
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import AssemblyStatus, CardUnitStatus, StationRole
from core.identity.ids import AssemblyId, CardUnitId, JobId
from core.production.assembly import needs_authorization
from core.production.pins import hash_pin
from kiosk.demo.history import lane
from kiosk.demo.parts import MANAGER, MANAGER_PIN, PARTS, cast
from kiosk.demo.story_book import TALES
from kiosk.demo_shop import demo_config, demo_people, demo_products
from tests.core import shop

NOW = shop.START + timedelta(days=30)


def told() -> shop.Shop:
    """The demo's shop as it is when somebody comes to play."""
    floor = shop.Shop(now=NOW)
    products = demo_products(NOW)
    specs = {spec.code: spec for spec in products}
    benches = cast(demo_config())
    for spec in products:
        floor.accept(DefineProductSpec(at=NOW, operator_id=None, station_id=None, spec=spec))
    for bench in benches:
        floor.accept(DefineStation(at=NOW, operator_id=None, station_id=None, station=bench.station))
    for person in demo_people(NOW):
        floor.accept(person)
    secret = hash_pin(MANAGER_PIN, b"0123456789abcdef")
    floor.accept(SetOperatorPin(at=NOW, operator_id=MANAGER, station_id=None, badge=MANAGER, secret=secret))
    for tale in TALES:
        for command in tale.order(specs, NOW).commands(NOW + timedelta(hours=tale.placed)):
            floor.accept(command)
        for story in tale.stories:
            for request in lane(tale.job_id, specs[tale.spec_code], story, benches, now=NOW):
                answer = floor.run(request)
                assert not shop.is_refused(answer), (request, answer)
    return floor


def gathered_at(floor: shop.Shop, tray: AssemblyId) -> list[datetime]:
    """When cards were gathered into a tray."""
    events = floor.streams[StreamKey(AggregateType.ASSEMBLY, tray)].events
    return [event.occurred_at for event in events if isinstance(event, CardScannedForAssembly)]


def test_nothing_of_the_history_is_refused_and_all_stages_are_there() -> None:
    """Cards in every state, a tray half gathered, a complete set that needs a manager, a job that is late."""
    floor = told()
    states = {card.status for card in floor.cards()}
    assert states == set(CardUnitStatus)
    played = floor.loaded.assembly(AssemblyId("J1044-S002-SET"))
    assert played is not None
    # A station opens the tray that was filled there last, so whoever plays finds this one open.
    open_here = [
        moments[-1]
        for tray in floor.trays()
        if tray.open_at == PARTS[StationRole.ASSEMBLY].station_id
        and tray.status in {AssemblyStatus.IN_PROGRESS, AssemblyStatus.COMPLETE}
        and (moments := gathered_at(floor, tray.assembly_id))
    ]
    assert gathered_at(floor, played.assembly_id)[-1] == max(open_here)
    assert 0 < len(played.gathered) < len(played.expected)
    replaced = floor.loaded.assembly(AssemblyId("J1046-S001-SET"))
    assert replaced is not None
    assert replaced.status is AssemblyStatus.COMPLETE
    assert needs_authorization(replaced)
    late = floor.loaded.job(JobId("J1041"))
    assert late is not None
    assert late.promise_at < NOW
    held = floor.loaded.card(CardUnitId("J1044-S003-05"))
    assert held is not None
    assert held.status is CardUnitStatus.QA_FAILED


def test_every_sheet_happened_before_now_and_after_its_order() -> None:
    """Back-dated, in order, and never before the job was placed."""
    products = {spec.code: spec for spec in demo_products(NOW)}
    benches = cast(demo_config())
    for tale in TALES:
        for story in tale.stories:
            moments = [r.at for r in lane(tale.job_id, products[tale.spec_code], story, benches, now=NOW)]
            assert moments == sorted(moments)
            assert moments[-1] == NOW - timedelta(minutes=story.ago)
            assert moments[0] > NOW + timedelta(hours=tale.placed), (tale.job_id, story.sheet)


def test_everybody_who_works_or_plays_is_registered_and_may() -> None:
    """Inspectors at QA, leads at the leads' stations, a manager who works nowhere."""
    roles = {person.badge: person.roles for person in demo_people(NOW)}
    benches = cast(demo_config())
    for bench in benches:
        assert bench.operator_id in roles
        if bench.station.role is StationRole.QA:
            assert "inspector" in roles[bench.operator_id]
        if bench.station.role is StationRole.LEAD:
            assert "lead" in roles[bench.operator_id]
    assert MANAGER not in {bench.operator_id for bench in benches}
    assert "manager" in roles[MANAGER]
    stations = {bench.station_id: bench.station.role for bench in benches}
    assert {role: stations[part.station_id] for role, part in PARTS.items()} == {role: role for role in StationRole}
    assert all(part.badge in roles for part in PARTS.values())


def test_every_role_has_another_station_for_the_work_of_the_one_that_is_played() -> None:
    """Whoever plays and does nothing does not stop the shop."""
    benches = cast(demo_config())
    for role, part in PARTS.items():
        played = next(bench for bench in benches if bench.station_id == part.station_id)
        others = {
            work
            for bench in benches
            if bench.station_id != part.station_id and bench.station.role is role
            for work in bench.station.work
        }
        assert set(played.station.work) <= others
