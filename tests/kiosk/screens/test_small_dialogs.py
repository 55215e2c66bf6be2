"""Questions on a terminal below the smallest layout: they are whole there, or nobody answers them unseen."""

from dataclasses import replace

import pytest

from kiosk.screens import PinEntered, QuestionAnswered
from kiosk.snapshots.dialogs import PinView, QuestionView
from kiosk.snapshots.keys import Intent
from tests.kiosk.screens.capture import RecordingApp, text_of
from tests.kiosk.screens.gallery import LEAD
from tests.kiosk.screens.gallery_line import ASSEMBLY_PIN, QA_QUESTION

SIZES = [(80, 24), (64, 20), (63, 20), (50, 14), (40, 12), (39, 11), (30, 12), (30, 8), (20, 6), (12, 3)]
NOT_SHOWN = "TOO SMALL"


def words_of(question: QuestionView | PinView) -> list[str]:
    """Every word that the question has to show, its keys too."""
    said = [question.title, *question.lines]
    if isinstance(question, QuestionView):
        said += [f"{choice.key} {choice.label}" for choice in question.choices]
    else:
        said += [question.problem, "Enter Done Backspace Take back Esc Cancel"]
    return " ".join(said).split()


@pytest.mark.parametrize("snapshot", [QA_QUESTION, ASSEMBLY_PIN], ids=["question", "PIN"])
@pytest.mark.parametrize("size", SIZES)
async def test_a_question_is_whole_or_the_terminal_is_said_to_be_too_small(
    snapshot: object, size: tuple[int, int]
) -> None:
    """Given any terminal, then no word of a question is cut: half a question is answered wrongly."""
    question = snapshot.question  # pyright: ignore[reportAttributeAccessIssue]
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(snapshot)  # pyright: ignore[reportArgumentType]
        await pilot.pause()
        shown = " ".join(text_of(app)).split()
        if any("Esc" in word for word in shown) and "needs" not in shown:
            assert [word for word in words_of(question) if word not in shown] == []
        else:
            assert size[0] < 50 or size[1] < 14
            assert "▲" in shown


async def test_a_question_that_cannot_be_seen_takes_no_answer_but_to_leave_it() -> None:
    """Enter would fail a card, or say that something is dealt with, that nobody read."""
    app = RecordingApp()
    async with app.run_test(size=(30, 6)) as pilot:
        app.show_snapshot(QA_QUESTION)
        await pilot.pause()
        assert any("FINISH CARD 11" in line for line in text_of(app))
        await pilot.press("enter", "+")
        assert app.said == []
        await pilot.press("escape")
        await pilot.pause()
        assert [each.value for each in app.said if isinstance(each, QuestionAnswered)] == [""]


async def test_a_pin_that_is_asked_for_unseen_is_not_taken() -> None:
    """Its digits belong to a question that nobody can read."""
    app = RecordingApp()
    async with app.run_test(size=(30, 6)) as pilot:
        app.show_snapshot(ASSEMBLY_PIN)
        await pilot.pause()
        await pilot.press("1", "2", "3", "4", "enter")
        assert app.said == []
        await pilot.press("escape")
        await pilot.pause()
        assert [each.pin for each in app.said if isinstance(each, PinEntered)] == [None]


async def test_a_question_is_shown_and_answered_again_as_soon_as_there_is_room() -> None:
    """The terminal grew, and nothing was lost meanwhile."""
    app = RecordingApp()
    async with app.run_test(size=(30, 6)) as pilot:
        app.show_snapshot(QA_QUESTION)
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert any("Go on with 11" in line for line in text_of(app))
        await pilot.press("enter")
        await pilot.pause()
        assert [each.value for each in app.said if isinstance(each, QuestionAnswered)] == ["fail"]


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_looked_for_is_seen_to_its_end(size: tuple[int, int]) -> None:
    """Of a long id the end stands there, where the next character comes."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(LEAD)
        app.show_overlay(Intent.FIND)
        await pilot.pause()
        await pilot.press(*"j1044-s003-07-r1", *"0" * 40, "7", "9")
        await pilot.pause()
        text = "\n".join(text_of(app))
        assert "79▌" in text or (NOT_SHOWN in text or size[0] < 34)


@pytest.mark.parametrize("size", [(79, 24), (40, 12), (20, 6)])
async def test_help_on_a_terminal_that_is_too_small_says_so(size: tuple[int, int]) -> None:
    """Half of what a key does is no help; any key goes back to the work as ever."""
    app = RecordingApp()
    async with app.run_test(size=size) as pilot:
        app.show_snapshot(replace(LEAD))
        app.show_overlay(Intent.HELP)
        await pilot.pause()
        assert app.is_helping
        text = " ".join(" ".join(text_of(app)).split())
        assert "80x24" in text
        await pilot.press("x")
        assert not app.is_helping
