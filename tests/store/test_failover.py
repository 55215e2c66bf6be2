"""Two real servers: the primary dies under load, its synchronous standby takes over, and no accepted scan is lost."""

import asyncio
import random
from collections.abc import Generator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import psycopg
import pytest

from core.domain.values import StationDefinition
from core.production.scan import Scan
from store import Accepted, Answer, Store, StoreTimeout, StoreUnavailable, migrate
from store.connecting import ConnectionSettings
from tests.core.shop import PRESS, spec
from tests.support.floor import Floor
from tests.support.replication import Replicated, replicated_servers, why_not
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

_KIOSKS = 6
_SHEETS_EACH = 330


@pytest.fixture
def servers() -> Generator[Replicated]:
    """A primary and its synchronous standby with the schema of the product."""
    with replicated_servers() as both:
        asyncio.run(migrate(both.primary.dsn()))
        yield both


def hasty(settings: ConnectionSettings) -> ConnectionSettings:
    """Give up sooner than a shop would."""
    return replace(settings, answer_seconds=1.5, lock_seconds=0.8, statement_seconds=1.0)


async def job_with(store: Store, sheets: int) -> Floor:
    """Furnish a shop and start a job."""
    floor = await Floor(store).furnish()
    await floor.start(spec(), sets=sheets)
    return floor


@dataclass
class Kiosk:
    """A kiosk that scans sheets of its own, one after the other, and asks again until it is answered."""

    store: Store
    floor: Floor
    sheets: list[str]
    answers: dict[UUID, Answer] = field(default_factory=dict)
    asked_again: set[UUID] = field(default_factory=set)
    station: StationDefinition = PRESS

    async def work(self) -> None:
        """Check in and complete the printing of every sheet."""
        for sheet in self.sheets:
            for _ in range(2):
                await self._scan(self.floor.scan_of(self.station, sheet))

    async def _scan(self, scan: Scan) -> None:
        command = uuid4()
        while command not in self.answers:
            try:
                self.answers[command] = await self.store.run(scan, command_id=command)
            except StoreUnavailable:
                self.asked_again.add(command)
                await asyncio.sleep(random.uniform(0.05, 0.3))


async def test_no_accepted_scan_is_lost_when_the_primary_dies_under_load(servers: Replicated) -> None:
    """What a kiosk was told is in the log of the promoted standby exactly once, and so is what it asked again."""
    async with AsyncExitStack() as closing:

        async def opened(station: str) -> Store:
            store = await Store.open(servers.dsn, station_id=station, settings=hasty)
            return await closing.enter_async_context(store)

        office = await opened("OFFICE")
        floor = await job_with(office, _KIOSKS * _SHEETS_EACH)
        kiosks = [
            Kiosk(
                store=await opened(f"PRESS-{number}"),
                floor=Floor(office, floor.now),
                sheets=[f"J1044-S{number * _SHEETS_EACH + sheet + 1:03d}" for sheet in range(_SHEETS_EACH)],
            )
            for number in range(_KIOSKS)
        ]
        refreshes = kiosks[0].store.changes()
        tasks = [asyncio.create_task(kiosk.work()) for kiosk in kiosks]
        try:
            await eventually(lambda: all(len(kiosk.answers) >= 20 for kiosk in kiosks), 60)
            await asyncio.to_thread(servers.primary.kill)
            told = {command: answer for kiosk in kiosks for command, answer in kiosk.answers.items()}
            # Not before somebody was left without an answer: a quick promotion is met by the first second attempt.
            await eventually(lambda: any(kiosk.asked_again for kiosk in kiosks), 60)
            await asyncio.to_thread(servers.standby.promote)
            after = [len(kiosk.answers) + 10 for kiosk in kiosks]
            await eventually(
                lambda: all(len(kiosk.answers) >= enough for kiosk, enough in zip(kiosks, after, strict=True)), 60
            )
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended

        with psycopg.connect(servers.standby.dsn()) as log:
            for kiosk in kiosks:
                for command, answer in kiosk.answers.items():
                    assert isinstance(answer, Accepted), answer
                    found = log.execute(
                        "SELECT aggregate_type, aggregate_id, aggregate_version FROM production_events"
                        " WHERE command_id = %s ORDER BY sequence_num",
                        (command,),
                    ).fetchall()
                    expected = [
                        (entry.stream.aggregate_type.value, entry.stream.aggregate_id, entry.version)
                        for entry in answer.recorded
                    ]
                    assert sorted(found) == sorted(expected), (command, command in told)
        for kiosk in kiosks:
            # In its station's order: the n-th sheet was checked in, then completed, and no other scan came between.
            streams = [
                (kiosk.sheets.index(entry.stream.aggregate_id), entry.version)
                for answer in kiosk.answers.values()
                if isinstance(answer, Accepted)
                for entry in answer.recorded
                if entry.stream.aggregate_type.value == "sheet"
            ]
            assert streams == sorted(streams)
        verification = await office.verify()
        assert verification.is_sound, verification.differences
        async with asyncio.timeout(20):
            while not (await anext(refreshes)).reachable:
                pass


async def test_an_old_primary_that_comes_back_accepts_nothing(servers: Replicated) -> None:
    """Its standby follows it no longer, so no commit of it is ever told as done, not even after another crash."""
    async with await Store.open(servers.dsn, settings=hasty) as office:
        floor = await job_with(office, 3)
        servers.standby.promote()
        old = servers.primary.dsn()
        async with await Store.open(old, settings=hasty) as astray:
            scan, command = Floor(astray, floor.now).scan_of(PRESS, "J1044-S001"), uuid4()
            with pytest.raises(StoreTimeout) as late:
                await astray.run(scan, command_id=command)
            assert late.value.outcome_unknown
        servers.primary.kill()
        servers.primary.start()
        kept = servers.primary.run("SELECT count(*) FROM commands WHERE command_type = 'EnterStation'", "kiosk")
        assert kept == [(1,)], "the crashed server shows what it never acknowledged"
        async with await Store.open(old, settings=hasty) as astray:
            with pytest.raises(StoreTimeout):
                await astray.run(scan, command_id=command)


async def test_a_kiosk_with_both_servers_in_its_address_never_works_on_the_standby(servers: Replicated) -> None:
    """Whichever is named first: the standby is connected to, says what it is, and is left."""
    async with await Store.open(servers.dsn, settings=hasty) as office:
        await job_with(office, 1)
    turned = servers.dsn.replace(
        f"{servers.primary.port},{servers.standby.port}", f"{servers.standby.port},{servers.primary.port}"
    )
    async with await Store.open(turned, settings=hasty) as store:
        rows = await store._commands.run(b"SELECT inet_server_port(), pg_is_in_recovery()")
        assert rows == [(servers.primary.port, False)]
