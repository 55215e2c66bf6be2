"""The lead's boards: brightness is progress, and what does not fit is left out whole or counted."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.snapshots.leads import JobRowView, LeadSection, LeadView, SegmentView, StationRowView
from kiosk.snapshots.tone import Tone
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.floor import LeadFloor
from kiosk.widgets.lead import paint_segments


class Floor(LeadFloor):
    """The floor painted without an app, at night."""

    @property
    def palette(self):  # noqa: ANN201 (the base's)
        """Night, whatever the app."""
        return NIGHT


def floor(view: LeadView, width: int, height: int) -> list[str]:
    """The lines of the floor."""
    canvas = Canvas(width, height, NIGHT.text())
    Floor().paint(canvas, view)
    return [strip.text for strip in canvas.strips()]


@given(counts=st.lists(st.integers(0, 200), min_size=1, max_size=15), width=st.integers(1, 120))
def test_segments_fill_their_bar_and_grow_brighter_along_the_route(counts: list[int], width: int) -> None:
    """No stage is darker than the one before it, and together they are as wide as the bar."""
    canvas = Canvas(width, 1, NIGHT.text())
    paint_segments(canvas, NIGHT, (0, 0, width), [SegmentView(stage="qa", count=count) for count in counts])
    papers = [pair.paper for pair in NIGHT.stages]
    shades = [
        papers.index(style.bgcolor.name)
        for text, style, _ in canvas.strips()[0]
        if style is not None and style.bgcolor is not None and style.bgcolor.name in papers
        for _ in text
    ]
    if sum(counts):
        assert len(shades) == width
    assert shades == sorted(shades)


def floor_of(stations: Sequence[StationRowView], jobs: int = 0, **more: Any) -> LeadView:
    """A floor with these stations and so many jobs."""
    rows = tuple(JobRowView(job=f"J10{number:02d}", name="Dragons S3") for number in range(jobs))
    return LeadView(exceptions=(), numbers=(), stations=tuple(stations), jobs=rows, **more)


def stations_of(count: int, **more: Any) -> list[StationRowView]:
    """So many stations that are at work."""
    return [
        StationRowView(station=f"ST-{number:02d}", state="running", queue=number, **more) for number in range(count)
    ]


def counted(lines: Sequence[str]) -> int:
    """How many are said to be hidden."""
    return sum(int(number) for line in lines for number in re.findall(r"\+(\d+) more", line))


SIZES = ((80, 22), (100, 28), (160, 43))


@given(
    stations=st.integers(0, 60),
    jobs=st.integers(0, 40),
    selected=st.integers(0, 59),
    section=st.sampled_from(LeadSection),
)
@pytest.mark.parametrize("size", SIZES)
def test_every_station_and_job_is_shown_or_counted_and_the_selected_one_is_shown(
    size: tuple[int, int], stations: int, jobs: int, selected: int, section: LeadSection
) -> None:
    """The selection never leaves the screen, in either list."""
    lines = floor(floor_of(stations_of(stations), jobs, section=section, selected=selected), *size)
    shown = sum(len(re.findall(r"ST-\d\d|J10\d\d", line)) for line in lines)
    assert shown + counted(lines) == stations + jobs
    name, count = ("ST-", stations) if section is LeadSection.STATIONS else ("J10", jobs)
    if selected < count:
        assert any(line.startswith(f"▶ {name}{selected:02d}") for line in lines)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stations", range(1, 21))
def test_a_lead_sees_every_station(size: tuple[int, int], stations: int) -> None:
    """Given up to twenty stations beside nine jobs, then none is only a number, with or without a row of its own."""
    lines = floor(floor_of(stations_of(stations), 9), *size)
    seen = {found for line in lines for found in re.findall(r"ST-\d\d", line)}
    assert seen == {f"ST-{number:02d}" for number in range(stations)}


@pytest.mark.parametrize("size", SIZES)
def test_a_station_in_few_words_says_its_state_by_its_sign_and_what_waits_there(size: tuple[int, int]) -> None:
    """Given more stations than rows, then those below them tell sign, name and queue."""
    stopped = StationRowView(station="ASSY-9", state="STOPPED", marker="✗", queue=31, tone=Tone.BAD)
    lines = floor(floor_of([*stations_of(30), stopped], 9), *size)
    assert any(re.search("✗ ASSY-9: 31", line) for line in lines) or any("in trouble" in line for line in lines)
    assert any(re.search(r"● ST-\d\d: \d+   ● ST-\d\d", line) for line in lines)


def test_what_is_hidden_says_whether_it_is_in_trouble() -> None:
    """Given more stations than the wall has room for at all, and two of the hidden ones stand, then it says so."""
    stations = [*stations_of(90), *stations_of(2, tone=Tone.BAD, marker="✗")]
    lines = floor(floor_of(stations, 9), 80, 22)
    assert any(re.search(r"✗ \+\d+ more, 2 in trouble", line) for line in lines)
    quiet = floor(floor_of(stations_of(92), 9), 80, 22)
    assert counted(quiet) > 0
    assert not any("in trouble" in line for line in quiet)


def bar(width: int, **counts: int) -> str:
    """A bar of these stages as it is painted."""
    canvas = Canvas(width, 1, NIGHT.text())
    segments = [SegmentView(stage=stage, count=count) for stage, count in counts.items()]
    paint_segments(canvas, NIGHT, (0, 0, width), segments)
    return canvas.strips()[0].text


def test_a_narrow_bar_names_its_stages_rather_than_keep_their_exact_shares() -> None:
    """A number without its stage tells nobody anything."""
    assert bar(17, cut=2, foil=0, qa=140) == f" cut 2{' qa 140':11}"
    assert bar(13, cut=2, foil=0, qa=140) == " cut 2 qa 140"


def test_a_bar_with_room_keeps_each_stage_as_wide_as_its_share() -> None:
    """Names come first only where they would be lost."""
    assert bar(40, cut=10, qa=30) == f"{' cut 10':10}{' qa 30':30}"


def test_a_bar_too_narrow_for_all_names_names_the_stages_with_the_most_cards() -> None:
    """The others are a shade only: no number stands without its stage."""
    assert bar(18, press=36, qa=25, hold=1, ready=3, asm=7) == " press 36 qa 25   "
    assert bar(5, press=36, qa=25, hold=1).isspace()
