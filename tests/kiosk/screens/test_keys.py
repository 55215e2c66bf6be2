"""Keys become messages by way of the footer; dialogs give typed results."""

from dataclasses import replace

import pytest
from textual import events
from textual.pilot import Pilot

from kiosk.roles import presentation_of
from kiosk.screens import CodeTyped, FindRequested, OperatorPressed, PinEntered, QaKeyPressed, QuestionAnswered
from kiosk.snapshots.keys import FooterView, Intent
from kiosk.snapshots.station import StationRole, StationSnapshot
from tests.kiosk.screens.capture import RecordingApp, text_of
from tests.kiosk.screens.gallery import (
    ASSEMBLY,
    ASSEMBLY_PIN,
    ASSEMBLY_STOP,
    EMBELLISH,
    LEAD,
    LEAD_CARD,
    QA,
    QA_IDLE,
    QA_QUESTION,
)

SIZE = (100, 30)


def said(app: RecordingApp) -> list[object]:
    """What the screens said, as plain values."""
    values: list[object] = []
    for message in app.said:
        match message:
            case OperatorPressed():
                values.append(message.intent)
            case QaKeyPressed():
                values.append(message.key)
            case FindRequested():
                values.append(message.text)
            case QuestionAnswered():
                values.append((message.serial, message.value))
            case PinEntered():
                values.append((message.serial, message.pin))
            case _:
                values.append(message)
    return values


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys and let everything they start come to rest."""
    await pilot.press(*keys)
    await pilot.pause()


def at(role: StationRole) -> StationSnapshot:
    """A station of a role with its own keys; what it works on is of no matter here."""
    shown = {StationRole.QA: QA_IDLE, StationRole.LEAD: LEAD}.get(role, EMBELLISH)
    return shown if shown.role is role else replace(shown, role=role, footer=presentation_of(role).footer)


async def test_every_key_of_every_footer_says_what_it_shows() -> None:
    """F-keys of the stations post their intent, help apart, which the host answers itself."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        for role in set(StationRole) - {StationRole.QA, StationRole.LEAD}:
            snapshot = at(role)
            app.show_snapshot(snapshot)
            await pilot.pause()
            for key in snapshot.footer.keys:
                if key.intent is Intent.HELP:
                    continue
                app.said.clear()
                await press(pilot, key.key.lower())
                assert said(app) == [key.intent]


async def test_a_key_that_the_footer_does_not_show_does_nothing() -> None:
    """No hidden keys."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        await press(pilot, "f5", "f12", "x", "enter", "tab", "escape", "ctrl+p", "slash")
        assert said(app) == []


async def test_a_disabled_key_does_nothing() -> None:
    """It is shown, so that nobody looks for it, but it is faint."""
    keys = tuple(replace(key, enabled=False) for key in ASSEMBLY.footer.keys)
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(replace(ASSEMBLY, footer=replace(ASSEMBLY.footer, keys=keys)))
        await press(pilot, "f2", "f8")
        assert said(app) == []


async def test_help_covers_the_work_until_any_key_and_says_nothing() -> None:
    """F1 explains the role, its keys and the five states."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(at(StationRole.PRESS))
        await press(pilot, "f1")
        shown = "\n".join(text_of(app))
        assert "Scan each sheet" in shown
        assert all(words in shown for words in ("READY", "ACCEPTED", "STOP", "AGAIN", "OFFLINE", "Call lead"))
        await press(pilot, "f2")
        assert "LAST SCANS" in "\n".join(text_of(app))
        assert said(app) == []


@pytest.mark.parametrize("role", StationRole)
async def test_help_is_whole_on_the_smallest_terminal(role: StationRole) -> None:
    """No sentence is cut, and every key of the footer is explained."""
    app = RecordingApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_snapshot(at(role))
        await press(pilot, "f1")
        shown = text_of(app)
    assert not any("…" in line for line in shown)
    words = " ".join(" ".join(shown).split())
    presentation = presentation_of(role)
    assert all(sentence in words for sentence in presentation.how)
    assert all(key.label in words for key in at(role).footer.keys if not key.says_why)


async def test_a_stop_takes_help_away() -> None:
    """Nothing stands over a stop."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY)
        await press(pilot, "f1")
        app.show_snapshot(ASSEMBLY_STOP)
        await pilot.pause()
        assert any("Put this card in the RED box" in line for line in text_of(app))
        await press(pilot, "f1")
        assert any("Put this card in the RED box" in line for line in text_of(app))
        app.show_snapshot(ASSEMBLY)
        await pilot.pause()
        assert any("MISSING" in line for line in text_of(app))


async def test_characters_go_to_the_code_entry_while_a_card_is_inspected() -> None:
    """At QA every printable key types, so + is the entry's and not the footer's."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(QA)
        await press(pilot, "2", "f", "*", "+", "space", "backspace", "enter", "escape", "f2")
        assert said(app) == ["2", "f", "*", "+", "space", "backspace", "enter", "escape", Intent.UNDO]
        app.said.clear()
        app.show_snapshot(QA_IDLE)
        await press(pilot, "2")
        assert said(app) == []


async def test_the_leads_keys_move_open_and_go_back() -> None:
    """A pair of arrows in the footer is two keys."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(LEAD)
        await press(pilot, "down", "up", "enter", "s", "R", "escape")
        assert said(app) == [Intent.NEXT, Intent.PREVIOUS, Intent.OPEN, Intent.STATIONS, Intent.AT_RISK]
        app.said.clear()
        app.show_snapshot(LEAD_CARD)
        await press(pilot, "left", "right", "x", "escape")
        assert said(app) == [Intent.PREVIOUS, Intent.NEXT, Intent.REMAKE, Intent.BACK]


async def test_find_gives_what_was_typed_or_nothing() -> None:
    """/ asks for any id; Esc leaves without a word."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(LEAD)
        await press(pilot, "slash", *"j1045-s004", "escape")
        assert said(app) == []
        await press(pilot, "slash", *"j1045-s005", "backspace", "4", "enter")
        assert said(app) == ["j1045-s004"]


@pytest.mark.parametrize(("key", "value"), [("enter", "fail"), ("+", "pass"), ("escape", ""), ("f2", "")])
async def test_a_question_gives_the_value_of_the_key_that_was_pressed(key: str, value: str) -> None:
    """F2 leaves it as Esc does, so that it waits for no Enter; other keys leave it open."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(QA_QUESTION)
        await press(pilot, "x", "f8", key)
        assert said(app) == [(1, value)]
        assert len(app.screen_stack) == 2


async def test_a_question_goes_when_the_snapshot_no_longer_asks_it() -> None:
    """A scan may answer it; the dialog then leaves without a result."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(QA_QUESTION)
        await pilot.pause()
        assert len(app.screen_stack) == 3
        app.show_snapshot(QA)
        await pilot.pause()
        assert len(app.screen_stack) == 2
        assert said(app) == []


async def test_a_pin_is_given_but_never_shown() -> None:
    """Dots stand for digits, and no more than the longest PIN is taken."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY_PIN)
        await press(pilot, *"987654321234567")
        shown = "\n".join(text_of(app))
        assert "987" not in shown
        assert shown.count(" ".join("●" * 12)) == 1
        await press(pilot, "backspace", "enter")
        assert said(app) == [(2, "98765432123")]


async def test_a_badge_typed_by_a_scanner_where_a_pin_is_asked_for_is_no_pin() -> None:
    """Whatever holds anything but digits is told as a code; the question stays, empty, and takes the PIN then."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY_PIN)
        await press(pilot, *"OP-8", "enter")
        assert [message.text for message in app.said if isinstance(message, CodeTyped)] == ["OP-8"]
        shown = "\n".join(text_of(app))
        assert " ".join("·" * 12) in shown
        await press(pilot, *"1357", "enter")
        assert said(app)[-1] == (2, "1357")


async def test_a_pin_can_be_cancelled() -> None:
    """Esc gives no PIN at all."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(ASSEMBLY_PIN)
        await press(pilot, "1", "escape")
        assert said(app) == [(2, None)]


async def test_an_app_can_take_keys_before_the_screens_do() -> None:
    """A wedge scanner types; its characters belong to the scan and to nothing else."""

    class Wedge(RecordingApp):
        """Takes letters."""

        def take_key(self, event: events.Key) -> bool:
            return event.character is not None and event.character.isalpha()

    app = Wedge()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(QA)
        await press(pilot, "j", "1", "f2")
        assert said(app) == ["1", Intent.UNDO]


async def test_a_dim_key_that_says_why_is_heard_and_any_other_is_not() -> None:
    """Where nothing can be taken back F2 is dim, and pressed all the same it gets its sentence."""
    app = RecordingApp()
    async with app.run_test(size=SIZE) as pilot:
        app.show_snapshot(at(StationRole.PACKING))
        await press(pilot, "f2")
        assert said(app) == [Intent.UNDO]
        dead = replace(presentation_of(StationRole.PACKING).undo, says_why=False)
        app.show_snapshot(replace(at(StationRole.PACKING), footer=FooterView(keys=(dead,))))
        await press(pilot, "f2")
        assert said(app) == [Intent.UNDO]
