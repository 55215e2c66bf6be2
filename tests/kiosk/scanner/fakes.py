"""A device whose events come through a pipe, and a /dev/input with its sysfs in a folder of the test."""

import errno
import os
import struct
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from kiosk.scanner.input_device import InputEvent
from tests.kiosk.scanner.typist import Keystroke

T = TypeVar("T")

_EVENT = struct.Struct("@iiid")


@dataclass
class FakeDevice:
    """Stands in for one kernel device; the test types into it, unplugs it, or makes it hard to get."""

    held: list[int] = field(default_factory=list)
    grab_errors: list[OSError] = field(default_factory=list)
    grabbed: bool = False
    closed: bool = False

    def __post_init__(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)

    def type(self, keys: Sequence[Keystroke], at: float, pace_s: float = 0.001) -> float:
        """Send keys with the kernel's times from `at` on; returns the time after them."""
        # A reader that was stopped by the code it just read leaves the release of its Enter unread.
        with suppress(BrokenPipeError):
            for code, value in keys:
                at += pace_s
                os.write(self._in, _EVENT.pack(1, code, value, at))
                os.write(self._in, _EVENT.pack(0, 0, 0, at))
        return at

    def drop(self, at: float) -> None:
        """Send the mark that events were lost."""
        os.write(self._in, _EVENT.pack(0, 3, 0, at))

    def unplug(self) -> None:
        """From here on, reading fails as it does for a device that is gone."""
        os.close(self._in)

    def fileno(self) -> int:
        """The end to wait on."""
        return self._out

    def read(self) -> Sequence[InputEvent]:
        """What was typed since."""
        try:
            raw = os.read(self._out, 64 * _EVENT.size)
        except BlockingIOError:
            return ()
        if not raw:
            raise OSError(errno.ENODEV, "No such device")
        return [InputEvent(*event) for event in _EVENT.iter_unpack(raw)]

    def held_keys(self) -> Collection[int]:
        """The keys that the test holds down."""
        return tuple(self.held)

    def grab(self) -> None:
        """Take it, or fail as the test wants."""
        if self.grab_errors:
            raise self.grab_errors.pop(0)
        self.grabbed = True

    def close(self) -> None:
        """Give it back."""
        self.grabbed = False
        self.closed = True
        os.close(self._out)


@dataclass
class Heard(Generic[T]):
    """Collects what the reader says on its threads; the test waits for what it expects."""

    messages: list[T] = field(default_factory=list)
    _more: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, message: T) -> None:
        """Take one message."""
        with self._more:
            self.messages.append(message)
            self._more.notify_all()

    def wait_for(self, holds: Callable[[list[T]], bool]) -> list[T]:
        """Wait until `holds` is true of all messages so far and return them; fails after 10 s."""
        with self._more:
            assert self._more.wait_for(lambda: holds(self.messages), 10), f"only heard {self.messages}"
            return list(self.messages)


KEYBOARD_KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
"""capabilities/key of a real USB keyboard, as sysfs prints it."""
MOUSE_KEYS = "1f0000 0 0 0 0"
POWER_BUTTON_KEYS = "10000000000000 0"


@dataclass(frozen=True)
class FakeTree:
    """A /dev/input and /sys/class/input of files."""

    root: Path

    @property
    def nodes(self) -> Path:
        """Stands for /dev/input."""
        return self.root / "dev"

    @property
    def sysfs(self) -> Path:
        """Stands for /sys/class/input."""
        return self.root / "sys"

    def plug(
        self,
        number: int,
        *,
        name: str = "Fake Scanner",
        model: str = "0c2e:0b61",
        serial: str = "",
        links: Sequence[str] = (),
        keys: str = KEYBOARD_KEYS,
    ) -> Path:
        """Make the node and what sysfs says about it; returns the node's path."""
        about = self.sysfs / f"event{number}" / "device"
        (about / "id").mkdir(parents=True)
        (about / "capabilities").mkdir()
        vendor, product = model.split(":")
        for file, text in {
            "name": name, "uniq": serial, "phys": f"usb-1/input{number}", "id/vendor": vendor, "id/product": product,
            "capabilities/key": keys,
        }.items():  # fmt: skip
            (about / file).write_text(text + "\n")
        self.nodes.mkdir(exist_ok=True)
        node = self.nodes / f"event{number}"
        node.touch()
        for link in links:
            (self.nodes / link).parent.mkdir(exist_ok=True)
            (self.nodes / link).unlink(missing_ok=True)
            (self.nodes / link).symlink_to(f"../event{number}" if "/" in link else f"event{number}")
        return node

    def unplug(self, number: int) -> None:
        """Take the node, its links and its sysfs entry away."""
        for link in list(self.nodes.rglob("*")):
            if link.is_symlink() and link.readlink().name == f"event{number}":
                link.unlink()
        (self.nodes / f"event{number}").unlink()
        about = self.sysfs / f"event{number}"
        for path in sorted(about.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        about.rmdir()
