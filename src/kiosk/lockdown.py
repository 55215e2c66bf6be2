"""A Textual app that an operator cannot leave, suspend or get lost in.

No command palette, no text selection, no stock key bindings; Ctrl+C, Ctrl+Q and Ctrl+Z do nothing,
as keys and as signals. SIGTERM and SIGHUP end the app in order, so that the terminal is restored.
`kiosk.screens.host` builds on it.
"""

import asyncio
import signal
from types import FrameType
from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType

_IGNORED = ("SIGINT", "SIGTSTP", "SIGQUIT", "SIGTTIN", "SIGTTOU")
_ENDING = ("SIGTERM", "SIGHUP")


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

    def on_mount(self) -> None:
        """Take the signals over, after Textual's driver has set its own."""
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
            self._loop.call_soon_threadsafe(self.exit, 0)

    async def action_quit(self) -> None:
        """Nothing: F10 logs off, and only the service manager ends a kiosk."""

    def action_suspend_process(self) -> None:
        """Nothing: a suspended kiosk is a black screen."""

    def action_help_quit(self) -> None:
        """Nothing: there is no key to quit."""

    def action_command_palette(self) -> None:
        """Nothing: an operator's keys are in the footer."""
