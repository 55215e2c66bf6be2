"""Which of the machine's input devices are this station's scanners, and why: pure, over described devices.

The configuration makes a `ScannerSelection` of kiosk.toml; the hot-plug watcher and `kiosk scanners list` ask
`choose` about the devices that are there. A device is only ever chosen by a rule or because it is known
to be a scanner, so the operator's own keyboard is never grabbed by accident.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final, assert_never

from kiosk.printable import shown
from kiosk.scanner.decoder import DecoderSettings

__all__ = [
    "ByLink",
    "ByModel",
    "ByName",
    "Choice",
    "DeviceDescription",
    "DeviceRule",
    "ScannerInput",
    "ScannerSelection",
    "choose",
    "parse_rule",
    "rule_text",
]


class ScannerInput(StrEnum):
    """Where scans come from."""

    AUTO = "auto"
    """Scanners of this machine where that is possible, typed text otherwise."""
    EVDEV = "evdev"
    """Scanners of this machine; say so loudly where that is not possible."""
    WEDGE = "wedge"
    """Only the text that the terminal receives, such as over ssh or in a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDescription:
    """One input device as the system describes it, without opening it.

    `path` is its node; `links` are its names below /dev/input, such as `by-id/usb-…-event-kbd`. `serial` is
    empty where the device has none. `types_text` is false for mice, buttons and the like. `readable` tells
    whether this process may open it; `mode` and `group` are those of the node.
    """

    path: str
    name: str = ""
    vendor: int = 0
    product: int = 0
    serial: str = ""
    phys: str = ""
    links: tuple[str, ...] = ()
    types_text: bool = True
    readable: bool = True
    mode: int = 0o660
    group: str = "input"

    @property
    def model(self) -> str:
        """Vendor and product as they are written in rules, such as `0c2e:0b61`."""
        return f"{self.vendor:04x}:{self.product:04x}"

    @property
    def label(self) -> str:
        """A short name for people, safe to show: its own, and its serial where it has one."""
        name = shown(self.name.strip() or self.path, 48)
        return f"{name} {shown(self.serial, 24)}" if self.serial else name

    @property
    def by_id(self) -> str | None:
        """Its name below /dev/input/by-id, None where it has none or a twin took it."""
        return next((link for link in self.links if link.startswith("by-id/")), None)

    @property
    def by_path(self) -> str | None:
        """Its name below /dev/input/by-path, which is that of its socket."""
        return next((link for link in self.links if link.startswith("by-path/")), None)


@dataclass(frozen=True, slots=True)
class ByLink:
    """A name below /dev/input: by-id (this scanner), by-path (this socket), or one that a udev rule gives."""

    link: str


@dataclass(frozen=True, slots=True)
class ByModel:
    """USB vendor and product, and the serial number where several of one model must be told apart."""

    vendor: int
    product: int
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class ByName:
    """A pattern over the device's own name, `*` and `?` standing for anything, in any case."""

    pattern: str


DeviceRule = ByLink | ByModel | ByName

_MODEL = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?", re.DOTALL)
_EVENT_NODE = re.compile(r"event\d+")


def parse_rule(text: str) -> DeviceRule:
    """Read one rule of kiosk.toml; raises ValueError with a sentence for what is no rule.

    `by-id/…`, `by-path/…` or any link below /dev/input (the path in front may be written out), `0c2e:0b61`,
    `0c2e:0b61:SERIAL`, or `name:Honeywell*`.
    """
    rule = text.strip()
    if rule.casefold().startswith("name:"):
        pattern = rule[len("name:") :].strip()
        if pattern.strip("*? "):
            return ByName(pattern)
        raise ValueError(f"the scanner rule {text!r} would take every keyboard; name the scanner")
    if model := _MODEL.fullmatch(rule):
        return ByModel(int(model[1], 16), int(model[2], 16), model[3])
    link = rule.removeprefix("/dev/input/")
    if _EVENT_NODE.fullmatch(link):
        raise ValueError(
            f"the scanner rule {text!r} names an event number, which changes at every plug; "
            "use the by-id or by-path name that `kiosk scanners list` shows"
        )
    if link and not link.startswith("/") and ("/" in link or link.startswith("scanner")):
        return ByLink(link)
    raise ValueError(
        f"the scanner rule {text!r} is none of by-id/NAME, by-path/NAME, VENDOR:PRODUCT, "
        "VENDOR:PRODUCT:SERIAL, name:PATTERN"
    )


def rule_text(rule: DeviceRule) -> str:
    """Write a rule as `parse_rule` reads it."""
    match rule:
        case ByLink(link):
            return link
        case ByModel(vendor, product, serial):
            return f"{vendor:04x}:{product:04x}" + (f":{serial}" if serial is not None else "")
        case ByName(pattern):
            return f"name:{pattern}"
        case _:
            assert_never(rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSelection:
    """What kiosk.toml says about scanners. With no rules, devices known to be scanners are chosen."""

    input: ScannerInput = ScannerInput.AUTO
    rules: tuple[DeviceRule, ...] = ()
    grab: bool = True
    """Keep the scanner's keys from everything else on this machine; only a developer wants otherwise."""
    decoder: DecoderSettings = field(default_factory=DecoderSettings)


@dataclass(frozen=True, slots=True)
class Choice:
    """One device and the verdict about it. `rule` is the rule that chose it, None where none did."""

    device: DeviceDescription
    chosen: bool
    why: str
    rule: DeviceRule | None = None


_SCANNER_MAKERS: Final = {
    0x05E0: "Zebra (Symbol)",
    0x05F9: "Datalogic (PSC)",
    0x065A: "Opticon",
    0x067E: "Intermec",
    0x076D: "Denso",
    0x080C: "Datalogic",
    0x0C2E: "Honeywell (Metrologic)",
    0x0536: "Honeywell (Hand Held Products)",
    0x11FA: "Code",
    0x1447: "Cognex",
    0x1EAB: "Newland",
    0x2DD6: "Newland",
    0x4B42: "Tera",
}
"""USB vendors that make scanners and no keyboards for people."""

_SCANNER_NAME = re.compile(r"bar\s*code|\bscanner\b|\bscan\b|\b2d\s*imager\b", re.IGNORECASE)


def choose(selection: ScannerSelection, devices: Iterable[DeviceDescription]) -> tuple[Choice, ...]:
    """Say about each device whether it is one of the station's scanners, and why; in the order given."""
    known = tuple(devices)
    return tuple(_choice(selection, device, known) for device in known)


def _choice(selection: ScannerSelection, device: DeviceDescription, known: Sequence[DeviceDescription]) -> Choice:
    if selection.input is ScannerInput.WEDGE:
        return Choice(device, chosen=False, why="this station reads typed text only (input = wedge)")
    if not device.types_text:
        return Choice(device, chosen=False, why="it types no text")
    if not selection.rules:
        return _known_scanner(device)
    for rule in selection.rules:
        if _fits(rule, device):
            return Choice(device, chosen=True, why=f"chosen by {shown(rule_text(rule))}", rule=rule)
    return Choice(device, chosen=False, why=_nearest_miss(selection.rules, device, known))


def _known_scanner(device: DeviceDescription) -> Choice:
    if maker := _SCANNER_MAKERS.get(device.vendor):
        return Choice(device, chosen=True, why=f"chosen because {maker} makes scanners")
    if _SCANNER_NAME.search(device.name):
        return Choice(device, chosen=True, why="chosen because it calls itself a scanner")
    return Choice(device, chosen=False, why="not known to be a scanner; name it in kiosk.toml if it is one")


def _fits(rule: DeviceRule, device: DeviceDescription) -> bool:
    match rule:
        case ByLink(link):
            # Equal first: a real name may hold a bracket, which a pattern would read as a choice.
            return link in device.links or any(fnmatchcase(own, link) for own in device.links)
        case ByModel(vendor, product, serial):
            return (device.vendor, device.product) == (vendor, product) and serial in (None, device.serial)
        case ByName(pattern):
            return fnmatchcase(device.name.casefold(), pattern.casefold())
        case _:
            assert_never(rule)


def _nearest_miss(rules: Iterable[DeviceRule], device: DeviceDescription, known: Sequence[DeviceDescription]) -> str:
    for rule in rules:
        match rule:
            case ByModel(vendor, product, str(serial)) if (device.vendor, device.product) == (vendor, product):
                return f"the right model, but its serial is {shown(device.serial) or 'empty'}, not {shown(serial)}"
            case ByLink(link) if link.startswith("by-id/") and device.by_id is None:
                twin = next((other for other in known if _fits(rule, other) and _same_model(other, device)), None)
                if twin is not None:
                    return (
                        f"it has the same by-id name as {twin.path}, which holds it now; tell the two apart by by-path"
                    )
            case _:
                pass
    return "no rule of kiosk.toml fits it"


def _same_model(one: DeviceDescription, other: DeviceDescription) -> bool:
    return (one.vendor, one.product, one.serial) == (other.vendor, other.product, other.serial)
