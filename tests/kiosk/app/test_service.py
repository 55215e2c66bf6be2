"""Signs of life: the service manager hears that the kiosk is up and works, and nothing once it hangs."""

import asyncio
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from kiosk.running import run_app
from kiosk.screens.host import ScreenHost
from kiosk.service import ServiceManager
from tests.support.waiting import eventually

_UP = "READY=1\nWATCHDOG=1"
"""Ready, and alive: the time until the next sign begins now, also where one app follows another."""


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[socket.socket]:
    """The socket of a service manager that wants a sign of life every three tenths of a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "300000")
        yield heard


def _heard(manager: socket.socket) -> list[str]:
    said: list[str] = []
    try:
        while True:
            said.append(manager.recv(100).decode())
    except BlockingIOError:
        return said


async def test_an_app_says_that_it_is_up_and_goes_on_saying_that_it_works(manager: socket.socket) -> None:
    """Ready once, and a sign of life in every third of the time."""
    app, said = ScreenHost(), list[str]()
    async with app.run_test():

        def enough() -> bool:
            said.extend(_heard(manager))
            return said.count("WATCHDOG=1") >= 3

        await eventually(enough)
    assert said[0] == _UP
    assert said.count(_UP) == 1


async def test_an_app_whose_session_hangs_says_nothing_more(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen may still move; without what is behind it, it is started again."""
    monkeypatch.setattr(ScreenHost, "is_well", property(lambda self: False))
    asked = asyncio.Event()

    class Asked(ScreenHost):
        def _give_a_sign_of_life(self) -> None:
            super()._give_a_sign_of_life()
            asked.set()

    async with Asked().run_test():
        await asyncio.wait_for(asked.wait(), 10)
    assert _heard(manager) == [_UP]


async def test_an_app_that_is_about_to_come_up_is_a_sign_of_life(manager: socket.socket) -> None:
    """Whatever waited for the database has ended, and gives no more; a slow machine needs long for the next screen."""

    class AboutToComeUp(ScreenHost):
        async def run_async(self, **_: object) -> int:
            return 0

    assert await run_app(AboutToComeUp()) == 0
    assert _heard(manager) == ["WATCHDOG=1"]


async def test_without_a_service_manager_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by hand."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    app = ScreenHost()
    async with app.run_test():
        assert app.is_well


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"NOTIFY_SOCKET": "nonsense"}, None),
        ({"NOTIFY_SOCKET": "/run/notify"}, ServiceManager("/run/notify")),
        ({"NOTIFY_SOCKET": "@abstract", "WATCHDOG_USEC": "rubbish"}, ServiceManager("@abstract")),
        ({"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "0"}, ServiceManager("/run/notify")),
        ({"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000"}, ServiceManager("/run/notify", 10.0)),
    ],
)
def test_the_manager_is_known_by_its_environment(environ: dict[str, str], expected: ServiceManager | None) -> None:
    """As sd_notify and sd_watchdog_enabled say; what is nonsense is no manager, and never an error."""
    assert ServiceManager.of(environ) == expected


def test_a_manager_that_went_away_harms_nobody(tmp_path: Path) -> None:
    """A sign of life that cannot be given is no reason to die."""
    ServiceManager(str(tmp_path / "gone")).alive()


def test_an_abstract_address_is_reached() -> None:
    """As user services have it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("")
        name = heard.getsockname().decode() if isinstance(heard.getsockname(), bytes) else heard.getsockname()
        ServiceManager(f"@{name[1:]}").ready()
        assert heard.recv(100).decode() == _UP
