"""Keeps a reader on every chosen scanner while scanners come and go: what the kiosk starts and stops.

It looks at /dev/input four times a second instead of asking inotify. A look costs some tens of
microseconds, needs no second source of truth, sees a node whose owner or mode changes after it appears
(udev takes up to 0.2 s for that), a folder that vanishes with its last device, and also works in a
container, where inotify says nothing about devices that the host plugs. A loss is not noticed here but by
the reader, at once.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.scanner import input_device
from kiosk.scanner.devices import InputTree, Snapshot
from kiosk.scanner.evdev_reader import DeviceReader, OpenDevice
from kiosk.scanner.messages import DeviceStatus, ScannerMessage, ScannerState, ScannerStateChanged
from kiosk.scanner.selection import Choice, DeviceDescription, DeviceRule, ScannerInput, ScannerSelection, choose

__all__ = ["Scanners", "why_not_evdev"]

LOOK_EVERY_S: Final = 0.25
LOOK_AGAIN_S: Final = 1.0
"""Pace of the retries once nothing has changed for a while, so that a missing permission costs nothing."""
FRESH_S: Final = 2.0
PERMISSION_GRACE_S: Final = 0.6
"""How long a new node may stay closed to us before it is called a lack of permission: udev is at work."""

SWITCH_INTERVAL_S: Final = 0.0005
"""How long a computing thread may keep the interpreter from a reader that has keys waiting.

Python's own 5 ms, taken twice (to wake and to read), is a whole scan at 1,000 characters a second, and a
whole scan is all that the kernel keeps.
"""

_WORST_FIRST: Final = (
    ScannerState.NO_PERMISSION,
    ScannerState.BUSY,
    ScannerState.LOST,
    ScannerState.READY,
    ScannerState.NONE,
)

_log = logging.getLogger(__name__)


def why_not_evdev(selection: ScannerSelection) -> str | None:
    """Return why only typed text is read with this selection on this machine, None where scanners are read."""
    if selection.input is ScannerInput.WEDGE:
        return "this station is set up for typed text (input = wedge)"
    return input_device.missing_support()


@dataclass(slots=True)
class _Scanner:
    """One device that is or was ours."""

    device: DeviceDescription
    rule: DeviceRule | None
    status: DeviceStatus
    reader: DeviceReader | None = None
    closed_since: float | None = None


class Scanners:
    """The station's scanners. `deliver` is called on their threads, one call at a time for each scanner.

    `deliver` must not block and must not raise: Textual's `post_message` is right, `call_from_thread` is
    not. It gets a ScannerStateChanged soon after `start`, whatever is there, and none of its calls comes
    after `stop` has returned.
    """

    def __init__(
        self,
        selection: ScannerSelection,
        deliver: Callable[[ScannerMessage], None],
        *,
        tree: InputTree | None = None,
        open_device: OpenDevice = input_device.open_device,
        look_every_s: float = LOOK_EVERY_S,
        permission_grace_s: float = PERMISSION_GRACE_S,
    ) -> None:
        self._selection = selection
        self._deliver = deliver
        self._tree = tree or InputTree()
        self._open_device = open_device
        self._look_every_s = look_every_s
        self._permission_grace_s = permission_grace_s
        self._here: dict[str, _Scanner] = {}
        self._lost: list[_Scanner] = []
        self._ending: list[DeviceReader] = []
        self._changed_at = self._looked_at = 0.0
        self._seen: Snapshot | None = None
        self._status: ScannerStateChanged | None = None
        # Reentrant, because the callback may ask for the status.
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read scanners; where that is impossible, say so once and do nothing more."""
        why = why_not_evdev(self._selection)
        if why is not None:
            wanted = self._selection.input is ScannerInput.EVDEV
            self._publish(ScannerStateChanged(ScannerState.NONE if wanted else ScannerState.WEDGE, why))
            return
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL_S))
        self._watcher = threading.Thread(target=self._watch, name="scanner hot-plug", daemon=True)
        self._watcher.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Give every scanner back; True when all threads have ended within `timeout_s`."""
        self._stop.set()
        until = time.monotonic() + timeout_s
        ended = True
        watcher = self._watcher
        if watcher is not None and watcher is not threading.current_thread():
            watcher.join(timeout_s)
            ended = not watcher.is_alive()
        with self._lock:
            readers = [scanner.reader for scanner in self._here.values() if scanner.reader is not None]
            readers += self._ending
        for reader in readers:
            reader.stop()
        for reader in readers:
            ended = reader.join(max(until - time.monotonic(), 0)) and ended
        return ended

    @property
    def status(self) -> ScannerStateChanged | None:
        """The state last told, None before the first."""
        with self._lock:
            return self._status

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception:  # noqa: BLE001 - logged with its traceback; the line must not stop for it
                # Without the watcher no scanner would ever come back; the next look may well succeed.
                _log.exception("looking for scanners failed")
            self._stop.wait(self._look_every_s)

    def _look(self) -> None:
        now, snapshot = time.monotonic(), self._tree.snapshot()
        if snapshot != self._seen:
            self._seen, self._changed_at = snapshot, now
        elif self._settled() or (now - self._changed_at > FRESH_S and now - self._looked_at < LOOK_AGAIN_S):
            return
        self._looked_at = now
        self._ending = [reader for reader in self._ending if not reader.join(0)]
        choices = choose(self._selection, self._tree.describe())
        with self._lock:
            chosen = {choice.device.path: choice for choice in choices if choice.chosen}
            for path in [path for path in self._here if path not in chosen]:
                self._forget(path)
            for choice in chosen.values():
                self._keep(choice)
            self._tell(choices)

    def _settled(self) -> bool:
        with self._lock:
            return all(scanner.reader is not None and scanner.reader.alive for scanner in self._here.values())

    def _forget(self, path: str) -> None:
        gone = self._here.pop(path)
        if gone.reader is not None:
            # Not waited for here: it may be waiting for our lock to report its loss.
            gone.reader.stop()
            self._ending.append(gone.reader)
        if gone.status.state in {ScannerState.READY, ScannerState.LOST, ScannerState.BUSY}:
            lost = DeviceStatus(gone.device.label, path, ScannerState.LOST, gone.status.why or "it was unplugged")
            self._lost.append(_Scanner(gone.device, gone.rule, lost))

    def _keep(self, choice: Choice) -> None:
        device = choice.device
        scanner = self._here.get(device.path)
        if scanner is not None and scanner.reader is not None:
            if scanner.reader.alive:
                return
            self._ending.append(scanner.reader)
            scanner.reader = None
        if scanner is None or scanner.device.label != device.label:
            # The number of an event device is reused by whatever is plugged next.
            status = DeviceStatus(device.label, device.path, ScannerState.NONE, "it is being opened")
            if scanner is not None:
                self._forget(device.path)
            scanner = self._here[device.path] = _Scanner(device, choice.rule, status)
        scanner.device, scanner.rule = device, choice.rule
        if device.readable:
            scanner.closed_since = None
            self._read(scanner)
        elif scanner.closed_since is None:
            scanner.closed_since = time.monotonic()
        elif time.monotonic() - scanner.closed_since >= self._permission_grace_s:
            self._set(scanner, ScannerState.NO_PERMISSION, "this user may not open it (see `kiosk scanners list`)")

    def _read(self, scanner: _Scanner) -> None:
        if self._stop.is_set():
            return

        def report(state: ScannerState, why: str) -> None:
            with self._lock:
                current = self._here.get(scanner.device.path) is scanner and scanner.reader is reader
                if not current or self._stop.is_set():
                    return
                self._set(scanner, state, why)
                self._tell()

        def deliver(message: ScannerMessage) -> None:
            if not self._stop.is_set():
                self._hand_over(message)

        reader = DeviceReader(
            scanner.device.path,
            scanner.device.label,
            settings=self._selection.decoder,
            grab=self._selection.grab,
            open_device=self._open_device,
            deliver=deliver,
            report=report,
        )
        scanner.reader = reader
        reader.start()

    def _set(self, scanner: _Scanner, state: ScannerState, why: str) -> None:
        scanner.status = DeviceStatus(scanner.device.label, scanner.device.path, state, why)
        if state is ScannerState.READY:
            self._forgive(scanner)

    def _forgive(self, scanner: _Scanner) -> None:
        """A scanner is back, or another has taken its place: stop missing one."""
        same = [lost for lost in self._lost if lost.device.label == scanner.device.label]
        for lost in same or [lost for lost in self._lost if lost.rule == scanner.rule]:
            self._lost.remove(lost)
            return

    def _tell(self, choices: tuple[Choice, ...] | None = None) -> None:
        statuses = [scanner.status for scanner in (*self._here.values(), *self._lost)]
        opening = any(s.status.state is ScannerState.NONE for s in self._here.values())
        states = {status.state for status in statuses} - {ScannerState.NONE}
        if not states:
            if opening and self._status is not None:
                return  # the reader or the next look will say more
            if choices is None and self._status is not None:
                return
            self._publish(ScannerStateChanged(ScannerState.NONE, self._why_none(choices or ()), tuple(statuses)))
            return
        worst = next(state for state in _WORST_FIRST if state in states)
        first = next(status for status in statuses if status.state is worst)
        why = f"{first.label}: {first.why}" if first.why else ""
        self._publish(ScannerStateChanged(worst, why, tuple(s for s in statuses if s.state is not ScannerState.NONE)))

    def _why_none(self, choices: tuple[Choice, ...]) -> str:
        if not self._tree.exists():
            return f"there is no {self._tree.nodes} here, as in a container; codes can be typed"
        if self._here:
            return "the scanner is being opened"
        if any(choice.device.types_text for choice in choices):
            return "no scanner of this station is plugged in; codes can be typed (see `kiosk scanners list`)"
        return "no scanner is plugged in; codes can be typed"

    def _publish(self, status: ScannerStateChanged) -> None:
        with self._lock:
            if status != self._status:
                self._status = status
                self._hand_over(status)

    def _hand_over(self, message: ScannerMessage) -> None:
        try:
            self._deliver(message)
        except Exception:  # noqa: BLE001 - logged with its traceback; the scanner must not stop for it
            # The callback's fault must not end the thread that reads the scanner.
            _log.exception("a scanner message could not be handed over")
