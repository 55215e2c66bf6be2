"""Run the measurements that are named, all of them by default, each on a fresh server of its own."""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Callable

from bench import cold_start, order, rebuild, scans, screens
from bench.report import Report
from bench.server import NoCompilerError, measured_server


def main() -> int:
    """Measure, print, and end with 1 where bars were missed and that matters."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *_PARTS], help="which parts; all when none is named")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, whose median is the figure (default 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one run in a round (default 2)")
    parser.add_argument(
        "--slow-flush", type=float, nargs="?", const=2.0, metavar="MS",
        help="add so many milliseconds (2) to every flush of the server; needs a C compiler",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="end with 1 when a bar is missed")
    arguments = parser.parse_args()
    report = Report(slow_flush=arguments.slow_flush is not None)
    flush = f"every flush {arguments.slow_flush:g} ms longer" if report.slow_flush else "the machine's own disk"
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {flush}, medians of {arguments.rounds} rounds")
    try:
        for name, part in _PARTS.items():
            if not arguments.only or name in arguments.only:
                part(report, arguments)
    except NoCompilerError as error:
        print(error, file=sys.stderr)
        return 2
    missed = report.close()
    return 1 if missed and arguments.strict else 0


def _cold_start(report: Report, arguments: argparse.Namespace) -> None:
    cold_start.measure(report, arguments.rounds)


def _scans(report: Report, arguments: argparse.Namespace) -> None:
    with measured_server(arguments.slow_flush) as server:
        asyncio.run(scans.measure(report, server.dsn, scans.Rounds(arguments.rounds, arguments.seconds)))


def _order(report: Report, arguments: argparse.Namespace) -> None:
    with measured_server(arguments.slow_flush) as server:
        asyncio.run(order.measure(report, server.dsn, 2 * arguments.seconds))


def _rebuild(report: Report, arguments: argparse.Namespace) -> None:
    with measured_server(arguments.slow_flush) as server:
        asyncio.run(rebuild.measure(report, server.dsn, arguments.rounds))


def _screens(report: Report, _arguments: argparse.Namespace) -> None:
    screens.measure(report)


_PARTS: dict[str, Callable[[Report, argparse.Namespace], None]] = {
    "cold-start": _cold_start,
    "scans": _scans,
    "order": _order,
    "rebuild": _rebuild,
    "screens": _screens,
}


if __name__ == "__main__":
    raise SystemExit(main())
