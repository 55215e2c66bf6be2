"""Every refusal and every fact has words, and the words keep the rules of the feedback contract."""

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.events import Event, EventCorrected, StationStopCleared
from core.domain.rejections import (
    BarcodeProblem,
    CardVoided,
    DuplicateCard,
    NotPassedQA,
    PackNotSealed,
    Rejection,
    TrayElsewhere,
    UnknownBarcode,
    WrongStep,
)
from core.domain.values import (
    CardUnitStatus,
    OperationType,
    PackStatus,
    StandIn,
    StationDefinition,
    StationRole,
    StepRef,
    StopClearedBy,
)
from core.identity.ids import CardUnitId, CommandId, OperationCode, PackId, StationId
from core.production.corrections import RETRACTABLE
from kiosk.wording.events import accepted, told
from kiosk.wording.rejections import STOPPING, spoken
from kiosk.wording.spoken import RESET, Severity, Spoken, Words, with_article
from kiosk.wording.stations import forgotten_stop
from tests.kiosk.wording.samples import ASSY, AT, CARD, EVENTS, REJECTIONS, RENEWED, SET, WORDS

GOLD = StepRef(OperationCode("FOIL-GOLD"), OperationType.FOIL)
SILVER = StepRef(OperationCode("FOIL-SILVER"), OperationType.FOIL)
_HERE = Path(__file__).parent


def _names(samples: Sequence[object]) -> list[str]:
    return [f"{type(sample).__name__}-{number}" for number, sample in enumerate(samples)]


def _texts(said: Spoken) -> list[str]:
    facts = [text for fact in said.facts for text in (fact.label, fact.value)]
    parts = [part.text for line in said.compared for part in line.parts]
    return [said.noun, said.big, said.sentence, said.cure, said.text, *said.steps, *facts, *parts]


def _is_harmless(text: str) -> bool:
    return all(unicodedata.category(character)[0] != "C" for character in text)


def _compare_with_golden(name: str, lines: list[str]) -> None:
    """Compare with the golden file; KIOSK_GOLDEN=write writes it anew, to be read in the diff."""
    golden = _HERE / name
    text = "\n".join(lines) + "\n"
    if os.environ.get("KIOSK_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_refusal_and_every_event_has_a_sample() -> None:
    """A new refusal or event without a golden text is noticed here."""
    assert {type(sample) for sample in REJECTIONS} == set(get_args(Rejection))
    assert {type(sample) for sample in EVENTS} == set(get_args(Event))


def test_what_may_stop_a_station_is_named() -> None:
    """A terminal that starts looks for these only, so a new stop that is not among them would be forgotten."""
    stops = {type(sample).__name__ for sample in REJECTIONS if spoken(sample, WORDS).severity is Severity.STOP}
    assert stops == STOPPING


def test_the_words_of_every_refusal() -> None:
    """The golden file is what operators read; whoever changes a sentence reads it there."""
    lines: list[str] = []
    for sample in REJECTIONS:
        said = spoken(sample, WORDS)
        lines += [f"{type(sample).__name__}: {said.severity.upper()} [{said.big}] {said.noun}", f"  {said.sentence}"]
        lines += [f"  -> {said.cure}"] if said.severity is Severity.ATTENTION else []
        for line in said.compared:
            parts = "  ".join(f"*{part.text}*" if part.differs else part.text for part in line.parts)
            lines.append(f"  {line.label:12}{parts}")
        lines += [f"  {fact.label:12}{fact.value}" for fact in said.facts]
        lines += [f"  {number}. {step}" for number, step in enumerate(said.steps, 1)]
    _compare_with_golden("rejections.golden.txt", lines)


def test_the_words_of_every_event() -> None:
    """The golden file is what a history reads like, and what a green verdict says."""
    lines: list[str] = []
    for sample in EVENTS:
        fact = told(sample, WORDS)
        green = accepted([sample], WORDS)
        assert green is not None
        lines.append(f"{type(sample).__name__}: {fact.marker} {fact.text}")
        lines.append(f"  [{green.big}] {green.words} | {green.counter} {green.caption} | {green.short}")
    _compare_with_golden("events.golden.txt", lines)


@pytest.mark.parametrize("sample", REJECTIONS, ids=_names(REJECTIONS))
def test_a_refusal_keeps_the_feedback_contract(sample: Rejection) -> None:
    """Big text has big shapes, lines fit an 80-column terminal, a stop has three steps and blocks."""
    said = spoken(sample, WORDS)
    office = said.noun == "CANNOT BE"
    assert set(said.big) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/.:+ ")
    assert 0 < len(said.big) <= 12
    assert 0 < len(said.noun) <= 30
    assert said.sentence.endswith((".", ":"))
    if said.severity is Severity.STOP:
        assert type(sample).__name__ in STOPPING
        assert len(said.steps) == 3
        assert said.steps[1:].count(RESET) == 1
        assert all(len(step) <= 56 for step in said.steps)
        assert {fact.label for fact in said.facts} >= {"IT IS", "GOES TO"}
        assert any(fact.label == "ITS SET" for fact in said.facts) or type(sample).__name__ == "SheetGone"
    else:
        assert not said.steps
        assert office or 0 < len(said.cure) <= 64


_NEEDS_THE_STATION = re.compile(r"\b(scan|type|press|F\d+|look for|go on|take the next|call|tell)\b", re.IGNORECASE)


def _stops() -> list[Spoken]:
    """Every stop that can be said, a void card's with whatever may stand in for it."""
    stand_ins = [
        StandIn(card_unit_id=RENEWED, status=status, station_id=None, pack_id=None, ready=())
        for status in CardUnitStatus
    ]
    void = [
        CardVoided(card_unit_id=CARD, reason=None, replaced_by=RENEWED, stand_in=stand_in)
        for stand_in in (None, *stand_ins)
    ]
    told_of = [spoken(sample, WORDS) for sample in (*REJECTIONS, *void)]
    return [*(said for said in told_of if said.severity is Severity.STOP), forgotten_stop("OldRefusal")]


def test_what_needs_a_scan_or_a_key_comes_after_the_reset_card() -> None:
    """Under a stop every scan but RESET is ignored: steps in another order could not be followed."""
    for said in _stops():
        before = said.steps[: said.steps.index(RESET)]
        assert before, said.noun
        assert not [step for step in before if _NEEDS_THE_STATION.search(step)], said.noun


@pytest.mark.parametrize("sample", REJECTIONS, ids=_names(REJECTIONS))
def test_foreign_text_in_a_refusal_is_escaped(sample: Rejection) -> None:
    """No escape sequence, control character or bidirectional override reaches a screen."""
    assert all(_is_harmless(text) for text in _texts(spoken(sample, WORDS)))


@pytest.mark.parametrize("sample", EVENTS, ids=_names(EVENTS))
def test_foreign_text_in_a_fact_is_escaped(sample: Event) -> None:
    """The same for histories and green verdicts."""
    fact, green = told(sample, WORDS), accepted([sample], WORDS)
    assert green is not None
    assert all(
        _is_harmless(text) for text in (fact.text, green.big, green.words, green.short, green.counter, green.caption)
    )


@given(text=st.text(max_size=200), problem=st.sampled_from(BarcodeProblem))
def test_any_scanned_text_can_be_told(text: str, problem: BarcodeProblem) -> None:
    """Whatever a scanner sends, its refusal is one short harmless sentence."""
    said = spoken(UnknownBarcode(text=text, problem=problem))
    assert _is_harmless(said.text)
    assert len(said.sentence) <= 120


def test_without_a_shop_the_words_still_say_where_to_go() -> None:
    """A shop without stations is told the kind of work instead of a station's name."""
    for sample in REJECTIONS:
        said = spoken(sample)
        assert said.sentence
        assert "to nothing" not in said.cure


def test_a_set_completed_by_a_scan_is_said_first() -> None:
    """The scan that completes a set says so, not only that the card is in."""
    events = [event for event in EVENTS if type(event).__name__ in {"CardScannedForAssembly", "AssemblyCompleted"}]
    green = accepted(events, WORDS)
    assert green is not None
    assert green.words == "SET COMPLETE"
    assert green.counter == "13/18"


def test_nothing_recorded_is_nothing_accepted() -> None:
    """Without an event there is no green verdict."""
    assert accepted([], WORDS) is None


def test_a_unit_is_sent_to_a_station_that_does_its_operation() -> None:
    """Not to another of the same kind of work, which names the operations that it does."""
    stations = [
        StationDefinition(
            station_id=StationId(f"FOIL-{number}"),
            name="",
            role=StationRole.EMBELLISH,
            work=(OperationType.FOIL,),
            operations=operations,
        )
        for number, operations in enumerate(((GOLD.operation,), (SILVER.operation,), ()), 1)
    ]
    words = Words.of(stations)
    assert words.places_of((GOLD,)) == "FOIL-1 or FOIL-3"
    assert words.places_of((SILVER,)) == "FOIL-2 or FOIL-3"
    assert words.steps((SILVER,)) == "FOIL-SILVER (FOIL-2 or FOIL-3)"
    assert Words.of(stations[:1]).places_of((SILVER,)) == Words().places_of((SILVER,))


def test_a_stop_in_a_history_is_told_in_words() -> None:
    """A history is read by people, who know no class of the program."""
    told_stop = told(
        StationStopCleared(
            occurred_at=AT,
            operator_id=None,
            station_id=ASSY,
            at_station=ASSY,
            number=3,
            stop=CommandId("x"),
            refusal="NotPassedQA",
            unit_id="J1044-S003-07",
            raised_at=AT,
            cleared_by=StopClearedBy.LEAD,
            ignored=0,
        ),
        WORDS,
    )
    assert told_stop.detail == "stop 0003, not passed QA J1044-S003-07, by a lead"


@pytest.mark.parametrize("kind", get_args(RETRACTABLE), ids=lambda kind: kind.__name__)
def test_what_was_taken_back_is_told_in_words(kind: type) -> None:
    """Whatever can be taken back has a name that people use."""
    corrected = next(sample for sample in EVENTS if isinstance(sample, EventCorrected) and sample.retracted)
    fact = told(replace(corrected, corrected_event=kind.__name__), WORDS)
    assert fact.what == "taken back"
    assert not re.search("[a-z][A-Z]|Unit|Event|Sheet|Card", fact.detail.partition(":")[0])
    assert "entered" not in fact.detail


def test_nobody_needs_a_inspector() -> None:
    """The article follows the word."""
    assert [with_article(word) for word in ("inspector", "lead", "operator", "manager")] == [
        "an inspector", "a lead", "an operator", "a manager",
    ]  # fmt: skip


def test_a_card_scanned_again_into_a_complete_set_says_where_its_tray_goes() -> None:
    """There is no next card to scan."""
    said = spoken(DuplicateCard(card_unit_id=CARD, assembly_id=SET, missing=()), WORDS)
    assert said.cure == f"The set is complete: its tray goes to {WORDS.place(OperationType.PACK)}"


def test_a_void_card_at_a_tray_says_whether_it_was_made_anew() -> None:
    """Whoever takes it out knows whether to look for another or to wait for one."""
    void = NotPassedQA(card_unit_id=CARD, status=CardUnitStatus.VOIDED, ready=(), codes=())
    missing = [
        next(fact.value for fact in spoken(each, WORDS).facts if fact.label == "MISSING")
        for each in (void, replace(void, replaced_by=RENEWED))
    ]
    assert missing == ["a replacement: none is made yet", f"nothing: card {RENEWED} takes its place"]


@pytest.mark.parametrize("card", [CARD, None])
def test_where_a_tray_is_has_room_for_its_code_on_the_smallest_screen(card: CardUnitId | None) -> None:
    """Of 80 columns the band has 74, and the code is what has to be typed where no scanner is."""
    said = spoken(TrayElsewhere(card_unit_id=card, assembly_id=SET, at_station=ASSY), WORDS)
    assert SET in said.cure
    assert len(f"! {said.noun}   {said.cure}") <= 74


def test_a_card_of_a_tray_elsewhere_says_whether_it_is_recorded_there() -> None:
    """Then it only fell out of its tray, and nothing has to be scanned."""
    away = TrayElsewhere(card_unit_id=CARD, assembly_id=SET, at_station=ASSY)
    recorded = f"Card {CARD} is recorded in it already."
    assert recorded not in spoken(away, WORDS).sentence
    assert recorded in spoken(replace(away, is_in_it=True), WORDS).sentence


@pytest.mark.parametrize("missing", [(GOLD,), ()])
def test_a_gate_that_is_approved_from_no_station_names_none(missing: tuple[StepRef, ...]) -> None:
    """Given an approval from the office that comes too early, then what has to be done first is all that is said."""
    refused = WrongStep(
        unit_id=CARD, station_id=None, work=(OperationType.GATE,), operations=(), ready=missing, missing=missing
    )
    said = spoken(refused, WORDS)
    assert not any("None" in text for text in _texts(said))
    assert ("is not ready for GATE; first: FOIL-GOLD" if missing else "needs no GATE.") in said.sentence


def test_a_shipped_container_is_not_asked_to_be_sealed() -> None:
    """Given a container that is shipped, when it is shipped or nested again, then it is said to be shipped."""
    said = spoken(PackNotSealed(pack_id=PackId("PL000001"), status=PackStatus.SHIPPED), WORDS)
    assert said.sentence == "PL000001 is shipped already."
    assert "eal" not in said.cure
