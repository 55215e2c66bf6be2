"""The lead's boards: brightness is progress, and what does not fit is left out whole or counted."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.snapshots.leads import JobRowView, LeadSection, LeadView, SegmentView, StationRowView
from kiosk.themes import NIGHT
from kiosk.widgets.canvas import Canvas
from kiosk.widgets.lead import LeadFloor, paint_segments


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


@given(
    stations=st.integers(0, 40),
    jobs=st.integers(0, 40),
    selected=st.integers(0, 39),
    size=st.sampled_from(((80, 22), (100, 28), (160, 43))),
)
def test_every_station_and_job_is_shown_or_counted_and_the_selected_job_is_shown(
    stations: int, jobs: int, selected: int, size: tuple[int, int]
) -> None:
    """The selection never leaves the screen."""
    view = LeadView(
        exceptions=(),
        numbers=(),
        stations=tuple(StationRowView(station=f"ST-{number:02d}", state="running") for number in range(stations)),
        jobs=tuple(JobRowView(job=f"J10{number:02d}", name="Dragons S3") for number in range(jobs)),
        section=LeadSection.JOBS,
        selected=selected,
    )
    lines = floor(view, *size)
    shown = sum(line.lstrip("▶ ").startswith(("ST-", "J10")) for line in lines)
    counted = sum(int(line.split()[0][1:]) for line in lines if line.strip().startswith("+"))
    assert shown + counted == stations + jobs
    if selected < jobs:
        assert any(line.startswith(f"▶ J10{selected:02d}") for line in lines)
