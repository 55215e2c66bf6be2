"""The canvas: text from outside is shown literally, and rows are always exactly as wide as they should be."""

from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from kiosk.bigtype import GlyphSet, fit
from kiosk.widgets.canvas import Canvas, cells, clip, literal

PLAIN = Style(color="#ffffff", bgcolor="#000000")
ANYTHING = st.text(max_size=80)


@given(text=ANYTHING, x=st.integers(-5, 50), y=st.integers(-2, 5), width=st.none() | st.integers(-3, 60))
def test_any_text_anywhere_leaves_rows_of_the_canvas_width(text: str, x: int, y: int, width: int | None) -> None:
    """Wide, combining and control characters never shift what stands behind them."""
    canvas = Canvas(40, 3, PLAIN)
    canvas.text(x, y, text, PLAIN, width)
    canvas.right(38, 1, text, PLAIN)
    for strip in canvas.strips():
        assert cells(strip.text) == 40
        assert strip.cell_length == 40


@given(text=ANYTHING)
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    """They are shown escaped: a barcode cannot move the cursor, set a title or turn text around."""
    canvas = Canvas(60, 1, PLAIN)
    canvas.text(0, 0, text, PLAIN)
    shown = canvas.strips()[0].text
    assert not [character for character in shown if category(character) in {"Cc", "Cf", "Cs"}]


@given(text=ANYTHING, width=st.integers(0, 60))
def test_clipped_text_is_never_wider_than_asked(text: str, width: int) -> None:
    """And says by its end that it was cut."""
    clipped = clip(text, width)
    assert cells(clipped) <= width
    if cells(literal(text)) > width > 0:
        assert clipped.endswith("…")


def test_markup_and_escapes_are_shown_as_they_are() -> None:
    """[b] is three characters."""
    assert literal("[b]07[/b]") == "[b]07[/b]"
    assert literal("\x1b[31m\u202e\n") == "\\x1b[31m\\u202e\\n"


def test_ten_thousand_characters_cost_no_more_than_a_line() -> None:
    """A scan of that length is cut before it is looked at."""
    assert len(literal("é" * 10_000)) == 512
    assert len(literal("A" * 10_000)) == 512


def test_the_console_gets_glyphs_that_its_fonts_have() -> None:
    """✓ becomes ■, half edges become nothing."""
    canvas = Canvas(10, 2, PLAIN, GlyphSet.FULL)
    canvas.text(0, 0, "✓ ○▌▇", PLAIN)
    canvas.upper_edge(0, 1, 10, PLAIN)
    first, second = (strip.text for strip in canvas.strips())
    assert not set(first) & set("✓○▌▇")
    assert second == " " * 10


def test_big_type_keeps_the_paper_under_its_blanks() -> None:
    """Only ink is put down."""
    paper = Style(color="#111111", bgcolor="#00ff00")
    canvas = Canvas(20, 5, paper)
    big = fit("0", 20, 5)
    assert big is not None
    canvas.big(1, 0, big, Style(color="#222222", bgcolor="#00ff00"))
    assert canvas.strips()[2].text[1 : 1 + big.width] == big.lines[2]


@given(st.integers(-3, 9), st.integers(-3, 5), st.integers(1, 9), st.integers(1, 5))
def test_what_is_pasted_lies_where_it_is_put_as_far_as_it_fits(x: int, y: int, width: int, height: int) -> None:
    """Cell for cell the pasted canvas, and around it what was there; nothing is put down left of the canvas."""
    below, above = Style(color="red"), Style(color="green")
    canvas, pasted = Canvas(7, 4, below), Canvas(width, height, above)
    pasted.fill(0, 0, width, height, above, "#")
    canvas.paste(x, y, pasted)
    for row, strip in enumerate(canvas.strips()):
        cells = [(character, segment.style) for segment in strip for character in segment.text]
        assert cells == [
            ("#", above) if 0 <= x <= column < x + width and y <= row < y + height else (" ", below)
            for column in range(canvas.width)
        ]
