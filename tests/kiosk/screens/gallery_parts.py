"""What the views of the gallery are put together from."""

from dataclasses import replace

from kiosk.snapshots.frame import HeaderView
from kiosk.snapshots.panes import ScanLine
from kiosk.snapshots.slots import SlotState, SlotView
from kiosk.snapshots.verdicts import VerdictState

OK = VerdictState.ACCEPTED


def header(station: str, operator: str, job: str = "", *details: str, **changes: object) -> HeaderView:
    """A header at 14:32."""
    view = HeaderView(station=station, job=job, details=details, operator=operator, clock="14:32")
    return replace(view, **changes)


def scan(what: str, words: str, at: str, state: VerdictState = OK, *, undo: bool = False) -> ScanLine:
    """A line of the last scans."""
    return ScanLine(what=what, words=words, at=at, state=state, undo=undo)


def slots(missing: dict[int, tuple[SlotState, str, str]], count: int, filled: str = "in") -> tuple[SlotView, ...]:
    """Slots 1 to `count`, all in but those given."""
    return tuple(
        SlotView(
            position=position, state=missing[position][0], caption=missing[position][1], short=missing[position][2]
        )
        if position in missing
        else SlotView(position=position, state=SlotState.IN, caption=filled, short=filled)
        for position in range(1, count + 1)
    )
