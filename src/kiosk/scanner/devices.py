"""What input devices this machine has, read from sysfs and /dev/input without opening any of them.

Sysfs may be read by everyone, so a scanner that this process may not open is still named, and the three
reasons for an empty list (no device, no permission, no /dev/input) stay apart. Impure; the watcher and
`kiosk scanners` call it.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.scanner.selection import DeviceDescription

__all__ = ["InputTree", "Snapshot"]

_WORD_BITS: Final = struct.calcsize("l") * 8
_ENTER, _KEYPAD_ENTER, _TAB = 28, 96, 15
_DIGITS: Final = frozenset(range(2, 12))
_KEYPAD_DIGITS: Final = frozenset({71, 72, 73, 75, 76, 77, 79, 80, 81, 82})

Snapshot = tuple[tuple[str, int, int, int, int], ...]
"""What /dev/input looked like: equal snapshots mean that nothing was plugged, unplugged or changed."""


@dataclass(frozen=True, slots=True)
class InputTree:
    """Where the devices are looked for; tests point it at folders of their own."""

    nodes: Path = Path("/dev/input")
    sysfs: Path = Path("/sys/class/input")

    def exists(self) -> bool:
        """Tell whether this machine has a folder of input devices at all."""
        return self.nodes.is_dir()

    def snapshot(self) -> Snapshot:
        """Return what tells one state of /dev/input from another; cheap enough for four times a second."""
        return tuple(sorted(self._entries()))

    def _entries(self) -> Iterator[tuple[str, int, int, int, int]]:
        for folder in (self.nodes, self.nodes / "by-id", self.nodes / "by-path"):
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        try:
                            seen = entry.stat(follow_symlinks=False)
                        except OSError:
                            continue  # it went away in between; the next look sees that
                        # ctime changes with owner, mode and access lists; the number with a replug.
                        yield entry.path, seen.st_ino, seen.st_ctime_ns, seen.st_mode, seen.st_gid
            except OSError:
                continue

    def describe(self) -> tuple[DeviceDescription, ...]:
        """Describe every event device, in the order of their numbers; empty where there are none."""
        links = self._links()
        try:
            names = [node.name for node in self.nodes.glob("event*") if node.name[5:].isdigit()]
        except OSError:
            return ()
        found: list[DeviceDescription] = []
        for name in sorted(names, key=lambda name: int(name[5:])):
            described = self._describe(name, links.get(name, ()))
            if described is not None:
                found.append(described)
        return tuple(found)

    def _describe(self, name: str, links: tuple[str, ...]) -> DeviceDescription | None:
        node = self.nodes / name
        try:
            seen = node.stat()
        except OSError:
            return None
        about = self.sysfs / name / "device"
        return DeviceDescription(
            path=str(node),
            name=_line(about / "name"),
            vendor=_hex(about / "id" / "vendor"),
            product=_hex(about / "id" / "product"),
            serial=_line(about / "uniq"),
            phys=_line(about / "phys"),
            links=links,
            types_text=_types_text(_bits(_line(about / "capabilities" / "key"))),
            readable=os.access(node, os.R_OK, effective_ids=os.access in os.supports_effective_ids),
            mode=seen.st_mode & 0o777,
            group=_group_name(seen.st_gid),
        )

    def _links(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for prefix in ("by-id", "by-path", ""):
            try:
                with os.scandir(self.nodes / prefix) as entries:
                    for entry in entries:
                        if entry.is_symlink():
                            target = Path(entry.path).readlink().name
                            found.setdefault(target, []).append(f"{prefix}/{entry.name}" if prefix else entry.name)
            except OSError:
                continue  # by-id vanishes with the last device
        return {target: tuple(sorted(names)) for target, names in found.items()}


def _line(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace").strip("\n")
    except OSError:
        return ""


def _hex(path: Path) -> int:
    try:
        return int(_line(path), 16)
    except ValueError:
        return 0


def _bits(words: str) -> frozenset[int]:
    """Read a bitmap as sysfs prints it: words of the kernel's size in hexadecimal, the highest first."""
    try:
        numbers = [int(word, 16) for word in reversed(words.split())]
    except ValueError:
        return frozenset()
    return frozenset(
        index * _WORD_BITS + bit for index, word in enumerate(numbers) for bit in range(_WORD_BITS) if word >> bit & 1
    )


def _types_text(keys: frozenset[int]) -> bool:
    ends = keys & {_ENTER, _KEYPAD_ENTER, _TAB}
    return bool(ends) and (keys >= _DIGITS or keys >= _KEYPAD_DIGITS)


def _group_name(number: int) -> str:
    try:
        import grp  # noqa: PLC0415 - not on Windows, where this package must still load

        return grp.getgrgid(number).gr_name
    except (ImportError, KeyError):
        return str(number)
