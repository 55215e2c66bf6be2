"""Big type: every character at every size can be told apart, and nothing is ever clipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.bigtype import SIZES, BigSize, GlyphSet, fit, fit_all, set_big
from kiosk.bigtype.font import glyph
from kiosk.bigtype.outlines import OUTLINES
from kiosk.bigtype.small import LINES, PIXELS
from tests.kiosk.widgets.reading import read_back

EVERY_SIZE = [
    pytest.param(size, glyphs, id=f"{glyphs}-{size.rows}-{size.nib.width if size.nib else 3}")
    for glyphs, sizes in SIZES.items()
    for size in sizes
]
TEXTS = st.text(alphabet="".join(OUTLINES), min_size=1, max_size=14).filter(lambda text: not text.isspace())


@pytest.mark.parametrize(("size", "glyphs"), EVERY_SIZE)
def test_all_digits_read_back_as_text_at_every_size(size: BigSize, glyphs: GlyphSet) -> None:
    """A digit that reads as another sends a card into the wrong box."""
    for tighter in (0, 1) if size.gap > 1 else (0,):
        for text in ("0123456789", "08", "06", "13/18", "99/99", "J1044-S003-07", "97.9%", "12:45"):
            big = set_big(text, size, glyphs, tighter)
            assert read_back(big.lines, size, size.gap - tighter, glyphs) == text


@pytest.mark.parametrize(("size", "glyphs"), EVERY_SIZE)
def test_no_two_characters_share_a_shape(size: BigSize, glyphs: GlyphSet) -> None:
    """At every size each character has a shape of its own, so O is no 0 and S is no 5."""
    shapes: dict[tuple[str, ...], str] = {}
    for character in OUTLINES if size.nib else PIXELS:
        shape = glyph(character, size, glyphs)
        assert shape not in shapes, (character, shapes.get(shape))
        shapes[shape] = character


@pytest.mark.parametrize(("size", "glyphs"), EVERY_SIZE)
def test_every_shape_is_a_full_rectangle_of_the_sizes_rows(size: BigSize, glyphs: GlyphSet) -> None:
    """Rows of unequal width would shift what stands behind them."""
    for character in OUTLINES if size.nib else PIXELS:
        shape = glyph(character, size, glyphs)
        assert len(shape) == size.rows
        assert len({len(row) for row in shape}) == 1


def test_the_console_font_uses_no_glyph_that_debians_console_fonts_lack() -> None:
    """▀ ▄ ▌ ✓ ○ and ▁ to ▇ are missing there."""
    for size in SIZES[GlyphSet.FULL]:
        for character in OUTLINES if size.nib else LINES:
            assert not set("".join(glyph(character, size, GlyphSet.FULL))) & set("▀▄▌▐✓○▁▂▃▅▆▇√")


def test_both_small_tables_have_the_same_characters() -> None:
    """What can be set in three rows does not hang on the terminal."""
    assert set(PIXELS) == set(LINES)


@given(text=TEXTS, columns=st.integers(1, 200), rows=st.integers(1, 20), glyphs=st.sampled_from(GlyphSet))
def test_what_fits_is_whole_and_within_its_room(text: str, columns: int, rows: int, glyphs: GlyphSet) -> None:
    """`fit` gives the whole text at a size that fits, or None: it never clips."""
    big = fit(text, columns, rows, glyphs)
    if big is None:
        return
    assert big.width <= columns
    assert big.rows <= rows
    assert all(len(line) == big.width for line in big.lines)
    assert big.lines in {
        set_big(text, big.size, glyphs, tighter).lines for tighter in ((0, 1) if big.size.gap > 1 else (0,))
    }


@given(text=TEXTS, columns=st.integers(20, 200), rows=st.integers(3, 20))
def test_more_room_never_makes_type_smaller(text: str, columns: int, rows: int) -> None:
    """The largest size that fits is chosen."""
    small, large = fit(text, columns, rows), fit(text, columns + 10, rows + 1)
    if small is not None:
        assert large is not None
        assert large.rows >= small.rows


def test_texts_that_belong_together_are_set_at_one_size() -> None:
    """The numbers of a sheet do not jump in size."""
    together = fit_all(("01", "11", "88"), 18, 8)
    assert together is not None
    assert len({big.size for big in together}) == 1


def test_a_text_with_a_character_without_a_shape_does_not_fit_at_all() -> None:
    """The widgets then show plain words instead of a hole."""
    assert fit("[b]07\x1b", 200, 20) is None
    assert fit("", 200, 20) is None
