"""A reader of the log while 16 kiosks write: in commit order it misses nothing, by sequence number it does."""

import asyncio

import psycopg

from bench.report import Report, at_most
from bench.shop import N_UP, SCANS_OF_A_CARD, Shop, embellisher, kiosks, scanning
from store.connecting import ConnectionSettings
from store.event_log import BEGINNING, Position, read_in_commit_order
from store.migrations import migrate
from store.pool import Lane

_WRITERS = 16
_SHEETS = 60
_CARDS_EACH = _SHEETS * N_UP // _WRITERS


async def measure(report: Report, dsn: str, seconds: float) -> None:
    """Let both readers follow the log for so long, then compare with what is in it."""
    await migrate(dsn)
    lane = Lane(ConnectionSettings(dsn=dsn))
    async with (
        kiosks(dsn, range(_WRITERS)) as runs,
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
    ):
        shop = Shop(runs)
        await shop.open(1, _SHEETS)
        job = await shop.start_job(_SHEETS)
        # Every writer has its own cards here; on a quick machine it is done with them before the time is over.
        cards = iter(await shop.cut_all(job, _SHEETS))
        shares = [iter([next(cards) for _ in range(_CARDS_EACH)]) for _ in range(_WRITERS)]
        calls = [scanning(shop, run, embellisher(n + 1), shares[n]) for n, run in enumerate(runs)]
        stop = asyncio.Event()
        all_written = asyncio.Event()
        in_order = _Reader()
        naive = _Reader()

        async def write(number: int) -> None:
            for _ in range(_CARDS_EACH * SCANS_OF_A_CARD):
                if stop.is_set():
                    return
                await calls[number]()

        async def follow_in_order() -> None:
            position = BEGINNING
            while True:
                ended = all_written.is_set()
                for event in await read_in_commit_order(lane, position):
                    in_order.see(event.sequence_num)
                    position = Position(event.transaction_id, event.sequence_num)
                if ended and in_order.idle():
                    return

        async def follow_by_number() -> None:
            last = 0
            while True:
                ended = all_written.is_set()
                found = await connection.execute(
                    "SELECT sequence_num FROM production_events WHERE sequence_num > %s ORDER BY 1 LIMIT 1000",
                    (last,),
                )
                for (number,) in await found.fetchall():
                    naive.see(number)
                    last = number
                if ended and naive.idle():
                    return

        async with asyncio.TaskGroup() as group:
            writers = [group.create_task(write(number)) for number in range(_WRITERS)]
            group.create_task(follow_in_order())
            group.create_task(follow_by_number())
            await asyncio.wait(writers, timeout=seconds)
            stop.set()
            await asyncio.wait(writers)
            all_written.set()
        found = await connection.execute("SELECT sequence_num FROM production_events")
        written = {number for (number,) in await found.fetchall()}
    await lane.close()
    report.heading(f"Order, {_WRITERS} writers, {len(written)} events")
    report.figure("follower in commit order: missed", [float(len(written - in_order.seen))], "", at_most(0))
    report.figure("follower in commit order: seen twice", [float(in_order.twice)], "", at_most(0))
    report.figure("reader by sequence number: missed", [float(len(written - naive.seen))], "")


class _Reader:
    """What a reader has seen."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.twice = 0
        self._known = -1

    def see(self, number: int) -> None:
        """Note an event."""
        self.twice += number in self.seen
        self.seen.add(number)

    def idle(self) -> bool:
        """Whether nothing was seen since the last time this was asked."""
        before, self._known = self._known, len(self.seen)
        return before == self._known
