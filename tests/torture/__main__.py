"""Run one seed, twice, and say what was done, what befell it and whether the log is right: exit code 1 where not."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from store import Store
from store.migrations import migrate
from tests.support.bare_servers import single_server
from tests.torture.judge import Judgement, judge
from tests.torture.kiosk import KioskOrders
from tests.torture.plan import Fault, Plan, plan
from tests.torture.shop import prepared
from tests.torture.weather import Machine, Storm, StormyLine

_LOOK = 0.1


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
            shop = await prepared(store, planned)
        line = StormyLine(server.dsn())
        await line.open()
        machines: list[Machine] = []
        for kiosk, ready in zip(planned.kiosks, shop, strict=True):
            own = folder / ready.station.station_id
            own.mkdir(parents=True)
            machines.append(
                Machine(
                    KioskOrders(
                        dsn=line.dsn, station=ready.station, codes=ready.codes, pause=kiosk.pause, folder=str(own)
                    )
                )
            )
        storm = Storm(machines, line, server)
        began = time.monotonic()
        raging = asyncio.create_task(storm.rage(planned.faults))
        try:
            await _until_done(machines, storm, raging, began + seconds)
        finally:
            raging.cancel()
            for machine in machines:
                machine.end()
            await line.close()
        took = time.monotonic() - began
        return Ran(await judge(server.dsn(), [machine.orders for machine in machines]), storm.done, took)


async def _until_done(machines: list[Machine], storm: Storm, raging: "asyncio.Task[None]", calm_at: float) -> None:
    limit = calm_at + 120
    while sum(machine.tend() for machine in machines) < len(machines):
        if raging.done() and not raging.cancelled():
            raging.result()
        if time.monotonic() > calm_at and not raging.cancelling():
            raging.cancel()
            await asyncio.gather(raging, return_exceptions=True)
            await storm.calm()
        if time.monotonic() > limit:
            late = [machine.orders.station.station_id for machine in machines if not machine.orders.done.exists()]
            raise TimeoutError(f"not finished two minutes after the storm: {', '.join(late)}")
        await asyncio.sleep(_LOOK)


def _tell(number: int, ran: Ran, planned: Plan) -> None:
    found = ran.judgement
    print(f"run {number}: {planned.scans} scans by {len(planned.kiosks)} kiosks in {ran.seconds:.0f} s,", end=" ")
    print(f"{found.acknowledged} seen accepted, {found.kept} seen kept; {found.events:,} events, log {found.digest}")
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
    parser.add_argument("--runs", type=int, default=2, help="how often the seed is run (2)")
    parser.add_argument("--keep", action="store_true", help="keep the journals and logs of the kiosks")
    options = parser.parse_args()
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
