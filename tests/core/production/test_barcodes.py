"""Barcodes: what a text is, whatever text it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.readings import ControlVerb
from core.domain.rejections import BarcodeProblem, NotLoggedOn, Refusal, ScanTheCard, UnknownBarcode
from core.identity.ids import CardUnitId, OperationCode
from core.production.barcodes import (
    MAX_BARCODE_LENGTH,
    BadgeBarcode,
    Barcode,
    CardBarcode,
    ControlBarcode,
    PackBarcode,
    PaperBarcode,
    SetBarcode,
    SheetBarcode,
    read_barcode,
)
from core.production.scan import NumberAwaited, SerialAwaited
from tests.core.line import Line
from tests.core.searching import searched
from tests.core.shop import ASSEMBLY, PACKING, PRESS, QA, STATIONS, refused, spec

CARD = CardUnitId("J1044-S001-01")
PIECES = (
    "J1044",
    "-S001",
    "-01",
    "-R1",
    "-SET",
    "-BX001",
    "CS000001",
    "CMD-",
    "FAIL",
    "OP-42",
    "]C1",
    "\x00",
    "[b]",
    " ",
)


def problem(text: str) -> BarcodeProblem:
    """Why a text is no code of this shop; it is handed on as it came."""
    found = read_barcode(text)
    assert isinstance(found, UnknownBarcode), found
    assert found.text == text
    return found.problem


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("J1044-S003", SheetBarcode("J1044-S003")),  # type: ignore[arg-type]
        ("j1044-s003-07", CardBarcode("J1044-S003-07")),  # type: ignore[arg-type]
        (" J1044-S003-07-R1\r\n", CardBarcode("J1044-S003-07-R1")),  # type: ignore[arg-type]
        ("]C1J1044-S003-SET", SetBarcode("J1044-S003-SET")),  # type: ignore[arg-type]
        ("J1044-BX001", PackBarcode("J1044-BX001")),  # type: ignore[arg-type]
        ("cs000123", PackBarcode("CS000123")),  # type: ignore[arg-type]
        ("PL000123", PackBarcode("PL000123")),  # type: ignore[arg-type]
        ("op-42", BadgeBarcode("OP-42")),  # type: ignore[arg-type]
        ("J1044", PaperBarcode("J1044")),  # type: ignore[arg-type]
        ("PO2026-0117", PaperBarcode("PO2026-0117")),  # type: ignore[arg-type]
        ("CMD-UNDO", ControlBarcode(ControlVerb.UNDO, None)),
        ("cmd-pass", ControlBarcode(ControlVerb.PASS, None)),
        ("CMD-FAIL", ControlBarcode(ControlVerb.FAIL, None)),
        ("CMD-FAIL-F-201", ControlBarcode(ControlVerb.FAIL, "F-201")),
    ],
)
def test_a_code_of_this_shop_is_read_in_any_case_and_dress(text: str, code: Barcode) -> None:
    """With blanks, line ends and the symbology that a scanner puts before it."""
    assert read_barcode(text) == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", BarcodeProblem.EMPTY),
        (" \t\r\n", BarcodeProblem.EMPTY),
        ("]C1", BarcodeProblem.EMPTY),
        ("J" * 65, BarcodeProblem.TOO_LONG),
        ("x" * 10_000, BarcodeProblem.TOO_LONG),
        ("J1044\x00-S001", BarcodeProblem.UNPRINTABLE),
        ("\x1b[2J", BarcodeProblem.UNPRINTABLE),
        ("J1044\n-S001", BarcodeProblem.UNPRINTABLE),
        ("J1044-S001\u202e", BarcodeProblem.UNPRINTABLE),
        ("\ud800", BarcodeProblem.UNPRINTABLE),
        ("J1044-S001-00", BarcodeProblem.MALFORMED),
        ("J1044-S001-1", BarcodeProblem.MALFORMED),
        ("J1044-S001-01-R0", BarcodeProblem.MALFORMED),
        ("J104", BarcodeProblem.MALFORMED),
        ("CS12345", BarcodeProblem.MALFORMED),
        ("OP-", BarcodeProblem.MALFORMED),
        ("[bold]J1044[/]", BarcodeProblem.FOREIGN),
        ("4006381333931", BarcodeProblem.FOREIGN),
        ("JERSEY-7", BarcodeProblem.FOREIGN),
        ("J١٠٤٤", BarcodeProblem.FOREIGN),
        ("J1044\u2010S001", BarcodeProblem.FOREIGN),
        ("CMD-NO-WAY", BarcodeProblem.UNKNOWN_CONTROL),
        ("CMD-UNDO-NOW", BarcodeProblem.UNKNOWN_CONTROL),
        ("CMD-", BarcodeProblem.UNKNOWN_CONTROL),
    ],
)
def test_what_is_no_code_of_this_shop_says_why(text: str, why: BarcodeProblem) -> None:
    """Torn, foreign, hostile, too long or nothing at all."""
    assert problem(text) is why


@searched
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)))
def test_any_text_is_a_code_or_a_reason_and_never_an_error(text: str) -> None:
    """And a code that is read is short, printable and plain."""
    found = read_barcode(text)
    if not isinstance(found, UnknownBarcode):
        assert len(text.strip()) <= MAX_BARCODE_LENGTH + len("]C1")
        assert found == read_barcode(text.strip(" \t\r\n").upper() if text.isascii() else text)


@pytest.mark.parametrize(
    "text", ["\x00", "\x1b]0;x\x07", "[bold red]x", "\ud800", "x" * 10_000, "J1044-S001-00", "%s {}", ""]
)
@pytest.mark.parametrize("where", STATIONS, ids=lambda where: where.station_id)
def test_hostile_text_is_refused_as_it_came_at_every_station(line: Line, where: object, text: str) -> None:
    """Nothing in it is obeyed, cut off or lost."""
    outcome = line.scan(where, text)  # type: ignore[arg-type]
    # Where inserts are placed any vendor's code may be one.
    assert refused(outcome, UnknownBarcode | ScanTheCard).text == text  # type: ignore[arg-type]


@searched
@given(
    text=st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=5).map("".join)),
    where=st.sampled_from((PRESS, QA, ASSEMBLY, PACKING)),
    awaited=st.sampled_from(
        (
            None,
            NumberAwaited(card_unit_id=CARD, operation=OperationCode("NUMBER"), run_of=99),
            SerialAwaited(card_unit_id=CARD, operation=OperationCode("RELIC")),
        )
    ),
    by=st.sampled_from((None, "OP-42")),
)
def test_whatever_is_scanned_is_answered(text: str, where: object, awaited: object, by: object) -> None:
    """With a command, a reading or a reason, whatever the station waits for."""
    line = Line()
    line.start(spec())
    outcome = line.scan(where, text, awaited=awaited, by=by)  # type: ignore[arg-type]
    assert outcome is not None
    if by is None and isinstance(outcome, Refusal):
        assert isinstance(outcome, NotLoggedOn) or outcome == line.scan(where, text, by=by)  # type: ignore[arg-type]
