"""Which devices are the station's scanners, over descriptions taken from real machines."""

import pytest

from kiosk.scanner.selection import (
    ByLink,
    ByModel,
    ByName,
    DeviceDescription,
    DeviceRule,
    ScannerInput,
    ScannerSelection,
    choose,
    parse_rule,
    rule_text,
)

KEYBOARD = DeviceDescription(
    path="/dev/input/event0",
    name="AT Translated Set 2 keyboard",
    vendor=1,
    product=1,
    links=("by-path/platform-i8042-serio-0-event-kbd",),
)
HONEYWELL = DeviceDescription(
    path="/dev/input/event4",
    name="Honeywell Scanning and Mobility Scanner",
    vendor=0x0C2E,
    product=0x0B61,
    serial="18099B0A2C",
    links=("by-id/usb-Honeywell_Scanner_18099B0A2C-event-kbd", "by-path/pci-0000:00:14.0-usb-0:1:1.0-event-kbd"),
)
CHEAP = DeviceDescription(
    path="/dev/input/event5",
    name="HID 2D Imager",
    vendor=0xFFFF,
    product=0x35,
    links=("by-id/usb-HID_2D_Imager-event-kbd", "by-path/pci-0000:00:14.0-usb-0:2:1.0-event-kbd"),
)
CHEAP_TWIN = DeviceDescription(
    path="/dev/input/event6",
    name="HID 2D Imager",
    vendor=0xFFFF,
    product=0x35,
    links=("by-path/pci-0000:00:14.0-usb-0:3:1.0-event-kbd",),
)
MOUSE = DeviceDescription(path="/dev/input/event7", name="Scanner mouse", vendor=0x0C2E, types_text=False)
ALL = (KEYBOARD, HONEYWELL, CHEAP, CHEAP_TWIN, MOUSE)


def chosen(*rules: str, among: tuple[DeviceDescription, ...] = ALL) -> list[str]:
    """The numbers of the event devices that the rules choose."""
    selection = ScannerSelection(rules=tuple(parse_rule(rule) for rule in rules))
    return [choice.device.path[-1] for choice in choose(selection, among) if choice.chosen]


def reasons(*rules: str) -> dict[str, str]:
    """Why each device was or was not chosen, by number."""
    selection = ScannerSelection(rules=tuple(parse_rule(rule) for rule in rules))
    return {choice.device.path[-1]: choice.why for choice in choose(selection, ALL)}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["by-id/usb-Honeywell_Scanner_18099B0A2C-event-kbd"], ["4"]),
        (["/dev/input/by-path/pci-0000:00:14.0-usb-0:3:1.0-event-kbd"], ["6"]),
        (["by-id/usb-Honeywell*"], ["4"]),
        (["0c2e:0b61"], ["4"]),
        (["0C2E:0B61:18099B0A2C"], ["4"]),
        (["0c2e:0b61:other"], []),
        (["name:honeywell*"], ["4"]),
        (["FFFF:0035"], ["5", "6"]),
        (["by-path/*usb-0:1:*", "name:HID*"], ["4", "5", "6"]),
    ],
)
def test_a_rule_chooses_what_it_names(rules: list[str], expected: list[str]) -> None:
    """By identity, by socket, by model, by serial, by name, or several of these."""
    assert chosen(*rules) == expected


def test_without_rules_known_scanners_are_chosen_and_keyboards_never() -> None:
    """The operator's keyboard is left alone, and so is what types no text."""
    assert chosen() == ["4", "5", "6"]
    assert "not known to be a scanner" in reasons()["0"]
    assert reasons()["7"] == "it types no text"


def test_a_link_with_brackets_in_it_means_itself() -> None:
    """Names come from the device and may hold what a pattern would read otherwise."""
    odd = DeviceDescription(path="/dev/input/event9", links=("by-id/usb-Odd_[1]-event-kbd",))
    assert chosen("by-id/usb-Odd_[1]-event-kbd", among=(odd,)) == ["9"]


def test_a_twin_is_told_why_its_name_does_not_reach_it() -> None:
    """Two of one model without serials share one by-id name."""
    why = reasons("by-id/usb-HID_2D_Imager-event-kbd")
    assert why["5"].startswith("chosen by")
    assert why["6"] == (
        "it has the same by-id name as /dev/input/event5, which holds it now; tell the two apart by by-path"
    )


def test_a_wrong_serial_is_named() -> None:
    """The nearest miss helps more than 'no rule fits'."""
    assert reasons("0c2e:0b61:X1")["4"] == "the right model, but its serial is 18099B0A2C, not X1"


def test_a_wedge_station_chooses_no_device() -> None:
    """Typed text only."""
    assert not any(choice.chosen for choice in choose(ScannerSelection(input=ScannerInput.WEDGE), ALL))


@pytest.mark.parametrize(
    "rule", [ByLink("by-id/x"), ByLink("scanner-pci-0"), ByModel(0xC2E, 0xB61), ByModel(1, 2, "a:b"), ByName("Honey*")]
)
def test_a_rule_reads_back_as_it_is_written(rule: DeviceRule) -> None:
    """What the listing shows can be put into kiosk.toml."""
    assert parse_rule(rule_text(rule)) == rule


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/dev/input/event4", "event number, which changes"),
        ("event4", "event number, which changes"),
        ("name:*", "would take every keyboard"),
        ("name: ", "would take every keyboard"),
        ("Honeywell", "is none of by-id"),
        ("", "is none of by-id"),
        ("/etc/passwd", "is none of by-id"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    """The sentence says what to write instead."""
    with pytest.raises(ValueError, match=sentence):
        parse_rule(text)


def test_a_device_with_an_evil_name_has_a_harmless_label() -> None:
    """Names come from the device's firmware."""
    evil = DeviceDescription(path="/dev/input/event1", name="\x1b[2JScanner" + "x" * 1000, serial="\n")
    assert evil.label.isprintable()
    assert len(evil.label) < 100
