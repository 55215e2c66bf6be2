"""A small shop is simulated on a real Postgres, and what it left is audited."""

import json
from collections import Counter

import pytest
from psycopg import sql

from kiosk.config.database import DatabaseSettings
from kiosk.config.file import Config
from kiosk.simulation.auditing import audited
from kiosk.simulation.office import NotSetUp
from kiosk.simulation.planning import Habits
from kiosk.simulation.reporting import Reporter
from kiosk.simulation.running import Outcome, Progress, Run, run_simulation, simulate
from kiosk.simulation.shop_of_stations import shop_of
from kiosk.simulation.tally import Tally
from store.store import Store
from tests.support.database import owner_connection

CLUMSY = Habits(
    fails=0.15, fail_codes=("F-201",), lost=0.1, wrong_card=0.1, duplicate=0.1, stray=0.1, strange_trays=0.2, undone=0.2
)
SMALL = Run(kiosks=12, seconds=60, seed=11, orders=3, sets_a_job=2, stores=4, habits=CLUMSY, redelivers=0.2)


async def run_small(dsn: str) -> Outcome:
    """Three orders, one of each product, from press to box."""
    return await simulate(dsn, SMALL)


async def test_a_whole_shop_works_orders_off_and_every_invariant_holds(database_dsn: str) -> None:
    """Mistakes are made and refused, cards fail and are lost, and in the end every order is in boxes."""
    outcome = await run_small(database_dsn)
    assert [finding.lines() for finding in outcome.findings if not finding.holds] == []
    assert outcome.jobs_completed == outcome.orders_taken == 3
    assert outcome.tally.slips
    assert not outcome.tally.slipped
    assert outcome.tally.redelivered
    assert outcome.tally.accepted["CorrectEvent"]
    assert outcome.tally.accepted["RecordQAResult"] >= 2 * (18 + 9 + 6)
    assert outcome.tally.latency().p50 > 0


async def test_a_run_of_so_many_orders_takes_no_more(database_dsn: str) -> None:
    """One sheet is soon printed and the press runs dry, which is no reason for another order."""
    outcome = await simulate(database_dsn, Run(kiosks=8, seconds=60, seed=7, orders=1, sets_a_job=1, stores=2))
    assert outcome.jobs_completed == outcome.orders_taken == 1


async def test_a_tampered_read_model_is_found(database_dsn: str) -> None:
    """A card that a table calls packed, and the log does not, breaks two invariants."""
    await simulate(database_dsn, Run(kiosks=8, seconds=60, seed=5, orders=1, sets_a_job=1, stores=2, habits=CLUMSY))
    async with owner_connection(database_dsn) as owner:
        await owner.execute(
            sql.SQL(
                "UPDATE rm_card_units SET status = 'QA_FAILED' WHERE card_unit_id ="
                " (SELECT min(card_unit_id) FROM rm_card_units WHERE status = 'PACKED')"
            )
        )
    broken = {finding.invariant for finding in await audited(database_dsn) if not finding.holds}
    assert "read models equal the fold of the log" in broken
    assert "cards conserved in every job" in broken


async def test_a_real_shop_is_never_simulated_in(database_dsn: str) -> None:
    """What is simulated stays in the log for ever, so a database with other stations is left alone."""
    from tests.core import shop

    async with await Store.open(database_dsn) as store:
        for command in shop_of(8).commands(shop.START):
            await store.run(command)
        from core.domain.commands import DefineStation

        real = DefineStation(at=shop.START, operator_id=None, station_id=None, station=shop.UV)
        await store.run(real)
    with pytest.raises(NotSetUp, match="UV-1"):
        await run_small(database_dsn)


async def test_the_command_prints_one_object_for_programs(
    database_dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --json the figures and findings are one object, and the exit code says whether all holds."""
    monkeypatch.delenv("KIOSK_DSN", raising=False)
    config = Config(database=DatabaseSettings.model_construct(dsn=database_dsn, embedded=False, folder=None))
    code = await run_simulation(config, kiosks=8, seconds=2, seed=3, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert code == 0
    assert said["is_sound"] is True
    assert said["kiosks"] == 8
    assert said["requests"] == sum(
        sum(said[kind].values()) for kind in ("accepted", "refused", "mistakes_refused", "read")
    )


async def test_the_command_refuses_a_real_shop_with_a_sentence(
    database_dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, one sentence, nothing written."""
    from core.domain.commands import DefineStation
    from tests.core import shop

    monkeypatch.delenv("KIOSK_DSN", raising=False)
    async with await Store.open(database_dsn) as store:
        await store.run(DefineStation(at=shop.START, operator_id=None, station_id=None, station=shop.UV))
    config = Config(database=DatabaseSettings.model_construct(dsn=database_dsn, embedded=False, folder=None))
    assert await run_simulation(config, kiosks=8, seconds=2) == 1
    assert "holds a shop already (UV-1)" in capsys.readouterr().err


@pytest.mark.parametrize("kiosks", [1, 8, 50, 500])
def test_every_shop_has_every_role(kiosks: int) -> None:
    """Eight kiosks at least; station ids and badges are unique."""
    benches = shop_of(kiosks).benches
    assert len(benches) == max(8, kiosks)
    assert len({bench.station.role for bench in benches}) == 8
    assert len({bench.station_id for bench in benches}) == len(benches)
    assert len({bench.operator_id for bench in benches}) == len(benches)


def test_the_figures_of_a_run_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """The same refusals are counted while it runs and at the end."""
    tally = Tally(slips=Counter({"WrongSet": 14}))
    reporter = Reporter(as_json=False)
    reporter.progress(Progress(elapsed=1.0, tally=tally, orders_taken=1))
    reporter.end(Outcome(kiosks=8, elapsed=1.0, tally=tally, orders_taken=1, jobs_completed=0, findings=()))
    said = capsys.readouterr().out
    assert "refused 14  packed" in said
    assert "refused 14 (14 of them mistakes made on purpose)" in said
