"""Rules of the ids: shape, lineage, round trips, and text that is no id."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity import ids
from core.identity.ids import AssemblyId, CardUnitId, JobId, PackId, SheetId
from tests.core.searching import searched

Parse = Callable[[str], str | None]

UNIT_PARSERS: dict[str, Parse] = {
    "order": ids.parse_order_id,
    "job": ids.parse_job_id,
    "sheet": ids.parse_sheet_id,
    "card": ids.parse_card_unit_id,
    "set": ids.parse_assembly_id,
    "pack": ids.parse_pack_id,
    "operator": ids.parse_operator_id,
}
NAME_PARSERS: dict[str, Parse] = {
    "station": ids.parse_station_id,
    "spec": ids.parse_spec_code,
    "operation": ids.parse_operation_code,
}
PARSERS = UNIT_PARSERS | NAME_PARSERS

EXAMPLES = [
    ("order", "PO2026-0117"),
    ("order", "PO2026-123456"),
    ("job", "J1044"),
    ("job", "J123456"),
    ("sheet", "J1044-S003"),
    ("sheet", "J1044-S1234"),
    ("card", "J1044-S003-07"),
    ("card", "J1044-S003-99"),
    ("card", "J1044-S003-07-R1"),
    ("card", "J1044-S003-07-R12"),
    ("set", "J1044-S003-SET"),
    ("pack", "J1044-BX001"),
    ("pack", "CS000042"),
    ("pack", "PL000042"),
    ("operator", "OP-42"),
    ("station", "QA-BENCH-3"),
    ("station", "PRESS-1"),
    ("spec", "DRAGONS-S3"),
    ("operation", "FOIL-GOLD"),
]

NO_IDS = [
    ("order", "PO26-0117"),
    ("order", "PO2026-117"),
    ("order", "PO2026"),
    ("job", "J104"),
    ("job", "1044"),
    ("job", "J1044-"),
    ("job", "J10 44"),
    ("sheet", "J1044-S03"),
    ("sheet", "J1044-S000"),
    ("sheet", "J1044-003"),
    ("card", "J1044-S003-7"),
    ("card", "J1044-S003-00"),
    ("card", "J1044-S003-100"),
    ("card", "J1044-S000-07"),
    ("card", "J1044-S003-07-R0"),
    ("card", "J1044-S003-07-R01"),
    ("card", "J1044-S003-07-R"),
    ("card", "J1044-S003-07-R1-R2"),
    ("set", "J1044-S003"),
    ("set", "J1044-S003-SETS"),
    ("set", "J1044-S000-SET"),
    ("set", "J1044-S003-07-SET"),
    ("pack", "J1044-BX01"),
    ("pack", "CS42"),
    ("pack", "PL0000042"),
    ("pack", "BX001"),
    ("operator", "OP-"),
    ("operator", "OP42"),
    ("operator", "OP-ALICE"),
    ("station", "3-BENCH"),
    ("station", "QA--3"),
    ("station", "QA-"),
    ("station", "-QA"),
    ("station", "QA BENCH"),
    ("station", "A" * 33),
    ("spec", "[BOLD]"),
    ("operation", "FOIL/GOLD"),
]

HOSTILE = [
    "",
    " ",
    "\t\r\n",
    "\x00",
    "\x1b[31mJ1044-S003-07\x1b[0m",
    "J1044-S003-07\x00",
    "J1044\x1b",
    "J1044-S003\n-07",
    "[red]J1044[/red]",
    "[@click=app.quit]J1044[/]",
    "'; DROP TABLE production_events; --",
    "J\uff11\uff10\uff14\uff14",
    "J\u0661\u0660\u0664\u0664",
    "\u200bJ1044",
    "\u00a0J1044",
    "J1044\u202e",
    "J1044–S003–07",
    "qa-bench-\u0131",
    "\ud800",
    "J" + "1" * 10_000,
    "A" * 10_000,
    "-" * 10_000,
    "A-" * 5_000,
    " " * 10_000 + "J1044",
]

numbers = st.integers(1, 999_999)
jobs = st.integers(0, 999_999).map(lambda number: JobId(f"J{number:04d}"))
sheets = st.builds(ids.sheet_id, jobs, numbers)
originals = st.builds(ids.card_unit_id, sheets, st.integers(ids.MIN_N_UP, ids.MAX_N_UP))
blanks = st.text(" \t\r\n", max_size=3)


@st.composite
def cards(draw: st.DrawFn) -> CardUnitId:
    """Draw a card made by the cut, or a replacement of one."""
    card = draw(originals)
    for _ in range(draw(st.integers(0, 12))):
        card = ids.replacement_card_unit_id(card)
    return card


typists = st.builds(
    lambda before, case, after: lambda text: before + case(text) + after,
    blanks,
    st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    blanks,
)
"""Ways to type an id: in any case, with blanks around it."""


# -- shape ---------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_an_id_reads_in_any_case_with_blanks_around_it_and_shows_in_upper_case(kind: str, text: str) -> None:
    """What is printed, typed or scanned becomes the one canonical text."""
    parse = PARSERS[kind]
    assert parse(text) == text
    assert parse(f"  {text.lower()}\r\n") == text
    assert parse(f"\t{text.title()} ") == text


@pytest.mark.parametrize(("kind", "text"), NO_IDS)
def test_a_text_of_another_shape_is_no_id(kind: str, text: str) -> None:
    """Nearly right is not right: a misread digit must not become another unit."""
    assert PARSERS[kind](text) is None


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]))
def test_hostile_text_is_no_id_and_no_error(text: str) -> None:
    """Control characters, markup, look-alike digits and endless text are refused quietly."""
    assert [kind for kind, parse in PARSERS.items() if parse(text) is not None] == []


@searched
@given(st.text(max_size=300))
def test_whatever_parses_is_plain_and_stays_as_it_is(text: str) -> None:
    """A parsed id is short, upper-case ASCII, and parses to itself."""
    for parse in PARSERS.values():
        parsed = parse(text)
        if parsed is not None:
            assert re.fullmatch(r"[A-Z0-9_-]{1,64}", parsed)
            assert parse(parsed) == parsed


@searched
@given(st.text("JSPORBXCL0123456789-_ET \n\x1b[", max_size=24))
def test_a_barcode_names_one_kind_of_unit_at_most(text: str) -> None:
    """What a scan is never depends on the order in which kinds are tried."""
    assert sum(parse(text) is not None for parse in UNIT_PARSERS.values()) <= 1


@pytest.mark.parametrize(("kind", "text"), [pair for pair in EXAMPLES if pair[0] in UNIT_PARSERS])
def test_the_printed_id_of_one_kind_is_of_no_other_kind(kind: str, text: str) -> None:
    """The shapes are disjoint."""
    assert [other for other, parse in UNIT_PARSERS.items() if parse(text)] == [kind]


@searched
@given(cards(), typists)
def test_every_unit_id_that_is_made_can_be_read_back(card: CardUnitId, as_typed: Callable[[str], str]) -> None:
    """Made, printed, scanned in any case: the same id."""
    sheet = ids.sheet_of(card)
    job = ids.job_of(card)
    assert ids.parse_card_unit_id(as_typed(card)) == card
    assert ids.parse_sheet_id(as_typed(sheet)) == sheet
    assert ids.parse_job_id(as_typed(job)) == job
    assert ids.parse_assembly_id(as_typed(ids.assembly_of(sheet))) == ids.assembly_of(sheet)


@searched
@given(jobs, numbers, typists)
def test_every_box_id_that_is_made_can_be_read_back(job: JobId, number: int, as_typed: Callable[[str], str]) -> None:
    """Boxes carry their job."""
    box = ids.box_id(job, number)
    assert ids.parse_pack_id(as_typed(box)) == box
    assert ids.job_of_pack(box) == job


# -- lineage -------------------------------------------------------------------


def test_a_card_names_its_position_sheet_job_and_set() -> None:
    """Every parent is in the id; nothing is looked up."""
    card = CardUnitId("J1044-S003-07")
    assert (ids.position_of(card), ids.sheet_of(card), ids.job_of(card)) == (7, "J1044-S003", "J1044")
    assert ids.assembly_of_card(card) == "J1044-S003-SET"
    assert (ids.original_of(card), ids.replacement_number(card)) == (card, 0)


def test_a_replacement_keeps_the_lineage_and_counts_on() -> None:
    """The replacement of a replacement is the next of its position."""
    first = ids.replacement_card_unit_id(CardUnitId("J1044-S003-07"))
    second = ids.replacement_card_unit_id(first)
    assert (first, second) == ("J1044-S003-07-R1", "J1044-S003-07-R2")
    assert (ids.position_of(second), ids.sheet_of(second), ids.replacement_number(second)) == (7, "J1044-S003", 2)
    assert ids.original_of(second) == "J1044-S003-07"


def test_a_sheet_names_its_job_number_and_set() -> None:
    """Sheets carry their job, sets their sheet."""
    sheet = SheetId("J1044-S003")
    assert (ids.job_of_sheet(sheet), ids.sheet_number(sheet)) == ("J1044", 3)
    assembly = ids.assembly_of(sheet)
    assert (assembly, ids.sheet_of_assembly(assembly)) == ("J1044-S003-SET", sheet)
    assert ids.job_of_assembly(AssemblyId("J1044-S003-SET")) == "J1044"


@pytest.mark.parametrize("pack", ["CS000042", "PL000042"])
def test_a_case_or_pallet_has_no_job(pack: str) -> None:
    """They may hold boxes of several jobs."""
    assert ids.job_of_pack(PackId(pack)) is None


@searched
@given(cards())
def test_a_card_is_made_again_from_its_lineage(card: CardUnitId) -> None:
    """Taking an id apart and putting it together loses nothing."""
    again = ids.card_unit_id(
        ids.sheet_id(ids.job_of(card), ids.sheet_number(ids.sheet_of(card))), ids.position_of(card)
    )
    assert again == ids.original_of(card)
    for _ in range(ids.replacement_number(card)):
        again = ids.replacement_card_unit_id(again)
    assert again == card


places = st.tuples(jobs, st.integers(1, 2_000), st.integers(ids.MIN_N_UP, ids.MAX_N_UP))


@searched
@given(places, places)
def test_different_places_have_different_ids(one: tuple[JobId, int, int], other: tuple[JobId, int, int]) -> None:
    """Two cards share an id only if they share job, sheet and position."""

    def card(job: JobId, sheet: int, position: int) -> CardUnitId:
        return ids.card_unit_id(ids.sheet_id(job, sheet), position)

    assert (card(*one) == card(*other)) == (one == other)


@searched
@given(sheets, st.integers(1, 98))
def test_cards_of_a_sheet_sort_by_position(sheet: SheetId, position: int) -> None:
    """The order of the text is the order on the sheet."""
    assert ids.card_unit_id(sheet, position) < ids.card_unit_id(sheet, position + 1)


@pytest.mark.parametrize("position", [-1, 0, 100])
def test_a_sheet_has_no_position_outside_1_to_99(position: int) -> None:
    """An impossible position is an error of the caller, told with the number."""
    with pytest.raises(ValueError, match=f"not {position}"):
        ids.card_unit_id(SheetId("J1044-S003"), position)


@pytest.mark.parametrize("number", [-1, 0])
def test_sheets_and_boxes_count_from_one(number: int) -> None:
    """There is no sheet and no box 0."""
    with pytest.raises(ValueError, match=f"not from {number}"):
        ids.sheet_id(JobId("J1044"), number)
    with pytest.raises(ValueError, match=f"not from {number}"):
        ids.box_id(JobId("J1044"), number)


@pytest.mark.parametrize("letter", ["\u0131", "\u017f", "\u212a", "\u00df"])
def test_only_ascii_letters_change_case(letter: str) -> None:
    """A foreign letter never becomes an ASCII one, so no invalid code turns valid."""
    assert ids.canonical(f" a{letter}z ") == f"A{letter}Z"
    assert ids.parse_station_id(f"STATION{letter}") is None
