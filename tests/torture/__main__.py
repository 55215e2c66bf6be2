"""Run one seed, twice, and say what was done, what befell it and whether the log is right: exit code 1 where not."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from store import Store
from store.migrations import migrate
from tests.support.bare_servers import single_server
from tests.torture.arrivals import Arrivals
from tests.torture.judge import Judgement, judge
from tests.torture.orders import NEVER_OVERDUE, KioskOrders, arrived, seen
from tests.torture.plan import FEWEST_KIOSKS, Fault, Plan, plan
from tests.torture.shop import prepared
from tests.torture.weather import Machine, Storm, StormyLine

_LOOK = 0.1
_TOLD_EVERY = 60.0
_STANDSTILL = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: how it is judged, what befell it and how long it took, in seconds."""

    judgement: Judgement
    faults: Counter[Fault]
    seconds: float


async def run(planned: Plan, seconds: float, folder: Path) -> Ran:
    """Play a plan: the storm lasts so long, then everybody finishes in calm; judge what is in the log."""
    with single_server() as server:
        await migrate(server.dsn())
        async with await Store.open(server.dsn()) as store:
            stations = await prepared(store, planned)
        line = StormyLine(server.dsn())
        await line.open()
        machines: list[Machine] = []
        began = time.monotonic()
        for kiosk, station in zip(planned.kiosks, stations, strict=True):
            own = folder / station.station_id
            own.mkdir(parents=True)
            orders = KioskOrders(
                dsn=line.dsn,
                station=station,
                errands=list(kiosk.errands),
                begins=began + kiosk.begins,
                every=kiosk.every,
                folder=str(own),
            )
            machines.append(Machine(orders))
        storm = Storm(machines, line, server)
        arriving = asyncio.create_task(Arrivals(server.dsn(), [machine.orders for machine in machines]).follow())
        raging = asyncio.create_task(storm.rage(planned.faults))
        telling = asyncio.create_task(_say_how_far(planned, storm, began))
        try:
            late = await _until_done(storm, raging, arriving, began + seconds)
        finally:
            for task in (raging, arriving, telling):
                task.cancel()
            await asyncio.gather(raging, arriving, telling, return_exceptions=True)
            for machine in machines:
                machine.end()
            await line.close()
        took = time.monotonic() - began
        async with await Store.open(server.dsn(), overdue_minutes=NEVER_OVERDUE) as store:
            # What follows by itself, and is due again with every sweep of a kiosk, where a kill came before it.
            while await store.sweep():
                pass
        found = await judge(server.dsn(), [machine.orders for machine in machines])
        return Ran(replace(found, faults=(*late, *found.faults)), storm.done, took)


async def _until_done(
    storm: Storm, raging: "asyncio.Task[None]", arriving: "asyncio.Task[None]", calm_at: float
) -> list[str]:
    """Return when everybody has finished, or when after the storm nobody moves: with who did not finish, then."""
    machines = storm.machines
    looked, far = calm_at, -1
    while sum(machine.tend() for machine in machines) < len(machines):
        for task in (raging, arriving):
            if task.done() and not task.cancelled():
                task.result()
        now = time.monotonic()
        if now > calm_at:
            if not raging.cancelling():
                raging.cancel()
                await asyncio.gather(raging, return_exceptions=True)
                await storm.calm()
            if now > looked + _STANDSTILL:
                scans = sum(len(seen(machine.orders)) for machine in machines)
                if scans == far:
                    return [_stands_still(machine.orders) for machine in machines if not machine.orders.done.exists()]
                looked, far = now, scans
        await asyncio.sleep(_LOOK)
    return []


def _stands_still(orders: KioskOrders) -> str:
    name, scans, all_of_them = orders.station.station_id, len(seen(orders)), len(orders.errands)
    return f"{name}: stands still after {scans} of {all_of_them} scans, {arrived(orders)} of them possible"


async def _say_how_far(planned: Plan, storm: Storm, began: float) -> None:
    """Say every minute how far everybody is and what befell them, until cancelled."""
    while True:
        await asyncio.sleep(_TOLD_EVERY)
        said = [line for machine in storm.machines for line in seen(machine.orders)]
        kept = sum(line.startswith("offline") for line in said)
        minutes = (time.monotonic() - began) / 60
        print(
            f"  {minutes:4.0f} min: {len(said):,} of {planned.scans:,} scans, {kept:,} of them kept,"
            f" {sum(storm.done.values()):,} faults",
            flush=True,
        )


def _tell(number: int, ran: Ran, planned: Plan) -> None:
    found = ran.judgement
    print(f"run {number}: {planned.scans} scans by {len(planned.kiosks)} kiosks in {ran.seconds:.0f} s,", end=" ")
    print(f"{found.acknowledged} seen accepted, {found.kept} seen kept, {found.packed} sets packed;", end=" ")
    print(f"{found.events:,} events, log {found.digest}")
    print(
        f"  {sum(ran.faults.values())} faults: " + ", ".join(f"{fault} {n}" for fault, n in sorted(ran.faults.items()))
    )
    for fault in found.faults:
        print(f"  WRONG {fault}")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, help="the run to repeat; a new one where none is named")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each storm lasts (30)")
    parser.add_argument("--kiosks", type=int, default=8, help="how many kiosks (8)")
    parser.add_argument("--runs", type=int, default=2, help="how often the seed is run (2); 1 for a long storm")
    parser.add_argument("--keep", action="store_true", help="keep the journals and logs of the kiosks")
    options = parser.parse_args()
    if options.kiosks < FEWEST_KIOSKS:
        parser.error(f"--kiosks: a line needs at least {FEWEST_KIOSKS}, one of every kind of station")
    seed = options.seed if options.seed is not None else random.randrange(1_000_000)
    print(f"seed {seed}: python -m tests.torture --seed {seed} --seconds {options.seconds:g} --kiosks {options.kiosks}")
    planned = plan(seed, kiosks=options.kiosks, seconds=options.seconds)
    base = Path(tempfile.mkdtemp(prefix="kiosk-torture-"))
    runs: list[Ran] = []
    try:
        for number in range(1, options.runs + 1):
            runs.append(asyncio.run(run(planned, options.seconds, base / str(number))))
            _tell(number, runs[-1], planned)
    finally:
        if options.keep:
            print(f"journals and logs: {base}")
        else:
            shutil.rmtree(base, ignore_errors=True)
    agree = len({ran.judgement.digest for ran in runs}) == 1
    if not agree:
        print("WRONG: the runs of one seed left different logs")
    elif len(runs) > 1:
        print(f"all {len(runs)} runs left the same log")
    return 0 if agree and not any(ran.judgement.faults for ran in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
