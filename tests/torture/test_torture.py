"""The torture itself: a seed is a plan, and the judge sees what is wrong."""

import asyncio
import threading
from pathlib import Path

import pytest

from core.domain.values import StationRole
from tests.core.shop import PRESS
from tests.support.bare_servers import Server
from tests.support.waiting import eventually
from tests.torture.judge import _compared
from tests.torture.kiosk import KioskOrders, seen
from tests.torture.plan import ROLES, Fault, PlannedFault, plan
from tests.torture.weather import Machine, Storm, StormyLine

SHEETS = ["J1044-S001", "J1044-S002", "J1044-S003"]
SEEN = [f"accepted {sheet} PRINTED" for sheet in SHEETS]


def test_a_seed_is_one_plan() -> None:
    """What a seed did once it does again; another seed does something else."""
    assert plan(7, kiosks=8, seconds=10) == plan(7, kiosks=8, seconds=10)
    assert plan(7, kiosks=8, seconds=10).faults != plan(8, kiosks=8, seconds=10).faults


def test_every_kind_of_fault_comes_before_any_comes_again() -> None:
    """A short storm has a bit of everything, at every kind of station."""
    planned = plan(7, kiosks=8, seconds=10)
    assert {fault.fault for fault in planned.faults[: len(Fault)]} == set(Fault)
    assert {kiosk.role for kiosk in planned.kiosks} == set(ROLES) >= {StationRole.ASSEMBLY}


@pytest.mark.parametrize("seconds", [10, 120, 600])
def test_nobody_is_done_long_before_the_storm_is_over(seconds: float) -> None:
    """However few sheets there are: a quarter of the time goes by between the scans alone, at every station."""
    for kiosk in plan(7, kiosks=8, seconds=seconds).kiosks:
        assert kiosk.scans * kiosk.pause >= 0.9 * seconds / 4


class _SlowToDie(Server):
    def __init__(self) -> None:
        self.runs = True
        self.is_dying, self.may_die, self.has_died = threading.Event(), threading.Event(), threading.Event()

    @property
    def is_running(self) -> bool:
        return self.runs

    def start(self) -> None:
        self.runs = True

    def freeze(self, *, frozen: bool) -> None:
        pass

    def kill(self) -> None:
        self.is_dying.set()
        self.may_die.wait()
        self.runs = False
        self.has_died.set()


async def test_a_server_that_is_being_killed_when_the_calm_comes_is_started_again() -> None:
    """Who only looks whether it still runs lets it stay dead, and everybody waits for it in vain."""
    server = _SlowToDie()
    storm = Storm([Machine(_orders())], StormyLine(""), server)
    killed = PlannedFault(after=0, fault=Fault.SERVER_KILLED, kiosk=1, seconds=0, amount=0)
    raging = asyncio.create_task(storm.rage((killed,)))
    await eventually(server.is_dying.is_set)
    raging.cancel()
    storm.machines = []
    calm = asyncio.create_task(storm.calm())
    # As far as it comes while the server dies: to its end, if it does not wait for that.
    await asyncio.wait({calm}, timeout=0.2)
    server.may_die.set()
    await calm
    await eventually(server.has_died.is_set)
    assert server.is_running


def _orders(folder: Path = Path("/nowhere")) -> KioskOrders:
    return KioskOrders(dsn="", station=PRESS, codes=SHEETS, pause=0.1, folder=str(folder))


@pytest.mark.parametrize(
    ("done", "said", "words"),
    [
        (SHEETS, SEEN, ""),
        (SHEETS[:2], SEEN, "is not in the log"),
        ([*SHEETS, SHEETS[0]], SEEN, "2 times"),
        ([SHEETS[1], SHEETS[0], SHEETS[2]], SEEN, "another order"),
        (SHEETS, SEEN[:2], "2 verdicts of 3 scans"),
    ],
    ids=["right", "lost", "twice", "out of order", "not finished"],
)
def test_the_judge_sees_a_scan_that_is_lost_doubled_or_out_of_order(
    done: list[str], said: list[str], words: str
) -> None:
    """A judge that finds nothing wrong is worth nothing unless it finds this."""
    found = "\n".join(_compared(_orders(), done, said))
    assert words in found
    assert bool(found) == bool(words)


def test_a_verdict_that_was_half_written_down_was_not_seen(tmp_path: Path) -> None:
    """The process died in the middle of a line: its person scans again."""
    orders = _orders(tmp_path)
    assert seen(orders) == []
    orders.journal.write_text(f"{SEEN[0]}\n{SEEN[1][:9]}", encoding="utf-8")
    assert seen(orders) == [SEEN[0]]
