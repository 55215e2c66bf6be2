"""The full-screen stop: nothing else is on the screen, and it says what to do in three steps.

What must be read at two metres (STOP, the noun and, on large screens, the steps) is big type; the
rest is one left-aligned block, so that the eye finds the compared ids, where the card goes and
the steps without searching.
"""

from dataclasses import dataclass

from rich.style import Style

from kiosk.bigtype import BigText, GlyphSet, fit, fit_all
from kiosk.snapshots.verdicts import StopView
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.painted import Painted
from kiosk.widgets.stop_small import paint_small_stop

_STRIPE = 6
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class StopScreenView:
    """A stop, and what is being typed over it, such as the RESET card's code."""

    stop: StopView
    typed: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How large everything of a stop is set."""

    stop: BigText
    noun: BigText | None
    steps: tuple[BigText, ...]
    gaps: int


class StopPanel(Painted[StopScreenView]):
    """Stripes, STOP, the noun, the comparison, the facts, the steps and what was not done."""

    def paint(self, canvas: Canvas, view: StopScreenView) -> None:
        """Everything in white on red; running text where big type would leave no room for the words."""
        pair = self.palette.stop
        style, inverted = pair.style(), Style(color=pair.paper, bgcolor=pair.ink, bold=True)
        canvas.fill(0, 0, canvas.width, canvas.height, style)
        air = 1 if canvas.height >= 30 else 0
        stripes = 1 + air
        foot, top = canvas.height - stripes - 1, stripes + air
        plan = _plan(view.stop, canvas, foot - top - air)
        if plan is None:
            paint_small_stop(canvas, view.stop, view.typed, (style, inverted))
            return
        # Without a row of air a whole stripe would touch STOP and be taken for a part of it.
        apart = ("▀", "▄") if canvas.glyphs is GlyphSet.HALF else ("■", "■")
        above, below = ("█", "█") if air else apart
        for row in range(stripes):
            _stripe(canvas, row, row * 2, style, above)
            _stripe(canvas, canvas.height - 1 - row, row * 2, style, below)
        _foot(canvas, view, foot, (style, inverted))
        spare = max(0, foot - top - _height(view.stop, plan))
        y = top + min(spare // 2, 2)
        y = _headline(canvas, plan.stop, y, style) + 1
        if plan.noun is None:
            canvas.centre(y, view.stop.noun, style)
            y += 2
        else:
            y = _headline(canvas, plan.noun, y, style) + 1
        self._block(canvas, view.stop, y, plan, (style, inverted))

    def _block(self, canvas: Canvas, view: StopView, y: int, plan: _Plan, styles: tuple[Style, Style]) -> None:
        style, inverted = styles
        label = _label_width(view)
        x = max(_MARGIN, (canvas.width - _block_width(view)) // 2)
        part_widths = _part_widths(view)
        for line in view.compared:
            canvas.text(x, y, line.label, style)
            column = x + label
            for part, width in zip(line.parts, part_widths, strict=False):
                words = f"≠ {part.text} " if part.differs else f"  {part.text} "
                canvas.text(column, y, words, inverted if part.differs else style, canvas.width - column)
                column += width
            y += 1
        y += plan.gaps if view.compared else 0
        for fact in view.facts:
            canvas.text(x, y, fact.label, style)
            canvas.text(x + label + 2, y, fact.value, style, canvas.width - x - label - 4)
            y += 1
        y += plan.gaps if view.facts else 0
        if plan.steps:
            left = (canvas.width - max(big.width for big in plan.steps)) // 2
            for big in plan.steps:
                canvas.big(left, y, big, style)
                y += big.rows + 1
            y -= 1
        else:
            for number, step in enumerate(view.steps, 1):
                canvas.text(x, y, f"{number}  {step}", style, canvas.width - x - 2)
                y += 1
        if view.release:
            canvas.text(x, y, f"or {view.release}", style, canvas.width - x - 2)


def _plan(view: StopView, canvas: Canvas, height: int) -> _Plan | None:
    """The largest setting that shows every word; None where there is none."""
    width = canvas.width - 2 * _MARGIN
    if _block_width(view) > width:
        return None
    texts = tuple(f"{number} {step}" for number, step in enumerate(view.steps, 1))
    for big_steps in (True, False):
        steps = fit_all(texts, width - 2, 3, canvas.glyphs) if big_steps and texts else None
        if big_steps and steps is None:
            continue
        for gaps in (1, 0):
            plans: list[tuple[float, _Plan]] = []
            for rows in range(min(16, height), 4, -1):
                stop = fit("STOP", width - 2, rows, canvas.glyphs)
                if stop is None or (big_steps and stop.rows < 8):
                    continue
                left = height - _height(view, _Plan(stop, None, steps or (), gaps)) + 1
                noun = fit(view.noun, width - 2, min(left, stop.rows), canvas.glyphs)
                if noun is not None and noun.rows >= 4:
                    # The red screen says STOP by itself; the noun has to be read.
                    plans.append((stop.rows + noun.rows * 1.4, _Plan(stop, noun, steps or (), gaps)))
            if plans:
                return max(plans, key=lambda scored: scored[0])[1]
    for rows in (4, 3):
        stop = fit("STOP", width - 2, rows, canvas.glyphs)
        if stop is not None:
            left = height - _height(view, _Plan(stop, None, (), 0)) + 1
            noun = fit(view.noun, width - 2, left, canvas.glyphs)
            if noun is not None:
                return _Plan(stop, noun, (), 0)
    smallest = fit("STOP", width - 2, 5, canvas.glyphs)
    plan = None if smallest is None else _Plan(smallest, None, (), 0)
    return plan if plan is not None and _height(view, plan) <= height else None


def _height(view: StopView, plan: _Plan) -> int:
    noun = plan.noun.rows if plan.noun else 1
    steps = len(plan.steps) * 4 - 1 if plan.steps else len(view.steps)
    block = len(view.compared) + len(view.facts) + steps + (1 if view.release else 0)
    gaps = (plan.gaps if view.compared else 0) + (plan.gaps if view.facts else 0)
    return plan.stop.rows + 1 + noun + 1 + block + gaps


def _part_widths(view: StopView) -> list[int]:
    count = max((len(line.parts) for line in view.compared), default=0)
    return [
        max((cells(line.parts[index].text) for line in view.compared if index < len(line.parts)), default=0) + 4
        for index in range(count)
    ]


def _label_width(view: StopView) -> int:
    return max((cells(line.label) for line in (*view.compared, *view.facts)), default=0) + 3


def _block_width(view: StopView) -> int:
    label = _label_width(view)
    compared = label + sum(_part_widths(view)) if view.compared else 0
    facts = max((label + 2 + cells(fact.value) for fact in view.facts), default=0)
    steps = max((3 + cells(step) for step in view.steps), default=0)
    release = cells(f"or {view.release}") if view.release else 0
    return max(compared, facts, steps, release)


def _headline(canvas: Canvas, big: BigText, y: int, style: Style) -> int:
    canvas.big((canvas.width - big.width) // 2, y, big, style)
    return y + big.rows


def _stripe(canvas: Canvas, y: int, shift: int, style: Style, block: str) -> None:
    for x in range(-shift, canvas.width, 2 * _STRIPE):
        canvas.fill(x, y, _STRIPE, 1, style, block)


def _foot(canvas: Canvas, view: StopScreenView, y: int, styles: tuple[Style, Style]) -> None:
    style, inverted = styles
    stop = view.stop
    right, ink = (f" {view.typed}▌", inverted) if view.typed else (stop.stamp, style)
    end = canvas.right(canvas.width - _MARGIN, y, right, ink, canvas.width // 2) - 2
    ignored = f"{stop.ignored} scan{'s' if stop.ignored > 1 else ''} ignored." if stop.ignored else ""
    words = f"{stop.footnote}  {ignored}".strip()
    if cells(words) > end - _MARGIN and canvas.height >= 30:
        # The row above is air on a screen this high.
        canvas.text(_MARGIN, y - 1, words, style, canvas.width - 2 * _MARGIN)
        return
    if cells(words) > end - _MARGIN:
        words = f"{ignored}  {stop.footnote}".strip()
    canvas.text(_MARGIN, y, words, style, max(0, end - _MARGIN))
