"""A kiosk that is killed in the middle of a delivery: the next one delivers what is left, and nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

import pytest

from core.domain.commands import VoidSheet
from core.domain.values import VoidReason
from core.identity.ids import SheetId
from store import Store
from store.spool import Spool
from tests.core.shop import LEAD, OFFICE, OPERATOR, PRESS, spec
from tests.kiosk.station_session.outage import Terminal, delivered, facts, listed
from tests.support.floor import Floor
from tests.support.waiting import eventually

P = ParamSpec("P")
T = TypeVar("T")

# Each is recorded and removed from the file, and the next one taken; what is refused is put on the list in between.
_STEPS = 9


class _Hangs:
    """Lets everything that a delivery does be done up to a step, and nothing come after it."""

    def __init__(self, step: int) -> None:
        self._left = step
        self.has_come = False

    def after(self, does: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Return what does the same, and does not return once the step is done."""

        async def hanging(*args: P.args, **kwargs: P.kwargs) -> T:
            done = await does(*args, **kwargs)
            self._left -= 1
            if not self._left:
                self.has_come = True
                await asyncio.Event().wait()
            return done

        return hanging


@pytest.mark.parametrize("step", range(1, _STEPS + 1))
async def test_a_kiosk_that_is_killed_at_any_step_of_a_delivery_delivers_the_rest_once(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Three sheets, of which one was voided meanwhile: two are in the log once, in order, and one is listed once."""
    job = await floor.start(spec(), sets=3)
    sheets = [f"{job}-S00{number}" for number in (1, 2, 3)]
    station = await terminal.start(PRESS, by=OPERATOR)
    terminal.cable_out()
    await station.scan_all(*sheets)
    await floor.accept(
        VoidSheet(
            at=floor.now, operator_id=LEAD, station_id=OFFICE.station_id, sheet_id=SheetId(sheets[1]),
            reason=VoidReason.LOST,
        )
    )  # fmt: skip
    hangs = _Hangs(step)
    with monkeypatch.context() as patched:
        for kind, name in ((Spool, "next"), (Store, "run"), (Spool, "answered")):
            patched.setattr(kind, name, hangs.after(getattr(kind, name)))
        await terminal.cable_in()
        await eventually(lambda: hangs.has_come, seconds=20)
        await terminal.kill()
    again = await terminal.start(PRESS)
    await delivered(again)
    for sheet in (sheets[0], sheets[2]):
        assert await facts(floor, sheet) == ["SheetCreated", "SheetEnteredStation"]
    assert await facts(floor, sheets[1]) == ["SheetCreated", "SheetVoided"]
    assert [(each.scanned, each.refusal) for each in await listed(floor, PRESS)] == [(sheets[1], "SheetGone")]
    scans = [each.scanned for each in reversed(await floor.store.last_scans(PRESS.station_id))]
    assert [each for each in scans if each in sheets] == sheets
