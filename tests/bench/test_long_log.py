"""The logs that `make bench` measures on are what the product itself would have written."""

from datetime import UTC, date, datetime
from random import Random

import psycopg

from bench.lives import OrderNames, tell_order
from bench.long_log import ToldLog, make_long_log
from bench.shop_in_memory import furnish
from core.domain.events import (
    CardUnitSentToRework,
    CardUnitVoided,
    EventCorrected,
    JobCompleted,
    ReplacementCardUnitCreated,
)
from core.identity.ids import JobId, PackId, ProductionOrderId
from store import Store
from store.connecting import ConnectionSettings
from store.maintenance import verify

_EVENTS = 1_500
_SEED = 70
_DAY = date(2026, 11, 20)
_MOST_OF_ONE_REQUEST = 200
"""No request of these lives makes more events: a job of sixty sheets that is started, a set that is packed."""


async def test_verify_accepts_a_long_log_that_holds_what_was_asked_for(database_dsn: str) -> None:
    """Chains, answers, read models and claims are right, and there are as many events as asked, in whole requests."""
    made = await make_long_log(database_dsn, _EVENTS, seed=_SEED, ends=_DAY)
    found = await verify(ConnectionSettings(dsn=database_dsn, role=None))
    assert found.is_sound, found.differences
    assert found.events == made.events
    assert _EVENTS <= made.events < _EVENTS + _MOST_OF_ONE_REQUEST
    with psycopg.connect(database_dsn) as connection:
        commands = connection.execute("SELECT count(*) FROM commands").fetchone()
    assert commands == (made.commands,)


async def test_kiosks_work_on_where_a_long_log_ends(database_dsn: str) -> None:
    """Its last jobs stand on the floor, with units that wait for their stations."""
    await make_long_log(database_dsn, _EVENTS, seed=_SEED, ends=_DAY)
    async with await Store.open(database_dsn) as store:
        assert await store.jobs(on_the_floor=True)
        assert sum(load.units_ready for load in await store.station_loads())


def test_one_seed_tells_one_log() -> None:
    """The same events with the same ids and links every time; another seed tells another log."""
    first, second, other = ("".join(map("".join, ToldLog(500, seed=seed, ends=_DAY).lines())) for seed in _SHORT_LIVES)
    assert first == second
    assert first != other


_SHORT_LIVES = (1799, 1799, 885)
"""Seeds of lives that are quickly told."""


def test_the_lives_of_a_long_log_are_not_all_smooth() -> None:
    """Cards fail, are reworked, voided and made anew, and verdicts are taken back, as in a shop."""
    names = OrderNames(
        order=ProductionOrderId("PO2026-0117"), jobs=(JobId("J1044"),), case=PackId("CS000001"), serials="HW1"
    )
    begin = datetime(2026, 11, 20, 7, tzinfo=UTC)
    told = tell_order(furnish(begin), Random(9), names, begin)
    kinds = {type(entry.event) for request in told for entry in request.events}
    assert kinds >= {CardUnitSentToRework, CardUnitVoided, ReplacementCardUnitCreated, EventCorrected, JobCompleted}
