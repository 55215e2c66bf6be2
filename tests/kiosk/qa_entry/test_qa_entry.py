"""Typing verdicts: a pass is one key, a fail four, and no slip of a finger records anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.qa_entry import Fail, Pass, QaCatalogue, QaCode, QaEntry, Verdict, entry_view, press, suggestions

CATALOGUE = QaCatalogue(
    codes=(
        QaCode(code="F-201", words="foil misregistered", synonyms=("register", "shifted")),
        QaCode(code="F-202", words="foil void", synonyms=("hole",)),
        QaCode(code="C-104", words="corner ding", synonyms=("dented", "bent")),
        QaCode(code="S-310", words="surface dust"),
        QaCode(code="S-104", words="surface scratch"),
    ),
    favourites=("F-201", "S-310"),
)
KEYS = st.sampled_from([*"0123456789fcs*+dinvoil-", "enter", "space", "backspace", "escape", "é", "\x1b", "f2"])


def typed(*keys: str) -> tuple[QaEntry, list[Verdict]]:
    """The entry after these keys, and the verdicts on the way."""
    entry = QaEntry()
    verdicts: list[Verdict] = []
    for key in keys:
        entry, verdict = press(entry, key, CATALOGUE)
        if verdict is not None:
            verdicts.append(verdict)
    return entry, verdicts


def test_a_pass_is_one_key() -> None:
    """+ and nothing else."""
    assert typed("+") == (QaEntry(), [Pass()])


def test_a_fail_is_four_keys() -> None:
    """Three digits complete a unique code to a chip, Enter commits."""
    assert typed("2", "0", "1", "enter") == (QaEntry(), [Fail(codes=("F-201",))])


def test_several_codes_are_kept_in_the_order_they_were_taken() -> None:
    """The first is the main reason."""
    assert typed(*"310", *"202", "enter")[1] == [Fail(codes=("S-310", "F-202"))]


def test_digits_that_two_codes_share_wait_for_a_choice() -> None:
    """Three digits complete only a unique code; a letter in front makes it unique."""
    entry, _ = typed(*"104")
    assert entry.chips == ()
    assert [code.code for code in suggestions(entry, CATALOGUE)] == ["C-104", "S-104"]
    assert typed(*"s104")[0].chips == ("S-104",)
    assert typed(*"S-104")[0].chips == ("S-104",)


def test_three_digits_of_no_code_say_so_and_start_anew() -> None:
    """Nothing is taken."""
    entry, verdicts = typed(*"999")
    assert (entry.typed, entry.chips, verdicts) == ("", (), [])
    assert "999" in entry.problem


@pytest.mark.parametrize(("word", "code"), [("void", "F-202"), ("dent", "C-104"), ("hol", "F-202"), ("dust", "S-310")])
def test_words_and_synonyms_find_codes_by_type_ahead(word: str, code: str) -> None:
    """Enter or Space takes the first line; a second Enter commits."""
    assert typed(*word, "enter")[0].chips == (code,)
    assert typed(*word, "space", "enter")[1] == [Fail(codes=(code,))]


def test_star_and_a_digit_take_a_favourite() -> None:
    """*1 to *9, as the list shows them."""
    assert typed("*", "2")[0].chips == ("S-310",)
    entry, _ = typed("*", "9")
    assert entry.chips == ()
    assert entry.problem


def test_backspace_takes_back_a_character_then_a_chip() -> None:
    """What was taken last goes first."""
    assert typed(*"2012", "backspace")[0] == QaEntry(chips=("F-201",))
    assert typed(*"201", "backspace")[0] == QaEntry()
    assert typed("backspace")[0] == QaEntry()


def test_enter_on_nothing_does_nothing() -> None:
    """A lean on the keyboard fails no card."""
    assert typed("enter", "enter", "space") == (QaEntry(), [])


def test_a_pass_over_codes_is_no_pass() -> None:
    """Codes that were taken are not lost by one key."""
    entry, verdicts = typed(*"201", "+")
    assert verdicts == []
    assert entry.chips == ("F-201",)
    assert entry.problem


def test_a_code_is_taken_once() -> None:
    """Twice says so."""
    entry, _ = typed(*"201", *"201")
    assert entry.chips == ("F-201",)
    assert entry.problem


def test_a_verdict_that_was_begun_is_pending() -> None:
    """Scanning the next card must then ask to finish this one."""
    assert not QaEntry().pending
    assert typed("2")[0].pending
    assert typed(*"201")[0].pending


def test_text_of_no_code_is_nothing() -> None:
    """It is not pending, and the next key begins anew, without a Backspace."""
    entry, _ = typed("f", "o", "x")
    assert (entry.pending, entry.problem) == (False, "nothing is called FOX")
    assert entry_view(entry, CATALOGUE).hint == "type on, or Esc"
    assert typed("f", "o", "x", *"201", "enter") == (QaEntry(), [Fail(codes=("F-201",))])
    assert typed("x", "q", "escape")[0] == QaEntry()


@pytest.mark.parametrize("key", ["+", "enter", "space"])
def test_a_key_that_judges_first_drops_text_of_no_code(key: str) -> None:
    """Pressed once more it counts: nobody passes a card that was about to be failed."""
    entry, verdicts = typed("2", "9", key)
    assert (entry.typed, verdicts) == ("", [])
    assert "29" in entry.problem
    assert typed("2", "9", "+", "+")[1] == [Pass()]


def test_the_last_digit_of_a_wrong_code_begins_no_other() -> None:
    """Three digits are one code, or none: of 293 the 3 is not the first of 310."""
    entry, _ = typed(*"293")
    assert (entry.typed, entry.problem) == ("", "there is no code 293")
    assert typed(*"293", *"310", "enter")[1] == [Fail(codes=("S-310",))]


def test_the_view_offers_favourites_first_and_what_matches_while_typing() -> None:
    """With their numbers, and the first line marked as Enter's."""
    view = entry_view(QaEntry(), CATALOGUE)
    assert [(line.code, line.favourite) for line in view.suggestions] == [("F-201", 1), ("S-310", 2)]
    view = entry_view(typed(*"20")[0], CATALOGUE)
    assert [line.code for line in view.suggestions] == ["F-201", "F-202"]
    assert view.suggestions[0].first


@given(keys=st.lists(KEYS, max_size=40))
def test_no_keys_ever_record_a_fail_without_codes_or_with_unknown_ones(keys: list[str]) -> None:
    """Whatever is typed, a fail names codes of the shop, each once."""
    entry, verdicts = typed(*keys)
    known = {code.code for code in CATALOGUE.codes}
    for verdict in verdicts:
        if isinstance(verdict, Fail):
            assert verdict.codes
            assert len(set(verdict.codes)) == len(verdict.codes)
            assert set(verdict.codes) <= known
    assert len(entry.typed) <= 24
    entry_view(entry, CATALOGUE)
