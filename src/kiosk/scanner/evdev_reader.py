"""Reads one scanner on a thread of its own, so that no work of the screen can make it lose a key.

The kernel keeps less than one scan for a late reader. This thread therefore does nothing but drain the
device, decode, and hand over finished verdicts by a callback that must not block. The hot-plug watcher
starts one for each chosen device and notices when it has ended.
"""

import errno
import logging
import os
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from kiosk.scanner.decoder import DecoderSettings, KeyDecoder
from kiosk.scanner.input_device import KeyDevice
from kiosk.scanner.messages import ScannerMessage, ScannerState, ScanRead, ScanRefused
from kiosk.scanner.verdicts import Scan, Verdict

__all__ = ["DeviceReader", "OpenDevice", "StateReport"]

OpenDevice = Callable[[str], KeyDevice]
"""Opens the device at a path; raises OSError."""

StateReport = Callable[[ScannerState, str], None]
"""Takes the scanner's new state and, where something is wrong, the sentence that says what."""

_EV_SYN: Final = 0
_EV_KEY: Final = 1
_SYN_DROPPED: Final = 3
_HELD_POLL_S: Final = 0.02
_BUSY_RETRY_S: Final = 0.25
_SAY_BUSY_AFTER_S: Final = 0.5
_GONE: Final = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.EIO, errno.EBADF})

_log = logging.getLogger(__name__)


class DeviceReader:
    """One scanner, from opening to its loss. Start it once; `stop` may be called from any thread, also twice."""

    def __init__(
        self,
        path: str,
        label: str,
        *,
        settings: DecoderSettings,
        grab: bool,
        open_device: OpenDevice,
        deliver: Callable[[ScannerMessage], None],
        report: StateReport,
    ) -> None:
        self.path = path
        self._label = label
        self._decoder = KeyDecoder(settings)
        self._grab = grab
        self._open_device = open_device
        self._deliver = deliver
        self._report = report
        self._stopping = False
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)
        self._thread = threading.Thread(target=self._run, name=f"scanner {path}", daemon=True)

    def start(self) -> None:
        """Begin to open and read the device."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """False once the device was lost, could not be opened, or the reader was stopped."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Ask the thread to end, without waiting for it; the device is given back."""
        self._stopping = True
        with suppress(OSError):
            os.write(self._wake_in, b".")

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; True when it has. From the reader's own callback it returns at once."""
        if self._thread is threading.current_thread():
            return False
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            return False
        for end in (self._wake_out, self._wake_in):
            with suppress(OSError):
                os.close(end)
        return True

    def _run(self) -> None:
        try:
            self._open_and_read()
        except OSError as error:
            self._report_loss(error)
        except Exception:  # noqa: BLE001 - logged with its traceback; the state says that it failed
            # A fault of our own must not leave the station with a scanner that is silently dead.
            _log.exception("the reader of %s failed", self.path)
            self._report(ScannerState.LOST, "its reader failed and is started again")

    def _report_loss(self, error: OSError) -> None:
        if isinstance(error, PermissionError):
            self._report(ScannerState.NO_PERMISSION, "this user may not open it")
        elif error.errno in _GONE:
            self._report(ScannerState.LOST, "it was unplugged")
        else:
            self._report(ScannerState.LOST, f"it cannot be read: {error.strerror or 'unknown error'}")

    def _open_and_read(self) -> None:
        device = self._open_device(self.path)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_out, selectors.EVENT_READ)
                if self._take(device, selector):
                    self._report(ScannerState.READY, "")
                    selector.register(device.fileno(), selectors.EVENT_READ)
                    self._read(device, selector)
        except OSError:
            self._hand_over(self._decoder.unplugged(time.monotonic()))
            raise
        finally:
            device.close()

    def _take(self, device: KeyDevice, selector: selectors.BaseSelector) -> bool:
        """Grab the device once no key is down and nobody else has it; False when told to stop."""
        started = time.monotonic()
        said = ""
        while not self._stopping:
            why = self._try_to_take(device)
            if not why:
                while device.read():
                    pass  # what came before the grab went to the console too
                self._decoder.opened(time.monotonic())
                return True
            if why != said and time.monotonic() - started >= _SAY_BUSY_AFTER_S:
                self._report(ScannerState.BUSY, why)
                said = why
            selector.select(_HELD_POLL_S if time.monotonic() - started < 1 else _BUSY_RETRY_S)
        return False

    def _try_to_take(self, device: KeyDevice) -> str:
        """Return why the device cannot be taken now, empty when it is ours."""
        if not self._grab:
            return ""
        # A key held during the grab would stay pressed on the console for ever.
        if device.held_keys():
            return "one of its keys is held down"
        try:
            device.grab()
        except OSError as error:
            if error.errno == errno.EBUSY:
                return "another program has taken it"
            raise
        return ""

    def _read(self, device: KeyDevice, selector: selectors.BaseSelector) -> None:
        while not self._stopping:
            deadline = self._decoder.deadline
            timeout = None if deadline is None else max(deadline - time.monotonic(), 0)
            ready = selector.select(timeout)
            if self._stopping:
                return
            if ready:
                self._drain(device)
            else:
                self._hand_over(self._decoder.expire(time.monotonic()))

    def _drain(self, device: KeyDevice) -> None:
        # One read takes all that the kernel keeps. A second one to be told that nothing is left would cost
        # another wait for the interpreter's lock, which is what this thread must have least of.
        decoder = self._decoder
        for event in device.read():
            if event.type == _EV_KEY:
                if verdicts := decoder.key(event.code, event.value, event.at):
                    self._hand_over(verdicts)
            elif event.type == _EV_SYN and event.code == _SYN_DROPPED:
                decoder.dropped(event.at)

    def _hand_over(self, verdicts: tuple[Verdict, ...]) -> None:
        for verdict in verdicts:
            if isinstance(verdict, Scan):
                self._deliver(ScanRead(verdict.text, self._label, verdict.began, verdict.ended))
            else:
                self._deliver(ScanRefused(verdict, self._label))
