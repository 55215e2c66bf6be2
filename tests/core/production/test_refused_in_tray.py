"""A card that was laid into a tray offline and refused on delivery: no second paper at its place, and no packing."""

from dataclasses import replace

import pytest

from core.domain.commands import RemoveCardFromAssembly, ReportHeldScan, ScanCardForAssembly, SettleHeldScan
from core.domain.events import CardScannedForAssembly, HeldScanRefused, HeldScanSettled, SetPacked, VoidedCardTakenOut
from core.domain.histories import History
from core.domain.models import LiesRefused
from core.domain.rejections import (
    CardVoided,
    DuplicateCard,
    NeedsAuthorization,
    NothingToSettle,
    RefusedCardInTray,
    RefusedCardsInSet,
    ScannedSince,
    VoidCardInTray,
    VoidCardLeftInTray,
)
from core.domain.streams import AggregateType, StreamKey
from core.domain.values import AssemblyStatus, StationDefinition, VoidReason
from core.identity.ids import AssemblyId, CardUnitId, CommandId, OperatorId, SheetId, assembly_of
from core.production.decisions import Decided
from core.production.holding import kept_at_its_place, laid_in_tray, left_in_tray, to_be_settled
from core.production.scan import Scan
from tests.core.beginnings import beginning
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, LEAD, OPERATOR, QA, START, Outcome, done, refused, spec

SHEET = SheetId("J1044-S001")
SET = assembly_of(SHEET)
OLD = CardUnitId("J1044-S001-02")
HELD = CommandId("a held scan")
STREAM = StreamKey(AggregateType.ASSEMBLY, SET)
STATION = StreamKey(AggregateType.STATION, ASSEMBLY.station_id)


def held_scan(
    text: str,
    *,
    at: StationDefinition = ASSEMBLY,
    tray: AssemblyId | None = SET,
    by: OperatorId | None = OPERATOR,
    under: CommandId | None = None,
) -> Scan:
    """A scan that a station kept."""
    return Scan(text=text, station=at, operator_id=by, at=START, open_assembly=tray, under_stop=under)


def report(line: Line, card: str, held: CommandId = HELD) -> Outcome:
    """Say that a card that was laid into the tray at the station was refused when its scan was delivered."""
    return line.ask(
        ReportHeldScan,
        at=ASSEMBLY,
        at_station=ASSEMBLY.station_id,
        held=held,
        kind="Scan",
        scanned=card,
        scanned_at=line.now,
        refusal="CardVoided",
        reason="{}",
        in_tray=laid_in_tray(held_scan(card)),
    )


def settle(line: Line, held: CommandId = HELD) -> Outcome:
    """Say that it is dealt with."""
    return line.ask(SettleHeldScan, by=LEAD, at_station=ASSEMBLY.station_id, held=held)


def streams_of(outcome: Outcome) -> set[StreamKey]:
    """Return the streams that a change appends to."""
    assert isinstance(outcome, Decided)
    return {append.stream for append in outcome.change.appends}


def all_but_the_second(line: Line) -> tuple[CardUnitId, ...]:
    """Bring the four cards of a sheet through QA and lay all but the second into their tray."""
    line.start(spec())
    cut = line.cut(SHEET)
    line.clear(*cut)
    for card in (cut[0], *cut[2:]):
        done(line.gather(card))
    return cut


@beginning
def cards(line: Line) -> tuple[CardUnitId, ...]:
    """The four passed cards of a sheet; all but the second lie in their tray."""
    return all_but_the_second(line)


@beginning
def spare(line: Line) -> CardUnitId:
    """A passed replacement of the second card, which was kept for the tray and is void."""
    old = all_but_the_second(line)[1]
    done(line.void(old, VoidReason.DAMAGED))
    done(report(line, old))
    made = line.replace(old)
    line.clear(made)
    return made


# -- at its place ------------------------------------------------------------------------


def test_no_other_card_is_gathered_at_the_place_of_a_refused_one_until_it_is_settled(
    line: Line, spare: CardUnitId
) -> None:
    """Two papers at one place would be packed together, one of them void."""
    said = refused(line.gather(spare), RefusedCardInTray)
    assert (said.card_unit_id, said.assembly_id, said.refused, said.at_station) == (
        spare,
        SET,
        OLD,
        ASSEMBLY.station_id,
    )
    refused(line.gather(OLD), CardVoided)
    refused(line.gather(spare), RefusedCardInTray)
    done(settle(line))
    assert any(isinstance(event, CardScannedForAssembly) for event in done(line.gather(spare)))
    assert line.tray(SHEET).status is AssemblyStatus.COMPLETE


def test_every_refused_card_of_a_place_is_settled_before_another_is_laid_there(line: Line, spare: CardUnitId) -> None:
    """The original and its replacement were both laid in, and the next replacement waits for both."""
    done(report(line, spare, CommandId("another")))
    done(line.void(spare, VoidReason.DAMAGED))
    newest = line.replace(spare)
    line.clear(newest)
    assert refused(line.gather(newest), RefusedCardInTray).refused == OLD
    done(settle(line))
    assert refused(line.gather(newest), RefusedCardInTray).refused == spare
    done(settle(line, CommandId("another")))
    done(line.gather(newest))


def test_a_card_that_was_refused_and_is_gathered_after_all_keeps_nobody_from_its_place(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """It had not passed QA when it was delivered: now its paper is the one that the log has."""
    done(report(line, cards[1]))
    done(line.gather(cards[1]))
    assert not line.tray(SHEET).refused_in_tray
    done(line.pack(SHEET))
    # The list is told apart from the set, to which nothing happens any more.
    assert streams_of(settle(line)) == {STATION}


def test_the_other_places_of_the_tray_are_filled_meanwhile(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """One refused card holds up its place and the packing, not the gathering."""
    done(report(line, cards[1]))
    done(line.void(cards[0]))
    other = line.replace(cards[0])
    line.clear(other)
    done(line.gather(other))


# -- packing -----------------------------------------------------------------------------


def test_a_set_in_whose_tray_a_refused_card_may_lie_is_neither_packed_nor_authorized(
    line: Line, spare: CardUnitId
) -> None:
    """It was laid upon the right card, which the log has: the set looks complete, and is not what the tray holds."""
    done(settle(line))
    done(line.gather(spare))
    refused(line.gather(OLD), CardVoided)
    done(report(line, OLD, CommandId("laid upon it")))
    said = refused(line.pack(SHEET), RefusedCardsInSet)
    assert (said.refused, said.at_stations) == ((OLD,), (ASSEMBLY.station_id,))
    assert refused(line.authorize(SHEET), RefusedCardsInSet) == said
    done(settle(line, CommandId("laid upon it")))
    refused(line.pack(SHEET), NeedsAuthorization)
    done(line.authorize(SHEET))
    assert any(isinstance(event, SetPacked) for event in done(line.pack(SHEET)))


# -- one fact in two streams -------------------------------------------------------------


def test_the_refusal_and_the_settling_are_facts_of_the_set_as_well(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """One event in two appends, each guarded by the version of its stream."""
    versions = {key: line.streams[key].version for key in (STREAM, STATION)}
    told = report(line, cards[1])
    assert isinstance(told, Decided)
    assert {append.stream: append.expected_version for append in told.change.appends} == versions
    (event,) = done(told)
    assert isinstance(event, HeldScanRefused)
    assert line.tray(SHEET).refused_in_tray == {HELD: LiesRefused(cards[1], ASSEMBLY.station_id)}
    settled = settle(line)
    assert streams_of(settled) == {STREAM, STATION}
    assert isinstance(done(settled)[0], HeldScanSettled)
    assert not line.tray(SHEET).refused_in_tray
    refused(settle(line), NothingToSettle)


@pytest.mark.parametrize("text", ["J1044-S001-01", "J1044-S009-01"])
def test_a_set_that_knows_the_card_or_does_not_exist_is_not_told(
    line: Line, cards: tuple[CardUnitId, ...], text: str
) -> None:
    """A card that is in the tray already lies there by right; of a sheet that is not cut there is no tray."""
    del cards
    told = line.ask(
        ReportHeldScan,
        at=ASSEMBLY,
        at_station=ASSEMBLY.station_id,
        held=HELD,
        kind="Scan",
        scanned=text,
        scanned_at=line.now,
        refusal="DuplicateCard",
        reason="{}",
        in_tray=CardUnitId(text),
    )
    (event,) = done(told)
    assert isinstance(event, HeldScanRefused)
    assert (streams_of(told), event.in_tray) == ({STATION}, None)
    assert streams_of(settle(line)) == {STATION}


def test_a_set_that_is_packed_is_not_told(line: Line, cards: tuple[CardUnitId, ...]) -> None:
    """Nothing is laid into it any more; the list has it."""
    done(line.gather(cards[1]))
    done(line.pack(SHEET))
    assert streams_of(report(line, f"{cards[1]}-R1")) == {STATION}


def test_a_refusal_that_an_older_program_wrote_is_settled_in_its_station_s_stream(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """Its set was not told, and names no card."""
    before = line.streams[STREAM]
    done(report(line, cards[1]))
    *others, event = line.streams[STATION].events
    assert isinstance(event, HeldScanRefused)
    line.streams[STATION] = History((*others, replace(event, in_tray=None)))
    line.streams[STREAM] = before
    assert streams_of(settle(line)) == {STATION}


# -- void cards in the tray --------------------------------------------------------------


def test_a_kept_scan_of_a_card_that_was_voided_in_the_tray_takes_it_out_of_nothing(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """SAVED said nothing of the void: whoever scanned it left it where it lay, and the tray says TAKE IT OUT still."""
    done(line.void(cards[0], VoidReason.DAMAGED))
    refused(line.run(replace(held_scan(cards[0]), kept=True)), CardVoided)
    assert streams_of(report(line, cards[0])) == {STATION}
    newer = line.replace(cards[0])
    line.clear(newer)
    refused(line.gather(newer), VoidCardInTray)
    done(line.gather(cards[0]))
    done(line.gather(newer))


def test_a_lost_card_that_was_found_and_laid_in_offline_keeps_its_replacement_from_its_place(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """Nobody waits to see a lost card taken out, until somebody kept it for its tray."""
    done(line.void(cards[0], VoidReason.LOST))
    refused(line.run(replace(held_scan(cards[0]), kept=True)), CardVoided)
    assert streams_of(report(line, cards[0])) == {STATION, STREAM}
    newer = line.replace(cards[0])
    line.clear(newer)
    refused(line.gather(newer), RefusedCardInTray)
    done(settle(line))
    done(line.gather(newer))


def test_a_refused_card_that_was_voided_as_lost_and_is_scanned_out_of_the_tray_keeps_nobody_from_its_place(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """There is one paper of a card: seen out here, it lies nowhere in the tray."""
    done(line.void(cards[0], VoidReason.LOST))
    done(report(line, cards[0]))
    newer = line.replace(cards[0])
    line.clear(newer)
    refused(line.gather(newer), RefusedCardInTray)
    assert any(isinstance(event, VoidedCardTakenOut) for event in done(line.gather(cards[0])))
    done(line.gather(newer))


def test_a_void_card_that_was_taken_out_and_shown_as_saved_is_looked_for(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """The answer that it is out was lost, so nobody was told to put it aside; a card that was laid in is no such."""
    scan = replace(held_scan(cards[0]), at=line.now)
    done(line.void(cards[0], VoidReason.DAMAGED))
    taken_out = done(line.run(scan))
    assert left_in_tray(scan, taken_out) == VoidCardLeftInTray(card_unit_id=cards[0], assembly_id=SET)
    laid_in = replace(held_scan(cards[1]), at=line.now)
    assert left_in_tray(laid_in, done(line.run(laid_in))) is None


# -- cards that were scanned elsewhere since ---------------------------------------------


def test_a_kept_scan_gathers_no_card_that_was_scanned_elsewhere_after_it(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """It was gathered at another station and taken out again: the log would say that it lies in the tray."""
    kept = replace(held_scan(cards[1]), at=line.now, kept=True)
    done(line.gather(cards[1], at=ASSEMBLY_2, brought=True))
    done(line.ask(RemoveCardFromAssembly, at=ASSEMBLY_2, card_unit_id=cards[1], reason="slip"))
    said = refused(line.run(kept), ScannedSince)
    assert (said.card_unit_id, said.assembly_id, said.at_station) == (cards[1], SET, ASSEMBLY_2.station_id)
    assert to_be_settled(kept, said) == said
    done(line.run(replace(kept, at=line.now, station=ASSEMBLY_2)))


def test_a_kept_scan_gathers_no_card_that_passed_qa_after_it(line: Line) -> None:
    """It was laid in before it was finished, and somebody took it to the bench: there it is."""
    line.start(spec())
    card, *_ = line.cut(SHEET)
    kept = replace(held_scan(card), at=line.now, kept=True)
    line.pass_time(10)
    line.clear(card)
    assert refused(line.run(kept), ScannedSince).at_station == QA.station_id


def test_a_scan_that_asks_now_gathers_its_card_whatever_the_clocks_say(line: Line) -> None:
    """Nobody laid it in before the bench saw it: the station's clock is a little behind the bench's."""
    line.start(spec())
    card, *_ = line.cut(SHEET)
    asked = replace(held_scan(card), at=line.now)
    line.pass_time(1)
    line.clear(card)
    done(line.run(asked))


def test_a_kept_scan_of_a_card_that_its_tray_holds_leaves_nothing_to_do(
    line: Line, cards: tuple[CardUnitId, ...]
) -> None:
    """The log has it where it lies, whoever scanned it first."""
    kept = replace(held_scan(cards[0]), at=line.now, kept=True)
    assert to_be_settled(kept, refused(line.run(kept), DuplicateCard)) is None


# -- what a kept scan laid into the tray -------------------------------------------------


@pytest.mark.parametrize("text", ["J1044-S001-02", " j1044-s001-02\r", "]d2J1044-S001-02", "]C1j1044-s001-02"])
def test_a_held_scan_is_read_as_any_other(text: str) -> None:
    """Blanks, case and a scanner's AIM identifier make no other card of it."""
    assert laid_in_tray(held_scan(text)) == "J1044-S001-02"


def test_a_held_command_lays_its_card_into_the_tray_as_a_scan_does() -> None:
    """What a station keeps is mostly a scan, and may be a command."""
    command = ScanCardForAssembly(
        at=START,
        operator_id=OPERATOR,
        station_id=ASSEMBLY.station_id,
        card_unit_id=CardUnitId("J1044-S001-02"),
        assembly_id=SET,
    )
    assert laid_in_tray(command) == "J1044-S001-02"


@pytest.mark.parametrize(
    "scan",
    [
        held_scan("J1045-S001-02"),
        held_scan("J1044-S001-02", tray=None),
        held_scan("J1044-S001-02", under=CommandId("a stop")),
        held_scan("J1044-S001-02", by=None),
        held_scan("J1044-S001-02", at=QA),
        held_scan(SET),
        held_scan("hello"),
    ],
    ids=["foreign", "no tray", "under a stop", "nobody", "at a bench", "a label", "no code"],
)
def test_what_lays_no_card_into_the_open_tray_guards_no_place(scan: Scan) -> None:
    """A foreign card was stopped at once, and elsewhere there is no tray."""
    assert laid_in_tray(scan) is None


@pytest.mark.parametrize(
    ("card", "kept"),
    [
        ("J1044-S001-02-R1", "J1044-S001-02"),
        ("J1044-S001-02", None),
        ("J1044-S001-03", None),
        ("J1044-S002-02", None),
    ],
)
def test_a_second_card_for_a_place_that_holds_a_kept_one_is_named(card: str, kept: str | None) -> None:
    """Of an original and its replacement only one can be right, and without the database nobody knows which."""
    assert kept_at_its_place(CardUnitId(card), [CardUnitId("J1044-S001-01"), CardUnitId("J1044-S001-02")]) == kept
