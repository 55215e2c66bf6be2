"""How long a scan takes to its verdict on the terminal, a start to its first paint, and what a kiosk costs at rest.

The kiosk of `bench.screens_child` runs on a pseudo-terminal; a scan is answered when the last byte
of its repaint has come out of it. The database has no part in these figures.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field

from bench.report import Report, at_most

_LARGE = (45, 160)
"""Rows and columns: the largest screen costs most."""
_SMALL = (24, 80)
_CHUNK = 1 << 16


@dataclass(slots=True)
class _Run:
    """What one kiosk said and when bytes came out of its terminal."""

    begun: int
    said: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    painted: list[int] = field(default_factory=list[int])

    def told(self, name: str) -> list[float]:
        """Every figure of that name, in order."""
        return [figures[name] for figures in self.said if name in figures]


def measure(report: Report) -> None:
    """Measure the screens on a pseudo-terminal of the largest size."""
    report.heading(f"Screens, on a terminal of {_LARGE[1]}x{_LARGE[0]}, database excluded")
    run = _play("latency", 600)
    accepts, stops = _latencies(run)
    report.figure("scan handed over → verdict on the terminal, p50", [_percentile(accepts, 0.5)], "ms", at_most(8))
    report.figure("scan handed over → verdict on the terminal, p99", [_percentile(accepts, 0.99)], "ms", at_most(30))
    report.figure("scan handed over → full-screen stop, p99", [_percentile(stops, 0.99)], "ms", at_most(50))
    firsts = [_first_paint(_play("paint", 0)) for _ in range(5)]
    report.figure("first paint after the imports", firsts, "s", at_most(0.4))
    idle = _play("idle", 10).told("idle")
    report.figure("idle, share of a core", [idle[0] * 100], "%", at_most(1))
    flood = _play("flood", 50_000, _SMALL)
    rss = dict(zip(flood.told("scans"), flood.told("rss"), strict=True))
    report.figure("memory after 50,000 mixed scans", [rss[50_000] / 1e6], "MB", at_most(100))
    report.figure("growth over the last 10,000 of them", [(rss[50_000] - rss[40_000]) / 1e6], "MB", at_most(2))


def _play(what: str, count: int, size: tuple[int, int] = _LARGE) -> _Run:
    terminal, its_end = pty.openpty()
    fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    reading, writing = os.pipe()
    run = _Run(time.monotonic_ns())
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # The shell moves the pipe to descriptor 3, which no argument of Popen does without a race.
    script = f'exec 3>&{writing}; exec "$0" -m bench.screens_child "$1" "$2"'
    with subprocess.Popen(
        ("/bin/sh", "-c", script, sys.executable, what, str(count)),
        stdin=its_end, stdout=its_end, stderr=its_end, pass_fds=(writing,), env=environment, start_new_session=True,
    ) as child:  # fmt: skip
        os.close(its_end)
        os.close(writing)
        _follow(run, terminal, reading)
        child.wait(timeout=60)
    os.close(terminal)
    os.close(reading)
    return run


def _follow(run: _Run, terminal: int, reading: int) -> None:
    """Note when bytes come, until both ends are closed."""
    pending = b""
    opened = {terminal, reading}
    while reading in opened:
        ready, _, _ = select.select(list(opened), [], [], 600)
        now = time.monotonic_ns()
        for source in ready:
            try:
                chunk = os.read(source, _CHUNK)
            except OSError:
                chunk = b""
            if not chunk:
                opened.discard(source)
            elif source == terminal:
                run.painted.append(now)
            else:
                *lines, pending = (pending + chunk).split(b"\n")
                run.said.extend(json.loads(line) for line in lines)


def _latencies(run: _Run) -> tuple[list[float], list[float]]:
    """Milliseconds of every scan to its last byte: of ordinary verdicts, and of stops."""
    scans = [figures for figures in run.said if "handed_over" in figures]
    accepts: list[float] = []
    stops: list[float] = []
    paints = iter(run.painted)
    paint = next(paints, None)
    for index, scan in enumerate(scans):
        begun = int(scan["handed_over"])
        following = scans[index + 1] if index + 1 < len(scans) else None
        until = int(following["handed_over"]) if following else begun + 100_000_000
        last = None
        while paint is not None and paint < until:
            last = paint if paint >= begun else last
            paint = next(paints, None)
        if last is None:
            continue
        stopped = bool(following and following["after_stop"])
        (stops if stopped else accepts).append((last - begun) / 1e6)
    return accepts, stops


def _first_paint(run: _Run) -> float:
    """Seconds from the end of the imports to the last byte of the first screen."""
    imported = int(run.told("imported")[0])
    # What comes a second later is the screen being taken away again.
    return (max(paint for paint in run.painted if paint < imported + 900_000_000) - imported) / 1e9


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
