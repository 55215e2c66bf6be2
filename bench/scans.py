"""The real scan command against one bare INSERT, in rounds that take turns: one kiosk, 64 paced, 64 flat out, a cut."""

import math
from dataclasses import dataclass

import psycopg

from bench import baseline, lean, peer
from bench.floor import WARMING_CALLS, FlatOut, Floor, Paced, Stock, Times, Work, floor
from bench.measure import Load
from bench.report import Report, at_least, at_most
from bench.shop import N_UP, Shop, kiosks
from store.migrations import migrate

KIOSKS = 64
SCANS_PER_SECOND = 95.0
"""The pace of a real floor of 64 kiosks."""

_CARDS_EXPECTED = 600
"""A second, flat out; more than that and the cards run out, which stops the run with a sentence."""
_CUTS_OF_A_ROUND = 60
_FIRST_SIGHTS_OF_A_ROUND = 300


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often each thing is measured, in turns, and for how long each time."""

    number: int
    seconds: float


async def set_up(report: Report, dsn: str, rounds: Rounds) -> tuple[Stock, int]:
    """Print and cut as much as will be worked on; return it, and where the shop's time stands then."""
    await migrate(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in (baseline.TABLE, *lean.TABLES):
            connection.execute(table)
    a_second = _CARDS_EXPECTED / N_UP
    # Alone and at the floor's pace it is less than flat out, with 8 and 32 clients hardly.
    one_job = KIOSKS + math.ceil(3 * rounds.number * rounds.seconds * a_second)
    own_job = 1 + math.ceil(rounds.number * rounds.seconds * a_second / KIOSKS)
    unseen = 1 + math.ceil((WARMING_CALLS + _FIRST_SIGHTS_OF_A_ROUND * rounds.number) / N_UP)
    to_cut = WARMING_CALLS + _CUTS_OF_A_ROUND * rounds.number
    report.note(f"setting up a shop of {one_job + KIOSKS * own_job + unseen + to_cut} sheets")
    async with kiosks(dsn, range(KIOSKS)) as runs:
        shop = Shop(runs)
        await shop.open(KIOSKS + 3, max(one_job, to_cut))

        async def cards(sheets: int) -> list[str]:
            return await shop.cut_all(await shop.start_job(sheets), sheets)

        stock = Stock(
            one_job=await cards(one_job),
            own_jobs=[await cards(own_job) for _ in range(KIOSKS)],
            unseen=await cards(unseen),
            to_cut=await shop.print_job(to_cut),
        )
    return stock, next(shop.moments)


async def measure(report: Report, dsn: str, rounds: Rounds) -> None:
    """Set the shop up and print everything that is about scans."""
    report.heading("Scans")
    stock, moment = await set_up(report, dsn, rounds)
    with floor(dsn, KIOSKS, stock, moment) as at_work:
        _one_kiosk(report, at_work, rounds)
        _cut(report, at_work, rounds)
        _paced(report, at_work, rounds)
        _flat_out(report, at_work, rounds)
        _beside_the_peer(report, dsn, at_work, rounds)


def _one_kiosk(report: Report, at_work: Floor, rounds: Rounds) -> None:
    pace = FlatOut(rounds.seconds)
    ratios: list[float] = []
    first: list[float] = []
    leanly: list[float] = []
    for _ in range(rounds.number):
        bare = at_work.run(Work.BARE, pace).p50
        ratios.append(at_work.run(Work.ONE_JOB, pace).p50 / bare)
        first.append(at_work.run(Work.FIRST_SIGHTS, Times(_FIRST_SIGHTS_OF_A_ROUND)).p50 / bare)
        leanly.append(at_work.run(Work.LEAN_SCANS, pace).p50 / bare)
    bar = at_most(1.3 if report.slow_flush else 3.0)
    report.figure("scan commit p50, 1 kiosk, vs bare INSERT", ratios, "×", bar, leanly)
    report.figure("the same, of cards that the kiosk never scanned before", first, "×", bar, leanly)


def _cut(report: Report, at_work: Floor, rounds: Rounds) -> None:
    pace = Times(_CUTS_OF_A_ROUND)
    ratios: list[float] = []
    leanly: list[float] = []
    for _ in range(rounds.number):
        bare = at_work.run(Work.BARE, pace).p50
        ratios.append(at_work.run(Work.CUTS, pace).p50 / bare)
        leanly.append(at_work.run(Work.LEAN_CUTS, pace).p50 / bare)
    report.figure(f"cut into {N_UP} p50, vs bare INSERT", ratios, "×", at_most(4.5), leanly)


def _paced(report: Report, at_work: Floor, rounds: Rounds) -> None:
    pace = Paced(SCANS_PER_SECOND, rounds.seconds)
    ratios: list[float] = []
    leanly: list[float] = []
    milliseconds: list[float] = []
    for _ in range(rounds.number):
        bare, scan, lean_scan = _all_at_work(at_work, pace, Work.BARE, Work.ONE_JOB, Work.LEAN_SCANS)
        ratios.append(scan.p50 / bare.p50)
        leanly.append(lean_scan.p50 / bare.p50)
        milliseconds.append(scan.p99 * 1000)
    named = f"{KIOSKS} kiosks at {SCANS_PER_SECOND:g} scans/s"
    report.figure(f"{named}, p50 vs bare", ratios, "×", at_most(1.3 if report.slow_flush else 1.9), leanly)
    report.figure(f"{named}, p99", milliseconds, "ms")


def _flat_out(report: Report, at_work: Floor, rounds: Rounds) -> None:
    kinds = (Work.BARE, Work.ONE_JOB, Work.OWN_JOBS, Work.LEAN_SCANS)
    runs = [_all_at_work(at_work, FlatOut(rounds.seconds), *kinds) for _ in range(rounds.number)]
    throughput, p99 = (0.45, 2.5) if report.slow_flush else (0.35, 3.0)
    named = f"{KIOSKS} kiosks flat out on one job"
    report.figure(f"bare INSERT, {KIOSKS} connections", [bare.throughput for bare, *_ in runs], "/s")
    report.figure(named, [one.throughput for _, one, *_ in runs], "/s")
    report.figure(
        f"{named}, throughput vs bare", [one.throughput / bare.throughput for bare, one, *_ in runs], "×",
        at_least(throughput), [lean_scan.throughput / bare.throughput for bare, *_, lean_scan in runs],
    )  # fmt: skip
    report.figure(
        f"{named}, p99 vs bare", [one.p99 / bare.p99 for bare, one, *_ in runs], "×",
        at_most(p99), [lean_scan.p99 / bare.p99 for bare, *_, lean_scan in runs],
    )  # fmt: skip
    ratios = [one.throughput / own.throughput for _, one, own, _ in runs]
    report.figure(f"{KIOSKS} kiosks, one job vs {KIOSKS} jobs, throughput", ratios, "×", at_least(0.85))


def _all_at_work(at_work: Floor, pace: FlatOut | Paced, *kinds: Work) -> tuple[Load, ...]:
    return tuple(at_work.run(work, pace, KIOSKS) for work in kinds)


def _beside_the_peer(report: Report, dsn: str, at_work: Floor, rounds: Rounds) -> None:
    pace = FlatOut(rounds.seconds)
    for clients, bar in ((8, 3.5), (32, 4.5)):
        ratios: list[float] = []
        leanly: list[float] = []
        for _ in range(rounds.number):
            saves = peer.saves(dsn, clients, rounds.seconds).throughput
            ratios.append(at_work.run(Work.ONE_JOB, pace, clients).throughput / saves)
            leanly.append(at_work.run(Work.LEAN_SCANS, pace, clients).throughput / saves)
        report.figure(f"vs eventsourcing load + save, {clients} clients", ratios, "×", at_least(bar), leanly)
