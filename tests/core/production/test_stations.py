"""Stations and people: set up, down, calling for help."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.commands import (
    AnswerHelp,
    CallForHelp,
    DefineStation,
    EndDowntime,
    RegisterOperator,
    SetOperatorPin,
    StartDowntime,
)
from core.domain.events import (
    HelpAnswered,
    HelpCalled,
    OperatorPinSet,
    OperatorRegistered,
    StationDefined,
    StationDowntimeEnded,
    StationDowntimeStarted,
)
from core.domain.readings import BadgeRead
from core.domain.rejections import (
    DefinitionFault,
    InvalidDefinition,
    NothingChanged,
    ReasonMissing,
    UnknownOperator,
    UnknownStation,
)
from core.domain.values import OperationType, OperatorRole, StationRole
from core.identity.ids import OperatorId, StationId
from core.production.pins import hash_pin
from tests.core.line import Line
from tests.core.shop import FOIL, LEAD, OFFICE, OPERATOR, QA, Outcome, done, read_as, refused

NOWHERE = StationId("NOWHERE-1")
NEWCOMER = OperatorId("OP-77")


def at(line: Line, order: Any, where: StationId = FOIL.station_id, **said: Any) -> Outcome:
    """Ask something about a station."""
    return line.ask(order, at=FOIL, by=LEAD, at_station=where, **said)


def test_a_station_is_set_up_and_changed(line: Line) -> None:
    """The same again changes nothing; what it is doing stays as it is."""
    done(at(line, StartDowntime, reason="foil roll"))
    (defined,) = done(line.ask(DefineStation, by=None, station=replace(FOIL, name="The gold one")))
    assert isinstance(defined, StationDefined)
    state = line.loaded.station(FOIL.station_id)
    assert state is not None
    assert (state.definition.name, state.down_for) == ("The gold one", "foil roll")
    refused(line.ask(DefineStation, by=None, station=state.definition), NothingChanged)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"name": ""}, DefinitionFault.EMPTY_NAME),
        ({"name": "x" * 61}, DefinitionFault.TOO_LONG),
        ({"work": (OperationType.QA,)}, DefinitionFault.WORK_NOT_OF_ROLE),
        ({"work": ()}, DefinitionFault.NO_WORK),
        ({"units_per_hour": 0.0}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
        ({"units_per_hour": float("nan")}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
        ({"units_per_hour": float("inf")}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
        ({"queue_limit": 0}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
    ],
)
def test_a_station_that_cannot_be_is_refused_with_its_fault(
    line: Line, said: dict[str, Any], fault: DefinitionFault
) -> None:
    """A foil station does foil and the like."""
    outcome = line.ask(DefineStation, by=None, station=replace(FOIL, **said))
    assert [found.fault for found in refused(outcome, InvalidDefinition).faults] == [fault]


def test_a_lead_s_screen_needs_no_work(line: Line) -> None:
    """It looks on."""
    assert OFFICE.work == ()
    assert OFFICE.role is StationRole.LEAD
    done(line.ask(DefineStation, by=None, station=replace(OFFICE, name="Upstairs")))


def test_a_station_stands_still_for_a_reason_until_it_works_again(line: Line) -> None:
    """Each is said once."""
    refused(at(line, StartDowntime, reason=" "), ReasonMissing)
    refused(at(line, EndDowntime), NothingChanged)
    (started,) = done(at(line, StartDowntime, reason="foil roll"))
    assert isinstance(started, StationDowntimeStarted)
    refused(at(line, StartDowntime, reason="again"), NothingChanged)
    (ended,) = done(at(line, EndDowntime))
    assert isinstance(ended, StationDowntimeEnded)


def test_a_call_for_help_is_open_until_it_is_answered(line: Line) -> None:
    """A second call is the same call."""
    refused(at(line, AnswerHelp), NothingChanged)
    (called,) = done(at(line, CallForHelp, note="jam"))
    assert isinstance(called, HelpCalled)
    refused(at(line, CallForHelp), NothingChanged)
    (answered,) = done(at(line, AnswerHelp))
    assert isinstance(answered, HelpAnswered)
    done(at(line, CallForHelp))


@pytest.mark.parametrize(
    ("order", "said"), [(StartDowntime, {"reason": "x"}), (EndDowntime, {}), (CallForHelp, {}), (AnswerHelp, {})]
)
def test_a_station_that_was_never_set_up_is_unknown(line: Line, order: Any, said: dict[str, Any]) -> None:
    """An id of nothing."""
    assert refused(at(line, order, NOWHERE, **said), UnknownStation).station_id == NOWHERE


# -- people --------------------------------------------------------------------


def register(line: Line, **said: Any) -> Outcome:
    """Give a newcomer a badge."""
    asked: dict[str, Any] = {"badge": NEWCOMER, "name": "A newcomer", "roles": (OperatorRole.OPERATOR,)}
    return line.ask(RegisterOperator, by=None, **(asked | said))


def test_a_person_gets_a_badge_and_roles_and_new_ones(line: Line) -> None:
    """A PIN that was set stays."""
    (registered,) = done(register(line))
    assert isinstance(registered, OperatorRegistered)
    refused(register(line), NothingChanged)
    secret = hash_pin("2468", b"x" * 16)
    (pin,) = done(line.ask(SetOperatorPin, by=NEWCOMER, badge=NEWCOMER, secret=secret))
    assert isinstance(pin, OperatorPinSet)
    done(register(line, roles=(OperatorRole.INSPECTOR,)))
    badge = read_as(line.scan(QA, NEWCOMER), BadgeRead)
    assert (badge.roles, badge.has_pin) == ({OperatorRole.INSPECTOR}, True)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"name": " "}, DefinitionFault.EMPTY_NAME),
        ({"name": "x" * 61}, DefinitionFault.TOO_LONG),
        ({"roles": ()}, DefinitionFault.NO_ROLES),
    ],
)
def test_a_person_has_a_name_and_a_role(line: Line, said: dict[str, Any], fault: DefinitionFault) -> None:
    """Each fault by its name."""
    assert refused(register(line, **said), InvalidDefinition).faults[0].fault is fault


def test_only_a_known_person_has_a_pin(line: Line) -> None:
    """An id of nobody."""
    secret = hash_pin("2468", b"x" * 16)
    refused(line.ask(SetOperatorPin, by=None, badge=NEWCOMER, secret=secret), UnknownOperator)
    refused(line.scan(QA, NEWCOMER), UnknownOperator)
    assert read_as(line.scan(QA, OPERATOR), BadgeRead).name == OPERATOR
