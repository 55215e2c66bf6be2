"""What is read from sysfs and /dev/input, in folders of the test."""

from pathlib import Path

from kiosk.scanner.devices import InputTree
from kiosk.scanner.listing import ListingProblem, list_scanners
from kiosk.scanner.selection import ScannerInput, ScannerSelection, parse_rule
from tests.kiosk.scanner.fakes import MOUSE_KEYS, POWER_BUTTON_KEYS, FakeTree


def test_a_device_is_described_without_opening_it(tmp_path: Path) -> None:
    """Name, model, serial, links and what it can type."""
    fake = FakeTree(tmp_path)
    fake.plug(3, name="Barcode", serial="SN1", links=["by-id/usb-x-event-kbd", "by-path/pci-1", "scanner-pci-1"])
    fake.plug(10, name="Mouse", keys=MOUSE_KEYS)
    fake.plug(2, name="Power Button", keys=POWER_BUTTON_KEYS)
    power, scanner, mouse = InputTree(fake.nodes, fake.sysfs).describe()
    assert (scanner.name, scanner.model, scanner.serial) == ("Barcode", "0c2e:0b61", "SN1")
    assert (scanner.by_id, scanner.by_path) == ("by-id/usb-x-event-kbd", "by-path/pci-1")
    assert "scanner-pci-1" in scanner.links
    assert (power.types_text, scanner.types_text, mouse.types_text) == (False, True, False)
    assert scanner.label == "Barcode SN1"


def test_a_machine_without_sysfs_still_has_its_nodes(tmp_path: Path) -> None:
    """In a bare container the nodes may be all there is; nothing raises."""
    fake = FakeTree(tmp_path)
    fake.nodes.mkdir()
    (fake.nodes / "event0").touch()
    (fake.nodes / "eventual").touch()
    (fake.nodes / "by-id").mkdir()
    (fake.nodes / "by-id" / "dangling").symlink_to("../event9")
    [device] = InputTree(fake.nodes, fake.sysfs).describe()
    assert (device.name, device.types_text) == ("", False)


def test_a_snapshot_tells_a_replug_from_nothing(tmp_path: Path) -> None:
    """The same number plugged again, a changed mode and a new link are all seen."""
    fake = FakeTree(tmp_path)
    node = fake.plug(1)
    tree = InputTree(fake.nodes, fake.sysfs)
    first = tree.snapshot()
    assert tree.snapshot() == first
    node.chmod(0o600)
    second = tree.snapshot()
    assert second != first
    fake.unplug(1)
    fake.plug(1)
    assert tree.snapshot() not in (first, second)


def test_the_reasons_for_an_empty_list_are_told_apart(tmp_path: Path) -> None:
    """No /dev/input, nothing there, nothing chosen, no permission, wedge: each has its own sentence."""
    fake = FakeTree(tmp_path)
    tree = InputTree(fake.nodes, fake.sysfs)
    rules = ScannerSelection(rules=(parse_rule("0c2e:0b61"),))
    assert list_scanners(rules, tree).problem is ListingProblem.NO_DEV_INPUT
    fake.nodes.mkdir()
    assert list_scanners(rules, tree).problem is ListingProblem.NOTHING_THERE
    fake.plug(0, model="0001:0001")
    assert list_scanners(rules, tree).problem is ListingProblem.NONE_CHOSEN
    fake.plug(1)
    listing = list_scanners(rules, tree)
    assert listing.problem is None
    assert listing.why == "1 scanner of this station, marked *."
    wedge = list_scanners(ScannerSelection(input=ScannerInput.WEDGE), tree)
    assert wedge.problem is ListingProblem.WEDGE


def test_a_missing_permission_comes_with_its_cure(tmp_path: Path, unreadable: None) -> None:
    """Group, rule and commands, and which node it is about."""
    fake = FakeTree(tmp_path)
    fake.plug(1, name="\x1b[31mEvil", links=["by-id/usb-x"])
    listing = list_scanners(ScannerSelection(), InputTree(fake.nodes, fake.sysfs))
    assert listing.problem is ListingProblem.NO_PERMISSION
    text = "\n".join(listing.lines())
    assert "may not open" in text
    assert "deploy/udev/70-kiosk-scanner.rules" in text
    assert "usermod -aG kiosk" in text
    assert "no permission to open it" in text
    assert "\x1b" not in text


def test_the_listing_says_the_same_in_json(tmp_path: Path) -> None:
    """Plain values for scripts."""
    fake = FakeTree(tmp_path)
    fake.plug(1, serial="SN1", links=["by-id/usb-x"])
    [device] = list_scanners(ScannerSelection(), InputTree(fake.nodes, fake.sysfs)).as_json()["devices"]  # type: ignore[misc]
    assert device["vendor"] == "0c2e"
    assert device["serial"] == "SN1"
    assert device["by_id"] == "by-id/usb-x"
    assert device["chosen"] is True
