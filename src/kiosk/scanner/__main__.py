"""`python -m kiosk.scanner list|test`: the probe that the lab runs, with rules given as arguments.

The same code as `kiosk scanners`, but it needs neither kiosk.toml nor a library other than evdev.
"""

import argparse
import json
import sys

from kiosk.scanner.decoder import CapsLock, DecoderSettings, Suffix
from kiosk.scanner.layouts import LAYOUTS
from kiosk.scanner.listing import list_scanners, watch_scans
from kiosk.scanner.selection import ScannerInput, ScannerSelection, parse_rule


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run the probe; 0 when a scanner can be used (list) or a code was read (test), 1 when not, 2 for misuse."""
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.scanner", description="List scanners, or show what they read."
    )
    parser.add_argument("what", choices=["list", "test"])
    parser.add_argument("--device", action="append", default=[], help="by-id/…, by-path/…, vendor:product, name:…")
    parser.add_argument("--layout", choices=list(LAYOUTS), default="us")
    parser.add_argument("--suffix", choices=list(Suffix), default=Suffix.CR)
    parser.add_argument("--caps-lock", choices=list(CapsLock), default=CapsLock.IGNORE)
    parser.add_argument("--input", choices=list(ScannerInput), default=ScannerInput.AUTO)
    parser.add_argument("--no-grab", action="store_true", help="leave the keys to everything else, too")
    parser.add_argument("--count", type=int, help="stop after so many scans")
    parser.add_argument("--seconds", type=float, help="stop after so much time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        rules = tuple(parse_rule(text) for text in options.device)
    except ValueError as error:
        parser.error(str(error))
    selection = ScannerSelection(
        input=ScannerInput(options.input),
        rules=rules,
        grab=not options.no_grab,
        decoder=DecoderSettings(
            layout=options.layout, suffix=Suffix(options.suffix), caps_lock=CapsLock(options.caps_lock)
        ),
    )
    if options.what == "list":
        listing = list_scanners(selection)
        for line in [json.dumps(listing.as_json(), indent=2)] if options.json else listing.lines():
            _write(line)
        return 0 if listing.problem is None else 1
    read = watch_scans(selection, _write, as_json=options.json, count=options.count, seconds=options.seconds)
    return 0 if read else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
