"""The torture itself: a seed is a plan, and the judge sees what is wrong."""

import asyncio
import threading
from pathlib import Path

import pytest

from core.domain.values import StationRole
from core.identity.ids import parse_assembly_id
from tests.core.shop import PRESS
from tests.support.bare_servers import Server
from tests.support.waiting import eventually
from tests.torture.arrivals import Arrivals
from tests.torture.judge import Deed, compared, misjudged, mispacked
from tests.torture.orders import KioskOrders, arrived, seen
from tests.torture.plan import CLOSE_BOX, FAIL, FEWEST_KIOSKS, PASS, ROLES, Errand, Fault, PlannedFault, plan
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
    assert {kiosk.role for kiosk in planned.kiosks} == set(ROLES) >= {StationRole.QA, StationRole.PACKING}


@pytest.mark.parametrize("seconds", [30, 600, 3600])
def test_there_is_work_and_weather_for_as_long_as_the_storm_lasts(seconds: float) -> None:
    """Whatever is asked for: every station's last errand is due at its end, and the faults reach beyond it."""
    planned = plan(7, kiosks=8, seconds=seconds)
    for kiosk in planned.kiosks:
        assert kiosk.ends >= 0.7 * seconds
        assert kiosk.begins <= 0.3 * seconds
    assert sum(fault.after for fault in planned.faults) >= seconds
    assert planned.scans >= 5 * seconds


@pytest.mark.parametrize("kiosks", [FEWEST_KIOSKS, 8, 16])
def test_everything_is_handed_on_by_the_station_before(kiosks: int) -> None:
    """Whoever waits for what nobody makes stands still to the end: each errand's need is another's errand."""
    planned = plan(7, kiosks=kiosks, seconds=60)
    done: dict[StationRole, list[str]] = {}
    for kiosk in planned.kiosks:
        done.setdefault(kiosk.role, []).extend(errand.code for errand in kiosk.errands)
    made_by = {
        "PrintCompleted": StationRole.PRESS,
        "SheetCut": StationRole.CUTTER,
        "CardUnitOperationCompleted": StationRole.EMBELLISH,
        "QAResultRecorded": StationRole.QA,
    }
    passed = {errand.code for kiosk in planned.kiosks for errand in kiosk.errands if errand.keys == PASS}
    for errand in (errand for kiosk in planned.kiosks for errand in kiosk.errands if errand.after):
        fact, unit = errand.after.split()
        assert fact == "AssemblyCompleted" or unit in done[made_by[fact]]
    for role in (StationRole.PRESS, StationRole.CUTTER, StationRole.QA, StationRole.PACKING):
        codes = [code for code in done[role] if code != CLOSE_BOX]
        assert len(codes) == len(set(codes))
    assert {code for code in done[StationRole.ASSEMBLY] if not parse_assembly_id(code)} == passed
    assert set(done[StationRole.QA]) > passed


def test_a_kiosk_is_told_of_what_the_log_has_and_no_further(tmp_path: Path) -> None:
    """What comes after something that has not arrived waits as well: a station works in its order."""
    orders = _orders(tmp_path)
    orders.errands = [Errand("a"), Errand("b", after="SheetCut 1"), Errand("c", after="SheetCut 2"), Errand("d")]
    arrivals = Arrivals("", [orders])
    told: list[int] = []
    for facts in ((), ("SheetCut 2",), ("PrintCompleted 1",), ("SheetCut 1",)):
        arrivals.take(facts)
        arrivals.tell()
        told.append(arrived(orders))
    assert told == [1, 1, 1, 4]


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
    errands = [Errand(sheet) for sheet in SHEETS]
    return KioskOrders(dsn="", station=PRESS, errands=errands, begins=0, every=0.1, folder=str(folder))


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
    found = "\n".join(compared(_orders(), done, said))
    assert words in found
    assert bool(found) == bool(words)


TRAY, BOX = "J1044-S001-SET", "J1044-BX001"
CARDS = [f"J1044-S001-0{place}" for place in range(1, 5)]
BOXES = [f"PackOpened {BOX}", f"PackSealed {BOX}"]


@pytest.mark.parametrize(
    ("cards", "box", "boxes", "words"),
    [
        (CARDS, BOX, BOXES, ""),
        (CARDS[:3], BOX, BOXES, "was packed with"),
        ([*CARDS[:3], "J1044-S002-04"], BOX, BOXES, "was packed with"),
        (CARDS, "J1044-BX002", BOXES, "is in J1044-BX002, not in J1044-BX001"),
        (CARDS, BOX, BOXES[:1], f"PackSealed {BOX} 0 times"),
        (CARDS, BOX, [*BOXES, BOXES[1]], f"PackSealed {BOX} 2 times"),
    ],
    ids=["right", "a card short", "another's card", "another box", "left open", "closed twice"],
)
def test_the_judge_sees_a_set_that_is_not_exactly_its_cards_in_its_box(
    cards: list[str], box: str, boxes: list[str], words: str
) -> None:
    """Packed is what a customer gets: every set whole, in the box that was scanned, and the box closed once."""
    orders = _orders()
    orders.errands = [Errand(BOX), Errand(TRAY, into=BOX), Errand(CLOSE_BOX, into=BOX)]
    found = "\n".join(mispacked(orders, [Deed(TRAY, {"card_unit_ids": cards, "pack_id": box})], boxes))
    assert words in found
    assert bool(found) == bool(words)


@pytest.mark.parametrize(("keys", "outcome", "is_wrong"), [(PASS, "PASS", False), (FAIL, "FAIL", False),
                                                           (PASS, "FAIL", True), (FAIL, "PASS", True)])  # fmt: skip
def test_the_judge_sees_a_verdict_that_was_not_typed(keys: str, outcome: str, is_wrong: bool) -> None:
    """A key that is lost or doubled on a bad line must not pass a card that was failed."""
    orders = _orders()
    orders.errands = [Errand(CARDS[0], keys=keys)]
    assert bool(misjudged(orders, [Deed(CARDS[0], {"outcome": outcome})])) == is_wrong


def test_a_verdict_that_was_half_written_down_was_not_seen(tmp_path: Path) -> None:
    """The process died in the middle of a line: its person scans again."""
    orders = _orders(tmp_path)
    assert seen(orders) == []
    orders.journal(0).write_text(f"{SEEN[0]}\n", encoding="utf-8")
    orders.journal(100).write_text(f"{SEEN[1]}\n{SEEN[2][:9]}", encoding="utf-8")
    assert seen(orders) == SEEN[:2]
