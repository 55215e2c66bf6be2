"""Colours of the kiosk: night, day and a hand-made set for consoles with sixteen colours.

A `Palette` names every colour by its place on the screen; widgets ask it for styles while
painting and never name a colour themselves. `install_themes` tells Textual about them, so that
the app's `theme` attribute chooses. Which glyphs the terminal's font has goes with the palette.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from rich.style import Style
from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from kiosk.bigtype import GlyphSet
from kiosk.snapshots.slots import SlotState
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import VerdictState


@lru_cache(maxsize=512)
def _style(ink: str, paper: str, *, bold: bool) -> Style:
    # A console makes a bold colour its bright one, so bold black on green would be grey on green.
    return Style(color=ink, bgcolor=paper, bold=bold and not ink.startswith("color("))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Ink on paper, and a quieter ink for second-rate words on the same paper."""

    paper: str
    ink: str
    quiet: str

    def style(self, *, bold: bool = True, quiet: bool = False) -> Style:
        """The style of words in this pair."""
        return _style(self.quiet if quiet else self.ink, self.paper, bold=bold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Every colour of one theme, by its place. Colours are "#rrggbb" or the sixteen "color(n)"."""

    name: str
    dark: bool
    glyphs: GlyphSet
    base: Pair
    panel: Pair
    """Header and footer."""
    key: Pair
    """A key cap in the footer, a chip."""
    label: Pair
    """The station's name."""
    selected: Pair
    faint: str
    """Words that matter last: what is not here yet, what has gone."""
    rule: str
    verdicts: Mapping[VerdictState, Pair]
    slots: Mapping[SlotState, Pair]
    tones: Mapping[Tone, str]
    """Ink of a tone on the base."""
    badges: Mapping[Tone, Pair]
    bar: Pair
    """A progress bar: ink is what is done, paper what is left."""
    stages: tuple[Pair, ...]
    """Stages of a route from first to last: brightness is progress."""
    stop: Pair

    def text(self, *, bold: bool = False) -> Style:
        """Plain words on the base."""
        return _style(self.base.ink, self.base.paper, bold=bold)

    def quiet(self) -> Style:
        """Second-rate words on the base."""
        return _style(self.base.quiet, self.base.paper, bold=False)

    def tone(self, tone: Tone, *, paper: str | None = None, bold: bool | None = None) -> Style:
        """Words of a tone, on the base or on `paper`; bold where the tone is not a quiet one."""
        strong = tone not in {Tone.DIM, Tone.NORMAL} if bold is None else bold
        return _style(self.tones[tone], paper or self.base.paper, bold=strong)

    def on(self, ink: str, paper: str | None = None, *, bold: bool = False) -> Style:
        """Any ink on any paper of this palette (on the base where none is given)."""
        return _style(ink, paper or self.base.paper, bold=bold)


_ACCEPTED: Final = "#2bb38a"
_REJECTED: Final = "#c8201a"
_ATTENTION: Final = "#ffb000"
_OFFLINE: Final = "#2c6fd6"
_BLACK: Final = "#0d0f11"

NIGHT: Final = Palette(
    name="night",
    dark=True,
    glyphs=GlyphSet.HALF,
    base=Pair(paper="#14171a", ink="#e9ecef", quiet="#9aa2ab"),
    panel=Pair(paper="#1d2126", ink="#e9ecef", quiet="#9aa2ab"),
    key=Pair(paper="#2b3037", ink="#f4f6f8", quiet="#b4bbc3"),
    label=Pair(paper="#c8ccd2", ink=_BLACK, quiet="#3a4047"),
    selected=Pair(paper="#2b3037", ink="#ffffff", quiet="#b4bbc3"),
    faint="#737c86",
    rule="#3a4047",
    verdicts=MappingProxyType(
        {
            VerdictState.READY: Pair(paper="#2b3037", ink="#f4f6f8", quiet="#b4bbc3"),
            VerdictState.CHECKING: Pair(paper="#1d2126", ink="#b4bbc3", quiet="#9aa2ab"),
            VerdictState.ACCEPTED: Pair(paper=_ACCEPTED, ink=_BLACK, quiet=_BLACK),
            VerdictState.REJECTED: Pair(paper=_REJECTED, ink="#ffffff", quiet="#ffffff"),
            VerdictState.ATTENTION: Pair(paper=_ATTENTION, ink=_BLACK, quiet=_BLACK),
            VerdictState.OFFLINE: Pair(paper=_OFFLINE, ink="#ffffff", quiet="#ffffff"),
        }
    ),
    slots=MappingProxyType(
        {
            SlotState.IN: Pair(paper="#c8ccd2", ink=_BLACK, quiet=_BLACK),
            SlotState.NEW: Pair(paper=_ACCEPTED, ink=_BLACK, quiet=_BLACK),
            SlotState.KEPT: Pair(paper=_OFFLINE, ink="#ffffff", quiet="#ffffff"),
            SlotState.ELSEWHERE: Pair(paper="#1f242a", ink="#7d8791", quiet="#e9ecef"),
            SlotState.HOLD: Pair(paper="#33270c", ink=_ATTENTION, quiet=_ATTENTION),
            SlotState.REMAKE: Pair(paper="#381a19", ink="#ff8a80", quiet="#ff8a80"),
            SlotState.REPLACED: Pair(paper="#c8ccd2", ink="#7a3c00", quiet="#7a3c00"),
        }
    ),
    tones=MappingProxyType(
        {
            Tone.DIM: "#737c86",
            Tone.NORMAL: "#c6ccd2",
            Tone.STRONG: "#f4f6f8",
            Tone.GOOD: "#3fcf9f",
            Tone.ATTENTION: _ATTENTION,
            Tone.BAD: "#ff8a80",
            Tone.OFFLINE: "#7fb2ff",
        }
    ),
    badges=MappingProxyType(
        {
            Tone.DIM: Pair(paper="#1d2126", ink="#9aa2ab", quiet="#9aa2ab"),
            Tone.NORMAL: Pair(paper="#2b3037", ink="#e9ecef", quiet="#b4bbc3"),
            Tone.STRONG: Pair(paper="#c8ccd2", ink=_BLACK, quiet=_BLACK),
            Tone.GOOD: Pair(paper=_ACCEPTED, ink=_BLACK, quiet=_BLACK),
            Tone.ATTENTION: Pair(paper=_ATTENTION, ink=_BLACK, quiet=_BLACK),
            Tone.BAD: Pair(paper=_REJECTED, ink="#ffffff", quiet="#ffffff"),
            Tone.OFFLINE: Pair(paper=_OFFLINE, ink="#ffffff", quiet="#ffffff"),
        }
    ),
    bar=Pair(paper="#23282e", ink="#c8ccd2", quiet="#8b949d"),
    stages=(
        Pair(paper="#2b3037", ink="#f4f6f8", quiet="#f4f6f8"),
        Pair(paper="#3a424b", ink="#f4f6f8", quiet="#f4f6f8"),
        Pair(paper="#4d5863", ink="#ffffff", quiet="#ffffff"),
        Pair(paper="#67737f", ink="#ffffff", quiet="#ffffff"),
        Pair(paper="#97a2ad", ink=_BLACK, quiet=_BLACK),
        Pair(paper="#c8ccd2", ink=_BLACK, quiet=_BLACK),
        Pair(paper="#eef1f3", ink=_BLACK, quiet=_BLACK),
    ),
    stop=Pair(paper=_REJECTED, ink="#ffffff", quiet="#ffffff"),
)

DAY: Final = Palette(
    name="day",
    dark=False,
    glyphs=GlyphSet.HALF,
    base=Pair(paper="#d2d5d8", ink="#14171a", quiet="#454c54"),
    panel=Pair(paper="#bcc1c9", ink="#14171a", quiet="#3d444b"),
    key=Pair(paper="#e6e9ec", ink="#0d0f11", quiet="#3d444b"),
    label=Pair(paper="#ffffff", ink="#0d0f11", quiet="#3d444b"),
    selected=Pair(paper="#f4f6f8", ink="#0d0f11", quiet="#3d444b"),
    faint="#626a72",
    rule="#a3a9b0",
    verdicts=MappingProxyType(
        {
            VerdictState.READY: Pair(paper="#eef0f2", ink="#14171a", quiet="#454c54"),
            VerdictState.CHECKING: Pair(paper="#bcc1c9", ink="#3d444b", quiet="#3d444b"),
            VerdictState.ACCEPTED: Pair(paper=_ACCEPTED, ink=_BLACK, quiet=_BLACK),
            VerdictState.REJECTED: Pair(paper=_REJECTED, ink="#ffffff", quiet="#ffffff"),
            VerdictState.ATTENTION: Pair(paper=_ATTENTION, ink=_BLACK, quiet=_BLACK),
            VerdictState.OFFLINE: Pair(paper=_OFFLINE, ink="#ffffff", quiet="#ffffff"),
        }
    ),
    slots=MappingProxyType(
        {
            SlotState.IN: Pair(paper="#ffffff", ink=_BLACK, quiet=_BLACK),
            SlotState.NEW: Pair(paper=_ACCEPTED, ink=_BLACK, quiet=_BLACK),
            SlotState.KEPT: Pair(paper=_OFFLINE, ink="#ffffff", quiet="#ffffff"),
            SlotState.ELSEWHERE: Pair(paper="#bcc1c9", ink="#5c646c", quiet="#14171a"),
            SlotState.HOLD: Pair(paper="#ffdf9c", ink="#5c3d00", quiet="#5c3d00"),
            SlotState.REMAKE: Pair(paper="#f6c7c3", ink="#9d130e", quiet="#9d130e"),
            SlotState.REPLACED: Pair(paper="#ffffff", ink="#7a3c00", quiet="#7a3c00"),
        }
    ),
    tones=MappingProxyType(
        {
            Tone.DIM: "#626a72",
            Tone.NORMAL: "#2a3037",
            Tone.STRONG: "#0d0f11",
            Tone.GOOD: "#00563c",
            Tone.ATTENTION: "#5c3d00",
            Tone.BAD: "#9d130e",
            Tone.OFFLINE: "#0f3f8c",
        }
    ),
    badges=MappingProxyType(
        {
            Tone.DIM: Pair(paper="#bcc1c9", ink="#454c54", quiet="#454c54"),
            Tone.NORMAL: Pair(paper="#eef0f2", ink="#14171a", quiet="#454c54"),
            Tone.STRONG: Pair(paper="#ffffff", ink="#0d0f11", quiet="#0d0f11"),
            Tone.GOOD: Pair(paper=_ACCEPTED, ink=_BLACK, quiet=_BLACK),
            Tone.ATTENTION: Pair(paper=_ATTENTION, ink=_BLACK, quiet=_BLACK),
            Tone.BAD: Pair(paper=_REJECTED, ink="#ffffff", quiet="#ffffff"),
            Tone.OFFLINE: Pair(paper=_OFFLINE, ink="#ffffff", quiet="#ffffff"),
        }
    ),
    bar=Pair(paper="#bcc1c9", ink="#30363d", quiet="#5c646c"),
    stages=(
        Pair(paper="#c2c7cd", ink="#14171a", quiet="#14171a"),
        Pair(paper="#adb4bb", ink="#14171a", quiet="#14171a"),
        Pair(paper="#949ca5", ink="#0d0f11", quiet="#0d0f11"),
        Pair(paper="#6d7680", ink="#ffffff", quiet="#ffffff"),
        Pair(paper="#555e68", ink="#ffffff", quiet="#ffffff"),
        Pair(paper="#394149", ink="#ffffff", quiet="#ffffff"),
        Pair(paper="#14171a", ink="#ffffff", quiet="#ffffff"),
    ),
    stop=Pair(paper=_REJECTED, ink="#ffffff", quiet="#ffffff"),
)

# The sixteen colours by number. The Linux console has only eight for paper, so 0 to 7 there;
# 8 to 15 are for ink.
_K, _R, _G, _Y, _B, _W = "color(0)", "color(1)", "color(2)", "color(3)", "color(4)", "color(7)"
_GREY, _LR, _LG, _LY, _LB, _LW = "color(8)", "color(9)", "color(10)", "color(11)", "color(12)", "color(15)"

CONSOLE: Final = Palette(
    name="console",
    dark=True,
    glyphs=GlyphSet.FULL,
    base=Pair(paper=_K, ink=_LW, quiet=_W),
    panel=Pair(paper=_K, ink=_LW, quiet=_W),
    key=Pair(paper=_W, ink=_K, quiet=_K),
    label=Pair(paper=_W, ink=_K, quiet=_K),
    selected=Pair(paper=_B, ink=_LW, quiet=_W),
    faint=_W,
    rule=_GREY,
    verdicts=MappingProxyType(
        {
            VerdictState.READY: Pair(paper=_K, ink=_LW, quiet=_W),
            VerdictState.CHECKING: Pair(paper=_K, ink=_W, quiet=_W),
            VerdictState.ACCEPTED: Pair(paper=_G, ink=_K, quiet=_K),
            VerdictState.REJECTED: Pair(paper=_R, ink=_LW, quiet=_LW),
            VerdictState.ATTENTION: Pair(paper=_Y, ink=_K, quiet=_K),
            VerdictState.OFFLINE: Pair(paper=_B, ink=_LW, quiet=_LW),
        }
    ),
    slots=MappingProxyType(
        {
            SlotState.IN: Pair(paper=_W, ink=_K, quiet=_K),
            SlotState.NEW: Pair(paper=_G, ink=_K, quiet=_K),
            SlotState.KEPT: Pair(paper=_B, ink=_LW, quiet=_LW),
            SlotState.ELSEWHERE: Pair(paper=_K, ink=_W, quiet=_LW),
            SlotState.HOLD: Pair(paper=_Y, ink=_K, quiet=_K),
            SlotState.REMAKE: Pair(paper=_R, ink=_LW, quiet=_LW),
            SlotState.REPLACED: Pair(paper=_W, ink=_R, quiet=_R),
        }
    ),
    tones=MappingProxyType(
        {
            Tone.DIM: _W,
            Tone.NORMAL: _W,
            Tone.STRONG: _LW,
            Tone.GOOD: _LG,
            Tone.ATTENTION: _LY,
            Tone.BAD: _LR,
            Tone.OFFLINE: _LB,
        }
    ),
    badges=MappingProxyType(
        {
            Tone.DIM: Pair(paper=_K, ink=_W, quiet=_W),
            Tone.NORMAL: Pair(paper=_K, ink=_LW, quiet=_W),
            Tone.STRONG: Pair(paper=_W, ink=_K, quiet=_K),
            Tone.GOOD: Pair(paper=_G, ink=_K, quiet=_K),
            Tone.ATTENTION: Pair(paper=_Y, ink=_K, quiet=_K),
            Tone.BAD: Pair(paper=_R, ink=_LW, quiet=_LW),
            Tone.OFFLINE: Pair(paper=_B, ink=_LW, quiet=_LW),
        }
    ),
    bar=Pair(paper=_K, ink=_W, quiet=_W),
    stages=(
        Pair(paper=_K, ink=_LW, quiet=_LW),
        Pair(paper=_B, ink=_LW, quiet=_LW),
        Pair(paper=_K, ink=_LW, quiet=_LW),
        Pair(paper=_B, ink=_LW, quiet=_LW),
        Pair(paper=_K, ink=_LW, quiet=_LW),
        Pair(paper=_W, ink=_K, quiet=_K),
        Pair(paper=_W, ink=_K, quiet=_K),
    ),
    stop=Pair(paper=_R, ink=_LW, quiet=_LW),
)

PALETTES: Final[Mapping[str, Palette]] = MappingProxyType({palette.name: palette for palette in (NIGHT, DAY, CONSOLE)})
"""Every theme by its name; the names are what kiosk.toml may say."""


def theme_for_terminal(term: str, wanted: str = NIGHT.name) -> str:
    """The theme to start with: the console's sixteen colours where TERM says so, else the wanted one."""
    return CONSOLE.name if term in {"linux", "console", "vt100", "vt102", "vt220"} else wanted


def palette_of(theme: str) -> Palette:
    """The palette of a Textual theme's name; night for any other."""
    return PALETTES.get(theme, NIGHT)


def install_themes(app: App[Any]) -> None:
    """Register the three themes with the app; it then chooses one by its `theme` attribute."""
    app.register_theme(replace(BUILTIN_THEMES["ansi-dark"], name=CONSOLE.name))
    for palette in (NIGHT, DAY):
        base = palette.base.paper
        app.register_theme(
            Theme(
                name=palette.name,
                primary=palette.label.paper,
                foreground=palette.base.ink,
                background=base,
                surface=base,
                panel=base,
                dark=palette.dark,
            )
        )
