"""What goes on from station to station: whoever has a unit's next errand is told when the log says that it is there.

What a kiosk only keeps on its disk has not arrived: delivered, it may be refused, and nobody works on what it was.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from core.domain.streams import AggregateType
from store import StoreUnavailable
from store.connecting import ConnectionSettings
from store.event_log import BEGINNING, Position, follow
from store.pool import Lane
from tests.torture.orders import KioskOrders, say

_LOOK = 0.1
_ANSWER_SECONDS = 2.0


@dataclass
class Arrivals:
    """Follows the log, by a line of its own that nobody cuts, whatever becomes of the server."""

    dsn: str
    kiosks: Sequence[KioskOrders]
    position: Position = BEGINNING
    _in_log: set[str] = field(default_factory=lambda: {""})
    _told: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        """Remember of the log only what somebody waits for."""
        self._awaited = {errand.after for kiosk in self.kiosks for errand in kiosk.errands}

    async def follow(self) -> None:
        """Tell every kiosk what has arrived, until cancelled."""
        lane = Lane(
            ConnectionSettings(
                dsn=self.dsn,
                application_name="torture arrivals",
                role=None,
                connect_seconds=2,
                statement_seconds=_ANSWER_SECONDS / 2,
                answer_seconds=_ANSWER_SECONDS,
            )
        )
        try:
            while True:
                with suppress(StoreUnavailable):
                    await self._read(lane)
                self.tell()
                await asyncio.sleep(_LOOK)
        finally:
            await lane.close()

    async def _read(self, lane: Lane) -> None:
        async for batch in follow(lane, self.position):
            self.position = Position(batch[-1].transaction_id, batch[-1].sequence_num)
            # A station's stream tells of refusals, under the names of what was refused.
            self.take(
                f"{entry.event_type} {entry.stream.aggregate_id}"
                for entry in batch
                if entry.stream.aggregate_type is not AggregateType.STATION
            )

    def take(self, facts: Iterable[str]) -> None:
        """Take note of what the log says, "SheetCut J1044-S001"."""
        self._in_log.update(self._awaited.intersection(facts))

    def tell(self) -> None:
        """Tell each kiosk how many of its errands it can do, where there are more than it was told."""
        for kiosk in self.kiosks:
            before = now = self._told.get(kiosk.folder, 0)
            while now < len(kiosk.errands) and kiosk.errands[now].after in self._in_log:
                now += 1
            if now > before:
                say(kiosk.arrived, b"%d" % now)
                self._told[kiosk.folder] = now
