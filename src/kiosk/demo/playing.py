"""`kiosk demo`: the shop in a process of its own, and a station's real app for whoever plays.

Called by `kiosk.cli`. The shop (`live`) loads itself and says when there is something to see; until
then this process brings in what the screens need.
"""

import asyncio
import contextlib
import itertools
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from core.domain.values import StationRole
from kiosk.background import in_background, server_awaited
from kiosk.config.choosing import station_named
from kiosk.config.file import Config
from kiosk.config.terminal import Theme
from kiosk.demo.parts import MANAGER, MANAGER_PIN, PARTS, READY, again
from kiosk.demo_shop import demo_config
from store.embedded import EmbeddedServerError, default_folder, wait_until_stopped

__all__ = ["demo_folder", "run_demo"]

Answer = TypeVar("Answer")

_END_SECONDS: Final = 10.0
_FRESH_SECONDS: Final = 3.0


class DemoFailed(Exception):  # noqa: N818 - named like the sentence it is printed as
    """The demo's shop could not be opened; the text is a sentence for whoever asked for it."""


def demo_folder() -> Path:
    """Where the demo keeps its data, apart from a shop's own."""
    return default_folder().with_name("demo")


def run_demo(
    role: StationRole = StationRole.ASSEMBLY,
    *,
    theme: str | None = None,
    quiet: bool = False,
    fresh: bool = False,
    folder: Path | None = None,
) -> int:
    """Open a role's app in the demo's shop until it is left; 0 where all went well, 1 with a sentence where not."""
    place = folder or demo_folder()
    _say(f"Opening the demo's shop in {place} …")
    try:
        if fresh:
            _begin_anew(place)
        with _live_shop(place, PARTS[role].station_id) as shop:
            code = asyncio.run(_play(role, _config(theme, quiet=quiet), place, shop))
    except (DemoFailed, EmbeddedServerError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    _say(f"The demo's shop is kept in {place}: `{again()}` goes on with it, `{again(fresh=True)}` begins anew.")
    _say("`kiosk labels control-card` prints the wall card (RESET, UNDO, PASS, PARK, SEAL …) for a real scanner.")
    _say(f"The manager of the demo is {MANAGER}, PIN {MANAGER_PIN}.")
    return code


def _say(text: str) -> None:
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def _spools(place: Path) -> Path:
    """Where the stations that are played keep what the demo's database does not take, each in a file of its own."""
    return place.with_name(f"{place.name}-spool")


def _begin_anew(place: Path) -> None:
    # What was kept belongs to the shop that ends here.
    shutil.rmtree(_spools(place), ignore_errors=True)
    if not place.exists():
        return
    if not wait_until_stopped(place, seconds=_FRESH_SECONDS):
        raise DemoFailed(f"Another demo is open on {place}: leave it first, then --fresh can begin anew.")
    shutil.rmtree(place)


def _config(theme: str | None, *, quiet: bool) -> Config:
    config = demo_config()
    display = config.display.model_copy(
        update={
            **({"theme": Theme(theme)} if theme else {}),
            **({"sound": False} if quiet else {}),
        }
    )
    return config.model_copy(update={"display": display})


# -- the shop's process -----------------------------------------------------------


@contextmanager
def _live_shop(place: Path, station: str) -> Generator[subprocess.Popen[str]]:
    """The shop at work in a process of its own, which ends with this one, however this one ends."""
    place.parent.mkdir(parents=True, exist_ok=True)
    log_path = place.with_name(f"{place.name}.log")
    with log_path.open("w", encoding="utf-8") as log:
        shop = subprocess.Popen(
            [sys.executable, "-m", "kiosk.demo.live", str(place), station],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # Ctrl+C is for this process alone; the shop ends when its standard input does.
            start_new_session=True,
        )
    try:
        yield shop
    finally:
        if shop.stdin is not None:
            with contextlib.suppress(OSError):
                shop.stdin.close()
        try:
            shop.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            shop.kill()
            shop.wait()
        if shop.stdout is not None:
            shop.stdout.close()


def _wait_until_ready(shop: subprocess.Popen[str], place: Path) -> None:
    line = "" if shop.stdout is None else shop.stdout.readline().strip()
    if line == READY:
        return
    if line:
        raise DemoFailed(line)
    raise DemoFailed(f"The demo's shop ended at once; {place.with_name(f'{place.name}.log')} says why.")


async def _telling(what: str, awaited: Awaitable[Answer]) -> Answer:
    """Wait for something, and from the first second on say for what, since when and how to leave."""
    task = asyncio.ensure_future(awaited)
    said = ""
    for seconds in itertools.count(1):
        await asyncio.wait((task,), timeout=1.0)
        if task.done():
            break
        if sys.stdout.isatty():
            said = f"{what}, {seconds // 60}:{seconds % 60:02d} so far; it goes on by itself. Ctrl+C leaves."
            sys.stdout.write(f"\r{said}")
            sys.stdout.flush()
        elif seconds == 1:
            _say(f"{what}; it goes on by itself. Ctrl+C leaves.")
    if said:
        sys.stdout.write(f"\r{' ' * len(said)}\r")
    return await task


# -- the player's station -----------------------------------------------------------


async def _play(role: StationRole, config: Config, place: Path, shop: subprocess.Popen[str]) -> int:
    # Starting the server is half of the wait, and neither process needs the other for it.
    started = asyncio.create_task(server_awaited(place))
    ready = asyncio.create_task(in_background(lambda: _wait_until_ready(shop, place)))
    await asyncio.sleep(0)
    # Imported while the shop loads: Textual takes a quarter of a second.
    from kiosk.demo.advising import adviser  # noqa: PLC0415
    from kiosk.running import kiosk_app, run_app  # noqa: PLC0415
    from kiosk.station_session.keeping import Keeping  # noqa: PLC0415
    from store.store import Store  # noqa: PLC0415

    part = PARTS[role]
    stanza = station_named(config, part.station_id)
    if stanza is None:
        raise DemoFailed(f"The demo's kiosk.toml has no station {part.station_id}.")
    server = await _telling("Waiting for the demo's database server", started)
    async with contextlib.AsyncExitStack() as closing:
        closing.callback(server.close)
        await _telling("Waiting for the demo's shop to be loaded", ready)
        store = await closing.enter_async_context(
            await Store.open(server.dsn, station_id=part.station_id, policy=config.policy(stanza))
        )
        keeping = await Keeping.opened(_spools(place) / f"{part.station_id}.db")
        closing.push_async_callback(keeping.close)
        app = await kiosk_app(
            config,
            stanza,
            store,
            selection=stanza.scanner.selection(),
            suggest=adviser(store, stanza.definition(), part, guard_seconds=float(stanza.repeat_guard_seconds)),
            may_end=True,
            keeping=keeping,
        )
        return await run_app(app)
