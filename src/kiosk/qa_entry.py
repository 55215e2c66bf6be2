"""The typing of verdicts at QA, as a pure model: keys in, a new entry and perhaps a verdict out.

A pass is one key, a fail four: three digits complete a unique code to a chip, Enter commits. Words
and synonyms work by type-ahead, `*1` to `*9` are favourites, Backspace takes back, Escape drops
what is typed, and Enter on nothing does nothing. Text that no code answers to is nothing: the
next key begins anew. The QA station session keeps an entry per card and shows `entry_view` of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from kiosk.snapshots.work import ChipView, QaEntryView, SuggestionLine

_MOST_TYPED: Final = 24
_MOST_CHIPS: Final = 9
_SHOWN: Final = 9
_CODE: Final = re.compile(r"(?P<letter>[A-Z]?)-?(?P<digits>[0-9]{0,3})")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class QaCode:
    """One reason for a fail: "F-201", what it means, other words for it, and a note for the list."""

    code: str
    words: str
    synonyms: tuple[str, ...] = ()
    note: str = ""

    @property
    def digits(self) -> str:
        """The digits of the code, as they are typed."""
        return "".join(character for character in self.code if character.isdigit())

    @property
    def letter(self) -> str:
        """The letter that the code begins with, or nothing."""
        return self.code[:1].upper() if self.code[:1].isalpha() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QaCatalogue:
    """The shop's codes, and which of them are `*1` to `*9`, most used first."""

    codes: tuple[QaCode, ...]
    favourites: tuple[str, ...] = ()

    def favourite_number(self, code: str) -> int:
        """1 to 9 for a favourite, else 0."""
        return self.favourites.index(code) + 1 if code in self.favourites[:9] else 0

    def find(self, code: str) -> QaCode | None:
        """The code of that name, if the shop has it."""
        return next((each for each in self.codes if each.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QaEntry:
    """What has been typed for one card: characters, codes taken, and why the last key did nothing.

    `is_stray` says that no code answers to the characters.
    """

    typed: str = ""
    is_stray: bool = False
    chips: tuple[str, ...] = field(default=())
    problem: str = ""

    @property
    def pending(self) -> bool:
        """Whether a verdict was begun: scanning the next card must then ask to finish this one."""
        return bool(self.chips or (self.typed and not self.is_stray))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """The card was passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """The card was failed with these codes, in the order they were taken; at least one."""

    codes: tuple[str, ...]


Verdict: TypeAlias = Pass | Fail
"""What a key can bring about."""


def press(entry: QaEntry, key: str, catalogue: QaCatalogue) -> tuple[QaEntry, Verdict | None]:
    """One key: a character, or "enter", "space", "backspace" or "escape". Others change nothing."""
    if entry.is_stray and key in {"enter", "space", "+"}:
        # Nothing is judged by a key that was pressed over text; pressed once more, it counts.
        return replace(entry, typed="", is_stray=False, problem=f"nothing is called {entry.typed}: it is gone"), None
    pressed, verdict = _press(entry, key, catalogue)
    is_stray = bool(pressed.typed) and pressed.typed != "*" and not suggestions(pressed, catalogue)
    if is_stray:
        pressed = replace(pressed, problem=pressed.problem or f"nothing is called {pressed.typed}")
    return replace(pressed, is_stray=is_stray), verdict


def _press(entry: QaEntry, key: str, catalogue: QaCatalogue) -> tuple[QaEntry, Verdict | None]:
    match key:
        case "enter":
            return _enter(entry, catalogue)
        case "space":
            return (_take_first(entry, catalogue) if entry.typed else entry), None
        case "backspace":
            if entry.typed:
                return replace(entry, typed=entry.typed[:-1], problem=""), None
            return replace(entry, chips=entry.chips[:-1], problem=""), None
        case "escape":
            return replace(entry, typed="", problem=""), None
        case "+":
            return _plus(entry)
        case _:
            return _type(entry, key, catalogue), None


def suggestions(entry: QaEntry, catalogue: QaCatalogue) -> tuple[QaCode, ...]:
    """What answers to the characters typed, best first; for none, the favourites."""
    if not entry.typed or entry.typed == "*":
        found = [catalogue.find(code) for code in catalogue.favourites[:9]]
        return tuple(code for code in found if code is not None)
    ranked = [
        (rank, catalogue.favourite_number(code.code) or 10, index, code)
        for index, code in enumerate(catalogue.codes)
        if (rank := _rank(entry.typed, code)) is not None
    ]
    return tuple(code for _, _, _, code in sorted(ranked, key=lambda found: found[:3]))


def entry_view(entry: QaEntry, catalogue: QaCatalogue) -> QaEntryView:
    """The entry as the QA screen shows it."""
    offered = suggestions(entry, catalogue)
    known = [(chip, catalogue.find(chip)) for chip in entry.chips]
    return QaEntryView(
        typed=entry.typed,
        hint=_hint(entry, min(9, len(catalogue.favourites))),
        problem=entry.problem,
        suggestions=tuple(
            SuggestionLine(
                code=code.code,
                words=code.words,
                note=code.note,
                favourite=catalogue.favourite_number(code.code),
                first=index == 0,
            )
            for index, code in enumerate(offered[:_SHOWN])
        ),
        more=max(0, len(offered) - _SHOWN),
        chips=tuple(ChipView(code=chip, words=code.words if code else "") for chip, code in known),
    )


def _hint(entry: QaEntry, favourites: int) -> str:
    if entry.is_stray:
        return "type on, or Esc"
    if entry.typed:
        return "Enter takes line 1"
    return f"three digits, a word, or {_stars(favourites)}" if favourites else "three digits, or a word"


def _stars(favourites: int) -> str:
    return "*1" if favourites == 1 else f"*1 to *{favourites}"


def _enter(entry: QaEntry, catalogue: QaCatalogue) -> tuple[QaEntry, Verdict | None]:
    if entry.typed:
        return _take_first(entry, catalogue), None
    if not entry.chips:
        return replace(entry, problem=""), None
    return QaEntry(), Fail(codes=entry.chips)


def _plus(entry: QaEntry) -> tuple[QaEntry, Verdict | None]:
    # A pass over codes already taken would be a slip of the finger that nobody notices later.
    if entry.chips:
        return replace(entry, problem="codes taken: Enter fails, or Backspace"), None
    if entry.typed:
        return replace(entry, problem="begun: Enter takes it, Esc drops it"), None
    return QaEntry(), Pass()


def _type(entry: QaEntry, key: str, catalogue: QaCatalogue) -> QaEntry:
    if len(key) != 1 or not key.isprintable():
        return entry
    if len(entry.typed) >= _MOST_TYPED:
        return replace(entry, problem="no code is that long")
    typed = (entry.typed + key).upper()
    has_digits = any(character.isdigit() for character in entry.typed)
    if entry.is_stray and not (has_digits and _CODE.fullmatch(typed)):
        # Only digits go on until there are three: the last one of a wrong code must not begin another.
        typed = key.upper()
    if typed.startswith("*"):
        return _favourite(replace(entry, problem=""), typed, catalogue)
    begun = replace(entry, typed=typed, problem="")
    match = _CODE.fullmatch(typed)
    if match is None or len(match["digits"]) < 3:
        return begun
    found = [
        code for code in catalogue.codes if code.digits == match["digits"] and match["letter"] in {"", code.letter}
    ]
    if len(found) == 1:
        return _take(begun, found[0].code)
    if not found:
        return replace(entry, typed="", problem=f"there is no code {typed}")
    return begun


def _favourite(entry: QaEntry, typed: str, catalogue: QaCatalogue) -> QaEntry:
    if typed == "*":
        return replace(entry, typed=typed)
    number = typed[1:]
    if number.isascii() and number.isdigit() and 1 <= int(number) <= min(9, len(catalogue.favourites)):
        return _take(entry, catalogue.favourites[int(number) - 1])
    return replace(entry, typed="", problem=f"there is no favourite {typed}")


def _take_first(entry: QaEntry, catalogue: QaCatalogue) -> QaEntry:
    offered = suggestions(entry, catalogue)
    if not offered:
        return replace(entry, problem=f"nothing is called {entry.typed}")
    return _take(entry, offered[0].code)


def _take(entry: QaEntry, code: str) -> QaEntry:
    if code in entry.chips:
        return replace(entry, typed="", problem=f"{code} is taken already")
    if len(entry.chips) >= _MOST_CHIPS:
        return replace(entry, typed="", problem="nine codes are enough")
    return replace(entry, typed="", chips=(*entry.chips, code), problem="")


def _rank(typed: str, code: QaCode) -> int | None:
    """How well a code answers to what was typed; smaller is better, None is not at all."""
    match = _CODE.fullmatch(typed)
    if match is not None and (match["digits"] or len(typed) > 1 or typed.isalpha()):
        letter_fits = match["letter"] in {"", code.letter}
        if letter_fits and code.digits.startswith(match["digits"]):
            return 0 if match["digits"] else 2
    wanted = typed.casefold()
    if code.words.casefold().startswith(wanted):
        return 1
    if _begins(code.words, wanted):
        return 3
    if any(_begins(synonym, wanted) for synonym in code.synonyms):
        return 4
    if wanted in code.words.casefold():
        return 5
    return None


def _begins(words: str, wanted: str) -> bool:
    return words.casefold().startswith(wanted) or any(word.startswith(wanted) for word in _folded(words))


def _folded(words: str) -> Iterable[str]:
    return (word.casefold() for word in _WORD.findall(words))
