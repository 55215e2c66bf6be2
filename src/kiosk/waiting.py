"""What a station shows while its database is not there yet: that it waits, for what, and for how long.

Run by `kiosk.running` before the station's own app; ends as soon as the store is open.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo

from textual import events, on

from kiosk.config.stations import StationStanza
from kiosk.printable import shown
from kiosk.screens.host import ScreenHost
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ConnectionState, HeaderView
from kiosk.snapshots.station import StationRole, StationSnapshot
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from store import Store, StoreUnavailable
from store.embedded import EmbeddedServerError
from store.errors import ServerNotTrusted

__all__ = ["WaitingApp"]

_RETRY_SECONDS = 1.0
_TELLING_SECONDS = 1.0


class WaitingApp(ScreenHost):
    """Asks for the store until it opens; ``store`` is set then, ``failure`` where asking does not help.

    What is waited for may be silent for as long as it likes: the screen goes on telling for how long. ``without``,
    where given, says why the station cannot begin without the store, None where it can: then, but not before
    ``patience`` seconds, this ends with neither, and has given up.
    """

    def __init__(
        self,
        station: StationStanza,
        open_store: Callable[[], Awaitable[Store]],
        *,
        theme_name: str,
        zone: tzinfo | None,
        is_embedded: bool = False,
        without: Callable[[], Awaitable[str | None]] | None = None,
        patience: float = 0.0,
    ) -> None:
        super().__init__(theme_name=theme_name)
        self.store: Store | None = None
        self.failure: Exception | None = None
        self.gave_up = False
        self._station = station
        self._open_store = open_store
        self._zone = zone
        self._awaited = "the database server of this machine" if is_embedded else "the database"
        self._without = without
        self._patience = patience
        self._why_not_without = ""
        self._since = datetime.now(UTC)
        self._why = ""
        self._was_typed = False
        self._asking: asyncio.Task[None] | None = None

    def on_mount(self) -> None:
        """Show at once that the database is awaited, go on telling for how long, and ask for it."""
        self._show()
        self.set_interval(_TELLING_SECONDS, self._show)
        self._asking = asyncio.create_task(self._ask())

    @on(events.Unmount)
    async def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        asking = asyncio.create_task(self._ask_until_answered())
        try:
            await asyncio.wait({asking}, timeout=None if self._without is None else self._patience)
            while not asking.done() and self._without is not None:
                why = await self._without()
                if why is None:
                    self.gave_up = True
                    self.exit(0)
                    return
                self._why_not_without = shown(why, 160)
                self._show()
                await asyncio.wait({asking}, timeout=_RETRY_SECONDS)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _ask_until_answered(self) -> None:
        while True:
            try:
                self.store = await self._open_store()
            except (ServerNotTrusted, EmbeddedServerError) as error:
                # Waiting may not help here: whoever set the terminal up must see why.
                self._why = shown(str(error), 300)
            except StoreUnavailable:
                self._why = ""
            except Exception as error:  # noqa: BLE001 - raised again where a sentence can be printed
                self.failure = error
                self.exit(0)
                return
            else:
                self.exit(0)
                return
            self._show()
            # Jittered: a server that comes back must not meet every terminal of the shop in one moment.
            await asyncio.sleep(_RETRY_SECONDS * random.uniform(0.7, 1.3))  # noqa: S311 - spreads load, no secret

    def take_key(self, event: events.Key) -> bool:
        """Say that nothing is taken yet; a scan or a badge with no answer at all looks like a dead kiosk."""
        if event.is_printable or event.key == "enter":
            self._say_not_now()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Answer a pasted code in the same way."""
        event.stop()
        self._say_not_now()

    def _say_not_now(self) -> None:
        self._was_typed = True
        self._show()

    def _show(self) -> None:
        now = datetime.now(UTC)
        seconds = int((now - self._since).total_seconds())
        waited = f"{seconds // 60}:{seconds % 60:02d}"
        name = shown(self._station.definition().name, 24)
        self.show_snapshot(
            StationSnapshot(
                role=StationRole(self._station.role.value),
                header=HeaderView(
                    station=name,
                    connection=ConnectionState.OFFLINE,
                    offline_for=waited,
                    clock=now.astimezone(self._zone).strftime("%H:%M"),
                ),
                verdict=VerdictView(state=VerdictState.READY),
                work=LogOnView(
                    big="PLEASE WAIT",
                    sentence=f"{name} · waiting for {self._awaited}",
                    problem=self._why
                    or (f"NOT NOW: no scan is taken yet. No answer for {waited}." if self._was_typed else "")
                    or f"No answer for {waited}. "
                    + (self._why_not_without or "It goes on by itself; if this stays, call the lead."),
                ),
            )
        )
