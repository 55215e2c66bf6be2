"""The base of every widget here: a view goes in, strips come out, and only changed rows go to the terminal.

Textual's stock widgets cost milliseconds per change; these cost one paint in memory and the rows
that differ. A widget never fetches anything while painting.
"""

from typing import Any, Generic, TypeVar

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kiosk.themes import Palette, palette_of
from kiosk.widgets.canvas import Canvas

View = TypeVar("View")


def app_of(node: DOMNode) -> App[Any]:
    """The app of a widget or screen; Textual leaves open what an app returns, which this closes."""
    return node.app  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


class Painted(Widget, Generic[View]):
    """A widget that shows one frozen view. Subclasses paint it in `paint`."""

    ALLOW_SELECT = False
    can_focus = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, classes=classes)
        self._view: View | None = None
        self._canvas: Canvas | None = None
        self._strips: list[Strip] = []

    @property
    def view(self) -> View | None:
        """What is shown now; None before the first `show`."""
        return self._view

    @property
    def palette(self) -> Palette:
        """The colours of the app's theme."""
        return palette_of(app_of(self).theme)

    def show(self, view: View) -> None:
        """Show another view. An equal one costs nothing."""
        if view == self._view:
            return
        self._view = view
        self.repaint()

    def paint(self, canvas: Canvas, view: View) -> None:
        """Paint the view on a canvas of this widget's size, already filled with the base."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Paint again and send the rows that changed."""
        width, height = self.size
        if self._view is None or not width or not height:
            return
        palette = self.palette
        canvas = Canvas(width, height, palette.text(), palette.glyphs)
        self.paint(canvas, self._view)
        before, self._canvas = self._canvas, canvas
        if before is None or (before.width, before.height) != (width, height):
            self._strips = canvas.strips()
            self.refresh()
            return
        # Whole rows: to cut them to what differs takes longer than to send them.
        stretches = canvas.rows_changed_since(before)
        for first, count in stretches:
            for y in range(first, first + count):
                self._strips[y] = canvas.strip(y)
        if stretches:
            self.refresh(*(Region(0, first, width, count) for first, count in stretches))

    def on_resize(self, _: events.Resize) -> None:
        """Paint for the new size."""
        self.repaint()

    def on_mount(self) -> None:
        """Follow the app's theme."""
        self.watch(app_of(self), "theme", self._theme_changed, init=False)

    def _theme_changed(self) -> None:
        self._canvas = None
        self.repaint()

    def render_line(self, y: int) -> Strip:
        """One painted row."""
        if y < len(self._strips) and self._strips[y].cell_length == self.size.width:
            return self._strips[y]
        return Strip.blank(self.size.width, self.palette.text())

    def render_lines(self, crop: Region) -> list[Strip]:
        """The painted rows as they are: no border, padding or opacity has to be worked into them.

        This spares half of what a repaint costs. NO_COLOR still holds; colours here are never
        named ones in a true-colour theme, so the filter that would look for those is left out.
        """
        width, height = self.size
        if self._canvas is None or (self._canvas.width, self._canvas.height) != (width, height):
            strips = [self.render_line(y) for y in crop.line_range]
        else:
            strips = self._strips[crop.y : crop.bottom]
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        filters = [each for each in self.get_line_filters() if not isinstance(each, ANSIToTruecolor)]
        if filters:
            background = self.background_colors[1]
            for each in filters:
                strips = [strip.apply_filter(each, background) for strip in strips]
        return strips
