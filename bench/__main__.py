"""Run the measurements that are named, all of the everyday ones by default, each on a fresh database of its own."""

import argparse
import asyncio
import platform
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import cold_start, order, rebuild, scale, scan_profile, scans, screens
from bench.machine import Machine, cores
from bench.report import Report
from bench.server import NoCompilerError, ServerUnfitError, measured_server


def main() -> int:
    """Measure, print, and end with 1 where bars were missed and that matters."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "only", nargs="*", choices=[[], *_PARTS], help=f"which parts; when none is named, all but {_ONLY_WHEN_NAMED}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds, whose median is the figure (default 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one run in a round (default 2)")
    parser.add_argument(
        "--slow-flush", type=float, nargs="?", const=2.0, metavar="MS",
        help="add so many milliseconds (2) to every flush of the server; needs a C compiler. With --dsn nothing is"
        " added: it says that the flush of that server is as slow as that",
    )  # fmt: skip
    parser.add_argument(
        "--dsn", help="measure on this server instead of an embedded one; databases are made there, and dropped"
    )
    parser.add_argument(
        "--millions",
        type=float,
        default=1.0,
        metavar="N",
        help="events of the long log of 'scale' (default 1; bars: 10)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR",
        help="keep the long log in this folder, or with --dsn on that server, and use it the next time",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="end with 1 when a bar is missed")
    arguments = parser.parse_args()
    report = Report(slow_flush=arguments.slow_flush is not None)
    flush = f"every flush {arguments.slow_flush:g} ms longer" if report.slow_flush else "the machine's own disk"
    print(f"Python {platform.python_version()}, {cores()} cores, {flush}, medians of {arguments.rounds} rounds")
    machine = Machine.now()
    try:
        for name, part in _PARTS.items():
            if name in arguments.only or not (arguments.only or name in _ONLY_WHEN_NAMED):
                part(report, arguments)
    except (NoCompilerError, ServerUnfitError) as error:
        print(error, file=sys.stderr)
        return 2
    report.heading(f"The machine meanwhile: {machine.since()}.")
    missed = report.close()
    return 1 if missed and arguments.strict else 0


def _on_a_database(arguments: argparse.Namespace, measure: Callable[[str], Awaitable[None]]) -> None:
    async def run(dsn: str) -> None:
        await measure(dsn)

    with measured_server(arguments.slow_flush, dsn=arguments.dsn) as server:
        asyncio.run(run(server.fresh_database()))


def _cold_start(report: Report, arguments: argparse.Namespace) -> None:
    if arguments.dsn is None:
        cold_start.measure(report, arguments.rounds)


def _scans(report: Report, arguments: argparse.Namespace) -> None:
    rounds = scans.Rounds(arguments.rounds, arguments.seconds)
    _on_a_database(arguments, lambda dsn: scans.measure(report, dsn, rounds))


def _profile(report: Report, arguments: argparse.Namespace) -> None:
    _on_a_database(arguments, lambda dsn: scan_profile.measure(report, dsn))


def _order(report: Report, arguments: argparse.Namespace) -> None:
    _on_a_database(arguments, lambda dsn: order.measure(report, dsn, 2 * arguments.seconds))


def _rebuild(report: Report, arguments: argparse.Namespace) -> None:
    _on_a_database(arguments, lambda dsn: rebuild.measure(report, dsn, arguments.rounds))


def _screens(report: Report, _arguments: argparse.Namespace) -> None:
    screens.measure(report)


def _scale(report: Report, arguments: argparse.Namespace) -> None:
    rounds = scans.Rounds(arguments.rounds, arguments.seconds)
    folder = None if arguments.keep is None or arguments.dsn is not None else arguments.keep / "postgres"
    with measured_server(arguments.slow_flush, dsn=arguments.dsn, folder=folder) as server:
        long = scale.LongLogWanted(round(arguments.millions * 1e6), keep=arguments.keep is not None)
        asyncio.run(scale.measure(report, server, long, rounds))


_ONLY_WHEN_NAMED = "scale"

_PARTS: dict[str, Callable[[Report, argparse.Namespace], None]] = {
    "cold-start": _cold_start,
    "scans": _scans,
    "profile": _profile,
    "order": _order,
    "rebuild": _rebuild,
    "screens": _screens,
    "scale": _scale,
}


if __name__ == "__main__":
    raise SystemExit(main())
