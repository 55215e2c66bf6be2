"""Tells the service manager that the kiosk lives, so that one that hangs is started again (sd_notify, WatchdogSec).

Protocol: sd_notify(3) and sd_watchdog_enabled(3). Without a service manager nothing is told to nobody. Why a kiosk
could not go on is told to the manager and to the journal, which sees nothing of what is drawn on the screen.
"""

import logging
import os
import socket
import syslog
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

__all__ = ["ServiceManager", "service_manager"]

_LOG = logging.getLogger(__name__)

_FRACTION = 3
"""So many signs of life in the time that the manager waits for one."""


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """Where signs of life are sent, and how often, in seconds; None where the manager does not watch."""

    address: str
    every: float | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self | None:
        """Return the manager that started this process, None where none asked to be told.

        WATCHDOG_PID names the process that was started, which under cage and foot is not this one, and is
        not looked at: whoever is in the service's group may speak for it (NotifyAccess=all).
        """
        address = environ.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            return None
        try:
            microseconds = int(environ.get("WATCHDOG_USEC", ""))
        except ValueError:
            microseconds = 0
        return cls(address, microseconds / 1_000_000 / _FRACTION if microseconds > 0 else None)

    def ready(self) -> None:
        """Say that a screen is up, which is a sign of life: a slow machine may need long for what comes next."""
        self._tell("READY=1\nWATCHDOG=1")

    def alive(self) -> None:
        """Say that the kiosk works."""
        self._tell("WATCHDOG=1")

    def ends(self, why: str) -> None:
        """Say in a line why the kiosk ends: `systemctl status` shows it, and the journal keeps it."""
        line = " ".join(why.split())
        self._tell(f"STATUS={line}")
        write_to_journal(line)

    def _tell(self, state: str) -> None:
        # "@" stands for the NUL byte of Linux's abstract sockets.
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
                manager.setblocking(False)
                manager.sendto(state.encode(), address)
        except OSError as error:
            # It will ask for a sign of life again, and if it got none, starts this kiosk anew.
            _LOG.warning("the service manager could not be told %s: %s", state, error)


def write_to_journal(line: str) -> None:
    """Write an error to the system's log, which is the unit's journal; where there is none, nowhere."""
    syslog.openlog("kiosk", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_ERR, line)


def service_manager() -> ServiceManager | None:
    """Return the manager of this process."""
    return ServiceManager.of(os.environ)
