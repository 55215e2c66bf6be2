"""Labels that are scanned before their sheet was cut: they may be printed ahead, and name nothing yet."""

import pytest

from core.domain.commands import BringTray, VoidCardUnit, VoidSheet
from core.domain.rejections import NotCutYet, UnknownUnit
from core.domain.values import SheetStatus, StationDefinition, VoidReason
from core.identity.ids import SheetId
from tests.core.beginnings import beginning
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, LEAD, PACKING, QA, UV, done, refused, spec

SHEET = SheetId("J1044-S001")


@beginning
def printed(line: Line) -> SheetId:
    """A sheet of four cards whose job has been started."""
    line.start(spec())
    return SHEET


@pytest.mark.parametrize(
    ("where", "text"),
    [(ASSEMBLY, f"{SHEET}-SET"), (PACKING, f"{SHEET}-SET"), (QA, f"{SHEET}-04"), (UV, f"{SHEET}-01")],
)
def test_a_label_that_comes_before_its_cut_is_told_so(
    line: Line, printed: SheetId, where: StationDefinition, text: str
) -> None:
    """It is no label of nobody: the cut makes what it names."""
    told = refused(line.scan(where, text), NotCutYet)
    assert (told.unit_id, told.sheet_id, told.status) == (text, printed, SheetStatus.CREATED)


def test_a_command_about_what_is_not_cut_is_told_so_as_well(line: Line, printed: SheetId) -> None:
    """From the office as from a station."""
    refused(line.ask(BringTray, at=ASSEMBLY, assembly_id=f"{printed}-SET"), NotCutYet)
    refused(line.ask(VoidCardUnit, by=LEAD, card_unit_id=f"{printed}-01", reason=VoidReason.LOST), NotCutYet)


def test_the_label_of_a_sheet_that_was_taken_out_says_that(line: Line, printed: SheetId) -> None:
    """Nobody is to wait for its cut."""
    done(line.ask(VoidSheet, by=LEAD, sheet_id=printed, reason=VoidReason.MISPRINT))
    assert refused(line.scan(ASSEMBLY, f"{printed}-SET"), NotCutYet).status is SheetStatus.VOIDED


@pytest.mark.parametrize("text", [f"{SHEET}-05", f"{SHEET}-01-R1", "J1044-S009-SET", "J1044-S009-01", "J7777-S001-SET"])
def test_what_no_cut_will_make_is_unknown(line: Line, printed: SheetId, text: str) -> None:
    """A place that the sheet does not have, a replacement, a sheet that there is not."""
    assert refused(line.scan(ASSEMBLY, text), UnknownUnit).unit_id == text


def test_after_the_cut_the_label_is_what_it_says(line: Line, printed: SheetId) -> None:
    """The label that was too early is not spoilt by it."""
    refused(line.scan(ASSEMBLY, f"{printed}-SET"), NotCutYet)
    line.cut(printed)
    done(line.scan(ASSEMBLY, f"{printed}-SET"))
