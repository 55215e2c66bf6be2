"""Headed lists show what fits and count the rest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk.snapshots.panes import (
    LastScansView,
    MissingLine,
    MissingView,
    NextTraysView,
    QueueLine,
    QueueView,
    ScanLine,
    TrayLine,
)
from kiosk.snapshots.verdicts import VerdictState
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.sections import missing_section, paint_sections, queue_section, scans_section, trays_section


def painted(height: int, *sections: object, width: int = 50) -> list[str]:
    """The lines of sections in a column."""
    canvas = Canvas(width, height, NIGHT.text())
    paint_sections(canvas, NIGHT, (0, 0, width, height), sections)  # pyright: ignore[reportArgumentType]
    return [strip.text.rstrip() for strip in canvas.strips()]


def queue(count: int, more: int = 0) -> QueueView:
    """A queue of `count` sheets."""
    return QueueView(ready=tuple(QueueLine(what=f"J1044-S{number:03d}") for number in range(count)), more=more)


@given(count=st.integers(0, 30), more=st.integers(0, 50), height=st.integers(3, 40))
def test_every_waiting_sheet_is_shown_or_counted(count: int, more: int, height: int) -> None:
    """Operators never scroll, so what is not shown must be a number."""
    lines = painted(height, queue_section(NIGHT, queue(count, more), least=1))
    shown = sum("J1044-S" in line for line in lines)
    counted = sum(int(line.split()[0][1:]) for line in lines if line.startswith("+"))
    if any(lines):
        assert shown + counted == count + more


def test_missing_cards_outlast_the_last_scans_where_room_is_short() -> None:
    """The last section gives up its rows first."""
    missing = MissingView(count=5, lines=tuple(MissingLine(what=f"{n:02d}", where="FOIL-1") for n in range(1, 6)))
    scans = LastScansView(
        lines=tuple(
            ScanLine(what=f"{n:02d}", state=VerdictState.ACCEPTED, words="in set", at="14:32:05") for n in range(9)
        )
    )
    lines = painted(13, missing_section(NIGHT, missing, 50), scans_section(NIGHT, scans, 50))
    assert sum("FOIL-1" in line for line in lines) == 5
    assert sum("in set" in line for line in lines) == 3
    lines = painted(9, missing_section(NIGHT, missing, 50), scans_section(NIGHT, scans, 50))
    assert sum("FOIL-1" in line for line in lines) == 5
    assert not any("LAST SCANS" in line for line in lines)


@given(uncut=st.integers(1, 40), more=st.integers(0, 9), height=st.integers(4, 12))
def test_a_line_that_stands_for_many_is_counted_as_many(uncut: int, more: int, height: int) -> None:
    """Three sheets in one line are three missing sets, shown or not."""
    lines = (
        *(MissingLine(what=f"{n:02d}", where="FOIL-1") for n in range(1, 5)),
        MissingLine(what=f"{uncut} sheets", where="not cut yet", stands_for=uncut),
    )
    shown = painted(height, missing_section(NIGHT, MissingView(count=4 + uncut + more, lines=lines), 50))
    if not any(shown):
        return
    seen = sum("FOIL-1" in line for line in shown) + (uncut if any("not cut yet" in line for line in shown) else 0)
    assert seen + sum(int(line.split()[0][1:]) for line in shown if line.startswith("+")) == 4 + uncut + more


def test_where_a_missing_card_is_outlasts_when_it_comes() -> None:
    """Half a station's name would be no place."""
    missing = MissingView(count=1, lines=(MissingLine(what="05", where="QA-BENCH-1", when="27 min"),))
    assert "QA-BENCH-1" in painted(3, missing_section(NIGHT, missing, 18), width=18)[2]
    assert "27 min" in painted(3, missing_section(NIGHT, missing, 30), width=30)[2]


def test_what_can_be_undone_says_so_before_it_says_when() -> None:
    """F2 takes it back for ten seconds only: where there is room for one of them, it is the key."""
    line = ScanLine(what="J1044-S003-12", state=VerdictState.ACCEPTED, words="F-201", at="14:32:05", undo=True)
    for width, ending in ((40, "14:32:05 F2 undo"), (32, "F2 undo"), (28, "14:32")):
        lines = painted(3, scans_section(NIGHT, LastScansView(lines=(line,)), width), width=width)
        assert lines[2].endswith(ending), (width, lines[2])


def test_work_at_the_station_is_told_from_work_ready_for_it() -> None:
    """By a symbol, not by colour."""
    view = QueueView(at_station=(QueueLine(what="J1044-S001"),), ready=(QueueLine(what="J1044-S002"),))
    lines = painted(6, queue_section(NIGHT, view))
    assert lines[2].startswith("● J1044-S001")
    assert lines[3].startswith("○ J1044-S002")


def test_a_set_to_gather_is_named_whole() -> None:
    """Given less and less room, then what it waits for gives way to how many are here, and that to its name."""
    line = TrayLine(sheet="J1046-S003", here="15 of 18 here", count="15/18", note="3 to come")
    for width, row in (
        (40, "J1046-S003  15 of 18 here      3 to come"),
        (22, "J1046-S003   3 to come"),
        (18, "J1046-S003   15/18"),
        (12, "J1046-S003"),
    ):
        assert painted(3, trays_section(NIGHT, NextTraysView(lines=(line,))), width=width)[2] == row


def test_words_over_the_times_stand_only_where_a_time_stands() -> None:
    """Given a column too narrow for any time, then it does not say "since" over nothing."""
    line = MissingLine(what="05", where="QA-BENCH-1", when="27 min")
    missing = MissingView(count=1, lines=(line,), right_title="since")
    assert painted(3, missing_section(NIGHT, missing, 18), width=18)[0] == "MISSING  1"
    assert painted(3, missing_section(NIGHT, missing, 30), width=30)[0].endswith("since")
    short = replace(missing, count=2, lines=(line, replace(line, where="QA", when="0:07")))
    assert painted(4, missing_section(NIGHT, short, 18), width=18)[0].endswith("since")


def test_what_has_no_room_beside_a_long_id_stands_below_it() -> None:
    """Given the id of another job in a narrow column, then neither it nor what came of it is cut."""
    line = ScanLine(what="J1045-S001-13", state=VerdictState.REJECTED, words="wrong card", at="14:32:05", undo=True)
    view = LastScansView(lines=(line,))
    assert painted(4, scans_section(NIGHT, view, 18), width=18)[2:] == ["J1045-S001-13 ✗", "  wrong card 14:32"]
    assert painted(4, scans_section(NIGHT, view, 24), width=24)[3] == "  wrong card     F2 undo"
    assert painted(3, scans_section(NIGHT, view, 26), width=26)[2] == "J1045-S001-13 ✗ wrong card"


@given(what=st.text("J0123456789-S", min_size=1, max_size=18), words=st.text("abc ", min_size=1, max_size=14))
def test_a_past_scan_is_told_whole_in_the_narrowest_column(what: str, words: str) -> None:
    """Given any id and words that fit into 18 cells, a line for each, then both are there, with the sign."""
    words = words.strip() or "in"
    line = ScanLine(what=what, state=VerdictState.ATTENTION, words=words, at="14:32:05")
    told = "\n".join(painted(5, scans_section(NIGHT, LastScansView(lines=(line,)), 18), width=18)[2:])
    assert what in told
    assert words in told
    assert "▲" in told


def test_the_end_of_a_stop_is_told_in_one_row() -> None:
    """Given the narrowest column, then who ended which stop has room there."""
    line = ScanLine(what="RESET", state=VerdictState.READY, words="0002 ended", at="14:32:05")
    assert painted(3, scans_section(NIGHT, LastScansView(lines=(line,)), 18), width=18)[2] == "RESET → 0002 ended"


def test_a_place_is_whole_where_its_own_name_is_short() -> None:
    """Given a longer name in the list, then a long place stands nearer to its own name before it is cut."""
    lines = (MissingLine(what="03", where="TAKE IT OUT"), MissingLine(what="17-R1", where="QA"))
    shown = painted(4, missing_section(NIGHT, MissingView(count=2, lines=lines), 18), width=18)
    assert shown[2:] == ["· 03   TAKE IT OUT", "· 17-R1 QA"]
