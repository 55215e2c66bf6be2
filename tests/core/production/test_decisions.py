"""The door to the rules: it names what it looks at, changes nothing, and says the same each time."""

from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from core.domain.commands import (
    AuthorizeReplacementSet,
    CancelOrder,
    Command,
    CompleteJob,
    CreateJob,
    FulfilOrder,
    PackSet,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.histories import History
from core.domain.models import Station, changed
from core.domain.rejections import UnknownUnit
from core.domain.streams import StreamKey
from core.domain.values import OrderLine, QAOutcome, QAResult, StopClearedBy, VoidReason
from core.identity.ids import SpecCode
from core.production.decisions import Decided, decide
from core.production.facts import Facts, JobProgress
from core.production.loaded import card_key
from core.production.pins import hash_pin
from core.production.requests import Request, facts_needed, needs
from core.production.scan import Scan
from tests.core.beginnings import come_to
from tests.core.line import Line
from tests.core.shop import FOIL, LEAD, MANAGER, OPERATOR, PACKING, QA, START, STATIONS, done, spec

SHEET, SET, CARD = "J1044-S001", "J1044-S001-SET", "J1044-S001-01"
BOX, CASE = "J1044-BX001", "CS000001"

SAID: dict[str, Any] = {
    "at": START,
    "operator_id": LEAD,
    "station_id": None,
    "station": QA,
    "spec": spec(),
    "badge": OPERATOR,
    "name": "A person",
    "roles": (),
    "secret": hash_pin("2468", b"x" * 16),
    "order_id": "PO2026-0117",
    "customer": "A customer",
    "lines": (OrderLine(line=1, spec_code=SpecCode("DRAGONS"), sets=1),),
    "promise_at": START,
    "reason": "x",
    "job_id": "J1044",
    "order_line": 1,
    "spec_code": "DRAGONS",
    "priority": 1,
    "unit_id": CARD,
    "gate": "PROOF",
    "sheet_id": SHEET,
    "card_unit_id": CARD,
    "result": QAResult(outcome=QAOutcome.PASS),
    "back_to": "QA",
    "assembly_id": SET,
    "manager": MANAGER,
    "pin": "2468",
    "limit_minutes": 1.0,
    "pack_id": BOX,
    "into": CASE,
    "carrier": "A carrier",
    "tracking_reference": "",
    "at_station": QA.station_id,
    "note": "",
    "stream": card_key(CARD),  # type: ignore[arg-type]
    "version": 1,
    "stop": "a stop",
    "refusal": "WrongSet",
    "raised_at": START,
    "cleared_by": StopClearedBy.RESET_CARD,
    "ignored": 0,
    "held": "a scan",
    "kind": "Scan",
    "scanned": CARD,
    "scanned_at": START,
}


class Watched(dict[StreamKey, History]):
    """Streams that may only be looked at where they were asked for."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the stream, which must be there."""
        assert key in self, f"{key} was not asked for"
        return super().get(key, default)


def command_of(kind: Any) -> Command:
    """A command of this kind about what there is in the shop."""
    said = {field.name: SAID[field.name] for field in fields(kind) if field.name in SAID}
    return kind(**(said | ({"reason": VoidReason.LOST} if kind in {VoidCardUnit, VoidSheet} else {})))


def streams_for(line: Line, request: Request) -> Watched:
    """The streams that the request names, as the store loads them."""
    seen: dict[StreamKey, History] = {}
    while wanted := needs(request, seen) - seen.keys():
        seen.update({key: line.streams.get(key, History()) for key in wanted})
    return Watched(seen)


def empty(_line: Line) -> None:
    """A shop with people and stations, in which nothing happened yet."""


def cut(line: Line) -> None:
    """A shop with cards."""
    line.start(spec(), sets=2)
    line.cut(SHEET)


def complete(line: Line) -> None:
    """A shop with a set that holds a replacement, and a box."""
    cut(line)
    line.replace("J1044-S001-02")
    line.complete(SHEET)
    done(line.scan(PACKING, BOX))


@pytest.fixture(params=[empty, cut, complete], ids=lambda played: played.__name__)
def stage(request: pytest.FixtureRequest, line: Line) -> Line:
    """A shop with nothing, with cards, and with a set that can be packed."""
    come_to(line, request.param)
    return line


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
def test_a_command_looks_at_nothing_that_it_did_not_name(stage: Line, kind: Any) -> None:
    """A stream that was not loaded would read as empty, and a rule decide on nothing."""
    request = command_of(kind)
    seen = streams_for(stage, request)
    before = dict(seen)
    outcome = decide(request, seen, Facts(job_progress=JobProgress(sheets=2, sets_packed=0)))
    assert outcome == decide(request, seen, Facts(job_progress=JobProgress(sheets=2, sets_packed=0)))
    assert dict(seen) == before
    if isinstance(outcome, Decided):
        assert {append.stream for append in outcome.change.appends} - seen.keys() <= _born(outcome)
        assert outcome.command == request


def _born(decided: Decided) -> set[StreamKey]:
    """Streams that begin with this change need not be looked at: their version guard is that they are new."""
    return {append.stream for append in decided.change.appends if append.expected_version == 0}


@pytest.mark.parametrize("where", [*STATIONS], ids=lambda where: where.station_id)
def test_a_scan_looks_at_nothing_that_it_did_not_name(stage: Line, where: Any) -> None:
    """Whatever is scanned, and whatever the station has open."""
    texts = [SHEET, "J1044-S002", CARD, SET, BOX, CASE, "OP-42", "OP-99", "CMD-UNDO", "J1044", "x", "7"]
    for text in texts:
        for opened in (False, True):
            request = Scan(
                text=text,
                station=where,
                operator_id=OPERATOR,
                at=stage.now,
                open_assembly=SET if opened else None,  # type: ignore[arg-type]
                open_pack=BOX if opened else None,  # type: ignore[arg-type]
            )
            decide(request, streams_for(stage, request), Facts())


def test_packing_names_the_cards_of_the_set_by_command_and_by_scan(line: Line) -> None:
    """Their streams are written, so a card that is voided in this moment makes a conflict."""
    line.start(spec())
    line.complete(SHEET)
    done(line.scan(PACKING, BOX))
    scan = Scan(
        text=SET,
        station=PACKING,
        operator_id=OPERATOR,
        at=line.now,
        open_pack=BOX,  # type: ignore[arg-type]
    )
    cards = {card_key(card) for card in line.tray(SHEET).gathered.values()}
    assert cards <= streams_for(line, scan).keys()
    assert cards <= streams_for(line, command_of(PackSet)).keys()


def test_a_set_whose_cards_were_not_loaded_is_not_packed(line: Line) -> None:
    """Rather refuse than record a set with cards of which nothing is said."""
    line.start(spec())
    line.complete(SHEET)
    done(line.scan(PACKING, BOX))
    request = command_of(PackSet)
    seen = dict(streams_for(line, request))
    del seen[card_key(line.tray(SHEET).gathered[3])]
    outcome = decide(request, seen, Facts())
    assert isinstance(outcome, UnknownUnit)
    assert outcome.unit_id == "J1044-S001-03"


def test_facts_are_asked_for_by_automations_offices_and_managers_only() -> None:
    """No scan counts anything."""
    asking = {kind for kind in get_args(Command) if facts_needed(command_of(kind)) is not None}
    assert asking == {CompleteJob, FulfilOrder, CreateJob, CancelOrder, AuthorizeReplacementSet}


def test_without_its_facts_an_automation_does_nothing(line: Line) -> None:
    """Nobody counted, so nothing is known to be packed."""
    line.start(spec())
    request = command_of(CompleteJob)
    assert not isinstance(decide(request, streams_for(line, request), Facts()), Decided)


def test_a_fact_that_concerns_several_streams_is_one_fact(line: Line) -> None:
    """It is told once."""
    line.start(spec())
    line.clear(*line.cut(SHEET))
    outcome = line.gather(CARD)
    assert isinstance(outcome, Decided)
    assert len(outcome.change.appends) == 2
    assert len(outcome.change.events) == 1


def test_states_change_by_the_fields_that_they_have() -> None:
    """A slip in a fold is an error at once, not a field that nobody reads."""
    state = Station(definition=FOIL)
    assert changed(state, down_for="foil roll") == replace(state, down_for="foil roll")
    assert state.down_for is None
    with pytest.raises(TypeError, match="has no downfor"):
        changed(state, downfor="foil roll")
