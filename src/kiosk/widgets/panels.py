"""Panels that stand alone: log-on, dialogs, help, and the notice that the terminal is too small."""

from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from kiosk.bigtype import BigText, fit_all
from kiosk.snapshots.dialogs import LogOnView, PinView, QuestionView
from kiosk.snapshots.station import TooSmallView
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.verdicts import VerdictState
from kiosk.widgets.canvas import Canvas, cells, literal
from kiosk.widgets.painted import Painted
from kiosk.widgets.symbols import VERDICT_SYMBOLS

DIALOG_WIDTH: Final = 64
_LEAVE_IT: Final = ("Esc", "Leave it")
_QUIET_KEYS: Final = (_LEAVE_IT,)
_PIN_KEYS: Final = (("Enter", "Done"), ("Backspace", "Take back"), ("Esc", "Cancel"))
_ANSWER_GAP: Final = 3
_LONGEST_LINE: Final = 240


class LogOnPanel(Painted[LogOnView]):
    """One imperative, as large as the screen allows, in one, two or three lines."""

    def paint(self, canvas: Canvas, view: LogOnView) -> None:
        """Whatever went wrong stands in amber between the imperative and the sentence."""
        palette = self.palette
        bigs = _largest(view.big.split(), canvas)
        problem = wrap(literal(view.problem), canvas.width - 5)
        below = 3 + len(view.lines) + (len(problem) + 1 if problem else 0)
        height = sum(big.rows for big in bigs) + max(0, len(bigs) - 1)
        y = max(0, (canvas.height - height - below) * 2 // 5)
        strong = palette.tone(Tone.STRONG)
        if not bigs:
            canvas.centre(y, view.big, strong)
            y += 1
        for big in bigs:
            canvas.big((canvas.width - big.width) // 2, y, big, strong)
            y += big.rows + 1
        y += 1
        widest = max((cells(line) for line in problem), default=0)
        for offset, line in enumerate(problem):
            marker = "▲ " if not offset else "  " if len(problem) > 1 else ""
            padded = line + " " * (widest - cells(line))
            canvas.centre(y + offset, f" {marker}{padded} ", palette.badges[Tone.ATTENTION].style())
        y += len(problem) + 1 if problem else 0
        canvas.centre(y, view.sentence, palette.text(bold=True))
        for offset, line in enumerate(view.lines):
            canvas.centre(y + 2 + offset, line, palette.quiet())


def _largest(words: list[str], canvas: Canvas) -> tuple[BigText, ...]:
    """The words on the number of lines that lets them be set largest."""
    best: tuple[BigText, ...] = ()
    for lines in range(1, len(words) + 1):
        rows = (canvas.height - 8 - (lines - 1)) // lines
        for split in _splits(words, lines):
            bigs = fit_all(split, canvas.width - 6, min(rows, 10), canvas.glyphs)
            if bigs and (not best or bigs[0].rows > best[0].rows):
                best = bigs
    return best


def _splits(words: list[str], lines: int) -> list[tuple[str, ...]]:
    if lines == 1:
        return [(" ".join(words),)]
    return [
        (" ".join(words[:first]), *rest)
        for first in range(1, len(words) - lines + 2)
        for rest in _splits(words[first:], lines - 1)
    ]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A dialog and what has been entered in it: how many digits of a PIN, or the text to find."""

    question: QuestionView | PinView
    entered: int = 0
    text: str = ""


class DialogPanel(Painted[AnswerView]):
    """A question with its answers, or a PIN as dots; never the digits themselves."""

    @staticmethod
    def size_of(view: QuestionView | PinView, columns: int) -> tuple[int, int]:
        """How many columns and rows the dialog needs at the least where it may take so many columns."""
        said = [*_title_of(view).split(), *(word for line in view.lines for word in line.split())]
        inner = max(*(cells(word) for word in said), *(cells(key) + cells(label) + 3 for key, label in _keys_of(view)))
        width = max(min(DIALOG_WIDTH, columns), inner + 4)
        rows = len(_titled(view, width)) + len(_wrapped(view, width)) + len(_key_rows(view, width)) + 3
        if isinstance(view, PinView):
            width = max(width, 2 * view.longest + 3)
            rows += 2 + (len(_problem_of(view, width)) + 1 if view.problem else 0)
        return width, rows

    def paint(self, canvas: Canvas, view: AnswerView) -> None:
        """A coloured title bar, the lines, then the answers or the dots."""
        palette = self.palette
        question = view.question
        tone = question.tone if isinstance(question, QuestionView) else Tone.STRONG
        panel = palette.panel
        canvas.fill(0, 0, canvas.width, canvas.height, panel.style())
        badge = palette.badges[tone].style()
        titled = _titled(question, canvas.width)
        canvas.fill(0, 0, canvas.width, len(titled), badge)
        for row, line in enumerate(titled):
            canvas.text(2, row, line, badge, canvas.width - 4)
        y = len(titled) + 1
        for line in _wrapped(question, canvas.width):
            canvas.text(2, y, line, panel.style(bold=False), canvas.width - 4)
            y += 1
        y += 1
        if isinstance(question, PinView):
            y = self._dots(canvas, question, view.entered, y)
        quiet = _QUIET_KEYS if isinstance(question, QuestionView) else _PIN_KEYS
        for row in _key_rows(question, canvas.width):
            x = 2
            for key, label in row:
                style = panel.style(bold=False, quiet=True) if (key, label) in quiet else panel.style()
                x = canvas.text(x, y, f" {key} ", palette.key.style()) + 1
                x = canvas.text(x, y, label, style, max(0, canvas.width - x - 2)) + _ANSWER_GAP
            y += 1

    def _dots(self, canvas: Canvas, question: PinView, entered: int, y: int) -> int:
        palette = self.palette
        if question.problem:
            for line in _problem_of(question, canvas.width):
                canvas.text(2, y, line, palette.badges[Tone.ATTENTION].style(), canvas.width - 4)
                y += 1
            y += 1
        dots = " ".join("●" if place < entered else "·" for place in range(question.longest))
        canvas.centre(y, dots, palette.panel.style())
        return y + 2


def _keys_of(question: QuestionView | PinView) -> list[tuple[str, str]]:
    """The keys of a dialog and what they do; there is always one that leaves it."""
    if isinstance(question, PinView):
        return list(_PIN_KEYS)
    answers = [(choice.key, choice.label) for choice in question.choices]
    return answers if any(key == _LEAVE_IT[0] for key, _ in answers) else [*answers, _LEAVE_IT]


def _key_rows(question: QuestionView | PinView, width: int) -> list[list[tuple[str, str]]]:
    """The keys in as many rows as leave each of them whole."""
    rows: list[list[tuple[str, str]]] = []
    spare = 0
    for key, label in _keys_of(question):
        needed = cells(key) + cells(label) + 3 + _ANSWER_GAP
        if not rows or needed > spare:
            rows.append([])
            spare = width - 4 + _ANSWER_GAP
        rows[-1].append((key, label))
        spare -= needed
    return rows


def _title_of(question: QuestionView | PinView) -> str:
    tone = question.tone if isinstance(question, QuestionView) else Tone.STRONG
    marker = "▲ " if tone is Tone.ATTENTION else "✗ " if tone is Tone.BAD else ""
    return f"{marker}{literal(question.title)}"


def _titled(question: QuestionView | PinView, width: int) -> list[str]:
    return wrap(_title_of(question), max(1, width - 4)) or [""]


def _problem_of(question: PinView, width: int) -> list[str]:
    """What is wrong with the last PIN, each row with air around it."""
    return [f" {line} " for line in wrap(f"▲ {literal(question.problem)}", max(1, width - 6))]


def _wrapped(question: QuestionView | PinView, width: int) -> list[str]:
    """The lines of a dialog, broken at blanks where they are wider than it is."""
    inner = max(1, width - 4)
    return [part for line in question.lines for part in wrap(literal(line)[:_LONGEST_LINE], inner)]


@dataclass(frozen=True, slots=True)
class FindView:
    """What has been typed to find a card, a sheet or a job."""

    typed: str = ""


class FindPanel(Painted[FindView]):
    """One line to type an id into."""

    COLUMNS: Final = 34
    """How many it needs at the least: what may be typed stands whole in its title."""
    ROWS: Final = 6

    def paint(self, canvas: Canvas, view: FindView) -> None:
        """Any id will do, in any case; a scan of it as well."""
        palette = self.palette
        panel = palette.panel
        canvas.fill(0, 0, canvas.width, canvas.height, panel.style())
        canvas.fill(0, 0, canvas.width, 1, palette.badges[Tone.STRONG].style())
        canvas.text(2, 0, "FIND a card, sheet, job or box", palette.badges[Tone.STRONG].style())
        # Of what is longer than the line its end is seen, where the next character comes.
        canvas.text(2, 2, f"{view.typed[-(canvas.width - 5) :]}▌", panel.style(), canvas.width - 4)
        x = canvas.text(2, 4, " Enter ", palette.key.style()) + 1
        x = canvas.text(x, 4, "Find", panel.style(bold=False, quiet=True)) + 3
        x = canvas.text(x, 4, " Esc ", palette.key.style()) + 1
        canvas.text(x, 4, "Back", panel.style(bold=False, quiet=True))


@dataclass(frozen=True, slots=True)
class HelpView:
    """What F1 shows: how the role works, its keys, and what the colours mean."""

    title: str
    how: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]


_STATES: tuple[tuple[VerdictState, str, str], ...] = (
    (VerdictState.READY, "READY", "do what it says; nothing happens until a scan"),
    (VerdictState.ACCEPTED, "ACCEPTED", "it is recorded; go on"),
    (VerdictState.REJECTED, "STOP", "wrong: do the three steps in their order"),
    (VerdictState.ATTENTION, "AGAIN", "nothing changed; read why, scan again (NOT NOW: when online)"),
    (VerdictState.OFFLINE, "OFFLINE", "SAVED is kept and sent when online; WAIT is sent: leave it"),
)


class HelpPanel(Painted[HelpView]):
    """Help on one screen."""

    def paint(self, canvas: Canvas, view: HelpView) -> None:
        """How it works, the five states as they look, the keys; where rows are few the air goes first."""
        palette = self.palette
        x, y = 3, 1
        width = canvas.width - 6
        how = [part for sentence in view.how for part in wrap(sentence, width)]
        column = max((cells(label) for _, label in view.keys), default=0) + 10
        across = max(1, width // max(1, column))
        rows = len(how) + len(_STATES) + -(-len(view.keys) // across)
        big = fit_all((view.title,), width, 5 if canvas.height >= 28 else 3, canvas.glyphs)
        spare = canvas.height - 1 - y - rows
        if big and big[0].rows <= spare:
            canvas.big(x, y, big[0], palette.tone(Tone.STRONG))
            y += big[0].rows
            spare -= big[0].rows
        else:
            canvas.text(x, y, view.title, palette.tone(Tone.STRONG))
            y += 1
            spare -= 1
        # Below the title first, then above the keys, then between them.
        y += spare >= 1
        for line in how:
            canvas.text(x, y, line, palette.text(), width)
            y += 1
        y += spare >= 3
        for state, words, meaning in _STATES:
            badge = f" {VERDICT_SYMBOLS[state]} {words:<9}"
            canvas.text(x, y, badge, palette.verdicts[state].style())
            canvas.text(x + 14, y, meaning, palette.text(), width - 14)
            y += 1
        y += spare >= 2
        for index, (key, label) in enumerate(view.keys):
            left = x + index % across * column
            row = y + index // across
            after = canvas.text(left, row, f" {key} ", palette.key.style())
            canvas.text(after + 1, row, label, palette.quiet(), max(0, left + column - after - 2))
        after = canvas.text(x, canvas.height - 1, " Any key ", palette.key.style())
        canvas.text(after + 1, canvas.height - 1, "Back to work", palette.text())


_STATE_WORDS: Final = {state: words for state, words, _ in _STATES}


def _answers(view: TooSmallView) -> list[tuple[VerdictState, str]]:
    """The answer to the last scan in a line, then the words of a verdict that stands."""
    answers: list[tuple[VerdictState, str]] = []
    last, verdict = view.last, view.verdict
    if last is not None:
        answers.append((last.state, f"{_STATE_WORDS.get(last.state, '')} {last.what}".strip()))
    if verdict is not None and verdict.words and (last is None or verdict.state is not VerdictState.READY):
        answers.append((verdict.state, ". ".join(part for part in (verdict.words, verdict.instruction) if part)))
    return answers


class TooSmallPanel(Painted[TooSmallView]):
    """Says what is needed, and what there is."""

    def paint(self, canvas: Canvas, view: TooSmallView) -> None:
        """The answer to the last scan at the top, what is needed in the middle, in words that fit almost anywhere."""
        palette = self.palette
        y = max(1, canvas.height // 2 - 1)
        rows = [
            (state, f"{'' if offset else VERDICT_SYMBOLS[state]:<2}{part}")
            for state, words in _answers(view)
            for offset, part in enumerate(wrap(literal(words), max(1, canvas.width - 3)))
        ]
        for row, (state, words) in enumerate(rows[: max(1, y - 1)]):
            style = palette.verdicts[state].style()
            canvas.fill(0, row, canvas.width, 1, style)
            canvas.text(1, row, words, style, canvas.width - 1)
        canvas.centre(y, "▲ TERMINAL TOO SMALL", palette.tone(Tone.ATTENTION))
        canvas.centre(y + 1, f"needs at least {view.needed_columns}x{view.needed_rows}", palette.text())
        there = f"this terminal is {view.columns}x{view.rows}"
        canvas.centre(
            y + 2, there if cells(there) <= canvas.width else f"is {view.columns}x{view.rows}", palette.text()
        )
