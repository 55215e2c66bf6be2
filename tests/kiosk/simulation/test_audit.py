"""The audit finds what is wrong with a log, whatever the rules would have said."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from core.domain.commands import CompleteJob, FulfilOrder
from core.domain.events import (
    AssemblyCompleted,
    CardScannedForAssembly,
    CardUnitOperationCompleted,
    Event,
    JobCompleted,
    QAResultRecorded,
    SequentialNumberApplied,
    SetPacked,
    SheetCut,
    TrayBrought,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import OperationType, ProductSpec, UnitKind, VoidReason
from core.identity.ids import (
    CardUnitId,
    JobId,
    ProductionOrderId,
    assembly_of,
    box_id,
    card_unit_id,
    replacement_card_unit_id,
    sheet_id,
)
from core.production.routes import steps_for
from kiosk.simulation import errands
from kiosk.simulation.audit import Audit, Finding, JobCounts
from kiosk.simulation.errands import Bench, Errand
from kiosk.simulation.reporting import _in_all
from kiosk.simulation.sights import UnitSeen
from tests.core import shop

JOB = JobId("J1044")
SPEC: ProductSpec = shop.spec("FULL", n_up=4, route=shop.FULL_ROUTE)
Streams = Mapping[StreamKey, tuple[Event, ...]]


def bench_for(work: OperationType) -> Bench:
    """A station of the shop that does such work."""
    station = next(each for each in shop.STATIONS if work in each.work)
    return Bench(station=station, operator_id=shop.INSPECTOR if work is OperationType.QA else shop.OPERATOR)


LEAD = Bench(station=shop.OFFICE, operator_id=shop.LEAD)


def carry_out(floor: shop.Shop, errand: Errand) -> None:
    """Do an errand, ten seconds a deed; nothing of it may be refused."""
    for deed in errand.deeds:
        floor.pass_time(10)
        answer = floor.run(replace(deed.request, at=floor.now))
        assert not shop.is_refused(answer), (deed.request, answer)


def packed_job() -> shop.Shop:
    """A whole job of two sets, the second with a replacement, done by the simulation's own errands."""
    floor = shop.Shop().furnish()
    floor.start(SPEC, sets=2)
    for number in (1, 2):
        sheet = sheet_id(JOB, number)
        for step in steps_for(SPEC.route, UnitKind.SHEET):
            if step.work is OperationType.GATE:
                carry_out(floor, errands.approval(LEAD, sheet, step.operation, floor.now))
            else:
                carry_out(floor, errands.sheet_work(bench_for(step.work), sheet, floor.now))
        cards = [card_unit_id(sheet, place) for place in range(1, 5)]
        for card in cards:
            life_of(floor, card)
        if number == 2:
            carry_out(floor, errands.replacing(LEAD, cards[0], VoidReason.LOST, floor.now))
            cards[0] = replacement_card_unit_id(cards[0])
            life_of(floor, cards[0])
        gathering = errands.gathering(bench_for(OperationType.ASSEMBLE), assembly_of(sheet), cards, floor.now)
        carry_out(floor, gathering)
        if number == 2:
            carry_out(floor, errands.authorization(LEAD, assembly_of(sheet), shop.MANAGER, shop.PIN, floor.now))
        packing = bench_for(OperationType.PACK)
        carry_out(floor, errands.packing(packing, assembly_of(sheet), box_id(JOB, 1), floor.now, seals=number == 2))
    floor.accept(CompleteJob(at=floor.now, operator_id=None, station_id=None, job_id=JOB))
    order = ProductionOrderId("PO2026-0117")
    floor.accept(FulfilOrder(at=floor.now, operator_id=None, station_id=None, order_id=order))
    return floor


def life_of(floor: shop.Shop, card: CardUnitId) -> None:
    """Take a card through every step of its route."""
    for step in steps_for(SPEC.route, UnitKind.CARD):
        if step.work is OperationType.QA:
            carry_out(floor, errands.inspection(bench_for(step.work), card, (), floor.now))
        else:
            seen = UnitSeen(unit_id=card, job_id=JOB, work=step.work)
            carry_out(floor, errands.card_work(bench_for(step.work), seen, SPEC, floor.now))


WHOLE = JobCounts(in_progress=0, failed=0, passed=0, assembled=0, packed=8, voided=1)


def findings(streams: Streams, counts: JobCounts = WHOLE) -> dict[str, Finding]:
    """The audit of these streams."""
    audit = Audit()
    for key, events in streams.items():
        for version, event in enumerate(events, 1):
            audit.take(key, version, event)
    return {finding.invariant: finding for finding in audit.findings({JOB: counts})}


def broken(streams: Streams, counts: JobCounts = WHOLE) -> set[str]:
    """The invariants that do not hold."""
    return {name for name, finding in findings(streams, counts).items() if not finding.holds}


@pytest.fixture(scope="module")
def sound() -> Streams:
    """The streams of a job without a fault."""
    return {key: history.events for key, history in packed_job().streams.items()}


def tampered(streams: Streams, kind: type[Event], change: Callable[[Event], tuple[Event, ...]]) -> Streams:
    """The same streams with the first such event of each stream that has one replaced, in one stream only."""
    for key, events in streams.items():
        for place, event in enumerate(events):
            if isinstance(event, kind):
                return {**streams, key: (*events[:place], *change(event), *events[place + 1 :])}
    raise AssertionError(kind)


def test_a_sound_log_has_nothing_against_it(sound: Streams) -> None:
    """A whole job with a replacement, an authorization and a seal passes every invariant."""
    assert broken(sound) == set()
    assert findings(sound)["cards conserved in every job"].examined == "9 cards"


def test_a_gap_in_a_stream_is_found() -> None:
    """Version 3 may not follow version 1."""
    audit = Audit()
    key = StreamKey(AggregateType.JOB, JOB)
    event = next(iter(packed_job().streams[key].events))
    audit.take(key, 1, event)
    audit.take(key, 3, event)
    assert not audit.findings({})[0].holds


def test_a_command_that_was_carried_out_twice_is_found() -> None:
    """Its events would be in two transactions."""
    audit = Audit()
    audit.command("a command", 1)
    audit.command("a command", 1)
    assert audit.findings({})[1].holds
    audit.command("a command", 2)
    assert not audit.findings({})[1].holds


def test_a_cut_that_makes_too_few_cards_is_found(sound: Streams) -> None:
    """Exactly the positions 1 to n_up."""

    def short(event: Event) -> tuple[Event, ...]:
        assert isinstance(event, SheetCut)
        return (replace(event, card_unit_ids=event.card_unit_ids[:-1]),)

    assert broken(tampered(sound, SheetCut, short)) == {"every sheet cut once, into exactly its cards"}


def test_a_second_cut_is_found(sound: Streams) -> None:
    """A sheet ends once, and its cards are counted once."""
    found = broken(tampered(sound, SheetCut, lambda event: (event, event)))
    assert "every sheet cut once, into exactly its cards" in found


def test_a_skipped_operation_is_found(sound: Streams) -> None:
    """Without UV nothing after it may be done."""
    found = broken(tampered(sound, CardUnitOperationCompleted, lambda _: ()))
    assert "no operation before its predecessors" in found


def test_a_card_gathered_without_a_pass_is_found(sound: Streams) -> None:
    """Only what passed QA lies in a tray."""
    found = broken(tampered(sound, QAResultRecorded, lambda _: ()))
    assert "only cards that passed, each in its own set only" in found


def test_a_card_in_two_sets_is_found(sound: Streams) -> None:
    """The set of sheet 2 says that it holds a card of sheet 1."""
    key = StreamKey(AggregateType.ASSEMBLY, "J1044-S002-SET")
    first = next(
        event
        for event in sound[StreamKey(AggregateType.ASSEMBLY, "J1044-S001-SET")]
        if isinstance(event, CardScannedForAssembly)
    )
    events = sound[key]
    place = next(n for n, event in enumerate(events) if isinstance(event, CardScannedForAssembly))
    found = broken({**sound, key: (*events[:place], first, *events[place + 1 :])})
    assert "only cards that passed, each in its own set only" in found
    assert "complete means exactly the expected cards" in found


def test_complete_without_every_card_is_found(sound: Streams) -> None:
    """A tray that lost a scan is not complete."""
    key = StreamKey(AggregateType.ASSEMBLY, "J1044-S001-SET")
    events = [event for event in sound[key] if not isinstance(event, CardScannedForAssembly)]
    assert "complete means exactly the expected cards" in broken({**sound, key: tuple(events)})


def test_a_card_gathered_where_the_tray_was_brought_away_is_found(sound: Streams) -> None:
    """Its label was read at one station, and its cards at another."""
    found = broken(tampered(sound, TrayBrought, lambda said: (replace(said, station_id=shop.ASSEMBLY_2.station_id),)))
    assert "complete means exactly the expected cards" in found


def test_packing_an_incomplete_set_is_found(sound: Streams) -> None:
    """Nothing is packed before AssemblyCompleted."""
    found = broken(tampered(sound, AssemblyCompleted, lambda _: ()))
    assert "nothing packed that is incomplete or not authorized" in found


def test_packing_an_unauthorized_replacement_is_found(sound: Streams) -> None:
    """The set with the replacement needs its manager."""
    key = StreamKey(AggregateType.ASSEMBLY, "J1044-S002-SET")
    events = tuple(event for event in sound[key] if type(event).__name__ != "ReplacementSetAuthorized")
    assert broken({**sound, key: events}) == {"nothing packed that is incomplete or not authorized"}


def test_a_set_in_two_boxes_is_found(sound: Streams) -> None:
    """A second box says that it holds the set too."""
    box = StreamKey(AggregateType.PACK, "J1044-BX001")
    packed = next(event for event in sound[box] if isinstance(event, SetPacked))
    other = StreamKey(AggregateType.PACK, "J1044-BX002")
    assert broken({**sound, other: (packed,)}) == {"nothing packed that is incomplete or not authorized"}


def test_a_number_twice_is_found(sound: Streams) -> None:
    """Two cards of a job with one number."""
    numbers = [e.number for events in sound.values() for e in events if isinstance(e, SequentialNumberApplied)]

    def same(event: Event) -> tuple[Event, ...]:
        assert isinstance(event, SequentialNumberApplied)
        return (replace(event, number=numbers[1]),)

    assert broken(tampered(sound, SequentialNumberApplied, same)) == {"numbers and inserts unique"}


def test_a_card_that_nobody_made_is_found(sound: Streams) -> None:
    """Conservation counts what was cut and replaced against what is there."""
    stranger = StreamKey(AggregateType.CARD_UNIT, "J1044-S009-01")
    life = sound[StreamKey(AggregateType.CARD_UNIT, "J1044-S001-01")][:1]
    assert {"cards conserved in every job", "every sheet cut once, into exactly its cards"} <= broken(
        {**sound, stranger: life}
    )


def test_counts_that_say_otherwise_are_found(sound: Streams) -> None:
    """A read model with a card too many is not believed."""
    wrong = replace(WHOLE, packed=9)
    assert broken(sound, wrong) == {"cards conserved in every job"}


def test_a_job_completed_twice_or_never_is_found(sound: Streams) -> None:
    """Exactly one JobCompleted for a job that is packed."""
    name = "one JobCompleted for every job that is packed, none for others"
    assert broken(tampered(sound, JobCompleted, lambda event: (event, event))) == {name}
    assert broken(tampered(sound, JobCompleted, lambda _: ())) == {name}


def test_a_finding_names_its_first_violations_and_counts_the_rest() -> None:
    """Five examples are enough to begin with."""
    finding = Finding("an invariant", 9, "cards", tuple(f"card {number}" for number in range(9)))
    assert finding.lines()[0] == "FAIL  an invariant (9 cards)"
    assert finding.lines()[-1].strip() == "and 4 more"
    assert len(finding.lines()) == 7


def test_an_invariant_of_which_nothing_happened_is_not_said_to_be_proved() -> None:
    """Given a run too short for anything to be cut, then it says that this was not exercised, not that all holds."""
    untried, held = Finding("an invariant", 0, "cuts"), Finding("another", 3, "cards")
    assert untried.lines() == ("-     an invariant (0 cuts, not exercised)",)
    assert held.lines() == ("ok    another (3 cards)",)
    assert _in_all((untried, held)) == ("every invariant holds that was exercised; 1 of 2 were not: run it for longer")
    assert _in_all((held,)) == "every invariant holds"
    assert "1 of 2 invariants BROKEN" in _in_all((held, Finding("a third", 0, "cuts", ("no sheet",))))
