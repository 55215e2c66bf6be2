"""A kiosk on a terminal of its own that plays scans to itself, for `bench.screens`.

Run as `python -m bench.screens_child latency|paint|idle|flood COUNT`; figures go as JSON lines to file
descriptor 3. A thread stands for the scanner's reader: it hands a scan over by `post_message` and
notes when; the snapshot that answers it is shown at once, as if the database took no time.
"""

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from textual.message import Message

from kiosk.garbage import GarbageAtRest
from kiosk.roles import presentation_of
from kiosk.scanner.hotplug import SWITCH_INTERVAL_S
from kiosk.screens import ScreenHost
from kiosk.snapshots.frame import HeaderView
from kiosk.snapshots.panes import LastScansView, MissingLine, MissingView, NextTraysView, ScanLine
from kiosk.snapshots.slots import AssemblyGridView, SlotState, SlotView
from kiosk.snapshots.station import StationRole, StationSnapshot
from kiosk.snapshots.verdicts import ComparedId, IdPart, StopView, VerdictState, VerdictView
from kiosk.snapshots.work import AssemblyView

IMPORTED = time.monotonic_ns()
_POSITIONS = 18
_PAINTED_EVERY = 20
# In a flood the next scan waits for the terminal only so often: it is about memory, and a queue must not grow.
_APART = 0.05
# Seconds between scans whose latency is measured, so that each meets a kiosk at rest.


@dataclass(eq=False)
class Scan(Message):
    """A finished scan, as a reader's thread hands it over."""

    number: int


def snapshots() -> Iterator[StationSnapshot]:
    """What a station shows scan by scan: a set fills, sometimes twice, sometimes a stop and its reset."""
    number = 0
    while True:
        for position in range(1, _POSITIONS + 1):
            number += 1
            shown = _accepted(position, number)
            yield shown
            if number % 10 == 0:
                yield replace(shown, stop=_STOP)
                yield replace(shown, verdict=replace(shown.verdict, state=VerdictState.READY, words="SCAN A CARD"))


_STOP = StopView(
    noun="WRONG CARD",
    compared=(
        ComparedId(label="THIS CARD", parts=(IdPart(text="JOB J1045", differs=True), IdPart(text="CARD 07"))),
        ComparedId(label="THIS SET", parts=(IdPart(text="JOB J1044"),)),
    ),
    steps=("Put this card in the RED box", "Check: the set is J1044-S011", "Scan the RESET card"),
    footnote="Nothing was recorded as assembled.",
)


def _accepted(position: int, number: int) -> StationSnapshot:
    clock = f"14:{number // 60 % 60:02d}:{number % 60:02d}"
    slots = tuple(
        SlotView(position=slot, state=SlotState.NEW if slot == position else SlotState.IN, caption="in", short="in")
        if slot <= position
        else SlotView(position=slot, state=SlotState.ELSEWHERE, caption="QA-BENCH-1", short="QA")
        for slot in range(1, _POSITIONS + 1)
    )
    missing = tuple(MissingLine(what=f"{slot:02d}", where="QA-BENCH-1") for slot in range(position + 1, _POSITIONS + 1))
    scans = tuple(
        ScanLine(what=f"{slot:02d}", state=VerdictState.ACCEPTED, words="in set", at=clock)
        for slot in range(position, 0, -1)
    )
    return StationSnapshot(
        role=StationRole.ASSEMBLY,
        header=HeaderView(
            station="ASSY-2", job="JOB J1044", details=("Dragons S3",), operator="OP-42", clock=clock[:5]
        ),
        verdict=VerdictView(
            state=VerdictState.ACCEPTED,
            big=f"{position:02d}",
            counter=f"{position}/{_POSITIONS}",
            counter_caption="in set J1044-S011",
            words="ACCEPTED",
            instruction="now scan the next card",
            serial=number,
        ),
        work=AssemblyView(
            grid=AssemblyGridView(rows=3, columns=6, slots=slots),
            missing=MissingView(count=len(missing), lines=missing),
            next_trays=NextTraysView(),
        ),
        scans=LastScansView(lines=scans),
        footer=presentation_of(StationRole.ASSEMBLY).footer,
    )


class Kiosk(ScreenHost):
    """Shows the next snapshot for every scan."""

    def __init__(self, what: str, count: int) -> None:
        super().__init__()
        self.garbage = GarbageAtRest()
        self._what = what
        self._count = count
        self._next = snapshots()
        self._shown = threading.Semaphore(0)

    def on_mount(self) -> None:
        """The first screen, then whatever is to be measured."""
        self.show_snapshot(next(self._next))
        self.call_after_refresh(threading.Thread(target=self._play, daemon=True).start)

    def on_scan(self, message: Scan) -> None:
        """Show what answers the scan."""
        self.show_snapshot(next(self._next))
        if message.number % _PAINTED_EVERY:
            self._shown.release()
        else:
            self.call_after_refresh(self._shown.release)

    def _play(self) -> None:
        match self._what:
            case "paint":
                time.sleep(1)
            case "latency":
                for number in range(self._count):
                    time.sleep(_APART)
                    stopped = self.snapshot is not None and self.snapshot.stop is not None
                    tell(handed_over=time.monotonic_ns(), after_stop=stopped)
                    self.post_message(Scan(number))
                time.sleep(_APART * 4)
            case "idle":
                time.sleep(1)
                used = time.process_time()
                begun = time.monotonic()
                time.sleep(self._count)
                tell(idle=(time.process_time() - used) / (time.monotonic() - begun))
            case _:
                for number in range(self._count):
                    if number in {self._count * 4 // 5, self._count // 5}:
                        tell(scans=number, rss=_rss())
                    self.post_message(Scan(number))
                    self._shown.acquire()
                tell(scans=self._count, rss=_rss(), most=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        self.call_from_thread(self.exit, 0)


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def tell(**figures: float) -> None:
    """Send figures to whoever measures."""
    os.write(3, (json.dumps(figures) + "\n").encode())


if __name__ == "__main__":
    # As the kiosk does where scans are read from a device, by a thread.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    tell(imported=IMPORTED)
    Kiosk(sys.argv[1], int(sys.argv[2])).run()
