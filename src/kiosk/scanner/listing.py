"""What `kiosk scanners` says: the candidates with the reasons, and live decodes to set a scanner up.

The command line calls `list_scanners` and `watch_scans`; the lab runs the same through
`python -m kiosk.scanner`. Nothing here prints by itself: lines go to a callable.
"""

import getpass
import json
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from kiosk.printable import shown
from kiosk.scanner.devices import InputTree
from kiosk.scanner.hotplug import Scanners, why_not_evdev
from kiosk.scanner.messages import ScannerMessage, ScannerState, ScannerStateChanged, ScanRead, ScanRefused
from kiosk.scanner.selection import Choice, ScannerSelection, choose
from kiosk.scanner.verdicts import explain

__all__ = ["ListingProblem", "ScannerListing", "list_scanners", "message_json", "message_line", "watch_scans"]

PERMISSION_FIX: Final = (
    "as root, install deploy/udev/70-kiosk-scanner.rules in /etc/udev/rules.d and run",
    "`groupadd -f --system kiosk; usermod -aG kiosk {user}; udevadm control --reload; udevadm trigger`,",
    "then log in again (or, for every input device of this machine: `usermod -aG input {user}`)",
)


class ListingProblem(StrEnum):
    """Why no scanner can be used now; each has its own cure."""

    WEDGE = "wedge"
    UNSUPPORTED = "unsupported"
    NO_DEV_INPUT = "no_dev_input"
    NOTHING_THERE = "nothing_there"
    NONE_CHOSEN = "none_chosen"
    NO_PERMISSION = "no_permission"


@dataclass(frozen=True, slots=True)
class ScannerListing:
    """Every device that types text, and whether it is one of the station's scanners.

    `problem` is None when at least one chosen scanner may be opened. `why` is its sentence, `fix` what to do.
    """

    choices: tuple[Choice, ...]
    problem: ListingProblem | None
    why: str
    fix: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield the listing as text for people, safe for any terminal."""
        for choice in self.choices:
            device = choice.device
            yield f"{'*' if choice.chosen else ' '} {device.path}  {device.model}  {shown(device.name)}"
            if device.serial:
                yield f"    serial   {shown(device.serial)}"
            for link in device.links:
                yield f"    {link.partition('/')[0] if '/' in link else 'link':<8} {shown(link, 120)}"
            yield f"    {'' if choice.chosen else 'not chosen: '}{choice.why}"
            if not device.readable:
                yield f"    no permission to open it (mode {device.mode:04o}, group {device.group})"
        if self.choices:
            yield ""
        yield self.why
        for line in self.fix:
            yield f"  {line}"

    def as_json(self) -> dict[str, object]:
        """Return the listing as plain values for `--json`; texts are as the devices give them."""
        return {
            "problem": self.problem,
            "why": self.why,
            "fix": list(self.fix),
            "devices": [
                {
                    "path": choice.device.path,
                    "name": choice.device.name,
                    "vendor": f"{choice.device.vendor:04x}",
                    "product": f"{choice.device.product:04x}",
                    "serial": choice.device.serial,
                    "by_id": choice.device.by_id,
                    "by_path": choice.device.by_path,
                    "links": list(choice.device.links),
                    "readable": choice.device.readable,
                    "mode": f"{choice.device.mode:04o}",
                    "group": choice.device.group,
                    "chosen": choice.chosen,
                    "why": choice.why,
                }
                for choice in self.choices
            ],
        }


def list_scanners(selection: ScannerSelection, tree: InputTree | None = None) -> ScannerListing:
    """Look at this machine's input devices now; opens none of them and never raises for what it finds."""
    tree = tree or InputTree()
    choices = tuple(choice for choice in choose(selection, tree.describe()) if choice.device.types_text)
    chosen = [choice.device for choice in choices if choice.chosen]
    if (why := why_not_evdev(selection)) is not None:
        problem = ListingProblem.WEDGE if selection.input == "wedge" else ListingProblem.UNSUPPORTED
        return ScannerListing(choices, problem, f"Scans are read as typed text: {why}.")
    if not tree.exists():
        return ScannerListing(
            (),
            ListingProblem.NO_DEV_INPUT,
            f"There is no {tree.nodes} here, so no scanner can be read; codes can be typed.",
            ("in a container, pass the host's in: -v /dev/input:/dev/input --device-cgroup-rule 'c 13:* r'",),
        )
    if not choices:
        return ScannerListing((), ListingProblem.NOTHING_THERE, "No keyboard and no scanner is plugged in.")
    if not chosen:
        return ScannerListing(
            choices,
            ListingProblem.NONE_CHOSEN,
            "None of these is a scanner of this station.",
            ("name one in kiosk.toml by its by-id or by-path name, or by vendor:product as shown above",),
        )
    closed = [device for device in chosen if not device.readable]
    if closed:
        user = _user()
        return ScannerListing(
            choices,
            ListingProblem.NO_PERMISSION,
            f"This user ({user}) may not open {' and '.join(device.path for device in closed)}.",
            tuple(line.format(user=user) for line in PERMISSION_FIX),
        )
    count = len(chosen)
    return ScannerListing(choices, None, f"{count} scanner{'s' if count > 1 else ''} of this station, marked *.")


def _user() -> str:
    try:
        return shown(getpass.getuser(), 32)
    except (KeyError, OSError):
        return "this user"


def message_line(message: ScannerMessage) -> str:
    """Write one message as a line of `kiosk scanners test`, safe for any terminal."""
    match message:
        case ScanRead(text, scanner, began, ended):
            return f"SCAN     {shown(text)}  ({len(text)} characters in {(ended - began) * 1000:.0f} ms, {scanner})"
        case ScanRefused(fault, scanner):
            return f"AGAIN    {explain(fault)}  ({scanner})"
        case ScannerStateChanged(state, why):
            words = state.value.replace("_", " ").upper()
            labels = ", ".join(device.label for device in message.devices if device.state is ScannerState.READY)
            return "  ".join(part for part in (f"SCANNER  {words}", labels, why) if part)
        case _:
            assert_never(message)


def message_json(message: ScannerMessage) -> dict[str, object]:
    """Return one message as plain values for `kiosk scanners test --json`."""
    match message:
        case ScanRead(text, scanner, began, ended):
            return {"event": "scan", "text": text, "scanner": scanner, "seconds": round(ended - began, 6)}
        case ScanRefused(fault, scanner):
            return {
                "event": "refused",
                "reason": fault.reason,
                "shown": fault.shown,
                "detail": fault.detail,
                "scanner": scanner,
            }
        case ScannerStateChanged(state, why, devices):
            return {
                "event": "state",
                "state": state,
                "why": why,
                "devices": [
                    {"label": device.label, "path": device.path, "state": device.state, "why": device.why}
                    for device in devices
                ],
            }
        case _:
            assert_never(message)


def watch_scans(
    selection: ScannerSelection,
    write: Callable[[str], None],
    *,
    as_json: bool = False,
    count: int | None = None,
    seconds: float | None = None,
    tree: InputTree | None = None,
) -> int:
    """Show what the station's scanners read, one line each, until `count` scans or `seconds` are over.

    Returns how many codes were read whole. KeyboardInterrupt passes through, with the scanners given back.
    """
    messages: queue.SimpleQueue[ScannerMessage] = queue.SimpleQueue()
    scanners = Scanners(selection, messages.put, tree=tree)
    until = None if seconds is None else time.monotonic() + seconds
    read = verdicts = 0
    scanners.start()
    try:
        while count is None or verdicts < count:
            try:
                # Never without a timeout: a wait that cannot be interrupted would not end on Ctrl+C.
                message = messages.get(timeout=1.0 if until is None else max(until - time.monotonic(), 0.0))
            except queue.Empty:
                if until is not None and time.monotonic() >= until:
                    break
                continue
            write(json.dumps(message_json(message)) if as_json else message_line(message))
            if not isinstance(message, ScannerStateChanged):
                verdicts += 1
                read += isinstance(message, ScanRead)
    finally:
        scanners.stop()
    return read
