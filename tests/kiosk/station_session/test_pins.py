"""A PIN is asked of whoever scanned last, is never a badge's, and is neither shown nor kept when it comes too late."""

import logging

import pytest

from core.domain.rejections import FaultReason
from core.domain.values import OperationType, Route, UnitKind
from core.identity.ids import OperatorId
from kiosk.snapshots.dialogs import LogOnView, PinView
from kiosk.snapshots.verdicts import VerdictState
from kiosk.station_session.discreet import MASKED
from kiosk.station_session.inputs import ScanDamaged
from tests.core.shop import ASSEMBLY, MANAGER, NUMBERING, OPERATOR, OTHER_MANAGER, PIN, spec, step
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.test_gathering import needing_consent, needs_authorization
from tests.support.floor import Floor
from tests.support.waiting import eventually


def asked(station: Station) -> str:
    """Whose PIN is asked for; empty where none is."""
    question = station.shown.question
    return question.person if isinstance(question, PinView) else ""


async def locked(station: Station, person: OperatorId) -> None:
    """Guess at somebody's PIN until none is taken."""
    for pins in (("1111", "2222", "3333"), ("4444", "5555")):
        await station.scan(person)
        for pin in pins:
            await station.give_pin(pin)
    await station.give_pin(None)


async def test_a_question_that_closes_with_a_withdrawn_badge_is_told(floor: Floor, open_station: OpenStation) -> None:
    """Given a manager asked for a PIN, when the operator's badge is withdrawn, then what became of it is said."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    await floor.register(OPERATOR)
    shown = await station.shows(lambda shown: isinstance(shown.work, LogOnView))
    assert isinstance(shown.work, LogOnView)
    assert shown.question is None
    assert shown.work.problem == (
        f"The badge {OPERATOR} is withdrawn. Give it to a lead; use your own badge. "
        "The question that was open here is closed: nothing was done."
    )
    assert await needs_authorization(floor)


async def test_whose_badge_is_withdrawn_while_a_pin_is_asked_is_told_just_that(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given the question for a PIN, when its owner's badge is withdrawn, then the right PIN is refused for that."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    await floor.register(MANAGER)
    assert (await station.give_pin(PIN)).words == "BADGE WITHDRAWN"
    assert await needs_authorization(floor)


async def test_another_managers_badge_changes_whose_pin_is_asked(floor: Floor, open_station: OpenStation) -> None:
    """Given the question for one PIN, when another badge is scanned or typed, then that one is asked."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    await station.scan(OTHER_MANAGER)
    assert asked(station) == OTHER_MANAGER
    await station.type_code(MANAGER)
    assert asked(station) == MANAGER
    assert "wrong pin" not in [line.words for line in station.shown.scans.lines]
    assert (await station.give_pin(PIN)).state is VerdictState.ACCEPTED
    assert not await needs_authorization(floor)


async def test_the_badge_of_who_is_asked_changes_nothing(floor: Floor, open_station: OpenStation) -> None:
    """Given the question for a PIN, when its owner scans the badge again, then the same question stays."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    before = station.shown.question
    await station.scan(MANAGER)
    await station.type_code(MANAGER)
    assert station.shown.question == before


async def test_what_is_typed_for_a_pin_and_is_none_is_asked_for_again(floor: Floor, open_station: OpenStation) -> None:
    """Given the question for a PIN, when letters are typed that are no code, then no wrong PIN is counted."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    await station.type_code(f"{PIN}x")
    question = station.shown.question
    assert isinstance(question, PinView)
    assert "digits only" in question.problem
    assert (await station.give_pin(PIN)).state is VerdictState.ACCEPTED


async def test_after_the_third_wrong_pin_the_badge_is_asked_for(floor: Floor, open_station: OpenStation) -> None:
    """Given three wrong PINs, then no question is open, and the band says how another begins."""
    station = await needing_consent(floor, open_station)
    await station.scan(MANAGER)
    for pin in ("1111", "2222"):
        assert (await station.give_pin(pin)).instruction == "Type it again"
    verdict = await station.give_pin("3333")
    assert (asked(station), verdict.words) == ("", "WRONG PIN")
    assert verdict.instruction == "To try again, scan the badge first"


async def test_a_card_of_a_set_that_needs_a_manager_sends_no_tray_to_packing(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a complete set with a replacement, when one of its cards is scanned again, then a manager is asked for."""
    station = await needing_consent(floor, open_station)
    verdict = await station.scan("J1044-S001-01")
    assert verdict.words == "IN IT ALREADY"
    assert verdict.instruction == "A manager who gathered none of it scans a badge here."


async def test_nobody_is_asked_for_a_pin_that_is_locked(floor: Floor, open_station: OpenStation) -> None:
    """Given a locked PIN, when its badge is scanned, then that is said at once, also after a restart; another helps."""
    station = await needing_consent(floor, open_station)
    await locked(station, MANAGER)
    assert (await station.scan(MANAGER)).words == "PIN LOCKED"
    assert station.shown.question is None
    await station.die()
    again = await open_station(ASSEMBLY, by=OPERATOR)
    assert (await again.scan(MANAGER)).words == "PIN LOCKED"
    await again.scan(OTHER_MANAGER)
    assert asked(again) == OTHER_MANAGER


async def test_typed_digits_are_neither_shown_nor_kept(
    floor: Floor, open_station: OpenStation, caplog: pytest.LogCaptureFixture
) -> None:
    """Given no number to be typed here, when a PIN is typed as a code, then screen, scan log and log have dots."""
    caplog.set_level(logging.DEBUG)
    station = await open_station(ASSEMBLY, by=OPERATOR)
    station.session.typed("13579")
    assert station.shown.typed == "•••••"
    station.session.typed("")
    assert (await station.type_code("13579")).state is VerdictState.ATTENTION
    await station.type_code("13579CMD-RESET")
    station.session.put(ScanDamaged(FaultReason.MIXED, "13579OP-1", floor.now, is_typed=True))
    await station.session.settled()

    async def are_kept() -> bool:
        return len(await floor.store.refused_scans(ASSEMBLY.station_id)) == 3

    await eventually(are_kept)
    assert [line.what for line in station.shown.scans.lines][:3] == [f"{MASKED}OP-1", f"{MASKED}CMD-RESET", MASKED]
    assert "13579" not in repr(await floor.store.refused_scans(ASSEMBLY.station_id))
    assert "13579" not in repr(station.published)
    assert "13579" not in caplog.text


async def test_digits_of_a_label_stay_legible(floor: Floor, open_station: OpenStation) -> None:
    """A scanner that is read by its device types no PIN, and no PIN has thirteen digits: what was scanned is told."""
    station = await open_station(ASSEMBLY, by=OPERATOR)
    await station.scan("13579")
    await station.type_code("4006381333931")
    assert [line.what for line in station.shown.scans.lines][:2] == ["4006381333931", "13579"]


async def test_digits_are_legible_where_numbers_are_typed(floor: Floor, open_station: OpenStation) -> None:
    """Where cards get numbers no PIN is asked for; a number without a card is said to be just that."""
    route = Route(
        steps=(
            step("PRINT", OperationType.PRINT, UnitKind.SHEET),
            step("CUT", OperationType.CUT, UnitKind.SHEET, "PRINT"),
            step("NUMBER", OperationType.NUMBER, after="CUT"),
            step("QA", OperationType.QA, after="NUMBER"),
        )
    )
    card, *_ = await floor.cut(await floor.start(spec(route=route)))
    station = await open_station(NUMBERING, by=OPERATOR)
    await station.type_code("4711")
    assert station.shown.scans.lines[0].what == "4711"
    await station.scan(card)
    assert (await station.type_code("7")).words.endswith(" NUMBERED")
