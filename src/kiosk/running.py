"""Runs one station's app over an open store: what `kiosk run` and the demo have in common."""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from importlib.metadata import version

from core.domain.commands import DefineStation
from core.domain.values import StationDefinition
from kiosk.app import KioskApp, SuggestNextScan
from kiosk.config.choosing import database_dsn, embedded_folder, spool_path
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from kiosk.garbage import GarbageAtRest
from kiosk.qa_entry import QaCatalogue, QaCode
from kiosk.scanner.hotplug import why_not_evdev
from kiosk.scanner.selection import ScannerSelection
from kiosk.screens.host import ScreenHost
from kiosk.service import service_manager
from kiosk.station_session.keeping import Keeping
from kiosk.station_session.roles import work_of
from kiosk.station_session.session import StationSession
from kiosk.station_session.work import Surroundings
from kiosk.themes import theme_for_terminal
from kiosk.waiting import WaitingApp
from kiosk.wiring import open_store
from kiosk.wording.holding import keeps_nothing
from kiosk.wording.spoken import Words
from store import Store, StoreUnavailable
from store.command_ids import new_command_id
from store.embedded import is_running, join_unasked

__all__ = ["kiosk_app", "qa_catalogue", "run_app", "run_station"]


_PATIENCE_SECONDS = 3.0
"""How long a terminal that could work without the database waits for it when it is started."""

_AT_ONCE_SECONDS = 0.6
"""How long a terminal may stay blank: after that the screen says what is waited for."""


def _theme(config: Config) -> str:
    """Return the theme asked for, unless this terminal has 16 colours only."""
    return theme_for_terminal(os.environ.get("TERM", ""), config.display.theme.value)


def qa_catalogue(config: Config) -> QaCatalogue:
    """Return the shop's QA codes as the code entry knows them."""
    codes = config.qa.codes
    return QaCatalogue(
        codes=tuple(
            QaCode(code=code.code, words=code.words, synonyms=code.synonyms, note=str(code.severity)) for code in codes
        ),
        favourites=tuple(code.code for code in codes if code.favourite),
    )


async def kiosk_app(
    config: Config,
    station: StationStanza,
    store: Store,
    *,
    selection: ScannerSelection | None,
    suggest: SuggestNextScan | None = None,
    may_end: bool = False,
    clock: Callable[[], datetime] | None = None,
    keeping: Keeping | None = None,
    offline: bool = False,
) -> KioskApp:
    """Return a station's app over an open store; the station is defined there if it was not.

    ``keeping`` holds scans while the database is away. ``offline`` starts from what it
    remembers: then nothing is asked of the store now.

    What happens is dated by ``clock``, which is the database's own where none is given.
    ``selection`` is None where codes come from the terminal only. ``may_end`` puts a
    key on the footer that ends the app, for the demo.
    """
    clock = clock or store.clock.now

    async def define() -> tuple[StationDefinition, ...]:
        known = {row.station_id: row.definition for row in await store.stations()}
        definition = station.definition(known.values())
        if known.get(definition.station_id) != definition:
            # Asked only where there is news: a refusal at every start would fill the leads' scan log.
            command = DefineStation(at=clock(), operator_id=None, station_id=definition.station_id, station=definition)
            await store.run(command)
            known[definition.station_id] = definition
        return tuple(known.values())

    async def prepare() -> None:
        # Before anything is dated: this machine's own clock may be years off.
        await store.ask_the_time()
        await define()

    stations = keeping.stations if offline and keeping is not None else await define()
    definition = station.definition(stations)
    words = Words.of(
        stations,
        qa_words={code.code: code.words for code in config.qa.codes},
        zone=config.shop.zone,
    )
    around = Surroundings(station=definition, store=store, words=words)

    def make_session(publish: Callable[[], None]) -> StationSession:
        return StationSession(
            around,
            work_of(qa_catalogue(config)),
            clock=clock,
            monotonic=time.monotonic,
            new_id=new_command_id,
            publish=publish,
            process=f"{socket.gethostname()}:{os.getpid()}",
            version=version("kiosk"),
            may_end=may_end,
            keeping=keeping,
            prepare=prepare if offline else None,
        )

    reads_devices = selection is not None and why_not_evdev(selection) is None
    return KioskApp(
        make_session,
        selection=selection if reads_devices else None,
        decoder=station.scanner.selection().decoder,
        theme_name=_theme(config),
        volume=config.display.volume if config.display.sound else None,
        suggest=suggest,
        clock=clock,
    )


def _ask_the_terminal() -> None:
    """Take the size from the terminal: what some shells export is true only until it is made another size."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


async def run_app(app: ScreenHost) -> int:
    """Run an app, to which this process belongs, until it ends; return its exit code."""
    _ask_the_terminal()
    manager = service_manager()
    if manager is not None:
        # What was shown before has ended, and on a slow machine this app is not up soon.
        manager.alive()
    app.garbage = GarbageAtRest()
    code = await app.run_async()
    return code or app.return_code or 0


async def _opened_at_once(opening: "asyncio.Task[Store]") -> Store | None:
    """Return the store where it opens before anybody wonders; None where it does not, or not yet."""
    done, _ = await asyncio.wait((opening,), timeout=_AT_ONCE_SECONDS)
    if not done:
        return None
    try:
        return opening.result()
    except StoreUnavailable:
        return None


def _waiting(
    config: Config,
    station: StationStanza,
    first: "asyncio.Task[Store]",
    opened: Callable[[], Awaitable[Store]],
    *,
    without: Callable[[], Awaitable[str | None]],
    is_embedded: bool,
) -> WaitingApp:
    """Return the app that waits for the answer to the ``first`` time, where there is none yet, and then asks again."""
    under_way = [] if first.done() else [first]

    async def answered() -> Store:
        return await (under_way.pop() if under_way else opened())

    return WaitingApp(
        station,
        answered,
        theme_name=_theme(config),
        zone=config.shop.zone,
        is_embedded=is_embedded,
        without=without,
        patience=_PATIENCE_SECONDS,
    )


async def run_station(config: Config, station: StationStanza, *, wedge: bool = False) -> int:
    """Open the configured database and run a station's app until it ends; return its exit code.

    Where the database is not there yet the station works with what this terminal remembers; one
    that remembers nothing of this station waits, on the screen. ``wedge`` reads codes from the
    terminal only, whatever the station's scanner is. Raises what `open_store` raises, but
    for StoreUnavailable.
    """
    _ask_the_terminal()
    async with AsyncExitStack() as closing:
        keeping = await Keeping.opened(spool_path(config, station))
        closing.push_async_callback(keeping.close)

        async def opened(*, wait: bool = True) -> Store:
            return await closing.enter_async_context(open_store(config, station=station, wait=wait))

        is_embedded = database_dsn(config) is None
        runs_already = is_embedded and is_running(embedded_folder(config))

        def goes_on() -> bool:
            """Whether there is a server for the store to wait for: one that this process has to start is none yet."""
            joined = join_unasked(embedded_folder(config)) if runs_already else None
            if joined is not None:
                # Held from now on: it must not stop before the store uses it.
                closing.callback(joined.close)
            return not is_embedded or joined is not None

        async def without() -> str | None:
            """Say why the station cannot begin without the database; None where it can."""
            known = await keeping.stations_known()
            if station.definition(known) in known and goes_on():
                return None
            return "" if keeping.trouble is None else keeps_nothing(keeping.trouble)

        opening = asyncio.create_task(opened())
        store, offline = await _opened_at_once(opening), False
        if store is None and not (opening.done() and await without() is None):
            waiting = _waiting(config, station, opening, opened, without=without, is_embedded=is_embedded)
            ended = await waiting.run_async()
            if waiting.failure is not None:
                raise waiting.failure from None
            store = waiting.store
            if store is None and not waiting.gave_up:
                return ended or 0
        if store is None:
            store, offline = await opened(wait=False), True
        store.start_automations()
        selection = station.scanner.selection(wedge=wedge)
        app = await kiosk_app(config, station, store, selection=selection, keeping=keeping, offline=offline)
        return await run_app(app)
