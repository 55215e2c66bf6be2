"""What is made of text that comes through the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanner.decoder import DecoderSettings, Suffix
from kiosk.scanner.verdicts import Scan
from kiosk.scanner.wedge import TypedKeys, Wedge

CARD = "J1044-S003-07"
FAST = 0.003
SLOW = 0.2
NAMES = {
    "\r": "enter",
    "\n": "ctrl+j",
    "\t": "tab",
    "\b": "backspace",
    "\x1b": "escape",
    "\x1d": "ctrl+right_square_bracket",
}


class Terminal:
    """Types into a wedge and keeps what it said, as words."""

    def __init__(self, wedge: Wedge) -> None:
        self.wedge = wedge
        self.at = 100.0
        self.said: list[str] = []

    def type(self, text: str, pace_s: float) -> None:
        """Type characters at a pace; the pause comes before each."""
        for character in text:
            self.press(NAMES.get(character, character), character, pace_s)

    def press(self, name: str, character: str | None, pace_s: float) -> None:
        """Press one key after a pause, with the timer of an app in between."""
        until = self.at + pace_s
        deadline = self.wedge.deadline
        if deadline is not None and deadline <= until:
            self.hear(self.wedge.expire(deadline))
        self.at = until
        self.hear(self.wedge.key(name, character, self.at))

    def wait(self, seconds: float) -> None:
        """Let time pass, with the app's timer running."""
        until = self.at + seconds
        while (deadline := self.wedge.deadline) is not None and deadline <= until:
            self.hear(self.wedge.expire(deadline))
        self.at = until

    def hear(self, verdicts: tuple[object, ...]) -> None:
        """Note what the wedge said."""
        for verdict in verdicts:
            match verdict:
                case Scan(text=text):
                    self.said.append(text)
                case TypedKeys(names):
                    self.said.append("+" + " ".join(names))
                case _:
                    self.said.append(f"<{getattr(verdict, 'reason', verdict)}>")


def terminal(*, keep_typing: bool = True, settings: DecoderSettings | None = None) -> Terminal:
    """A fresh wedge at its terminal."""
    return Terminal(Wedge(settings, keep_typing=keep_typing))


def test_a_burst_with_enter_is_a_scan() -> None:
    """In both modes."""
    for keep in (True, False):
        user = terminal(keep_typing=keep)
        user.type(CARD + "\r" + CARD + "\r", FAST)
        assert user.said == [CARD, CARD]


def test_an_id_typed_by_hand_ends_on_enter() -> None:
    """Slowly, with a mistake taken back; the entry can be shown meanwhile."""
    user = terminal()
    user.type("J1045\b4", SLOW)
    assert user.wedge.entry == "J1044"
    assert user.wedge.deadline is None
    user.type("\r", SLOW)
    assert user.said == ["J1044"]
    assert user.wedge.entry == ""


def test_escape_wipes_what_was_typed() -> None:
    """Then Enter has nothing to end and belongs to the screen, as do Backspace and Escape on nothing."""
    user = terminal()
    user.type("J1\x1b\r\b\x1b", SLOW)
    assert user.said == ["+enter", "+backspace", "+escape"]


def test_cr_and_lf_are_one_end() -> None:
    """The second half is not an Enter for the screen."""
    user = terminal(keep_typing=False)
    user.type(CARD + "\r\n", FAST)
    assert user.said == [CARD]


def test_typed_and_scanned_text_do_not_run_together() -> None:
    """Someone typed J1, then a scan came on top: refused; the next scan is read."""
    user = terminal()
    user.type("J1", SLOW)
    user.wait(1)
    user.type(CARD + "\r", FAST)
    user.wait(1)
    user.type(CARD + "\r", FAST)
    assert user.said == ["<mixed>", CARD]


def test_a_burst_that_lost_its_end_is_not_joined_to_the_next() -> None:
    """In both modes."""
    user = terminal()
    user.type(CARD, FAST)
    user.wait(2)
    user.type(CARD + "\r", FAST)
    assert user.said == ["<interrupted>"]
    user = terminal(keep_typing=False)
    user.type(CARD, FAST)
    user.wait(2)
    user.type(CARD + "\r", FAST)
    user.wait(2)
    user.type(CARD + "\r", FAST)
    assert user.said[0] == "<unfinished>"
    assert user.said[-1] == CARD
    assert not [said for said in user.said[:-1] if said[0] != "<"]


def test_a_network_may_deliver_a_scan_in_pieces() -> None:
    """Over ssh a burst pauses; nothing is lost, so it is one code."""
    for keep in (True, False):
        user = terminal(keep_typing=keep)
        user.type("J1044-S0", FAST)
        user.wait(0.3)
        user.type("03-07\r", FAST)
        assert user.said == [CARD]


def test_a_screen_with_keys_of_its_own_gets_them_back() -> None:
    """QA types digits, plus and Enter; each comes back in order after a moment."""
    user = terminal(keep_typing=False)
    user.type("2", SLOW)
    assert user.wedge.deadline is not None
    user.type("01\r+", SLOW)
    user.press("f2", None, SLOW)
    user.wait(1)
    assert user.said == ["+2", "+0", "+1", "+enter", "++", "+f2"]


def test_quick_fingers_are_no_scan() -> None:
    """Two keys at once and Enter are still keys."""
    user = terminal(keep_typing=False)
    user.type("20\r", FAST)
    user.wait(1)
    assert user.said == ["+2 0 enter"]


def test_a_scan_right_after_typed_keys_is_refused() -> None:
    """Its first characters may have been taken for typing."""
    user = terminal(keep_typing=False)
    user.type("J", SLOW)
    user.wait(0.2)
    user.type("1044-S003-07\r", FAST)
    assert user.said == ["+J", "<mixed>"]


def test_a_scan_after_a_key_that_stands_in_no_code_is_read() -> None:
    """A pass, a blank or an Enter, and the next card half a second later: nothing of it can be missing."""
    for keys in ("+", " ", "201\r", "2 "):
        user = terminal(keep_typing=False)
        user.type(keys, SLOW)
        user.wait(0.5)
        user.type(CARD + "\r", FAST)
        assert user.said[-1] == CARD


def test_a_scan_after_escape_is_read() -> None:
    """Given the help that was closed with Escape, when a code is scanned at once, then none of it is missing."""
    user = terminal(keep_typing=False)
    user.press("escape", "\x1b", SLOW)
    user.wait(0.3)
    user.type(CARD + "\r", FAST)
    assert user.said == ["+escape", CARD]


def test_a_key_that_the_scanner_sends_first_may_be_missing() -> None:
    """Where + is the scanner's prefix, one that was taken for a key makes the rest doubtful."""
    user = terminal(keep_typing=False, settings=DecoderSettings(prefix="+"))
    user.type("+", SLOW)
    user.wait(0.5)
    user.type(CARD + "\r", FAST)
    assert user.said == ["++", "<mixed>"]


def test_a_paste_is_one_code() -> None:
    """With or without its end; several, or one on top of typed text, are refused."""
    assert [v.text for v in Wedge().paste(CARD, 1.0) if isinstance(v, Scan)] == [CARD]
    assert [v.text for v in Wedge().paste(CARD + "\r\n", 1.0) if isinstance(v, Scan)] == [CARD]
    user = terminal()
    user.hear(user.wedge.paste("A\nB\n", 1.0))
    user.hear(user.wedge.paste("\n", 1.0))
    user.hear(user.wedge.paste("x" * 10_000, 1.0))
    user.type("J", SLOW)
    user.hear(user.wedge.paste(CARD, user.at))
    assert user.said == ["<several_codes>", "<too_long>", "<mixed>"]


def test_control_characters_stay_in_the_code() -> None:
    """A group separator is neither dropped nor a shortcut."""
    user = terminal()
    user.type("AB\x1dCD\r", FAST)
    assert user.said == ["AB\x1dCD"]


def test_ctrl_and_a_key_by_hand_belong_to_the_screen() -> None:
    """A shortcut leaves no mark in an id that is being typed; first or in the middle."""
    user = terminal()
    user.type("\x1d", SLOW)
    user.wait(1)
    user.type("J1\x1d0", SLOW)
    assert user.wedge.entry == "J10"
    user.type("\r", SLOW)
    assert user.said == ["+ctrl+right_square_bracket", "+ctrl+right_square_bracket", "J10"]


def test_a_prefix_is_taken_off_and_may_be_left_out_by_hand() -> None:
    """The scanner sends it, a person need not."""
    user = terminal(settings=DecoderSettings(prefix="~"))
    user.type("~J1044\r", FAST)
    user.type("J1045\r", SLOW)
    assert user.said == ["J1044", "J1045"]


def test_tab_ends_a_code_where_it_is_the_suffix() -> None:
    """Elsewhere Tab on nothing is the screen's own key."""
    user = terminal(settings=DecoderSettings(suffix=Suffix.TAB))
    user.type(CARD + "\t", FAST)
    assert user.said == [CARD]
    user = terminal()
    user.type("\t", SLOW)
    user.wait(1)
    assert user.said == ["+tab"]


def test_without_a_suffix_a_burst_ends_by_a_pause() -> None:
    """And an id typed by hand still needs its Enter."""
    user = terminal(settings=DecoderSettings(suffix=Suffix.NONE))
    user.type(CARD, FAST)
    user.wait(1)
    user.type("J1", SLOW)
    user.wait(5)
    user.type("\r", SLOW)
    assert user.said == [CARD, "J1"]


def test_a_flood_stays_bounded() -> None:
    """Ten thousand characters are refused once."""
    user = terminal()
    user.type("A" * 10_000 + "\r", FAST)
    assert user.said == ["<too_long>"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("J1044-S\r\n\t\b\x1b\x1d+"),
            st.sampled_from([0.0, 0.003, 0.003, 0.003, 0.003, 0.04, 0.06, 0.3, 1.2, 5.0]),
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_a_code_is_everything_since_the_last_end(keys: list[tuple[str, float]], keep: bool) -> None:
    """Any keys at any pace: a code is never a part of what was typed, save what was given back or refused before."""
    user = terminal(keep_typing=keep)
    since_end, refused, ended_at = "", False, 0.0
    for character, pace in keys:
        before = len(user.said)
        user.wait(pace)
        refused = refused or any(said.startswith("<") for said in user.said[before:])
        user.type(character, 0.0)
        if refused and pace >= 3.0:
            since_end, refused = "", False
        second_half = character == "\t" and not since_end and user.at - ended_at < 0.05
        if character not in "\r\n" and not second_half:
            since_end += character
        for said in user.said[before:]:
            if said.startswith("<"):
                refused = refused or pace < 3.0
            elif said.startswith("+"):
                names = said[1:].split(" ")
                given_back = len(names) - (names[-1] in {"enter", "ctrl+j"})
                if keep and len(since_end) > 1 and names == [NAMES.get(character)]:
                    since_end = since_end[:-1]
                else:
                    since_end = since_end[given_back:]
            else:
                assert said == since_end
                assert not refused
        if character in "\r\n" and any(said[0] != "+" for said in user.said[before:]):
            ended_at = user.at
        if character in "\r\n" or (keep and character == "\x1b"):
            since_end, refused = "", False
        elif keep and character == "\b":
            since_end, refused = ("", False) if refused else (since_end[:-2], refused)
