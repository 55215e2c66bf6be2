"""One order from the press to the sealed box, through the apps that people use."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.events import CardUnitVoided, QAResultRecorded, ReplacementSetAuthorized
from core.domain.values import AssemblyStatus, CardUnitStatus, JobStatus, OrderStatus
from kiosk.config.file import Config
from kiosk.snapshots.verdicts import VerdictState
from store import Store
from tests.core.shop import INSPECTOR, LEAD, MANAGER, OPERATOR, PIN
from tests.end_to_end.kiosks import Kiosk, open_kiosk
from tests.end_to_end.shop import order_dragons, read_config, write_config
from tests.support.floor import Floor
from tests.support.waiting import eventually

SIZES = {"ASSY-1": (160, 45), "PRESS-1": (80, 24), "QA-BENCH-1": (80, 24), "LEAD-1": (160, 45)}
JOB = "J1044"
FAILED = f"{JOB}-S001-03"
LOST = f"{JOB}-S002-04"
REPLACEMENT = f"{LOST}-R1"
FIRST, SECOND = f"{JOB}-S001", f"{JOB}-S002"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The shop's configuration."""
    return read_config(tmp_path)


class Line:
    """All the kiosks of the shop, by station."""

    def __init__(self, kiosks: dict[str, Kiosk]) -> None:
        """Name the stations that this play needs."""
        self.press, self.uv, self.cut = kiosks["PRESS-1"], kiosks["UV-1"], kiosks["CUT-1"]
        self.number, self.qa = kiosks["NUM-1"], kiosks["QA-BENCH-1"]
        self.gather, self.watch = kiosks["ASSY-1"], kiosks["ASSY-2"]
        self.pack, self.lead = kiosks["PACK-1"], kiosks["LEAD-1"]

    async def log_on(self) -> None:
        """Everybody comes to work."""
        for kiosk in (self.press, self.uv, self.cut, self.number, self.gather, self.watch, self.pack):
            await kiosk.good(OPERATOR)
        await self.qa.good(INSPECTOR)
        await self.lead.good(LEAD)


@contextlib.asynccontextmanager
async def whole_line(config: Config, dsn: str) -> AsyncGenerator[Line]:
    """Open every station's app."""
    async with contextlib.AsyncExitStack() as closing:
        kiosks: dict[str, Kiosk] = {}
        for station in config.stations:
            size = SIZES.get(station.id, (100, 30))
            kiosk = open_kiosk(config, station.id, dsn, size=size)
            kiosks[station.id] = await closing.enter_async_context(kiosk)
        yield Line(kiosks)


async def until_inspected(line: Line, sheets: list[str]) -> None:
    """Print, cut, varnish, number and inspect these sheets; every station works while the others do."""
    printed: asyncio.Queue[str | None] = asyncio.Queue()
    cut: asyncio.Queue[str | None] = asyncio.Queue()
    varnished: asyncio.Queue[str | None] = asyncio.Queue()
    numbered: asyncio.Queue[str | None] = asyncio.Queue()

    async def press() -> None:
        for sheet in sheets:
            await line.press.good(sheet)
        for sheet in sheets:
            await line.press.good(sheet)
            await printed.put(sheet)
        await printed.put(None)

    async def cutter() -> None:
        while sheet := await printed.get():
            assert (await line.cut.good(sheet)).words == "4 CARDS MADE"
            for position in range(1, 5):
                await cut.put(f"{sheet}-{position:02d}")
        await cut.put(None)

    async def varnish() -> None:
        while card := await cut.get():
            await line.uv.good(card)
            await line.uv.good(card)
            await varnished.put(card)
        await varnished.put(None)

    async def numbering() -> None:
        number = 0
        while card := await varnished.get():
            number += 1
            await line.number.good(card)
            await line.number.good(f"{number}/99")
            await numbered.put(card)
        await numbered.put(None)

    async def inspect() -> None:
        while card := await numbered.get():
            await line.qa.good(card)
            keys = ("2", "0", "1", "enter") if card == FAILED else ("+",)
            verdict = await line.qa.type(*keys)
            assert verdict.state is VerdictState.ACCEPTED, verdict

    await asyncio.gather(press(), cutter(), varnish(), numbering(), inspect())


async def work_off(line: Line, card: str, *, number: str | None = None) -> None:
    """Take one card from varnish to its pass."""
    await line.uv.good(card)
    await line.uv.good(card)
    await line.number.good(card)
    await line.number.good(card if number is None else number)
    await line.qa.good(card)
    assert (await line.qa.type("+")).words == f"{card} PASSED"


async def find(line: Line, unit: str) -> None:
    """Type the id of a card or a sheet after / at the leads' screen and see its life."""
    await line.lead.press("slash")
    await line.lead.type(*unit.lower(), "enter")
    await line.lead.sees(f"{'SHEET' if unit.count('-') == 1 else 'CARD'} {unit}")


async def play_rework(line: Line, store: Store) -> None:
    """The card that failed says so where its tray is brought; the lead sends it back, and it passes."""
    await line.gather.good(f"{FIRST}-01")
    await line.watch.good(f"{FIRST}-SET")
    await line.watch.sees("HOLD", "F-201")
    await find(line, FAILED)
    await line.lead.press("w")
    await line.lead.sees("REWORK", "UV")
    await line.lead.press("1")
    await eventually(lambda: has_status(store, FAILED, CardUnitStatus.IN_PROGRESS))
    await work_off(line, FAILED)


async def play_mistakes(line: Line, store: Store) -> None:
    """A duplicate and a card of the other sheet change nothing; the wrong one stops the station."""
    # The tray was carried to the other station and back.
    await line.gather.good(f"{FIRST}-SET")
    await line.watch.sees("TRAY IS AT ASSY-1")
    assert (await line.gather.scan(f"{FIRST}-01")).state is not VerdictState.ACCEPTED
    await clear_stop(line.gather)
    await line.gather.scan(f"{SECOND}-01")
    await line.gather.sees("THIS TRAY", SECOND)
    await line.gather.scan(f"{FIRST}-02")
    assert await has_status(store, f"{FIRST}-02", CardUnitStatus.QA_PASSED)
    await clear_stop(line.gather)


async def play_gathering(line: Line, store: Store) -> None:
    """What is gathered here is seen at once by whoever looks at the sheet elsewhere."""
    await find(line, FIRST)
    for position in (2, 3, 4):
        await line.gather.good(f"{FIRST}-{position:02d}")
        await eventually(lambda count=position: seen_in_tray(line, count))
    for position in (1, 2, 3):
        await line.gather.good(f"{SECOND}-{position:02d}")


async def play_replacement(line: Line, store: Store) -> None:
    """A lost card is voided and made again with its number, and takes its place with a manager's consent."""
    await find(line, LOST)
    await line.lead.press("x")
    await line.lead.sees("REMAKE", "Lost")
    await line.lead.press("1")
    await eventually(lambda: has_status(store, REPLACEMENT, CardUnitStatus.CREATED))
    await work_off(line, REPLACEMENT, number="8/99")
    await line.gather.good(REPLACEMENT)
    assert (await line.pack.good(f"{JOB}-BX001")).state is VerdictState.ACCEPTED
    assert (await line.pack.scan(f"{SECOND}-SET")).state is not VerdictState.ACCEPTED
    await clear_stop(line.pack)
    await line.gather.scan(MANAGER)
    await line.gather.sees("AUTHORIZE SET")
    await line.gather.press(*"1357", "enter")
    await line.gather.sees("not your PIN")
    await line.gather.press(*PIN, "enter")
    await eventually(lambda: is_authorized(store, f"{SECOND}-SET"))


async def play_packing(line: Line, store: Store) -> None:
    """Both sets go into one box, which is sealed; the job and its order are done."""
    await line.pack.good(f"{FIRST}-SET")
    await line.pack.good(f"{SECOND}-SET")
    await line.pack.good("CMD-SEAL")
    await eventually(lambda: is_sealed(store))
    await eventually(lambda: is_fulfilled(store))


async def test_an_order_goes_from_press_to_box(config: Config, database_dsn: str, tmp_path: Path) -> None:
    """With a wrong card, a duplicate, a rework and a replacement, every card is accounted for at the end."""
    async with await Store.open(database_dsn) as store:
        floor = Floor(store, now=datetime.now(UTC))
        await order_dragons(floor, sets=2)
        async with whole_line(config, database_dsn) as line:
            await line.log_on()
            await until_inspected(line, [FIRST, SECOND])
            await play_rework(line, store)
            await play_mistakes(line, store)
            await play_gathering(line, store)
            await play_replacement(line, store)
            await play_packing(line, store)
            await check_everything(store)
        await check_history(tmp_path, database_dsn)


async def clear_stop(kiosk: Kiosk) -> None:
    """Scan the RESET card where a stop covers the screen."""
    if kiosk.stopped:
        await kiosk.scan("CMD-RESET")
    assert not kiosk.stopped


async def has_status(store: Store, card: str, status: CardUnitStatus) -> bool:
    """Whether a card is in this state."""
    row = await store.card(card)
    return row is not None and row.status is status


async def seen_in_tray(line: Line, cards: int) -> bool:
    """Whether the leads' screen shows so many cards of the sheet in its tray."""
    return (await line.lead.screen()).count("✓ in tray") == cards


async def is_authorized(store: Store, assembly: str) -> bool:
    """Whether a complete set may be packed."""
    row = await store.assembly(assembly)
    return row is not None and row.status is AssemblyStatus.COMPLETE and not row.needs_authorization


async def is_sealed(store: Store) -> bool:
    """Whether the box is closed."""
    row = await store.pack(f"{JOB}-BX001")
    return row is not None and row.status == "SEALED"


async def is_fulfilled(store: Store) -> bool:
    """Whether job and order are done."""
    job, order = await store.job(JOB), await store.order("PO2026-0117")
    assert job is not None
    assert order is not None
    return job.status is JobStatus.COMPLETED and order.status is OrderStatus.FULFILLED


async def check_everything(store: Store) -> None:
    """Every card is packed or voided, the tables equal the fold, and the facts are told in order."""
    cards = await store.cards_of(JOB)
    assert {card.card_unit_id for card in cards if card.status is CardUnitStatus.VOIDED} == {LOST}
    assert sum(card.status is CardUnitStatus.PACKED for card in cards) == 8
    assert len(cards) == 9
    verified = await store.verify()
    assert verified.is_sound, verified.differences
    failed = await store.history(FAILED)
    assert failed is not None
    outcomes = [entry.event.outcome for entry in failed.events if isinstance(entry.event, QAResultRecorded)]
    assert [str(outcome) for outcome in outcomes] == ["FAIL", "PASS"]
    lost = await store.history(LOST)
    assert lost is not None
    assert any(isinstance(entry.event, CardUnitVoided) for entry in lost.events)
    tray = await store.history(f"{JOB}-S002-SET")
    assert tray is not None
    authorized = [entry.event for entry in tray.events if isinstance(entry.event, ReplacementSetAuthorized)]
    assert [event.manager for event in authorized] == [MANAGER]
    assert {each.rejection is None for each in await store.last_scans("ASSY-1")} == {True, False}
    assert REPLACEMENT in {card.card_unit_id for card in cards}


LIFE = (
    "ordered", "job created", "started", "printed", "into 4 cards", "position 03", "UV", "numbered", "F-201",
    "back to UV", "checked in", "NUMBER", "attempt 2", "in tray", "set complete", "packed", "sealed",
)  # fmt: skip
"""What happened to the card that was reworked, in order."""


async def check_history(folder: Path, dsn: str) -> None:
    """The command line tells the life of a card, in the order in which it was lived."""
    told = await run_kiosk(folder, dsn, "history", FAILED)
    place = 0
    for word in LIFE:
        found = told.find(word, place)
        assert found >= 0, (word, told)
        place = found + len(word)
    assert LOST in await run_kiosk(folder, dsn, "history", REPLACEMENT)


async def run_kiosk(folder: Path, dsn: str, *arguments: str) -> str:
    """Run the program as its own process and return what it prints."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kiosk",
        *arguments,
        "--config",
        str(write_config(folder)),
        env={**os.environ, "KIOSK_DSN": dsn, "COLUMNS": "160"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()
    return said.decode()
