"""Who works at a station: badges, log-off, and what may be done by nobody."""

import pytest

from core.domain.readings import BadgeRead
from core.domain.rejections import FaultReason
from core.domain.values import OperatorRole
from core.identity.ids import JobId
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import BatchView
from kiosk.station_session.inputs import BadgeChanged, ScanDamaged
from tests.core.shop import FOIL, INSPECTOR, LEAD, OPERATOR, PRESS, QA, spec
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.late_reading import LateReading
from tests.support.floor import Floor
from tests.support.waiting import eventually


async def test_nothing_is_recorded_before_a_badge(floor: Floor, open_station: OpenStation) -> None:
    """A sheet scanned with nobody logged on is refused in words and stays where it was."""
    job = await floor.start(spec())
    station = await open_station(PRESS)
    await station.scan(f"{job}-S001")
    shown = station.shown.work
    assert isinstance(shown, LogOnView)
    assert "badge" in shown.problem.lower()
    sheet = await floor.store.sheet(f"{job}-S001")
    assert sheet is not None
    assert sheet.station_id is None


async def test_a_badge_logs_on_and_f10_logs_off(open_station: OpenStation) -> None:
    """The work appears with the badge and goes with F10; the last scans go with the person."""
    station = await open_station(PRESS, by=OPERATOR)
    assert isinstance(station.shown.work, BatchView)
    assert station.verdict.words == "LOGGED ON"
    await station.press(Intent.LOG_OFF)
    assert isinstance(station.shown.work, LogOnView)
    assert station.shown.scans.lines == ()


async def test_another_badge_takes_the_station_over(floor: Floor, open_station: OpenStation) -> None:
    """The next person is logged on by one scan, and cannot undo what the one before did."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await station.scan(f"{job}-S001")
    await station.scan(LEAD)
    assert station.shown.header.operator == LEAD
    assert (await station.press(Intent.UNDO)).state is VerdictState.ATTENTION
    assert not any(line.undo for line in station.shown.scans.lines)


async def test_an_unknown_badge_is_refused(open_station: OpenStation) -> None:
    """A badge that nobody registered says so where people look, and logs nobody on."""
    station = await open_station(PRESS)
    await station.scan("OP-9999")
    shown = station.shown.work
    assert isinstance(shown, LogOnView)
    assert "OP-9999" in shown.problem


async def test_a_badge_that_is_not_read_whole_is_told_where_people_look(open_station: OpenStation) -> None:
    """Given nobody logged on, when a scan is damaged, then the screen that asks for a badge says so."""
    station = await open_station(PRESS)
    station.session.put(ScanDamaged(FaultReason.UNFINISHED, "XOP-4", station.session.now(), is_typed=True))
    await station.session.settled()
    shown = station.shown.work
    assert isinstance(shown, LogOnView)
    assert "XOP-4" in shown.problem
    await station.log_on(OPERATOR)
    await station.press(Intent.LOG_OFF)
    assert isinstance(station.shown.work, LogOnView)
    assert station.shown.work.problem == ""


KNOWN = BadgeRead(operator_id=OPERATOR, name=OPERATOR, roles=frozenset({OperatorRole.OPERATOR}), has_pin=False)


async def test_whoever_is_logged_on_is_logged_off_when_the_badge_is_withdrawn(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given an operator at work, when the badge is withdrawn, then the station logs off, says why and takes no scan."""
    job = await floor.start(spec())
    station = await open_station(PRESS, by=OPERATOR)
    await floor.register(OPERATOR)
    shown = await station.shows(lambda shown: isinstance(shown.work, LogOnView))
    assert isinstance(shown.work, LogOnView)
    assert shown.work.problem == "The badge OP-42 is withdrawn. Give it to a lead; use your own badge."
    assert shown.verdict.words == "BADGE WITHDRAWN"
    await station.scan(f"{job}-S001")
    await station.scan(OPERATOR)
    assert station.shown.header.operator == ""
    sheet = await floor.store.sheet(f"{job}-S001")
    assert sheet is not None
    assert sheet.station_id is None


async def test_a_badge_whose_answer_is_older_than_its_withdrawal_is_logged_off(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given a station that knows of a withdrawal, when an older answer logs the badge on, then it is logged off."""
    station = await open_station(PRESS)
    await floor.register(OPERATOR)
    await eventually(lambda: station.session._upkeep.badge_now(OPERATOR) not in {None, KNOWN})
    await station.session._controls.badge(KNOWN)
    assert station.shown.header.operator == OPERATOR
    await station.shows(lambda shown: isinstance(shown.work, LogOnView))


async def test_a_badge_that_was_given_back_while_an_input_waited_stays_logged_on(
    floor: Floor, open_station: OpenStation
) -> None:
    """Given word of a withdrawal that waits its turn, when the badge has a role again by then, then nothing happens."""
    station = await open_station(PRESS, by=OPERATOR)
    await eventually(lambda: station.session._upkeep.badge_now(OPERATOR) is not None)
    station.session.put(BadgeChanged())
    await station.session.settled()
    assert station.shown.header.operator == OPERATOR


async def test_a_badge_that_was_given_back_logs_on_at_a_station_that_has_not_heard_of_it(
    floor: Floor, open_station: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given people as they were before a badge was given back, when it logs on, then nobody is logged off by that."""
    station = await open_station(PRESS)
    await floor.register(OPERATOR)
    await eventually(lambda: station.session._upkeep.badge_now(OPERATOR) not in {None, KNOWN})
    late = LateReading(floor.store, monkeypatch, "operators")
    await floor.register(OPERATOR, OperatorRole.OPERATOR)
    await late.has_answer.wait()
    await station.scan(OPERATOR)
    station.session.put(BadgeChanged())
    await station.session.settled()
    assert station.shown.header.operator == OPERATOR
    late.may_arrive.set()
    await floor.register(OPERATOR)
    await station.shows(lambda shown: isinstance(shown.work, LogOnView))


async def test_whoever_is_logged_on_has_new_roles_at_once(floor: Floor, open_station: OpenStation) -> None:
    """Given an operator at work, when the badge is made a lead's, then nobody has to log on anew."""
    station = await open_station(PRESS, by=OPERATOR)
    await floor.register(OPERATOR, OperatorRole.LEAD)

    def is_lead() -> bool:
        person = station.session._desk.operator
        return person is not None and person.roles == {OperatorRole.LEAD}

    await eventually(is_lead)


async def test_the_log_off_card_does_what_f10_does(open_station: OpenStation) -> None:
    """Whoever wears gloves scans the wall."""
    station = await open_station(FOIL, by=OPERATOR)
    await station.scan("cmd-logoff")
    assert isinstance(station.shown.work, LogOnView)


async def test_a_wall_card_asks_for_a_badge_first(open_station: OpenStation) -> None:
    """Nobody in particular can do nothing."""
    station = await open_station(QA)
    for card in ("CMD-UNDO", "CMD-PASS", "CMD-PARK", "CMD-SEAL", "CMD-YES"):
        await station.scan(card)
        shown = station.shown.work
        assert isinstance(shown, LogOnView)
        assert "badge" in shown.problem, card


async def test_a_lead_can_be_called_by_anybody(floor: Floor, open_station: OpenStation) -> None:
    """F8 needs no badge; a second call is told that the first is open; the leads see it."""
    station = await open_station(PRESS)
    assert (await station.press(Intent.CALL_LEAD)).words == "LEAD CALLED"
    assert "already" in (await station.scan("CMD-HELP")).instruction
    row = await floor.store.station(PRESS.station_id)
    assert row is not None
    assert row.help_since is not None


async def test_a_card_in_hand_is_put_away_with_its_inspector(floor: Floor, open_station: OpenStation) -> None:
    """What one inspector began to type is no other inspector's verdict."""
    job: JobId = await floor.start(spec())
    card = (await floor.cut(job))[0]
    station = await open_station(QA, by=INSPECTOR)
    await station.scan(card)
    await station.type("2", "0")
    await station.scan(LEAD)
    assert station.session.work.unit_in_hand() is None
    row = await floor.store.card(card)
    assert row is not None
    assert row.last_outcome is None


async def test_a_kiosk_that_ends_tells_the_leads(floor: Floor, open_station: OpenStation) -> None:
    """A kiosk that was ended on purpose is not shown as one that fell silent."""
    station = await open_station(PRESS, by=OPERATOR)

    async def is_heard_of() -> bool:
        return PRESS.station_id in {each.station_id for each in await floor.store.presences()}

    await eventually(is_heard_of)

    async def is_gone() -> bool:
        # Here the session goes on, and a sign of life may be under way.
        await station.session.leave()
        return not await is_heard_of()

    await eventually(is_gone)


async def test_a_station_without_anybody_asks_for_a_badge_and_nothing_else(open_station: OpenStation) -> None:
    """Given nobody logged on, then the verdict asks for a badge too: a terminal that is too small shows only that."""
    station = await open_station(QA)
    assert station.verdict.words == "SCAN YOUR BADGE"
    await station.log_on(INSPECTOR)
    station.pass_time(5)
    await station.shows(lambda shown: shown.verdict.words == "SCAN THE NEXT CARD")
