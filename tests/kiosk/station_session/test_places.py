"""Where a missing card is, told whole in the narrowest column that a screen gives it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.values import CardUnitStatus, VoidReason
from core.identity.ids import CardUnitId, StationId
from core.projections import CardUnitRow
from kiosk.screens.station import AssemblyScreen
from kiosk.snapshots.panes import MissingLine, MissingView
from kiosk.station_session.places import card_place
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.sections import missing_section, paint_sections
from kiosk.wording.spoken import Words
from tests.support.samples import sample

CARD = replace(
    sample(CardUnitRow),
    card_unit_id=CardUnitId("J1044-S003-02-R1"),
    replaces=CardUnitId("J1044-S003-02"),
    status=CardUnitStatus.IN_PROGRESS,
    since=datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
    station_id=None,
    work=None,
    ready="",
    void_reason=None,
)


def told(card: CardUnitRow, width: int) -> str:
    """The line of a missing replacement in a column of so many cells."""
    place = card_place(card, Words(zone=UTC))
    line = MissingLine(what="02-R1", where=place.where, shorter=place.shorter)
    canvas = Canvas(width, 3, NIGHT.text())
    paint_sections(
        canvas, NIGHT, (0, 0, width, 3), [missing_section(NIGHT, MissingView(count=1, lines=(line,)), width)]
    )
    return [strip.text.rstrip() for strip in canvas.strips()][2].partition("02-R1 ")[2]


ROOMS = tuple(width - 2 for width in AssemblyScreen.SIDE_WIDTHS)
"""What the column of missing cards has for its lines at 80, 100 and 160 columns."""


@pytest.mark.parametrize(
    ("card", "lines"),
    [
        (
            replace(CARD, ready="MEMORABILIA+NUMBER"),
            ("INSERT +1", "INSERT/NUMBER", "INSERT or NUMBER"),
        ),
        (
            replace(CARD, ready="FOIL+MEMORABILIA+NUMBER"),
            ("FOIL +2", "FOIL +2", "FOIL or INSERT or NUMBER"),
        ),
        (replace(CARD, ready="QA"), ("QA", "QA", "QA")),
        (
            replace(CARD, status=CardUnitStatus.QA_FAILED, last_codes=("F-201", "F-202")),
            ("HOLD", "HOLD", "HOLD F-201 F-202"),
        ),
        (
            replace(CARD, status=CardUnitStatus.VOIDED, void_reason=VoidReason.MISPRINT),
            ("REMAKE", "REMAKE", "REMAKE (misprinted)"),
        ),
        (
            replace(CARD, station_id=StationId("QA-BENCH-1"), work="QA"),
            ("QA-BENCH-1", "AT QA-BENCH-1", "AT QA-BENCH-1"),
        ),
        (
            replace(CARD, station_id=StationId("EMBELLISHING-HALL-2-FOIL-1"), work="FOIL"),
            ("FOIL", "FOIL", "EMBELLISHING-HALL-2-FOIL-1"),
        ),
    ],
    ids=["either of two", "any of three", "one", "on hold", "to be made", "at a station", "at a long name"],
)
def test_where_a_missing_replacement_is_is_never_cut(card: CardUnitRow, lines: tuple[str, ...]) -> None:
    """It is told in fewer words where they have no room: half a word is no place."""
    assert tuple(told(card, width) for width in ROOMS) == lines
