"""What the decoder makes of a scanner's keys, by example."""

import pytest

from kiosk.scanner.decoder import CapsLock, DecoderSettings, KeyDecoder, Suffix
from kiosk.scanner.layouts import LAYOUTS, Key
from kiosk.scanner.verdicts import FaultReason, Scan, ScanFault, Verdict, explain
from tests.kiosk.scanner.typist import ENDS, Keystroke, alt_strokes, keypad_strokes, play, stroke, strokes, typeable

CARD = "J1044-S003-07"
ENTER = ENDS["enter"]


def texts(verdicts: list[Verdict]) -> list[str]:
    """The codes read, with each refusal as its reason in brackets."""
    return [v.text if isinstance(v, Scan) else f"<{v.reason}>" for v in verdicts]


def read(keys: list[Keystroke], settings: DecoderSettings | None = None) -> list[str]:
    """Play keys into a fresh decoder and settle what is left by silence."""
    decoder = KeyDecoder(settings or DecoderSettings())
    return texts(play(decoder, keys) + list(decoder.expire(1e9)))


def test_a_scan_is_delivered_whole() -> None:
    """A card's barcode with Enter gives its id, and the times of its first and last key."""
    [scan] = play(KeyDecoder(DecoderSettings()), strokes("ab") + ENTER, start=5.0)
    assert isinstance(scan, Scan)
    assert (scan.text, scan.began, scan.ended) == ("ab", pytest.approx(5.001), pytest.approx(5.005))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_character_of_a_layout_comes_back(layout: str) -> None:
    """What a scanner set to a layout can type is read as that, character by character."""
    for character in typeable(layout):
        text = f"A{character}1"
        assert read(strokes(text, layout) + ENTER, DecoderSettings(layout=layout)) == [text]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_printable_ascii_character_can_be_read_in_every_layout(layout: str) -> None:
    """No layout lacks a character that a barcode may hold."""
    assert {chr(n) for n in range(0x20, 0x7F)} <= set(typeable(layout))


def test_the_german_layout_undoes_what_german_scanners_send() -> None:
    """A German scanner types yZ-1 on the keys that are zY/1 on a US keyboard."""
    keys = strokes("zY/1", "us") + ENTER
    assert read(keys) == ["zY/1"]
    assert read(keys, DecoderSettings(layout="de")) == ["yZ-1"]


def test_an_aim_identifier_stays_in_the_text() -> None:
    """What stands in front is the core's to accept; also in German, where ] needs AltGr."""
    assert read(strokes("]C0" + CARD) + ENTER) == ["]C0" + CARD]
    assert read(strokes("]C0" + CARD, "de") + ENTER, DecoderSettings(layout="de")) == ["]C0" + CARD]


def test_ctrl_alt_is_altgr() -> None:
    """Scanners that imitate Windows hold Ctrl and Alt instead of AltGr."""
    keys = stroke(10, Key.LEFTCTRL, Key.LEFTALT) + strokes("d2", "de") + ENTER
    assert read(keys, DecoderSettings(layout="de")) == ["]d2"]


@pytest.mark.parametrize(
    ("suffix", "end"),
    [
        (Suffix.CR, "enter"),
        (Suffix.CR, "keypad enter"),
        (Suffix.CR, "enter and linefeed"),
        (Suffix.CRLF, "enter and linefeed"),
        (Suffix.CRLF, "enter"),
        (Suffix.LF, "linefeed"),
        (Suffix.TAB, "tab"),
        (Suffix.NONE, "enter"),
        (Suffix.NONE, "enter and linefeed"),
    ],
)
def test_each_suffix_ends_a_code_once(suffix: Suffix, end: str) -> None:
    """Two scans with the suffix give two codes, with nothing of the suffix in them."""
    keys = strokes("AB") + ENDS[end] + strokes("CD") + ENDS[end]
    assert read(keys, DecoderSettings(suffix=suffix)) == ["AB", "CD"]


def test_tab_and_enter_together_are_one_end() -> None:
    """A scanner that sends more than it is said to send still starts no code with the rest."""
    keys = strokes("AB") + ENDS["tab"] + ENTER + strokes("CD") + ENDS["tab"] + ENTER
    assert read(keys, DecoderSettings(suffix=Suffix.TAB)) == ["AB", "CD"]


def test_framing_characters_are_taken_off() -> None:
    """STX in front and ETX behind, sent as Ctrl+B and Ctrl+C, leave the code alone."""
    keys = stroke(48, Key.LEFTCTRL) + strokes("AB") + stroke(46, Key.LEFTCTRL)
    assert read(keys, DecoderSettings(suffix=Suffix.ETX, prefix="\x02")) == ["AB"]


def test_a_code_without_its_prefix_is_refused() -> None:
    """A prefix that is set must be there."""
    settings = DecoderSettings(prefix="~")
    assert read(strokes("~AB") + ENTER + strokes("AB") + ENTER, settings) == ["AB", "<no_prefix>"]


def test_without_a_suffix_a_pause_ends_the_code() -> None:
    """Silence of gap_s, told by `expire` or by the next key, ends the code; less than that does not."""
    decoder = KeyDecoder(DecoderSettings(suffix=Suffix.NONE, gap_s=0.1))
    assert play(decoder, strokes("AB"), start=1.0) == []
    assert decoder.expire(1.1) == ()
    assert texts(list(decoder.expire(1.2))) == ["AB"]
    assert decoder.deadline is None
    assert play(decoder, strokes("C"), start=2.0) == []
    assert texts(play(decoder, strokes("D"), start=3.0)) == ["C"]


def test_enter_on_nothing_says_nothing() -> None:
    """Ends without characters are no scans."""
    assert read(ENTER * 3) == []


def test_keypad_digits_are_digits() -> None:
    """Scanners in keypad mode type digits there; with Shift they would be arrows, and are refused."""
    assert read(strokes("J") + keypad_strokes("1044") + ENTER) == ["J1044"]
    assert read(stroke(79, Key.LEFTSHIFT) + ENTER) == ["<unknown_key>"]


def test_alt_and_numbers_are_characters() -> None:
    """Alt and keypad digits, the mode that no layout can garble."""
    assert read(alt_strokes(CARD) + ENTER) == [CARD]
    assert read(alt_strokes("é", digits=4) + ENTER) == ["é"]
    assert read(alt_strokes("AB\r", digits=3)) == ["AB"]


@pytest.mark.parametrize(
    "keys",
    [
        alt_strokes("\xe9", digits=3),
        alt_strokes("\N{LATIN SMALL LETTER A WITH MACRON}", digits=4),
        [(Key.LEFTALT, 1), *stroke(30), (Key.LEFTALT, 0)],
        alt_strokes("A", digits=5),
        alt_strokes("\0", digits=3),
        [(Key.LEFTALT, 1), *keypad_strokes("65")],
    ],
    ids=["code page", "above a byte", "letter", "too many digits", "zero", "no release before the end"],
)
def test_alt_in_any_other_way_is_refused(keys: list[Keystroke]) -> None:
    """What Alt means must be beyond doubt."""
    assert read(strokes("A") + keys + ENTER)[0][0] == "<"


def test_bare_modifiers_and_locks_type_nothing() -> None:
    """AltGr, Alt, Shift, Ctrl, Num Lock and Scroll Lock pressed alone leave the code as it is."""
    keys = [stroke(code) for code in (Key.RIGHTALT, Key.LEFTALT, Key.LEFTSHIFT, Key.LEFTCTRL, 69, 70)]
    assert read(strokes("A") + [key for pair in keys for key in pair] + strokes("B") + ENTER) == ["AB"]


def test_key_repeat_is_ignored() -> None:
    """A key held down types once."""
    assert read([(30, 1), (30, 2), (30, 2), (30, 0), *ENTER]) == ["a"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(CapsLock.IGNORE, "aBc"), (CapsLock.APPLY, "Abc"), (CapsLock.REFUSE, "<caps_lock>")],
)
def test_caps_lock_follows_its_policy(policy: CapsLock, expected: str) -> None:
    """Caps Lock around the first two letters."""
    caps = stroke(Key.CAPSLOCK)
    keys = caps + strokes("aB") + caps + strokes("c") + ENTER
    assert read(keys, DecoderSettings(caps_lock=policy)) == [expected]


def test_caps_lock_left_on_is_refused() -> None:
    """Where case is in doubt for the next code, none is delivered."""
    keys = stroke(Key.CAPSLOCK) + strokes("a") + ENTER + strokes("b") + ENTER
    assert read(keys, DecoderSettings(caps_lock=CapsLock.APPLY)) == ["<caps_lock>", "b"]


def test_control_characters_are_part_of_the_text() -> None:
    """A group separator (Ctrl and ]) is neither dropped nor acted on, in any layout."""
    for layout in LAYOUTS:
        separator = stroke(27, Key.LEFTCTRL)
        keys = strokes("A", layout) + separator + strokes("B", layout) + ENTER
        assert read(keys, DecoderSettings(layout=layout)) == ["A\x1dB"]


def test_an_unknown_key_refuses_the_code_and_is_named() -> None:
    """F5 in a code: refused whole, with what was read and which key it was."""
    verdicts = play(KeyDecoder(DecoderSettings()), strokes("AB") + stroke(63) + strokes("C") + ENTER)
    assert verdicts == [ScanFault(FaultReason.UNKNOWN_KEY, "AB", verdicts[0].at, "F5 (key 63)")]  # type: ignore[union-attr]


def test_keys_can_be_ignored_by_setting() -> None:
    """A trigger key that a scanner sends beside its codes."""
    assert read(stroke(240) + strokes("AB") + ENTER, DecoderSettings(ignored_keys=frozenset({240}))) == ["AB"]


def test_a_code_may_have_64_characters_and_no_more() -> None:
    """One character more refuses it; a flood stays bounded."""
    assert read(strokes("A" * 64) + ENTER) == ["A" * 64]
    assert read(strokes("A" * 65) + ENTER) == ["<too_long>"]
    decoder = KeyDecoder(DecoderSettings())
    verdicts = play(decoder, strokes("A" * 10_000) + ENTER)
    assert texts(verdicts) == ["<too_long>"]
    assert len(verdicts[0].shown) <= 80 if isinstance(verdicts[0], ScanFault) else False


def test_a_drop_refuses_up_to_and_including_the_next_end() -> None:
    """Events lost within a code: that code is refused once, the next is read."""
    decoder = KeyDecoder(DecoderSettings())
    assert play(decoder, strokes("J10"), start=1.0) == []
    decoder.dropped(1.01)
    assert texts(play(decoder, strokes("03-07") + ENTER, start=1.01)) == ["<dropped>"]
    assert texts(play(decoder, strokes(CARD) + ENTER, start=2.0)) == [CARD]


def test_a_drop_that_took_the_end_refuses_the_next_code_too() -> None:
    """Only an end starts a code, so the scan after a lost end is refused as well, and both are told."""
    decoder = KeyDecoder(DecoderSettings())
    play(decoder, strokes("J10"), start=1.0)
    decoder.dropped(1.01)
    assert decoder.deadline == pytest.approx(1.31)
    assert texts(list(decoder.expire(1.4))) == ["<dropped>"]
    assert decoder.deadline is None
    assert texts(play(decoder, strokes("AB") + ENTER, start=2.0)) == ["<dropped>"]
    assert texts(play(decoder, strokes("CD") + ENTER, start=3.0)) == ["CD"]


def test_a_drop_forgets_a_held_shift() -> None:
    """The release of Shift was lost: the next code is not shifted."""
    decoder = KeyDecoder(DecoderSettings())
    play(decoder, [(Key.LEFTSHIFT, 1), (30, 1)], start=1.0)
    decoder.dropped(1.01)
    assert texts(play(decoder, ENTER + strokes("a1") + ENTER, start=1.02)) == ["<dropped>", "a1"]


def test_the_release_of_a_lost_enter_ends_the_refused_code() -> None:
    """Its press was lost, but the release proves it; the next scan need not be refused."""
    decoder = KeyDecoder(DecoderSettings())
    decoder.dropped(1.0)
    assert texts(play(decoder, [(Key.ENTER, 0), *strokes("AB"), *ENTER], start=1.0)) == ["<dropped>", "AB"]


def test_a_drop_between_codes_without_a_suffix_is_settled_by_silence() -> None:
    """With no end key, a pause ends the refusal."""
    decoder = KeyDecoder(DecoderSettings(suffix=Suffix.NONE))
    play(decoder, strokes("J10"), start=1.0)
    decoder.dropped(9.0)
    assert texts(list(decoder.expire(9.5))) == ["<dropped>"]
    play(decoder, strokes("AB"), start=10.0)
    assert texts(list(decoder.expire(11.0))) == ["AB"]


@pytest.mark.parametrize("lost", range(len(strokes(CARD))))
def test_no_single_lost_event_makes_another_code(lost: int) -> None:
    """Even without SYN_DROPPED: press and release must alternate for each key, or the code is refused."""
    keys = strokes(CARD)
    [read_as] = read(keys[:lost] + keys[lost + 1 :] + ENTER)
    assert read_as in {CARD, "<broken_keys>"}
    if keys[lost][1] == 1:
        assert read_as == "<broken_keys>"


def test_a_modifier_held_to_the_end_refuses_the_code() -> None:
    """Its release was lost, and with it the level of the last characters; the next scan is read."""
    keys = [*strokes("J"), (Key.LEFTSHIFT, 1), *stroke(11), *ENTER]
    assert read(keys + strokes("AB") + ENTER) == ["<broken_keys>", "AB"]


def test_a_code_without_its_end_is_told_and_not_joined_to_the_next() -> None:
    """A wireless scanner that lost its Enter: told at once, and the next scan is refused, not merged."""
    decoder = KeyDecoder(DecoderSettings())
    assert play(decoder, strokes("J1044"), start=1.0) == []
    assert texts(list(decoder.expire(1.5))) == ["<unfinished>"]
    assert texts(list(decoder.expire(1.6))) == []
    assert texts(play(decoder, strokes("J1045") + ENTER, start=5.0)) == ["<interrupted>"]
    assert texts(play(decoder, strokes("J1045") + ENTER, start=6.0)) == ["J1045"]


def test_a_late_key_tells_the_silence_that_nobody_asked_about() -> None:
    """The verdicts are the same whether `expire` was called in the pause or not."""
    decoder = KeyDecoder(DecoderSettings())
    play(decoder, strokes("J1044"), start=1.0)
    assert texts(play(decoder, strokes("J1045") + ENTER, start=5.0)) == ["<unfinished>", "<interrupted>"]


def test_a_late_enter_after_an_unfinished_code_says_nothing_more() -> None:
    """The code was refused already; its end only makes room for the next."""
    decoder = KeyDecoder(DecoderSettings())
    play(decoder, strokes("J1044"), start=1.0)
    assert texts(play(decoder, ENTER + strokes("AB") + ENTER, start=5.0)) == ["<unfinished>", "AB"]


def test_a_code_under_way_when_the_device_is_opened_is_refused() -> None:
    """The first half went elsewhere; the second must not pass for a code."""
    decoder = KeyDecoder(DecoderSettings())
    decoder.opened(1.0)
    assert texts(play(decoder, strokes("3-07") + ENTER + strokes("AB") + ENTER, start=1.0)) == [
        "<started_mid_code>",
        "AB",
    ]
    decoder.opened(5.0)
    assert texts(play(decoder, strokes("AB") + ENTER, start=5.5)) == ["AB"]


def test_an_unplugged_scanner_leaves_nothing_behind() -> None:
    """A partial code is refused once and never continued."""
    decoder = KeyDecoder(DecoderSettings())
    play(decoder, [*strokes("J10"), (Key.LEFTSHIFT, 1)], start=1.0)
    assert texts(list(decoder.unplugged(1.1))) == ["<unplugged>"]
    assert decoder.unplugged(1.2) == ()
    decoder.opened(2.0)
    assert texts(play(decoder, strokes("ab") + ENTER, start=3.0)) == ["ab"]


def test_a_dead_key_needs_its_space() -> None:
    """In German ^ is typed as the dead key and a space; with anything else it is refused."""
    german = DecoderSettings(layout="de")
    assert read(strokes("A^B", "de") + ENTER, german) == ["A^B"]
    assert read(stroke(41) + strokes("A", "de") + ENTER, german) == ["<unknown_key>"]
    assert read(stroke(41) + ENTER, german) == ["<broken_keys>"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"layout": "xx"}, "there is no scanner layout 'xx'; there are us, gb, de, fr"),
        ({"longest": 0}, "at least 1 character"),
        ({"gap_s": 0.0}, "longer than 0 s"),
        ({"prefix": "\r"}, "contains the suffix cr"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_a_sentence(wrong: dict[str, object], sentence: str) -> None:
    """What kiosk.toml may say is checked where it is meant."""
    with pytest.raises(ValueError, match=sentence):
        DecoderSettings(**wrong)  # type: ignore[arg-type]


def test_every_fault_can_be_explained() -> None:
    """Each reason has a sentence that ends in the cure."""
    for reason in FaultReason:
        assert explain(ScanFault(reason, "J10", 0.0)).endswith("scan again")
