"""Stations and people: set up, down, calling for help."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.commands import (
    AnswerHelp,
    CallForHelp,
    ClearStop,
    DefineStation,
    EndDowntime,
    RegisterOperator,
    ReportHeldScan,
    SetOperatorPin,
    SettleHeldScan,
    StartDowntime,
)
from core.domain.events import (
    HeldScanRefused,
    HeldScanSettled,
    HelpAnswered,
    HelpCalled,
    OperatorPinSet,
    OperatorRegistered,
    StationDefined,
    StationDowntimeEnded,
    StationDowntimeStarted,
    StationStopCleared,
)
from core.domain.readings import BadgeRead
from core.domain.rejections import (
    DefinitionFault,
    IgnoredUnderStop,
    InvalidDefinition,
    NothingChanged,
    NothingToClear,
    NothingToSettle,
    NotPermitted,
    ReasonMissing,
    UnknownOperator,
    UnknownStation,
)
from core.domain.values import OperationType, OperatorRole, StationRole, StopClearedBy
from core.identity.ids import CommandId, OperatorId, StationId
from core.production.pins import hash_pin
from core.production.requests import needs
from core.production.scan import Scan
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
        ({"units_per_hour": 1e16}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
        ({"units_per_hour": 1e-7}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
        ({"queue_limit": 0}, DefinitionFault.QUANTITY_OUT_OF_RANGE),
    ],
)
def test_a_station_that_cannot_be_is_refused_with_its_fault(
    line: Line, said: dict[str, Any], fault: DefinitionFault
) -> None:
    """A foil station does foil and the like."""
    outcome = line.ask(DefineStation, by=None, station=replace(FOIL, **said))
    assert [found.fault for found in refused(outcome, InvalidDefinition).faults] == [fault]


def test_a_rate_is_written_down_to_four_decimals(line: Line) -> None:
    """The log's chain is made over its text, which is the same everywhere only without an exponent."""
    (defined,) = done(line.ask(DefineStation, by=None, station=replace(FOIL, units_per_hour=12.3456789)))
    assert isinstance(defined, StationDefined)
    assert repr(defined.station.units_per_hour) == "12.3457"


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


STOP = CommandId("a stop")


def clear(line: Line, stop: CommandId = STOP, where: StationId = FOIL.station_id) -> Outcome:
    """Hold the RESET card before a stop under which two scans were ignored."""
    return at(
        line,
        ClearStop,
        where,
        stop=stop,
        refusal="WrongSet",
        raised_at=line.now,
        cleared_by=StopClearedBy.RESET_CARD,
        ignored=2,
        unit_id="J1044-S001-01",
    )


def test_a_stop_is_cleared_once(line: Line) -> None:
    """Whoever comes second, at another screen of the station, is told that it is over; others are not concerned."""
    (cleared,) = done(clear(line))
    assert isinstance(cleared, StationStopCleared)
    assert (cleared.stop, cleared.number, cleared.ignored, cleared.unit_id) == (STOP, 1, 2, "J1044-S001-01")
    assert refused(clear(line), NothingToClear).stop == STOP
    (cleared,) = done(clear(line, CommandId("another stop")))
    assert isinstance(cleared, StationStopCleared)
    assert cleared.number == 2


@pytest.mark.parametrize("text", ["J1044-S001-01", "CMD-UNDO", OPERATOR, "no code at all"])
def test_a_scan_under_a_stop_means_nothing(line: Line, text: str) -> None:
    """Whatever was scanned: it is written down with the stop that it came under, and no stream is looked at."""
    scan = Scan(text=text, station=FOIL, operator_id=OPERATOR, at=line.now, under_stop=STOP)
    assert needs(scan, {}) == frozenset()
    assert refused(line.run(scan), IgnoredUnderStop).stop == STOP


def test_no_stop_is_cleared_at_a_station_that_was_never_set_up(line: Line) -> None:
    """An id of nothing."""
    assert refused(clear(line, where=NOWHERE), UnknownStation).station_id == NOWHERE


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


def test_a_badge_without_a_role_is_withdrawn_until_it_is_given_one(line: Line) -> None:
    """Given a badge whose roles were all taken, when it is scanned, then it logs nobody on; a role gives it back."""
    done(register(line, roles=(OperatorRole.MANAGER,)))
    done(register(line, roles=()))
    assert refused(line.scan(QA, NEWCOMER), NotPermitted).operator_id == NEWCOMER
    refused(register(line, roles=()), NothingChanged)
    done(register(line))
    read_as(line.scan(QA, NEWCOMER), BadgeRead)


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


HELD = CommandId("a held scan")


def report(line: Line, held: CommandId = HELD) -> Outcome:
    """Say that a card that the station held was refused."""
    return at(
        line,
        ReportHeldScan,
        held=held,
        kind="Scan",
        scanned="J1044-S001-01",
        scanned_at=line.now,
        refusal="CardVoided",
        reason="{}",
    )


def test_a_held_scan_that_was_refused_is_reported_once_and_settled_once(line: Line) -> None:
    """Whoever delivers it again adds nothing; whoever settles it again is told; others are not concerned."""
    (reported,) = done(report(line))
    assert isinstance(reported, HeldScanRefused)
    assert (reported.held, reported.scanned, reported.operator_id) == (HELD, "J1044-S001-01", LEAD)
    refused(report(line), NothingChanged)
    done(report(line, CommandId("another")))
    (settled,) = done(at(line, SettleHeldScan, held=HELD, note="voided"))
    assert isinstance(settled, HeldScanSettled)
    assert refused(at(line, SettleHeldScan, held=HELD), NothingToSettle).held == HELD
    done(at(line, SettleHeldScan, held=CommandId("another")))


def test_what_was_never_refused_cannot_be_settled(line: Line) -> None:
    """The list holds what is on it."""
    assert refused(at(line, SettleHeldScan, held=HELD), NothingToSettle).at_station == FOIL.station_id


def test_whoever_settles_is_known(line: Line) -> None:
    """Anybody with a badge may say that it is dealt with, nobody without one."""
    done(report(line))
    command = SettleHeldScan(
        at=line.now, operator_id=None, station_id=FOIL.station_id, at_station=FOIL.station_id, held=HELD
    )
    refused(line.run(command), NotPermitted)
