"""Pictures of the screens for the README, and for looking at: ``python -m tests.pictures [FOLDER]``.

Without a folder docs/pictures is made anew; with one, every golden's screen is drawn there as well, in every theme
and at every size. The README's two come from the demo's own shop at work, the others from the stories and the
gallery of ``tests.kiosk.screens``. Needs ``rsvg-convert`` and the font JetBrains Mono, and says so where they are not
there: ``apt install librsvg2-bin fontconfig fonts-jetbrains-mono``.

Cells are drawn one by one: blocks and lines as rectangles of whole pixels, as a terminal draws them, so that big
type has no seams.
"""

import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from core.domain.values import StationDefinition, StationRole
from core.identity.ids import OperatorId
from kiosk.app import FromScanner, KioskApp
from kiosk.config.choosing import station_named
from kiosk.demo.advising import adviser
from kiosk.demo.live import run_shop
from kiosk.demo.parts import PARTS
from kiosk.demo_shop import demo_config
from kiosk.running import kiosk_app
from kiosk.scanner.messages import ScanRead
from kiosk.screens import ScreenHost
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.leads import LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from store import Store
from store.migrations import migrate
from tests.kiosk.screens.capture import SIZES_OF_TERMINALS, RecordingApp, strips_of
from tests.kiosk.screens.gallery import AT_THE_LIMITS, GALLERY
from tests.kiosk.screens.stories import STORIES, named
from tests.kiosk.screens.stories_away import AWAY
from tests.kiosk.screens.stories_seldom import SELDOM
from tests.kiosk.station_session.bench import Station, at_work
from tests.kiosk.station_session.outage import Terminal
from tests.support.database import create_database, drop_database
from tests.support.floor import Floor
from tests.support.proxy import line_to
from tests.support.servers import postgres_for_tests
from tests.support.waiting import eventually

WIDTH, HEIGHT = 12, 24
BASELINE = 18
FONT = "JetBrains Mono"
PICTURES = Path(__file__).parent.parent / "docs" / "pictures"

_SIXTEEN = TerminalTheme(
    (0, 0, 0),
    (170, 170, 170),
    [(0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)],
    [
        (85, 85, 85),
        (255, 85, 85),
        (85, 255, 85),
        (255, 255, 85),
        (85, 85, 255),
        (255, 85, 255),
        (85, 255, 255),
        (255, 255, 255),
    ],
)
"""The colours of the Linux console."""

_EIGHTHS = {chr(0x2581 + n): (0, HEIGHT - (n + 1) * 3, WIDTH, (n + 1) * 3) for n in range(8)}
_BLOCKS = _EIGHTHS | {
    "▀": (0, 0, WIDTH, 12),
    "▄": (0, 12, WIDTH, 12),
    "▌": (0, 0, 6, HEIGHT),
    "▐": (6, 0, 6, HEIGHT),
    "─": (0, 11, WIDTH, 2),
    "│": (5, 0, 2, HEIGHT),
}
THEMES = ("night", "day", "console")
_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}


def drawn(app: ScreenHost) -> str:
    """What is on an app's terminal now, as SVG."""
    rows = strips_of(app)
    columns = max(sum(len(text) for text, _ in row) for row in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * WIDTH}" height="{len(rows) * HEIGHT}">',
        f'<g font-family="{FONT}" font-size="20" shape-rendering="crispEdges">',
    ]
    inks: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        for text, style in row:
            ink, paper = _colours(style or Style())
            place = f'x="{x * WIDTH}" y="{y * HEIGHT}"'
            parts.append(f'<rect {place} width="{len(text) * WIDTH}" height="{HEIGHT}" fill="{paper}"/>')
            inks += _inks(x * WIDTH, y * HEIGHT, text, ink, is_bold=bool(style and style.bold))
            x += len(text)
    # A glyph may be wider than its cell, and the paper beside it must not cover it.
    return "\n".join([*parts, *inks, "</g></svg>"])


def _colours(style: Style) -> tuple[str, str]:
    ink, paper = _colour(style.color, foreground=True), _colour(style.bgcolor, foreground=False)
    return (paper, ink) if style.reverse else (ink, paper)


def _inks(x: int, y: int, text: str, ink: str, *, is_bold: bool) -> Iterable[str]:
    for place, character in enumerate(text):
        left = x + place * WIDTH
        if character in _SHADES:
            opacity = _SHADES[character]
            yield f'<rect x="{left}" y="{y}" width="{WIDTH}" height="{HEIGHT}" fill="{ink}" opacity="{opacity}"/>'
        elif character in _BLOCKS:
            dx, dy, width, height = _BLOCKS[character]
            yield f'<rect x="{left + dx}" y="{y + dy}" width="{width}" height="{height}" fill="{ink}"/>'
        elif character != " ":
            weight = "bold" if is_bold else "normal"
            yield f'<text x="{left}" y="{y + BASELINE}" fill="{ink}" font-weight="{weight}">{escape(character)}</text>'


def _colour(colour: Color | None, *, foreground: bool) -> str:
    return (colour or Color.default()).get_truecolor(_SIXTEEN, foreground=foreground).hex


def save(svg: str, path: Path) -> None:
    """Write a drawing as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["rsvg-convert", "--output", str(path)], input=svg, text=True, check=True)


async def save_sizes(name: str, shown: StationSnapshot, folder: Path, theme: str) -> None:
    """Write a snapshot in one theme at every size."""
    app = RecordingApp(theme_name=theme)
    async with app.run_test(size=SIZES_OF_TERMINALS[0]) as pilot:
        app.show_snapshot(shown)
        for columns, rows in SIZES_OF_TERMINALS:
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            save(drawn(app), folder / f"{name}_{theme}_{columns}x{rows}.png")


async def save_looked_at(folder: Path, dsn: str) -> None:
    """Write the screens of all stories and of the gallery, in every theme and at every size."""
    shown = {name: GALLERY[name] for name in AT_THE_LIMITS}
    for name in (*STORIES, *SELDOM, *AWAY):
        async with database(dsn, f"story_of_{name}") as own:
            shown[f"played_{name}"] = await told(name, own)
    for theme in THEMES:
        for name, snapshot in shown.items():
            await save_sizes(name, snapshot, folder, theme)


async def told(name: str, dsn: str) -> StationSnapshot:
    """What a station shows at the end of a story that is played on an empty database."""
    async with await Store.open(dsn, station_id="TEST-1") as store, contextlib.AsyncExitStack() as closing:
        floor = await Floor(store).furnish()
        await named(floor)

        if name in AWAY:
            line = await closing.enter_async_context(line_to(dsn))
            folder = closing.enter_context(tempfile.TemporaryDirectory())
            terminal = Terminal(floor, line, Path(folder))
            closing.push_async_callback(terminal.kill)
            return await AWAY[name](floor, terminal)

        async def opened(definition: StationDefinition, by: OperatorId | None = None, **more: Any) -> Station:
            station = await closing.enter_async_context(at_work(Station(floor, definition, **more)))
            return station if by is None else await station.log_on(by)

        story = STORIES.get(name) or SELDOM[name]
        return await (await story(floor, opened)).caught_up()


async def save_demo(folder: Path, dsn: str) -> None:
    """Write what a player sees in the demo: assembly in the middle of a tray, and the leads' floor."""
    async with database(dsn, "demo") as own:
        for role, scans in ((StationRole.ASSEMBLY, 3), (StationRole.LEAD, 0)):
            part = PARTS[role]
            async with shop_at_work(own, part.station_id), await Store.open(own, station_id=part.station_id) as store:
                stanza = station_named(demo_config(), part.station_id)
                assert stanza is not None
                advise = adviser(store, stanza.definition(), part, guard_seconds=float(stanza.repeat_guard_seconds))
                app = await kiosk_app(demo_config(), stanza, store, selection=None, suggest=advise, may_end=True)
                async with app.run_test(size=(100, 30)):
                    await play(app, part.badge, scans)
                    save(drawn(app), folder / f"{role.lower()}.png")


async def play(app: KioskApp, badge: OperatorId, scans: int) -> None:
    """Log on, scan what the demo advises so many times, and let the shop go on until there is something to see."""
    await shows(app, lambda shown: shown.header.connection is ConnectionState.ONLINE)
    read(app, badge)
    await shows(app, lambda shown: shown.header.operator)
    for _ in range(scans):
        await shows(app, lambda shown: shown.next_scan)
        assert app.snapshot is not None
        assert app.snapshot.next_scan is not None
        code = app.snapshot.next_scan.code
        read(app, code)
        await shows(app, lambda shown, code=code: shown.next_scan and shown.next_scan.code != code)
    if not scans:
        await shows(app, lambda shown: isinstance(shown.work, LeadView) and any(row.now for row in shown.work.stations))
        await shows(app, lambda shown: shown.verdict.state is VerdictState.READY)


def read(app: KioskApp, code: str) -> None:
    """Let a scanner read a code."""
    app.post_message(FromScanner(ScanRead(text=code, scanner="a scanner", began=0.0, ended=0.0)))


async def shows(app: KioskApp, condition: Callable[[StationSnapshot], object]) -> None:
    """Wait until what is on the screen fulfils a condition."""
    await eventually(lambda: app.snapshot is not None and condition(app.snapshot), 120)


@contextlib.asynccontextmanager
async def shop_at_work(dsn: str, played: str) -> AsyncGenerator[None]:
    """The demo's shop, loaded where it is new, with everybody but the player at work."""
    ended, playable = asyncio.Event(), asyncio.Event()
    work = asyncio.create_task(run_shop(dsn, played, ended, playable.set))
    try:
        await playable.wait()
        yield
    finally:
        ended.set()
        await work


@contextlib.asynccontextmanager
async def database(dsn: str, name: str) -> AsyncGenerator[str]:
    """A migrated database of that name, dropped at the end."""
    own = create_database(dsn, name)
    await migrate(own)
    try:
        yield own
    finally:
        drop_database(dsn, name)


def lacks() -> list[str]:
    """Say what this machine lacks to draw: it would take another font for one that it has not, without a word."""
    found: list[str] = []
    if shutil.which("rsvg-convert") is None:
        found.append("the program rsvg-convert: apt install librsvg2-bin")
    asks = shutil.which("fc-match")
    if asks is None:
        found.append(f"the program fc-match, which tells whether the font {FONT} is there: apt install fontconfig")
        return found
    taken = subprocess.run([asks, "--format=%{family}", FONT], capture_output=True, text=True, check=False).stdout
    if FONT not in (family.strip() for family in taken.split(",")):
        found.append(f"the font {FONT}: apt install fonts-jetbrains-mono")
    return found


def main(arguments: Sequence[str]) -> int:
    """Make the README's pictures, or draw everything into the folder that is named; 2 where that cannot be."""
    if len(arguments) > 1 or any(each.startswith("-") for each in arguments):
        sys.stderr.write("python -m tests.pictures [FOLDER]\n")
        return 2
    if missing := lacks():
        lines = ["The pictures cannot be drawn here, for this machine lacks", *(f"  {each}" for each in missing)]
        sys.stderr.write("\n".join(lines) + "\n")
        return 2
    with postgres_for_tests() as dsn:
        if arguments:
            asyncio.run(save_looked_at(Path(arguments[0]), dsn))
        else:
            asyncio.run(save_demo(PICTURES, dsn))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
