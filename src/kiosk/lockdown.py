"""A Textual app that an operator cannot leave, suspend or get lost in.

No command palette, no text selection, no stock key bindings; Ctrl+C, Ctrl+Q and Ctrl+Z do nothing,
as keys and as signals. SIGTERM and SIGHUP end the app in order, so that the terminal is restored; so does a
terminal that vanished without a word. `kiosk.screens.host` builds on it.
"""

import asyncio
import logging
import signal
from types import FrameType
from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from kiosk.terminal import TerminalDriver, TerminalGone, is_gone, put_nothing_in_its_place

_LOG = logging.getLogger(__name__)

_IGNORED = ("SIGINT", "SIGTSTP", "SIGQUIT", "SIGTTIN", "SIGTTOU")
_ENDING = ("SIGTERM", "SIGHUP")

_LOOK_SECONDS = 1.0
"""How often it is looked whether the terminal is there; of one that was hung up nothing is heard."""


class LockedDownApp(App[int], inherit_bindings=False):
    """The base of the kiosk's app."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = []
    ESCAPE_TO_MINIMIZE = False

    def __init__(self) -> None:
        super().__init__()
        self._handlers: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_seen = True

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that stands a terminal which vanishes, but for those that are no terminal's."""
        found = super().get_driver_class()
        return TerminalDriver if found is LinuxDriver else found

    def on_mount(self) -> None:
        """Take the signals over, after Textual's driver has set its own, and keep an eye on the terminal."""
        if isinstance(self._driver, TerminalDriver):
            self.set_interval(_LOOK_SECONDS, self._look_at_terminal)
        self._loop = asyncio.get_running_loop()
        for name in _IGNORED:
            self._take(name, signal.SIG_IGN)
        for name in _ENDING:
            self._take(name, self._end)

    def on_unmount(self) -> None:
        """Give the signals back, for whatever runs in this process afterwards."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()
        if isinstance(self._driver, TerminalDriver):
            # SIGHUP may come before the terminal is gone, and whoever started the app may have a word to say after it.
            put_nothing_in_its_place()

    def _take(self, name: str, handler: Any) -> None:
        number = getattr(signal, name, None)
        if number is None:
            return
        try:
            before = signal.signal(number, handler)
        except ValueError:
            # Signals belong to the main thread; an app that tests run in another keeps its own.
            return
        self._handlers.setdefault(number, before)

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (a signal handler's shape)
        # A plain handler does not wake a sleeping loop; this does.
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_in_order, number)

    def _end_in_order(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._unseen("SIGHUP")
        self.exit(0)

    def _look_at_terminal(self) -> None:
        if is_gone():
            put_nothing_in_its_place()
            self.on_terminal_gone(TerminalGone("hung up"))

    def on_terminal_gone(self, message: TerminalGone) -> None:
        """End: nobody sees the screen, and nobody can end the program, which would be a second kiosk here."""
        self._unseen(message.why)
        if isinstance(self._driver, TerminalDriver):
            self._driver.read_no_more()
        self.exit(0)

    def _unseen(self, why: str) -> None:
        """Write down, once, that nobody sees the screen any more."""
        if self._is_seen:
            self._is_seen = False
            _LOG.warning("the terminal is gone (%s): the kiosk ends, and what it kept stays kept", why)

    async def action_quit(self) -> None:
        """Nothing: F10 logs off, and only the service manager ends a kiosk."""

    def action_suspend_process(self) -> None:
        """Nothing: a suspended kiosk is a black screen."""

    def action_help_quit(self) -> None:
        """Nothing: there is no key to quit."""

    def action_command_palette(self) -> None:
        """Nothing: an operator's keys are in the footer."""
