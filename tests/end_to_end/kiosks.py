"""Kiosk apps that run side by side in one process, each with a person who scans, types and reads its screen.

Textual knows the app at work by a context variable, so each app lives in a task of its own and
whatever is done with it is done in that task.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from textual import events
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from kiosk.app import FromScanner, KioskApp
from kiosk.config.file import Config
from kiosk.running import kiosk_app
from kiosk.scanner.messages import ScanRead
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from store import Store
from tests.end_to_end.shop import stanza
from tests.kiosk.screens.capture import text_of
from tests.support.waiting import eventually

Work = Callable[[Pilot[Any]], Awaitable[Any]]

_PATIENCE = 30.0
_STEP = 0.05


@dataclass
class Kiosk:
    """One app at work and the person before it."""

    app: KioskApp
    size: tuple[int, int]
    _work: "asyncio.Queue[tuple[Work, asyncio.Future[Any]]]" = field(default_factory=asyncio.Queue)
    _scans: int = 0
    _before: int = 0
    _said: VerdictView | None = None

    def __post_init__(self) -> None:
        """Hear every verdict that the app shows: green fades before a busy machine comes to look."""
        show = self.app.show_snapshot

        def heard(snapshot: StationSnapshot) -> None:
            show(snapshot)
            if snapshot.verdict.serial > self._before and snapshot.verdict.state is not VerdictState.READY:
                self._said = snapshot.verdict

        self.app.show_snapshot = heard

    async def live(self) -> None:
        """Run the app and do with it what is asked, until cancelled."""
        async with self.app.run_test(size=self.size) as pilot:
            while True:
                work, done = await self._work.get()
                try:
                    done.set_result(await work(pilot))
                except Exception as error:  # noqa: BLE001 - it is raised where the work was asked for
                    done.set_exception(error)

    async def do(self, work: Work) -> Any:
        """Do something with the app, in its own task."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await self._work.put((work, done))
        return await done

    # -- the eye -------------------------------------------------------------------

    async def screen(self) -> str:
        """Everything that the screen says now."""

        async def read(_: Pilot[Any]) -> str:
            return "\n".join(text_of(self.app))

        return await self.do(read)

    async def sees(self, *words: str, seconds: float = _PATIENCE) -> str:
        """Wait until the screen says all of these words; return it whole."""
        deadline = time.monotonic() + seconds
        while True:
            text = await self.screen()
            if all(word in text for word in words):
                return text
            assert time.monotonic() < deadline, f"{words} is not on the screen:\n{text}"
            await asyncio.sleep(_STEP)

    @property
    def stopped(self) -> bool:
        """Whether a stop covers the screen."""
        return self.app.session.snapshot().stop is not None

    # -- the hand ------------------------------------------------------------------

    async def scan(self, code: str) -> VerdictView:
        """Scan a code, by the device's reader and by typing in turns; wait for its verdict."""
        self._listen()
        self._scans += 1
        if self._scans % 2:
            now = time.monotonic()
            self.app.post_message(FromScanner(ScanRead(text=code, scanner="a scanner", began=now, ended=now)))
        else:
            return await self.type(*code, "enter")
        return await self.answered()

    def _listen(self) -> None:
        self._said, self._before = None, self.app.session.snapshot().verdict.serial

    async def type(self, *keys: str) -> VerdictView:
        """Send keys as a wedge scanner does: none waits for the one before to be painted."""
        self._listen()
        screen = self.app.screen
        for key in keys:
            screen.post_message(events.Key(key, "\r" if key == "enter" else key))
        return await self.answered()

    async def answered(self) -> VerdictView:
        """Wait until the app has taken every key and message, and the session has answered them."""
        for taker in (self.app.screen, self.app):
            await self._reached(taker)
        if self.app.session.snapshot().typing_is_keys:
            # Characters are held back until it is sure that no code follows.
            await eventually(lambda: not self.app.is_holding_keys)
            await self._reached(self.app)
        await self.app.session.settled()
        await self._reached(self.app)
        return self._said or self.app.session.snapshot().verdict

    async def _reached(self, taker: MessagePump) -> None:
        # Pilot's pause waits for an idle processor, which a process of nine busy apps never has.
        reached = asyncio.Event()
        taker.call_later(reached.set)
        await reached.wait()

    async def press(self, *keys: str) -> VerdictView:
        """Press keys of the keyboard."""
        self._listen()
        await self.do(lambda pilot: pilot.press(*keys))
        return await self.answered()

    async def good(self, code: str) -> VerdictView:
        """Scan what must be accepted, again where the typing was torn by a busy machine, as people do."""
        verdict = await self.scan(code)
        for _ in range(3):
            if verdict.words != "SCAN AGAIN":
                break
            verdict = await self.scan(code)
        assert verdict.state is VerdictState.ACCEPTED, (code, verdict, self.stopped)
        return verdict


@contextlib.asynccontextmanager
async def open_kiosk(
    config: Config, station: str, dsn: str, *, size: tuple[int, int] = (100, 30)
) -> AsyncGenerator[Kiosk]:
    """Run a station's app over a store of its own."""
    own = stanza(config, station)
    async with await Store.open(dsn, station_id=own.id, policy=config.policy(own)) as store:
        app = await kiosk_app(config, own, store, selection=None)
        kiosk = Kiosk(app, size)
        living = asyncio.create_task(kiosk.live())
        try:
            started = asyncio.create_task(kiosk.screen())
            await asyncio.wait({living, started}, return_when=asyncio.FIRST_COMPLETED)
            if living.done():
                living.result()
            yield kiosk
        finally:
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await living
