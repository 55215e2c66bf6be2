"""Scans: what a code means at each kind of station; the operator never chooses."""

import pytest

from core.domain.commands import (
    Command,
    CompleteOperation,
    CutSheet,
    EnterStation,
    NestPack,
    OpenPack,
    PackSet,
    ScanCardForAssembly,
    SealPack,
)
from core.domain.events import TrayBrought
from core.domain.readings import (
    BadgeRead,
    ControlRead,
    ControlVerb,
    PackRead,
    TrayRead,
    UnitFound,
    VerdictAsked,
)
from core.domain.rejections import (
    NoPackOpen,
    NotLoggedOn,
    ScanTheSet,
    SetIncomplete,
    UnknownBarcode,
    UnknownUnit,
    WrongKindOfUnit,
)
from core.domain.values import PackStatus, StationDefinition, StationRole
from core.identity.ids import PackId
from core.production.decisions import Decided
from tests.core.beginnings import come_to
from tests.core.line import Line
from tests.core.shop import (
    ASSEMBLY,
    CUTTER,
    FOIL,
    FULL_ROUTE,
    INSPECTOR,
    OFFICE,
    OPERATOR,
    PACKING,
    PRESS,
    QA,
    STATIONS,
    UV,
    Outcome,
    done,
    read_as,
    refused,
    spec,
)

SHEET, SET, CARD, BOX = "J1044-S001", "J1044-S001-SET", "J1044-S001-01", "J1044-BX001"
FLOOR = [where for where in STATIONS if where.role is not StationRole.LEAD]


def meant(outcome: Outcome, command: type[Command]) -> None:
    """The scan was taken for this command, and it was carried out."""
    assert isinstance(outcome, Decided), outcome
    assert isinstance(outcome.command, command)


def one_of_two_is_cut(line: Line) -> None:
    """A job of two sheets, the first of them cut."""
    line.start(spec(), sets=2)
    line.cut(SHEET)


@pytest.fixture
def cut(line: Line) -> Line:
    """A line with a cut sheet of a job of two."""
    come_to(line, one_of_two_is_cut)
    return line


def test_each_station_reads_its_own_units(line: Line) -> None:
    """The same two codes, all along the line."""
    line.start(spec(route=FULL_ROUTE))
    meant(line.scan(PRESS, SHEET), EnterStation)
    meant(line.scan(PRESS, SHEET), CompleteOperation)
    done(line.approve(SHEET, "PROOF"))
    meant(line.scan(FOIL, SHEET), EnterStation)
    meant(line.scan(FOIL, SHEET), CompleteOperation)
    meant(line.scan(CUTTER, SHEET), CutSheet)
    meant(line.scan(UV, CARD), EnterStation)
    meant(line.scan(UV, CARD), CompleteOperation)
    line.clear(CARD)
    meant(line.scan(ASSEMBLY, CARD), ScanCardForAssembly)
    line.complete(SHEET)
    meant(line.scan(PACKING, BOX), OpenPack)
    meant(line.scan(PACKING, SET, open_pack=BOX), PackSet)


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (PRESS, CARD),
        (CUTTER, CARD),
        (QA, SHEET),
        (ASSEMBLY, SHEET),
        (PACKING, SHEET),
        (PRESS, SET),
        (QA, SET),
        (QA, BOX),
        (ASSEMBLY, BOX),
        (CUTTER, "J1044"),
        (ASSEMBLY, "PO2026-0117"),
    ],
)
def test_what_is_worked_on_elsewhere_is_the_wrong_kind(cut: Line, where: StationDefinition, text: str) -> None:
    """A card at the press, a sheet at QA, a ticket anywhere."""
    said = refused(cut.scan(where, text), WrongKindOfUnit)
    assert (said.unit_id, said.station_role) == (text, where.role)


@pytest.mark.parametrize("where", STATIONS, ids=lambda where: where.station_id)
def test_a_badge_and_a_wall_card_mean_the_same_everywhere(line: Line, where: StationDefinition) -> None:
    """Also before anybody is logged on, and while the station waits for a number."""
    assert read_as(line.scan(where, "op-42", by=None), BadgeRead).operator_id == OPERATOR
    assert read_as(line.scan(where, "CMD-UNDO", by=None), ControlRead).verb is ControlVerb.UNDO


@pytest.mark.parametrize("where", FLOOR, ids=lambda where: where.station_id)
@pytest.mark.parametrize("text", [SHEET, CARD, SET, BOX, "J1044", "nonsense", ""])
def test_nothing_is_done_by_nobody(cut: Line, where: StationDefinition, text: str) -> None:
    """A badge comes first, whatever else is scanned."""
    assert refused(cut.scan(where, text, by=None), NotLoggedOn).station_id == where.station_id


@pytest.mark.parametrize("text", [SHEET, CARD, SET, BOX, "J1044", "PO2026-0117", "J9999-S001"])
def test_a_lead_s_screen_shows_whatever_is_scanned(cut: Line, text: str) -> None:
    """By anybody: looking changes nothing."""
    assert read_as(cut.scan(OFFICE, text.lower(), by=None), UnitFound).unit_id == text


def test_a_lead_s_screen_says_what_it_cannot_read(line: Line) -> None:
    """As every station does."""
    refused(line.scan(OFFICE, "nonsense"), UnknownBarcode)


@pytest.mark.parametrize(
    ("where", "text"),
    [(PRESS, "J1044-S009"), (QA, "J1044-S001-05"), (ASSEMBLY, "J1044-S009-SET"), (PACKING, "J1044-S009-SET")],
)
def test_a_well_formed_code_of_nothing_is_unknown(cut: Line, where: StationDefinition, text: str) -> None:
    """A label of another shop, or one that was printed too early."""
    assert refused(cut.scan(where, text), UnknownUnit).unit_id == text


def test_a_card_at_the_bench_waits_for_its_verdict(cut: Line) -> None:
    """Scanning it again records nothing."""
    meant(cut.scan(QA, CARD, by=INSPECTOR), EnterStation)
    read_as(cut.scan(QA, CARD, by=INSPECTOR), VerdictAsked)


def test_where_sets_are_packed_a_card_is_no_set(cut: Line) -> None:
    """It says which label to scan instead."""
    assert refused(cut.scan(PACKING, CARD), ScanTheSet).assembly_id == SET


def test_a_set_needs_an_open_box(cut: Line) -> None:
    """Scan the box first; a box is asked for only where it may take the set."""
    refused(cut.scan(PACKING, SET), SetIncomplete)
    cut.complete(SHEET)
    assert refused(cut.scan(PACKING, SET), NoPackOpen).assembly_id == SET


def test_a_container_that_is_known_is_taken_in_hand(cut: Line) -> None:
    """Whatever its state; the kiosk acts on it."""
    meant(cut.scan(PACKING, BOX), OpenPack)
    assert read_as(cut.scan(PACKING, BOX), PackRead).status is PackStatus.OPEN
    assert read_as(cut.scan(PACKING, BOX, open_pack=BOX), PackRead).pack_id == BOX


def test_a_sealed_box_goes_into_the_case_that_is_being_filled(cut: Line) -> None:
    """And into nothing else."""
    cut.complete(SHEET)
    done(cut.pack(SHEET, BOX))
    done(cut.ask(SealPack, at=PACKING, pack_id=PackId(BOX)))
    meant(cut.scan(PACKING, "CS000001"), OpenPack)
    meant(cut.scan(PACKING, "PL000001"), OpenPack)
    read_as(cut.scan(PACKING, BOX, open_pack="PL000001"), PackRead)
    read_as(cut.scan(PACKING, BOX, open_pack="CS000002"), PackRead)
    meant(cut.scan(PACKING, BOX, open_pack="CS000001"), NestPack)


def test_a_tray_s_label_is_read_where_sets_come_together(cut: Line) -> None:
    """It opens the tray; at packing the same label packs it."""
    (brought,) = done(cut.scan(ASSEMBLY, SET))
    assert isinstance(brought, TrayBrought)
    assert read_as(cut.scan(ASSEMBLY, SET), TrayRead).assembly_id == SET
    cut.complete(SHEET)
    done(cut.scan(PACKING, BOX))
    meant(cut.scan(PACKING, SET, open_pack=BOX), PackSet)
