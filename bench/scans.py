"""The real scan command against one bare INSERT, in rounds that take turns: one kiosk, 64 paced, 64 flat out, a cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from bench import peer
from bench.baseline import bare_inserts
from bench.measure import Load, Once, flat_out, paced, times
from bench.report import Report, at_least, at_most
from bench.shop import CUTTER, N_UP, SCANS_OF_A_CARD, Shop, embellisher, first_sights, kiosks, scanning
from store.migrations import migrate

KIOSKS = 64
SCANS_PER_SECOND = 95.0
"""The pace of a real floor of 64 kiosks."""

_SCANS_EXPECTED = 6_000
"""A second, flat out; more than that and the cards run out, which stops the run with a sentence."""
_CUTS_OF_A_ROUND = 60
_FIRST_SIGHTS_OF_A_ROUND = 300


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often each thing is measured, in turns, and for how long each time."""

    number: int
    seconds: float


async def measure(report: Report, dsn: str, rounds: Rounds) -> None:
    """Set the shop up and print everything that is about scans."""
    await migrate(dsn)
    async with kiosks(dsn, KIOSKS) as runs, bare_inserts(dsn, KIOSKS) as inserts:
        shop = Shop(runs)
        cards_needed = int(_SCANS_EXPECTED * rounds.seconds * rounds.number * 2 / SCANS_OF_A_CARD)
        sheets = max(KIOSKS, cards_needed // N_UP)
        cuts = _CUTS_OF_A_ROUND * rounds.number
        report.heading("Scans")
        report.note(f"setting up a shop of {2 * sheets + cuts} sheets")
        await shop.open(KIOSKS + 3, max(sheets, cuts))
        one_job = _cards(await shop.cut_all(await shop.start_job(sheets), sheets))
        per_job = sheets // KIOSKS + 1
        own_jobs = [_cards(await shop.cut_all(await shop.start_job(per_job), per_job)) for _ in range(KIOSKS)]
        on_one = [scanning(shop, run, embellisher(n + 1), one_job) for n, run in enumerate(runs)]
        on_many = [
            scanning(shop, run, embellisher(n + 1), cards)
            for n, (run, cards) in enumerate(zip(runs, own_jobs, strict=True))
        ]
        unseen = 1 + (_FIRST_SIGHTS_OF_A_ROUND * (rounds.number + 1)) // N_UP
        first_sight = first_sights(
            shop, runs[-1], embellisher(KIOSKS), _cards(await shop.cut_all(await shop.start_job(unseen), unseen))
        )
        to_cut = iter([f"{job}-S{number:03d}" for job in [await shop.start_job(cuts)] for number in range(1, cuts + 1)])

        await _warm_up(chain(on_one, on_many, inserts))
        await _one_kiosk(report, inserts, on_one, first_sight, rounds)
        await _cut(report, inserts, shop, to_cut, rounds)
        await _paced(report, inserts, on_one, rounds)
        await _flat_out(report, inserts, on_one, on_many, rounds)
        await _beside_the_peer(report, dsn, on_one, rounds)


def _cards(cards: list[str]) -> Iterator[str]:
    yield from cards
    raise RuntimeError("the measured scans were so quick that the shop ran out of cards; make it larger")


async def _warm_up(clients: Iterator[Once]) -> None:
    """Let every client prepare its statements before anything counts, and the server settle on their plans.

    It does so at the sixth use of a statement, which a terminal has behind it after its first cards.
    """
    for call in clients:
        for _ in range(2 * SCANS_OF_A_CARD):
            await call()


async def _one_kiosk(report: Report, inserts: list[Once], scans: list[Once], first_sight: Once, rounds: Rounds) -> None:
    ratios: list[float] = []
    first: list[float] = []
    await times(first_sight, _FIRST_SIGHTS_OF_A_ROUND)
    for _ in range(rounds.number):
        bare = await flat_out(inserts[:1], rounds.seconds)
        ratios.append((await flat_out(scans[:1], rounds.seconds)).p50 / bare.p50)
        first.append((await times(first_sight, _FIRST_SIGHTS_OF_A_ROUND)).p50 / bare.p50)
    limit = 1.3 if report.slow_flush else 3.0
    report.figure("scan commit p50, 1 kiosk, vs bare INSERT", ratios, "×", at_most(limit))
    report.figure("the same, of cards that the kiosk never saw before", first, "×", at_most(limit))


async def _cut(report: Report, inserts: list[Once], shop: Shop, sheets: Iterator[str], rounds: Rounds) -> None:
    ratios: list[float] = []

    async def cut() -> None:
        await shop.must(shop.runs[0], shop.scan(next(sheets), CUTTER))

    for _ in range(rounds.number):
        bare = await times(inserts[0], _CUTS_OF_A_ROUND)
        ratios.append((await times(cut, _CUTS_OF_A_ROUND)).p50 / bare.p50)
    report.figure(f"cut into {N_UP} p50, vs bare INSERT", ratios, "×", at_most(4.5))


async def _paced(report: Report, inserts: list[Once], scans: list[Once], rounds: Rounds) -> None:
    ratios: list[float] = []
    milliseconds: list[float] = []
    for _ in range(rounds.number):
        bare = await paced(inserts, SCANS_PER_SECOND, rounds.seconds)
        scan = await paced(scans, SCANS_PER_SECOND, rounds.seconds)
        ratios.append(scan.p50 / bare.p50)
        milliseconds.append(scan.p99 * 1000)
    limit = 1.3 if report.slow_flush else 1.9
    report.figure(f"{KIOSKS} kiosks at {SCANS_PER_SECOND:g} scans/s, p50 vs bare", ratios, "×", at_most(limit))
    report.figure(f"{KIOSKS} kiosks at {SCANS_PER_SECOND:g} scans/s, p99", milliseconds, "ms")


async def _flat_out(
    report: Report, inserts: list[Once], on_one: list[Once], on_many: list[Once], rounds: Rounds
) -> None:
    runs: list[tuple[Load, Load, Load]] = []
    for _ in range(rounds.number):
        bare = await flat_out(inserts, rounds.seconds)
        one = await flat_out(on_one, rounds.seconds)
        many = await flat_out(on_many, rounds.seconds)
        runs.append((bare, one, many))
    throughput, p99 = (0.45, 2.5) if report.slow_flush else (0.35, 3.0)
    report.figure("bare INSERT, 64 connections", [bare.throughput for bare, _, _ in runs], "/s")
    report.figure("64 kiosks flat out on one job", [one.throughput for _, one, _ in runs], "/s")
    ratios = [one.throughput / bare.throughput for bare, one, _ in runs]
    report.figure("64 kiosks flat out on one job, throughput vs bare", ratios, "×", at_least(throughput))
    ratios = [one.p99 / bare.p99 for bare, one, _ in runs]
    report.figure("64 kiosks flat out on one job, p99 vs bare", ratios, "×", at_most(p99))
    ratios = [one.throughput / many.throughput for _, one, many in runs]
    report.figure("64 kiosks, one job vs 64 jobs, throughput", ratios, "×", at_least(0.85))


async def _beside_the_peer(report: Report, dsn: str, scans: list[Once], rounds: Rounds) -> None:
    for clients, bar in ((8, 3.5), (32, 4.5)):
        ratios: list[float] = []
        for _ in range(rounds.number):
            saves = peer.saves(dsn, clients, rounds.seconds)
            scan = await flat_out(scans[:clients], rounds.seconds)
            ratios.append(scan.throughput / saves.throughput)
        report.figure(f"vs eventsourcing load + save, {clients} clients", ratios, "×", at_least(bar))
