"""What the demo says to scan next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.values import StationDefinition
from core.identity.ids import AssemblyId, CardUnitId, JobId, OperationCode, OperatorId, SheetId
from core.production.scan import NumberAwaited, SerialAwaited
from kiosk.demo.advising import AtHand, advice
from kiosk.demo.parts import MANAGER
from kiosk.simulation.sights import FailedSeen, SetSeen, Sight, TraySeen, UnitSeen
from kiosk.snapshots.frame import NextScanView
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.frame import HintView
from tests.core import shop
from tests.kiosk.widgets.test_frame import NightHint

JOB = JobId("J1044")
CARD = CardUnitId("J1044-S002-11")
SET = AssemblyId("J1044-S002-SET")
BADGE = OperatorId("OP-41")
ON = AtHand(operator_id=BADGE)
NOTHING = Sight()
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def code(
    station: StationDefinition, at_hand: AtHand, sight: Sight = NOTHING, tray: TraySeen | None = None
) -> str | None:
    """The code that is advised."""
    view = advice(station, BADGE, at_hand, sight, tray=tray, n_up=9)
    return None if view is None else view.code


def tray(waiting: tuple[CardUnitId, ...], assembly: AssemblyId = SET, *, needs_authorization: bool = False) -> TraySeen:
    """A tray with these cards waiting for it."""
    return TraySeen(
        assembly_id=assembly, expected=18, gathered=(), waiting=waiting, needs_authorization=needs_authorization
    )


def test_first_the_badge() -> None:
    """Nobody is logged on yet."""
    assert code(shop.PRESS, AtHand()) == "OP-41"


def test_a_stop_is_cleared_before_anything_else() -> None:
    """The RESET card, also where nobody is logged on."""
    assert code(shop.ASSEMBLY, AtHand(operator_id=BADGE, is_stopped=True)) == "CMD-RESET"


def test_while_a_pin_is_asked_for_nothing_is_advised() -> None:
    """The dialog says what it wants."""
    assert code(shop.ASSEMBLY, AtHand(operator_id=BADGE, is_asked=True)) is None


@pytest.mark.parametrize("station", [shop.PRESS, shop.FOIL, shop.CUTTER, shop.QA])
def test_what_is_in_hand_comes_before_the_queue(station: StationDefinition) -> None:
    """A unit that is checked in is finished first."""
    here = UnitSeen(unit_id=SheetId("J1044-S004"), job_id=JOB, work=station.work[0])
    waits = UnitSeen(unit_id=SheetId("J1044-S005"), job_id=JOB, work=station.work[0])
    assert code(station, ON, Sight(at_station=(here,), ready=(waits,))) == "J1044-S004"
    assert code(station, ON, Sight(ready=(waits,))) == "J1044-S005"


@pytest.mark.parametrize(
    ("station", "asked_for"), [(shop.NUMBERING, "its number"), (shop.INSERTS, "the insert's serial")]
)
def test_a_card_that_waits_for_an_answer_is_not_just_scanned_again(station: StationDefinition, asked_for: str) -> None:
    """Its own label only asks for the number or serial; one that kept both through a rework is scanned again."""
    waits = UnitSeen(unit_id=CARD, job_id=JOB, work=station.work[0])
    kept = UnitSeen(unit_id=CARD, job_id=JOB, work=station.work[0], number="7", serial="A1")
    here = advice(station, BADGE, ON, Sight(at_station=(waits,)))
    ready = advice(station, BADGE, ON, Sight(ready=(waits,)))
    again = advice(station, BADGE, ON, Sight(at_station=(kept,)))
    assert here is not None
    assert ready is not None
    assert again is not None
    assert here.why == f"scan it, then {asked_for}"
    assert ready.why.endswith(f", then {asked_for}")
    assert again.why.endswith("done: scan it again")


@pytest.mark.parametrize("station", [shop.PRESS, shop.FOIL, shop.CUTTER])
def test_a_second_scan_is_asked_for_only_when_it_would_be_taken(station: StationDefinition) -> None:
    """Whoever follows the hint at once is not told that the same code came twice."""
    sight = Sight(at_station=(UnitSeen(unit_id=CARD, job_id=JOB, work=station.work[0], since=NOON),))

    def after(seconds: float) -> NextScanView | None:
        at_hand = replace(ON, now=NOON + timedelta(seconds=seconds), guard_seconds=2.0)
        return advice(station, BADGE, at_hand, sight)

    for seconds in (-1.9, 0.0, 0.3, 1.9):
        too_soon = after(seconds)
        assert too_soon is not None
        assert too_soon.code == "NOTHING YET"
    for seconds in (2.0, 3.0, 900.0):
        now = after(seconds)
        assert now is not None
        assert (now.code, now.why.endswith("done: scan it again")) == (CARD, True)


@pytest.mark.parametrize("station", [shop.PRESS, shop.FOIL, shop.CUTTER])
def test_a_hint_asks_for_one_scan(station: StationDefinition) -> None:
    """Of two in one line the second would be made before its time."""
    view = advice(station, BADGE, ON, Sight(ready=(UnitSeen(unit_id=CARD, job_id=JOB, work=station.work[0]),)))
    assert view is not None
    assert "again" not in view.why


@pytest.mark.parametrize("station", [shop.PRESS, shop.FOIL, shop.CUTTER, shop.NUMBERING, shop.INSERTS, shop.QA])
@pytest.mark.parametrize("answered", ["", "1"])
@pytest.mark.parametrize("is_ready", [False, True])
def test_a_hint_is_whole_on_the_smallest_terminal(station: StationDefinition, answered: str, *, is_ready: bool) -> None:
    """Given the longest id of a unit, a replacement's, then 80 columns hold it and all that is said of it."""
    units = (
        UnitSeen(
            unit_id=CardUnitId("J1044-S001-07-R1"),
            job_id=JOB,
            work=station.work[0],
            number=answered or None,
            serial=answered or None,
        ),
    )
    sight = Sight(ready=units) if is_ready else Sight(at_station=units)
    view = advice(station, BADGE, ON, sight)
    assert view is not None
    canvas = Canvas(80, 1, NIGHT.text(), NIGHT.glyphs)
    NightHint().paint(canvas, HintView(view))
    assert canvas.strip(0).text.rstrip().endswith(view.why)


def test_a_card_under_inspection_needs_a_key() -> None:
    """Plus passes it."""
    assert code(shop.QA, AtHand(operator_id=BADGE, in_hand=CARD)) == "+"


def test_what_is_asked_for_is_answered() -> None:
    """The card's own number, the insert's own serial."""
    number = AtHand(
        operator_id=BADGE, awaited=NumberAwaited(card_unit_id=CARD, operation=OperationCode("NUMBER"), run_of=99)
    )
    serial = AtHand(operator_id=BADGE, awaited=SerialAwaited(card_unit_id=CARD, operation=OperationCode("RELIC")))
    assert code(shop.NUMBERING, number) == "20"
    assert code(shop.INSERTS, serial) == "AU104400211"


def test_at_assembly_the_open_tray_is_filled_first() -> None:
    """Then another tray for which cards wait; nothing where none do."""
    other = tray((CardUnitId("J1044-S003-01"),), AssemblyId("J1044-S003-SET"))
    assert code(shop.ASSEMBLY, ON, Sight(trays=(other,)), tray((CARD,))) == CARD
    assert code(shop.ASSEMBLY, ON, Sight(trays=(other,)), tray(())) == "J1044-S003-SET"
    assert code(shop.ASSEMBLY, ON, Sight(), tray(())) is None


def test_a_complete_set_with_a_replacement_asks_for_the_manager() -> None:
    """The manager's badge, with the PIN in the words."""
    view = advice(shop.ASSEMBLY, BADGE, ON, Sight(), tray=tray((), needs_authorization=True))
    assert view is not None
    assert view.code == MANAGER
    assert "PIN" in view.why


def test_at_packing_what_the_band_asks_for_is_advised() -> None:
    """Nothing of its own, whatever lies around: the band and the hint are one truth."""
    ready = Sight(sets=(SetSeen(assembly_id=SET, job_id=JOB),))
    wanted = NextScanView(code="J1044-BX002", why="a box for J1044-S002-SET")
    assert advice(shop.PACKING, BADGE, AtHand(operator_id=BADGE, wanted=wanted), ready) == wanted
    assert code(shop.PACKING, ON, ready) is None


def test_codes_that_are_taken_are_failed_with_enter() -> None:
    """Given a card with codes, then no pass is advised, which would be refused."""
    assert code(shop.QA, AtHand(operator_id=BADGE, in_hand=CARD, codes_taken=1)) == "Enter"


@pytest.mark.parametrize("station", shop.STATIONS)
def test_without_the_database_the_line_stays_and_names_no_unit(station: StationDefinition) -> None:
    """Given an outage, then nobody looks around, and the work does not move because a line went away."""
    away = AtHand(operator_id=BADGE, is_offline=True, wanted=NextScanView(code="J1044-BX001"))
    assert code(station, away) == "AS THE BAND SAYS"


def test_leads_see_failed_cards_first() -> None:
    """A card on hold holds a whole set."""
    sight = Sight(failed=(FailedSeen(card_unit_id=CARD, rework=0),))
    assert code(shop.OFFICE, ON, sight) == CARD


def test_where_nothing_waits_nothing_is_advised() -> None:
    """No role invents work."""
    for station in shop.STATIONS:
        assert code(station, ON) is None
