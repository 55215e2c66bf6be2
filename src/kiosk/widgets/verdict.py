"""The verdict band: one verdict, one instruction, always in the same place."""

from kiosk.bigtype import SIZES, BigText, fit
from kiosk.snapshots.verdicts import VerdictState, VerdictView
from kiosk.widgets.canvas import Canvas, cells
from kiosk.widgets.painted import Painted
from kiosk.widgets.symbols import VERDICT_SYMBOLS

_MARGIN = 3


class VerdictBand(Painted[VerdictView]):
    """Big on the left what it is, big on the right how far the work is, words below both."""

    def paint(self, canvas: Canvas, view: VerdictView) -> None:
        """The band has half a row of air above and, where it is nine rows or higher, below."""
        pair = self.palette.verdicts[view.state]
        tall = canvas.height >= 9
        filled = canvas.height - (2 if tall else 1)
        canvas.upper_edge(0, 0, canvas.width, pair.style())
        canvas.fill(0, 1, canvas.width, filled, pair.style())
        if tall:
            canvas.lower_edge(0, canvas.height - 1, canvas.width, pair.style())
        words_row = filled
        room = filled - 1 if filled < 9 else filled - 3
        top = 1 if filled < 9 else 2
        self._big(canvas, view, top, room)
        self._words(canvas, view, words_row)

    def _big(self, canvas: Canvas, view: VerdictView, top: int, rows: int) -> None:
        style = self.palette.verdicts[view.state].style()
        width = canvas.width - 2 * _MARGIN
        left, right = _settle(view, width, rows, canvas)
        if left is not None:
            canvas.big(_MARGIN, top + rows - left.rows, left, style)
        elif view.big:
            room = width - (right.width + 2 if right else 0)
            canvas.text(_MARGIN, top + rows // 2, f"{VERDICT_SYMBOLS[view.state]} {view.big}", style, room)
        if right is not None:
            canvas.big(canvas.width - _MARGIN - right.width, top + rows - right.rows, right, style)
        elif view.counter:
            canvas.right(canvas.width - _MARGIN, top + rows // 2, view.counter, style)

    def _words(self, canvas: Canvas, view: VerdictView, y: int) -> None:
        pair = self.palette.verdicts[view.state]
        end = canvas.width - _MARGIN
        said = cells(f"{VERDICT_SYMBOLS[view.state]} {view.words}   {view.instruction}")
        # What to do now is worth more than what is counted.
        if view.counter_caption and _MARGIN + said + 2 + cells(view.counter_caption) <= end:
            end = canvas.right(end, y, view.counter_caption, pair.style(quiet=True)) - 2
        x = canvas.text(_MARGIN, y, f"{VERDICT_SYMBOLS[view.state]} {view.words}", pair.style(), max(0, end - _MARGIN))
        loud = view.state not in {VerdictState.READY, VerdictState.CHECKING}
        canvas.text(x + 3, y, view.instruction, pair.style(quiet=True, bold=loud), max(0, end - x - 3))


class VerdictLine(Painted[VerdictView]):
    """A verdict in one row, for screens that are boards: the leads'."""

    def paint(self, canvas: Canvas, view: VerdictView) -> None:
        """Symbol, words, and what to do now, in the colours of the state."""
        pair = self.palette.verdicts[view.state]
        canvas.fill(0, 0, canvas.width, 1, pair.style())
        x = canvas.text(1, 0, f"{VERDICT_SYMBOLS[view.state]} {view.words}", pair.style(), canvas.width - 2)
        canvas.text(x + 3, 0, view.instruction, pair.style(quiet=True, bold=True), max(0, canvas.width - x - 4))


def _settle(view: VerdictView, width: int, rows: int, canvas: Canvas) -> tuple[BigText | None, BigText | None]:
    """Both big texts at the largest sizes that leave the other whole; the counter gives way first."""
    text = _with_symbol(view)
    sizes = SIZES[canvas.glyphs]
    counter_rows = rows
    while True:
        right = fit(view.counter, width * 3 // 5, counter_rows, canvas.glyphs) if view.counter else None
        taken = right.width + (8 if width > 80 else 5) if right else cells(view.counter) + 2
        left = fit(text, width - taken, rows, canvas.glyphs) if text else None
        if view.state is VerdictState.READY and view.big:
            # An imperative is worth more than its arrow, which stands in the words below as well.
            bare = fit(view.big, width - taken, rows, canvas.glyphs)
            if bare is not None and (left is None or sizes.index(bare.size) < sizes.index(left.size)):
                left = bare
        if right is not None and right.rows <= 3 and left is None and text:
            # There is no room for both: what happened is read from afar, how far it is may be plain words.
            alone = fit(text, width - cells(view.counter) - 2, rows, canvas.glyphs)
            return (alone, None) if alone is not None else (None, right)
        if right is None or not text or right.rows <= 3:
            return left, right
        if left is not None and sizes.index(left.size) <= sizes.index(right.size):
            return left, right
        counter_rows = right.rows - 1


def _with_symbol(view: VerdictView) -> str:
    """The big text behind its state's symbol; a number to be inspected is no imperative and has none."""
    symbol = VERDICT_SYMBOLS[view.state]
    match view.state:
        case VerdictState.CHECKING:
            return view.big
        case VerdictState.READY:
            return view.big if not view.big or view.big[:1].isdigit() else f"{symbol} {view.big}"
        case _:
            return f"{symbol} {view.big}".strip()
