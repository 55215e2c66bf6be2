"""Foreign text is shown, never obeyed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.printable import ELLIPSIS, counted, shown

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text(st.sampled_from("\\x1b\x1b\r\n\u202ea\u0301 ["), max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J1044-S003-07", "J1044-S003-07"),
        ("Zoë Müller [bold]", "Zoë Müller [bold]"),
        ("A\x1dB", "A\\x1dB"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("C:\\x1d", "C:\\\\x1d"),
        ("\u202egnp", "\\u202egnp"),
        ("a\xa0b", "a\\xa0b"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("e\u0301", "e\u0301"),
        ("\u0301e", "\\u0301e"),
        ("e" + "\u0301" * 4, "e\u0301\u0301\\u0301\\u0301"),
    ],
)
def test_what_steers_a_terminal_is_escaped(text: str, expected: str) -> None:
    """Each kind of character, as the operator sees it."""
    assert shown(text) == expected


@given(ANY_TEXT, st.integers(1, 40))
def test_shown_text_is_harmless_and_fits(text: str, limit: int) -> None:
    """No control, format or surrogate character is left, and never more than the limit."""
    answer = shown(text, limit)
    assert len(answer) <= limit
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in answer)
    answer.encode()


@given(ANY_TEXT, ANY_TEXT)
def test_two_texts_never_look_the_same(one: str, other: str) -> None:
    """Escaping loses nothing, so a forged escape cannot pass for the real character."""
    assert (shown(one, 10_000) == shown(other, 10_000)) == (one == other)


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    """The cut is visible, falls between escapes, and ten thousand characters cost nothing."""
    assert shown("A" * 10_000, 5) == "AAAA" + ELLIPSIS
    assert shown("AB\x1d\x1d", 6) == "AB" + ELLIPSIS
    assert shown("ABCDE", 5) == "ABCDE"
    assert shown("\x1b", 1) == ELLIPSIS


def test_one_of_them_is_not_several() -> None:
    """And many are grouped by thousands."""
    assert [counted(number, "label") for number in (0, 1, 1204)] == ["0 labels", "1 label", "1,204 labels"]
