"""The app between keyboard, scanner, session and screens."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from core.domain.commands import DefineStation, VoidCardUnit
from core.domain.values import QAOutcome, VoidReason
from kiosk.app import FromScanner, KioskApp
from kiosk.config.file import Config
from kiosk.config.stations import StationStanza
from kiosk.running import kiosk_app
from kiosk.scanner.messages import ScanRead, ScanRefused
from kiosk.scanner.verdicts import FaultReason, ScanFault
from kiosk.screens.intents import OperatorPressed
from kiosk.screens.overlays import FindScreen, HelpScreen, QuestionScreen, StopScreen
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.leads import LeadSection, LeadView
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import QaView
from kiosk.station_session.inputs import Scanned
from store import Store
from tests.core.shop import INSPECTOR, LEAD, OPERATOR, PRESS, spec
from tests.end_to_end.shop import read_config, stanza
from tests.kiosk.screens.capture import text_of
from tests.support.floor import Floor
from tests.support.waiting import eventually


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The shop's configuration."""
    return read_config(tmp_path)


@pytest.fixture
async def floor(floor: Floor) -> Floor:
    """People, stations and a job of two sheets, by the real clock."""
    floor.now = datetime.now(UTC)
    await floor.start(spec(), sets=2)
    return floor


@contextlib.asynccontextmanager
async def at_station(config: Config, store: Store, station: str) -> AsyncGenerator[tuple[KioskApp, Pilot[Any]]]:
    """A station's app, running."""
    app = await kiosk_app(config, stanza(config, station), store, selection=None)
    async with app.run_test(size=(100, 30)) as pilot:
        yield app, pilot


def read(app: KioskApp, text: str) -> None:
    """Let a scanner's reader say that it read a code."""
    app.post_message(FromScanner(ScanRead(text=text, scanner="a scanner", began=0.0, ended=0.0)))


def send(app: KioskApp, keys: str) -> None:
    """Press keys without a pause between them."""
    names = {"/": "slash", "\r": "enter"}
    for character in keys:
        app.screen.post_message(events.Key(names.get(character, character), character))


async def shows(app: KioskApp, condition: Callable[[StationSnapshot], object]) -> None:
    """Wait until what is on the screen fulfils a condition."""
    await eventually(lambda: app.snapshot is not None and condition(app.snapshot))


async def test_a_reset_may_be_typed_by_hand_and_r_is_a_key_only_for_a_lead(
    config: Config, store: Store, floor: Floor
) -> None:
    """Slow typing on the stop screen is a code, so that a shop without a printed card is not stuck."""
    mine, foreign = [(await floor.cut(await job_of(store), number)) for number in (1, 2)]
    for card in (mine[0], foreign[0]):
        await floor.inspect(card)
    async with at_station(config, store, "ASSY-1") as (app, pilot):
        for code in (OPERATOR, mine[0], foreign[0]):
            read(app, code)
        await eventually(lambda: isinstance(app.screen, StopScreen))
        await pilot.press("r")
        await pilot.press("escape")
        assert isinstance(app.screen, StopScreen)
        await pilot.press(*"cmd-reset", "enter")
        await shows(app, lambda shown: shown.stop is None)


async def test_a_question_is_answered_by_its_key(config: Config, store: Store, floor: Floor) -> None:
    """The digit before an answer reaches the question, past everything that looks for codes."""
    card = (await floor.cut(await job_of(store)))[0]
    await floor.inspect(card, QAOutcome.FAIL)
    async with at_station(config, store, "LEAD-1") as (app, pilot):
        for code in (LEAD, card):
            read(app, code)
        await shows(app, lambda shown: shown.header.job == f"CARD {card}")
        await pilot.press("w")
        await eventually(lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("1")
        await shows(app, lambda shown: shown.question is None and shown.verdict.state is VerdictState.ACCEPTED)
        await eventually(lambda: any("✓" in line and card not in line for line in text_of(app)))


async def test_a_question_that_has_no_room_takes_no_wall_card(config: Config, store: Store, floor: Floor) -> None:
    """Given a remake that is asked for where nobody can read that, then YES makes no card until there is room."""
    card = (await floor.cut(await job_of(store)))[0]
    await floor.accept(
        VoidCardUnit(at=floor.now, operator_id=LEAD, station_id=None, card_unit_id=card, reason=VoidReason.LOST)
    )
    async with at_station(config, store, "LEAD-1") as (app, pilot):
        for code in (LEAD, card):
            read(app, code)
        await shows(app, lambda shown: shown.header.job == f"CARD {card}")
        await pilot.resize_terminal(30, 6)
        await pilot.press("x")
        await eventually(lambda: isinstance(app.screen, QuestionScreen) and not app.screen.is_seen)
        read(app, "CMD-YES")
        await shows(app, lambda shown: shown.verdict.words == "NOT READ")
        assert isinstance(app.screen, QuestionScreen)
        await pilot.resize_terminal(80, 24)
        await eventually(lambda: isinstance(app.screen, QuestionScreen) and app.screen.is_seen)
        read(app, "CMD-YES")
        await shows(app, lambda shown: shown.question is None and shown.verdict.state is VerdictState.ACCEPTED)


async def test_an_id_typed_at_once_after_the_slash_is_whole(config: Config, store: Store, floor: Floor) -> None:
    """Whoever types / and an id without a pause finds it."""
    card = (await floor.cut(await job_of(store)))[0]
    async with at_station(config, store, "LEAD-1") as (app, _):
        await shows(app, lambda shown: shown.header.job == "FLOOR")
        send(app, f"/{card[0].lower()}")
        await eventually(lambda: isinstance(app.screen, FindScreen))
        send(app, f"{card[1:].lower()}\r")
        await shows(app, lambda shown: shown.header.job == f"CARD {card}")


async def test_passing_twice_leaves_nothing_before_the_next_code(config: Config, store: Store, floor: Floor) -> None:
    """A second + where no card is in hand is no beginning of a code."""
    cards = await floor.cut(await job_of(store))
    async with at_station(config, store, "QA-BENCH-1") as (app, pilot):
        for code in (INSPECTOR, cards[0]):
            read(app, code)
        await shows(app, lambda shown: isinstance(shown.work, QaView) and shown.work.card == cards[0])
        await pilot.press("+")
        await shows(app, lambda shown: isinstance(shown.work, QaView) and not shown.work.card)
        await pilot.press("+")
        await shows(app, lambda shown: shown.verdict.words == "NO CARD")
        assert app.snapshot is not None
        assert app.snapshot.typed == ""
        await pilot.press(*cards[1].lower(), "enter")
        await shows(app, lambda shown: isinstance(shown.work, QaView) and shown.work.card == cards[1])


async def test_a_key_of_the_footer_judges_no_card_that_was_not_shown(
    config: Config, store: Store, floor: Floor
) -> None:
    """A + behind a scan whose card is not on the screen yet: it is said that it was not taken."""
    cards = await floor.cut(await job_of(store))
    async with at_station(config, store, "QA-BENCH-1") as (app, _):
        read(app, INSPECTOR)
        await shows(app, lambda shown: shown.header.operator == INSPECTOR)
        app.session.put(Scanned(cards[0], app.session.now()))
        app.on_operator_pressed(OperatorPressed(Intent.PASS_CARD))
        await shows(app, lambda shown: shown.verdict.words == "KEY NOT TAKEN")
        row = await store.card(cards[0])
        assert row is not None
        assert row.last_outcome is None


async def test_a_damaged_scan_is_amber_and_says_what_to_do(config: Config, store: Store, floor: Floor) -> None:
    """What may have been misread is refused whole, stands in the last scans, and says nothing about characters."""
    async with at_station(config, store, "PRESS-1") as (app, _):
        read(app, OPERATOR)
        fault = ScanFault(FaultReason.MIXED, "J1044-S0", 0.0)
        app.post_message(FromScanner(ScanRefused(fault=fault, scanner="a scanner")))
        await shows(app, lambda shown: shown.verdict.words == "SCAN AGAIN")
        assert app.snapshot is not None
        assert app.snapshot.verdict.instruction == "Typed and scanned keys ran together. Scan it again"
        # Short once the job that the header names was read.
        await shows(
            app, lambda shown: [(line.what, line.words) for line in shown.scans.lines][:1] == [("S0", "not read whole")]
        )


async def test_a_burst_is_a_scan_however_slowly_its_keys_are_worked_off(
    config: Config, store: Store, floor: Floor
) -> None:
    """Its pace is that of the terminal: a screen that takes a tenth of a second for each key misses none of them."""
    cards = await floor.cut(await job_of(store))
    async with at_station(config, store, "QA-BENCH-1") as (app, pilot):
        for code in (INSPECTOR, cards[0]):
            read(app, code)
        await shows(app, lambda shown: isinstance(shown.work, QaView) and shown.work.card == cards[0])
        await pilot.press("+")
        await shows(app, lambda shown: isinstance(shown.work, QaView) and not shown.work.card)
        keys = [events.Key("enter" if each == "\r" else each, each) for each in f"{cards[1]}\r"]
        for key in keys:
            await asyncio.to_thread(time.sleep, 0.1)
            app.screen.post_message(key)
        await shows(app, lambda shown: isinstance(shown.work, QaView) and shown.work.card == cards[1])


async def test_a_loop_that_stood_still_does_not_take_the_first_key_of_a_scan_for_typing(
    config: Config, store: Store, floor: Floor
) -> None:
    """The first key was worked off, then nothing for a while: the rest is looked at before the silence counts."""
    cards = await floor.cut(await job_of(store))
    async with at_station(config, store, "QA-BENCH-1") as (app, _):
        for code in (INSPECTOR, cards[0]):
            read(app, code)
        await shows(app, lambda shown: isinstance(shown.work, QaView) and shown.work.card == cards[0])
        first, *rest = [events.Key("enter" if each == "\r" else each, each) for each in f"{cards[1]}\r"]
        app.screen.post_message(first)
        await eventually(lambda: app.is_holding_keys)
        time.sleep(0.3)  # noqa: ASYNC251 - this is the loop that stands still
        await asyncio.sleep(0)
        for key in rest:
            app.screen.post_message(key)
        await shows(app, lambda shown: isinstance(shown.work, QaView) and shown.work.card == cards[1])


async def test_help_names_the_keys_and_any_key_goes_back(config: Config, store: Store, floor: Floor) -> None:
    """F1 is answered by the app alone."""
    async with at_station(config, store, "PRESS-1") as (app, pilot):
        read(app, OPERATOR)
        await shows(app, lambda shown: shown.header.operator == OPERATOR)
        await pilot.press("f1")
        await eventually(lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("f1")
        await eventually(lambda: not isinstance(app.screen, HelpScreen))


async def helped(app: KioskApp, pilot: Pilot[Any]) -> None:
    """Cover the work with help."""
    await pilot.press("f1")
    await eventually(lambda: isinstance(app.screen, HelpScreen))


@pytest.mark.parametrize("key", ["x", "space", "plus", "enter", "escape", "tab", "f10", "f1"])
async def test_any_key_closes_help_and_does_nothing_else(config: Config, store: Store, floor: Floor, key: str) -> None:
    """Nothing of it is typed or done behind the help, and a code typed afterwards is whole."""
    async with at_station(config, store, "PRESS-1") as (app, pilot):
        read(app, OPERATOR)
        await shows(app, lambda shown: shown.header.operator == OPERATOR)
        await pilot.press("j")
        await helped(app, pilot)
        await pilot.press(key)
        await eventually(lambda: not isinstance(app.screen, HelpScreen) and not app.is_holding_keys)
        assert app.snapshot is not None
        assert app.snapshot.typed == ""
        assert app.snapshot.header.operator == OPERATOR
        await pilot.press(*"op-1", "enter")
        await shows(app, lambda shown: shown.scans.lines and shown.scans.lines[0].what == "OP-1")


async def test_a_key_of_the_leads_screen_that_closes_help_does_nothing_there(
    config: Config, store: Store, floor: Floor
) -> None:
    """S shows the stations, but not where it closes the help."""
    async with at_station(config, store, "LEAD-1") as (app, pilot):
        await shows(app, lambda shown: isinstance(shown.work, LeadView))
        await helped(app, pilot)
        await pilot.press("s")
        await eventually(lambda: not isinstance(app.screen, HelpScreen) and not app.is_holding_keys)
        await app.session.settled()
        assert app.snapshot is not None
        assert isinstance(app.snapshot.work, LeadView)
        assert app.snapshot.work.section is LeadSection.JOBS


async def test_a_scan_closes_help_and_its_answer_is_seen(config: Config, store: Store, floor: Floor) -> None:
    """A scan that is refused as damaged does as well."""
    async with at_station(config, store, "PRESS-1") as (app, pilot):
        read(app, OPERATOR)
        await shows(app, lambda shown: shown.header.operator == OPERATOR)
        await helped(app, pilot)
        read(app, f"{await job_of(store)}-S001")
        await shows(app, lambda shown: shown.scans.lines and "S001" in shown.scans.lines[0].what)
        assert not isinstance(app.screen, HelpScreen)
        await helped(app, pilot)
        fault = ScanFault(FaultReason.UNFINISHED, "J10", 0.0)
        app.post_message(FromScanner(ScanRefused(fault=fault, scanner="a scanner")))
        await shows(app, lambda shown: shown.verdict.state is VerdictState.ATTENTION)
        assert not isinstance(app.screen, HelpScreen)


@pytest.mark.parametrize(("station", "person"), [("PRESS-1", OPERATOR), ("LEAD-1", LEAD)])
async def test_a_scan_that_is_typed_over_help_loses_none_of_its_characters(
    config: Config, store: Store, floor: Floor, station: str, person: str
) -> None:
    """The first key of the burst closes the help, and the burst goes on as a scan."""
    async with at_station(config, store, station) as (app, pilot):
        await helped(app, pilot)
        send(app, f"{person}\r")
        await shows(app, lambda shown: shown.header.operator == person)
        assert not isinstance(app.screen, HelpScreen)
        assert app.snapshot is not None
        assert app.snapshot.typed == ""


async def test_an_app_that_ended_has_left(config: Config, store: Store, floor: Floor) -> None:
    """Its tasks are gone, and the leads are told."""
    async with at_station(config, store, "PRESS-1") as (app, _):

        async def is_heard_of() -> bool:
            return bool(await store.presences())

        await eventually(is_heard_of)
    assert not app._tasks
    assert await store.presences() == ()


async def job_of(store: Store) -> Any:
    """The id of the one job."""
    return (await store.jobs())[0].job_id


async def test_a_terminal_that_says_only_id_and_role_changes_nothing_of_its_station(
    config: Config, store: Store, floor: Floor
) -> None:
    """Given a station with a name and limits, when a kiosk starts there that knows of neither, then they stay."""
    named = replace(PRESS, name="Press 1", units_per_hour=30.0, queue_limit=40)
    await floor.accept(DefineStation(at=floor.now, operator_id=LEAD, station_id=None, station=named))
    app = await kiosk_app(config, StationStanza(id=PRESS.station_id, role=PRESS.role), store, selection=None)
    async with app.run_test(size=(100, 30)):
        await shows(app, lambda shown: shown.header.station == "Press 1")
    assert [row.definition for row in await store.stations() if row.station_id == PRESS.station_id] == [named]
