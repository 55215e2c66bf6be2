"""Labels carry exactly the codes that the kiosk understands, drawn as scanners expect them."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity.ids import CardUnitId, OperatorId, SheetId
from kiosk.printing.code128 import NotEncodableError, modules, widths
from kiosk.printing.labels import (
    SymbolKind,
    badge_labels,
    card_labels,
    control_labels,
    page,
    plain_labels,
    set_labels,
)
from kiosk.printing.symbols import code128, qr

_PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def _characters(text: str) -> list[tuple[int, ...]]:
    drawn = widths(text)
    body = drawn[:-7]
    return [body[at : at + 6] for at in range(0, len(body), 6)]


def test_a_known_symbol_is_drawn_as_the_standard_says() -> None:
    """`A` in set B: start 211214, A 111323, check (104 + 33) mod 103 = 34 is 131123, stop 2331112."""
    assert "".join(str(width) for width in widths("A")) == "2112141113231311232331112"


@given(_PRINTABLE)
def test_every_symbol_character_is_11_modules_wide(text: str) -> None:
    """A character that is a module too wide or narrow cannot be read."""
    assert all(sum(character) == 11 for character in _characters(text))
    assert modules(text) == 11 * (len(text) + 2) + 13


@given(_PRINTABLE, _PRINTABLE)
def test_two_texts_never_share_a_symbol(one: str, other: str) -> None:
    """What differs on a label differs in its bars."""
    assert (widths(one) == widths(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "é", "\n", "J1044\x00"])
def test_what_set_b_lacks_is_refused(text: str) -> None:
    """A label that would be read as something else is not drawn."""
    with pytest.raises(NotEncodableError):
        code128(text)


def test_a_code_fits_a_label_and_has_its_quiet_zones() -> None:
    """A fail code, the longest on the wall card, is under 70 mm; quiet zones are part of the drawing."""
    drawn = code128("CMD-FAIL-F-201")
    assert drawn.width_mm < 70
    assert 'd="M10 0h2v1h-2z' in drawn.svg
    assert ET.fromstring(drawn.svg).tag.endswith("svg")


def test_a_card_id_fits_a_small_square() -> None:
    """The trim margin of a card has about 9 mm; a card id needs 21 modules and the quiet zone."""
    drawn = qr("J1044-S003-07", module_mm=0.3)
    assert drawn.width_mm == drawn.height_mm == pytest.approx(29 * 0.3)


def test_the_wall_card_has_every_control_barcode_and_every_fault() -> None:
    """The demo and a shop print one page and can do everything from it."""
    codes = [label.code for label in control_labels([("F-201", "foil misregistered")])]
    wanted = "RESET UNDO PASS HELP LOGOFF PARK SEAL YES NO SETTLE FAIL-F-201"
    assert set(codes) == {f"CMD-{verb}" for verb in wanted.split()}


def test_badges_trays_and_cards_say_what_they_are() -> None:
    """People read the words, scanners the code; both are there."""
    labels = [
        *badge_labels([(OperatorId("OP-42"), "Sam", ["lead"])]),
        *set_labels([SheetId("J1044-S003")]),
        *card_labels([CardUnitId("J1044-S003-07-R1")]),
        *plain_labels(["J1044-BX001"]),
    ]
    assert [label.code for label in labels] == ["OP-42", "J1044-S003-SET", "J1044-S003-07-R1", "J1044-BX001"]
    assert labels[2].title == "07-R1"


@pytest.mark.parametrize("kind", SymbolKind)
def test_a_page_is_whole_and_needs_nothing_from_outside(kind: SymbolKind) -> None:
    """The page prints on a machine without a network and runs nothing."""
    html = page("Wall card", control_labels([("F-201", "x")]), kind=kind, note="Print it.")
    assert html.count("<svg") == 11
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="', html) == []


@pytest.mark.parametrize("kind", SymbolKind)
def test_the_labels_of_a_page_are_of_one_width_that_holds_each_symbol(kind: SymbolKind) -> None:
    """They stand in columns, can be cut in straight lines, and no symbol is squeezed into its label."""
    labels = control_labels([("F-201", "foil misregistered")])
    printed = page("Control card", labels, kind=kind)
    (width,) = re.findall(r"--wide:([0-9.]+)mm", printed)
    symbols = [float(found) for found in re.findall(r'<svg [^>]*width="([0-9.]+)mm"', printed)]
    assert len(symbols) == len(labels)
    assert max(symbols) + 6 < float(width) <= 186
    # A browser breaks lines over pages; of a flexible box some break nothing, and the first page stays empty.
    assert "flex" not in printed


def test_hostile_names_stay_text() -> None:
    """A name cannot become markup, nor steer a terminal that shows the page."""
    html = page("x", badge_labels([(OperatorId("OP-1"), "</b><script>alert(1)</script>\x1b[2J", ["lead"])]))
    assert "<script" not in html
    assert "\x1b" not in html
