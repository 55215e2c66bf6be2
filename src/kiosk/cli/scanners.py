"""`kiosk scanners`: what is plugged in, what this station would use, and what it reads."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import print_json, say
from kiosk.cli.parsers import Families

if TYPE_CHECKING:
    from kiosk.scanner.selection import ScannerSelection

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the commands of this family."""
    scanners = families.family(
        "scanners",
        "scanners: list, test",
        examples="  kiosk scanners list --station QA-BENCH-3\n  kiosk scanners test",
    )
    listed = scanners.command(
        "list", _list, "input devices, which of them this station takes, and why not the others", reads=True
    )
    _station(listed)
    test = scanners.command("test", _test, "show what the scanners read, until Ctrl-C", reads=True)
    _station(test)
    test.add_argument("--count", type=int, metavar="N", help="stop after so many codes")
    test.add_argument("--seconds", type=float, metavar="S", help="stop after so much time")


def _station(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--station", metavar="ID", help="whose [station.scanner] counts; left out, any scanner")


def _selection(call: Call) -> "ScannerSelection":
    from kiosk.config.choosing import choose_station
    from kiosk.config.stations import ScannerChoice

    wanted = call.options.station or os.environ.get("KIOSK_STATION") or call.config.station_of_this_terminal
    if not wanted:
        return ScannerChoice().selection()
    station = choose_station(call.config, call.options.station, os.environ, path=call.config_path)
    return station.scanner.selection()


def _list(call: Call) -> int:
    from kiosk.scanner.listing import list_scanners

    listing = list_scanners(_selection(call))
    if call.wants_json:
        print_json(listing.as_json())
    else:
        for line in listing.lines():
            say(line)
    return Exit.OK if listing.problem is None else Exit.REFUSED


def _test(call: Call) -> int:
    from kiosk.scanner.listing import watch_scans

    options = call.options
    read = watch_scans(
        _selection(call), _say_now, as_json=call.wants_json, count=options.count, seconds=options.seconds
    )
    return Exit.OK if read else Exit.REFUSED


def _say_now(line: str) -> None:
    say(line)
    sys.stdout.flush()
