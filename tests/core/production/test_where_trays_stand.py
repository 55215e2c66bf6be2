"""Where a set's one tray stands: the log hears it from its label, and from the cards that are laid into it."""

from datetime import timedelta
from typing import Any

import pytest

from core.domain.commands import BringTray, ParkTray, RemoveCardFromAssembly
from core.domain.events import CardScannedForAssembly, TrayBrought, TrayParked
from core.domain.readings import TrayRead
from core.domain.rejections import (
    DuplicateCard,
    NothingChanged,
    ScannedSince,
    SetClosed,
    TrayElsewhere,
    UnknownUnit,
    WrongSet,
)
from core.domain.values import AssemblyStatus, StationDefinition, VoidReason
from core.identity.ids import CardUnitId, SheetId, assembly_of
from core.production.corrections import undo_of
from core.production.holding import to_be_settled
from core.production.scan import Scan
from tests.core.beginnings import beginning
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, OPERATOR, Outcome, done, read_as, refused, spec

FIRST, SECOND = SheetId("J1044-S001"), SheetId("J1044-S002")
SET = assembly_of(FIRST)


@beginning
def cards(line: Line) -> tuple[CardUnitId, ...]:
    """The four cards of a sheet, all passed."""
    line.start(spec(), sets=2)
    line.cut(SECOND)
    made = line.cut(FIRST)
    line.clear(*made)
    return made


def brought(outcome: Outcome) -> TrayBrought:
    """What the label of a tray said that was not open there."""
    (fact,) = done(outcome)
    assert isinstance(fact, TrayBrought)
    return fact


def kept_scan(line: Line, at: StationDefinition, card: str, *, since: float = 0) -> Scan:
    """A scan of a card for the set's open tray that was kept so many seconds ago, as it is delivered."""
    return Scan(
        text=card,
        station=at,
        operator_id=OPERATOR,
        at=line.now - timedelta(seconds=since),
        open_assembly=SET,
        kept=True,
    )


def kept(line: Line, at: StationDefinition, card: str, *, since: float = 0) -> Outcome:
    """Deliver it."""
    return line.run(kept_scan(line, at, card, since=since))


# -- one tray --------------------------------------------------------------------


def test_a_gathered_card_at_another_station_is_told_where_its_tray_is(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """It is no duplicate there: the tray that it was put into stands elsewhere."""
    done(line.gather(cards[0]))
    again = refused(line.gather(cards[0], at=ASSEMBLY_2), TrayElsewhere)
    assert (again.at_station, again.is_in_it) == ("ASSY-1", True)
    assert not refused(line.gather(cards[1], at=ASSEMBLY_2), TrayElsewhere).is_in_it
    refused(line.gather(cards[0], at=ASSEMBLY), DuplicateCard)


def test_a_set_has_one_tray(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A second pile at another station is refused until the tray itself is brought."""
    done(line.gather(cards[0]))
    assert refused(line.gather(cards[1], at=ASSEMBLY_2), TrayElsewhere).at_station == "ASSY-1"
    done(line.gather(cards[1], at=ASSEMBLY_2, brought=True))
    assert refused(line.gather(cards[2], at=ASSEMBLY), TrayElsewhere).at_station == "ASSY-2"


def test_a_label_that_was_read_says_nothing_of_another_set_s_tray(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A complete tray's label was read here: the next card's own tray stands where it stood all the same."""
    done(line.gather(cards[0]))
    brought(line.scan(ASSEMBLY_2, assembly_of(SECOND)))
    for opened in (None, str(assembly_of(SECOND))):
        outcome = line.scan(ASSEMBLY_2, cards[1], open_assembly=opened)
        assert isinstance(outcome, TrayElsewhere | WrongSet)
    assert line.tray(FIRST).gathered == {1: cards[0]}


def test_a_tray_that_holds_nothing_but_a_void_card_has_its_place(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The paper lies in it still: a second pile would be a second tray."""
    done(line.gather(cards[0]))
    done(line.void(cards[0], VoidReason.DAMAGED))
    assert refused(line.gather(cards[1], at=ASSEMBLY_2), TrayElsewhere).at_station == "ASSY-1"
    done(line.gather(cards[0]))
    done(line.gather(cards[1], at=ASSEMBLY_2))


def test_an_empty_tray_stands_anywhere(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """What was taken out leaves nothing behind that could be a second pile."""
    done(line.gather(cards[0]))
    done(line.ask(RemoveCardFromAssembly, at=ASSEMBLY, card_unit_id=cards[0], reason="scratched"))
    done(line.gather(cards[0], at=ASSEMBLY_2))


def test_a_tray_s_label_says_how_far_it_is(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Complete with a replacement, it needs a manager; so it says where the tray is brought and where it is open."""
    tray = brought(line.scan(ASSEMBLY, SET))
    assert (tray.status, tray.gathered, tray.expected) == (AssemblyStatus.PENDING, 0, 4)
    read = read_as(line.scan(ASSEMBLY, SET), TrayRead)
    assert (read.status, read.missing, read.needs_authorization) == (AssemblyStatus.PENDING, cards, False)
    line.replace(cards[0])
    line.complete(FIRST)
    read = read_as(line.scan(ASSEMBLY, SET), TrayRead)
    assert (read.status, read.missing, read.needs_authorization) == (AssemblyStatus.COMPLETE, (), True)
    tray = brought(line.scan(ASSEMBLY_2, SET))
    assert (tray.status, tray.gathered, tray.needs_authorization) == (AssemblyStatus.COMPLETE, 4, True)


def test_a_tray_is_open_where_it_was_last_filled_until_it_is_parked(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A station that starts anew finds its open tray by this; a parked one is open nowhere."""
    done(line.gather(cards[0]))
    assert line.tray(FIRST).open_at == "ASSY-1"
    done(line.gather(cards[1], at=ASSEMBLY_2, brought=True))
    assert line.tray(FIRST).open_at == "ASSY-2"
    (parked,) = done(line.ask(ParkTray, at=ASSEMBLY_2, assembly_id=SET))
    assert isinstance(parked, TrayParked)
    assert line.tray(FIRST).open_at is None
    refused(line.ask(ParkTray, at=ASSEMBLY_2, assembly_id=SET), NothingChanged)
    assert refused(line.gather(cards[2]), TrayElsewhere).at_station == "ASSY-2"
    done(line.gather(cards[2], at=ASSEMBLY_2))
    assert line.tray(FIRST).open_at == "ASSY-2"


def test_a_tray_that_is_packed_is_not_parked(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nor one that nobody knows."""
    line.complete(FIRST)
    done(line.pack(FIRST))
    refused(line.ask(ParkTray, at=ASSEMBLY, assembly_id=SET), SetClosed)
    refused(line.ask(ParkTray, at=ASSEMBLY, assembly_id="J1044-S009-SET"), UnknownUnit)


# -- the label -------------------------------------------------------------------


def test_a_label_that_is_read_says_where_the_tray_stands(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """From then on, and not only with the next card: its former station takes none any more."""
    done(line.gather(cards[0]))
    tray = brought(line.scan(ASSEMBLY_2, SET))
    assert (tray.from_station, tray.station_id, tray.operator_id) == ("ASSY-1", "ASSY-2", OPERATOR)
    assert (line.tray(FIRST).stands_at, line.tray(FIRST).open_at) == ("ASSY-2", "ASSY-2")
    assert refused(line.gather(cards[1]), TrayElsewhere).at_station == "ASSY-2"
    done(line.gather(cards[1], at=ASSEMBLY_2))


def test_a_label_that_is_read_where_the_tray_is_open_records_nothing(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """However often, and at whichever screen of the station."""
    done(line.gather(cards[0]))
    read_as(line.scan(ASSEMBLY, SET), TrayRead)
    brought(line.scan(ASSEMBLY_2, SET))
    read_as(line.scan(ASSEMBLY_2, SET), TrayRead)
    refused(line.ask(BringTray, at=ASSEMBLY_2, assembly_id=SET), NothingChanged)
    refused(line.ask(BringTray, assembly_id=SET), NothingChanged)


def test_a_label_that_was_long_under_way_takes_no_tray_back(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The tray was seen elsewhere after it was read, so it says where; scanned again it is believed."""
    done(line.gather(cards[0]))
    sent = Scan(text=SET, station=ASSEMBLY_2, operator_id=OPERATOR, at=line.now)
    line.pass_time(60)
    done(line.gather(cards[1]))
    line.pass_time(3600)
    late = refused(line.run(sent), TrayElsewhere)
    assert (late.card_unit_id, late.at_station) == (None, "ASSY-1")
    assert line.tray(FIRST).open_at == "ASSY-1"
    brought(line.scan(ASSEMBLY_2, SET))


def test_a_card_that_is_told_of_late_does_not_hide_that_its_tray_was_seen_since(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """What another screen of the station kept before says nothing of where the tray was after it."""
    done(line.gather(cards[0]))
    line.pass_time(60)
    sent = Scan(text=SET, station=ASSEMBLY_2, operator_id=OPERATOR, at=line.now)
    line.pass_time(60)
    done(line.gather(cards[1]))
    done(kept(line, ASSEMBLY, cards[2], since=100))
    assert refused(line.run(sent), TrayElsewhere).at_station == "ASSY-1"


def test_a_late_label_opens_the_tray_that_was_parked_at_its_own_station(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """It stands there, as the label says."""
    done(line.gather(cards[0]))
    sent = Scan(text=SET, station=ASSEMBLY, operator_id=OPERATOR, at=line.now)
    line.pass_time(60)
    done(line.gather(cards[1]))
    done(line.ask(ParkTray, at=ASSEMBLY, assembly_id=SET))
    assert brought(line.run(sent)).from_station == "ASSY-1"


def test_a_tray_that_is_brought_back_stands_where_it_stood(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """The last label counts."""
    done(line.gather(cards[0]))
    brought(line.scan(ASSEMBLY_2, SET))
    assert brought(line.scan(ASSEMBLY, SET)).from_station == "ASSY-2"
    done(line.gather(cards[1]))


def test_an_empty_tray_stands_where_its_label_was_read(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """What its terminal keeps nobody knows of: a card laid in elsewhere would begin a second pile."""
    assert brought(line.scan(ASSEMBLY, SET)).from_station is None
    assert refused(line.gather(cards[0], at=ASSEMBLY_2), TrayElsewhere).at_station == "ASSY-1"
    done(line.gather(cards[0]))


def test_an_empty_tray_that_is_put_aside_stands_nowhere(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nobody has to look for the tray of a set that was only looked at."""
    brought(line.scan(ASSEMBLY, SET))
    done(line.ask(ParkTray, at=ASSEMBLY, assembly_id=SET))
    assert line.tray(FIRST).stands_at is None
    done(line.gather(cards[0], at=ASSEMBLY_2))


def test_a_label_takes_a_parked_tray_up_again(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """It is open there once more, as a terminal that is started anew has to know."""
    done(line.gather(cards[0]))
    done(line.ask(ParkTray, at=ASSEMBLY, assembly_id=SET))
    assert brought(line.scan(ASSEMBLY, SET)).from_station == "ASSY-1"
    assert line.tray(FIRST).open_at == "ASSY-1"


def test_a_complete_tray_is_brought_as_any_other(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """What is to be mended in it is mended where it is."""
    line.complete(FIRST)
    brought(line.scan(ASSEMBLY_2, SET))
    said: dict[str, Any] = {"card_unit_id": cards[0], "reason": "scratched"}
    assert refused(line.ask(RemoveCardFromAssembly, at=ASSEMBLY, **said), TrayElsewhere).at_station == "ASSY-2"
    done(line.ask(RemoveCardFromAssembly, at=ASSEMBLY_2, **said))


def test_a_packed_set_s_label_brings_no_tray(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """There is none any more."""
    line.complete(FIRST)
    done(line.pack(FIRST))
    assert len(cards) == 4
    assert read_as(line.scan(ASSEMBLY_2, SET), TrayRead).status is AssemblyStatus.PACKED
    refused(line.ask(BringTray, at=ASSEMBLY_2, assembly_id=SET), SetClosed)
    refused(line.ask(BringTray, at=ASSEMBLY_2, assembly_id="J1044-S009-SET"), UnknownUnit)


def test_a_tray_that_was_brought_is_not_taken_back_by_key(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Whoever carries it back scans its label there."""
    done(line.gather(cards[0]))
    brought(line.scan(ASSEMBLY_2, SET))
    said: dict[str, Any] = {"at": line.now, "operator_id": OPERATOR, "station_id": "ASSY-2", "reason": "slip"}
    assert undo_of(line.last, **said) is None


def test_a_tray_is_parked_only_where_it_is_open(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """A screen that has not heard yet that it was carried on puts nothing aside; the office sends somebody there."""
    done(line.gather(cards[0]))
    brought(line.scan(ASSEMBLY_2, SET))
    refused(line.ask(ParkTray, at=ASSEMBLY, assembly_id=SET), NothingChanged)
    done(line.ask(ParkTray, assembly_id=SET))


# -- what a former station kept ----------------------------------------------------


@pytest.mark.parametrize("since", [5, 60], ids=["after it left", "before it left"])
def test_what_is_kept_for_a_tray_that_was_carried_on_is_refused(
    line: Line, cards: tuple[CardUnitId, ...], since: float
) -> None:
    """Whether it was laid in before the tray left or onto the bench after: the paper is where nobody scanned it."""
    done(line.gather(cards[0]))
    line.pass_time(60)
    brought(line.scan(ASSEMBLY_2, SET))
    line.pass_time(10)
    assert refused(kept(line, ASSEMBLY, cards[1], since=since), TrayElsewhere).at_station == "ASSY-2"
    done(kept(line, ASSEMBLY_2, cards[1]))


def test_what_is_kept_of_a_card_that_was_scanned_at_its_tray_since_leaves_nothing_to_settle(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """It came along in the tray, or after it; one that is scanned after that has left the tray, and is looked for."""
    done(line.gather(cards[0]))
    brought(line.scan(ASSEMBLY_2, SET))
    line.pass_time(60)
    done(line.gather(cards[1], at=ASSEMBLY_2))
    line.pass_time(60)
    before, after = (kept_scan(line, ASSEMBLY, cards[1], since=since) for since in (90, 30))
    assert to_be_settled(before, refused(line.run(before), DuplicateCard)) is None
    left = to_be_settled(after, refused(line.run(after), TrayElsewhere))
    assert isinstance(left, TrayElsewhere)
    assert left.is_in_it


def test_what_is_kept_for_an_empty_tray_that_was_carried_on_is_refused(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """Of two piles that were filled offline, the one where the label was read last is the tray."""
    brought(line.scan(ASSEMBLY, SET))
    brought(line.scan(ASSEMBLY_2, SET))
    refused(kept(line, ASSEMBLY, cards[0]), TrayElsewhere)
    done(kept(line, ASSEMBLY_2, cards[1]))


@pytest.mark.parametrize("since", [90, 30], ids=["before it left", "while it was away"])
def test_what_was_kept_before_its_tray_came_back_is_refused(
    line: Line, cards: tuple[CardUnitId, ...], since: float
) -> None:
    """A second screen of the station read its label since: where the card was laid meanwhile no tray may have stood."""
    done(line.gather(cards[0]))
    line.pass_time(60)
    brought(line.scan(ASSEMBLY_2, SET))
    line.pass_time(60)
    brought(line.scan(ASSEMBLY, SET))
    line.pass_time(10)
    before = kept_scan(line, ASSEMBLY, cards[1], since=since)
    left = to_be_settled(before, refused(line.run(before), ScannedSince))
    assert isinstance(left, ScannedSince)
    assert (left.card_unit_id, left.at_station) == (cards[1], "ASSY-2")
    done(kept(line, ASSEMBLY, cards[2], since=5))


def test_a_gathered_card_that_was_kept_while_its_tray_was_away_is_looked_for(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """It fell out, or it could not have been scanned there: that the log has it in its tray does not settle it."""
    done(line.gather(cards[0]))
    brought(line.scan(ASSEMBLY_2, SET))
    line.pass_time(60)
    brought(line.scan(ASSEMBLY, SET))
    refused(kept(line, ASSEMBLY, cards[0], since=30), ScannedSince)


def test_a_card_that_was_taken_out_before_its_tray_left_is_out_of_it(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Told of late it counts all the same, or a set would go on without a card that it is said to hold."""
    done(line.gather(cards[0]))
    done(line.gather(cards[1]))
    line.pass_time(10)
    said: dict[str, Any] = {"operator_id": OPERATOR, "station_id": ASSEMBLY.station_id, "reason": "slip"}
    before = RemoveCardFromAssembly(at=line.now, card_unit_id=cards[0], **said)
    line.pass_time(60)
    brought(line.scan(ASSEMBLY_2, SET))
    line.pass_time(10)
    after = RemoveCardFromAssembly(at=line.now, card_unit_id=cards[1], **said)
    done(line.gather(cards[2], at=ASSEMBLY_2))
    done(line.run(before))
    assert line.tray(FIRST).missing == (cards[0], cards[3])
    assert refused(line.run(after), TrayElsewhere).at_station == "ASSY-2"


def test_what_an_earlier_program_kept_after_it_read_a_label_is_gathered(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """Its log knew nothing of the label, so the scan says it; what the log has seen since counts for more."""
    done(line.gather(cards[0]))
    line.pass_time(60)
    said: dict[str, Any] = {
        "station": ASSEMBLY_2,
        "operator_id": OPERATOR,
        "at": line.now,
        "open_assembly": SET,
        "tray_brought": True,
        "kept": True,
    }
    (laid_in,) = {type(fact) for fact in done(line.run(Scan(text=cards[1], **said)))}
    assert laid_in is CardScannedForAssembly
    line.pass_time(60)
    brought(line.scan(ASSEMBLY, SET))
    refused(line.run(Scan(text=cards[2], **said)), TrayElsewhere)
